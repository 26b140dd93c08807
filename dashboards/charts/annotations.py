"""Annotations of a series on its chart: peer deciles, breaks, actions and notes, each drawn only where present.

Actions have a letter and notes a number, which refer to the list under the chart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from string import ascii_uppercase
from typing import Any, Final

import altair as alt
import polars as pl

from dashboards.charts.axes import HALO_PX, POINT_PADDING, layer, y_channel
from dashboards.charts.colours import ACCENT, BAND, EDGE, PAPER, QUIET
from dashboards.wording.formatting import format_day, format_period
from dashboards.wording.translations import Translator
from indicators.definitions.baselines import Break, Redefinition, segment_starts
from indicators.definitions.periods import Span
from indicators.figures.figure import Figure
from indicators.queries.deposits.linked_actions import LinkedAction
from indicators.queries.deposits.notes import Note

MAX_LETTERED_ACTIONS: Final = 12
"""Actions drawn, the newest ones: more would hide the figures; the list under the chart has all."""
STRIP_PX: Final = 13
"""Height in pixels of a row of actions, above the plot."""
STRIP_GAP_PX: Final = 2
"""Pixels between two rows of actions."""
STRIP_OVERHANG_PX: Final = 8
"""Pixels by which a strip extends beyond its first and last point."""
DECILES: Final = ("first_decile", "median", "last_decile")
NO_PEERS: Final = pl.DataFrame(
    schema={"period": pl.String, "structures": pl.Int32, **dict.fromkeys(DECILES, pl.Float64)}
)


@dataclass(frozen=True)
class ChartAnnotations:
    """The annotations of a series; `peers` has a row per period: number of structures compared, deciles, median."""

    peers: pl.DataFrame = field(default_factory=NO_PEERS.clone)
    breaks: Sequence[Break] = ()
    actions: Sequence[LinkedAction] = ()
    notes: Sequence[Note] = ()

    def lettered(self, spans: Sequence[Span]) -> Mapping[str, LinkedAction]:
        """Return the actions drawn within the given periods, by letter, oldest first."""
        drawable = [one for one in self.actions if not one.is_abandoned and _action_positions(one, spans)]
        return dict(zip(ascii_uppercase, drawable[-MAX_LETTERED_ACTIONS:], strict=False))

    def numbered(self, spans: Sequence[Span]) -> Sequence[tuple[int, int, Note]]:
        """Return the notes within the given periods: number, position of the period, note."""
        notes_by_position = [(place, note) for note in self.notes if (place := _note_position(note, spans)) is not None]
        return [(number, place, note) for number, (place, note) in enumerate(notes_by_position, start=1)]


NO_ANNOTATIONS: Final = ChartAnnotations()


def _action_positions(action: LinkedAction, spans: Sequence[Span]) -> tuple[int, int] | None:
    """Return the first and last position that an action covers, up to the end while it is running; null if none."""
    ended = action.ended_on or date.max
    touched_positions = [n for n, span in enumerate(spans) if span.end >= action.opened_on and span.start <= ended]
    return (touched_positions[0], touched_positions[-1]) if touched_positions else None


def _note_position(note: Note, spans: Sequence[Span]) -> int | None:
    period = note.period
    return next((n for n, span in enumerate(spans) if span.start <= period.start and period.end <= span.end), None)


def _strip_rows(actions: Sequence[LinkedAction], spans: Sequence[Span]) -> list[int]:
    """Return the row of each action: the first one where it overlaps no other."""
    last_positions: list[int] = []
    rows = []
    for action in actions:
        first, last = _action_positions(action, spans) or (0, 0)
        row = next((n for n, until in enumerate(last_positions) if until < first), len(last_positions))
        last_positions[row : row + 1] = [last]
        rows.append(row)
    return rows


def peer_layers(points: pl.DataFrame) -> list[alt.Chart]:
    """Return the layers of the band between first and last decile of the network's structures, and of the median."""
    if not points["median"].count():
        return []
    edge = alt.MarkDef(type="line", color=EDGE, strokeWidth=0.75, aria=False)
    middle = alt.MarkDef(type="line", color=QUIET, strokeWidth=1.5, strokeDash=[2, 3], aria=False)
    band = alt.MarkDef(type="area", color=BAND, aria=False)
    return [
        layer(band, y=y_channel("first_decile"), y2=alt.Y2("last_decile")),
        layer(edge, y=y_channel("first_decile")),
        layer(edge, y=y_channel("last_decile")),
        layer(middle, y=y_channel("median")),
    ]


