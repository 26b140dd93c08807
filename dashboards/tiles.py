"""A tile of a board as HTML, always in the same order: a pure function of the tile and the words."""

from collections.abc import Iterable, Sequence
from typing import Final

from dashboards import numbers
from dashboards.charts.told import absence
from dashboards.markup import heading, link, pictogram, picture, text
from dashboards.sparkline import sparkline
from dashboards.words import Words
from indicators.catalogue import Direction, Indicator
from indicators.figures import Figure, Shown, Status, Unfinished, due
from indicators.judgement import Judgement
from indicators.questions.board import Tile

JUDGED_BY: Final = {Judgement.BETTER: "met", Judgement.WORSE: "missed", Judgement.COMPARABLE: "near"}

WIDEST_FAMILY: Final = 4
"""Tiles side by side on a page."""


def tile(shown: Tile, words: Words, sheet: str) -> str:
    """Return a tile: label, value and unit, period, sparkline, one sentence, the count behind it, link to the sheet.

    `sheet` is the address of the indicator's sheet.
    """
    figure, indicator = shown.figure, shown.indicator
    label = indicator.short(words.language)
    sign, sentence = verdict(shown, words)
    parts = [
        f"<h3>{text(label)}</h3>",
        f'<p class="value">{_value(figure, words)}</p>',
        f'<p class="period">{text(numbers.period(figure.counted, words))}</p>',
        picture(sparkline(shown.history), _history(shown, words), "spark"),
        f'<p class="sentence {sign or "plain"}">{pictogram(sign) if sign else ""}<span>{text(sentence)}</span></p>',
        f'<p class="count">{text(behind(figure, words))}</p>',
        f'<p class="sheet">{link(sheet, words("tile.sheet"), name=words("tile.sheet.of", label=label))}</p>',
    ]
    return f'<article class="tile {figure.status}">{"".join(parts)}</article>'


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


def verdict(shown: Tile, words: Words) -> tuple[str | None, str]:
    """Return the pictogram of a tile, if any, and its sentence: why nothing is shown, else target and year before."""
    figure, indicator = shown.figure, shown.indicator
    match figure.status:
        case Status.WITHHELD:
            return "withheld", words("tile.withheld")
        case Status.NOT_DUE:
            if isinstance(figure.reading, Unfinished):
                return "absent", words("tile.unfinished", day=numbers.day(figure.reading.until, words))
            return "absent", words("tile.not_due", day=numbers.day(due(indicator, figure.period), words))
        case Status.MISSING | Status.NOT_APPLICABLE:
            return "absent", words(f"tile.{figure.status}")
        case Status.LOW:
            return "low", words("tile.low")
        case Status.OK:
            sign, about_target = _against_target(figure, words)
            told = [part for part in (about_target, _since_last_year(shown, words)) if part]
            sentence = words("tile.separator").join(told) or words(f"tile.direction.{indicator.direction}")
            return sign, sentence[:1].upper() + sentence[1:]


def _against_target(figure: Figure, words: Words) -> tuple[str | None, str | None]:
    indicator = figure.indicator
    if figure.target is None:
        judged = indicator.direction in {Direction.UP, Direction.DOWN}
        return None, words("tile.target.none") if judged else None
    goal = numbers.target(figure.target.value, indicator, words)
    if figure.judgement is None:
        return None, words("tile.target.unjudged", target=goal)
    sign = JUDGED_BY[figure.judgement]
    return sign, words(f"tile.target.{sign}", target=goal)


def _since_last_year(shown: Tile, words: Words) -> str | None:
    now, earlier = shown.figure.shown, shown.year_earlier
    before = earlier.shown if earlier else None
    if now is None or before is None:
        return None
    indicator = shown.indicator
    difference = numbers.change(numbers.value_of(now, indicator), numbers.value_of(before, indicator), indicator, words)
    return words("tile.year", change=difference) if difference else words("tile.year.same")


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
