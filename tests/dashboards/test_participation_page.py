"""The page of participation: occasions, assemblies and boards, requests and their answers, for whom they concern."""

from __future__ import annotations

import re
from datetime import date

import polars as pl
import pytest

from dashboards.access import Visitor
from dashboards.app_pages.registers.list_parts import ROWS_PER_PAGE, TakenList
from dashboards.clock import Clock
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.periods import Period
from indicators.definitions.roles import Grant, Role
from indicators.network import Network
from indicators.queries.registers.participation import (
    OccasionFilter,
    RegisterScope,
    dimension_totals,
    list_occasions,
    yearly_minimum,
)
from indicators.queries.registers.requests import RequestFilter, list_requests, request_totals
from schemas.participation import PARTICIPATION
from schemas.requests import REQUESTS
from tests.builders import TARGETS, TODAY, codes, examine, stored, structure, structures, table
from tests.dashboards.drawn_page import DrawnPage, StateOf, draw

OURS, OTHER = "atelier-du-pre", "forge-du-val"
OCCASIONS = (
    "structure;reference;date;forme;theme;invites;presents;dont_en_parcours;duree_h;eligibles;"
    "invites_a_part;prepare;dimension;publiable"
)
REQUEST_HEADER = "structure;reference;date;de;demande;reponse;repondue_le;action;rendue_le;decision;publiable"
HELD = (
    f"{OURS};P-1;2026-05-12;assemblee_generale;Comptes de l’année;;60;40;2,5;300;oui;oui;gouvernance;non",
    f"{OURS};P-2;2026-06-02;reunion;Planning;12;10;8;1;;;non;fonctionnement;non",
    f"{OURS};P-3;2026-09-02;rencontre;Visite;30;20;12;3;;;;;non",
    f"{OURS};CA-1;2026-06-10;composition_ca;;;3;;;12;;;gouvernance;non",
    f"{OURS};P-0;2025-09-02;conseil;Année d’avant;9;8;4;1,5;;;;representation;non",
    f"{OTHER};P-1;2026-06-03;reunion;Chez les autres;12;11;8;1;;;;fonctionnement;non",
)
RECEIVED = (
    f"{OURS};D-1;2026-03-02;équipe du matin;Des casiers;Posés en avril;2026-03-12;A-7;2026-03-22;retenue;non",
    f"{OURS};D-2;2026-03-03;équipe du soir;Un banc;À évaluer;2026-04-02;;;a_evaluer;non",
    f"{OURS};D-3;2026-02-04;équipe du soir;Un auvent;;;;;;non",
    f"{OURS};D-4;2026-03-05;permanents;Deux congés;Non;2026-03-25;;2026-05-04;refusee;non",
)


@pytest.fixture(autouse=True)
def own_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.access._app_state", None)


@pytest.fixture
def kept(network: Network) -> Network:
    places = [structure(OURS, "ACI"), structure(OTHER, "EI")]
    stored(network, structures(*places))
    stored(network, table(OCCASIONS, *HELD))
    stored(network, table(REQUEST_HEADER, *RECEIVED), comment="registre des actions à venir")
    return network


def page_of(network: Network, role: Role = Role.DIRECTOR, where: str = OURS, **address: str) -> DrawnPage:
    reader = Visitor((Grant(role, Perimeter.parse(where)),), person="m-0123456789")
    return draw(StateOf(network, Clock(TODAY), reader=reader), "participation", **address)


def written(cell: object) -> str:
    return "" if cell is None else str(cell).replace(".", ",")


def row_of(page: DrawnPage, first: str) -> list[str]:
    return next(row for row in page.rows if row[0].replace("\xa0", " ") == first)


def test_occasions_of_a_year_by_dimension_with_assemblies_and_boards(kept: Network) -> None:
    page = page_of(kept)
    assert "60 sur 300, soit 20,0 %" in page.text
    assert "3 sur 12, soit 25,0 %" in page.text
    assert row_of(page, "Gouvernance")[1:] == ["1", "60", "40", "2,5", "1 sur 1", "1"]
    assert row_of(page, "Fonctionnement")[1:] == ["1", "10", "8", "1", "0 sur 1", "0"]
    assert row_of(page, "Sans dimension")[1:4] == ["1", "20", "12"]
    assert row_of(page, "Instances du personnel")[1] == "0"
    listed = [row for row in page.rows if row[0].startswith(("2 sept", "2 juin", "12 mai"))]
    assert [row[1] for row in listed] == ["Rencontre", "Réunion", "Assemblée générale"]
    assert listed[2][3:9] == ["Comptes de l’année", "300", "–", "60", "20,0\xa0%", "40"]
    assert "Année d’avant" not in page.text
    assert "Chez les autres" not in page.text


