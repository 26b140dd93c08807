"""Keys of rows as whole numbers: rows are grouped and joined by one number several times sooner than by three texts.

The numbers are those of one block of rows and of what is in force beside it: no two blocks are compared.
"""

from typing import Final

import polars as pl

from indicators.snapshot import Snapshot

MEASURE: Final = "measure:number"
"""One for each structure, period and indicator: what a whole and its segments have in common.

Divided by the number of indicators, it leaves the place of its own.
"""
SIBLINGS: Final = "siblings:number"
"""One for each structure, period and segment: what a total and its parts have in common."""
QUARTER: Final = "quarter:number"
"""One for each structure and period."""
SERIES: Final = "series:number"
"""One for each structure and indicator."""


def placed(name: str, known: list[str]) -> pl.Expr:
    """Return `<name>:place`, where each cell of a column stands among the names known; null for the others."""
    return pl.col(name).cast(pl.Enum(known), strict=False).to_physical().alias(f"{name}:place")


def with_numbers(reading: Snapshot, rows: pl.DataFrame, stored: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the rows of a block, whose names have their places, and what is in force beside them the same numbers.

    A row that lacks a part of a key has no such number.
    """
    # Periods of the file have their places already; those that are in force alone come behind them.
    own = rows.select("period", "period:place").unique("period:place", keep="any").drop_nulls()
    places = dict(own.rows())
    others = [code for code in stored["period"].unique().sort() if code not in places]
    places |= {code: place for place, code in enumerate(others, start=max(places.values(), default=-1) + 1)}
    segments = pl.concat([rows["segment"].unique(), stored["segment"].unique()]).unique().drop_nulls().to_list()
    indicators = list(reading.catalogue.indicators)
    stored = stored.with_columns(
        placed("structure", list(reading.structures.by_id)),
        placed("indicator", indicators),
        pl.col("period").replace_strict(places, default=None, return_dtype=pl.UInt32).alias("period:place"),
    )
    structure, period, indicator, segment = (
        pl.col(f"{name}:place").cast(pl.UInt64) for name in ("structure", "period", "indicator", "segment")
    )
    quarter = structure * (max(places.values(), default=0) + 1) + period
    numbers = (
        (quarter * len(indicators) + indicator).alias(MEASURE),
        (quarter * max(1, len(segments)) + segment).alias(SIBLINGS),
        quarter.alias(QUARTER),
        (structure * len(indicators) + indicator).alias(SERIES),
    )
    numbered = [frame.with_columns(placed("segment", segments)).with_columns(numbers) for frame in (rows, stored)]
    return numbered[0], numbered[1]
