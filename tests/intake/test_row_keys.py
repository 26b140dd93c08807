"""Rows under the numbers of their keys: one number a key, and the same findings in whatever way the store is asked."""

from __future__ import annotations

import itertools

import polars as pl
import pytest

from indicators.intake.report import SAMPLE_SIZE
from indicators.intake.rules import against_store as stored_rules
from indicators.intake.rules.row_keys import MEASURE, QUARTER, SERIES, SIBLINGS, placed, with_numbers
from indicators.network import Network
from indicators.snapshot import Snapshot
from tests.builders import DIRECTORY, examine, findings_of, measure, measures, stored, structure, structures

STRUCTURES = ("atelier-ternoise", "regie-ternoise")
KEYS = {
    MEASURE: ["structure", "period", "indicator"],
    SIBLINGS: ["structure", "period", "segment"],
    QUARTER: ["structure", "period"],
    SERIES: ["structure", "indicator"],
}


@pytest.fixture
def ready(network: Network) -> Network:
    stored(network, structures(*DIRECTORY))
    return network


def rows_of(snapshot: Snapshot, periods: tuple[str | None, ...], segments: tuple[str, ...]) -> pl.DataFrame:
    """Rows of every structure and of the first and the last indicator: numbers too close would meet at their ends."""
    schema = dict.fromkeys(("structure", "period", "indicator", "segment"), pl.String())
    known = list(snapshot.catalogue.indicators)
    names = itertools.product((*snapshot.structures.by_id, None), periods, (known[0], known[-1], None), segments)
    return pl.DataFrame(list(names), schema=schema, orient="row")


def as_in_a_file(snapshot: Snapshot, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(
        placed("structure", list(snapshot.structures.by_id)),
        placed("indicator", list(snapshot.catalogue.indicators)),
        placed("period", rows["period"].unique().drop_nulls().sort().to_list()),
    )


@pytest.mark.parametrize("held", [("2025", "2025-T4", "2026-T1"), ()])
def test_rows_of_the_file_and_of_the_store_have_one_number_a_key_and_none_without_it(
    ready: Network, held: tuple[str, ...]
) -> None:
    with ready.snapshot() as snapshot:
        file = as_in_a_file(snapshot, rows_of(snapshot, ("2026-T1", "2026-T2", None), ("ensemble", "sexe=F")))
        numbered = pl.concat(
            [
                frame.select(*KEYS, "structure", "period", "indicator", "segment")
                for frame in with_numbers(snapshot, file, rows_of(snapshot, held, ("ensemble", "sexe=M")))
            ]
        )
    for number, key in KEYS.items():
        lacking = pl.any_horizontal(pl.col(key).is_null())
        assert numbered.filter(lacking)[number].null_count() == numbered.filter(lacking).height
        whole = numbered.filter(~lacking)
        assert whole[number].null_count() == 0
        assert whole.n_unique(key) == whole.n_unique(number) == whole.n_unique([number, *key])


def corrected_past(network: Network) -> None:
    """Deposits of two structures, one of which is corrected: several tell of the same quarters."""
    first = [
        measure(code, period, name, count, 60)
        for code, period in itertools.product(STRUCTURES, ("2025-T4", "2026-T1"))
        for name, count in zip(("dynamic_exit_rate", "durable_job_exit_rate"), (30, 12), strict=True)
    ]
    stored(network, measures(*first))
    stored(network, measures(measure(STRUCTURES[0], "2026-T1", "dynamic_exit_rate", 33, 60)), "une erreur")


def test_the_store_is_asked_in_several_ways_and_the_same_is_told(
    ready: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    corrected_past(ready)
    file = measures(
        measure(STRUCTURES[0], "2026-T1", "dynamic_exit_rate", 33, 60),
        measure(STRUCTURES[0], "2026-T1", "durable_job_exit_rate", 40, 60),
        measure(STRUCTURES[0], "2026-T1", "dynamic_exit_rate", 50, 60, segment="sexe=F"),
        measure(STRUCTURES[1], "2026-T1", "dynamic_exit_rate", 31, 61),
        measure(STRUCTURES[1], "2026-T2", "dynamic_exit_rate", 30, 60),
        measure(STRUCTURES[1], "2026-T2", "durable_job_exit_rate", 12, 60),
    )
    ranked = examine(ready, file).findings
    assert {"X03", "B04"} <= {finding.code for finding in ranked}
    with ready.snapshot() as snapshot:
        assert not snapshot.knows_contested
        assert snapshot.overlapping_deposits.height
        assert snapshot.knows_contested
    assert examine(ready, file).findings == ranked
    monkeypatch.setattr(stored_rules, "STRUCTURE_BLOCK_ROWS", 2)
    assert examine(ready, file).findings == ranked


def test_of_many_implausible_figures_the_first_of_the_file_are_listed(network: Network) -> None:
    known = [f"s{number:03}" for number in range(SAMPLE_SIZE + 20)]
    name = "corrective_preventive_actions_total"
    stored(network, structures(*(structure(code) for code in known)))
    stored(network, measures(*(measure(code, "2025-T4", name, 2) for code in known)))
    found = findings_of(
        examine(network, measures(*(measure(code, "2026-T1", name, 90) for code in reversed(known)))), "B05"
    )
    assert [finding.row for finding in found] == list(range(2, SAMPLE_SIZE + 2))
    assert {finding.count for finding in found} == {len(known)}
