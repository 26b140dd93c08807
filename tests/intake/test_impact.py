"""What a file would change: counted and listed, asked of the store itself, and nothing of it stays."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

import pytest

from indicators.errors import StoreError
from indicators.intake.impact import NO_IMPACT, Impact, compute_impact
from indicators.network import Network
from indicators.store.deposits import list_receipts
from tests.builders import (
    ACTIONS,
    DIRECTORY,
    TODAY,
    Store,
    action,
    examine,
    measure,
    measures,
    stored,
    structures,
    table,
)
from tests.conftest import FilledBy

ATELIER = "atelier-ternoise"
PARTS = ("durable_job_exit_rate", "transition_job_exit_rate", "positive_exit_rate")


def exits(durable: int, transition: int, positive: int, leavers: int, period: str = "2026-T1") -> bytes:
    counts = dict(zip(PARTS, (durable, transition, positive), strict=True))
    counts["dynamic_exit_rate"] = sum(counts.values())
    return measures(*(measure(ATELIER, period, name, count, leavers) for name, count in counts.items()))


def deposit_exits(network: Network) -> None:
    stored(network, structures(*DIRECTORY))
    stored(network, exits(10, 12, 9, 60))


@pytest.fixture
def ready(filled_by: FilledBy) -> Network:
    return filled_by(deposit_exits)


def looked(network: Network, content: bytes) -> Impact:
    return compute_impact(network, examine(network, content), TODAY)


def withheld(found: Impact) -> dict[str, tuple[str, str]]:
    return {indicator: (before, after) for _, _, indicator, before, after in found.withheld.rows()}


def test_a_file_that_changes_nothing_has_no_effect(ready: Network) -> None:
    found = looked(ready, exits(10, 12, 9, 60))
    assert found.counts == {"new": 0, "changed": 0, "unchanged": 4, "dropped": 0}
    assert found.changes.is_empty()
    assert found.withheld.is_empty()


def test_a_small_numerator_will_be_withheld_and_the_smallest_other_part_with_it(ready: Network) -> None:
    found = looked(ready, exits(4, 18, 9, 60))
    assert found.counts == {"new": 0, "changed": 2, "unchanged": 2, "dropped": 0}
    assert withheld(found) == {
        "durable_job_exit_rate": ("ok", "withheld"),
        "positive_exit_rate": ("ok", "withheld"),
    }, "4 of 60 is somebody; 31 − 18 − 9 would give it back"
    changed = {row["indicator"]: row for row in found.changes.iter_rows(named=True)}
    assert {row["kind"] for row in changed.values()} == {"changed"}
    durable = changed["durable_job_exit_rate"]
    assert (durable["former_numerator"], durable["numerator"]) == (10, 4)
    assert (durable["former_denominator"], durable["denominator"]) == (60, 60)


def test_a_small_complement_will_be_withheld(ready: Network) -> None:
    found = looked(ready, measures(measure(ATELIER, "2026-T2", "dynamic_exit_rate", 58, 60)))
    assert found.counts == {"new": 1, "changed": 0, "unchanged": 0, "dropped": 0}
    assert withheld(found) == {"dynamic_exit_rate": ("missing", "withheld")}
    assert found.withheld.rows()[0][:2] == (ATELIER, "2026-T2")


def test_a_quarter_will_withhold_the_year_that_would_tell_the_last_one(ready: Network) -> None:
    name = "dynamic_exit_rate"
    quarters = [measure(ATELIER, f"2025-T{number}", name, 20, 40) for number in (1, 2)]
    stored(ready, measures(*quarters, measure(ATELIER, "2025", name, 62, 132)))
    found = looked(ready, measures(measure(ATELIER, "2025-T3", name, 20, 40)))
    assert [row[1:] for row in found.withheld.rows()] == [("2025", name, "ok", "withheld")], "2 of 12 are left"


def test_a_figure_that_stays_public_is_not_listed_as_withheld(ready: Network) -> None:
    found = looked(ready, exits(11, 12, 9, 61))
    assert found.counts["changed"] == 4
    assert found.withheld.is_empty()


def test_a_segment_that_a_correction_does_not_hold_is_not_concerned(ready: Network) -> None:
    whole, women = (measure(ATELIER, "2026-T2", "dynamic_exit_rate", 33, 60, segment=s) for s in ("ensemble", "sexe=F"))
    stored(ready, measures(whole, women))
    found = looked(ready, measures(whole.replace("33;", "34;")))
    assert found.counts == {"new": 0, "changed": 1, "unchanged": 0, "dropped": 0}
    assert found.changes.select("kind", "segment").rows() == [("changed", "ensemble")]


def test_a_figure_that_an_absence_takes_away_is_dropped_and_listed_with_its_value(ready: Network) -> None:
    found = looked(ready, measures(measure(ATELIER, "2026-T1", "dynamic_exit_rate", "NC")))
    assert found.counts == {"new": 0, "changed": 0, "unchanged": 0, "dropped": 1}
    (row,) = found.changes.iter_rows(named=True)
    assert (row["kind"], row["former_numerator"], row["former_denominator"]) == ("dropped", 31, 60)
    assert (row["numerator"], row["absence"]) == (None, "missing")


def test_changes_come_before_what_is_new_and_are_listed_up_to_a_limit(ready: Network) -> None:
    many = [measure(ATELIER, "2026-T2", "absenteeism_rate", n, 3_000, segment=f"mois={n}") for n in range(300)]
    found = looked(ready, exits(11, 12, 9, 61) + "".join(f"{line}\n" for line in many).encode())
    assert found.counts == {"new": 300, "changed": 4, "unchanged": 0, "dropped": 0}
    assert found.changes.height == 200
    assert found.changes["kind"].to_list() == ["changed"] * 4 + ["new"] * 196


def test_a_refused_file_has_no_effect(ready: Network) -> None:
    assert looked(ready, measures(measure(ATELIER, "2026-T2", "dynamic_exit_rate", 61, 60))) is NO_IMPACT
    assert looked(ready, b"") is NO_IMPACT


def test_keys_of_the_other_files_are_counted(ready: Network) -> None:
    stored(ready, table(ACTIONS, action("A-1"), action("A-2")))
    found = looked(ready, table(ACTIONS, action("A-1"), action("A-2", due="2026-03-01"), action("A-3")))
    assert found.counts == {"new": 1, "changed": 1, "unchanged": 1, "dropped": 0}
    assert found.changes.is_empty()
    assert found.withheld.is_empty()


# Nothing stays


def files_of(store: Store) -> set[str]:
    folder = Path(store.data or store.address)
    return {str(path.relative_to(folder)) for path in folder.rglob("*.parquet")}


def test_nothing_of_it_stays_in_the_store(ready: Network, store: Store) -> None:
    large = measures(
        *(measure(ATELIER, "2026-T2", "absenteeism_rate", n % 90, 3_000, segment=f"mois={n}") for n in range(5_000))
    )
    before = list_receipts(ready.lake)
    files = files_of(store)
    with ready.snapshot() as snapshot:
        version, rows = snapshot.version, snapshot.cursor.rows("select count(*) from lake.measures")
    assert looked(ready, large).counts["new"] == 5_000
    with ready.snapshot() as snapshot:
        assert (snapshot.version, snapshot.cursor.rows("select count(*) from lake.measures")) == (version, rows)
    assert list_receipts(ready.lake) == before
    assert files_of(store) == files


def test_nothing_stays_when_the_question_fails(ready: Network, store: Store) -> None:
    table_ = examine(ready, exits(11, 12, 9, 61)).table
    assert table_ is not None
    files = files_of(store)
    with ready.snapshot() as snapshot:
        version = snapshot.version
    with pytest.raises(StoreError), ready.dry_run("measures", table_) as supposed:
        supposed.cursor.rows("select no_such_column from lake.measures")
    with pytest.raises(ZeroDivisionError), ready.dry_run("measures", table_) as supposed:
        _ = len(supposed.cursor.rows("from lake.measures")) // 0
    with ready.snapshot() as snapshot:
        assert snapshot.version == version
        assert snapshot.cursor.rows("select count(*) from lake.measures") == [(4,)]
    assert files_of(store) == files


def test_a_deposit_made_meanwhile_is_neither_blocked_nor_lost(ready: Network) -> None:
    supposed_rows = examine(ready, exits(11, 12, 9, 61)).table
    assert supposed_rows is not None
    receipts: list[str] = []

    def deposit() -> None:
        receipts.append(stored(ready, measures(measure(ATELIER, "2026-T3", "dynamic_exit_rate", 30, 60))).deposit)

    with ready.dry_run("measures", supposed_rows) as supposed:
        other = threading.Thread(target=deposit)
        other.start()
        other.join(timeout=30)
        assert receipts, "the deposit was over before the question was"
        assert len(supposed.cursor.rows("from lake.measures")) == 8, "which sees one version of the store"
    with ready.snapshot() as snapshot:
        assert snapshot.cursor.rows("select count(*) from lake.measures") == [(5,)]


def test_a_figure_not_due_yet_may_be_withheld_once_it_is_there(ready: Network) -> None:
    content = measures(measure(ATELIER, "2026-T3", "dynamic_exit_rate", 3, 60))
    found = compute_impact(ready, examine(ready, content), date(2026, 10, 15))
    assert withheld(found) == {"dynamic_exit_rate": ("not_due", "withheld")}
