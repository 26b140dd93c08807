"""Breaks of a series: dates from which it has a new mean and new limits.

A break is either a rebaseline, a dated human decision with its reason, or a new definition of the indicator.

Rebaselines are declared in `data/reference/rebasings.csv`, one row per perimeter, indicator and first period of the new
segment; no program ever infers one (METHODS 4). A row for a group, a region, a kind or the network applies to each
structure in it. Codes of structures and groups live in the store: a row with an unknown code has no effect.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from indicators.definitions.perimeters import Level, Perimeter, Structure, slug
from indicators.definitions.periods import Period, Span
from indicators.definitions.reference_files import ReferenceRow, read_reference_file
from indicators.errors import UnknownError
from schemas.reference_data import REBASELINES
from schemas.structures import STRUCTURE_KINDS

if TYPE_CHECKING:
    from pathlib import Path

    from indicators.definitions.catalogue import Catalogue, Indicator


@dataclass(frozen=True)
class Rebaseline:
    """A decision to start a new segment of an indicator's series at a period of the indicator's own frequency."""

    perimeter: str
    indicator: str
    since: Period
    decided_on: date
    reason: str

    @property
    def starts(self) -> date:
        """First day of the new segment."""
        return self.since.start


@dataclass(frozen=True)
class Redefinition:
    """A new definition of an indicator for all structures: counts before its first day are not comparable."""

    indicator: str
    starts: date


Break: TypeAlias = Rebaseline | Redefinition


def breaks_of(indicator: Indicator, rebaselines: Sequence[Rebaseline]) -> Sequence[Break]:
    """Return the breaks of a series, rebaselines and new definition together, oldest first."""
    redefined = indicator.redefined_on
    redefinitions = [Redefinition(indicator.id, redefined)] if redefined else []
    return sorted([*rebaselines, *redefinitions], key=lambda series_break: series_break.starts)


def has_break_between(breaks: Sequence[Break], earlier: Span, later: Span) -> bool:
    """Whether a break falls after the first day of one span and before the end of another."""
    return any(earlier.start < series_break.starts <= later.end for series_break in breaks)


def rebaselines_of(rebaselines: Sequence[Rebaseline], structure: Structure, indicator: str) -> list[Rebaseline]:
    """Return the rebaselines of a structure and an indicator, oldest first.

    Of several rows for one period the most specific applies: structure, then group, region, kind, network.
    """
    group = [Perimeter(Level.GROUP, structure.group)] if structure.group else []
    chain = [
        Perimeter(Level.STRUCTURE, structure.id),
        *group,
        Perimeter(Level.REGION, structure.region),
        Perimeter(Level.KIND, structure.kind),
        Perimeter(Level.NETWORK),
    ]
    codes = [perimeter.code for perimeter in chain]
    matching = [
        rebaseline for rebaseline in rebaselines if rebaseline.indicator == indicator and rebaseline.perimeter in codes
    ]
    by_period = {
        rebaseline.since: rebaseline
        for rebaseline in sorted(matching, key=lambda rebaseline: codes.index(rebaseline.perimeter), reverse=True)
    }
    return [by_period[since] for since in sorted(by_period)]


def segment_starts(breaks: Sequence[Break], spans: Sequence[Span]) -> list[int]:
    """Return the positions in a series of spans at which a new segment starts: the first span after each break.

    A semester or a year that contains the break still belongs to the segment before it.
    """
    starts = [
        next((n for n, span in enumerate(spans) if span.start >= series_break.starts), 0) for series_break in breaks
    ]
    return sorted({position for position in starts if position})


def read_rebaselines(path: Path, catalogue: Catalogue, regions: Collection[str]) -> Sequence[Rebaseline]:
    """Read `rebasings.csv`; a `CatalogueError` names the file and the invalid line."""

    def check_references(row: ReferenceRow) -> ReferenceRow:
        _check_perimeter(row["perimeter"] or "", regions)
        indicator, since = catalogue[row["indicator"] or ""], Period.parse(row["since"] or "")
        if since.frequency is not indicator.frequency:
            raise ValueError(f"a_partir_de: {since} is no {indicator.frequency}, in which {indicator.id} is collected")
        return row

    rows = read_reference_file(path, REBASELINES, check_references)
    return tuple(Rebaseline(**{**row, "since": Period.parse(row["since"])}) for row in rows)


def _check_perimeter(code: str, regions: Collection[str]) -> None:
    """Raise an `UnknownError` for a malformed perimeter code or for an unknown region or kind."""
    level, separator, name = code.partition(":")
    match level:
        case Level.NETWORK if not separator:
            exists = True
        case Level.REGION:
            exists = name in regions
        case Level.KIND:
            exists = name in STRUCTURE_KINDS
        case Level.GROUP:
            exists = bool(name) and slug(name) == name
        case _:
            exists = bool(level) and not separator and not any(map(str.isspace, level))
    if not exists:
        raise UnknownError("perimeter", code)
