"""Structures and the perimeters that add them up, decided together: what is withheld of each for what the others show.

Each calendar year is decided by itself, and kept for the store's version: what is found is small. A year of which a
later version holds the same counts is not decided again. Whatever is asked, of whichever perimeter and period, what is
decided is the same.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import BELONGS_PARTLY, MEMBERS, Level
from indicators.definitions.periods import Frequency, Period
from indicators.disclosure.complementary import PORTION, TOTAL
from indicators.disclosure.joint_suppression import Counted, Withheld, withheld_for_totals
from indicators.disclosure.thresholds import FEWEST_PEOPLE, Rule
from indicators.figures.aggregation import pooled
from indicators.figures.values import COUNTED
from indicators.network import Reading
from indicators.queries.figures.counts import of_structures

NETWORK_FIRST_UP_TO: Final = 400
"""Structures of a network up to which some of them are withheld so that its own figure can be shown. In a larger one
few figures of the network are lost, and each structure's page would have to know of all the others."""


def withheld_structures(
    reading: Reading, audience: Audience, since: date, until: date, structure: str | None = None
) -> pl.DataFrame | None:
    """Return what is withheld of structures, or of one, so that the network can be shown: structure, indicator, period.

    At least what concerns the years of two days is returned; of one structure without its code. Nothing in a large
    network, where no structure is withheld for the others.
    """
    if len(reading.structures) > NETWORK_FIRST_UP_TO:
        return None
    years = _decided(reading, audience, since, until)
    found = pl.concat([one.structures for one in years]) if years else None
    if found is None or structure is None:
        return found
    return found.filter(pl.col("structure") == structure).drop("structure")


def withheld_totals(
    reading: Reading, level: Level, audience: Audience, since: date, until: date, name: str
) -> pl.DataFrame | None:
    """Return what is withheld of the perimeters of a level for what structures show: indicator, period, and portion
    where the level is a partition of the network; of the perimeter of that name alone where it is not."""
    found = _of_level(reading, level, audience, since, until)
    if found is None or level in {Level.REGION, Level.KIND}:
        return None if found is None else found.drop("rule")
    return found.filter(pl.col("portion") == name).drop("portion", "rule")


def rules_of_totals(
    reading: Reading, level: Level, audience: Audience, since: date, until: date, name: str
) -> pl.DataFrame | None:
    """Return what is withheld of one perimeter, and by which rule: indicator, period, rule."""
    found = _of_level(reading, level, audience, since, until)
    return None if found is None else found.filter(pl.col("portion") == name).drop("portion")


def _of_level(reading: Reading, level: Level, audience: Audience, since: date, until: date) -> pl.DataFrame | None:
    years = _decided(reading, audience, since, until)
    if not years:
        return None
    found = pl.concat([one.totals for one in years]).filter(pl.col("level") == level.value)
    return found.drop("level")


def _decided(reading: Reading, audience: Audience, since: date, until: date) -> Sequence[Withheld]:
    """Return the decisions on the years of two days in which something was counted."""
    if audience is Audience.MANAGEMENT:
        return []
    known = reading.once("years", lambda: _years(reading))
    if not known:
        return []
    if len(reading.structures) <= NETWORK_FIRST_UP_TO:
        # One question for the whole past: a year of so few structures is read in no time.
        spans = [(known[0], known[-1])]
    else:
        spans = [(year, year) for year in known if since.year <= year <= until.year]
    return [one for first, last in spans for one in _kept(reading, audience, first, last)]


def _kept(reading: Reading, audience: Audience, first: int, last: int) -> Sequence[Withheld]:
    return reading.once(("linked", audience, first, last), lambda: _decide(reading, audience, first, last))


def _years(reading: Reading) -> Sequence[int]:
    reported = reading.once("periods", lambda: reading.ask("reported_periods"))["period_end"]
    return sorted({end.year for end in [*reported, *reading.register_counts["period_end"]]})


