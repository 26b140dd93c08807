"""Charts of the register of actions: how old the open ones are, and how many were opened and closed over time."""

from typing import Final

import altair as alt
import polars as pl

from dashboards.charts.axes import end_labels, layer, periods_axis, point_texts, y_channel
from dashboards.charts.colours import ACCENT, QUIET
from dashboards.charts.style import compose, wrapped_title
from dashboards.wording.formatting import format_count, format_period
from dashboards.wording.translations import Translator
from indicators.definitions.periods import Frequency, Period
from indicators.queries.registers.actions import AGES, ActionSummary

AGES_HEIGHT_PX: Final = 190
GROWTH_HEIGHT_PX: Final = 300
OLDEST: Final = AGES[-1]


def age_title(summary: ActionSummary, t: Translator) -> str:
    """Return what the chart of ages says."""
    return t("actions.ages.title", count=summary.ages[OLDEST], open=format_count(summary.open, t.language))


def age_chart(summary: ActionSummary, t: Translator) -> alt.LayerChart:
    """Build the bars of open actions by how long they have been open, the oldest ones in the accent colour."""
    labels = [t(f"actions.age.{name}") for name in AGES]
    points = pl.DataFrame(
        {
            "age": labels,
            "actions": [summary.ages[name] for name in AGES],
            "text": [format_count(summary.ages[name], t.language) for name in AGES],
            "told": [t("actions.ages.point", age=t(f"actions.age.{name}"), count=summary.ages[name]) for name in AGES],
            "colour": [ACCENT if name == OLDEST else QUIET for name in AGES],
        }
    )
    axis = alt.Axis(title=None, labelLimit=260, ticks=False, domain=False, description=t("actions.ages.axis"))
    length = alt.X("actions", type="quantitative", title=None, axis=None)
    bars = alt.MarkDef(type="bar", height=16)
    numbers = alt.MarkDef(type="text", align="left", dx=6, aria=False)
    title = age_title(summary, t)
    return compose(
        [
            layer(bars, x=length, color=alt.Color("colour", type="nominal", scale=None), **point_texts()),
            layer(numbers, x=length, text=alt.Text("text", type="nominal")),
        ],
        points,
        t,
        title=wrapped_title(title, ()),
        description=t("actions.chart.alt", title=title, points="; ".join(points["told"])),
        height=AGES_HEIGHT_PX,
        right_padding_px=40,
        y=alt.Y("age", type="nominal", sort=labels, axis=axis),
    )


def growth_title(rows: pl.DataFrame, t: Translator) -> str:
    """Return what the chart of opened and closed actions says."""
    opened, closed = rows["opened_in_all"][-1], rows["closed_in_all"][-1]
    return t("actions.growth.title", opened=format_count(opened, t.language), closed=format_count(closed, t.language))


def growth_chart(rows: pl.DataFrame, t: Translator) -> alt.LayerChart:
    """Build the lines of the actions opened and closed up to each quarter; `rows` is one quarter each, oldest first."""
    periods = [Period.containing(day, Frequency.QUARTER) for day in rows["quarter"]]
    points = rows.select(
        pl.Series("period", [period.code for period in periods]),
        *(pl.col(f"{name}_in_all").cast(pl.Float64).alias(name) for name in ("opened", "closed")),
        pl.Series(
            "told",
            [
                t(
                    "actions.growth.point",
                    period=format_period(period, t),
                    opened=format_count(opened, t.language),
                    closed=format_count(closed, t.language),
                )
                for period, opened, closed in zip(periods, rows["opened_in_all"], rows["closed_in_all"], strict=True)
            ],
        ),
    )
    top = float(rows["opened_in_all"].max() or 1)  # type: ignore[arg-type]  # whole numbers
    labels = {name: t(f"actions.growth.{name}") for name in ("opened", "closed")}
    colours = {"opened": ACCENT, "closed": QUIET}
    axis = alt.Axis(title=None, tickCount=4, description=t("actions.growth.axis"))
    height = alt.Y("opened", type="quantitative", axis=axis, scale=alt.Scale(domain=[0, top * 1.05]))
    title = growth_title(rows, t)
    lines = [
        layer(alt.MarkDef(type="line", color=colours[name], strokeWidth=2.5, aria=False), y=y_channel(name))
        for name in ("closed", "opened")
    ]
    lines[-1].encoding.y = height
    hit_area = alt.MarkDef(type="point", size=400, opacity=0, filled=True)
    return compose(
        [
            *lines,
            layer(hit_area, y=y_channel("opened"), **point_texts()),
            *end_labels(points, labels, colours, GROWTH_HEIGHT_PX, top),
        ],
        points,
        t,
        title=wrapped_title(title, ()),
        description=t("actions.chart.alt", title=title, points=points["told"][-1]),
        height=GROWTH_HEIGHT_PX,
        x=periods_axis(periods, t),
    )
