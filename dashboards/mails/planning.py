"""Which mails are due: reminders to those who have not delivered, and to nobody else; digests for directors."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from indicators.accounts.database import AccountsDatabase
from indicators.accounts.mail_queue import QueuedMail
from indicators.accounts.members import correspondents, list_roles
from indicators.definitions.perimeters import NETWORK, Perimeter, Structures
from indicators.definitions.periods import Period
from indicators.definitions.roles import Role
from indicators.errors import UnknownError
from indicators.queries.deposits.approvals import find_recent_outcomes, structures_waiting
from indicators.queries.deposits.deliveries import DeliveryStatus, find_deliveries, reported_quarters
from indicators.snapshot import Snapshot
from indicators.store.approvals import ApprovalState

REMINDER_DAYS: Final = (15, 3)
"""Days before the last day of a collection on which who has not delivered is reminded."""
DIGEST_WINDOW: Final = timedelta(days=30)
"""Time after the last day of a collection within which its digest is sent."""
NOTICE_WINDOW: Final = timedelta(days=14)
"""Time within which a decision on a deposit is told."""
NOT_DELIVERED: Final = (DeliveryStatus.OVERDUE, DeliveryStatus.AWAITED)


class MailKind(StrEnum):
    """Kinds of mails."""

    REMINDER = "reminder"
    DIGEST = "digest"
    DECISION = "decision"


def due_mails(snapshot: Snapshot, accounts: AccountsDatabase, today: date) -> list[QueuedMail]:
    """Return the mails that are due on a day, each with a key of its own; which are new, the queue says."""
    return [
        *due_reminders(snapshot, accounts, today),
        *due_digests(snapshot, accounts, today),
        *due_notices(snapshot, accounts, today),
    ]


def due_reminders(snapshot: Snapshot, accounts: AccountsDatabase, today: date) -> list[QueuedMail]:
    """Return the reminders of the stage in which a collection is, if it is in any: fifteen days, then three, before.

    A run that comes late still sends those of its stage, once.
    """
    quarter = snapshot.campaigns.newest_opened(today)
    left = (snapshot.campaigns.for_period(quarter).due - today).days
    stage = min((days for days in REMINDER_DAYS if 0 <= left <= days), default=None)
    if stage is None:
        return []
    return reminders(snapshot, accounts, today, quarter, NETWORK, f"D-{stage}")


def reminders(
    snapshot: Snapshot, accounts: AccountsDatabase, today: date, quarter: Period, perimeter: Perimeter, stage: str
) -> list[QueuedMail]:
    """Return a reminder for each depositor of structures of a perimeter that have delivered nothing."""
    waiting = set(_without_delivery(snapshot, perimeter, today, quarter))
    depositors = _people_with(accounts, Role.DEPOSITOR, snapshot.structures, today)
    return [
        QueuedMail(
            f"{MailKind.REMINDER}:{quarter.code}:{stage}:{person}",
            person,
            MailKind.REMINDER.value,
            {"period": quarter.code, "structures": sorted(own & waiting)},
        )
        for person, own in sorted(depositors.items())
        if own & waiting
    ]


def still_waiting(snapshot: Snapshot, today: date, quarter: Period, structures: Iterable[str]) -> list[str]:
    """Return those of some structures that have delivered nothing yet."""
    return sorted(set(structures) & set(_without_delivery(snapshot, NETWORK, today, quarter)))


def _without_delivery(snapshot: Snapshot, perimeter: Perimeter, today: date, quarter: Period) -> list[str]:
    """Return the structures that have delivered nothing, not even what waits for approval."""
    delivered = structures_waiting(snapshot, quarter)
    return [
        each.structure.id
        for each in find_deliveries(snapshot, perimeter, quarter)
        if each.status(today) in NOT_DELIVERED and delivered.get(each.structure.id) is not ApprovalState.WAITING
    ]


def due_digests(snapshot: Snapshot, accounts: AccountsDatabase, today: date) -> list[QueuedMail]:
    """Return the digest of the newest collection that is over, for each director who wants digests."""
    quarters = [
        quarter
        for quarter in reported_quarters(snapshot)
        if timedelta(0) < today - snapshot.campaigns.for_period(quarter).due <= DIGEST_WINDOW
    ]
    if not quarters:
        return []
    wanting = {person for person, each in correspondents(accounts).items() if each.wants_digest}
    directors = _people_with(accounts, Role.DIRECTOR, snapshot.structures, today)
    return [
        QueuedMail(
            f"{MailKind.DIGEST}:{quarters[0].code}:{person}",
            person,
            MailKind.DIGEST.value,
            {"period": quarters[0].code, "structures": sorted(own)},
        )
        for person, own in sorted(directors.items())
        if own and person in wanting
    ]


def due_notices(snapshot: Snapshot, accounts: AccountsDatabase, today: date) -> list[QueuedMail]:
    """Return the notices of deposits that were approved or sent back lately: to who deposited, and to their colleagues.

    Colleagues are the depositors of every structure in the file; who decided is not written to.
    """
    depositors = _people_with(accounts, Role.DEPOSITOR, snapshot.structures, today)
    known, found = correspondents(accounts), []
    for notice in find_recent_outcomes(snapshot, today - NOTICE_WINDOW):
        readers = {person for person, own in depositors.items() if notice.structures and own >= set(notice.structures)}
        readers |= {notice.depositor} & known.keys()
        found += [
            QueuedMail(
                f"{MailKind.DECISION}:{notice.decision}:{person}",
                person,
                MailKind.DECISION.value,
                {"deposit": notice.deposit, "verdict": notice.verdict},
            )
            for person in sorted(readers - {notice.author})
        ]
    return found


def _people_with(accounts: AccountsDatabase, role: Role, structures: Structures, today: date) -> dict[str, set[str]]:
    """Return the structures on which each person holds a role today; nobody is written to for a whole network."""
    found: dict[str, set[str]] = {}
    for held in list_roles(accounts):
        grant = held.member.grant
        if grant.role is not role or grant.perimeter == NETWORK or not held.member.holds_on(today):
            continue
        try:
            members: Sequence[str] = structures.members(grant.perimeter)
        except UnknownError:
            # A perimeter may be gone since the role was given.
            continue
        found.setdefault(held.person, set()).update(members)
    return found
