"""Approval: what waits or was sent back is not in force, whatever happens to it and in which order.

The life of deposits is held against plain loops: deposited, approved, sent back, corrected, withdrawn, erased, while
approval is switched on and off.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from indicators.definitions.campaigns import CampaignRecord
from indicators.definitions.periods import Period
from indicators.intake.campaign import declare
from indicators.network import Network
from indicators.snapshot import SQL_FOLDER
from indicators.store.approvals import (
    ApprovalState,
    Decision,
    DecisionRefusal,
    DecisionVerdict,
    NewDecision,
    find_decisions,
    new_decision_id,
    store_decision,
)
from indicators.store.campaign_records import newest_record, read_campaign_records
from indicators.store.deposits import Receipt, Submission, new_deposit_id, store_submission, withdraw
from indicators.store.erasure import erase
from tests.builders import (
    ACTIONS,
    AUTHOR,
    NOW,
    action,
    deposit,
    examine,
    measure,
    measures,
    stored,
    structure,
    structures,
    table,
)
from tests.conftest import copy_store, examples

if TYPE_CHECKING:
    from collections.abc import Mapping

ATELIER, EXITS = "atelier-ternoise", "dynamic_exit_rate"
PERIODS = ("2026-T1", "2026-T2")
PEOPLE = ("accueil", "direction", "delegation")


def ask_approval(network: Network, period: str, eyes: int | None) -> CampaignRecord:
    """Declare the campaign of a period anew, with or without approval."""
    with network.lake.cursor() as cursor:
        newest = newest_record(read_campaign_records(cursor), Period.parse(period), None)
    parsed = Period.parse(period)
    record = CampaignRecord(
        new_deposit_id(), 0, NOW, AUTHOR, parsed, None, None, date(2027, 1, 31), eyes=eyes
    )  # fmt: skip
    found = declare(network.lake, record, newest and newest.record)
    assert isinstance(found, CampaignRecord), found
    return found


def decide(
    network: Network,
    deposit: str,
    verdict: DecisionVerdict = DecisionVerdict.APPROVED,
    author: str = "direction",
    seen: int | None = None,
) -> Decision | DecisionRefusal:
    comment = "le mois de mars manque" if verdict is DecisionVerdict.SENT_BACK else None
    return store_decision(network.lake, NewDecision(new_decision_id(), deposit, verdict, author, NOW, comment, seen))


def submitted(network: Network, counts: Mapping[str, int], author: str = AUTHOR) -> Receipt:
    """Deposit the exits of some periods, whatever was deposited before."""
    content = measures(*(measure(ATELIER, period, EXITS, count, 96) for period, count in counts.items()))
    table_ = examine(network, content).table
    assert table_ is not None
    declared = network.declared_campaigns
    submission = Submission(
        new_deposit_id(), author, NOW, "measures", "t.csv", content, table_.height, table_, declared_campaigns=declared
    )
    return store_submission(network.lake, submission)


def in_force(network: Network) -> dict[str, float | None]:
    """The exits in force by period."""
    with network.snapshot() as snapshot:
        rows = snapshot.query(
            "current_measures_of_periods", structures=[ATELIER], everyone=False, periods=list(PERIODS)
        )
        return dict(rows.select("period", "numerator").iter_rows())


@dataclass
class Life:
    """What happened to a deposit, as plain loops know it."""

    receipt: Receipt
    eyes: int | None
    counts: Mapping[str, int]
    approved_by: set[str] = field(default_factory=set)
    decisions: int = 0
    sent_back: bool = False
    gone: bool = False

    @property
    def state(self) -> str | None:
        if self.eyes is None or self.gone:
            return None
        if self.sent_back:
            return "sent_back"
        others = 1 if self.eyes < 3 else self.eyes - 1
        return "approved" if len(self.approved_by) >= others else "waiting"

    def refusal(self, verdict: DecisionVerdict, author: str) -> str | None:
        if self.gone:
            return "unknown"
        if self.eyes is None:
            return "not_subject"
        if self.state != "waiting":
            return f"already_{self.state}"
        if verdict is DecisionVerdict.APPROVED and self.eyes > 1:
            if author == self.receipt.author:
                return "own"
            if author in self.approved_by:
                return "repeated"
        return None


class LifeOfDeposits(RuleBasedStateMachine):
    """The store and plain loops do the same, and must agree after each step."""

    def __init__(self, folder: Path, to: Path) -> None:
        super().__init__()
        to.mkdir(exist_ok=True)
        self.network = Network(str(copy_store(folder, to / new_deposit_id())))
        self.eyes: dict[str, int | None] = dict.fromkeys(PERIODS)
        self.lives: list[Life] = []

    @initialize()
    def begin(self) -> None:
        self.lives.append(Life(submitted(self.network, {"2026-T1": 20}), None, {"2026-T1": 20}))

    @rule(
        periods=st.sets(st.sampled_from(PERIODS), min_size=1), count=st.integers(21, 90), author=st.sampled_from(PEOPLE)
    )
    def deposited_or_corrected(self, periods: set[str], count: int, author: str) -> None:
        counts = dict.fromkeys(sorted(periods), count)
        eyes = max((self.eyes[period] or 0 for period in periods), default=0) or None
        receipt = submitted(self.network, counts, author)
        assert receipt.eyes == eyes
        self.lives.append(Life(receipt, eyes, counts))

    @rule(period=st.sampled_from(PERIODS), eyes=st.sampled_from([None, 1, 2, 3]))
    def approval_is_switched(self, period: str, eyes: int | None) -> None:
        before = in_force(self.network)
        ask_approval(self.network, period, eyes)
        self.eyes[period] = eyes
        assert in_force(self.network) == before

    @rule(
        pick=st.integers(0, 99),
        verdict=st.sampled_from([*DecisionVerdict, DecisionVerdict.APPROVED]),
        author=st.sampled_from(PEOPLE),
    )
    def decided(self, pick: int, verdict: DecisionVerdict, author: str) -> None:
        waiting = [life for life in self.lives if life.state == "waiting"] or self.lives
        life = waiting[pick % len(waiting)]
        refusal = life.refusal(verdict, author)
        found = decide(self.network, life.receipt.deposit, verdict, author)
        assert (found.value if isinstance(found, DecisionRefusal) else None) == refusal
        if refusal is None:
            life.decisions += 1
            life.sent_back |= verdict is DecisionVerdict.SENT_BACK
            life.approved_by |= {author} if verdict is DecisionVerdict.APPROVED else set()

    def _pick_kept(self, pick: int) -> Life:
        kept = [life for life in self.lives if not life.gone]
        return kept[pick % len(kept)]

    @precondition(lambda self: any(not life.gone for life in self.lives))
    @rule(pick=st.integers(0, 99))
    def withdrawn(self, pick: int) -> None:
        life = self._pick_kept(pick)
        withdraw(self.network.lake, life.receipt.deposit, "essai", AUTHOR, NOW)
        life.gone = True

    @precondition(lambda self: any(not life.gone for life in self.lives))
    @rule(pick=st.integers(0, 99))
    def erased(self, pick: int) -> None:
        life = self._pick_kept(pick)
        erase(self.network.lake, life.receipt.deposit, "essai", AUTHOR, NOW)
        life.gone = True

    @invariant()
    def what_is_in_force_is_what_plain_loops_say(self) -> None:
        expected: dict[str, float | None] = {}
        for life in self.lives:
            if not life.gone and life.state in {None, "approved"}:
                expected |= life.counts
        assert in_force(self.network) == expected
        with self.network.snapshot() as snapshot:
            _ = snapshot.overlapping_deposits
            sql = "select period, numerator from settled_measures($set_aside) where structure = $structure"
            rows = snapshot.cursor.rows(sql, set_aside=snapshot.set_aside, structure=ATELIER)
            assert dict(rows) == expected  # type: ignore[arg-type]
            states = {life.receipt.deposit: life.state for life in self.lives if life.state}
            assert snapshot.approval_states == states
            places = [row[0] for row in snapshot.cursor.rows("select sequence from places() order by sequence")]
            assert places == list(range(1, len(places) + 1))

    def teardown(self) -> None:
        self.network.close()


def test_the_life_of_deposits_is_that_of_plain_loops(directory_folder: Path, tmp_path: Path) -> None:
    run_state_machine_as_test(
        lambda: LifeOfDeposits(directory_folder, tmp_path / "lives"),
        settings=settings(examples(0.25), stateful_step_count=12),
    )


@pytest.fixture
def approving(directory_network: Network) -> Network:
    """A network whose first quarter has a figure in force; from then on two pairs of eyes are asked for."""
    submitted(directory_network, {"2026-T1": 30})
    ask_approval(directory_network, "2026-T1", 2)
    return directory_network


def test_what_was_in_force_when_approval_began_stays_until_something_newer_is_approved(approving: Network) -> None:
    assert in_force(approving) == {"2026-T1": 30}
    newer = submitted(approving, {"2026-T1": 33})
    assert in_force(approving) == {"2026-T1": 30}
    assert isinstance(decide(approving, newer.deposit), Decision)
    assert in_force(approving) == {"2026-T1": 33}


def test_what_is_sent_back_is_corrected_by_a_new_deposit_and_never_comes_into_force(approving: Network) -> None:
    wrong = submitted(approving, {"2026-T1": 93})
    decide(approving, wrong.deposit, DecisionVerdict.SENT_BACK)
    right = submitted(approving, {"2026-T1": 39})
    assert decide(approving, wrong.deposit) is DecisionRefusal.ALREADY_SENT_BACK
    decide(approving, right.deposit)
    assert in_force(approving) == {"2026-T1": 39}
    withdraw(approving.lake, right.deposit, "essai", AUTHOR, NOW)
    assert in_force(approving) == {"2026-T1": 30}, "what was sent back stays out when its correction goes"


def test_a_file_waits_as_a_whole_if_one_of_its_periods_asks_for_approval(approving: Network) -> None:
    submitted(approving, {"2026-T1": 33, "2026-T2": 40})
    assert in_force(approving) == {"2026-T1": 30}
    submitted(approving, {"2026-T2": 41})
    assert in_force(approving) == {"2026-T1": 30, "2026-T2": 41}


def test_a_year_waits_with_the_quarter_in_which_it_ends(directory_network: Network) -> None:
    ask_approval(directory_network, "2025-T4", 1)
    row = measure(ATELIER, "2025", EXITS, 90, 300)
    assert stored(directory_network, measures(row)).eyes == 1


def test_a_register_waits_with_the_quarter_it_is_collected_for_and_with_those_of_its_days(
    directory_network: Network,
) -> None:
    network = directory_network
    ask_approval(network, "2026-T1", 1)
    dated = table(ACTIONS, action("A-1", opened="2026-05-02"))
    collected = deposit(network, dated, period="2026-T1", structure=ATELIER)
    assert collected.receipt.eyes == 1  # type: ignore[union-attr]
    assert stored(network, table(ACTIONS, action("A-2", opened="2026-05-02"))).eyes is None
    assert stored(network, table(ACTIONS, action("A-3", opened="2026-02-02"))).eyes == 1
    with network.snapshot() as snapshot:
        assert snapshot.current_rows("actions")["reference"].to_list() == ["A-2"]


def test_a_register_without_a_period_counts_for_the_quarter_that_ended_last(directory_network: Network) -> None:
    ask_approval(directory_network, "2026-T3", 1)
    assert stored(directory_network, table(ACTIONS, action("A-1", opened="2026-05-02"))).eyes == 1


def test_the_directory_of_structures_never_waits(directory_network: Network) -> None:
    for period in ("2026-T3", "2026-T4"):
        ask_approval(directory_network, period, 3)
    assert stored(directory_network, structures(structure("chantier-neuf"))).eyes is None


def test_of_two_clicks_at_the_same_moment_one_decides(approving: Network) -> None:
    waiting = submitted(approving, {"2026-T1": 33})
    found: list[Decision | DecisionRefusal] = []
    ready = threading.Barrier(4)

    def click(verdict: DecisionVerdict, author: str) -> None:
        ready.wait()
        found.append(decide(approving, waiting.deposit, verdict, author, seen=0))

    clicks = [
        threading.Thread(target=click, args=(verdict, author))
        for verdict in DecisionVerdict
        for author in ("direction", "delegation")
    ]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    assert sum(isinstance(one, Decision) for one in found) == 1
    with approving.lake.cursor() as cursor:
        assert len(find_decisions(cursor)) == 1


def test_a_decision_sent_twice_is_stored_one_time_and_one_made_on_an_older_state_is_not(approving: Network) -> None:
    ask_approval(approving, "2026-T1", 3)
    waiting = submitted(approving, {"2026-T1": 33})
    first = NewDecision(new_decision_id(), waiting.deposit, DecisionVerdict.APPROVED, "direction", NOW, seen=0)
    assert store_decision(approving.lake, first) == store_decision(approving.lake, first)
    assert decide(approving, waiting.deposit, author="delegation", seen=0) is DecisionRefusal.CHANGED
    assert in_force(approving) == {"2026-T1": 30}, "three pairs of eyes: the depositor's and two others"
    assert isinstance(decide(approving, waiting.deposit, author="delegation", seen=1), Decision)
    assert in_force(approving) == {"2026-T1": 33}


def test_where_several_pairs_of_eyes_are_asked_for_nobody_approves_their_own_deposit(approving: Network) -> None:
    own = submitted(approving, {"2026-T1": 33}, "direction")
    assert decide(approving, own.deposit, author="direction") is DecisionRefusal.OWN
    ask_approval(approving, "2026-T1", 1)
    assert decide(approving, own.deposit, author="direction") is DecisionRefusal.OWN, "as at its place in the order"
    later = submitted(approving, {"2026-T1": 34}, "direction")
    assert isinstance(decide(approving, later.deposit, author="direction"), Decision)


def test_a_campaign_declared_by_somebody_else_meanwhile_is_not_overwritten(approving: Network) -> None:
    record = CampaignRecord(
        new_deposit_id(), 0, NOW, AUTHOR, Period.parse("2026-T1"), None, None, date(2026, 12, 1)
    )  # fmt: skip
    found = declare(approving.lake, record, None)
    assert found == ["changed"]
    with approving.snapshot() as snapshot:
        assert snapshot.campaigns.for_period(record.period).eyes == 2


def test_what_waits_is_read_as_if_it_were_approved_where_a_page_admits_it_and_nowhere_else(approving: Network) -> None:
    waiting = submitted(approving, {"2026-T1": 33})
    with approving.snapshot() as snapshot:
        values = {"structures": [ATELIER], "everyone": False, "periods": ["2026-T1"]}
        admitted = snapshot.admitting(waiting.deposit)
        assert admitted.query("current_measures_of_periods", **values)["numerator"].to_list() == [33]
        assert snapshot.query("current_measures_of_periods", **values)["numerator"].to_list() == [30]
        assert snapshot.approval_states == {waiting.deposit: ApprovalState.WAITING}


def test_no_query_leaves_out_what_was_withdrawn_and_reads_what_waits() -> None:
    queries = sorted(SQL_FOLDER.glob("*.sql"))
    assert len(queries) > 30
    for query in queries:
        assert "$withdrawn" not in query.read_text(encoding="utf-8"), query.name
