"""A real mail server on this machine, which keeps what it is given, or refuses it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.served import free_port

HOST = "127.0.0.1"
WAIT_S = 20.0


@dataclass
class Mailbox:
    """The mails that a server took, each with the addresses it was sent to; `delay_s` is how long it takes for one."""

    port: int
    taken: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    refuses: bool = False
    delay_s: float = 0.0
    connections: int = 0

    @property
    def url(self) -> str:
        return f"smtp://{HOST}:{self.port}"

    async def handle_EHLO(  # noqa: N802
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[Any]
    ) -> str:
        if self.refuses:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(self.delay_s)
        assert isinstance(envelope.content, bytes)
        parsed = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        self.taken.append((list(envelope.rcpt_tos), parsed))
        return "250 OK"

    def mails_to(self, address: str) -> list[EmailMessage]:
        return [mail for readers, mail in self.taken if address in readers]

    def wait_for(self, address: str, count: int = 1) -> EmailMessage:
        """Wait for the mails to an address, and return the newest."""
        for _ in range(int(WAIT_S / 0.02)):
            if len(found := self.mails_to(address)) >= count:
                return found[-1]
            time.sleep(0.02)
        raise AssertionError(f"no mail to {address}")


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """Run a mail server on a port of its own."""
    box = Mailbox(free_port(HOST))
    controller = Controller(box, hostname=HOST, port=box.port, enable_SMTPUTF8=True)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def texts_of(mail: EmailMessage) -> tuple[str, str]:
    """Return the text and the HTML of a mail."""
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    return plain.get_content(), html.get_content()