def _decide(reading: Reading, audience: Audience, first_year: int, last_year: int) -> Sequence[Withheld]:
    catalogue = reading.catalogue
    # Structures show all that is not about people: nothing is left of its totals.
    people = [sheet.id for sheet in catalogue.seen_by(audience) if sheet.disclosure.subject == "people"]
    asked = [catalogue[name] for name in catalogue.linked(people)]
    network_first = len(reading.structures) <= NETWORK_FIRST_UP_TO
    first, last = date(first_year, 1, 1), date(last_year, 12, 31)
    reported = _reported(reading, asked, first, last, entire=network_first)
    kept = reading.register_counts.filter(
        pl.col("indicator").is_in([sheet.id for sheet in asked]) & pl.col("period_end").is_between(first, last)
    )
    registers = reading.register_counts.select("structure", "indicator").unique()
    reported = reported.join(registers, on=["structure", "indicator"], how="anti", maintain_order="left")
    counts = pl.concat(
        [reported.with_columns(pl.lit(value=False).alias("kept")), kept.with_columns(pl.lit(value=True).alias("kept"))],
        how="diagonal_relaxed",
    )
    alone = pooled(of_structures(counts.drop("kept")), asked, single=True)
    places = reading.once("places", lambda: _places(reading))
    keepers = _keepers(reading, places)
    added = _added(counts, asked)
    parted = _parted_by_a_move(counts, asked, places)
    decided = []
    for year in range(first_year, last_year + 1):
        of_year = pl.col("period_end").dt.year() == year
        counted = Counted(alone.filter(of_year), added.filter(of_year), places, keepers)
        if counted.added.height:
            told = [_digest(frame) for frame in (counted.alone, counted.added, places, keepers)]
            decide = partial(withheld_for_totals, counted, catalogue, audience, network_first=network_first)
            found = reading.remembered(("withheld", audience, *told), decide)
            more = parted.filter(of_year).select(found.totals.columns)
            totals = pl.concat([found.totals, more]).unique(TOTAL, keep="first", maintain_order=True)
            decided.append(Withheld(found.structures, totals))
    return decided


def _parted_by_a_move(counts: pl.DataFrame, indicators: Sequence[Indicator], places: pl.DataFrame) -> pl.DataFrame:
    """Return the totals of pooled cohorts of which a structure was elsewhere: `TOTAL`, period_end and `rule`.

    They add up some of its cohorts, and it shows them together: less what the others show, one cohort would be left.
    """
    of, found = ["structure", "indicator", "period", "period_end"], []
    moved = places.filter(BELONGS_PARTLY)["structure"].unique()
    for sheet in indicators:
        own = counts.filter((pl.col("indicator") == sheet.id) & pl.col("structure").is_in(moved.implode()))
        if sheet.pooled == 1 or own.is_empty():
            continue
        together = own.rename({"period": "cohort", "period_end": "day"}).join(_pooling(sheet, own), on="cohort")
        days = together.select(*of, "day")
        days = pl.concat([days, days.with_columns(pl.col("period_end").alias("day"))]).unique()
        there = days.join(places, on="structure").filter(pl.col("day").is_between("holds_from", "holds_until"))
        sizes = days.group_by(of).agg(pl.len().alias("days"))
        here = there.group_by(*of, "level", PORTION).agg(pl.len().alias("here")).join(sizes, on=of)
        found.append(here.filter(pl.col("here") < pl.col("days")).select(*TOTAL, "period_end").unique())
    if not found:
        schema = {**dict.fromkeys(TOTAL, pl.String), "period_end": pl.Date, "rule": pl.String}
        return pl.DataFrame(schema=schema)
    return pl.concat(found).with_columns(pl.lit(Rule.PERIODS.value).alias("rule"))


def _pooling(sheet: Indicator, cohorts: pl.DataFrame) -> pl.DataFrame:
    """Return which periods add up each cohort, its own and those that pool it: cohort, period, period_end."""
    own = [p for p in map(Period.parse, cohorts["period"].unique()) if p.frequency is sheet.frequency]
    return pl.DataFrame(
        [(p.code, p.shifted(n).code, p.shifted(n).end) for p in own for n in range(sheet.pooled)],
        schema={"cohort": pl.String, "period": pl.String, "period_end": pl.Date},
        orient="row",
    )


def _digest(frame: pl.DataFrame) -> tuple[int, int]:
    """Return what tells a frame from others of the same columns, in whatever order its rows are."""
    return frame.height, hash(tuple(frame.hash_rows().sort()))


