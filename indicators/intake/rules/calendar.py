"""Periods and structures: what is collected, from whom, when (B01, B02, B03, B06, I09)."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from indicators.definitions.campaigns import State, campaign
from indicators.definitions.periods import Frequency, Period
from indicators.intake.rules.rule import Facts, Rule, Rules, looked_up
from schemas.structures import KINDS

CAMPAIGN: Final = {"state": pl.String, "opens": pl.Date, "locks": pl.Date, "approved_by": pl.String}


def with_calendar(rules: Rules, typed: pl.DataFrame) -> Facts:
    """Put beside each row the facts of its period, of its structure, and of the campaign that collects it."""
    periods = [Period.parse(code) for code in typed["period"].unique().drop_nulls().sort()]
    excepted = sorted({structure for _, structure in rules.reading.campaigns.exceptions})
    spans = looked_up(_spans(periods), "period:place")
    owners = looked_up(rules.reading.once("owners", lambda: _owners(rules, excepted)), "structure:place")
    # The campaigns of everybody come first, then those of each structure that has an exception.
    campaigns = looked_up(_campaigns(rules, periods, [None, *excepted]), "campaign:place")
    place = pl.col("period:place") + pl.col("excepted") * len(periods)
    then = _kinds_then(rules, periods)

    def beside(lines: pl.LazyFrame) -> pl.LazyFrame:
        found = lines.with_columns(*spans, *owners).with_columns(place.alias("campaign:place")).with_columns(campaigns)
        if then.is_empty():
            return found
        known = [pl.coalesce(f"{name}:then", name).alias(name) for name in ("kind", "kind_bit")]
        joined = found.join(then.lazy(), on=["structure", "period"], how="left", maintain_order="left")
        return joined.with_columns(known).drop("kind:then", "kind_bit:then")

    return beside


def _kinds_then(rules: Rules, periods: Sequence[Period]) -> pl.DataFrame:
    """What the structures that changed were in each period: structure, period, `kind:then`, `kind_bit:then`."""
    structures = rules.reading.structures
    rows = [
        (changed, period.code, kind, 1 << KINDS.index(kind))
        for period in periods
        for changed in structures.past
        for kind in [structures.at(period.end)[changed].kind]
    ]
    schema = {"structure": pl.String, "period": pl.String, "kind:then": pl.String, "kind_bit:then": pl.UInt32}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _spans(periods: Sequence[Period]) -> pl.DataFrame:
    return pl.DataFrame(
        [(period.start, period.frequency.value) for period in periods],
        schema={"period_start": pl.Date, "period_frequency": pl.String},
        orient="row",
    )


def _owners(rules: Rules, excepted: Sequence[str]) -> pl.DataFrame:
    """What the rules need of each structure; `excepted` is its place, from 1, among those with a late exception."""
    places = {structure: place for place, structure in enumerate(excepted, start=1)}
    return pl.DataFrame(
        [
            (s.kind, 1 << KINDS.index(s.kind), s.opened_on, s.closed_on, places.get(s.id, 0))
            for s in rules.reading.structures.by_id.values()
        ],
        schema={
            "kind": pl.String,
            "kind_bit": pl.UInt32,
            "opened_on": pl.Date,
            "closed_on": pl.Date,
            "excepted": pl.UInt32,
        },
        orient="row",
    )


def _campaigns(rules: Rules, periods: Sequence[Period], structures: Sequence[str | None]) -> pl.DataFrame:
    rows = []
    for structure in structures:
        for period in periods:
            found = campaign(rules.reading, period, structure, rules.today)
            rows.append((found.state(rules.today).value, found.opens, found.locks, found.approved_by))
    return pl.DataFrame(rows, schema=CAMPAIGN, orient="row")


def calendar_rules(rules: Rules) -> list[Rule]:
    """A row is of a period that is over and being collected, of a structure open then and whom it concerns.

    A figure may always be given for the whole year, as the year's own.
    """
    yearly = pl.col("period_frequency") == Frequency.YEAR.value
    # Of an indicator that is not known, a period may be any that is collected.
    collectable = yearly | (pl.col("period_frequency") == pl.col("frequency")).fill_null(value=True)
    collected, wanted = rules.collected.period, pl.col("wanted")
    if collected is not None:
        ended = [Period.latest_ended(collected.end, frequency).code for frequency in Frequency]
        year = Period.latest_ended(collected.end, Frequency.YEAR)
        known = (pl.col("period") == wanted) | pl.col("period").is_in([year.code, collected.code])
        collectable &= pl.when(wanted.is_null()).then(pl.col("period").is_in([*ended, collected.code])).otherwise(known)
        wanted = pl.coalesce(wanted, pl.lit(collected.code))
    facts = {name: pl.col(name) for name in CAMPAIGN}
    opened, closed = pl.col("opened_on"), pl.col("closed_on")
    shut = (opened > pl.col("period_end")).fill_null(value=False) | (closed < pl.col("period_start"))
    return [
        Rule("B01", ~collectable, "period", values={"wanted": wanted}),
        Rule("B02", pl.col("state").is_in([State.FUTURE.value, State.LOCKED.value]), "period", values=facts),
        Rule("B03", pl.col("state") == State.APPROVED.value, "period", values=facts),
        Rule("B06", pl.col("kinds") & pl.col("kind_bit") == 0, "indicator", values={"kind": pl.col("kind")}),
        Rule("I09", shut, "period", values={"opened": opened, "closed": closed}),
    ]
