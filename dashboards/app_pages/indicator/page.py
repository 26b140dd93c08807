"""The page of one indicator: its series for one perimeter with its assessment, its definition and its limits."""

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages import archive
from dashboards.app_pages.indicator.context import annotations_html, assessment_html, target_html
from dashboards.app_pages.indicator.data_table import data_table
from dashboards.app_pages.indicator.definition import definition, definition_details
from dashboards.app_pages.indicator.downloads import board_links, render_downloads
from dashboards.app_pages.indicator.series import IndicatorSeries, load_series
from dashboards.app_pages.page_context import PERIOD_PARAM, PageContext
from dashboards.app_pages.time_step_choice import STEP_PARAM, STEP_URL_VALUES, step_label, step_link, step_note
from dashboards.app_pages.unpublished import PROTECTION_PATH, rule_sentence, why_link
from dashboards.charts.earlier import earlier_sentence
from dashboards.components.draw import draw_html
from dashboards.components.html import NO_HTML, details, heading, join, link, markup, notice
from dashboards.wording.figure_sentences import count_reasons
from dashboards.wording.formatting import format_period
from dashboards.wording.perimeter_names import name_perimeter
from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.figures.figure import Status
from indicators.queries.deposits.deliveries import reported_quarters
from indicators.snapshot import Snapshot


def render(context: PageContext) -> None:
    """Render the indicator of the address for the chosen perimeter: figures, definition beside them, details below."""
    t = context.t
    with context.app_state.network.snapshot() as snapshot:
        periods = reported_quarters(snapshot)
        missing_dataset = "structures" if not snapshot.structures.by_id else None if periods else "measures"
        indicator_id = context.params.get("indicateur")
        if indicator_id is None:
            choose_notice = notice(t("indicator.choose"), link(context.link("catalogue"), t("page.catalogue")))
            draw_html(heading(1, t("page.indicator")) + choose_notice)
            return
        indicator = snapshot.catalogue[indicator_id]
        context.set_title(indicator.label(context.language))
        perimeter = _selected_perimeter(context, snapshot)
        context = context.about(perimeter, snapshot)
        codes = perimeter_codes(snapshot, indicator)
        if perimeter.level in {Level.KIND, Level.CHOICE} and codes:
            # The list does not offer these: whoever comes from their board must find them chosen.
            codes = [perimeter.code, *codes]
        names = {code: perimeter_name(context, snapshot, snapshot.structures.parse_perimeter(code)) for code in codes}
        name = perimeter_name(context, snapshot, perimeter)
        if perimeter.level is Level.STRUCTURE:
            context.set_title(f"{indicator.label(context.language)} – {name}")
        quarter = context.selected_quarter(periods) if periods else None
        series = load_series(
            context, snapshot, indicator, perimeter, name, quarter if PERIOD_PARAM in context.params else None
        )
        adds_nothing_up = context.app_state.is_archive and perimeter.level is not Level.STRUCTURE
        published_html = archive.indicator_html(context, snapshot, perimeter, indicator) if adds_nothing_up else NO_HTML
        target_block = target_html(series, t, _target_perimeter_name(context, snapshot, series))

    draw_html(heading(1, indicator.label(context.language), indicator.question_answered(context.language)))
    with st.container(horizontal=True, key="choices", vertical_alignment="bottom"):
        if codes:
            context.choose(
                "perimetre",
                t("choose.perimeter"),
                codes,
                lambda code: names[code][:1].upper() + names[code][1:],
                default=perimeter.code,
                clears=("structure",),
            )
        if quarter:
            context.choose_quarter(periods, quarter)
        if len(series.stepped.available_steps) > 1:
            _choose_step(context, series)
        if context.may_see_management:
            context.choose_view()
    with st.container(key="indicator"):
        figures, side_column = st.columns((5, 2), gap="large")
        with figures:
            if published_html:
                draw_html(published_html)
            else:
                _render_figures(context, snapshot.tag, series, missing_dataset)
        draw_html(heading(2, t("sheet.brief")) + definition(context, indicator, target_block), side_column)
    draw_html(definition_details(context, indicator))


def _render_figures(context: PageContext, tag: str, series: IndicatorSeries, missing_dataset: str | None) -> None:
    """Draw the series with its notes, table and downloads, or explain why there is nothing to draw.

    `missing_dataset` is the dataset of which the store has no record yet, if any.
    """
    t, indicator = context.t, series.indicator
    if not context.audience.sees(indicator.audience):
        draw_html(notice(t(f"indicator.unseen.{indicator.audience}")))
        return
    if not series.is_applicable:
        draw_html(notice(t("indicator.not_concerned", name=series.name)))
        return
    if not series.has_shown_figures:
        nothing = t("indicator.nothing", name=series.name)
        draw_html(
            context.empty_state(f"empty.{missing_dataset}")
            if missing_dataset
            else notice(nothing, *_missing_reasons(context, series), *_earlier_sentences(context, series))
        )
        return
    # Whose figures a reader may see of what the structure continues is not said by its own audience.
    continued = tuple((each.structure.id, each.audience) for each in series.earlier)
    cache_key = (tag, "series", indicator.id, series.perimeter, series.stepped.step, series.until, continued)
    context.draw_chart(lambda: series.build_chart(t), *cache_key)
    step_sentence = step_note(series.stepped, t)
    draw_html(
        assessment_html(series, t)
        + join(markup("<p>{}</p>", sentence) for sentence in _earlier_sentences(context, series))
        + (markup("<p>{}</p>", step_sentence) if step_sentence else "")
        + annotations_html(series, t)
        + data_table(context, series)
        + _unpublished_periods(context, series)
    )
    render_downloads(context, series)
    draw_html(board_links(context, series))


