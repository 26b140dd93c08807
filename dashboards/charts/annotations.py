"""What stands beside a series on its chart: peers, re-basings, actions and notes, each drawn only where there is any.

Actions carry a letter and notes a number, by which the list under the chart tells of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from string import ascii_uppercase
from typing import Any, Final

import altair as alt
import polars as pl

from dashboards.charts.axes import HALO, PADDING, height, layer
from dashboards.charts.colours import ACCENT, BAND, EDGE, PAPER, QUIET
from dashboards.wording.formatting import day, period
from dashboards.wording.translations import Words
from indicators.definitions.baselines import Break, Redefinition, cuts
from indicators.definitions.periods import Span
from indicators.figures.figure import Figure
from indicators.queries.deposits.linked_actions import NamingAction
from indicators.queries.deposits.notes import Note

LETTERED: Final = 12
"""Actions drawn at most, the newest: more would hide the figures; the list has them all."""
STRIP: Final = 13
"""Height in pixels of a row of actions, over the drawing."""
GAP: Final = 2
"""Pixels between two rows of actions."""
AROUND: Final = 8
"""Pixels by which a strip goes beyond the points of its first and last period."""
DECILES: Final = ("first_decile", "median", "last_decile")
NO_PEERS: Final = pl.DataFrame(
    schema={"period": pl.String, "structures": pl.Int32, **dict.fromkeys(DECILES, pl.Float64)}
)


@dataclass(frozen=True)
class Beside:
    """What is known beside a series: `peers` has a row a period: how many structures show theirs, deciles, median."""

    peers: pl.DataFrame = field(default_factory=NO_PEERS.clone)
    breaks: Sequence[Break] = ()
    actions: Sequence[NamingAction] = ()
    notes: Sequence[Note] = ()

    def lettered(self, spans: Sequence[Span]) -> Mapping[str, NamingAction]:
        """Return the actions that can be drawn on a series of spans, by their letters, oldest first."""
        seen = [one for one in self.actions if not one.given_up and _place(one, spans)]
        return dict(zip(ascii_uppercase, seen[-LETTERED:], strict=False))

    def numbered(self, spans: Sequence[Span]) -> Sequence[tuple[int, int, Note]]:
        """Return the notes that fall into a series of spans: their number, the position of their span, the note."""
        placed = [(place, note) for note in self.notes if (place := _holding(note, spans)) is not None]
        return [(number, place, note) for number, (place, note) in enumerate(placed, start=1)]


NOTHING: Final = Beside()


def _place(action: NamingAction, spans: Sequence[Span]) -> tuple[int, int] | None:
    """Return the first and the last position that an action touches; to the end, while it runs."""
    ended = action.ended_on or date.max
    touched = [n for n, span in enumerate(spans) if span.end >= action.opened_on and span.start <= ended]
    return (touched[0], touched[-1]) if touched else None


def _holding(note: Note, spans: Sequence[Span]) -> int | None:
    own = note.period
    return next((n for n, span in enumerate(spans) if span.start <= own.start and own.end <= span.end), None)


def _stacked(actions: Sequence[NamingAction], spans: Sequence[Span]) -> list[int]:
    """Return the row of each action: the first in which it covers no other."""
    taken: list[int] = []
    rows = []
    for action in actions:
        first, last = _place(action, spans) or (0, 0)
        row = next((n for n, until in enumerate(taken) if until < first), len(taken))
        taken[row : row + 1] = [last]
        rows.append(row)
    return rows


def peers(points: pl.DataFrame) -> list[alt.Chart]:
    """Draw the band of the middle eight tenths of the network's structures and their median."""
    if not points["median"].count():
        return []
    edge = alt.MarkDef(type="line", color=EDGE, strokeWidth=0.75, aria=False)
    middle = alt.MarkDef(type="line", color=QUIET, strokeWidth=1.5, strokeDash=[2, 3], aria=False)
    band = alt.MarkDef(type="area", color=BAND, aria=False)
    return [
        layer(band, y=height("first_decile"), y2=alt.Y2("last_decile")),
        layer(edge, y=height("first_decile")),
        layer(edge, y=height("last_decile")),
        layer(middle, y=height("median")),
    ]


