"""How long the lists of meetings and plans take with 50,000 meetings and 20,000 planned actions."""

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from indicators.answer_cache import AnswerCache
from indicators.disclosure.register_counts import count_registers
from indicators.network import Network
from indicators.queries.registers.meetings import find_bodies, find_meetings, planned_meetings
from indicators.queries.registers.plan import find_plan_lines, plan_years
from indicators.snapshot import Snapshot
from indicators.store.deposits import Submission, new_deposit_id, store_submission
from tests.builders import TODAY

STRUCTURES = 500
BODIES = ("Comité de pilotage", "Réunion qualité")
YEARS = (2023, 2024, 2025, 2026)
PLANNED = 10
"""Actions planned by each structure in a year."""
LIMIT_MS = 200
MAX_KEPT = 300
RUNS = 7
ROWS = 50


def fill(network: Network) -> list[str]:
    """Store the registers of a generated network: some 50,000 meetings; return its structures."""
    codes = [f"s{number:03d}" for number in range(STRUCTURES)]
    regions = list(network.regions)
    _store(
        network,
        "structures",
        {
            "structure": codes,
            "name": [f"{code} (fictif)" for code in codes],
            "kind": ["ACI"] * STRUCTURES,
            "region": [regions[place % len(regions)] for place in range(STRUCTURES)],
            "country": ["FR"] * STRUCTURES,
        },
    )
    pairs = [(code, body) for code in codes for body in BODIES]
    _store(
        network,
        "corps",
        {
            "structure": [code for code, _ in pairs],
            "body": [body for _, body in pairs],
            "recurrence": ["monthly", "twice_a_month"] * STRUCTURES,
            "holds_from": [date(YEARS[0], 1, 1)] * len(pairs),
        },
    )
    days = [date(year, 1, 8) + timedelta(days=14 * part) for year in YEARS for part in range(13)]
    rows = [(code, body, day) for code, body in pairs for day in days]
    _store(
        network,
        "instances",
        {
            "structure": [code for code, _, _ in rows],
            "body": [body for _, body, _ in rows],
            "planned_on": [day for *_, day in rows],
            "held_on": [None if place % 9 == 0 else day for place, (*_, day) in enumerate(rows)],
            "present_roles": ["direction, responsable qualité"] * len(rows),
            "decisions": ["Revoir l’accueil au prochain point"] * len(rows),
        },
    )
    actions = [(code, f"A-{year}-{place}", year) for code in codes for year in YEARS for place in range(PLANNED)]
    _store(
        network,
        "actions",
        {
            "structure": [code for code, *_ in actions],
            "reference": [reference for _, reference, _ in actions],
            "kind": ["priority"] * len(actions),
            "action": ["Revoir l’accueil"] * len(actions),
            "opened_on": [date(year, 1, 15) for *_, year in actions],
            "due_on": [date(year, 9, 30) for *_, year in actions],
            "done_on": [None if place % 4 == 0 else date(year, 9, 1) for place, (*_, year) in enumerate(actions)],
            "verified_on": pl.Series([None] * len(actions), dtype=pl.Date),
            "status": ["in_progress" if place % 4 == 0 else "done" for place in range(len(actions))],
        },
    )
    _store(
        network,
        "plan",
        {
            "structure": [code for code, *_ in actions],
            "year": [str(year) for *_, year in actions],
            "axis": [f"Axe {place % 4}" for place in range(len(actions))],
            "commitment": ["Chacun est accueilli"] * len(actions),
            "action": [reference for _, reference, _ in actions],
        },
    )
    return codes


def _store(network: Network, dataset: str, columns: Mapping[str, Sequence[object] | pl.Series]) -> None:
    table = pl.DataFrame({"line": range(2, len(columns["structure"]) + 2), **columns})
    submission = Submission(
        new_deposit_id(), "banc", datetime(2026, 10, 20, tzinfo=UTC).replace(tzinfo=None), dataset, f"{dataset}.csv",
        b"", table.height, table,
    )  # fmt: skip
    store_submission(network.lake, submission)


def median_uncached(snapshot: Snapshot, ask: Callable[[Snapshot], object]) -> float:
    """Median of seven runs of a question whose answer is not kept, in ms; which days registers cover is known."""
    times = []
    for _ in range(RUNS + 1):
        fresh = replace(snapshot, version_cache=AnswerCache(MAX_KEPT))
        find_bodies(fresh, (), 2026, TODAY)
        start = time.perf_counter()
        ask(fresh)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:]) * 1000


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder, Network(str(Path(folder) / "store")) as network:
        codes = tuple(fill(network))
        one = codes[:1]
        questions: dict[str, Callable[[Snapshot], object]] = {
            "bodies of one structure": lambda s: find_bodies(s, one, 2026, TODAY),
            "meetings of one structure, a page": lambda s: find_meetings(s, one, 2026, TODAY, 0, ROWS),
            "days for a calendar": lambda s: planned_meetings(s, one[0], TODAY),
            "bodies of the network": lambda s: find_bodies(s, codes, 2026, TODAY),
            "meetings of the network, the last page": lambda s: find_meetings(s, codes, 2026, TODAY, 12_900, ROWS),
            "plan of one structure": lambda s: find_plan_lines(s, one, "2026"),
            "completion of all plans": lambda s: plan_years(s, codes),
            "all counts of registers (once a version)": count_registers,
        }
        table = Table(title="52 000 meetings, 20 000 planned actions, 500 structures; nothing kept; median of 7")
        for heading in ("question", "limit", "measured"):
            table.add_column(heading, justify="left" if heading == "question" else "right")
        with network.snapshot() as snapshot:
            for label, ask in questions.items():
                limit = "" if "version" in label else f"{LIMIT_MS} ms"
                table.add_row(label, limit, f"{median_uncached(snapshot, ask):.0f} ms")
    console = Console(width=110)
    console.print(table)
    console.print(f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
