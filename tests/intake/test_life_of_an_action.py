"""The life of an action through the one door by which it is changed, against a list of what was stored.

It is opened, edited, carried over, accepted as a deviation, closed and reopened by two people who may hold an older
version, and its newest version may be withdrawn, in any order.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from indicators.intake.row_edit import Conflict, Editor, EditOutcome, RowEdit, RowRefused, Saved, Unchanged, save_row
from indicators.network import Network
from indicators.store.deposits import withdraw
from indicators.store.row_versions import find_row_versions, newest_held
from schemas.actions import ACTIONS as REGISTER
from tests.builders import AUTHOR, NOW, TODAY
from tests.conftest import copy_store, examples

if TYPE_CHECKING:
    from collections.abc import Mapping

ATELIER = "atelier-ternoise"
KEY = {"structure": ATELIER, "reference": "FA-1"}
OPENED = {**KEY, "kind": "corrective", "action": "Réimprimer le livret", "opened_on": "2026-01-10", "status": "open"}
DONE = {"done_on": "2026-03-01", "verified_on": "2026-04-01"}
NOT_DONE = {"done_on": "", "verified_on": "", "effectiveness": ""}
PEOPLE = st.sampled_from(["qualité (fictif)", "direction (fictif)"])


class LifeOfAnAction(RuleBasedStateMachine):
    """What is current is the last version stored and not withdrawn; nothing is stored upon an older one."""

    folder: Path
    template: Path
    number = 0

    @initialize()
    def begin(self) -> None:
        LifeOfAnAction.number += 1
        self.network = Network(str(copy_store(self.template, self.folder / f"life-{LifeOfAnAction.number}")))
        self.stored: list[tuple[str, dict[str, str]]] = []
        """Deposits and rows, as they stand one upon the other."""
        self.held: dict[str, tuple[str | None, dict[str, str]]] = {}
        """What each person has on the screen."""
        self.attempts = 0

    def teardown(self) -> None:
        if hasattr(self, "network"):
            self.network.close()

    @property
    def current(self) -> tuple[str | None, dict[str, str]]:
        return self.stored[-1] if self.stored else (None, OPENED)

    @rule(who=PEOPLE)
    def look(self, who: str) -> None:
        self.held[who] = self.current

    def save(self, who: str, change: Mapping[str, str], *, refused: bool = False) -> None:
        """Save a change of what somebody has on the screen; the outcome follows from what is stored."""
        based_on, row = self.held.get(who, (None, OPENED))
        self.attempts += 1
        cells = {**row, **change, "cause": f"relu {self.attempts}"}
        editor = Editor(who, frozenset({ATELIER}))
        outcome: EditOutcome = save_row(self.network, RowEdit(REGISTER, cells, based_on), editor, NOW, TODAY)
        if refused:
            assert isinstance(outcome, RowRefused), outcome
        elif based_on != self.current[0]:
            assert isinstance(outcome, Conflict), outcome
            assert (outcome.current.deposit if outcome.current else None) == self.current[0]
        else:
            assert isinstance(outcome, Saved), outcome
            assert outcome.receipt.author == who
            self.stored.append((outcome.receipt.deposit, cells))
            self.held[who] = self.current

    @rule(who=PEOPLE, owner=st.sampled_from(["accueil", "encadrement"]))
    def edit(self, who: str, owner: str) -> None:
        self.save(who, {"owner_role": owner})

    @rule(who=PEOPLE, verdict=st.sampled_from(["0", "50", "100"]))
    def close(self, who: str, verdict: str) -> None:
        self.save(who, {"status": "closed", **DONE, "effectiveness": verdict, "criterion": "livret remis"})

    @rule(who=PEOPLE, left_out=st.sampled_from(["criterion", "effectiveness", "verified_on"]))
    def close_without(self, who: str, left_out: str) -> None:
        whole = {"status": "closed", **DONE, "effectiveness": "100", "criterion": "livret remis"}
        self.save(who, {**whole, left_out: ""}, refused=True)

    @rule(who=PEOPLE)
    def reopen(self, who: str) -> None:
        self.save(who, {"status": "open", **NOT_DONE})

    @rule(who=PEOPLE, kept=st.sampled_from(["done_on", "verified_on"]))
    def reopen_with_a_day(self, who: str, kept: str) -> None:
        self.save(who, {"status": "in_progress", **NOT_DONE, kept: DONE[kept]}, refused=True)

    @rule(who=PEOPLE, due=st.sampled_from(["2026-12-31", ""]))
    def carry_over(self, who: str, due: str) -> None:
        self.save(who, {"status": "carried_over", **NOT_DONE, "due_on": due}, refused=not due)

    @rule(who=PEOPLE, reason=st.sampled_from(["budget reporté", ""]))
    def accept_deviation(self, who: str, reason: str) -> None:
        accepted = {"status": "accepted_deviation", **NOT_DONE, "accepted_until": "2026-12-31", "reason": reason}
        self.save(who, accepted, refused=not reason)

    @rule()
    def save_the_same_again(self) -> None:
        based_on, row = self.current
        if based_on is not None:
            editor = Editor(AUTHOR, None)
            assert save_row(self.network, RowEdit(REGISTER, row, based_on), editor, NOW, TODAY) == Unchanged()

    @rule()
    def withdraw_the_newest(self) -> None:
        if self.stored:
            withdraw(self.network.lake, self.stored.pop()[0], "essai", AUTHOR, NOW)

    @invariant()
    def what_is_current_is_the_last_one_stored(self) -> None:
        if not hasattr(self, "network"):
            return
        with self.network.lake.cursor() as cursor:
            newest = newest_held(find_row_versions(cursor, REGISTER, KEY))
        assert (newest.deposit if newest else None) == self.current[0]
        if newest is None:
            return
        values: dict[str, Any] = {name: _text(value) for name, value in newest.values.items()}
        assert {name: values[name] for name in self.current[1]} == self.current[1]
        if newest.values["status"] == "closed":
            assert None not in {newest.values[name] for name in ("criterion", "verified_on", "effectiveness")}


def _text(value: object) -> str:
    return "" if value is None else str(value)


def test_an_action_lives_by_its_rules(tmp_path: Path, directory_folder: Path) -> None:
    LifeOfAnAction.folder, LifeOfAnAction.template = tmp_path, directory_folder
    run_state_machine_as_test(LifeOfAnAction, settings=settings(examples(0.06), stateful_step_count=10, deadline=None))