def break_layers(
    annotations: ChartAnnotations, spans: Sequence[Span], t: Translator, chart_height: int
) -> list[alt.Chart]:
    """Return a labelled line before the first point of each new segment."""
    labels_by_position = {
        place: t("process.redefined" if isinstance(one, Redefinition) else "process.rebased")
        for one in annotations.breaks
        for place in segment_starts([one], spans)
    }
    if not labels_by_position:
        return []
    data = pl.DataFrame(
        {"period": [spans[n].code for n in labels_by_position], "text": list(labels_by_position.values())}
    )
    half_step_left = alt.ExprRef(f"-0.5 * width / {len(spans) - 1 + 2 * POINT_PADDING}")
    line = alt.MarkDef(type="rule", color=QUIET, strokeWidth=1, xOffset=half_step_left, aria=False)
    letters = alt.MarkDef(
        type="text",
        align="left",
        baseline="bottom",
        dx=4,
        color=QUIET,
        fontSize=11.5,
        xOffset=half_step_left,
        aria=False,
    )
    text = alt.Text("text", type="nominal")
    full_height: dict[str, Any] = {"y": alt.value(0), "y2": alt.value(chart_height)}
    low = alt.value(chart_height - 4)
    return [
        layer(line, data, **full_height),
        layer(_with_halo(letters), data, y=low, text=text),
        layer(letters, data, y=low, text=text),
    ]


def definition_numbers(breaks: Sequence[Break], spans: Sequence[Span]) -> list[int]:
    """Return the number of the definition valid in each period, so that no line joins two definitions."""
    first_positions = segment_starts([one for one in breaks if isinstance(one, Redefinition)], spans)
    return [sum(place >= first for first in first_positions) for place in range(len(spans))]


def break_sentences(breaks: Sequence[Break], spans: Sequence[Span], t: Translator) -> list[str]:
    """Return a sentence for each break within the periods, for alternative texts."""
    inner_breaks = [one for one in breaks if segment_starts([one], spans)]
    return [
        t("process.description.redefined", day=format_day(one.starts, t))
        if isinstance(one, Redefinition)
        else t("process.description.rebased", period=format_period(one.since, t))
        for one in inner_breaks
    ]


def action_layers(
    annotations: ChartAnnotations, spans: Sequence[Span], t: Translator, chart_height: int
) -> list[alt.Chart]:
    """Return each action as a strip above the plot from its opening to its end, with a pale band through the plot."""
    lettered = annotations.lettered(spans)
    if not lettered:
        return []
    layers = []
    for (letter, action), row in zip(lettered.items(), _strip_rows(list(lettered.values()), spans), strict=True):
        first, last = _action_positions(action, spans) or (0, 0)
        label = t("process.action", letter=letter, action=action.action)
        data = pl.DataFrame(
            {"period": [spans[first].code], "until": [spans[last].code], "text": [letter], "told": [label]}
        )
        shade = alt.MarkDef(
            type="rect", color=QUIET, opacity=0.07, xOffset=-STRIP_OVERHANG_PX, x2Offset=STRIP_OVERHANG_PX, aria=False
        )
        strip = alt.MarkDef(type="rect", color=QUIET, opacity=1, xOffset=-STRIP_OVERHANG_PX, x2Offset=STRIP_OVERHANG_PX)
        letters = alt.MarkDef(
            type="text", color=PAPER, fontSize=10, fontWeight=700, baseline="middle", xOffset=0, dy=0.5, aria=False
        )
        until, bottom = alt.X2("until"), -STRIP_PX * row - STRIP_GAP_PX
        top = bottom - STRIP_PX + STRIP_GAP_PX
        texts: dict[str, Any] = {
            "description": alt.Description("told", type="nominal"),
            "tooltip": alt.Tooltip("told", type="nominal", title=" "),
        }
        layers += [
            layer(shade, data, x2=until, y=alt.value(0), y2=alt.value(chart_height)),
            layer(strip, data, x2=until, y=alt.value(top), y2=alt.value(bottom), **texts),
            layer(letters, data, y=alt.value((top + bottom) / 2), text=alt.Text("text", type="nominal")),
        ]
    return layers


def note_layers(annotations: ChartAnnotations, figures: Sequence[Figure]) -> list[alt.Chart]:
    """Return the number of each note beside its point, or at the foot of a period without one."""
    spans = [figure.period for figure in figures]
    numbered = annotations.numbered(spans)
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
    channels: dict[str, Any] = {"y": y_channel("place"), "text": alt.Text("text", type="nominal")}
    return [layer(_with_halo(letters), data, **channels), layer(letters, data, **channels)]


def _with_halo(letters: alt.MarkDef) -> alt.MarkDef:
    """Return the letters as a white outline, which keeps lines from crossing them."""
    halo = letters.copy()
    halo["color"], halo["stroke"], halo["strokeWidth"], halo["strokeJoin"] = PAPER, PAPER, HALO_PX, "round"
    return halo
