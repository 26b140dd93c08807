"""What every board has, whatever its perimeter: alerts, what changed since the previous quarter, tiles, deliveries."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import groupby
from types import MappingProxyType
from typing import Final

from babel.numbers import format_decimal
from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext, indicator_url
from dashboards.app_pages.unpublished import PROTECTION_PATH
from dashboards.components.html import NO_HTML, heading, join, markup, pictogram
from dashboards.components.tiles import family_html, tile_html
from dashboards.wording.figure_sentences import change_sign_and_sentence
from dashboards.wording.formatting import format_count, format_day, format_period
from dashboards.wording.perimeter_names import name_perimeter
from dashboards.wording.translations import Translator
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.periods import Period
from indicators.figures.year_on_year import YearOnYear
from indicators.queries.deposits.deliveries import Delivery, summarise_deliveries
from indicators.queries.figures.assessed_board import AssessedFigure
from indicators.queries.figures.changes import find_changes
from indicators.queries.figures.continuity import YearEarlierElsewhere
from indicators.queries.figures.threshold_alerts import ThresholdAlert
from indicators.queries.figures.withheld import RuleByFigure
from indicators.snapshot import Snapshot

NOTHING_ELSEWHERE: Final[Mapping[str, YearEarlierElsewhere]] = MappingProxyType({})


def changes_html(context: PageContext, tiles: Sequence[AssessedFigure], quarter: Period) -> Markup:
    """Return the changes since the previous quarter and over a year that exceed chance."""
    t = context.t
    items = [change_sign_and_sentence(found, t) for found in find_changes(tiles, quarter)]
    has_comparable_past = any(_has_earlier_figure(one, quarter) for one in tiles)
    list_html = join(markup("<li>{}<span>{}</span></li>", pictogram(sign), sentence) for sign, sentence in items)
    body = (
        markup('<ul class="changes">{}</ul>', list_html)
        if items
        else markup("<p>{}</p>", t("since.nothing" if has_comparable_past else "since.no_past"))
    )
    title = t(
        "since.title",
        quarter=format_period(quarter.shifted(-1), t),
        year=format_period(quarter.year_earlier, t),
    )
    return markup('<section class="changed">{}{}</section>', heading(2, title), body)


def _has_earlier_figure(assessed: AssessedFigure, quarter: Period) -> bool:
    """Whether the quarter's figure and the previous one, or that of a year earlier, are both published."""
    before = assessed.series[-2].shown if len(assessed.series) > 1 else None
    has_earlier_figure = before is not None or isinstance(assessed.year_on_year, YearOnYear)
    return assessed.figure.period.end == quarter.end and assessed.figure.shown is not None and has_earlier_figure


def families_html(
    context: PageContext,
    tiles: Sequence[tuple[Perimeter, AssessedFigure]],
    quarter: Period,
    rules: RuleByFigure,
    note: Callable[[Perimeter, AssessedFigure], str | None] = lambda _, __: None,
    elsewhere: Mapping[str, YearEarlierElsewhere] = NOTHING_ELSEWHERE,
) -> Markup:
    """Return tiles grouped by family, as one block of HTML, each with the perimeter that its figure is of.

    `elsewhere` has, by indicator, the figures of a year earlier of what a structure continues.
    """
    blocks = []
    for name, members in groupby(tiles, key=lambda placed: placed[1].indicator.family):
        tile_blocks = [
            tile_html(
                shown,
                context.t,
                indicator_url(context, perimeter, shown.indicator.id, quarter),
                rules.get((shown.indicator.id, shown.figure.period.code)),
                why_url=context.link(PROTECTION_PATH, periode=quarter.code),
                is_management_view=context.is_management_view,
                note=note(perimeter, shown),
                elsewhere=elsewhere.get(shown.indicator.id),
            )
            for perimeter, shown in members
        ]
        blocks.append(family_html(context.t(f"family.{name}"), tile_blocks))
    return markup('<div class="board">{}</div>', join(blocks))


def alerts_html(context: PageContext, snapshot: Snapshot, alerts: Sequence[ThresholdAlert]) -> Markup:
    """Return the figures beyond a declared threshold, each with its amount, the rule and who set it."""
    if not alerts:
        return NO_HTML
    t = context.t
    items = [
        markup(
            "<li>{}<span>{} {}</span></li>",
            pictogram("missed"),
            t(
                f"alert.{alert.threshold.bound}",
                name=name_perimeter(t, snapshot, alert.perimeter),
                label=alert.indicator.label(t.language),
                counted=t(f"alert.counted.{alert.threshold.counted}"),
                period=format_period(alert.period, t),
                amount=_plain_amount(alert.amount, t),
                limit=_plain_amount(alert.threshold.value, t),
            ),
            t("alert.rule", sentence=alert.threshold.sentence(t.language), source=alert.threshold.source),
        )
        for alert in alerts
    ]
    return markup(
        '<section class="changed">{}<ul class="changes">{}</ul></section>',
        heading(2, t("alert.title", count=len(items))),
        join(items),
    )


def _plain_amount(amount: float, t: Translator) -> str:
    return format_decimal(amount, format="#,##0.##", locale=t.language)


def deliveries_html(context: PageContext, expected: Sequence[Delivery], quarter: Period, due_date: date) -> Markup:
    """Return how many of the expected structures delivered, how many on time, and until when the others may."""
    t, totals = context.t, summarise_deliveries(expected)
    if not expected:
        return markup("<p>{}</p>", t("deliveries.nobody", period=format_period(quarter, t)))
    received = totals.delivered
    period = format_period(quarter, t)
    sentence = t("deliveries.told", count=received, expected=len(expected), period=period)
    if context.today <= due_date and received < len(expected):
        sentence += t("deliveries.until", day=format_day(due_date, t))
    share = round(100 * received / len(expected))
    details_html = NO_HTML
    if received:
        required = format_count(totals.required, context.language)
        details = t("deliveries.on_time", count=totals.on_time)
        # Structures that sent unexpected figures are counted too, with nothing required: « 0 of 0 » would say nothing.
        details += t("deliveries.cells", count=totals.filled, required=required) if totals.required else "."
        details_html = markup('<p class="under">{}</p>', details)
    return markup(
        '<div class="deliveries"><p>{}</p>'
        '<div class="gauge" aria-hidden="true"><span style="width:{}%"></span></div>{}</div>',
        sentence,
        share,
        details_html,
    )
