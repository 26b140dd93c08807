"""The page `/actions`: what the register adds up to, the list, one action, and what was done after a signal."""

from collections.abc import Sequence

from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.registers.action_detail import draw_action, draw_new_action
from dashboards.app_pages.registers.action_list import draw_list
from dashboards.app_pages.registers.action_reactions import draw_reactions
from dashboards.app_pages.registers.choice import (
    RegisterChoice,
    draw_register_choice,
    read_register_choice,
    sections_html,
)
from dashboards.app_pages.registers.row_form import draw_form_outcome, may_edit
from dashboards.charts.actions import age_chart, growth_chart
from dashboards.components.draw import draw_html
from dashboards.components.html import NO_HTML, HtmlCell, details, heading, link, markup, notice, table
from dashboards.wording.formatting import format_count, format_day, format_number, format_percentage, format_period
from indicators.definitions.periods import Frequency, Period
from indicators.errors import UnknownError
from indicators.queries.registers.actions import (
    AGES,
    ActionCount,
    ActionSummary,
    actions_by_quarter,
    count_actions,
    summarize_actions,
)
from indicators.snapshot import Snapshot

VIEW_PARAM = "volet"
VIEWS = ("", "rythme", "signaux")
"""What the page shows: the list, the charts, or signals and what was done after them."""


def render(context: PageContext) -> None:
    """Render the page of a perimeter: its register, or one action of it, or the form of a new one."""
    t = context.t
    draw_html(heading(1, t("page.actions"), t("actions.intro")))
    # The newest version: whoever has just saved a row finds it.
    with context.app_state.network.snapshot(newest=True) as snapshot:
        if not snapshot.structures.by_id:
            draw_html(context.empty_state("empty.structures"))
            return
        choice = read_register_choice(context, snapshot)
        context = context.about(choice.perimeter, snapshot)
        draw_html(sections_html(context, choice))
        draw_register_choice(context, choice)
        draw_form_outcome(context)
        structure = _named_structure(context, choice)
        if "action" in context.params and structure:
            draw_html(_back_html(context, choice))
            draw_action(context, snapshot, structure, context.params["action"])
        elif "nouvelle" in context.params:
            draw_html(_back_html(context, choice))
            _draw_new(context, snapshot, choice, structure)
        else:
            _draw_register(context, snapshot, choice)


def _named_structure(context: PageContext, choice: RegisterChoice) -> str | None:
    """Return the structure of the address; an `UnknownError` for one that the perimeter does not have."""
    named = context.params.get("structure", choice.structure)
    if named is not None and named not in choice.structures:
        raise UnknownError("structure", named)
    return named


def _back_html(context: PageContext, choice: RegisterChoice) -> Markup:
    url = context.link("actions", perimetre=choice.perimeter.code)
    return markup('<p class="links">{}</p>', link(url, context.t("actions.back")))


def _draw_new(context: PageContext, snapshot: Snapshot, choice: RegisterChoice, structure: str | None) -> None:
    """Draw the form of a new action, once it is known whose it is."""
    own = sorted(
        (each for each in choice.structures if may_edit(context, snapshot, each)),
        key=lambda each: snapshot.structures[each].name,
    )
    if structure is None:
        context.choose("structure", context.t("field.structure"), own, lambda each: snapshot.structures[each].name)
    else:
        draw_new_action(context, snapshot, structure)


