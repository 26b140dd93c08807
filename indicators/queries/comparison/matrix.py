"""Structures by indicators, each figure told from the whole of those compared: what is read in a cell, never its rank.

What needs everybody is asked once for each version of the store and is small: the reference of each indicator. The
figures themselves are asked of the structures in view alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Structure
from indicators.definitions.periods import Period, Span
from indicators.figures.time_steps import Step, latest_ended, steps_of
from indicators.judgement.funnel import placed, reference
from indicators.network import Reading
from indicators.queries.comparison.funnel_comparison import READ, comparison, is_compared, whole_counts
from indicators.queries.comparison.scope import Among
from indicators.queries.figures.multi_indicator import alongside


@dataclass(frozen=True)
class Column:
    """An indicator in one span, with what its figures are told from: the ratio of the sums, and τ² where they differ
    by more than chance."""

    indicator: Indicator
    period: Span
    share: float
    between: float


def span_of(indicator: Indicator, quarter: Period, *, rolling: bool) -> Span:
    """Return the newest span over by the end of a quarter: four quarters where it has them and they are asked for."""
    if rolling and Step.ROLLING in steps_of(indicator):
        return latest_ended(Step.ROLLING, quarter.end)
    return Period.latest_ended(quarter.end, indicator.frequency)


def columns(
    reading: Reading, among: Among, quarter: Period, audience: Audience, today: date, *, rolling: bool = False
) -> Sequence[Column]:
    """Return a column for each indicator on which at least two of the structures can be compared, as on a board."""
    name = ("matrix", among, quarter, audience, today, rolling)
    return reading.once(name, lambda: _columns(reading, among, quarter, audience, today, rolling=rolling))


def _columns(
    reading: Reading, among: Among, quarter: Period, audience: Audience, today: date, *, rolling: bool
) -> Sequence[Column]:
    structures = among.structures(reading, on=quarter.end)
    kinds = {structure.kind for structure in structures}
    sheets = [s for s in reading.catalogue.seen_by(audience) if is_compared(s) and any(map(s.applies_to, kinds))]
    spans = {sheet.id: span_of(sheet, quarter, rolling=rolling) for sheet in sheets}
    found = _figures(reading, structures, spans, audience, today)
    told = []
    for sheet in sheets:
        share, between = reference(whole_counts(found.filter(pl.col("indicator") == sheet.id)))
        if share is not None:
            told.append(Column(sheet, spans[sheet.id], share, between))
    return told


def cells(
    reading: Reading, shown: Sequence[Column], structures: Sequence[Structure], audience: Audience, today: date
) -> pl.DataFrame:
    """Return one row a structure × indicator of which something is known: structure, indicator, value, status, and
    verdict, side and widened as a `Comparison` has them."""
    known_by = tuple((column.indicator.id, column.period, column.share, column.between) for column in shown)
    name = ("cells", known_by, tuple(structure.id for structure in structures), audience, today)
    return reading.once(name, lambda: _cells(reading, shown, structures, audience, today))


def _cells(
    reading: Reading, shown: Sequence[Column], structures: Sequence[Structure], audience: Audience, today: date
) -> pl.DataFrame:
    spans = {column.indicator.id: column.period for column in shown}
    found = _figures(reading, structures, spans, audience, today)
    told = [found.clear().with_columns(pl.lit(None, pl.String).alias(name) for name in READ)]
    for column in shown:
        rows = found.filter(pl.col("indicator") == column.indicator.id)
        points = placed(whole_counts(rows), column.share, column.between)
        told.append(rows.join(points.select("structure", pl.col(READ).cast(pl.String)), on="structure", how="left"))
    return pl.concat(told).select("structure", "indicator", "value", "status", *READ)


def _figures(
    reading: Reading, structures: Sequence[Structure], spans: dict[str, Span], audience: Audience, today: date
) -> pl.DataFrame:
    """Return what is shown of structures, of each those indicators alone that concern its kind."""
    asked = {name: [span] for name, span in spans.items()}
    found = alongside(reading, [structure.id for structure in structures], asked, audience, today)
    of_kind = pl.DataFrame([(s.id, s.kind) for s in structures], schema=["structure", "kind"], orient="row")
    concerned = pl.DataFrame(
        [
            (kind, name)
            for kind in sorted({s.kind for s in structures})
            for name in spans
            if reading.catalogue[name].applies_to(kind)
        ],
        schema={"kind": pl.String, "indicator": pl.String},
        orient="row",
    )
    pairs = of_kind.cast(pl.String).join(concerned, on="kind")
    return found.join(pairs, on=["structure", "indicator"], how="semi", maintain_order="left")


def by_reading(
    reading: Reading, among: Among, indicator: Indicator, period: Span, audience: Audience, today: date
) -> list[Structure]:
    """Return the structures by what is read of one indicator, signals first, and then by name; others last."""
    compared = comparison(reading, among, indicator, period, audience, today).in_order()["structure"]
    then = reading.structures.at(period.end)
    first = [then[structure] for structure in compared]
    known = set(compared)
    others = among.structures(reading, on=period.end)
    return first + [structure for structure in others if structure.id not in known]
