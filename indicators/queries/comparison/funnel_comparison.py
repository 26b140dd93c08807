"""The structures of a perimeter compared on one indicator, once chance is allowed for: a funnel, never a ranking."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

import polars as pl

from indicators.answer_cache import AnswerCache
from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Structure
from indicators.definitions.periods import Span
from indicators.figures.figure import Status, why_absent
from indicators.figures.time_steps import adds_across_definitions
from indicators.judgement.funnel import Funnel, LeftOut, Verdict, funnel
from indicators.network import Reading
from indicators.queries.comparison.scope import Among
from indicators.queries.figures.by_structure import spread

KEPT_UP_TO: Final = 400
"""Structures of a network up to which its comparisons are kept with the other answers: some 60 KB each."""
KEPT_LARGE: Final = 8
"""Comparisons of a larger network that are kept, up to 1 MB each: those of the readers of the moment."""
COUNTS: Final = ("structure", "numerator", "denominator", "value", "status")
READ: Final = ("verdict", "side", "widened")


class Outside(StrEnum):
    """Why a structure has no figure that could be compared, beside the reasons of `Status` and `LeftOut`."""

    CLOSED = "closed"
    NOT_OPEN = "not_open"
    """It opened after the period."""
    REDEFINED = "redefined"
    """The period adds up quarters of two definitions."""


REASONS: Final = (
    Verdict.TOO_FEW,
    Status.WITHHELD,
    Status.MISSING,
    Status.NOT_DUE,
    Status.NOT_APPLICABLE,
    Outside.CLOSED,
    Outside.NOT_OPEN,
    Outside.REDEFINED,
    LeftOut.NO_COUNTS,
    LeftOut.NO_CASES,
    LeftOut.ALONE,
)
"""Why a structure is left out of a comparison, in the order in which it is said."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """One indicator of some structures in one period.

    `rows` has one row a structure that the indicator concerns, in the order of names: structure, numerator,
    denominator, value, status, verdict (`Verdict`), side and widened, the last three null for who has no point in the
    funnel. `left_out` has one row a structure that is not told from the others: structure, reason (of `REASONS`), in
    the same order. The funnel is null where the indicator is no rate of people: `indicator.case_kind` says what its
    cases are, and so why they are not compared.
    """

    indicator: Indicator
    period: Span
    funnel: Funnel | None
    rows: pl.DataFrame
    left_out: pl.DataFrame

    @property
    def compared(self) -> pl.DataFrame:
        """The rows of those that have a point."""
        return self.rows.filter(pl.col("verdict").is_not_null())

    def in_order(self) -> pl.DataFrame:
        """Return the rows that have a value by reading, signals first, and then by name: never by value."""
        places = {verdict: place for place, verdict in enumerate(ORDER)}
        place = pl.col("verdict").replace_strict(places, default=len(ORDER), return_dtype=pl.Int8)
        return self.rows.filter(pl.col("value").is_not_null()).sort(place, maintain_order=True)


ORDER: Final = (Verdict.SIGNAL, Verdict.WATCH, Verdict.ORDINARY, Verdict.TOO_FEW)
"""Readings in the order of a table."""


def is_compared(indicator: Indicator) -> bool:
    """Whether it is a rate of people: of a complete count, of hours or euros chance is not that of draws."""
    return indicator.sampled


def comparison(
    reading: Reading, among: Among, indicator: Indicator, period: Span, audience: Audience, today: date
) -> Comparison:
    """Compare structures with the ratio of the sums of those whose figures the audience sees.

    Figures leave the store protected: a withheld one has no part in the reference either, from which it could be found.
    """
    name = ("comparison", among, indicator.id, period, audience, today)

    def ask() -> Comparison:
        return _compare(reading, among, indicator, period, audience, today)

    if len(reading.structures) <= KEPT_UP_TO:
        return reading.once(name, ask)
    return reading.once("large comparisons", lambda: AnswerCache(KEPT_LARGE)).get_or_compute(name, ask)


def _compare(
    reading: Reading, among: Among, indicator: Indicator, period: Span, audience: Audience, today: date
) -> Comparison:
    concerned = among.structures(reading, indicator, period.end)
    found = spread(reading, among.perimeter, indicator, period, audience, today)
    everybody = pl.DataFrame({"structure": [structure.id for structure in concerned]}, schema={"structure": pl.String})
    rows = everybody.join(found.select(COUNTS), on="structure", how="left", maintain_order="left")
    unknown = set(rows.filter(pl.col("status").is_null())["structure"])
    absent = {s.id: _why(indicator, period, s, today) for s in concerned if s.id in unknown}
    said = pl.col("structure").replace_strict(absent, default=None, return_dtype=pl.String)
    reason = rows.select("structure", pl.coalesce("status", said).alias("reason"))
    rows = rows.with_columns(
        pl.coalesce("status", said.replace({value.value: Status.NOT_APPLICABLE.value for value in Outside}))
    )
    if not is_compared(indicator):
        unread = rows.with_columns(pl.lit(None, pl.String).alias(name) for name in READ)
        silent = reason.filter(unread["value"].is_null())
        return Comparison(indicator, period, None, unread, silent)
    return _told_apart(indicator, period, rows, reason)


def _why(indicator: Indicator, period: Span, structure: Structure, today: date) -> str:
    """Tell why a structure reported nothing: closed, not open yet, a new definition, or else as `why_absent` says."""
    if structure.closed_on is not None and structure.closed_on < period.start:
        return Outside.CLOSED.value
    if structure.opened_on is not None and structure.opened_on > period.end:
        return Outside.NOT_OPEN.value
    if adds_across_definitions(period, indicator):
        return Outside.REDEFINED.value
    return why_absent(indicator, period, structure, today).value


def _told_apart(indicator: Indicator, period: Span, rows: pl.DataFrame, reason: pl.DataFrame) -> Comparison:
    """Put the rows that have whole counts in a funnel; say of each other one why it is left out."""
    drawn = funnel(whole_counts(rows))
    points = drawn.points.select("structure", pl.col(READ).cast(pl.String))
    rows = rows.join(points, on="structure", how="left", maintain_order="left")
    few = pl.when(pl.col("verdict") == Verdict.TOO_FEW).then(pl.lit(Verdict.TOO_FEW.value))
    absent = pl.when(pl.col("reason") != Status.OK).then("reason")
    left_out = (
        rows.select("structure", "verdict", reason["reason"])
        .join(drawn.excluded.rename({"reason": "because"}), on="structure", how="left", maintain_order="left")
        .select("structure", pl.coalesce(few, absent, pl.col("because").cast(pl.String)).alias("reason"))
        .filter(pl.col("reason").is_not_null())
    )
    return Comparison(indicator, period, drawn, rows, left_out)


def whole_counts(rows: pl.DataFrame) -> pl.DataFrame:
    """Return structure, numerator and denominator of rows, null where they are not the counts of a part of a whole."""
    cases, total = pl.col("numerator"), pl.col("denominator")
    counted = (cases >= 0) & (cases <= total) & (cases == cases.round()) & (total == total.round())
    sound = pl.when(counted.fill_null(value=False) & pl.col("value").is_not_null())
    return rows.select("structure", sound.then(cases).alias("numerator"), sound.then(total).alias("denominator"))
