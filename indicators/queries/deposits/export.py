"""A dataset as it stands, in the columns that people deposit: what comes out can go in again."""

from typing import Final

import polars as pl

from indicators.csv_files import OPEN_DATA, as_text, csv_of_frame
from indicators.network import Reading
from indicators.store.deposits import TABLE_OF
from schemas.columns import Cell
from schemas.datasets import DATASETS

NOT_COMMUNICATED: Final = "NC"
WITHOUT_OBJECT: Final = "s.o."


def export(reading: Reading, dataset: str) -> pl.DataFrame:
    """Return the rows in force of a dataset, typed, under the French names of its columns, by key.

    Words of closed lists are those of the files; an absence stands in the `absence` column of measures, which
    deposits do not have: NC, or s.o. for what does not apply.
    """
    found = DATASETS[dataset]
    rows = reading.cursor.frame(f"from current_{TABLE_OF[dataset]}($withdrawn)", withdrawn=reading.withdrawn)
    columns = []
    for column in found.columns:
        values = pl.col(column.name)
        if column.cell is Cell.WORD:
            values = values.replace({value: word for word, value in column.words.items()})
        columns.append(values.alias(column.french))
    if dataset == "measures":
        absent = {"missing": NOT_COMMUNICATED, "not_applicable": WITHOUT_OBJECT}
        columns.append(pl.col("absence").replace(absent).alias("absence"))
    return rows.sort(found.key).select(columns)


def as_deposited(rows: pl.DataFrame) -> pl.DataFrame:
    """Return exported rows as the cells of a file for programs, each absence of a measure in those it concerns."""
    texts = as_text(rows, OPEN_DATA)
    if "absence" not in rows.columns:
        return texts
    return texts.with_columns(
        pl.when(pl.col("absence").is_not_null() & pl.col(name).is_null()).then("absence").otherwise(name).alias(name)
        for name in ("numerateur", "denominateur", "valeur")
    ).drop("absence")


def export_csv(rows: pl.DataFrame) -> bytes:
    """Write exported rows as a file for programs, which can be deposited again."""
    return csv_of_frame(as_deposited(rows), OPEN_DATA)
