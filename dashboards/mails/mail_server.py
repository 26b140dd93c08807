"""Mails of a site: text and HTML, given to the mail server of the settings."""

import logging
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from markupsafe import Markup

from indicators.errors import PilotageError

LOG: Final = logging.getLogger(__name__)
SMTP_TIMEOUT_S: Final = 20.0
DEFAULT_PORTS: Final = {"smtp": 587, "smtps": 465}
NOT_A_MAIL_SERVER: Final = "is not the address of a mail server (smtp://user:password@host:587)"


class MailError(PilotageError):
    """A mail was not taken; the text does not name its reader."""


class MailServerUnreachableError(MailError):
    """No mail can be given to the mail server: it does not answer, does not encrypt or refuses its user."""


class MailServerLostError(MailError):
    """The mail server stopped answering while it was given a mail: whether it took it is not known."""


def on_one_line(text: str) -> str:
    """Return a text without line breaks."""
    return " ".join(filter(None, map(str.strip, text.splitlines())))


@dataclass(frozen=True)
class Mail:
    """A mail to one address; `text` and the HTML of `body` say the same."""

    to: str
    subject: str
    text: str
    body: Markup
    message_id: str | None = None
    unsubscribe_url: str | None = None


@dataclass(frozen=True)
class MailServer:
    """A mail server: `smtp://` begins in clear and encrypts before it says more, `smtps://` is encrypted at once."""

    host: str
    port: int
    sender: str
    is_encrypted_at_once: bool
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def from_url(cls, url: str, sender: str) -> Self:
        """Parse `smtp://user:password@host:port`; a `ValueError` that does not repeat it if it is none."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            # Their own sentences repeat what may be a part of the password.
            raise ValueError(NOT_A_MAIL_SERVER) from None
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
            raise ValueError(NOT_A_MAIL_SERVER)
        user, password = (part and unquote(part) for part in (parts.username, parts.password))
        return cls(
            parts.hostname,
            port or DEFAULT_PORTS[parts.scheme],
            sender,
            parts.scheme == "smtps",
            user or None,
            password or None,
        )

    def send(self, mail: Mail) -> None:
        """Send a mail; a `MailError` if the server did not take it, or if it is not known whether it did."""
        message = self._compose(mail)
        with self._connect() as server:
            try:
                server.send_message(message)
            except smtplib.SMTPServerDisconnected as failure:
                raise MailServerLostError(self._sentence(failure)) from failure
            except smtplib.SMTPException as failure:
                raise MailError(self._sentence(failure)) from failure
            except OSError as failure:
                raise MailServerLostError(self._sentence(failure)) from failure

    def _compose(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        # A line break in a subject would begin another header.
        message["From"], message["To"], message["Subject"] = self.sender, mail.to, on_one_line(mail.subject)
        message["Date"] = formatdate()
        message["Message-ID"] = mail.message_id or make_msgid(domain=self.sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        if mail.unsubscribe_url:
            # RFC 8058: one click in the reader's mail program.
            message["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        # Not every mail server on the way takes eight bits.
        message.set_content(mail.text, cte="quoted-printable")
        message.add_alternative(str(mail.body), subtype="html", cte="quoted-printable")
        return message

    @contextmanager
    def _connect(self) -> Iterator[smtplib.SMTP]:
        """Open a conversation in which a mail may be sent; a `MailServerUnreachableError` if it cannot begin."""
        context = ssl.create_default_context()
        with ExitStack() as stack:
            try:
                if self.is_encrypted_at_once:
                    server: smtplib.SMTP = smtplib.SMTP_SSL(
                        self.host, self.port, timeout=SMTP_TIMEOUT_S, context=context
                    )
                else:
                    server = smtplib.SMTP(self.host, self.port, timeout=SMTP_TIMEOUT_S)
                stack.callback(_end, server)
                self._begin(server, context)
            except (OSError, UnicodeError) as failure:
                raise MailServerUnreachableError(self._sentence(failure)) from failure
            yield server

    def _begin(self, server: smtplib.SMTP, context: ssl.SSLContext) -> None:
        """Encrypt, and sign in where there is a user; a server of this machine may do without encryption."""
        server.ehlo()
        if not self.is_encrypted_at_once:
            if server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            elif self.host not in ("127.0.0.1", "::1", "localhost"):
                raise MailServerUnreachableError(f"mail server {self.host}: does not encrypt; nothing was said to it")
        if self.user is not None:
            server.login(self.user, self.password or "")

    def _sentence(self, failure: Exception) -> str:
        # Only the class: what servers answer repeats addresses.
        return f"mail server {self.host}: {type(failure).__name__}"


def _end(server: smtplib.SMTP) -> None:
    """End a conversation; whatever the server answers, it has or has not taken the mail already."""
    with suppress(OSError):
        server.quit()
    server.close()
