"""What a file would change if it were stored, computed by a dry run in the store itself.

The rows are appended in a transaction that is rolled back; the public board is queried before it and inside it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

import polars as pl

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Frequency, Period
from indicators.figures.figure import Figure, Status
from indicators.intake.rules.against_store import removes_figure
from indicators.intake.validate import ValidationResult, Verdict
from indicators.network import Network
from indicators.queries.figures.figures import figure_from_row, perimeter_figures
from indicators.snapshot import QueryContext, Snapshot
from indicators.store.deposits import Receipt
from schemas.datasets import DATASETS

MAX_LISTED_CHANGES: Final = 200
"""Most changes listed; the counts cover all of them."""
MAX_CHECKED_STRUCTURES: Final = 50
"""Most structures whose public boards are queried, twice each; a file of one structure has one."""
MEASURE_KEY: Final = ("structure", "period", "indicator", "segment")
FIGURE_KEY: Final = ("structure", "period", "indicator")
AMOUNT_COLUMNS: Final = ("numerator", "denominator", "value")
CHANGE_KINDS: Final = ("changed", "dropped", "new", "unchanged")
"""Kinds of change to a row, in the order listed; `dropped` is a stored figure that an absence removes."""
CHANGES_SCHEMA: Final = pl.Schema(
    {
        "kind": pl.String(),
        **dict.fromkeys(MEASURE_KEY, pl.String()),
        **dict.fromkeys(AMOUNT_COLUMNS, pl.Float64()),
        "absence": pl.String(),
        **{f"former_{name}": pl.Float64() for name in AMOUNT_COLUMNS},
        "former_absence": pl.String(),
    }
)
WITHHELD_SCHEMA: Final = pl.Schema(dict.fromkeys((*FIGURE_KEY, "before", "after"), pl.String()))

FigureKey: TypeAlias = tuple[str, str, str]
"""Structure, period, indicator."""


@dataclass(frozen=True)
class PublicChange:
    """A public figure that a deposit changes, as the board of its structure shows it before and after."""

    structure: str
    before: Figure
    after: Figure


@dataclass(frozen=True)
class Impact:
    """What a file would change: rows by kind of change, the changes, and the public figures newly withheld.

    `changes` lists changed and dropped figures first. `withheld` has one row per public figure that would be withheld,
    among those that the file changes and those that a sum links to them, with its status before and after.
    `unchecked_structures` counts the structures of a very large file whose public boards were not queried.
    """

    counts: Mapping[str, int]
    changes: pl.DataFrame
    withheld: pl.DataFrame
    unchecked_structures: int = 0


NO_IMPACT: Final = Impact(
    dict.fromkeys(("new", "changed", "unchanged", "dropped"), 0),
    pl.DataFrame(schema=CHANGES_SCHEMA),
    pl.DataFrame(schema=WITHHELD_SCHEMA),
)
"""The impact of a refused file."""


def compute_impact(network: Network, validation: ValidationResult, today: date) -> Impact:
    """Return what storing a validated file would change; the store stays as it was."""
    table, dataset = validation.table, validation.dataset
    if table is None or dataset is None or validation.verdict is Verdict.REFUSED or table.is_empty():
        return NO_IMPACT
    if dataset != "measures":
        counts = _count_key_changes(_current_rows(network, dataset), dataset, table)
        return Impact(counts, NO_IMPACT.changes, NO_IMPACT.withheld)
    with network.snapshot() as before:
        changes = _compare_with_current(before, table)
        figure_keys, unchecked = _affected_public_figures(before, changes)
        statuses_before = _public_statuses(before, figure_keys, today)
    with network.dry_run(dataset, table) as after:
        statuses_after = _public_statuses(after, figure_keys, today)
    return _impact_of(changes, statuses_before, statuses_after, unchecked)


def compute_waiting_impact(snapshot: Snapshot, receipt: Receipt, today: date) -> tuple[Impact, Sequence[PublicChange]]:
    """Return what the approval of a waiting deposit would change, and the public figures among it.

    The counts and changes are of management; only the public figures are what everybody would read.
    """
    rows = snapshot.cursor.rows_of_deposit(DATASETS[receipt.dataset].table, receipt.deposit)
    if receipt.dataset != "measures":
        stored_columns = ["deposit", "sequence", "submitted_at"]
        counts = _count_key_changes(snapshot.current_rows(receipt.dataset), receipt.dataset, rows.drop(stored_columns))
        return Impact(counts, NO_IMPACT.changes, NO_IMPACT.withheld), ()
    changes = _compare_with_current(snapshot, rows)
    figure_keys, unchecked = _affected_public_figures(snapshot, changes)
    before = _public_figures(snapshot, figure_keys, today)
    after = _public_figures(snapshot.admitting(receipt.deposit), figure_keys, today)
    impact = _impact_of(
        changes,
        {key: figure.status for key, figure in before.items()},
        {key: figure.status for key, figure in after.items()},
        unchecked,
    )
    moved = [key for key in figure_keys if before[key].outcome != after[key].outcome]
    return impact, [PublicChange(key[0], before[key], after[key]) for key in moved[:MAX_LISTED_CHANGES]]


def _impact_of(
    changes: pl.DataFrame,
    statuses_before: Mapping[FigureKey, Status],
    statuses_after: Mapping[FigureKey, Status],
    unchecked: int,
) -> Impact:
    newly_withheld = [
        (*key, statuses_before[key].value, status.value)
        for key, status in statuses_after.items()
        if status is Status.WITHHELD
    ]
    listed_changes = (
        changes.filter(pl.col("kind") != "unchanged").head(MAX_LISTED_CHANGES).select(CHANGES_SCHEMA.names())
    )
    return Impact(
        _count_by_kind(changes["kind"]),
        listed_changes,
        pl.DataFrame(newly_withheld, schema=WITHHELD_SCHEMA, orient="row"),
        unchecked,
    )


def _count_by_kind(kinds: pl.Series) -> Mapping[str, int]:
    return {**NO_IMPACT.counts, **dict(kinds.value_counts().iter_rows())}


def _compare_with_current(snapshot: Snapshot, table: pl.DataFrame) -> pl.DataFrame:
    """Join each row of the file to the current measure with the same key, the only one that it replaces."""
    structures = table["structure"].unique().sort().to_list()
    periods = table["period"].unique().sort().to_list()
    current = snapshot.query("current_measures_of_periods", structures=structures, everyone=False, periods=periods)
    former = current.select(
        *MEASURE_KEY,
        *(pl.col(name).alias(f"former_{name}") for name in (*AMOUNT_COLUMNS, "absence")),
        pl.lit(value=True).alias("held"),
    )
    stated_differs = pl.col("numerator").is_null() & pl.col("value").ne_missing(pl.col("former_value"))
    is_different = pl.any_horizontal(
        stated_differs,
        *(pl.col(name).ne_missing(pl.col(f"former_{name}")) for name in ("numerator", "denominator", "absence")),
    )
    kind = (
        pl.when(pl.col("held").is_null())
        .then(pl.lit("new"))
        .when(removes_figure("former_{}"))
        .then(pl.lit("dropped"))
        .when(is_different)
        .then(pl.lit("changed"))
        .otherwise(pl.lit("unchanged"))
    )
    return (
        table.select("line", *MEASURE_KEY, *AMOUNT_COLUMNS, "absence")
        .join(former, on=list(MEASURE_KEY), how="left")
        .with_columns(kind.cast(pl.Enum(CHANGE_KINDS)).alias("kind"))
        .sort("kind", "line", *MEASURE_KEY)
        .with_columns(pl.col("kind").cast(pl.String))
    )


def _affected_public_figures(snapshot: Snapshot, changes: pl.DataFrame) -> tuple[Sequence[FigureKey], int]:
    """Return the public figures that the file changes or a sum links to them, and the number of structures left out.

    Linked figures are withheld together: they may change although the file does not hold them. The calendar year of a
    quarter is included, as the quarter could be derived from it.
    """
    public_indicators = {sheet.id for sheet in snapshot.catalogue.visible_to(Audience.PUBLIC)}
    changed_keys = changes.filter(pl.col("kind") != "unchanged").select(FIGURE_KEY).unique().sort(FIGURE_KEY)
    structures = changed_keys["structure"].unique().sort()
    checked = set(structures.head(MAX_CHECKED_STRUCTURES))
    figure_keys = {
        (structure, code, linked_indicator)
        for structure, period, indicator in changed_keys.iter_rows()
        if structure in checked
        for linked_indicator in snapshot.catalogue.with_linked([indicator])
        if linked_indicator in public_indicators
        for code in _with_calendar_year(period)
    }
    return sorted(figure_keys), max(0, len(structures) - MAX_CHECKED_STRUCTURES)


def _with_calendar_year(code: str) -> Sequence[str]:
    """Return a period code, followed by its calendar year if it is a quarter."""
    period = Period.parse(code)
    return (code, str(period.start.year)) if period.frequency is Frequency.QUARTER else (code,)


def _public_statuses(snapshot: Snapshot, figure_keys: Sequence[FigureKey], today: date) -> Mapping[FigureKey, Status]:
    """Return the public status of some figures, as the board of each structure shows them."""
    return {key: figure.status for key, figure in _public_figures(snapshot, figure_keys, today).items()}


def _public_figures(snapshot: Snapshot, figure_keys: Sequence[FigureKey], today: date) -> Mapping[FigureKey, Figure]:
    """Return some figures as the public board of each structure shows them."""
    by_structure: dict[str, list[FigureKey]] = {}
    for key in figure_keys:
        by_structure.setdefault(key[0], []).append(key)
    return {
        cell: figure
        for structure_keys in by_structure.values()
        for cell, figure in _figures_of_structure(snapshot, structure_keys, today)
    }


def _figures_of_structure(
    snapshot: Snapshot, figure_keys: Sequence[FigureKey], today: date
) -> Iterable[tuple[FigureKey, Figure]]:
    perimeter = Perimeter(Level.STRUCTURE, figure_keys[0][0])
    periods = {code: Period.parse(code) for _, code, _ in figure_keys}
    ends = [period.end for period in periods.values()]
    indicators = [snapshot.catalogue[name] for name in dict.fromkeys(name for *_, name in figure_keys)]
    context = QueryContext(snapshot, Audience.PUBLIC, today)
    board = perimeter_figures(context, perimeter, indicators, min(ends), max(ends)).rows
    rows = {(row["indicator"], row["period"]): row for row in board.iter_rows(named=True)}
    for key in figure_keys:
        _, code, name = key
        indicator = snapshot.catalogue[name]
        yield key, figure_from_row(context, perimeter, indicator, periods[code], rows.get((name, code)))


def _current_rows(network: Network, dataset: str) -> pl.DataFrame:
    """Return the current rows of another dataset than measures, wherever they are kept."""
    if DATASETS[dataset].in_store:
        with network.snapshot() as snapshot:
            return snapshot.current_rows(dataset)
    # Imported on first use: few files are of members.
    from indicators.accounts.members import role_rows

    return role_rows(network.accounts)


def _count_key_changes(current: pl.DataFrame, dataset: str, table: pl.DataFrame) -> Mapping[str, int]:
    """Count the new, changed and unchanged keys in a file of another dataset than measures; none is ever dropped."""
    key_columns = list(DATASETS[dataset].key)
    columns = [name for name in table.columns if name != "line"]
    joined = table.join(
        current.select(columns).with_columns(pl.lit(value=True).alias("held")),
        on=key_columns,
        how="left",
        suffix=":former",
        nulls_equal=True,
    )
    other_columns = [name for name in columns if name not in key_columns]
    is_different = pl.any_horizontal(
        pl.lit(value=False), *(pl.col(name).ne_missing(pl.col(f"{name}:former")) for name in other_columns)
    )
    kind = pl.when(pl.col("held").is_null()).then(pl.lit("new")).when(is_different).then(pl.lit("changed"))
    return _count_by_kind(joined.select(kind.otherwise(pl.lit("unchanged")).alias("kind"))["kind"])
