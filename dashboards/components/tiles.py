"""The tiles of a board as HTML: pure functions of an assessed figure and a translator."""

from collections.abc import Iterable, Sequence
from typing import Final

from markupsafe import Markup

from dashboards.app_pages.unpublished import PROTECTION_PATH, unpublished_note
from dashboards.charts.titles import absence_label
from dashboards.components.html import NO_HTML, heading, join, link, markup, pictogram, svg_image
from dashboards.components.sparkline import sparkline_svg
from dashboards.wording.figure_sentences import (
    capitalize_sentence,
    peers_sentence,
    target_origin_sentence,
    tile_sentences,
    variation_and_assurance_signs,
    year_earlier_sentence,
)
from dashboards.wording.formatting import (
    exact_value,
    format_amount,
    format_count,
    format_period,
    format_short_period,
    format_target,
)
from dashboards.wording.translations import Translator
from indicators.definitions.catalogue import Audience, Indicator
from indicators.disclosure import SuppressionRule
from indicators.figures.figure import Figure, Status, Value
from indicators.queries.figures.assessed_board import AssessedFigure
from indicators.queries.figures.board import Tile
from indicators.queries.figures.continuity import YearEarlierElsewhere

MAX_NAMED_PERIODS: Final = 3
"""Withheld periods named under a sparkline; more are only counted."""
MAX_FAMILY_COLUMNS: Final = 4
"""Tiles in one row."""


def tile_html(
    assessed: AssessedFigure,
    t: Translator,
    sheet_url: str,
    rule: SuppressionRule | None = None,
    *,
    why_url: str = f"/{PROTECTION_PATH}",
    is_management_view: bool = False,
    note: str | None = None,
    elsewhere: YearEarlierElsewhere | None = None,
) -> Markup:
    """Return a tile: label, value and unit, period, sparkline, a year earlier, the target, what changed, the count.

    `sheet_url` is the link of the whole tile, `why_url` that of the page on disclosure control. The management view
    adds the variation of the series, the comparison with peers, the origin of the target, and the `rule` that hides the
    figure from the public. `note` says which structures of a perimeter a figure is about, where it is not all of them.
    `elsewhere` is the figure of a year earlier of what the structure continues.
    """
    board_tile, figure, indicator = assessed.tile, assessed.figure, assessed.indicator
    label = indicator.short(t.language)
    sheet_link = link(sheet_url, label, name=t("tile.sheet.of", label=label), style="whole")
    sentences = [
        markup(
            '<p class="sentence {}">{}<span>{}</span></p>',
            sign or "plain",
            pictogram(sign) if sign else NO_HTML,
            sentence,
        )
        for sign, sentence in tile_sentences(assessed, t)
    ]
    return markup(
        '<article class="tile {}"><h3>{}</h3><p class="value">{}</p><p class="period">{}</p>{}{}{}{}{}{}{}</article>',
        figure.status,
        sheet_link,
        _value_html(figure, t),
        _period_label(figure, t),
        _sparkline_html(board_tile, t),
        _paragraph_html("year", year_earlier_sentence(assessed.year_on_year, t, elsewhere)),
        join(sentences),
        unpublished_note(figure, t, why_url, rule),
        _management_html(assessed, t) if is_management_view else NO_HTML,
        _paragraph_html("count", _size_sentence(figure, t)),
        _paragraph_html("count", note),
    )


def _paragraph_html(style: str, sentence: str | None) -> Markup:
    return markup('<p class="{}">{}</p>', style, sentence) if sentence else NO_HTML


def _sparkline_html(board_tile: Tile, t: Translator) -> Markup:
    """Return the sparkline with the withheld periods under it; empty for a series without any figure."""
    if not any(figure.shown for figure in board_tile.history):
        return NO_HTML
    withheld = [figure for figure in board_tile.history if figure.status is Status.WITHHELD]
    gaps_sentence = None
    if len(withheld) > MAX_NAMED_PERIODS:
        gaps_sentence = t("tile.gaps.several", count=len(withheld), total=len(board_tile.history))
    elif withheld:
        named_periods = t("list.separator").join(format_short_period(figure.covered_span, t) for figure in withheld)
        gaps_sentence = t("tile.gaps", periods=named_periods)
    return svg_image(sparkline_svg(board_tile.history), _sparkline_text(board_tile, t), "spark") + _paragraph_html(
        "gaps", gaps_sentence
    )


