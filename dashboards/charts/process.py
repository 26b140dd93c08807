"""One indicator of one structure as a process behaviour chart: its mean, its limits, and what stands out of chance."""

from collections.abc import Sequence
from typing import Any, Final

import altair as alt
import polars as pl

from dashboards.charts import annotations as beside_it
from dashboards.charts.annotations import DECILES, NOTHING, Beside
from dashboards.charts.axes import (
    end_labels,
    height,
    layer,
    periods_axis,
    points_told,
    top_of,
    values_axis,
    where_mostly_known,
)
from dashboards.charts.colours import ACCENT, MET, MISSED, PAPER, QUIET, TARGET
from dashboards.charts.signals import begins, causes, named_at_points
from dashboards.charts.style import titled, whole
from dashboards.charts.titles import absence, headline, unit_and_rhythm
from dashboards.wording.formatting import amount, period, target, value_of
from dashboards.wording.translations import Words
from indicators.definitions.catalogue import Indicator
from indicators.figures.figure import Figure
from indicators.judgement.control_chart import Basis, Process, Variation, drawn
from indicators.queries.figures.assessed_board import has_lasting_changes

HEIGHT: Final = 320
HIT_AREA: Final = 400
"""Area in square pixels round a point within which the pointer finds it."""
COLOUR_OF: Final = {
    "value": ACCENT,
    "mean": ACCENT,
    "upper": ACCENT,
    "lower": ACCENT,
    "median": QUIET,
    "target": TARGET,
}
BRIEF: Final = {"value", "target"}
"""Lines that are named on a telephone too."""
LIMITS: Final = ("lower", "upper")
SEGMENT: Final = "segment"
MARKS: Final = {
    Variation.IMPROVEMENT: ("triangle-up", MET),
    Variation.CONCERN: ("triangle-down", MISSED),
    Variation.HIGH: ("square", ACCENT),
    Variation.LOW: ("square", ACCENT),
}
"""Shape and colour of a point that has a special cause; each also has its words."""


def process_chart(
    figures: Sequence[Figure],
    behaviour: Process,
    indicator: Indicator,
    words: Words,
    *,
    name: str,
    said: str | None = None,
    beside: Beside = NOTHING,
) -> alt.LayerChart:
    """Draw a series with the mean and limits of each segment, those of few points dashed, and its special causes named.

    `figures` is the series that `behaviour` judges, oldest first; `name` says whose it is, `said` what its latest
    figure can bear. The interval of the latest point is drawn on it; what is known beside the series round it.
    """
    points = _points(figures, behaviour, indicator, words, beside)
    spans = [figure.period for figure in figures]
    top = top_of(points, ("value", "target", "high", *LIMITS, *DECILES), indicator)
    steps = alt.MarkDef(type="line", interpolate="step", color=TARGET, strokeDash=[5, 4], strokeWidth=1.5, aria=False)
    dot = alt.MarkDef(type="point", color=ACCENT, fill=PAPER, size=24, opacity=1, strokeWidth=1.5)
    cross = alt.MarkDef(type="text", text="×", color=QUIET, fontSize=18, dy=-7)
    around = alt.MarkDef(type="point", size=HIT_AREA, opacity=0, filled=True, aria=False)
    line = alt.MarkDef(type="line", color=ACCENT, strokeWidth=2, aria=False)
    interval = alt.MarkDef(type="rule", color=ACCENT, strokeWidth=2, aria=False)
    value = values_axis("value", top, indicator, words)
    names = _names(figures, points, indicator, words)
    layers = [
        *beside_it.actions(beside, spans, words, HEIGHT),
        *beside_it.peers(points),
        *_lines(behaviour, points),
        *beside_it.breaks(beside, spans, words, HEIGHT),
        layer(steps, y=height("target")),
        layer(interval, y=height("low"), y2=alt.Y2("high")),
        layer(line, y=value, detail=alt.Detail("part", type="nominal")),
        layer(dot, y=height("value"), **points_told()),
        *_special(points),
        *named_at_points(points, behaviour, words),
        *beside_it.notes(beside, figures),
        layer(cross, y=height("absent"), **points_told()),
        layer(around, y=height("value"), **points_told()),
        *end_labels(points, names, COLOUR_OF, HEIGHT, top, brief={name: names[name] for name in BRIEF & names.keys()}),
    ]
    title = titled(
        headline(figures, indicator, words, name, said), _notes(figures, points, behaviour, indicator, words)
    )
    return whole(
        layers,
        points,
        words,
        title=title,
        description=_description(figures, behaviour, indicator, words, name, said, beside),
        height=HEIGHT,
        x=periods_axis(spans, words),
    )


