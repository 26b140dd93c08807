"""What is given to a mail server: nothing unless it encrypts, no header but ours; its failures name nobody."""

from __future__ import annotations

import socket
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from threading import Thread

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from markupsafe import Markup

from dashboards.clock import Clock
from dashboards.mails import mail_server as mail_server_module
from dashboards.mails.mail_server import Mail, MailError, MailServer, MailServerLostError, MailServerUnreachableError
from tests.dashboards.mails.mailbox import HOST, SENDER, Mailbox, mail_server, texts_of

READER = "lecture@atelier.example"
MAIL = Mail(READER, "Sujet", "Texte été\n", Markup("<p>Texte été</p>"), "<abc@pilotage>")
ANOTHER_HOST = "127.0.0.2"
"""Of this machine, and none of the names under which a mail server may do without encryption."""


def test_a_mail_has_two_parts_that_every_server_takes_and_says_that_no_person_wrote_it(box: Mailbox) -> None:
    box.server.send(MAIL)
    mail = box.mail_to(READER)
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert texts_of(mail) == ("Texte été\n", "<p>Texte été</p>\n")
    assert mail.as_bytes().isascii()
    assert (mail["From"], mail["To"], mail["Message-ID"]) == (SENDER, READER, "<abc@pilotage>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert abs(parsedate_to_datetime(mail["Date"]) - Clock.now()) < timedelta(minutes=5)
    assert mail["List-Unsubscribe"] is None


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\r\n ", "\u2028", "\x0b", "\x85"])
def test_no_subject_adds_a_header_or_a_reader(box: Mailbox, end: str) -> None:
    subject = f"Chiffres{end}Bcc: autre@ailleurs.example{end}{end}corps"
    box.server.send(Mail(READER, subject, "Texte", Markup("Texte")))
    mail = box.mail_to(READER)
    assert box.readers == [READER]
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Chiffres Bcc: autre@ailleurs.example corps"
    assert texts_of(mail)[0] == "Texte\n"


def test_an_address_with_a_line_break_is_no_mail(box: Mailbox) -> None:
    with pytest.raises(ValueError, match=r"linefeed|newline"):
        box.server.send(Mail(f"{READER}\r\nBcc: autre@ailleurs.example", "Sujet", "Texte", Markup("Texte")))
    assert box.taken == []


def test_a_mail_server_of_another_host_that_does_not_encrypt_is_told_nothing() -> None:
    with mail_server(ANOTHER_HOST) as box:
        with pytest.raises(MailServerUnreachableError, match="does not encrypt"):
            MailServer.from_url(f"smtp://user:secret@{ANOTHER_HOST}:{box.port}", SENDER).send(MAIL)
        assert box.taken == []
        assert box.commands == []


def make_certificate(folder: Path) -> tuple[Path, SSLContext]:
    """Make a certificate of the other host that nobody trusts, and what a server needs to show it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "essai")])
    now = Clock.now().replace(tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(ANOTHER_HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context


def test_a_mail_server_that_encrypts_is_spoken_to_if_its_certificate_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, context = make_certificate(tmp_path)
    signed_in: list[object] = []

    def authenticate(*given: object) -> AuthResult:
        signed_in.append(given[-1])
        return AuthResult(success=getattr(given[-1], "password", b"") == b"secret", handled=False)

    options = {"tls_context": context, "require_starttls": True, "authenticator": authenticate, "auth_required": True}
    with mail_server(ANOTHER_HOST, **options) as box:
        server = MailServer.from_url(f"smtp://user:secret@{ANOTHER_HOST}:{box.port}", SENDER)
        with pytest.raises(MailServerUnreachableError, match="SSLCertVerificationError"):
            server.send(MAIL)
        assert (box.commands, signed_in) == ([], [])
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        server.send(MAIL)
        assert box.readers == [READER]
        wrong = MailServer.from_url(f"smtp://user:wrong@{ANOTHER_HOST}:{box.port}", SENDER)
        with pytest.raises(MailServerUnreachableError, match="SMTPAuthenticationError"):
            wrong.send(MAIL)
        assert box.readers == [READER]


@pytest.mark.parametrize(
    ("greeting", "error"),
    [
        (b"", MailServerUnreachableError),
        (b"554 no\r\n", MailServerUnreachableError),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", MailServerUnreachableError),
        (b"\xff\xfe\r\n", MailServerUnreachableError),
    ],
)
def test_what_is_no_mail_server_or_never_speaks_is_one_that_cannot_be_reached(
    greeting: bytes, error: type[MailError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_server_module, "SMTP_TIMEOUT_S", 0.3)
    with socket.create_server((HOST, 0)) as listening:
        server = MailServer.from_url(f"smtp://{HOST}:{listening.getsockname()[1]}", SENDER)
        if greeting:

            def greet() -> None:
                with listening.accept()[0] as reader:
                    reader.sendall(greeting)

            speaking = Thread(target=greet)
            speaking.start()
        with pytest.raises(error):
            server.send(MAIL)
        if greeting:
            speaking.join()


@pytest.mark.parametrize("host", ["nulle-part.invalid", "a" * 70, "-"])
def test_a_host_that_there_is_not_is_one_that_cannot_be_reached(host: str) -> None:
    with pytest.raises(MailServerUnreachableError):
        MailServer.from_url(f"smtp://{host}:25", SENDER).send(MAIL)


@pytest.mark.parametrize("answer", ["550 refused", "451 later"])
def test_a_refused_mail_is_a_failure_that_names_nobody(box: Mailbox, answer: str) -> None:
    box.answer_to_mail = answer
    with pytest.raises(MailError) as refused:
        box.server.send(MAIL)
    assert not isinstance(refused.value, MailServerUnreachableError | MailServerLostError)
    assert str(refused.value) == "mail server 127.0.0.1: SMTPDataError"
    box.refused = {READER}
    with pytest.raises(MailError) as refused:
        box.server.send(MAIL)
    assert str(refused.value) == "mail server 127.0.0.1: SMTPRecipientsRefused"


def test_a_mail_of_which_it_is_not_known_whether_it_was_taken_is_told_from_one_that_was_not(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_server_module, "SMTP_TIMEOUT_S", 0.2)
    box.silent_s = 0.6
    with pytest.raises(MailServerLostError):
        box.server.send(MAIL)
