"""The datasets that can be deposited, and the validation of tables against their contracts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import polars as pl
from pandera.errors import SchemaErrors

from schemas.actions import ACTIONS
from schemas.bodies import BODIES
from schemas.columns import RULE_FIELD_SEPARATOR, Dataset
from schemas.measures import MEASURES
from schemas.meetings import MEETINGS
from schemas.members import MEMBERS
from schemas.participation import PARTICIPATION
from schemas.plan import PLAN
from schemas.requests import REQUESTS
from schemas.structures import STRUCTURES
from schemas.targets import TARGETS

DATASETS: Final[Mapping[str, Dataset]] = MappingProxyType(
    {
        dataset.name: dataset
        for dataset in (
            STRUCTURES,
            MEASURES,
            ACTIONS,
            PARTICIPATION,
            PLAN,
            BODIES,
            MEETINGS,
            REQUESTS,
            TARGETS,
            MEMBERS,
        )
    }
)
"""Every kind of file, by its name."""
STORED_DATASETS: Final[Mapping[str, Dataset]] = MappingProxyType(
    {name: dataset for name, dataset in DATASETS.items() if dataset.in_store}
)
"""Those of which rows and files are kept in the store."""
REGISTER_DATASETS: Final = tuple(dataset.name for dataset in DATASETS.values() if dataset.is_register)
SAMPLES: Final = Path(__file__).parent / "samples"


def sample_path(dataset: str) -> Path:
    """Return the path of a dataset's sample file, at once template, fixture and documentation."""
    return SAMPLES / f"{dataset}.csv"


@dataclass(frozen=True)
class Violation:
    """A violation of a contract: code, column at which it is reported, index of the row (from 0)."""

    code: str
    field: str
    index: int


def find_violations(dataset: Dataset, table: pl.DataFrame) -> Iterator[Violation]:
    """Yield all violations of a dataset's contract in a typed table, in the order of the contract.

    `table` must be a DataFrame: on a LazyFrame pandera checks the schema only.
    """
    try:
        dataset.contract.validate(table, lazy=True)
    except SchemaErrors as broken:
        for check, column, index in broken.failure_cases.select("check", "column", "index").iter_rows():
            if index is None:
                raise
            name = "C01" if check == "not_nullable" else str(check)
            # A rule across columns names the column at which it is reported.
            code, _, field = name.partition(RULE_FIELD_SEPARATOR)
            yield Violation(code, field or column, int(index))
