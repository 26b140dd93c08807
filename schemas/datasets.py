"""The kinds of files that can be deposited, and the violations their contracts find."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import polars as pl
from pandera.errors import SchemaErrors

from schemas.actions import ACTIONS
from schemas.columns import AT, Dataset
from schemas.measures import MEASURES
from schemas.participation import PARTICIPATION
from schemas.structures import STRUCTURES
from schemas.targets import TARGETS

DATASETS: Final[Mapping[str, Dataset]] = MappingProxyType(
    {dataset.name: dataset for dataset in (STRUCTURES, MEASURES, ACTIONS, PARTICIPATION, TARGETS)}
)
REGISTERS: Final = (ACTIONS.name, PARTICIPATION.name)
"""What a structure keeps from one quarter to the next: a file of it without a row says that there is nothing new."""
SAMPLES: Final = Path(__file__).parent / "samples"


def sample(dataset: str) -> Path:
    """Path of the file that is at once template, fixture and documentation of a dataset."""
    return SAMPLES / f"{dataset}.csv"


@dataclass(frozen=True)
class Violation:
    """A row of a typed table, counted from 0, that breaks its contract, and the column at which it is told."""

    code: str
    field: str
    index: int


def violations(dataset: Dataset, table: pl.DataFrame) -> Iterator[Violation]:
    """Yield everything in a typed table that its contract refuses, in the order of the contract.

    `table` must be a DataFrame: on a LazyFrame pandera looks at the schema only.
    """
    try:
        dataset.contract.validate(table, lazy=True)
    except SchemaErrors as broken:
        for check, column, index in broken.failure_cases.select("check", "column", "index").iter_rows():
            if index is None:
                raise
            name = "C01" if check == "not_nullable" else str(check)
            # A rule across columns names the one at which it is told.
            code, _, field = name.partition(AT)
            yield Violation(code, field or column, int(index))
