"""Any sound table of measures, in any dialect of a spreadsheet or of a person, is read back cell for cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

import polars as pl
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook

from indicators.definitions.catalogue import read_catalogue
from indicators.intake.validate import ValidationResult, Verdict
from indicators.network import DATA_FOLDER, Network
from schemas.findings import Severity
from tests.builders import examine
from tests.conftest import examples
from tests.intake.workbooks import ods, ods_row, ods_table, write, xlsx

CATALOGUE: Final = read_catalogue(DATA_FOLDER / "catalogue")
Cell: TypeAlias = str | float | None
Grid: TypeAlias = list[list[Cell]]

STRUCTURES: Final = {
    "atelier-ternoise": "00090000100017",
    "regie-ternoise": "00090001900019",
    "regie-ternoise-nord": "00090001900027",
}
WHOLE: Final = "dynamic_exit_rate"
INDICATORS: Final = {WHOLE: 100.0, "absenteeism_rate": 100.0, "contracted_fte_rate": 200.0}
"""Indicators that ask for nothing beside them, with the largest rate each may have."""
MONTHS: Final = ("janv.-mars", "avr.-juin", "juil.-sept.", "oct.-déc.")
ABSENCES: Final = {"NC": "missing", "n.d.": "missing", "ND": "missing", "s.o.": "not_applicable"}
WORDS: Final = (
    "élève",
    "Besançon",
    "relu",
    'dit "oui"',
    "a;b",
    "c,d",
    "e|f",
    "deux\nlignes",
    "à 12,5 %",
    "30/60",
    "où",
)
WIDER: Final = ("l’été", "cœur", "5 €", "«\u00a0oui\u00a0»")
"""Texts that the encoding of ISO 8859-1 does not have, or spells otherwise."""
NAMES: Final[dict[str, tuple[str, ...]]] = {
    "structure": ("structure", "Structure", "STRUCTURES", " structure "),
    "periode": ("periode", "Période", "PÉRIODE", "period", "Périodes"),
    "indicateur": ("indicateur", "Indicateurs", "indicator", "INDICATEUR\u00a0"),
    "numerateur": ("numerateur", "Numérateur", "numerator", " Numérateurs"),
    "denominateur": ("denominateur", "Dénominateur", "denominator", "DÉNOMINATEUR"),
    "valeur": ("valeur", "Valeur", "value", "taux"),
    "segment": ("segment", "Segments", "SEGMENT"),
    "commentaire": ("commentaire", "Commentaires", "comment", "observation"),
}
OPTIONAL: Final = ("valeur", "segment", "commentaire")


@dataclass(frozen=True)
class Row:
    """What one row means, whatever the way it is written."""

    structure: str
    year: int
    quarter: int
    indicator: str
    segment: str
    numerator: float | None
    denominator: float | None
    absence: str | None
    comment: str | None

    @property
    def key(self) -> tuple[object, ...]:
        return (self.structure, self.year, self.quarter, self.indicator, self.segment)

    @property
    def period(self) -> str:
        return f"{self.year}-T{self.quarter}"

    @property
    def rate(self) -> float | None:
        if self.numerator is None or not self.denominator:
            return None
        return round(100 * self.numerator / self.denominator, 2)


@dataclass(frozen=True)
class Dialect:
    """One way of writing: what a person, a spreadsheet and a machine each decide."""

    columns: tuple[str, ...]
    names: dict[str, str]
    period: Callable[[int, int], str]
    number: Callable[[float], str]
    percent: str
    by_siret: bool
    by_label: bool
    typed_percent: bool
    title: tuple[tuple[str, ...], ...]
    blanks: frozenset[int]
    header_again: int | None
    total: int | None
    blank_end: int
    extra: bool


@dataclass(frozen=True)
class Written:
    """A table as cells, and the spreadsheet row of each of its lines."""

    grid: Grid
    lines: list[int] = field(default_factory=list)


def french(thousands: str, decimals: bool) -> Callable[[float], str]:
    def write_number(number: float) -> str:
        text = f"{number:,.2f}".replace(",", thousands).replace(".", ",")
        return text if decimals else text.rstrip("0").rstrip(",")

    return write_number


def english(number: float) -> str:
    """Thousands are marked only where the decimals leave no doubt of which is which."""
    return f"{number:,.2f}" if number != int(number) else f"{number:.1f}"


def plain(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


PERIODS: Final[tuple[Callable[[int, int], str], ...]] = (
    lambda year, quarter: f"{year}-T{quarter}",
    lambda year, quarter: f"T{quarter} {year}",
    lambda year, quarter: f"{year}Q{quarter}",
    lambda year, quarter: f"{quarter}{'er' if quarter == 1 else 'e'} trimestre {year}",
    lambda year, quarter: f"{MONTHS[quarter - 1]} {year}",
)
NUMBERS: Final = (
    plain,
    english,
    french("", decimals=False),
    french("", decimals=True),
    french(" ", decimals=False),
    french("\u00a0", decimals=False),
    french("\u202f", decimals=True),
)


@st.composite
def rows(draw: st.DrawFn, words: Sequence[str]) -> Row:
    indicator = draw(st.sampled_from(list(INDICATORS)))
    digits = 0 if indicator == WHOLE else draw(st.sampled_from([0, 1, 2]))
    denominator = draw(st.integers(1, 4_000_000)) / 10**digits
    share = draw(st.integers(0, 1000)) / 1000 * INDICATORS[indicator] / 100
    numerator = min(round(denominator * share, digits), denominator * INDICATORS[indicator] / 100)
    numerator = float(int(numerator)) if digits == 0 else numerator
    absence = draw(st.sampled_from([None, None, None, *ABSENCES]))
    text = " ".join(draw(st.lists(st.sampled_from(list(words)), max_size=4)))
    return Row(
        structure=draw(st.sampled_from(list(STRUCTURES))),
        year=draw(st.integers(2015, 2025)),
        quarter=draw(st.integers(1, 4)),
        indicator=indicator,
        segment=draw(st.sampled_from(["ensemble", "ensemble", "sexe=F", "sexe=M"])),
        numerator=None if absence else numerator,
        denominator=None if absence else denominator,
        absence=absence,
        comment=text or None,
    )


@st.composite
def dialects(draw: st.DrawFn, height: int, wide: bool) -> Dialect:
    left_out = draw(st.sets(st.sampled_from(OPTIONAL)))
    columns = draw(st.permutations([name for name in NAMES if name not in left_out]))
    title = st.sampled_from([("Indicateurs du réseau",), (), ("Régie, premier trimestre", "", "relevé")])
    return Dialect(
        columns=tuple(columns),
        names={name: draw(st.sampled_from(NAMES[name])) for name in columns},
        period=draw(st.sampled_from(PERIODS)),
        number=draw(st.sampled_from(NUMBERS if wide else [n for n in NUMBERS if "\u202f" not in n(12_345.6)])),
        percent=draw(st.sampled_from(["", "", "%", " %", "\u00a0%"])),
        by_siret=draw(st.booleans()),
        by_label=wide and draw(st.booleans()),
        typed_percent=draw(st.booleans()),
        title=tuple(draw(st.lists(title, max_size=3))),
        blanks=draw(st.frozensets(st.integers(0, height - 1), max_size=3)),
        header_again=draw(st.none() | st.integers(0, height - 1)),
        total=draw(st.none() | st.integers(0, height - 1)),
        blank_end=draw(st.integers(0, 5)),
        extra=draw(st.booleans()),
    )


def cells_of(row: Row, dialect: Dialect, typed: bool) -> list[Cell]:
    """Write a row's cells in the order of the dialect, as numbers where the format has them."""

    def number(value: float | None) -> Cell:
        return value if typed or value is None else dialect.number(value)

    def rate(value: float | None) -> Cell:
        if value is None:
            return None
        return value if typed else f"{dialect.number(value)}{dialect.percent}"

    written: dict[str, Cell] = {
        "structure": STRUCTURES[row.structure] if dialect.by_siret else row.structure,
        "periode": dialect.period(row.year, row.quarter),
        "indicateur": CATALOGUE[row.indicator].label.fr if dialect.by_label else row.indicator,
        "numerateur": row.absence or number(row.numerator),
        "denominateur": number(row.denominator),
        "valeur": rate(row.rate),
        "segment": None if row.segment == "ensemble" and dialect.extra else row.segment,
        "commentaire": row.comment,
    }
    return [*(written[name] for name in dialect.columns), *(["bleu"] if dialect.extra else [])]


