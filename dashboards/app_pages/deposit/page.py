"""The deposit page: choose what is collected, fill a template, drop files, read what is said, confirm, take back."""

import streamlit as st

from dashboards.app_pages.deposit.campaign import choose, collection
from dashboards.app_pages.deposit.history import history
from dashboards.app_pages.deposit.templates import templates
from dashboards.app_pages.deposit.upload import uploaded
from dashboards.app_pages.page_context import Visit
from dashboards.components.html import heading, text


def page(visit: Visit) -> None:
    """Draw the choice and what is due for it, the templates, the files and what becomes of them, the history."""
    words = visit.words
    st.html(heading(1, words("deposit.title"), text(words("deposit.intro"))))
    with visit.house.network.reading() as reading:
        choice = choose(visit, reading)
        st.html(collection(visit, reading, choice))
        templates(visit, choice)
    st.html(heading(2, words("deposit.drop")))
    for file in uploaded(visit):
        file.show(choice)
    history(visit, choice)
