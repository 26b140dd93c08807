"""What waits for approval or was sent back: the list, and the decision on one deposit by those who may approve it."""

import logging
from collections.abc import Sequence
from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.collection_choice import CollectionChoice
from dashboards.app_pages.deposit.impact import impact_html, public_changes_html
from dashboards.app_pages.page_context import PageContext
from dashboards.components.approvals import APPROVAL_SIGNS, approval_label, decisions_html
from dashboards.components.draw import draw_html
from dashboards.components.html import NO_HTML, details, heading, join, markup, pictogram
from dashboards.web.logging_setup import log_fields
from dashboards.wording.finding_messages import group_by_cause, group_sentence, message_sentence
from dashboards.wording.formatting import format_moment
from dashboards.wording.translations import Translator
from indicators.definitions.catalogue import Audience
from indicators.definitions.roles import Right
from indicators.errors import StoreError
from indicators.intake.approval import decide
from indicators.intake.impact import compute_waiting_impact
from indicators.queries.deposits.approvals import WaitingDeposit, find_recorded_findings, find_waiting_deposits
from indicators.snapshot import Snapshot
from indicators.store.approvals import ApprovalState, Decision, DecisionVerdict, NewDecision, new_decision_id
from schemas.findings import Finding, Severity

LOG: Final = logging.getLogger(__name__)
DEPOSIT_PARAM: Final = "depot"
MAX_COMMENT_CHARS: Final = 500
MAX_LISTED_DEPOSITS: Final = 200
MAX_NAMED_STRUCTURES: Final = 3
MAX_OPEN_FINDINGS: Final = 3
"""Causes shown unfolded."""
OUTCOME_KEY: Final = "outcome of a decision"
"""What the session says of the last decision, until the page is drawn."""


def render_waiting(context: PageContext, snapshot: Snapshot, choice: CollectionChoice) -> None:
    """Render the deposits of the perimeter that wait or were sent back, and the decision on the one of the address."""
    t = context.t
    seen = [each for each in find_waiting_deposits(snapshot) if may(context, snapshot, Right.SEE_WAITING, each)]
    members = set(snapshot.structures.members_on(choice.perimeter, choice.quarter.end))
    seen = [each for each in seen if not each.structures or members & set(each.structures)]
    outcome = st.session_state.pop(OUTCOME_KEY, None)
    if outcome:
        draw_html(markup('<div class="notice" role="alert"><p>{}</p></div>', t(f"decision.{outcome}")))
    if not seen:
        return
    items = join(_item_html(context, snapshot, each) for each in seen[:MAX_LISTED_DEPOSITS])
    draw_html(heading(2, t("waiting.title"), t("waiting.intro")) + markup('<ol class="deposits">{}</ol>', items))
    waiting = [each for each in seen if each.approval.state is ApprovalState.WAITING]
    to_decide = {each.approval.receipt.deposit: each for each in waiting if may(context, snapshot, Right.APPROVE, each)}
    if to_decide:
        _render_decision(context, snapshot, to_decide)


def may(context: PageContext, snapshot: Snapshot, right: Right, waiting: WaitingDeposit) -> bool:
    """Whether the visitor has a right on every structure of a deposit; on the network, for one of none."""
    if not waiting.structures:
        return context.visitor.may(right, context.perimeter, snapshot.structures)
    return all(
        perimeter.name in snapshot.structures.by_id and context.visitor.may(right, perimeter, snapshot.structures)
        for perimeter in waiting.perimeters
    )


def _item_html(context: PageContext, snapshot: Snapshot, waiting: WaitingDeposit) -> Markup:
    """Return a deposit in the list: file, state, structures, moment, author; why it was sent back."""
    t, receipt, state = context.t, context.named(waiting.approval.receipt), waiting.approval.state
    metadata = (
        _structures_label(snapshot, waiting.structures, t),
        format_moment(receipt.submitted_at, t),
        t(f"dataset.{receipt.dataset}"),
        t("history.counted", count=receipt.rows_accepted),
        receipt.author,
    )
    return markup(
        '<li class="{}"><p>{} <strong>{}</strong> <span class="state">{}</span></p><p class="aside">{}</p>{}</li>',
        "taken" if state is ApprovalState.SENT_BACK else "kept",
        pictogram(APPROVAL_SIGNS[state]),
        receipt.file_name or "",
        approval_label(waiting.approval, t),
        join(metadata, " · "),
        decisions_html(context.named_decisions(waiting.approval.decisions), t),
    )


