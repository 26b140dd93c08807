"""Peers of a structure: same kind, similar size, same region; conditions are relaxed, and reported, if too few match.

Their figures over time are shown side by side on one scale, sorted by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import NETWORK, Structure
from indicators.definitions.periods import Period, Span
from indicators.figures.time_steps import component_periods
from indicators.judgement.comparison import MIN_REFERENCE_CONTRIBUTORS
from indicators.queries.comparison.scope import ComparisonScope, sort_by_name
from indicators.queries.figures.by_structure import figures_by_structure
from indicators.queries.figures.multi_indicator import figures_of_structures
from indicators.snapshot import QueryContext, per_version

SIZE_INDICATORS: Final = (("fte_realised", "value"), ("women_share", "denominator"))
"""Measures of a structure's size, the first known one applies: its full-time equivalents, or else the people behind its
share of women. Peers are compared by the same measure."""
MAX_SIZE_RATIO: Final = 2.0
"""Maximum size ratio: peers are from half as large to twice as large."""
MIN_PEERS: Final = 5
"""Minimum of peers; below, conditions are relaxed: first the region, then the size."""
MAX_PEERS: Final = 23
"""Maximum of peers shown beside a structure: the nearest in size, or else the first by name."""


@dataclass(frozen=True)
class Peers:
    """The peers of a structure, itself included, sorted by name, with the conditions that they meet."""

    structure: Structure
    members: Sequence[Structure]
    same_region: bool
    size: float | None
    """Its size; null if unknown or if too few peers are of similar size."""
    size_indicator: str
    """The indicator of `SIZE_INDICATORS` by which size is measured."""
    omitted: int
    """Number of peers that meet the conditions and are not shown."""


def find_peers(context: QueryContext, structure: Structure, quarter: Period) -> Peers:
    """Return the peers of a structure as of a quarter."""
    structure = context.snapshot.structures.as_of(quarter.end)[structure.id]
    same_kind = [
        s
        for s in ComparisonScope(kinds=(structure.kind,)).structures(context.snapshot, on=quarter.end)
        if s.is_open_during(quarter)
    ]
    others = [s for s in same_kind if s.id != structure.id]
    sizes_by_indicator = [(name, _sizes(context, name, column, quarter)) for name, column in SIZE_INDICATORS]
    size_indicator, sizes = next(
        ((name, found) for name, found in sizes_by_indicator if structure.id in found), sizes_by_indicator[0]
    )
    own_size = sizes.get(structure.id)
    same_size = [
        s for s in others if own_size and 1 / MAX_SIZE_RATIO <= sizes.get(s.id, 0.0) / own_size <= MAX_SIZE_RATIO
    ]
    same_size_and_region = [s for s in same_size if s.region == structure.region]
    same_region, is_same_size, candidates = next(
        (
            (region, size, matching)
            for region, size, matching in (
                (True, True, same_size_and_region),
                (False, True, same_size),
                (True, False, [s for s in others if s.region == structure.region]),
            )
            if len(matching) >= MIN_PEERS
        ),
        (False, False, others),
    )
    nearest = candidates
    if len(candidates) > MAX_PEERS and own_size:
        nearest = sorted(
            candidates, key=lambda s: abs(log(sizes[s.id] / own_size)) if sizes.get(s.id) else float("inf")
        )
    nearest = nearest[:MAX_PEERS]
    members = sort_by_name(context.snapshot, [structure, *nearest])
    return Peers(
        structure,
        members,
        same_region,
        own_size if is_same_size else None,
        size_indicator,
        len(candidates) - len(nearest),
    )


@per_version
def _sizes(context: QueryContext, name: str, column: str, quarter: Period) -> Mapping[str, float]:
    """Return a column of an indicator's figures by structure, where shown and positive."""
    sheet = context.snapshot.catalogue.indicators.get(name)
    if sheet is None:
        return {}
    period = Period.latest_ended(quarter.end, sheet.frequency)
    figures = figures_by_structure(context, NETWORK, sheet, period).filter(pl.col(column) > 0)
    return dict(figures.rows.select("structure", column).iter_rows())


@per_version
def peer_histories(
    context: QueryContext, structures: Sequence[Structure], indicator: Indicator, spans: Sequence[Span]
) -> pl.DataFrame:
    """Return the figures of structures over spans: structure, period, numerator, denominator, value, status."""
    readable = [span for span in spans if component_periods(span, indicator)]
    codes = [structure.id for structure in structures]
    return figures_of_structures(context, codes, {indicator.id: readable}).rows.drop("indicator")


def group_rates(histories: pl.DataFrame) -> dict[str, float]:
    """Return the ratio of the sums of the figures shown, by span code; only spans with at least two contributors."""
    with_cases = histories.filter(pl.col("numerator").is_not_null() & (pl.col("denominator") > 0))
    sums = with_cases.group_by("period").agg(pl.col("numerator", "denominator").sum(), pl.len().alias("contributors"))
    shared = sums.filter(pl.col("contributors") >= MIN_REFERENCE_CONTRIBUTORS)
    return dict(shared.select("period", pl.col("numerator") / pl.col("denominator")).iter_rows())
