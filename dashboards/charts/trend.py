"""The line chart of one indicator of one perimeter over time."""

from collections.abc import Mapping, Sequence
from typing import Final

import altair as alt
import polars as pl

from dashboards.charts.annotations import ChartAnnotations, break_layers, break_sentences, definition_numbers
from dashboards.charts.axes import axis_top, end_labels, layer, periods_axis, point_texts, values_axis, y_channel
from dashboards.charts.colours import ACCENT, BAND, EDGE, PAPER, QUIET, TARGET
from dashboards.charts.earlier import earlier_layers, earlier_points, earlier_sentence
from dashboards.charts.style import compose, wrapped_title
from dashboards.charts.titles import absence_label, series_title, unit_and_frequency
from dashboards.wording.formatting import exact_value, format_amount, format_during, format_period, format_target
from dashboards.wording.translations import Translator
from indicators.definitions.baselines import Break
from indicators.definitions.catalogue import Indicator
from indicators.figures.figure import Figure
from indicators.queries.figures.continuity import EarlierFigures, continuous_spans

HEIGHT_PX: Final = 300
HIT_AREA_PX2: Final = 400
"""Area in square pixels around a point that shows its tooltip."""
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
NO_LASTING_CHANGES: Final[Mapping[int, str]] = {}
SERIES_COLOURS: Final = {"value": ACCENT, "target": TARGET}


def trend_chart(
    figures: Sequence[Figure],
    indicator: Indicator,
    t: Translator,
    *,
    name: str,
    interval: bool,
    judgement: str | None = None,
    breaks: Sequence[Break] = (),
    lasting_changes: Mapping[int, str] = NO_LASTING_CHANGES,
    earlier: Sequence[EarlierFigures] = (),
    height: int = HEIGHT_PX,
) -> alt.LayerChart:
    """Build a line chart with gaps where nothing is published, the target in steps and, if asked, the 95 % interval.

    `figures` is a series, oldest first; `name` is its perimeter as titles write it, `judgement` the assessment of its
    latest figure. `breaks` are drawn, and no line joins two definitions; `lasting_changes` describes, at the positions
    of first detection, the lasting changes of a structure whose quarters have too few cases to be drawn. The figures of
    predecessors (`earlier`) stand before the series.
    """
    points = _points(figures, indicator, t, breaks, lasting_changes, interval=interval)
    spans, past = continuous_spans(earlier, figures), earlier_points(earlier, t)
    heights = pl.concat([points, past.select("value")], how="diagonal") if earlier else points
    top = axis_top(heights, ("value", "high", "target"), indicator)
    value = values_axis("value", top, indicator, t)
    layers = []
    if interval:
        edge = alt.MarkDef(type="line", color=EDGE, strokeWidth=0.75, aria=False)
        band = alt.MarkDef(type="area", color=BAND, aria=False)
        layers = [
            layer(band, y=y_channel("low"), y2=alt.Y2("high")),
            layer(edge, y=y_channel("low")),
            layer(edge, y=y_channel("high")),
        ]
    if points["target"].count():
        steps = alt.MarkDef(
            type="line", interpolate="step", color=TARGET, strokeDash=[5, 4], strokeWidth=1.5, aria=False
        )
        layers.append(layer(steps, y=y_channel("target")))
    dot = alt.MarkDef(type="point", color=ACCENT, fill=PAPER, size=24, opacity=1, strokeWidth=1.5)
    cross = alt.MarkDef(type="text", text="×", color=QUIET, fontSize=18, dy=-7)
    hit_area = alt.MarkDef(type="point", size=HIT_AREA_PX2, opacity=0, filled=True, aria=False)
    line = alt.MarkDef(type="line", color=ACCENT, strokeWidth=2, aria=False)
    layers += [
        *break_layers(ChartAnnotations(breaks=breaks), spans, t, height),
        *earlier_layers(earlier, past, spans, t, height),
        layer(line, y=value, detail=alt.Detail("part", type="nominal")),
        layer(dot, y=y_channel("value"), **point_texts()),
        layer(cross, y=y_channel("absent"), **point_texts()),
        *_lasting_change_marks(points, lasting_changes),
        layer(hit_area, y=y_channel("value"), **point_texts()),
        *end_labels(points, _series_labels(figures, indicator, t), SERIES_COLOURS, height, top),
    ]
    continued = [earlier_sentence(each, t) for each in earlier]
    notes = [*_notes(points, figures, indicator, t, interval=interval), *continued]
    return compose(
        layers,
        points,
        t,
        title=wrapped_title(series_title(figures, indicator, t, name, judgement), notes),
        description=" ".join(
            [_description(figures, indicator, t, name, judgement, breaks, lasting_changes), *continued]
        ),
        height=height,
        x=periods_axis(spans, t),
    )


