"""The control chart (XmR) of one indicator of one structure: mean, limits and signals beyond chance."""

from collections.abc import Sequence
from typing import Any, Final

import altair as alt
import polars as pl

from dashboards.charts.annotations import (
    DECILES,
    NO_ANNOTATIONS,
    ChartAnnotations,
    action_layers,
    break_layers,
    break_sentences,
    definition_numbers,
    note_layers,
    peer_layers,
)
from dashboards.charts.axes import (
    axis_top,
    end_labels,
    keep_if_mostly_known,
    layer,
    periods_axis,
    point_texts,
    values_axis,
    y_channel,
)
from dashboards.charts.colours import ACCENT, MET, MISSED, PAPER, QUIET, TARGET
from dashboards.charts.earlier import earlier_layers, earlier_points, earlier_sentence
from dashboards.charts.signals import cause_labels, cause_text, is_first_signalled
from dashboards.charts.style import compose, wrapped_title
from dashboards.charts.titles import absence_label, series_title, unit_and_frequency
from dashboards.wording.formatting import exact_value, format_amount, format_period, format_target
from dashboards.wording.translations import Translator
from indicators.definitions.catalogue import Indicator
from indicators.figures.figure import Figure
from indicators.judgement.control_chart import ControlChart, LimitBasis, Variation, to_frame
from indicators.queries.figures.assessed_board import has_lasting_changes
from indicators.queries.figures.continuity import EarlierFigures, continuous_spans

HEIGHT_PX: Final = 320
HIT_AREA_PX2: Final = 400
"""Area in square pixels around a point that shows its tooltip."""
SERIES_COLOURS: Final = {
    "value": ACCENT,
    "mean": ACCENT,
    "upper": ACCENT,
    "lower": ACCENT,
    "median": QUIET,
    "target": TARGET,
}
NARROW_LABELS: Final = {"value", "target"}
"""Lines labelled on narrow charts too."""
LIMIT_COLUMNS: Final = ("lower", "upper")
SEGMENT_COLUMN: Final = "segment"
SIGNAL_MARKS: Final = {
    Variation.IMPROVEMENT: ("triangle-up", MET),
    Variation.CONCERN: ("triangle-down", MISSED),
    Variation.HIGH: ("square", ACCENT),
    Variation.LOW: ("square", ACCENT),
}
"""Shape and colour of points with a special cause; each also has a text label."""


def process_chart(
    figures: Sequence[Figure],
    control_chart: ControlChart,
    indicator: Indicator,
    t: Translator,
    *,
    name: str,
    judgement: str | None = None,
    annotations: ChartAnnotations = NO_ANNOTATIONS,
    earlier: Sequence[EarlierFigures] = (),
) -> alt.LayerChart:
    """Build a control chart with the mean and limits of each segment, dashed if provisional, and labelled signals.

    `figures` is the series assessed by `control_chart`, oldest first; `name` is its perimeter, `judgement` the
    assessment of its latest figure. The latest point has its 95 % interval; `annotations` are drawn around the series,
    and the figures of predecessors (`earlier`) before it, which are not assessed.
    """
    points = _points(figures, control_chart, indicator, t, annotations)
    spans, all_spans = [figure.period for figure in figures], continuous_spans(earlier, figures)
    past = earlier_points(earlier, t)
    heights = pl.concat([points, past.select("value")], how="diagonal") if earlier else points
    top = axis_top(heights, ("value", "target", "high", *LIMIT_COLUMNS, *DECILES), indicator)
    steps = alt.MarkDef(type="line", interpolate="step", color=TARGET, strokeDash=[5, 4], strokeWidth=1.5, aria=False)
    dot = alt.MarkDef(type="point", color=ACCENT, fill=PAPER, size=24, opacity=1, strokeWidth=1.5)
    cross = alt.MarkDef(type="text", text="×", color=QUIET, fontSize=18, dy=-7)
    hit_area = alt.MarkDef(type="point", size=HIT_AREA_PX2, opacity=0, filled=True, aria=False)
    line = alt.MarkDef(type="line", color=ACCENT, strokeWidth=2, aria=False)
    interval = alt.MarkDef(type="rule", color=ACCENT, strokeWidth=2, aria=False)
    value = values_axis("value", top, indicator, t)
    names = _series_labels(figures, points, indicator, t)
    layers = [
        *action_layers(annotations, spans, t, HEIGHT_PX),
        *peer_layers(points),
        *_limit_layers(control_chart, points),
        *break_layers(annotations, all_spans, t, HEIGHT_PX),
        *earlier_layers(earlier, past, all_spans, t, HEIGHT_PX),
        layer(steps, y=y_channel("target")),
        layer(interval, y=y_channel("low"), y2=alt.Y2("high")),
        layer(line, y=value, detail=alt.Detail("part", type="nominal")),
        layer(dot, y=y_channel("value"), **point_texts()),
        *_signal_layers(points),
        *cause_labels(points, control_chart, t),
        *note_layers(annotations, figures),
        layer(cross, y=y_channel("absent"), **point_texts()),
        layer(hit_area, y=y_channel("value"), **point_texts()),
        *end_labels(
            points,
            names,
            SERIES_COLOURS,
            HEIGHT_PX,
            top,
            brief_labels={name: names[name] for name in NARROW_LABELS & names.keys()},
        ),
    ]
    title = wrapped_title(
        series_title(figures, indicator, t, name, judgement),
        [*_notes(figures, points, control_chart, indicator, t), *(earlier_sentence(each, t) for each in earlier)],
    )
    return compose(
        layers,
        points,
        t,
        title=title,
        description=" ".join(
            [
                _description(figures, control_chart, indicator, t, name, judgement, annotations),
                *(earlier_sentence(each, t) for each in earlier),
            ]
        ),
        height=HEIGHT_PX,
        x=periods_axis(all_spans, t),
    )


