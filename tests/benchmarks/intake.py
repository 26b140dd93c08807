"""How long a file takes to be examined and how much memory, beside three other tools on the same generated files."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import polars as pl
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from tests.benchmarks.contenders import DIRECTORY
from tests.benchmarks.measures_files import (
    BAD_KINDS,
    QUARTERS,
    ROWS,
    STORED,
    codes,
    counts,
    fill,
    save,
    spoilt,
    written,
)

RUNS: Final = 20
PROCESSES: Final = 3
"""Fresh processes for each contender on the large file."""
COMMANDS: Final = 7
LABELS: Final = {
    "ours": "pilotage, bytes to report, read in the reader's process",
    "here": "the same, read in the process that examines",
    "duckdb": "raw DuckDB: typed read_csv + one pass",
    "pandera": "pandera alone, on parsed polars",
    "frictionless": "frictionless validate",
}
CAP: Final = 1_000_000
"""Bytes that a report of the large bad file may not pass."""


@dataclass(frozen=True)
class Measured:
    """What a contender took on a file: the median of its seconds, the most memory it had, what it reported."""

    seconds: float
    peak_mib: float
    result: dict[str, Any]


@dataclass(frozen=True)
class Files:
    """The generated files and the store they are held against."""

    store: Path
    thousand: Path
    million: Path
    tenth: Path
    bad: Path
    expected: dict[str, int]


def generate(folder: Path) -> Files:
    """Write the files; nothing of them stays in this process when it measures."""
    fill(folder / "store")
    pl.DataFrame({"structure": codes()}).write_parquet(folder / DIRECTORY)
    sound = written(counts(QUARTERS[STORED:]))
    assert sound.height == ROWS
    bad, expected = spoilt(sound)
    return Files(
        folder / "store",
        save(sound.head(1_000), folder / "mesures-1000.csv"),
        save(sound, folder / "mesures.csv"),
        save(sound.head(ROWS // 10), folder / "mesures-dixieme.csv"),
        save(bad, folder / "mesures-fausses.csv"),
        expected,
    )


def contend(name: str, file: Path, store: Path, processes: int = 1, warm: int = 0, runs: int = 1) -> Measured:
    """Measure a contender in fresh processes; the peak is that of the greediest one."""
    command = [sys.executable, "-m", "tests.benchmarks.contenders", name, file, store]
    options = [f"--warm={warm}", f"--runs={runs}"]
    answers = []
    for _ in range(processes):
        done = subprocess.run([*command, *options], check=True, capture_output=True, text=True)
        answers.append(json.loads(done.stdout.splitlines()[-1]))
    seconds = [second for answer in answers for second in answer["seconds"]]
    return Measured(statistics.median(seconds), max(answer["peak_mib"] for answer in answers), answers[-1])


def whole_command(file: Path, store: Path) -> float:
    """Median of the whole `pilotage check` process, from its start to its end."""
    command = [sys.executable, "-m", "dashboards", "check", file, "--store", store, "--json"]
    times = []
    for _ in range(COMMANDS):
        start = time.perf_counter()
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        times.append(time.perf_counter() - start)
        assert json.loads(done.stdout)["verdict"] == "accepted", done.stdout[:2_000] + done.stderr
    return statistics.median(times)


def small(files: Files) -> dict[str, Measured]:
    """Every contender on the thousand rows, warm."""
    return {name: contend(name, files.thousand, files.store, warm=2, runs=RUNS) for name in LABELS}


def large(files: Files) -> dict[str, Measured]:
    """Every contender on the million rows, cold; frictionless reads a tenth, and ten times its seconds are told."""
    found = {
        name: contend(name, files.million, files.store, processes=PROCESSES)
        for name in LABELS
        if name != "frictionless"
    }
    tenth = contend("frictionless", files.tenth, files.store)
    return found | {"frictionless": Measured(10 * tenth.seconds, tenth.peak_mib, tenth.result)}


def check_small(found: dict[str, Measured]) -> None:
    """All find nothing in the sound file: else they were not asked the same."""
    assert found["ours"].result["verdict"] == "accepted", found["ours"].result
    assert found["here"].result["verdict"] == "accepted", found["here"].result
    assert found["duckdb"].result["counts"] == {}, found["duckdb"].result
    assert found["pandera"].result["violations"] == 0, found["pandera"].result
    assert found["frictionless"].result["valid"], found["frictionless"].result


def check_bad(found: Measured, expected: dict[str, int]) -> None:
    """Every kind of bad row is told with its true count, in a report that stays small."""
    counted = {group: found.result["counts"].get(group) for group in expected}
    assert counted == expected, found.result["counts"]
    assert found.result["report_bytes"] < CAP, found.result["report_bytes"]


def ms(seconds: float) -> str:
    """Seconds as milliseconds, as they stand in the table."""
    return f"{1000 * seconds:,.0f} ms".replace(",", " ")


def show(console: Console, title: str, headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Print a table that can be pasted in docs/benchmarks.md."""
    table = Table(title=title, title_justify="left", box=MARKDOWN)
    for heading in headings:
        table.add_column(heading, justify="left" if heading == headings[0] else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def main() -> None:
    """Print the tables."""
    console = Console(width=140)
    with tempfile.TemporaryDirectory() as name:
        files = generate(Path(name))
        thousand = small(files)
        check_small(thousand)
        command = whole_command(files.thousand, files.store)
        million = large(files)
        check_small(million)
        bad = contend("ours", files.bad, files.store, processes=PROCESSES)
        check_bad(bad, files.expected)
    base = thousand["duckdb"].seconds
    rows = [
        (LABELS[n], "100 ms" if n == "ours" else "", ms(m.seconds), f"{m.seconds / base:.1f}")
        for n, m in thousand.items()
    ]
    rows.insert(1, ("the whole `pilotage check` process", "1 500 ms", ms(command), f"{command / base:.1f}"))
    show(console, f"1 000 rows, warm, median of {RUNS}", ("contender", "limit", "measured", "× raw DuckDB"), rows)

    base = million["duckdb"].seconds
    rows = [
        (
            LABELS[n] + (", a tenth × 10" if n == "frictionless" else ""),
            "3 × DuckDB, 600 MiB" if n == "ours" else "",
            f"{m.seconds:.2f} s",
            f"{m.seconds / base:.1f}",
            f"{m.peak_mib:.0f} MiB",
        )
        for n, m in million.items()
    ]
    sound = million["ours"].seconds
    rows.insert(
        1,
        (
            f"the same with 1 % of bad rows, {len(BAD_KINDS)} kinds",
            "1.5 × the clean file",
            f"{bad.seconds:.2f} s",
            f"{bad.seconds / sound:.2f} × clean",
            f"{bad.peak_mib:.0f} MiB",
        ),
    )
    formatted_rows = f"{ROWS:,}".replace(",", " ")
    title = f"{formatted_rows} rows, cold, median of {PROCESSES} fresh processes"
    show(console, title, ("contender", "limit", "measured", "× raw DuckDB", "peak memory"), rows)
    summary = f"{bad.result['listed']} findings listed, {bad.result['report_bytes'] // 1024} KiB"
    console.print(f"report of the bad file: {summary}, true counts of {sum(files.expected.values())} bad rows")
    console.print(f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
