"""Raw counts of a perimeter, of the parts of the network or of structures, before disclosure control."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import (
    IS_PARTIAL_MEMBERSHIP,
    MEMBERSHIP_SCHEMA,
    Level,
    Perimeter,
    Structure,
    restrict_to_membership,
)
from indicators.definitions.periods import Period
from indicators.disclosure.raw_count_rows import raw_count_rows
from indicators.disclosure.register_counts import count_registers, sum_register_counts
from indicators.figures.aggregation import pool_cohorts
from indicators.figures.values import COUNT_COLUMNS
from indicators.raw_counts import RawCounts
from indicators.snapshot import CountQuery, Snapshot, per_version

NOT_FROM_REGISTER: Final = pl.lit(value=False).alias("from_register")
"""Reported counts are totals declared by structures, not counted from a register."""
MAX_CACHED_INDICATORS: Final = 8
"""Indicators of which the counts of all structures are kept: one with those that sums link it to. The whole catalogue
would weigh too much."""
MAX_STRUCTURES_READ_WHOLE: Final = 400
"""Structures of a network up to which its whole past is read at once and kept: another quarter is then looked up. In a
larger network that would take too much memory, and few of the answers would be asked for before the next version."""


def is_read_whole(snapshot: Snapshot) -> bool:
    """Whether the whole past of a network is read at once and kept: another quarter of it is then looked up."""
    return len(snapshot.structures) <= MAX_STRUCTURES_READ_WHOLE


@dataclass(frozen=True)
class CountsOfPerimeter:
    """The raw counts of a perimeter: of one structure, or the sums of those that belong to it."""

    snapshot: Snapshot
    perimeter: Perimeter

    @property
    def per_structure(self) -> bool:
        """Whether each row is of one structure."""
        return self.perimeter.level is Level.STRUCTURE

    def between(self, indicators: Sequence[Indicator], since: date, until: date) -> RawCounts:
        """Count all reported periods that end between two days: indicator, period, period_end and `COUNT_COLUMNS`.

        One row is one indicator × one period with any deposit. Cohorts are pooled if the sheet pools them.
        """
        snapshot, level = self.snapshot, self.perimeter.level
        members = snapshot.structures.members_over_time(self.perimeter)
        indicator_ids = [sheet.id for sheet in indicators]
        register_rows = restrict_to_membership(
            raw_count_rows(count_registers(snapshot)).filter(pl.col("indicator").is_in(indicator_ids)), members
        )
        register_indicators = register_rows["indicator"].unique().to_list()
        parameters = {
            "indicators": [name for name in indicator_ids if name not in register_indicators],
            "since": _first_cohort_day(since, indicators),
            "until": until,
        }
        if level is Level.NETWORK:
            reported = raw_count_rows(snapshot.query_counts("counts_by_part", level=level.value, **parameters)).drop(
                "portion"
            )
        else:
            reported = _query_members(snapshot, "perimeter_counts", members, each=False, **parameters).drop("structure")
        return _with_registers(reported, register_rows, indicators, since, until, per_structure=self.per_structure)


@dataclass(frozen=True)
class CountsOfParts:
    """The raw counts of each region or each kind: portion, then the columns of `CountsOfPerimeter`."""

    snapshot: Snapshot
    level: Level
    per_structure: bool = False

    def between(self, indicators: Sequence[Indicator], since: date, until: date) -> RawCounts:
        """Count all reported periods that end between two days."""
        snapshot, level = self.snapshot, self.level
        indicator_ids = [sheet.id for sheet in indicators]
        register_rows = restrict_to_membership(
            raw_count_rows(count_registers(snapshot)).filter(pl.col("indicator").is_in(indicator_ids)),
            _partition_of(snapshot, level),
        )
        reported = raw_count_rows(
            snapshot.query_counts(
                "counts_by_part",
                level=level.value,
                indicators=indicator_ids,
                since=_first_cohort_day(since, indicators),
                until=until,
            )
        )
        # Registers replace the reported counts of their part of the network.
        reported = reported.join(register_rows, on=["portion", "indicator"], how="anti", maintain_order="left")
        return _with_registers(reported, register_rows, indicators, since, until, "portion", per_structure=False)


@dataclass(frozen=True)
class CountsOfStructures:
    """The raw counts of several structures: structure, then the columns of `CountsOfPerimeter`."""

    snapshot: Snapshot
    structures: Sequence[str]
    per_structure: bool = True
    _counted: dict[Hashable, RawCounts] = field(default_factory=dict, compare=False, repr=False)
    """What was counted for this question: the periods that a structure reported are read from the same rows."""

    def between(self, indicators: Sequence[Indicator], since: date, until: date) -> RawCounts:
        """Count all reported periods that end between two days."""
        snapshot, indicator_ids = self.snapshot, [sheet.id for sheet in indicators]
        register_rows = raw_count_rows(count_registers(snapshot)).filter(
            pl.col("indicator").is_in(indicator_ids) & pl.col("structure").is_in(self.structures)
        )
        reported = _query_members(
            snapshot,
            "perimeter_counts",
            self.structures,
            each=True,
            indicators=indicator_ids,
            since=_first_cohort_day(since, indicators),
            until=until,
        )
        # A register replaces the reported counts of its structure.
        reported = reported.join(register_rows, on=["structure", "indicator"], how="anti", maintain_order="left")
        return _with_registers(reported, register_rows, indicators, since, until, "structure", per_structure=True)

    def of_periods(self, indicator_ids: Sequence[str], periods: Iterable[Period]) -> RawCounts:
        """Count some periods of some indicators; cohorts are not pooled."""
        snapshot, ids, wanted = (
            self.snapshot,
            sorted(indicator_ids),
            sorted(set(periods), key=lambda period: period.code),
        )
        is_small = len(ids) <= MAX_CACHED_INDICATORS and is_read_whole(snapshot)
        if is_small and set(self.structures) == snapshot.structures.by_id.keys():
            return _counts_of_everybody(snapshot, ids)
        key = (*ids, *(period.code for period in wanted))
        if key not in self._counted:
            self._counted[key] = _count_periods(snapshot, self.structures, ids, wanted)
        return self._counted[key]


CountSource = CountsOfPerimeter | CountsOfParts | CountsOfStructures
"""Where the raw counts of a question come from."""


def _with_registers(
    reported: pl.DataFrame,
    register_rows: pl.DataFrame,
    indicators: Sequence[Indicator],
    since: date,
    until: date,
    *part_columns: str,
    per_structure: bool,
) -> RawCounts:
    """Pool the cohorts of reported counts, add those of registers, and keep the periods that end between two days."""
    counts = pool_cohorts(reported.with_columns(NOT_FROM_REGISTER), indicators, per_structure=per_structure)
    if register_rows.height:
        sums = sum_register_counts(register_rows, *part_columns, per_structure=per_structure)
        counts = pl.concat([counts, sums], how="diagonal_relaxed")
    counts = counts.filter(pl.col("period_end").is_between(since, until))
    return RawCounts(counts.select(*part_columns, "indicator", "period", "period_end", *_cast_counts()))


@per_version
def _partition_of(snapshot: Snapshot, level: Level) -> pl.DataFrame:
    """Return the region or the kind of each structure with its days: `MEMBERSHIP_SCHEMA`, portion."""
    return pl.DataFrame(
        [
            (version.structure.id, version.holds_from, version.holds_until, _part_of(version.structure, level))
            for version in snapshot.structures.versions
        ],
        schema={**MEMBERSHIP_SCHEMA, "portion": pl.String},
        orient="row",
    )


def _part_of(structure: Structure, level: Level) -> str:
    return structure.region if level is Level.REGION else structure.kind


def _cast_counts() -> list[pl.Expr]:
    """Return the count columns cast to their types, since those of registers differ in width."""
    return [pl.col(name).cast(kind) for name, kind in COUNT_COLUMNS.items()]


def _first_cohort_day(since: date, indicators: Sequence[Indicator]) -> date:
    """Return the first day of which counts are needed: earlier by the cohorts that the sheets pool."""
    years = max((sheet.pooled_cohorts - 1 for sheet in indicators), default=0)
    return since.replace(year=max(since.year - years, date.min.year), day=1) if years else since


@per_version
def _counts_of_everybody(snapshot: Snapshot, indicator_ids: Sequence[str]) -> RawCounts:
    """Count some indicators of all structures in all periods: the next quarter is then looked up."""
    codes = {*snapshot.reported_periods["period"], *raw_count_rows(count_registers(snapshot))["period"]}
    return _count_periods(snapshot, [*snapshot.structures.by_id], indicator_ids, map(Period.parse, sorted(codes)))


def _count_periods(
    snapshot: Snapshot, structures: Sequence[str], indicator_ids: Sequence[str], periods: Iterable[Period]
) -> RawCounts:
    ends_by_code = {period.code: period.end for period in periods}
    ends = list(ends_by_code.values()) or [date.max]
    register_rows = raw_count_rows(count_registers(snapshot)).filter(
        pl.col("structure").is_in(structures) & pl.col("indicator").is_in(indicator_ids)
    )
    register_indicators = register_rows["indicator"].unique().to_list()
    reported = _query_members(
        snapshot,
        "structure_counts",
        structures,
        indicators=[name for name in indicator_ids if name not in register_indicators],
        periods=list(ends_by_code),
        since=min(ends),
        until=max(ends),
    )
    registers = register_rows.filter(pl.col("period").is_in(list(ends_by_code))).drop("mixed")
    return RawCounts(with_count_columns(pl.concat([reported, registers], how="diagonal_relaxed")))


def with_count_columns(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the counts or stated values of structures with all the columns of `COUNT_COLUMNS`."""
    quotient = pl.col("numerator") / pl.col("denominator")
    missing_columns = [
        pl.lit(None, kind).alias(name) for name, kind in COUNT_COLUMNS.items() if name not in rows.columns
    ]
    return (
        rows.with_columns(missing_columns)
        .with_columns(
            pl.when(quotient.is_finite()).then(quotient).alias("quotients"),
            pl.lit(1, pl.Int32).alias("contributors"),
        )
        .select("structure", "indicator", "period", "period_end", *_cast_counts())
    )


