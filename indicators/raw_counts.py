"""Counts as structures reported them, before disclosure control: a type that cannot be read by accident."""

from typing import final

import polars as pl

from indicators.answer_cache import detach


@final
class RawCounts:
    """Rows of counts that `indicators.disclosure.raw_count_rows` alone opens: elsewhere they are passed on, not read.

    Queries return `indicators.disclosure.Figures`: one that returns raw counts instead does not type-check.
    """

    __slots__ = ("_rows",)

    def __init__(self, rows: pl.DataFrame) -> None:
        """Close a frame of counts."""
        self._rows = rows

    def detached(self) -> "RawCounts":
        """Return the same counts in buffers of their own, to be cached."""
        return RawCounts(detach(self._rows))
