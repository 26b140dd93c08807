"""The structures of a perimeter compared on one indicator, once chance is allowed for: a funnel, never a ranking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from indicators.catalogue import Audience, Indicator
from indicators.figures import Status, why_absent
from indicators.judgement.funnel import Funnel, Verdict, funnel
from indicators.network import Reading
from indicators.perimeters import Perimeter
from indicators.periods import Frequency, Period, Span
from indicators.questions.spread import spread

CASE_MIX: Final = ("women_share", "minimum_income_share")
"""Indicators that tell whom a structure welcomes: beside every rate, so that nobody compares the incomparable."""
COUNTS: Final = ("structure", "numerator", "denominator", "value", "status")


@dataclass(frozen=True, eq=False)
class Comparison:
    """One indicator of the structures of a perimeter in one period.

    `rows` has one row a structure that the indicator concerns, by structure code: structure, numerator, denominator,
    value, status, verdict (`Verdict`), side and widened, the last three null for who has no point in the funnel.
    `left_out` has those: structure, reason (a `Status`, or a `LeftOut`). The funnel is null where the indicator is no
    proportion of whole counts: its structures cannot be told from chance.
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


def comparison(
    reading: Reading,
    perimeter: Perimeter,
    kind: str | None,
    indicator: Indicator,
    period: Span,
    audience: Audience,
    today: date,
) -> Comparison:
    """Compare the structures of a perimeter, of one kind if it is named; figures leave the store protected."""
    name = ("comparison", perimeter, kind, indicator.id, period, audience, today)
    return reading.once(name, lambda: _compare(reading, perimeter, kind, indicator, period, audience, today))


def _compare(
    reading: Reading,
    perimeter: Perimeter,
    kind: str | None,
    indicator: Indicator,
    period: Span,
    audience: Audience,
    today: date,
) -> Comparison:
    concerned = concerned_by(reading, perimeter, kind, indicator)
    found = spread(reading, perimeter, indicator, period, audience, today).filter(pl.col("structure").is_in(concerned))
    known = set(found["structure"])
    absent = [
        (structure, why_absent(indicator, period, reading.structures[structure], today).value)
        for structure in concerned
        if structure not in known
    ]
    others = pl.DataFrame(absent, schema={"structure": pl.String, "status": pl.String}, orient="row")
    rows = pl.concat([found.select(COUNTS), others], how="diagonal").sort("structure")
    if not (indicator.capped and indicator.numerator_whole and indicator.aggregation == "ratio"):
        nothing = pl.lit(None, pl.String)
        left_out = rows.filter(pl.col("value").is_null()).select("structure", reason="status")
        return Comparison(
            indicator, period, None, rows.with_columns(verdict=nothing, side=nothing, widened=nothing), left_out
        )
    return _against_each_other(indicator, period, rows)


def _against_each_other(indicator: Indicator, period: Span, rows: pl.DataFrame) -> Comparison:
    """Put the rows that have whole counts in a funnel; say of each other one why it is left out."""
    cases, total = pl.col("numerator"), pl.col("denominator")
    counted = (cases >= 0) & (cases <= total) & (cases == cases.round()) & (total == total.round())
    sound = pl.when(counted.fill_null(value=False) & pl.col("value").is_not_null())
    drawn = funnel(
        rows.select("structure", sound.then(cases).alias("numerator"), sound.then(total).alias("denominator"))
    )
    points = drawn.points.select("structure", pl.col("verdict", "side", "widened").cast(pl.String))
    reason = pl.when(pl.col("status") != Status.OK).then("status").otherwise(pl.col("reason").cast(pl.String))
    left_out = rows.join(drawn.excluded, on="structure").select("structure", reason.alias("reason"))
    few = drawn.points.filter(pl.col("verdict") == Verdict.TOO_FEW).select(
        "structure", pl.col("verdict").cast(pl.String).alias("reason")
    )
    return Comparison(
        indicator,
        period,
        drawn,
        rows.join(points, on="structure", how="left", maintain_order="left"),
        pl.concat([left_out, few]).sort("structure"),
    )


def concerned_by(reading: Reading, perimeter: Perimeter, kind: str | None, indicator: Indicator) -> list[str]:
    """Return the structures of a perimeter, and of a kind if one is named, to which an indicator applies."""
    owners = (reading.structures[member] for member in reading.structures.members(perimeter))
    return [s.id for s in owners if (kind is None or s.kind == kind) and indicator.applies_to(s.kind)]


def case_mix(reading: Reading, perimeter: Perimeter, quarter: Period, audience: Audience, today: date) -> pl.DataFrame:
    """Return whom the structures of a perimeter welcome: structure, and the value of each indicator of `CASE_MIX`.

    Each is of its newest period over by the end of the quarter; null where it is not shown.
    """

    def ask() -> pl.DataFrame:
        mixed = pl.DataFrame({"structure": reading.structures.members(perimeter)})
        for name in CASE_MIX:
            sheet = reading.catalogue[name]
            period = Period.latest_ended(quarter.end, sheet.frequency)
            found = spread(reading, perimeter, sheet, period, audience, today)
            values = found.select("structure", pl.col("value").alias(name))
            mixed = mixed.join(values, on="structure", how="left", maintain_order="left")
        return mixed

    return reading.once(("case mix", perimeter, quarter, audience, today), ask)


def matrix(
    reading: Reading,
    perimeter: Perimeter,
    kind: str | None,
    indicators: Sequence[Indicator],
    quarter: Period,
    audience: Audience,
    today: date,
) -> dict[str, Comparison]:
    """Return the comparison of each indicator that is a proportion, in its newest period over by a quarter's end."""
    found = {}
    for sheet in indicators:
        if sheet.capped and sheet.numerator_whole and sheet.aggregation == "ratio" and audience.sees(sheet.audience):
            period = Period.latest_ended(quarter.end, Frequency(sheet.frequency))
            found[sheet.id] = comparison(reading, perimeter, kind, sheet, period, audience, today)
    return found
