"""The page `/instances`: the bodies that meet, what was due, held and missed, what was decided, what comes next."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.registers.choice import (
    RegisterChoice,
    draw_register_choice,
    read_register_choice,
    sections_html,
)
from dashboards.app_pages.registers.list_downloads import draw_list_downloads
from dashboards.app_pages.registers.meeting_calendar import draw_calendar
from dashboards.app_pages.registers.meeting_tables import bodies_html, by_structure, meetings_html, structures_html
from dashboards.app_pages.registers.row_page import ROW_PARAM, draw_row, new_rows_html
from dashboards.components.draw import draw_html
from dashboards.components.html import heading, markup
from indicators.csv_files import CellValue
from indicators.definitions.perimeters import slug
from indicators.queries.registers.meetings import BodyOfYear, find_bodies, find_meetings, meeting_years
from indicators.snapshot import Snapshot
from schemas.bodies import BODIES
from schemas.meetings import MEETINGS

YEAR_PARAM: Final = "annee"
ROWS_PER_PAGE: Final = 50
MAX_DOWNLOADED_MEETINGS: Final = 100_000
EDITED_DATASETS: Final = (MEETINGS, BODIES)
"""Datasets of which rows are written on the page."""
LIST_COLUMNS: Final = ("structure", "instance", "prevue_le", "tenue_le", "etat", "presents", "decisions", "actions")


def render(context: PageContext) -> None:
    """Render the bodies and meetings of a perimeter in a year."""
    t = context.t
    draw_html(heading(1, t("page.instances"), t("instances.intro")))
    # A row is changed upon its newest version.
    with context.app_state.network.snapshot(newest=ROW_PARAM in context.params) as snapshot:
        if not snapshot.structures.by_id:
            draw_html(context.empty_state("empty.structures"))
            return
        choice = read_register_choice(context, snapshot)
        draw_html(sections_html(context, choice))
        structures = sorted(choice.structures)
        years = meeting_years(snapshot, structures, context.today)
        year = _chosen_year(context, years)
        with st.container(horizontal=True, key="choices-register"):
            draw_register_choice(context, choice)
            if len(years) > 1:
                _choose_year(context, years, year)
        if draw_row(context, snapshot, choice, EDITED_DATASETS):
            return
        draw_html(new_rows_html(context, snapshot, choice, EDITED_DATASETS))
        if not years:
            draw_html(context.empty_state("instances.empty"))
            return
        bodies = find_bodies(snapshot, structures, year, context.today)
        draw_html(heading(2, t("instances.of", name=_capital(choice.name), year=year), _summary(context, bodies)))
        if choice.structure is None:
            _render_structures(context, snapshot, choice, bodies, year)
        else:
            _render_structure(context, snapshot, choice.structure, bodies, year)
        _draw_downloads(context, snapshot, choice, structures, year)


def _render_structures(
    context: PageContext, snapshot: Snapshot, choice: RegisterChoice, bodies: Sequence[BodyOfYear], year: int
) -> None:
    """Draw a row for each structure, and how many declared nothing."""
    declared = {structure for structure, _ in by_structure(snapshot.structures, bodies)}
    open_ones = [name for name in choice.structures if snapshot.structures[name].closed_on is None]
    if bodies:
        draw_html(structures_html(context, snapshot.structures, bodies, year))
    silent = sum(name not in declared for name in open_ones)
    if silent:
        draw_html(markup('<p class="aside">{}</p>', context.t("instances.silent", count=silent)))


def _render_structure(
    context: PageContext, snapshot: Snapshot, structure: str, bodies: Sequence[BodyOfYear], year: int
) -> None:
    """Draw the bodies of a structure, its meetings page by page, and the ways to a calendar."""
    t, today = context.t, context.today
    if bodies:
        draw_html(bodies_html(context, snapshot, bodies, year))
    draw_html(heading(2, t("instances.meetings")))
    page = find_meetings(snapshot, (structure,), year, today, 0, ROWS_PER_PAGE)
    if page.total:
        placeholder = st.empty()
        first = context.paginate(ROWS_PER_PAGE, page.total)
        if first:
            page = find_meetings(snapshot, (structure,), year, today, first, ROWS_PER_PAGE)
        draw_html(meetings_html(context, snapshot, page.meetings, year), placeholder)
    else:
        draw_html(markup("<p>{}</p>", t("instances.meetings.none")))
    draw_calendar(context, structure)


def _summary(context: PageContext, bodies: Sequence[BodyOfYear]) -> str:
    """Return in one sentence how many of the meetings due by now were held."""
    due, held = sum(body.owed_by_now for body in bodies), sum(body.held for body in bodies)
    return context.t("instances.summary", held=held, count=due) if due else context.t("instances.summary.none")


def _chosen_year(context: PageContext, years: Sequence[int]) -> int:
    """Return the year of the address if there is something of it, else the newest."""
    wanted = context.params.get(YEAR_PARAM, "")
    return next((year for year in years if str(year) == wanted), years[0] if years else context.today.year)


def _choose_year(context: PageContext, years: Sequence[int], year: int) -> None:
    context.with_params(**{YEAR_PARAM: str(year)}).choose(
        YEAR_PARAM, context.t("choose.year"), [str(each) for each in years], str, default=str(year), clears=("page",)
    )


def _draw_downloads(
    context: PageContext, snapshot: Snapshot, choice: RegisterChoice, structures: Sequence[str], year: int
) -> None:
    t = context.t

    def rows() -> list[Sequence[CellValue]]:
        with context.app_state.network.snapshot() as current:
            found = find_meetings(current, structures, year, context.today, 0, MAX_DOWNLOADED_MEETINGS)
        return [
            (
                *(meeting.structure, meeting.body, meeting.planned_on, meeting.held_on),
                *(t(f"instances.state.{meeting.state}"), meeting.present_roles, meeting.decisions),
                t("list.separator").join(meeting.actions),
            )
            for meeting in found.meetings
        ]

    if find_meetings(snapshot, structures, year, context.today, 0, 1).total:
        draw_list_downloads(context, LIST_COLUMNS, rows, f"instances-{slug(choice.perimeter.code)}-{year}")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
