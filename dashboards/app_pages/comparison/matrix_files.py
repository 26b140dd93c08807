"""The matrix as files: all its structures, one row per structure and indicator, in the order of the page."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboards.app_pages.comparison.filters import ComparisonChoice
from dashboards.app_pages.comparison.table import FILE_COLUMNS, STANDING_OUT, describe_verdict, file_row
from dashboards.app_pages.page_context import PageContext
from dashboards.components.draw import draw_html
from dashboards.components.html import markup
from dashboards.downloads.list_workbook import XLSX_TYPE, list_workbook
from dashboards.wording.translations import Translator
from indicators.csv_files import SPREADSHEET, CellValue, rows_to_csv
from indicators.definitions.perimeters import Structure, slug
from indicators.queries.comparison.matrix import MatrixColumn, matrix_cells

NOT_SHOWN: Mapping[str, Any] = {"value": None, "numerator": None, "denominator": None}


def decisive_verdict(row: Mapping[str, Any]) -> str | None:
    """Return the verdict that marks a cell: under over-dispersion, only what leaves the widened funnel stands out."""
    verdict = row["widened"] or row["verdict"]
    return None if verdict is None else str(verdict)


def describe_reading(row: Mapping[str, Any] | None, t: Translator) -> str:
    """Return the reading of a cell in words, or why it has no figure."""
    if row is not None and row["value"] is not None:
        verdict = decisive_verdict(row)
        side = row["side"] if verdict in STANDING_OUT else None
        return describe_verdict({"verdict": verdict, "side": side, "widened": None}, t)
    status = row["status"] if row else "missing"
    return t(f"status.{status}") if f"status.{status}" in t else t("compare.matrix.none")


def render_downloads(
    context: PageContext, choice: ComparisonChoice, columns: Sequence[MatrixColumn], structures: Sequence[Structure]
) -> None:
    """Draw the download buttons of the whole matrix; its files are written on click."""
    t = context.t
    name = f"matrice-{slug(choice.scope.perimeter.code)}-{choice.quarter.code}"
    with st.container(horizontal=True, key="taken"):
        context.offer_download(
            t("compare.csv"),
            lambda: rows_to_csv(FILE_COLUMNS, _file_rows(context, columns, structures), SPREADSHEET),
            f"{name}.csv",
            "text/csv",
            "taken csv",
        )
        context.offer_download(
            t("compare.xlsx"),
            lambda: list_workbook(FILE_COLUMNS, _file_rows(context, columns, structures)),
            f"{name}.xlsx",
            XLSX_TYPE,
            "taken xlsx",
        )
    draw_html(markup('<p class="dialect">{}</p>', t("dialect.spreadsheet")))


def _file_rows(
    context: PageContext, columns: Sequence[MatrixColumn], structures: Sequence[Structure]
) -> list[Sequence[CellValue]]:
    """Return a row for each structure and each indicator that applies to it: `FILE_COLUMNS`, with the reading in words.

    The page's snapshot is closed by the time of a click: the newest one is asked.
    """
    with context.app_state.network.snapshot() as snapshot:
        cells = matrix_cells(context.query(snapshot, context.members_audience), columns, structures)
        rows_by_cell = {(row["structure"], row["indicator"]): row for row in cells.iter_rows(named=True)}
    rows = []
    for structure in structures:
        for column in columns:
            if column.indicator.applies_to(structure.kind):
                row = rows_by_cell.get((structure.id, column.indicator.id))
                reading = describe_reading(row, context.t)
                rows.append(file_row(context, structure, column.indicator, column.period, row or NOT_SHOWN, reading))
    return rows
