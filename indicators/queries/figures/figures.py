"""Figures of a perimeter: each indicator in each period, consolidated, after disclosure control."""

from collections.abc import Sequence
from datetime import date
from math import isclose
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Frequency, Period, Span
from indicators.disclosure.complementary import PART
from indicators.disclosure.control import suppress, suppress_totals
from indicators.figures.figure import (
    NO_CASES,
    CohortOpen,
    Figure,
    MixedDefinitions,
    NoCases,
    Status,
    Value,
    absence_reason,
)
from indicators.figures.time_steps import mixes_definitions
from indicators.figures.values import compute_values
from indicators.queries.figures.counts import counts_by_part, counts_of_structures, perimeter_counts
from indicators.queries.figures.suppression import structure_mask, total_mask
from indicators.snapshot import Snapshot

ABSOLUTE_TOLERANCE: Final = 1e-9
"""Tolerance between two ways of computing the same value."""
PARTITION_LEVELS: Final = {Level.REGION, Level.KIND}
"""Levels whose perimeters add up to the network: each is protected with the others in view."""
TOTALS: Final = {Level.NETWORK, *PARTITION_LEVELS}
"""Levels of which the whole past is small."""


STRUCTURES_PER_BLOCK: Final = 100
"""Structures whose whole past is read and protected together: of so many it takes little longer than of one."""
MAX_STRUCTURES_IN_BLOCKS: Final = 400
"""Structures of a network up to which blocks are used: all blocks stay cached, some ten megabytes. In a larger network,
few structures of a block would be requested before the next version."""


def is_read_whole(reading: Snapshot) -> bool:
    """Whether the whole past of a network is read at once and kept: another quarter of it is then looked up."""
    return len(reading.structures) <= MAX_STRUCTURES_IN_BLOCKS


def perimeter_figures(
    snapshot: Snapshot,
    perimeter: Perimeter,
    indicators: Sequence[Indicator],
    since: date,
    until: date,
    audience: Audience,
) -> pl.DataFrame:
    """Return the figures of a perimeter in periods that end between two days.

    One row is one indicator × one period: indicator, period, period_end, numerator, denominator, value, contributors,
    largest_share, from_register, status. A rate is the ratio of the sums, a count the sum; a rate reported without its
    counts is a value of one structure and is never consolidated. Indicators the audience may not see have no row.
    """
    indicator_ids = [indicator.id for indicator in indicators if audience.sees(indicator.audience)]
    return snapshot.cached(
        ("figures", perimeter, tuple(indicator_ids), since, until, audience),
        lambda: _query(snapshot, perimeter, indicator_ids, since, until, audience),
    )


def _query(
    snapshot: Snapshot, perimeter: Perimeter, indicator_ids: Sequence[str], since: date, until: date, audience: Audience
) -> pl.DataFrame:
    is_entire_past = (since, until) == (date.min, date.max)
    if perimeter.level in TOTALS and is_read_whole(snapshot):
        is_requested = pl.col("indicator").is_in(indicator_ids) & pl.col("period_end").is_between(since, until)
        if perimeter.level is Level.NETWORK:
            return figures_of_level(snapshot, perimeter.level, audience).filter(is_requested)
        is_requested &= pl.col(PART) == perimeter.name
        return figures_of_level(snapshot, perimeter.level, audience).filter(is_requested).drop(PART)
    if is_entire_past and perimeter.level is Level.STRUCTURE and is_read_whole(snapshot):
        block_figures = figures_of_block(snapshot, block_number(snapshot, perimeter.name), audience)
        is_requested = (pl.col("structure") == perimeter.name) & pl.col("indicator").is_in(indicator_ids)
        return block_figures.filter(is_requested).drop("structure")
    if perimeter.level in PARTITION_LEVELS:
        key = ("portions", perimeter.level, tuple(indicator_ids), since, until, audience)
        # The regions of one day are requested one after the other; the entire history of each would be too large.
        figures = (
            snapshot.cached(
                key, lambda: _suppressed_figures(snapshot, perimeter, indicator_ids, since, until, audience)
            )
            if since == until
            else _suppressed_figures(snapshot, perimeter, indicator_ids, since, until, audience)
        )
        return figures.filter(pl.col(PART) == perimeter.name).drop(PART)
    return _suppressed_figures(snapshot, perimeter, indicator_ids, since, until, audience)


