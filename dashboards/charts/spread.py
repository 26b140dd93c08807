"""One indicator of the network over time, with how its structures spread round it."""

from collections.abc import Sequence
from typing import Final

import altair as alt
import polars as pl

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
from dashboards.charts.colours import ACCENT, BAND, EDGE, PAPER, QUIET, TARGET
from dashboards.charts.style import titled, whole
from dashboards.charts.titles import absence, headline, unit_and_rhythm
from dashboards.wording.formatting import amount, period, target, value_of
from dashboards.wording.translations import Words
from indicators.definitions.catalogue import Indicator
from indicators.figures.figure import Figure

HEIGHT: Final = 340
COLOUR_OF: Final = {
    "value": ACCENT,
    "median": QUIET,
    "first_decile": QUIET,
    "last_decile": QUIET,
    "target": TARGET,
}
"""What is drawn, in the order in which the labels are read."""
HIT_AREA: Final = 400
"""Area in square pixels round a point within which the pointer finds it."""
DECILES: Final = ("first_decile", "median", "last_decile")


def spread_over_time(
    figures: Sequence[Figure],
    distribution: pl.DataFrame,
    indicator: Indicator,
    words: Words,
    *,
    name: str,
    said: str | None = None,
) -> alt.LayerChart:
    """Draw the value of the network and, where twenty structures can be compared, the middle eight tenths of them.

    A count is that of all the structures together: those of each are on another scale, and are left out.

    `figures` is the network's series, oldest first, with at least one value; `distribution` has period, structures,
    first_decile, median and last_decile, in the unit of the value; `said` is what the latest figure can bear.
    """
    compared = distribution if indicator.aggregation == "ratio" else distribution.clear()
    points = _points(figures, compared, indicator, words)
    top = top_of(points, tuple(COLOUR_OF), indicator)
    edge = alt.MarkDef(type="line", color=EDGE, strokeWidth=1, aria=False)
    middle = alt.MarkDef(type="line", color=QUIET, strokeWidth=1.5, strokeDash=[2, 3], aria=False)
    steps = alt.MarkDef(type="line", interpolate="step", color=TARGET, strokeDash=[5, 4], strokeWidth=1.5, aria=False)
    dot = alt.MarkDef(type="point", color=ACCENT, fill=PAPER, size=24, opacity=1, strokeWidth=1.5)
    around = alt.MarkDef(type="point", size=HIT_AREA, opacity=0, filled=True, aria=False)
    layers = [
        layer(alt.MarkDef(type="area", color=BAND, aria=False), y=height("first_decile"), y2=alt.Y2("last_decile")),
        layer(edge, y=height("first_decile")),
        layer(edge, y=height("last_decile")),
        layer(middle, y=height("median")),
        layer(steps, y=height("target")),
        layer(
            alt.MarkDef(type="line", color=ACCENT, strokeWidth=2.5, aria=False),
            y=values_axis("value", top, indicator, words),
        ),
        layer(dot, y=height("value"), **points_told()),
        layer(around, y=height("value"), **points_told()),
        *end_labels(points, _names(points, indicator, words), COLOUR_OF, HEIGHT, top),
    ]
    told = headline(figures, indicator, words, name, said)
    return whole(
        layers,
        points,
        words,
        title=titled(told, _notes(points, indicator, words)),
        description=_description(points, told, indicator, words),
        height=HEIGHT,
        x=periods_axis([figure.period for figure in figures], words),
    )


def _points(figures: Sequence[Figure], distribution: pl.DataFrame, indicator: Indicator, words: Words) -> pl.DataFrame:
    """Return one row a period: period, value, target, the deciles and the sentence of its tooltip."""
    rows = []
    for figure in figures:
        shown = figure.shown
        value = amount(value_of(shown, indicator), indicator, words) if shown else absence(figure, words)
        rows.append(
            {
                "period": figure.period.code,
                "value": shown and shown.value,
                "target": figure.target and figure.target.value,
                "told": words("chart.point", period=period(figure.period, words), value=value),
            }
        )
    schema = {"period": pl.String, "value": pl.Float64, "target": pl.Float64, "told": pl.String}
    spread = distribution.select("period", "structures", *(pl.col(name).cast(pl.Float64) for name in DECILES))
    points = pl.DataFrame(rows, schema=schema).join(spread, on="period", how="left", maintain_order="left")
    return where_mostly_known(points, DECILES)


def _names(points: pl.DataFrame, indicator: Indicator, words: Words) -> dict[str, str]:
    """Say what each line is that reaches the right end, where names are written; the notes tell of the others."""
    last = points.row(-1, named=True)
    reaching = [column for column in COLOUR_OF if last[column] is not None]
    goal = target(last["target"], indicator, words) if "target" in reaching else ""
    return {column: words(f"chart.line.{column}", target=goal) for column in reaching}


def _notes(points: pl.DataFrame, indicator: Indicator, words: Words) -> list[str]:
    notes = [unit_and_rhythm(indicator, words)]
    if points["median"].count():
        compared = points["structures"].drop_nulls()[-1]
        notes += [words("chart.note.deciles", count=compared), words("chart.note.median")]
    return notes


def _description(points: pl.DataFrame, told: str, indicator: Indicator, words: Words) -> str:
    """Say in words what the chart shows at its end."""
    known = points.filter(pl.col("median").is_not_null())
    if known.is_empty():
        return words("chart.spread.alone", told=told)
    low, middle, high = (amount(known[column][-1], indicator, words) for column in DECILES)
    compared = known["structures"][-1]
    return words("chart.spread.description", told=told, low=low, middle=middle, high=high, count=compared)
