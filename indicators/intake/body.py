"""Below the header: which rows hold data, and what is said of those that do not."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import polars as pl

from indicators.intake.names import column_names, recognised, singular
from indicators.intake.report import SAMPLE, Place, Report
from indicators.intake.sheet import Sheet
from indicators.intake.spelling import column_letter
from schemas.columns import Column
from schemas.datasets import DATASETS

TOTAL: Final = r"(?i)^\s*(sous[- ]?)?(total|totaux|somme|ensemble|moyenne|grand total|subtotal|sum|totaal|subtotaal)\b"
AGAIN: Final = "again"
BROKEN: Final = "Ã[\u0080-\u00ff\u0152-\u017e\u0192\u02c6\u02dc\u2013-\u2122]|â€|Â[\u00a0-\u00bf]|\ufffd"
"""What UTF-8 looks like once it has been read as Windows text, and the mark of a letter already lost."""


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
    filled = _without_blanks(below, report)
    named = [str(place) for place in range(len(header))]
    width = int(sheet.widths[line])
    apart = pl.concat(
        [
            _ragged(filled, width, len(header), report) if sheet.ragged else filled.rows.clear(),
            _repeated(filled, header, columns, report),
            _totals(filled, named, columns, report),
        ]
    )
    _unnamed(filled, header, min(width, sheet.cells.width) if sheet.ragged else sheet.cells.width, report)
    data = filled.filter(~filled.rows.is_in(apart.implode())) if len(apart) else filled
    _merged(sheet, data.rows, len(header), report)
    if sheet.suspect:
        _broken(data, header, columns, report)
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


def _ragged(filled: Lines, header_width: int, named: int, report: Report) -> pl.Series:
    """Tell the rows that have more cells than the header, or fewer than it names; return them.

    An empty cell too many counts: it may be the end of a row that a separator typed in a text has shifted.
    """
    apart = []
    for code, mask in (("R01", filled.widths > max(header_width, named)), ("R02", filled.widths < named)):
        rows, widths = filled.rows.filter(mask), filled.widths.filter(mask)
        for row, width in zip(rows.head(SAMPLE), widths.head(SAMPLE), strict=True):
            report.tell(code, row=row, count=len(rows), cells=width, columns=named)
        apart.append(rows)
    return pl.concat(apart)


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
    labels = lacking.cells.select(pl.coalesce(named)).to_series()
    total = labels.str.contains(TOTAL).fill_null(value=False)
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


def _broken(data: Lines, header: Sequence[str], columns: Mapping[int, Column], report: Report) -> None:
    """Tell the texts whose letters were broken before the file came here, with what they were where it can be found."""
    for place in columns:
        column = data.cells[str(place)]
        broken = (column.str.len_bytes() != column.str.len_chars()) & column.str.contains(BROKEN)
        lines = broken.fill_null(value=False).arg_true()
        for line in lines.head(SAMPLE):
            text = str(column[line])
            where = Place(column_letter(place), header[place].strip())
            report.tell(
                "F07", row=int(data.rows[line]), at=where, value=text, suggestion=_mended(text), count=len(lines)
            )


def _mended(text: str) -> str | None:
    """Return what a text was before it was read in the wrong encoding, if that can be undone."""
    try:
        return text.encode("cp1252").decode()
    except UnicodeError:
        return None
