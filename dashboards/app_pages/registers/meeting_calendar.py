"""The next meetings of a structure for one's own calendar: an address to subscribe to, or a file."""

import streamlit as st

from dashboards.app_pages.page_context import PageContext
from dashboards.components.draw import draw_html
from dashboards.components.html import heading, markup
from dashboards.downloads.calendar_file import CALENDAR_TYPE
from dashboards.web.calendar_feed import calendar_of, feed_path
from dashboards.wording.formatting import format_moment
from indicators.accounts.feeds import Feed, feed_made_at, make_feed, revoke_feed


def draw_calendar(context: PageContext, structure: str) -> None:
    """Draw the ways to a calendar: members have an address of their own, everybody here a file."""
    t, app_state = context.t, context.app_state
    draw_html(heading(2, t("instances.calendar"), t("instances.calendar.intro")))
    person = context.visitor.person
    if person and not context.visitor.through and app_state.sign_in is not None:
        _draw_feed(context, Feed(person, structure))

    # Made on click: the snapshot of the page is closed by then.
    def build() -> bytes:
        with app_state.network.snapshot() as current:
            return calendar_of(app_state, current, structure, context.language)

    with st.container(horizontal=True, key="calendar"):
        name = f"instances-{structure}.ics"
        context.offer_download(
            t("instances.calendar.file"), build, name, CALENDAR_TYPE, "calendar file", holds_management=True
        )


def _draw_feed(context: PageContext, feed: Feed) -> None:
    """Draw the member's address: when it was made, and the buttons that make a new one or take it back.

    An address is shown when it is made: only the digest of its secret is kept.
    """
    t, accounts, clock = context.t, context.app_state.network.accounts, context.app_state.clock
    secret: str | None = None
    with st.container(horizontal=True, key="choices-calendar", vertical_alignment="center"):
        is_made = feed_made_at(accounts, feed) is not None
        if st.button(t("instances.feed.renew" if is_made else "instances.feed.make"), key="feed make"):
            secret = make_feed(accounts, feed, clock.now())
        if is_made and st.button(t("instances.feed.revoke"), key="feed revoke", type="tertiary"):
            revoke_feed(accounts, feed, clock.now())
            st.rerun()
    if secret is not None:
        draw_html(markup('<p role="status">{}</p>', t("instances.feed.shown")))
        st.code(context.app_state.site.url + feed_path(feed.structure, secret), language=None, wrap_lines=True)
    elif made_at := feed_made_at(accounts, feed):
        draw_html(markup("<p>{}</p>", t("instances.feed.exists", moment=format_moment(context.local(made_at), t))))
