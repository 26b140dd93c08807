"""Extraction of the data rows below a header; blank rows, notes, totals and repeated headers are reported."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import polars as pl

from indicators.intake.column_names import column_names, match_dataset, normalize_header
from indicators.intake.readers.encodings import redecode
from indicators.intake.readers.sheet import Sheet
from indicators.intake.report import SAMPLE_SIZE, Report, SheetColumn
from indicators.intake.text_matching import column_letter
from schemas.columns import CellType, Column
from schemas.datasets import DATASETS
from schemas.findings import Severity

_TOTAL_WORDS: Final = "total|totaux|totals|totaal|totalen|eindtotaal|subtotal|subtotaal|deeltotaal"
_OTHER_TOTAL_WORDS: Final = "somme|ensemble|moyenne|sum|som|average|gemiddelde|résultat|resultat"
TOTAL_LABEL: Final = (
    rf"(?i)^\s*(?:(?:sous|sub|grand|grands|eind|deel|algemeen|generaal|general|général)[- ]?)?"
    rf"(?:{_TOTAL_WORDS}|{_OTHER_TOTAL_WORDS})\b|\b(?:{_TOTAL_WORDS})(?:[- ]g[ée]n[ée]ra(?:l|ux))?[\s:]*$"
)
"""Labels of a total, before or after a name: « Total général », « Total demo-ath », « demo-ath Total »."""
TOTAL_LABEL_CELLS: Final = (CellType.STRUCTURE, CellType.CODE, CellType.PERIOD, CellType.INDICATOR, CellType.PERIMETER)
"""Cell types of the columns in which a pivot table labels its totals."""
NOTE_START: Final = (
    r"(?i)^\s*(?:[*†‡¹²³(]|(?:sources?|notes?|nota|n\.? ?b\.?|remarques?|observations?|lecture|légende|legende|legend"
    r"|attention|avertissement|données extraites|extraction|extrait|édité|edite|imprimé|imprime|généré|genere|exporté"
    r"|mise? à jour|dernière mise à jour|bron(?:nen)?|opmerking(?:en)?|toelichting|leeswijzer|bijgewerkt|remarks?"
    r"|comments?|updated|last update|generated|printed|exported)\b|[^:=]{1,40}(?:\s=\s|:(?:\s|$)))"
)
"""Beginning of a note to a table: its source, its legend, a remark, the origin of the file."""
THREE_WORDS: Final = r"\pL{2,}\P{L}+\pL+\P{L}+\pL+"
"""Three words at least: a single cell below a blank row with as many words is a note."""
SAME_HEADER: Final = "again"
NOTE_SEARCH_ROWS: Final = 500
"""Last rows that are searched for notes."""
MAX_NOTE_ROWS: Final = 60
"""Most lines of notes below a table; more of them are another table."""
MISREAD_TEXT: Final = "Ã[\u0080-\u00ff\u0152-\u017e\u0192\u02c6\u02dc\u2013-\u2122]|â€|Â[\u00a0-\u00bf]|\ufffd"
"""UTF-8 that was decoded as Windows-1252, and the replacement character."""

SUSPECT_LETTERS: Final = (
    r"[ƒˆ˜¯†‡‚„‹›‰ŠšŽžÕ•™¤¥¶¡¿“”×÷ø·¸‘…–—€¢£¦§¨©¬±ÀÂÇÈÉÊËÌÎÏÐÑÒÓÔÖØÙÚÛÜÃÅÄÆÁ]|[A-Z][ß-ÿœšž]|[ß-ÿœšž][A-Z]|\bå|\bë|\bï"
    r"|œ[ \x{A0}]"
)
"""Characters of texts to check for letters of DOS or of an old Mac; other texts cannot contain any."""


@dataclass(frozen=True)
class RowBlock:
    """Lines below the header, with their spreadsheet rows and widths, kept apart from the frame of cells.

    The frame has many chunks and these columns have one: joining them would make polars copy the frame.
    """

    cells: pl.DataFrame
    rows: pl.Series
    widths: pl.Series

    def filter(self, mask: pl.Series) -> "RowBlock":
        """Keep the lines where a mask is true."""
        return RowBlock(self.cells.filter(mask), self.rows.filter(mask), self.widths.filter(mask))


def data_rows(
    sheet: Sheet, line: int, header: Sequence[str], columns: Mapping[int, Column], report: Report
) -> tuple[pl.DataFrame, pl.Series]:
    """Return the data rows and their spreadsheet rows: no blank rows, notes, totals or repeated headers.

    Cells of spaces become null. Ragged rows are reported and left out: their cells cannot be placed for certain.
    """
    below = RowBlock(
        _empty_blank_cells(sheet.cells.slice(line + 1)), sheet.rows.slice(line + 1), sheet.widths.slice(line + 1)
    )
    below = _drop_notes(below, columns, report)
    filled = _drop_blank_rows(below, report)
    titled_columns = [str(place) for place in range(len(header))]
    width = int(sheet.widths[line])
    repeated_headers = _report_repeated_headers(filled, header, columns, report)
    totals = _report_totals(filled, titled_columns, columns, report)
    excluded_rows = pl.concat([repeated_headers, totals])
    if sheet.is_ragged:
        candidates = filled.filter(~filled.rows.is_in(excluded_rows.implode())) if len(excluded_rows) else filled
        excluded_rows = pl.concat([excluded_rows, _report_ragged_rows(candidates, width, len(header), columns, report)])
    _report_unnamed_columns(
        filled, header, min(width, sheet.cells.width) if sheet.is_ragged else sheet.cells.width, report
    )
    data = filled.filter(~filled.rows.is_in(excluded_rows.implode())) if len(excluded_rows) else filled
    _report_merged_cells(sheet, data.rows, len(header), report)
    if sheet.may_be_misread:
        _report_misread_texts(data, header, columns, report, is_windows_text=sheet.is_windows_text)
    return data.cells.select(titled_columns), data.rows


def _empty_blank_cells(cells: pl.DataFrame) -> pl.DataFrame:
    """Replace cells of spaces by null."""
    # Distinct texts are few: checking them is quicker than checking every cell.
    has_blank_cells = cells.select((pl.all().unique().str.strip_chars() == "").any())
    blank_names = [name for name in cells.columns if has_blank_cells[name].item()]
    return cells.with_columns(pl.when(pl.col(name).str.strip_chars() != "").then(name) for name in blank_names)


def _drop_blank_rows(lines: RowBlock, report: Report) -> RowBlock:
    """Drop blank rows; report those inside the table (R03) and those after it (R04)."""
    blank = lines.cells.select(pl.all_horizontal(pl.all().is_null())).to_series()
    if not blank.any():
        return lines
    filled, blanks = lines.filter(~blank), lines.rows.filter(blank)
    last = filled.rows.max()
    if isinstance(last, int):
        inside = blanks.filter(blanks < last)
        if len(inside):
            report.add("R03", row=int(inside[0]), count=len(inside))
        if len(blanks) > len(inside):
            report.add("R04", row=last + 1, count=len(blanks) - len(inside))
    return filled


def _drop_notes(below: RowBlock, columns: Mapping[int, Column], report: Report) -> RowBlock:
    """Drop the notes below the table (source, legend) and report them once, at the first (F15).

    Notes are below the last row with a number or with all mandatory cells filled. The first begins as notes do, or
    follows a blank row with a single cell of at least three words.
    """
    tail = _rows_below_data(below, columns)
    if tail is None:
        return below
    start, cells = tail
    labels = cells.select(pl.coalesce(pl.all()).alias("label"), pl.sum_horizontal(pl.all().is_not_null()).alias("used"))
    is_note = labels["label"].str.contains(NOTE_START).fill_null(value=False)
    is_lone_sentence = (labels["used"] == 1) & labels["label"].str.contains(THREE_WORDS).fill_null(value=False)
    follows_blank = labels["label"].is_null().shift(1, fill_value=False)
    may_start_notes = (is_note | (is_lone_sentence & follows_blank)) & ~labels["label"].str.contains(
        TOTAL_LABEL
    ).fill_null(value=False)
    if not may_start_notes.any():
        return below
    first = int(may_start_notes.arg_true()[0])
    lines = labels.slice(first)
    if lines["label"].is_not_null().sum() > MAX_NOTE_ROWS or not _all_have_letters(lines["label"]):
        return below
    row, label = int(below.rows[start + first]), str(lines["label"][0])
    report.add("F15", row=row, value=label, count=int(lines["label"].is_not_null().sum()))
    kept_rows = start + first
    return RowBlock(below.cells.head(kept_rows), below.rows.head(kept_rows), below.widths.head(kept_rows))


def _rows_below_data(below: RowBlock, columns: Mapping[int, Column]) -> tuple[int, pl.DataFrame] | None:
    """Return the first line after the last data row, and the lines from there on, blank ones included."""
    numbers = [str(place) for place, column in columns.items() if column.cell_type in {CellType.NUMBER, CellType.WHOLE}]
    keys = [str(place) for place, column in columns.items() if column.non_empty]
    if not keys or not below.cells.height:
        return None
    last_rows = below.cells.tail(NOTE_SEARCH_ROWS)
    is_complete = pl.all_horizontal(pl.col(name).is_not_null() for name in keys)
    has_number = pl.any_horizontal(
        [pl.col(name).str.contains(r"^\W*\d[\d\s.,]*\W*$|^\P{L}+$") for name in numbers] or [pl.lit(value=False)]
    )
    data_places = last_rows.select(is_complete | has_number.fill_null(value=False)).to_series().arg_true()
    first = int(data_places[-1]) + 1 if len(data_places) else 0
    tail = last_rows.slice(first)
    if not tail.height or (not len(data_places) and last_rows.height < below.cells.height):
        return None
    return below.cells.height - tail.height, tail


def _all_have_letters(labels: pl.Series) -> bool:
    """Whether every label has a letter."""
    return bool(labels.drop_nulls().str.contains(r"\pL").all())


def _report_ragged_rows(
    filled: RowBlock, header_width: int, named_width: int, columns: Mapping[int, Column], report: Report
) -> pl.Series:
    """Report the rows with more cells than the header (R01) or fewer than its titles (R02); return those to leave out.

    An extra empty cell counts, unless every row has it: it may end a row shifted by a separator typed in a text.
    Missing cells at the end are read as empty where none is mandatory: a spreadsheet omits the last separators of a
    block of rows whose last columns are empty.
    """
    width = max(header_width, named_width)
    is_long, is_short = filled.widths > width, filled.widths < named_width
    needed = max((place + 1 for place, column in columns.items() if column.required), default=0)
    is_trimmed = is_short & (filled.widths >= needed)
    if len(is_long) and is_long.all() and filled.widths.n_unique() == 1 and _are_all_empty(filled.cells, width):
        report.add("R02", Severity.CORRECTED, row=int(filled.rows[0]), count=len(is_long), guess="long")
        is_long = ~is_long
    if is_trimmed.any():
        row = int(filled.rows[int(is_trimmed.arg_true()[0])])
        report.add("R02", Severity.CORRECTED, row=row, count=int(is_trimmed.sum()))
    excluded = []
    for code, mask in (("R01", is_long), ("R02", is_short & ~is_trimmed)):
        rows, widths = filled.rows.filter(mask), filled.widths.filter(mask)
        for row, cells in zip(rows.head(SAMPLE_SIZE), widths.head(SAMPLE_SIZE), strict=True):
            report.add(code, row=row, count=len(rows), cells=cells, columns=named_width)
        excluded.append(rows)
    return pl.concat(excluded)


def _are_all_empty(cells: pl.DataFrame, width: int) -> bool:
    """Whether all cells beyond a number of columns are empty."""
    return all(cells[name].null_count() == cells.height for name in cells.columns[width:])


def _report_repeated_headers(
    filled: RowBlock, header: Sequence[str], columns: Mapping[int, Column], report: Report
) -> pl.Series:
    """Report and return the rows that repeat the header (R06); report headers of other tables, which block (F14)."""
    first = min(columns, default=0)
    column = filled.cells[str(first)]
    texts = column.unique().drop_nulls()
    folded_texts = texts.str.strip_chars().str.to_lowercase().str.normalize("NFKC")
    titles = texts.filter(folded_texts.is_in(list(_first_titles())) | (texts == header[first]))
    header_titles = [normalize_header(text) for text in header]
    verdicts: dict[tuple[str | None, ...], bool | str] = {}
    repeated_rows: list[int] = []
    other_headers: list[int] = []
    candidates = column.is_in(titles.implode()).fill_null(value=False) if len(titles) else None
    if candidates is not None:
        candidate_rows = filled.filter(candidates)
        for row, cells in zip(
            candidate_rows.rows,
            candidate_rows.cells.select(filled.cells.columns[: len(header)]).iter_rows(),
            strict=True,
        ):
            if cells not in verdicts:
                row_texts = [text or "" for text in cells]
                verdicts[cells] = (
                    SAME_HEADER
                    if [normalize_header(text) for text in row_texts] == header_titles
                    else match_dataset(row_texts) is not None
                )
            if verdicts[cells] is SAME_HEADER:
                repeated_rows.append(row)
            elif verdicts[cells]:
                other_headers.append(row)
    for row in other_headers[:SAMPLE_SIZE]:
        report.add("F14", row=row, count=len(other_headers))
    for row in repeated_rows[:SAMPLE_SIZE]:
        report.add("R06", row=row, count=len(repeated_rows))
    return pl.Series("row", repeated_rows, dtype=filled.rows.dtype)


@cache
def _first_titles() -> frozenset[str]:
    """Return the titles that a header may begin with, in lower case, singular and plural."""
    titles = {title for dataset in DATASETS for title in column_names(dataset)}
    return frozenset({*titles, *(f"{title}s" for title in titles), "période", "périodes", "périmètre", "numéro"})


def _report_totals(
    filled: RowBlock, label_columns: Sequence[str], columns: Mapping[int, Column], report: Report
) -> pl.Series:
    """Report (R05) and return the total rows: labelled as totals, with a mandatory cell empty."""
    unfilled = [pl.col(str(place)).is_null() for place, column in columns.items() if column.non_empty]
    # « ensemble » is the name of the whole segment, not the label of a total.
    label_columns = [
        name for name in label_columns if columns.get(int(name)) is None or columns[int(name)].name != "segment"
    ]
    if not unfilled or not label_columns:
        return filled.rows.clear()
    incomplete = filled.filter(filled.cells.select(pl.any_horizontal(unfilled)).to_series())
    key_columns = [
        str(place)
        for place, column in columns.items()
        if column.cell_type in TOTAL_LABEL_CELLS and column.name != "segment"
    ]
    # The label is the first text of the row, or is in another column by which a pivot table groups.
    candidates = [pl.coalesce(label_columns), *map(pl.col, key_columns)]
    matching_texts = [pl.when(text.str.contains(TOTAL_LABEL)).then(text) for text in candidates]
    labels = incomplete.cells.select(pl.coalesce(matching_texts)).to_series()
    is_total = labels.is_not_null()
    rows = incomplete.rows.filter(is_total)
    for row, label in zip(rows.head(SAMPLE_SIZE), labels.filter(is_total).head(SAMPLE_SIZE), strict=True):
        report.add("R05", row=row, value=label, count=len(rows))
    return rows


def _report_unnamed_columns(filled: RowBlock, header: Sequence[str], width: int, report: Report) -> None:
    """Report the columns with values and no title (H07); `width` counts the header's cells, with or without title."""
    for place in range(width):
        if place < len(header) and header[place].strip():
            continue
        column = filled.cells[str(place)]
        filled_lines = column.is_not_null().arg_true()
        if len(filled_lines):
            first = int(filled_lines[0])
            sheet_column = SheetColumn(column_letter(place), "")
            report.add(
                "H07", row=int(filled.rows[first]), at=sheet_column, value=column[first], count=len(filled_lines)
            )


