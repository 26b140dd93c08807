"""Where a deposit stands that is subject to approval, and the decisions on it, as HTML."""

from collections.abc import Mapping, Sequence
from typing import Final

from markupsafe import Markup

from dashboards.components.html import join, markup
from dashboards.wording.formatting import format_moment
from dashboards.wording.translations import Translator
from indicators.queries.deposits.approvals import Approval
from indicators.store.approvals import ApprovalState, Decision

APPROVAL_SIGNS: Final[Mapping[ApprovalState, str]] = {
    ApprovalState.WAITING: "low",
    ApprovalState.SENT_BACK: "missed",
    ApprovalState.APPROVED: "met",
}


def approval_label(approval: Approval, t: Translator) -> str:
    """Return where a deposit stands, in a few words: « en attente d’approbation (1 sur 2) »."""
    if approval.state is ApprovalState.WAITING and approval.required > 1:
        return t("approval.waiting.of", given=len(approval.decisions), required=approval.required)
    return t(f"approval.{approval.state}")


def decisions_html(decisions: Sequence[Decision], t: Translator) -> Markup:
    """Return who decided what, when, and with which comment; empty without any decision."""
    sentences = [
        t(
            f"decision.made.{decision.verdict}{'.because' if decision.comment else ''}",
            author=decision.author,
            moment=format_moment(decision.decided_at, t),
            comment=decision.comment or "",
        )
        for decision in decisions
    ]
    return join(markup("<p>{}</p>", sentence) for sentence in sentences)
