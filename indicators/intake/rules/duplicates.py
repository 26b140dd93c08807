"""Rule on rows that repeat a key: identical ones are stored once (R07), contradictory ones block (R08)."""

from collections.abc import Sequence

import polars as pl

from indicators.intake.report import SAMPLE_SIZE, SampleCell
from indicators.intake.rules.rule import RuleRun


def report_repeated_keys(run: RuleRun, parsed: pl.DataFrame) -> pl.Series | None:
    """Report the rows that repeat the key of an earlier one, and return their mask; `None` if there are none.

    Keys are compared as parsed: a structure given once by its code and once by its SIRET is the same. An unparsed cell
    is compared by its text.
    """
    dataset, texts = run.table.dataset, run.table.texts
    key = list(dataset.key)
    # Where a part of the key may be empty, null is one of its values.
    optional_key = [name for name in key if dataset.column(name).non_empty]
    suspect_lines = _possible_repeats(parsed, texts, key, optional_key)
    if suspect_lines.is_empty():
        return None
    suspect_rows, suspect_texts = parsed[suspect_lines], texts[suspect_lines]
    rows = pl.DataFrame([_compared_values(suspect_rows, suspect_texts, column.name) for column in dataset.columns])
    rows = rows.with_columns(suspect_lines.alias("index"), suspect_rows["line"].alias("line")).with_columns(
        pl.col("line").first().over(key).alias("first"),
        pl.all_horizontal(
            pl.col(column.name).first().over(key).eq_missing(pl.col(column.name)) for column in dataset.columns
        ).alias("same"),
    )
    repeats = rows.filter(pl.col("line") != pl.col("first"))
    for code, lines in (("R07", repeats.filter("same")), ("R08", repeats.filter(~pl.col("same")))):
        sample: list[SampleCell] = [
            (index, None, None, {"other": first})
            for index, first in lines.head(SAMPLE_SIZE).select("index", "first").rows()
        ]
        run.report.add_sample(code, sample, lines.height)
    if repeats.is_empty():
        return None
    return pl.int_range(parsed.height, eager=True, dtype=pl.UInt32).is_in(repeats["index"].implode()).alias("again")


def _compared_values(parsed: pl.DataFrame, texts: pl.DataFrame, name: str) -> pl.Series:
    """Return the parsed value or absence of each cell of a column, or its text where it could not be parsed."""
    values, column_texts = parsed[name], texts[name]
    if values.null_count() == 0 and values.dtype == pl.String:
        return values
    absences = parsed.get_column(f"{name}:absence", default=None)
    alternatives = [values.cast(pl.String), *([] if absences is None else [absences]), column_texts]
    return pl.select(pl.coalesce(alternatives).alias(name)).to_series()


def _possible_repeats(
    parsed: pl.DataFrame, texts: pl.DataFrame, key: Sequence[str], optional_key: Sequence[str]
) -> pl.Series:
    """Return the lines whose key may be repeated, by comparing hashes: fast for a million rows."""
    key_hashes, is_complete = (
        pl.repeat(0, parsed.height, dtype=pl.UInt64, eager=True),
        pl.Series([True]).new_from_index(0, parsed.height),
    )
    for seed, name in enumerate(key):
        value_hashes, unparsed_lines = parsed[name].hash(seed), parsed[name].is_null().arg_true()
        if len(unparsed_lines):
            unparsed_texts = texts[name].gather(unparsed_lines)
            value_hashes = value_hashes.scatter(unparsed_lines, unparsed_texts.hash(seed))
            if name in optional_key:
                is_complete &= parsed[name].is_not_null() | texts[name].is_not_null()
        key_hashes ^= value_hashes
    # Sorting makes equal hashes neighbours; a hash table would take several times the memory.
    sorted_hashes = key_hashes.sort()
    repeated_hashes = sorted_hashes.filter(sorted_hashes == sorted_hashes.shift(1)).unique()
    if repeated_hashes.is_empty():
        return pl.Series(dtype=pl.UInt32)
    return (key_hashes.is_in(repeated_hashes.implode()) & is_complete).arg_true()
