"""The one place that opens raw counts, for the rules of disclosure control."""

import polars as pl

from indicators.raw_counts import RawCounts


def raw_count_rows(counts: RawCounts) -> pl.DataFrame:
    """Return the rows of raw counts, for the rules of disclosure control."""
    return counts._rows  # noqa: SLF001 - the one place that opens them
