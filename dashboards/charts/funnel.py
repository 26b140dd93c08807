"""Every structure of a perimeter on one indicator: where it stands, and how far chance alone may bring it."""

import json
from collections.abc import Mapping
from typing import Any, Final

import altair as alt
import polars as pl

from dashboards.charts.axes import HALO, HEADROOM, LINE_OF_TEXT, apart, height, layer, values_axis
from dashboards.charts.colours import ACCENT, BAND, EDGE, EMPTY, PAPER, QUIET
from dashboards.charts.style import titled, whole
from dashboards.charts.titles import held
from dashboards.wording.formatting import PERCENT_UNIT, amount, during, percent
from dashboards.wording.formatting import count as number_of
from dashboards.wording.translations import Words
from indicators.definitions.catalogue import Indicator
from indicators.judgement.funnel import Funnel, Verdict, curves
from indicators.queries.comparison.funnel_comparison import Comparison

HEIGHT: Final = 420
ROOM: Final = 1.04
"""How far beyond the largest structure the curves go."""
NAMED: Final = 8
"""Signals up to which each has its name beside its point; beyond, names are told on demand."""
MANY: Final = 400
"""Points beyond which each is drawn smaller, and all of them as one picture."""
SHAPES: Final = {
    Verdict.ORDINARY: "circle",
    Verdict.WATCH: "diamond",
    Verdict.SIGNAL: "square",
    Verdict.TOO_FEW: "circle",
}
"""A shape for each verdict: nothing is said by colour alone."""
LETTERS: Final = {verdict: verdict.value[0] for verdict in Verdict}
"""What stands for a verdict in what is sent, thousands of times."""
TOLD: Final = {
    "signals": Verdict.SIGNAL,
    "watched": Verdict.WATCH,
    "ordinary": Verdict.ORDINARY,
    "few": Verdict.TOO_FEW,
}
"""How many of each the alternative text tells."""
LINES: Final = {"95": [4, 3], "998": [1, 0]}
"""Dashes of the curves of 95 % and of 99.8 %."""
WIDENED: Final = {"998": EMPTY, "95": BAND}
"""Bands of the widened funnel, the outer one first."""


def funnel_chart(
    compared: Comparison,
    names: Mapping[str, str],
    words: Words,
    *,
    name: str,
    chosen: str | None,
    address: str | None = None,
) -> alt.LayerChart:
    """Draw the funnel of a comparison that has one.

    `names` are those of the structures, `name` that of the perimeter; the structure `chosen` has its name beside it. A
    point leads to `address` followed by the code of its structure.
    """
    drawn = compared.funnel
    if drawn is None or drawn.share is None:
        raise ValueError("nothing to draw: nobody is compared")
    indicator, scale = compared.indicator, compared.indicator.scale
    points = _points(compared, names)
    largest = max(points["n"].to_list(), default=1)
    lines = curves(drawn, largest * ROOM).with_columns(
        pl.col("denominator").round(1),
        (pl.exclude("denominator") * scale).round(2),
        pl.lit(drawn.share * scale).round(2).alias("mean"),
    )
    # The limits are in sight where they are named, at the largest structure.
    limits = [lines["upper_998"][-1], lines["widened_upper_998"][-1] or 0.0]
    top = min(max([*points["y"].to_list(), drawn.share * scale, *limits]) * HEADROOM, scale)
    axis = alt.Axis(title=words("funnel.axis"), titleFontWeight=400, grid=False, tickCount=6, format=",d")
    size = alt.X("n", type="quantitative", axis=axis, scale=alt.Scale(domain=[0, largest * ROOM], nice=False))
    layers = [
        *_curves(lines, drawn, top, size, indicator, words),
        *_dots(points.height, indicator, words, address),
        *_names(points, chosen),
        *_ends(lines, drawn, top, indicator, words),
    ]
    reference = amount(drawn.share * scale, indicator, words)
    # Networks have more structures than Altair would let be sent by accident.
    alt.data_transformers.disable_max_rows()
    made = whole(
        layers,
        points if address else points.drop("id"),
        words,
        title=titled(title(compared, words, name), [words("funnel.note", reference=reference)]),
        description=description(compared, words, name),
        height=HEIGHT,
        x=size,
    )
    if points.height > MANY:
        # A browser draws thousands of points three times faster as one picture than as an element each.
        made.usermeta = {"embedOptions": {"renderer": "canvas"}}
    return made


