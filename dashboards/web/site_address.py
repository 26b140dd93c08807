"""The addresses of a site: the only hosts and origins to which it answers."""

from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "::1")
"""Names by which only the machine itself can reach it."""
WILDCARD_ADDRESSES: Final = ("0.0.0.0", "::")  # noqa: S104 - named to be told from the others, not listened on
DEFAULT_PORTS: Final = {"http": 80, "https": 443}
DEFAULT_PORT: Final = 8501


@dataclass(frozen=True)
class SiteAddress:
    """The public address of a site, and every host and origin to which it answers."""

    url: str
    """Scheme, host and port, without a slash at the end."""
    hosts: frozenset[str]
    """Host names without port, which some proxies leave out."""
    origins: frozenset[str]
    is_local: bool
    """Whether only this machine can reach it: it listens on, and is known by, a loopback name."""

    @classmethod
    def from_binding(cls, host: str, port: int, url: str | None = None) -> Self:
        """Return the addresses of a site that listens on a host and port, with the public address `url` if given.

        A site on a loopback or wildcard address answers to all three loopback names.
        """
        is_local_name = host in (*LOOPBACK_NAMES, *WILDCARD_ADDRESSES)
        names = LOOPBACK_NAMES if is_local_name else (host,)
        own_origins = [origin_of(f"http://{bracketed(name)}:{port}") for name in names]
        public_origin = origin_of(url) if url else own_origins[0]
        origins = frozenset((public_origin, *own_origins))
        hosts = frozenset(host_name(urlsplit(origin).netloc) for origin in origins)
        return cls(
            public_origin, hosts, origins, host in LOOPBACK_NAMES and urlsplit(public_origin).hostname in LOOPBACK_NAMES
        )

    def answers_to(self, host: str) -> bool:
        """Whether a `Host` header names the site."""
        try:
            return host_name(host) in self.hosts
        except ValueError:
            return False

    @property
    def port(self) -> int:
        """The port of the public address."""
        parts = urlsplit(self.url)
        return parts.port or DEFAULT_PORTS[parts.scheme]

    @property
    def is_encrypted(self) -> bool:
        """Whether the public address uses https."""
        return self.url.startswith("https:")


def bracketed(host: str) -> str:
    """Return a host as written in a URL: an IPv6 address has brackets."""
    return f"[{host}]" if ":" in host else host


def host_name(host: str) -> str:
    """Return the host name of a `Host` header, in lower case and without port; a `ValueError` if it is invalid."""
    parts = urlsplit(f"//{host}")
    if not parts.hostname or parts.netloc != host or "@" in host:
        raise ValueError(host)
    _ = parts.port  # A `ValueError` if it is no port.
    return parts.hostname.rstrip(".")


def origin_of(url: str) -> str:
    """Return the origin of a URL as browsers write it (RFC 6454); a `ValueError` if it is not an http address."""
    parts = urlsplit(url)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise ValueError(url)
    port = "" if parts.port in (None, DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{bracketed(parts.hostname)}{port}"
