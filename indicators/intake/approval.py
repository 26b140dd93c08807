"""A decision on a deposit that waits for approval: its comment is checked, then it is stored or refused as a value."""

from dataclasses import replace
from enum import StrEnum

from indicators.intake.rules.personal_data import holds_personal_data
from indicators.store.approvals import Decision, DecisionRefusal, DecisionVerdict, NewDecision, store_decision
from indicators.store.lake import Lake


class CommentProblem(StrEnum):
    """Why the comment of a decision cannot be kept: nothing is stored."""

    MISSING = "comment_missing"
    """Who sends a deposit back says why."""
    PERSONAL_DATA = "comment_personal"


def decide(lake: Lake, new: NewDecision) -> Decision | DecisionRefusal | CommentProblem:
    """Approve a deposit or send it back; a repeated id stores nothing twice."""
    comment = (new.comment or "").strip() or None
    if new.verdict is DecisionVerdict.SENT_BACK and comment is None:
        return CommentProblem.MISSING
    if comment and holds_personal_data(comment):
        return CommentProblem.PERSONAL_DATA
    return store_decision(lake, replace(new, comment=comment))
