"""Axes and direct labels that several charts draw in the same way."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import altair as alt
import polars as pl

from dashboards.charts.colours import PAPER
from dashboards.charts.style import NARROW
from dashboards.wording.formatting import PERCENT_UNIT, percent, short_period
from dashboards.wording.translations import Words
from indicators.definitions.catalogue import Indicator
from indicators.definitions.periods import Frequency, Span, Window

SHORT: Final = {"test": f"width < {NARROW}", "value": {"expr": "datum.brief"}}
"""On a telephone, the field `brief` is written instead of another."""
NAMED_PERIODS: Final = 8
"""Up to this many quarters or semesters each is named on the axis; beyond, only the years are."""
HEADROOM: Final = 1.15
"""Room over the highest value, for its label."""
LINE_OF_TEXT: Final = 15
"""Height in pixels that a label takes."""
PADDING: Final = 0.4
"""Room before the first period and after the last, in distances between two."""
HALO: Final = 4
"""Width in pixels of the paper left white round a label that lies on lines."""


def periods_axis(periods: Sequence[Span], words: Words) -> alt.X:
    """Return a horizontal axis on the field `period` (codes), in the order given."""
    codes = [period.code for period in periods]
    labels = {period.code: short_period(period, words) for period in periods}
    named = periods
    if len(periods) > NAMED_PERIODS and _several_a_year(periods[0]):
        named = [period for period in periods if period.start.month == 1]
        labels = {period.code: str(period.start.year) for period in named}
    axis = alt.Axis(
        title=None,
        labelAngle=0,
        labelExpr=f"{labels}[datum.value]",
        labelOverlap="greedy",
        values=[period.code for period in named],
        tickSize=4,
    )
    return alt.X("period", type="ordinal", scale=alt.Scale(type="point", domain=codes, padding=PADDING), axis=axis)


def _several_a_year(first: Span) -> bool:
    return isinstance(first, Window) or first.frequency in {Frequency.QUARTER, Frequency.SEMESTER}


def top_of(points: pl.DataFrame, columns: Sequence[str], indicator: Indicator) -> float:
    """Return where the vertical axis ends; it starts at zero, so that heights compare."""
    highest = max((height for column in columns for height in points[column].drop_nulls()), default=0) * HEADROOM
    if indicator.capped:
        highest = min(highest, indicator.scale)
    return highest or 1


def where_mostly_known(points: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Keep columns that are known in most of the rows, else empty them: a band must not come and go."""
    known = min(points[column].count() for column in columns)
    if 2 * known > points.height:
        return points
    return points.with_columns(pl.lit(None, pl.Float64).alias(column) for column in columns)


def values_axis(field: str, top: float, indicator: Indicator, words: Words) -> alt.Y:
    """Return a vertical axis in the unit of the indicator, from zero."""
    sign = percent(0, 0, words.language).removeprefix("0") if indicator.unit == PERCENT_UNIT else ""
    axis = alt.Axis(title=None, tickCount=5, domain=False, ticks=False, labelExpr=f"datum.label + '{sign}'")
    return alt.Y(field, type="quantitative", scale=alt.Scale(domain=[0, top], nice=False), axis=axis)


def height(field: str) -> alt.Y:
    """Place another layer on the vertical axis that the first layer set."""
    return alt.Y(field, type="quantitative", title=None)


def layer(mark: alt.MarkDef, data: pl.DataFrame | None = None, **channels: Any) -> alt.Chart:
    """Return a layer whose channels are Altair's own objects; without data, it draws those of the whole chart.

    Altair's shorthands cost ten milliseconds each to interpret, on every showing of a page.
    """
    encoding = alt.FacetedEncoding(**channels)
    return alt.Chart(alt.Undefined if data is None else data, mark=mark, encoding=encoding)


def points_told() -> dict[str, Any]:
    """Return what a point says to who cannot see it and to who points at it: its field `told`."""
    return {
        "description": alt.Description("told", type="nominal"),
        "tooltip": alt.Tooltip("told", type="nominal", title=" "),
    }


def end_labels(
    points: pl.DataFrame,
    told: Mapping[str, str],
    colours: Mapping[str, str],
    chart_height: int,
    top: float,
    *,
    brief: Mapping[str, str] | None = None,
) -> list[alt.Chart]:
    """Name lines at their right end, the names kept apart from one another.

    `told` says, for each column of `points` that is drawn, what to write beside its last value; `brief`, if given, what
    to write on a telephone, where long names would leave no room for the lines: nothing for the columns it leaves out.
    """
    ends = [points[column].drop_nulls()[-1] for column in told]
    data = pl.DataFrame(
        {
            "period": [points["period"][-1]] * len(ends),
            "place": apart(ends, top * LINE_OF_TEXT / chart_height),
            "text": list(told.values()),
            "colour": [colours[column] for column in told],
        }
    )
    text, place = alt.Text("text", type="nominal"), height("place")
    if brief is not None:
        data = data.with_columns(pl.Series("brief", [brief.get(column, "") for column in told], pl.String))
        text = alt.Text("text", type="nominal", condition=SHORT)
    ink = alt.Color("colour", type="nominal", scale=None)
    letters = alt.MarkDef(type="text", align="left", dx=10, fontWeight=600, aria=False)
    halo = letters.copy()
    halo["color"], halo["stroke"], halo["strokeWidth"], halo["strokeJoin"] = PAPER, PAPER, HALO, "round"
    # Lines pass under the letters without crossing them.
    return [layer(halo, data, y=place, text=text), layer(letters, data, y=place, text=text, color=ink)]


def apart(heights: Sequence[float], gap: float) -> list[float]:
    """Move the heights of labels up as little as it takes for each to stand at least `gap` from the next."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    moved = list(heights)
    for lower, upper in pairwise(order):
        moved[upper] = max(moved[upper], moved[lower] + gap)
    return moved
