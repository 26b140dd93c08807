"""Figures of some structures for several indicators or periods, after disclosure control. Not a ranking."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.periods import Frequency, Period, Span
from indicators.disclosure.control import suppress
from indicators.figures.aggregation import pool_cohorts
from indicators.figures.time_steps import component_periods
from indicators.figures.values import compute_values
from indicators.queries.figures.counts import counts_by_structure
from indicators.queries.figures.figures import is_read_whole
from indicators.queries.figures.over_time import aggregate_figures
from indicators.queries.figures.suppression import structure_mask
from indicators.snapshot import Snapshot

SpansByIndicator = Mapping[str, Sequence[Span]]
"""Spans requested, by indicator id: all of the indicator's own frequency, or all longer."""
FIGURE_COLUMNS = ("structure", "indicator", "period", "numerator", "denominator", "value", "status")
FEW: Final = 8
"""Indicators of which all that everybody counted is kept: one with those that sums link it to. The whole catalogue
would weigh too much."""
FIGURE_SCHEMA = dict.fromkeys(FIGURE_COLUMNS, pl.String) | dict.fromkeys(
    ("numerator", "denominator", "value"), pl.Float64
)


def figures_of_structures(
    snapshot: Snapshot, structures: Sequence[str], spans_by_indicator: SpansByIndicator, audience: Audience, today: date
) -> pl.DataFrame:
    """Return one row per structure × indicator × span with a known outcome: `FIGURE_COLUMNS`.

    Withheld figures have no counts and no value. Cohorts in follow-up on the day `today`, sums with a missing period
    and indicators that the audience may not see have no row.
    """
    visible = {
        name: spans
        for name, spans in spans_by_indicator.items()
        if spans and audience.sees(snapshot.catalogue[name].audience)
    }
    own_frequency = {
        name: spans for name, spans in visible.items() if _is_own_frequency(snapshot.catalogue[name], spans[0])
    }
    longer = {name: spans for name, spans in visible.items() if name not in own_frequency}
    frames = [_of_own_frequency(snapshot, structures, own_frequency, audience, today)] if own_frequency else []
    frames += [
        _over_longer_spans(snapshot, structures, snapshot.catalogue[name], longer[name], audience) for name in longer
    ]
    rows = [frame.select(pl.col(FIGURE_COLUMNS)) for frame in frames]
    return pl.concat(rows) if rows else pl.DataFrame(schema=FIGURE_SCHEMA)


def _is_own_frequency(indicator: Indicator, span: Span) -> bool:
    return isinstance(span, Period) and span.frequency is indicator.frequency


def _of_own_frequency(
    snapshot: Snapshot, structures: Sequence[str], spans_by_indicator: SpansByIndicator, audience: Audience, today: date
) -> pl.DataFrame:
    """Query all indicators at once, since the suppression of a sum's terms is decided together."""
    catalogue = snapshot.catalogue
    complete_spans = {
        linked: [span for span in spans if _is_complete(catalogue[name], span, today)]
        for name, spans in spans_by_indicator.items()
        for linked in catalogue.with_linked([name])
    }
    parts = {
        name: {part for span in spans for part in component_periods(span, catalogue[name])}
        for name, spans in complete_spans.items()
    }
    counts = _counts(snapshot, structures, parts)
    sheets = [catalogue[name] for name in complete_spans]
    counts = pool_cohorts(counts, sheets, per_structure=True).join(
        _pairs(complete_spans), on=["indicator", "period"], how="semi"
    )
    own_figures = compute_values(counts, sheets, per_structure=True)
    extra_mask = _extra_mask(snapshot, audience, {span for spans in complete_spans.values() for span in spans})
    figures = suppress(own_figures, catalogue, audience, extra_mask=extra_mask)
    return figures.filter(pl.col("indicator").is_in(list(spans_by_indicator)))


def _is_complete(indicator: Indicator, span: Span, today: date) -> bool:
    followed_until = indicator.followed_until(span) if isinstance(span, Period) else None
    return followed_until is None or today > followed_until


def _over_longer_spans(
    snapshot: Snapshot, structures: Sequence[str], indicator: Indicator, spans: Sequence[Span], audience: Audience
) -> pl.DataFrame:
    """Aggregate an indicator over spans longer than its own frequency."""
    parts = {span: component_periods(span, indicator) for span in spans}
    needed = {part for periods in parts.values() for part in periods}
    # A deposited year is that year's figure; its suppression needs its quarters too.
    years = {span for span in spans if isinstance(span, Period) and span.frequency is Frequency.YEAR}
    linked = snapshot.catalogue.with_linked([indicator.id])
    counts = _counts(snapshot, structures, dict.fromkeys(linked, needed | years))
    extra_mask = _extra_mask(snapshot, audience, needed | years)
    return aggregate_figures(
        counts, indicator, snapshot.catalogue, audience, parts, consolidated=False, extra_mask=extra_mask
    )


def _extra_mask(snapshot: Snapshot, audience: Audience, spans: Collection[Span]) -> pl.DataFrame | None:
    """Return the figures of structures withheld in some spans to protect their totals."""
    ends = [span.end for span in spans] or [date.max]
    return structure_mask(snapshot, audience, min(ends), max(ends))


def _counts(snapshot: Snapshot, structures: Sequence[str], parts: Mapping[str, set[Period]]) -> pl.DataFrame:
    """Return the counts of the structures for each indicator in its periods."""
    periods = {period for component_set in parts.values() for period in component_set}
    ends = [period.end for period in periods] or [date.max]
    codes = [period.code for period in periods]
    if len(parts) <= FEW and is_read_whole(snapshot) and set(structures) == snapshot.structures.by_id.keys():
        counts = _of_everybody(snapshot, sorted(parts))
    else:
        counts = counts_by_structure(snapshot, structures, list(parts), codes, min(ends), max(ends))
    return counts.join(_pairs(parts), on=["indicator", "period"], how="semi", maintain_order="left")


def _of_everybody(reading: Snapshot, names: Sequence[str]) -> pl.DataFrame:
    """Return what all structures counted of some indicators in all periods: the next quarter is then looked up."""

    def ask() -> pl.DataFrame:
        reported = reading.cached("periods", lambda: reading.query("reported_periods"))["period"]
        codes = sorted({*reported, *reading.register_counts["period"]})
        return counts_by_structure(reading, list(reading.structures.by_id), names, codes, date.min, date.max)

    return reading.cached(("side by side", tuple(names)), ask)


def _pairs(spans: Mapping[str, Sequence[Span] | set[Period]]) -> pl.DataFrame:
    """Return one row per indicator × span, by the span's code."""
    return pl.DataFrame(
        [(name, span.code) for name, indicator_spans in spans.items() for span in indicator_spans],
        schema={"indicator": pl.String, "period": pl.String},
        orient="row",
    )
