"""What an archive holds, row by row, with the source that stands in the comment of each: nothing is added up."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Period
from indicators.definitions.targets import Target
from indicators.snapshot import QueryContext
from schemas.bodies import MEETINGS_PER_YEAR


@dataclass(frozen=True)
class PublishedRow:
    """A published figure; what was not published of it is null."""

    structure: str
    indicator: Indicator
    period: Period
    numerator: float | None
    denominator: float | None
    value: float | None
    source: str


@dataclass(frozen=True)
class PublishedBody:
    """A body that meets, and how often in a year."""

    name: str
    recurrence: str
    meetings_per_year: int
    roles: str


def find_published_rows(context: QueryContext, structures: Collection[str]) -> Sequence[PublishedRow]:
    """Return what was published of structures, in the order of their codes and of the catalogue; nothing to the public.

    The rows are those that were deposited, before any disclosure control: only who sees management reads them.
    """
    if not context.audience.sees(Audience.MANAGEMENT):
        return ()
    catalogue = context.snapshot.catalogue
    places = {indicator.id: place for place, indicator in enumerate(catalogue)}
    rows = [
        PublishedRow(
            row["structure"],
            catalogue[row["indicator"]],
            Period.parse(row["period"]),
            row["numerator"],
            row["denominator"],
            row["value"],
            row["comment"] or "",
        )
        for row in context.snapshot.current_rows("measures").iter_rows(named=True)
        if row["structure"] in structures
    ]
    return sorted(rows, key=lambda row: (row.structure, places[row.indicator.id], row.period.start))


def find_published_bodies(context: QueryContext, structure: str) -> Sequence[PublishedBody]:
    """Return the bodies of a structure, the most frequent first; nothing to the public."""
    if not context.audience.sees(Audience.MANAGEMENT):
        return ()
    rows = context.snapshot.current_rows("corps").iter_rows(named=True)
    bodies = [
        PublishedBody(row["body"], row["recurrence"], MEETINGS_PER_YEAR[row["recurrence"]], row["roles"] or "")
        for row in rows
        if row["structure"] == structure
    ]
    return sorted(bodies, key=lambda body: (-body.meetings_per_year, body.name))


def find_published_targets(context: QueryContext, structure: str) -> Sequence[Target]:
    """Return the targets of a structure that the reader may see, latest first."""
    return [
        target
        for target in context.snapshot.targets
        if target.perimeter == Perimeter(Level.STRUCTURE, structure).code
        and context.audience.sees(context.snapshot.catalogue[target.indicator].audience)
    ]