def _suppressed_figures(
    snapshot: Snapshot, perimeter: Perimeter, indicator_ids: Sequence[str], since: date, until: date, audience: Audience
) -> pl.DataFrame:
    """Return the figures of a perimeter or, for a level that partitions the network, of all its perimeters."""
    # The suppression of a sum's terms is decided together, whichever of them is requested.
    sheets = [snapshot.catalogue[name] for name in snapshot.catalogue.with_linked(indicator_ids)]
    per_structure = perimeter.level is Level.STRUCTURE

    def count(first: date, last: date) -> pl.DataFrame:
        if perimeter.level in PARTITION_LEVELS:
            return counts_by_part(snapshot, perimeter.level, sheets, first, last)
        return perimeter_counts(snapshot, perimeter, sheets, first, last)

    raw_counts = count(since, until)
    yearly = [sheet.id for sheet in sheets if sheet.frequency is Frequency.QUARTER]
    if raw_counts.filter(pl.col("indicator").is_in(yearly) & ~pl.col("period").str.contains("-T")).height:
        # The suppression of a year deposited beside its quarters needs all of them.
        raw_counts = count(_first_day(since), _last_day(until))
    # The suppression of a structure and of the others in its totals is decided together.
    days, counts = (
        (_first_day(since), _last_day(until)),
        compute_values(raw_counts, sheets, per_structure=per_structure),
    )
    if per_structure:
        extra_mask = structure_mask(snapshot, audience, *days, perimeter.name)
        figures = suppress(counts, snapshot.catalogue, audience, extra_mask=extra_mask)
    else:
        mask = total_mask(snapshot, perimeter.level, audience, *days, perimeter.name)
        figures = suppress_totals(counts, snapshot.catalogue, audience, mask)
    return figures.filter(pl.col("indicator").is_in(indicator_ids) & pl.col("period_end").is_between(since, until))


def block_number(snapshot: Snapshot, structure: str) -> int:
    """Return the number of the block that contains a structure; an `UnknownError` for an unknown structure."""
    return sorted(snapshot.structures.by_id).index(snapshot.structures[structure].id) // STRUCTURES_PER_BLOCK


def block_numbers(snapshot: Snapshot) -> range:
    """Return the block numbers of the network; empty for a large one."""
    count = len(snapshot.structures)
    return range(-(-count // STRUCTURES_PER_BLOCK) if is_read_whole(snapshot) else 0)


def figures_of_block(snapshot: Snapshot, number: int, audience: Audience) -> pl.DataFrame:
    """Return all figures of a block's structures for an audience: structure, columns of `perimeter_figures`."""
    return snapshot.cached(
        ("figures of block", number, audience), lambda: _suppressed_block(snapshot, number, audience)
    )


def _suppressed_block(snapshot: Snapshot, number: int, audience: Audience) -> pl.DataFrame:
    codes = sorted(snapshot.structures.by_id)[number * STRUCTURES_PER_BLOCK : (number + 1) * STRUCTURES_PER_BLOCK]
    visible_ids = [sheet.id for sheet in snapshot.catalogue.visible_to(audience)]
    sheets = [snapshot.catalogue[name] for name in snapshot.catalogue.with_linked(visible_ids)]
    counts = compute_values(
        counts_of_structures(snapshot, codes, sheets, date.min, date.max), sheets, per_structure=True
    )
    extra_mask = structure_mask(snapshot, audience, date.min, date.max)
    return suppress(counts, snapshot.catalogue, audience, extra_mask=extra_mask)


def figures_of_level(reading: Snapshot, level: Level, audience: Audience) -> pl.DataFrame:
    """Return all the figures of the network, or of all its regions or kinds, that an audience may see: as `figures`
    and, of a partition, with the portion."""
    seen = [sheet.id for sheet in reading.catalogue.visible_to(audience)]
    return reading.cached(
        ("figures of level", level, audience),
        lambda: _suppressed_figures(reading, Perimeter(level), seen, date.min, date.max, audience),
    )


def _first_day(day: date) -> date:
    return day.replace(month=1, day=1)


def _last_day(day: date) -> date:
    return day.replace(month=12, day=31)


def figure_from_row(
    snapshot: Snapshot,
    perimeter: Perimeter,
    indicator: Indicator,
    period: Span,
    row: dict[str, object] | None,
    today: date,
) -> Figure:
    """Build a figure from a row of `perimeter_figures`; without a row, an absence with its reason.

    A cohort in follow-up has no figure yet, even if it has counts.
    """
    target = snapshot.target(perimeter, indicator.id, period)
    if isinstance(period, Period) and (until := indicator.followed_until(period)) and today <= until:
        return Figure(indicator, period, CohortOpen(until), target)
    if mixes_definitions(period, indicator) and (row is None or row["value"] is None):
        return Figure(indicator, period, MixedDefinitions(), target)
    if row is None or row["status"] == Status.MISSING:
        return Figure(indicator, period, absence_status(snapshot, perimeter, indicator, period, today), target)
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
    return Value(value, numerator, denominator, int(str(row["contributors"])), bool(row.get("from_register")))


def _counts_give_value(numerator: float, denominator: float | None, indicator: Indicator, value: float) -> bool:
    """Whether the counts give the value: false for several structures whose quotients are added up."""
    if not indicator.denominator_required:
        return isclose(numerator, value)
    if not denominator:
        return False
    return isclose(numerator / denominator * indicator.scale, value, abs_tol=ABSOLUTE_TOLERANCE)


def _to_float(cell: object) -> float | None:
    return None if cell is None else float(str(cell))


def absence_status(snapshot: Snapshot, perimeter: Perimeter, indicator: Indicator, period: Span, today: date) -> Status:
    """Return why a perimeter has no figure: the reason of its first structure to which the indicator applies."""
    as_of_period = snapshot.structures.as_of(period.end)
    for member in snapshot.structures.members_on(perimeter, period.end):
        status = absence_reason(indicator, period, as_of_period[member], today)
        if status is not Status.NOT_APPLICABLE:
            return status
    return Status.NOT_APPLICABLE
