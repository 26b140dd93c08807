"""Downloads of templates, prepared for the chosen structure and period, and built on click."""

from collections.abc import Callable
from functools import partial
from typing import Final

import streamlit as st

from dashboards.app_pages.deposit.campaign import DepositChoice
from dashboards.app_pages.page_context import PageContext
from dashboards.components.draw import draw_html
from dashboards.components.html import heading, markup
from dashboards.downloads.list_workbook import XLSX_TYPE
from dashboards.wording.formatting import format_period
from indicators.intake.files_out.template import template_csv
from indicators.intake.files_out.template_workbook import template_xlsx
from schemas.datasets import DATASETS

CSV_TYPE: Final = "text/csv"
DATASET_PARAM: Final = "jeu"
MEASURES: Final = "measures"


def render_templates(context: PageContext, choice: DepositChoice) -> None:
    """Render the choice of dataset and the template downloads: workbook first, then CSV."""
    t = context.t
    is_chosen = choice.structure is not None and choice.period is not None
    offered = [name for name, dataset in DATASETS.items() if choice.own is None or not dataset.by_network]
    names = sorted(offered, key=lambda name: name != MEASURES)
    draw_html(heading(2, t("deposit.template")))
    with st.container(horizontal=True, key="choices-template", vertical_alignment="bottom"):
        dataset = context.choose(
            DATASET_PARAM, t("template.dataset"), names, lambda name: t(f"dataset.{name}"), default=MEASURES
        )
        dataset = dataset or MEASURES
        stem = "-".join(filter(None, (dataset, *choice.key))) if dataset == MEASURES else dataset
        for kind, mime in (("xlsx", XLSX_TYPE), ("csv", CSV_TYPE)):
            build = _template_builder(context, kind, dataset, choice)
            context.offer_download(
                t(f"template.{kind}"),
                build,
                f"{stem}.{kind}",
                mime,
                f"template {kind}",
                # A template of a structure shows its figures of the period before, or its open actions.
                holds_management=(dataset == MEASURES and is_chosen)
                or (dataset == "actions" and bool(choice.structure)),
            )
    if dataset == MEASURES and choice.structure and choice.period:
        sentence = t("template.ready", structure=choice.structure.name, period=format_period(choice.period, t))
    else:
        sentence = t("template.choose" if dataset == MEASURES and not is_chosen else "template.blank")
    draw_html(markup('<p class="under">{} <span class="dialect">{}</span></p>', sentence, t("dialect.spreadsheet")))


def _template_builder(context: PageContext, kind: str, dataset: str, choice: DepositChoice) -> Callable[[], bytes]:
    return partial(_build_workbook if kind == "xlsx" else _build_csv, context, dataset, choice)


def _build_workbook(context: PageContext, dataset: str, choice: DepositChoice) -> bytes:
    with context.app_state.network.snapshot() as snapshot:
        return template_xlsx(snapshot, dataset, choice.structure, choice.period, context.t)


def _build_csv(context: PageContext, dataset: str, choice: DepositChoice) -> bytes:
    """Build the CSV with a byte-order mark, by which spreadsheets recognise UTF-8."""
    with context.app_state.network.snapshot() as snapshot:
        return template_csv(snapshot, dataset, choice.structure, choice.period, context.t).encode("utf-8-sig")
