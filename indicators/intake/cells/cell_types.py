"""Parsing of one cell by column type: its value, the absence it states, the notice on it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeAlias

from indicators.csv_safety import unescape_formula
from indicators.figures.figure import Status
from indicators.intake.cells.code_columns import CODE_COLUMNS, CodesInUse
from indicators.intake.cells.dates import is_full_date, parse_date, parse_month_first, parse_serial, suggest_date
from indicators.intake.cells.numbers import Number, is_spreadsheet_error, parse_number, suggest_number
from indicators.intake.cells.periods_and_absences import parse_absence, parse_period, suggest_period
from indicators.intake.cells.references import CellNotice, ReferenceResult, References
from indicators.intake.cells.registration_numbers import parse_bce, parse_siret
from indicators.intake.text_matching import INVISIBLE_END_CHARS, SPACES, NameMatcher, normalize_name, strip_cell
from schemas.columns import CellType, Column
from schemas.findings import Severity
from schemas.members import normalize_address

ParsedValue: TypeAlias = str | float | int | date | None
FORMULA_STARTS: Final = tuple("=+@＝＋＠﹦﹢﹫")
"""First characters of a text that a spreadsheet would run as a formula: kept as text, escaped in exports."""


@dataclass(frozen=True, slots=True)
class ParsedCell:
    """One distinct text, parsed: its value, the absence it states, the decimals and unit typed, the notice on it."""

    value: ParsedValue = None
    absence: str | None = None
    decimals: int | None = None
    unit: str | None = None
    notice: CellNotice | None = None


ParseText: TypeAlias = Callable[[str], ParsedCell]


def _no_suggestion(_: str) -> None:
    return None


@dataclass(frozen=True)
class CellParser:
    """How the texts of a column are parsed, and how a correction is suggested for one that could not be.

    A suggestion costs more than parsing: it is computed only for the cells that are listed.
    """

    parse: ParseText
    suggest: Callable[[str], str | None] = _no_suggestion

    def suggestion(self, text: str, notice: CellNotice) -> str | None:
        """Return the suggestion for a text: the notice's own, or a computed one."""
        needs_suggestion = notice.suggestion is None and notice.code in {
            "C03",
            "C09",
            "C13",
            "C19",
            "C20",
            "I05",
            "I07",
        }
        return self.suggest(strip_cell(text)) if needs_suggestion else notice.suggestion


def parser_for(
    dataset: str,
    column: Column,
    references: References,
    formula_texts: frozenset[str],
    texts: Iterable[str],
    number_texts: frozenset[str] = frozenset(),
) -> CellParser:
    """Return the parser of a column; `texts` are all its texts, as one cell may decide how another is parsed.

    `number_texts` are those of number cells: a point begins their decimals.
    """
    if (dataset, column.name) in CODE_COLUMNS:
        codes = CodesInUse(dataset, column, references.snapshot, map(strip_cell, texts))
        return CellParser(
            lambda text: _parse_stripped(
                text, column, formula_texts, lambda stripped: _parse_code_in_use(stripped, column, codes)
            ),
            codes.closest,
        )
    if column.cell_type is CellType.TEXT:
        return CellParser(lambda text: _parse_text_cell(text, column, formula_texts))
    content_parser = _parser_of_content(column, references, texts, number_texts)
    return replace(
        content_parser, parse=lambda text: _parse_stripped(text, column, formula_texts, content_parser.parse)
    )


