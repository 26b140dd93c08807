"""Suppression masks of structures and of the perimeters that add them up, decided together for all of them.

Each calendar year is decided on its own and cached for the store's version; masks are small. A year with the same
counts in a later version is not decided again. The masks never depend on the perimeter or period requested.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Final

import polars as pl

from indicators.answer_cache import digest
from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import IS_PARTIAL_MEMBERSHIP, MEMBERSHIP_SCHEMA, Level
from indicators.definitions.periods import Frequency, Period
from indicators.disclosure.complementary import PART, TOTAL_KEY
from indicators.disclosure.counting import with_count_columns
from indicators.disclosure.joint_suppression import SuppressionInput, SuppressionMasks, compute_suppression
from indicators.disclosure.protections import Protection, in_force
from indicators.disclosure.raw_count_rows import raw_count_rows
from indicators.disclosure.register_counts import count_registers
from indicators.disclosure.thresholds import MIN_PEOPLE, SuppressionRule
from indicators.figures.aggregation import pool_cohorts, summed_counts
from indicators.figures.values import COUNT_COLUMNS
from indicators.snapshot import Snapshot, per_version

MAX_STRUCTURES_KEEPING_NETWORK_TOTAL: Final = 400
"""Structures of a network up to which some of them are withheld to show the network's own figure. In a larger one few
network figures are lost, and each structure's page would need the counts of all others."""


def structure_mask(
    snapshot: Snapshot, audience: Audience, since: date, until: date, structure: str | None = None
) -> pl.DataFrame | None:
    """Return the figures of structures, or of one, withheld to show the network: structure, indicator, period.

    The mask covers at least the years of two days; for one structure it has no column structure. `None` in a large
    network, where no structure is withheld for the network.
    """
    if len(snapshot.structures) > MAX_STRUCTURES_KEEPING_NETWORK_TOTAL:
        return None
    years = _masks_of_years(snapshot, audience, since, until)
    mask = pl.concat([masks.structures for masks in years]) if years else None
    if mask is None or structure is None:
        return mask
    return mask.filter(pl.col("structure") == structure).drop("structure")


def total_mask(snapshot: Snapshot, level: Level, audience: Audience, since: date, until: date) -> pl.DataFrame | None:
    """Return the withheld figures of a level's perimeters in the years of two days at least: portion (the perimeter's
    name), indicator, period, rule. `None` if nothing was counted then."""
    years = _masks_of_years(snapshot, audience, since, until)
    if not years:
        return None
    mask = pl.concat([masks.totals for masks in years]).filter(pl.col("level") == level.value)
    return mask.drop("level")


def _masks_of_years(snapshot: Snapshot, audience: Audience, since: date, until: date) -> Sequence[SuppressionMasks]:
    """Return the masks of the years between two days that have counts."""
    if audience is Audience.MANAGEMENT:
        return []
    counted_years = _counted_years(snapshot)
    if not counted_years:
        return []
    if len(snapshot.structures) <= MAX_STRUCTURES_KEEPING_NETWORK_TOTAL:
        # One query for the entire past: a year of so few structures takes no time to read.
        spans = [(counted_years[0], counted_years[-1])]
    else:
        spans = [(year, year) for year in counted_years if since.year <= year <= until.year]
    return [masks for first, last in spans for masks in _compute_masks(snapshot, audience, first, last)]


@per_version
def _counted_years(snapshot: Snapshot) -> Sequence[int]:
    period_ends = [*snapshot.reported_periods["period_end"], *raw_count_rows(count_registers(snapshot))["period_end"]]
    return sorted({end.year for end in period_ends})


