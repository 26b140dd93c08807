"""Raw counts are opened and figures made in `disclosure` alone: what types and objects hold, and what mypy says."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from mypy import api

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK
from indicators.disclosure import CountsOfPerimeter, Figures, ReportedPeriods, publishable
from indicators.network import Network
from indicators.raw_counts import RawCounts
from tests.builders import measure, measures, stored, structure, structures

ROOT = Path(__file__).parents[3]
QUERIES = """
from datetime import date
from indicators.disclosure import CountsOfPerimeter, Figures, ReportedPeriods, publishable
from indicators.definitions.catalogue import Audience
from indicators.snapshot import Snapshot

def query(snapshot: Snapshot, counts: CountsOfPerimeter) -> Figures:
    return publishable(counts, ReportedPeriods([]), Audience.PUBLIC)

def return_raw_counts(snapshot: Snapshot, counts: CountsOfPerimeter) -> Figures:
    return counts.between([], date.min, date.max)  # refused

def return_rows(snapshot: Snapshot, counts: CountsOfPerimeter) -> Figures:
    return snapshot.query("targets")  # refused

def read_counts_as_rows(snapshot: Snapshot, counts: CountsOfPerimeter) -> object:
    return snapshot.query("perimeter_counts")  # refused

def make_figures(snapshot: Snapshot, counts: CountsOfPerimeter) -> Figures:
    return Figures(snapshot.query("targets"), object())  # refused
"""


@pytest.mark.full
def test_a_query_that_lets_raw_counts_out_does_not_type_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYPYPATH", str(ROOT))
    queries = tmp_path / "queries.py"
    queries.write_text(QUERIES)
    report, errors, _ = api.run(["--config-file", str(ROOT / "pyproject.toml"), str(queries)])
    assert errors == ""
    refused = {number for number, line in enumerate(QUERIES.splitlines(), 1) if line.endswith("# refused")}
    assert {int(number) for number in re.findall(r"queries\.py:(\d+): error", report)} == refused, report


def test_figures_are_made_by_publishable_alone() -> None:
    with pytest.raises(TypeError, match="only `publishable` makes figures"):
        Figures(pl.DataFrame({"numerator": [3.0]}), object())  # type: ignore[arg-type]


def test_raw_counts_show_nothing_of_themselves() -> None:
    counts = RawCounts(pl.DataFrame({"numerator": [31.0]}))
    assert {name for name in dir(counts) if not name.startswith("_")} == {"detached"}
    assert "31" not in f"{counts!r} {counts}"


def test_an_absence_has_no_counts(network: Network) -> None:
    stored(network, structures(structure("atelier")))
    stored(network, measures(measure("atelier", "2026-T3", "dynamic_exit_rate", 33, 60)))
    with network.snapshot() as snapshot:
        counts = CountsOfPerimeter(snapshot, NETWORK)
        scope = ReportedPeriods(["dynamic_exit_rate"], date.min, date.max)
        figures = publishable(counts, scope, Audience.MANAGEMENT)
        added = figures.with_absences(pl.DataFrame({"indicator": ["dynamic_exit_rate"], "status": ["missing"]}))
        assert added.rows["numerator"].to_list() == [33, None]
        with pytest.raises(ValueError, match="absences have keys and a status"):
            figures.with_absences(pl.DataFrame({"indicator": ["dynamic_exit_rate"], "numerator": [3.0]}))
