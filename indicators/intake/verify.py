"""A store held against what was deposited in it: every kept file is read again, in order, into a store beside it.

That twin says what the rows and the answers should be. A digest says only that bytes did not change; a wrong bit in a
bound by which files are left unread changes no row, and still an answer.
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
from indicators.intake.rules import Collected
from indicators.network import DATA as REFERENCE
from indicators.network import Network
from indicators.store.deposits import TABLE_OF, Receipt, Submission, append, content_of, history, receipts_of, withdraw
from indicators.store.integrity import DOUBTFUL, Damage, Kind, catalogue_damage, store_damage
from indicators.store.lake import Cursor

GIVEN_ANEW: Final = ("deposit", "sequence", "submitted_at")
"""Columns of rows that a twin gives itself."""
ANSWERS: Final = {
    "current_measures": ("structure", "period", "period_end", "indicator", "segment"),
    "current_actions": ("structure", "reference"),
    "current_participation": ("structure", "reference", "held_on"),
    "current_targets": ("perimeter", "indicator"),
    "current_structures": ("structure",),
}
"""What is in force, and the columns by which pages ask for a part of it."""

READ_ALIKE_SINCE: Final = 2
"""Schema version of the oldest program that read every file as that of today; to be raised when the reading changes."""
COLUMNS_COMPLETE_SINCE: Final = 3
"""Schema version from which a deposit says for certain that its store had `LATER_COLUMNS`."""
LATER_COLUMNS: Final = {"structures": ("valid_from", "predecessor"), "actions": ("indicator",)}
"""Columns, by dataset, that the first stores had not."""
LINES: Final = 5
"""Lines of a file that are named where its rows differ."""

Progress = Callable[[int, int], None]


def verify(address: str, data: str | None, progress: Progress, reference: Path = REFERENCE) -> Iterator[Damage]:
    """Yield what is damaged in a store; `progress` is told how many deposits of how many have been read again.

    A `PilotageError` if the store cannot be opened at all.
    """
    yield from catalogue_damage(address, data)
    with Network(address, data, reference) as network:
        damaged = False
        for damage in store_damage(network.lake):
            damaged = True
            yield damage
        try:
            receipts = sorted(history(network.lake), key=lambda receipt: receipt.sequence)
            read_by = _schema_versions(network)
        except DOUBTFUL:
            # It was told that the records cannot be read.
            return
        with TemporaryDirectory(prefix="pilotage-") as folder, Network(folder, None, reference) as twin:
            for done, receipt in enumerate(receipts, 1):
                for damage in _read_again(network, twin, receipt, read_by.get(receipt.deposit, 0)):
                    damaged |= damage.is_certain
                    yield damage
                progress(done, len(receipts))
            # Of what is known to be damaged, every answer would only say so again.
            if not damaged:
                yield from _other_answers(network, twin)


def _schema_versions(network: Network) -> dict[str, int]:
    """Return by which schema version's program each file was read."""
    with network.lake.cursor() as cursor:
        known = cursor.rows("select deposit, coalesce(schema_version, 0) from lake.deposits")
    return {str(deposit): int(str(version)) for deposit, version in known}


def _read_again(network: Network, twin: Network, receipt: Receipt, read_by: int) -> Iterator[Damage]:
    """Read one kept file into the twin, and hold its rows against those of the store; `read_by`: a schema version."""
    try:
        if receipt.withdraws:
            withdraw(twin.lake, receipt.withdraws, receipt.comment or "", receipt.author, receipt.submitted_at)
            return
        content = content_of(network.lake, receipt.deposit)
    except (UnknownError, *DOUBTFUL):
        # What is missing was told by the records and the kept files.
        return
    if sha256(content).hexdigest() != receipt.sha256:
        return
    try:
        own: pl.DataFrame | None = _rows_of(network, receipt)
    except DOUBTFUL as failure:
        yield Damage(Kind.ROWS, receipt.deposit, str(failure))
        own = None
    different: pl.DataFrame | None = None
    reason = ""
    # What a file was read by may have been erased since, and the twin never had it: what it does not read, or reads
    # otherwise, is read by what the store itself knows before anything is said of it.
    for reader in (twin, network):
        try:
            _store_again(twin, receipt, content, _table_of(reader, receipt, content))
        except PilotageError as failure:
            reason = reason or str(failure).removeprefix(f"store {twin.lake.name}: ").replace(twin.lake.name, "…")
            continue
        expected = _rows_of(twin, receipt)
        if own is None or own.equals(expected):
            return
        different = expected if different is None else different
    # Here too where `own` is none: then nothing could be read.
    if different is None or own is None:
        yield Damage(Kind.UNREAD, receipt.deposit, reason)
    elif not _is_same_without_later_columns(receipt, read_by, own, different):
        kind = Kind.READ_OTHERWISE if read_by < READ_ALIKE_SINCE else Kind.ROWS
        yield Damage(kind, receipt.deposit, _difference(own, different))
    if own is not None:
        # Nothing else says what its rows should be.
        _store_again(twin, receipt, content, own)


