"""How a dataset names and types its columns, before any value is looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, TypeAlias

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData


class Cell(Enum):
    """What a cell holds, hence how its text is read."""

    STRUCTURE = auto()
    """Our short code, a SIRET, a SIREN that is unique, or a BCE number."""
    CODE = auto()
    """A short name that keys a row."""
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
    """One of a closed list (`Column.words`)."""
    REGION = auto()


POLARS_TYPE: Final[Mapping[Cell, pl.DataType]] = {
    Cell.NUMBER: pl.Float64(),
    Cell.WHOLE: pl.Int64(),
    Cell.DATE: pl.Date(),
}
"""Types other than text."""


@dataclass(frozen=True)
class Column:
    """One column of a dataset.

    `name` is its name in our tables, `french` the header we print, `english` the one we also accept, `synonyms`
    others that people write. `filled` cells may not be empty; a column that is not `required` may be left out.
    `words` are the accepted values of a closed list, with what each becomes. What `names_organisations` never names a
    person.
    """

    name: str
    french: str
    english: str
    cell: Cell
    required: bool = True
    filled: bool = False
    synonyms: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    longest: int = 200
    names_organisations: bool = False


@dataclass(frozen=True)
class Dataset:
    """A kind of file that people deposit: its columns, the key of a row and its contract on typed columns.

    One that `holds_people` is about persons on purpose; any other may hold no personal data.
    """

    name: str
    columns: Sequence[Column]
    key: tuple[str, ...]
    contract: pa.DataFrameSchema
    holds_people: bool = False

    def column(self, name: str) -> Column:
        """Return the column called `name` in our tables."""
        return next(column for column in self.columns if column.name == name)


Rule: TypeAlias = pl.Expr


AT: Final = ":"
"""What stands between the code of a rule across columns and the column at which it is told."""


def frame_rule(code: str, at: str, holds: Rule) -> pa.Check:
    """Make a row-wise pandera check, true or null where the row is sound.

    It is named by the finding it raises; its error adds the column at which that is told, the one to look at first.
    """

    def check(data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(holds.fill_null(value=True))

    return pa.Check(check, name=code, error=f"{code}{AT}{at}")


def contract(
    columns: Sequence[Column], checks: Mapping[str, Sequence[pa.Check]], rules: Sequence[pa.Check]
) -> pa.DataFrameSchema:
    """Build the pandera contract of typed columns; a null where a cell must be filled is the finding C01."""
    return pa.DataFrameSchema(
        {
            column.name: pa.Column(
                POLARS_TYPE.get(column.cell, pl.String()),
                list(checks.get(column.name, ())),
                nullable=not column.filled,
            )
            for column in columns
        },
        checks=list(rules),
        strict=False,
    )