def _earlier_sentences(context: PageContext, series: IndicatorSeries) -> list[Markup]:
    """Return whose figures stand before each break, with a link to their own page."""
    return [
        join(
            (
                earlier_sentence(each, context.t),
                link(
                    context.link("indicateur", indicateur=series.indicator.id, structure=each.structure.id),
                    context.t("earlier.page"),
                ),
            ),
            " ",
        )
        for each in series.earlier
    ]


def _unpublished_periods(context: PageContext, series: IndicatorSeries) -> Markup:
    """Return a link to the reason of withheld periods; for managers, the periods hidden from the public, by rule."""
    t, figures = context.t, series.stepped.figures
    if withheld := sum(figure.status is Status.WITHHELD for figure in figures):
        # The figure of the chosen period may well be published: say how many others are not.
        return markup(
            "<p>{}. {}</p>", t("why.period.withheld", count=withheld), why_link(context.link(PROTECTION_PATH), t)
        )
    items = [
        markup("<li>{}</li>", t("protection.period", period=format_period(figure.period, t), rule=rule))
        for figure in reversed(figures)
        if (known := series.rules.get((series.indicator.id, figure.period.code)))
        for rule in [rule_sentence(known, series.indicator, t)]
    ]
    return details(t("protection.periods", count=len(items)), markup("<ul>{}</ul>", join(items))) if items else NO_HTML


def _missing_reasons(context: PageContext, series: IndicatorSeries) -> list[str]:
    """Return why no figure is shown: the number of periods for each reason, or why there is no period at all."""
    t, stepped, reported = context.t, series.stepped, series.reported
    are_aggregates = series.perimeter.level is not Level.STRUCTURE
    if are_aggregates and reported.without_counts:
        return [t("why.without_counts")]
    if stepped.figures:
        reasons = list(count_reasons(stepped.figures, t, "period", are_aggregates=are_aggregates))
        withheld = any(figure.status is Status.WITHHELD for figure in stepped.figures)
        return [*reasons, why_link(context.link(PROTECTION_PATH), t)] if withheld else reasons
    if reported.since is None:
        return [t(t.first_existing(f"why.none.{series.perimeter.level.name.lower()}", "why.none.several"))]
    if series.until and reported.since > series.until.end:
        return [t("why.none.until", until=format_period(series.until, t))]
    if stepped.step is not stepped.available_steps[0]:
        return [t("why.none.whole")]
    return _other_steps(context, series)


def _other_steps(context: PageContext, series: IndicatorSeries) -> list[str]:
    """Return the time steps in which figures were reported instead of the indicator's own, each with a link."""
    t = context.t
    steps = [step for step in series.stepped.available_steps if step.value in series.reported.frequencies]
    others = t("list.separator").join(t(f"frequency.by.{step}") for step in steps)
    sentence = t("why.none.step", own=t(f"frequency.by.{series.indicator.frequency}"), others=others)
    return [sentence, *(step_link(context, STEP_URL_VALUES[step]) for step in steps)]


def _selected_perimeter(context: PageContext, snapshot: Snapshot) -> Perimeter:
    """Return the perimeter of the address, else the network."""
    code = context.params.get("structure") or context.params.get("perimetre")
    return snapshot.structures.parse_perimeter(code) if code else NETWORK


def _target_perimeter_name(context: PageContext, snapshot: Snapshot, series: IndicatorSeries) -> str:
    """Return the name of the perimeter for which the latest figure's target was agreed."""
    figures = series.stepped.figures
    target = figures[-1].target if figures else None
    return perimeter_name(context, snapshot, snapshot.structures.parse_perimeter(target.perimeter)) if target else ""


def _choose_step(context: PageContext, series: IndicatorSeries) -> None:
    """Draw the choice of time step; it is written in the address."""
    t, stepped = context.t, series.stepped
    step_param = STEP_URL_VALUES[stepped.step]
    context.choose(STEP_PARAM, t("choose.step"), stepped.options, lambda code: step_label(code, t), default=step_param)


def perimeter_codes(snapshot: Snapshot, indicator: Indicator) -> list[str]:
    """Return the codes of the perimeters to which the indicator applies, the largest first."""
    applicable = [
        dated.structure for dated in snapshot.structures.versions if indicator.applies_to(dated.structure.kind)
    ]
    regions = sorted({s.region for s in applicable})
    groups = sorted({s.group for s in applicable if s.group})
    applicable_ids = {s.id for s in applicable}
    listed = [s for s in snapshot.structures.by_id.values() if s.id in applicable_ids]
    if not listed:
        return []
    return [
        NETWORK.code,
        *(f"{Level.REGION}:{region}" for region in regions),
        *(f"{Level.GROUP}:{group}" for group in groups),
        *(s.id for s in listed),
    ]


def perimeter_name(context: PageContext, snapshot: Snapshot, perimeter: Perimeter) -> str:
    """Return a perimeter's name as it reads inside a sentence."""
    return name_perimeter(context.t, snapshot, perimeter)
