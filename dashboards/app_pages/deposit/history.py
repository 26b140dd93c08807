"""The history of deposits, newest first: each with its verdict, its file, its receipt and a form to withdraw it."""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.deposit.campaign import DepositChoice
from dashboards.app_pages.deposit.impact import removed_figures_html
from dashboards.app_pages.deposit.receipt import receipt_html, receipt_json
from dashboards.app_pages.page_context import PageContext
from dashboards.components.approvals import APPROVAL_SIGNS, approval_label, decisions_html
from dashboards.components.draw import draw_html
from dashboards.components.html import NO_HTML, details, heading, join, markup, pictogram
from dashboards.web.logging_setup import log_fields
from dashboards.wording.finding_messages import message_sentence
from dashboards.wording.formatting import format_moment
from dashboards.wording.translations import Translator
from indicators.errors import StoreError, UnknownError
from indicators.queries.deposits.approvals import Approval, find_approval
from indicators.queries.deposits.deposit_history import (
    DepositEntry,
    RestoredDeposit,
    deposit_history,
    lost_by_withdrawal,
    restored_by_withdrawal,
    retracted_figures,
)
from indicators.snapshot import Snapshot
from indicators.store.deposits import Receipt, read_content, withdraw
from schemas.findings import Finding, Severity

LOG: Final = logging.getLogger(__name__)
MAX_LISTED_DEPOSITS: Final = 30
"""Deposits listed on the page; the command line lists all."""
MAX_UNFOLDED_DEPOSITS: Final = 6
"""Deposits shown unfolded."""
DEPOSIT_PARAM: Final = "depot"


def render_history(context: PageContext, choice: DepositChoice) -> None:
    """Render the newest deposits of the chosen structure or of all, and the details of the selected one.

    A depositor finds the deposits that hold rows of their own structures only: a file is given back whole.
    """
    t = context.t
    structure = choice.structure
    with context.app_state.network.snapshot() as snapshot:
        entries = deposit_history(snapshot, structure.id if structure else None, MAX_LISTED_DEPOSITS + 1, choice.own)
        title = t("history.of", name=structure.name) if structure else t("history.title")
        if not entries:
            draw_html(
                heading(2, title) + markup("<p>{}</p>", t("history.none" if choice.own is None else "history.none.own"))
            )
            return
        removed = retracted_figures(snapshot, [each.receipt.deposit for each in entries[:MAX_LISTED_DEPOSITS]])
        removed_counts = dict(removed.group_by("deposit").len().iter_rows())
        approvals = _find_approvals(snapshot, entries[:MAX_LISTED_DEPOSITS])
        draw_html(heading(2, title, t("history.order")) + _list_html(context, entries, removed_counts, approvals))
        _render_details(context, snapshot, {each.receipt.deposit: each for each in entries[:MAX_LISTED_DEPOSITS]})


def listed_deposits_html(context: PageContext, snapshot: Snapshot, entries: Sequence[DepositEntry]) -> Markup:
    """Return a short list of deposits."""
    approvals = _find_approvals(snapshot, entries)
    items = (_item_html(context, each, 0, approvals.get(each.receipt.deposit)) for each in entries)
    return markup('<ol class="deposits">{}</ol>', join(items))


def _find_approvals(snapshot: Snapshot, entries: Sequence[DepositEntry]) -> Mapping[str, Approval | None]:
    """Return the approvals of those deposits that are subject to one, by their ids."""
    ids = [each.receipt.deposit for each in entries if each.receipt.eyes is not None]
    return {deposit: find_approval(snapshot, deposit) for deposit in ids}


