"""Of a register nothing is in what the public gets but what its structure lets be read: pages, frames, routes."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from tests.browser.conftest import serving
from tests.builders import ACTIONS, Store, action, measure, measures, stored, structure, structures, table
from tests.served import drawn, session

OURS, ELSEWHERE = "atelier-du-pre", "127.0.0.2"
SECRET = b"ZORGLUB"
"""In every text of every row that is not marked as publishable, and in the groups and references of all."""
OCCASIONS = "structure;reference;date;forme;theme;presents;eligibles;publiable"
REQUESTS = "structure;reference;date;de;demande;reponse;repondue_le;action;rendue_le;decision;publiable"
PAGES = (
    "",
    "structure",
    f"structure?structure={OURS}",
    f"structure?structure={OURS}&lang=en",
    f"structure?structure={OURS}&vue=gestion",
    "structure?perimetre=region:normandie",
    f"indicateur?indicateur=psve_actions&structure={OURS}",
    f"indicateur?indicateur=general_assembly_participation_rate&structure={OURS}",
    f"provenance?indicateur=psve_actions&structure={OURS}&periode=2026-T2",
    f"participation?perimetre={OURS}",
    f"participation?perimetre={OURS}&partie=demandes",
    "actions",
)
ROUTES = (
    "/api/structures.json",
    f"/api/board/{OURS}.json",
    f"/api/series/{OURS}/psve_actions.json",
    f"/api/series/{OURS}/general_assembly_participation_rate.csv",
    f"/structure?structure={OURS}",
    f"/participation?perimetre={OURS}&partie=demandes",
)


@pytest.fixture(scope="module")
def public_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = Store(str(tmp_path_factory.mktemp("registers") / "store"))
    with store.open() as network:
        stored(network, structures(structure(OURS), structure("forge-du-val")))
        stored(network, measures(measure(OURS, "2026-T3", "dynamic_exit_rate", 33, 60)))
        held = [
            f"{OURS};ZORGLUB-{n};2026-05-{n + 10};reunion;Sujet ZORGLUB {n};10;;{w}" for n, w in enumerate(("non", ""))
        ]
        stored(network, table(OCCASIONS, *held, f"{OURS};ZORGLUB-9;2026-05-09;reunion;Une cour plus verte;10;;oui"))
        received = [
            f"{OURS};ZORGLUB-{n};2026-03-02;équipe ZORGLUB;{text};{answer};2026-04-02;;;retenue;{word}"
            for n, (text, answer, word) in enumerate(
                [(f"Demande ZORGLUB {n}", "Réponse ZORGLUB", "non") for n in range(6)] + [("Un banc", "Posé", "oui")]
            )
        ]
        stored(network, table(REQUESTS, *received))
        internal = action("ZORGLUB-1", structure=OURS).replace("Réimprimer le livret", "Revoir ZORGLUB")
        public = action("ZORGLUB-2", structure=OURS).replace("Livret remis tard", "Constat ZORGLUB")
        stored(network, table(f"{ACTIONS};publiable", f"{internal};non", f"{public};oui"))
    with serving(store, ELSEWHERE, administered=False) as address:
        yield address


@pytest.mark.parametrize("address", PAGES)
def test_no_page_receives_a_text_of_a_register_that_is_not_publishable(public_site: str, address: str) -> None:
    name, _, query = address.partition("?")
    with session(public_site) as reader:
        sent = drawn(reader, name, query)
    assert SECRET not in sent
    if address == f"structure?structure={OURS}":
        for text in ("Une cour plus verte", "Un banc", "Réimprimer le livret"):
            assert text.encode() in sent.replace("\xa0".encode(), b" "), text


@pytest.mark.parametrize("path", ROUTES)
def test_no_route_holds_a_text_of_a_register(public_site: str, path: str) -> None:
    connection = HTTPConnection(public_site.removeprefix("http://"), timeout=60)
    connection.request("GET", path)
    body = connection.getresponse().read()
    assert body
    assert SECRET not in body
