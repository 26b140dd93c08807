"""Small lines side by side, each a structure, all on one scale: pure functions of figures and words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from dashboards.charts.axes import HEADROOM
from dashboards.charts.colours import ACCENT, EDGE, HAIRLINE, PAPER, QUIET
from dashboards.components.html import link, picture, text
from dashboards.wording.formatting import amount, period
from dashboards.wording.translations import Words
from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import Structure
from indicators.definitions.periods import Span, Window

WIDTH: Final = 220
HEIGHT: Final = 72
MARGIN: Final = 6
"""Room for the thickness of the line and of the last point."""


@dataclass(frozen=True)
class Small:
    """One structure: its name, where its name leads, whether it is the one looked at, its values, oldest first."""

    name: str
    address: str
    looked_at: bool
    values: Sequence[float | None]


def rows_of(
    structures: Sequence[Structure], figures: pl.DataFrame, spans: Sequence[Span]
) -> list[tuple[Structure, list[float | None]]]:
    """Return the values of each structure, one a span, null where nothing is shown."""
    known = {(row["structure"], row["period"]): row["value"] for row in figures.iter_rows(named=True)}
    return [(one, [known.get((one.id, span.code)) for span in spans]) for one in structures]


def top_of(lines: Sequence[Small], shares: Mapping[str, float], indicator: Indicator) -> float:
    """Return the end of the scale that all the lines share; it starts at zero."""
    values = [value for line in lines for value in line.values if value is not None]
    highest = max([*values, *shares.values()], default=0.0) * HEADROOM
    return (min(highest, indicator.scale) if indicator.capped else highest) or 1.0


def small_multiples(
    lines: Sequence[Small], spans: Sequence[Span], shares: Mapping[str, float], indicator: Indicator, words: Words
) -> str:
    """Return the lines in the order given; behind each, in grey, the rate of them all together where there is one."""
    top = top_of(lines, shares, indicator)
    whole = [shares.get(span.code) for span in spans]
    blocks = []
    for line in lines:
        shown = [(span, value) for span, value in zip(spans, line.values, strict=True) if value is not None]
        latest = words("compare.peers.nothing")
        if shown:
            value = amount(shown[-1][1], indicator, words)
            latest = words("chart.point", period=period(shown[-1][0], words), value=value)
        points = words("list.separator").join(
            words("chart.point", period=period(span, words), value=amount(value, indicator, words))
            for span, value in shown
        )
        told = words("compare.peers.history", label=line.name, periods=points or latest)
        here = f' <span class="here">{text(words("compare.peers.here"))}</span>' if line.looked_at else ""
        blocks.append(
            f'<li class="small{" looked-at" if line.looked_at else ""}"><p>{link(line.address, line.name)}{here}</p>'
            f"{picture(_drawing(line.values, whole, top), told, 'line')}<p>{text(latest)}</p></li>"
        )
    rolling = isinstance(spans[0], Window)
    axis = words(
        "compare.peers.axis.rolling" if rolling else "compare.peers.axis",
        low=amount(0, indicator, words, 0),
        high=amount(top, indicator, words, 0),
        first=period(spans[0], words),
        last=period(spans[-1], words),
    )
    if any(value is not None for value in whole):
        axis += f" {words('compare.peers.axis.whole')}"
    return f'<p class="under">{text(axis)}</p><ul class="multiples">{"".join(blocks)}</ul>'


def _drawing(values: Sequence[float | None], whole: Sequence[float | None], top: float) -> str:
    def x(index: int) -> float:
        return round(MARGIN + index * (WIDTH - 2 * MARGIN) / max(len(values) - 1, 1), 1)

    def y(value: float) -> float:
        return round(HEIGHT - MARGIN - min(value / top, 1) * (HEIGHT - 2 * MARGIN), 1)

    marks = [f'<path d="M{MARGIN} {y(0)}H{WIDTH - MARGIN}" stroke="{HAIRLINE}"/>']
    for series, colour, width in ((whole, EDGE, 1.2), (values, ACCENT, 1.8)):
        path, drawing = "", False
        for index, value in enumerate(series):
            if value is not None:
                path += f"{'L' if drawing else 'M'}{x(index)} {y(value)}"
            drawing = value is not None
        if path:
            dash = ' stroke-dasharray="3 2"' if series is whole else ""
            marks.append(f'<path d="{path}" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"{dash}/>')
    for index, value in enumerate(values):
        if value is not None:
            last = index == len(values) - 1
            size, fill, edge = (3.2, ACCENT, ACCENT) if last else (1.8, PAPER, QUIET)
            marks.append(f'<circle cx="{x(index)}" cy="{y(value)}" r="{size}" fill="{fill}" stroke="{edge}"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
        f' fill="none">{"".join(marks)}</svg>'
    )
