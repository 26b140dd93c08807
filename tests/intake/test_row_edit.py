"""A row changed on a page: the same way in as a file, one version upon the other, nothing overwritten in silence."""

from __future__ import annotations

import threading
from datetime import date
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from indicators.definitions.campaigns import CampaignRecord
from indicators.definitions.periods import Frequency, Period
from indicators.intake.campaign import declare
from indicators.intake.deposit import check
from indicators.intake.row_edit import (
    CommentToReword,
    Confirmation,
    Conflict,
    Editor,
    EditOutcome,
    RowEdit,
    RowRefused,
    RowToConfirm,
    Saved,
    Unchanged,
    current_version,
    field_findings,
    findings_to_confirm,
    row_csv,
    row_file_name,
    save_row,
)
from indicators.intake.rules import CollectionScope
from indicators.store.approvals import DecisionVerdict, NewDecision, new_decision_id, store_decision
from indicators.store.deposits import new_deposit_id, read_content, withdraw
from indicators.store.row_versions import RowVersion, Standing, find_row_versions
from schemas.actions import ACTIONS as REGISTER
from schemas.participation import PARTICIPATION
from tests.builders import ACTIONS, AUTHOR, NOW, TODAY, action, stored, table
from tests.conftest import examples

if TYPE_CHECKING:
    from indicators.network import Network

ATELIER = "atelier-ternoise"
KEY = {"structure": ATELIER, "reference": "FA-1"}
CELLS = {**KEY, "kind": "corrective", "action": "Réimprimer le livret", "opened_on": "10/01/2026", "status": "open"}
OCCASION = {
    "structure": ATELIER,
    "reference": "P-1",
    "held_on": "10/01/2026",
    "form": "rencontre",
    "invited": "3",
    "present": "5",
}
QUALITY = Editor("qualité (fictif)", frozenset({ATELIER}))
DIRECTION = Editor("direction (fictif)", frozenset({ATELIER}))


def save(
    network: Network,
    cells: dict[str, str],
    based_on: str | None = None,
    editor: Editor = QUALITY,
    confirmation: Confirmation | None = None,
    deposit_id: str | None = None,
) -> EditOutcome:
    return save_row(network, RowEdit(REGISTER, cells, based_on), editor, NOW, TODAY, confirmation, deposit_id)


def saved(network: Network, cells: dict[str, str], based_on: str | None = None, editor: Editor = QUALITY) -> str:
    """Save a row that must be accepted, and return its deposit."""
    outcome = save(network, cells, based_on, editor)
    assert isinstance(outcome, Saved), outcome
    return outcome.receipt.deposit


def versions(network: Network) -> list[RowVersion]:
    with network.lake.cursor() as cursor:
        return find_row_versions(cursor, REGISTER, KEY)


def newest(network: Network) -> RowVersion | None:
    with network.snapshot(newest=True) as snapshot:
        return current_version(snapshot, REGISTER, KEY)


def test_each_change_is_a_version_with_who_and_when_and_the_file_of_its_row(directory_network: Network) -> None:
    first = saved(directory_network, CELLS)
    second = saved(directory_network, {**CELLS, "owner_role": "accueil"}, first, DIRECTION)
    found = versions(directory_network)
    assert [(version.deposit, version.author) for version in found] == [
        (second, "direction (fictif)"),
        (first, "qualité (fictif)"),
    ]
    assert all(version.at >= NOW for version in found)
    assert [version.values["owner_role"] for version in found] == ["accueil", None]
    assert found[0].values["opened_on"] == date(2026, 1, 10)
    content = read_content(directory_network.lake, second).decode("utf-8-sig")
    assert content.splitlines()[1].startswith(f"{ATELIER};FA-1;corrective;")
    with directory_network.snapshot(newest=True) as snapshot:
        assert snapshot.current_rows("actions")["owner_role"].to_list() == ["accueil"]


def test_the_second_of_two_editors_is_given_what_the_first_one_stored(directory_network: Network) -> None:
    first = saved(directory_network, CELLS)
    theirs = saved(directory_network, {**CELLS, "owner_role": "accueil"}, first, DIRECTION)
    outcome = save(directory_network, {**CELLS, "owner_role": "atelier"}, first)
    assert isinstance(outcome, Conflict)
    assert outcome.current is not None
    assert (outcome.current.deposit, outcome.current.author) == (theirs, "direction (fictif)")
    assert outcome.current.values["owner_role"] == "accueil"
    assert len(versions(directory_network)) == 2
    # Having seen it, they may choose theirs.
    saved(directory_network, {**CELLS, "owner_role": "atelier"}, theirs)
    assert [version.values["owner_role"] for version in versions(directory_network)] == ["atelier", "accueil", None]


