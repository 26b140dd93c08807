"""The demo network, deposited file by file through the intake."""

from __future__ import annotations

from datetime import date

from indicators.intake.replay import replay, steps
from indicators.network import DATA, Network
from indicators.store.deposits import history


def test_a_second_replay_deposits_nothing_again(demo: Network) -> None:
    before = history(demo.lake)
    done = list(replay(demo, DATA / "demo", "réseau fictif", "rectification annoncée", today=date.max))
    assert len(done) == len(steps(DATA / "demo")) == len(before)
    assert not any(step.stored for step in done)
    assert history(demo.lake) == before


def test_the_history_of_the_demo_keeps_the_moments_of_its_manifest(demo: Network) -> None:
    moments = [moment for _, moment in steps(DATA / "demo")]
    assert [receipt.submitted_at for receipt in reversed(history(demo.lake))] == moments
