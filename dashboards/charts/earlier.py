"""The figures of a structure's predecessors on its chart: lighter, up to a rule that says whose they are."""

from collections.abc import Sequence
from typing import Any, Final

import altair as alt
import polars as pl

from dashboards.charts.axes import BRIEF_IF_NARROW, HALO_PX, POINT_PADDING, layer, point_texts, y_channel
from dashboards.charts.colours import PAPER, QUIET
from dashboards.charts.titles import absence_label
from dashboards.wording.formatting import exact_value, format_amount, format_day, format_period
from dashboards.wording.translations import Translator
from indicators.definitions.periods import Span
from indicators.queries.figures.continuity import EarlierFigures

HIT_AREA_PX2: Final = 400
"""Area in square pixels around a point that shows its tooltip."""
SCHEMA: Final = {
    "period": pl.String, "value": pl.Float64, "absent": pl.Float64, "told": pl.String, "part": pl.Int64,
}  # fmt: skip


def earlier_sentence(earlier: EarlierFigures, t: Translator) -> str:
    """Return whose figures stand before the break: « Avant le 1er janvier 2026, les chiffres sont ceux … : X. »."""
    name = earlier.structure.name
    if earlier.until is None:
        return t("earlier.sentence.undated", name=name)
    return t("earlier.sentence", name=name, day=format_day(earlier.until, t))


def earlier_points(earlier: Sequence[EarlierFigures], t: Translator) -> pl.DataFrame:
    """Return one row per figure of the predecessors: value, or a mark that there is none, tooltip, whose line it is."""
    rows = []
    for part, each in enumerate(earlier):
        for figure in each.figures:
            shown, indicator = figure.shown, figure.indicator
            value = format_amount(exact_value(shown, indicator), indicator, t) if shown else absence_label(figure, t)
            point = t("chart.point", period=format_period(figure.covered_span, t), value=value)
            # No line joins two definitions.
            since = indicator.redefined_on
            is_redefined = since is not None and figure.period.start >= since
            rows.append(
                {
                    "period": figure.period.code,
                    "value": shown and shown.value,
                    "absent": None if shown else 0.0,
                    "told": t("earlier.point", point=point, name=each.structure.name),
                    "part": 2 * part + is_redefined,
                }
            )
    return pl.DataFrame(rows, schema=SCHEMA)


def earlier_layers(
    earlier: Sequence[EarlierFigures], points: pl.DataFrame, spans: Sequence[Span], t: Translator, chart_height: int
) -> list[alt.Chart]:
    """Return the layers of `points` (of `earlier_points`) and of the breaks; `spans` are all periods of the chart."""
    if not earlier:
        return []
    line = alt.MarkDef(type="line", color=QUIET, strokeWidth=1.5, aria=False)
    dot = alt.MarkDef(type="point", color=QUIET, fill=PAPER, size=18, opacity=1, strokeWidth=1.2)
    cross = alt.MarkDef(type="text", text="×", color=QUIET, fontSize=18, dy=-7)
    hit_area = alt.MarkDef(type="point", size=HIT_AREA_PX2, opacity=0, filled=True, aria=False)
    return [
        *_break_layers(earlier, spans, t, chart_height),
        layer(line, points, y=y_channel("value"), detail=alt.Detail("part", type="nominal")),
        layer(dot, points, y=y_channel("value"), **point_texts()),
        layer(cross, points, y=y_channel("absent"), **point_texts()),
        layer(hit_area, points, y=y_channel("value"), **point_texts()),
    ]


def _break_layers(
    earlier: Sequence[EarlierFigures], spans: Sequence[Span], t: Translator, chart_height: int
) -> list[alt.Chart]:
    """Return a rule before the first period after each predecessor; its label stands where there is more room."""
    half_step_left = alt.ExprRef(f"-0.5 * width / {len(spans) - 1 + 2 * POINT_PADDING}")
    layers = []
    for each in earlier:
        place = spans.index(each.figures[-1].period) + 1
        if place == len(spans):
            continue
        side = "before" if 2 * place > len(spans) else "after"
        data = pl.DataFrame(
            {
                "period": [spans[place].code],
                "text": [t(f"earlier.label.{side}", name=each.structure.name)],
                "brief": [t(f"earlier.brief.{side}")],
            }
        )
        rule = alt.MarkDef(type="rule", color=QUIET, strokeWidth=1.5, xOffset=half_step_left, aria=False)
        letters = alt.MarkDef(
            type="text",
            align="right" if side == "before" else "left",
            baseline="top",
            dx=-6 if side == "before" else 6,
            color=QUIET,
            fontSize=11.5,
            xOffset=half_step_left,
            aria=False,
        )
        halo = letters.copy()
        halo["color"], halo["stroke"], halo["strokeWidth"], halo["strokeJoin"] = PAPER, PAPER, HALO_PX, "round"
        text = alt.Text("text", type="nominal", condition=BRIEF_IF_NARROW)
        full_height: dict[str, Any] = {"y": alt.value(0), "y2": alt.value(chart_height)}
        top = alt.value(2)
        layers += [
            layer(rule, data, **full_height),
            layer(halo, data, y=top, text=text),
            layer(letters, data, y=top, text=text),
        ]
    return layers
