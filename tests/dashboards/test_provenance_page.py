"""Where a figure comes from, for each reader: days for everybody, counts, files and people for its management."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import outloud
import pdfua
import pytest

from dashboards.access import PUBLIC_VISITOR, Visitor
from dashboards.app_pages.page_context import PageContext
from dashboards.clock import Clock
from dashboards.papers.document import Paper
from dashboards.papers.pdf import paper_data, render_pdf
from indicators.accounts.members import change_members, find_person
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.periods import Period
from indicators.definitions.roles import AccessRules, Grant, Member, Role
from indicators.disclosure.raw_count_rows import raw_count_rows
from indicators.disclosure.register_counts import count_registers
from indicators.intake.deposit import Accepted
from indicators.network import Network
from indicators.queries.deposits.counted_rows import counted_rows
from indicators.queries.deposits.provenance import deposited_figures
from indicators.store.deposits import withdraw
from tests.builders import (
    ACTIONS,
    AUTHOR,
    NOW,
    TODAY,
    action,
    deposit,
    measure,
    measures,
    stored,
    structure,
    structures,
    table,
)
from tests.conftest import copy_store
from tests.dashboards.drawn_page import DrawnPage, StateOf, draw
from tests.dashboards.papers.test_pdf import squeezed, text_of
from tests.steering import BODIES, MEETINGS, body, meeting

ATELIER, REGIE, EXITS = "atelier-ternoise", "regie-ternoise", "dynamic_exit_rate"
ADDRESS: Final = "depot@atelier.example"
SECRETS: Final = ("31 / 67", "29 / 67", "sorties-secretes.csv", "un membre", ADDRESS, "m-")
"""What only the management of the structure reads."""


@pytest.fixture(autouse=True)
def own_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.access._app_state", None)


@pytest.fixture(scope="module")
def network(directory_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """A network in which a figure was deposited, replaced, and another one withdrawn."""
    with Network(str(copy_store(directory_folder, tmp_path_factory.mktemp("provenance") / "store"))) as opened:
        member = Member(ADDRESS, Grant(Role.DEPOSITOR, Perimeter.parse(ATELIER)), None, None)
        change_members(opened.accounts, [member], "essai", NOW, TODAY)
        person = find_person(opened.accounts, ADDRESS)
        for count in (29, 31):
            content = measures(measure(ATELIER, "2026-T1", EXITS, count, 67))
            deposit(opened, content, "sorties-secretes.csv", author=person, comment="relu")
        content = measures(measure(ATELIER, "2026-T2", EXITS, 40, 67))
        receipt = deposit(opened, content, comment="relu").receipt  # type: ignore[union-attr]
        withdraw(opened.lake, receipt.deposit, "mauvais fichier", AUTHOR, NOW)
        yield opened


def page(
    network: Network,
    *held: tuple[Role, str],
    rules: AccessRules | None = None,
    person: str | None = "m-9999999999",
    **address: str,
) -> DrawnPage:
    grants = tuple(Grant(role, Perimeter.parse(perimeter)) for role, perimeter in held)
    reader = Visitor(grants, rules or AccessRules(), person=person) if held else PUBLIC_VISITOR
    chosen = {"indicateur": EXITS, "structure": ATELIER, "periode": "2026-T1", **address}
    return draw(StateOf(network, Clock(TODAY), reader=reader), "provenance", **chosen)


OTHERS: Final = {
    "public": (),
    "director of another structure": ((Role.DIRECTOR, REGIE),),
    "delegate": ((Role.DELEGATE, "region:normandie"),),
    "quality elsewhere": ((Role.QUALITY, "region:bretagne"),),
}


@pytest.mark.parametrize("who", OTHERS)
@pytest.mark.parametrize("view", ["", "gestion"])
def test_others_read_on_which_days_a_figure_was_deposited_and_nothing_of_it(
    network: Network, who: str, view: str
) -> None:
    found = page(network, *OTHERS[who], vue=view)
    assert "Déposé le 24 nov. 2026." in found.text
    assert "Remplacé une fois depuis" in found.text
    assert [secret for secret in SECRETS if secret in found.text] == []
    assert found.rows == []


@pytest.mark.parametrize(
    ("role", "perimeter"),
    [
        (Role.DIRECTOR, ATELIER),
        (Role.DEPOSITOR, "groupe:groupe-ternoise-fictif"),
        (Role.QUALITY, "region:normandie"),
        (Role.ADMINISTRATOR, "reseau"),
    ],
)
def test_its_management_reads_each_row_the_newest_first(network: Network, role: Role, perimeter: str) -> None:
    rows = page(network, (role, perimeter)).rows
    author = ADDRESS if role is Role.ADMINISTRATOR else "un membre"
    assert [row[1:] for row in rows] == [
        [author, "sorties-secretes.csv", "2", "31 / 67", "en vigueur"],
        [author, "sorties-secretes.csv", "2", "29 / 67", "remplacé"],
    ]


def test_who_deposited_reads_that_it_was_them(network: Network) -> None:
    own = find_person(network.accounts, ADDRESS)
    rows = page(network, (Role.DEPOSITOR, ATELIER), person=own).rows
    assert {row[1] for row in rows} == {"vous"}


@pytest.mark.parametrize("sees", [False, True])
def test_a_delegate_reads_rows_only_if_the_network_says_so(network: Network, sees: bool) -> None:
    found = page(network, (Role.DELEGATE, "region:normandie"), rules=AccessRules(delegates_see_management=sees))
    assert bool(found.rows) is sees


def test_a_figure_that_was_taken_back_is_said_to_be(network: Network) -> None:
    found = page(network, periode="2026-T2")
    assert "Ce chiffre avait été déposé, puis retiré." in found.text
    (row,) = page(network, (Role.DIRECTOR, ATELIER), periode="2026-T2").rows
    assert row[-1] == "retiré"


def test_of_a_figure_for_management_others_do_not_read_that_it_was_ever_deposited(network: Network) -> None:
    managed = next(
        sheet.id for sheet in network.catalogue if sheet.audience.value == "management" and sheet.source == "reported"
    )
    unknown = page(network, indicateur="nulle-part").text
    for who in OTHERS.values():
        assert page(network, *who, indicateur=managed).text.replace(managed, "nulle-part") == unknown
    assert "Aucun fichier déposé" in page(network, (Role.DIRECTOR, ATELIER), indicateur=managed).text


def test_a_figure_that_is_counted_from_a_register_says_so(network: Network) -> None:
    derived = next(
        sheet.id for sheet in network.catalogue if sheet.source == "derived" and sheet.audience.value == "public"
    )
    assert "calculé à partir d’un registre" in page(network, indicateur=derived).text


@pytest.mark.parametrize(
    "address",
    [
        {"indicateur": ""},
        {"structure": ""},
        {"structure": "<script>"},
        {"periode": ""},
        {"periode": "2026-T9"},
        {"periode": "' or 1=1 --"},
        {"structure": "region:normandie"},
    ],
)
def test_an_address_of_nothing_is_a_sentence_with_a_way_out(network: Network, address: dict[str, str]) -> None:
    found = page(network, **address)
    assert "href" in found.html
    assert "<script>" not in found.html
    assert "Déposé le" not in found.text


def test_the_evidence_has_definition_version_counts_file_row_who_and_when(network: Network) -> None:
    found = page(network, (Role.ADMINISTRATOR, "reseau"))
    sheet = network.catalogue[EXITS]
    with network.snapshot() as snapshot:
        digests = {figure.sha256 for figure in deposited_figures(snapshot, ATELIER, EXITS, "2026-T1")}
    assert len(digests) == 2
    for text in (sheet.version, sheet.numerator("fr"), "46,3 %", "31 sorties sur 67", ADDRESS, *digests):
        assert re.sub(r"\s+", " ", str(text)) in found.text


def test_the_public_evidence_has_the_definition_and_neither_file_nor_digest(network: Network) -> None:
    found = page(network)
    with network.snapshot() as snapshot:
        digests = [figure.sha256 for figure in deposited_figures(snapshot, ATELIER, EXITS, "2026-T1")]
    assert network.catalogue[EXITS].version in found.text
    assert [digest for digest in digests if str(digest) in found.text] == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_pdf_of_the_evidence_is_accessible_and_reads_as_the_page(
    network: Network, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bytes] = []

    def keep(paper: Paper, at: datetime, visitor: str) -> bytes:
        made.append(render_pdf(json.dumps(paper_data(paper, at)).encode()))
        return made[-1]

    # The button makes it on click, which a drawn page has none of: it is taken as it is offered.
    monkeypatch.setattr("dashboards.app_pages.provenance.paper_pdf", keep)
    monkeypatch.setattr(PageContext, "offer_download", lambda _self, _label, build, *_args, **_more: build())
    found = page(network, (Role.DIRECTOR, ATELIER), lang=language)
    file = tmp_path / "evidence.pdf"
    file.write_bytes(made[0])
    found_by_one = [str(each) for each in outloud.check(str(file)).findings if each.severity != "info"]
    assert (found_by_one, list(pdfua.validate(file).findings)) == ([], [])
    read = squeezed(text_of(made[0]))
    for row in found.rows:
        for cell in row:
            assert squeezed(cell) in read
    assert squeezed(network.catalogue[EXITS].numerator(language)) in read


RESIDENCE: Final = "residence-lorette"
ASSEMBLIES: Final = "general_assembly_participation_rate"
MEETING_RATE: Final = "governance_meeting_rate"
COUNTED: Final = {
    ASSEMBLIES: ("AG-2025", "12 mai 2025", "30 / 64", "participation.csv, ligne 2"),
    MEETING_RATE: ("Comité de pilotage", "12 févr. 2025", "–", "instances.csv, ligne 2"),
}
"""What the register has behind each figure: reference, day, counts, file and line."""


@pytest.fixture(scope="module")
def registered(directory_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """A network in which two figures of 2025 were typed, and a register counts them."""
    with Network(str(copy_store(directory_folder, tmp_path_factory.mktemp("counted") / "store"))) as opened:
        member = Member(ADDRESS, Grant(Role.DEPOSITOR, Perimeter.parse(ATELIER)), None, None)
        change_members(opened.accounts, [member], "essai", NOW, TODAY)
        person = find_person(opened.accounts, ADDRESS)

        def keep(content: bytes, name: str, period: str | None = None) -> None:
            outcome = deposit(opened, content, name, period=period, author=person, comment="relu")
            assert isinstance(outcome, Accepted), outcome

        rows = [measure(ATELIER, "2025", ASSEMBLIES, 50, 64), measure(ATELIER, "2025", MEETING_RATE, 6, 6)]
        keep(measures(*rows), "chiffres.csv")
        occasions = "structure;reference;date;forme;presents;eligibles"
        assembly = f"{ATELIER};AG-2025;2025-05-12;assemblee_generale;30;64"
        other = f"{ATELIER};CA-2025;2025-06-12;composition_ca;3;12"
        keep(table(occasions, assembly, other), "participation.csv", "2025-T4")
        occasions = "structure;reference;date;forme;presents;dont_en_parcours"
        stored(opened, structures(structure(RESIDENCE, kind="RES")), comment="relu")
        groups = [
            f"{code};G-{day};2025-11-0{day};reunion;12;{count}"
            for code in (ATELIER, RESIDENCE)
            for day, count in ((1, 7), (2, ""))
        ]
        keep(table(occasions, *groups), "groupes.csv", "2025-T4")
        late = action("A-1", opened="2025-03-01", due="2025-11-01", done="2025-12-01", status="faite")
        verified = action("A-2", opened="2025-03-01", due="2025-08-01", done="2025-08-01", verified="2025-10-01",
                          verdict="100", status="close")  # fmt: skip
        keep(table(ACTIONS, late, verified), "actions.csv", "2025-T4")
        keep(table(BODIES, body(since="2025-01-01")), "corps.csv")
        keep(table(MEETINGS, meeting("2025-02-10", "2025-02-12"), meeting("2025-04-10")), "instances.csv", "2025-T4")
        yield opened


def evidence_of(network: Network, monkeypatch: pytest.MonkeyPatch, *held: tuple[Role, str], **address: str) -> str:
    """The text of the PDF that the page offers."""
    made: list[bytes] = []

    def keep(paper: Paper, at: datetime, visitor: str) -> bytes:
        made.append(render_pdf(json.dumps(paper_data(paper, at)).encode()))
        return made[-1]

    monkeypatch.setattr("dashboards.app_pages.provenance.paper_pdf", keep)
    monkeypatch.setattr(PageContext, "offer_download", lambda _self, _label, build, *_args, **_more: build())
    page(network, *held, **address)
    return squeezed(text_of(made[0]))


@pytest.mark.parametrize("indicator", COUNTED)
def test_the_evidence_of_what_a_register_counts_names_its_rows(
    registered: Network, monkeypatch: pytest.MonkeyPatch, indicator: str
) -> None:
    address = {"indicateur": indicator, "periode": "2025"}
    read = evidence_of(registered, monkeypatch, (Role.DIRECTOR, ATELIER), **address)
    found = page(registered, (Role.DIRECTOR, ATELIER), **address)
    for text in (*COUNTED[indicator], "calculé à partir d’un registre", "le registre la remplace",
                 "remplacée par le registre"):  # fmt: skip
        assert squeezed(text) in read, text
        assert squeezed(text) in squeezed(found.text), text
    assert "en vigueur" not in {row[-1] for row in found.rows}
    assert "CA-2025" not in read


def test_the_public_evidence_says_that_a_register_counts_and_has_none_of_its_rows(
    registered: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = evidence_of(registered, monkeypatch, indicateur=ASSEMBLIES, periode="2025")
    assert squeezed("calculé à partir d’un registre") in read
    assert [text for text in (*COUNTED[ASSEMBLIES], "chiffres.csv", "un membre") if squeezed(text) in read] == []


def test_what_a_register_counts_has_evidence_without_any_typed_figure(
    registered: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = {"indicateur": "board_employee_seat_share", "periode": "2025"}
    read = evidence_of(registered, monkeypatch, (Role.DIRECTOR, ATELIER), **address)
    assert squeezed("CA-2025") in read
    assert "3/12" in read
    assert squeezed("le registre la remplace") not in read


@pytest.mark.parametrize("indicator", [EXITS, ASSEMBLIES])
def test_the_pdf_of_the_evidence_names_nobody_whoever_takes_it(
    network: Network, registered: Network, monkeypatch: pytest.MonkeyPatch, indicator: str
) -> None:
    taken_of, period = (network, "2026-T1") if indicator == EXITS else (registered, "2025")
    own = find_person(taken_of.accounts, ADDRESS)
    for role, person in ((Role.ADMINISTRATOR, "m-9999999999"), (Role.DEPOSITOR, own)):
        held = (role, "reseau" if role is Role.ADMINISTRATOR else ATELIER)
        read = evidence_of(taken_of, monkeypatch, held, person=person, indicateur=indicator, periode=period)
        assert squeezed("un membre") in read
        assert ADDRESS not in read
        assert "vous" not in read


DERIVED: Final = {
    "psve_actions": (("G-1", "–"), ("G-2", "–")),
    "pathway_employee_event_share": (("G-1", "7 / 12"),),  # of residences alone
    "action_on_time_rate": (("A-1", "0 / 1"),),
    "action_effectiveness_rate": (("A-2", "1 / 1"),),
}
"""Rows behind each figure of the last quarter of 2025: reference, counts."""


@pytest.mark.parametrize("indicator", DERIVED)
def test_the_rows_behind_a_derived_figure_add_up_to_it_and_are_its_managements(
    registered: Network, monkeypatch: pytest.MonkeyPatch, indicator: str
) -> None:
    place = RESIDENCE if indicator == "pathway_employee_event_share" else ATELIER
    address = {"indicateur": indicator, "periode": "2025-T4", "structure": place}
    rows = DERIVED[indicator]
    found = page(registered, (Role.DIRECTOR, place), **address)
    assert tuple((row[0], row[2]) for row in found.rows) == rows
    assert found.rows
    with registered.snapshot() as snapshot:
        counts = raw_count_rows(count_registers(snapshot))
        of_rows = counted_rows(snapshot, place, snapshot.catalogue[indicator], Period.parse("2025-T4"))
    [figure] = counts.filter(structure=place, indicator=indicator, period="2025-T4").to_dicts()
    eligible = [row.eligible for row in of_rows if row.eligible is not None]
    assert figure["denominator"] == (sum(eligible) if eligible else None)
    assert figure["numerator"] == (sum(row.present or 0 for row in of_rows) if eligible else len(rows))
    read = evidence_of(registered, monkeypatch, (Role.DIRECTOR, place), **address)
    for cell in found.rows[0]:
        assert squeezed(cell) in read
    for who in OTHERS.values():
        assert page(registered, *who, **address).rows == []


def test_of_an_indicator_that_is_not_for_its_kind_a_structure_has_no_rows(registered: Network) -> None:
    address = {"indicateur": "pathway_employee_event_share", "periode": "2025-T4"}
    assert page(registered, (Role.DIRECTOR, ATELIER), **address).rows == []
