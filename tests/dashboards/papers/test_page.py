"""The page of papers, by role: who reads, who comments and closes, and what two people at the same time get."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

import pytest

from dashboards.access import PUBLIC_VISITOR, Visitor
from dashboards.clock import Clock
from dashboards.wording.translations import load_translator
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.roles import AccessRules, Grant, Role
from indicators.network import Network
from indicators.queries.papers.sittings import PaperKind
from indicators.store.papers import (
    PaperComment,
    PaperKey,
    new_paper_record_id,
    newest_comment,
    read_closed_content,
    read_closed_papers,
    read_comments,
    store_comment,
)
from tests.builders import ACTIONS, NOW, TODAY, action, stored, table
from tests.conftest import copy_store
from tests.dashboards.drawn_page import DrawnPage, StateOf, draw

ATELIER, GROUP = "atelier-ternoise", "groupe:groupe-ternoise-fictif"
KEY: Final = PaperKey("comite", ATELIER, "2026-11")
TEXT: Final = "Réimprimer le livret"
"""Text of every action of the registers here."""
EDITORS: Final = {
    "director": (Role.DIRECTOR, ATELIER),
    "depositor": (Role.DEPOSITOR, ATELIER),
    "quality of the group": (Role.QUALITY, GROUP),
    "administrator": (Role.ADMINISTRATOR, "reseau"),
}
OTHERS: Final = {
    "director of another": (Role.DIRECTOR, "regie-ternoise"),
    "quality elsewhere": (Role.QUALITY, "region:bretagne"),
}


@pytest.fixture(autouse=True)
def own_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.access._app_state", None)


@pytest.fixture
def network(directory_folder: Path, tmp_path: Path) -> Iterator[Network]:
    with Network(str(copy_store(directory_folder, tmp_path / "papers"))) as opened:
        rows = (action("A-1", opened="2026-03-01", due="2026-11-01"), action("A-2", opened="2026-11-02"))
        stored(opened, table(ACTIONS, *rows), comment="relu")
        yield opened


def page(network: Network, who: tuple[Role, str] | None, **address: str) -> DrawnPage:
    grants = (Grant(who[0], Perimeter.parse(who[1])),) if who else ()
    reader = Visitor(grants, person="m-9999999999") if grants else PUBLIC_VISITOR
    chosen = {"perimetre": ATELIER, "papier": "comite", **address}
    return draw(StateOf(network, Clock(TODAY), reader=reader), "revue", **chosen)


def labels(found: DrawnPage) -> list[str]:
    return [button.label for button in found.app.button]


def comments(network: Network) -> list[str | None]:
    with network.lake.cursor() as cursor:
        return [each.text for each in read_comments(cursor, KEY)]


@pytest.mark.parametrize("who", EDITORS)
@pytest.mark.parametrize("kind", PaperKind)
def test_who_keeps_the_registers_of_a_structure_reads_its_papers_and_may_comment_and_close(
    network: Network, who: str, kind: PaperKind
) -> None:
    found = page(network, EDITORS[who], papier=kind.value)
    t = load_translator("fr")
    assert t(f"paper.{kind}") in found.text
    assert {"Enregistrer", "Clore le document"} <= set(labels(found))


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_else_reads_anything_of_it(network: Network, who: str) -> None:
    found = page(network, OTHERS[who])
    assert TEXT not in found.text
    assert "Enregistrer" not in labels(found)
    assert "href" in found.html


def test_a_delegate_who_may_read_neither_comments_nor_closes(network: Network) -> None:
    reader = Visitor(
        (Grant(Role.DELEGATE, Perimeter.parse("region:normandie")),), AccessRules(delegates_see_management=True), "m-1"
    )
    found = draw(StateOf(network, Clock(TODAY), reader=reader), "revue", perimetre=ATELIER)
    assert TEXT in found.text
    assert labels(found) == []


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", PaperKind)
def test_every_paper_is_there_in_both_languages(network: Network, kind: PaperKind, language: str) -> None:
    found = page(network, EDITORS["director"], papier=kind.value, lang=language)
    t = load_translator(language)
    assert t(f"paper.{kind}") in found.text
    other = load_translator("en" if language == "fr" else "fr")
    assert other(f"paper.{kind}") not in found.text


def test_the_public_version_has_no_row_of_a_register_and_no_form_of_comments(network: Network) -> None:
    assert TEXT in page(network, EDITORS["director"]).text
    for kind in PaperKind:
        found = page(network, EDITORS["director"], papier=kind.value, version="publique")
        assert TEXT not in found.text
        assert "Enregistrer" not in labels(found)
        assert "Version publique" in found.text


def test_the_structure_of_an_address_is_the_perimeter(network: Network) -> None:
    reader = Visitor((Grant(Role.ADMINISTRATOR, Perimeter.parse("reseau")),), person="m-9999999999")
    found = draw(StateOf(network, Clock(TODAY), reader=reader), "revue", structure=ATELIER, periode="2026-T3")
    assert "sept.–oct. 2026" in found.text
    assert "Atelier Ternoise (fictif) ·" in found.text


@pytest.mark.parametrize(
    "address", [{"papier": "autre"}, {"periode": "2026-99"}, {"perimetre": "<script>"}, {"papier": "' or 1=1 --"}]
)
def test_an_address_of_nothing_is_a_sentence_with_a_way_out(network: Network, address: dict[str, str]) -> None:
    found = page(network, EDITORS["director"], **address)
    assert "href" in found.html
    assert "<script>" not in found.html
    assert TEXT not in found.text


def test_a_comment_is_kept_with_the_paper_and_stands_in_it(network: Network) -> None:
    found = page(network, EDITORS["director"], rubrique="decisions")
    found.app.text_area[0].set_value("Réimprimer avant Noël")
    save(found)
    assert comments(network) == ["Réimprimer avant Noël"]
    assert "Le commentaire est enregistré." in found.text
    again = page(network, EDITORS["quality of the group"], rubrique="decisions")
    assert again.text.count("Réimprimer avant Noël") >= 1
    assert again.app.text_area[0].value == "Réimprimer avant Noël"
    assert "Noté le" in again.text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("Appeler le 06 12 34 56 78", "un numéro ou une adresse"), ("Mme Durand relira", "semble nommer une personne")],
)
def test_a_comment_about_a_person_is_refused_and_stays_where_it_was_typed(
    network: Network, text: str, sentence: str
) -> None:
    found = page(network, EDITORS["director"], rubrique="decisions")
    found.app.text_area[0].set_value(text)
    save(found)
    assert comments(network) == []
    assert sentence in found.text
    assert found.app.text_area[0].value == text


def test_who_saves_after_somebody_else_reads_their_text_keeps_the_own_and_chooses(network: Network) -> None:
    found = page(network, EDITORS["director"], rubrique="decisions")
    found.app.text_area[0].set_value("Le mien")
    other = PaperComment(new_paper_record_id(), 0, NOW, "m-1111111111", KEY, "decisions", "Celui d’une autre")
    assert store_comment(network.lake, other, None) is not None
    save(found)
    assert comments(network) == ["Celui d’une autre"]
    assert "Celui d’une autre" in found.text
    assert found.app.text_area[0].value == "Le mien"
    save(found)
    assert comments(network) == ["Celui d’une autre", "Le mien"]


def test_a_section_that_nobody_typed_in_shows_what_another_wrote_meanwhile(network: Network) -> None:
    found = page(network, EDITORS["director"], rubrique="decisions")
    other = PaperComment(new_paper_record_id(), 0, NOW, "m-1111111111", KEY, "decisions", "Celui d’une autre")
    assert store_comment(network.lake, other, None) is not None
    found.app.run()
    assert found.app.text_area[0].value == "Celui d’une autre"


def test_a_closed_paper_is_listed_with_its_digest_and_its_bytes_have_it(network: Network) -> None:
    found = page(network, EDITORS["director"])
    assert "n’a pas encore été clos" in found.text
    close(found)
    assert "Le document est clos" in found.text
    with network.lake.cursor() as cursor:
        (kept,) = read_closed_papers(cursor, KEY)
        content = read_closed_content(cursor, kept.closing)
    assert content.startswith(b"%PDF-")
    assert sha256(content).hexdigest() == kept.sha256
    assert kept.sha256 in found.text
    assert (kept.author, kept.audience, kept.language) == ("m-9999999999", "management", "fr")
    close(found)
    with network.lake.cursor() as cursor:
        assert len(read_closed_papers(cursor, KEY)) == 2
        assert read_closed_content(cursor, kept.closing) == content
    assert "Version 2 en PDF" in str(found.app.get("download_button"))


def test_a_paper_that_changed_since_it_was_read_is_not_closed(network: Network) -> None:
    found = page(network, EDITORS["director"])
    stored(network, table(ACTIONS, action("A-3", opened="2026-05-01", due="2026-06-01")), comment="relu")
    close(found)
    assert "a changé depuis que vous l’avez lu" in found.text
    with network.lake.cursor() as cursor:
        assert read_closed_papers(cursor) == []
    close(found)
    with network.lake.cursor() as cursor:
        assert len(read_closed_papers(cursor)) == 1


def test_a_closed_paper_holds_the_comments_of_that_moment(network: Network) -> None:
    comment = PaperComment(new_paper_record_id(), 0, NOW, "m-1111111111", KEY, "decisions", "Décidé en comité")
    assert store_comment(network.lake, comment, None) is not None
    close(page(network, EDITORS["director"]))
    later = PaperComment(new_paper_record_id(), 0, NOW, "m-1111111111", KEY, "decisions", "Changé après")
    assert store_comment(network.lake, later, comment.comment) is not None
    with network.lake.cursor() as cursor:
        (kept,) = read_closed_papers(cursor)
        content = read_closed_content(cursor, kept.closing)
        assert newest_comment(read_comments(cursor, KEY), "decisions") is not None
    from tests.dashboards.papers.test_pdf import text_of

    assert "Décidé en comité" in text_of(content)
    assert "Changé après" not in text_of(content)


def save(found: DrawnPage) -> None:
    click(found, "Enregistrer")


def close(found: DrawnPage) -> None:
    click(found, "Clore le document")


def click(found: DrawnPage, label: str) -> None:
    next(button for button in found.app.button if button.label == label).click().run(timeout=120)
    assert not found.app.exception, [error.message for error in found.app.exception]