def title(compared: Comparison, words: Words, name: str) -> str:
    """Say in a sentence how many structures stand out, beyond chance."""
    when = held(during(compared.period, words))
    label = compared.indicator.label(words.language)
    apart_ = compared.compared.filter(pl.col("verdict") == Verdict.SIGNAL).height
    key = "funnel.title" if apart_ else "funnel.title.none"
    return words(key, count=apart_, label=label, during=when, name=name)


def description(compared: Comparison, words: Words, name: str) -> str:
    """Say in words what the funnel shows: the reference, and how many stand out, are to be watched, are ordinary."""
    drawn = compared.funnel
    counts = dict(compared.compared["verdict"].value_counts().iter_rows())
    share = drawn.share * compared.indicator.scale if drawn and drawn.share is not None else 0.0
    told = {name: number_of(counts.get(verdict, 0), words.language) for name, verdict in TOLD.items()}
    reference = amount(share, compared.indicator, words)
    return words("funnel.description", title=title(compared, words, name), reference=reference, **told)


def _points(compared: Comparison, names: Mapping[str, str]) -> pl.DataFrame:
    """One row a point, in short names: a page sends thousands of them. n, x, y, k (verdict), s (name), id."""
    rows = compared.compared
    named = [names.get(structure, structure) for structure in rows["structure"]]
    return rows.select(
        pl.col("denominator").cast(pl.Int64).alias("n"),
        pl.col("numerator").cast(pl.Int64).alias("x"),
        (pl.col("numerator") / pl.col("denominator") * compared.indicator.scale).round(1).alias("y"),
        pl.col("verdict").replace_strict(LETTERS, return_dtype=pl.String).alias("k"),
        pl.Series("s", named, dtype=pl.String),
        pl.col("structure").alias("id"),
    )


def _curves(
    lines: pl.DataFrame, drawn: Funnel, top: float, size: alt.X, indicator: Indicator, words: Words
) -> list[alt.Chart]:
    """Draw the reference and the limits of chance as lines, on the widened limits as bands where there are any."""
    # One set of rows for all the curves: it is sent once.
    x = alt.X("denominator", type="quantitative", axis=size["axis"], scale=size["scale"])
    y = values_axis("mean", top, indicator, words)
    mean = alt.MarkDef(type="line", color=ACCENT, strokeWidth=1.5, aria=False, clip=True)
    # The first layer sets the axes; it is drawn again over the bands.
    layers = [layer(mean, lines, x=x, y=y)]
    for limit, colour in WIDENED.items() if drawn.over_dispersed else ():
        low, high = f"widened_lower_{limit}", f"widened_upper_{limit}"
        band = alt.MarkDef(type="area", color=colour, aria=False, clip=True)
        edge = alt.MarkDef(type="line", color=EDGE, strokeWidth=0.6, aria=False, clip=True)
        layers.append(layer(band, lines, x=x, y=height(low), y2=alt.Y2(high)))
        layers += [layer(edge, lines, x=x, y=height(field)) for field in (low, high)]
    for limit, dash in LINES.items():
        mark = alt.MarkDef(type="line", color=QUIET, strokeDash=dash, strokeWidth=1.1, aria=False, clip=True)
        layers += [layer(mark, lines, x=x, y=height(f"{edge}_{limit}")) for edge in ("lower", "upper")]
    return [*layers, layer(mean, lines, x=x, y=height("mean"))]


