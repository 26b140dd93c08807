"""The page `/plan`: what was decided to be done in a year by axis, how far it is, and what it should lead to."""

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
from dashboards.app_pages.registers.plan_tables import (
    Objective,
    actions_html,
    axes_html,
    objectives_html,
    plan_year_name,
    structures_html,
    years_html,
)
from dashboards.app_pages.registers.row_page import ROW_PARAM, draw_row, new_rows_html
from dashboards.components.draw import draw_html
from dashboards.components.html import heading, markup
from indicators.csv_files import CellValue
from indicators.definitions.perimeters import Level, Perimeter, fold_case_and_accents, slug
from indicators.definitions.periods import Period
from indicators.queries.figures.series import read_series
from indicators.queries.registers.plan import PlanLine, PlanYear, find_plan_lines, plan_years
from indicators.snapshot import Snapshot
from schemas.plan import PLAN

YEAR_PARAM: Final = "annee"
LIST_COLUMNS: Final = (
    "structure", "annee", "axe", "engagement", "action", "texte", "pilote", "echeance", "faite_le", "etat", "motif",
    "accepte_jusqu_au", "indicateur",
)  # fmt: skip


def render(context: PageContext) -> None:
    """Render the plan of a year: of one structure its table, of a larger perimeter how far each structure is."""
    t = context.t
    draw_html(heading(1, t("page.plan"), t("plan.intro")))
    # A row is changed upon its newest version.
    with context.app_state.network.snapshot(newest=ROW_PARAM in context.params) as snapshot:
        if not snapshot.structures.by_id:
            draw_html(context.empty_state("empty.structures"))
            return
        choice = read_register_choice(context, snapshot)
        draw_html(sections_html(context, choice))
        structures = sorted(choice.structures)
        plans = plan_years(snapshot, structures)
        years = sorted({plan.year for plan in plans}, key=lambda year: Period.parse(year).start, reverse=True)
        year = _chosen_year(context, years)
        with st.container(horizontal=True, key="choices-register"):
            draw_register_choice(context, choice)
            if len(years) > 1:
                _choose_year(context, years, year)
        if draw_row(context, snapshot, choice, (PLAN,)):
            return
        draw_html(new_rows_html(context, snapshot, choice, (PLAN,)))
        if not years:
            draw_html(context.empty_state("plan.empty"))
            return
        of_year = [plan for plan in plans if plan.year == year]
        name = choice.name[:1].upper() + choice.name[1:]
        title = t("plan.of", name=name, year=plan_year_name(context, year))
        draw_html(heading(2, title, _summary(context, of_year)))
        if choice.structure is None:
            _render_structures(context, snapshot, choice, plans, year)
        else:
            _render_structure(context, snapshot, choice.structure, plans, year)
        _draw_downloads(context, choice, structures, year)


def _render_structure(
    context: PageContext, snapshot: Snapshot, structure: str, plans: Sequence[PlanYear], year: str
) -> None:
    """Draw the committee's table by axis, the objectives, and the years side by side."""
    t, perimeter = context.t, Perimeter(Level.STRUCTURE, structure)
    lines = find_plan_lines(snapshot, (structure,), year)
    if any(line.reference for line in lines):
        draw_html(axes_html(context, lines) + actions_html(context, lines, year))
    if objectives := _objectives(context, snapshot, perimeter, lines):
        draw_html(
            heading(2, t("plan.objectives"), t("plan.objectives.intro"))
            + objectives_html(context, perimeter, objectives)
        )
    if sum(plan.planned > 0 for plan in plans) > 1:
        draw_html(heading(2, t("plan.years")) + years_html(context, plans))


def _render_structures(
    context: PageContext, snapshot: Snapshot, choice: RegisterChoice, plans: Sequence[PlanYear], year: str
) -> None:
    """Draw how far each structure is, by name, and how many have no plan."""
    structures = snapshot.structures
    of_year = sorted(
        (plan for plan in plans if plan.year == year and plan.planned),
        key=lambda plan: fold_case_and_accents(structures[plan.structure].name),
    )
    previous = Period.parse(year).shifted(-1).code
    before = {plan.structure: plan for plan in plans if plan.year == previous}
    if of_year:
        draw_html(structures_html(context, structures, of_year, before, year))
    planning = {plan.structure for plan in plans if plan.year == year}
    silent = sum(structures[name].closed_on is None and name not in planning for name in choice.structures)
    if silent:
        draw_html(markup('<p class="aside">{}</p>', context.t("plan.silent", count=silent)))


def _objectives(
    context: PageContext, snapshot: Snapshot, perimeter: Perimeter, lines: Sequence[PlanLine]
) -> list[Objective]:
    """Return the commitments of a plan that indicators follow, with the newest figure of each for the reader."""
    audience = context.visitor.audience(perimeter, snapshot.structures)
    query, kind = context.query(snapshot, audience), snapshot.structures[perimeter.name].kind
    found = []
    for axis, commitment, name in dict.fromkeys((line.axis, line.commitment, line.indicator) for line in lines):
        sheet = snapshot.catalogue.indicators.get(name or "")
        if sheet is None or not sheet.applies_to(kind):
            continue
        figures = read_series(query, perimeter, sheet)
        found.append(Objective(axis, commitment, sheet, figures[-1] if figures else None))
    return sorted(found, key=lambda each: (fold_case_and_accents(each.axis), each.commitment, each.sheet.order))


def _summary(context: PageContext, plans: Sequence[PlanYear]) -> str:
    """Return in one sentence how many of the planned actions are done."""
    planned, done = sum(plan.planned for plan in plans), sum(plan.done for plan in plans)
    return context.t("plan.done", done=done, count=planned) if planned else context.t("plan.done.none")


def _chosen_year(context: PageContext, years: Sequence[str]) -> str:
    """Return the year of the address if there is a plan of it, else that of today, else the newest."""
    wanted = context.params.get(YEAR_PARAM, "")
    if wanted in years:
        return wanted
    current = (year for year in years if Period.parse(year).start <= context.today <= Period.parse(year).end)
    return next(current, years[0] if years else str(context.today.year))


def _choose_year(context: PageContext, years: Sequence[str], year: str) -> None:
    context.with_params(**{YEAR_PARAM: year}).choose(
        YEAR_PARAM, context.t("choose.year"), years, lambda code: plan_year_name(context, code), default=year
    )


def _draw_downloads(context: PageContext, choice: RegisterChoice, structures: Sequence[str], year: str) -> None:
    t, today = context.t, context.today

    def state(line: PlanLine) -> str | None:
        return t(f"plan.state.{line.state(today)}") if line.reference else None

    def rows() -> list[Sequence[CellValue]]:
        with context.app_state.network.snapshot() as snapshot:
            lines = find_plan_lines(snapshot, structures, year)
        return [
            (
                *(line.structure, year, line.axis, line.commitment, line.reference, line.action, line.owner_role),
                *(line.due_on, line.done_on, state(line), line.reason, line.accepted_until, line.indicator),
            )
            for line in lines
        ]

    draw_list_downloads(context, LIST_COLUMNS, rows, f"plan-{slug(choice.perimeter.code)}-{year}")
