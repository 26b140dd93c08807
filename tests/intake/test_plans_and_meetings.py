"""Plans, bodies and meetings against what is in force: actions of the register, bodies declared, days of a body."""

from __future__ import annotations

import pytest

from indicators.network import Network
from tests.builders import ACTIONS, action, codes, examine, findings_of, places, stored, table
from tests.steering import BODIES, MEETINGS, PLAN, body, meeting, planned


@pytest.fixture
def ready(directory_network: Network) -> Network:
    """A network of which a structure keeps actions and bodies."""
    stored(directory_network, table(ACTIONS, action("AC-2026-014"), action("AC-2026-015")))
    stored(directory_network, table(BODIES, body(since="2025-01-01")))
    return directory_network


def test_a_plan_of_known_actions_for_a_year_or_a_school_year_gets_nothing(ready: Network) -> None:
    rows = [planned("AC-2026-014"), planned("AC-2026-015", "2025-2026"), planned("")]
    assert examine(ready, table(PLAN, *rows)).findings == ()


@pytest.mark.parametrize(
    ("typed", "nearest"), [("ac 2026/14", "AC-2026-014"), ("AC-2026-15", "AC-2026-015"), ("projet", None)]
)
def test_an_unknown_action_of_a_plan_gets_the_nearest_of_its_structure(
    ready: Network, typed: str, nearest: str | None
) -> None:
    (finding,) = examine(ready, table(PLAN, planned(typed))).findings
    assert (finding.code, finding.header, finding.suggestion) == ("C20", "action", nearest)


def test_actions_of_another_structure_are_not_known_to_this_one(ready: Network) -> None:
    (finding,) = examine(ready, table(PLAN, planned("AC-2026-014", structure="regie-ternoise"))).findings
    assert (finding.code, finding.suggestion) == ("C20", None)


def test_a_meeting_of_a_declared_body_that_became_known_actions_gets_nothing(ready: Network) -> None:
    row = meeting("2026-09-10", "2026-09-11", actions="AC-2026-014, AC-2026-015")
    assert examine(ready, table(MEETINGS, row)).findings == ()


def test_a_body_nearly_declared_is_proposed(ready: Network) -> None:
    (finding,) = findings_of(examine(ready, table(MEETINGS, meeting("2026-09-10", name="Comité pilotage"))), "C20")
    assert finding.suggestion == "Comité de pilotage"


def test_one_unknown_action_among_those_of_a_meeting_is_found(ready: Network) -> None:
    row = meeting("2026-09-10", "2026-09-11", actions="AC-2026-014, AC-2026-16")
    (finding,) = examine(ready, table(MEETINGS, row)).findings
    assert (finding.code, finding.header, finding.value) == ("C20", "actions", "AC-2026-014, AC-2026-16")


def test_a_recurrence_that_changes_is_a_row_more(ready: Network) -> None:
    assert examine(ready, table(BODIES, body("mensuel", "2026-07-01"))).findings == ()
    ended = table(BODIES, body(since="2025-01-01", until="2026-06-30"), body("mensuel", "2026-07-01"))
    assert examine(ready, ended).findings == ()


def test_days_that_overlap_those_in_force_are_found_on_whichever_side_the_file_is(ready: Network) -> None:
    stored(ready, table(BODIES, body("mensuel", "2026-07-01", "2026-12-31")))
    late = examine(ready, table(BODIES, body(since="2025-01-01", until="2026-07-02")))
    assert (codes(late), places(findings_of(late, "X06"))) == (["X06"], [(2, "F")])
    inside = examine(ready, table(BODIES, body("hebdomadaire", "2026-10-01")))
    assert (codes(inside), places(findings_of(inside, "X06"))) == (["X06"], [(2, "E")])


def test_the_rows_of_a_body_replace_its_own_and_do_not_overlap_them(ready: Network) -> None:
    assert examine(ready, table(BODIES, body("mensuel", "2025-01-01", "2026-12-31"))).findings == ()


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (MEETINGS, "atelier-ternoise;Comité de pilotage;2026-09-10;2026-09-10;Mme Jeanne Fictive;;"),
        (MEETINGS, "atelier-ternoise;Comité de pilotage;2026-09-10;2026-09-10;direction;Appeler le 06 12 34 56 78;"),
        (BODIES, "atelier-ternoise;Conseil;mensuel;M. Paul Fictif;2026-01-01;"),
        (PLAN, "atelier-ternoise;2026;Accueil;Écrire à jeanne@atelier.example;;"),
    ],
)
def test_names_and_numbers_of_persons_are_found_in_each_text(ready: Network, header: str, row: str) -> None:
    assert {code[0] for code in codes(examine(ready, table(header, row)))} >= {"P"}
