"""Writes data/demo, the files of a fictitious network: `python -m data.demo_generator.generate`."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from . import actions, measures, members, participation, participation_details, requests, steering, targets
from .collection import MINIMUM_ON, STRUCTURES_ON, TARGETS_ON, delivered, deposited_on, empty_register_name
from .network import STRUCTURES
from .quarters import DEPOSITED, LAST, Quarter
from .typography import typeset

DEMO: Final = Path(__file__).resolve().parents[1] / "demo"

STRUCTURES_HEADER: Final = (
    "structure",
    "nom",
    "type",
    "groupe",
    "region",
    "departement",
    "pays",
    "siret",
    "bce",
    "ouverte_le",
    "fermee_le",
    "valable_du",
    "predecesseur",
    "actions_depuis",
)
ACTIONS_SINCE: Final = {"ECO": "2021-10-01"}
"""Since when structures of a kind count their actions, as the schools that set the example do."""
BODIES_DEPOSITED: Final = Quarter(2024, 1)
"""The quarter with which the bodies that meet are declared."""
DEPOSITS_HEADER: Final = ("file", "deposited_on")

Row = Sequence[str]


def make(folder: Path) -> None:
    """Write the whole demonstration under the folder; the same bytes every time."""
    write(folder / "structures.csv", STRUCTURES_HEADER, structure_rows())
    write(folder / "cibles.csv", targets.HEADER, targets.TARGETS)
    write(folder / "cibles-participation.csv", targets.HEADER, targets.MINIMUM)
    write(folder / "membres.csv", members.HEADER, members.MEMBERS)
    deposits = [
        (STRUCTURES_ON, "structures.csv"),
        (TARGETS_ON, "cibles.csv"),
        (MINIMUM_ON, "cibles-participation.csv"),
        *make_quarters(folder),
    ]
    write(
        folder / "deposits.csv",
        DEPOSITS_HEADER,
        [(file, moment.replace(tzinfo=None).isoformat()) for moment, file in sorted(deposits)],
    )


def make_quarters(folder: Path) -> Iterable[tuple[datetime, str]]:
    """Write a folder for each quarter, and tell when each of its files is deposited."""
    registers = {
        "actions.csv": (actions.HEADER, actions.all_deposits()),
        "participation.csv": (participation.HEADER, participation.all_deposits()),
    }
    received = requests.all_deposits()
    for quarter in DEPOSITED:
        files: dict[str, tuple[Row, list[tuple[str, ...]]]] = {
            name: (measures.HEADER, [measure.cells() for measure in rows]) for name, rows in delivered(quarter).items()
        }
        files |= {name: (header, rows[quarter]) for name, (header, rows) in registers.items() if rows[quarter]}
        files |= _steering_files(quarter)
        if quarter == LAST:
            # Nothing later tells that those who keep a register, and wrote nothing in it, had nothing to write.
            files |= {
                empty_register_name(name): (header, []) for name, (header, rows) in registers.items() if rows[quarter]
            }
            files["participation-precisions.csv"] = (participation_details.HEADER, participation_details.rows())
        if quarter in received:
            files["demandes.csv"] = (requests.HEADER, received[quarter])
        for name, (header, rows) in files.items():
            write(folder / str(quarter) / name, header, rows)
            yield deposited_on(quarter, name), f"{quarter}/{name}"


def _steering_files(quarter: Quarter) -> dict[str, tuple[Row, list[tuple[str, ...]]]]:
    """Return the files of plans, bodies and meetings that come with a quarter."""
    files: dict[str, tuple[Row, list[tuple[str, ...]]]] = {}
    if quarter.number == 1 and (plans := steering.plan_rows(quarter.year)):
        files["plan.csv"] = (steering.PLAN_HEADER, plans)
    if quarter == BODIES_DEPOSITED:
        files["corps.csv"] = (steering.BODIES_HEADER, steering.body_rows())
    if quarter == LAST:
        files["corps.csv"] = (steering.BODIES_HEADER, steering.changed_body_rows())
    if rows := steering.meeting_deposits().get(quarter):
        files["instances.csv"] = (steering.MEETINGS_HEADER, rows)
    return files


def structure_rows() -> list[Row]:
    """The forty structures, as their file tells them."""
    return [
        (
            structure.slug,
            structure.name,
            structure.kind,
            typeset(structure.group),
            structure.region,
            structure.department,
            structure.country,
            structure.siret,
            structure.bce,
            structure.opened.isoformat(),
            structure.closed.isoformat() if structure.closed else "",
            "",
            "",
            ACTIONS_SINCE.get(structure.kind, ""),
        )
        for structure in STRUCTURES
    ]


def write(path: Path, header: Row, rows: Iterable[Row]) -> None:
    """Write one file as a French spreadsheet saves it: UTF-8, semicolons."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    make(DEMO)
