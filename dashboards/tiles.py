"""A tile of a board as HTML, always in the same order: a pure function of the tile and the words."""

from collections.abc import Iterable, Sequence
from typing import Final

from dashboards import numbers
from dashboards.charts.told import absence
from dashboards.markup import heading, link, pictogram, picture, text
from dashboards.sentences import origin, sentence, signs
from dashboards.sparkline import sparkline
from dashboards.unpublished import unpublished
from dashboards.words import Words
from indicators.catalogue import Audience, Indicator
from indicators.figures import Figure, Shown
from indicators.questions.board import Tile
from indicators.questions.judged import Judged
from indicators.thresholds import Rule

WIDEST_FAMILY: Final = 4
"""Tiles side by side on a page."""


def tile(judged: Judged, words: Words, sheet: str, rule: Rule | None = None) -> str:
    """Return a tile: label, value and unit, period, sparkline, one sentence, the count behind it, link to the sheet.

    Where the past allows, the pictograms of variation and assurance stand under the sentence, each with its word; where
    there is a target, who set it and when.
    `sheet` is the address of the indicator's sheet; `rule` the one by which the public does not see the figure.
    """
    shown, figure, indicator = judged.tile, judged.figure, judged.indicator
    label = indicator.short(words.language)
    sign, said = sentence(judged, words)
    parts = [
        f"<h3>{text(label)}</h3>",
        f'<p class="value">{_value(figure, words)}</p>',
        f'<p class="period">{text(_period(figure, words))}</p>',
        picture(sparkline(shown.history), _history(shown, words), "spark"),
        f'<p class="sentence {sign or "plain"}">{pictogram(sign) if sign else ""}<span>{text(said)}</span></p>',
        unpublished(figure, words, rule),
        _signs(judged, words),
        *(f'<p class="origin">{text(whence)}</p>' for whence in [origin(figure, words)] if whence),
        f'<p class="count">{text(behind(figure, words))}</p>',
        f'<p class="sheet">{link(sheet, words("tile.sheet"), name=words("tile.sheet.of", label=label))}</p>',
    ]
    return f'<article class="tile {figure.status}">{"".join(parts)}</article>'


def _period(figure: Figure, words: Words) -> str:
    """Write the period, and for whom the figure is where it is not for everybody."""
    told = [numbers.period(figure.counted, words)]
    if figure.indicator.audience is not Audience.PUBLIC:
        told.append(words(f"tile.audience.{figure.indicator.audience}"))
    return words("list.separator").join(told)


def _signs(judged: Judged, words: Words) -> str:
    told = "".join(f"<li>{pictogram(name)}<span>{text(word)}</span></li>" for name, word in signs(judged, words))
    return f'<ul class="signs">{told}</ul>' if told else ""


def grid(tiles: Iterable[str], *, large: bool = False) -> str:
    """Return tiles side by side: four on a page, two on a tablet, one on a telephone."""
    return f'<div class="tiles{" large" if large else ""}">{"".join(tiles)}</div>'


def family(name: str, tiles: Sequence[str]) -> str:
    """Return the tiles of a family under its name; on a page, small families stand beside one another."""
    width = min(len(tiles), WIDEST_FAMILY)
    return f'<section class="family wide-{width}">{heading(2, name)}{grid(tiles)}</section>'


def _value(figure: Figure, words: Words) -> str:
    """Return the value with its unit in smaller type; a dash, with the reason for who cannot see it, where none."""
    indicator = figure.indicator
    if not figure.shown:
        return f'<span aria-hidden="true">–</span><span class="unseen">{text(absence(figure, words))}</span>'
    whole = numbers.amount(numbers.value_of(figure.shown, indicator), indicator, words)
    digits = max(place for place, letter in enumerate(whole) if letter.isdigit()) + 1
    return f'{text(whole[:digits])}<span class="unit">{text(whole[digits:])}</span>'


def behind(figure: Figure, words: Words) -> str:
    """Return the count behind a figure: « 58 sorties sur 96 », and of how many structures where it adds up several."""
    if figure.shown is None:
        return ""
    told = [_counted(figure.shown, figure.indicator, words)]
    if figure.shown.contributors > 1:
        told.append(words("tile.contributors", count=figure.shown.contributors))
    return words("list.separator").join(told)


def _counted(shown: Shown, indicator: Indicator, words: Words) -> str:
    if shown.numerator is None:
        return words("counted.stated")
    if shown.denominator is None:
        return words(f"counted.source.{indicator.source}")
    form = words.either(f"counted.{indicator.id}", f"counted.{indicator.counted_in}")
    cases, total = (numbers.count(part, words.language) for part in (shown.numerator, shown.denominator))
    return words(form, count=int(shown.numerator), cases=cases, total=total)


def _history(shown: Tile, words: Words) -> str:
    """Say the sparkline in words, oldest first, and the target."""
    told = []
    for figure in shown.history:
        value = absence(figure, words)
        if figure.shown:
            value = numbers.amount(numbers.value_of(figure.shown, shown.indicator), shown.indicator, words)
        told.append(words("chart.point", period=numbers.period(figure.counted, words), value=value))
    goal = shown.figure.target
    target = words("tile.history.target", target=numbers.target(goal.value, shown.indicator, words)) if goal else ""
    label = shown.indicator.short(words.language)
    return words("tile.history", label=label, periods=words("list.separator").join(told), target=target)
