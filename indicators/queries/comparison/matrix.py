"""Structure × indicator matrix; each cell holds the funnel verdict against the group reference. Not a ranking.

The reference of each indicator needs all structures: it is small and cached for the store's version. The figures are
queried for the structures in view only.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import Structure
from indicators.definitions.periods import Period, Span
from indicators.figures.time_steps import TimeStep, available_steps, latest_ended
from indicators.judgement.funnel import place_in_funnel, reference
from indicators.queries.comparison.funnel_comparison import (
    VERDICT_COLUMNS,
    compare_structures,
    integer_counts,
    is_comparable,
)
from indicators.queries.comparison.scope import ComparisonScope
from indicators.queries.figures.multi_indicator import figures_of_structures
from indicators.snapshot import QueryContext, per_version


@dataclass(frozen=True)
class MatrixColumn:
    """An indicator in one span with its reference (the ratio of the sums) and τ², 0 unless over-dispersed."""

    indicator: Indicator
    period: Span
    share: float
    between_variance: float


def latest_span(indicator: Indicator, quarter: Period, *, rolling: bool) -> Span:
    """Return an indicator's newest span over by the end of a quarter; with `rolling`, four quarters if available."""
    if rolling and TimeStep.ROLLING in available_steps(indicator):
        return latest_ended(TimeStep.ROLLING, quarter.end)
    return Period.latest_ended(quarter.end, indicator.frequency)


@per_version
def matrix_columns(
    context: QueryContext,
    scope: ComparisonScope,
    quarter: Period,
    *,
    rolling: bool = False,
) -> Sequence[MatrixColumn]:
    """Return a column for each indicator on which at least two structures can be compared, in the board's order."""
    structures = scope.structures(context.snapshot, on=quarter.end)
    kinds = {structure.kind for structure in structures}
    sheets = [
        s
        for s in context.snapshot.catalogue.visible_to(context.audience)
        if is_comparable(s) and any(map(s.applies_to, kinds))
    ]
    spans = {sheet.id: latest_span(sheet, quarter, rolling=rolling) for sheet in sheets}
    figures = _figures(context, structures, spans)
    result = []
    for sheet in sheets:
        share, between = reference(integer_counts(figures.filter(pl.col("indicator") == sheet.id)))
        if share is not None:
            result.append(MatrixColumn(sheet, spans[sheet.id], share, between))
    return result


@per_version
def matrix_cells(context: QueryContext, shown: Sequence[MatrixColumn], structures: Sequence[Structure]) -> pl.DataFrame:
    """Return one row per structure × indicator with a known outcome: structure, indicator, value, its numerator and
    denominator, status, verdict, side and widened, as in a `Comparison`."""
    spans = {column.indicator.id: column.period for column in shown}
    figures = _figures(context, structures, spans)
    frames = [figures.clear().with_columns(pl.lit(None, pl.String).alias(name) for name in VERDICT_COLUMNS)]
    for column in shown:
        rows = figures.filter(pl.col("indicator") == column.indicator.id)
        points = place_in_funnel(integer_counts(rows), column.share, column.between_variance)
        frames.append(
            rows.join(points.select("structure", pl.col(VERDICT_COLUMNS).cast(pl.String)), on="structure", how="left")
        )
    return pl.concat(frames).select(
        "structure", "indicator", "value", "numerator", "denominator", "status", *VERDICT_COLUMNS
    )


def _figures(context: QueryContext, structures: Sequence[Structure], spans: dict[str, Span]) -> pl.DataFrame:
    """Return the figures of structures, limited to the indicators that apply to the kind of each."""
    spans_by_indicator = {name: [span] for name, span in spans.items()}
    rows = figures_of_structures(context, [structure.id for structure in structures], spans_by_indicator).rows
    of_kind = pl.DataFrame([(s.id, s.kind) for s in structures], schema=["structure", "kind"], orient="row")
    applicable = pl.DataFrame(
        [
            (kind, name)
            for kind in sorted({s.kind for s in structures})
            for name in spans
            if context.snapshot.catalogue[name].applies_to(kind)
        ],
        schema={"kind": pl.String, "indicator": pl.String},
        orient="row",
    )
    pairs = of_kind.cast(pl.String).join(applicable, on="kind")
    return rows.join(pairs, on=["structure", "indicator"], how="semi", maintain_order="left")


def sort_by_verdict(
    context: QueryContext, scope: ComparisonScope, indicator: Indicator, period: Span
) -> list[Structure]:
    """Return the structures sorted by their verdict on one indicator (signals first), then by name; others last."""
    plotted = compare_structures(context, scope, indicator, period).rows_by_verdict()["structure"]
    as_of_day = context.snapshot.structures.as_of(period.end)
    first = [as_of_day[structure] for structure in plotted]
    plotted_ids = set(plotted)
    others = scope.structures(context.snapshot, on=period.end)
    return first + [structure for structure in others if structure.id not in plotted_ids]