def test_the_page_speaks_english_too(kept: Network) -> None:
    page = page_of(kept, lang="en")
    assert "60 of 300, that is 20.0%" in page.text
    assert row_of(page, "Governance")[5] == "1 of 1"
    requests = page_of(kept, lang="en", partie="demandes")
    assert "To be evaluated first" in requests.text
    for drawn in (page, requests):
        assert not re.search(r"\b(?:sur|soit|Réponse|Occasions tenues|jours)\b", drawn.text)


def test_the_yearly_minimum_of_the_network_is_held_against_what_was_done(kept: Network) -> None:
    assert "au moins" not in page_of(kept).text
    stored(kept, table(TARGETS, "reseau;psve_actions;2026;;4;interne;2025-12-11"))
    assert "3 sur 4 au moins cette année" in page_of(kept).text
    assert "au moins" not in page_of(kept, annee="2025").text
    with kept.snapshot() as snapshot:
        ours = Perimeter.parse(OURS)
        assert yearly_minimum(snapshot, ours, 2027) == 4
        assert snapshot.target(ours, "psve_actions", Period.parse("2026")) is not None
        assert snapshot.target(ours, "psve_actions", Period.parse("2026-T2")) is None, (
            "four in a year, not in a quarter"
        )
    stored(kept, table(TARGETS, "reseau;psve_actions;2026-T1;2026-T4;1;interne;2025-12-11"))
    with kept.snapshot() as snapshot:
        assert snapshot.target(ours, "psve_actions", Period.parse("2026-T2")) is not None


def test_filters_and_the_year_stand_in_the_address(kept: Network) -> None:
    def themes(**address: str) -> set[str]:
        known = {"Comptes de l’année", "Planning", "Visite", "Année d’avant"}
        return {cell for row in page_of(kept, **address).rows for cell in row if cell in known}

    assert themes(annee="2025") == {"Année d’avant"}
    assert themes(forme="reunion") == {"Planning"}
    assert themes(dimension="sans") == {"Visite"}
    assert themes(dimension="gouvernance") == {"Comptes de l’année"}
    assert "Aucune occasion ne correspond" in page_of(kept, forme="conseil").text
    assert "1999" in page_of(kept, annee="1999").text


def test_the_voice_loop_from_a_request_to_what_was_reported_back(kept: Network) -> None:
    page = page_of(kept, partie="demandes")
    for sentence in ("Reçues 4", "Répondues 3 (75 %)", "Rendues à ceux qui ont demandé 2 (50 %)", "Retenues 1 (25 %)"):
        assert sentence in page.text
    assert "À évaluer d’abord 1 (25 %)" in page.text
    assert "Délai médian de réponse 20 jours" in page.text
    assert "rendre compte 25 jours" in page.text
    assert "« Un auvent » attend une réponse depuis 293 jours." in page.text
    assert "« Un banc » : la réponse n’a pas encore été rendue, depuis 236 jours." in page.text
    assert [row[3] for row in page.rows] == ["Deux congés", "Un banc", "Des casiers", "Un auvent"]
    assert page.link("A-7") == {"structure": OURS, "action": "A-7"}
    assert [row[3] for row in page_of(kept, partie="demandes", etat="sans-reponse").rows] == ["Un auvent"]
    assert [row[3] for row in page_of(kept, partie="demandes", decision="a_evaluer").rows] == ["Un banc"]


def test_totals_are_those_of_a_naive_count(demo: Network) -> None:
    with demo.snapshot() as snapshot:
        for where in (frozenset({"atelier-du-canal"}), frozenset(snapshot.structures.by_id)):
            scope = RegisterScope.of_year(where, 2026)
            rows, total = list_requests(snapshot, scope, RequestFilter())
            assert total == rows.height > 0
            found = request_totals(snapshot, scope, TODAY)
            received = rows.to_dicts()
            answered = [row for row in received if row["answered_on"]]
            delays = [(row["answered_on"] - row["received_on"]).days for row in answered]
            assert (found.received, found.answered) == (len(received), len(answered))
            assert found.adopted == sum(row["decision"] == "adopted" for row in received)
            assert found.days_to_answer == pl.Series(delays).median()
            held, _ = list_occasions(snapshot, scope, OccasionFilter())
            for totals in dimension_totals(snapshot, scope):
                own = [row for row in held.to_dicts() if (row["dimension"] or "none") == totals.dimension]
                assert totals.occasions == len(own)
                assert (totals.present or 0) == sum(row["present"] for row in own)


