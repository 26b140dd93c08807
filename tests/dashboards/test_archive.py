"""An archive of published figures: who reads it, what its pages say, and what they leave out."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from dashboards.access import PUBLIC_VISITOR, AppState
from dashboards.app_pages.network.page import ARCHIVE_NAME
from dashboards.app_pages.registry import PAGES, pages_for
from dashboards.clock import Clock
from dashboards.commands.options import DemoNetwork
from dashboards.commands.serve import (
    ARCHIVE_AUTHOR,
    ARCHIVE_DAY,
    DEMO_AUTHOR,
    archive_access,
    demo,
    published_structures,
)
from dashboards.web.access_key import ArchiveAccess, DemoAccess
from dashboards.web.site_address import SiteAddress
from dashboards.wording.translations import LANGUAGES
from indicators.definitions.perimeters import NETWORK
from indicators.definitions.roles import Right
from indicators.errors import PilotageError
from indicators.network import DATA_FOLDER, Network
from tests.builders import TODAY, Store, deposit, stored, structure, structures
from tests.dashboards.drawn_page import DrawnPage, draw
from tests.served import ask, running

ELSEWHERE: Final = SiteAddress.from_binding("0.0.0.0", 8501)
HERE: Final = SiteAddress.from_binding("127.0.0.1", 8501)
TO_BE_JUDGED: Final = re.compile(r"non remis|not delivered|seuil|threshold|attendu|expected|à surveiller|to watch")
INVENTED: Final = re.compile(r"inventé|invented|fictif|fictitious", re.IGNORECASE)
STRUCTURES: Final = sorted(published_structures())


@pytest.fixture(autouse=True)
def own_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.access._app_state", None)


def state_of(network: Network, site: SiteAddress = HERE) -> AppState:
    return AppState(network, Clock(ARCHIVE_DAY), archive_access(site), site)


def page(network: Network, path: str, site: SiteAddress = HERE, **address: str) -> DrawnPage:
    return draw(state_of(network, site), path, **address)


# Who reads it


def test_on_its_own_machine_an_archive_is_read_whole_and_changed_by_nobody(belgium: Network) -> None:
    visitor = state_of(belgium).visitor({}, {})
    assert {right for right in Right if visitor.has(right)} == {Right.SEE_MANAGEMENT}
    assert visitor.perimeters(Right.SEE_MANAGEMENT) == (NETWORK,)


@pytest.mark.parametrize("person", ["", "direction", "administration", "depot"])
def test_nobody_can_be_chosen_to_be_somebody_of_a_real_organisation(belgium: Network, person: str) -> None:
    chosen = state_of(belgium).visitor({}, {"personne": person})
    assert chosen == state_of(belgium).visitor({}, {})
    html = page(belgium, "", personne=person).html
    assert "personne=" not in html


def test_elsewhere_it_is_read_by_the_public_as_public_figures_are(belgium: Network) -> None:
    visitor = state_of(belgium, ELSEWHERE).visitor({}, {})
    assert visitor.grants == PUBLIC_VISITOR.grants
    board = page(belgium, "structure", ELSEWHERE, structure="contre-point").text
    assert "50,0 %" in board
    assert "35,0" not in board, "the share of public aid is a figure of management"
    assert "Séminaire" not in page(belgium, "", ELSEWHERE).text


def test_a_store_with_any_other_structure_has_no_reader_of_management_figures(network: Network) -> None:
    stored(network, structures(structure("itl", "ECO")))
    assert state_of(network).visitor({}, {}).has(Right.SEE_MANAGEMENT)
    stored(network, structures(structure("autre")))
    assert not state_of(network).visitor({}, {}).has(Right.SEE_MANAGEMENT)


def test_an_archive_has_the_pages_of_figures_alone(belgium: Network) -> None:
    paths = {one.path for one in pages_for(state_of(belgium).visitor({}, {}))}
    assert paths == {"", "structure", "catalogue", "indicateur", "protection", "provenance"}
    assert {one.path for one in PAGES if not one.in_archive} == {
        "actions",
        "plan",
        "participation",
        "instances",
        "revue",
    }


# What its pages say


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", STRUCTURES)
def test_a_board_shows_what_was_published_and_misses_and_judges_nothing(
    belgium: Network, code: str, language: str
) -> None:
    drawn = page(belgium, "structure", structure=code, lang=language)
    assert drawn.html.count("<article") + drawn.html.count('class="tile') >= 1
    assert not TO_BE_JUDGED.search(drawn.text)
    assert not INVENTED.search(drawn.text)
    assert "Séminaire qualité COORACE, 2010" in drawn.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("", {}),
        ("structure", {}),
        ("structure", {"perimetre": "reseau"}),
        ("structure", {"perimetre": "groupe:cortigroupe"}),
        ("structure", {"structures": "terre,cortil"}),
        ("catalogue", {}),
        ("indicateur", {"indicateur": "permanent_contract_share"}),
        ("indicateur", {"indicateur": "women_share"}),
        ("indicateur", {"indicateur": "durable_job_exit_rate"}),
        ("protection", {}),
    ],
)
def test_every_page_of_an_archive_can_be_drawn(
    belgium: Network, path: str, address: dict[str, str], language: str
) -> None:
    text = page(belgium, path, lang=language, **address).text
    assert not INVENTED.search(text)


def test_nothing_is_added_up(belgium: Network) -> None:
    board = page(belgium, "structure", perimetre="reseau")
    assert "tile" not in board.html
    series = page(belgium, "indicateur", indicateur="permanent_contract_share")
    values = {row[0]: row[3] for row in series.rows if len(row) == 6}
    assert {name: value.replace("\xa0", " ") for name, value in values.items()} == {
        "LE CORTIL (Neuville-en-Condroz)": "97,0 %",
        "PROXISERVICE (Quaregnon)": "100,0 %",
    }


def test_the_home_page_has_every_published_row_by_the_name_of_its_structure(belgium: Network) -> None:
    lines = (DATA_FOLDER / "belgium-2010" / "measures.csv").read_text(encoding="utf-8").splitlines()[1:]
    rows = [row for row in page(belgium, "").rows if len(row) == 6]
    assert len(rows) == len(lines)
    names = [row[0] for row in rows]
    assert names == sorted(names, key=str.casefold)


def test_the_home_page_of_the_demonstration_names_the_archive_and_that_of_the_archive_does_not(
    demo: Network, belgium: Network
) -> None:
    assert DemoNetwork.BELGIUM_2010.value == ARCHIVE_NAME
    shown = draw(AppState(demo, Clock(TODAY), DemoAccess({"": ()})), "").text
    assert "pilotage demo --network belgium-2010" in shown
    assert "--network" not in page(belgium, "").text
    assert "--network" not in draw(AppState(demo, Clock(TODAY)), "").text


# Its store


def test_the_command_deposits_what_was_published_and_says_that_it_is_real(store: Store) -> None:
    with running(store, command="demo", options=("--network", "belgium-2010")) as served:
        assert served.key is None
        assert "organismes réels" in served.lines[1]
        assert ask(served.address, "/").status == 200
        assert [ask(served.address, path).status for path in ("/deposer", "/bureau", "/membres", "/comparer")] == [
            403,
            403,
            403,
            403,
        ]
        assert ask(served.address, "/_stcore/upload_file/x/y", "PUT").status == 403
    with store.open() as network, network.snapshot() as snapshot:
        assert set(snapshot.structures.by_id) == published_structures()


@pytest.mark.parametrize("author", [ARCHIVE_AUTHOR, DEMO_AUTHOR])
def test_a_store_that_holds_anything_else_is_no_archive(tmp_path: Path, author: str) -> None:
    other = Store(str(tmp_path / "other"))
    with other.open() as network:
        deposit(network, structures(structure("x")), author=author)
    with pytest.raises(PilotageError, match="holds a network of its own"):
        demo(network=DemoNetwork.BELGIUM_2010, store=other.address, host="127.0.0.1", port=0)


def test_the_archive_is_no_demonstration(belgium: Network, tmp_path: Path) -> None:
    shutil.copytree(belgium.lake.name, tmp_path / "archive")
    with pytest.raises(PilotageError, match="holds a network of its own"):
        demo(store=str(tmp_path / "archive"), host="127.0.0.1", port=0)
    assert not AppState(belgium, Clock(TODAY), DemoAccess({"": ()})).is_fictitious


def test_the_clock_of_the_archive_stands_after_its_last_quarter_and_before_anything_is_late() -> None:
    assert date(2010, 12, 31) < ARCHIVE_DAY <= date(2011, 1, 31)
    assert isinstance(archive_access(HERE), ArchiveAccess)
