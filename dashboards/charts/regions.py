"""The tile map: one square per region, roughly at its geographic position, with name and value."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import altair as alt
import polars as pl

from dashboards.charts.axes import layer, point_texts
from dashboards.charts.colours import DARK_STEPS, EDGE, EMPTY, HAIRLINE, INK, PAPER, QUIET, SCALE
from dashboards.charts.style import NARROW_PX, compose, wrapped_title
from dashboards.charts.titles import absence_label, join_with_no_break
from dashboards.wording.formatting import exact_value, format_amount, format_during
from dashboards.wording.translations import Translator
from indicators.definitions.catalogue import Indicator
from indicators.definitions.periods import Span
from indicators.definitions.regions import Region
from indicators.figures.figure import Figure

ROW_PX: Final = 58
"""Height of a row in pixels: two lines of name and one of value."""

TILE_GAP_SHARE: Final = 0.05
"""Share of a tile left between two."""


MAX_NAME_WIDTH_TILES: Final = 1.25
"""Width limit of a name, in tile widths: Vega may measure it in a wider fallback font before ours has loaded."""


@dataclass(frozen=True)
class RegionFigure:
    """A region of the tile map with its figure and link; both null where the network has no structure."""

    region: Region
    figure: Figure | None
    url: str | None = None


def region_tiles(regions: Sequence[RegionFigure], indicator: Indicator, period: Span, t: Translator) -> alt.LayerChart:
    """Build the tile map: darker for higher values, dashed if withheld, pale without structures."""
    tiles = _tiles(regions, indicator, t)
    # Empty columns and rows are dropped: on a telephone, tiles are just wide enough for their labels.
    columns = sorted({place.region.tile_column for place in regions})
    rows = sorted({place.region.tile_row for place in regions})
    limit = alt.ExprRef(f"width / {len(columns)} * {MAX_NAME_WIDTH_TILES}")
    colours: dict[str, Any] = {
        "fill": alt.Fill("fill", type="nominal", scale=None),
        "stroke": alt.Stroke("stroke", type="nominal", scale=None),
    }
    ink = alt.Color("ink", type="nominal", scale=None)
    squares = []
    for dashed, leads in sorted(set(tiles.select("dashed", pl.col("way").is_not_null()).iter_rows())):
        # A region without a link needs a layer without `href`: Vega would link a null to the address « null ».
        way: dict[str, Any] = {"href": alt.Href("way", type="nominal")} if leads else {}
        dashes: dict[str, Any] = {"strokeDash": [4, 3]} if dashed else {}
        mark = alt.MarkDef(type="rect", strokeWidth=1.2 if dashed else 1, cornerRadius=2, **dashes)
        square = layer(mark, **colours, **way, **point_texts())
        square.transform = [
            alt.FilterTransform(f"{'' if dashed else '!'}datum.dashed && {'' if leads else '!'}datum.way")
        ]
        squares.append(square)
    names = alt.MarkDef(
        type="text", dy=-15, lineBreak="\n", lineHeight=11, fontSize=_size_by_width(9.5, 11), limit=limit, aria=False
    )
    values = alt.MarkDef(type="text", dy=15, fontSize=_size_by_width(12, 14), fontWeight=600, limit=limit, aria=False)
    layers = [
        *squares,
        layer(names, text=alt.Text("name", type="nominal"), color=ink),
        layer(values, text=alt.Text("value", type="nominal"), color=ink),
    ]
    label, when = indicator.label(t.language), join_with_no_break(format_during(period, t))
    regions_sentence = t("list.semicolon").join(tiles.filter(pl.col("stroke") != HAIRLINE)["told"])
    return compose(
        layers,
        tiles,
        t,
        title=wrapped_title(
            t("chart.regions.title", label=label, during=when),
            # With a single value, or equal ones, there is no scale to explain.
            [*[t("chart.regions.note.dark")] * _values_differ(regions), t("chart.regions.note.pale")],
        ),
        description=t("chart.regions.description", label=label, during=when, regions=regions_sentence),
        height=ROW_PX * len(rows),
        right_padding_px=0,
        x=alt.X("column", type="ordinal", axis=None, scale=_tile_scale(columns)),
        y=alt.Y("row", type="ordinal", axis=None, scale=_tile_scale(rows)),
    )


def _tile_scale(positions: Sequence[int]) -> alt.Scale:
    return alt.Scale(domain=positions, paddingInner=TILE_GAP_SHARE, paddingOuter=0)


def _size_by_width(narrow: float, wide: float) -> alt.ExprRef:
    return alt.ExprRef(f"width < {NARROW_PX} ? {narrow} : {wide}")


def _tiles(regions: Sequence[RegionFigure], indicator: Indicator, t: Translator) -> pl.DataFrame:
    """Return one row per region: column, row, name on two lines, value, sentence, colours."""
    values = [place.figure.shown.value for place in regions if place.figure and place.figure.shown]
    rows = []
    for place in regions:
        name, figure = place.region.name(t.language), place.figure
        style = {"fill": EMPTY, "stroke": HAIRLINE, "ink": QUIET, "dashed": False, "value": ""}
        sentence = t("chart.regions.none", region=name)
        if figure and figure.shown:
            step = _colour_step(figure.shown.value, values)
            value = format_amount(exact_value(figure.shown, indicator), indicator, t)
            ink = PAPER if step >= DARK_STEPS else INK
            style = {"fill": SCALE[step], "stroke": EDGE, "ink": ink, "dashed": False, "value": value}
            sentence = t("chart.point", period=name, value=value)
        elif figure:
            style = {
                "fill": PAPER,
                "stroke": EDGE,
                "ink": INK,
                "dashed": True,
                "value": t(f"status.brief.{figure.status}"),
            }
            sentence = t("chart.point", period=name, value=absence_label(figure, t))
        position = {"column": place.region.tile_column, "row": place.region.tile_row}
        rows.append({**position, "name": break_name(name), "told": sentence, "way": place.url, **style})
    return pl.DataFrame(rows, infer_schema_length=None)


def _values_differ(regions: Sequence[RegionFigure]) -> bool:
    return len({place.figure.shown.value for place in regions if place.figure and place.figure.shown}) > 1


def _colour_step(value: float, values: Sequence[float]) -> int:
    """Return the step of the colour scale: equal intervals between the lowest and the highest value shown."""
    lowest, highest = min(values), max(values)
    share = (value - lowest) / (highest - lowest) if highest > lowest else 0.5
    return min(int(share * len(SCALE)), len(SCALE) - 1)


def break_name(name: str) -> str:
    """Break a name of more than nine characters after the space or hyphen nearest to its middle."""
    breaks = [place + 1 for place, letter in enumerate(name) if letter in " -"]
    if len(name) <= 9 or not breaks:
        return name
    middle = min(breaks, key=lambda place: abs(place - len(name) / 2))
    return f"{name[:middle].rstrip()}\n{name[middle:]}"