def _dots(number: int, indicator: Indicator, words: Words, address: str | None) -> list[alt.Chart]:
    # Said where it is drawn: a sentence for each of thousands of points would weigh more than the points.
    sign = percent(0, 0, words.language).removeprefix("0") if indicator.unit == PERCENT_UNIT else ""
    colon, unit, of = (
        json.dumps(part, ensure_ascii=False) for part in (words("funnel.colon"), sign, words("funnel.of"))
    )
    told = f"datum.s + {colon} + format(datum.y, '.1f') + {unit} + ' (' + datum.x + {of} + datum.n + ')'"
    shape = alt.Shape(
        "k",
        type="nominal",
        scale=alt.Scale(domain=[LETTERS[verdict] for verdict in SHAPES], range=list(SHAPES.values())),
        legend=None,
    )
    standing = alt.FieldOneOfPredicate(field="k", oneOf=[LETTERS[Verdict.SIGNAL], LETTERS[Verdict.WATCH]])
    signal = alt.FieldEqualPredicate(field="k", equal=LETTERS[Verdict.SIGNAL])
    channels: dict[str, Any] = {
        "y": height("y"),
        "shape": shape,
        "color": alt.condition(standing, alt.value(ACCENT), alt.value(QUIET)),
        "fill": alt.condition(signal, alt.value(ACCENT), alt.value(PAPER)),
        "tooltip": alt.Tooltip("t", type="nominal", title=" "),
        "description": alt.Description("t", type="nominal"),
    }
    if address:
        channels["href"] = alt.Href("w", type="nominal")
    large, wide = (52, 1.4) if number <= MANY else (16, 0.8)
    dots = layer(alt.MarkDef(type="point", size=large, strokeWidth=wide, opacity=1), **channels)
    dots.transform = [alt.CalculateTransform(calculate=told, **{"as": "t"})]
    if address:
        way = f"{json.dumps(address)} + datum.id"
        dots.transform.append(alt.CalculateTransform(calculate=way, **{"as": "w"}))
    return [dots]


def _names(points: pl.DataFrame, chosen: str | None) -> list[alt.Chart]:
    """Name the signals, if they are few, and the structure chosen, with a ring round it."""
    signals = points.filter(pl.col("k") == LETTERS[Verdict.SIGNAL])
    one = points.filter(pl.col("id") == chosen) if chosen is not None else points.clear()
    named = pl.concat([signals if signals.height <= NAMED else signals.clear(), one]).unique("id", maintain_order=True)
    if named.is_empty():
        return []
    y, said = height("y"), alt.Text("s", type="nominal")
    half = max(points["n"].to_list(), default=0) / 2
    ring = alt.MarkDef(type="point", shape="circle", size=220, color=ACCENT, strokeWidth=1.6, opacity=1, aria=False)
    layers = [layer(ring, one, y=y)] if one.height else []
    # A name stands on the side where there is room for it: outside, it would make the whole drawing narrower.
    shared: dict[str, Any] = {"type": "text", "dy": -11, "fontWeight": 600, "fontSize": 12, "aria": False}
    on_the_right, on_the_left = alt.MarkDef(align="left", dx=9, **shared), alt.MarkDef(align="right", dx=-9, **shared)
    for letters, own in ((on_the_right, pl.col("n") <= half), (on_the_left, pl.col("n") > half)):
        beside = named.filter(own)
        if beside.height:
            layers += [layer(_haloed(letters), beside, y=y, text=said), layer(letters, beside, y=y, text=said)]
    return layers


def _ends(lines: pl.DataFrame, drawn: Funnel, top: float, indicator: Indicator, words: Words) -> list[alt.Chart]:
    """Say what each line is at its right end, where it is inside the drawing."""
    last = lines.row(-1, named=True)
    told = {"mean": words("funnel.line.mean", reference=amount(last["mean"], indicator, words))}
    told |= {f"upper_{limit}": words(f"funnel.line.{limit}") for limit in LINES}
    if drawn.over_dispersed:
        told |= {f"widened_upper_{limit}": words(f"funnel.line.widened.{limit}") for limit in WIDENED}
    inside = [field for field in told if last[field] < top]
    ends = pl.DataFrame(
        {
            "n": [last["denominator"]] * len(inside),
            "y": apart([last[field] for field in inside], top * LINE_OF_TEXT / HEIGHT),
            "t": [told[field] for field in inside],
            "c": [ACCENT if field == "mean" else QUIET for field in inside],
        }
    )
    text, ink = alt.Text("t", type="nominal"), alt.Color("c", type="nominal", scale=None)
    letters = alt.MarkDef(type="text", align="left", dx=6, fontSize=11.5, aria=False)
    return [layer(letters, ends, y=height("y"), text=text, color=ink)]


def _haloed(letters: alt.MarkDef) -> alt.MarkDef:
    """Return letters as a paper-white outline, under which lines pass without crossing them."""
    halo = letters.copy()
    halo["color"], halo["stroke"], halo["strokeWidth"], halo["strokeJoin"] = PAPER, PAPER, HALO, "round"
    return halo
