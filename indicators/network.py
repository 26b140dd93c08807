"""The network opened once: its store, its catalogue, its regions; and one consistent reading of them at a time."""

import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

import polars as pl

from indicators.answer_cache import Answer, AnswerCache, Uses
from indicators.cached import cached_property
from indicators.definitions.baselines import Break, Rebasing, breaks_of, read_rebasings, rebasings_of
from indicators.definitions.campaigns import Campaigns, read_campaigns
from indicators.definitions.catalogue import Catalogue, read_catalogue
from indicators.definitions.perimeters import BELONGS_PARTLY, MEMBERS, Dated, Level, Perimeter, Structure, Structures
from indicators.definitions.periods import Period, Span
from indicators.definitions.regions import Region, read_regions
from indicators.store.deposits import suppose
from indicators.store.lake import Cursor, Lake
from indicators.store.open_cursors import OpenCursors

DATA: Final = Path(__file__).parent.parent / "data"
QUESTIONS: Final = Path(__file__).parent / "queries" / "sql"
REFERENCES: Final = ("regions", "campaigns", "rebasings")
"""Names of the files of the folder `reference`."""
KEPT_VERSIONS: Final = 2
"""How many versions of the store keep their reference tables in memory: the current one and one being left."""
REGISTERS: Final = ("actions", "participation")
"""Datasets that are registers."""
OF_REGISTERS: Final = {
    "structure": pl.String,
    "indicator": pl.String,
    "period_end": pl.Date,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
}
"""Columns of what is counted from one."""
REMEMBERED: Final = 200
"""How many answers to what does not depend on the version are kept: a few years of each audience."""
KEPT_ANSWERS: Final = 1_500
"""How many answers one version keeps: a board is about 30 KB."""


