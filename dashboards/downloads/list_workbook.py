"""A list as a workbook: one sheet, its header fixed and filtered, days and numbers as such, texts as texts."""

from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO
from typing import Final

from xlsxwriter import Workbook

from indicators.csv_files import CellValue

XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""Media type of workbooks."""
WORKBOOK_OPTIONS: Final = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
"""No text of anybody's becomes a formula or a link."""
DAY_FORMAT: Final = "dd/mm/yyyy"
MIN_COLUMN_CHARS: Final = 10
MAX_COLUMN_CHARS: Final = 60


def list_workbook(header: Sequence[str], rows: Iterable[Sequence[CellValue]]) -> bytes:
    """Return a workbook of a header and rows of the same length; a null is an empty cell."""
    rows = list(rows)
    content = BytesIO()
    with Workbook(content, WORKBOOK_OPTIONS) as book:
        sheet = book.add_worksheet()
        title, day = book.add_format({"bold": True}), book.add_format({"num_format": DAY_FORMAT})
        for place, name in enumerate(header):
            sheet.write_string(0, place, name, title)
            longest = max((len(str(row[place])) for row in rows if row[place] is not None), default=0)
            sheet.set_column(place, place, min(max(longest, len(name), MIN_COLUMN_CHARS), MAX_COLUMN_CHARS) + 2)
        for line, row in enumerate(rows, start=1):
            for place, cell in enumerate(row):
                match cell:
                    case None:
                        continue
                    case str():
                        sheet.write_string(line, place, cell)
                    case date():
                        sheet.write_datetime(line, place, cell, day)
                    case _:
                        sheet.write_number(line, place, float(cell))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(rows), len(header) - 1)
    return content.getvalue()