def lay(table: Sequence[Row], dialect: Dialect, typed: bool) -> Written:
    """Lay a table out with everything that people put round it."""
    header: list[Cell] = [*(dialect.names[name] for name in dialect.columns), *(["Couleur"] if dialect.extra else [])]
    grid: Grid = [[*line] for line in dialect.title]
    written = Written(grid)
    grid.append(header)
    for place, row in enumerate(table):
        if place in dialect.blanks:
            grid.append([])
        if place == dialect.header_again and place:
            grid.append(list(header))
        grid.append(cells_of(row, dialect, typed))
        written.lines.append(len(grid))
        if place == dialect.total:
            total: list[Cell] = [None] * len(header)
            total[dialect.columns.index("structure")] = "TOTAL"
            grid.append(total)
    grid.extend([[] for _ in range(dialect.blank_end)])
    return written


def padded(grid: Grid) -> Grid:
    """Give every row of a table as many cells as the widest, as a spreadsheet does when it writes text."""
    width = max(map(len, grid))
    return [[*row, *([None] * (width - len(row)))] for row in grid]


def meant(table: Sequence[Row], dialect: Dialect, lines: Sequence[int]) -> list[tuple[object, ...]]:
    """What must be read: the meaning of each row, at its spreadsheet row."""
    columns = set(dialect.columns)
    return [
        (
            line,
            row.structure,
            row.period,
            row.indicator,
            row.segment if "segment" in columns else "ensemble",
            None if row.numerator is None else round(row.numerator, 6),
            None if row.denominator is None else round(row.denominator, 6),
            ABSENCES.get(row.absence or ""),
            row.comment if "commentaire" in columns else None,
        )
        for line, row in zip(lines, table, strict=True)
    ]