def _list_html(
    context: PageContext,
    entries: Sequence[DepositEntry],
    removed_counts: Mapping[str, int],
    approvals: Mapping[str, Approval | None],
) -> Markup:
    """Return the list of deposits, older ones folded; `removed_counts` are the figures each removed from force."""
    t, listed = context.t, entries[:MAX_LISTED_DEPOSITS]
    items = [
        _item_html(context, each, removed_counts.get(each.receipt.deposit, 0), approvals.get(each.receipt.deposit))
        for each in listed
    ]
    html = markup('<ol class="deposits">{}</ol>', join(items[:MAX_UNFOLDED_DEPOSITS]))
    if folded_items := items[MAX_UNFOLDED_DEPOSITS:]:
        truncation_note = (
            markup('<p class="under">{}</p>', t("history.more", count=MAX_LISTED_DEPOSITS))
            if len(entries) > MAX_LISTED_DEPOSITS
            else ""
        )
        html += details(
            t("history.older", count=len(folded_items)),
            markup('<ol class="deposits">{}</ol>{}', join(folded_items), truncation_note),
        )
    return html


def _item_html(context: PageContext, entry: DepositEntry, removed_count: int, approval: Approval | None) -> Markup:
    """Return a deposit in the list: file, state, moment, rows, author, comment, and the decisions on it."""
    t, receipt, withdrawal = context.t, entry.receipt, entry.withdrawal
    sign = "absent" if withdrawal else "met"
    state = _state_label(entry, t)
    if approval and not withdrawal:
        sign = APPROVAL_SIGNS[approval.state]
        state = approval_label(approval, t)
    metadata = (
        format_moment(context.local(receipt.submitted_at), t),
        t(f"dataset.{receipt.dataset}"),
        t("history.counted", count=receipt.rows_accepted),
        *([t("history.taken_away", count=removed_count)] if removed_count else []),
        context.author_label(receipt.author),
    )
    comment = markup("<p>{}</p>", t("history.said", comment=receipt.comment)) if receipt.comment else ""
    name = _file_name(receipt, t)
    return markup(
        '<li class="{}"><p>{} <strong>{}</strong> <span class="state">{}</span></p><p class="aside">{}</p>{}{}{}</li>',
        "taken" if withdrawal else "kept",
        pictogram(sign),
        name,
        state,
        join(metadata, " · "),
        comment,
        decisions_html(context.named_decisions(approval.decisions), t) if approval else NO_HTML,
        _withdrawal_html(context, entry),
    )


def _file_name(receipt: Receipt, t: Translator) -> str:
    """Return the name of a deposit's file, or a label for an erased one."""
    return receipt.file_name or t("history.erased")


def _state_label(entry: DepositEntry, t: Translator) -> str:
    if entry.withdrawal:
        return t("history.withdrawn")
    return t("history.confirmed" if entry.confirmed else "history.accepted")


def _withdrawal_html(context: PageContext, entry: DepositEntry) -> Markup:
    """Return when, by whom and why a deposit was withdrawn."""
    t = context.t
    if entry.withdrawal is None:
        return NO_HTML
    moment = format_moment(context.local(entry.withdrawal.submitted_at), t)
    author, reason = context.author_label(entry.withdrawal.author), entry.withdrawal.reason
    sentence = t("history.taken", moment=moment, author=author, because=reason)
    return markup("<p>{}</p>", sentence)


def _render_details(context: PageContext, snapshot: Snapshot, entries: dict[str, DepositEntry]) -> None:
    """Render the choice of one deposit, its downloads and the form to withdraw it."""
    t = context.t
    with st.container(horizontal=True, key="choices-deposit", vertical_alignment="bottom"):
        deposit_id = context.choose(
            DEPOSIT_PARAM, t("history.choose"), list(entries), lambda code: _entry_label(context, entries[code])
        )
    if deposit_id is None:
        return
    entry = entries[deposit_id]
    removed = retracted_figures(snapshot, [entry.receipt.deposit])
    removed_html = removed_figures_html(
        removed, snapshot.structures, snapshot.catalogue, t("receipt.taken_away", count=removed.height), t
    )
    if removed_html:
        draw_html(removed_html)
    _render_downloads(context, snapshot, entry.receipt, removed)
    if entry.withdrawal is None:
        draw_html(
            _consequences_html(context, restored_by_withdrawal(snapshot, entry.receipt))
            + _losses_html(snapshot, entry.receipt, t)
        )
        _render_withdrawal(context, entry.receipt)
    else:
        draw_html(_withdrawal_html(context, entry))


