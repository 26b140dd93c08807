"""Many series in one frame: sorting, and lagged values of their latest point.

A frame of series has one row per (structure, indicator, position): `position` numbers the periods of the indicator's
own frequency consecutively. A position without a row is a gap, as is a null. A series ends at its last row, null or
not: callers that need the present keep only the series that end there.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

SERIES_KEY: Final = ("structure", "indicator")


def sort_series(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Sort the rows by series, oldest first: series (a number), row (in `frame`), position, `columns`."""
    # One integer key, sorted without text: a fifth of the time that the key itself takes.
    structure, indicator = (
        pl.col(name).cast(pl.String).cast(pl.Categorical).to_physical().cast(pl.Int64) for name in SERIES_KEY
    )
    position = pl.col("position").cast(pl.Int64)
    series = (structure * (indicator.max() + 1) + indicator).alias("series")
    place = pl.col("series") * (position.max() - position.min() + 1) + position
    return frame.with_row_index("row").select(series, "row", position, *columns).sort(place)


def lagged(ordered: pl.DataFrame, columns: Sequence[str], points: int) -> pl.DataFrame:
    """Return one row per series: series, row and position of its last point, `<column>_<k>` for k periods before.

    Null where that period has no row.
    """
    last = (ordered["series"] != ordered["series"].shift(-1)).fill_null(True).arg_true().cast(pl.Int64)
    # The period k before the last is at most k rows before it, fewer if rows are missing.
    rows = [
        ordered[(last - back).clip(0)].select(pl.col("series", "position", *columns).name.suffix(f":{back}"))
        for back in range(points)
    ]
    latest = pl.concat([ordered[last].select("series", "row", "position"), *rows], how="horizontal")

    def value_at(column: str, back: int) -> pl.Expr:
        """The value of the candidate row that belongs to this series and period."""
        matches = (
            (pl.col(f"series:{row}") == pl.col("series")) & (pl.col(f"position:{row}") == pl.col("position") - back)
            for row in range(back + 1)
        )
        return pl.coalesce(*(pl.when(it).then(f"{column}:{row}") for row, it in enumerate(matches)))

    values = [value_at(column, back).alias(f"{column}_{back}") for column in columns for back in range(points)]
    return latest.select("series", "row", "position", *values)


def with_keys(frame: pl.DataFrame, results: pl.DataFrame) -> pl.DataFrame:
    """Replace series and row by structure and indicator, and sort by them."""
    return pl.concat([frame[results["row"]].select(SERIES_KEY), results.drop("series", "row")], how="horizontal").sort(
        SERIES_KEY
    )
