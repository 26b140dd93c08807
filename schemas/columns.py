"""Column and dataset definitions: names, cell types and pandera contracts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from types import MappingProxyType
from typing import Final, TypeAlias

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData


class CellType(Enum):
    """Type of a cell, which decides how its text is parsed."""

    STRUCTURE = auto()
    """Our short code, a SIRET, a unique SIREN, or a BCE number."""
    CODE = auto()
    """A short name that is part of a row's key."""
    PERIOD = auto()
    INDICATOR = auto()
    PERIMETER = auto()
    NUMBER = auto()
    WHOLE = auto()
    DATE = auto()
    TEXT = auto()
    SIRET = auto()
    BCE = auto()
    WORD = auto()
    """A word of a closed list (`Column.vocabulary`)."""
    REGION = auto()
    MAIL = auto()
    """A mail address, in lower case."""


POLARS_TYPE: Final[Mapping[CellType, pl.DataType]] = {
    CellType.NUMBER: pl.Float64(),
    CellType.WHOLE: pl.Int64(),
    CellType.DATE: pl.Date(),
}
"""Polars types of cells other than text."""


YES_OR_NO: Final[Mapping[str, str]] = MappingProxyType({"oui": "yes", "non": "no"})
"""Words of a column that answers a question."""


@dataclass(frozen=True)
class Column:
    """A column of a dataset.

    `name` is its name in our tables, `french` the header we print, `english` an accepted one, `synonyms` others in use.
    `non_empty` cells must have a value; a column that is not `required` may be left out. `vocabulary` maps the accepted
    words of a closed list to stored values. A column that `names_organisations` never contains names of persons;
    one that `names_groups` has groups and roles, and each of its cells that looks like a name has to be confirmed.
    """

    name: str
    french: str
    english: str
    cell_type: CellType
    required: bool = True
    non_empty: bool = False
    synonyms: tuple[str, ...] = ()
    vocabulary: Mapping[str, str] = field(default_factory=dict)
    max_chars: int = 200
    names_organisations: bool = False
    names_groups: bool = False
    shares_values: bool = False
    """Whether its texts are codes compared later: another spelling of one in use is that one."""
    asks_about_new: bool = False
    """Whether every value that is not in use needs confirmation."""


@dataclass(frozen=True)
class StoredColumn:
    """A column as it is stored; one that `follows_key` has one value for each key, by which rows are found faster."""

    name: str
    cell_type: CellType
    non_empty: bool = False
    follows_key: bool = False


@dataclass(frozen=True)
class Dataset:
    """A kind of file: its columns, the key of a row, its contract on typed columns, and how its rows are stored.

    The store makes tables and current rows from it. `completed` are the columns that the intake adds, or never leaves
    empty; `days` those of the days on which a register was written in (a structure continues it from one quarter to the
    next; a dataset without them is no register); `holder` says whose row it is, `found_by` by what pages look for
    current rows. One that `holds_people` is about persons on purpose; all others must not contain personal data. One
    that is deposited `by_network` decides who belongs where or may do what, and is never a depositor's. What is not
    `in_store` is kept elsewhere, where it can be erased: neither its rows nor its files are ever deposited.
    """

    name: str
    columns: Sequence[Column]
    key: tuple[str, ...]
    contract: pa.DataFrameSchema
    table: str = ""
    """Table of the store, if it is not named like the dataset."""
    completed: tuple[StoredColumn, ...] = ()
    days: tuple[str, ...] = ()
    holder: str = "structure"
    found_by: tuple[str, ...] = ()
    holds_people: bool = False
    by_network: bool = False
    in_store: bool = True

    def __post_init__(self) -> None:
        """Name the table."""
        object.__setattr__(self, "table", self.table or self.name)

    @property
    def is_register(self) -> bool:
        """Whether a structure continues it: an empty file then means that there is nothing new."""
        return bool(self.days)

    @property
    def stored_columns(self) -> Sequence[StoredColumn]:
        """Columns of its table, without those of the deposit that a row came in with."""
        completed = {column.name: column for column in self.completed}
        own = [
            completed.pop(column.name, StoredColumn(column.name, column.cell_type, column.non_empty))
            for column in self.columns
        ]
        return (*own, *completed.values())

    @property
    def stored_key(self) -> Sequence[str]:
        """Columns of which the row of the newest deposit is current."""
        return (*self.key, *(column.name for column in self.completed if column.follows_key))

    def column(self, name: str) -> Column:
        """Return the column called `name` in our tables."""
        return next(column for column in self.columns if column.name == name)


RowRule: TypeAlias = pl.Expr


RULE_FIELD_SEPARATOR: Final = ":"
"""Separator between the code of a rule across columns and the column at which it is reported."""


def frame_rule(code: str, at: str, is_sound: RowRule) -> pa.Check:
    """Return a row-wise pandera check, true or null where the row is valid.

    Its name is the code of its finding; its error adds the column at which the finding is reported.
    """

    def check(data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(is_sound.fill_null(value=True))

    return pa.Check(check, name=code, error=f"{code}{RULE_FIELD_SEPARATOR}{at}")


def contract(
    columns: Sequence[Column], checks: Mapping[str, Sequence[pa.Check]], rules: Sequence[pa.Check]
) -> pa.DataFrameSchema:
    """Build the pandera contract of typed columns; a null in a `non_empty` column is the finding C01."""
    return pa.DataFrameSchema(
        {
            column.name: pa.Column(
                POLARS_TYPE.get(column.cell_type, pl.String()),
                list(checks.get(column.name, ())),
                nullable=not column.non_empty,
            )
            for column in columns
        },
        checks=list(rules),
        strict=False,
    )