def _draw_register(context: PageContext, snapshot: Snapshot, choice: RegisterChoice) -> None:
    t, structures = context.t, sorted(choice.structures)
    summary = summarize_actions(snapshot, structures, context.today)
    can_add = any(may_edit(context, snapshot, each) for each in structures)
    add = link(context.link("actions", perimetre=choice.perimeter.code, nouvelle="oui"), t("actions.new"))
    add_html = markup('<p class="links">{}</p>', add) if can_add else NO_HTML
    counted = count_actions(snapshot, choice.structure, context.today) if choice.structure else None
    if not summary.total:
        draw_html(notice(t("actions.none", name=choice.name), *_count_sentences(context, counted)) + add_html)
        return
    sentences = [*_summary_sentences(context, summary), *_count_sentences(context, counted)]
    draw_html(
        heading(2, choice.name[:1].upper() + choice.name[1:]) + markup("<p>{}</p>", " ".join(sentences)) + add_html
    )
    context.segmented(VIEW_PARAM, t("actions.view"), {name: t(f"actions.view.{name or 'liste'}") for name in VIEWS})
    match context.params.get(VIEW_PARAM, ""):
        case "rythme":
            _draw_charts(context, snapshot, structures, summary)
        case "signaux":
            draw_reactions(context, snapshot, choice, structures)
        case _:
            draw_list(context, snapshot, choice, structures)


def _summary_sentences(context: PageContext, summary: ActionSummary) -> list[str]:
    """Return what the register adds up to, in sentences: what is open and late, how long it takes, what came of it."""
    t, language = context.t, context.language
    key = "actions.open" if summary.late else "actions.open.in_time"
    sentences = [t(key, count=summary.open, late=format_count(summary.late, language))]
    if summary.median_days_to_close is not None:
        days = format_count(round(summary.median_days_to_close), language)
        sentences.append(t("actions.closed", count=summary.closed, days=days))
    if summary.due and summary.verified:
        rates = {
            "on_time": format_percentage(100 * summary.on_time / summary.due, 0, language),
            "effective": format_percentage(100 * summary.effective / summary.verified, 0, language),
            "due": format_count(summary.due, language),
            "verified": format_count(summary.verified, language),
        }
        sentences.append(t("actions.rates", **rates))
    if summary.reopened:
        sentences.append(t("actions.reopened", count=summary.reopened))
    return sentences


def _count_sentences(context: PageContext, counted: ActionCount | None) -> list[str]:
    """Return since when actions are counted, and how many a year that makes."""
    if counted is None or not counted.total:
        return []
    t = context.t
    key = "actions.since" if counted.is_stored else "actions.since.first"
    sentences = [t(key, count=counted.total, day=format_day(counted.since, t))]
    if counted.before_register:
        sentences.append(t("actions.since.before", count=counted.before_register, until=format_day(counted.until, t)))
    if counted.is_stored and counted.per_year is not None:
        sentences.append(t("actions.since.mean", mean=format_number(counted.per_year, 1, t.language)))
    return sentences


def _draw_charts(context: PageContext, snapshot: Snapshot, structures: Sequence[str], summary: ActionSummary) -> None:
    """Draw how old the open actions are, and how many were opened and closed over time, each with its table."""
    t, rows = context.t, actions_by_quarter(snapshot, structures, context.today)
    key = (snapshot.tag, *structures)
    context.draw_chart(lambda: age_chart(summary, t), "actions by age", *key)
    ages = [
        [HtmlCell(t(f"actions.age.{name}")), HtmlCell(format_count(summary.ages[name], t.language), True)]
        for name in AGES
    ]
    headers = [t("actions.age"), t("actions.column.actions")]
    draw_html(details(t("actions.table"), table(t("actions.ages.caption"), headers, ages)))
    if rows.height < 2:
        return
    context.draw_chart(lambda: growth_chart(rows, t), "actions by quarter", *key)
    quarters = [
        [
            HtmlCell(format_period(Period.containing(row["quarter"], Frequency.QUARTER), t)),
            *(HtmlCell(format_count(row[name], t.language), True) for name in GROWTH_COLUMNS),
        ]
        for row in rows.reverse().iter_rows(named=True)
    ]
    headers = [t("actions.column.quarter"), *(t(f"actions.column.{name}") for name in GROWTH_COLUMNS)]
    draw_html(details(t("actions.table"), table(t("actions.growth.caption"), headers, quarters)))


GROWTH_COLUMNS = ("opened", "closed", "opened_in_all", "closed_in_all")