def _parser_of_content(
    column: Column, references: References, texts: Iterable[str], number_texts: frozenset[str]
) -> CellParser:
    """Return the parser of the stripped content of a cell."""
    match column.cell_type:
        case CellType.NUMBER | CellType.WHOLE:
            return CellParser(
                lambda stripped: _parse_number_cell(stripped, column, is_number_text=stripped in number_texts),
                suggest_number,
            )
        case CellType.DATE:
            has_month_first = any(parse_month_first(text) and not parse_date(text) for text in map(strip_cell, texts))
            return CellParser(
                lambda stripped: _parse_date_cell(stripped, has_month_first=has_month_first), suggest_date
            )
        case CellType.PERIOD:
            return CellParser(_parse_period_cell, suggest_period)
        case CellType.WORD:
            words = {normalize_name(name): word for word, value in column.vocabulary.items() for name in (value, word)}
            spellings = NameMatcher({word: word for word in column.vocabulary})
            return CellParser(lambda stripped: _parse_word_cell(stripped, words, column.vocabulary), spellings.closest)
        case CellType.SIRET:
            return CellParser(lambda stripped: _reference_cell(parse_siret(stripped, references.structures)))
        case CellType.BCE:
            return CellParser(lambda stripped: _reference_cell(parse_bce(stripped)))
        case CellType.STRUCTURE:
            return CellParser(
                lambda stripped: _reference_cell(references.parse_structure(stripped)), references.closest_structure
            )
        case CellType.INDICATOR:
            return CellParser(
                lambda stripped: _reference_cell(references.parse_indicator(stripped)), references.closest_indicator
            )
        case CellType.PERIMETER:
            return CellParser(
                lambda stripped: _reference_cell(references.parse_perimeter(stripped)), references.closest_perimeter
            )
        case CellType.REGION:
            return CellParser(
                lambda stripped: _reference_cell(references.parse_region(stripped)), references.closest_region
            )
        case CellType.MAIL:
            return CellParser(_parse_mail_cell)
        case CellType.CODE | CellType.TEXT:
            return CellParser(lambda stripped: _parse_code_cell(stripped, column))


def _refused_cell(code: str, severity: Severity = Severity.BLOCKING, suggestion: str | None = None) -> ParsedCell:
    return ParsedCell(notice=CellNotice(code, severity, suggestion))


def _corrected_cell(value: ParsedValue, code: str, suggestion: str) -> ParsedCell:
    return ParsedCell(value, notice=CellNotice(code, Severity.CORRECTED, suggestion))


def _parse_stripped(text: str, column: Column, formula_texts: frozenset[str], parse: ParseText) -> ParsedCell:
    """Parse the stripped content of a cell, after the checks common to all column types."""
    if text in formula_texts:
        return _refused_cell("C15")
    text = unescape_formula(text)
    stripped = strip_cell(text)
    if not stripped:
        return _refused_cell("C01") if column.non_empty else ParsedCell()
    if is_spreadsheet_error(stripped):
        return _refused_cell("C14")
    if len(stripped) > column.max_chars:
        return _refused_cell("C17")
    if stripped.startswith("=") and column.cell_type not in {CellType.CODE, CellType.TEXT}:
        return _refused_cell("C15")
    cell = parse(stripped)
    if cell.notice and cell.notice.severity is Severity.BLOCKING and (absence := parse_absence(stripped)):
        return _absent_cell(column, absence)
    if cell.notice is None and stripped != text:
        return replace(cell, notice=CellNotice("C16", Severity.CORRECTED, stripped))
    return cell


def _absent_cell(column: Column, absence: Status) -> ParsedCell:
    """Return an absence: its kind in a number column; elsewhere an empty cell, refused if the cell is mandatory."""
    if column.cell_type not in {CellType.NUMBER, CellType.WHOLE}:
        return _refused_cell("C02", Severity.BLOCKING if column.non_empty else Severity.INFO)
    # The contract reports a mandatory number that is absent.
    return ParsedCell(absence=absence.value, notice=None if column.non_empty else CellNotice("C02", Severity.INFO))


def _reference_cell(result: ReferenceResult) -> ParsedCell:
    return ParsedCell(result[0], notice=result[1])


