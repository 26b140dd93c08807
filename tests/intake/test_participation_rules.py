"""Rules on the register of participation and on requests, and a figure that a register and a structure both give."""

from __future__ import annotations

from datetime import datetime

import pytest

from indicators.intake.deposit import Accepted
from indicators.network import Network
from schemas.findings import Severity
from tests.builders import (
    ACTIONS,
    NOW,
    action,
    codes,
    deposit,
    examine,
    findings_of,
    measure,
    measures,
    places,
    stored,
    table,
)

OURS = "atelier-ternoise"
OCCASIONS = (
    "structure;reference;date;forme;theme;invites;presents;dont_en_parcours;duree_h;eligibles;dimension;publiable"
)
REQUESTS = "structure;reference;date;de;demande;reponse;repondue_le;action;rendue_le;decision;publiable"
ASSEMBLIES = "general_assembly_participation_rate"
SEATS = "board_employee_seat_share"
NEXT_YEAR = datetime(2027, 2, 1, 9, 0)  # noqa: DTZ001 - moments of the store are in UTC, without a zone


def assembly(reference: str, held: str, present: object, eligible: object, form: str = "assemblee_generale") -> str:
    return f"{OURS};{reference};{held};{form};Vie de la maison;;{present};;2;{eligible};gouvernance;non"


def request(reference: str, **cells: str) -> str:
    names = ("received", "group", "text", "answer", "answered", "action", "reported", "decision", "publishable")
    usual = {"received": "2026-03-02", "group": "équipe du matin", "text": "Des vestiaires plus grands"}
    return ";".join((OURS, reference, *((usual | cells).get(name, "") for name in names)))


@pytest.fixture
def ready(directory_network: Network) -> Network:
    return directory_network


def test_a_request_and_its_answer_are_sound(ready: Network) -> None:
    answered = request("D-1", answer="Fait en juin", answered="2026-03-20", reported="2026-04-01", decision="retenue")
    assert codes(examine(ready, table(REQUESTS, request("D-2"), answered))) == []


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"received": "2026-12-24"}, "X06", "C"),
        ({"answer": "Oui", "answered": "2026-12-24"}, "X06", "G"),
        ({"answer": "Oui", "answered": "2026-03-20", "reported": "2026-12-24"}, "X06", "I"),
        ({"answer": "Oui"}, "C01", "G"),
        ({"answered": "2026-03-20"}, "C01", "F"),
        ({"reported": "2026-03-20"}, "C01", "F"),
    ],
)
def test_days_and_answers_of_a_request_go_together(
    ready: Network, cells: dict[str, str], code: str, column: str
) -> None:
    found = examine(ready, table(REQUESTS, request("D-1", **cells)))
    assert codes(found) == [code]
    assert places(findings_of(found, code)) == [(2, column)]


def test_a_request_names_an_action_of_the_register_or_it_is_asked_which(ready: Network) -> None:
    stored(ready, table(ACTIONS, action("A-1")))
    found = examine(ready, table(REQUESTS, request("D-1", action="A-1"), request("D-2", action="A-7")))
    assert [(f.code, f.severity, f.value) for f in found.findings] == [("C20", Severity.CONFIRM, "A-7")]


def test_a_request_under_a_reference_nearly_the_same_may_be_the_same(ready: Network) -> None:
    stored(ready, table(REQUESTS, request("AT-1a-1")))
    (finding,) = examine(ready, table(REQUESTS, request("at 1a 01"))).findings
    assert (finding.code, finding.suggestion) == ("C20", "AT-1a-1")


def test_a_group_is_never_a_person(ready: Network) -> None:
    """Fictitious people: a civility and a name in the column of the group, a telephone in the text."""
    named = examine(ready, table(REQUESTS, request("D-1", group="Mme Zénobie Exemplaire")))
    called = examine(ready, table(REQUESTS, request("D-1", text="Appeler le 06 12 34 56 78")))
    assert {code[:1] for code in codes(named)} == {"P"}
    assert {code[:1] for code in codes(called)} == {"P"}


