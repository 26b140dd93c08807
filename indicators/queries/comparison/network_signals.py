"""What stands out in a quarter across the network: latest points that their own past does not explain. Never a rank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from indicators.definitions.baselines import cuts
from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Period
from indicators.judgement import JUDGED_FROM
from indicators.judgement.control_charts_vectorised import latest_signals, variations
from indicators.judgement.cusum import latest_lasting_changes
from indicators.judgement.special_causes import Signal
from indicators.network import Reading
from indicators.queries.comparison.scope import by_name
from indicators.queries.figures.assessed_board import has_lasting_changes, own_points
from indicators.queries.figures.multi_indicator import alongside

BY_CHANCE: Final = 0.035
"""Share of the series of pure noise whose latest point, the twentieth, has a special cause (computed, in tests)."""
LASTING_BY_CHANCE: Final = 0.04
"""Share of the unchanged series of people of which a lasting change is told, over the twenty quarters that follow their
base (computed, in tests)."""
SCHEMA: Final = dict.fromkeys(("structure", "indicator", "signal", "side", "variation", "since", "grade"), pl.String)


@dataclass(frozen=True, eq=False)
class Signals:
    """The special causes of a quarter.

    `rows` has one row a latest point with a special cause: structure, indicator, signal (`Signal`), side (`Side`),
    variation (`Variation`), since (the code of the period in which it was first told) and grade (`Grade`, of a lasting
    change alone); by the name of the structure, then in the order of the catalogue. `judged` counts the series of which
    a test was made in the quarter: thirteen points and cases enough, or counts after a base of sixteen quarters.
    `lasting` counts those of them that are rates of people.
    """

    rows: pl.DataFrame
    judged: int
    lasting: int

    @property
    def by_chance(self) -> int:
        """How many special causes chance alone would show in as many series."""
        return round((self.judged - self.lasting) * BY_CHANCE + self.lasting * LASTING_BY_CHANCE)


def signals(
    reading: Reading, indicators: Sequence[Indicator], quarter: Period, audience: Audience, today: date
) -> Signals:
    """Return what stands out among the figures of some indicators whose period ends with the quarter.

    A large network's whole past is looked at, a few indicators at a time; what is found is small and is kept for the
    store's version.
    """
    wanted = [sheet.id for sheet in indicators]
    families = {tuple(sorted(reading.catalogue.linked([name]))): None for name in wanted}
    told = [_kept(reading, family, quarter, audience, today) for family in families]
    judged = pl.concat([pl.DataFrame(schema=SCHEMA), *told]).filter(pl.col("indicator").is_in(wanted))
    known = set(judged["structure"])
    structures = by_name(
        reading, (structure for structure in reading.structures.by_id.values() if structure.id in known)
    )
    by_place = {structure.id: place for place, structure in enumerate(structures)}
    order = {sheet.id: place for place, sheet in enumerate(reading.catalogue)}
    rows = judged.filter(pl.col("signal").is_not_null()).sort(
        pl.col("structure").replace_strict(by_place, return_dtype=pl.Int64),
        pl.col("indicator").replace_strict(order, return_dtype=pl.Int64),
    )
    counted = [sheet.id for sheet in indicators if has_lasting_changes(sheet)]
    return Signals(rows, judged.height, int(judged["indicator"].is_in(counted).sum()))


def _kept(reading: Reading, family: Sequence[str], quarter: Period, audience: Audience, today: date) -> pl.DataFrame:
    sheets = [reading.catalogue[name] for name in family]
    read = [sheet for sheet in sheets if audience.sees(sheet.audience) and own_points(sheet)]
    return reading.once(
        ("signals", tuple(family), quarter, audience, today), lambda: _told(reading, read, quarter, audience, today)
    )


def _told(
    reading: Reading, family: Sequence[Indicator], quarter: Period, audience: Audience, today: date
) -> pl.DataFrame:
    """Return what the latest points of linked indicators say: one row a series that says something, `SCHEMA`."""
    periods = {sheet.id: _periods(reading, sheet, quarter) for sheet in family}
    asked = {name: spans for name, spans in periods.items() if spans}
    if not asked:
        return pl.DataFrame(schema=SCHEMA)
    found = alongside(reading, list(reading.structures.by_id), asked, audience, today)
    places = pl.DataFrame(
        [(name, span.code, place) for name, spans in asked.items() for place, span in enumerate(spans)],
        schema={"indicator": pl.String, "period": pl.String, "position": pl.Int64},
        orient="row",
    )
    last = {name: len(spans) - 1 for name, spans in asked.items()}
    directions = {sheet.id: sheet.direction.value for sheet in family}
    points = (
        found.lazy()
        .join(places.lazy(), on=["indicator", "period"])
        .join(_begun(reading, asked).lazy(), on=["structure", "indicator"], how="left")
        .filter(pl.col("begun").is_null() | (pl.col("position") >= pl.col("begun")))
        .select(
            "structure",
            "indicator",
            "position",
            "value",
            "numerator",
            "denominator",
            pl.col("indicator").replace_strict(directions, return_dtype=pl.String).alias("direction"),
        )
        .collect()
    )
    if points.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    ended = pl.col("position") == pl.col("indicator").replace_strict(last, return_dtype=pl.Int64)
    lasting = pl.col("indicator").is_in([sheet.id for sheet in family if has_lasting_changes(sheet)])
    told = pl.concat([_special_causes(points.filter(~lasting), family, ended), _lasting(points.filter(lasting), ended)])
    since = places.select("indicator", pl.col("position").alias("since"), pl.col("period"))
    return (
        told.join(since, on=["indicator", "since"], how="left", maintain_order="left")
        .with_columns(pl.col("period").alias("since"))
        .select(pl.col(name).cast(pl.String) for name in SCHEMA)
    )


def _special_causes(points: pl.DataFrame, family: Sequence[Indicator], ended: pl.Expr) -> pl.DataFrame:
    """Return what the tests of a process tell of series that end with the quarter, unless of too few cases."""
    sized = [sheet.id for sheet in family if sheet.judged_by_size]
    few = pl.col("indicator").is_in(sized) & (pl.col("denominator") < JUDGED_FROM)
    return (
        latest_signals(points.select("structure", "indicator", "position", "value", "direction"))
        .filter(ended & pl.col("variation").is_not_null())
        .join(points.filter(ended & few), on=["structure", "indicator"], how="anti", maintain_order="left")
        .select(
            *("structure", "indicator", "signal", "side", "variation"),
            pl.when(pl.col("signal").is_not_null()).then("position").alias("since"),
            pl.lit(None, pl.String).alias("grade"),
        )
    )


def _lasting(points: pl.DataFrame, ended: pl.Expr) -> pl.DataFrame:
    """Return the lasting changes that counts tell of series that end with the quarter."""
    cases, total = pl.col("numerator"), pl.col("denominator")
    # As a figure has it: a count that is none is a gap, never an error of the page.
    sound = (cases >= 0) & (cases <= total) & (cases == cases.round()) & (total == total.round())
    counts = points.with_columns(
        pl.when(sound & pl.col("value").is_not_null()).then(name).alias(name) for name in ("numerator", "denominator")
    )
    directions = points.select("structure", "indicator", "direction").unique()
    return (
        latest_lasting_changes(counts.select("structure", "indicator", "position", "numerator", "denominator"))
        .filter(ended & pl.col("tested"))
        .join(directions, on=["structure", "indicator"], how="left", maintain_order="left")
        .select(
            "structure",
            "indicator",
            pl.when(pl.col("side").is_not_null()).then(pl.lit(Signal.LASTING)).alias("signal"),
            "side",
            variations(pl.col("tested")).alias("variation"),
            "since",
            "grade",
        )
    )


def _periods(reading: Reading, indicator: Indicator, quarter: Period) -> Sequence[Period]:
    """Return every period of an indicator from the first reported to that which ends with the quarter, if one does."""
    latest = Period.latest_ended(quarter.end, indicator.frequency)
    codes = reading.once("periods", lambda: reading.ask("reported_periods"))["period"]
    reported = [period for period in map(Period.parse, codes) if period.frequency is indicator.frequency]
    first = min(reported, default=latest)
    if latest.end != quarter.end or latest < first:
        return []
    periods = [latest]
    while periods[-1] > first:
        periods.append(periods[-1].shifted(-1))
    return periods[::-1]


def _begun(reading: Reading, asked: Mapping[str, Sequence[Period]]) -> pl.DataFrame:
    """Return the position at which the last segment of a series that begins anew does: structure, indicator, begun."""
    rows = []
    broken = {rebasing.indicator for rebasing in reading.rebasings}
    broken |= {name for name in asked if reading.catalogue[name].redefined_on}
    for name in broken & asked.keys():
        for structure in reading.structures.by_id:
            decided = reading.breaks(Perimeter(Level.STRUCTURE, structure), name)
            if positions := cuts(decided, asked[name]):
                rows.append((structure, name, max(positions)))
    return pl.DataFrame(rows, schema={"structure": pl.String, "indicator": pl.String, "begun": pl.Int64}, orient="row")
