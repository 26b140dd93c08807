"""What everybody may know of registers: counts of acts, and texts that a structure lets be read; nothing else."""

from __future__ import annotations

from dataclasses import replace

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


def request(number: int, publishable: str = "non", day: str = "2026-03-02", text: str = "SECRETDEMANDE") -> str:
    received = f"{OURS};D-{number};{day};SECRETGROUPE;{text} {number}"
    return f"{received};Réponse {number};2026-04-{number:02};;retenue;{publishable}"


def board(network: Network, **address: str) -> DrawnPage:
    return draw(StateOf(network, Clock(TODAY), reader=PUBLIC_VISITOR), "structure", structure=OURS, **address)


def part_of(network: Network, quarter: Period = QUARTER) -> PublicPart | None:
    with network.snapshot() as snapshot:
        return public_part(snapshot, snapshot.structures[OURS], quarter)


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
    assert "6 reçues, 6 répondues, 6 retenues, 0 rendues à ceux qui ont demandé" in page.text
    assert "2 ouvertes, 0 closes" in page.text
    assert "SECRET" not in page.html
    assert "Réimprimer" not in page.html


def test_texts_that_a_structure_lets_be_read_are_a_few_and_newest_first(ready: Network) -> None:
    days = [f"2026-05-{day:02}" for day in (11, 12, 13, 18)]
    shown = [held(number, day, "oui", "Thème") for number, day in enumerate(days)]
    stored(ready, table(OCCASIONS, *shown, held(9)))
    stored(ready, table(REQUESTS, request(1, "oui", text="Des casiers"), request(2)))
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
    assert part.requests is None
    stored(ready, table(REQUESTS, request(MIN_PUBLIC_REQUESTS)))
    assert "5 reçues" in board(ready).text


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
        part = public_part(closed, closed.structures[OURS], QUARTER)
        shown = public_part(snapshot, snapshot.structures[OURS], QUARTER)
    assert part is not None
    assert shown is not None
    assert part.is_empty
    assert (shown.occasions, shown.actions) == (1, (1, 0))
