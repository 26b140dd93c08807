"""Settings shared by all charts: fonts, axes, number and date formats of the language, wrapped titles."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import altair as alt
import polars as pl
from babel import Locale

from dashboards.charts.colours import HAIRLINE, INK, QUIET
from dashboards.wording.formatting import MINUS_SIGN, format_percentage
from dashboards.wording.translations import Translator

FONT: Final = "Source Sans, Source Sans 3, sans-serif"
NARROW_PX: Final = 480
"""Width in pixels below which a chart uses its layout for telephones."""
AVAILABLE_WIDTH: Final = "(width > 0 && containerSize()[0] || width)"
"""Vega expression of the width a chart has on its page, labels included; an exported image has no container.

Vega lays out the title before it narrows the plot for its labels: a title wrapped to the width of the plot would be
cut. Naming `width` makes Vega evaluate the expression again when it changes.
"""
TITLE_WIDTHS_PX: Final = (760, 520)
MAX_TITLE_CHARS: Final = (92, 60, 40)
"""Characters of a title line, from the widest chart to the narrowest; `TITLE_WIDTHS_PX` are the widths between."""
MAX_NOTE_CHARS: Final = 52
FIT_PAGE_WIDTH: Final = alt.AutoSizeParams(type="fit-x", contains="padding")
"""Fit the width of the page; the height is that of the plot, titles not included."""


def wrapped_title(text: str, notes: Sequence[str]) -> alt.TitleParams:
    """Return a title wrapped to the actual width of the chart, with its notes as subtitle.

    Vega-Lite evaluates expressions in titles but not in subtitles: notes are always wrapped for the narrowest chart.
    """
    wide, middle, narrow = (json.dumps(wrap(text, max_chars), ensure_ascii=False) for max_chars in MAX_TITLE_CHARS)
    wide_from_px, middle_from_px = TITLE_WIDTHS_PX
    return alt.TitleParams(
        text=alt.ExprRef(
            f"{AVAILABLE_WIDTH} < {middle_from_px} ? {narrow} : {AVAILABLE_WIDTH} < {wide_from_px} ? {middle} : {wide}"
        ),
        subtitle=[line for note in notes for line in wrap(note, MAX_NOTE_CHARS)],
    )


def wrap(text: str, max_chars: int) -> list[str]:
    """Wrap a text at spaces; no-break spaces are kept together."""
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > max_chars:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".lstrip()
    return lines


def locale(language: str) -> alt.Locale:
    """Return the number and date formats of a language, from Unicode CLDR, for Vega."""
    cldr = Locale.parse(language)
    symbols = cldr.number_symbols["latn"]
    grouping = symbols["group"]
    months, short_months = cldr.months["format"]["wide"], cldr.months["format"]["abbreviated"]
    days, short_days = cldr.days["format"]["wide"], cldr.days["format"]["abbreviated"]
    sunday_first = (6, 0, 1, 2, 3, 4, 5)
    return alt.Locale(
        number=alt.NumberLocale(
            decimal=symbols["decimal"],
            thousands=grouping,
            grouping=[3],
            currency=["", "\N{NO-BREAK SPACE}€"],
            percent=format_percentage(0, 0, language).removeprefix("0"),
            minus=MINUS_SIGN,
        ),
        time=alt.TimeLocale(
            dateTime="%A %e %B %Y %X",
            date="%d/%m/%Y",
            time="%H:%M:%S",
            periods=["AM", "PM"],
            days=[str(days[day]) for day in sunday_first],
            shortDays=[str(short_days[day]) for day in sunday_first],
            months=[str(months[month]) for month in range(1, 13)],
            shortMonths=[str(short_months[month]) for month in range(1, 13)],
        ),
    )


@cache
def chart_config(language: str) -> alt.Config:
    """Return the Vega-Lite configuration for a language: one font family, hairlines, no frame."""
    return alt.Config(
        font=FONT,
        locale=locale(language),
        view=alt.ViewConfig(stroke=None),
        title=alt.TitleConfig(
            anchor="start",
            color=INK,
            fontSize=16,
            fontWeight=600,
            subtitleColor=QUIET,
            subtitleFontSize=13,
            subtitlePadding=6,
            offset=14,
            frame="bounds",
        ),
        axis=alt.AxisConfig(
            labelColor=QUIET,
            labelFontSize=12,
            titleColor=QUIET,
            domainColor=QUIET,
            tickColor=QUIET,
            gridColor=HAIRLINE,
            labelPadding=6,
        ),
        text=alt.MarkConfig(color=INK, fontSize=12),
    )


def compose(
    layers: Sequence[alt.Chart],
    data: pl.DataFrame,
    t: Translator,
    *,
    title: alt.TitleParams,
    description: str,
    height: int,
    right_padding_px: int = 6,
    **shared_channels: Any,
) -> alt.LayerChart:
    """Compose layers into a chart as wide as the page, with title, alternative text and shared axes.

    `right_padding_px` is room for labels that are slightly longer than Vega measures. Everything is passed to one
    constructor, since each of Altair's chained calls would copy the chart.
    """
    return alt.LayerChart(
        layer=list(layers),
        data=data,
        encoding=alt.SharedEncoding(**shared_channels),
        title=title,
        description=description,
        width="container",
        height=height,
        padding={"left": 0, "right": right_padding_px, "top": 4, "bottom": 4},
        background="transparent",
        autosize=FIT_PAGE_WIDTH,
        config=chart_config(t.language),
    )
