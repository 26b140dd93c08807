"""A small network with members, as of the days of a collection, and the mail server that its mails are given to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import pytest
from sqlalchemy import select

from dashboards.clock import Clock
from dashboards.mails.planning import due_mails, due_reminders
from dashboards.mails.sending import SendingResult, send_queue
from indicators.accounts.mail_queue import QueuedMail, queue_mails
from indicators.accounts.members import change_members, find_person, set_language
from indicators.accounts.tables import MAILS
from indicators.definitions.campaigns import CampaignRecord, Campaigns
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.periods import Period
from indicators.definitions.roles import Grant, Member, Role
from indicators.intake.campaign import declare
from indicators.network import Network
from indicators.store.campaign_records import newest_record, read_campaign_records
from indicators.store.deposits import new_deposit_id
from tests.builders import AUTHOR, NOW, TODAY, measure, measures, stored, structure, structures
from tests.conftest import FilledBy
from tests.dashboards.mails.mailbox import Mailbox, mail_server

QUARTER: Final = Period.parse("2026-T3")
DUE: Final = date(2026, 10, 30)
"""The last day of its collection, for who has no late exception."""
FIFTEEN_BEFORE, THREE_BEFORE = date(2026, 10, 15), date(2026, 10, 27)
SITE: Final = "https://pilotage.example"


def fill(network: Network) -> None:
    """Three structures of a region, one elsewhere; one that closed before the quarter, and one that closed after it."""
    rows = [
        *(structure(name, group="Groupe Trois (fictif)") for name in ("atelier-a", "atelier-b", "atelier-c")),
        structure("ailleurs", region="bretagne"),
        structure("fermee-avant", closed="2026-06-30"),
        structure("fermee-apres", closed="2026-10-10"),
    ]
    stored(network, structures(*rows))


@dataclass
class MailSite:
    """A site that writes to its members: what its tests do with it, in their words."""

    network: Network
    box: Mailbox

    def give(self, address: str, role: Role, perimeter: str, start: date | None = None, end: date | None = None) -> str:
        """Give a role, and return the pseudonym of who has it."""
        member = Member(address, Grant(role, Perimeter.parse(perimeter)), start, end)
        change_members(self.network.accounts, [member], "essai", NOW, TODAY)
        return find_person(self.network.accounts, address)

    def deliver(self, *names: str, period: str = QUARTER.code) -> None:
        """Deposit a figure of structures for the quarter."""
        stored(self.network, measures(*(measure(name, period, "dynamic_exit_rate", 30, 60) for name in names)))

    def grant_exception(self, structure: str, until: date, period: Period = QUARTER) -> None:
        """Give a structure until a day of its own."""
        with self.network.lake.cursor() as cursor:
            before = newest_record(read_campaign_records(cursor), period, structure)
        record = CampaignRecord(
            new_deposit_id(), 0, NOW, AUTHOR, period, structure, None, until, reason="le logiciel de paie change"
        )
        assert isinstance(declare(self.network.lake, record, before and before.record), CampaignRecord)

    def write_in(self, address: str, language: str) -> None:
        accounts = self.network.accounts
        set_language(accounts, find_person(accounts, address), language)

    def due(self, today: date) -> list[QueuedMail]:
        """Return the reminders that are due on a day."""
        with self.network.snapshot(newest=True) as snapshot:
            return due_reminders(snapshot, self.network.accounts, today)

    def queue(self, today: date) -> int:
        """Queue what is due on a day, as the command does; return how much of it is new."""
        with self.network.snapshot(newest=True) as snapshot:
            due = due_mails(snapshot, self.network.accounts, today)
        return queue_mails(self.network.accounts, due, NOW)

    def send(self, today: date, clock: Clock | None = None) -> SendingResult:
        """Send the queue, as of a day."""
        return send_queue(self.network, self.box.server, SITE, clock or Clock(today))

    def run(self, today: date) -> SendingResult:
        """Do what `pilotage mail` does."""
        self.queue(today)
        return self.send(today)

    @property
    def rows(self) -> list[dict[str, object]]:
        """The queue as it is kept."""
        with self.network.accounts.read() as connection:
            return [dict(row) for row in connection.execute(select(MAILS).order_by(MAILS.c.key)).mappings()]


@dataclass(frozen=True)
class LaterClock(Clock):
    """A clock stopped on a day whose moments are those of a test."""

    at: datetime = NOW

    def now(self) -> datetime:  # type: ignore[override]
        return self.at


@pytest.fixture(scope="session")
def box_of_all() -> Iterator[Mailbox]:
    with mail_server() as running:
        yield running


@pytest.fixture
def box(box_of_all: Mailbox) -> Mailbox:
    """The mail server with nothing in it, which takes everything."""
    box_of_all.__dict__.update(Mailbox(box_of_all.host, box_of_all.port).__dict__)
    return box_of_all


@pytest.fixture
def site(filled_by: FilledBy, box: Mailbox) -> MailSite:
    network = filled_by(fill)
    network.declared_campaigns = Campaigns()
    return MailSite(network, box)


Queue = Callable[[int], list[str]]


@pytest.fixture
def queue_of(site: MailSite) -> Queue:
    """What puts reminders for so many people into the queue; their addresses, in the order of the alphabet."""

    def fill_queue(count: int) -> list[str]:
        addresses = [f"depot-{number:02}@atelier.example" for number in range(count)]
        for address in addresses:
            site.give(address, Role.DEPOSITOR, "atelier-a")
        assert site.queue(FIFTEEN_BEFORE) == count
        return addresses

    return fill_queue


def days_after(day: date, days: int) -> date:
    return day + timedelta(days=days)