def _is_same_without_later_columns(receipt: Receipt, read_by: int, own: pl.DataFrame, expected: pl.DataFrame) -> bool:
    """Whether rows differ only in columns that the first stores had not, and that hold nothing."""
    if read_by >= COLUMNS_COMPLETE_SINCE:
        return False
    later = [name for name in LATER_COLUMNS.get(receipt.dataset, ()) if own[name].null_count() == own.height]
    return bool(later) and own.drop(later).sort(pl.all()).equals(expected.drop(later).sort(pl.all()))


def _table_of(reader: Network, receipt: Receipt, content: bytes) -> pl.DataFrame:
    """Return what the intake reads in a file by what a network knows; a `PilotageError` where it reads no rows."""
    collected = Collected(Period.parse(receipt.period) if receipt.period else None, receipt.structure)
    # What was collected then is over, whatever the day: what is due decides no row.
    found = check(reader, content, receipt.file_name or "", collected, date.max)
    if found.table is None or found.dataset != receipt.dataset:
        first = next(iter(found.findings), None)
        raise PilotageError(f"not read any more: {first.code if first else found.dataset}")
    return found.table


def _store_again(twin: Network, receipt: Receipt, content: bytes, table: pl.DataFrame) -> None:
    """Store rows in the twin as those of a deposit, in place of any that an earlier reading of it left."""

    def change(cursor: Cursor) -> None:
        for name in (TABLE_OF[receipt.dataset], "files", "deposits"):
            cursor.rows(f"delete from lake.{name} where deposit = $deposit", deposit=receipt.deposit)  # noqa: S608 - ours

    with twin.lake.cursor() as cursor:
        known = receipts_of(cursor, receipt.deposit)
    if known:
        twin.lake.write(change)
    append(twin.lake, _as_it_was(receipt, content, table))


def _as_it_was(receipt: Receipt, content: bytes, table: pl.DataFrame) -> Submission:
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


def _rows_of(network: Network, receipt: Receipt) -> pl.DataFrame:
    with network.lake.cursor() as cursor:
        sql = f"from lake.{TABLE_OF[receipt.dataset]} where deposit = $deposit"
        return cursor.frame(sql, deposit=receipt.deposit).drop(GIVEN_ANEW).sort(pl.all())


def _difference(own: pl.DataFrame, expected: pl.DataFrame) -> str:
    """Say where rows are not what their file says: the first lines of it, or how many there are."""
    if own.height != expected.height:
        return f"{own.height} rows instead of {expected.height}"
    other = pl.concat([own, expected]).filter(pl.concat([own, expected]).is_unique())
    lines = sorted(set(other["line"]))
    return "lines " + ", ".join(str(line) for line in lines[:LINES]) + (", …" if len(lines) > LINES else "")


def _other_answers(network: Network, twin: Network) -> Iterator[Damage]:
    """Ask both stores for what is in force, by each value of each column by which pages ask; tell where they differ."""
    for name, columns in ANSWERS.items():
        with twin.reading() as reading:
            expected = reading.cursor.frame(f"from {name}($withdrawn)", withdrawn=reading.withdrawn).drop(GIVEN_ANEW)
        for column in columns:
            for value, rows in expected.group_by(column):
                yield from _other_answer(network, name, column, value[0], rows)


def _other_answer(network: Network, name: str, column: str, value: object, expected: pl.DataFrame) -> Iterator[Damage]:
    sql = f'from {name}($withdrawn) where "{column}" = $value'
    try:
        with network.reading() as reading:
            own = reading.cursor.frame(sql, withdrawn=reading.withdrawn, value=value).drop(GIVEN_ANEW)
        same = own.sort(pl.all()).equals(expected.sort(pl.all()))
        detail = "" if same else _difference(own, expected)
    except (PilotageError, *DOUBTFUL) as failure:
        same, detail = False, str(failure)
    if not same:
        yield Damage(Kind.ANSWERS, f"{name} {column} {value}", detail)
