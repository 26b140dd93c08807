"""One consistent view of the store at one version, with its caches."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import update_wrapper
from pathlib import Path
from typing import Any, Concatenate, Final, Literal, ParamSpec, Protocol, Self, TypeVar, runtime_checkable

import polars as pl

from indicators.answer_cache import Answer, AnswerCache, detach, digest
from indicators.cached import cached_property
from indicators.definitions.baselines import Break, Rebaseline, breaks_of, rebaselines_of
from indicators.definitions.campaigns import Campaigns
from indicators.definitions.catalogue import Audience, Catalogue
from indicators.definitions.perimeters import (
    Level,
    Perimeter,
    Structure,
    Structures,
    StructureVersion,
)
from indicators.definitions.periods import Period, Span
from indicators.definitions.regions import Department, Region
from indicators.definitions.targets import Target, is_whole_year
from indicators.definitions.thresholds import Threshold
from indicators.raw_counts import RawCounts
from indicators.store.approvals import ApprovalState
from indicators.store.campaign_records import campaigns_in_force
from indicators.store.cursor import Cursor
from schemas.columns import Dataset
from schemas.datasets import STORED_DATASETS
from schemas.structures import STRUCTURES
from schemas.targets import TARGETS

SQL_FOLDER: Final = Path(__file__).parent / "queries" / "sql"
MAX_ADMITTED_ANSWERS: Final = 300
"""Answers cached while somebody looks at a deposit that waits for approval."""
CountQuery = Literal[
    "counts_at_risk",
    "counts_by_part",
    "counts_from_actions",
    "counts_from_meetings",
    "counts_from_participation",
    "counts_from_plan",
    "perimeter_counts",
    "reported_counts",
    "structure_counts",
]
"""Queries (files of `queries/sql`) of the counts behind public figures: their rows are `RawCounts`."""
RowQuery = Literal[
    "action_references",
    "action_summary",
    "action_values",
    "actions_by_quarter",
    "actions_on_indicators",
    "approval_states",
    "assemblies_and_boards",
    "bodies_of_year",
    "body_names",
    "counted_actions",
    "counted_meetings",
    "counted_occasions",
    "counted_participation",
    "covered_meetings",
    "current_measures_of_many",
    "current_measures_of_periods",
    "current_measures_until",
    "delivered_indicators",
    "deliveries",
    "deposit_record",
    "deposited_datasets",
    "deposits",
    "deposits_by_dataset",
    "deposits_of_a_file",
    "due_meetings",
    "figures_lost_by_withdrawal",
    "file_digests",
    "journal_records",
    "last_deposits",
    "linked_actions",
    "listed_actions",
    "measure_history",
    "meeting_years",
    "meetings",
    "newest_deposits_of_periods",
    "notes",
    "occasions",
    "occasions_by_dimension",
    "overdue_actions",
    "paper_actions",
    "paper_meetings",
    "paper_requests",
    "participation_years",
    "plan_lines",
    "plan_years",
    "planned_meetings",
    "public_register_part",
    "real_names",
    "removed_figures",
    "reopened_actions",
    "reported_action_total",
    "reported_periods",
    "reported_periods_after",
    "reporting_structures",
    "request_references",
    "request_totals",
    "requests",
    "restored_by_withdrawal",
    "structure_versions",
    "structures_of_a_deposit",
    "targets",
    "waiting_deposits",
    "written_action_references",
    "years_beside_quarters",
]
"""All other queries: rows of deposits, of structures, of registers."""

Parameters = ParamSpec("Parameters")


def load_sql(name: CountQuery | RowQuery) -> str:
    """Return the SQL text of a query by the name of its file."""
    return (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


@runtime_checkable
class Detachable(Protocol):
    """An answer made of frames, which can be copied into buffers of their own."""

    def detached(self) -> Self:
        """Return the same answer in buffers of its own."""


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
    departments: Mapping[str, Department]
    declared_campaigns: Campaigns
    """Campaigns of the beginning; `campaigns` are those in force."""
    rebaselines: Sequence[Rebaseline]
    source_digest: Callable[[], str]
    """Digest of everything but the version: the identity of this store, the catalogue and the reference files."""
    version_cache: AnswerCache
    content_cache: AnswerCache
    uncommitted: str | None = None
    """Dataset with rows of a dry run, which no deposit records."""
    thresholds: Sequence[Threshold] = ()
    admitted: str | None = None
    """A deposit that is read as if it were approved, for those who may see what waits."""

    def cached(self, key: Hashable, compute: Callable[[], Answer]) -> Answer:
        """Cache `compute()` under `key` until the store's version changes.

        Answers are small and must not be changed; the least recently used are evicted.
        """

        def compute_detached() -> Answer:
            answer = compute()
            if isinstance(answer, pl.DataFrame):
                return detach(answer)  # type: ignore[return-value]  # a frame like the one computed
            return answer.detached() if isinstance(answer, Detachable) else answer

        return self.version_cache.get_or_compute(key, compute_detached)

    def cached_by_content(self, key: Hashable, compute: Callable[[], Answer]) -> Answer:
        """Cache `compute()` under a key that contains all it depends on, across versions of the store."""
        return self.content_cache.get_or_compute(key, compute)

    @property
    def tag(self) -> str:
        """Identifier of all that an answer depends on: the store's version and the source digest."""
        return f"{self.version}-{self.source_digest()}"

    @cached_property
    def _deposits_by_dataset(self) -> Sequence[tuple[Any, ...]]:
        """Dataset, number of its newest deposit, ids of those withdrawn, and whether any was subject to approval."""
        sql = load_sql("deposits_by_dataset")
        return self.cached("deposits by dataset", lambda: self.cursor.rows(sql))

    @cached_property
    def withdrawn(self) -> list[str]:
        """Ids of the withdrawn deposits."""
        return [deposit for _, _, withdrawn, _ in self._deposits_by_dataset for deposit in withdrawn]

    @cached_property
    def approval_states(self) -> Mapping[str, ApprovalState]:
        """Where each deposit stands that was subject to approval and was not withdrawn, by its id, oldest first."""
        if not any(subject for _, _, _, subject in self._deposits_by_dataset):
            return {}

        def read() -> Mapping[str, ApprovalState]:
            return {deposit: ApprovalState(state) for deposit, state in self.query("approval_states").iter_rows()}

        return self.cached("approval states", read)

    @cached_property
    def set_aside(self) -> list[str]:
        """Ids of the deposits that are not in force: withdrawn, waiting for approval or sent back.

        The one place that decides it: every query of current rows leaves these out.
        """
        states = self.approval_states.items()
        not_approved = [deposit for deposit, state in states if state is not ApprovalState.APPROVED]
        return self.withdrawn + [deposit for deposit in not_approved if deposit != self.admitted]

    def admitting(self, deposit: str) -> Self:
        """Return the same view with a deposit that waits for approval read as if it were approved.

        Only for those who may see what waits: pages decide it. Its answers are cached apart.
        """
        return replace(self, admitted=deposit, version_cache=AnswerCache(MAX_ADMITTED_ANSWERS))

    @cached_property
    def campaigns(self) -> Campaigns:
        """The campaigns in force: those of the beginning, and what the store declares over them."""
        return self.cached("campaigns", lambda: campaigns_in_force(self.cursor, self.declared_campaigns))

    def _newest_deposit(self, dataset: Dataset) -> int:
        """Return the sequence number of the newest deposit of a dataset; 0 if there is none."""
        return next((number for name, number, _, _ in self._deposits_by_dataset if name == dataset.name), 0)

    def may_hold(self, dataset: Dataset) -> bool:
        """Whether rows of a dataset were ever deposited: an empty table is the slowest to query."""
        return dataset.name == self.uncommitted or self._newest_deposit(dataset) > 0

    def cached_by_deposits(self, datasets: Sequence[Dataset], key: Hashable, compute: Callable[[], Answer]) -> Answer:
        """Cache what is computed of the rows of some datasets alone until a deposit of one, or a withdrawal."""
        if any(dataset.name == self.uncommitted for dataset in datasets):
            return self.cached(key, compute)
        newest = tuple(self._newest_deposit(dataset) for dataset in datasets)
        return self.cached_by_content((key, newest, tuple(self.set_aside)), compute)

    @cached_property
    def structures(self) -> Structures:
        """Current structures, sorted by name."""
        return self.cached_by_deposits([STRUCTURES], "structures", self._read_structures)

    @property
    def _structure_rows(self) -> pl.DataFrame:
        def read() -> pl.DataFrame:
            return detach(self.query("structure_versions"))

        return self.cached_by_deposits([STRUCTURES], "structure rows", read)

    @property
    def _target_rows(self) -> pl.DataFrame:
        return self.cached_by_deposits([TARGETS], "target rows", lambda: detach(self.query("targets")))

    @property
    def reference_digest(self) -> str:
        """Digest of what figures are read by: structures, targets, the catalogue and the reference files."""
        rows = self.cached("reference digest", lambda: digest(self._structure_rows) + digest(self._target_rows))
        return f"{rows}-{self.source_digest()}"

    def _read_structures(self) -> Structures:
        rows = self._structure_rows.rename({"structure": "id", "group": "group_name"})
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
            for row in self._target_rows.iter_rows(named=True)
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
        """Return the target of a perimeter in a period: its own, else its group's, its region's or the network's.

        What adds up over a year is never due in one of its quarters: a target that is given in years is of whole years.
        """
        adds_up = self.catalogue[indicator].aggregation == "sum"
        chain = [perimeter.code]
        if perimeter.level is Level.STRUCTURE:
            # The group and the region of the structure at the end of the period.
            structure = self.structures.as_of(period.end)[perimeter.name]
            chain += [f"{Level.GROUP}:{structure.group}", f"{Level.REGION}:{structure.region}"]
        for code in dict.fromkeys([*chain, Level.NETWORK.value]):
            for target in self._targets_by_key.get((code, indicator), ()):
                if target.covers(period) and not (adds_up and target.is_of_years and not is_whole_year(period)):
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
        return self.cursor.current(f"current_{STORED_DATASETS[dataset].table}", self.set_aside)

    def query(self, name: RowQuery, **values: object) -> pl.DataFrame:
        """Return the rows of the query of that name (`queries/sql`), its values bound.

        One that names `$set_aside` is given the ids of the deposits that are not in force.
        """
        return self._run(name, values)

    def query_counts(self, name: CountQuery, **values: object) -> RawCounts:
        """Return the counts of the query of that name, as `query` does, for disclosure control only."""
        return RawCounts(self._run(name, values))

    def _run(self, name: CountQuery | RowQuery, values: dict[str, object]) -> pl.DataFrame:
        sql = load_sql(name)
        if "settled_measures" in sql:
            _ = self.overlapping_deposits
        if "$set_aside" in sql:
            values["set_aside"] = self.set_aside
        return self.cursor.frame(sql, **values)

    @property
    def reported_periods(self) -> pl.DataFrame:
        """Periods with delivered measures: period, period_end; oldest first."""
        return self.cached("reported periods", lambda: self.query("reported_periods"))


