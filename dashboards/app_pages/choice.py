"""A choice of structures made in the address: `structures=un-atelier,une-regie`, and `nom=` if somebody names it.

The address holds all of it; who is signed in may save it under its name.
"""

from typing import Final

import streamlit as st

from dashboards.app_pages.page_context import NAME_SEPARATOR, PageContext
from dashboards.components.draw import draw_html
from dashboards.components.html import heading, notice
from indicators.definitions.perimeters import MAX_CHOSEN_STRUCTURES, Perimeter
from indicators.disclosure import is_read_whole
from indicators.queries.comparison.scope import sort_by_name
from indicators.queries.deposits.deliveries import reported_quarters
from indicators.snapshot import Snapshot

CHOICE_PARAM: Final = "structures"
NAME_PARAM: Final = "nom"
MAX_NAME_CHARS: Final = 80


def is_to_be_made(context: PageContext) -> bool:
    """Whether the address asks for a choice and names no structure yet."""
    return CHOICE_PARAM in context.params and not context.params[CHOICE_PARAM].strip(NAME_SEPARATOR)


def requested_choice(context: PageContext, snapshot: Snapshot) -> Perimeter | None:
    """Return the perimeter of the structures in the address, if any; an `UnknownError` for an unknown one."""
    if CHOICE_PARAM not in context.params:
        return None
    perimeter = Perimeter.of_choice(code.strip() for code in context.params[CHOICE_PARAM].split(NAME_SEPARATOR))
    snapshot.structures.members(perimeter)
    return perimeter


def given_name(context: PageContext) -> str:
    """Return the name that the address gives a choice; empty without one."""
    return " ".join(context.params.get(NAME_PARAM, "").split())[:MAX_NAME_CHARS]


def draw_empty(context: PageContext, snapshot: Snapshot) -> None:
    """Draw the page on which a choice is made."""
    t = context.t
    draw_html(heading(1, t("choice.title"), t("choice.intro", count=MAX_CHOSEN_STRUCTURES)))
    draw_fields(context, snapshot, ())
    if periods := reported_quarters(snapshot):
        with st.container(horizontal=True, key="choices", vertical_alignment="bottom"):
            context.choose_quarter(periods, context.selected_quarter(periods))
    if not is_read_whole(snapshot):
        draw_html(notice(t("choice.by_address")))


def draw_fields(context: PageContext, snapshot: Snapshot, chosen: tuple[str, ...]) -> None:
    """Draw the list of the structures chosen, and the name of the choice; both are written in the address.

    A large network has too many structures for a list: there the address says them.
    """
    t, key = context.t, f"choice {CHOICE_PARAM}"
    with st.container(key="choices-structures"):
        if is_read_whole(snapshot):
            structures = sort_by_name(snapshot, snapshot.structures.by_id.values())
            st.session_state[key] = [structure.id for structure in structures if structure.id in chosen]

            def write_params() -> None:
                st.query_params[CHOICE_PARAM] = NAME_SEPARATOR.join(st.session_state[key])

            st.multiselect(
                t("choice.structures"),
                [structure.id for structure in structures],
                format_func=lambda code: snapshot.structures[code].name,
                key=key,
                on_change=write_params,
                max_selections=MAX_CHOSEN_STRUCTURES,
                placeholder=t("choose.placeholder"),
            )
        if chosen:
            st.text_input(t("choice.name"), key=NAME_PARAM, bind="query-params", max_chars=MAX_NAME_CHARS)
            if context.visitor.person and not context.visitor.through:
                _draw_saving(context, context.visitor.person, Perimeter.of_choice(chosen))


def _draw_saving(context: PageContext, person: str, perimeter: Perimeter) -> None:
    """Draw the button that saves a choice under its name, for the desk of who saves it."""
    t, name = context.t, given_name(context)
    if not st.button(t("choice.save"), key="save choice", disabled=not name):
        return
    # Imported on first use: most choices are made by readers without an account.
    from indicators.accounts.saved_choices import SavedChoice, save_choice

    is_saved = save_choice(context.app_state.network.accounts, person, SavedChoice(name, perimeter))
    sentence = t("choice.saved", name=name) if is_saved else t("choice.too_many")
    draw_html(notice(sentence))
