"""Breaks: where a series begins anew, with a mean and limits of its own.

A break is a dated cut: a re-basing, because somebody decided so and said why, or a new definition of the indicator.

Re-basings are declared in `data/reference/rebasings.csv`, one row a perimeter, an indicator and the first period of the
new segment: a dated human decision with its reason, never found by a program (METHODS 4). A row of a group, a region, a
kind or the network holds for each structure in it. Codes of structures and groups live in the store: one that is not
there names nobody, and changes nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, TypeAlias

from indicators.definitions.perimeters import Level, Perimeter, Structure, slug
from indicators.definitions.periods import Period, Span
from indicators.errors import CatalogueError, UnknownError
from schemas.structures import KINDS

if TYPE_CHECKING:
    from pathlib import Path

    from indicators.definitions.catalogue import Catalogue, Indicator

COLUMNS: Final = ("perimetre", "indicateur", "a_partir_de", "decidee_le", "motif")


@dataclass(frozen=True)
class Rebasing:
    """A decision that the series of an indicator begins anew with a period of the indicator's own frequency."""

    perimeter: str
    indicator: str
    since: Period
    decided_on: date
    reason: str

    @property
    def starts(self) -> date:
        """First day of what begins anew."""
        return self.since.start


@dataclass(frozen=True)
class Redefinition:
    """A new definition of an indicator, for everybody: what was counted before its first day is another thing."""

    indicator: str
    starts: date


Break: TypeAlias = Rebasing | Redefinition


def breaks_of(indicator: Indicator, rebased: Sequence[Rebasing]) -> Sequence[Break]:
    """Return the re-basings of a series and the change of its indicator's definition together, oldest first."""
    redefined = indicator.redefined_on
    changed = [Redefinition(indicator.id, redefined)] if redefined else []
    return sorted([*rebased, *changed], key=lambda one: one.starts)


def crosses(breaks: Sequence[Break], earlier: Span, later: Span) -> bool:
    """Whether a series begins anew after the first day of one span and before the end of another."""
    return any(earlier.start < one.starts <= later.end for one in breaks)


def rebasings_of(declared: Sequence[Rebasing], structure: Structure, indicator: str) -> list[Rebasing]:
    """Return what was decided for a structure and an indicator, oldest first.

    Of several rows for one period the most particular is kept: the structure's, then its group's, its region's, its
    kind's, the network's.
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
    own = [one for one in declared if one.indicator == indicator and one.perimeter in codes]
    by_period = {one.since: one for one in sorted(own, key=lambda one: codes.index(one.perimeter), reverse=True)}
    return [by_period[since] for since in sorted(by_period)]


def cuts(breaks: Sequence[Break], spans: Sequence[Span]) -> list[int]:
    """Return the positions, in a series of spans, that begin a segment: the first that starts with the new rule.

    A semester or a year in the middle of which the rule changed still belongs to what was before.
    """
    starts = [next((n for n, span in enumerate(spans) if span.start >= one.starts), 0) for one in breaks]
    return sorted({position for position in starts if position})


def read_rebasings(path: Path, catalogue: Catalogue, regions: Collection[str]) -> Sequence[Rebasing]:
    """Read `rebasings.csv`; a `CatalogueError` names the file and the line that is wrong."""
    found: dict[tuple[str, str, Period], Rebasing] = {}
    try:
        for line, cells in _rows(path):
            try:
                one = _read_row(cells, catalogue, regions)
                key = (one.perimeter, one.indicator, one.since)
                if key in found:
                    raise ValueError(f"a_partir_de: {one.since} twice for {one.perimeter} and {one.indicator}")
            except (UnknownError, ValueError) as wrong:
                raise CatalogueError(f"{path}: line {line}: {wrong}") from wrong
            found[key] = one
    except (OSError, UnicodeDecodeError, csv.Error) as unreadable:
        raise CatalogueError(f"{path}: {unreadable}") from unreadable
    return tuple(found.values())


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank, with its line; a `CatalogueError` for other columns."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, delimiter=";")
        header = next(rows, [])
        if tuple(header) != COLUMNS:
            wrong = sorted(set(header) ^ set(COLUMNS)) or header
            raise CatalogueError(f"{path}: line 1: columns must be {';'.join(COLUMNS)} ({', '.join(wrong)})")
        for cells in rows:
            if any(cells):
                yield rows.line_num, cells


def _read_row(cells: Sequence[str], catalogue: Catalogue, regions: Collection[str]) -> Rebasing:
    if len(cells) != len(COLUMNS):
        raise ValueError(f"{len(cells)} cells, {len(COLUMNS)} expected")
    perimeter, name, code, day, reason = (cell.strip() for cell in cells)
    _known(perimeter, regions)
    indicator = catalogue[name]
    since = Period.parse(code)
    if since.frequency is not indicator.frequency:
        raise ValueError(f"a_partir_de: {code} is no {indicator.frequency}, in which {name} is collected")
    try:
        decided_on = date.fromisoformat(day)
    except ValueError:
        raise ValueError(f"decidee_le: {day or 'nothing'} is not a day (2026-10-01)") from None
    if not reason:
        raise ValueError("motif: a decision must say its reason")
    return Rebasing(perimeter, indicator.id, since, decided_on, reason)


def _known(code: str, regions: Collection[str]) -> None:
    """Refuse a perimeter that is written wrong, a region or a kind that does not exist."""
    level, separator, name = code.partition(":")
    match level:
        case Level.NETWORK if not separator:
            known = True
        case Level.REGION:
            known = name in regions
        case Level.KIND:
            known = name in KINDS
        case Level.GROUP:
            known = bool(name) and slug(name) == name
        case _:
            known = bool(level) and not separator and not any(map(str.isspace, level))
    if not known:
        raise UnknownError("perimeter", code)
