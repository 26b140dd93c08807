"""Settings, read from the environment (`PILOTAGE_…`) only."""

import re
from datetime import date
from enum import StrEnum
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from dashboards.mails.mail_server import MailServer
from dashboards.web.site_address import origin_of
from indicators.runtime_tricks import parse_tricks
from schemas.members import normalize_address

DEFAULT_STORE: Final = "store/network"
DEMO_STORE: Final = "store/demo"
BELGIUM_STORE: Final = "store/belgium-2010"
MIN_TOKEN_CHARS: Final = 16
"""Minimal length of a token that gives access to restricted data: too long to guess."""
MAX_WORKERS: Final = 64
"""Worker processes of one site: each opens the store and takes some 250 MB."""


DAY_PATTERN: Final = re.compile(r"2\d{3}-\d{2}-\d{2}", re.ASCII)


def parse_day(text: object) -> date | None:
    """Parse a day of this millennium written as `2026-11-24`; pydantic would also accept a number of seconds."""
    if text is None:
        return None
    if not isinstance(text, str) or not DAY_PATTERN.fullmatch(text):
        raise ValueError(f"{text!r} is not a day (2026-11-24)")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a day of the calendar") from None


def parse_url(text: str | None) -> str | None:
    """Parse the address of a site: scheme, host and port, and nothing after them."""
    if text is None:
        return None
    try:
        origin = origin_of(text)
    except ValueError:
        raise ValueError(f"{text!r} is not the address of a site (https://pilotage.example)") from None
    if not text.isascii():
        raise ValueError(f"{text!r}: write the host as browsers send it (xn--…)")
    if urlsplit(text)._replace(scheme="", netloc="").geturl().strip("/"):
        raise ValueError(f"{text!r} names more than a host: the site stands at the root of its own")
    return origin


def parse_networks(text: str) -> str:
    """Validate a comma-separated list of addresses and networks; a network of all addresses is refused."""
    for part in filter(None, map(str.strip, text.split(","))):
        try:
            network = ip_network(part)
        except ValueError:
            raise ValueError(f"{part!r} is neither an address nor a network (127.0.0.1, 10.0.0.0/8)") from None
        if network.prefixlen == 0:
            raise ValueError(f"{part!r} is everybody: name the proxies")
    return text


def check_tricks(text: str) -> str:
    """Validate the comma-separated names of tricks that are turned off; they were read before this program began."""
    parse_tricks(text)
    return text


class LogFormat(StrEnum):
    """Log formats of a server."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """Minimal level of the lines that a server logs."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Settings(BaseSettings):
    """What an operator may set; a command-line option of the same name takes precedence."""

    model_config = SettingsConfigDict(env_prefix="PILOTAGE_", frozen=True)

    store: str | None = Field(default=None, description="A folder, or ducklake:postgres:<connection string>.")
    data: str | None = Field(default=None, description="Folder of the Parquet files of a store on PostgreSQL.")
    host: str = Field(default="127.0.0.1", description="Address the pages listen on.")
    port: int = Field(default=8501, ge=0, le=65535, description="Port the pages listen on.")
    workers: int = Field(default=1, ge=1, le=MAX_WORKERS, description="Processes that share the readers.")
    url: Annotated[str | None, AfterValidator(parse_url)] = Field(
        default=None,
        description="Address by which visitors know the site (https://pilotage.example); no other host or origin is "
        "answered. Without it: the address and port that the pages listen on.",
    )
    trusted_proxies: Annotated[str, AfterValidator(parse_networks)] = Field(
        default="",
        description="Addresses or networks of the proxies before the site (127.0.0.1, 10.0.0.0/8): of them alone it is "
        "believed for whom they ask (X-Forwarded-For).",
    )
    max_sessions: int = Field(default=300, ge=1, description="Pages open at once in one process.")
    max_sessions_per_address: int = Field(
        default=100, ge=1, description="Pages open at once from one address: an office, or a school, may share one."
    )
    max_connections: int = Field(default=1_000, ge=1, description="Connections open at once in one process.")
    max_query_bytes: int = Field(default=8_000, ge=100, description="Length of the parameters of an address.")
    max_message_bytes: int = Field(default=1_000_000, ge=10_000, description="Size of what a page sends at once.")
    max_upload_mb: int = Field(default=50, ge=1, description="Size of a file that is deposited, in MB.")
    uploads_per_minute: int = Field(default=60, ge=1, description="Files sent from one address in a minute.")
    requests_per_minute: int = Field(
        default=240, ge=1, description="Open data asked for from one address in a minute (/api/)."
    )
    pictures_per_minute: int = Field(
        default=30, ge=1, description="Pictures of charts drawn for one address in a minute; those kept are free."
    )
    pictures_at_once: int = Field(default=2, ge=1, description="Pictures of charts that are drawn at the same time.")
    request_seconds: float = Field(default=15, gt=0, description="Seconds for a request to come in.")
    upload_seconds: float = Field(default=600, gt=0, description="Seconds for a file to come in.")
    log: LogFormat = Field(
        default=LogFormat.TEXT, description="How a server writes its log: text, or json (one object a line)."
    )
    log_level: LogLevel | None = Field(
        default=None,
        description="From which level on a server writes its own lines: debug, info, warning or error. Without it: "
        "warning as text, info as json.",
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        min_length=MIN_TOKEN_CHARS,
        description="Whoever bears it (Authorization: Bearer …) may read /metrics; the administrator may without it.",
    )
    today: Annotated[date | None, BeforeValidator(parse_day)] = Field(
        default=None,
        description="The day as of which everything is shown and examined (2026-11-24), for demonstrations, trainings "
        "and tests; every page says so. What is stored still bears its true moment.",
    )
    tricks_off: Annotated[str, AfterValidator(check_tricks)] = Field(
        default="", description="Tricks of the runtime to do without, by name (gc,imports): to find out what one does."
    )
    auth: Path | None = Field(
        default=None,
        description="A file with the [auth] section: the identity providers by which members sign in.",
    )
    smtp: SecretStr | None = Field(
        default=None,
        description="The mail server (smtp://user:password@host:587, or smtps://…:465); without it no mail is sent.",
    )
    mail_from: str | None = Field(default=None, description="Address from which the site sends its mails.")
    session_hours: float = Field(default=12, gt=0, le=24 * 7, description="Hours after which a member signs in again.")
    session_idle_minutes: float = Field(
        default=120, gt=0, description="Minutes without use after which a member signs in again."
    )
    delegates_see_management: bool = Field(
        default=False, description="Whether delegates see the management figures of their perimeter."
    )
    sign_ins_per_minute: int = Field(
        default=10, ge=1, description="Sign-ins begun, and links asked for, from one address in a minute."
    )
    lang: str = Field(default="fr", pattern="^(fr|en|nl)$", description="Language of the command line.")

    @model_validator(mode="after")
    def _can_send_mails(self) -> Self:
        if self.smtp is not None:
            if self.mail_from is None or normalize_address(self.mail_from) is None:
                raise ValueError("PILOTAGE_SMTP needs PILOTAGE_MAIL_FROM, the address that mails come from")
            try:
                MailServer.from_url(self.smtp.get_secret_value(), self.mail_from)
            except ValueError as invalid:
                raise ValueError(f"PILOTAGE_SMTP {invalid}") from None
        return self

    @property
    def mail_server(self) -> MailServer | None:
        """The mail server; none is set up by default."""
        if self.smtp is None or self.mail_from is None:
            return None
        return MailServer.from_url(self.smtp.get_secret_value(), self.mail_from)


@cache
def process_settings() -> Settings:
    """Return the settings of this process, read once."""
    return Settings()
