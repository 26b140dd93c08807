"""A real OpenID provider of tests, and a person who signs in at it as a browser does."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Final
from urllib.parse import urljoin

import httpx

from tests.install_programs import PROVIDER_FOLDER, find, install_identity_provider

HOST: Final = "127.0.0.1"
SECRET: Final = "a secret of the tests, long enough to sign with"
NUMBERS: Final = count(1)
PROMPT: Final = re.compile(r'name="prompt" value="(\w+)"')


@dataclass(frozen=True)
class IdentityProvider:
    """A running provider; `plain` and `signed` are its clients."""

    port: int

    @property
    def issuer(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def spent_ms(self) -> float:
        """What it spent so far on what sites ask."""
        return float(httpx.get(f"{self.issuer}/spent").text)

    def configuration(self, name: str, client: str = "plain", **more: object) -> str:
        """Return the part of an `[auth]` section that names it."""
        values = {
            "label": f"le compte {name}",
            "client_id": client,
            "client_secret": SECRET,
            "server_metadata_url": f"{self.issuer}/.well-known/openid-configuration",
            **more,
        }
        lines = (f"{key} = {json.dumps(value)}" for key, value in values.items())
        return "\n".join((f"[auth.{name}]", *lines, ""))

    @contextmanager
    def wrong(self, **faults: object) -> Iterator[None]:
        """Give out what is wrong for a while."""
        httpx.put(f"{self.issuer}/faults", json=faults)
        try:
            yield
        finally:
            httpx.put(f"{self.issuer}/faults", json={})


@contextmanager
def identity_provider(port: int, callbacks: Sequence[str]) -> Iterator[IdentityProvider]:
    """Run a provider that sends its people back to some addresses."""
    program = install_identity_provider()
    node = find("node")
    assert node is not None, "node is missing: python -m tests.install_programs"
    with (PROVIDER_FOLDER / f"log-{port}").open("w") as log:
        # Node 18 has the web's cryptography behind this option; later ones take it and do nothing.
        command = [node, "--experimental-global-webcrypto", str(program), str(port), *callbacks]
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert running.stdout is not None
        assert running.stdout.readline() == "listening\n", (PROVIDER_FOLDER / f"log-{port}").read_text()
        yield IdentityProvider(port)
    finally:
        running.terminate()
        running.communicate(timeout=20)


def _somewhere() -> dict[str, str]:
    return {"X-Forwarded-For": f"203.0.113.{next(NUMBERS) % 250}"}


@dataclass
class Person:
    """Somebody with a browser, at an address on the network of their own."""

    address: str
    browser: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60, headers=_somewhere()))

    def begin(self, site: str, name: str, target: str = "") -> httpx.Response:
        """Click on a provider on the page of sign-in."""
        return self.browser.get(f"{site}/connexion/{name}", params={"vers": target} if target else {})

    def agree(self, site: str, location: str, *, agrees: bool = True) -> str:
        """Sign in at the provider, and return the address of the site to which it sends the person back."""
        while not location.startswith(site):
            page = self.browser.get(location)
            if not page.is_redirect:
                prompt = PROMPT.search(page.text)
                assert prompt is not None, page.text
                if not agrees and prompt[1] == "consent":
                    page = self.browser.get(f"{location}/abort")
                else:
                    form = {"prompt": prompt[1], "login": self.address, "password": "any"}
                    page = self.browser.post(location, data=form)
            assert page.is_redirect, page.text
            location = urljoin(location, page.headers["location"])
        return location

    def sign_in(self, site: str, name: str, target: str = "") -> httpx.Response:
        """Go all the way, and return the site's answer at its end."""
        begun = self.begin(site, name, target)
        assert begun.is_redirect, begun.text
        return self.browser.get(self.agree(site, begun.headers["location"]))