def read(found: ValidationResult) -> list[tuple[object, ...]]:
    assert found.table is not None, [(f.code, f.row, f.column, f.value) for f in found.findings]
    names = ["line", "structure", "period", "indicator", "segment", "numerator", "denominator", "absence", "comment"]
    shown = found.table.with_columns(pl.col("numerator", "denominator").round(6))
    return shown.select(names).rows()


def held(found: ValidationResult, table: Sequence[Row], dialect: Dialect, lines: Sequence[int]) -> None:
    """Hold what was read against what was written, rates included.

    Rows are drawn one by one: what they make together (a part without its whole, a year under a quarter) is no matter.
    """
    grave = {Severity.BLOCKING, Severity.CONFIRM}
    findings = [(f.code, f.row, f.column, f.value) for f in found.findings if f.severity in grave]
    assert [each for each in findings if each[0] not in TOGETHER] == []
    assert read(found) == meant(table, dialect, lines)
    if not findings:
        assert found.verdict is Verdict.ACCEPTED
        assert found.rows_accepted == len(table)
    if "valeur" in dialect.columns and found.table is not None:
        rates = [rate for rate in found.table["value"].to_list() if rate is not None]
        assert rates == pytest.approx([row.rate for row in table if row.rate is not None])


def tables(words: Sequence[str]) -> st.SearchStrategy[list[Row]]:
    return st.lists(rows(words), min_size=1, max_size=12, unique_by=lambda row: row.key)


def without_segments(table: list[Row], dialect: Dialect) -> list[Row]:
    """Leave out the rows that only their segment tells apart, where no column says it."""
    if "segment" in dialect.columns:
        return table
    return list({row.key[:4]: row for row in reversed(table)}.values())[::-1]


TOGETHER: Final = ("X03", "X04", "X05")
"""What is said of rows beside one another."""
SLOW: Final = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]


