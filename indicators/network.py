"""The network opened once per process: store, catalogue and reference data, read through consistent snapshots."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import polars as pl

from indicators.answer_cache import AnswerCache, CacheCounters
from indicators.cached import cached_property
from indicators.definitions.baselines import read_rebaselines
from indicators.definitions.campaigns import read_campaigns
from indicators.definitions.catalogue import read_catalogue
from indicators.definitions.regions import read_departments, read_regions
from indicators.definitions.thresholds import read_thresholds
from indicators.shipped_files import SHIPPED_FILES
from indicators.snapshot import Snapshot
from indicators.store.cursor import Cursor
from indicators.store.deposits import append_dry_run
from indicators.store.lake import Lake
from indicators.store.open_cursors import OpenCursors
from schemas.reference_data import REFERENCE_FILES

if TYPE_CHECKING:
    from indicators.accounts.database import AccountsDatabase

DATA_FOLDER: Final = SHIPPED_FILES / "data"
MAX_CACHED_VERSIONS: Final = 2
"""Store versions whose answers stay cached: the current one and the one before, still read by running requests."""
MAX_CONTENT_ANSWERS: Final = 200
"""Cached answers that do not depend on the version: a few years for each audience."""
MAX_ANSWERS_PER_VERSION: Final = 1_500
"""Cached answers of one version; a board is about 30 KB."""


class Network:
    """Store, catalogue and reference data of the network, shared by the threads of a process."""

    def __init__(
        self, store: str, data: str | None = None, reference: Path = DATA_FOLDER, *, upgrade: bool = False
    ) -> None:
        """Open store and reference data; raises a `CatalogueError` or a `StoreError`."""
        self.catalogue = read_catalogue(reference / "catalogue")
        paths = [reference / "reference" / f"{file.dataset.name}.csv" for file in REFERENCE_FILES]
        regions, campaigns, rebaselines, thresholds, departments = paths
        self.regions = read_regions(regions)
        self.departments = read_departments(departments)
        self.declared_campaigns = read_campaigns(campaigns)
        """Campaigns of the beginning; the store declares others over them (`Snapshot.campaigns`)."""
        self.rebaselines = read_rebaselines(rebaselines, self.catalogue, self.regions)
        self.thresholds = read_thresholds(thresholds, self.catalogue)
        self._digests = [self.catalogue.digest, *(sha256(path.read_bytes()).hexdigest() for path in paths)]
        self.lake = Lake(store, data, upgrade=upgrade)
        self.open_cursors = OpenCursors(self.lake)
        self.cache_counters = CacheCounters()
        """Counters of all its caches."""
        self._version_caches: dict[int, AnswerCache] = {}
        self._content_cache = AnswerCache(MAX_CONTENT_ANSWERS, self.cache_counters)
        self._versions_lock = threading.Lock()
        self._accounts: AccountsDatabase | None = None
        self._accounts_lock = threading.Lock()

    @cached_property
    def source_digest(self) -> str:
        """Digest of this store's identity and of all files read at start: a restored store numbers versions anew."""
        return sha256(" ".join([self.lake.identity, *self._digests]).encode()).hexdigest()[:12]

    @contextmanager
    def snapshot(self, *, newest: bool = False) -> Iterator[Snapshot]:
        """Open a snapshot of the newest version of the store.

        A server process accepts the newest version of a moment ago (`open_cursors.fresh_s`), or the one before while
        the newest is warmed up (`open_cursors.hold_s`); `newest` accepts neither.
        """
        with self.open_cursors.lend(newest=newest) as (cursor, version):
            with self._versions_lock:
                version_cache = self._version_caches.setdefault(
                    version, AnswerCache(MAX_ANSWERS_PER_VERSION, self.cache_counters)
                )
                for old in sorted(self._version_caches)[:-MAX_CACHED_VERSIONS]:
                    del self._version_caches[old]
            yield self._snapshot(cursor, version, version_cache)

    @contextmanager
    def dry_run(self, dataset: str, rows: pl.DataFrame) -> Iterator[Snapshot]:
        """Open a snapshot of the store as it would be after depositing some rows; they are rolled back at the end."""
        with self.lake.cursor() as cursor:
            append_dry_run(cursor, dataset, rows)
            yield self._snapshot(cursor, cursor.version(), AnswerCache(MAX_ANSWERS_PER_VERSION), dataset)

    def _snapshot(
        self, cursor: Cursor, version: int, version_cache: AnswerCache, uncommitted: str | None = None
    ) -> Snapshot:
        return Snapshot(
            cursor,
            version,
            self.catalogue,
            self.regions,
            self.departments,
            self.declared_campaigns,
            self.rebaselines,
            lambda: self.source_digest,
            version_cache,
            self._content_cache,
            uncommitted,
            self.thresholds,
        )

    @property
    def accounts(self) -> "AccountsDatabase":
        """The accounts of the members, opened on first use; a `StoreError` if they cannot be."""
        with self._accounts_lock:
            if self._accounts is None:
                self._accounts = self.lake.open_accounts()
            return self._accounts

    def close(self) -> None:
        """Close the store."""
        if self._accounts is not None:
            self._accounts.close()
        self.open_cursors.close()
        self.lake.close()

    def __enter__(self) -> Self:
        """Return the opened network."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self.close()
