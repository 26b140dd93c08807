"""What a file would change if it were stored: asked of the store itself, with its rows in it, then forgotten.

Nothing is guessed: the rows are appended in a transaction that is rolled back, and the question of the public board is
asked before and inside it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

import polars as pl

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Frequency, Period
from indicators.figures.figure import Status
from indicators.intake.rules.against_store import takes_away
from indicators.intake.validate import Examination, Verdict
from indicators.network import Network, Reading
from indicators.queries.figures.figures import figures, read_figure
from indicators.store.deposits import TABLE_OF
from schemas.datasets import DATASETS

LISTED: Final = 200
"""Changes listed; their counts are always the true ones."""
LOOKED_AT: Final = 50
"""Structures whose public boards are asked for, twice each; a file of one structure has one."""
KEY: Final = ("structure", "period", "indicator", "segment")
CELL: Final = ("structure", "period", "indicator")
COUNTS: Final = ("numerator", "denominator", "value")
KINDS: Final = ("changed", "dropped", "new", "unchanged")
"""What becomes of a row, in the order in which changes are listed; `dropped` is a figure that an absence takes away."""
CHANGES: Final = pl.Schema(
    {
        "kind": pl.String(),
        **dict.fromkeys(KEY, pl.String()),
        **dict.fromkeys(COUNTS, pl.Float64()),
        "absence": pl.String(),
        **{f"former_{name}": pl.Float64() for name in COUNTS},
        "former_absence": pl.String(),
    }
)
WITHHELD: Final = pl.Schema(dict.fromkeys((*CELL, "before", "after"), pl.String()))

Cell: TypeAlias = tuple[str, str, str]
"""Structure, period, indicator."""


@dataclass(frozen=True)
class Effects:
    """What a file would change: how many rows of each kind, the changes, and the public figures it would withhold.

    `changes` lists what changes and what is dropped first; `withheld` has one row a public figure that would be
    withheld, among those that the file changes and those that a sum links to them, with what it was before.
    `not_looked_at` counts the structures of a very large file whose public boards were not asked for.
    """

    counts: Mapping[str, int]
    changes: pl.DataFrame
    withheld: pl.DataFrame
    not_looked_at: int = 0


NONE: Final = Effects(
    dict.fromkeys(("new", "changed", "unchanged", "dropped"), 0),
    pl.DataFrame(schema=CHANGES),
    pl.DataFrame(schema=WITHHELD),
)
"""What a refused file changes."""


def effects(network: Network, examination: Examination, today: date) -> Effects:
    """Return what storing an examined file would change; the store is left as it was."""
    table, dataset = examination.table, examination.dataset
    if table is None or dataset is None or examination.verdict is Verdict.REFUSED or table.is_empty():
        return NONE
    if dataset != "measures":
        with network.reading() as reading:
            return Effects(_counts_by_key(reading, dataset, table), NONE.changes, NONE.withheld)
    with network.reading() as before:
        compared = _compared(before, table)
        cells, left = _public_cells(before, compared)
        were = _statuses(before, cells, today)
    with network.supposing(dataset, table) as after:
        are = _statuses(after, cells, today)
    withheld = [(*cell, were[cell].value, status.value) for cell, status in are.items() if status is Status.WITHHELD]
    listed = compared.filter(pl.col("kind") != "unchanged").head(LISTED).select(CHANGES.names())
    return Effects(_counted(compared["kind"]), listed, pl.DataFrame(withheld, schema=WITHHELD, orient="row"), left)


def _counted(kinds: pl.Series) -> Mapping[str, int]:
    return {**NONE.counts, **dict(kinds.value_counts().iter_rows())}


def _compared(reading: Reading, table: pl.DataFrame) -> pl.DataFrame:
    """Put each row of the file beside the one in force of the same segment, which alone it replaces."""
    structures = table["structure"].unique().sort().to_list()
    periods = table["period"].unique().sort().to_list()
    held = reading.ask("current_measures_of_periods", structures=structures, everyone=False, periods=periods)
    former = held.select(
        *KEY,
        *(pl.col(name).alias(f"former_{name}") for name in (*COUNTS, "absence")),
        pl.lit(value=True).alias("held"),
    )
    stated = pl.col("numerator").is_null() & pl.col("value").ne_missing(pl.col("former_value"))
    differs = pl.any_horizontal(
        stated,
        *(pl.col(name).ne_missing(pl.col(f"former_{name}")) for name in ("numerator", "denominator", "absence")),
    )
    kind = (
        pl.when(pl.col("held").is_null())
        .then(pl.lit("new"))
        .when(takes_away("former_{}"))
        .then(pl.lit("dropped"))
        .when(differs)
        .then(pl.lit("changed"))
        .otherwise(pl.lit("unchanged"))
    )
    return (
        table.select("line", *KEY, *COUNTS, "absence")
        .join(former, on=list(KEY), how="left")
        .with_columns(kind.cast(pl.Enum(KINDS)).alias("kind"))
        .sort("kind", "line", *KEY)
        .with_columns(pl.col("kind").cast(pl.String))
    )


def _public_cells(reading: Reading, compared: pl.DataFrame) -> tuple[Sequence[Cell], int]:
    """Return the public figures that the file changes or that a sum links to those, and how many structures are left.

    Those linked are withheld or shown with them, so they may change although the file says nothing of them; so is the
    year of a quarter, which would tell it.
    """
    public = {sheet.id for sheet in reading.catalogue.seen_by(Audience.PUBLIC)}
    touched = compared.filter(pl.col("kind") != "unchanged").select(CELL).unique().sort(CELL)
    structures = touched["structure"].unique().sort()
    looked_at = set(structures.head(LOOKED_AT))
    cells = {
        (structure, code, linked)
        for structure, period, indicator in touched.iter_rows()
        if structure in looked_at
        for linked in reading.catalogue.linked([indicator])
        if linked in public
        for code in _with_year(period)
    }
    return sorted(cells), max(0, len(structures) - LOOKED_AT)


def _with_year(code: str) -> Sequence[str]:
    """Return a period, and the calendar year of a quarter."""
    period = Period.parse(code)
    return (code, str(period.start.year)) if period.frequency is Frequency.QUARTER else (code,)


def _statuses(reading: Reading, cells: Sequence[Cell], today: date) -> Mapping[Cell, Status]:
    """Return what the public sees of some figures, as the board of each structure shows them."""
    of: dict[str, list[Cell]] = {}
    for cell in cells:
        of.setdefault(cell[0], []).append(cell)
    return {cell: status for own in of.values() for cell, status in _of_one(reading, own, today)}


def _of_one(reading: Reading, cells: Sequence[Cell], today: date) -> Iterable[tuple[Cell, Status]]:
    perimeter = Perimeter(Level.STRUCTURE, cells[0][0])
    periods = {code: Period.parse(code) for _, code, _ in cells}
    ends = [period.end for period in periods.values()]
    sheets = [reading.catalogue[name] for name in dict.fromkeys(name for *_, name in cells)]
    found = figures(reading, perimeter, sheets, min(ends), max(ends), Audience.PUBLIC)
    rows = {(row["indicator"], row["period"]): row for row in found.iter_rows(named=True)}
    for cell in cells:
        _, code, name = cell
        sheet = reading.catalogue[name]
        yield cell, read_figure(reading, perimeter, sheet, periods[code], rows.get((name, code)), today).status


def _counts_by_key(reading: Reading, dataset: str, table: pl.DataFrame) -> Mapping[str, int]:
    """Count the keys of another dataset's file that are new, changed or unchanged; none is ever dropped."""
    key = list(DATASETS[dataset].key)
    columns = [name for name in table.columns if name != "line"]
    held = reading.cursor.frame(f"from current_{TABLE_OF[dataset]}($withdrawn)", withdrawn=reading.withdrawn)
    both = table.join(
        held.select(columns).with_columns(pl.lit(value=True).alias("held")),
        on=key,
        how="left",
        suffix=":former",
        nulls_equal=True,
    )
    others = [name for name in columns if name not in key]
    differs = pl.any_horizontal(
        pl.lit(value=False), *(pl.col(name).ne_missing(pl.col(f"{name}:former")) for name in others)
    )
    kind = pl.when(pl.col("held").is_null()).then(pl.lit("new")).when(differs).then(pl.lit("changed"))
    return _counted(both.select(kind.otherwise(pl.lit("unchanged")).alias("kind"))["kind"])
