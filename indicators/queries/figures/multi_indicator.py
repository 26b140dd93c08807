"""Several indicators, or several periods of one, of some structures side by side; protected, in no order of merit."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.periods import Frequency, Period, Span
from indicators.disclosure.control import protect
from indicators.figures.aggregation import over_time, pooled
from indicators.figures.time_steps import parts_of
from indicators.figures.values import valued
from indicators.network import Reading
from indicators.queries.figures.counts import side_by_side
from indicators.queries.figures.figures import is_read_whole
from indicators.queries.figures.suppression import withheld_structures

Asked = Mapping[str, Sequence[Span]]
"""Of each indicator, by its id, the spans wanted: all of its own frequency, or all longer."""
COLUMNS = ("structure", "indicator", "period", "numerator", "denominator", "value", "status")
FEW: Final = 8
"""Indicators of which all that everybody counted is kept: one with those that sums link it to. The whole catalogue
would weigh too much."""
SCHEMA = dict.fromkeys(COLUMNS, pl.String) | dict.fromkeys(("numerator", "denominator", "value"), pl.Float64)


def alongside(
    reading: Reading, structures: Sequence[str], asked: Asked, audience: Audience, today: date
) -> pl.DataFrame:
    """Return one row a structure × indicator × span of which something is known: `COLUMNS`.

    What is withheld has no counts and no value. Cohorts that are still followed on the day `today`, sums that lack a
    part and indicators that the audience may not see have no row.
    """
    seen = {name: spans for name, spans in asked.items() if spans and audience.sees(reading.catalogue[name].audience)}
    own = {name: spans for name, spans in seen.items() if _is_own(reading.catalogue[name], spans[0])}
    longer = {name: spans for name, spans in seen.items() if name not in own}
    found = [_of_own_frequency(reading, structures, own, audience, today)] if own else []
    found += [_longer(reading, structures, reading.catalogue[name], longer[name], audience) for name in longer]
    rows = [frame.select(pl.col(COLUMNS)) for frame in found]
    return pl.concat(rows) if rows else pl.DataFrame(schema=SCHEMA)


def _is_own(indicator: Indicator, span: Span) -> bool:
    return isinstance(span, Period) and span.frequency is indicator.frequency


def _of_own_frequency(
    reading: Reading, structures: Sequence[str], asked: Asked, audience: Audience, today: date
) -> pl.DataFrame:
    """Ask all the indicators at once; a part of a sum is withheld or shown with the others in view."""
    catalogue = reading.catalogue
    wanted = {
        linked: [span for span in spans if _over(catalogue[name], span, today)]
        for name, spans in asked.items()
        for linked in catalogue.linked([name])
    }
    parts = {
        name: {part for span in spans for part in parts_of(span, catalogue[name])} for name, spans in wanted.items()
    }
    counts = _counts(reading, structures, parts)
    sheets = [catalogue[name] for name in wanted]
    counts = pooled(counts, sheets, single=True).join(_pairs(wanted), on=["indicator", "period"], how="semi")
    alone = valued(counts, sheets, single=True)
    too = _withheld(reading, audience, {span for spans in wanted.values() for span in spans})
    figures = protect(alone, catalogue, audience, withheld_too=too)
    return figures.filter(pl.col("indicator").is_in(list(asked)))


def _over(indicator: Indicator, span: Span, today: date) -> bool:
    followed = indicator.followed_until(span) if isinstance(span, Period) else None
    return followed is None or today > followed


def _longer(
    reading: Reading, structures: Sequence[str], indicator: Indicator, spans: Sequence[Span], audience: Audience
) -> pl.DataFrame:
    """Add up an indicator over spans longer than its own frequency."""
    parts = {span: parts_of(span, indicator) for span in spans}
    needed = {part for several in parts.values() for part in several}
    # A year deposited as such is that year's figure; it is protected with its quarters in view.
    years = {span for span in spans if isinstance(span, Period) and span.frequency is Frequency.YEAR}
    linked = reading.catalogue.linked([indicator.id])
    counts = _counts(reading, structures, dict.fromkeys(linked, needed | years))
    too = _withheld(reading, audience, needed | years)
    return over_time(counts, indicator, reading.catalogue, audience, parts, consolidated=False, withheld_too=too)


def _withheld(reading: Reading, audience: Audience, spans: Collection[Span]) -> pl.DataFrame | None:
    """Return what is withheld of structures in some spans for what the totals that add them up show."""
    ends = [span.end for span in spans] or [date.max]
    return withheld_structures(reading, audience, min(ends), max(ends))


def _counts(reading: Reading, structures: Sequence[str], parts: Mapping[str, set[Period]]) -> pl.DataFrame:
    """Return what the structures counted of each indicator in its periods."""
    periods = {period for several in parts.values() for period in several}
    ends = [period.end for period in periods] or [date.max]
    codes = [period.code for period in periods]
    if len(parts) <= FEW and is_read_whole(reading) and set(structures) == reading.structures.by_id.keys():
        found = _of_everybody(reading, sorted(parts))
    else:
        found = side_by_side(reading, structures, list(parts), codes, min(ends), max(ends))
    return found.join(_pairs(parts), on=["indicator", "period"], how="semi", maintain_order="left")


def _of_everybody(reading: Reading, names: Sequence[str]) -> pl.DataFrame:
    """Return what all structures counted of some indicators in all periods: the next quarter is then looked up."""

    def ask() -> pl.DataFrame:
        reported = reading.once("periods", lambda: reading.ask("reported_periods"))["period"]
        codes = sorted({*reported, *reading.register_counts["period"]})
        return side_by_side(reading, list(reading.structures.by_id), names, codes, date.min, date.max)

    return reading.once(("side by side", tuple(names)), ask)


def _pairs(spans: Mapping[str, Sequence[Span] | set[Period]]) -> pl.DataFrame:
    """One row an indicator × span, by the span's code."""
    return pl.DataFrame(
        [(name, span.code) for name, several in spans.items() for span in several],
        schema={"indicator": pl.String, "period": pl.String},
        orient="row",
    )