def _structures_label(snapshot: Snapshot, structures: Sequence[str], t: Translator) -> str:
    names = [snapshot.structures[code].name for code in structures if code in snapshot.structures.by_id]
    named = t("list.separator").join(names[:MAX_NAMED_STRUCTURES])
    rest = len(names) - MAX_NAMED_STRUCTURES
    return t("waiting.more", names=named, count=rest) if rest > 0 else named or t("waiting.no_structure")


def _render_decision(context: PageContext, snapshot: Snapshot, to_decide: dict[str, WaitingDeposit]) -> None:
    """Render the choice of a deposit, its findings and its impact, and the two buttons."""
    t = context.t
    draw_html(heading(2, t("decide.title")))
    labels = {
        deposit: f"{_structures_label(snapshot, each.structures, t)} · {each.approval.receipt.file_name or ''}"
        for deposit, each in to_decide.items()
    }
    with st.container(horizontal=True, key="choices-decision", vertical_alignment="bottom"):
        deposit = context.choose(
            DEPOSIT_PARAM, t("decide.choose"), list(to_decide), labels.__getitem__, default=next(iter(to_decide))
        )
    if deposit not in to_decide:
        return
    waiting = to_decide[deposit]
    receipt = waiting.approval.receipt
    comment = markup("<p>{}</p>", t("history.said", comment=receipt.comment)) if receipt.comment else NO_HTML
    findings = _findings_html(find_recorded_findings(snapshot, deposit), t)
    draw_html(comment + findings + _impact_html(context, snapshot, waiting))
    _render_buttons(context, waiting)


def _findings_html(findings: Sequence[Finding], t: Translator) -> Markup:
    """Return the causes of the findings that were kept with the deposit, without the cells concerned."""
    sentences = [group_sentence(same[0], t) for same in group_by_cause(findings)]
    if not sentences:
        return markup("<p>{}</p>", t("decide.no_finding"))
    items = join(markup("<li>{}</li>", sentence) for sentence in sentences)
    list_html = markup('<div class="changes"><ul>{}</ul></div>', items)
    return details(t("decide.findings", count=len(sentences)), list_html, is_open=len(sentences) <= MAX_OPEN_FINDINGS)


def _impact_html(context: PageContext, snapshot: Snapshot, waiting: WaitingDeposit) -> Markup:
    """Return what the approval would change: what it counts, for management; what the public would read, for all."""
    impact, public = compute_waiting_impact(snapshot, waiting.approval.receipt, context.today)
    sees_all = bool(waiting.structures) and all(
        context.visitor.audience(perimeter, snapshot.structures).sees(Audience.MANAGEMENT)
        for perimeter in waiting.perimeters
    )
    changes = impact_html(context, impact) if sees_all else NO_HTML
    return changes + public_changes_html(public, snapshot.structures, context.t)


def _render_buttons(context: PageContext, waiting: WaitingDeposit) -> None:
    """Render the comment and the two buttons; a click is one decision, however often it is sent."""
    t, deposit = context.t, waiting.approval.receipt.deposit
    seen = len(waiting.approval.decisions)
    # Made before the click: the same click sent twice is the same decision.
    id_ = st.session_state.setdefault(f"decision {deposit} {seen}", new_decision_id())
    with st.form(f"decide {deposit}", border=False):
        comment = st.text_area(t("decide.comment"), max_chars=MAX_COMMENT_CHARS, height=100, key=f"why {deposit}")
        with st.container(horizontal=True, key="decision buttons"):
            approves = st.form_submit_button(t("decide.approve"), type="primary", key=f"approve {deposit}")
            sends_back = st.form_submit_button(t("decide.send_back"), key=f"send back {deposit}")
    if not (approves or sends_back):
        return
    verdict = DecisionVerdict.APPROVED if approves else DecisionVerdict.SENT_BACK
    new = NewDecision(id_, deposit, verdict, context.author, context.app_state.clock.now(), comment, seen)
    try:
        found = decide(context.app_state.network.lake, new)
    except StoreError:
        LOG.exception("decision on %s", deposit)
        draw_html(
            markup(
                '<div class="notice" role="alert"><p>{}</p></div>',
                message_sentence(Finding("S01", Severity.BLOCKING), t),
            )
        )
        return
    if isinstance(found, Decision):
        LOG.info("deposit decided upon", extra=log_fields(deposit=deposit, verdict=verdict.value))
    st.session_state[OUTCOME_KEY] = f"stored.{verdict}" if isinstance(found, Decision) else found.value
    st.rerun()
