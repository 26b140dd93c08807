"""Several uploaded files: one summary, the report of each, one confirmation for those that are accepted."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st

from dashboards.app_pages.deposit.campaign import DepositChoice
from dashboards.app_pages.deposit.receipt import render_receipt
from dashboards.app_pages.deposit.upload import (
    MAX_COMMENT_CHARS,
    UploadedFileView,
    UploadReport,
    alert_html,
    failure_html,
)
from dashboards.app_pages.page_context import PageContext
from dashboards.components.draw import draw_html
from dashboards.components.html import HtmlCell, join, markup, table
from dashboards.wording.formatting import format_count
from indicators.intake.validate import Verdict
from indicators.queries.deposits.deposit_history import find_receipt
from indicators.store.deposits import Receipt
from schemas.datasets import DATASETS

LOG: Final = logging.getLogger(__name__)
IN_ORDER: Final = tuple(DATASETS)
"""Structures come before what is deposited for them."""


@dataclass(frozen=True)
class ExaminedFile:
    """An uploaded file as it now stands: its receipt once stored, else its report; neither after a failure of ours."""

    view: UploadedFileView
    receipt: Receipt | None = None
    report: UploadReport | None = None
    has_changed: bool = False

    @property
    def can_be_stored(self) -> bool:
        """Whether a click may store it."""
        return self.report is not None and self.report.summary.verdict is not Verdict.REFUSED

    @property
    def needs_comment(self) -> bool:
        """Whether it is stored with a comment only."""
        return self.report is not None and self.report.summary.verdict is Verdict.TO_CONFIRM


def render_several(context: PageContext, views: Sequence[UploadedFileView], choice: DepositChoice) -> None:
    """Render the summary, each report, and the confirmation."""
    files = [_examine(context, view, choice) for view in views]
    _render_summary(context, files)
    for file in files:
        with st.expander(file.view.name, expanded=True):
            if file.receipt is not None:
                render_receipt(context, file.receipt)
            elif file.report is not None:
                file.view.render_findings(file.report, choice)
            else:
                draw_html(failure_html(file.view.name, context.t))
    _render_confirmation(context, [file for file in files if file.can_be_stored], choice)


def _examine(context: PageContext, view: UploadedFileView, choice: DepositChoice) -> ExaminedFile:
    try:
        with context.app_state.network.snapshot() as snapshot:
            stored, version = find_receipt(snapshot, view.deposit), snapshot.version
        if stored is not None:
            return ExaminedFile(view, receipt=stored)
        report, has_changed = view.examine(choice, version)
    # Any failure here is ours: the page says so, nothing is stored, and the log has the traceback.
    except Exception:
        LOG.exception("a deposit failed")
        return ExaminedFile(view)
    return ExaminedFile(view, report=report, has_changed=has_changed)


def _render_summary(context: PageContext, files: Sequence[ExaminedFile]) -> None:
    t = context.t
    headers = [t(f"deposit.several.{name}") for name in ("file", "dataset", "verdict", "rows")]
    rows = []
    for file in files:
        dataset, verdict, count = None, t("verdict.refused"), 0
        if file.receipt is not None:
            dataset, verdict, count = file.receipt.dataset, t("deposit.several.stored"), file.receipt.rows_accepted
        elif file.report is not None:
            summary = file.report.summary
            dataset, verdict, count = summary.dataset, t(f"verdict.{summary.verdict.value}"), summary.rows_accepted
        name = t(f"dataset.{dataset}") if dataset else "–"
        rows.append(
            [
                HtmlCell(file.view.name),
                HtmlCell(name),
                HtmlCell(verdict),
                HtmlCell(format_count(count, t.language), True),
            ]
        )
    refused = sum(file.report is not None and not file.can_be_stored for file in files)
    note = markup("<p>{}</p>", t("deposit.several.refused", count=refused)) if refused else markup("")
    draw_html(join((table(t("deposit.several.caption", count=len(files)), headers, rows), note)))


def _render_confirmation(context: PageContext, files: Sequence[ExaminedFile], choice: DepositChoice) -> None:
    """Draw one comment, where any file needs it, and one button; each file is a deposit of its own."""
    t = context.t
    if not files:
        return
    comment = None
    if any(file.needs_comment for file in files):
        comment = st.text_area(t("deposit.comment"), key="comment of several", max_chars=MAX_COMMENT_CHARS, height=100)
    label = t("deposit.several.confirm", count=len(files))
    if not st.button(label, key="confirm several", type="primary"):
        return
    if any(file.has_changed for file in files):
        draw_html(alert_html(t("deposit.changed")))
        return
    messages = [
        message
        for file in sorted(files, key=_order)
        if file.report is not None
        # Files that need no comment are stored without one.
        for message in [file.view.store(file.report.summary, choice, comment if file.needs_comment else None)]
        if message is not None
    ]
    if messages:
        draw_html(join(messages))
    else:
        st.rerun()


def _order(file: ExaminedFile) -> int:
    dataset = file.report.summary.dataset if file.report else None
    return IN_ORDER.index(dataset) if dataset in IN_ORDER else len(IN_ORDER)
