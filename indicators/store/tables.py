"""The tables of a store, and how the data files are called that it writes for them below its data folder."""

import re
from typing import Final

OF_DATASETS: Final = ("structures", "measures", "actions", "participation", "targets")
TABLES: Final = ("deposits", "files", *OF_DATASETS, "schema_versions")
"""The tables of a store."""
OWN_FILE: Final = re.compile(rf"main/(?:{'|'.join(TABLES)})/(?:[^/=]+=[^/]*/)*ducklake-[^/]+\.parquet")
"""A data file, from the data folder on: of a table, in folders of a partition; what stands deeper is not ours."""


def is_own_file(path: str, data: str) -> bool:
    """Whether a file is one that a store writes directly below its data folder."""
    folder = data.rstrip("/") + "/"
    return path.startswith(folder) and OWN_FILE.fullmatch(path.removeprefix(folder)) is not None