def _report_merged_cells(sheet: Sheet, rows: pl.Series, width: int, report: Report) -> None:
    """Report the merged cells among the data (R09): all but the first are empty."""
    if not sheet.merged or not len(rows):
        return
    data_row_numbers = rows.to_list()
    merged_cells = [
        (data_row_numbers[place], left)
        for first, last, left, _ in sheet.merged
        if left < width
        and (place := bisect_left(data_row_numbers, first)) < len(data_row_numbers)
        and data_row_numbers[place] <= last
    ]
    for row, left in merged_cells[:SAMPLE_SIZE]:
        report.add("R09", row=row, at=SheetColumn(column_letter(left), ""), count=len(merged_cells))


def _report_misread_texts(
    data: RowBlock, header: Sequence[str], columns: Mapping[int, Column], report: Report, *, is_windows_text: bool
) -> None:
    """Report the texts that were decoded wrongly before the deposit (F07), with the repaired text where it is found."""
    for place in columns:
        column = data.cells[str(place)]
        accented = column.filter(column.str.len_bytes() != column.str.len_chars()).unique(maintain_order=True)
        repaired_texts = {text: _undo_misreading(text) for text in accented.filter(accented.str.contains(MISREAD_TEXT))}
        for text in accented.filter(accented.str.contains(SUSPECT_LETTERS)):
            redecoded = redecode(text, include_ambiguous=is_windows_text)
            if redecoded is not None:
                repaired_texts.setdefault(text, redecoded)
        if not repaired_texts:
            continue
        lines = column.is_in(list(repaired_texts)).arg_true()
        for line in lines.head(SAMPLE_SIZE):
            text = str(column[line])
            sheet_column = SheetColumn(column_letter(place), header[place].strip())
            row = int(data.rows[line])
            report.add("F07", row=row, at=sheet_column, value=text, suggestion=repaired_texts[text], count=len(lines))


def _undo_misreading(text: str) -> str | None:
    """Return a text before it was decoded as Windows-1252 instead of UTF-8, if that can be undone."""
    try:
        return text.encode("cp1252").decode()
    except UnicodeError:
        return None