def _query_members(
    snapshot: Snapshot, name: CountQuery, members: Sequence[str] | pl.DataFrame, **values: object
) -> pl.DataFrame:
    """Count the measures of some structures; their first and last codes limit the data files read.

    `members` are codes or, where membership changes with time, a frame (`MEMBERSHIP_SCHEMA`): for each structure, the
    days between which a period must end.
    """
    partial = (
        members.filter(IS_PARTIAL_MEMBERSHIP)
        if isinstance(members, pl.DataFrame)
        else pl.DataFrame(schema=MEMBERSHIP_SCHEMA)
    )
    codes = members["structure"].unique().to_list() if isinstance(members, pl.DataFrame) else list(members)
    is_everyone = partial.is_empty() and len(codes) == len(snapshot.structures)
    return raw_count_rows(
        snapshot.query_counts(
            name,
            everyone=is_everyone,
            # Binding thousands of codes costs more than the query itself.
            members=[] if is_everyone else codes,
            first=min(codes, default=""),
            last=max(codes, default=""),
            partly=partial["structure"].to_list(),
            partly_from=partial["holds_from"].to_list(),
            partly_until=partial["holds_until"].to_list(),
            **values,
        )
    )


def reporting(source: CountSource, indicators: Sequence[Indicator]) -> pl.DataFrame:
    """Return what was reported, in all periods, without any count: the keys of the raw counts, `is_counted`,
    `is_stated`.

    That a figure exists is no secret: one that is withheld is said to be.
    """
    return _presence(source.between(indicators, date.min, date.max))


def reporting_in(source: CountsOfStructures, indicator: Indicator, periods: Iterable[Period]) -> pl.DataFrame:
    """Return what structures reported of some periods, without any count: structure, then as `reporting`."""
    wanted = list(periods)
    linked = source.snapshot.catalogue.with_linked([indicator.id])
    presence = _presence(source.of_periods(linked, wanted)).filter(pl.col("indicator") == indicator.id)
    return presence.filter(pl.col("period").is_in([period.code for period in wanted])).drop("indicator")


def _presence(raw_counts: RawCounts) -> pl.DataFrame:
    counts = raw_count_rows(raw_counts)
    keys = [name for name in counts.columns if name not in COUNT_COLUMNS]
    return counts.select(
        *keys,
        pl.col("numerator").is_not_null().alias("is_counted"),
        pl.col("stated_value").is_not_null().alias("is_stated"),
    )
