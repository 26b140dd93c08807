"""Verification of a store: every kept file is parsed again, in order, into a replica, and both are compared.

The replica holds the rows and query results that the store should have. A digest proves only that bytes did not
change; a wrong bit in the bounds by which files are skipped changes no row, and still a query result.
"""

from collections.abc import Callable, Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import polars as pl

from indicators.definitions.periods import Period
from indicators.errors import PilotageError, UnknownError
from indicators.intake.deposit import check
from indicators.intake.rules import CollectionScope
from indicators.network import DATA_FOLDER as REFERENCE
from indicators.network import Network
from indicators.store.cursor import Cursor
from indicators.store.deposits import (
    Receipt,
    Submission,
    find_receipts,
    list_receipts,
    read_content,
    schema_versions,
    store_submission,
    withdraw,
)
from indicators.store.integrity import READ_ERRORS, Damage, DamageKind, check_catalogue, check_store
from schemas.datasets import STORED_DATASETS

GENERATED_COLUMNS: Final = ("deposit", "sequence", "submitted_at")
"""Columns that the replica generates itself; not compared."""

SAME_PARSING_SINCE: Final = 5
"""Oldest schema version whose program parsed every file as today's does; raise it when the parsing changes."""
COLUMNS_COMPLETE_SINCE: Final = 3
"""Schema version from which every deposit was made in a store with `LATER_COLUMNS`."""
LATER_COLUMNS: Final = {"structures": ("valid_from", "predecessor"), "actions": ("indicator",)}
"""Columns, by dataset, that the first stores did not have."""
MAX_LISTED_LINES: Final = 5
"""Most lines of a file listed where its rows differ."""

VerifyProgress = Callable[[int, int], None]


def verify(address: str, data: str | None, progress: VerifyProgress, reference: Path = REFERENCE) -> Iterator[Damage]:
    """Yield the damage found in a store; `progress` is called with the deposits checked and their total.

    Raises `PilotageError` if the store cannot be opened at all.
    """
    yield from check_catalogue(address, data)
    with Network(address, data, reference) as network:
        damaged = False
        for damage in check_store(network.lake):
            damaged = True
            yield damage
        try:
            receipts = sorted(list_receipts(network.lake), key=lambda receipt: receipt.sequence)
            schema_versions = _query_schema_versions(network)
        except READ_ERRORS:
            # Already reported: the records cannot be read.
            return
        with TemporaryDirectory(prefix="pilotage-") as folder, Network(folder, None, reference) as replica:
            for done, receipt in enumerate(receipts, 1):
                for damage in _check_deposit(network, replica, receipt, schema_versions.get(receipt.deposit, 0)):
                    damaged |= damage.is_certain
                    yield damage
                progress(done, len(receipts))
            # In a damaged store, every query would only report the same damage again.
            if not damaged:
                yield from _compare_queries(network, replica)


def _query_schema_versions(network: Network) -> dict[str, int]:
    """Return the schema version of the program that stored each deposit."""
    with network.lake.cursor() as cursor:
        return schema_versions(cursor)


def _check_deposit(network: Network, replica: Network, receipt: Receipt, schema_version: int) -> Iterator[Damage]:
    """Parse one kept file into the replica and compare its rows with the stored ones."""
    try:
        if receipt.withdraws:
            withdraw(replica.lake, receipt.withdraws, receipt.comment or "", receipt.author, receipt.submitted_at)
            return
        content = read_content(network.lake, receipt.deposit)
    except (UnknownError, *READ_ERRORS):
        # Missing files are reported by the checks of records and kept files.
        return
    if sha256(content).hexdigest() != receipt.sha256:
        return
    try:
        stored: pl.DataFrame | None = _stored_rows(network, receipt)
    except READ_ERRORS as failure:
        yield Damage(DamageKind.ROWS, receipt.deposit, str(failure))
        stored = None
    differing: pl.DataFrame | None = None
    reason = ""
    # The references that a file was parsed with may have been erased since, and the replica never had them: a file
    # that it cannot parse, or parses otherwise, is parsed with the store's references before damage is reported.
    for source in (replica, network):
        try:
            _replace_in_replica(replica, receipt, content, _parse_again(source, receipt, content))
        except PilotageError as failure:
            reason = reason or str(failure).removeprefix(f"store {replica.lake.name}: ").replace(replica.lake.name, "…")
            continue
        expected = _stored_rows(replica, receipt)
        if stored is None or stored.equals(expected):
            return
        differing = expected if differing is None else differing
    # Also where the stored rows cannot be read.
    if differing is None or stored is None:
        yield Damage(DamageKind.UNREAD, receipt.deposit, reason)
    elif not _is_same_without_later_columns(receipt, schema_version, stored, differing):
        kind = DamageKind.READ_OTHERWISE if schema_version < SAME_PARSING_SINCE else DamageKind.ROWS
        yield Damage(kind, receipt.deposit, _describe_difference(stored, differing))
    if stored is not None:
        # There is no other source for what its rows should be.
        _replace_in_replica(replica, receipt, content, stored)


