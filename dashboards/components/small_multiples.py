"""Small multiples: one small line chart per structure, all on one scale, as HTML and SVG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl
from markupsafe import Markup

from dashboards.charts.axes import HEADROOM
from dashboards.charts.colours import ACCENT, EDGE, HAIRLINE, PAPER, QUIET
from dashboards.components.html import join, link, markup, svg_image
from dashboards.wording.formatting import format_amount, format_period
from dashboards.wording.translations import Translator
from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import Structure
from indicators.definitions.periods import Span, Window

WIDTH: Final = 220
HEIGHT: Final = 72
MARGIN: Final = 6
"""Pixels left for the thickness of the line and the last point."""


@dataclass(frozen=True)
class SmallMultiple:
    """One structure's line: name, link, whether it is the selected one, values from the oldest."""

    name: str
    url: str
    is_selected: bool
    values: Sequence[float | None]


def values_by_structure(
    structures: Sequence[Structure], figures: pl.DataFrame, spans: Sequence[Span]
) -> list[tuple[Structure, list[float | None]]]:
    """Return the values of each structure, one per period, null where none is published."""
    values_by_cell = {(row["structure"], row["period"]): row["value"] for row in figures.iter_rows(named=True)}
    return [(one, [values_by_cell.get((one.id, span.code)) for span in spans]) for one in structures]


def scale_top(lines: Sequence[SmallMultiple], shares: Mapping[str, float], indicator: Indicator) -> float:
    """Return the upper end of the shared scale, which starts at zero."""
    values = [value for line in lines for value in line.values if value is not None]
    highest = max([*values, *shares.values()], default=0.0) * HEADROOM
    return (min(highest, indicator.scale) if indicator.is_capped else highest) or 1.0


def small_multiples_html(
    lines: Sequence[SmallMultiple],
    spans: Sequence[Span],
    shares: Mapping[str, float],
    indicator: Indicator,
    t: Translator,
) -> Markup:
    """Return the lines in the order given, each with the pooled rate of all structures behind it in grey."""
    top = scale_top(lines, shares, indicator)
    pooled = [shares.get(span.code) for span in spans]
    blocks = []
    for line in lines:
        shown_values = [(span, value) for span, value in zip(spans, line.values, strict=True) if value is not None]
        latest = t("compare.peers.nothing")
        if shown_values:
            value = format_amount(shown_values[-1][1], indicator, t)
            latest = t("chart.point", period=format_period(shown_values[-1][0], t), value=value)
        points = t("list.separator").join(
            t("chart.point", period=format_period(span, t), value=format_amount(value, indicator, t))
            for span, value in shown_values
        )
        alternative_text = t("compare.peers.history", label=line.name, periods=points or latest)
        mark = markup(' <span class="here">{}</span>', t("compare.peers.here")) if line.is_selected else ""
        blocks.append(
            markup(
                '<li class="small{}"><p>{}{}</p>{}<p>{}</p></li>',
                " looked-at" if line.is_selected else "",
                link(line.url, line.name),
                mark,
                svg_image(_line_svg(line.values, pooled, top), alternative_text, "line"),
                latest,
            )
        )
    is_rolling = isinstance(spans[0], Window)
    axis = t(
        "compare.peers.axis.rolling" if is_rolling else "compare.peers.axis",
        low=format_amount(0, indicator, t, 0),
        high=format_amount(top, indicator, t, 0),
        first=format_period(spans[0], t),
        last=format_period(spans[-1], t),
    )
    if any(value is not None for value in pooled):
        axis += f" {t('compare.peers.axis.whole')}"
    return markup('<p class="under">{}</p><ul class="multiples">{}</ul>', axis, join(blocks))


def _line_svg(values: Sequence[float | None], pooled: Sequence[float | None], top: float) -> str:
    def x(index: int) -> float:
        return round(MARGIN + index * (WIDTH - 2 * MARGIN) / max(len(values) - 1, 1), 1)

    def y(value: float) -> float:
        return round(HEIGHT - MARGIN - min(value / top, 1) * (HEIGHT - 2 * MARGIN), 1)

    marks = [f'<path d="M{MARGIN} {y(0)}H{WIDTH - MARGIN}" stroke="{HAIRLINE}"/>']
    for series, colour, width in ((pooled, EDGE, 1.2), (values, ACCENT, 1.8)):
        path, is_inside_line = "", False
        for index, value in enumerate(series):
            if value is not None:
                path += f"{'L' if is_inside_line else 'M'}{x(index)} {y(value)}"
            is_inside_line = value is not None
        if path:
            dash = ' stroke-dasharray="3 2"' if series is pooled else ""
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
