"""Every structure of a perimeter on one indicator: where it stands, and how far chance alone may bring it."""

import json
from collections.abc import Mapping
from typing import Any, Final

import altair as alt
import polars as pl

from dashboards.charts.axes import HEADROOM, layer, values_axis
from dashboards.charts.colours import ACCENT, EDGE, PAPER, QUIET
from dashboards.charts.look import titled, whole
from dashboards.charts.told import held
from dashboards.numbers import amount, during, unit_after
from dashboards.words import Words
from indicators.catalogue import Indicator
from indicators.judgement.funnel import Funnel, Verdict, curves
from indicators.questions.comparison import Comparison

HEIGHT: Final = 420
ROOM: Final = 1.04
"""How far beyond the largest structure the curves go."""
NAMED: Final = 8
"""Signals up to which each has its name beside its point; beyond, names are told on demand."""
SHAPES: Final = {
    Verdict.ORDINARY: "circle",
    Verdict.WATCH: "diamond",
    Verdict.SIGNAL: "square",
    Verdict.TOO_FEW: "circle",
}
"""A shape for each verdict: nothing is said by colour alone."""
LETTERS: Final = {verdict: verdict.value[0] for verdict in Verdict}
"""What stands for a verdict in what is sent, thousands of times."""
LINES: Final = {"95": [4, 3], "998": [1, 0]}
"""Dashes of the curves of 95 % and of 99.8 %."""


def funnel_chart(
    compared: Comparison, names: Mapping[str, str], words: Words, *, name: str, chosen: str | None
) -> alt.LayerChart:
    """Draw the funnel of a comparison that has one.

    `names` are those of the structures, `name` that of the perimeter; the structure `chosen` has its name beside it.
    """
    drawn = compared.funnel
    if drawn is None or drawn.share is None:
        raise ValueError("nothing to draw: nobody is compared")
    indicator, scale = compared.indicator, compared.indicator.scale
    points = _points(compared, names)
    lines = curves(drawn, max(points["n"].to_list(), default=1) * ROOM).with_columns(
        pl.col("denominator").round(1), (pl.exclude("denominator") * scale).round(2)
    )
    top = min(max([*points["y"].to_list(), drawn.share * scale]) * HEADROOM, scale)
    axis = alt.Axis(title=words("funnel.axis"), grid=False, tickCount=6, format=",d")
    size = alt.X("n", type="quantitative", axis=axis, scale=alt.Scale(domainMin=0, nice=False))
    layers = [
        *_curves(lines, drawn, top, size, indicator, words),
        *_dots(indicator, words),
        *_labels(points, chosen),
    ]
    return whole(
        layers,
        points.drop("id"),
        words,
        title=titled(title(compared, words, name), notes(drawn, words)),
        description=description(compared, words, name),
        height=HEIGHT,
        x=size,
    )


def title(compared: Comparison, words: Words, name: str) -> str:
    """Say in a sentence how many structures stand out, beyond chance."""
    when = held(during(compared.period, words))
    label = compared.indicator.label(words.language)
    apart = compared.compared.filter(pl.col("verdict") == Verdict.SIGNAL).height
    key = "funnel.title" if apart else "funnel.title.none"
    return words(key, count=apart, label=label, during=when, name=name)


def notes(drawn: Funnel, words: Words) -> list[str]:
    """Say how the curves are read, and whether the structures differ by more than chance."""
    told = [words("funnel.note.curves")]
    return [*told, words("funnel.note.wide")] if drawn.over_dispersed else told


def description(compared: Comparison, words: Words, name: str) -> str:
    """Say in words what the funnel shows: the reference, and how many stand out, are to be watched, are ordinary."""
    drawn = compared.funnel
    counts = dict(compared.compared["verdict"].value_counts().iter_rows())
    share = drawn.share * compared.indicator.scale if drawn and drawn.share is not None else 0.0
    return words(
        "funnel.description",
        title=title(compared, words, name),
        reference=amount(share, compared.indicator, words),
        signals=counts.get(Verdict.SIGNAL, 0),
        watched=counts.get(Verdict.WATCH, 0),
        ordinary=counts.get(Verdict.ORDINARY, 0),
    )


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
    prefixes = [("", EDGE)] + ([("widened_", QUIET)] if drawn.over_dispersed else [])
    # One set of rows for all the curves: it is sent once.
    lines = lines.with_columns(pl.lit((drawn.share or 0) * indicator.scale).round(2).alias("mean"))
    x = alt.X("denominator", type="quantitative", axis=size["axis"], scale=size["scale"])
    mean = alt.MarkDef(type="line", color=ACCENT, strokeWidth=1.5, aria=False, clip=True)
    layers = [layer(mean, lines, x=x, y=values_axis("mean", top, indicator, words))]
    for prefix, colour in prefixes:
        for limit, dash in LINES.items():
            for edge in ("lower", "upper"):
                mark = alt.MarkDef(type="line", color=colour, strokeDash=dash, strokeWidth=1.2, aria=False, clip=True)
                field = f"{prefix}{edge}_{limit}"
                layers.append(layer(mark, lines, x=x, y=alt.Y(field, type="quantitative")))
    return layers


def _dots(indicator: Indicator, words: Words) -> list[alt.Chart]:
    # Said where it is drawn: a sentence for each of thousands of points would weigh more than the points.
    colon, unit, of = (
        json.dumps(part, ensure_ascii=False)
        for part in (words("funnel.colon"), unit_after(indicator, words), words("funnel.of"))
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
        "y": alt.Y("y", type="quantitative"),
        "shape": shape,
        "color": alt.condition(standing, alt.value(ACCENT), alt.value(QUIET)),
        "fill": alt.condition(signal, alt.value(ACCENT), alt.value(PAPER)),
        "tooltip": alt.Tooltip("t", type="nominal", title=" "),
        "description": alt.Description("t", type="nominal"),
    }
    dots = layer(alt.MarkDef(type="point", size=52, strokeWidth=1.4, opacity=1), **channels)
    dots.transform = [alt.CalculateTransform(calculate=told, **{"as": "t"})]
    return [dots]


def _labels(points: pl.DataFrame, chosen: str | None) -> list[alt.Chart]:
    signals = points.filter(pl.col("k") == LETTERS[Verdict.SIGNAL])
    named = signals if signals.height <= NAMED else signals.clear()
    if chosen is not None:
        named = pl.concat([named, points.filter(pl.col("id") == chosen)]).unique("id", maintain_order=True)
    if named.is_empty():
        return []
    y, said = alt.Y("y", type="quantitative"), alt.Text("s", type="nominal")
    half = max(points["n"].to_list(), default=0) / 2
    layers = []
    # A name stands on the side where there is room for it: outside, it would make the whole drawing narrower.
    shared: dict[str, Any] = {"type": "text", "dy": -9, "fontWeight": 600, "fontSize": 12, "aria": False}
    on_the_right, on_the_left = alt.MarkDef(align="left", dx=9, **shared), alt.MarkDef(align="right", dx=-9, **shared)
    for letters, own in ((on_the_right, pl.col("n") <= half), (on_the_left, pl.col("n") > half)):
        halo = letters.copy()
        halo["color"], halo["stroke"], halo["strokeWidth"], halo["strokeJoin"] = PAPER, PAPER, 4, "round"
        beside = named.filter(own)
        if beside.height:
            layers += [layer(halo, beside, y=y, text=said), layer(letters, beside, y=y, text=said)]
    return layers
