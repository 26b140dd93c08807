"""What all charts share: type, rules, the language's way of writing numbers and dates, sentences as titles."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import altair as alt
import polars as pl
from babel import Locale

from dashboards.charts.colours import HAIRLINE, INK, QUIET
from dashboards.wording.formatting import MINUS, percent
from dashboards.wording.translations import Words

FONT: Final = "Source Sans, Source Sans 3, sans-serif"
NARROW: Final = 480
"""Below this width, in pixels, a chart is on a telephone."""
ROOM: Final = "(width > 0 && containerSize()[0] || width)"
"""The width a chart has on its page, labels included, in Vega's words; a picture has no page.

Vega makes room for a title before it makes the drawing narrower for its labels: a title broken by the width of the
drawing would be cut. To name `width` is to be asked again when it changes.
"""
TITLE_WIDTHS: Final = (760, 520)
TITLE_LETTERS: Final = (92, 60, 40)
"""Letters of a title that fit on a line, from the widest chart to the narrowest, and the widths between them."""
NOTE_LETTERS: Final = 52
FIT: Final = alt.AutoSizeParams(type="fit-x", contains="padding")
"""The width is the page's; the height is that of the drawing, titles not counted."""


def titled(text: str, notes: Sequence[str]) -> alt.TitleParams:
    """Return a title that is a sentence, broken to fit the width the chart happens to have, over its quiet notes.

    Vega-Lite computes a title but not a subtitle, so that a note longer than the narrowest chart is always broken.
    """
    wide, middle, narrow = (json.dumps(_lines(text, letters), ensure_ascii=False) for letters in TITLE_LETTERS)
    widest, middling = TITLE_WIDTHS
    return alt.TitleParams(
        text=alt.ExprRef(f"{ROOM} < {middling} ? {narrow} : {ROOM} < {widest} ? {middle} : {wide}"),
        subtitle=[line for note in notes for line in _lines(note, NOTE_LETTERS)],
    )


def _lines(text: str, letters: int) -> list[str]:
    """Break a text between words; a no-break space holds what it joins."""
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > letters:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".lstrip()
    return lines


def locale(language: str) -> alt.Locale:
    """Return the language's numbers and dates, from Unicode CLDR, as charts take them."""
    known = Locale.parse(language)
    symbols = known.number_symbols["latn"]
    grouping = symbols["group"]
    months, short_months = known.months["format"]["wide"], known.months["format"]["abbreviated"]
    days, short_days = known.days["format"]["wide"], known.days["format"]["abbreviated"]
    sunday_first = (6, 0, 1, 2, 3, 4, 5)
    return alt.Locale(
        number=alt.NumberLocale(
            decimal=symbols["decimal"],
            thousands=grouping,
            grouping=[3],
            currency=["", "\N{NO-BREAK SPACE}€"],
            percent=percent(0, 0, language).removeprefix("0"),
            minus=MINUS,
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
def look(language: str) -> alt.Config:
    """Return the look of the house in a language: one family of type, hairlines, no frame."""
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


def whole(
    layers: Sequence[alt.Chart],
    data: pl.DataFrame,
    words: Words,
    *,
    title: alt.TitleParams,
    description: str,
    height: int,
    beside: int = 6,
    **shared: Any,
) -> alt.LayerChart:
    """Put layers together as a chart as wide as the page, with its title, its alternative text and shared axes.

    `beside` is the room in pixels left for labels that end a little later than Vega measures them.
    All is given at once: each of Altair's chained calls would copy the chart.
    """
    return alt.LayerChart(
        layer=list(layers),
        data=data,
        encoding=alt.SharedEncoding(**shared),
        title=title,
        description=description,
        width="container",
        height=height,
        padding={"left": 0, "right": beside, "top": 4, "bottom": 4},
        background="transparent",
        autosize=FIT,
        config=look(words.language),
    )
