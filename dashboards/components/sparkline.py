"""The sparkline of a tile: its eight periods as a small SVG."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from dashboards.charts.colours import ACCENT, PAPER, QUIET, TARGET
from indicators.figures.figure import Figure, Status

WIDTH: Final = 160
HEIGHT: Final = 40
MARGIN: Final = 5
"""Pixels left for the thickness of the line and the last point."""
CROSS_ARM: Final = 2
"""Half the width, in pixels, of the cross that marks a period without a figure."""
CROSS_PATH: Final = f"l{2 * CROSS_ARM} {2 * CROSS_ARM}m0 {-2 * CROSS_ARM}l{-2 * CROSS_ARM} {2 * CROSS_ARM}"
CROSS_Y: Final = HEIGHT - CROSS_ARM - 1
MIN_SPAN_SHARE: Final = 0.25
"""Minimal range of the scale, as a share of the highest value, so that noise does not look like a trend."""


def sparkline_svg(history: Sequence[Figure]) -> str:
    """Return the SVG: values from the oldest, a cross at the foot for a missing one, the target as dashed steps."""
    values = [figure.shown.value if figure.shown else None for figure in history]
    targets = [figure.target.value if figure.target else None for figure in history]
    known_values = [value for value in (*values, *targets) if value is not None]
    low, high = min(known_values, default=0.0), max(known_values, default=0.0)
    span = max(high - low, MIN_SPAN_SHARE * abs(high)) or 1.0
    floor = (low + high - span) / 2

    def x(index: int) -> float:
        return round(MARGIN + index * (WIDTH - 2 * MARGIN) / max(len(history) - 1, 1), 1)

    def y(value: float) -> float:
        return round(HEIGHT - MARGIN - (value - floor) / span * (HEIGHT - 2 * MARGIN), 1)

    marks = []
    step = (WIDTH - 2 * MARGIN) / max(len(history) - 1, 1) / 2
    for run in _runs(targets):
        path = " ".join(
            f"{'L' if n else 'M'}{x(i) - step:.1f} {y(t)}H{x(i) + step:.1f}" for n, (i, t) in enumerate(run)
        )
        marks.append(f'<path d="{path}" stroke="{TARGET}" stroke-width="1.2" stroke-dasharray="4 3"/>')
    for run in _runs(values):
        path = "M" + "L".join(f"{x(index)} {y(value)}" for index, value in run)
        marks.append(f'<path d="{path}" stroke="{ACCENT}" stroke-width="1.8" stroke-linejoin="round"/>')
        if len(run) == 1:
            marks.append(_point(x(run[0][0]), y(run[0][1]), radius=2.2))
    first_known = next((n for n, one in enumerate(history) if one.shown or one.status is Status.WITHHELD), len(history))
    for index, value in enumerate(values):
        if (value is None and index > first_known) or history[index].status is Status.WITHHELD:
            marks.append(f'<path d="M{x(index) - CROSS_ARM} {CROSS_Y - CROSS_ARM}{CROSS_PATH}" stroke="{QUIET}"/>')
    if values and values[-1] is not None:
        marks.append(_point(x(len(values) - 1), y(values[-1]), radius=3.2))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
        f' fill="none">{"".join(marks)}</svg>'
    )


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """Split a series at its gaps."""
    runs = groupby(enumerate(values), key=lambda pair: pair[1] is not None)
    return [[(i, v) for i, v in run if v is not None] for filled, run in runs if filled]


def _point(x: float, y: float, radius: float) -> str:
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{ACCENT}" stroke="{PAPER}" stroke-width="1.2"/>'