def breaks(beside: Beside, spans: Sequence[Span], words: Words, chart_height: int) -> list[alt.Chart]:
    """Draw a line before the first point of each new segment, and say what it is."""
    begun = {
        place: words("process.redefined" if isinstance(one, Redefinition) else "process.rebased")
        for one in beside.breaks
        for place in cuts([one], spans)
    }
    if not begun:
        return []
    data = pl.DataFrame({"period": [spans[n].code for n in begun], "text": list(begun.values())})
    half = alt.ExprRef(f"-0.5 * width / {len(spans) - 1 + 2 * PADDING}")
    line = alt.MarkDef(type="rule", color=QUIET, strokeWidth=1, xOffset=half, aria=False)
    letters = alt.MarkDef(
        type="text", align="left", baseline="bottom", dx=4, color=QUIET, fontSize=11.5, xOffset=half, aria=False
    )
    text = alt.Text("text", type="nominal")
    whole: dict[str, Any] = {"y": alt.value(0), "y2": alt.value(chart_height)}
    low = alt.value(chart_height - 4)
    return [
        layer(line, data, **whole),
        layer(_halo(letters), data, y=low, text=text),
        layer(letters, data, y=low, text=text),
    ]


def parts(breaks: Sequence[Break], spans: Sequence[Span]) -> list[int]:
    """Return, of each span, the number of the definition that holds in it: a line never joins two definitions."""
    begun = cuts([one for one in breaks if isinstance(one, Redefinition)], spans)
    return [sum(place >= first for first in begun) for place in range(len(spans))]


def told_breaks(breaks: Sequence[Break], spans: Sequence[Span], words: Words) -> list[str]:
    """Say each break inside a series of spans, as an alternative text does."""
    inside = [one for one in breaks if cuts([one], spans)]
    return [
        words("process.description.redefined", day=day(one.starts, words))
        if isinstance(one, Redefinition)
        else words("process.description.rebased", period=period(one.since, words))
        for one in inside
    ]


def actions(beside: Beside, spans: Sequence[Span], words: Words, chart_height: int) -> list[alt.Chart]:
    """Draw each action as a strip over the drawing, from its opening to its end, and as a pale band through it."""
    lettered = beside.lettered(spans)
    if not lettered:
        return []
    layers = []
    for (letter, action), row in zip(lettered.items(), _stacked(list(lettered.values()), spans), strict=True):
        first, last = _place(action, spans) or (0, 0)
        told = words("process.action", letter=letter, action=action.action)
        data = pl.DataFrame(
            {"period": [spans[first].code], "until": [spans[last].code], "text": [letter], "told": [told]}
        )
        shade = alt.MarkDef(type="rect", color=QUIET, opacity=0.07, xOffset=-AROUND, x2Offset=AROUND, aria=False)
        strip = alt.MarkDef(type="rect", color=QUIET, opacity=1, xOffset=-AROUND, x2Offset=AROUND)
        letters = alt.MarkDef(
            type="text", color=PAPER, fontSize=10, fontWeight=700, baseline="middle", xOffset=0, dy=0.5, aria=False
        )
        until, bottom = alt.X2("until"), -STRIP * row - GAP
        top = bottom - STRIP + GAP
        said: dict[str, Any] = {
            "description": alt.Description("told", type="nominal"),
            "tooltip": alt.Tooltip("told", type="nominal", title=" "),
        }
        layers += [
            layer(shade, data, x2=until, y=alt.value(0), y2=alt.value(chart_height)),
            layer(strip, data, x2=until, y=alt.value(top), y2=alt.value(bottom), **said),
            layer(letters, data, y=alt.value((top + bottom) / 2), text=alt.Text("text", type="nominal")),
        ]
    return layers


def notes(beside: Beside, figures: Sequence[Figure]) -> list[alt.Chart]:
    """Put the number of each note beside its point, or at the foot of a period without one."""
    spans = [figure.period for figure in figures]
    numbered = beside.numbered(spans)
    if not numbered:
        return []
    by_place: dict[int, list[int]] = {}
    for number, place, _ in numbered:
        by_place.setdefault(place, []).append(number)
    values = [figure.shown.value if figure.shown else 0.0 for figure in figures]
    data = pl.DataFrame(
        {
            "period": [spans[place].code for place in by_place],
            "place": [values[place] for place in by_place],
            "text": [", ".join(map(str, numbers)) for numbers in by_place.values()],
        }
    )
    letters = alt.MarkDef(type="text", color=ACCENT, align="left", dx=6, dy=-9, fontSize=11, fontWeight=700, aria=False)
    channels: dict[str, Any] = {"y": height("place"), "text": alt.Text("text", type="nominal")}
    return [layer(_halo(letters), data, **channels), layer(letters, data, **channels)]


def _halo(letters: alt.MarkDef) -> alt.MarkDef:
    """Return letters as an outline of paper, under which lines pass without crossing them."""
    halo = letters.copy()
    halo["color"], halo["stroke"], halo["strokeWidth"], halo["strokeJoin"] = PAPER, PAPER, HALO, "round"
    return halo
