"""Figures of a perimeter: each indicator in each period, consolidated, after disclosure control."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from math import isclose
from typing import Final

import polars as pl

from indicators.answer_cache import digest
from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Period, Span
from indicators.disclosure import (
    CountsOfParts,
    CountsOfPerimeter,
    CountsOfStructures,
    Figures,
    ReportedPeriods,
    is_read_whole,
    publishable,
)
from indicators.figures.figure import (
    NO_CASES,
    CohortOpen,
    Figure,
    MixedDefinitions,
    MixedFormulas,
    NoCases,
    OtherStructures,
    Status,
    Value,
    absence_reason,
)
from indicators.figures.time_steps import mixes_definitions
from indicators.snapshot import QueryContext, Snapshot, per_version

ABSOLUTE_TOLERANCE: Final = 1e-9
"""Tolerance between two ways of computing the same value."""
PART_COLUMN: Final = "portion"
"""Column of the regions or the kinds of a network whose figures stand in one frame."""
PARTITION_LEVELS: Final = {Level.REGION, Level.KIND}
"""Levels whose perimeters add up to the network: all of them are counted at once."""
MAX_INDICATORS_PER_READ: Final = 8
"""Indicators whose whole past is read of the regions or kinds of a large network for one question. A board asks for
more: those of all are then kept, 5 MB for 30 regions and ten years, and the board of the next region is looked up."""
STRUCTURES_PER_BLOCK: Final = 100
"""Structures whose whole past is read and protected together: of so many it takes little longer than of one."""


def perimeter_figures(
    context: QueryContext, perimeter: Perimeter, indicators: Sequence[Indicator], since: date, until: date
) -> Figures:
    """Return the figures of a perimeter in periods that end between two days.

    One row is one indicator × one period: indicator, period, period_end, numerator, denominator, value, contributors,
    largest_share, from_register, status. A rate is the ratio of the sums, a count the sum; a rate reported without its
    counts is a value of one structure and is never consolidated. Indicators the audience may not see have no row.
    """
    indicator_ids = tuple(indicator.id for indicator in indicators if context.audience.sees(indicator.audience))
    return _perimeter_figures(context, perimeter, indicator_ids, since, until)


@per_version
def _perimeter_figures(
    context: QueryContext, perimeter: Perimeter, indicator_ids: Sequence[str], since: date, until: date
) -> Figures:
    is_entire_past = (since, until) == (date.min, date.max)
    if perimeter.level in PARTITION_LEVELS:
        of_level = _level_figures(context, perimeter.level, indicator_ids, since, until)
        return of_level.filter(pl.col(PART_COLUMN) == perimeter.name).drop(PART_COLUMN)
    if perimeter.level is Level.NETWORK and is_read_whole(context.snapshot):
        return _level_figures(context, perimeter.level, indicator_ids, since, until)
    if is_entire_past and perimeter.level is Level.STRUCTURE and is_read_whole(context.snapshot):
        block_figures = figures_of_block(context, block_number(context.snapshot, perimeter.name))
        is_requested = (pl.col("structure") == perimeter.name) & pl.col("indicator").is_in(indicator_ids)
        return block_figures.filter(is_requested).drop("structure")
    return publishable(
        CountsOfPerimeter(context.snapshot, perimeter), ReportedPeriods(indicator_ids, since, until), context.audience
    )


@per_version
def figures_digest(context: QueryContext, perimeter: Perimeter, indicators: Sequence[Indicator]) -> str:
    """Identify all figures of a perimeter in some indicators, and what they are read by.

    Where it is the same in two versions of the store, what is made of these figures alone is the same.
    """
    figures = perimeter_figures(context, perimeter, indicators, date.min, date.max)
    return f"{digest(figures.rows)}-{context.snapshot.reference_digest}"


def level_figures(
    context: QueryContext, level: Level, indicators: Sequence[Indicator], since: date, until: date
) -> Figures:
    """Return the figures of all regions or all kinds: `PART_COLUMN`, then as `perimeter_figures`."""
    indicator_ids = tuple(indicator.id for indicator in indicators if context.audience.sees(indicator.audience))
    return _level_figures(context, level, indicator_ids, since, until)


def _level_figures(
    context: QueryContext, level: Level, indicator_ids: Sequence[str], since: date, until: date
) -> Figures:
    is_board = (since, until) == (date.min, date.max) and len(indicator_ids) > MAX_INDICATORS_PER_READ
    if is_read_whole(context.snapshot) or (is_board and level in PARTITION_LEVELS):
        is_requested = pl.col("indicator").is_in(indicator_ids) & pl.col("period_end").is_between(since, until)
        return figures_of_level(context, level).filter(is_requested)
    # The regions of one day are requested one after the other; the entire history of each would be too large.
    figures = _part_figures_of_day if since == until else _part_figures
    return figures(context, level, indicator_ids, since, until)


def _part_figures(
    context: QueryContext, level: Level, indicator_ids: Sequence[str], since: date, until: date
) -> Figures:
    return publishable(
        CountsOfParts(context.snapshot, level), ReportedPeriods(indicator_ids, since, until), context.audience
    )


_part_figures_of_day = per_version(_part_figures)


def block_number(snapshot: Snapshot, structure: str) -> int:
    """Return the number of the block that contains a structure; an `UnknownError` for an unknown structure."""
    return sorted(snapshot.structures.by_id).index(snapshot.structures[structure].id) // STRUCTURES_PER_BLOCK


def block_numbers(snapshot: Snapshot) -> range:
    """Return the block numbers of the network; empty for a large one."""
    count = len(snapshot.structures)
    return range(-(-count // STRUCTURES_PER_BLOCK) if is_read_whole(snapshot) else 0)


@per_version
def figures_of_block(context: QueryContext, number: int) -> Figures:
    """Return all figures of a block's structures for an audience: structure, columns of `perimeter_figures`."""
    codes = sorted(context.snapshot.structures.by_id)[
        number * STRUCTURES_PER_BLOCK : (number + 1) * STRUCTURES_PER_BLOCK
    ]
    return publishable(
        CountsOfStructures(context.snapshot, codes), ReportedPeriods(_visible_ids(context)), context.audience
    )


