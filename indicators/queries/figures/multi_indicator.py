"""Figures of some structures for several indicators or periods. Not a ranking."""

from collections.abc import Mapping, Sequence

from indicators.definitions.periods import Span
from indicators.disclosure import CountsOfStructures, Figures, RequestedSpans, publishable
from indicators.snapshot import QueryContext


def figures_of_structures(
    context: QueryContext, structures: Sequence[str], spans_by_indicator: Mapping[str, Sequence[Span]]
) -> Figures:
    """Return one row per structure × indicator × span with a known outcome: structure, indicator, period, numerator,
    denominator, value, status.

    The spans of one indicator are all of its own frequency, or all longer. Withheld figures have no counts and no
    value. Cohorts in follow-up on the context's day, sums with a missing period and indicators that the audience may
    not see have no row.
    """
    return publishable(
        CountsOfStructures(context.snapshot, structures),
        RequestedSpans(spans_by_indicator, context.today),
        context.audience,
    )
