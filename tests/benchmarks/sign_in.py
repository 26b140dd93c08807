"""What signing in takes of ours, by a link and at a provider, and what a request of a member costs beside a stranger's.

The provider is a real one on the same machine; what it spent itself on our questions is taken off. Requests are made in
turn, so that both sides meet the same machine.
"""

from __future__ import annotations

import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from indicators.definitions.roles import Role
from indicators.network import Network
from tests.builders import Store
from tests.served import Served, ask, drawn, free_port, running, session
from tests.server.conftest import managed
from tests.server.identity_provider import HOST, IdentityProvider, Person, identity_provider
from tests.server.mailbox import Mailbox, mail_server, texts_of
from tests.server.members import Members, post, token_in

LIMIT_MS: Final = 300
RUNS: Final = 9
REQUESTS: Final = 60
"""Requests of each side in one run."""
OWN: Final = "atelier-ternoise"
NAME: Final = "compte"


def milliseconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - start)


def by_link(served: Served, members: Members, mailbox: Mailbox) -> list[float]:
    """Return what each of some sign-ins by link took: the question, the page of the link and its use."""
    found = []
    for run in range(RUNS + 1):
        address = f"personne-{run}@atelier.example"
        members.give(address, Role.DIRECTOR, OWN)
        spent = milliseconds(lambda address=address: post(served, "/connexion", {"adresse": address}))  # type: ignore[misc]
        token = token_in(texts_of(mailbox.wait_for(address))[0])
        spent += milliseconds(lambda token=token: ask(served.address, f"/connexion/lien?jeton={token}"))  # type: ignore[misc]
        start = time.perf_counter()
        answer = post(served, "/connexion/lien", {"jeton": token})
        found.append(spent + 1000 * (time.perf_counter() - start))
        assert answer.status == 303
    return found[1:]


def by_provider(site: str, members: Members, provider: IdentityProvider) -> list[float]:
    """Return what each of some sign-ins at a provider took of ours: the way there and the way back."""
    found = []
    for run in range(RUNS + 1):
        person = Person(f"compte-{run}@atelier.example")
        members.give(person.address, Role.DIRECTOR, OWN)
        before = provider.spent_ms
        start = time.perf_counter()
        location = person.begin(site, NAME).headers["location"]
        spent = time.perf_counter() - start
        back = person.agree(site, location)
        start = time.perf_counter()
        answer = person.browser.get(back)
        spent += time.perf_counter() - start
        assert answer.status_code == 303
        found.append(1000 * spent - (provider.spent_ms - before))
    return found[1:]


def requests_of(served: Served, cookie: Mapping[str, str]) -> dict[str, float]:
    """Return what each kind of request takes, in milliseconds, medians."""
    kinds = {
        "the first answer of a page": lambda: ask(served.address, f"/structure?structure={OWN}", **cookie),
        "open data": lambda: ask(served.address, "/api/structures.json", **cookie),
    }
    found = {name: statistics.median(milliseconds(act) for _ in range(REQUESTS)) for name, act in kinds.items()}
    with session(served.address, cookie) as reader:
        drawn(reader, "structure", f"structure={OWN}")
        draws = [milliseconds(lambda: drawn(reader, "structure", f"structure={OWN}")) for _ in range(REQUESTS)]
    return {**found, "a page drawn again": statistics.median(draws)}


def compare(served: Served, members: Members) -> dict[str, tuple[float, float]]:
    """Return each kind of request of the public and of a member, medians of alternating runs."""
    address = "lecture@atelier.example"
    members.give(address, Role.DIRECTOR, OWN)
    name = f"pilotage_session_{urlsplit(served.address).port}"
    member = {"Cookie": f"{name}={members.token(address)}"}
    runs = [(requests_of(served, {}), requests_of(served, member)) for _ in range(RUNS)]
    return {
        kind: (statistics.median(run[0][kind] for run in runs), statistics.median(run[1][kind] for run in runs))
        for kind in runs[0][0]
    }


def main() -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder, mail_server() as mailbox:
        store = Store(f"{folder}/store")
        with Network(store.address) as network:
            managed(network)
        members, provider = Members(store), IdentityProvider(free_port(HOST))
        section = Path(folder) / "auth.toml"
        section.write_text("[auth]\nlinks = true\n" + provider.configuration(NAME))
        settings = {
            "PILOTAGE_AUTH": str(section),
            "PILOTAGE_SMTP": mailbox.url,
            "PILOTAGE_MAIL_FROM": "pilotage@network.example",
            "PILOTAGE_SIGN_INS_PER_MINUTE": "1000",
            "PILOTAGE_REQUESTS_PER_MINUTE": "100000",
        }
        with running(store, **settings) as served:
            site = f"http://localhost:{urlsplit(served.address).port}"
            with identity_provider(provider.port, [f"{site}/connexion/{NAME}/retour"]):
                ways = {
                    "by a link": by_link(served, members, mailbox),
                    "at a provider": by_provider(site, members, provider),
                }
            costs = compare(served, members)
    console = Console(width=130)
    moment = f"{datetime.now(UTC):%d %B %Y}, Python {platform.python_version()}"
    table = Table(title=f"signing in, of ours, {RUNS} times, {moment}", box=MARKDOWN)
    for heading in ("way", "limit", "median", "highest"):
        table.add_column(heading, justify="left" if heading == "way" else "right")
    for way, found in ways.items():
        table.add_row(way, f"{LIMIT_MS} ms", f"{statistics.median(found):.0f} ms", f"{max(found):.0f} ms")
    console.print(table)
    table = Table(title=f"a request, medians of {RUNS} alternating runs", box=MARKDOWN)
    for heading in ("request", "public", "member", "ratio"):
        table.add_column(heading, justify="left" if heading == "request" else "right")
    for kind, (public, member) in costs.items():
        table.add_row(kind, f"{public:.1f} ms", f"{member:.1f} ms", f"{member / public:.2f}")
    console.print(table)


if __name__ == "__main__":
    main()
