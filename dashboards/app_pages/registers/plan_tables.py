"""Tables of the page of plans: the actions of an axis, its objectives with their figures, structures of a perimeter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext, indicator_url
from dashboards.charts.titles import absence_label
from dashboards.components.html import NO_HTML, HtmlCell, facts, join, link, markup, pictogram, table
from dashboards.wording.figure_sentences import target_sign_and_sentence
from dashboards.wording.formatting import exact_value, format_amount, format_percentage, format_period, format_short_day
from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import Level, Perimeter, Structures, fold_case_and_accents
from indicators.definitions.periods import Frequency, Period
from indicators.figures.figure import Figure
from indicators.queries.registers.plan import PlanLine, PlannedState, PlanYear

PLANNED_SIGNS: Final[Mapping[PlannedState, str]] = {
    PlannedState.DONE: "met",
    PlannedState.DONE_LATE: "missed_doubt",
    PlannedState.CARRIED_OVER: "near",
    PlannedState.DEVIATION: "near",
    PlannedState.ABANDONED: "absent",
    PlannedState.OVERDUE: "missed",
    PlannedState.IN_PROGRESS: "hit",
    PlannedState.OPEN: "hit",
    PlannedState.UNKNOWN: "absent",
}


@dataclass(frozen=True)
class Objective:
    """A commitment of a plan, an indicator that follows it, and the newest figure that the reader may see of it."""

    axis: str
    commitment: str
    sheet: Indicator
    figure: Figure | None


def axes_html(context: PageContext, lines: Sequence[PlanLine]) -> Markup:
    """Return how many of the actions of each axis are done, on one line."""
    t, pairs = context.t, []
    for axis in sorted({line.axis for line in lines}, key=fold_case_and_accents):
        own = {line.reference: line.is_done for line in lines if line.axis == axis and line.reference is not None}
        if own:
            pairs.append((axis, t("plan.axis.done", done=sum(own.values()), count=len(own))))
    return facts(pairs, brief=True)


def actions_html(context: PageContext, lines: Sequence[PlanLine], year: str) -> Markup:
    """Return the table of the committee: each action with its axis, its role in charge, its day and how far it is."""
    t = context.t
    headers = [t(f"plan.column.{name}") for name in ("action", "axis", "owner", "due", "state", "progress")]
    rows = [
        [
            HtmlCell(_action_html(context, line)),
            HtmlCell(join([line.axis, markup('<span class="aside">{}</span>', line.commitment)])),
            HtmlCell(line.owner_role or "–"),
            HtmlCell(format_short_day(line.due_on, t) if line.due_on else "–"),
            HtmlCell(_state_html(context, line)),
            HtmlCell(_progress_html(context, line)),
        ]
        for line in sorted(lines, key=lambda line: fold_case_and_accents(line.axis))
        if line.reference is not None
    ]
    caption = t("plan.actions.caption", year=plan_year_name(context, year))
    return markup('<div class="plan">{}</div>', table(caption, headers, rows))


def _action_html(context: PageContext, line: PlanLine) -> Markup:
    """Return what is to be done, its reference as a link to the register, and the plan that it comes from."""
    t, reference = context.t, line.reference or ""
    url = context.link("actions", structure=line.structure, action=reference)
    name = link(url, reference, name=t("plan.action.of", reference=reference), style="reference")
    parts = [name, markup('<span class="aside">{}</span>', line.action) if line.action else NO_HTML]
    if line.carried_from:
        parts.append(markup('<span class="aside">{}</span>', t("plan.carried_from", year=line.carried_from)))
    return join(parts)


def _state_html(context: PageContext, line: PlanLine) -> Markup:
    state = line.state(context.today)
    label = context.t(f"plan.state.{state}")
    return join([pictogram(PLANNED_SIGNS[state]), label])


def _progress_html(context: PageContext, line: PlanLine) -> Markup:
    """Return when it was done and whether it helped; why it was not, and until when that is accepted."""
    t, sentences = context.t, []
    if line.done_on:
        sentences.append(t("plan.progress.done", day=format_short_day(line.done_on, t)))
    if line.effectiveness is not None:
        sentences.append(t("plan.progress.effect", percent=format_percentage(line.effectiveness, 0, t.language)))
    if line.done_on is None and line.reason:
        sentences.append(line.reason)
    if line.done_on is None and line.accepted_until:
        sentences.append(t("plan.progress.accepted", day=format_short_day(line.accepted_until, t)))
    return (
        join(markup('<span class="line">{}</span>', sentence) for sentence in sentences) if sentences else markup("–")
    )


def years_html(context: PageContext, years: Sequence[PlanYear]) -> Markup:
    """Return the plans of a structure side by side: planned, done, and the rate."""
    t = context.t
    headers = [t(f"plan.column.{name}") for name in ("year", "planned", "done", "rate")]
    rows = [
        [
            HtmlCell(link(context.url(annee=each.year), plan_year_name(context, each.year))),
            HtmlCell(str(each.planned), is_number=True),
            HtmlCell(str(each.done), is_number=True),
            HtmlCell(_rate(context, each), is_number=True),
        ]
        for each in reversed(years)
        if each.planned
    ]
    return table(t("plan.years.caption"), headers, rows)


def structures_html(
    context: PageContext, structures: Structures, plans: Sequence[PlanYear], before: Mapping[str, PlanYear], year: str
) -> Markup:
    """Return one row for each structure with a plan of the year, by name, with its rate of the year before."""
    t = context.t
    headers = [t(f"plan.column.{name}") for name in ("structure", "planned", "done", "rate", "rate_before")]
    rows = [
        [
            HtmlCell(link(context.link("plan", perimetre=each.structure, annee=year), structures[each.structure].name)),
            HtmlCell(str(each.planned), is_number=True),
            HtmlCell(str(each.done), is_number=True),
            HtmlCell(_rate(context, each), is_number=True),
            HtmlCell(_rate(context, before[each.structure]) if each.structure in before else "–", is_number=True),
        ]
        for each in plans
    ]
    return table(t("plan.structures.caption", year=plan_year_name(context, year)), headers, rows)


def objectives_html(context: PageContext, perimeter: Perimeter, objectives: Sequence[Objective]) -> Markup:
    """Return the tree of a plan: the commitments of each axis, the indicators that follow them, figures and targets."""
    t = context.t
    headers = [t(f"plan.column.{name}") for name in ("commitment", "axis", "indicator", "figure", "target")]
    rows, axis = [], ""
    for each in objectives:
        rows.append(
            [
                HtmlCell(each.commitment),
                HtmlCell(each.axis if each.axis != axis else "″"),
                HtmlCell(_indicator_html(context, perimeter, each)),
                HtmlCell(_figure_html(context, each.figure)),
                HtmlCell(_target_html(context, each.figure)),
            ]
        )
        axis = each.axis
    return markup('<div class="plan">{}</div>', table(t("plan.objectives.caption"), headers, rows))


def _indicator_html(context: PageContext, perimeter: Perimeter, objective: Objective) -> Markup:
    name = objective.sheet.short(context.language)
    if objective.figure is None or perimeter.level is not Level.STRUCTURE:
        return markup("{}", name)
    quarter = Period.containing(objective.figure.period.end, Frequency.QUARTER)
    return link(indicator_url(context, perimeter, objective.sheet.id, quarter), name)


def _figure_html(context: PageContext, figure: Figure | None) -> Markup:
    t = context.t
    if figure is None:
        return markup("{}", t("plan.figure.none"))
    shown = figure.shown
    value = (
        format_amount(exact_value(shown, figure.indicator), figure.indicator, t) if shown else absence_label(figure, t)
    )
    return join([value, markup('<span class="aside">{}</span>', format_period(figure.period, t))])


def _target_html(context: PageContext, figure: Figure | None) -> Markup:
    sign, sentence = target_sign_and_sentence(figure, context.t) if figure else (None, None)
    if sentence is None:
        return markup("{}", context.t("plan.target.none"))
    return join([pictogram(sign) if sign else NO_HTML, sentence])


def plan_year_name(context: PageContext, year: str) -> str:
    """Return the name of the year of a plan: « 2026 », « année scolaire 2025-2026 »."""
    return format_period(Period.parse(year), context.t)


def _rate(context: PageContext, plan: PlanYear) -> str:
    return format_percentage(100 * plan.done / plan.planned, 0, context.language) if plan.planned else "–"