def _is_same_without_later_columns(
    receipt: Receipt, schema_version: int, stored: pl.DataFrame, expected: pl.DataFrame
) -> bool:
    """Whether rows differ only in empty columns that the first stores did not have."""
    if schema_version >= COLUMNS_COMPLETE_SINCE:
        return False
    later = [name for name in LATER_COLUMNS.get(receipt.dataset, ()) if stored[name].null_count() == stored.height]
    return bool(later) and stored.drop(later).sort(pl.all()).equals(expected.drop(later).sort(pl.all()))


def _parse_again(source: Network, receipt: Receipt, content: bytes) -> pl.DataFrame:
    """Return the rows parsed from a file with a network's references; raise `PilotageError` if there are none."""
    scope = CollectionScope(Period.parse(receipt.period) if receipt.period else None, receipt.structure)
    # With the latest date every collection period is over: deadlines decide no row.
    validation = check(source, content, receipt.file_name or "", scope, date.max)
    if validation.table is None or validation.dataset != receipt.dataset:
        first = next(iter(validation.findings), None)
        raise PilotageError(f"not read any more: {first.code if first else validation.dataset}")
    return validation.table


def _replace_in_replica(replica: Network, receipt: Receipt, content: bytes, table: pl.DataFrame) -> None:
    """Store rows in the replica as those of a deposit, replacing any from an earlier attempt."""

    def change(cursor: Cursor) -> None:
        for name in (STORED_DATASETS[receipt.dataset].table, "files", "deposits"):
            cursor.delete_deposit(name, receipt.deposit)

    with replica.lake.cursor() as cursor:
        existing = find_receipts(cursor, receipt.deposit)
    if existing:
        replica.lake.write(change)
    store_submission(replica.lake, _submission_of(receipt, content, table))


def _submission_of(receipt: Receipt, content: bytes, table: pl.DataFrame) -> Submission:
    return Submission(
        receipt.deposit,
        receipt.author,
        receipt.submitted_at,
        receipt.dataset,
        receipt.file_name or "",
        content,
        receipt.rows_read,
        table,
        comment=receipt.comment,
        period=Period.parse(receipt.period) if receipt.period else None,
        structure=receipt.structure,
    )


def _stored_rows(network: Network, receipt: Receipt) -> pl.DataFrame:
    with network.lake.cursor() as cursor:
        return _comparable(cursor.rows_of_deposit(STORED_DATASETS[receipt.dataset].table, receipt.deposit))


def _comparable(rows: pl.DataFrame) -> pl.DataFrame:
    """Return stored rows without what the replica generates, whatever the order of rows and columns in their store."""
    return rows.select(sorted(set(rows.columns).difference(GENERATED_COLUMNS))).sort(pl.all())


def _describe_difference(stored: pl.DataFrame, expected: pl.DataFrame) -> str:
    """Describe how rows differ from their file's: the first differing lines, or the numbers of rows."""
    if stored.height != expected.height:
        return f"{stored.height} rows instead of {expected.height}"
    differing_rows = pl.concat([stored, expected]).filter(pl.concat([stored, expected]).is_unique())
    lines = sorted(set(differing_rows["line"]))
    return (
        "lines "
        + ", ".join(str(line) for line in lines[:MAX_LISTED_LINES])
        + (", …" if len(lines) > MAX_LISTED_LINES else "")
    )


def _compare_queries(network: Network, replica: Network) -> Iterator[Damage]:
    """Query both stores for current rows by each value of each filter column; yield the differences."""
    for dataset in STORED_DATASETS.values():
        name = f"current_{dataset.table}"
        # What waits for approval was decided in the store: the replica has the files only.
        with network.snapshot() as snapshot:
            set_aside = snapshot.set_aside
        with replica.snapshot() as snapshot:
            expected = _comparable(snapshot.cursor.current(name, set_aside))
        for column in dataset.found_by:
            for value, rows in expected.group_by(column):
                yield from _compare_query(network, name, column, value[0], rows)


def _compare_query(network: Network, name: str, column: str, value: object, expected: pl.DataFrame) -> Iterator[Damage]:
    try:
        with network.snapshot() as snapshot:
            stored = _comparable(snapshot.cursor.current(name, snapshot.set_aside, **{column: value}))
        is_same = stored.equals(expected.sort(pl.all()))
        detail = "" if is_same else _describe_difference(stored, expected)
    except (PilotageError, *READ_ERRORS) as failure:
        is_same, detail = False, str(failure)
    if not is_same:
        yield Damage(DamageKind.ANSWERS, f"{name} {column} {value}", detail)