@st.composite
def in_text(draw: st.DrawFn) -> tuple[list[Row], Dialect, Written, bytes]:
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16", "utf-16-be"]))
    wide = encoding.startswith("utf")
    words = WORDS if encoding == "latin-1" else (*WORDS, *WIDER)
    table = draw(tables(words))
    dialect = draw(dialects(len(table), wide))
    table = without_segments(table, dialect)
    written = lay(table, dialect, typed=False)
    as_spreadsheet = draw(st.booleans())
    grid = padded(written.grid) if as_spreadsheet else written.grid
    buffer = io.StringIO()
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    # Python's writer leaves a line feed inside a cell bare where lines end otherwise.
    quoting = csv.QUOTE_ALL if end == "\r" else draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    separator = draw(st.sampled_from([";", ",", "\t", "|"]))
    writer = csv.writer(buffer, delimiter=separator, lineterminator=end, quoting=quoting)
    writer.writerows(grid)
    text = buffer.getvalue()
    if draw(st.booleans()) and not dialect.blank_end:
        text = text.rstrip("\r\n")
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    event(encoding)
    return table, dialect, written, mark + text.encode(encoding)


@given(case=in_text())
@settings(examples(0.8), suppress_health_check=SLOW)
def test_a_text_is_read_back_cell_for_cell(directory: Network, case: tuple[list[Row], Dialect, Written, bytes]) -> None:
    table, dialect, written, content = case
    held(examine(directory, content), table, dialect, written.lines)


@st.composite
def in_cells(draw: st.DrawFn) -> tuple[list[Row], Dialect, Written]:
    table = draw(tables((*WORDS, *WIDER)))
    dialect = draw(dialects(len(table), wide=True))
    table = without_segments(table, dialect)
    return table, dialect, lay(table, dialect, typed=draw(st.booleans()))


def as_percents(grid: Grid, dialect: Dialect) -> tuple[Grid, int | None]:
    """Write rates as a spreadsheet stores them under a percent format; return the column that has it."""
    if "valeur" not in dialect.columns or not dialect.typed_percent:
        return grid, None
    place = dialect.columns.index("valeur")
    return [
        [cell / 100 if at == place and isinstance(cell, float) else cell for at, cell in enumerate(row)] for row in grid
    ], place


@given(case=in_cells())
@settings(examples(0.6), suppress_health_check=SLOW)
def test_a_workbook_is_read_back_cell_for_cell(directory: Network, case: tuple[list[Row], Dialect, Written]) -> None:
    table, dialect, written = case
    grid, percents = as_percents(written.grid, dialect)
    formats: dict[str, str] = {} if percents is None else {f"c{percents}": "0.0%"}

    def fill(book: Workbook) -> None:
        write(book, book.add_worksheet("Mesures"), grid, **formats)

    held(examine(directory, xlsx(fill), "depot.xlsx"), table, dialect, written.lines)


def ods_cells(row: Sequence[Cell], percents: int | None) -> list[Any]:
    """Write numbers as numbers, and rates as percents where they are."""
    return [
        f'<table:table-cell office:value-type="percentage" office:value="{cell!r}"/>'
        if at == percents and isinstance(cell, float)
        else cell
        for at, cell in enumerate(row)
    ]


@given(case=in_cells())
@settings(examples(0.4), suppress_health_check=SLOW)
def test_an_open_document_is_read_back_cell_for_cell(
    directory: Network, case: tuple[list[Row], Dialect, Written]
) -> None:
    table, dialect, written = case
    lines = [[cell.replace("\n", " ") if isinstance(cell, str) else cell for cell in row] for row in written.grid]
    flat = [replace(row, comment=row.comment and row.comment.replace("\n", " ")) for row in table]
    grid, percents = as_percents(lines, dialect)
    content = ods(ods_table(*(ods_row(*ods_cells(row, percents)) for row in grid)))
    held(examine(directory, content, "depot.ods"), flat, dialect, written.lines)


@given(case=in_cells())
@settings(examples(0.4), suppress_health_check=SLOW)
def test_parquet_is_read_back_cell_for_cell(directory: Network, case: tuple[list[Row], Dialect, Written]) -> None:
    table, dialect, _ = case
    bare = replace(dialect, title=(), blanks=frozenset(), header_again=None, total=None, blank_end=0)
    typed = all(row.absence is None for row in table) and dialect.typed_percent
    header, *body = lay(table, bare, typed).grid
    buffer = io.BytesIO()
    columns = {str(name): [row[place] for row in body] for place, name in enumerate(header)}
    pl.DataFrame(columns, strict=False).write_parquet(buffer)
    held(examine(directory, buffer.getvalue(), "depot.parquet"), table, bare, range(2, len(table) + 2))