def test_of_two_clicks_at_the_same_moment_one_stores(directory_network: Network) -> None:
    first = saved(directory_network, CELLS)
    outcomes: list[EditOutcome] = []
    ready = threading.Barrier(2)

    def click(role: str) -> None:
        ready.wait()
        outcomes.append(save(directory_network, {**CELLS, "owner_role": role}, first))

    threads = [threading.Thread(target=click, args=(role,)) for role in ("accueil", "atelier")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "Saved"]
    assert len(versions(directory_network)) == 2


def test_a_new_row_does_not_replace_one_of_the_same_reference(directory_network: Network) -> None:
    stored(directory_network, table(ACTIONS, action("FA-1")))
    outcome = save(directory_network, CELLS)
    assert isinstance(outcome, Conflict)
    assert outcome.current is not None
    assert outcome.current.author == AUTHOR
    assert len(versions(directory_network)) == 1


def test_a_row_that_was_taken_back_meanwhile_is_a_conflict_without_a_row(directory_network: Network) -> None:
    first = saved(directory_network, CELLS)
    withdraw(directory_network.lake, first, "essai", AUTHOR, NOW)
    assert save(directory_network, {**CELLS, "owner_role": "accueil"}, first) == Conflict(None)
    # What is gone may be written anew; its past stays.
    saved(directory_network, CELLS)
    assert [version.standing for version in versions(directory_network)] == [Standing.IN_FORCE, Standing.WITHDRAWN]


def test_the_same_click_sent_twice_stores_one_version(directory_network: Network) -> None:
    first, deposit = saved(directory_network, CELLS), new_deposit_id()
    outcomes = [
        save(directory_network, {**CELLS, "owner_role": "accueil"}, first, deposit_id=deposit) for _ in range(2)
    ]
    assert outcomes[0] == outcomes[1]
    assert len(versions(directory_network)) == 2


def test_a_row_that_says_what_it_said_is_no_version(directory_network: Network) -> None:
    first = saved(directory_network, CELLS)
    assert save(directory_network, {**CELLS, "opened_on": "2026-01-10"}, first) == Unchanged()
    assert len(versions(directory_network)) == 1


def test_a_refused_cell_is_found_at_its_field(directory_network: Network) -> None:
    outcome = save(directory_network, {**CELLS, "opened_on": "31/02/2026", "kind": "réparatrice"})
    assert isinstance(outcome, RowRefused)
    fields = field_findings(REGISTER, outcome.findings)
    assert {name: [finding.code for finding in found] for name, found in fields.items()} == {
        "opened_on": ["C09"],
        "kind": ["C19"],
    }
    assert fields["opened_on"][0].value == "31/02/2026"


def test_nobody_changes_the_register_of_a_structure_that_is_not_theirs(directory_network: Network) -> None:
    outcome = save(directory_network, {**CELLS, "structure": "regie-ternoise"})
    assert isinstance(outcome, RowRefused)
    assert [finding.code for finding in outcome.findings] == ["I08"]
    assert isinstance(save(directory_network, CELLS, editor=Editor("personne (fictif)", frozenset())), RowRefused)
    assert versions(directory_network) == []


def test_persons_are_refused_in_a_row_and_in_its_comment(directory_network: Network) -> None:
    outcome = save(directory_network, {**CELLS, "observation": "appeler au 06 12 34 56 78"})
    assert isinstance(outcome, RowRefused)
    assert {finding.code for finding in outcome.findings} == {"P01"}
    assert "observation" in field_findings(REGISTER, outcome.findings)
    assert save(directory_network, CELLS, confirmation=Confirmation("appeler au 06 12 34 56 78")) == CommentToReword()


def test_what_is_to_be_confirmed_waits_for_a_comment(directory_network: Network) -> None:
    stored(directory_network, table(ACTIONS, action("FA 01")))
    outcome = save(directory_network, CELLS)
    assert isinstance(outcome, RowToConfirm)
    assert [finding.code for finding in outcome.findings] == ["C20"]
    shown = findings_to_confirm(RowEdit(REGISTER, CELLS), outcome.findings)
    assert save(directory_network, CELLS, confirmation=Confirmation(" ", shown)) == outcome
    assert isinstance(save(directory_network, CELLS, confirmation=Confirmation("une autre action", shown)), Saved)
    assert versions(directory_network)[0].comment == "une autre action"