@dataclass(frozen=True)
class QueryContext:
    """Who asks, on which day, of which snapshot: what every query of figures needs."""

    snapshot: Snapshot
    audience: Audience
    today: date
    """Cohorts in follow-up on that day have no figure yet."""
    others_audience: Audience = Audience.PUBLIC
    """Whom the asker counts among for structures other than those asked about: management sees its own only."""

    @property
    def peers_audience(self) -> Audience:
        """The audience that applies to the peers of what is asked about."""
        return self.others_audience if self.audience is Audience.MANAGEMENT else self.audience

    @property
    def of_peers(self) -> "QueryContext":
        """The context in which the peers of what is asked about are read."""
        return replace(self, audience=self.peers_audience)


Asker = TypeVar("Asker", Snapshot, QueryContext)


def per_version(
    function: Callable[Concatenate[Asker, Parameters], Answer],
) -> Callable[Concatenate[Asker, Parameters], Answer]:
    """Cache what a function of a snapshot, or of a context, returns until the store's version changes.

    The function and its arguments are the key, audience and day among them. Threads that ask at the same time get one
    computation (`AnswerCache`).
    """
    name = f"{function.__module__}.{function.__qualname__}"

    def cached(asker: Asker, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
        key: list[Hashable] = [name, *map(_as_key, args)]
        key += [(word, _as_key(value)) for word, value in sorted(kwargs.items())]
        if isinstance(asker, QueryContext):
            snapshot, key = asker.snapshot, [*key, asker.audience, asker.peers_audience, asker.today]
        else:
            snapshot = asker
        return snapshot.cached(tuple(key), lambda: function(asker, *args, **kwargs))

    update_wrapper(cached, function)
    return cached


def _as_key(argument: object) -> Hashable:
    """Return what identifies an argument within one version."""
    match argument:
        case Mapping():
            return tuple((_as_key(key), _as_key(value)) for key, value in argument.items())
        case list() | tuple():
            return tuple(map(_as_key, argument))
        case _:
            return argument
