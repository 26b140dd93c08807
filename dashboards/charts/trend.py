"""One indicator of one perimeter over time."""

from collections.abc import Sequence
from typing import Final

import altair as alt
import polars as pl

from dashboards.charts.axes import end_labels, height, layer, periods_axis, points_told, top_of, values_axis
from dashboards.charts.colours import ACCENT, BAND, EDGE, PAPER, QUIET, TARGET
from dashboards.charts.look import titled, whole
from dashboards.charts.told import absence, headline, unit_and_rhythm
from dashboards.numbers import amount, during, period, target, value_of
from dashboards.words import Words
from indicators.catalogue import Indicator
from indicators.figures import Figure

HEIGHT: Final = 300
HIT_AREA: Final = 400
"""Area in square pixels round a point within which the pointer finds it."""
SCHEMA: Final = {
    "period": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "target": pl.Float64,
    "absent": pl.Float64,
    "told": pl.String,
}
COLOUR_OF: Final = {"value": ACCENT, "target": TARGET}


def trend(
    figures: Sequence[Figure], indicator: Indicator, words: Words, *, name: str, interval: bool, said: str | None = None
) -> alt.LayerChart:
    """Draw a line with a gap where nothing is published, the target in steps and, if asked, the 95 % interval.

    `figures` is a series, oldest first; `name` says whose it is, as the title reads it, `said` what its latest figure
    can bear.
    """
    points = _points(figures, indicator, words, interval=interval)
    top = top_of(points, ("value", "high", "target"), indicator)
    value = values_axis("value", top, indicator, words)
    layers = []
    if interval:
        edge = alt.MarkDef(type="line", color=EDGE, strokeWidth=0.75, aria=False)
        band = alt.MarkDef(type="area", color=BAND, aria=False)
        layers = [
            layer(band, y=height("low"), y2=alt.Y2("high")),
            layer(edge, y=height("low")),
            layer(edge, y=height("high")),
        ]
    if points["target"].count():
        steps = alt.MarkDef(
            type="line", interpolate="step", color=TARGET, strokeDash=[5, 4], strokeWidth=1.5, aria=False
        )
        layers.append(layer(steps, y=height("target")))
    dot = alt.MarkDef(type="point", color=ACCENT, fill=PAPER, size=24, opacity=1, strokeWidth=1.5)
    cross = alt.MarkDef(type="text", text="×", color=QUIET, fontSize=18, dy=-7)
    around = alt.MarkDef(type="point", size=HIT_AREA, opacity=0, filled=True, aria=False)
    layers += [
        layer(alt.MarkDef(type="line", color=ACCENT, strokeWidth=2, aria=False), y=value),
        layer(dot, y=height("value"), **points_told()),
        layer(cross, y=height("absent"), **points_told()),
        layer(around, y=height("value"), **points_told()),
        *end_labels(points, _names(figures, indicator, words), COLOUR_OF, HEIGHT, top),
    ]
    notes = _notes(points, figures, indicator, words, interval=interval)
    return whole(
        layers,
        points,
        words,
        title=titled(headline(figures, indicator, words, name, said), notes),
        description=_description(figures, indicator, words, name, said),
        height=HEIGHT,
        x=periods_axis([figure.period for figure in figures], words),
    )


def _points(figures: Sequence[Figure], indicator: Indicator, words: Words, *, interval: bool) -> pl.DataFrame:
    """Return one row a period: what is drawn, and the sentence of its tooltip."""
    rows = []
    for figure in figures:
        when, goal, shown = period(figure.counted, words), figure.target, figure.shown
        value = amount(value_of(shown, indicator), indicator, words) if shown else absence(figure, words)
        low, high = (figure.interval or (None, None)) if interval else (None, None)
        rows.append(
            {
                "period": figure.period.code,
                "value": shown and shown.value,
                "low": low,
                "high": high,
                "target": goal and goal.value,
                "absent": None if shown else 0.0,
                "told": words("chart.point", period=when, value=value),
            }
        )
    return pl.DataFrame(rows, schema=SCHEMA)


def _names(figures: Sequence[Figure], indicator: Indicator, words: Words) -> dict[str, str]:
    """Write the last value and the last target, where there are any."""
    values = [value_of(figure.shown, indicator) for figure in figures if figure.shown]
    targets = [figure.target.value for figure in figures if figure.target]
    names = {"value": amount(values[-1], indicator, words)} if values else {}
    if targets:
        names["target"] = words("chart.line.target", target=target(targets[-1], indicator, words))
    return names


def _notes(
    points: pl.DataFrame, figures: Sequence[Figure], indicator: Indicator, words: Words, *, interval: bool
) -> list[str]:
    """Say the unit, then how to read what is drawn, and only what is drawn."""
    notes = [unit_and_rhythm(indicator, words, figures[0].period if figures else None)]
    if interval and points["low"].count():
        notes.append(words("chart.note.interval"))
    if points["target"].count():
        notes.append(words("chart.note.target"))
    if points["absent"].count():
        notes.append(words("chart.note.absent"))
    return notes


def _description(figures: Sequence[Figure], indicator: Indicator, words: Words, name: str, said: str | None) -> str:
    """Say in words what the curve shows; the table beside it holds every figure."""
    told = headline(figures, indicator, words, name, said)
    shown = [(figure, value_of(figure.shown, indicator)) for figure in figures if figure.shown]
    if not shown:
        return told
    if len(shown) == 1:
        return words("chart.trend.description.one", told=told)
    values = {
        end: words("chart.at", value=amount(value, indicator, words), during=during(figure.counted, words))
        for end, (figure, value) in {
            "first": shown[0],
            "lowest": min(shown, key=lambda pair: pair[1]),
            "highest": max(shown, key=lambda pair: pair[1]),
        }.items()
    }
    return words("chart.trend.description", told=told, **values)
