"""A list as a workbook is read back cell for cell by another program, and no text in it runs."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

from openpyxl import load_workbook

from dashboards.downloads.list_workbook import list_workbook

HEADER = ("nom", "jour", "nombre", "part")


def test_days_are_days_numbers_are_numbers_and_an_empty_cell_is_empty() -> None:
    content = list_workbook(HEADER, [("École", date(2026, 10, 30), 12, Decimal("31.6")), (None, None, None, None)])
    sheet = load_workbook(BytesIO(content)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == [*HEADER]
    name, day, number, share = (cell.value for cell in sheet[2])
    assert (name, number, share) == ("École", 12, 31.6)
    assert isinstance(day, datetime)
    assert day.date() == date(2026, 10, 30)
    assert sheet["B2"].number_format == "dd/mm/yyyy"
    assert sheet.max_row == 2
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:D3")


def test_what_looks_like_a_formula_or_a_link_is_text() -> None:
    texts = ("=1+1", '=HYPERLINK("http://a.example")', "http://a.example", "@SUM(1)")
    sheet = load_workbook(BytesIO(list_workbook(HEADER, [texts]))).active
    assert sheet is not None
    assert [cell.value for cell in sheet[2]] == [*texts]
    assert {cell.data_type for cell in sheet[2]} == {"s"}
    assert not any(cell.hyperlink for cell in sheet[2])


def test_a_list_without_rows_has_its_header() -> None:
    sheet = load_workbook(BytesIO(list_workbook(HEADER, []))).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == [*HEADER]
