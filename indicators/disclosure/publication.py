"""The one door of disclosure control: raw counts go in, figures that an audience may see come out.

The rules and their order: docs/disclosure.md.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, final

import polars as pl

from indicators.answer_cache import detach
from indicators.definitions.catalogue import Audience, Catalogue, Indicator
from indicators.definitions.periods import Frequency, Period, Span
from indicators.disclosure.choices import add_up_shown
from indicators.disclosure.complementary import PART
from indicators.disclosure.control import (
    SENSITIVE_COLUMNS,
    apply_structure_rules,
    blank_counts,
    suppress,
    suppress_totals,
)
from indicators.disclosure.counting import (
    CountsOfParts,
    CountsOfPerimeter,
    CountsOfStructures,
    CountSource,
)
from indicators.disclosure.over_time import aggregate_figures
from indicators.disclosure.raw_count_rows import raw_count_rows
from indicators.disclosure.register_counts import count_registers
from indicators.disclosure.suppression_masks import structure_mask, total_mask
from indicators.disclosure.thresholds import SuppressionRule
from indicators.figures.aggregation import pool_cohorts
from indicators.figures.figure import Status
from indicators.figures.time_steps import component_periods
from indicators.figures.values import compute_values
from indicators.snapshot import Snapshot

SPAN_COLUMNS: Final = {
    "structure": pl.String,
    "indicator": pl.String,
    "period": pl.String,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "value": pl.Float64,
    "status": pl.String,
}
"""Columns of the figures of structures over some spans."""


class _Seal:
    """What only this module has: no figures are made elsewhere."""


_SEAL: Final = _Seal()


@final
class Figures:
    """Rows of figures that one audience may see: of a withheld one, no count and no value is left.

    Only `publishable` makes them. What is made of figures is made of their `rows`, and can reveal no more than they do.
    """

    __slots__ = ("rows",)

    def __init__(self, rows: pl.DataFrame, seal: _Seal) -> None:
        """Take rows after disclosure control; a `TypeError` anywhere but in this module."""
        if seal is not _SEAL:
            raise TypeError("only `publishable` makes figures")
        self.rows: Final = rows

    def filter(self, *conditions: pl.Expr) -> "Figures":
        """Return the figures whose rows meet some conditions."""
        return Figures(self.rows.filter(*conditions), _SEAL)

    def drop(self, *columns: str) -> "Figures":
        """Return the figures without some columns."""
        return Figures(self.rows.drop(*columns), _SEAL)

    def select(self, *columns: str) -> "Figures":
        """Return the figures with some columns only."""
        return Figures(self.rows.select(*columns), _SEAL)

    def sort(self, *columns: str) -> "Figures":
        """Return the figures sorted by some columns."""
        return Figures(self.rows.sort(*columns), _SEAL)

    def with_status(self, status: Status) -> "Figures":
        """Return the figures as absences with this status, without any count."""
        blank = blank_counts(self.rows, pl.lit(value=True))
        return Figures(blank.with_columns(pl.lit(status.value).alias("status")), _SEAL)

    def with_absences(self, absences: pl.DataFrame) -> "Figures":
        """Add rows without counts: keys and a status; other columns are a `ValueError`."""
        if {*absences.columns} & {*SENSITIVE_COLUMNS} or not {*absences.columns} <= {*self.rows.columns}:
            raise ValueError(f"absences have keys and a status: {absences.columns}")
        missing = [pl.lit(None, kind).alias(n) for n, kind in self.rows.schema.items() if n not in absences.columns]
        rows = pl.concat([self.rows, absences.with_columns(missing).select(self.rows.columns)])
        return Figures(rows, _SEAL)

    def detached(self) -> "Figures":
        """Return the same figures in buffers of their own, to be cached."""
        return Figures(detach(self.rows), _SEAL)


@dataclass(frozen=True)
class ReportedPeriods:
    """Scope of a question: all reported periods of some indicators that end between two days."""

    indicator_ids: Sequence[str]
    since: date = date.min
    until: date = date.max


@dataclass(frozen=True)
class RequestedSpans:
    """Scope of a question: some spans of some indicators, by their ids.

    The spans of one indicator are all of its own frequency, or all longer (a year of quarters, four rolling quarters).
    Of its own frequency, a cohort in follow-up on the day `today` has no row.
    """

    spans_by_indicator: Mapping[str, Sequence[Span]]
    today: date = date.max


Scope = ReportedPeriods | RequestedSpans


def publishable(counts: CountSource, scope: Scope, audience: Audience) -> Figures:
    """Return the figures of a scope that an audience may see; indicators that it may not see have no row.

    What decides of them is fetched beside what is asked: the other terms of a sum, the year beside its quarters, the
    other structures and perimeters of a total.

    Over `ReportedPeriods`, one row is one indicator × one period: the keys of the counts, numerator, denominator,
    value, contributors, largest_share, from_register, status. Over `RequestedSpans`, one row is one structure ×
    indicator × span with a known outcome: the keys, numerator, denominator, value, status; of a perimeter, without the
    structure. A sum with a missing period has no row. Of a choice of structures, `made_of` names those whose figures
    are shown and added up.
    """
    if isinstance(counts, CountsOfPerimeter) and (chosen := counts.perimeter.chosen):
        return _of_choice(counts.snapshot, chosen, scope, audience)
    match scope:
        case ReportedPeriods():
            rows = _over_reported_periods(counts, scope, audience)
        case RequestedSpans():
            rows = _over_spans(counts, scope, audience)
    return Figures(rows, _SEAL)


def _of_choice(snapshot: Snapshot, chosen: Sequence[str], scope: Scope, audience: Audience) -> Figures:
    """Add up what each structure of a choice shows, for any audience: what it may not see of one is not in the sum."""
    shown = publishable(CountsOfStructures(snapshot, chosen), scope, audience)
    registers = raw_count_rows(count_registers(snapshot)).filter(~pl.col("mixed"))
    registers = registers.select("structure", "indicator").unique()
    sheets = [snapshot.catalogue[name] for name in shown.rows["indicator"].unique()]
    return Figures(add_up_shown(shown.rows, sheets, registers), _SEAL)


def withholding_rules(
    counts: CountsOfPerimeter, indicator_ids: Sequence[str], audience: Audience
) -> Mapping[tuple[str, str], SuppressionRule]:
    """Return the first rule by which each figure of a perimeter is withheld from an audience, by indicator and period.

    For those who see the figures themselves: the rule reveals something of what it hides (METHODS 6.8).
    """
    snapshot, perimeter, days = counts.snapshot, counts.perimeter, (date.min, date.max)
    if counts.per_structure:
        sheets = _linked_sheets(snapshot.catalogue, indicator_ids)
        values = compute_values(raw_count_rows(counts.between(sheets, *days)), sheets, per_structure=True)
        mask = structure_mask(snapshot, audience, *days, perimeter.name)
        withheld = apply_structure_rules(values, snapshot.catalogue, audience, extra_mask=mask).filter("hidden")
    elif (mask := total_mask(snapshot, perimeter.level, audience, *days)) is not None:
        withheld = mask.filter(pl.col(PART) == perimeter.name)
    else:
        return {}
    rows = withheld.filter(pl.col("indicator").is_in(list(indicator_ids))).select("indicator", "period", "rule")
    return {(indicator, period): SuppressionRule(rule) for indicator, period, rule in rows.iter_rows()}


def _linked_sheets(catalogue: Catalogue, indicator_ids: Sequence[str]) -> list[Indicator]:
    """Return the sheets of indicators and of those that sums link to them: what is hidden of one depends on all."""
    return [catalogue[name] for name in catalogue.with_linked(indicator_ids)]


def _visible_ids(catalogue: Catalogue, indicator_ids: Sequence[str], audience: Audience) -> list[str]:
    return [name for name in indicator_ids if audience.sees(catalogue[name].audience)]


def _over_reported_periods(counts: CountSource, scope: ReportedPeriods, audience: Audience) -> pl.DataFrame:
    catalogue, since, until = counts.snapshot.catalogue, scope.since, scope.until
    visible_ids = _visible_ids(catalogue, scope.indicator_ids, audience)
    sheets = _linked_sheets(catalogue, visible_ids)
    raw_counts = raw_count_rows(counts.between(sheets, since, until))
    # What is hidden of a quarter, of its year, and of the others in their totals is decided for whole years.
    years = (since.replace(month=1, day=1), until.replace(month=12, day=31))
    if years != (since, until) and _includes_deposited_years(raw_counts, sheets):
        raw_counts = raw_count_rows(counts.between(sheets, *years))
    figures = _controlled(counts, raw_counts, sheets, audience, *years)
    return figures.filter(pl.col("indicator").is_in(visible_ids) & pl.col("period_end").is_between(since, until))


def _includes_deposited_years(raw_counts: pl.DataFrame, sheets: Sequence[Indicator]) -> bool:
    quarterly = [sheet.id for sheet in sheets if sheet.frequency is Frequency.QUARTER]
    return bool(raw_counts.filter(pl.col("indicator").is_in(quarterly) & ~pl.col("period").str.contains("-T")).height)


def _controlled(
    counts: CountSource,
    raw_counts: pl.DataFrame,
    sheets: Sequence[Indicator],
    audience: Audience,
    since: date,
    until: date,
) -> pl.DataFrame:
    """Compute the values of counts in periods of their own, and withhold what an audience may not see."""
    values = compute_values(raw_counts, sheets, per_structure=counts.per_structure)
    catalogue, mask = counts.snapshot.catalogue, _mask(counts, audience, since, until)
    if counts.per_structure:
        return suppress(values, catalogue, audience, extra_mask=mask)
    return suppress_totals(values, catalogue, audience, mask)


def _mask(counts: CountSource, audience: Audience, since: date, until: date) -> pl.DataFrame | None:
    """Return what is withheld of these figures for what they reveal of others, in the years of two days at least."""
    snapshot = counts.snapshot
    match counts:
        case CountsOfStructures():
            return structure_mask(snapshot, audience, since, until)
        case CountsOfPerimeter(perimeter=perimeter) if counts.per_structure:
            return structure_mask(snapshot, audience, since, until, perimeter.name)
        case CountsOfPerimeter(perimeter=perimeter):
            mask = total_mask(snapshot, perimeter.level, audience, since, until)
            return None if mask is None else mask.filter(pl.col(PART) == perimeter.name).drop(PART, "rule")
        case CountsOfParts(level=level):
            mask = total_mask(snapshot, level, audience, since, until)
            return None if mask is None else mask.drop("rule")


def _over_spans(counts: CountSource, scope: RequestedSpans, audience: Audience) -> pl.DataFrame:
    catalogue = counts.snapshot.catalogue
    visible_ids = _visible_ids(catalogue, [name for name, spans in scope.spans_by_indicator.items() if spans], audience)
    spans_by_indicator = {name: scope.spans_by_indicator[name] for name in visible_ids}
    own_spans = {
        name: spans for name, spans in spans_by_indicator.items() if _is_own_frequency(catalogue[name], spans[0])
    }
    frames = [_over_own_spans(counts, own_spans, audience, scope.today)] if own_spans else []
    frames += [
        _over_longer_spans(counts, catalogue[name], spans, audience)
        for name, spans in spans_by_indicator.items()
        if name not in own_spans
    ]
    columns = [name for name in SPAN_COLUMNS if name != "structure" or isinstance(counts, CountsOfStructures)]
    # The figure of a perimeter also tells of how many structures it is made.
    columns += [] if isinstance(counts, CountsOfStructures) else ["contributors", "largest_share", "from_register"]
    return pl.concat([frame.select(columns) for frame in frames]) if frames else pl.DataFrame(schema=SPAN_COLUMNS)


def _is_own_frequency(indicator: Indicator, span: Span) -> bool:
    return isinstance(span, Period) and span.frequency is indicator.frequency


def _over_own_spans(
    counts: CountSource, spans_by_indicator: Mapping[str, Sequence[Span]], audience: Audience, today: date
) -> pl.DataFrame:
    """Control the figures of all indicators at once: what is hidden of a term of a sum depends on the others."""
    catalogue = counts.snapshot.catalogue
    complete_spans = {
        linked: [span for span in spans if _is_complete(catalogue[linked], span, today)]
        for name, spans in spans_by_indicator.items()
        for linked in catalogue.with_linked([name])
    }
    parts = {
        name: {part for span in spans for part in component_periods(span, catalogue[name])}
        for name, spans in complete_spans.items()
    }
    sheets = [catalogue[name] for name in complete_spans]
    raw_counts = _count_spans(counts, parts)
    if isinstance(counts, CountsOfStructures):
        raw_counts = pool_cohorts(raw_counts, sheets, per_structure=True)
    raw_counts = raw_counts.join(_pairs(complete_spans), on=["indicator", "period"], how="semi", maintain_order="left")
    figures = _controlled(
        counts, raw_counts, sheets, audience, *_days({span for spans in complete_spans.values() for span in spans})
    )
    return figures.filter(pl.col("indicator").is_in(list(spans_by_indicator)))


def _is_complete(indicator: Indicator, span: Span, today: date) -> bool:
    followed_until = indicator.followed_until(span) if isinstance(span, Period) else None
    return followed_until is None or today > followed_until


def _over_longer_spans(
    counts: CountSource, indicator: Indicator, spans: Sequence[Span], audience: Audience
) -> pl.DataFrame:
    """Add an indicator up over spans longer than its own frequency."""
    catalogue = counts.snapshot.catalogue
    parts = {span: component_periods(span, indicator) for span in spans}
    # A deposited year is that year's figure; what is hidden of it depends on its quarters.
    years = {span for span in spans if isinstance(span, Period) and span.frequency is Frequency.YEAR}
    periods = {*years, *(part for component_set in parts.values() for part in component_set)}
    linked = catalogue.with_linked([indicator.id])
    raw_counts = _count_spans(counts, dict.fromkeys(linked, periods))
    own_figures = _controlled(counts, raw_counts, [catalogue[name] for name in linked], audience, *_days(periods))
    return aggregate_figures(raw_counts, own_figures, indicator, parts, per_structure=counts.per_structure)


def _days(spans: Collection[Span]) -> tuple[date, date]:
    """Return the first and the last of the days on which spans end."""
    ends = [span.end for span in spans] or [date.max]
    return min(ends), max(ends)


def _count_spans(counts: CountSource, parts: Mapping[str, set[Period]]) -> pl.DataFrame:
    """Return the raw counts of each indicator in its periods."""
    periods = {period for component_set in parts.values() for period in component_set}
    if isinstance(counts, CountsOfStructures):
        raw_counts = raw_count_rows(counts.of_periods(list(parts), periods))
    else:
        sheets = [counts.snapshot.catalogue[name] for name in parts]
        raw_counts = raw_count_rows(counts.between(sheets, *_days(periods)))
    return raw_counts.join(_pairs(parts), on=["indicator", "period"], how="semi", maintain_order="left")


def _pairs(spans: Mapping[str, Sequence[Span] | set[Period]]) -> pl.DataFrame:
    """Return one row per indicator × span, by the span's code."""
    return pl.DataFrame(
        [(name, span.code) for name, indicator_spans in spans.items() for span in indicator_spans],
        schema={"indicator": pl.String, "period": pl.String},
        orient="row",
    )
