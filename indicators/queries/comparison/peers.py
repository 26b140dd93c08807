"""The peers of a structure: of its kind, of about its size, of its territory; which of these had to be let go is said.

Their figures over time stand side by side on one scale, in the order of names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import log
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import NETWORK, Structure
from indicators.definitions.periods import Period, Span
from indicators.figures.time_steps import parts_of
from indicators.judgement.comparison import FEWEST_SHARING
from indicators.network import Reading
from indicators.queries.comparison.scope import Among, by_name
from indicators.queries.figures.by_structure import spread
from indicators.queries.figures.multi_indicator import alongside

SIZED_BY: Final = (("fte_realised", "value"), ("women_share", "denominator"))
"""What says how large a structure is, the first that is known of it: its full-time equivalents, or else the people of
whom it counts the women. Peers are those of about its size by the same."""
BAND: Final = 2.0
"""Peers are from half as large to twice as large."""
ENOUGH: Final = 5
"""Peers under which one of the conditions is let go: first the territory, then the size."""
MOST: Final = 23
"""Peers shown beside a structure; of more, those nearest to it in size, or else the first names."""


@dataclass(frozen=True)
class Peers:
    """Whom a structure is shown beside, itself included, in the order of names; and why them."""

    structure: Structure
    members: Sequence[Structure]
    same_region: bool
    size: float | None
    """Its size; none where it is not known or too few peers are of about that size."""
    sized_by: str
    """The indicator of `SIZED_BY` that says so."""
    more: int
    """Peers of the same conditions that are not shown."""


def peers(reading: Reading, structure: Structure, quarter: Period, audience: Audience, today: date) -> Peers:
    """Return the peers of a structure as of a quarter."""
    structure = reading.structures.at(quarter.end)[structure.id]
    kind = [s for s in Among(kinds=(structure.kind,)).structures(reading, on=quarter.end) if s.open_during(quarter)]
    others = [s for s in kind if s.id != structure.id]
    known = [(name, _sizes(reading, name, column, quarter, audience, today)) for name, column in SIZED_BY]
    sized_by, sizes = next(((name, found) for name, found in known if structure.id in found), known[0])
    own = sizes.get(structure.id)
    sized = [s for s in others if own and 1 / BAND <= sizes.get(s.id, 0.0) / own <= BAND]
    near = [s for s in sized if s.region == structure.region]
    same_region, of_size, found = next(
        (
            (region, size, several)
            for region, size, several in (
                (True, True, near),
                (False, True, sized),
                (True, False, [s for s in others if s.region == structure.region]),
            )
            if len(several) >= ENOUGH
        ),
        (False, False, others),
    )
    kept = found
    if len(found) > MOST and own:
        kept = sorted(found, key=lambda s: abs(log(sizes[s.id] / own)) if sizes.get(s.id) else float("inf"))
    kept = kept[:MOST]
    members = by_name(reading, [structure, *kept])
    return Peers(structure, members, same_region, own if of_size else None, sized_by, len(found) - len(kept))


def _sizes(
    reading: Reading, name: str, column: str, quarter: Period, audience: Audience, today: date
) -> Mapping[str, float]:
    """Return what the column of an indicator says of the structures of which it is shown, and is not nothing."""

    def ask() -> Mapping[str, float]:
        sheet = reading.catalogue.indicators.get(name)
        if sheet is None:
            return {}
        period = Period.latest_ended(quarter.end, sheet.frequency)
        found = spread(reading, NETWORK, sheet, period, audience, today).filter(pl.col(column) > 0)
        return dict(found.select("structure", column).iter_rows())

    return reading.once(("sizes", name, quarter, audience, today), ask)


def histories(
    reading: Reading,
    structures: Sequence[Structure],
    indicator: Indicator,
    spans: Sequence[Span],
    audience: Audience,
    today: date,
) -> pl.DataFrame:
    """Return the figures of structures over spans: structure, period, numerator, denominator, value, status."""
    readable = [span for span in spans if parts_of(span, indicator)]
    codes = [structure.id for structure in structures]

    def ask() -> pl.DataFrame:
        return alongside(reading, codes, {indicator.id: readable}, audience, today).drop("indicator")

    return reading.once(("histories", tuple(codes), indicator.id, tuple(readable), audience, today), ask)


def together(histories: pl.DataFrame) -> dict[str, float]:
    """Return the ratio of the sums of what is shown, by the code of each span to which at least two contribute."""
    counted = histories.filter(pl.col("numerator").is_not_null() & (pl.col("denominator") > 0))
    sums = counted.group_by("period").agg(pl.col("numerator", "denominator").sum(), pl.len().alias("contributors"))
    shares = sums.filter(pl.col("contributors") >= FEWEST_SHARING)
    return dict(shares.select("period", pl.col("numerator") / pl.col("denominator")).iter_rows())
