"""The page `/participation`: who was invited and came, and what became of what was asked for."""

from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.page_context import PAGE_PARAM, PageContext
from dashboards.app_pages.registers import occasions, voice_loop
from dashboards.app_pages.registers.choice import (
    RegisterChoice,
    draw_register_choice,
    read_register_choice,
    sections_html,
)
from dashboards.app_pages.registers.row_page import ROW_PARAM, draw_row, new_rows_html
from dashboards.components.draw import draw_html
from dashboards.components.html import heading, link, notice
from indicators.definitions.roles import Right
from indicators.errors import UnknownError
from indicators.queries.registers.participation import RegisterScope, register_years
from indicators.snapshot import Snapshot
from schemas.participation import PARTICIPATION
from schemas.requests import REQUESTS

YEAR_PARAM: Final = "annee"
PART_PARAM: Final = "partie"
VOICE_LOOP: Final = "demandes"
FILTER_PARAMS: Final = (PAGE_PARAM, *occasions.FILTER_PARAMS, *voice_loop.FILTER_PARAMS)


def render(context: PageContext) -> None:
    """Render the occasions or the requests of a perimeter in a year."""
    t = context.t
    draw_html(heading(1, t("page.participation"), t("participation.intro")))
    # A row is changed upon its newest version.
    with context.app_state.network.snapshot(newest=ROW_PARAM in context.params) as snapshot:
        if not snapshot.structures.by_id:
            draw_html(context.empty_state("empty.structures"))
            return
        choice = read_register_choice(context, snapshot)
        draw_html(sections_html(context, choice))
        years = register_years(snapshot, choice.structures)
        year = _chosen_year(context, years)
        _draw_choices(context, choice, years, year)
        if draw_row(context, snapshot, choice, (PARTICIPATION, REQUESTS)):
            return
        is_voice_loop = context.params.get(PART_PARAM) == VOICE_LOOP
        draw_html(new_rows_html(context, snapshot, choice, (REQUESTS if is_voice_loop else PARTICIPATION,)))
        if year is None:
            draw_html(_empty_html(context, snapshot, choice))
            return
        scope = RegisterScope.of_year(choice.structures, year)
        draw = voice_loop.draw if is_voice_loop else occasions.draw
        draw(context, snapshot, choice, scope)


def _chosen_year(context: PageContext, years: list[int]) -> int | None:
    """Return the year of the address, else the newest of which the registers speak; null if they are empty."""
    code = context.params.get(YEAR_PARAM)
    if code is None:
        return years[0] if years else None
    if code not in map(str, years):
        raise UnknownError("period", code)
    return int(code)


def _draw_choices(context: PageContext, choice: RegisterChoice, years: list[int], year: int | None) -> None:
    t = context.t
    with st.container(horizontal=True, key="choices", vertical_alignment="bottom"):
        draw_register_choice(context, choice)
        if year is not None:
            context.choose(
                YEAR_PARAM, t("participation.year"), [*map(str, years)], str, default=str(year), clears=FILTER_PARAMS
            )
            parts = {"": t("participation.occasions"), VOICE_LOOP: t("participation.requests")}
            context.segmented(PART_PARAM, t("participation.part"), parts, clears=FILTER_PARAMS)


def _empty_html(context: PageContext, snapshot: Snapshot, choice: RegisterChoice) -> Markup:
    may_deposit = context.visitor.may(Right.DEPOSIT, choice.perimeter, snapshot.structures)
    links = [link(context.link("deposer"), context.t("empty.deposit"))] if may_deposit else []
    return notice(context.t("participation.none", name=choice.name), *links)