def _parse_number_cell(stripped: str, column: Column, *, is_number_text: bool = False) -> ParsedCell:
    number = parse_number(stripped, mark_is_decimal=is_number_text)
    if not isinstance(number, Number):
        return _refused_cell(number.code, suggestion=number.suggestion)
    if column.cell_type is CellType.NUMBER:
        return ParsedCell(number.value, decimals=number.decimals, unit=number.unit)
    if not number.value.is_integer():
        return _refused_cell("C08")
    return ParsedCell(int(number.value), decimals=number.decimals, unit=number.unit)


def _parse_date_cell(stripped: str, *, has_month_first: bool) -> ParsedCell:
    day = parse_date(stripped)
    if day is None:
        serial = parse_serial(stripped)
        return _corrected_cell(serial, "C11", serial.isoformat()) if serial else _refused_cell("C09")
    if has_month_first and parse_month_first(stripped) not in {None, day}:
        return ParsedCell(day, notice=CellNotice("C10", Severity.CONFIRM, day.isoformat()))
    return ParsedCell(day) if is_full_date(stripped) else _corrected_cell(day, "C16", day.isoformat())


def _parse_period_cell(stripped: str) -> ParsedCell:
    period = parse_period(stripped)
    if period is None:
        return _refused_cell("C09")
    return ParsedCell(period.code) if period.code == stripped else _corrected_cell(period.code, "C12", period.code)


def _parse_word_cell(stripped: str, words: Mapping[str, str], values: Mapping[str, str]) -> ParsedCell:
    """Parse a word of a closed list, or the value it stands for; `words` has the list's words by normalised name."""
    word = words.get(normalize_name(stripped))
    if word is None:
        return _refused_cell("C19")
    value = values[word]
    return ParsedCell(value) if stripped in {word, value} else _corrected_cell(value, "C16", word)


def _parse_mail_cell(stripped: str) -> ParsedCell:
    address = normalize_address(stripped)
    return ParsedCell(address) if address else _refused_cell("C21")


def _parse_code_cell(stripped: str, column: Column) -> ParsedCell:
    # In a mandatory column, NC may be a code.
    if not column.non_empty and (absence := parse_absence(stripped)):
        return _absent_cell(column, absence)
    return ParsedCell(
        stripped, notice=CellNotice("C18", Severity.INFO) if stripped.startswith(FORMULA_STARTS) else None
    )


def _parse_code_in_use(stripped: str, column: Column, codes: CodesInUse) -> ParsedCell:
    """Parse a code as the one in use that it spells; a new one may need confirmation."""
    code = codes.match(stripped)
    if code is None and (absence := parse_absence(stripped)):
        return _absent_cell(column, absence)
    value = code or codes.first_spelling(stripped)
    if code is None and codes.needs_confirmation(stripped):
        return ParsedCell(value, notice=CellNotice("C20", Severity.CONFIRM))
    if value != stripped:
        return _corrected_cell(value, "C16", value)
    return ParsedCell(
        stripped, notice=CellNotice("C18", Severity.INFO) if stripped.startswith(FORMULA_STARTS) else None
    )


def _parse_text_cell(text: str, column: Column, formula_texts: frozenset[str]) -> ParsedCell:
    """Parse a free text: only invisible characters at its ends are removed."""
    if text in formula_texts:
        return _refused_cell("C15")
    text = unescape_formula(text)
    stripped = text.strip(SPACES + INVISIBLE_END_CHARS)
    if not stripped:
        return _refused_cell("C01") if column.non_empty else ParsedCell()
    if is_spreadsheet_error(stripped):
        return _refused_cell("C14")
    if len(stripped) > column.max_chars:
        return _refused_cell("C17")
    if absence := parse_absence(stripped):
        return _absent_cell(column, absence)
    if stripped.startswith(FORMULA_STARTS):
        return ParsedCell(stripped, notice=CellNotice("C18", Severity.INFO))
    return ParsedCell(stripped, notice=None if stripped == text else CellNotice("C16", Severity.CORRECTED, stripped))
