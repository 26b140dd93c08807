"""The funnel plot of one indicator: every structure of a perimeter, with the limits of chance by size."""

import json
from collections.abc import Mapping
from typing import Any, Final

import altair as alt
import polars as pl

from dashboards.charts.axes import HALO_PX, HEADROOM, LABEL_HEIGHT_PX, layer, spread_labels, values_axis, y_channel
from dashboards.charts.colours import ACCENT, BAND, EDGE, EMPTY, PAPER, QUIET
from dashboards.charts.style import compose, wrapped_title
from dashboards.charts.titles import join_with_no_break
from dashboards.wording.formatting import PERCENT_UNIT, format_amount, format_count, format_during, format_percentage
from dashboards.wording.translations import Translator
from indicators.definitions.catalogue import Indicator
from indicators.judgement.funnel import Funnel, FunnelVerdict, limit_curves
from indicators.queries.comparison.funnel_comparison import Comparison

HEIGHT_PX: Final = 420
CURVE_OVERHANG: Final = 1.04
"""Factor by which the curves extend beyond the largest structure."""
MAX_NAMED_SIGNALS: Final = 8
"""Signals up to which each is labelled by name; beyond, names are in tooltips only."""
MAX_DETAILED_POINTS: Final = 400
"""Points beyond which they are drawn smaller, on a canvas instead of as SVG elements."""
VERDICT_SHAPES: Final = {
    FunnelVerdict.ORDINARY: "circle",
    FunnelVerdict.WATCH: "diamond",
    FunnelVerdict.SIGNAL: "square",
    FunnelVerdict.TOO_FEW: "circle",
}
"""Shapes of verdicts: no information is conveyed by colour alone."""
VERDICT_LETTERS: Final = {verdict: verdict.value[0] for verdict in FunnelVerdict}
"""Abbreviations of verdicts in the data sent, which may have thousands of rows."""
DESCRIBED_VERDICTS: Final = {
    "signals": FunnelVerdict.SIGNAL,
    "watched": FunnelVerdict.WATCH,
    "ordinary": FunnelVerdict.ORDINARY,
    "few": FunnelVerdict.TOO_FEW,
}
"""Verdicts counted in the alternative text, by field of its message."""
LIMIT_DASHES: Final = {"95": [4, 3], "998": [1, 0]}
"""Dashes of the curves of 95 % and of 99.8 %."""
WIDENED_COLOURS: Final = {"998": EMPTY, "95": BAND}
"""Colours of the bands of the widened funnel, the outer one first."""


def funnel_chart(
    comparison: Comparison,
    names: Mapping[str, str],
    t: Translator,
    *,
    name: str,
    selected: str | None,
    url_prefix: str | None = None,
) -> alt.LayerChart:
    """Build the funnel plot of a comparison that has one.

    `names` are the structures' names, `name` the perimeter's; the structure `selected` is labelled. A point links to
    `url_prefix` followed by the code of its structure.
    """
    funnel = comparison.funnel
    if funnel is None or funnel.share is None:
        raise ValueError("nothing to draw: nobody is compared")
    indicator, scale = comparison.indicator, comparison.indicator.scale
    points = _points(comparison, names)
    largest = max(points["n"].to_list(), default=1)
    lines = limit_curves(funnel, largest * CURVE_OVERHANG).with_columns(
        pl.col("denominator").round(1),
        (pl.exclude("denominator") * scale).round(2),
        pl.lit(funnel.share * scale).round(2).alias("mean"),
    )
    # The limits must be visible at the largest structure, where they are labelled.
    limits = [lines["upper_998"][-1], lines["widened_upper_998"][-1] or 0.0]
    top = min(max([*points["y"].to_list(), funnel.share * scale, *limits]) * HEADROOM, scale)
    axis = alt.Axis(
        title=t("funnel.axis"),
        titleFontWeight=400,
        grid=False,
        tickCount=6,
        format=",d",
        description=t("chart.axis.sizes", largest=format_count(largest, t.language)),
    )
    size = alt.X("n", type="quantitative", axis=axis, scale=alt.Scale(domain=[0, largest * CURVE_OVERHANG], nice=False))
    layers = [
        *_limit_layers(lines, funnel, top, size, indicator, t),
        *_point_layers(points.height, indicator, t, url_prefix),
        *_name_layers(points, selected),
        *_end_labels(lines, funnel, top, indicator, t),
    ]
    reference = format_amount(funnel.share * scale, indicator, t)
    # Networks may have more structures than Altair's row limit.
    alt.data_transformers.disable_max_rows()
    chart = compose(
        layers,
        points if url_prefix else points.drop("id"),
        t,
        title=wrapped_title(funnel_title(comparison, t, name), [t("funnel.note", reference=reference)]),
        description=funnel_description(comparison, t, name),
        height=HEIGHT_PX,
        x=size,
    )
    if points.height > MAX_DETAILED_POINTS:
        # Browsers draw thousands of points three times faster on a canvas than as SVG elements.
        chart.usermeta = {"embedOptions": {"renderer": "canvas"}}
    return chart


