"""A real mail server on this machine, which keeps what it takes, and fails as it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Final

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from dashboards.mails.mail_server import MailServer
from tests.served import free_port

HOST: Final = "127.0.0.1"
SENDER: Final = "reseau@pilotage.example"
TAKEN: Final = "250 OK"


@dataclass
class Mailbox:
    """The mails that a server took, each with the addresses it was sent to, and what it answers instead of taking one.

    `refused` are addresses without a mailbox; `silent_s` is how long it thinks before it answers to a mail.
    """

    host: str
    port: int
    taken: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    silent_s: float = 0.0
    answer_to_mail: str = TAKEN
    answer_to_end: str = "221 Bye"
    on_mail: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        return f"smtp://{self.host}:{self.port}"

    @property
    def server(self) -> MailServer:
        """The mail server as the settings of a site give it."""
        return MailServer.from_url(self.url, SENDER)

    @property
    def readers(self) -> list[str]:
        """To whom mails were sent, in the order of the alphabet: twice to whom two were."""
        return sorted(address for readers, _ in self.taken for address in readers)

    def mail_to(self, address: str) -> EmailMessage:
        (mail,) = [mail for readers, mail in self.taken if address in readers]
        return mail

    async def handle_MAIL(  # noqa: N802 - the name that the server calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[Any]
    ) -> str:
        self.commands.append("MAIL")
        envelope.mail_from = address
        return TAKEN

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[Any]
    ) -> str:
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return TAKEN

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        # Whoever goes away meanwhile gets nothing into what a later test looks at.
        taken = self.taken
        await asyncio.sleep(self.silent_s)
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        if self.answer_to_mail == TAKEN:
            taken.append((list(envelope.rcpt_tos), mail))
        self.on_mail()
        return self.answer_to_mail

    async def handle_QUIT(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        return self.answer_to_end


@contextmanager
def mail_server(host: str = HOST, **options: Any) -> Iterator[Mailbox]:
    """Run a mail server on a port of its own; `options` are those of aiosmtpd."""
    box = Mailbox(host, free_port(host))
    controller = Controller(box, hostname=host, port=box.port, **options)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def texts_of(mail: EmailMessage) -> tuple[str, ...]:
    """Return the text and the HTML of a mail."""
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    return tuple(part.get_content().replace("\r\n", "\n") for part in (plain, html))
