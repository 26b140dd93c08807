"""Sending of the queue: each mail is claimed, written as things now are, sent or dropped, and recorded."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from itsdangerous import BadData, URLSafeSerializer

from dashboards.clock import Clock
from dashboards.mails.letters import Letter, Writer, to_mail, translator_of
from dashboards.mails.mail_server import (
    Mail,
    MailError,
    MailServer,
    MailServerLostError,
    MailServerUnreachableError,
)
from dashboards.mails.planning import MailKind
from dashboards.web.sign_in.addresses import MAILS_PATH, TOKEN_PARAM, address_of
from dashboards.wording.translations import Translator
from indicators.accounts.database import AccountsDatabase
from indicators.accounts.links import signing_keys
from indicators.accounts.mail_queue import (
    QueuedMail,
    claim_mail,
    count_waiting,
    mark_dropped,
    mark_failed,
    mark_sent,
    release_mail,
)
from indicators.accounts.members import Correspondent, correspondents
from indicators.network import Network

LOG: Final = logging.getLogger(__name__)
UNSUBSCRIBE_SALT: Final = "pilotage: no digests"


@dataclass(frozen=True)
class SendingResult:
    """How many mails were sent, dropped as no longer true, and not taken by the mail server or never offered to it."""

    sent: int = 0
    dropped: int = 0
    failed: int = 0


def send_queue(
    network: Network, server: MailServer, site_url: str, clock: Clock, keys: Collection[str] | None = None
) -> SendingResult:
    """Send what is queued, of some keys where these are given, until nothing is left to send now.

    A mail that is not taken does not stop the others; a mail server that cannot be reached, or stops answering, does.
    """
    accounts, counts = network.accounts, {"sent": 0, "dropped": 0, "failed": 0}
    while (queued := claim_mail(accounts, clock.now(), keys)) is not None:
        mail = _write(network, queued, site_url, clock)
        if mail is None:
            mark_dropped(accounts, queued.key, clock.now(), "no longer so")
            counts["dropped"] += 1
            continue
        try:
            server.send(mail)
        except MailError as failure:
            LOG.error("mail %s: %s", queued.kind, failure)
            counts["failed"] += 1
            if isinstance(failure, MailServerUnreachableError):
                release_mail(accounts, queued.key, str(failure))
                counts["failed"] = count_waiting(accounts, clock.now(), keys)
                break
            mark_failed(accounts, queued.key, clock.now(), str(failure))
            if isinstance(failure, MailServerLostError):
                counts["failed"] += count_waiting(accounts, clock.now(), keys)
                break
        else:
            mark_sent(accounts, queued.key, clock.now())
            counts["sent"] += 1
    return SendingResult(**counts)


def write_letter(
    network: Network, queued: QueuedMail, reader: Correspondent, site_url: str, clock: Clock
) -> Letter | None:
    """Return what a queued mail says as things now are; null if nothing any more."""
    with network.snapshot() as snapshot:
        return Writer(snapshot, network.accounts, clock.today(), site_url).write(queued, reader)


def _write(network: Network, queued: QueuedMail, site_url: str, clock: Clock) -> Mail | None:
    people: Mapping[str, Correspondent] = correspondents(network.accounts)
    reader = people.get(queued.person)
    if reader is None or (queued.kind == MailKind.DIGEST.value and not reader.wants_digest):
        return None
    letter = write_letter(network, queued, reader, site_url, clock)
    if letter is None:
        return None
    t = translator_of(reader)
    unsubscribe_url = (
        unsubscribe_address(network.accounts, reader.person, site_url, t) if _is_not_owed(queued) else None
    )
    # The same for every try: a reader's program knows a mail that comes twice.
    message_id = f"<{sha256(queued.key.encode()).hexdigest()[:32]}@pilotage>"
    return to_mail(letter, reader, message_id, unsubscribe_url)


def _is_not_owed(queued: QueuedMail) -> bool:
    return queued.kind == MailKind.DIGEST.value


def unsubscribe_address(accounts: AccountsDatabase, person: str, site_url: str, t: Translator) -> str:
    """Return the address at which a person ends their digests, without signing in."""
    token = str(URLSafeSerializer(signing_keys(accounts), salt=UNSUBSCRIBE_SALT).dumps(person))
    return site_url + address_of(MAILS_PATH, t, **{TOKEN_PARAM: token})


def person_of_unsubscribe(accounts: AccountsDatabase, token: str) -> str | None:
    """Return whose digests a token ends; null if it is none of ours."""
    try:
        return str(URLSafeSerializer(signing_keys(accounts), salt=UNSUBSCRIBE_SALT).loads(token))
    except BadData:
        return None
