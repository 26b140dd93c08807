"""How long lists of a large register take, beside naive polars on the whole table, and an edit beside its parts."""

import os
import platform
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import polars as pl
from rich.console import Console
from rich.table import Table

from indicators.intake.deposit import check
from indicators.intake.row_edit import Editor, RowEdit, Saved, row_csv, row_file_name, save_row
from indicators.intake.rules import CollectionScope
from indicators.network import Network
from indicators.queries.registers.actions import ActionFilters, list_actions
from indicators.snapshot import Snapshot
from indicators.store.deposits import Submission, new_deposit_id, store_submission
from schemas.actions import ACTIONS
from tests.benchmarks.questions import RUNS, median_ms
from tests.builders import AUTHOR, NOW, TODAY, stored, structure, structures

REGISTER_ROWS = 100_000
STRUCTURES = 40
ROWS_PER_PAGE = 50
LIST_LIMIT_MS, EDIT_LIMIT_MS = 200, 150
LISTS = {
    "the whole register, first page": ActionFilters(),
    "to be dealt with": ActionFilters(status="to_do"),
    "late": ActionFilters(status="late"),
    "one process, one kind": ActionFilters(process="accueil", kind="corrective"),
    "words in the texts": ActionFilters(text="premier jour 9"),
}


def fill(network: Network) -> list[str]:
    """Deposit a register of many structures, in one version, and return their codes."""
    codes = [f"atelier-{number:02d}" for number in range(STRUCTURES)]
    stored(network, structures(*(structure(code) for code in codes)))
    random, rows = Random(14), []
    statuses = ["closed"] * 6 + ["open", "in_progress", "done", "carried_over", "abandoned"]
    for number in range(REGISTER_ROWS):
        opened, status = TODAY - timedelta(days=random.randrange(4_000)), random.choice(statuses)
        done = opened + timedelta(days=random.randrange(20, 200)) if status in {"closed", "done"} else None
        row = dict.fromkeys(column.name for column in ACTIONS.columns)
        rows.append(
            {
                **row,
                "line": number + 2,
                "structure": codes[number % STRUCTURES],
                "reference": f"G-{number:06d}",
                "kind": random.choice(["corrective", "preventive", "improvement"]),
                "origin": random.choice(["audit", "complaint"]),
                "process": random.choice(["accueil", "support", "insertion"]),
                "observation": f"Livret remis tard à l’arrivée, {number}",
                "cause": "Une seule personne imprime le livret",
                "action": f"Réimprimer le livret et le remettre le premier jour {number}",
                "owner_role": random.choice(["direction", "accueil"]),
                "opened_on": opened,
                "due_on": opened + timedelta(days=90),
                "done_on": done,
                "criterion": "livret remis",
                "verified_on": done if status == "closed" else None,
                "effectiveness": 100 if status == "closed" else None,
                "status": status,
            }
        )
    types = {column.name: pl.String for column in ACTIONS.columns}
    types |= dict.fromkeys(("opened_on", "due_on", "done_on", "verified_on", "accepted_until"), pl.Date)
    frame = pl.DataFrame(rows, schema_overrides={**types, "effectiveness": pl.Int64})
    submission = Submission(new_deposit_id(), AUTHOR, NOW, "actions", "actions.csv", b"", frame.height, frame)
    store_submission(network.lake, submission)
    network.lake.compact()
    return codes


def naive_list(snapshot: Snapshot, filters: ActionFilters) -> pl.DataFrame:
    """The same list as somebody would write it who reads the whole table first."""
    rows = snapshot.current_rows("actions")
    is_late = pl.col("status").is_in(["open", "in_progress", "carried_over"]) & (pl.col("due_on") < TODAY)
    is_open = ~pl.col("status").is_in(["closed", "abandoned"])
    rows = rows.with_columns(is_late.fill_null(value=False).alias("is_late"), is_open.alias("is_open"))
    for name in ("process", "kind"):
        if (value := getattr(filters, name)) is not None:
            rows = rows.filter(pl.col(name) == value)
    if filters.status != "all":
        rows = rows.filter(pl.col("is_open" if filters.status == "to_do" else "is_late"))
    if filters.text:
        texts = pl.concat_str("reference", "action", "observation", "cause", separator=" ").str.to_lowercase()
        rows = rows.filter(texts.str.contains(filters.text.lower(), literal=True))
    order = ["is_late", "is_open", "due_on", "opened_on", "reference"]
    return rows.sort(order, descending=[True, True, False, True, False]).head(ROWS_PER_PAGE)


def measure_edit(network: Network, code: str) -> tuple[float, float]:
    """Median ms of one edit as the page makes it, and of the validation of its file alone."""
    cells = {
        "structure": code,
        "reference": "FA-2026-001",
        "kind": "corrective",
        "action": "Réimprimer le livret",
        "opened_on": "10/01/2026",
        "status": "open",
    }
    editor, based_on, times, validations = Editor(AUTHOR, frozenset({code})), None, [], []
    for number in range(RUNS + 1):
        edit = RowEdit(ACTIONS, {**cells, "cause": f"relu {number}"}, based_on)
        start = time.perf_counter()
        outcome = save_row(network, edit, editor, NOW, TODAY)
        times.append(time.perf_counter() - start)
        assert isinstance(outcome, Saved), outcome
        based_on = outcome.receipt.deposit
        scope = CollectionScope(own=editor.own)
        start = time.perf_counter()
        check(network, row_csv(edit), row_file_name(edit), scope, TODAY)
        validations.append(time.perf_counter() - start)
    return statistics.median(times[1:]) * 1000, statistics.median(validations[1:]) * 1000


def main() -> None:
    """Print the table."""
    title = f"{REGISTER_ROWS:,} actions of {STRUCTURES} structures, median of {RUNS}, warm".replace(",", " ")
    table = Table(title=title)
    for heading in ("what", "limit", "measured", "baseline", "ratio"):
        table.add_column(heading, justify="left" if heading == "what" else "right")

    def add(what: str, limit: int, measured: float, baseline: float) -> None:
        table.add_row(what, f"{limit} ms", f"{measured:.0f} ms", f"{baseline:.0f} ms", f"{measured / baseline:.2f}")

    with tempfile.TemporaryDirectory() as folder, Network(str(Path(folder) / "store")) as network:
        codes = fill(network)
        with network.snapshot() as snapshot:
            for what, filters in LISTS.items():

                def ours(filters: ActionFilters = filters) -> object:
                    return list_actions(snapshot, codes, filters, TODAY, ROWS_PER_PAGE, 0)

                def naive(filters: ActionFilters = filters) -> object:
                    return naive_list(snapshot, filters)

                add(f"list: {what}", LIST_LIMIT_MS, median_ms(ours), median_ms(naive))
        add("one edit, beside its validation alone", EDIT_LIMIT_MS, *measure_edit(network, codes[0]))
    console = Console(width=110)
    console.print(table)
    console.print(f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
