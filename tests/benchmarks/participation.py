"""How long the lists of participation and of requests take on 50,000 occasions, beside bare DuckDB."""

import tempfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final

import numpy
import polars as pl
from rich.console import Console
from rich.table import Table

from indicators.network import Network
from indicators.queries.registers.participation import (
    OccasionFilter,
    RegisterScope,
    assemblies_and_boards,
    dimension_totals,
    list_occasions,
    register_years,
)
from indicators.queries.registers.public_part import public_part
from indicators.queries.registers.requests import RequestFilter, list_requests, request_totals
from indicators.snapshot import Snapshot
from indicators.store.deposits import Submission, new_deposit_id, store_submission
from indicators.store.extensions import connect
from tests.benchmarks.questions import QUARTERS, SEED, fill, median_ms
from tests.builders import TODAY

OCCASIONS: Final = 50_000
STRUCTURES: Final = 400
LIMIT_MS: Final = 200
FORMS: Final = ("general_assembly", "council", "meeting", "training", "gathering")
DIMENSIONS: Final = ("representation", "operation", "governance", "civic", None)
AT: Final = datetime(2026, 10, 20, 9, 0)  # noqa: DTZ001 - moments of the store are in UTC, without a zone


def fill_registers(network: Network) -> None:
    """Deposit ten years of occasions and of requests, and compact."""
    random = numpy.random.default_rng(SEED)
    places = range(OCCASIONS)
    days = [date(2017, 1, 1) + timedelta(int(day)) for day in random.integers(0, 3_550, OCCASIONS)]
    keys = {
        "line": pl.Series(range(2, OCCASIONS + 2), dtype=pl.Int32),
        "structure": [f"s{place % STRUCTURES:05d}" for place in places],
        "reference": [f"R-{place:06d}" for place in places],
    }
    occasions = pl.DataFrame(
        {
            **keys,
            "held_on": days,
            "form": [FORMS[place % 5] for place in places],
            "theme": [f"Sujet {place % 97}" for place in places],
            "present": random.integers(5, 60, OCCASIONS),
            "eligible": random.integers(60, 90, OCCASIONS),
            "dimension": [DIMENSIONS[place % 5] for place in places],
            "publishable": [("yes", "no", None)[place % 3] for place in places],
        }
    )
    is_answered = random.random(OCCASIONS) < 0.8
    requests = pl.DataFrame(
        {
            **keys,
            "received_on": days,
            "group": [f"équipe {place % 9}" for place in places],
            "request": [f"Demande {place}" for place in places],
            "answer": ["Réponse" if answered else None for answered in is_answered],
            "answered_on": [day + timedelta(20) if yes else None for day, yes in zip(days, is_answered, strict=True)],
            "reported_back_on": pl.Series([None] * OCCASIONS, dtype=pl.Date),
            "decision": [("adopted", "declined")[place % 2] for place in places],
            "publishable": [("yes", "no", None)[place % 3] for place in places],
        }
    )
    for dataset, rows in (("participation", occasions), ("demandes", requests)):
        store_submission(network.lake, Submission(new_deposit_id(), "bench", AT, dataset, "r", b"r", OCCASIONS, rows))
    network.lake.compact()


def measure(folder: Path) -> dict[str, tuple[float, float | None]]:
    """Medians of each list, in milliseconds, and of the same rows read from the Parquet files without a store."""
    with Network(str(folder)) as network:
        fill(network, STRUCTURES, QUARTERS[-2:])
        fill_registers(network)
        bare, pages = connect(), count()

        def ask(question: Callable[[Snapshot, RegisterScope], object], *, one: bool = False) -> float:
            def run() -> object:
                with network.snapshot() as snapshot:
                    codes = ["s00123"] if one else [*snapshot.structures.by_id]
                    return question(snapshot, RegisterScope.of_year(frozenset(codes), 2025))

            return median_ms(run)

        def read_bare() -> object:
            return bare.execute(
                "select * from read_parquet($files) where year(held_on) = 2025 order by structure, held_on limit 50",
                {"files": f"{folder}/data/main/participation/**/*.parquet"},
            ).pl()

        def page() -> int:
            # Another page each time.
            return 50 * (next(pages) % 60)

        def uncached(name: str, question: Callable[[Snapshot, RegisterScope], object]) -> tuple[str, float]:
            def run() -> object:
                with network.snapshot() as snapshot:
                    scope = RegisterScope(frozenset(snapshot.structures.by_id), date(2025, 1, 1), _next_day())
                    return question(snapshot, scope)

            return name, median_ms(run)

        days = count()

        def _next_day() -> date:
            return date(2025, 12, 1) + timedelta(next(days))

        listed = {
            "a page of the occasions of a year, all structures": ask(
                lambda s, scope: list_occasions(s, scope, OccasionFilter(), 50, page())
            ),
            "the same of one structure": ask(lambda s, scope: list_occasions(s, scope, OccasionFilter()), one=True),
            "a page of the requests of a year, all structures": ask(
                lambda s, scope: list_requests(s, scope, RequestFilter(), 50, page())
            ),
            **dict(
                (
                    uncached("occasions by dimension, new each time", dimension_totals),
                    uncached("totals of requests, new each time", lambda s, scope: request_totals(s, scope, TODAY)),
                    uncached("assemblies and boards, new each time", assemblies_and_boards),
                    uncached("years of which there are registers, new each time", _years),
                    uncached("public part of all structures, new each time", _public_part),
                )
            ),
        }
        return {
            name: (ms, median_ms(read_bare) if "page of the occasions" in name else None) for name, ms in listed.items()
        }


def _years(snapshot: Snapshot, scope: RegisterScope) -> object:
    # Another set of structures each time.
    return register_years(snapshot, scope.structures - {f"s{scope.until.toordinal() % STRUCTURES:05d}"})


def _public_part(snapshot: Snapshot, scope: RegisterScope) -> object:
    quarters = QUARTERS[0].trailing(60)
    return public_part(
        snapshot, snapshot.structures["s00123"], quarters[scope.until.toordinal() % len(quarters)], TODAY
    )


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(Path(folder))
    table = Table(title=f"{OCCASIONS:,} occasions and as many requests".replace(",", " "))
    for heading in ("question", "limit", "measured", "bare DuckDB"):
        table.add_column(heading, justify="left" if heading == "question" else "right")
    for name, (ms, bare) in measured.items():
        table.add_row(name, f"{LIMIT_MS} ms", f"{ms:.1f} ms", "" if bare is None else f"{bare:.1f} ms")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
