"""A director signs in by the link of a mail, on a phone; an administrator takes her role away while she reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest
from playwright.sync_api import Browser, expect

from indicators.definitions.roles import Role
from tests.browser.conftest import ENGLISH, administer, shown, wait_until_drawn, watched
from tests.builders import Store
from tests.conftest import copy_store, shared_store
from tests.served import Served, running
from tests.server.conftest import managed
from tests.server.mailbox import Mailbox, mail_server, texts_of
from tests.server.members import FRESH_S, Members

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

DIRECTION: Final = "direction@atelier.example"
OWN: Final = "atelier-ternoise"
PHONE: Final[dict[str, Any]] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "locale": "fr-FR",
}


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def members_site(tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[tuple[Served, Members]]:
    made = shared_store(tmp_path_factory, "managed", managed)
    store = Store(str(copy_store(made, tmp_path_factory.mktemp("members") / "store")))
    members = Members(store)
    members.give(DIRECTION, Role.DIRECTOR, OWN)
    with running(store, PILOTAGE_SMTP=mailbox.url, PILOTAGE_MAIL_FROM="pilotage@network.example") as served:
        yield served, members


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def take_role_away(page: Page, site: str) -> None:
    """As an administrator on the page of members."""
    shown(page, f"{site}/membres")
    page.get_by_role("combobox", name="Choisir une personne").click()
    page.keyboard.type("direction")
    page.get_by_role("option", name=DIRECTION).click(timeout=5_000)
    page.get_by_role("button", name="Retirer ce rôle").click()
    expect(page.get_by_text(re.compile("Le rôle est retiré"))).to_be_visible()


def test_a_director_signs_in_from_a_phone_and_is_refused_once_her_role_is_taken_away(
    chromium: Browser, members_site: tuple[Served, Members], mailbox: Mailbox
) -> None:
    served, _ = members_site
    site = served.address.replace("127.0.0.1", "localhost")
    phone, desk = chromium.new_context(**PHONE), chromium.new_context(locale="fr-FR")
    administer(desk, Served(site, served.lines, served.key, served.process))
    with watched(phone) as page, watched(desk) as administration:
        page.goto(f"{site}/connexion?vers=/structure%3Fstructure%3D{OWN}%26vue%3Dgestion%26periode%3D2026-T3")
        page.get_by_label("Votre adresse de courriel").fill(DIRECTION)
        assert fits(page)
        page.get_by_role("button", name="Recevoir un lien").tap()
        expect(page.get_by_role("heading", name="Regardez vos courriels")).to_be_visible()
        text = texts_of(mailbox.wait_for(DIRECTION))[0]
        link = re.search(r"http://\S+", text)
        assert link is not None
        page.goto(link[0])
        assert fits(page)
        page.get_by_role("button", name="Me connecter").tap()
        page.wait_for_url("**/structure?**")
        board = wait_until_drawn(page)
        assert "Actions dans les délais" in board
        assert "Connecté" in board
        assert not ENGLISH.search(board)
        assert fits(page)
        shown(page, f"{site}/suivi")
        assert "Atelier Ternoise" in page.inner_text('[data-testid="stMain"]')
        take_role_away(administration, site)
        page.wait_for_timeout(1_000 * FRESH_S)
        page.get_by_role("link", name="Mon bureau").first.tap()
        expect(page.get_by_role("heading", name="Cette page n’est pas pour vous")).to_be_visible()
        refused = wait_until_drawn(page)
        assert "Atelier Ternoise" not in refused
        assert "sans rôle aujourd’hui" in refused.replace("\xa0", " ")
        assert fits(page)
    phone.close()
    desk.close()
