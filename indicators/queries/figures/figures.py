"""Figures of a perimeter: each indicator in each period, consolidated, protected."""

from collections.abc import Sequence
from datetime import date
from math import isclose
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Frequency, Period, Span
from indicators.disclosure.complementary import PORTION
from indicators.disclosure.control import protect, protect_totals
from indicators.figures.figure import (
    NO_CASES,
    AcrossDefinitions,
    Figure,
    NoCases,
    Shown,
    Status,
    Unfinished,
    why_absent,
)
from indicators.figures.time_steps import adds_across_definitions
from indicators.figures.values import valued
from indicators.network import Reading
from indicators.queries.figures.counts import counted, counted_by_portion, counted_of_each
from indicators.queries.figures.suppression import withheld_structures, withheld_totals

TINY: Final = 1e-9
"""A difference between two ways of computing the same value."""
PARTITIONS: Final = {Level.REGION, Level.KIND}
"""Levels whose perimeters add up to the network: each is protected with the others in view."""
TOTALS: Final = {Level.NETWORK, *PARTITIONS}
"""Levels of which the whole past is small."""


BLOCK: Final = 100
"""Structures whose whole past is read and protected together: of so many it takes little longer than of one."""
LARGEST_IN_BLOCKS: Final = 400
"""Structures of a network up to which the past of each is read so: all of them are kept, some ten megabytes. In a
larger one, few of those that were read along would be looked at before the next version."""


def is_read_whole(reading: Reading) -> bool:
    """Whether the whole past of a network is read at once and kept: another quarter of it is then looked up."""
    return len(reading.structures) <= LARGEST_IN_BLOCKS


def figures(
    reading: Reading,
    perimeter: Perimeter,
    indicators: Sequence[Indicator],
    since: date,
    until: date,
    audience: Audience,
) -> pl.DataFrame:
    """Return the figures of a perimeter whose period ends between two days.

    One row is one indicator × one period: indicator, period, period_end, numerator, denominator, value, contributors,
    largest_share, from_register, status. A rate is the ratio of the sums, a count the sum; a rate reported without its
    counts is a value of one structure and is never consolidated. An indicator the reader may not see gives no row.
    """
    wanted = [indicator.id for indicator in indicators if audience.sees(indicator.audience)]
    return reading.once(
        ("figures", perimeter, tuple(wanted), since, until, audience),
        lambda: _ask(reading, perimeter, wanted, since, until, audience),
    )


def _ask(
    reading: Reading, perimeter: Perimeter, wanted: Sequence[str], since: date, until: date, audience: Audience
) -> pl.DataFrame:
    whole = (since, until) == (date.min, date.max)
    if perimeter.level in TOTALS and is_read_whole(reading):
        mine = pl.col("indicator").is_in(wanted) & pl.col("period_end").is_between(since, until)
        if perimeter.level is Level.NETWORK:
            return figures_of_level(reading, perimeter.level, audience).filter(mine)
        mine &= pl.col(PORTION) == perimeter.name
        return figures_of_level(reading, perimeter.level, audience).filter(mine).drop(PORTION)
    if whole and perimeter.level is Level.STRUCTURE and is_read_whole(reading):
        known = figures_of_block(reading, block_of(reading, perimeter.name), audience)
        mine = (pl.col("structure") == perimeter.name) & pl.col("indicator").is_in(wanted)
        return known.filter(mine).drop("structure")
    if perimeter.level in PARTITIONS:
        known_by = ("portions", perimeter.level, tuple(wanted), since, until, audience)
        # All the regions of one day are asked for one after the other; a whole history of each would weigh too much.
        found = (
            reading.once(known_by, lambda: _protected(reading, perimeter, wanted, since, until, audience))
            if since == until
            else _protected(reading, perimeter, wanted, since, until, audience)
        )
        return found.filter(pl.col(PORTION) == perimeter.name).drop(PORTION)
    return _protected(reading, perimeter, wanted, since, until, audience)


def _protected(
    reading: Reading, perimeter: Perimeter, wanted: Sequence[str], since: date, until: date, audience: Audience
) -> pl.DataFrame:
    """Return the figures of a perimeter or, where it is one of those that make up the network, of them all."""
    # A part of a sum is withheld or shown with the others in view, whichever of them is asked for.
    asked = [reading.catalogue[name] for name in reading.catalogue.linked(wanted)]
    single = perimeter.level is Level.STRUCTURE

    def count(first: date, last: date) -> pl.DataFrame:
        if perimeter.level in PARTITIONS:
            return counted_by_portion(reading, perimeter.level, asked, first, last)
        return counted(reading, perimeter, asked, first, last)

    found = count(since, until)
    yearly = [sheet.id for sheet in asked if sheet.frequency is Frequency.QUARTER]
    if found.filter(pl.col("indicator").is_in(yearly) & ~pl.col("period").str.contains("-T")).height:
        # A year deposited beside its quarters is shown or withheld with all of them in view.
        found = count(_first_day(since), _last_day(until))
    # What a structure shows, and what the others that make up its totals show, are decided together.
    days, counts = (_first_day(since), _last_day(until)), valued(found, asked, single=single)
    if single:
        too = withheld_structures(reading, audience, *days, perimeter.name)
        figures = protect(counts, reading.catalogue, audience, withheld_too=too)
    else:
        withheld = withheld_totals(reading, perimeter.level, audience, *days, perimeter.name)
        figures = protect_totals(counts, reading.catalogue, audience, withheld)
    return figures.filter(pl.col("indicator").is_in(wanted) & pl.col("period_end").is_between(since, until))


