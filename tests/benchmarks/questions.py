"""How long a board and a comparison take on a large network, beside bare DuckDB on the same Parquet files."""

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy
import polars as pl
from rich.console import Console
from rich.table import Table

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Period
from indicators.network import Network
from indicators.queries.comparison.funnel_comparison import compare_structures
from indicators.queries.comparison.matrix import matrix_cells, matrix_columns
from indicators.queries.comparison.scope import ComparisonScope
from indicators.queries.figures.assessed_board import assess_board
from indicators.queries.figures.board import compute_board
from indicators.queries.figures.by_structure import figures_by_structure
from indicators.queries.figures.contributions import find_contributions
from indicators.snapshot import QueryContext
from indicators.store.deposits import Submission, new_deposit_id, store_submission
from indicators.store.extensions import connect
from tests.builders import TODAY

QUARTERS = Period.parse("2026-T3").trailing(40)
INDICATORS = 40
RUNS = 20
SEED = 20260930


def median_ms(ask: Callable[[], object]) -> float:
    """Median of twenty runs, after one that warms up."""
    ask()
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        ask()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def fill(network: Network, structures: int, quarters: Sequence[Period] = QUARTERS) -> list[str]:
    """Deposit the quarters of a generated network, a deposit a quarter; return the ids of its indicators."""
    random = numpy.random.default_rng(SEED)
    sheets = [s for s in network.catalogue if s.audience is Audience.PUBLIC and s.source == "reported"]
    indicators = [s.id for s in sheets if s.applies_to("ACI")][:INDICATORS]
    indicators += [s.id for s in network.catalogue if s.id not in indicators][: INDICATORS - len(indicators)]
    codes = [f"s{number:05d}" for number in range(structures)]
    regions = list(network.regions)
    table = pl.DataFrame(
        {
            "line": range(2, structures + 2),
            "structure": codes,
            "name": [f"Structure {number}" for number in range(structures)],
            "kind": ["ACI"] * structures,
            "region": [regions[number % len(regions)] for number in range(structures)],
            "country": ["FR"] * structures,
        }
    )
    moment = datetime(2016, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    store_submission(
        network.lake, Submission(new_deposit_id(), "bench", moment, "structures", "s", b"s", structures, table)
    )
    keys = pl.DataFrame({"structure": codes}).join(pl.DataFrame({"indicator": indicators}), how="cross")
    for place, quarter in enumerate(quarters):
        rows = keys.with_columns(
            pl.int_range(2, keys.height + 2).cast(pl.Int32).alias("line"),
            pl.lit(quarter.code).alias("period"),
            pl.lit(quarter.end).alias("period_end"),
            pl.lit("ensemble").alias("segment"),
            pl.Series(random.integers(5, 50, keys.height).astype(float)).alias("numerator"),
            pl.Series(random.integers(60, 120, keys.height).astype(float)).alias("denominator"),
        )
        at = moment + timedelta(days=91 * place)
        submission = Submission(new_deposit_id(), "bench", at, "measures", "m", b"m", rows.height, rows)
        store_submission(network.lake, submission)
    network.lake.compact()
    return indicators


def measure(structures: int, folder: Path) -> dict[str, float]:
    """Medians, in milliseconds, of both questions, and of the same sums asked of the Parquet files without a store."""
    with Network(str(folder)) as network:
        indicators = fill(network, structures)
        sheet = network.catalogue[indicators[0]]
        quarter = QUARTERS[-1]
        files = f"{folder}/data/main/measures/**/*.parquet"
        bare = connect()
        one = "s00123"

        others = iter(f"s{number:05d}" for number in range(200, 300))

        def ask_board() -> object:
            with network.snapshot() as snapshot:
                return compute_board(
                    QueryContext(snapshot, Audience.PUBLIC, TODAY), Perimeter(Level.STRUCTURE, one), quarter
                )

        def ask_new_board() -> object:
            with network.snapshot() as snapshot:
                return compute_board(
                    QueryContext(snapshot, Audience.PUBLIC, TODAY), Perimeter(Level.STRUCTURE, next(others)), quarter
                )

        def ask_spread() -> object:
            with network.snapshot() as snapshot:
                return figures_by_structure(
                    QueryContext(snapshot, Audience.PUBLIC, date.max), NETWORK, sheet, quarter
                ).rows

        def ask_comparison() -> object:
            with network.snapshot() as snapshot:
                return compare_structures(
                    QueryContext(snapshot, Audience.NETWORK, TODAY), ComparisonScope(), sheet, quarter
                )

        quarters = iter(reversed(QUARTERS[: RUNS + 2]))

        def ask_new_comparison() -> object:
            with network.snapshot() as snapshot:
                return compare_structures(
                    QueryContext(snapshot, Audience.NETWORK, TODAY), ComparisonScope(), sheet, next(quarters)
                )

        def ask_matrix() -> object:
            with network.snapshot() as snapshot:
                shown = matrix_columns(QueryContext(snapshot, Audience.NETWORK, TODAY), ComparisonScope(), quarter)
                return matrix_cells(
                    QueryContext(snapshot, Audience.NETWORK, TODAY), shown, ComparisonScope().structures(snapshot)[:50]
                )

        regions = iter(sorted(network.regions)[: RUNS + 1])

        def ask_region_board() -> object:
            """Ask for the board of a region, another each time, and for the structures behind its first figure."""
            region = Perimeter(Level.REGION, next(regions))
            with network.snapshot() as snapshot:
                context = QueryContext(snapshot, Audience.PUBLIC, TODAY)
                tiles = assess_board(context, region, region, quarter)
                shown = next(tile.figure for tile in tiles if tile.figure.shown)
                return find_contributions(context, region, shown)

        members = [f"s{number:05d}" for number in range(0, structures, len(network.regions))]

        def bare_region_board() -> object:
            return bare.execute(
                "select indicator, period, sum(numerator), sum(denominator) from read_parquet($files)"
                " where list_contains($members, structure) group by all",
                {"files": files, "members": members},
            ).pl()

        def bare_board() -> object:
            return bare.execute(
                "select indicator, period, sum(numerator), sum(denominator) from read_parquet($files)"
                " where structure = $structure and period_end > $since group by all",
                {"files": files, "structure": one, "since": date(2018, 9, 30)},
            ).pl()

        def bare_spread() -> object:
            return bare.execute(
                "select structure, numerator, denominator from read_parquet($files)"
                " where indicator = $indicator and period = $period",
                {"files": files, "indicator": sheet.id, "period": quarter.code},
            ).pl()

        def bare_matrix() -> object:
            return bare.execute(
                "select structure, indicator, numerator, denominator from read_parquet($files)"
                " where period = $period and structure < 's00050'",
                {"files": files, "period": quarter.code},
            ).pl()

        with network.snapshot() as snapshot:
            assert (
                figures_by_structure(
                    QueryContext(snapshot, Audience.PUBLIC, date.max), NETWORK, sheet, quarter
                ).rows.height
                == structures
            )
        return {
            "board": median_ms(ask_board),
            "new board": median_ms(ask_new_board),
            "bare board": median_ms(bare_board),
            "bare new board": median_ms(bare_board),
            "region board": median_ms(ask_region_board),
            "bare region board": median_ms(bare_region_board),
            "spread": median_ms(ask_spread),
            "comparison": median_ms(ask_comparison),
            "new comparison": median_ms(ask_new_comparison),
            "matrix": median_ms(ask_matrix),
            **dict.fromkeys(("bare spread", "bare comparison", "bare new comparison"), median_ms(bare_spread)),
            "bare matrix": median_ms(bare_matrix),
        }


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        tenth = measure(400, Path(folder) / "tenth")
        whole = measure(4_000, Path(folder) / "whole")
    table = Table(title=f"{4_000 * INDICATORS * len(QUARTERS):,} measures, median of {RUNS}, warm".replace(",", " "))
    for heading in ("question", "limit", "measured", "bare DuckDB", "ratio", "on a tenth", "whole / tenth"):
        table.add_column(heading, justify="left" if heading == "question" else "right")
    for name, label, limit in (
        ("board", "all tiles of one structure, warm", 40),
        ("new board", "the same, of another structure each time", 40),
        ("region board", "all tiles of a region, another each time, with its structures", 400),
        ("spread", "one indicator, all structures, one quarter", 60),
        ("comparison", "the same in a funnel, warm", 150),
        ("new comparison", "the same, of another quarter each time", 150),
        ("matrix", "fifty structures by all indicators, read, warm", 150),
    ):
        table.add_row(
            label,
            f"{limit} ms",
            f"{whole[name]:.1f} ms",
            f"{whole[f'bare {name}']:.1f} ms",
            f"{whole[name] / whole[f'bare {name}']:.2f}",
            f"{tenth[name]:.1f} ms",
            f"{whole[name] / tenth[name]:.2f}",
        )
    console = Console(width=130)
    console.print(table)
    console.print(f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores")
