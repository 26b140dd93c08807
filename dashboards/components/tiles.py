"""A tile of a board as HTML, always in the same order: a pure function of the tile and the words."""

from collections.abc import Iterable, Sequence
from typing import Final

from dashboards.app_pages.unpublished import ADDRESS, unpublished
from dashboards.charts.titles import absence
from dashboards.components.html import heading, link, pictogram, picture, text
from dashboards.components.sparkline import sparkline
from dashboards.wording import formatting as numbers
from dashboards.wording.figure_sentences import against_peers, origin, sentence_of, sentences, signs, year_earlier
from dashboards.wording.translations import Words
from indicators.definitions.catalogue import Audience, Indicator
from indicators.disclosure.thresholds import Rule
from indicators.figures.figure import Figure, Shown, Status
from indicators.queries.figures.assessed_board import Judged
from indicators.queries.figures.board import Tile

MOST_NAMED: Final = 3
"""Periods without a published figure that are named under a curve; of more, their number is told."""
WIDEST_FAMILY: Final = 4
"""Tiles side by side on a page."""


def tile(
    judged: Judged,
    words: Words,
    history: str,
    rule: Rule | None = None,
    *,
    why: str = f"/{ADDRESS}",
    manage: bool = False,
) -> str:
    """Return a tile: label, value and unit, period, sparkline, a year earlier, the target, what changed, the count.

    `history` is the address to which the whole tile leads, `why` that of the page on what is not published. Those who
    `manage` read more: what the past of the series is like, how it stands to its peers, who set the target and when,
    and by which `rule` the public does not see it.
    """
    shown, figure, indicator = judged.tile, judged.figure, judged.indicator
    label = indicator.short(words.language)
    way = link(history, label, name=words("tile.sheet.of", label=label), style="whole")
    parts = [
        f"<h3>{way}</h3>",
        f'<p class="value">{_value(figure, words)}</p>',
        f'<p class="period">{text(_period(figure, words))}</p>',
        _curve(shown, words),
        _paragraph("year", year_earlier(judged.year_on_year, words)),
        *(
            f'<p class="sentence {sign or "plain"}">{pictogram(sign) if sign else ""}<span>{text(said)}</span></p>'
            for sign, said in sentences(judged, words)
        ),
        unpublished(figure, words, why, rule),
        _for_managers(judged, words) if manage else "",
        _paragraph("count", _size(figure, words)),
    ]
    return f'<article class="tile {figure.status}">{"".join(parts)}</article>'


def _paragraph(style: str, said: str | None) -> str:
    return f'<p class="{style}">{text(said)}</p>' if said else ""


def _curve(shown: Tile, words: Words) -> str:
    """Return the curve and, under it, the periods that are not published; nothing of a series without a figure."""
    if not any(figure.shown for figure in shown.history):
        return ""
    withheld = [figure for figure in shown.history if figure.status is Status.WITHHELD]
    said = None
    if len(withheld) > MOST_NAMED:
        said = words("tile.gaps.several", count=len(withheld), total=len(shown.history))
    elif withheld:
        named = words("list.separator").join(numbers.short_period(figure.counted, words) for figure in withheld)
        said = words("tile.gaps", periods=named)
    return picture(sparkline(shown.history), _history(shown, words), "spark") + _paragraph("gaps", said)


def _for_managers(judged: Judged, words: Words) -> str:
    """Return what the past of the series is like, how it stands to its peers, who set the target and when."""
    peers = against_peers(judged, words)
    beside = _paragraph("peers", sentence_of(peers) if peers else None)
    return signs_of(judged, words) + beside + _paragraph("origin", origin(judged.figure, words))


def _size(figure: Figure, words: Words) -> str:
    """Return the count behind a figure, and whether it is too small to be judged."""
    told = [behind(figure, words), *([words("tile.low")] if figure.status is Status.LOW else [])]
    return words("list.separator").join(part for part in told if part)


def _period(figure: Figure, words: Words) -> str:
    """Write the period, and for whom the figure is where it is not for everybody."""
    told = [numbers.period(figure.counted, words)]
    if figure.indicator.audience is not Audience.PUBLIC:
        told.append(words(f"tile.audience.{figure.indicator.audience}"))
    return words("list.separator").join(told)


def signs_of(judged: Judged, words: Words) -> str:
    """Return the pictograms of variation and assurance, each with its word, where the past allows them."""
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
    shown, several = figure.shown, figure.shown.contributors > 1
    if shown.numerator is not None and shown.denominator is None:
        return words("counted.register" if shown.from_register else "counted.declared", count=shown.contributors)
    told = [_counted(shown, figure.indicator, words)] if shown.numerator is not None or not several else []
    if several:
        told.append(words("tile.contributors", count=shown.contributors))
    return words("list.separator").join(told)


def _counted(shown: Shown, indicator: Indicator, words: Words) -> str:
    if shown.numerator is None or shown.denominator is None:
        return words("counted.stated")
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