def _reported(
    reading: Reading, indicators: Sequence[Indicator], first: date, last: date, *, entire: bool
) -> pl.DataFrame:
    """Return what structures reported in the years of two days, and before them where cohorts are pooled.

    What is large enough to be shown whatever the others are is not read, unless the `entire` years are asked for.
    """
    pooling = [sheet for sheet in indicators if sheet.pooled > 1]
    if entire:
        needed = [sheet.id for sheet in indicators]
    else:
        quarterly = [sheet.id for sheet in indicators if sheet.frequency is Frequency.QUARTER]
        beside = reading.ask("years_beside_quarters", indicators=quarterly, year=str(last.year))["indicator"]
        linked = {name for total, parts in reading.catalogue.sums.items() for name in (total, *parts)}
        needed = [*{*beside, *linked, *(sheet.id for sheet in pooling)}]
    earlier = first.replace(year=max(first.year - max((sheet.pooled - 1 for sheet in pooling), default=0), 1))
    asked = [_ask(reading, indicators, needed, first, last)]
    if earlier < first:
        asked.append(_ask(reading, pooling, needed, earlier, first - timedelta(days=1)))
    rows = pl.concat(asked)
    if entire:
        return rows.drop("small")
    # Of indicators linked to one another, a structure is of interest as soon as one figure could be hidden.
    families = {name: total for total, parts in reading.catalogue.sums.items() for name in parts}
    concerned = pl.col("small").any().over("structure", pl.col("indicator").replace(families))
    whole = pl.col("indicator").is_in([sheet.id for sheet in pooling])
    return rows.filter(concerned | whole).drop("small")


def _ask(
    reading: Reading, indicators: Sequence[Indicator], needed: Sequence[str], since: date, until: date
) -> pl.DataFrame:
    return reading.ask(
        "counts_at_risk",
        indicators=[sheet.id for sheet in indicators],
        minimums=[float(sheet.disclosure.minimum_denominator) for sheet in indicators],
        entire=list(needed),
        fewest=float(FEWEST_PEOPLE),
        since=since,
        until=until,
    )


def _added(counts: pl.DataFrame, indicators: Sequence[Indicator]) -> pl.DataFrame:
    """Return what structures add to totals: structure, indicator, period, period_end, numerator, denominator, kept.

    A structure adds to a figure of pooled cohorts whichever of them it counted.
    """
    columns = ["structure", "indicator", "period", "period_end", "numerator", "denominator", "kept"]
    typed = [pl.col(name).cast(COUNTED[name]) for name in ("numerator", "denominator")]
    rows = counts.select(columns).with_columns(typed)
    pooling = [sheet for sheet in indicators if sheet.pooled > 1]
    added = [rows.filter(~pl.col("indicator").is_in([sheet.id for sheet in pooling]))]
    for sheet in pooling:
        own = rows.filter(pl.col("indicator") == sheet.id)
        together = own.rename({"period": "cohort"}).drop("period_end").join(_pooling(sheet, own), on="cohort")
        divided = pl.col("denominator").is_not_null().any()
        sums = together.group_by(columns[:4]).agg(
            pl.col("numerator").sum(),
            pl.when(divided).then(pl.col("denominator").sum()).alias("denominator"),
            pl.col("kept").any(),
        )
        added.append(sums.select(columns))
    return pl.concat(added)


def _keepers(reading: Reading, places: pl.DataFrame) -> pl.DataFrame:
    """Return the totals that are counted from registers alone, those of which a member keeps one: level, portion,
    indicator."""
    kept = reading.register_counts.group_by("structure", "indicator").agg(
        pl.col("period_end").min().alias("first"), pl.col("period_end").max().alias("last")
    )
    meet = (pl.col("first") <= pl.col("holds_until")) & (pl.col("last") >= pl.col("holds_from"))
    return kept.join(places, on="structure").filter(meet).select("level", "portion", "indicator").unique()


def _places(reading: Reading) -> pl.DataFrame:
    """Return the perimeters that add each structure up, from which day to which: level, portion, `MEMBERS`."""
    rows = [
        (level.value, portion, dated.structure.id, dated.holds_from, dated.holds_until)
        for dated in reading.structures.dated
        for level, portion in (
            (Level.NETWORK, ""),
            (Level.REGION, dated.structure.region),
            (Level.KIND, dated.structure.kind),
            (Level.GROUP, dated.structure.group),
        )
        if portion is not None
    ]
    return pl.DataFrame(rows, schema={"level": pl.String, "portion": pl.String, **MEMBERS}, orient="row")
