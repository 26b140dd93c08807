"""Replay a folder of files: deposit each in the order and at the time of the manifest; a second run stores nothing."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID, uuid5

from indicators.definitions.periods import Period
from indicators.errors import PilotageError
from indicators.intake.deposit import Accepted, check, deposit
from indicators.intake.rules import CollectionScope
from indicators.intake.validate import Verdict
from indicators.network import Network
from indicators.store.deposits import list_receipts
from schemas.datasets import REGISTER_DATASETS

MANIFEST_NAME: Final = "deposits.csv"
DEPOSIT_ID_NAMESPACE: Final = UUID("5a2c6d0e-6f0b-4d0e-9f3a-3f0f6f7c2b11")
"""Namespace from which the deposit id of a replayed file is derived: the same file has the same id everywhere."""


@dataclass(frozen=True)
class ReplayStep:
    """One replayed file: `stored` now, or already there before."""

    file: str
    stored: bool
    rows: int


def read_manifest(folder: Path) -> list[tuple[str, datetime | None]]:
    """Return the files of a manifest (`file;deposited_on`) in order with their deposit times, null for the true one."""
    with (folder / MANIFEST_NAME).open(encoding="utf-8", newline="") as manifest:
        rows = list(csv.DictReader(manifest, delimiter=";"))
    return [(row["file"], datetime.fromisoformat(row["deposited_on"]) if row["deposited_on"] else None) for row in rows]


def _register_period(name: str) -> Period | None:
    """Return the quarter of a register file, from its folder's name; files of measures hold their own periods."""
    folder, file = Path(name).parent.name, Path(name).name
    return Period.parse(folder) if folder and file.startswith(REGISTER_DATASETS) else None


def replay(
    network: Network, folder: Path, author: str, comment: str, today: date, now: datetime | None = None
) -> Iterator[ReplayStep]:
    """Deposit each file of a folder, one per step; a refused file raises `PilotageError` with its name.

    `now` is the time of the deposit of files of which the manifest has none.
    """
    stored_ids = {receipt.deposit for receipt in list_receipts(network.lake)}
    for name, moment in read_manifest(folder):
        content = (folder / name).read_bytes()
        deposit_id = uuid5(DEPOSIT_ID_NAMESPACE, f"{name} {sha256(content).hexdigest()}").hex
        if deposit_id in stored_ids:
            yield ReplayStep(name, stored=False, rows=0)
            continue
        submitted_at = moment or now
        if submitted_at is None:
            raise PilotageError(f"{folder / name}: no time of deposit")
        validation = check(network, content, Path(name).name, CollectionScope(_register_period(name)), today)
        reason = comment if validation.verdict is Verdict.TO_CONFIRM else None
        match deposit(network, validation, author, submitted_at, reason, deposit_id):
            case Accepted(_, receipt):
                yield ReplayStep(name, stored=True, rows=receipt.rows_accepted)
            case _:
                first = next(iter(validation.findings), None)
                raise PilotageError(f"{folder / name}: {first.code if first else ''} row {first.row if first else ''}")
