"""A depositor signs in by mail, deposits, is sent back, corrects, is approved; a delegate reminds who is late."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from dashboards.clock import Clock
from dashboards.mails.mail_server import MailServer
from dashboards.mails.planning import due_notices
from dashboards.mails.sending import send_queue
from indicators.accounts.mail_queue import queue_mails
from indicators.definitions.campaigns import CampaignRecord
from indicators.definitions.periods import Period
from indicators.definitions.roles import Role
from indicators.intake.campaign import declare
from indicators.network import Network
from indicators.store.deposits import new_deposit_id
from tests.browser.conftest import shown, wait_until_drawn, watched
from tests.builders import AUTHOR, NOW, TODAY, Store, measure, measures, stored, structure, structures
from tests.conftest import copy_store, shared_store
from tests.served import Served, running
from tests.server.conftest import managed
from tests.server.mailbox import Mailbox, mail_server, texts_of
from tests.server.members import Members

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

DEPOSIT, DELEGATION, LATE = "depot@atelier.example", "delegation@normandie.example", "depot@regie.example"
OWN, PERIOD = "atelier-ternoise", "2026-T3"
SENDER: Final = "pilotage@network.example"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def approving(tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[tuple[Served, Store]]:
    """A network that asks for two pairs of eyes, with a depositor, a delegate and one who is late."""
    made = shared_store(tmp_path_factory, "managed", managed)
    store = Store(str(copy_store(made, tmp_path_factory.mktemp("approving") / "store")))
    with Network(store.address) as network:
        stored(network, structures(structure("chantier-tardif")))
        opens, due = date(2026, 10, 1), date(2026, 11, 20)
        record = CampaignRecord(new_deposit_id(), 0, NOW, AUTHOR, Period.parse(PERIOD), None, opens, due, eyes=2)
        assert isinstance(declare(network.lake, record, None), CampaignRecord)
    members = Members(store)
    members.give(DEPOSIT, Role.DEPOSITOR, OWN)
    members.give(LATE, Role.DEPOSITOR, "chantier-tardif")
    members.give(DELEGATION, Role.DELEGATE, "region:normandie")
    with running(store, PILOTAGE_SMTP=mailbox.url, PILOTAGE_MAIL_FROM=SENDER) as served:
        yield served, store


def file_of(numerator: int) -> FilePayload:
    row = measure(OWN, PERIOD, "dynamic_exit_rate", numerator, 96)
    return {"name": f"sorties-{numerator}.csv", "mimeType": "text/csv", "buffer": measures(row)}


@contextmanager
def signed_in(chromium: Browser, site: str, mailbox: Mailbox, address: str) -> Iterator[Page]:
    """Open a browser in which somebody signs in by the link of a mail."""
    context = chromium.new_context(locale="fr-FR", viewport={"width": 1440, "height": 900})
    with watched(context) as page:
        page.goto(f"{site}/connexion")
        page.get_by_label("Votre adresse de courriel").fill(address)
        page.get_by_role("button", name="Recevoir un lien").click()
        expect(page.get_by_role("heading", name="Regardez vos courriels")).to_be_visible()
        link = re.search(r"http://\S+", texts_of(mailbox.wait_for(address))[0])
        assert link is not None
        page.goto(link[0])
        page.get_by_role("button", name="Me connecter").click()
        expect(page.get_by_role("heading", name="Mon bureau")).to_be_visible()
        yield page
    context.close()


def drop(page: Page, site: str, content: FilePayload) -> str:
    """Deposit a file for the only structure that the depositor has, and return what the page says of it."""
    shown(page, f"{site}/deposer?periode={PERIOD}")
    page.locator("input[type=file]").set_input_files(content)
    comment = page.get_by_label(re.compile("Commentaire"))
    page.get_by_role("button", name=re.compile("^Enregistrer")).wait_for()
    if comment.count():
        comment.fill("vérifié au dossier")
        comment.blur()
        wait_until_drawn(page)
    page.get_by_role("button", name=re.compile("^Enregistrer")).click()
    expect(page.get_by_text(re.compile("Déposé, en attente")).first).to_be_visible()
    return wait_until_drawn(page)


def decide(page: Page, site: str, button: str, comment: str = "") -> None:
    """Open the deposit that waits, from the desk, and decide."""
    assert within_seconds(lambda: "À approuver" in shown(page, f"{site}/bureau"))
    page.get_by_role("link", name=re.compile(r"sorties-\d+\.csv")).first.click()
    wait_until_drawn(page)
    if comment:
        box = page.get_by_role("textbox").last
        box.fill(comment)
        box.blur()
        wait_until_drawn(page)
    page.get_by_role("button", name=button).click()
    wait_until_drawn(page)


def within_seconds(holds: Callable[[], bool], tries: int = 20) -> bool:
    """Whether something holds soon; each try draws a page, which takes most of a second."""
    return any(holds() for _ in range(tries))


def notices(store: Store, mailbox: Mailbox) -> None:
    """Send what the command of mails would."""
    with Network(store.address) as network:
        today = Clock().today()
        with network.snapshot() as snapshot:
            due = due_notices(snapshot, network.accounts, today)
        queue_mails(network.accounts, due, Clock.now())
        send_queue(network, MailServer.from_url(mailbox.url, SENDER), "http://localhost", Clock(TODAY))


def test_a_deposit_is_sent_back_corrected_and_approved_and_who_is_late_is_reminded(
    chromium: Browser, approving: tuple[Served, Store], mailbox: Mailbox
) -> None:
    served, store = approving
    site = served.address.replace("127.0.0.1", "localhost")
    with (
        signed_in(chromium, site, mailbox, DEPOSIT) as depositor,
        signed_in(chromium, site, mailbox, DELEGATION) as delegate,
    ):
        drop(depositor, site, file_of(40))
        own_board = f"{site}/structure?structure={OWN}&periode={PERIOD}"
        assert "40 sorties" not in shown(depositor, own_board).replace("\xa0", " ")
        decide(delegate, site, "Renvoyer", "Il manque les sorties de septembre.")
        # Readers go on with the version before for some seconds, while a new one is warmed up.
        assert within_seconds(lambda: "Il manque les sorties de septembre." in shown(depositor, f"{site}/bureau"))
        notices(store, mailbox)
        assert "renvoyé" in texts_of(mailbox.wait_for(DEPOSIT, 2))[0]
        drop(depositor, site, file_of(44))
        decide(delegate, site, "Approuver")
        assert within_seconds(lambda: "44 sorties sur 96" in shown(depositor, own_board).replace("\xa0", " "))
        notices(store, mailbox)
        assert "approuvé" in texts_of(mailbox.wait_for(DEPOSIT, 3))[0]

        late = shown(delegate, f"{site}/suivi?periode={PERIOD}")
        assert "Relancer" in late
        delegate.get_by_role("button", name="Envoyer").click()
        expect(delegate.get_by_text(re.compile("Un courriel est parti"))).to_be_visible()
        reminder = texts_of(mailbox.wait_for(LATE))[0]
        assert "T3 2026" in reminder.replace("\xa0", " ")