@per_version
def _compute_masks(
    snapshot: Snapshot, audience: Audience, first_year: int, last_year: int
) -> Sequence[SuppressionMasks]:
    catalogue = snapshot.catalogue
    # Structures show all figures that are not about people: their totals have no residual.
    ids_about_people = [sheet.id for sheet in catalogue.visible_to(audience) if sheet.disclosure.subject == "people"]
    sheets = [catalogue[name] for name in catalogue.with_linked(ids_about_people)]
    keep_network_total = len(snapshot.structures) <= MAX_STRUCTURES_KEEPING_NETWORK_TOTAL
    first, last = date(first_year, 1, 1), date(last_year, 12, 31)
    reported = _reported_counts(snapshot, sheets, first, last, entire=keep_network_total)
    all_register_rows = raw_count_rows(count_registers(snapshot))
    register_rows = all_register_rows.filter(
        pl.col("indicator").is_in([sheet.id for sheet in sheets]) & pl.col("period_end").is_between(first, last)
    )
    registers = all_register_rows.select("structure", "indicator").unique()
    reported = reported.join(registers, on=["structure", "indicator"], how="anti", maintain_order="left")
    counts = pl.concat(
        [
            reported.with_columns(pl.lit(value=False).alias("kept")),
            register_rows.with_columns(pl.lit(value=True).alias("kept")),
        ],
        how="diagonal_relaxed",
    )
    own_counts = pool_cohorts(with_count_columns(counts.drop("kept")), sheets, per_structure=True)
    membership = _memberships(snapshot)
    register_based = _register_based_totals(snapshot, membership)
    contributions = _contributions(counts, sheets)
    split_totals = _totals_split_by_moves(counts, sheets, membership)
    masks_by_year = []
    for year in range(first_year, last_year + 1):
        of_year = pl.col("period_end").dt.year() == year
        year_counts = SuppressionInput(
            own_counts.filter(of_year), contributions.filter(of_year), membership, register_based
        )
        if year_counts.contributions.height:
            digests = [
                digest(frame)
                for frame in (year_counts.own_counts, year_counts.contributions, membership, register_based)
            ]
            decide = partial(
                compute_suppression, year_counts, catalogue, audience, keep_network_total=keep_network_total
            )
            masks = snapshot.cached_by_content(("withheld", audience, *digests), decide)
            year_split_totals = split_totals.filter(of_year).select(masks.totals.columns)
            totals = pl.concat([masks.totals, year_split_totals]).unique(TOTAL_KEY, keep="first", maintain_order=True)
            masks_by_year.append(SuppressionMasks(masks.structures, totals))
    return masks_by_year


def _totals_split_by_moves(
    counts: pl.DataFrame, indicators: Sequence[Indicator], membership: pl.DataFrame
) -> pl.DataFrame:
    """Return the totals of pooled cohorts split by the move of a structure: `TOTAL_KEY`, period_end and `rule`.

    They include only some of its cohorts, which it shows pooled: differences with the others would reveal one cohort.
    """
    cohort_key, frames = ["structure", "indicator", "period", "period_end"], []
    moved_structures = membership.filter(IS_PARTIAL_MEMBERSHIP)["structure"].unique()
    for sheet in indicators:
        sheet_counts = counts.filter(
            (pl.col("indicator") == sheet.id) & pl.col("structure").is_in(moved_structures.implode())
        )
        if sheet.pooled_cohorts == 1 or sheet_counts.is_empty():
            continue
        cohorts = sheet_counts.rename({"period": "cohort", "period_end": "day"}).join(
            _pooling_periods(sheet, sheet_counts), on="cohort"
        )
        days = cohorts.select(*cohort_key, "day")
        days = pl.concat([days, days.with_columns(pl.col("period_end").alias("day"))]).unique()
        memberships = days.join(membership, on="structure").filter(
            pl.col("day").is_between("holds_from", "holds_until")
        )
        sizes = days.group_by(cohort_key).agg(pl.len().alias("days"))
        day_counts = (
            memberships.group_by(*cohort_key, "level", PART).agg(pl.len().alias("here")).join(sizes, on=cohort_key)
        )
        frames.append(day_counts.filter(pl.col("here") < pl.col("days")).select(*TOTAL_KEY, "period_end").unique())
    if not frames or not in_force(Protection.SPLIT_COHORTS):
        schema = {**dict.fromkeys(TOTAL_KEY, pl.String), "period_end": pl.Date, "rule": pl.String}
        return pl.DataFrame(schema=schema)
    return pl.concat(frames).with_columns(pl.lit(SuppressionRule.PERIODS.value).alias("rule"))


def _pooling_periods(sheet: Indicator, cohorts: pl.DataFrame) -> pl.DataFrame:
    """Return the periods whose figures include each cohort, its own and those that pool it, with their last days."""
    periods = [p for p in map(Period.parse, cohorts["period"].unique()) if p.frequency is sheet.frequency]
    return pl.DataFrame(
        [(p.code, p.shifted(n).code, p.shifted(n).end) for p in periods for n in range(sheet.pooled_cohorts)],
        schema={"cohort": pl.String, "period": pl.String, "period_end": pl.Date},
        orient="row",
    )


