"""The tile map: a square a region, at about its place, with its name and its value."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import altair as alt
import polars as pl

from dashboards.charts.axes import layer, points_told
from dashboards.charts.colours import DARK_STEPS, EDGE, EMPTY, HAIRLINE, INK, PAPER, QUIET, SCALE
from dashboards.charts.style import NARROW, titled, whole
from dashboards.charts.titles import absence, held
from dashboards.wording.formatting import amount, during, value_of
from dashboards.wording.translations import Words
from indicators.definitions.catalogue import Indicator
from indicators.definitions.periods import Span
from indicators.definitions.regions import Region
from indicators.figures.figure import Figure

ROW: Final = 58
"""Height of a row in pixels: two lines of name and one of value."""

GAP: Final = 0.05
"""Share of a tile left between two."""


ROOM_FOR_NAMES: Final = 1.25
"""Tiles' widths that a name may have: Vega may measure it in another type, a wider one, before ours has come."""


@dataclass(frozen=True)
class RegionFigure:
    """A region of the tile map: its figure and where its tile leads, or nothing where the network has no structure."""

    region: Region
    figure: Figure | None
    address: str | None = None


def region_tiles(places: Sequence[RegionFigure], indicator: Indicator, period: Span, words: Words) -> alt.LayerChart:
    """Draw each region as a tile: dark where the value is high, dashed if withheld, pale without structures."""
    tiles = _tiles(places, indicator, words)
    # A column or a row without any region is left out: on a telephone each tile needs its letters' width.
    columns = sorted({place.region.tile_column for place in places})
    rows = sorted({place.region.tile_row for place in places})
    limit = alt.ExprRef(f"width / {len(columns)} * {ROOM_FOR_NAMES}")
    colours: dict[str, Any] = {
        "fill": alt.Fill("fill", type="nominal", scale=None),
        "stroke": alt.Stroke("stroke", type="nominal", scale=None),
    }
    ink = alt.Color("ink", type="nominal", scale=None)
    squares = []
    for dashed, leads in sorted(set(tiles.select("dashed", pl.col("way").is_not_null()).iter_rows())):
        # A region that leads nowhere has no link: in Vega's words nothing would be an address, that of « null ».
        way: dict[str, Any] = {"href": alt.Href("way", type="nominal")} if leads else {}
        dashes: dict[str, Any] = {"strokeDash": [4, 3]} if dashed else {}
        mark = alt.MarkDef(type="rect", strokeWidth=1.2 if dashed else 1, cornerRadius=2, **dashes)
        square = layer(mark, **colours, **way, **points_told())
        square.transform = [
            alt.FilterTransform(f"{'' if dashed else '!'}datum.dashed && {'' if leads else '!'}datum.way")
        ]
        squares.append(square)
    names = alt.MarkDef(
        type="text", dy=-15, lineBreak="\n", lineHeight=11, fontSize=_by_width(9.5, 11), limit=limit, aria=False
    )
    values = alt.MarkDef(type="text", dy=15, fontSize=_by_width(12, 14), fontWeight=600, limit=limit, aria=False)
    layers = [
        *squares,
        layer(names, text=alt.Text("name", type="nominal"), color=ink),
        layer(values, text=alt.Text("value", type="nominal"), color=ink),
    ]
    label, when = indicator.label(words.language), held(during(period, words))
    told = words("list.semicolon").join(tiles.filter(pl.col("stroke") != HAIRLINE)["told"])
    return whole(
        layers,
        tiles,
        words,
        title=titled(
            words("chart.regions.title", label=label, during=when),
            # One value alone, or the same everywhere, is neither dark nor pale.
            [*[words("chart.regions.note.dark")] * _differ(places), words("chart.regions.note.pale")],
        ),
        description=words("chart.regions.description", label=label, during=when, regions=told),
        height=ROW * len(rows),
        beside=0,
        x=alt.X("column", type="ordinal", axis=None, scale=_squares(columns)),
        y=alt.Y("row", type="ordinal", axis=None, scale=_squares(rows)),
    )


def _squares(places: Sequence[int]) -> alt.Scale:
    return alt.Scale(domain=places, paddingInner=GAP, paddingOuter=0)


def _by_width(narrow: float, wide: float) -> alt.ExprRef:
    return alt.ExprRef(f"width < {NARROW} ? {narrow} : {wide}")


def _tiles(places: Sequence[RegionFigure], indicator: Indicator, words: Words) -> pl.DataFrame:
    """Return one row a region: column, row, name on two lines, value, sentence and colours."""
    values = [place.figure.shown.value for place in places if place.figure and place.figure.shown]
    rows = []
    for place in places:
        name, figure = place.region.name(words.language), place.figure
        look = {"fill": EMPTY, "stroke": HAIRLINE, "ink": QUIET, "dashed": False, "value": ""}
        told = words("chart.regions.none", region=name)
        if figure and figure.shown:
            step = _step(figure.shown.value, values)
            value = amount(value_of(figure.shown, indicator), indicator, words)
            ink = PAPER if step >= DARK_STEPS else INK
            look = {"fill": SCALE[step], "stroke": EDGE, "ink": ink, "dashed": False, "value": value}
            told = words("chart.point", period=name, value=value)
        elif figure:
            look = {
                "fill": PAPER,
                "stroke": EDGE,
                "ink": INK,
                "dashed": True,
                "value": words(f"status.brief.{figure.status}"),
            }
            told = words("chart.point", period=name, value=absence(figure, words))
        at = {"column": place.region.tile_column, "row": place.region.tile_row}
        rows.append({**at, "name": on_two_lines(name), "told": told, "way": place.address, **look})
    return pl.DataFrame(rows, infer_schema_length=None)


def _differ(places: Sequence[RegionFigure]) -> bool:
    return len({place.figure.shown.value for place in places if place.figure and place.figure.shown}) > 1


def _step(value: float, values: Sequence[float]) -> int:
    """Return the step of the colour scale: equal steps between the lowest and the highest value shown."""
    lowest, highest = min(values), max(values)
    share = (value - lowest) / (highest - lowest) if highest > lowest else 0.5
    return min(int(share * len(SCALE)), len(SCALE) - 1)


def on_two_lines(name: str) -> str:
    """Break a name after the space or hyphen nearest to its middle; short names stay whole."""
    breaks = [place + 1 for place, letter in enumerate(name) if letter in " -"]
    if len(name) <= 9 or not breaks:
        return name
    middle = min(breaks, key=lambda place: abs(place - len(name) / 2))
    return f"{name[:middle].rstrip()}\n{name[middle:]}"
