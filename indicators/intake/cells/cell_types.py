"""How one cell of each kind is read: its value, the absence it states, what is to be said of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeAlias

from indicators.csv_safety import restored
from indicators.figures.figure import Status
from indicators.intake.cells.code_columns import CODE_COLUMNS, CodesInUse
from indicators.intake.cells.dates import is_plain, propose_date, read_date, read_month_first, read_serial
from indicators.intake.cells.numbers import Number, is_spreadsheet_error, propose_number, read_number
from indicators.intake.cells.periods_and_absences import propose_period, read_absence, read_period
from indicators.intake.cells.references import Read, References, Told
from indicators.intake.cells.registration_numbers import read_bce, read_siret
from indicators.intake.text_matching import SPACES, UNSEEN, Spellings, bared, likened
from schemas.columns import Cell, Column
from schemas.findings import Severity

Value: TypeAlias = str | float | int | date | None
FORMULA: Final = tuple("=+@＝＋＠﹦﹢﹫")
"""First characters that a spreadsheet takes for a formula: kept as text, neutralised when exported."""


@dataclass(frozen=True, slots=True)
class ReadCell:
    """One distinct text, read: its value, the absence it states, the decimals and unit it shows, what is said of it."""

    value: Value = None
    absence: str | None = None
    decimals: int | None = None
    unit: str | None = None
    told: Told | None = None


Reader: TypeAlias = Callable[[str], ReadCell]


def _nothing(_: str) -> None:
    return None


@dataclass(frozen=True)
class Kind:
    """How the texts of a column are read, and what is proposed for one that could not be.

    What is proposed costs more than reading, so it is asked only for the cells that are shown.
    """

    read: Reader
    propose: Callable[[str], str | None] = _nothing

    def suggestion(self, text: str, told: Told) -> str | None:
        """Return what may be written instead of a text."""
        unread = told.suggestion is None and told.code in {"C03", "C09", "C13", "C19", "C20", "I05", "I07"}
        return self.propose(bared(text)) if unread else told.suggestion


def kind_of(
    dataset: str,
    column: Column,
    references: References,
    formulas: frozenset[str],
    texts: Iterable[str],
    typed: frozenset[str] = frozenset(),
) -> Kind:
    """Return how a column is read; `texts` are those it holds, for what one cell may say of another.

    `typed` are those of cells that hold a number: their decimals stand behind the point.
    """
    if (dataset, column.name) in CODE_COLUMNS:
        codes = CodesInUse(dataset, column, references.reading, map(bared, texts))
        return Kind(
            lambda text: _framed(text, column, formulas, lambda bare: _code_in_use(bare, column, codes)), codes.nearest
        )
    if column.cell is Cell.TEXT:
        return Kind(lambda text: _text(text, column, formulas))
    kind = _kind(column, references, texts, typed)
    return replace(kind, read=lambda text: _framed(text, column, formulas, kind.read))


def _kind(column: Column, references: References, texts: Iterable[str], typed: frozenset[str]) -> Kind:
    """Return how the bare content of a cell is read."""
    match column.cell:
        case Cell.NUMBER | Cell.WHOLE:
            return Kind(lambda bare: _number(bare, column, typed=bare in typed), propose_number)
        case Cell.DATE:
            mixed = any(read_month_first(text) and not read_date(text) for text in map(bared, texts))
            return Kind(lambda bare: _date(bare, mixed=mixed), propose_date)
        case Cell.PERIOD:
            return Kind(_period, propose_period)
        case Cell.WORD:
            words = {likened(name): word for word, value in column.words.items() for name in (value, word)}
            spellings = Spellings({word: word for word in column.words})
            return Kind(lambda bare: _word(bare, words, column.words), spellings.nearest)
        case Cell.SIRET:
            return Kind(lambda bare: _reference(read_siret(bare, references.structures)))
        case Cell.BCE:
            return Kind(lambda bare: _reference(read_bce(bare)))
        case Cell.STRUCTURE:
            return Kind(lambda bare: _reference(references.structure(bare)), references.nearest_structure)
        case Cell.INDICATOR:
            return Kind(lambda bare: _reference(references.indicator(bare)), references.nearest_indicator)
        case Cell.PERIMETER:
            return Kind(lambda bare: _reference(references.perimeter(bare)), references.nearest_perimeter)
        case Cell.REGION:
            return Kind(lambda bare: _reference(references.region(bare)), references.nearest_region)
        case Cell.CODE | Cell.TEXT:
            return Kind(lambda bare: _code(bare, column))


def _told(code: str, severity: Severity = Severity.BLOCKING, suggestion: str | None = None) -> ReadCell:
    return ReadCell(told=Told(code, severity, suggestion))


def _corrected(value: Value, code: str, suggestion: str) -> ReadCell:
    return ReadCell(value, told=Told(code, Severity.CORRECTED, suggestion))


def _framed(text: str, column: Column, formulas: frozenset[str], read: Reader) -> ReadCell:
    """Read a cell without what stands round its content, after what may be wrong in a cell of any kind."""
    if text in formulas:
        return _told("C15")
    text = restored(text)
    bare = bared(text)
    if not bare:
        return _told("C01") if column.filled else ReadCell()
    if is_spreadsheet_error(bare):
        return _told("C14")
    if len(bare) > column.longest:
        return _told("C17")
    if bare.startswith("=") and column.cell not in {Cell.CODE, Cell.TEXT}:
        return _told("C15")
    found = read(bare)
    if found.told and found.told.severity is Severity.BLOCKING and (absence := read_absence(bare)):
        return _absent(column, absence)
    if found.told is None and bare != text:
        return replace(found, told=Told("C16", Severity.CORRECTED, bare))
    return found


def _absent(column: Column, absence: Status) -> ReadCell:
    """A number says which absence it is; elsewhere an absent cell is an empty one, where a cell may be empty."""
    if column.cell not in {Cell.NUMBER, Cell.WHOLE}:
        return _told("C02", Severity.BLOCKING if column.filled else Severity.INFO)
    # Where a number must be there, the contract says that it is not.
    return ReadCell(absence=absence.value, told=None if column.filled else Told("C02", Severity.INFO))


def _reference(found: Read) -> ReadCell:
    return ReadCell(found[0], told=found[1])


def _number(bare: str, column: Column, *, typed: bool = False) -> ReadCell:
    found = read_number(bare, decimals=typed)
    if not isinstance(found, Number):
        return _told(found.code, suggestion=found.suggestion)
    if column.cell is Cell.NUMBER:
        return ReadCell(found.value, decimals=found.decimals, unit=found.unit)
    if not found.value.is_integer():
        return _told("C08")
    return ReadCell(int(found.value), decimals=found.decimals, unit=found.unit)


def _date(bare: str, *, mixed: bool) -> ReadCell:
    day = read_date(bare)
    if day is None:
        serial = read_serial(bare)
        return _corrected(serial, "C11", serial.isoformat()) if serial else _told("C09")
    if mixed and read_month_first(bare) not in {None, day}:
        return ReadCell(day, told=Told("C10", Severity.CONFIRM, day.isoformat()))
    return ReadCell(day) if is_plain(bare) else _corrected(day, "C16", day.isoformat())


def _period(bare: str) -> ReadCell:
    found = read_period(bare)
    if found is None:
        return _told("C09")
    return ReadCell(found.code) if found.code == bare else _corrected(found.code, "C12", found.code)


def _word(bare: str, words: Mapping[str, str], values: Mapping[str, str]) -> ReadCell:
    """Read a word of a closed list, or the value it stands for; `words` are those of the list, likened."""
    word = words.get(likened(bare))
    if word is None:
        return _told("C19")
    value = values[word]
    return ReadCell(value) if bare in {word, value} else _corrected(value, "C16", word)


def _code(bare: str, column: Column) -> ReadCell:
    # Where a code must be there, NC may be one.
    if not column.filled and (absence := read_absence(bare)):
        return _absent(column, absence)
    return ReadCell(bare, told=Told("C18", Severity.INFO) if bare.startswith(FORMULA) else None)


def _code_in_use(bare: str, column: Column, codes: CodesInUse) -> ReadCell:
    """Read a code as the one in use that it is another spelling of; one that nobody used may be asked about."""
    known = codes.read(bare)
    if known is None and (absence := read_absence(bare)):
        return _absent(column, absence)
    value = known or codes.first_spelling(bare)
    if known is None and codes.is_to_be_asked(bare):
        return ReadCell(value, told=Told("C20", Severity.CONFIRM))
    if value != bare:
        return _corrected(value, "C16", value)
    return ReadCell(bare, told=Told("C18", Severity.INFO) if bare.startswith(FORMULA) else None)


def _text(text: str, column: Column, formulas: frozenset[str]) -> ReadCell:
    """Read a free text: only what nobody sees at its ends is taken off."""
    if text in formulas:
        return _told("C15")
    text = restored(text)
    bare = text.strip(SPACES + UNSEEN)
    if not bare:
        return _told("C01") if column.filled else ReadCell()
    if is_spreadsheet_error(bare):
        return _told("C14")
    if len(bare) > column.longest:
        return _told("C17")
    if absence := read_absence(bare):
        return _absent(column, absence)
    if bare.startswith(FORMULA):
        return ReadCell(bare, told=Told("C18", Severity.INFO))
    return ReadCell(bare, told=None if bare == text else Told("C16", Severity.CORRECTED, bare))
