"""What the lists of registers have in common: filters in the address, one page of rows, and the whole list to take."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl
import streamlit as st

from dashboards.app_pages.page_context import PAGE_PARAM, PageContext
from dashboards.components.draw import draw_html
from dashboards.components.html import HtmlCell, link, markup
from dashboards.downloads.list_workbook import XLSX_TYPE, list_workbook
from dashboards.wording.formatting import format_count, format_percentage
from indicators.csv_files import SPREADSHEET, CellValue, rows_to_csv
from indicators.snapshot import Snapshot
from schemas.columns import Dataset

ROWS_PER_PAGE: Final = 50
ANY: Final = "tous"
"""Word of the address for a filter that leaves everything; it is never written there."""
NOTHING: Final = "–"


def choose_filter(context: PageContext, parameter: str, words: Mapping[str, str], label: str) -> str | None:
    """Draw a filter of the address and return what it leaves; null for everything.

    `words` are the values by their words in the address; each has a message `{label}.{value}`.
    """
    t = context.t
    names = {ANY: t(f"{label}.any")} | {word: t(f"{label}.{value}") for word, value in words.items()}
    context.choose(parameter, t(label), list(names), names.__getitem__, default=ANY, clears=(PAGE_PARAM,))
    return words.get(context.params.get(parameter, ANY))


def structure_cell(context: PageContext, snapshot: Snapshot, structure: str) -> HtmlCell:
    """Return the name of a structure, with a link to its own page of the same register."""
    name = snapshot.structures[structure].name
    return HtmlCell(link(context.url(perimetre=structure, page=None), name))


def count_cell(context: PageContext, count: float | None) -> HtmlCell:
    """Return a number, or a dash for none."""
    return HtmlCell(NOTHING if count is None else format_count(count, context.language), is_number=True)


def share_text(context: PageContext, part: float, whole: float) -> str:
    """Return « 23 (92 %) », or the part alone where there is no whole."""
    count = format_count(part, context.language)
    if not whole:
        return count
    return context.t(
        "participation.share", count=count, share=format_percentage(part / whole * 100, 0, context.language)
    )


@dataclass(frozen=True)
class TakenList:
    """A list to take away whole: its dataset, under whose headers and words it can be deposited again, and its rows."""

    dataset: Dataset
    load: Callable[[], pl.DataFrame]
    file_stem: str

    @property
    def header(self) -> list[str]:
        """The French headers of the dataset."""
        return [column.french for column in self.dataset.columns]

    def rows(self) -> Iterable[Sequence[CellValue]]:
        """The rows as the dataset writes them."""
        frame = self.load()
        written = [
            pl.col(column.name).replace({value: word for word, value in column.vocabulary.items()})
            if column.vocabulary
            else pl.col(column.name)
            for column in self.dataset.columns
        ]
        return frame.select(written).iter_rows()


def draw_downloads(context: PageContext, taken: TakenList) -> None:
    """Draw the download buttons of a whole list; files are written on click."""
    t = context.t
    with st.container(horizontal=True, key="taken"):
        context.offer_download(
            t("follow.csv"),
            lambda: rows_to_csv(taken.header, taken.rows(), SPREADSHEET),
            f"{taken.file_stem}.csv",
            "text/csv",
            "taken csv",
            holds_management=True,
        )
        context.offer_download(
            t("follow.xlsx"),
            lambda: list_workbook(taken.header, taken.rows()),
            f"{taken.file_stem}.xlsx",
            XLSX_TYPE,
            "taken xlsx",
            holds_management=True,
        )
    draw_html(markup('<p class="dialect">{}</p>', t("dialect.spreadsheet")))