def _points(
    figures: Sequence[Figure],
    control_chart: ControlChart,
    indicator: Indicator,
    t: Translator,
    annotations: ChartAnnotations,
) -> pl.DataFrame:
    """Return one row per period: the values drawn and the tooltip."""
    bounds = (0.0, indicator.scale if indicator.is_capped else None)
    latest = max((n for n, figure in enumerate(figures) if figure.shown), default=None)
    rows: list[dict[str, Any]] = []
    spans = [figure.period for figure in figures]
    parts = definition_numbers(annotations.breaks, spans)
    for place, (figure, signals) in enumerate(zip(figures, control_chart.point_signals, strict=True)):
        shown = figure.shown
        value = format_amount(exact_value(shown, indicator), indicator, t) if shown else absence_label(figure, t)
        sentence = t("chart.point", period=format_period(figure.covered_span, t), value=value)
        if signals.side:
            sentence = t("process.point", told=sentence, cause=cause_text(signals, figure.period, t, spans))
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
    chart_rows = to_frame(control_chart, bounds).select("value", SEGMENT_COLUMN, "mean", *LIMIT_COLUMNS, "variation")
    if chart_rows["value"].count() == 1:
        # The mean of a single point is the point itself: not drawn.
        chart_rows = chart_rows.with_columns(pl.lit(None, pl.Float64).alias("mean"))
    peer_deciles = annotations.peers.select(
        "period", "structures", *(pl.col(name).cast(pl.Float64) for name in DECILES)
    )
    points = pl.concat([pl.DataFrame(rows, schema=schema), chart_rows], how="horizontal")
    return keep_if_mostly_known(points.join(peer_deciles, on="period", how="left", maintain_order="left"), DECILES)


def _limit_layers(control_chart: ControlChart, points: pl.DataFrame) -> list[alt.Chart]:
    """Return the layers of the mean and limits of each segment, dashed where the limits are provisional."""
    middle = alt.MarkDef(type="line", color=ACCENT, strokeWidth=1, strokeDash=[1, 3], aria=False)
    by_segment = alt.Detail(SEGMENT_COLUMN, type="nominal")
    layers = [layer(middle, y=y_channel("mean"), detail=by_segment)]
    for number, segment in enumerate(control_chart.segments):
        if segment.limits is None:
            continue
        dash = [1, 0] if segment.status is LimitBasis.FROZEN else [4, 3]
        limit = alt.MarkDef(type="line", color=ACCENT, strokeWidth=1, strokeDash=dash, aria=False)
        part = points if len(control_chart.segments) == 1 else points.filter(pl.col(SEGMENT_COLUMN) == number)
        data = None if part is points else part.select("period", *LIMIT_COLUMNS)
        layers += [layer(limit, data, y=y_channel(field)) for field in LIMIT_COLUMNS]
    return layers


