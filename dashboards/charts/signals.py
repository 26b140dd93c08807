"""Special causes in words: in full in a sentence, in two or three words at the point."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final, Literal, TypeAlias

import altair as alt
import polars as pl

from dashboards.charts.axes import HALO, height, layer
from dashboards.charts.colours import INK, PAPER
from dashboards.wording.formatting import period
from dashboards.wording.translations import Words
from indicators.definitions.periods import Span, Window
from indicators.judgement.comparison import Side
from indicators.judgement.control_chart import Process
from indicators.judgement.special_causes import Signal, Told

NEAR_THE_EDGE: Final = 0.4
"""Share of a series, at either end, in which words go inwards."""
Align: TypeAlias = Literal["left", "center", "right"]


def periods(when: Span, words: Words) -> str:
    """Return what the points of a series are, several of them: « trimestres »."""
    return words(f"said.periods.{when.newest.frequency if isinstance(when, Window) else when.frequency}")


def causes(told: Told, when: Span, words: Words, spans: Sequence[Span]) -> str:
    """Return the first special cause of a point in words: « exceptionnellement haut au vu du passé ».

    `spans` are the periods of the series in which it was told; of a lasting change it is said since which.
    """
    key = f"said.signal.{told.signals[0]}.{told.side}"
    if told.change is None:
        return words(key, periods=periods(when, words))
    return words(f"{key}.{told.change.grade}", since=period(spans[told.change.since], words))


def named_at_points(points: pl.DataFrame, behaviour: Process, words: Words) -> list[alt.Chart]:
    """Write special causes at their points: for neighbours on one side the first in the order of the tests, once.

    It stands at the highest or the lowest of those that have it, a lasting change at the point in which it was first
    told; each point says its own when it is pointed at.
    """
    codes, values = points["period"].to_list(), points["value"].to_list()
    order = list(Signal)
    rows = []
    for side, run in groupby(range(len(codes)), key=lambda place: behaviour.told[place].side):
        if side is None:
            continue
        places = list(run)
        first = min((behaviour.told[place].signals[0] for place in places), key=order.index)
        own = [place for place in places if behaviour.told[place].signals[0] is first]
        key = f"process.signal.{first}"
        if first is Signal.LASTING:
            rows += [
                (side, _align(place, len(codes)), codes[place], values[place], f"{key}.{side}")
                for place in own
                if begins(behaviour.told, place)
            ]
            continue
        furthest = (max if side is Side.ABOVE else min)(own, key=lambda place: values[place])
        rows.append((side, _align(furthest, len(codes)), codes[furthest], values[furthest], key))
    layers = []
    for side, align in sorted({row[:2] for row in rows}):
        written = [(code, value, words(key)) for own, how, code, value, key in rows if (own, how) == (side, align)]
        data = pl.DataFrame(written, schema=["period", "value", "text"], orient="row")
        layers += _written(data, align, above=side is Side.ABOVE)
    return layers


def begins(told: Sequence[Told], place: int) -> bool:
    """Whether a lasting change is first told at that place of a series."""
    change = told[place].change
    return change is not None and all(
        before.change is None or before.change.since != change.since for before in told[:place]
    )


def _align(place: int, number: int) -> Align:
    """Words near an end go inwards."""
    if place < number * NEAR_THE_EDGE:
        return "left"
    return "right" if place >= number * (1 - NEAR_THE_EDGE) else "center"


def _written(data: pl.DataFrame, align: Align, *, above: bool) -> list[alt.Chart]:
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
    halo["color"], halo["stroke"], halo["strokeWidth"], halo["strokeJoin"] = PAPER, PAPER, HALO, "round"
    channels: dict[str, Any] = {"y": height("value"), "text": alt.Text("text", type="nominal")}
    return [layer(halo, data, **channels), layer(letters, data, **channels)]