def test_a_comment_confirms_only_the_findings_that_were_shown(directory_network: Network) -> None:
    def attempt(confirmation: Confirmation | None = None, **changes: str) -> EditOutcome:
        edit = RowEdit(PARTICIPATION, {**OCCASION, **changes})
        return save_row(directory_network, edit, QUALITY, NOW, TODAY, confirmation)

    first = attempt()
    assert isinstance(first, RowToConfirm)
    assert "X01" in {finding.code for finding in first.findings}
    shown = findings_to_confirm(RowEdit(PARTICIPATION, OCCASION), first.findings)
    named = {"theme": "Départ de Fatima Benali", "publishable": "oui"}
    second = attempt(Confirmation("ouverte à tous", shown), **named)
    assert isinstance(second, RowToConfirm)
    assert "P02" in {finding.code for finding in second.findings}
    more = attempt(Confirmation("ouverte à tous", shown), present="6")
    assert isinstance(more, RowToConfirm), "more people than those that were confirmed"
    all_shown = findings_to_confirm(RowEdit(PARTICIPATION, {**OCCASION, **named}), second.findings)
    other = attempt(Confirmation("ouverte à tous", all_shown), theme="Départ de Marie Durand", publishable="oui")
    assert isinstance(other, RowToConfirm), "another name than the one that was shown"
    assert isinstance(attempt(Confirmation("ouverte à tous", all_shown), **named), Saved)


def test_a_change_that_waits_for_approval_is_what_the_next_one_builds_on(directory_network: Network) -> None:
    first = saved(directory_network, CELLS)
    quarter = Period.containing(NOW.date(), Frequency.QUARTER).shifted(-1)
    asks = CampaignRecord(new_deposit_id(), 0, NOW, AUTHOR, quarter, None, None, date(2027, 1, 31), eyes=1)
    assert declare(directory_network.lake, asks, None) == asks.__class__(**{**vars(asks), "sequence": 3})
    waiting = saved(directory_network, {**CELLS, "owner_role": "accueil"}, first)
    version = newest(directory_network)
    assert version is not None
    assert (version.deposit, version.standing) == (waiting, Standing.WAITING)
    with directory_network.snapshot(newest=True) as snapshot:
        assert snapshot.current_rows("actions")["owner_role"].to_list() == [None]
    assert isinstance(save(directory_network, {**CELLS, "owner_role": "atelier"}, first), Conflict)
    sent_back = NewDecision(new_decision_id(), waiting, DecisionVerdict.SENT_BACK, AUTHOR, NOW, "pas encore")
    store_decision(directory_network.lake, sent_back)
    after = newest(directory_network)
    assert after is not None
    assert after.deposit == first


def test_a_file_that_is_older_than_what_was_written_on_the_page_has_to_be_confirmed(directory_network: Network) -> None:
    first = saved(directory_network, CELLS)
    older = row_csv(RowEdit(REGISTER, CELLS))
    same = check(directory_network, older, "actions.csv", CollectionScope(), TODAY)
    assert {finding.code for finding in same.findings} == {"F11"}
    second = saved(directory_network, {**CELLS, "owner_role": "accueil"}, first)
    found = check(directory_network, older, "actions.csv", CollectionScope(), TODAY)
    assert [
        (finding.code, finding.header, finding.values["cause"]) for finding in found.findings if finding.code != "F11"
    ] == [("B04", "reference", "written_on_page")]
    saved(directory_network, {**CELLS, "owner_role": "atelier"}, second)


TEXTS = st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" \n;\"',="), max_size=40)


@examples(1)
@given(action=TEXTS.filter(str.strip), observation=TEXTS, reason=TEXTS)
def test_a_text_typed_on_a_page_is_read_as_it_was_typed(
    directory: Network, action: str, observation: str, reason: str
) -> None:
    typed = {"action": action, "observation": observation, "reason": reason}
    edit = RowEdit(REGISTER, {**CELLS, **typed})
    found = check(directory, row_csv(edit), row_file_name(edit), CollectionScope(own=frozenset({ATELIER})), TODAY)
    if found.table is None or not {finding.code for finding in found.findings} <= {"C18"}:
        return
    [row] = found.table.to_dicts()
    assert {name: row[name] or "" for name in typed} == {name: text.strip() for name, text in typed.items()}


def test_the_file_of_a_row_is_named_by_its_register_and_its_key() -> None:
    assert row_file_name(RowEdit(REGISTER, {**CELLS, "reference": "FA/2026 001"})) == "actions-FA-2026-001.csv"