def _reported_counts(
    snapshot: Snapshot, indicators: Sequence[Indicator], first: date, last: date, *, entire: bool
) -> pl.DataFrame:
    """Return the counts reported by structures between two days, and before them if cohorts are pooled.

    Counts large enough to be always shown are not read, unless the `entire` years are requested.
    """
    pooling = [sheet for sheet in indicators if sheet.pooled_cohorts > 1]
    if entire:
        entire_ids = [sheet.id for sheet in indicators]
    else:
        quarterly = [sheet.id for sheet in indicators if sheet.frequency is Frequency.QUARTER]
        with_years = snapshot.query("years_beside_quarters", indicators=quarterly, year=str(last.year))["indicator"]
        linked_ids = {name for total, parts in snapshot.catalogue.sums.items() for name in (total, *parts)}
        entire_ids = [*{*with_years, *linked_ids, *(sheet.id for sheet in pooling)}]
    earlier = first.replace(year=max(first.year - max((sheet.pooled_cohorts - 1 for sheet in pooling), default=0), 1))
    frames = [_query_counts(snapshot, indicators, entire_ids, first, last)]
    if earlier < first:
        frames.append(_query_counts(snapshot, pooling, entire_ids, earlier, first - timedelta(days=1)))
    rows = pl.concat(frames)
    if entire:
        return rows.drop("small")
    # Among linked indicators, a structure is needed as soon as one of its figures could be hidden.
    families = {name: total for total, parts in snapshot.catalogue.sums.items() for name in parts}
    is_at_risk = pl.col("small").any().over("structure", pl.col("indicator").replace(families))
    is_pooled = pl.col("indicator").is_in([sheet.id for sheet in pooling])
    return rows.filter(is_at_risk | is_pooled).drop("small")


def _query_counts(
    snapshot: Snapshot, indicators: Sequence[Indicator], entire_ids: Sequence[str], since: date, until: date
) -> pl.DataFrame:
    return raw_count_rows(
        snapshot.query_counts(
            "counts_at_risk",
            indicators=[sheet.id for sheet in indicators],
            minimums=[float(sheet.disclosure.minimum_denominator) for sheet in indicators],
            entire=list(entire_ids),
            fewest=float(MIN_PEOPLE),
            since=since,
            until=until,
        )
    )


def _contributions(counts: pl.DataFrame, indicators: Sequence[Indicator]) -> pl.DataFrame:
    """Return the contributions of structures to totals: structure, indicator, period, period_end, counts, kept.

    A structure contributes to a figure of pooled cohorts with any of them.
    """
    columns = ["structure", "indicator", "period", "period_end", "numerator", "denominator", "kept"]
    cast_counts = [pl.col(name).cast(COUNT_COLUMNS[name]) for name in ("numerator", "denominator")]
    rows = counts.select(columns).with_columns(cast_counts)
    pooling = [sheet for sheet in indicators if sheet.pooled_cohorts > 1]
    frames = [rows.filter(~pl.col("indicator").is_in([sheet.id for sheet in pooling]))]
    for sheet in pooling:
        sheet_counts = rows.filter(pl.col("indicator") == sheet.id)
        cohorts = (
            sheet_counts.rename({"period": "cohort"})
            .drop("period_end")
            .join(_pooling_periods(sheet, sheet_counts), on="cohort")
        )
        sums = cohorts.group_by(columns[:4]).agg(*summed_counts(), pl.col("kept").any())
        frames.append(sums.select(columns))
    return pl.concat(frames)


def _register_based_totals(snapshot: Snapshot, membership: pl.DataFrame) -> pl.DataFrame:
    """Return the totals counted from registers alone, since a member keeps one: level, portion, indicator."""
    register_spans = (
        raw_count_rows(count_registers(snapshot))
        .group_by("structure", "indicator")
        .agg(pl.col("period_end").min().alias("first"), pl.col("period_end").max().alias("last"))
    )
    do_overlap = (pl.col("first") <= pl.col("holds_until")) & (pl.col("last") >= pl.col("holds_from"))
    return (
        register_spans.join(membership, on="structure")
        .filter(do_overlap)
        .select("level", "portion", "indicator")
        .unique()
    )


@per_version
def _memberships(snapshot: Snapshot) -> pl.DataFrame:
    """Return the perimeters that include each structure, with its days: level, portion, `MEMBERSHIP_SCHEMA`."""
    rows = [
        (level.value, portion, version.structure.id, version.holds_from, version.holds_until)
        for version in snapshot.structures.versions
        for level, portion in (
            (Level.NETWORK, ""),
            (Level.REGION, version.structure.region),
            (Level.KIND, version.structure.kind),
            (Level.GROUP, version.structure.group),
        )
        if portion is not None
    ]
    return pl.DataFrame(rows, schema={"level": pl.String, "portion": pl.String, **MEMBERSHIP_SCHEMA}, orient="row")