def _management_html(assessed: AssessedFigure, t: Translator) -> Markup:
    """Return the lines of the management view: variation signs, peers, origin of the target."""
    peers = peers_sentence(assessed, t)
    peers_html = _paragraph_html("peers", capitalize_sentence(peers) if peers else None)
    return signs_html(assessed, t) + peers_html + _paragraph_html("origin", target_origin_sentence(assessed.figure, t))


def _size_sentence(figure: Figure, t: Translator) -> str:
    """Return the counts behind a figure, with a note if they are too small to be assessed."""
    parts = [counts_behind(figure, t), *([t("tile.low")] if figure.status is Status.LOW else [])]
    return t("list.separator").join(part for part in parts if part)


def _period_label(figure: Figure, t: Translator) -> str:
    """Return the period, with the audience of a figure that is not public."""
    parts = [format_period(figure.covered_span, t)]
    if figure.indicator.audience is not Audience.PUBLIC:
        parts.append(t(f"tile.audience.{figure.indicator.audience}"))
    return t("list.separator").join(parts)


def signs_html(assessed: AssessedFigure, t: Translator) -> Markup:
    """Return the pictograms of variation and assurance with their words, where the series is long enough."""
    items = join(
        markup("<li>{}<span>{}</span></li>", pictogram(name), word)
        for name, word in variation_and_assurance_signs(assessed, t)
    )
    return markup('<ul class="signs">{}</ul>', items) if items else NO_HTML


def grid_html(tiles: Iterable[Markup], *, large: bool = False) -> Markup:
    """Return tiles in rows of four on a desktop, two on a tablet, one on a telephone."""
    return markup('<div class="tiles{}">{}</div>', " large" if large else "", join(tiles))


def family_html(name: str, tiles: Sequence[Markup]) -> Markup:
    """Return the tiles of a family under its name; small families share a row."""
    width = min(len(tiles), MAX_FAMILY_COLUMNS)
    return markup('<section class="family wide-{}">{}{}</section>', width, heading(2, name), grid_html(tiles))


def _value_html(figure: Figure, t: Translator) -> Markup:
    """Return the value with its unit in smaller type, or a dash with the reason as hidden text."""
    indicator = figure.indicator
    if not figure.shown:
        return markup('<span aria-hidden="true">–</span><span class="unseen">{}</span>', absence_label(figure, t))
    formatted = format_amount(exact_value(figure.shown, indicator), indicator, t)
    number_end = max(place for place, letter in enumerate(formatted) if letter.isdigit()) + 1
    return markup('{}<span class="unit">{}</span>', formatted[:number_end], formatted[number_end:])


def counts_behind(figure: Figure, t: Translator) -> str:
    """Return the counts behind a figure: « 58 sorties sur 96 », and the number of structures of an aggregate."""
    if figure.shown is None:
        return ""
    shown, has_several = figure.shown, figure.shown.contributors > 1
    if shown.numerator is not None and shown.denominator is None:
        return t("counted.register" if shown.from_register else "counted.declared", count=shown.contributors)
    parts = [_counts_sentence(shown, figure.indicator, t)] if shown.numerator is not None or not has_several else []
    if has_several:
        parts.append(t("tile.contributors", count=shown.contributors))
    return t("list.separator").join(parts)


def _counts_sentence(shown: Value, indicator: Indicator, t: Translator) -> str:
    if shown.numerator is None or shown.denominator is None:
        return t("counted.stated")
    form = t.first_existing(f"counted.{indicator.id}", f"counted.{indicator.counted_in}")
    cases, total = (format_count(part, t.language) for part in (shown.numerator, shown.denominator))
    return t(form, count=int(shown.numerator), cases=cases, total=total)


def _sparkline_text(board_tile: Tile, t: Translator) -> str:
    """Return the text alternative of the sparkline: periods from the oldest, and the target."""
    points = []
    for figure in board_tile.history:
        value = absence_label(figure, t)
        if figure.shown:
            value = format_amount(exact_value(figure.shown, board_tile.indicator), board_tile.indicator, t)
        points.append(t("chart.point", period=format_period(figure.covered_span, t), value=value))
    goal = board_tile.figure.target
    target = t("tile.history.target", target=format_target(goal.value, board_tile.indicator, t)) if goal else ""
    label = board_tile.indicator.short(t.language)
    return t("tile.history", label=label, periods=t("list.separator").join(points), target=target)
