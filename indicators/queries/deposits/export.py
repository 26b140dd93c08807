"""Export of a dataset in the columns of deposits: an exported file can be deposited again."""

from typing import Final

import polars as pl

from indicators.csv_files import OPEN_DATA, format_cells, frame_to_csv
from indicators.snapshot import Snapshot
from schemas.columns import CellType
from schemas.datasets import DATASETS

NOT_COMMUNICATED: Final = "NC"
NOT_APPLICABLE: Final = "s.o."


def export_rows(snapshot: Snapshot, dataset: str) -> pl.DataFrame:
    """Return the current rows of a dataset, typed, under the French names of its columns, sorted by key.

    Words of closed lists are those of the files. Measures have an additional column `absence`, which deposits do not
    have: NC, or s.o. for not applicable.
    """
    return in_french(snapshot.current_rows(dataset), dataset)


def in_french(rows: pl.DataFrame, dataset: str) -> pl.DataFrame:
    """Return the rows of a dataset under the French names of its columns, sorted by key."""
    schema = DATASETS[dataset]
    columns = []
    for column in schema.columns:
        values = pl.col(column.name)
        if column.cell_type is CellType.WORD:
            values = values.replace({value: word for word, value in column.vocabulary.items()})
        columns.append(values.alias(column.french))
    if dataset == "measures":
        absence_words = {"missing": NOT_COMMUNICATED, "not_applicable": NOT_APPLICABLE}
        columns.append(pl.col("absence").replace(absence_words).alias("absence"))
    return rows.sort(schema.key).select(columns)


def format_as_deposited(rows: pl.DataFrame) -> pl.DataFrame:
    """Format exported rows as text cells for programs, with the absence of a measure in its empty cells."""
    texts = format_cells(rows, OPEN_DATA)
    if "absence" not in rows.columns:
        return texts
    return texts.with_columns(
        pl.when(pl.col("absence").is_not_null() & pl.col(name).is_null()).then("absence").otherwise(name).alias(name)
        for name in ("numerateur", "denominateur", "valeur")
    ).drop("absence")


def export_csv(rows: pl.DataFrame) -> bytes:
    """Format exported rows as a CSV file for programs, which can be deposited again."""
    return frame_to_csv(format_as_deposited(rows), OPEN_DATA)
