"""The line chart of one indicator of the network over time, with the deciles of its structures."""

from collections.abc import Sequence
from typing import Final

import altair as alt
import polars as pl

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
from dashboards.charts.colours import ACCENT, BAND, EDGE, PAPER, QUIET, TARGET
from dashboards.charts.style import compose, wrapped_title
from dashboards.charts.titles import absence_label, series_title, unit_and_frequency
from dashboards.wording.formatting import exact_value, format_amount, format_period, format_target
from dashboards.wording.translations import Translator
from indicators.definitions.catalogue import Indicator
from indicators.figures.figure import Figure

HEIGHT_PX: Final = 340
SERIES_COLOURS: Final = {
    "value": ACCENT,
    "median": QUIET,
    "first_decile": QUIET,
    "last_decile": QUIET,
    "target": TARGET,
}
"""The lines drawn and their colours, in the order of their labels."""
HIT_AREA_PX2: Final = 400
"""Area in square pixels around a point that shows its tooltip."""
DECILES: Final = ("first_decile", "median", "last_decile")


def spread_over_time(
    figures: Sequence[Figure],
    distribution: pl.DataFrame,
    indicator: Indicator,
    t: Translator,
    *,
    name: str,
    judgement: str | None = None,
) -> alt.LayerChart:
    """Build the chart of the network's value and, where twenty structures can be compared, of their deciles.

    Deciles are left out for counts: the network's total is on another scale than those of its structures.

    `figures` is the network's series, oldest first, with at least one value; `distribution` has period, structures,
    first_decile, median and last_decile, in the unit of the value; `judgement` is the assessment of the latest figure.
    """
    comparable = distribution if indicator.aggregation == "ratio" else distribution.clear()
    points = _points(figures, comparable, indicator, t)
    top = axis_top(points, tuple(SERIES_COLOURS), indicator)
    edge = alt.MarkDef(type="line", color=EDGE, strokeWidth=1, aria=False)
    middle = alt.MarkDef(type="line", color=QUIET, strokeWidth=1.5, strokeDash=[2, 3], aria=False)
    steps = alt.MarkDef(type="line", interpolate="step", color=TARGET, strokeDash=[5, 4], strokeWidth=1.5, aria=False)
    dot = alt.MarkDef(type="point", color=ACCENT, fill=PAPER, size=24, opacity=1, strokeWidth=1.5)
    hit_area = alt.MarkDef(type="point", size=HIT_AREA_PX2, opacity=0, filled=True, aria=False)
    layers = [
        layer(alt.MarkDef(type="area", color=BAND, aria=False), y=y_channel("first_decile"), y2=alt.Y2("last_decile")),
        layer(edge, y=y_channel("first_decile")),
        layer(edge, y=y_channel("last_decile")),
        layer(middle, y=y_channel("median")),
        layer(steps, y=y_channel("target")),
        layer(
            alt.MarkDef(type="line", color=ACCENT, strokeWidth=2.5, aria=False),
            y=values_axis("value", top, indicator, t),
        ),
        layer(dot, y=y_channel("value"), **point_texts()),
        layer(hit_area, y=y_channel("value"), **point_texts()),
        *end_labels(points, _series_labels(points, indicator, t), SERIES_COLOURS, HEIGHT_PX, top),
    ]
    title = series_title(figures, indicator, t, name, judgement)
    return compose(
        layers,
        points,
        t,
        title=wrapped_title(title, _notes(points, indicator, t)),
        description=_description(points, title, indicator, t),
        height=HEIGHT_PX,
        x=periods_axis([figure.period for figure in figures], t),
    )


def _points(figures: Sequence[Figure], distribution: pl.DataFrame, indicator: Indicator, t: Translator) -> pl.DataFrame:
    """Return one row per period: period, value, target, deciles and tooltip."""
    rows = []
    for figure in figures:
        shown = figure.shown
        value = format_amount(exact_value(shown, indicator), indicator, t) if shown else absence_label(figure, t)
        rows.append(
            {
                "period": figure.period.code,
                "value": shown and shown.value,
                "target": figure.target and figure.target.value,
                "told": t("chart.point", period=format_period(figure.period, t), value=value),
            }
        )
    schema = {"period": pl.String, "value": pl.Float64, "target": pl.Float64, "told": pl.String}
    spread = distribution.select("period", "structures", *(pl.col(name).cast(pl.Float64) for name in DECILES))
    points = pl.DataFrame(rows, schema=schema).join(spread, on="period", how="left", maintain_order="left")
    return keep_if_mostly_known(points, DECILES)


def _series_labels(points: pl.DataFrame, indicator: Indicator, t: Translator) -> dict[str, str]:
    """Return the labels of the lines that reach the right end; the notes explain the others."""
    last = points.row(-1, named=True)
    reaching = [column for column in SERIES_COLOURS if last[column] is not None]
    goal = format_target(last["target"], indicator, t) if "target" in reaching else ""
    return {column: t(f"chart.line.{column}", target=goal) for column in reaching}


def _notes(points: pl.DataFrame, indicator: Indicator, t: Translator) -> list[str]:
    notes = [unit_and_frequency(indicator, t)]
    if points["median"].count():
        structure_count = points["structures"].drop_nulls()[-1]
        notes += [t("chart.note.deciles", count=structure_count), t("chart.note.median")]
    return notes


def _description(points: pl.DataFrame, title: str, indicator: Indicator, t: Translator) -> str:
    """Return the text alternative of the chart: its values in the latest period."""
    periods_with_deciles = points.filter(pl.col("median").is_not_null())
    if periods_with_deciles.is_empty():
        return t("chart.spread.alone", told=title)
    low, middle, high = (format_amount(periods_with_deciles[column][-1], indicator, t) for column in DECILES)
    structure_count = periods_with_deciles["structures"][-1]
    return t("chart.spread.description", told=title, low=low, middle=middle, high=high, count=structure_count)