def _signal_layers(points: pl.DataFrame) -> list[alt.Chart]:
    """Return the layers of points with a special cause: shape and colour by the kind of variation."""
    layers = []
    for variation, (shape, colour) in SIGNAL_MARKS.items():
        marked_points = points.filter(pl.col("variation") == variation).select("period", "value", "told")
        if marked_points.height:
            mark = alt.MarkDef(type="point", shape=shape, color=colour, fill=colour, size=80, opacity=1)
            layers.append(layer(mark, marked_points, y=y_channel("value"), **point_texts()))
    return layers


def _series_labels(
    figures: Sequence[Figure], points: pl.DataFrame, indicator: Indicator, t: Translator
) -> dict[str, str]:
    """Return the labels of the lines that reach the right end, and of the last value."""
    values = [exact_value(figure.shown, indicator) for figure in figures if figure.shown]
    last = points.row(-1, named=True)
    names = {"value": format_amount(values[-1], indicator, t)} if values else {}
    for field in ("upper", "mean", "lower"):
        if last[field] is not None:
            names[field] = t(f"process.{field}", value=format_amount(last[field], indicator, t))
    if last["median"] is not None:
        names["median"] = t("process.median", value=format_amount(last["median"], indicator, t))
    if last["target"] is not None:
        names["target"] = t("chart.line.target", target=format_target(last["target"], indicator, t))
    return names


def _notes(
    figures: Sequence[Figure], points: pl.DataFrame, control_chart: ControlChart, indicator: Indicator, t: Translator
) -> list[str]:
    """Return the notes of the subtitle: unit, basis of the limits, how to read each element drawn."""
    notes = [unit_and_frequency(indicator, t, figures[0].period if figures else None)]
    if control_chart.segments:
        last = points.row(-1, named=True)
        low, high = (
            format_amount(last[name], indicator, t) if last[name] is not None else "" for name in LIMIT_COLUMNS
        )
        notes.append(t(f"process.basis.{_limits_basis(control_chart)}", low=low, high=high))
    if points["low"].count():
        notes.append(t("process.note.interval"))
    if points["median"].count():
        notes.append(t("process.note.peers", count=points["structures"].drop_nulls()[-1]))
    if points["target"].count() and points["target"][-1] is None:
        notes.append(t("chart.note.target"))
    if points["absent"].count():
        notes.append(t("chart.note.absent"))
    return notes


def _limits_basis(control_chart: ControlChart) -> str:
    """Return the message key for the basis of the last limits; a single point has no mean."""
    has_single_value = sum(value is not None for value in control_chart.values) == 1
    return "single" if has_single_value else control_chart.segments[-1].status.value


def _description(
    figures: Sequence[Figure],
    control_chart: ControlChart,
    indicator: Indicator,
    t: Translator,
    name: str,
    judgement: str | None,
    annotations: ChartAnnotations,
) -> str:
    """Return the text alternative of the chart: latest value, limits, breaks, special causes."""
    sentences = [series_title(figures, indicator, t, name, judgement)]
    segment = control_chart.segments[-1] if control_chart.segments else None
    if segment and segment.limits and segment.mean is not None:
        low, high = max(segment.limits.lower, 0.0), segment.limits.upper
        high = min(high, indicator.scale) if indicator.is_capped else high
        mean, low_text, high_text = (format_amount(value, indicator, t) for value in (segment.mean, low, high))
        sentences.append(t("process.description", mean=mean, low=low_text, high=high_text))
    spans = [figure.period for figure in figures]
    sentences += break_sentences(annotations.breaks, spans, t)
    lasting_changes = [
        cause_text(point, spans[place], t, spans)
        for place, point in enumerate(control_chart.point_signals)
        if is_first_signalled(control_chart.point_signals, place)
    ]
    cause_count = sum(point.side is not None and point.change is None for point in control_chart.point_signals)
    if lasting_changes:
        sentences += [t("process.lasting", cause=cause) for cause in lasting_changes]
    elif cause_count:
        sentences.append(t("process.causes", count=cause_count))
    elif segment and segment.limits is None:
        # Without tests, « no special cause » would be a false statement.
        sentences.append(t(f"process.basis.{_limits_basis(control_chart)}"))
    elif control_chart.is_tested or not has_lasting_changes(indicator):
        sentences.append(t("process.causes.none"))
    return " ".join(sentence if sentence.endswith(".") else f"{sentence}." for sentence in sentences)
