"""The addresses of a site: those by which it may be asked for, and none besides."""

from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "::1")
"""How a machine names itself: only it reaches itself so."""
EVERY_ADDRESS: Final = ("0.0.0.0", "::")  # noqa: S104 - named to be told from the others, not listened on
DEFAULT_PORTS: Final = {"http": 80, "https": 443}
DEFAULT_PORT: Final = 8501


@dataclass(frozen=True)
class SiteAddress:
    """The address of a site as its visitors know it, and every host and origin by which it answers."""

    url: str
    """Scheme, host and port, without a slash at the end."""
    hosts: frozenset[str]
    """Names, without a port: some proxies leave it out, and nothing depends on it."""
    origins: frozenset[str]
    on_this_machine: bool
    """Whether it is for nobody elsewhere: it listens to this machine alone, and is known by a name of this machine."""

    @classmethod
    def listening(cls, host: str, port: int, url: str | None = None) -> Self:
        """Return the addresses of a site that listens on a host and a port, and is known by `url` if that is given.

        A machine names itself in three ways: who listens on one of them, or on every address, is asked for by each.
        """
        by_itself = host in (*LOOPBACK_NAMES, *EVERY_ADDRESS)
        names = LOOPBACK_NAMES if by_itself else (host,)
        own = [origin_of(f"http://{bracketed(name)}:{port}") for name in names]
        known = origin_of(url) if url else own[0]
        origins = frozenset((known, *own))
        hosts = frozenset(host_name(urlsplit(origin).netloc) for origin in origins)
        return cls(known, hosts, origins, host in LOOPBACK_NAMES and urlsplit(known).hostname in LOOPBACK_NAMES)

    def answers_to(self, host: str) -> bool:
        """Whether a `Host` header names the site."""
        try:
            return host_name(host) in self.hosts
        except ValueError:
            return False

    @property
    def port(self) -> int:
        """The port by which visitors reach it."""
        parts = urlsplit(self.url)
        return parts.port or DEFAULT_PORTS[parts.scheme]

    @property
    def encrypted(self) -> bool:
        """Whether visitors reach it by https."""
        return self.url.startswith("https:")


def bracketed(host: str) -> str:
    """Return a host as it stands in an address: an IPv6 address has brackets."""
    return f"[{host}]" if ":" in host else host


def host_name(host: str) -> str:
    """Return the name in a `Host` header, without its port and in lower case; a `ValueError` if it is none."""
    parts = urlsplit(f"//{host}")
    if not parts.hostname or parts.netloc != host or "@" in host:
        raise ValueError(host)
    _ = parts.port  # A `ValueError` if it is no port.
    return parts.hostname.rstrip(".")


def origin_of(url: str) -> str:
    """Return the origin of an address as browsers write it (RFC 6454); a `ValueError` if it is no http address."""
    parts = urlsplit(url)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise ValueError(url)
    port = "" if parts.port in (None, DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{bracketed(parts.hostname)}{port}"
