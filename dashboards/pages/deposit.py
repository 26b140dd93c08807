"""The deposit page: choose what is collected, fill a template, drop files, read what is said, confirm, take back."""

import streamlit as st

from dashboards.markup import heading, text
from dashboards.pages.deposit_choice import choose, collection
from dashboards.pages.deposit_file import uploaded
from dashboards.pages.deposit_history import history
from dashboards.pages.deposit_template import templates
from dashboards.visit import Visit


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