def _lasting_change_marks(points: pl.DataFrame, lasting_changes: Mapping[int, str]) -> list[alt.Chart]:
    """Return the marks of points at which a lasting change is first detected."""
    data = points[list(lasting_changes)].filter(pl.col("value").is_not_null())
    if data.is_empty():
        return []
    mark = alt.MarkDef(type="point", shape="diamond", color=ACCENT, fill=ACCENT, size=110, opacity=1)
    return [layer(mark, data.select("period", "value", "told"), y=y_channel("value"), **point_texts())]


def _points(
    figures: Sequence[Figure],
    indicator: Indicator,
    t: Translator,
    breaks: Sequence[Break],
    lasting_changes: Mapping[int, str],
    *,
    interval: bool,
) -> pl.DataFrame:
    """Return one row per period: the values drawn and the tooltip."""
    rows = []
    definitions = definition_numbers(breaks, [figure.period for figure in figures])
    for place, figure in enumerate(figures):
        when, goal, shown = format_period(figure.covered_span, t), figure.target, figure.shown
        value = format_amount(exact_value(shown, indicator), indicator, t) if shown else absence_label(figure, t)
        low, high = (figure.interval or (None, None)) if interval else (None, None)
        point = t("chart.point", period=when, value=value)
        rows.append(
            {
                "period": figure.period.code,
                "value": shown and shown.value,
                "low": low,
                "high": high,
                "target": goal and goal.value,
                "absent": None if shown else 0.0,
                "told": t("process.point", told=point, cause=lasting_changes[place])
                if place in lasting_changes
                else point,
                "part": definitions[place],
            }
        )
    return pl.DataFrame(rows, schema=SCHEMA)


def _series_labels(figures: Sequence[Figure], indicator: Indicator, t: Translator) -> dict[str, str]:
    """Return the labels of the lines: last value and last target, where there are any."""
    values = [exact_value(figure.shown, indicator) for figure in figures if figure.shown]
    targets = [figure.target.value for figure in figures if figure.target]
    names = {"value": format_amount(values[-1], indicator, t)} if values else {}
    if targets:
        names["target"] = t("chart.line.target", target=format_target(targets[-1], indicator, t))
    return names


def _notes(
    points: pl.DataFrame, figures: Sequence[Figure], indicator: Indicator, t: Translator, *, interval: bool
) -> list[str]:
    """Return the notes of the subtitle: the unit, then how to read each element that is drawn."""
    notes = [unit_and_frequency(indicator, t, figures[0].period if figures else None)]
    if interval and points["low"].count():
        notes.append(t("chart.note.interval"))
    if points["target"].count():
        notes.append(t("chart.note.target"))
    if points["absent"].count():
        notes.append(t("chart.note.absent"))
    return notes


def _description(
    figures: Sequence[Figure],
    indicator: Indicator,
    t: Translator,
    name: str,
    judgement: str | None,
    breaks: Sequence[Break],
    lasting_changes: Mapping[int, str],
) -> str:
    """Return the text alternative of the chart; the data table beside it has every figure."""
    sentences = break_sentences(breaks, [figure.period for figure in figures], t)
    sentences += [t("process.lasting", cause=cause) for cause in lasting_changes.values()]
    return " ".join([_curve_sentence(figures, indicator, t, name, judgement), *sentences])


def _curve_sentence(
    figures: Sequence[Figure], indicator: Indicator, t: Translator, name: str, judgement: str | None
) -> str:
    """Return the latest, first, lowest and highest value in a sentence."""
    title = series_title(figures, indicator, t, name, judgement)
    shown_values = [(figure, exact_value(figure.shown, indicator)) for figure in figures if figure.shown]
    if not shown_values:
        return title
    if len(shown_values) == 1:
        return t("chart.trend.description.one", told=title)
    values = {
        end: t("chart.at", value=format_amount(value, indicator, t), during=format_during(figure.covered_span, t))
        for end, (figure, value) in {
            "first": shown_values[0],
            "lowest": min(shown_values, key=lambda pair: pair[1]),
            "highest": max(shown_values, key=lambda pair: pair[1]),
        }.items()
    }
    return t("chart.trend.description", told=title, **values)
