"""Rule of plausibility (B05): a figure far from the structure's own past needs confirmation, and is never refused.

Fewer than 6 past points: above 1.5 times the largest of them. From 6: outside their median ± 3 × 1.4826 × the median of
the absolute deviations from it, and never nearer to it than 3 (METHODS 7). The figure is the rate, in the unit of its
indicator, or the count where there is no denominator. The past is the current whole-segment figures of the same
structure and indicator, for earlier periods of the same length.
"""

from collections.abc import Iterator
from typing import Final

import polars as pl

from indicators.definitions.periods import Period
from indicators.intake.rules.row_keys import SERIES
from indicators.intake.rules.rule import AddColumns, Rule, RuleRun
from indicators.judgement.plausibility import MAX_RATIO_TO_LARGEST, MIN_HALF_WIDTH, MIN_PAST_POINTS, plausible_range
from schemas.measures import WHOLE_SEGMENT

ROUNDING_TOLERANCE: Final = 1e-9
MAX_LISTED_PAST: Final = 4
"""Past figures told beside the new one."""


def report_implausible(run: RuleRun, rows: pl.DataFrame, current: pl.DataFrame, add_indicators: AddColumns) -> None:
    """Tell the figures far from the past of their structure; `stored` holds what is in force of it (see `row_keys`)."""
    if current.is_empty():
        return
    figure = pl.coalesce(pl.when(pl.col("rate").is_finite()).then("rate"), "value").alias("figure")
    whole_rows = rows.filter((pl.col("segment") == WHOLE_SEGMENT) & pl.col("absence").is_null())
    new = add_indicators(whole_rows.lazy()).select("index", "period", SERIES, "numerator", figure).collect()
    values = {
        "past": pl.col("past"),
        "now": pl.col("figure"),
        "median": pl.when(pl.col("points") >= MIN_PAST_POINTS).then("median"),
        "lowest": pl.col("least"),
        "highest": pl.col("most"),
    }
    limits = plausible_range(*map(pl.col, ("points", "maximum", "median", "deviation")))
    is_counted = pl.col("numerator").is_not_null()
    is_far = (pl.col("figure") > pl.col("most") + ROUNDING_TOLERANCE) | (
        pl.col("figure") < pl.col("least") - ROUNDING_TOLERANCE
    )
    for periods, past in _histories(
        new["period"].unique().drop_nulls().to_list(), _current_figures(current, add_indicators)
    ):
        suspect = _find_suspect(new.filter(pl.col("period").is_in(periods)), past)
        if suspect.is_empty():
            continue
        run.apply(
            _with_details(suspect, past).with_columns(*limits).filter(is_far).sort("index"),
            Rule("B05", is_counted, "numerator", values=values),
            Rule("B05", ~is_counted, "value", values=values),
        )


def _current_figures(current: pl.DataFrame, add_indicators: AddColumns) -> pl.DataFrame:
    """Return the figures in force of whole structures, oldest first: series, period, period_end, figure.

    A rate is in the unit of its indicator; absent figures and those with a denominator of 0 are left out.
    """
    figure = pl.when(pl.col("numerator").is_null()).then("value").when(pl.col("rate").is_finite()).then("rate")
    whole_rows = current.lazy().filter((pl.col("segment") == WHOLE_SEGMENT) & pl.col("absence").is_null())
    return (
        add_indicators(whole_rows)
        .select(SERIES, "period", "period_end", figure.alias("figure"))
        .filter(pl.col("figure").is_not_null())
        .sort("period_end")
        .collect()
    )


def _histories(codes: list[str], figures: pl.DataFrame) -> Iterator[tuple[list[str], pl.DataFrame]]:
    """Yield periods of the file with the figures of the earlier periods of the same length.

    Periods with the same past are grouped: those of one quarter, or a whole history deposited for the first time.
    """
    known_periods = [Period.parse(code) for code in figures["period"].unique()]
    periods_by_past: dict[tuple[str, ...], list[str]] = {}
    for period in map(Period.parse, codes):
        earlier = (past for past in known_periods if past.frequency is period.frequency and past.end < period.end)
        periods_by_past.setdefault(tuple(sorted(past.code for past in earlier)), []).append(period.code)
    for past, periods in periods_by_past.items():
        if past:
            yield periods, figures.filter(pl.col("period").is_in(past))


def _find_suspect(new: pl.DataFrame, past: pl.DataFrame) -> pl.DataFrame:
    """Return the new figures that may be far from their past, with its points, maximum and median."""
    summary = past.group_by(SERIES).agg(
        pl.len().alias("points"), pl.col("figure").max().alias("maximum"), pl.col("figure").median().alias("median")
    )
    is_short = pl.col("points") < MIN_PAST_POINTS
    is_far = (pl.col("figure") - pl.col("median")).abs() > MIN_HALF_WIDTH
    return new.join(summary, on=SERIES).filter(
        (is_short & (pl.col("figure") > pl.col("maximum") * MAX_RATIO_TO_LARGEST)) | (~is_short & is_far)
    )


def _with_details(suspect: pl.DataFrame, past: pl.DataFrame) -> pl.DataFrame:
    """Add the deviation and the last figures of the past, which take longer to compute than its median."""
    deviation = (pl.col("figure") - pl.col("figure").median()).abs().median().alias("deviation")
    suspect_past = past.join(suspect, on=SERIES, how="semi", maintain_order="left")
    return suspect.join(
        suspect_past.group_by(SERIES).agg(deviation, pl.col("figure").tail(MAX_LISTED_PAST).alias("past")), on=SERIES
    )