def test_the_composition_of_a_board_says_how_many_seats_there_are(ready: Network) -> None:
    found = examine(ready, table(OCCASIONS, assembly("P-1", "2026-05-04", 3, "", "composition_ca")))
    assert codes(found) == ["C01"]
    assert places(findings_of(found, "C01")) == [(2, "J")]
    assert codes(examine(ready, table(OCCASIONS, assembly("P-1", "2026-05-04", 3, 12, "composition_ca")))) == []
    without = OCCASIONS.replace(";eligibles", "")
    row = assembly("P-1", "2026-05-04", 3, "X", "composition_ca").replace(";X", "")
    assert codes(examine(ready, table(without, row))) == ["C01"]


def test_a_figure_typed_after_the_register_must_be_the_one_that_it_counts(ready: Network) -> None:
    stored(ready, table(OCCASIONS, assembly("P-1", "2025-05-04", 60, 300), assembly("P-2", "2025-11-04", 40, 300)))
    assert codes(examine(ready, measures(measure(OURS, "2025", ASSEMBLIES, 100, 600)))) == []
    (finding,) = examine(ready, measures(measure(OURS, "2025", ASSEMBLIES, 60, 300))).findings
    assert (finding.code, finding.severity, finding.row, finding.column) == ("X02", Severity.CONFIRM, 2, "D")
    assert (finding.values["now"], finding.values["now_denominator"]) == (100, 600)
    (stated,) = findings_of(examine(ready, measures(measure(OURS, "2025", ASSEMBLIES, value="20,0"))), "X02")
    assert stated.column == "F"
    assert "X02" not in codes(examine(ready, measures(measure(OURS, "2025", ASSEMBLIES, value="16,7"))))
    assert codes(examine(ready, measures(measure(OURS, "2024", ASSEMBLIES, 60, 300)))) == []


def test_a_register_after_the_figure_must_count_what_was_typed(ready: Network) -> None:
    stored(ready, measures(measure(OURS, "2025", ASSEMBLIES, 100, 600), measure(OURS, "2025", SEATS, 3, 12)))
    first = assembly("P-1", "2025-05-04", 60, 300)
    found = examine(ready, table(OCCASIONS, first))
    assert [(f.code, f.severity, f.row, f.column) for f in found.findings] == [("X02", Severity.CONFIRM, 2, "J")]
    assert (found.findings[0].values["former"], found.findings[0].values["now"]) == (100, 60)
    assert codes(examine(ready, table(OCCASIONS, first, assembly("P-2", "2025-11-04", 40, 300)))) == []
    stored(ready, table(OCCASIONS, first), comment="une seule assemblée pour le moment")
    assert codes(examine(ready, table(OCCASIONS, assembly("P-2", "2025-11-04", 40, 300)))) == [], "with what is stored"
    board = assembly("CA-1", "2025-12-04", 4, 12, "composition_ca")
    assert codes(examine(ready, table(OCCASIONS, board))) == ["X02"]
    assert codes(examine(ready, table(OCCASIONS, board.replace(";4;", ";3;")))) == []


def test_what_the_register_counts_is_not_expected_again(ready: Network) -> None:
    stored(ready, measures(measure(OURS, "2025", ASSEMBLIES, 60, 300)))
    again = measures(measure(OURS, "2026", SEATS, 3, 12))
    missing = findings_of(examine(ready, again, period="2026-T4", structure=OURS), "X04")
    assert [finding.suggestion for finding in missing] == [ASSEMBLIES]
    outcome = deposit(
        ready,
        table(OCCASIONS, assembly("P-1", "2026-11-04", 60, 300)),
        period="2026-T4",
        today=NEXT_YEAR.date(),
        at=NEXT_YEAR,
    )
    assert isinstance(outcome, Accepted)
    assert findings_of(examine(ready, again, period="2026-T4", structure=OURS), "X04") == []
    assert NOW < NEXT_YEAR
