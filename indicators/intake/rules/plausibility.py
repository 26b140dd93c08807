"""Plausibility (B05): a figure far from the structure's own past is asked about, never refused.

Fewer than 6 past points: above 1.5 times the largest of them. From 6: outside their median ± 3 × 1.4826 × the median of
the absolute deviations from it, and never nearer to it than 3 (METHODS 7). The figure is the rate, in the unit of its
indicator, or the count where there is no denominator. The past is what is in force of the same structure and indicator,
as a whole, for earlier periods of the same length.
"""

from typing import Final

import polars as pl

from indicators.intake.rules.measures import WHOLE_SEGMENT
from indicators.intake.rules.telling import Facts, Rule, Rules
from indicators.judgement.plausibility import ENOUGH, plausible

NEAR: Final = 1e-9
PAST: Final = ("points", "maximum", "median", "deviation")
"""What `stored.compared` tells of a structure's own past."""


def tell_implausible(rules: Rules, rows: pl.DataFrame, past: pl.DataFrame, sheets: Facts) -> None:
    """Tell the figures far from the past of their structure, as `stored.compared` found it."""
    if past.is_empty():
        return
    figure = pl.coalesce(pl.when(pl.col("rate").is_finite()).then("rate"), "value")
    whole = rows.filter((pl.col("segment") == WHOLE_SEGMENT) & pl.col("absence").is_null())
    beside = whole.join(past, on=["structure", "period", "indicator"], maintain_order="left")
    told = sheets(beside.lazy()).with_columns(figure.alias("figure"), *plausible(*map(pl.col, PAST)))
    far = (pl.col("figure") > pl.col("most") + NEAR) | (pl.col("figure") < pl.col("least") - NEAR)
    values = {
        "past": pl.col("past"),
        "now": pl.col("figure"),
        "median": pl.when(pl.col("points") >= ENOUGH).then("median"),
        "lowest": pl.col("least"),
        "highest": pl.col("most"),
    }
    counted = pl.col("numerator").is_not_null()
    rules.tell(
        told.filter(far).collect(),
        Rule("B05", counted, "numerator", values=values),
        Rule("B05", ~counted, "value", values=values),
    )
