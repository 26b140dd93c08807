"""Counts of general assemblies and of boards by year, from rows of the register of participation."""

from typing import Final

import polars as pl

ASSEMBLY_RATE: Final = "general_assembly_participation_rate"
BOARD_SHARE: Final = "board_employee_seat_share"
GENERAL_ASSEMBLY: Final = "general_assembly"


def count_assemblies_and_boards(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the counts by structure and year: structure, indicator, period, period_end, numerator, denominator.

    `rows` have structure, form, held_on, present and eligible. Those without eligible people, or seats, count nothing.
    The assemblies of a year are added up; of a board, the newest composition of the year holds (those of several
    boards on one day are added up).
    """
    filled = rows.filter(pl.col("eligible") > 0)
    assemblies = filled.filter(pl.col("form") == GENERAL_ASSEMBLY).with_columns(indicator=pl.lit(ASSEMBLY_RATE))
    year = pl.col("held_on").dt.year()
    boards = filled.filter(pl.col("form") == "board_seats").with_columns(indicator=pl.lit(BOARD_SHARE))
    newest = boards.filter(pl.col("held_on") == pl.col("held_on").max().over("structure", year))
    return (
        pl.concat([assemblies, newest])
        .group_by("structure", "indicator", year.cast(pl.String).alias("period"))
        .agg(
            pl.col("present").sum().cast(pl.Float64).alias("numerator"),
            pl.col("eligible").sum().cast(pl.Float64).alias("denominator"),
        )
        .with_columns(period_end=pl.date(pl.col("period").cast(pl.Int32), 12, 31))
        .sort("structure", "indicator", "period")
    )