def funnel_title(comparison: Comparison, t: Translator, name: str) -> str:
    """Return how many structures stand out beyond chance, as a title."""
    when = join_with_no_break(format_during(comparison.period, t))
    label = comparison.indicator.label(t.language)
    signal_count = comparison.plotted_rows.filter(pl.col("verdict") == FunnelVerdict.SIGNAL).height
    key = "funnel.title" if signal_count else "funnel.title.none"
    return t(key, count=signal_count, label=label, during=when, name=name)


def funnel_description(comparison: Comparison, t: Translator, name: str) -> str:
    """Return the text alternative: the reference rate and the number of structures by verdict."""
    funnel = comparison.funnel
    counts = dict(comparison.plotted_rows["verdict"].value_counts().iter_rows())
    share = funnel.share * comparison.indicator.scale if funnel and funnel.share is not None else 0.0
    counts_text = {
        name: format_count(counts.get(verdict, 0), t.language) for name, verdict in DESCRIBED_VERDICTS.items()
    }
    reference = format_amount(share, comparison.indicator, t)
    return t("funnel.description", title=funnel_title(comparison, t, name), reference=reference, **counts_text)


def _points(comparison: Comparison, names: Mapping[str, str]) -> pl.DataFrame:
    """Return one row per structure, with short column names for size: n, x, y, k (verdict), s (name), id."""
    rows = comparison.plotted_rows
    structure_names = [names.get(structure, structure) for structure in rows["structure"]]
    return rows.select(
        pl.col("denominator").cast(pl.Int64).alias("n"),
        pl.col("numerator").cast(pl.Int64).alias("x"),
        (pl.col("numerator") / pl.col("denominator") * comparison.indicator.scale).round(1).alias("y"),
        pl.col("verdict").replace_strict(VERDICT_LETTERS, return_dtype=pl.String).alias("k"),
        pl.Series("s", structure_names, dtype=pl.String),
        pl.col("structure").alias("id"),
    )


def _limit_layers(
    lines: pl.DataFrame, funnel: Funnel, top: float, size: alt.X, indicator: Indicator, t: Translator
) -> list[alt.Chart]:
    """Return the layers of the reference and limits as lines, over bands of the widened limits if over-dispersed."""
    # All curves share one dataset, sent once.
    x = alt.X("denominator", type="quantitative", axis=size["axis"], scale=size["scale"])
    y = values_axis("mean", top, indicator, t)
    mean = alt.MarkDef(type="line", color=ACCENT, strokeWidth=1.5, aria=False, clip=True)
    # The first layer sets the axes; the mean is drawn again above the bands.
    layers = [layer(mean, lines, x=x, y=y)]
    for limit, colour in WIDENED_COLOURS.items() if funnel.is_over_dispersed else ():
        low, high = f"widened_lower_{limit}", f"widened_upper_{limit}"
        band = alt.MarkDef(type="area", color=colour, aria=False, clip=True)
        edge = alt.MarkDef(type="line", color=EDGE, strokeWidth=0.6, aria=False, clip=True)
        layers.append(layer(band, lines, x=x, y=y_channel(low), y2=alt.Y2(high)))
        layers += [layer(edge, lines, x=x, y=y_channel(field)) for field in (low, high)]
    for limit, dash in LIMIT_DASHES.items():
        mark = alt.MarkDef(type="line", color=QUIET, strokeDash=dash, strokeWidth=1.1, aria=False, clip=True)
        layers += [layer(mark, lines, x=x, y=y_channel(f"{edge}_{limit}")) for edge in ("lower", "upper")]
    return [*layers, layer(mean, lines, x=x, y=y_channel("mean"))]