def _entry_label(context: PageContext, entry: DepositEntry) -> str:
    moment = format_moment(context.local(entry.receipt.submitted_at), context.t)
    return f"{moment} · {_file_name(entry.receipt, context.t)}"


def _losses_html(snapshot: Snapshot, receipt: Receipt, t: Translator) -> Markup:
    """Return the figures that a withdrawal would remove, with their values."""
    removed = lost_by_withdrawal(snapshot, receipt.deposit)
    return removed_figures_html(
        removed, snapshot.structures, snapshot.catalogue, t("withdraw.lost", count=removed.height), t
    )


def _render_downloads(context: PageContext, snapshot: Snapshot, receipt: Receipt, removed: pl.DataFrame) -> None:
    """Draw the download buttons of the original file and the receipt."""
    receipt = context.named(receipt)
    t, lake = context.t, context.app_state.network.lake
    name = f"{t('receipt.file_name')}-{receipt.deposit[:8]}"
    with st.container(horizontal=True, key="deposit files of history"):
        if not receipt.is_erased:
            context.offer_download(
                t("history.original"),
                partial(read_content, lake, receipt.deposit),
                receipt.file_name or receipt.deposit,
                "application/octet-stream",
                "past history.original",
                holds_management=True,
            )
        printed = partial(receipt_html, receipt, removed, snapshot.structures, snapshot.catalogue, t)
        context.offer_download(t("receipt.html"), printed, f"{name}.html", "text/html", "past receipt.html")
        written = partial(receipt_json, receipt, removed)
        context.offer_download(t("receipt.json"), written, f"{name}.json", "application/json", "past receipt.json")


def _consequences_html(context: PageContext, restored_measures: Sequence[RestoredDeposit]) -> Markup:
    """Return what would be in force again if the deposit were withdrawn."""
    t, sentences = context.t, []
    for restored_measure in restored_measures:
        if restored_measure.submitted_at is None:
            sentences.append(t("withdraw.nothing", count=restored_measure.keys))
        else:
            moment = format_moment(context.local(restored_measure.submitted_at), t)
            sentences.append(
                t("withdraw.former", count=restored_measure.keys, file=restored_measure.file_name, moment=moment)
            )
    if not sentences:
        return markup("<p>{}</p>", t("withdraw.without"))
    items = join(markup("<li>{}</li>", line) for line in sentences)
    return markup('<div class="due"><p>{}</p><ul>{}</ul></div>', t("withdraw.would"), items)


def _render_withdrawal(context: PageContext, receipt: Receipt) -> None:
    """Render the withdrawal form and withdraw the deposit, with a reason."""
    t = context.t
    reason = st.text_input(t("withdraw.reason"), key=f"withdrawal {receipt.deposit}", max_chars=300)
    if not st.button(t("withdraw.do"), key=f"withdraw {receipt.deposit}"):
        return
    if not reason.strip():
        draw_html(_alert_html(t("withdraw.reason.missing")))
        return
    try:
        withdraw(
            context.app_state.network.lake,
            receipt.deposit,
            reason.strip(),
            context.author,
            context.app_state.clock.now(),
        )
    except UnknownError:
        draw_html(_alert_html(t("withdraw.already")))
        return
    except StoreError:
        LOG.exception("withdrawal of %s", receipt.deposit)
        draw_html(_alert_html(message_sentence(Finding("S01", Severity.BLOCKING), t)))
        return
    LOG.info("deposit withdrawn", extra=log_fields(deposit=receipt.deposit))
    st.rerun()


def _alert_html(sentence: str) -> Markup:
    return markup('<div class="notice" role="alert"><p>{}</p></div>', sentence)
