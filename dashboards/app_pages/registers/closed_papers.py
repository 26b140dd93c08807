"""Closed versions of a paper: closing it keeps its PDF byte for byte; each is listed and given back as it was kept."""

import logging
from collections.abc import Sequence
from functools import partial
from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.registers.open_paper import OpenPaper
from dashboards.app_pages.visitor_key import visitor_key
from dashboards.components.draw import draw_html
from dashboards.components.html import HtmlCell, heading, markup, table
from dashboards.downloads.chart_images import ImageError
from dashboards.papers.pdf import PDF_TYPE, paper_pdf
from dashboards.web.logging_setup import log_fields
from dashboards.wording.finding_messages import message_sentence
from dashboards.wording.formatting import format_moment
from indicators.definitions.catalogue import Audience
from indicators.errors import StoreError
from indicators.store.lake import Lake
from indicators.store.papers import ClosedPaper, new_paper_record_id, read_closed_content, store_closed_paper
from schemas.findings import Finding, Severity

LOG: Final = logging.getLogger(__name__)
OUTCOME_KEY: Final = "outcome of a closing"
"""What the session says of the last closing, until the page is drawn."""
MAX_OFFERED: Final = 6
"""Closed versions of which the page gives the PDF: the newest."""


def render_closings(context: PageContext, opened: OpenPaper) -> None:
    """Render the closed versions of a paper and, for those who may, the button that closes it as it stands."""
    t = context.t
    draw_html(heading(2, t("paper.close.title"), t("paper.close.intro")))
    if outcome := st.session_state.pop(OUTCOME_KEY, None):
        draw_html(markup('<div class="notice" role="alert"><p>{}</p></div>', outcome))
    if opened.closings:
        draw_html(_closings_html(context, opened.closings))
        _offer_closed(context, opened)
    else:
        draw_html(markup('<p class="aside">{}</p>', t("paper.close.none")))
    if opened.may_edit:
        _render_button(context, opened)


def _closings_html(context: PageContext, closings: Sequence[ClosedPaper]) -> Markup:
    t = context.t
    names = ("number", "moment", "author", "audience", "data", "digest")
    rows = [
        [
            HtmlCell(str(number), is_number=True),
            HtmlCell(format_moment(context.local(closing.closed_at), t)),
            HtmlCell(context.author_label(closing.author)),
            HtmlCell(t("paper.version.internal" if _is_internal(closing) else "paper.version.public")),
            HtmlCell(str(closing.data_version), is_number=True),
            HtmlCell(markup("<code>{}</code>", closing.sha256)),
        ]
        for number, closing in reversed(list(enumerate(closings, 1)))
    ]
    return table(t("paper.close.caption"), [t(f"paper.close.column.{name}") for name in names], rows)


def _offer_closed(context: PageContext, opened: OpenPaper) -> None:
    """Draw the buttons that give the newest closed versions back, byte for byte."""
    numbered = list(enumerate(opened.closings, 1))[-MAX_OFFERED:]
    with st.container(horizontal=True, key="closed"):
        for number, closing in reversed(numbered):
            name = opened.file_name.removesuffix(".pdf")
            context.offer_download(
                context.t("paper.close.download", number=number),
                partial(_read_content, context.app_state.network.lake, closing.closing),
                f"{name}-v{number}.pdf",
                PDF_TYPE,
                f"closed {closing.closing}",
                holds_management=_is_internal(closing),
            )


def _is_internal(closing: ClosedPaper) -> bool:
    return closing.audience == Audience.MANAGEMENT


def _read_content(lake: Lake, closing: str) -> bytes:
    with lake.cursor() as cursor:
        return read_closed_content(cursor, closing)


def _render_button(context: PageContext, opened: OpenPaper) -> None:
    """Render the button that closes the paper, if it still is what its reader has before them."""
    t, key, state = context.t, opened.choice.key, st.session_state
    names = f"{key.paper} {key.perimeter} {key.sitting} {opened.audience}"
    read = state.get(f"paper read {names}")
    state[f"paper read {names}"] = opened.paper.fingerprint
    # Made before the click: the same click sent twice is the same closing.
    id_ = state.setdefault(f"closing {names} {len(opened.closings)}", new_paper_record_id())
    if not st.button(t("paper.close"), key=f"close {names}"):
        return
    is_same = read == opened.paper.fingerprint
    state[OUTCOME_KEY] = _close(context, opened, id_) if is_same else t("paper.close.changed")
    st.rerun()


def _close(context: PageContext, opened: OpenPaper, id_: str) -> str:
    """Close the paper and return the sentence of what came of it."""
    t, now = context.t, context.app_state.clock.now()
    new = ClosedPaper(
        id_,
        0,
        now,
        context.author,
        opened.choice.key,
        opened.audience.value,
        t.language,
        opened.paper.title,
        opened.data_version,
        "",
    )
    try:
        content = paper_pdf(opened.paper, now, visitor_key())
        found = store_closed_paper(context.app_state.network.lake, new, content, len(opened.closings))
    except ImageError:
        LOG.exception("closing of a paper")
        return t("paper.close.busy")
    except StoreError:
        LOG.exception("closing of a paper")
        return message_sentence(Finding("S01", Severity.BLOCKING), t)
    if found is None:
        return t("paper.close.changed")
    LOG.info("paper closed", extra=log_fields(closing=found.closing, sha256=found.sha256))
    return t("paper.close.stored")
