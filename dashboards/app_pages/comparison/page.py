"""Comparison of structures for members: funnel plot, matrix of verdicts, or a structure with its peers. No ranking."""

from typing import Final

import streamlit as st

from dashboards.app_pages.comparison import funnel, matrix, peers
from dashboards.app_pages.comparison.filters import MATRIX_DISPLAY, PEERS_DISPLAY, parse_params
from dashboards.app_pages.error_handling import fragment
from dashboards.app_pages.page_context import PageContext
from dashboards.components.draw import draw_html
from dashboards.components.html import heading
from indicators.queries.deposits.deliveries import reported_quarters
from indicators.snapshot import Snapshot

DISPLAYS: Final = {
    "": funnel.draw,
    MATRIX_DISPLAY: matrix.draw,
    PEERS_DISPLAY: peers.draw,
}
"""Render function of each display, by its value in the address; the first is the default."""


def render(context: PageContext) -> None:
    """Render the comparison of the address."""
    t = context.t
    draw_html(heading(1, t("compare.title"), t("compare.intro")))
    with context.app_state.network.snapshot() as snapshot:
        if not reported_quarters(snapshot):
            draw_html(context.empty_state("empty.measures" if snapshot.structures.by_id else "empty.structures"))
            return
        # Unknown values in the address are explained in place of the page.
        parse_params(context, snapshot)
        fragment(context, snapshot, _render_display)


def _render_display(context: PageContext, snapshot: Snapshot) -> None:
    """Render the choice of display and the display, as a fragment that reruns alone."""
    views = {name: context.t(f"compare.view.{name or 'entonnoir'}") for name in DISPLAYS}
    with st.container(horizontal=True, key="choices-display"):
        context.segmented("affichage", context.t("compare.view"), views, clears=("page",))
    DISPLAYS[parse_params(context, snapshot).display](context, snapshot)