def _points(
    figures: Sequence[Figure], behaviour: Process, indicator: Indicator, words: Words, beside: Beside
) -> pl.DataFrame:
    """Return one row a period: what is drawn, and the sentence of its tooltip."""
    bounds = (0.0, indicator.scale if indicator.capped else None)
    latest = max((n for n, figure in enumerate(figures) if figure.shown), default=None)
    rows: list[dict[str, Any]] = []
    spans = [figure.period for figure in figures]
    parts = beside_it.parts(beside.breaks, spans)
    for place, (figure, told) in enumerate(zip(figures, behaviour.told, strict=True)):
        shown = figure.shown
        value = amount(value_of(shown, indicator), indicator, words) if shown else absence(figure, words)
        sentence = words("chart.point", period=period(figure.counted, words), value=value)
        if told.side:
            sentence = words("process.point", told=sentence, cause=causes(told, figure.period, words, spans))
        low, high = (figure.interval or (None, None)) if place == latest else (None, None)
        rows.append(
            {
                "period": figure.period.code,
                "target": figure.target and figure.target.value,
                "absent": None if shown else 0.0,
                "low": low,
                "high": high,
                "told": sentence,
                "part": parts[place],
            }
        )
    schema = {"period": pl.String, **dict.fromkeys(("target", "absent", "low", "high"), pl.Float64), "told": pl.String}
    schema["part"] = pl.Int64
    judged = drawn(behaviour, bounds).select("value", SEGMENT, "mean", *LIMITS, "variation")
    if judged["value"].count() == 1:
        # A point has no mean but itself.
        judged = judged.with_columns(pl.lit(None, pl.Float64).alias("mean"))
    known = beside.peers.select("period", "structures", *(pl.col(name).cast(pl.Float64) for name in DECILES))
    points = pl.concat([pl.DataFrame(rows, schema=schema), judged], how="horizontal")
    return where_mostly_known(points.join(known, on="period", how="left", maintain_order="left"), DECILES)


def _lines(behaviour: Process, points: pl.DataFrame) -> list[alt.Chart]:
    """Draw the mean and the limits of each segment, dashed where the limits are provisional."""
    middle = alt.MarkDef(type="line", color=ACCENT, strokeWidth=1, strokeDash=[1, 3], aria=False)
    own = alt.Detail(SEGMENT, type="nominal")
    layers = [layer(middle, y=height("mean"), detail=own)]
    for number, segment in enumerate(behaviour.segments):
        if segment.limits is None:
            continue
        dash = [1, 0] if segment.status is Basis.FROZEN else [4, 3]
        limit = alt.MarkDef(type="line", color=ACCENT, strokeWidth=1, strokeDash=dash, aria=False)
        part = points if len(behaviour.segments) == 1 else points.filter(pl.col(SEGMENT) == number)
        data = None if part is points else part.select("period", *LIMITS)
        layers += [layer(limit, data, y=height(field)) for field in LIMITS]
    return layers


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
    """Write what each line is that reaches the right end, and the last value, where there are any."""
    values = [value_of(figure.shown, indicator) for figure in figures if figure.shown]
    last = points.row(-1, named=True)
    names = {"value": amount(values[-1], indicator, words)} if values else {}
    for field in ("upper", "mean", "lower"):
        if last[field] is not None:
            names[field] = words(f"process.{field}", value=amount(last[field], indicator, words))
    if last["median"] is not None:
        names["median"] = words("process.median", value=amount(last["median"], indicator, words))
    if last["target"] is not None:
        names["target"] = words("chart.line.target", target=target(last["target"], indicator, words))
    return names


def _notes(
    figures: Sequence[Figure], points: pl.DataFrame, behaviour: Process, indicator: Indicator, words: Words
) -> list[str]:
    """Say the unit, what the limits rest on, and how to read what is drawn."""
    notes = [unit_and_rhythm(indicator, words, figures[0].period if figures else None)]
    if behaviour.segments:
        last = points.row(-1, named=True)
        low, high = (amount(last[name], indicator, words) if last[name] is not None else "" for name in LIMITS)
        notes.append(words(f"process.basis.{_basis(behaviour)}", low=low, high=high))
    if points["low"].count():
        notes.append(words("process.note.interval"))
    if points["median"].count():
        notes.append(words("process.note.peers", count=points["structures"].drop_nulls()[-1]))
    if points["target"].count() and points["target"][-1] is None:
        notes.append(words("chart.note.target"))
    if points["absent"].count():
        notes.append(words("chart.note.absent"))
    return notes


def _basis(behaviour: Process) -> str:
    """Return what the last limits rest on, as its sentence is called: a single point has not even a mean."""
    single = sum(value is not None for value in behaviour.values) == 1
    return "single" if single else behaviour.segments[-1].status.value


def _description(
    figures: Sequence[Figure],
    behaviour: Process,
    indicator: Indicator,
    words: Words,
    name: str,
    said: str | None,
    beside: Beside,
) -> str:
    """Say in words what the chart shows: the latest value, the limits it stands in, its breaks, its special causes."""
    told = [headline(figures, indicator, words, name, said)]
    segment = behaviour.segments[-1] if behaviour.segments else None
    if segment and segment.limits and segment.mean is not None:
        low, high = max(segment.limits.lower, 0.0), segment.limits.upper
        high = min(high, indicator.scale) if indicator.capped else high
        mean, low_said, high_said = (amount(value, indicator, words) for value in (segment.mean, low, high))
        told.append(words("process.description", mean=mean, low=low_said, high=high_said))
    spans = [figure.period for figure in figures]
    told += beside_it.told_breaks(beside.breaks, spans, words)
    lasting = [
        causes(point, spans[place], words, spans)
        for place, point in enumerate(behaviour.told)
        if begins(behaviour.told, place)
    ]
    number = sum(point.side is not None and point.change is None for point in behaviour.told)
    if lasting:
        told += [words("process.lasting", cause=cause) for cause in lasting]
    elif number:
        told.append(words("process.causes", count=number))
    elif segment and segment.limits is None:
        # What was never tested is not said to be without cause.
        told.append(words(f"process.basis.{_basis(behaviour)}"))
    elif behaviour.tested or not has_lasting_changes(indicator):
        told.append(words("process.causes.none"))
    return " ".join(sentence if sentence.endswith(".") else f"{sentence}." for sentence in told)
