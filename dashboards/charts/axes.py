"""Axes, layers and direct labels shared by charts."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import altair as alt
import polars as pl

from dashboards.charts.colours import PAPER
from dashboards.charts.style import NARROW_PX
from dashboards.wording.formatting import (
    PERCENT_UNIT,
    format_amount,
    format_percentage,
    format_period,
    format_short_period,
)
from dashboards.wording.translations import Translator
from indicators.definitions.catalogue import Indicator
from indicators.definitions.periods import Frequency, Span, Window

BRIEF_IF_NARROW: Final = {"test": f"width < {NARROW_PX}", "value": {"expr": "datum.brief"}}
"""On narrow charts, the field `brief` replaces the label."""
MAX_NAMED_PERIODS: Final = 8
"""Quarters or semesters up to which each is labelled on the axis; beyond, only years are."""
HEADROOM: Final = 1.15
"""Factor above the highest value, to leave room for its label."""
LABEL_HEIGHT_PX: Final = 15
"""Height of a label, in pixels."""
POINT_PADDING: Final = 0.4
"""Room before the first period and after the last, in steps of the axis."""
HALO_PX: Final = 4
"""Width in pixels of the white outline of labels that lie on lines."""


def periods_axis(periods: Sequence[Span], t: Translator) -> alt.X:
    """Return the horizontal axis on the field `period` (codes), in the order given.

    Vega describes an axis to screen readers in English: each axis has a description of ours.
    """
    codes = [period.code for period in periods]
    labels = {period.code: format_short_period(period, t) for period in periods}
    labelled_periods = periods
    if len(periods) > MAX_NAMED_PERIODS and _several_a_year(periods[0]):
        labelled_periods = [period for period in periods if period.start.month == 1]
        labels = {period.code: str(period.start.year) for period in labelled_periods}
    axis = alt.Axis(
        title=None,
        labelAngle=0,
        labelExpr=f"{labels}[datum.value]",
        labelOverlap="greedy",
        values=[period.code for period in labelled_periods],
        tickSize=4,
        description=t("chart.axis.periods", periods=_first_and_last(periods, t)),
    )
    return alt.X(
        "period", type="ordinal", scale=alt.Scale(type="point", domain=codes, padding=POINT_PADDING), axis=axis
    )


def _first_and_last(periods: Sequence[Span], t: Translator) -> str:
    ends = [format_period(period, t) for period in (periods[0], periods[-1])]
    return " – ".join(dict.fromkeys(ends))


def _several_a_year(first: Span) -> bool:
    return isinstance(first, Window) or first.frequency in {Frequency.QUARTER, Frequency.SEMESTER}


def axis_top(points: pl.DataFrame, columns: Sequence[str], indicator: Indicator) -> float:
    """Return the upper end of the vertical axis, which starts at zero so that heights are comparable."""
    highest = max((height for column in columns for height in points[column].drop_nulls()), default=0) * HEADROOM
    if indicator.is_capped:
        highest = min(highest, indicator.scale)
    return highest or 1


def keep_if_mostly_known(points: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Keep columns that are known in most rows, else clear them: a band should not appear and disappear."""
    min_known = min(points[column].count() for column in columns)
    if 2 * min_known > points.height:
        return points
    return points.with_columns(pl.lit(None, pl.Float64).alias(column) for column in columns)


def values_axis(field: str, top: float, indicator: Indicator, t: Translator) -> alt.Y:
    """Return the vertical axis in the unit of the indicator, from zero."""
    unit_sign = format_percentage(0, 0, t.language).removeprefix("0") if indicator.unit == PERCENT_UNIT else ""
    description = t(
        "chart.axis.values",
        label=indicator.label(t.language),
        lowest=format_amount(0, indicator, t, 0),
        highest=format_amount(top, indicator, t),
    )
    axis = alt.Axis(
        title=None,
        tickCount=5,
        domain=False,
        ticks=False,
        labelExpr=f"datum.label + '{unit_sign}'",
        description=description,
    )
    return alt.Y(field, type="quantitative", scale=alt.Scale(domain=[0, top], nice=False), axis=axis)


def y_channel(field: str) -> alt.Y:
    """Return a vertical channel on the axis set by the first layer."""
    return alt.Y(field, type="quantitative", title=None)


def layer(mark: alt.MarkDef, data: pl.DataFrame | None = None, **channels: Any) -> alt.Chart:
    """Return a layer built from Altair's channel objects; without data, it uses those of the whole chart.

    Altair's shorthand strings cost ten milliseconds each to parse, on every rendering of a page.
    """
    encoding = alt.FacetedEncoding(**channels)
    return alt.Chart(alt.Undefined if data is None else data, mark=mark, encoding=encoding)


def point_texts() -> dict[str, Any]:
    """Return the description and tooltip channels of a point, from its field `told`."""
    return {
        "description": alt.Description("told", type="nominal"),
        "tooltip": alt.Tooltip("told", type="nominal", title=" "),
    }


def end_labels(
    points: pl.DataFrame,
    labels: Mapping[str, str],
    colours: Mapping[str, str],
    chart_height: int,
    top: float,
    *,
    brief_labels: Mapping[str, str] | None = None,
) -> list[alt.Chart]:
    """Label lines at their right end, without overlap.

    `labels` gives the label of each drawn column of `points`; `brief_labels`, if given, those of narrow charts, where
    long labels would leave no room for the lines; columns that it omits have no label there.
    """
    ends = [points[column].drop_nulls()[-1] for column in labels]
    data = pl.DataFrame(
        {
            "period": [points["period"][-1]] * len(ends),
            "place": spread_labels(ends, top * LABEL_HEIGHT_PX / chart_height),
            "text": list(labels.values()),
            "colour": [colours[column] for column in labels],
        }
    )
    text, place = alt.Text("text", type="nominal"), y_channel("place")
    if brief_labels is not None:
        data = data.with_columns(pl.Series("brief", [brief_labels.get(column, "") for column in labels], pl.String))
        text = alt.Text("text", type="nominal", condition=BRIEF_IF_NARROW)
    colour_channel = alt.Color("colour", type="nominal", scale=None)
    letters = alt.MarkDef(type="text", align="left", dx=10, fontWeight=600, aria=False)
    halo = letters.copy()
    halo["color"], halo["stroke"], halo["strokeWidth"], halo["strokeJoin"] = PAPER, PAPER, HALO_PX, "round"
    # The outline keeps lines from crossing the letters.
    return [layer(halo, data, y=place, text=text), layer(letters, data, y=place, text=text, color=colour_channel)]


def spread_labels(heights: Sequence[float], min_gap: float) -> list[float]:
    """Move labels up as little as needed for each to be at least `min_gap` from the next."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    moved = list(heights)
    for lower, upper in pairwise(order):
        moved[upper] = max(moved[upper], moved[lower] + min_gap)
    return moved