@per_version
def figures_of_level(context: QueryContext, level: Level) -> Figures:
    """Return all figures of the network, or of all its regions or kinds, for an audience: columns of
    `perimeter_figures` and, of regions or kinds, `PART_COLUMN`."""
    counts = (
        CountsOfPerimeter(context.snapshot, NETWORK)
        if level is Level.NETWORK
        else CountsOfParts(context.snapshot, level)
    )
    return publishable(counts, ReportedPeriods(_visible_ids(context)), context.audience)


def _visible_ids(context: QueryContext) -> list[str]:
    return [sheet.id for sheet in context.snapshot.catalogue.visible_to(context.audience)]


def figure_from_row(
    context: QueryContext, perimeter: Perimeter, indicator: Indicator, period: Span, row: dict[str, object] | None
) -> Figure:
    """Build a figure from a row of `perimeter_figures`; without a row, an absence with its reason.

    A cohort in follow-up has no figure yet, even if it has counts.
    """
    target = context.snapshot.target(perimeter, indicator.id, period)
    if isinstance(period, Period) and (until := indicator.followed_until(period)) and context.today <= until:
        return Figure(indicator, period, CohortOpen(until), target)
    if mixes_definitions(period, indicator) and (row is None or row["value"] is None):
        return Figure(indicator, period, MixedDefinitions(), target)
    if indicator.formulas and mixes_formulas(context.snapshot, perimeter, indicator, period):
        return Figure(indicator, period, MixedFormulas(), target)
    if row is None or row["status"] == Status.MISSING:
        return Figure(indicator, period, absence_status(context, perimeter, indicator, period), target)
    if row["status"] == NO_CASES:
        return Figure(indicator, period, NoCases(), target)
    if row["status"] != Status.OK:
        return Figure(indicator, period, Status(str(row["status"])), target)
    return Figure(indicator, period, _value_from_row(indicator, row), target)


def _value_from_row(indicator: Indicator, row: dict[str, object]) -> Value:
    """Return the value of a row; counts that do not give the value are dropped."""
    value, numerator, denominator = float(str(row["value"])), _to_float(row["numerator"]), _to_float(row["denominator"])
    if numerator is not None and not _counts_give_value(numerator, denominator, indicator, value):
        numerator = denominator = None
    contributors, made_of = int(str(row["contributors"])), row.get("made_of")
    structures = tuple(map(str, made_of)) if isinstance(made_of, list) else ()
    return Value(value, numerator, denominator, contributors, bool(row.get("from_register")), structures)


def mixes_formulas(snapshot: Snapshot, perimeter: Perimeter, indicator: Indicator, period: Span) -> bool:
    """Whether the structures of a perimeter, as they were at the end of a period, count an indicator in several ways.

    Then it is not added up: the people counted in one kind would not have been counted in another.
    """
    as_of_period = snapshot.structures.as_of(period.end)
    members = snapshot.structures.members_on(perimeter, period.end)
    return indicator.count_formulas({as_of_period[member].kind for member in members}) > 1


def of_same_structures(figures: Sequence[Figure]) -> list[Figure]:
    """Return a series of a choice, oldest first, without figures made of other structures than its newest one.

    What each structure shows changes with time: two figures of a choice may differ by who is in them alone. The series
    of any other perimeter stays as it is.
    """
    newest = next((figure.shown.made_of for figure in reversed(figures) if figure.shown), ())
    return [
        replace(figure, outcome=OtherStructures()) if figure.shown and figure.shown.made_of != newest else figure
        for figure in figures
    ]


def _counts_give_value(numerator: float, denominator: float | None, indicator: Indicator, value: float) -> bool:
    """Whether the counts give the value: false for several structures whose quotients are added up."""
    if not indicator.denominator_required:
        return isclose(numerator, value)
    if not denominator:
        return False
    return isclose(numerator / denominator * indicator.scale, value, abs_tol=ABSOLUTE_TOLERANCE)


def _to_float(cell: object) -> float | None:
    return None if cell is None else float(str(cell))


def absence_status(context: QueryContext, perimeter: Perimeter, indicator: Indicator, period: Span) -> Status:
    """Return why a perimeter has no figure: the reason of its first structure to which the indicator applies."""
    as_of_period = context.snapshot.structures.as_of(period.end)
    for member in context.snapshot.structures.members_on(perimeter, period.end):
        status = absence_reason(indicator, period, as_of_period[member], context.today)
        if status is not Status.NOT_APPLICABLE:
            return status
    return Status.NOT_APPLICABLE
