"""Text around a series: target and progress, comparison with last year and peers, breaks, actions and notes."""

from collections.abc import Sequence

from markupsafe import Markup

from dashboards.app_pages.indicator.series import IndicatorSeries
from dashboards.components.html import NO_HTML, heading, join, markup
from dashboards.components.tiles import signs_html
from dashboards.wording.figure_sentences import capitalize_sentence, peers_sentence, year_earlier_sentence
from dashboards.wording.formatting import (
    exact_value,
    format_amount,
    format_day,
    format_during,
    format_number,
    format_percentage,
    format_period,
    format_target,
)
from dashboards.wording.translations import Translator
from indicators.definitions.baselines import Rebaseline
from indicators.definitions.catalogue import Direction
from indicators.definitions.targets import Target
from indicators.figures.figure import Figure
from indicators.figures.target_progress import TargetProgress, target_progress
from indicators.judgement import Judgement
from indicators.queries.deposits.linked_actions import LinkedAction, PooledPeriods, before_and_after
from indicators.queries.figures.continuity import year_earlier_elsewhere


def target_html(series: IndicatorSeries, t: Translator, perimeter_name: str) -> Markup:
    """Return the target: value, validity, who agreed it and when, and the progress made towards it.

    `perimeter_name` is the perimeter for which the target was agreed.
    """
    figures = series.stepped.figures
    target = figures[-1].target if figures else None
    if target is None:
        is_descriptive = series.indicator.direction is Direction.NONE
        return markup("{}", t("aim.descriptive" if is_descriptive else "aim.none"))
    html = markup("<p>{}</p>", _agreement_sentence(target, series, t, perimeter_name))
    progress_made = target_progress(figures, series.annotations.breaks)
    return html + (markup("<p>{}</p>", _progress_sentence(progress_made, t)) if progress_made else "")


def _agreement_sentence(target: Target, series: IndicatorSeries, t: Translator, perimeter_name: str) -> str:
    ends = format_period(target.ends, t) if target.ends else t("aim.open")
    return t(
        "aim.agreed" if target.agreed_on else "aim.origin",
        value=format_target(target.value, series.indicator, t),
        starts=format_period(target.starts, t),
        ends=ends,
        origin=t(f"aim.origin.{target.origin}"),
        day=format_day(target.agreed_on, t) if target.agreed_on else "",
        name=perimeter_name,
    )


def _progress_sentence(progress_made: TargetProgress, t: Translator) -> str:
    """Return the share of the distance covered, with the first and latest figure, and whether chance may explain it."""
    kind = "reached" if progress_made.share >= 1 else "away" if progress_made.share < 0 else "part"
    sentence = t(
        f"aim.way.{kind}",
        share=format_percentage(progress_made.share * 100, 0, t.language),
        before=_value_at(progress_made.start, t),
        now=_value_at(progress_made.latest, t),
    )
    return f"{sentence} {t('aim.chance')}" if progress_made.beyond_chance is Judgement.COMPARABLE else sentence


def _value_at(figure: Figure, t: Translator) -> str:
    if figure.shown is None:
        raise ValueError("a way goes from a figure that is shown to another")
    value = format_amount(exact_value(figure.shown, figure.indicator), figure.indicator, t)
    return t("chart.at", value=value, during=format_during(figure.covered_span, t))


def assessment_html(series: IndicatorSeries, t: Translator) -> Markup:
    """Return the latest figure against a year earlier and against its peers, and the variation signs of its series."""
    assessed = series.assessed_latest
    elsewhere = year_earlier_elsewhere(series.earlier, assessed.figure)
    year, peers = year_earlier_sentence(assessed.year_on_year, t, elsewhere), peers_sentence(assessed, t)
    sentences = []
    if year:
        sentences.append(year)
    if peers and assessed.reference:
        value = format_amount(assessed.reference.value, assessed.indicator, t)
        sentences.append(t("bearing.peers", told=capitalize_sentence(peers), value=value))
    sentences_html = join(markup("<p>{}</p>", sentence) for sentence in sentences)
    pictograms_html = signs_html(assessed, t) if series.has_independent_points else ""
    return (
        markup('<div class="bearing">{}{}</div>', sentences_html, pictograms_html)
        if sentences_html or pictograms_html
        else NO_HTML
    )


def annotations_html(series: IndicatorSeries, t: Translator) -> Markup:
    """Return the lists of breaks, actions and notes, each under its title; empty without any."""
    spans = [figure.period for figure in series.stepped.figures]
    break_items = [
        t(
            "rebased.item",
            period=format_period(one.since, t),
            day=format_day(one.decided_on, t),
            reason=one.reason,
        )
        if isinstance(one, Rebaseline)
        else t("redefined.item", day=format_day(one.starts, t), version=series.indicator.version)
        for one in series.annotations.breaks
    ]
    letters = {action.reference: letter for letter, action in series.annotations.lettered(spans).items()}
    actions = [_action_html(one, letters.get(one.reference), series, t) for one in series.annotations.actions]
    notes = [
        markup("<b>{}</b> {}", number, t("note.item", period=format_period(note.period, t), note=note.text))
        for number, _, note in series.annotations.numbered(spans)
    ]
    html = _titled_list(t("rebased.title"), break_items) + _titled_list(t("action.title"), actions, t("action.caution"))
    html += _titled_list(t("note.title"), notes)
    return markup('<div class="beside">{}</div>', html) if html else NO_HTML


def _titled_list(title: str, items: Sequence[str], under: str = "") -> Markup:
    if not items:
        return NO_HTML
    return markup("{}<ul>{}</ul>", heading(3, title, under), join(markup("<li>{}</li>", item) for item in items))


def _action_html(action: LinkedAction, letter: str | None, series: IndicatorSeries, t: Translator) -> Markup:
    """Return an action: name, dates, state, and the rates before and after it."""
    days = {"opened": format_day(action.opened_on, t)}
    ended = action.ended_on
    if action.is_abandoned:
        state = "given_up"
    elif ended is None:
        state = "running"
    else:
        state, days["ended"] = ("verified" if action.verified_on else "done"), format_day(ended, t)
    details = t(f"action.state.{state}", kind=t(f"action.kind.{action.kind}"), **days)
    if action.effectiveness is not None:
        details = t("list.semicolon").join([details, t(f"action.effect.{action.effectiveness}")])
    name = markup("<b>{}</b> ", letter) if letter else ""
    html = markup('{}{} <span class="aside">{}</span>', name, action.action, details)
    if not series.has_independent_points:
        return html
    before, after = before_and_after(action, series.stepped.figures, series.annotations.breaks)
    rates = [_rate_sentence(side, one, t) for side, one in (("before", before), ("after", after)) if one]
    return html + (markup("<p>{}</p>", t("list.semicolon").join(rates)) if rates else "")


def _rate_sentence(side: str, rate: PooledPeriods, t: Translator) -> str:
    """Return the rate before or after an action, with its 95 % interval."""
    figure = rate.figure
    if figure.shown is None or not rate.has_enough_cases:
        return t(f"action.{side}.few", count=rate.periods)
    value = format_amount(exact_value(figure.shown, figure.indicator), figure.indicator, t)
    sentence = t(f"action.{side}", count=rate.periods, value=value)
    if figure.interval is None:
        return sentence
    low, high = (format_number(limit, 0, t.language) for limit in figure.interval)
    return t("action.interval", told=sentence, low=low, high=high)
