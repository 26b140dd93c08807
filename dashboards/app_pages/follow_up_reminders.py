"""Reminders by hand, on the page of the follow-up: to whom, read before they are sent, once a day and person."""

from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.components.draw import draw_html
from dashboards.components.html import NO_HTML, heading, join, markup
from dashboards.mails.letters import Letter
from dashboards.mails.planning import reminders
from dashboards.mails.sending import send_queue, write_letter
from indicators.accounts.mail_queue import known_keys, queue_mails
from indicators.accounts.members import correspondents
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.periods import Period
from indicators.snapshot import Snapshot

MAX_NAMED: Final = 12
"""Structures that are named; the rest is counted."""


def render_reminders(context: PageContext, snapshot: Snapshot, perimeter: Perimeter, quarter: Period) -> None:
    """Render whom a reminder would reach, its text, and the button that sends it."""
    t, state = context.t, context.app_state
    accounts = state.network.accounts
    stage = f"by-hand-{context.today.isoformat()}"
    found = reminders(snapshot, accounts, context.today, quarter, perimeter, stage)
    draw_html(heading(2, t("remind.title")))
    if not found:
        draw_html(markup("<p>{}</p>", t("remind.nobody")))
        return
    names = sorted({snapshot.structures[name].name for mail in found for name in mail.facts["structures"]})
    listed = t("list.separator").join(names[:MAX_NAMED]) + (" …" if len(names) > MAX_NAMED else "")
    draw_html(markup("<p>{}</p>", t("remind.whom", count=len(found), names=listed)))
    reader = correspondents(accounts)[found[0].person]
    letter = write_letter(state.network, found[0], reader, state.site.url, state.clock)
    with st.expander(t("remind.preview")):
        draw_html(_preview_html(letter) if letter else NO_HTML)
    server = state.sign_in.mail_server if state.sign_in else None
    known = known_keys(accounts, [mail.key for mail in found])
    new = [mail for mail in found if mail.key not in known]
    if server is None or not new:
        draw_html(markup("<p>{}</p>", t("remind.no_server" if server is None else "remind.today")))
        return
    if st.button(t("remind.send"), key="remind", type="primary"):
        queue_mails(accounts, new, state.clock.now())
        result = send_queue(state.network, server, state.site.url, state.clock, [mail.key for mail in new])
        state.record_reminders(context.visitor, perimeter, quarter, result.sent)
        key = "remind.failed" if result.failed else "remind.sent"
        draw_html(markup('<div class="notice" role="status"><p>{}</p></div>', t(key, count=result.sent)))


def _preview_html(letter: Letter) -> Markup:
    """Return a letter as its reader finds it, without the links."""
    lines = join(markup("<p>{}</p>", each) for each in letter.paragraphs)
    names = join(markup("<li>{}</li>", each) for each in letter.items)
    return markup('<p><strong>{}</strong></p>{}<ul class="plain">{}</ul>', letter.subject, lines, names)
