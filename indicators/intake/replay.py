"""A folder of files deposited in the order and at the moments its manifest gives; done again, it deposits nothing."""

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
from indicators.intake.rules import Collected
from indicators.intake.validate import Verdict
from indicators.network import Network
from indicators.store.deposits import history
from schemas.datasets import REGISTERS

MANIFEST: Final = "deposits.csv"
NAMESPACE: Final = UUID("5a2c6d0e-6f0b-4d0e-9f3a-3f0f6f7c2b11")
"""Makes the id of a replayed deposit from its file, so that the same file is the same deposit everywhere."""


@dataclass(frozen=True)
class Step:
    """One file of the replay: whether it was stored now, or had been before."""

    file: str
    stored: bool
    rows: int


def steps(folder: Path) -> list[tuple[str, datetime]]:
    """Return the files of a manifest (`file;deposited_on`) with their moments, in order."""
    with (folder / MANIFEST).open(encoding="utf-8", newline="") as manifest:
        rows = list(csv.DictReader(manifest, delimiter=";"))
    return [(row["file"], datetime.fromisoformat(row["deposited_on"])) for row in rows]


def _collected_for(name: str) -> Period | None:
    """Return the quarter of whose folder a file is a register; measures say theirs themselves."""
    folder, file = Path(name).parent.name, Path(name).name
    return Period.parse(folder) if folder and file.startswith(REGISTERS) else None


def replay(network: Network, folder: Path, author: str, comment: str, today: date) -> Iterator[Step]:
    """Deposit each file of a folder through the intake, one step at a time; a refused file stops with its name."""
    known = {receipt.deposit for receipt in history(network.lake)}
    for name, moment in steps(folder):
        content = (folder / name).read_bytes()
        deposit_id = uuid5(NAMESPACE, f"{name} {sha256(content).hexdigest()}").hex
        if deposit_id in known:
            yield Step(name, stored=False, rows=0)
            continue
        examination = check(network, content, Path(name).name, Collected(_collected_for(name)), today)
        said = comment if examination.verdict is Verdict.TO_CONFIRM else None
        match deposit(network, examination, author, moment, said, deposit_id):
            case Accepted(_, receipt):
                yield Step(name, stored=True, rows=receipt.rows_accepted)
            case _:
                first = next(iter(examination.findings), None)
                raise PilotageError(f"{folder / name}: {first.code if first else ''} row {first.row if first else ''}")