def question(name: str) -> str:
    """Return the SQL of a question, by the name of its file."""
    return (QUESTIONS / f"{name}.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Target:
    """A target agreed for a perimeter and an indicator, from the start of one period to the end of another."""

    perimeter: str
    indicator: str
    starts: Period
    ends: Period | None
    value: float
    origin: str
    agreed_on: date | None

    def holds_in(self, period: Span) -> bool:
        """Whether the target is in force during the whole of a period."""
        return self.starts.start <= period.start and (self.ends is None or period.end <= self.ends.end)


@dataclass(frozen=True)
class Reading:
    """One question's view of the network: a cursor on one version of the store, and what that version refers to.

    `answers` keeps what is worth keeping for as long as the version is current: never cleared by hand, no time to live.
    `lasting` keeps what is known by its content.
    """

    cursor: Cursor
    version: int
    catalogue: Catalogue
    regions: Mapping[str, Region]
    campaigns: Campaigns
    rebasings: Sequence[Rebasing]
    foundations: Callable[[], str]
    """A digest of what its versions are counted upon: this very store, the catalogue, the other files of reference."""
    answers: AnswerCache
    lasting: AnswerCache

    def once(self, name: Hashable, ask: Callable[[], Answer]) -> Answer:
        """Return the answer kept for this version of the store under that name, asking for it the first time.

        Answers are small and are only read; what was not asked for the longest makes room.
        """

        def detached() -> Answer:
            found = ask()
            # A frame of texts may hold on to all that it was cut from, ten times its own size.
            return _alone(found) if isinstance(found, pl.DataFrame) else found  # type: ignore[return-value]

        return self.answers.get_or_compute(name, detached)

    def remembered(self, name: Hashable, ask: Callable[[], Answer]) -> Answer:
        """Return the answer kept under a name that tells all it depends on, whatever the version of the store."""
        return self.lasting.get_or_compute(name, ask)

    @property
    def tag(self) -> str:
        """What an answer depends on: the version of the store and all that is read of files."""
        return f"{self.version}-{self.foundations()}"

    @cached_property
    def withdrawn(self) -> list[str]:
        """Ids of the deposits that another one withdraws."""
        sql = "select withdraws from lake.deposits where withdraws is not null"
        return self.once("withdrawn", lambda: [str(row[0]) for row in self.cursor.rows(sql)])

    @cached_property
    def structures(self) -> Structures:
        """Structures in force, in the order of their names."""
        return self.once("structures", self._read_structures)

    def _read_structures(self) -> Structures:
        sql = (
            "select * exclude (deposit, sequence, submitted_at, line) from dated_structures($withdrawn)"
            " order by structure, holds_from"
        )
        rows = self.cursor.frame(sql, withdrawn=self.withdrawn).rename({"structure": "id", "group": "group_name"})
        newest: dict[str, Structure] = {}
        past: dict[str, list[Dated]] = {}
        for row in rows.iter_rows(named=True):
            held = (row.pop("holds_from"), row.pop("holds_until"))
            structure = newest[row["id"]] = Structure(**row)
            past.setdefault(structure.id, []).append(Dated(structure, *held))
        ordered = sorted(newest.values(), key=lambda structure: structure.name)
        changed = {id_: several for id_, several in past.items() if len(several) > 1}
        return Structures({structure.id: structure for structure in ordered}, changed)

    @cached_property
    def targets(self) -> Sequence[Target]:
        """Targets in force, those that start last first."""
        return self.once("targets", self._read_targets)

    def _read_targets(self) -> Sequence[Target]:
        sql = "select perimeter, indicator, starts, ends, value, origin, agreed_on from current_targets($withdrawn)"
        targets = [
            Target(**{**row, "starts": Period.parse(row["starts"]), "ends": row["ends"] and Period.parse(row["ends"])})
            for row in self.cursor.frame(sql, withdrawn=self.withdrawn).iter_rows(named=True)
        ]
        return sorted(targets, key=lambda target: target.starts.start, reverse=True)

    @cached_property
    def _targets_of(self) -> Mapping[tuple[str, str], Sequence[Target]]:
        """The same by perimeter and indicator: a board asks a hundred times for one."""

        def sort() -> Mapping[tuple[str, str], Sequence[Target]]:
            found: dict[tuple[str, str], list[Target]] = {}
            for target in self.targets:
                found.setdefault((target.perimeter, target.indicator), []).append(target)
            return found

        return self.once("targets of", sort)

    def target(self, perimeter: Perimeter, indicator: str, period: Span) -> Target | None:
        """Return the target of a perimeter in a period: its own, else that of its group, its region, the network."""
        chain = [perimeter.code]
        if perimeter.level is Level.STRUCTURE:
            # Its group and its region are those that it had then.
            structure = self.structures.at(period.end)[perimeter.name]
            chain += [f"{Level.GROUP}:{structure.group}", f"{Level.REGION}:{structure.region}"]
        for code in dict.fromkeys([*chain, Level.NETWORK.value]):
            for target in self._targets_of.get((code, indicator), ()):
                if target.holds_in(period):
                    return target
        return None

    def rebased(self, perimeter: Perimeter, indicator: str) -> Sequence[Rebasing]:
        """Return the re-basings decided for a structure, oldest first; the series of other perimeters have none."""
        if perimeter.level is not Level.STRUCTURE:
            return ()
        # One that was decided for a region, a group or a kind is of those that were in it then.
        past = self.structures.past.get(perimeter.name) or [Dated(self.structures[perimeter.name], date.min, date.max)]
        return [
            rebasing
            for dated in past
            for rebasing in rebasings_of(self.rebasings, dated.structure, indicator)
            if dated.holds_from <= rebasing.since.start <= dated.holds_until
        ]

    def breaks(self, perimeter: Perimeter, indicator: str) -> Sequence[Break]:
        """Return where the series of a perimeter begins anew, oldest first: re-basings and a new definition."""
        return breaks_of(self.catalogue[indicator], self.rebased(perimeter, indicator))

    @cached_property
    def contested(self) -> pl.DataFrame:
        """Structures and periods of which several deposits tell; once known, `settled_measures` can be asked."""
        found = self.once("contested", self.cursor.contested)
        self.cursor.settle(found)
        return found

    @property
    def knows_contested(self) -> bool:
        """Whether that is known already: to ask `settled_measures` is then the quickest way."""
        return "contested" in self.answers

    def ask(self, name: str, **values: object) -> pl.DataFrame:
        """Ask the question of that name, with its values bound and the withdrawn deposits left out."""
        sql = question(name)
        if "settled_measures" in sql:
            _ = self.contested
        return self.cursor.frame(sql, withdrawn=self.withdrawn, **values)

    def ask_reported(self, name: str, members: Sequence[str] | pl.DataFrame, **values: object) -> pl.DataFrame:
        """Ask a question on what some structures reported; their first and last codes bound what is read of files.

        `members` are codes or, where who belongs changes with time, a frame (`MEMBERS`): of each structure, between
        which days a period must end.
        """
        partly = members.filter(BELONGS_PARTLY) if isinstance(members, pl.DataFrame) else pl.DataFrame(schema=MEMBERS)
        codes = members["structure"].unique().to_list() if isinstance(members, pl.DataFrame) else list(members)
        everyone = partly.is_empty() and len(codes) == len(self.structures)
        return self.ask(
            name,
            everyone=everyone,
            # Handing over thousands of codes costs more than the question itself.
            members=[] if everyone else codes,
            first=min(codes, default=""),
            last=max(codes, default=""),
            partly=partly["structure"].to_list(),
            partly_from=partly["holds_from"].to_list(),
            partly_until=partly["holds_until"].to_list(),
            **values,
        )

    @cached_property
    def register_counts(self) -> pl.DataFrame:
        """Counts taken from the registers: structure, indicator, period, period_end, numerator, denominator.

        Where a structure of a perimeter keeps the register of a derived indicator, the perimeter's figure is counted
        from registers alone: a total that another one reports without its register is shown, never consolidated.
        """
        return self.once("register_counts", self._count_registers)

    def _count_registers(self) -> pl.DataFrame:
        known = {row[0] for row in self.cursor.rows("select distinct dataset from lake.deposits")}
        # Planning what counts them takes a third of a second, for nothing where no register was ever deposited.
        counted = [self.ask(f"counts_from_{name}") for name in REGISTERS if name in known]
        counts = pl.concat([pl.DataFrame(schema=OF_REGISTERS), *counted], how="vertical_relaxed")
        derived = [sheet for sheet in self.catalogue if sheet.source == "derived"]
        concerned = pl.DataFrame(
            [
                (dated.structure.id, dated.holds_from, dated.holds_until, sheet.id)
                for dated in self.structures.dated
                for sheet in derived
                if sheet.applies_to(dated.structure.kind)
            ],
            schema={**MEMBERS, "indicator": pl.String},
            orient="row",
        )
        quarter = pl.format("{}-T{}", pl.col("period_end").dt.year(), pl.col("period_end").dt.quarter())
        return (
            counts.join(concerned, on=["structure", "indicator"], maintain_order="left")
            .filter(pl.col("period_end").is_between("holds_from", "holds_until"))
            .drop("holds_from", "holds_until")
            .join(self._reported_beside(counts), on=["structure", "indicator"], how="anti", maintain_order="left")
            .with_columns(quarter.alias("period"))
        )

    def _reported_beside(self, counts: pl.DataFrame) -> pl.DataFrame:
        """Return structure and indicator of what a register never counted and its structure reported: it stands."""
        total = pl.col("numerator").sum() + pl.col("denominator").fill_null(0).sum()
        never = counts.group_by("structure", "indicator").agg(total.alias("total")).filter(pl.col("total") == 0)
        names = never["indicator"].unique().to_list()
        if never.is_empty():
            return never
        return never.join(self.ask("reporting_structures", indicators=names), on=["structure", "indicator"], how="semi")


def _alone(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the same frame with texts of its own."""
    copied = pl.from_arrow(frame.to_arrow(compat_level=pl.CompatLevel.oldest()), schema=frame.schema)
    return copied if isinstance(copied, pl.DataFrame) else copied.to_frame()


class Network:
    """The network's store, catalogue and regions, opened once for a process and shared by its threads."""

    def __init__(self, store: str, data: str | None = None, reference: Path = DATA, *, upgrade: bool = False) -> None:
        """Open everything; a `CatalogueError` or a `StoreError` names what is wrong."""
        self.catalogue = read_catalogue(reference / "catalogue")
        files = [reference / "reference" / f"{name}.csv" for name in REFERENCES]
        self.regions = read_regions(files[0])
        self.campaigns = read_campaigns(files[1])
        self.rebasings = read_rebasings(files[2], self.catalogue, self.regions)
        self._digests = [self.catalogue.digest, *(sha256(path.read_bytes()).hexdigest() for path in files)]
        self.lake = Lake(store, data, upgrade=upgrade)
        self.open_cursors = OpenCursors(self.lake)
        self.uses = Uses()
        """What the caches of its versions were asked for."""
        self._answers: dict[int, AnswerCache] = {}
        self._lasting = AnswerCache(REMEMBERED, self.uses)
        self._turning = threading.Lock()

    @cached_property
    def foundations(self) -> str:
        """A digest of this store and of all that is read of files at start: a restored store counts versions anew."""
        return sha256(" ".join([self.lake.identity, *self._digests]).encode()).hexdigest()[:12]

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Give one question a consistent view of the newest version of the store.

        A process that serves many lets it be the newest of a moment ago (`open_cursors.fresh_s`).
        """
        with self.open_cursors.lent() as (cursor, version):
            with self._turning:
                answers = self._answers.setdefault(version, AnswerCache(KEPT_ANSWERS, self.uses))
                for old in sorted(self._answers)[:-KEPT_VERSIONS]:
                    del self._answers[old]
            yield self._reading(cursor, version, answers)

    @contextmanager
    def supposing(self, dataset: str, rows: pl.DataFrame) -> Iterator[Reading]:
        """Give one question a view of the store as a file's deposit would leave it; nothing of it stays."""
        with self.lake.supposing() as cursor:
            suppose(cursor, dataset, rows)
            yield self._reading(cursor, cursor.version(), AnswerCache(KEPT_ANSWERS))

    def _reading(self, cursor: Cursor, version: int, answers: AnswerCache) -> Reading:
        return Reading(
            cursor,
            version,
            self.catalogue,
            self.regions,
            self.campaigns,
            self.rebasings,
            lambda: self.foundations,
            answers,
            self._lasting,
        )

    def close(self) -> None:
        """Close the store."""
        self.open_cursors.close()
        self.lake.close()

    def __enter__(self) -> Self:
        """Return the opened network."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self.close()
