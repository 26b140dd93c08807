"""What everybody may know of registers: counts of acts, and texts that a structure lets be read; nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dashboards.access import PUBLIC_VISITOR
from dashboards.clock import Clock
from indicators.definitions.catalogue import Audience
from indicators.definitions.periods import Period
from indicators.network import Network
from indicators.queries.registers.public_part import MAX_PUBLIC_TEXTS, MIN_PUBLIC_REQUESTS, PublicPart, public_part
from tests.builders import ACTIONS, TODAY, action, measure, measures, stored, structure, structures, table
from tests.dashboards.drawn_page import DrawnPage, StateOf, draw

OURS = "atelier-du-pre"
OCCASIONS = "structure;reference;date;forme;theme;presents;publiable"
REQUESTS = "structure;reference;date;de;demande;reponse;repondue_le;rendue_le;decision;publiable"
PUBLISHED_ACTIONS = f"{ACTIONS};publiable"
QUARTER = Period.parse("2026-T3")
TITLE = "Participation et améliorations"


@pytest.fixture(autouse=True)
def own_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.access._app_state", None)


@pytest.fixture
def ready(network: Network) -> Network:
    stored(network, structures(structure(OURS), structure("forge-du-val")))
    stored(network, measures(measure(OURS, "2026-T3", "dynamic_exit_rate", 33, 60)))
    return network


def held(number: int, day: str = "2026-05-12", publishable: str = "non", theme: str = "SECRETTHEME") -> str:
    return f"{OURS};P-{number};{day};reunion;{theme} {number};10;{publishable}"


def request(number: int, publishable: str = "non", year: int = 2025, text: str = "SECRETDEMANDE") -> str:
    received = f"{OURS};D-{number};{year}-03-02;SECRETGROUPE;{text} {number}"
    return f"{received};Réponse {number};{year}-04-{number:02};;retenue;{publishable}"


def step(number: int, answered: str = "", reported: str = "", decision: str = "", received: str = "2025-03-02") -> str:
    answer = "Réponse" if answered else ""
    row = f"{OURS};D-{number};{received};SECRETGROUPE;SECRETDEMANDE {number}"
    return f"{row};{answer};{answered};{reported};{decision};non"


def board(network: Network, **address: str) -> DrawnPage:
    return draw(StateOf(network, Clock(TODAY), reader=PUBLIC_VISITOR), "structure", structure=OURS, **address)


def part_of(network: Network, quarter: Period = QUARTER, today: date = TODAY) -> PublicPart | None:
    with network.snapshot() as snapshot:
        return public_part(snapshot, snapshot.structures[OURS], quarter, today)


def requests_of(network: Network, code: str, today: date = TODAY) -> dict[str, int]:
    part = part_of(network, Period.parse(code), today)
    assert part is not None
    return dict(part.requests)


def test_without_a_register_there_is_no_such_section(ready: Network) -> None:
    assert TITLE not in board(ready).text
    stored(ready, table(OCCASIONS, held(1).replace(OURS, "forge-du-val")))
    assert TITLE not in board(ready).text


def test_counts_of_acts_are_public_and_texts_are_not(ready: Network) -> None:
    stored(ready, table(OCCASIONS, held(1), held(2), held(3)))
    stored(ready, table(REQUESTS, *(request(number) for number in range(1, 7))))
    stored(
        ready,
        table(
            PUBLISHED_ACTIONS, f"{action('A-1', structure=OURS)};non", f"{action('A-2', 'preventive', structure=OURS)};"
        ),
    )
    page = board(ready)
    assert TITLE in page.text
    assert "Occasions de participer 3" in page.text
    year = "Demandes de groupes reçues en 2025, et ce qu’il en était à la fin de l’année"
    assert f"{year} 6 reçues, 6 répondues, 6 retenues, 0 rendues à ceux qui ont demandé" in page.text
    assert "6 received, 6 answered, 6 adopted, 0 reported back" in board(ready, lang="en").text
    assert "2 ouvertes, 0 closes" in page.text
    assert "SECRET" not in page.html
    assert "Réimprimer" not in page.html


def test_texts_that_a_structure_lets_be_read_are_a_few_and_newest_first(ready: Network) -> None:
    days = [f"2026-05-{day:02}" for day in (11, 12, 13, 18)]
    shown = [held(number, day, "oui", "Thème") for number, day in enumerate(days)]
    stored(ready, table(OCCASIONS, *shown, held(9)))
    stored(ready, table(REQUESTS, request(1, "oui", 2026, "Des casiers"), request(2)))
    stored(ready, table(PUBLISHED_ACTIONS, f"{action('A-1', structure=OURS)};oui"))
    page = board(ready)
    assert [page.text.index(f"Thème {number}") for number in (3, 2, 1)] == sorted(
        page.text.index(f"Thème {number}") for number in (3, 2, 1)
    )
    assert "Thème 0" not in page.text
    assert "Des casiers 1 → Réponse 1" in page.text
    assert "Réimprimer le livret" in page.text
    assert "SECRET" not in page.html, "the group that asked is never named"
    assert "Livret remis tard" not in page.html, "an observation is never public"
    assert MAX_PUBLIC_TEXTS == 3


def test_a_few_requests_are_not_counted_in_public(ready: Network) -> None:
    stored(ready, table(REQUESTS, *(request(number) for number in range(1, MIN_PUBLIC_REQUESTS))))
    assert "Demandes de groupes" not in board(ready).text
    part = part_of(ready)
    assert part is not None
    assert not part.requests
    stored(ready, table(REQUESTS, request(MIN_PUBLIC_REQUESTS)))
    assert "5 reçues" in board(ready).text


def test_requests_of_two_quarters_cannot_be_subtracted(ready: Network) -> None:
    """One request of a quarter, and what became of it, would be the difference of the counts up to two quarters."""
    of_2025 = [step(number, "2025-04-02", "2025-05-02", "retenue") for number in range(1, 7)]
    of_2026 = [step(number, "2026-04-02", received="2026-03-02") for number in range(11, 17)]
    one = step(20, "2026-08-02", "2026-08-20", "refusee", received="2026-07-15")
    stored(ready, table(REQUESTS, *of_2025, *of_2026, one))
    assert part_of(ready, Period.parse("2025-T3")) is None, "of 2024 there is nothing"
    whole_year = {"received": 6, "answered": 6, "reported": 6, "adopted": 6}
    assert [requests_of(ready, code) for code in ("2026-T1", "2026-T2", "2026-T3")] == [whole_year] * 3
    later = date(2027, 1, 1)
    assert requests_of(ready, "2026-T4", date(2026, 12, 31)) == whole_year, "its year is not over yet"
    assert requests_of(ready, "2026-T4", later) == {"received": 7, "answered": 7, "adopted": 0}, (
        "one alone was reported back"
    )
    assert requests_of(ready, "2026-T3", later) == whole_year


def test_a_year_that_is_over_does_not_move_when_its_requests_go_on(ready: Network) -> None:
    waiting = [step(number) for number in range(6, 11)]
    stored(ready, table(REQUESTS, *(step(number, "2025-04-02") for number in range(1, 6)), *waiting))
    before = requests_of(ready, "2026-T1")
    assert before == {"received": 10, "answered": 5, "reported": 0, "adopted": 0}
    later = [step(1, "2025-04-02", "2026-02-01"), step(6, "2026-02-01", "2026-02-02", "retenue")]
    stored(ready, table(REQUESTS, *later), comment="suite donnée")
    assert requests_of(ready, "2026-T1") == before


@pytest.mark.parametrize(
    ("answered", "adopted", "shown"),
    [
        (4, 0, {"received": 12, "reported": 0, "adopted": 0}),
        (8, 0, {"received": 12, "reported": 0, "adopted": 0}),
        (7, 4, {"received": 12, "answered": 7, "reported": 0}),
        (7, 6, {"received": 12, "answered": 7, "reported": 0}),
        (12, 5, {"received": 12, "answered": 12, "reported": 0, "adopted": 5}),
    ],
)
def test_a_step_of_a_few_is_left_out_and_so_is_one_that_leaves_a_few(
    ready: Network, answered: int, adopted: int, shown: dict[str, int]
) -> None:
    rows = [
        step(number, "2025-04-02" if number <= answered else "", decision="retenue" if number <= adopted else "")
        for number in range(1, 13)
    ]
    stored(ready, table(REQUESTS, *rows))
    assert requests_of(ready, "2026-T1") == shown
    assert ("répondues" in board(ready).text) == ("answered" in shown)


def test_a_text_of_this_year_is_there_without_any_count(ready: Network) -> None:
    stored(ready, table(REQUESTS, request(1, "oui", 2026, "Des casiers")))
    page = board(ready)
    assert "Des casiers 1 → Réponse 1" in page.text
    assert "Demandes de groupes" not in page.text


def test_only_what_is_of_the_year_up_to_the_quarter_is_there(ready: Network) -> None:
    stored(ready, table(OCCASIONS, held(1, "2025-12-30"), held(2, "2026-02-02"), held(3, "2026-11-02")))
    counts = {}
    for code in ("2025-T4", "2026-T1", "2026-T3"):
        part = part_of(ready, Period.parse(code))
        counts[code] = part and part.occasions
    assert counts == {"2025-T4": 1, "2026-T1": 1, "2026-T3": 1}
    assert "En 2026, jusqu’au 30 septembre 2026" in board(ready).text
    assert "In 2026, until September 30, 2026" in board(ready, lang="en").text


def test_a_row_that_is_no_longer_publishable_is_gone_from_the_board(ready: Network) -> None:
    stored(ready, table(OCCASIONS, held(1, publishable="oui", theme="Thème")))
    assert "Thème 1" in board(ready).text
    stored(ready, table(OCCASIONS, held(1, publishable="non", theme="Thème")), comment="rectification")
    assert "Thème 1" not in board(ready).text


def test_what_a_sheet_does_not_make_public_is_not_counted(ready: Network) -> None:
    stored(ready, table(OCCASIONS, held(1)))
    stored(ready, table(ACTIONS, action("A-1", structure=OURS)))
    with ready.snapshot() as snapshot:
        sheets = {
            name: sheet.model_copy(update={"audience": Audience.MANAGEMENT})
            if name in {"psve_actions", "corrective_preventive_actions_total"}
            else sheet
            for name, sheet in snapshot.catalogue.indicators.items()
        }
        closed = replace(snapshot, catalogue=replace(snapshot.catalogue, indicators=sheets))
        part = public_part(closed, closed.structures[OURS], QUARTER, TODAY)
        shown = public_part(snapshot, snapshot.structures[OURS], QUARTER, TODAY)
    assert part is not None
    assert shown is not None
    assert part.is_empty
    assert (shown.occasions, shown.actions) == (1, (1, 0))
