"""Below the header: which rows hold data, and what is said of those that do not."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import polars as pl

from indicators.intake.column_names import column_names, recognised, singular
from indicators.intake.readers.encodings import in_other_letters
from indicators.intake.readers.sheet import Sheet
from indicators.intake.report import SAMPLE, Place, Report
from indicators.intake.text_matching import column_letter
from schemas.columns import Cell, Column
from schemas.datasets import DATASETS
from schemas.findings import Severity

_TOTAL: Final = "total|totaux|totals|totaal|totalen|eindtotaal|subtotal|subtotaal|deeltotaal"
_OTHER_SUMS: Final = "somme|ensemble|moyenne|sum|som|average|gemiddelde|résultat|resultat"
TOTAL: Final = (
    rf"(?i)^\s*(?:(?:sous|sub|grand|grands|eind|deel|algemeen|generaal|general|général)[- ]?)?"
    rf"(?:{_TOTAL}|{_OTHER_SUMS})\b|\b(?:{_TOTAL})(?:[- ]g[ée]n[ée]ra(?:l|ux))?[\s:]*$"
)
"""Labels of a total, before a name or behind it: « Total général », « Total demo-ath », « demo-ath Total »."""
KEYED: Final = (Cell.STRUCTURE, Cell.CODE, Cell.PERIOD, Cell.INDICATOR, Cell.PERIMETER)
"""Kinds of the columns in which a pivot table labels its totals."""
NOTE: Final = (
    r"(?i)^\s*(?:[*†‡¹²³(]|(?:sources?|notes?|nota|n\.? ?b\.?|remarques?|observations?|lecture|légende|legende|legend"
    r"|attention|avertissement|données extraites|extraction|extrait|édité|edite|imprimé|imprime|généré|genere|exporté"
    r"|mise? à jour|dernière mise à jour|bron(?:nen)?|opmerking(?:en)?|toelichting|leeswijzer|bijgewerkt|remarks?"
    r"|comments?|updated|last update|generated|printed|exported)\b|[^:=]{1,40}(?:\s=\s|:(?:\s|$)))"
)
"""How a line that explains a table begins: its source, its legend, a remark, where the file comes from."""
SENTENCE: Final = r"\pL{2,}\P{L}+\pL+\P{L}+\pL+"
"""Three words at least: what stands alone below a blank row and says so much is no row of data."""
AGAIN: Final = "again"
LOOKED_AT: Final = 500
"""Last rows among which notes are looked for."""
MOST_NOTES: Final = 60
"""Lines that a table may be explained by: more of them are another table."""
BROKEN: Final = "Ã[\u0080-\u00ff\u0152-\u017e\u0192\u02c6\u02dc\u2013-\u2122]|â€|Â[\u00a0-\u00bf]|\ufffd"
"""What UTF-8 looks like once it has been read as Windows text, and the mark of a letter already lost."""

IN_DOUBT: Final = (
    r"[ƒˆ˜¯†‡‚„‹›‰ŠšŽžÕ•™¤¥¶¡¿“”×÷ø·¸‘…–—€¢£¦§¨©¬±ÀÂÇÈÉÊËÌÎÏÐÑÒÓÔÖØÙÚÛÜÃÅÄÆÁ]|[A-Z][ß-ÿœšž]|[ß-ÿœšž][A-Z]|\bå|\bë|\bï"
    r"|œ[ \x{A0}]"
)
"""Texts that are looked at for letters of DOS or of an old Mac: others hold none of what would betray them."""


@dataclass(frozen=True)
class Lines:
    """Lines below the header, with their spreadsheet rows and widths; never joined in one frame.

    A frame is read in many pieces and these columns are made in one: polars would copy the first to put them together.
    """

    cells: pl.DataFrame
    rows: pl.Series
    widths: pl.Series

    def filter(self, mask: pl.Series) -> "Lines":
        """Keep the lines where a mask is true."""
        return Lines(self.cells.filter(mask), self.rows.filter(mask), self.widths.filter(mask))


def data_rows(
    sheet: Sheet, line: int, header: Sequence[str], columns: Mapping[int, Column], report: Report
) -> tuple[pl.DataFrame, pl.Series]:
    """Return the rows that hold data, cells of spaces emptied: not blank, not a total, not the header again.

    Ragged rows are told and left out: what is wrong in them is anybody's guess, the others are read all the same.
    """
    below = Lines(_emptied(sheet.cells.slice(line + 1)), sheet.rows.slice(line + 1), sheet.widths.slice(line + 1))
    below = _without_notes(below, columns, report)
    filled = _without_blanks(below, report)
    named = [str(place) for place in range(len(header))]
    width = int(sheet.widths[line])
    again = _repeated(filled, header, columns, report)
    totals = _totals(filled, named, columns, report)
    apart = pl.concat([again, totals])
    if sheet.ragged:
        others = filled.filter(~filled.rows.is_in(apart.implode())) if len(apart) else filled
        apart = pl.concat([apart, _ragged(others, width, len(header), columns, report)])
    _unnamed(filled, header, min(width, sheet.cells.width) if sheet.ragged else sheet.cells.width, report)
    data = filled.filter(~filled.rows.is_in(apart.implode())) if len(apart) else filled
    _merged(sheet, data.rows, len(header), report)
    if sheet.suspect:
        _broken(data, header, columns, report, windows=sheet.windows)
    return data.cells.select(named), data.rows


def _emptied(cells: pl.DataFrame) -> pl.DataFrame:
    """Empty the cells that hold only spaces."""
    # Distinct texts are few: looking at them is quicker than looking at every cell.
    found = cells.select((pl.all().unique().str.strip_chars() == "").any())
    spaced = [name for name in cells.columns if found[name].item()]
    return cells.with_columns(pl.when(pl.col(name).str.strip_chars() != "").then(name) for name in spaced)


def _without_blanks(lines: Lines, report: Report) -> Lines:
    """Leave out blank rows: those inside are told apart from those at the end."""
    blank = lines.cells.select(pl.all_horizontal(pl.all().is_null())).to_series()
    if not blank.any():
        return lines
    filled, blanks = lines.filter(~blank), lines.rows.filter(blank)
    last = filled.rows.max()
    if isinstance(last, int):
        inside = blanks.filter(blanks < last)
        if len(inside):
            report.tell("R03", row=int(inside[0]), count=len(inside))
        if len(blanks) > len(inside):
            report.tell("R04", row=last + 1, count=len(blanks) - len(inside))
    return filled


def _without_notes(below: Lines, columns: Mapping[int, Column], report: Report) -> Lines:
    """Leave out the lines that explain the table below it: its source, its legend; they are told once, as the first.

    They stand under the last row that holds a number or fills what must be filled, each with a few words, and begin as
    such lines do, or come after a blank row and say at least three words.
    """
    tail = _tail(below, columns)
    if tail is None:
        return below
    start, cells = tail
    labels = cells.select(pl.coalesce(pl.all()).alias("label"), pl.sum_horizontal(pl.all().is_not_null()).alias("used"))
    note = labels["label"].str.contains(NOTE).fill_null(value=False)
    alone = (labels["used"] == 1) & labels["label"].str.contains(SENTENCE).fill_null(value=False)
    apart = labels["label"].is_null().shift(1, fill_value=False)
    opens = (note | (alone & apart)) & ~labels["label"].str.contains(TOTAL).fill_null(value=False)
    if not opens.any():
        return below
    first = int(opens.arg_true()[0])
    lines = labels.slice(first)
    if lines["label"].is_not_null().sum() > MOST_NOTES or not _are_words(lines["label"]):
        return below
    row, label = int(below.rows[start + first]), str(lines["label"][0])
    report.tell("F15", row=row, value=label, count=int(lines["label"].is_not_null().sum()))
    kept = start + first
    return Lines(below.cells.head(kept), below.rows.head(kept), below.widths.head(kept))


def _tail(below: Lines, columns: Mapping[int, Column]) -> tuple[int, pl.DataFrame] | None:
    """Return the lines under the last one that is data, blank ones included, and from which line on they stand."""
    numbers = [str(place) for place, column in columns.items() if column.cell in {Cell.NUMBER, Cell.WHOLE}]
    keys = [str(place) for place, column in columns.items() if column.filled]
    if not keys or not below.cells.height:
        return None
    end = below.cells.tail(LOOKED_AT)
    full = pl.all_horizontal(pl.col(name).is_not_null() for name in keys)
    counted = pl.any_horizontal(
        [pl.col(name).str.contains(r"^\W*\d[\d\s.,]*\W*$|^\P{L}+$") for name in numbers] or [pl.lit(value=False)]
    )
    data = end.select(full | counted.fill_null(value=False)).to_series().arg_true()
    first = int(data[-1]) + 1 if len(data) else 0
    tail = end.slice(first)
    if not tail.height or (not len(data) and end.height < below.cells.height):
        return None
    return below.cells.height - tail.height, tail


def _are_words(labels: pl.Series) -> bool:
    """Whether each of some lines says something in letters: a lone sign is none of them."""
    return bool(labels.drop_nulls().str.contains(r"\pL").all())


def _ragged(filled: Lines, header_width: int, named: int, columns: Mapping[int, Column], report: Report) -> pl.Series:
    """Tell the rows that have more cells than the header, or fewer than it names; return those that are left out.

    An empty cell too many counts, unless every row has it: it may be the end of a row that a separator typed in a text
    has shifted. Cells that are missing at the end are empty ones, where none of them has to be there: a spreadsheet
    leaves out the last separators of a block of rows whose last columns are empty.
    """
    width = max(header_width, named)
    long, short = filled.widths > width, filled.widths < named
    needed = max((place + 1 for place, column in columns.items() if column.required), default=0)
    trimmed = short & (filled.widths >= needed)
    if len(long) and long.all() and filled.widths.n_unique() == 1 and _all_empty(filled.cells, width):
        report.tell("R02", Severity.CORRECTED, row=int(filled.rows[0]), count=len(long), guess="long")
        long = ~long
    if trimmed.any():
        row = int(filled.rows[int(trimmed.arg_true()[0])])
        report.tell("R02", Severity.CORRECTED, row=row, count=int(trimmed.sum()))
    apart = []
    for code, mask in (("R01", long), ("R02", short & ~trimmed)):
        rows, widths = filled.rows.filter(mask), filled.widths.filter(mask)
        for row, cells in zip(rows.head(SAMPLE), widths.head(SAMPLE), strict=True):
            report.tell(code, row=row, count=len(rows), cells=cells, columns=named)
        apart.append(rows)
    return pl.concat(apart)


def _all_empty(cells: pl.DataFrame, width: int) -> bool:
    """Whether nothing stands beyond a number of columns."""
    return all(cells[name].null_count() == cells.height for name in cells.columns[width:])


def _repeated(filled: Lines, header: Sequence[str], columns: Mapping[int, Column], report: Report) -> pl.Series:
    """Tell and return the rows that say the header again; a header of another table below is told, and blocks."""
    first = min(columns, default=0)
    column = filled.cells[str(first)]
    texts = column.unique().drop_nulls()
    folded = texts.str.strip_chars().str.to_lowercase().str.normalize("NFKC")
    titles = texts.filter(folded.is_in(list(_first_titles())) | (texts == header[first]))
    titled = [singular(text) for text in header]
    known: dict[tuple[str | None, ...], bool | str] = {}
    again: list[int] = []
    others: list[int] = []
    candidates = column.is_in(titles.implode()).fill_null(value=False) if len(titles) else None
    if candidates is not None:
        found = filled.filter(candidates)
        for row, cells in zip(
            found.rows, found.cells.select(filled.cells.columns[: len(header)]).iter_rows(), strict=True
        ):
            if cells not in known:
                said = [text or "" for text in cells]
                known[cells] = AGAIN if [singular(text) for text in said] == titled else recognised(said) is not None
            if known[cells] is AGAIN:
                again.append(row)
            elif known[cells]:
                others.append(row)
    for row in others[:SAMPLE]:
        report.tell("F14", row=row, count=len(others))
    for row in again[:SAMPLE]:
        report.tell("R06", row=row, count=len(again))
    return pl.Series("row", again, dtype=filled.rows.dtype)


@cache
def _first_titles() -> frozenset[str]:
    """Return the titles with which a header may begin, in lower case, singular and plural."""
    titles = {title for dataset in DATASETS for title in column_names(dataset)}
    return frozenset({*titles, *(f"{title}s" for title in titles), "période", "périodes", "périmètre", "numéro"})


def _totals(filled: Lines, named: Sequence[str], columns: Mapping[int, Column], report: Report) -> pl.Series:
    """Tell and return the totals: they leave empty some cell that data must fill, as a structure may be called so."""
    unfilled = [pl.col(str(place)).is_null() for place, column in columns.items() if column.filled]
    # « ensemble » is what the whole of a segment is called, not the label of a total.
    named = [name for name in named if columns.get(int(name)) is None or columns[int(name)].name != "segment"]
    if not unfilled or not named:
        return filled.rows.clear()
    lacking = filled.filter(filled.cells.select(pl.any_horizontal(unfilled)).to_series())
    keyed = [str(place) for place, column in columns.items() if column.cell in KEYED and column.name != "segment"]
    # The label is the first text of the row, or stands in another of the columns by which a pivot table groups.
    said = [pl.coalesce(named), *map(pl.col, keyed)]
    found = [pl.when(text.str.contains(TOTAL)).then(text) for text in said]
    labels = lacking.cells.select(pl.coalesce(found)).to_series()
    total = labels.is_not_null()
    rows = lacking.rows.filter(total)
    for row, label in zip(rows.head(SAMPLE), labels.filter(total).head(SAMPLE), strict=True):
        report.tell("R05", row=row, value=label, count=len(rows))
    return rows


def _unnamed(filled: Lines, header: Sequence[str], width: int, report: Report) -> None:
    """Tell the columns that hold values and have no name; `width` is how many cells the header has, named or not."""
    for place in range(width):
        if place < len(header) and header[place].strip():
            continue
        column = filled.cells[str(place)]
        used = column.is_not_null().arg_true()
        if len(used):
            first = int(used[0])
            where = Place(column_letter(place), "")
            report.tell("H07", row=int(filled.rows[first]), at=where, value=column[first], count=len(used))


def _merged(sheet: Sheet, rows: pl.Series, width: int, report: Report) -> None:
    """Tell the merged cells among the data: all but the first of them are empty."""
    if not sheet.merged or not len(rows):
        return
    kept = rows.to_list()
    found = [
        (kept[place], left)
        for first, last, left, _ in sheet.merged
        if left < width and (place := bisect_left(kept, first)) < len(kept) and kept[place] <= last
    ]
    for row, left in found[:SAMPLE]:
        report.tell("R09", row=row, at=Place(column_letter(left), ""), count=len(found))


def _broken(
    data: Lines, header: Sequence[str], columns: Mapping[int, Column], report: Report, *, windows: bool
) -> None:
    """Tell the texts whose letters were broken before the file came here, with what they were where it can be found."""
    for place in columns:
        column = data.cells[str(place)]
        accented = column.filter(column.str.len_bytes() != column.str.len_chars()).unique(maintain_order=True)
        broken = {text: _mended(text) for text in accented.filter(accented.str.contains(BROKEN))}
        for text in accented.filter(accented.str.contains(IN_DOUBT)):
            other = in_other_letters(text, windows=windows)
            if other is not None:
                broken.setdefault(text, other)
        if not broken:
            continue
        lines = column.is_in(list(broken)).arg_true()
        for line in lines.head(SAMPLE):
            text = str(column[line])
            where = Place(column_letter(place), header[place].strip())
            row = int(data.rows[line])
            report.tell("F07", row=row, at=where, value=text, suggestion=broken[text], count=len(lines))


def _mended(text: str) -> str | None:
    """Return what a text was before it was read in the wrong encoding, if that can be undone."""
    try:
        return text.encode("cp1252").decode()
    except UnicodeError:
        return None
