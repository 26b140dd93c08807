"""The files to fill, made when they are asked for, prepared for the structure and the period chosen."""

from collections.abc import Callable
from functools import partial
from typing import Final

import streamlit as st

from dashboards.app_pages.deposit.campaign import Choice
from dashboards.app_pages.page_context import Visit
from dashboards.components.html import heading, text
from dashboards.wording import formatting as numbers
from indicators.intake.files_out.template import template_csv
from indicators.intake.files_out.template_workbook import template_xlsx
from schemas.datasets import DATASETS

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv"
DATASET: Final = "jeu"
MEASURES: Final = "measures"


def templates(visit: Visit, choice: Choice) -> None:
    """Offer the file to fill, as a workbook first, of the dataset chosen."""
    words = visit.words
    ready = choice.structure is not None and choice.period is not None
    names = sorted(DATASETS, key=lambda name: name != MEASURES)
    st.html(heading(2, words("deposit.template")))
    with st.container(horizontal=True, key="choices-template", vertical_alignment="bottom"):
        dataset = visit.choose(
            DATASET, words("template.dataset"), names, lambda name: words(f"dataset.{name}"), default=MEASURES
        )
        dataset = dataset or MEASURES
        stem = "-".join(filter(None, (dataset, *choice.code))) if dataset == MEASURES else dataset
        for kind, mime in (("xlsx", XLSX), ("csv", CSV)):
            st.download_button(
                words(f"template.{kind}"),
                _maker(visit, kind, dataset, choice),
                f"{stem}.{kind}",
                mime,
                key=f"template {kind}",
                on_click="ignore",
            )
    if dataset == MEASURES and choice.structure and choice.period:
        told = words("template.ready", structure=choice.structure.name, period=numbers.period(choice.period, words))
    else:
        told = words("template.choose" if dataset == MEASURES and not ready else "template.blank")
    st.html(f'<p class="under">{text(told)} <span class="dialect">{text(words("dialect.spreadsheet"))}</span></p>')


def _maker(visit: Visit, kind: str, dataset: str, choice: Choice) -> Callable[[], bytes]:
    return partial(_workbook if kind == "xlsx" else _text, visit, dataset, choice)


def _workbook(visit: Visit, dataset: str, choice: Choice) -> bytes:
    with visit.house.network.reading() as reading:
        return template_xlsx(reading, dataset, choice.structure, choice.period, visit.words)


def _text(visit: Visit, dataset: str, choice: Choice) -> bytes:
    """Write the CSV with the mark by which a spreadsheet knows that it is UTF-8."""
    with visit.house.network.reading() as reading:
        return template_csv(reading, dataset, choice.structure, choice.period, visit.words).encode("utf-8-sig")
