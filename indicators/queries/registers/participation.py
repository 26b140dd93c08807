"""Occasions of participation of some structures in a year, for those who may see their registers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from indicators.definitions.perimeters import Perimeter
from indicators.definitions.periods import Period
from indicators.figures.assemblies_and_boards import count_assemblies_and_boards
from indicators.queries.comparison.scope import sort_by_name
from indicators.snapshot import Snapshot, per_version
from schemas.participation import DIMENSIONS, PARTICIPATION
from schemas.requests import REQUESTS

MAX_ROWS: Final = 100_000
"""Rows of a list that is taken away whole."""
WITHOUT_DIMENSION: Final = "none"
OCCASION_INDICATOR: Final = "psve_actions"


@dataclass(frozen=True)
class RegisterScope:
    """The structures of which registers are read, and the days between which something was written in them."""

    structures: frozenset[str]
    since: date
    until: date

    @classmethod
    def of_year(cls, structures: Collection[str], year: int) -> "RegisterScope":
        """Return the scope of some structures in a year."""
        return cls(frozenset(structures), date(year, 1, 1), date(year, 12, 31))

    def parameters(self, snapshot: Snapshot) -> Mapping[str, Any]:
        """Return the values bound to a query: binding thousands of codes costs more than reading all rows."""
        return {**structure_parameters(snapshot, self.structures), "since": self.since, "until": self.until}

    def by_name(self, snapshot: Snapshot) -> list[str]:
        """Return the structures in the order of their names, by which lists of several are sorted; none for one."""
        if len(self.structures) < 2:
            return []
        return [each.id for each in sort_by_name(snapshot, map(snapshot.structures.__getitem__, self.structures))]


@dataclass(frozen=True)
class OccasionFilter:
    """Which occasions are listed: of one form, of one dimension (`WITHOUT_DIMENSION`: of none); null for any."""

    form: str | None = None
    dimension: str | None = None


@dataclass(frozen=True)
class DimensionTotals:
    """The occasions of one dimension: how many, how many people came, of them in pathway, hours, and how it was
    prepared (of those of which it is known)."""

    dimension: str
    occasions: int
    present: int | None
    in_pathway: int | None
    hours: float | None
    invited_apart: int
    prepared: int
    known_prepared: int


def structure_parameters(snapshot: Snapshot, structures: Collection[str]) -> Mapping[str, Any]:
    """Return the values bound to a query for the structures that it is about; their lowest and highest ids limit what
    is read of a register before its rows in force are found."""
    is_everyone = len(structures) == len(snapshot.structures)
    return {
        "everyone": is_everyone,
        "structures": [""] if is_everyone else sorted(structures),
        "lowest": min(structures, default=""),
        "highest": max(structures, default=""),
    }


@per_version
def register_years(snapshot: Snapshot, structures: frozenset[str]) -> list[int]:
    """Return the years of which registers of participation or of requests of some structures speak, newest first."""
    if not (snapshot.may_hold(PARTICIPATION) or snapshot.may_hold(REQUESTS)):
        return []
    return snapshot.query("participation_years", **structure_parameters(snapshot, structures))["year"].to_list()


def list_occasions(
    snapshot: Snapshot, scope: RegisterScope, chosen: OccasionFilter, rows: int = MAX_ROWS, first: int = 0
) -> tuple[pl.DataFrame, int]:
    """Return a page of the occasions that a filter leaves, newest first, and how many there are in all."""
    found = snapshot.query(
        "occasions",
        **scope.parameters(snapshot),
        form=chosen.form,
        dimension=chosen.dimension,
        by_name=scope.by_name(snapshot),
        rows=rows,
        first=first,
    )
    return found.drop("total"), found["total"][0] if found.height else 0


@per_version
def dimension_totals(snapshot: Snapshot, scope: RegisterScope) -> list[DimensionTotals]:
    """Return the totals of each of the four dimensions, empty ones too, and of the occasions without one, if any."""
    rows = snapshot.query("occasions_by_dimension", **scope.parameters(snapshot))
    found = {row["dimension"]: DimensionTotals(**row) for row in rows.iter_rows(named=True)}
    named = [found.get(name, DimensionTotals(name, 0, None, None, None, 0, 0, 0)) for name in DIMENSIONS.values()]
    return named + [totals for name, totals in found.items() if name == WITHOUT_DIMENSION]


def assemblies_and_boards(snapshot: Snapshot, scope: RegisterScope) -> pl.DataFrame:
    """Return the assemblies and the compositions of boards that say how many were eligible, oldest first."""
    return _all_assemblies_and_boards(snapshot).filter(
        pl.col("structure").is_in(sorted(scope.structures)) & pl.col("held_on").is_between(scope.since, scope.until)
    )


@per_version
def _all_assemblies_and_boards(snapshot: Snapshot) -> pl.DataFrame:
    return snapshot.query("assemblies_and_boards")


def counted_in_registers(rows: pl.DataFrame, indicator: str) -> tuple[int, int, int]:
    """Return numerator, denominator and number of structures of what registers count of an indicator."""
    counted = count_assemblies_and_boards(rows).filter(pl.col("indicator") == indicator)
    return int(counted["numerator"].sum()), int(counted["denominator"].sum()), counted["structure"].n_unique()


def yearly_minimum(snapshot: Snapshot, perimeter: Perimeter, year: int) -> int | None:
    """Return how many occasions the network, or whoever is nearer, expects of a structure in a year."""
    target = snapshot.target(perimeter, OCCASION_INDICATOR, Period.parse(str(year)))
    return round(target.value) if target is not None and target.is_of_years else None
