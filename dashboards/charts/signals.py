"""Texts of special causes: a full sentence for tooltips, a short label at the point."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final, Literal, TypeAlias

import altair as alt
import polars as pl

from dashboards.charts.axes import HALO_PX, layer, y_channel
from dashboards.charts.colours import INK, PAPER
from dashboards.wording.formatting import format_period
from dashboards.wording.translations import Translator
from indicators.definitions.periods import Span, Window
from indicators.judgement.comparison import Side
from indicators.judgement.control_chart import ControlChart
from indicators.judgement.special_causes import PointSignals, Signal

EDGE_SHARE: Final = 0.4
"""Share of a series, at either end, in which labels are aligned inwards."""
Align: TypeAlias = Literal["left", "center", "right"]


def point_noun(span: Span, t: Translator) -> str:
    """Return the plural noun of the points of a series: « trimestres »."""
    return t(f"said.periods.{span.newest.frequency if isinstance(span, Window) else span.frequency}")


def cause_text(signals: PointSignals, when: Span, t: Translator, spans: Sequence[Span]) -> str:
    """Return the first special cause of a point in words: « exceptionnellement haut au vu du passé ».

    `spans` are the periods of its series, of which a lasting change names the first.
    """
    key = f"said.signal.{signals.signals[0]}.{signals.side}"
    if signals.change is None:
        return t(key, periods=point_noun(when, t))
    return t(f"{key}.{signals.change.grade}", since=format_period(spans[signals.change.since], t))


def cause_labels(points: pl.DataFrame, control_chart: ControlChart, t: Translator) -> list[alt.Chart]:
    """Return the labels of special causes: for consecutive points on one side, once, the first in test order.

    The label is at the highest or lowest point that has this cause; for a lasting change, at the point of first
    detection. Each point's own cause is in its tooltip.
    """
    codes, values = points["period"].to_list(), points["value"].to_list()
    order = list(Signal)
    rows = []
    for side, run in groupby(range(len(codes)), key=lambda place: control_chart.point_signals[place].side):
        if side is None:
            continue
        places = list(run)
        first_signal = min((control_chart.point_signals[place].signals[0] for place in places), key=order.index)
        positions_of_first = [
            place for place in places if control_chart.point_signals[place].signals[0] is first_signal
        ]
        key = f"process.signal.{first_signal}"
        if first_signal is Signal.LASTING:
            rows += [
                (side, _align(place, len(codes)), codes[place], values[place], f"{key}.{side}")
                for place in positions_of_first
                if is_first_signalled(control_chart.point_signals, place)
            ]
            continue
        furthest = (max if side is Side.ABOVE else min)(positions_of_first, key=lambda place: values[place])
        rows.append((side, _align(furthest, len(codes)), codes[furthest], values[furthest], key))
    layers = []
    for side, align in sorted({row[:2] for row in rows}):
        label_rows = [(code, value, t(key)) for own, how, code, value, key in rows if (own, how) == (side, align)]
        data = pl.DataFrame(label_rows, schema=["period", "value", "text"], orient="row")
        layers += _label_layers(data, align, above=side is Side.ABOVE)
    return layers


def is_first_signalled(point_signals: Sequence[PointSignals], place: int) -> bool:
    """Whether a lasting change is first detected at this position of a series."""
    change = point_signals[place].change
    return change is not None and all(
        before.change is None or before.change.since != change.since for before in point_signals[:place]
    )


def _align(place: int, length: int) -> Align:
    """Return the alignment of a label: inwards near either end."""
    if place < length * EDGE_SHARE:
        return "left"
    return "right" if place >= length * (1 - EDGE_SHARE) else "center"


def _label_layers(data: pl.DataFrame, align: Align, *, above: bool) -> list[alt.Chart]:
    letters = alt.MarkDef(
        type="text",
        align=align,
        baseline="bottom" if above else "top",
        dy=-11 if above else 11,
        color=INK,
        fontSize=11.5,
        fontWeight=600,
        aria=False,
    )
    halo = letters.copy()
    halo["color"], halo["stroke"], halo["strokeWidth"], halo["strokeJoin"] = PAPER, PAPER, HALO_PX, "round"
    channels: dict[str, Any] = {"y": y_channel("value"), "text": alt.Text("text", type="nominal")}
    return [layer(halo, data, **channels), layer(letters, data, **channels)]
