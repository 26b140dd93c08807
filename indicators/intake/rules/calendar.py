"""Rules on periods and structures: whether a row is collected, from that structure, now (B01, B02, B03, B06, I09)."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from indicators.definitions.campaigns import CampaignState
from indicators.definitions.periods import Frequency, Period
from indicators.intake.rules.rule import AddColumns, Rule, RuleRun, gather_columns
from indicators.snapshot import Snapshot, per_version
from schemas.structures import STRUCTURE_KINDS

CAMPAIGN_SCHEMA: Final = {"state": pl.String, "opens": pl.Date, "locks": pl.Date, "approved_by": pl.String}


def calendar_columns(run: RuleRun, rows: pl.DataFrame) -> AddColumns:
    """Return the function that adds to rows the facts of their period, structure and campaign."""
    periods = [Period.parse(code) for code in rows["period"].unique().drop_nulls().sort()]
    structures_with_exception = sorted({structure for _, structure in run.snapshot.campaigns.exceptions})
    period_columns = gather_columns(_period_frame(periods), "period:place")
    structure_columns = gather_columns(_structure_frame(run.snapshot, structures_with_exception), "structure:place")
    # The general campaigns come first, then those of each structure that has an exception.
    campaign_columns = gather_columns(
        _campaign_frame(run, periods, [None, *structures_with_exception]), "campaign:place"
    )
    campaign_place = pl.col("period:place") + pl.col("excepted") * len(periods)
    past_kinds = _kinds_by_period(run, periods)

    def add_columns(lines: pl.LazyFrame) -> pl.LazyFrame:
        enriched = (
            lines.with_columns(*period_columns, *structure_columns)
            .with_columns(campaign_place.alias("campaign:place"))
            .with_columns(campaign_columns)
        )
        if past_kinds.is_empty():
            return enriched
        kinds = [pl.coalesce(f"{name}:then", name).alias(name) for name in ("kind", "kind_bit")]
        joined = enriched.join(past_kinds.lazy(), on=["structure", "period"], how="left", maintain_order="left")
        return joined.with_columns(kinds).drop("kind:then", "kind_bit:then")

    return add_columns


def _kinds_by_period(run: RuleRun, periods: Sequence[Period]) -> pl.DataFrame:
    """Return the kind of the changed structures in each period: structure, period, `kind:then`, `kind_bit:then`."""
    structures = run.snapshot.structures
    rows = [
        (structure, period.code, kind, 1 << STRUCTURE_KINDS.index(kind))
        for period in periods
        for structure in structures.changed
        for kind in [structures.as_of(period.end)[structure].kind]
    ]
    schema = {"structure": pl.String, "period": pl.String, "kind:then": pl.String, "kind_bit:then": pl.UInt32}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _period_frame(periods: Sequence[Period]) -> pl.DataFrame:
    return pl.DataFrame(
        [(period.start, period.frequency.value) for period in periods],
        schema={"period_start": pl.Date, "period_frequency": pl.String},
        orient="row",
    )


@per_version
def _structure_frame(snapshot: Snapshot, structures_with_exception: Sequence[str]) -> pl.DataFrame:
    """Return what the rules need of each structure; `excepted`: its position, from 1, among those with an exception."""
    places = {structure: place for place, structure in enumerate(structures_with_exception, start=1)}
    return pl.DataFrame(
        [
            (s.kind, 1 << STRUCTURE_KINDS.index(s.kind), s.opened_on, s.closed_on, places.get(s.id, 0))
            for s in snapshot.structures.by_id.values()
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


def _campaign_frame(run: RuleRun, periods: Sequence[Period], structures: Sequence[str | None]) -> pl.DataFrame:
    rows = []
    for structure in structures:
        for period in periods:
            campaign = run.snapshot.campaigns.in_force(period, structure, run.today)
            rows.append((campaign.state(run.today).value, campaign.opens, campaign.locks, campaign.approved_by))
    return pl.DataFrame(rows, schema=CAMPAIGN_SCHEMA, orient="row")


def calendar_rules(run: RuleRun) -> list[Rule]:
    """Return the rules on a row's period (over, collected) and structure (open then, of a kind the indicator covers).

    A figure may always be given for the whole year, as the year's own.
    """
    is_yearly = pl.col("period_frequency") == Frequency.YEAR.value
    # For an unknown indicator, any collected period is accepted.
    is_collectable = is_yearly | (pl.col("period_frequency") == pl.col("frequency")).fill_null(value=True)
    collected_period, expected_period = run.scope.period, pl.col("wanted")
    if collected_period is not None:
        ended = [Period.latest_ended(collected_period.end, frequency).code for frequency in Frequency]
        year = Period.latest_ended(collected_period.end, Frequency.YEAR)
        is_expected = (pl.col("period") == expected_period) | pl.col("period").is_in([year.code, collected_period.code])
        is_collectable &= (
            pl.when(expected_period.is_null())
            .then(pl.col("period").is_in([*ended, collected_period.code]))
            .otherwise(is_expected)
        )
        expected_period = pl.coalesce(expected_period, pl.lit(collected_period.code))
    facts = {name: pl.col(name) for name in CAMPAIGN_SCHEMA}
    opened, closed = pl.col("opened_on"), pl.col("closed_on")
    is_closed = (opened > pl.col("period_end")).fill_null(value=False) | (closed < pl.col("period_start"))
    return [
        Rule("B01", ~is_collectable, "period", values={"wanted": expected_period}),
        Rule(
            "B02",
            pl.col("state").is_in([CampaignState.FUTURE.value, CampaignState.LOCKED.value]),
            "period",
            values=facts,
        ),
        Rule("B03", pl.col("state") == CampaignState.APPROVED.value, "period", values=facts),
        Rule("B06", pl.col("kinds") & pl.col("kind_bit") == 0, "indicator", values={"kind": pl.col("kind")}),
        Rule("I09", is_closed, "period", values={"opened": opened, "closed": closed}),
    ]
