"""The lists of registers as files: CSV and a workbook, made on click for those who may see the registers."""

from collections.abc import Callable, Sequence

import streamlit as st

from dashboards.app_pages.page_context import PageContext
from dashboards.components.draw import draw_html
from dashboards.components.html import markup
from dashboards.downloads.list_workbook import XLSX_TYPE, list_workbook
from indicators.csv_files import SPREADSHEET, CellValue, rows_to_csv


def draw_list_downloads(
    context: PageContext, columns: Sequence[str], rows: Callable[[], list[Sequence[CellValue]]], stem: str
) -> None:
    """Draw the buttons of a whole list as CSV and as a workbook; `stem` is their name without its ending."""
    t = context.t
    with st.container(horizontal=True, key="taken"):
        context.offer_download(
            t("follow.csv"),
            lambda: rows_to_csv(columns, rows(), SPREADSHEET),
            f"{stem}.csv",
            "text/csv",
            f"{stem} csv",
            holds_management=True,
        )
        context.offer_download(
            t("follow.xlsx"),
            lambda: list_workbook(columns, rows()),
            f"{stem}.xlsx",
            XLSX_TYPE,
            f"{stem} xlsx",
            holds_management=True,
        )
    draw_html(markup('<p class="dialect">{}</p>', t("dialect.spreadsheet")))
