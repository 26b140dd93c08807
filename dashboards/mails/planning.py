"""Which mails are due: reminders to those who have not delivered, and to nobody else; digests for directors."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from indicators.accounts.database import AccountsDatabase
from indicators.accounts.mail_queue import QueuedMail
from indicators.accounts.members import correspondents, list_roles
from indicators.definitions.campaigns import Campaigns
from indicators.definitions.perimeters import NETWORK, Perimeter, Structures
from indicators.definitions.periods import Frequency, Period
from indicators.definitions.roles import Role
from indicators.errors import UnknownError
from indicators.queries.deposits.approvals import find_recent_outcomes, structures_waiting
from indicators.queries.deposits.deliveries import DeliveryStatus, find_deliveries, reported_quarters
from indicators.snapshot import Snapshot
from indicators.store.approvals import ApprovalState

REMINDER_DAYS: Final = (15, 3)
"""Days before the last day of a delivery on which who has not delivered is reminded."""
STAGE_PREFIX: Final = "D-"
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
    """Return the reminders of the stage in which each delivery is, if in any: fifteen days before its last, then three.

    A run that comes late still sends those of its stage, once. Who has a late exception is reminded of its last day.
    """
    mails = []
    for quarter in _collected(snapshot.campaigns, today):
        by_last_day = _waiting_by_last_day(snapshot, NETWORK, quarter, today)
        for last_day, waiting in by_last_day.items():
            if (stage := stage_on(last_day, today)) is not None:
                mails += _reminders_of(
                    snapshot, accounts, today, quarter, {last_day: waiting}, f"{STAGE_PREFIX}{stage}"
                )
    return mails


def stage_on(last_day: date, today: date) -> int | None:
    """Return the stage of reminders on a day, in days before the last one; null before the first and after the last."""
    left = (last_day - today).days
    return min((days for days in REMINDER_DAYS if 0 <= left <= days), default=None)


def reminders(
    snapshot: Snapshot, accounts: AccountsDatabase, today: date, quarter: Period, perimeter: Perimeter, stage: str
) -> list[QueuedMail]:
    """Return a reminder for each depositor of structures of a perimeter that have delivered nothing, by last day."""
    by_last_day = _waiting_by_last_day(snapshot, perimeter, quarter, today)
    return _reminders_of(snapshot, accounts, today, quarter, by_last_day, stage)


def still_waiting(snapshot: Snapshot, accounts: AccountsDatabase, today: date, queued: QueuedMail) -> list[str]:
    """Return the structures of a queued reminder of which its reader still deposits, and nothing has come yet.

    None if a later reminder of the same deliveries is due already, or their last day has changed.
    """
    last_day = date.fromisoformat(queued.facts["last_day"])
    stage = str(queued.facts["stage"]).removeprefix(STAGE_PREFIX)
    left = (last_day - today).days
    if stage.isdigit() and any(left <= days < int(stage) for days in REMINDER_DAYS):
        return []
    quarter = Period.parse(queued.facts["period"])
    waiting = _waiting_by_last_day(snapshot, NETWORK, quarter, today).get(last_day, set())
    own = people_with(accounts, Role.DEPOSITOR, snapshot.structures, today).get(queued.person, set())
    return sorted(waiting & own & set(queued.facts["structures"]))


def _collected(campaigns: Campaigns, today: date) -> list[Period]:
    """Return the quarters of which deliveries may still be on time: the newest, and those with a late exception."""
    with_exceptions = {
        period
        for (period, _), exception in campaigns.exceptions.items()
        if exception.until >= today and period.frequency is Frequency.QUARTER and period.end < today
    }
    return sorted({campaigns.newest_opened(today), *with_exceptions})


def _waiting_by_last_day(
    snapshot: Snapshot, perimeter: Perimeter, quarter: Period, today: date
) -> dict[date, set[str]]:
    """Return the structures that have delivered nothing, not even what waits for approval, by their last day."""
    delivered = structures_waiting(snapshot, quarter)
    waiting: dict[date, set[str]] = {}
    for each in find_deliveries(snapshot, perimeter, quarter):
        if each.status(today) in NOT_DELIVERED and delivered.get(each.structure.id) is not ApprovalState.WAITING:
            waiting.setdefault(each.last_day, set()).add(each.structure.id)
    return dict(sorted(waiting.items()))


def _reminders_of(
    snapshot: Snapshot,
    accounts: AccountsDatabase,
    today: date,
    quarter: Period,
    by_last_day: Mapping[date, set[str]],
    stage: str,
) -> list[QueuedMail]:
    depositors = people_with(accounts, Role.DEPOSITOR, snapshot.structures, today)
    return [
        QueuedMail(
            f"{MailKind.REMINDER}:{quarter.code}:{last_day}:{stage}:{person}",
            person,
            MailKind.REMINDER.value,
            {
                "period": quarter.code,
                "last_day": last_day.isoformat(),
                "stage": stage,
                "structures": sorted(own & waiting),
            },
        )
        for last_day, waiting in by_last_day.items()
        for person, own in sorted(depositors.items())
        if own & waiting
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
    directors = people_with(accounts, Role.DIRECTOR, snapshot.structures, today)
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
    depositors = people_with(accounts, Role.DEPOSITOR, snapshot.structures, today)
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


def is_still_due(snapshot: Snapshot, accounts: AccountsDatabase, today: date, queued: QueuedMail) -> bool:
    """Whether a queued notice is still of the last decision on its deposit, and its reader still to be told of it."""
    return any(each.key == queued.key for each in due_notices(snapshot, accounts, today))


def still_directed(snapshot: Snapshot, accounts: AccountsDatabase, today: date, queued: QueuedMail) -> list[str]:
    """Return the structures of a queued digest of which its reader still is a director; none if it is too old."""
    due = snapshot.campaigns.for_period(Period.parse(queued.facts["period"])).due
    if today - due > DIGEST_WINDOW:
        return []
    own = people_with(accounts, Role.DIRECTOR, snapshot.structures, today).get(queued.person, set())
    return sorted(own & set(queued.facts["structures"]))


def people_with(accounts: AccountsDatabase, role: Role, structures: Structures, today: date) -> dict[str, set[str]]:
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