def block_of(reading: Reading, structure: str) -> int:
    """Return the number of the block of structures that one is read with; an `UnknownError` if there is none."""
    return sorted(reading.structures.by_id).index(reading.structures[structure].id) // BLOCK


def blocks(reading: Reading) -> range:
    """Return the numbers of the blocks in which the structures of the network are read: none of a large one."""
    count = len(reading.structures)
    return range(-(-count // BLOCK) if is_read_whole(reading) else 0)


def figures_of_block(reading: Reading, number: int, audience: Audience) -> pl.DataFrame:
    """Return all the figures of the structures of a block that an audience may see: structure, then as `figures`."""
    return reading.once(("figures of block", number, audience), lambda: _protected_block(reading, number, audience))


def _protected_block(reading: Reading, number: int, audience: Audience) -> pl.DataFrame:
    codes = sorted(reading.structures.by_id)[number * BLOCK : (number + 1) * BLOCK]
    seen = [sheet.id for sheet in reading.catalogue.seen_by(audience)]
    asked = [reading.catalogue[name] for name in reading.catalogue.linked(seen)]
    counts = valued(counted_of_each(reading, codes, asked, date.min, date.max), asked, single=True)
    too = withheld_structures(reading, audience, date.min, date.max)
    return protect(counts, reading.catalogue, audience, withheld_too=too)


def figures_of_level(reading: Reading, level: Level, audience: Audience) -> pl.DataFrame:
    """Return all the figures of the network, or of all its regions or kinds, that an audience may see: as `figures`
    and, of a partition, with the portion."""
    seen = [sheet.id for sheet in reading.catalogue.seen_by(audience)]
    return reading.once(
        ("figures of level", level, audience),
        lambda: _protected(reading, Perimeter(level), seen, date.min, date.max, audience),
    )


def _first_day(day: date) -> date:
    return day.replace(month=1, day=1)


def _last_day(day: date) -> date:
    return day.replace(month=12, day=31)


def read_figure(
    reading: Reading,
    perimeter: Perimeter,
    indicator: Indicator,
    period: Span,
    row: dict[str, object] | None,
    today: date,
) -> Figure:
    """Turn a row of `figures` into a figure; no row is an absence, whose reason is told.

    A cohort that is still followed has no figure yet, whatever was already counted of it.
    """
    target = reading.target(perimeter, indicator.id, period)
    if isinstance(period, Period) and (until := indicator.followed_until(period)) and today <= until:
        return Figure(indicator, period, Unfinished(until), target)
    if adds_across_definitions(period, indicator) and (row is None or row["value"] is None):
        return Figure(indicator, period, AcrossDefinitions(), target)
    if row is None or row["status"] == Status.MISSING:
        return Figure(indicator, period, absence(reading, perimeter, indicator, period, today), target)
    if row["status"] == NO_CASES:
        return Figure(indicator, period, NoCases(), target)
    if row["status"] != Status.OK:
        return Figure(indicator, period, Status(str(row["status"])), target)
    return Figure(indicator, period, _shown(indicator, row), target)


def _shown(indicator: Indicator, row: dict[str, object]) -> Shown:
    """Return what a row shows: counts that do not give its value would contradict it, and are left out."""
    value, numerator, denominator = float(str(row["value"])), _number(row["numerator"]), _number(row["denominator"])
    if numerator is not None and not _gives(numerator, denominator, indicator, value):
        numerator = denominator = None
    return Shown(value, numerator, denominator, int(str(row["contributors"])), bool(row.get("from_register")))


def _gives(numerator: float, denominator: float | None, indicator: Indicator, value: float) -> bool:
    """Whether counts give a value: those of several structures do not where quotients are added up."""
    if not indicator.denominator_required:
        return isclose(numerator, value)
    if not denominator:
        return False
    return isclose(numerator / denominator * indicator.scale, value, abs_tol=TINY)


def _number(cell: object) -> float | None:
    return None if cell is None else float(str(cell))


def absence(reading: Reading, perimeter: Perimeter, indicator: Indicator, period: Span, today: date) -> Status:
    """Tell why a perimeter has no figure: as its first structure that is concerned, if any is."""
    then = reading.structures.at(period.end)
    for member in reading.structures.members_on(perimeter, period.end):
        status = why_absent(indicator, period, then[member], today)
        if status is not Status.NOT_APPLICABLE:
            return status
    return Status.NOT_APPLICABLE
