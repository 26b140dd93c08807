"""Names of a store's tables and of its data files, and where the SQL of the store stands."""

import re
from pathlib import Path
from typing import Final

from schemas.datasets import STORED_DATASETS

SQL_FOLDER: Final = Path(__file__).parent
"""The folder of the SQL files of the store."""
DATASET_TABLES: Final = tuple(dataset.table for dataset in STORED_DATASETS.values())
COPIED_TABLES: Final = (
    "deposits",
    "files",
    "decisions",
    "campaigns",
    "paper_comments",
    "papers",
    *DATASET_TABLES,
)
"""Tables that a copy of a store carries: all but the schema version, which a new store already has."""
TABLES: Final = (*COPIED_TABLES, "schema_versions")
"""The tables of a store."""
TABLES_OF_FILES: Final = frozenset({"files", "papers"})
"""Tables of which each row holds a whole file."""
DATA_FILE_PATTERN: Final = re.compile(rf"main/(?:{'|'.join(TABLES)})/(?:[^/=]+=[^/]*/)*ducklake-[^/]+\.parquet")
"""Path of a data file below the data folder: table, partition folders, file; anything deeper is not ours."""


def is_data_file(path: str, data: str) -> bool:
    """Whether a path is one of the data files that a store writes below its data folder."""
    folder = data.rstrip("/") + "/"
    return path.startswith(folder) and DATA_FILE_PATTERN.fullmatch(path.removeprefix(folder)) is not None
