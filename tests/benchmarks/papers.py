"""How long the papers of meetings take, warm, beside what they stand on: the rows and figures, and one bare chart.

Each runs as a page does it: the document is made from the newest version, then another process makes the PDF.
"""

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl
from rich.console import Console
from rich.table import Table

from dashboards.downloads.chart_images import ImageFormat, render_image
from dashboards.papers.build import PaperChoice, build_paper
from dashboards.papers.document import Paper
from dashboards.papers.pdf import paper_data, render_pdf
from dashboards.wording.translations import load_translator
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Perimeter
from indicators.network import Network
from indicators.queries.papers.contents import review_content, subject_of
from indicators.queries.papers.sittings import PaperKind, sitting_containing
from indicators.snapshot import QueryContext, Snapshot
from indicators.store.deposits import Submission, new_deposit_id, store_submission
from schemas.datasets import STORED_DATASETS
from tests.benchmarks.questions import fill
from tests.builders import NOW, TODAY

STRUCTURES: Final = 200
ACTIONS_OF_ONE: Final = 1_100
"""Actions of the structure: those of the school that asked for this since it began."""
RUNS: Final = 9
CANDIDATES: Final = 40
LIMITS_S: Final = {PaperKind.COMMITTEE: 1.5, PaperKind.REVIEW: 5.0}


def median_s(run: Callable[[], object]) -> float:
    """Median of some runs, after one that warms up."""
    run()
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def fill_actions(network: Network, structure: str) -> None:
    """Append the register of one structure: a third of it still to be done, a tenth overdue."""
    rows = []
    for number in range(ACTIONS_OF_ONE):
        opened = date(2016 + number % 11, 1 + number % 9, 1 + number % 28)
        is_running = number % 3 == 0
        rows.append(
            {
                "line": number + 2,
                "structure": structure,
                "reference": f"FA-{number:04d}",
                "kind": ("corrective", "preventive", "improvement", "priority")[number % 4],
                "origin": ("audit", "review", "survey")[number % 3],
                "axis": f"Axe {number % 5}",
                "action": "Réimprimer le livret d’accueil et le relire avec l’équipe à chaque trimestre",
                "owner_role": "responsable qualité",
                "opened_on": opened,
                "due_on": date(2026, 1 + number % 12, 15),
                "done_on": None if is_running else opened,
                "effectiveness": None if is_running else 100,
                "status": "open" if is_running else "verified",
            }
        )
    columns = [column.name for column in STORED_DATASETS["actions"].stored_columns]
    table = pl.DataFrame(rows, infer_schema_length=None)
    missing = [pl.lit(None, pl.String).alias(name) for name in columns if name not in table.columns]
    dated = table.with_columns(*missing).with_columns(
        pl.col("verified_on", "accepted_until").cast(pl.Date), pl.col("effectiveness").cast(pl.Int32)
    )
    store_submission(
        network.lake, Submission(new_deposit_id(), "mesure", NOW, "actions", "a.csv", b"", len(rows), dated)
    )


def built(snapshot: Snapshot, kind: PaperKind, structure: str) -> Paper:
    """Return a paper of a structure."""
    choice = PaperChoice(
        kind, Perimeter.parse(structure), sitting_containing(kind, TODAY), "un atelier", load_translator("fr")
    )
    return build_paper(choice, QueryContext(snapshot, Audience.MANAGEMENT, TODAY), [])


def made(network: Network, kind: PaperKind, structure: str) -> bytes:
    """Return the PDF of a paper, as a click on its button makes it after the page was drawn."""
    with network.snapshot() as snapshot:
        return render_pdf(json.dumps(paper_data(built(snapshot, kind, structure), NOW)).encode())


def with_charts(network: Network) -> str:
    """Return the structure of whose committee sheet most charts are drawn: those of its signals."""
    with network.snapshot() as snapshot:
        counts = {
            code: len(list(built(snapshot, PaperKind.COMMITTEE, code).charts))
            for code in sorted(snapshot.structures.by_id)[:CANDIDATES]
        }
    return max(counts, key=counts.__getitem__)


def main() -> None:
    """Measure each paper beside its baselines, and print what was promised."""
    console = Console()
    with tempfile.TemporaryDirectory() as folder, Network(str(Path(folder) / "store")) as network:
        fill(network, STRUCTURES)
        structure = with_charts(network)
        fill_actions(network, structure)
        table = Table(title=f"Papers: {STRUCTURES} structures, {ACTIONS_OF_ONE} actions of one, {os.cpu_count()} cores")
        for header in ("paper", "figures", "charts", "document s", "PDF and document s", "promised s"):
            table.add_column(header)
        for kind in PaperKind:
            with network.snapshot() as snapshot:
                paper = built(snapshot, kind, structure)
                document_s = median_s(lambda kind=kind, snapshot=snapshot: built(snapshot, kind, structure))  # type: ignore[misc]
                context = QueryContext(snapshot, Audience.MANAGEMENT, TODAY)
                subject = subject_of(context, Perimeter.parse(structure), sitting_containing(kind, TODAY))
                figures = len(review_content(context, subject).figures)
            whole_s = median_s(lambda kind=kind: made(network, kind, structure))  # type: ignore[misc]
            limit = LIMITS_S.get(kind)
            cells = (kind.value, str(figures), str(len(list(paper.charts))), f"{document_s:.3f}", f"{whole_s:.2f}")
            table.add_row(*cells, f"{limit:.1f}" if limit else "–")
        chart = {"data": {"values": [{"a": 1, "b": 2}]}, "mark": "line", "encoding": {"x": {"field": "a"}}}
        bare_s = median_s(lambda: render_image(chart, ImageFormat.SVG))
        console.print(table)
        console.print(f"Baseline: one bare chart as SVG in a process of its own, {bare_s:.2f} s.")


if __name__ == "__main__":
    main()
