"""One indicator of one structure as a process behaviour chart: its mean, its limits, and what stands out of chance."""

from collections.abc import Sequence
from typing import Any, Final

import altair as alt
import polars as pl

from dashboards.charts.axes import end_labels, height, layer, periods_axis, points_told, top_of, values_axis
from dashboards.charts.colours import ACCENT, EDGE, MET, MISSED, PAPER, QUIET, TARGET
from dashboards.charts.look import titled, whole
from dashboards.charts.told import absence, headline, unit_and_rhythm
from dashboards.numbers import amount, period, target, value_of
from dashboards.words import Words
from indicators.catalogue import Indicator
from indicators.figures import Figure
from indicators.judgement.process import Basis, Process, Variation, drawn

HEIGHT: Final = 320
HIT_AREA: Final = 400
"""Area in square pixels round a point within which the pointer finds it."""
COLOUR_OF: Final = {"value": ACCENT, "mean": QUIET, "target": TARGET}
LIMITS: Final = ("lower", "upper")
MARKS: Final = {
    Variation.IMPROVEMENT: ("triangle-up", MET),
    Variation.CONCERN: ("triangle-down", MISSED),
    Variation.HIGH: ("square", ACCENT),
    Variation.LOW: ("square", ACCENT),
}
"""Shape and colour of a point that has a special cause; each also has its words."""


def process_chart(
    figures: Sequence[Figure], behaviour: Process, indicator: Indicator, words: Words, *, name: str
) -> alt.LayerChart:
    """Draw a series with its mean and limits, those of few points dashed, and a mark on each special cause.

    `figures` is the series that `behaviour` judges, oldest first; `name` says whose it is.
    """
    points = _points(figures, behaviour, indicator, words)
    top = top_of(points, ("value", "target", *LIMITS), indicator)
    established = bool(behaviour.segments) and behaviour.segments[-1].status is Basis.ESTABLISHED
    limit = alt.MarkDef(
        type="line", color=EDGE, strokeWidth=1.2, strokeDash=[1, 0] if established else [4, 3], aria=False
    )
    middle = alt.MarkDef(type="line", color=QUIET, strokeWidth=1.2, strokeDash=[2, 3], aria=False)
    steps = alt.MarkDef(type="line", interpolate="step", color=TARGET, strokeDash=[5, 4], strokeWidth=1.5, aria=False)
    dot = alt.MarkDef(type="point", color=ACCENT, fill=PAPER, size=24, opacity=1, strokeWidth=1.5)
    cross = alt.MarkDef(type="text", text="×", color=QUIET, fontSize=18, dy=-7)
    around = alt.MarkDef(type="point", size=HIT_AREA, opacity=0, filled=True, aria=False)
    value = values_axis("value", top, indicator, words)
    layers = [
        *(layer(limit, y=height(field)) for field in LIMITS if points[field].count()),
        layer(middle, y=height("mean")),
        layer(steps, y=height("target")),
        layer(alt.MarkDef(type="line", color=ACCENT, strokeWidth=2, aria=False), y=value),
        layer(dot, y=height("value"), **points_told()),
        *_special(points),
        layer(cross, y=height("absent"), **points_told()),
        layer(around, y=height("value"), **points_told()),
        *end_labels(points, _names(figures, points, indicator, words), COLOUR_OF, HEIGHT, top),
    ]
    return whole(
        layers,
        points,
        words,
        title=titled(headline(figures, indicator, words, name), _notes(figures, behaviour, indicator, words)),
        description=_description(figures, behaviour, indicator, words, name),
        height=HEIGHT,
        x=periods_axis([figure.period for figure in figures], words),
    )


def said(signal: str | None, side: str, frequency: str, words: Words) -> str:
    """Return a special cause in words: « exceptionnellement haut au vu du passé »."""
    return words(f"said.signal.{signal}.{side}", periods=words(f"said.periods.{frequency}"))


def _points(figures: Sequence[Figure], behaviour: Process, indicator: Indicator, words: Words) -> pl.DataFrame:
    """Return one row a period: what is drawn, and the sentence of its tooltip."""
    bounds = (0.0, indicator.scale if indicator.capped else None)
    rows: list[dict[str, Any]] = []
    for figure, told in zip(figures, behaviour.told, strict=True):
        shown = figure.shown
        value = amount(value_of(shown, indicator), indicator, words) if shown else absence(figure, words)
        sentence = words("chart.point", period=period(figure.counted, words), value=value)
        if told.side:
            cause = said(told.signals[0], told.side, indicator.frequency, words)
            sentence = words("process.point", told=sentence, cause=cause)
        rows.append(
            {
                "period": figure.period.code,
                "target": figure.target and figure.target.value,
                "absent": None if shown else 0.0,
                "told": sentence,
            }
        )
    schema = {"period": pl.String, "target": pl.Float64, "absent": pl.Float64, "told": pl.String}
    judged = drawn(behaviour, bounds).select("value", "mean", *LIMITS, "variation")
    return pl.concat([pl.DataFrame(rows, schema=schema), judged], how="horizontal")


def _special(points: pl.DataFrame) -> list[alt.Chart]:
    """Draw the points that have a special cause, by what it means: a shape and a colour each."""
    layers = []
    for meaning, (shape, colour) in MARKS.items():
        own = points.filter(pl.col("variation") == meaning).select("period", "value", "told")
        if own.height:
            mark = alt.MarkDef(type="point", shape=shape, color=colour, fill=colour, size=80, opacity=1)
            layers.append(layer(mark, own, y=height("value"), **points_told()))
    return layers


def _names(figures: Sequence[Figure], points: pl.DataFrame, indicator: Indicator, words: Words) -> dict[str, str]:
    """Write the last value, the mean and the last target, where there are any."""
    values = [value_of(figure.shown, indicator) for figure in figures if figure.shown]
    targets = [figure.target.value for figure in figures if figure.target]
    names = {"value": amount(values[-1], indicator, words)} if values else {}
    if points["mean"].count():
        names["mean"] = words("process.mean", value=amount(points["mean"].drop_nulls()[-1], indicator, words))
    if targets:
        names["target"] = words("chart.line.target", target=target(targets[-1], indicator, words))
    return names


def _notes(figures: Sequence[Figure], behaviour: Process, indicator: Indicator, words: Words) -> list[str]:
    """Say the unit, what the limits rest on, and how to read what is drawn."""
    notes = [unit_and_rhythm(indicator, words, figures[0].period if figures else None)]
    if behaviour.segments:
        notes.append(words(f"process.basis.{behaviour.segments[-1].status}"))
    if any(figure.target for figure in figures):
        notes.append(words("chart.note.target"))
    if any(figure.shown is None for figure in figures):
        notes.append(words("chart.note.absent"))
    return notes


def _description(figures: Sequence[Figure], behaviour: Process, indicator: Indicator, words: Words, name: str) -> str:
    """Say in words what the chart shows: the latest value, the limits it stands in, its special causes."""
    told = [headline(figures, indicator, words, name)]
    segment = behaviour.segments[-1] if behaviour.segments else None
    if segment and segment.limits and segment.mean is not None:
        low, high = max(segment.limits.lower, 0.0), segment.limits.upper
        high = min(high, indicator.scale) if indicator.capped else high
        mean, low_said, high_said = (amount(value, indicator, words) for value in (segment.mean, low, high))
        told.append(words("process.description", mean=mean, low=low_said, high=high_said))
    causes = sum(point.side is not None for point in behaviour.told)
    told.append(words("process.causes", count=causes) if causes else words("process.causes.none"))
    return " ".join(sentence if sentence.endswith(".") else f"{sentence}." for sentence in told)