def test_the_twenty_five_proposals_of_the_seminar_are_there(demo: Network) -> None:
    page = page_of(demo, Role.ADMINISTRATOR, "reseau", perimetre="reseau-des-horizons", partie="demandes")
    proposals = [row for row in page.rows if row[0].startswith("AT-")]
    assert len(proposals) == 25
    workshops = [row[2].removeprefix("atelier ") for row in proposals]
    assert {name: workshops.count(name) for name in workshops} == {
        "1a": 3,
        "2a": 3,
        "1b+2b": 5,
        "1c": 3,
        "2c": 3,
        "1d": 4,
        "2d": 4,
    }
    assert "À évaluer d’abord" in {row[5] for row in proposals}


def test_a_larger_perimeter_names_structures_in_the_order_of_the_alphabet(demo: Network) -> None:
    page = page_of(demo, Role.ADMINISTRATOR, "reseau", perimetre="region:be-hainaut", annee="2024")
    names = [row[0] for row in page.rows if "(fictif)" in row[0]]
    assert len(set(names)) > 1
    assert names == sorted(names)
    assert "au moins" not in page.text


def test_a_list_of_several_structures_is_sorted_by_name_whatever_their_ids(network: Network) -> None:
    names = {"a-1": "Zinc", "b-1": "Étoile", "c-1": "etape", "d-1": "Œuvre"}
    rows = [structure(code).split(";") for code in names]
    stored(network, structures(*(";".join([code, names[code], *others]) for code, _, *others in rows)))
    stored(network, table(OCCASIONS, *(f"{code};P-1;2026-05-12;reunion;Sujet;;5;;;;;;;" for code in names)))
    stored(network, table(REQUEST_HEADER, *(f"{code};D-1;2026-05-12;équipe du matin;Sujet;;;;;;non" for code in names)))
    with network.snapshot(newest=True) as snapshot:
        scope = RegisterScope.of_year(frozenset(names), 2026)
        for rows, _ in (
            list_occasions(snapshot, scope, OccasionFilter()),
            list_requests(snapshot, scope, RequestFilter()),
        ):
            assert rows["structure"].to_list() == ["c-1", "b-1", "d-1", "a-1"]


def test_a_long_list_has_pages(network: Network) -> None:
    stored(network, structures(structure(OURS)))
    rows = [f"{OURS};P-{n:03};2026-05-12;reunion;Sujet {n:03};;5;;;;;;;" for n in range(ROWS_PER_PAGE + 7)]
    stored(network, table(OCCASIONS, *rows))
    assert sum(row[1] == "Réunion" for row in page_of(network).rows) == ROWS_PER_PAGE
    assert sum(row[1] == "Réunion" for row in page_of(network, page="2").rows) == 7


def test_a_list_that_is_taken_away_can_be_deposited_again(kept: Network) -> None:
    with kept.snapshot() as snapshot:
        scope = RegisterScope.of_year(frozenset({OURS}), 2026)
        lists = (
            TakenList(PARTICIPATION, lambda: list_occasions(snapshot, scope, OccasionFilter())[0], "p"),
            TakenList(REQUESTS, lambda: list_requests(snapshot, scope, RequestFilter())[0], "d"),
        )
        files = [
            table(
                ";".join(taken.header),
                *(
                    ";".join("" if cell is None else str(cell).replace(".", ",") for cell in row)
                    for row in taken.rows()
                ),
            )
            for taken in lists
        ]
    for content, dataset in zip(files, ("participation", "demandes"), strict=True):
        found = examine(kept, content)
        assert found.dataset == dataset
        assert set(codes(found)) <= {"C20", "B04"}
        assert found.rows_accepted in {3, 4}


def test_nobody_reads_the_register_of_another_structure(kept: Network) -> None:
    page = page_of(kept, perimetre=OTHER)
    assert "Chez les autres" not in page.text
    assert f"Aucun périmètre ne s’appelle « {OTHER} »" in page.text


def test_nothing_deposited_is_said_kindly(network: Network) -> None:
    stored(network, structures(structure(OURS)))
    assert "aucun registre de participation ni de demandes" in page_of(network).text
    assert date(2026, 1, 1) < TODAY
