"""A dataset as it stands, in the columns that people deposit: what comes out can go in again."""

from typing import Final

import polars as pl

from indicators.formulas import neutral_column
from indicators.network import Reading
from indicators.store.deposits import TABLE_OF
from schemas.columns import Cell
from schemas.datasets import DATASETS

NOT_COMMUNICATED: Final = "NC"
WITHOUT_OBJECT: Final = "s.o."
THREE_DECIMALS: Final = r"^-?[1-9]\d{0,2}\.\d{3}$"


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
    """Return exported rows as text for a spreadsheet: absences in their cells, nothing that could run as a formula."""
    texts = rows.with_columns(pl.all().cast(pl.String)).with_columns(
        # `12.345` could be read as twelve thousand: a fourth decimal says that it is not.
        pl.when(pl.col(name).str.contains(THREE_DECIMALS)).then(pl.col(name) + "0").otherwise(name).alias(name)
        for name, kind in rows.schema.items()
        if kind.is_float()
    )
    if "absence" in rows.columns:
        texts = texts.with_columns(
            pl.when(pl.col("absence").is_not_null() & pl.col(name).is_null())
            .then("absence")
            .otherwise(name)
            .alias(name)
            for name in ("numerateur", "denominateur", "valeur")
        ).drop("absence")
    words = [name for name, kind in rows.schema.items() if kind == pl.String and name in texts.columns]
    return texts.with_columns(neutral_column(pl.col(name)).alias(name) for name in words)
