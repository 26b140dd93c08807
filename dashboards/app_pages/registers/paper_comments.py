"""Comments in the sections of a paper: what holds, its past, and the form of those who may write.

Nothing is silently overwritten: whoever saves after somebody else reads the other text first, and decides.
"""

import logging
from collections.abc import Sequence
from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.registers.open_paper import OpenPaper
from dashboards.components.draw import draw_html
from dashboards.components.html import details, heading, join, markup
from dashboards.web.logging_setup import log_fields
from dashboards.wording.finding_messages import message_sentence
from dashboards.wording.formatting import format_moment
from indicators.errors import StoreError
from indicators.intake.papers import PaperCommentRefusal, comment_paper
from indicators.store.papers import PaperComment, new_paper_record_id, newest_comment
from schemas.findings import Finding, Severity

LOG: Final = logging.getLogger(__name__)
SECTION_PARAM: Final = "rubrique"
OUTCOME_KEY: Final = "outcome of a paper comment"
"""What the session says of the last comment, until the page is drawn."""


def render_comments(context: PageContext, opened: OpenPaper) -> None:
    """Render the form of one section, for those who may write, and every version of its comment."""
    t = context.t
    titles = {section.key: section.title for section in opened.paper.sections if section.takes_comments}
    draw_html(heading(2, t("paper.comments"), t("paper.comments.intro")))
    if outcome := st.session_state.pop(OUTCOME_KEY, None):
        draw_html(markup('<div class="notice" role="alert"><p>{}</p></div>', outcome))
    with st.container(horizontal=True, key="choices-section", vertical_alignment="bottom"):
        section = context.choose(
            SECTION_PARAM, t("paper.comments.section"), list(titles), titles.__getitem__, default=next(iter(titles))
        )
    if section not in titles:
        return
    versions = [comment for comment in opened.comments if comment.section == section]
    if opened.may_edit:
        _render_form(context, opened, section, newest_comment(opened.comments, section))
    if versions:
        draw_html(_history_html(context, versions))


def _render_form(context: PageContext, opened: OpenPaper, section: str, newest: PaperComment | None) -> None:
    """Render the text of a section to write in; what was typed stays until it is stored."""
    t, key = context.t, opened.choice.key
    names = f"{key.paper} {key.perimeter} {key.sitting} {section}"
    text_key, seen_key = f"comment text {names}", f"comment seen {names}"
    newest_id, newest_text = (newest.comment, newest.text or "") if newest else ("", "")
    state = st.session_state
    seen = state.setdefault(seen_key, newest_id)
    before = next((comment.text or "" for comment in opened.comments if comment.comment == seen), "")
    if seen != newest_id and state.get(text_key, before) == before:
        # Nothing was typed since: the newer text takes the place of the older.
        seen = state[seen_key] = newest_id
        state[text_key] = newest_text
    state.setdefault(text_key, newest_text)
    if newest and newest_text != state[text_key] and newest.author != context.author:
        draw_html(markup('<p class="aside">{}</p>', _theirs(context, newest)))
    id_ = state.setdefault(f"comment id {names} {seen}", new_paper_record_id())
    with st.form(f"comment {names}", border=False):
        text = st.text_area(t("paper.comments.text"), key=text_key, height=140)
        saves = st.form_submit_button(t("paper.comments.save"), type="primary")
    if not saves:
        return
    new = PaperComment(id_, 0, context.app_state.clock.now(), context.author, key, section, text)
    state[OUTCOME_KEY], state[seen_key] = _store(context, new, seen, newest_id)
    st.rerun()


def _store(context: PageContext, new: PaperComment, seen: str, newest_id: str) -> tuple[str, str]:
    """Store a comment; return the sentence of what came of it, and the comment that its author has seen by now."""
    t = context.t
    try:
        found = comment_paper(context.app_state.network.lake, new, seen or None)
    except StoreError:
        LOG.exception("comment of a paper")
        return message_sentence(Finding("S01", Severity.BLOCKING), t), seen
    match found:
        case PaperComment():
            LOG.info("paper commented", extra=log_fields(comment=found.comment, section=found.section))
            return t("paper.comments.stored"), found.comment
        case PaperCommentRefusal.CHANGED:
            return t("paper.comments.changed"), newest_id
        case refusal:
            return t(f"paper.comments.{refusal}"), seen


def _theirs(context: PageContext, comment: PaperComment) -> str:
    t = context.t
    return t(
        "paper.comments.theirs",
        author=context.author_label(comment.author),
        moment=format_moment(context.local(comment.written_at), t),
        text=comment.text or t("paper.comments.removed"),
    )


def _history_html(context: PageContext, versions: Sequence[PaperComment]) -> Markup:
    """Return every version of a section's comment, folded, the newest first."""
    t = context.t
    items = join(
        markup(
            "<li>{}</li>",
            t(
                "paper.comments.version",
                author=context.author_label(comment.author),
                moment=format_moment(context.local(comment.written_at), t),
                text=comment.text or t("paper.comments.removed"),
            ),
        )
        for comment in reversed(versions)
    )
    summary = t("paper.comments.history", count=len(versions))
    return details(summary, markup('<div class="changes"><ul>{}</ul></div>', items))
