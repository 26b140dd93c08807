"""Figures of a choice of structures: the sum of what each of them shows to the reader, and of nothing else.

Anybody may choose any structures, and a choice less another choice is a structure. Were choices totals like regions,
each address would be one more equation, and no control holds against all of them at once. So a choice is added up after
the control of its structures, as whoever reads it could have done: nothing follows from it that was not shown already.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Indicator
from indicators.figures.aggregation import WEIGHT, largest_share, summed_counts
from indicators.figures.figure import NO_CASES, Status
from indicators.figures.values import compute_values

ABSENCES: Final = (Status.WITHHELD.value, NO_CASES, Status.NOT_APPLICABLE.value)
"""Why a choice has no figure: the first of these that is true of one of its structures, else that it is missing."""


def add_up_shown(figures: pl.DataFrame, sheets: Sequence[Indicator], registers: pl.DataFrame) -> pl.DataFrame:
    """Return the sums of what structures show: one row per indicator × period, with the columns of a perimeter.

    `figures` are rows of structures after disclosure control; `made_of` names those that are added up. A rate without
    its counts is not. `registers` has the structure × indicator counted in registers: where there is one, structures
    that only declare the indicator are left out, as they are of any total. Where nothing is shown, the row is an
    absence.
    """
    keys = [name for name in ("indicator", "period", "period_end") if name in figures.columns]
    counted = figures.join(registers, on=["structure", "indicator"], how="semi")
    declared = figures.join(counted.select("indicator").unique(), on="indicator", how="anti")
    rows = pl.concat([counted.with_columns(from_register=True), declared.with_columns(from_register=False)])
    sums = _sums(rows, sheets, keys)
    values = compute_values(sums, sheets, per_structure=False)
    made_of = sums.select(*keys, "made_of")
    shown = values.join(made_of, on=keys, how="left", maintain_order="left")
    return pl.concat([shown, _absences(rows, shown, keys)], how="diagonal_relaxed").sort(keys[::-1])


def _sums(rows: pl.DataFrame, sheets: Sequence[Indicator], keys: Sequence[str]) -> pl.DataFrame:
    """Return the counts of the structures that show them, added up: the columns of `COUNT_COLUMNS` and `made_of`."""
    scale = pl.col("indicator").replace_strict({sheet.id: sheet.scale for sheet in sheets}, return_dtype=pl.Float64)
    is_shown = (pl.col("status") == Status.OK) & pl.col("numerator").is_not_null()
    quotients = rows.filter(is_shown).with_columns((pl.col("value") / scale).alias("quotient"))
    return (
        quotients.sort("structure")
        .group_by(keys, maintain_order=True)
        .agg(
            *summed_counts(),
            pl.col("quotient").sum().alias("quotients"),
            pl.len().cast(pl.Int32).alias("contributors"),
            largest_share(WEIGHT),
            largest_share(pl.col("quotient")).alias("largest_quotient"),
            pl.lit(None, pl.Float64).alias("stated_value"),
            pl.lit(None, pl.String).alias("absence"),
            pl.col("from_register").all(),
            pl.col("structure").alias("made_of"),
        )
    )


def _absences(rows: pl.DataFrame, shown: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Return the keys of what no structure shows, with the reason."""
    reason = pl.coalesce(
        *(pl.when((pl.col("status") == reason).any()).then(pl.lit(reason)) for reason in ABSENCES),
        pl.lit(Status.MISSING.value),
    )
    absent = rows.join(shown, on=keys, how="anti")
    return absent.group_by(keys, maintain_order=True).agg(
        reason.alias("status"), pl.lit(0, pl.Int32).alias("contributors")
    )
