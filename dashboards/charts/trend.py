"""One indicator of one perimeter over time."""

from collections.abc import Mapping, Sequence
from typing import Final

import altair as alt
import polars as pl

from dashboards.charts.annotations import Beside, parts, told_breaks
from dashboards.charts.annotations import breaks as drawn_breaks
from dashboards.charts.axes import end_labels, height, layer, periods_axis, points_told, top_of, values_axis
from dashboards.charts.colours import ACCENT, BAND, EDGE, PAPER, QUIET, TARGET
from dashboards.charts.style import titled, whole
from dashboards.charts.titles import absence, headline, unit_and_rhythm
from dashboards.wording.formatting import amount, during, period, target, value_of
from dashboards.wording.translations import Words
from indicators.definitions.baselines import Break
from indicators.definitions.catalogue import Indicator
from indicators.figures.figure import Figure

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
    "part": pl.Int64,
}
NOTHING_LASTS: Final[Mapping[int, str]] = {}
COLOUR_OF: Final = {"value": ACCENT, "target": TARGET}


def trend(
    figures: Sequence[Figure],
    indicator: Indicator,
    words: Words,
    *,
    name: str,
    interval: bool,
    said: str | None = None,
    breaks: Sequence[Break] = (),
    lasting: Mapping[int, str] = NOTHING_LASTS,
) -> alt.LayerChart:
    """Draw a line with a gap where nothing is published, the target in steps and, if asked, the 95 % interval.

    `figures` is a series, oldest first; `name` says whose it is, as the title reads it, `said` what its latest figure
    can bear. `breaks` are drawn, and no line joins two definitions; `lasting` says, at the places where one is first
    told, the lasting changes of a structure whose quarters are too thin to be drawn.
    """
    points = _points(figures, indicator, words, breaks, lasting, interval=interval)
    spans = [figure.period for figure in figures]
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
    line = alt.MarkDef(type="line", color=ACCENT, strokeWidth=2, aria=False)
    layers += [
        *drawn_breaks(Beside(breaks=breaks), spans, words, HEIGHT),
        layer(line, y=value, detail=alt.Detail("part", type="nominal")),
        layer(dot, y=height("value"), **points_told()),
        layer(cross, y=height("absent"), **points_told()),
        *_first_told(points, lasting),
        layer(around, y=height("value"), **points_told()),
        *end_labels(points, _names(figures, indicator, words), COLOUR_OF, HEIGHT, top),
    ]
    notes = _notes(points, figures, indicator, words, interval=interval)
    return whole(
        layers,
        points,
        words,
        title=titled(headline(figures, indicator, words, name, said), notes),
        description=_description(figures, indicator, words, name, said, breaks, lasting),
        height=HEIGHT,
        x=periods_axis([figure.period for figure in figures], words),
    )


def _first_told(points: pl.DataFrame, lasting: Mapping[int, str]) -> list[alt.Chart]:
    """Mark the points at which a lasting change is first told."""
    data = points[list(lasting)].filter(pl.col("value").is_not_null())
    if data.is_empty():
        return []
    mark = alt.MarkDef(type="point", shape="diamond", color=ACCENT, fill=ACCENT, size=110, opacity=1)
    return [layer(mark, data.select("period", "value", "told"), y=height("value"), **points_told())]


def _points(
    figures: Sequence[Figure],
    indicator: Indicator,
    words: Words,
    breaks: Sequence[Break],
    lasting: Mapping[int, str],
    *,
    interval: bool,
) -> pl.DataFrame:
    """Return one row a period: what is drawn, and the sentence of its tooltip."""
    rows = []
    definitions = parts(breaks, [figure.period for figure in figures])
    for place, figure in enumerate(figures):
        when, goal, shown = period(figure.counted, words), figure.target, figure.shown
        value = amount(value_of(shown, indicator), indicator, words) if shown else absence(figure, words)
        low, high = (figure.interval or (None, None)) if interval else (None, None)
        point = words("chart.point", period=when, value=value)
        rows.append(
            {
                "period": figure.period.code,
                "value": shown and shown.value,
                "low": low,
                "high": high,
                "target": goal and goal.value,
                "absent": None if shown else 0.0,
                "told": words("process.point", told=point, cause=lasting[place]) if place in lasting else point,
                "part": definitions[place],
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


def _description(
    figures: Sequence[Figure],
    indicator: Indicator,
    words: Words,
    name: str,
    said: str | None,
    breaks: Sequence[Break],
    lasting: Mapping[int, str],
) -> str:
    """Say in words what the curve shows; the table beside it holds every figure."""
    more = told_breaks(breaks, [figure.period for figure in figures], words)
    more += [words("process.lasting", cause=cause) for cause in lasting.values()]
    return " ".join([_curve(figures, indicator, words, name, said), *more])


def _curve(figures: Sequence[Figure], indicator: Indicator, words: Words, name: str, said: str | None) -> str:
    """Say the latest value, the first, the lowest and the highest."""
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
