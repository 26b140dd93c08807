"""The demo network, deposited file by file through the intake."""

from __future__ import annotations

from datetime import date

from indicators.intake.replay import read_manifest, replay
from indicators.network import DATA_FOLDER, Network
from indicators.store.deposits import list_receipts


def test_a_second_replay_deposits_nothing_again(demo: Network) -> None:
    before = list_receipts(demo.lake)
    done = list(replay(demo, DATA_FOLDER / "demo", "réseau fictif", "rectification annoncée", today=date.max))
    assert len(done) == len(read_manifest(DATA_FOLDER / "demo")) == len(before)
    assert not any(step.stored for step in done)
    assert list_receipts(demo.lake) == before


def test_the_history_of_the_demo_keeps_the_moments_of_its_manifest(demo: Network) -> None:
    moments = [moment for _, moment in read_manifest(DATA_FOLDER / "demo")]
    assert [receipt.submitted_at for receipt in reversed(list_receipts(demo.lake))] == moments
