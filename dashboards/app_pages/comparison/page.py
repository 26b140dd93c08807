"""Comparison for delegates: structures as a funnel, as a matrix of readings, or beside their peers. No ranking."""

from typing import Final

import streamlit as st

from dashboards.app_pages.comparison import funnel as comparison_funnel
from dashboards.app_pages.comparison import matrix as comparison_matrix
from dashboards.app_pages.comparison import peers as comparison_peers
from dashboards.app_pages.comparison.filters import MATRIX, PEERS, read
from dashboards.app_pages.error_handling import part
from dashboards.app_pages.page_context import Visit
from dashboards.components.html import heading, text
from indicators.network import Reading
from indicators.queries.deposits.deliveries import quarters

DISPLAYS: Final = {
    "": comparison_funnel.draw,
    MATRIX: comparison_matrix.draw,
    PEERS: comparison_peers.draw,
}
"""What draws each display, by its word in the address; the first is the one of an address without any."""


def page(visit: Visit) -> None:
    """Draw the comparison of the address."""
    words = visit.words
    st.html(heading(1, words("compare.title"), text(words("compare.intro"))))
    with visit.house.network.reading() as reading:
        if not quarters(reading):
            st.html(visit.nothing("empty.measures" if reading.structures.by_id else "empty.structures"))
            return
        # What the address names and does not exist is said in place of the page.
        read(visit, reading)
        part(visit, reading, _display)


def _display(visit: Visit, reading: Reading) -> None:
    """Draw the choices and what they lead to: a choice draws this anew, and nothing round it."""
    views = {name: visit.words(f"compare.view.{name or 'entonnoir'}") for name in DISPLAYS}
    with st.container(horizontal=True, key="choices-display"):
        visit.switch("affichage", visit.words("compare.view"), views, instead_of=("page",))
    DISPLAYS[read(visit, reading).display](visit, reading)
