"""Plausibility (B05): a figure far from the structure's own past is asked about, never refused.

Fewer than 6 past points: above 1.5 times the largest of them. From 6: outside their median ± 3 × 1.4826 × the median of
the absolute deviations from it, and never nearer to it than 3 (METHODS 7). The figure is the rate, in the unit of its
indicator, or the count where there is no denominator. The past is what is in force of the same structure and indicator,
as a whole, for earlier periods of the same length.
"""

from collections.abc import Iterator
from typing import Final

import polars as pl

from indicators.definitions.periods import Period
from indicators.intake.rules.measures import WHOLE_SEGMENT
from indicators.intake.rules.row_keys import SERIES
from indicators.intake.rules.rule import Facts, Rule, Rules
from indicators.judgement.plausibility import ENOUGH, FLOOR, TIMES, plausible

NEAR: Final = 1e-9
SHOWN: Final = 4
"""Past figures told beside the new one."""


def tell_implausible(rules: Rules, rows: pl.DataFrame, stored: pl.DataFrame, sheets: Facts) -> None:
    """Tell the figures far from the past of their structure; `stored` holds what is in force of it (see `row_keys`)."""
    if stored.is_empty():
        return
    figure = pl.coalesce(pl.when(pl.col("rate").is_finite()).then("rate"), "value").alias("figure")
    whole = rows.filter((pl.col("segment") == WHOLE_SEGMENT) & pl.col("absence").is_null())
    new = sheets(whole.lazy()).select("index", "period", SERIES, "numerator", figure).collect()
    values = {
        "past": pl.col("past"),
        "now": pl.col("figure"),
        "median": pl.when(pl.col("points") >= ENOUGH).then("median"),
        "lowest": pl.col("least"),
        "highest": pl.col("most"),
    }
    limits = plausible(*map(pl.col, ("points", "maximum", "median", "deviation")))
    counted = pl.col("numerator").is_not_null()
    far = (pl.col("figure") > pl.col("most") + NEAR) | (pl.col("figure") < pl.col("least") - NEAR)
    for periods, past in _pasts(new["period"].unique().drop_nulls().to_list(), _figures(stored, sheets)):
        doubtful = _doubtful(new.filter(pl.col("period").is_in(periods)), past)
        if doubtful.is_empty():
            continue
        rules.tell(
            _with_details(doubtful, past).with_columns(*limits).filter(far).sort("index"),
            Rule("B05", counted, "numerator", values=values),
            Rule("B05", ~counted, "value", values=values),
        )


def _figures(stored: pl.DataFrame, sheets: Facts) -> pl.DataFrame:
    """Return the figures in force of whole structures, oldest first: series, period, period_end, figure.

    A rate is in the unit of its indicator; what was absent, or divided by nothing, is no figure.
    """
    figure = pl.when(pl.col("numerator").is_null()).then("value").when(pl.col("rate").is_finite()).then("rate")
    whole = stored.lazy().filter((pl.col("segment") == WHOLE_SEGMENT) & pl.col("absence").is_null())
    return (
        sheets(whole)
        .select(SERIES, "period", "period_end", figure.alias("figure"))
        .filter(pl.col("figure").is_not_null())
        .sort("period_end")
        .collect()
    )


def _pasts(codes: list[str], figures: pl.DataFrame) -> Iterator[tuple[list[str], pl.DataFrame]]:
    """Yield the figures of earlier periods of the same length, with the periods of a file that they precede.

    Periods that come after the same figures share them: those of one quarter, or a whole history never deposited.
    """
    known = [Period.parse(code) for code in figures["period"].unique()]
    preceded: dict[tuple[str, ...], list[str]] = {}
    for period in map(Period.parse, codes):
        earlier = (past for past in known if past.frequency is period.frequency and past.end < period.end)
        preceded.setdefault(tuple(sorted(past.code for past in earlier)), []).append(period.code)
    for past, periods in preceded.items():
        if past:
            yield periods, figures.filter(pl.col("period").is_in(past))


def _doubtful(new: pl.DataFrame, past: pl.DataFrame) -> pl.DataFrame:
    """Return the new figures that may be far from their past, with its points, maximum and median."""
    summary = past.group_by(SERIES).agg(
        pl.len().alias("points"), pl.col("figure").max().alias("maximum"), pl.col("figure").median().alias("median")
    )
    few = pl.col("points") < ENOUGH
    beyond = (pl.col("figure") - pl.col("median")).abs() > FLOOR
    return new.join(summary, on=SERIES).filter((few & (pl.col("figure") > pl.col("maximum") * TIMES)) | (~few & beyond))


def _with_details(doubtful: pl.DataFrame, past: pl.DataFrame) -> pl.DataFrame:
    """Add the deviation and the last figures of the past, which take longer to find than its median."""
    deviation = (pl.col("figure") - pl.col("figure").median()).abs().median().alias("deviation")
    concerned = past.join(doubtful, on=SERIES, how="semi", maintain_order="left")
    return doubtful.join(
        concerned.group_by(SERIES).agg(deviation, pl.col("figure").tail(SHOWN).alias("past")), on=SERIES
    )
