"""Many series in one frame: put in order, and read from their latest point backwards.

A frame of series has one row a (structure, indicator, position): `position` is the place of a period among those of the
indicator's own frequency, so that the next period is one more. A position without a row is a gap, as a null is. A
series ends at its last row, null or not: whoever asks for the present keeps the series that end there.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

KEY: Final = ("structure", "indicator")


def in_order(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Return the rows series by series, each oldest first: series (a number), row (in `frame`), position, `columns`."""
    # One whole number, sorted without any text: a fifth of the time that the key itself takes.
    structure, indicator = (
        pl.col(name).cast(pl.String).cast(pl.Categorical).to_physical().cast(pl.Int64) for name in KEY
    )
    position = pl.col("position").cast(pl.Int64)
    series = (structure * (indicator.max() + 1) + indicator).alias("series")
    place = pl.col("series") * (position.max() - position.min() + 1) + position
    return frame.with_row_index("row").select(series, "row", position, *columns).sort(place)


def backwards(ordered: pl.DataFrame, columns: Sequence[str], points: int) -> pl.DataFrame:
    """Return one row a series: series, row and position of its last, `<column>_<k>` as it was k periods before.

    Null where that period has no row.
    """
    last = (ordered["series"] != ordered["series"].shift(-1)).fill_null(True).arg_true().cast(pl.Int64)
    # A period k before the last stands at most k rows before it, and nearer if rows are lacking.
    rows = [
        ordered[(last - back).clip(0)].select(pl.col("series", "position", *columns).name.suffix(f":{back}"))
        for back in range(points)
    ]
    found = pl.concat([ordered[last].select("series", "row", "position"), *rows], how="horizontal")

    def then(column: str, back: int) -> pl.Expr:
        """The value of the row, among those that may be it, that is of this series and period."""
        here = (
            (pl.col(f"series:{row}") == pl.col("series")) & (pl.col(f"position:{row}") == pl.col("position") - back)
            for row in range(back + 1)
        )
        return pl.coalesce(*(pl.when(it).then(f"{column}:{row}") for row, it in enumerate(here)))

    told = [then(column, back).alias(f"{column}_{back}") for column in columns for back in range(points)]
    return found.select("series", "row", "position", *told)


def named(frame: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Return what is told of each series after its structure and indicator, in their order."""
    return pl.concat([frame[told["row"]].select(KEY), told.drop("series", "row")], how="horizontal").sort(KEY)
