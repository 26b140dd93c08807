"""Rows that repeat a key: identical ones are kept once, contradictory ones block (R07, R08)."""

from collections.abc import Sequence

import polars as pl

from indicators.intake.report import SAMPLE, Line
from indicators.intake.rules.rule import Rules


def repeated(rules: Rules, typed: pl.DataFrame) -> pl.Series | None:
    """Tell the rows that repeat the key of an earlier one, and return which they are; nothing if there are none.

    Keys are compared as they were read, so a structure named once by its code and once by its SIRET is the same; a cell
    that could not be read is compared by what it says.
    """
    dataset, texts = rules.table.dataset, rules.table.texts
    key = list(dataset.key)
    # Where a part of the key may be left empty, emptiness is one of its values.
    filled = [name for name in key if dataset.column(name).filled]
    suspects = _suspects(typed, texts, key, filled)
    if suspects.is_empty():
        return None
    few, said = typed[suspects], texts[suspects]
    rows = pl.DataFrame([_said(few, said, column.name) for column in dataset.columns])
    rows = rows.with_columns(suspects.alias("index"), few["line"].alias("line")).with_columns(
        pl.col("line").first().over(key).alias("first"),
        pl.all_horizontal(
            pl.col(column.name).first().over(key).eq_missing(pl.col(column.name)) for column in dataset.columns
        ).alias("same"),
    )
    again = rows.filter(pl.col("line") != pl.col("first"))
    for code, lines in (("R07", again.filter("same")), ("R08", again.filter(~pl.col("same")))):
        sample: list[Line] = [
            (index, None, None, {"other": first}) for index, first in lines.head(SAMPLE).select("index", "first").rows()
        ]
        rules.report.tell_each(code, sample, lines.height)
    if again.is_empty():
        return None
    return pl.int_range(typed.height, eager=True, dtype=pl.UInt32).is_in(again["index"].implode()).alias("again")


def _said(typed: pl.DataFrame, texts: pl.DataFrame, name: str) -> pl.Series:
    """Return what each cell of a column was read as, an absence included, or its text where it could not be read."""
    values, texts_of_it = typed[name], texts[name]
    if values.null_count() == 0 and values.dtype == pl.String:
        return values
    absences = typed.get_column(f"{name}:absence", default=None)
    readings = [values.cast(pl.String), *([] if absences is None else [absences]), texts_of_it]
    return pl.select(pl.coalesce(readings).alias(name)).to_series()


def _suspects(typed: pl.DataFrame, texts: pl.DataFrame, key: Sequence[str], filled: Sequence[str]) -> pl.Series:
    """Return the lines whose key may be another's: their hashes are compared first, which a million rows allow."""
    hashed, whole = (
        pl.repeat(0, typed.height, dtype=pl.UInt64, eager=True),
        pl.Series([True]).new_from_index(0, typed.height),
    )
    for seed, name in enumerate(key):
        own, unread = typed[name].hash(seed), typed[name].is_null().arg_true()
        if len(unread):
            said = texts[name].gather(unread)
            own = own.scatter(unread, said.hash(seed))
            if name in filled:
                whole &= typed[name].is_not_null() | texts[name].is_not_null()
        hashed ^= own
    # Sorted, equal ones are neighbours: a table of all of them would weigh several times as much.
    ordered = hashed.sort()
    twice = ordered.filter(ordered == ordered.shift(1)).unique()
    if twice.is_empty():
        return pl.Series(dtype=pl.UInt32)
    return (hashed.is_in(twice.implode()) & whole).arg_true()
