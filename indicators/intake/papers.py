"""A comment in a paper: it is checked, then it is stored or refused as a value."""

from dataclasses import replace
from enum import StrEnum
from typing import Final

from indicators.intake.rules.names_of_persons import names_a_person
from indicators.intake.rules.personal_data import holds_personal_data
from indicators.store.lake import Lake
from indicators.store.papers import PaperComment, store_comment

MAX_COMMENT_CHARS: Final = 2_000


class PaperCommentRefusal(StrEnum):
    """Why a comment was not stored; what was typed stays where it was typed."""

    PERSONAL_DATA = "personal"
    """It holds a number or a mail address of a person."""
    NAME = "name"
    """It seems to name a person: a role does."""
    TOO_LONG = "too_long"
    CHANGED = "changed"
    """Somebody else wrote in the section since it was read."""


def comment_paper(lake: Lake, new: PaperComment, replaces: str | None) -> PaperComment | PaperCommentRefusal:
    """Write a comment in a section of a paper, or take it out (no text); a repeated id stores nothing twice.

    `replaces` is the id of the comment that its author had before them, if any.
    """
    text = (new.text or "").strip() or None
    if text and len(text) > MAX_COMMENT_CHARS:
        return PaperCommentRefusal.TOO_LONG
    if text and holds_personal_data(text):
        return PaperCommentRefusal.PERSONAL_DATA
    if text and names_a_person(text):
        return PaperCommentRefusal.NAME
    return store_comment(lake, replace(new, text=text), replaces) or PaperCommentRefusal.CHANGED
