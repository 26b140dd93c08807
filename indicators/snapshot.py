"""One consistent view of the store at one version, with its caches."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from indicators.answer_cache import Answer, AnswerCache
from indicators.cached import cached_property
from indicators.definitions.baselines import Break, Rebaseline, breaks_of, rebaselines_of
from indicators.definitions.campaigns import Campaigns
from indicators.definitions.catalogue import Catalogue
from indicators.definitions.perimeters import (
    IS_PARTIAL_MEMBERSHIP,
    MEMBERSHIP_SCHEMA,
    Level,
    Perimeter,
    Structure,
    Structures,
    StructureVersion,
)
from indicators.definitions.periods import Period, Span
from indicators.definitions.regions import Region
from indicators.definitions.targets import Target
from indicators.store.deposits import TABLE_BY_DATASET
from indicators.store.lake import Cursor

SQL_FOLDER: Final = Path(__file__).parent / "queries" / "sql"
REGISTER_DATASETS: Final = ("actions", "participation")
"""Datasets from which derived indicators are counted."""
REGISTER_COUNT_SCHEMA: Final = {
    "structure": pl.String,
    "indicator": pl.String,
    "period_end": pl.Date,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
}
"""Columns of the counts taken from a register."""


def load_sql(file_name: str) -> str:
    """Return the SQL text of a query by the name of its file."""
    return (SQL_FOLDER / f"{file_name}.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Snapshot:
    """The network as one query sees it: a cursor on one store version, and the reference data that go with it.

    `version_cache` lives as long as its version is current: never cleared by hand, no time to live. `content_cache`
    outlives versions: its keys contain all that an answer depends on.
    """

    cursor: Cursor
    version: int
    catalogue: Catalogue
    regions: Mapping[str, Region]
    campaigns: Campaigns
    rebaselines: Sequence[Rebaseline]
    source_digest: Callable[[], str]
    """Digest of everything but the version: the identity of this store, the catalogue and the reference files."""
    version_cache: AnswerCache
    content_cache: AnswerCache

    def cached(self, key: Hashable, compute: Callable[[], Answer]) -> Answer:
        """Cache `compute()` under `key` until the store's version changes.

        Answers are small and must not be changed; the least recently used are evicted.
        """

        def compute_detached() -> Answer:
            answer = compute()
            # A frame of texts may keep alive the buffers it was sliced from, ten times its own size.
            return _detach(answer) if isinstance(answer, pl.DataFrame) else answer  # type: ignore[return-value]

        return self.version_cache.get_or_compute(key, compute_detached)

    def cached_by_content(self, key: Hashable, compute: Callable[[], Answer]) -> Answer:
        """Cache `compute()` under a key that contains all it depends on, across versions of the store."""
        return self.content_cache.get_or_compute(key, compute)

    @property
    def tag(self) -> str:
        """Identifier of all that an answer depends on: the store's version and the source digest."""
        return f"{self.version}-{self.source_digest()}"

    @cached_property
    def withdrawn(self) -> list[str]:
        """Ids of the withdrawn deposits."""
        rows = load_sql("withdrawn_deposits")
        return self.cached("withdrawn", lambda: [str(row[0]) for row in self.cursor.rows(rows)])

    @cached_property
    def structures(self) -> Structures:
        """Current structures, sorted by name."""
        return self.cached("structures", self._read_structures)

    def _read_structures(self) -> Structures:
        rows = self.query("structure_versions").rename({"structure": "id", "group": "group_name"})
        newest: dict[str, Structure] = {}
        versions_by_id: dict[str, list[StructureVersion]] = {}
        for row in rows.iter_rows(named=True):
            validity = (row.pop("holds_from"), row.pop("holds_until"))
            structure = newest[row["id"]] = Structure(**row)
            versions_by_id.setdefault(structure.id, []).append(StructureVersion(structure, *validity))
        ordered = sorted(newest.values(), key=lambda structure: structure.name)
        changed = {id_: versions for id_, versions in versions_by_id.items() if len(versions) > 1}
        return Structures({structure.id: structure for structure in ordered}, changed)

    @cached_property
    def targets(self) -> Sequence[Target]:
        """Current targets, latest start first."""
        return self.cached("targets", self._read_targets)

    def _read_targets(self) -> Sequence[Target]:
        targets = [
            Target(**{**row, "starts": Period.parse(row["starts"]), "ends": row["ends"] and Period.parse(row["ends"])})
            for row in self.query("targets").iter_rows(named=True)
        ]
        return sorted(targets, key=lambda target: target.starts.start, reverse=True)

    @cached_property
    def _targets_by_key(self) -> Mapping[tuple[str, str], Sequence[Target]]:
        """Targets in force by perimeter and indicator: a board asks for one a hundred times."""

        def sort() -> Mapping[tuple[str, str], Sequence[Target]]:
            found: dict[tuple[str, str], list[Target]] = {}
            for target in self.targets:
                found.setdefault((target.perimeter, target.indicator), []).append(target)
            return found

        return self.cached("targets by key", sort)

    def target(self, perimeter: Perimeter, indicator: str, period: Span) -> Target | None:
        """Return the target of a perimeter in a period: its own, else its group's, its region's or the network's."""
        chain = [perimeter.code]
        if perimeter.level is Level.STRUCTURE:
            # The group and the region of the structure at the end of the period.
            structure = self.structures.as_of(period.end)[perimeter.name]
            chain += [f"{Level.GROUP}:{structure.group}", f"{Level.REGION}:{structure.region}"]
        for code in dict.fromkeys([*chain, Level.NETWORK.value]):
            for target in self._targets_by_key.get((code, indicator), ()):
                if target.covers(period):
                    return target
        return None

    def rebaselines_of(self, perimeter: Perimeter, indicator: str) -> Sequence[Rebaseline]:
        """Return the rebaselines decided for a structure, oldest first; other perimeters have none."""
        if perimeter.level is not Level.STRUCTURE:
            return ()
        # A decision for a region, a group or a kind applies to the structures that belonged to it at that time.
        versions = self.structures.changed.get(perimeter.name) or [
            StructureVersion(self.structures[perimeter.name], date.min, date.max)
        ]
        return [
            rebasing
            for version in versions
            for rebasing in rebaselines_of(self.rebaselines, version.structure, indicator)
            if version.holds_from <= rebasing.since.start <= version.holds_until
        ]

    def breaks(self, perimeter: Perimeter, indicator: str) -> Sequence[Break]:
        """Return the breaks of a perimeter's series, oldest first: rebaselines and a new definition."""
        return breaks_of(self.catalogue[indicator], self.rebaselines_of(perimeter, indicator))

    @cached_property
    def overlapping_deposits(self) -> pl.DataFrame:
        """Structure × period keys held by several deposits; reading it defines the macro `settled_measures`."""
        overlapping = self.cached("contested", self.cursor.overlapping_deposits)
        self.cursor.define_latest_measures(overlapping)
        return overlapping

    @property
    def knows_contested(self) -> bool:
        """Whether `contested` is cached: `settled_measures` is then the quickest way to current measures."""
        return "contested" in self.version_cache

    def current_rows(self, dataset: str) -> pl.DataFrame:
        """Return the rows in force of a dataset, with the deposit, its sequence and moment, and their line."""
        return self.cursor.current(f"current_{TABLE_BY_DATASET[dataset]}", self.withdrawn)

    def query(self, name: str, **values: object) -> pl.DataFrame:
        """Return the rows of the query of that name (`queries/sql`), its values bound.

        One that names `$withdrawn` is given the ids of the deposits that it leaves out.
        """
        sql = load_sql(name)
        if "settled_measures" in sql:
            _ = self.overlapping_deposits
        if "$withdrawn" in sql:
            values["withdrawn"] = self.withdrawn
        return self.cursor.frame(sql, **values)

    def query_measures(self, name: str, members: Sequence[str] | pl.DataFrame, **values: object) -> pl.DataFrame:
        """Run a query on the measures of some structures; their first and last codes limit the data files read.

        `members` are codes or, where membership changes with time, a frame (`MEMBERSHIP_SCHEMA`): for each structure,
        the days between which a period must end.
        """
        partial = (
            members.filter(IS_PARTIAL_MEMBERSHIP)
            if isinstance(members, pl.DataFrame)
            else pl.DataFrame(schema=MEMBERSHIP_SCHEMA)
        )
        codes = members["structure"].unique().to_list() if isinstance(members, pl.DataFrame) else list(members)
        is_everyone = partial.is_empty() and len(codes) == len(self.structures)
        return self.query(
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

    @cached_property
    def register_counts(self) -> pl.DataFrame:
        """Counts taken from the registers: structure, indicator, period, period_end, numerator, denominator.

        Where a structure of a perimeter keeps the register of a derived indicator, the perimeter's figure is counted
        from registers alone. A total reported without a register is shown for its structure and never consolidated.
        """
        return self.cached("register_counts", self._count_registers)

    def _count_registers(self) -> pl.DataFrame:
        deposited = {row[0] for row in self.cursor.rows(load_sql("deposited_datasets"))}
        # Planning these queries takes a third of a second: skipped where no register was ever deposited.
        frames = [self.query(f"counts_from_{name}") for name in REGISTER_DATASETS if name in deposited]
        counts = pl.concat([pl.DataFrame(schema=REGISTER_COUNT_SCHEMA), *frames], how="vertical_relaxed")
        derived_sheets = [sheet for sheet in self.catalogue if sheet.source == "derived"]
        applicable = pl.DataFrame(
            [
                (version.structure.id, version.holds_from, version.holds_until, sheet.id)
                for version in self.structures.versions
                for sheet in derived_sheets
                if sheet.applies_to(version.structure.kind)
            ],
            schema={**MEMBERSHIP_SCHEMA, "indicator": pl.String},
            orient="row",
        )
        quarter = pl.format("{}-T{}", pl.col("period_end").dt.year(), pl.col("period_end").dt.quarter())
        return (
            counts.join(applicable, on=["structure", "indicator"], maintain_order="left")
            .filter(pl.col("period_end").is_between("holds_from", "holds_until"))
            .drop("holds_from", "holds_until")
            .join(
                self._reported_without_register_counts(counts),
                on=["structure", "indicator"],
                how="anti",
                maintain_order="left",
            )
            .with_columns(quarter.alias("period"))
        )

    def _reported_without_register_counts(self, counts: pl.DataFrame) -> pl.DataFrame:
        """Return structure and indicator where the register counts nothing and a reported figure holds instead."""
        total = pl.col("numerator").sum() + pl.col("denominator").fill_null(0).sum()
        never_counted = counts.group_by("structure", "indicator").agg(total.alias("total")).filter(pl.col("total") == 0)
        names = never_counted["indicator"].unique().to_list()
        if never_counted.is_empty():
            return never_counted
        return never_counted.join(
            self.query("reporting_structures", indicators=names), on=["structure", "indicator"], how="semi"
        )


def _detach(frame: pl.DataFrame) -> pl.DataFrame:
    """Copy a frame into buffers of its own."""
    copy = pl.from_arrow(frame.to_arrow(compat_level=pl.CompatLevel.oldest()), schema=frame.schema)
    return copy if isinstance(copy, pl.DataFrame) else copy.to_frame()