def _point_layers(point_count: int, indicator: Indicator, t: Translator, url_prefix: str | None) -> list[alt.Chart]:
    # Built in the browser: a sentence for each of thousands of points would outweigh the points.
    sign = format_percentage(0, 0, t.language).removeprefix("0") if indicator.unit == PERCENT_UNIT else ""
    colon, unit, of = (json.dumps(part, ensure_ascii=False) for part in (t("funnel.colon"), sign, t("funnel.of")))
    tooltip_expression = f"datum.s + {colon} + format(datum.y, '.1f') + {unit} + ' (' + datum.x + {of} + datum.n + ')'"
    shape = alt.Shape(
        "k",
        type="nominal",
        scale=alt.Scale(
            domain=[VERDICT_LETTERS[verdict] for verdict in VERDICT_SHAPES], range=list(VERDICT_SHAPES.values())
        ),
        legend=None,
    )
    stands_out = alt.FieldOneOfPredicate(
        field="k", oneOf=[VERDICT_LETTERS[FunnelVerdict.SIGNAL], VERDICT_LETTERS[FunnelVerdict.WATCH]]
    )
    signal = alt.FieldEqualPredicate(field="k", equal=VERDICT_LETTERS[FunnelVerdict.SIGNAL])
    channels: dict[str, Any] = {
        "y": y_channel("y"),
        "shape": shape,
        "color": alt.condition(stands_out, alt.value(ACCENT), alt.value(QUIET)),
        "fill": alt.condition(signal, alt.value(ACCENT), alt.value(PAPER)),
        "tooltip": alt.Tooltip("t", type="nominal", title=" "),
        "description": alt.Description("t", type="nominal"),
    }
    if url_prefix:
        channels["href"] = alt.Href("w", type="nominal")
    large, wide = (52, 1.4) if point_count <= MAX_DETAILED_POINTS else (16, 0.8)
    dots = layer(alt.MarkDef(type="point", size=large, strokeWidth=wide, opacity=1), **channels)
    dots.transform = [alt.CalculateTransform(calculate=tooltip_expression, **{"as": "t"})]
    if url_prefix:
        url_expression = f"{json.dumps(url_prefix)} + datum.id"
        dots.transform.append(alt.CalculateTransform(calculate=url_expression, **{"as": "w"}))
    return [dots]


def _name_layers(points: pl.DataFrame, selected: str | None) -> list[alt.Chart]:
    """Return the labels of signals, if they are few, and of the selected structure, with a ring around it."""
    signals = points.filter(pl.col("k") == VERDICT_LETTERS[FunnelVerdict.SIGNAL])
    selected_point = points.filter(pl.col("id") == selected) if selected is not None else points.clear()
    named_points = pl.concat(
        [signals if signals.height <= MAX_NAMED_SIGNALS else signals.clear(), selected_point]
    ).unique("id", maintain_order=True)
    if named_points.is_empty():
        return []
    y, name_text = y_channel("y"), alt.Text("s", type="nominal")
    half = max(points["n"].to_list(), default=0) / 2
    ring = alt.MarkDef(type="point", shape="circle", size=220, color=ACCENT, strokeWidth=1.6, opacity=1, aria=False)
    layers = [layer(ring, selected_point, y=y)] if selected_point.height else []
    # Labels are placed on the side with room: one outside the plot would make it narrower.
    shared: dict[str, Any] = {"type": "text", "dy": -11, "fontWeight": 600, "fontSize": 12, "aria": False}
    on_the_right, on_the_left = alt.MarkDef(align="left", dx=9, **shared), alt.MarkDef(align="right", dx=-9, **shared)
    for letters, side_filter in ((on_the_right, pl.col("n") <= half), (on_the_left, pl.col("n") > half)):
        side_points = named_points.filter(side_filter)
        if side_points.height:
            layers += [
                layer(_with_halo(letters), side_points, y=y, text=name_text),
                layer(letters, side_points, y=y, text=name_text),
            ]
    return layers


def _end_labels(
    lines: pl.DataFrame, funnel: Funnel, top: float, indicator: Indicator, t: Translator
) -> list[alt.Chart]:
    """Return the labels of the lines at their right end, where they are inside the plot."""
    last = lines.row(-1, named=True)
    labels = {"mean": t("funnel.line.mean", reference=format_amount(last["mean"], indicator, t))}
    labels |= {f"upper_{limit}": t(f"funnel.line.{limit}") for limit in LIMIT_DASHES}
    if funnel.is_over_dispersed:
        labels |= {f"widened_upper_{limit}": t(f"funnel.line.widened.{limit}") for limit in WIDENED_COLOURS}
    inner_fields = [field for field in labels if last[field] < top]
    ends = pl.DataFrame(
        {
            "n": [last["denominator"]] * len(inner_fields),
            "y": spread_labels([last[field] for field in inner_fields], top * LABEL_HEIGHT_PX / HEIGHT_PX),
            "t": [labels[field] for field in inner_fields],
            "c": [ACCENT if field == "mean" else QUIET for field in inner_fields],
        }
    )
    text, ink = alt.Text("t", type="nominal"), alt.Color("c", type="nominal", scale=None)
    letters = alt.MarkDef(type="text", align="left", dx=6, fontSize=11.5, aria=False)
    return [layer(letters, ends, y=y_channel("y"), text=text, color=ink)]


def _with_halo(letters: alt.MarkDef) -> alt.MarkDef:
    """Return the letters as a white outline, which keeps lines from crossing them."""
    halo = letters.copy()
    halo["color"], halo["stroke"], halo["strokeWidth"], halo["strokeJoin"] = PAPER, PAPER, HALO_PX, "round"
    return halo
