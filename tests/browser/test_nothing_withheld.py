"""Of a figure that is withheld nothing is in anything that the public gets: pages with their frames, pictures, routes.

The network is built so that what is withheld are numbers of its own: four structures have the lowest rates of all, on
numbers of people that nothing else has. A decile of thirty-one structures is then one structure's rate.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from http.client import HTTPConnection
from pathlib import Path

import pytest
from playwright.sync_api import Page

from indicators.definitions.catalogue import Audience
from indicators.queries.figures.figures import perimeter_figures
from indicators.snapshot import QueryContext
from tests.browser.conftest import serving, shown, wait_until_drawn
from tests.builders import Store, measure, measures, stored, structure, structures
from tests.conftest import sample
from tests.served import drawn, session

pytestmark = pytest.mark.browser

ELSEWHERE = "127.0.0.2"
PRIMES = (3001, 3011, 3019, 3023)
REGIONS = ("normandie", "bretagne", "occitanie", "corse")
CHOICE = "atelier-0,atelier-1,atelier-9,atelier-12"
TOTALS = (*(f"region:{region}" for region in REGIONS), "type:ACI", "type:EI", "groupe:alpha-fictif")
QUARTERS = ("2025-T3", "2025-T4", "2026-T1", "2026-T2")
WOMEN, EXITS, STATED, HOURS = "women_share", "durable_job_exit_rate", "transition_job_exit_rate", "absenteeism_rate"
SMALL = ("atelier-0", "atelier-1", "atelier-2", "atelier-3")
PUBLIC = Audience.PUBLIC
CLOSE = 1e-9
FIGURES = 5
"""Significant figures from which a written number tells a rate; what is displayed has three."""
DECIMAL = re.compile(r"(?<![\d.,])\d+[.,]\d+(?![\d.,]*\d)")
WHOLE = re.compile(r"(?<![\w.,#/-])\d{4,}(?![\w/-]|[.,]\d)")
"""A count of four figures as it is written, no part of a colour, an address or a name."""


def rows() -> Iterator[str]:
    for n in range(31):
        code = f"atelier-{n}"
        small = n < len(PRIMES)
        yield measure(code, "2025", WOMEN, *((4 - n // 2, PRIMES[n]) if small else (300 + 7 * n, 1_000 + n)))
        for place, quarter in enumerate(QUARTERS):
            people = 4_001 + 10 * n + 2 * place if small else 200 + n
            yield measure(code, quarter, EXITS, 1 + (n + place) % 4 if small else 60 + 2 * n + place, people)
            hours = (111 + n + place, 1_871 + 17 * n + 3 * place) if small else (5_000 + 100 * n, 90_000 + n)
            yield measure(code, quarter, HOURS, *hours)
    yield measure("atelier-9", QUARTERS[-1], STATED, value="43,7281")


@dataclass
class Secrets:
    """What must not be found: values to nine figures, and counts of four figures and more."""

    values: set[float] = field(default_factory=set)
    counts: set[int] = field(default_factory=set)
    known: set[float] = field(default_factory=set)

    def found_in(self, content: bytes) -> list[str]:
        """Return what of them is in some bytes: written out in text, or as the numbers of a table of Arrow."""
        text = content.decode(errors="ignore").replace("\u202f", "").replace("\xa0", " ")
        found = [
            text[max(one.start() - 30, 0) : one.end() + 30]
            for one in WHOLE.finditer(text)
            if int(one.group()) in self.counts
        ]
        for word in set(DECIMAL.findall(text)):
            plain = word.replace(",", ".")
            half = 0.6 * 10 ** -len(plain.partition(".")[2])
            enough = len(plain.replace(".", "").lstrip("0")) >= FIGURES
            if enough and any(abs(float(plain) - value) <= half for value in self.values):
                found.append(word)
        return found + self._numbers(content)

    def _numbers(self, content: bytes) -> list[str]:
        everything = sorted({*self.values, *map(float, self.counts)})
        low, high, found = everything[0], everything[-1], []
        for offset in range(8):
            part = content[offset:]
            numbers = array("d", part[: len(part) // 8 * 8])
            for number in {one for one in numbers if low * 0.999 <= one <= high * 1.001}:
                found += [repr(number) for secret in everything if abs(number - secret) <= CLOSE * secret]
        return found


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(str(tmp_path_factory.mktemp("guarded") / "store"))
    with store.open() as network:
        places = (
            structure(f"atelier-{n}", "ACI" if n % 3 else "EI", REGIONS[n % 4], "" if n % 5 else "Alpha (fictif)")
            for n in range(31)
        )
        stored(network, structures(*places))
        stored(network, measures(*rows()), comment="essai")
    return store


@pytest.fixture(scope="module")
def secrets(guarded: Store) -> Secrets:
    found, known = Secrets(), set[float]()
    with guarded.open() as network, network.snapshot() as snapshot:
        known_structures = snapshot.structures
        codes = [*known_structures.by_id, "reseau", *TOTALS]
        sheets = snapshot.catalogue.visible_to(PUBLIC)
        for code in codes:
            where = known_structures.parse_perimeter(code)
            true = perimeter_figures(
                QueryContext(snapshot, Audience.MANAGEMENT, date.max), where, sheets, date.min, date.max
            ).rows
            seen = perimeter_figures(QueryContext(snapshot, PUBLIC, date.max), where, sheets, date.min, date.max).rows
            statuses = {row[:2]: row[2] for row in seen.select("indicator", "period", "status").iter_rows()}
            for row in true.iter_rows(named=True):
                numbers = [row[name] for name in ("value", "numerator", "denominator") if row[name] is not None]
                if statuses[row["indicator"], row["period"]] != "withheld":
                    known.update(numbers)
                    continue
                found.values.add(row["value"])
                found.values.add(row["value"] / snapshot.catalogue[row["indicator"]].scale)
                found.counts.update(int(number) for number in numbers[1:] if number >= 1_000)
    found.values -= known
    found.counts -= {int(number) for number in known}
    # A year is written on every page.
    found.counts -= set(range(1_990, 2_040))
    return found


def test_the_network_has_something_to_hide(secrets: Secrets) -> None:
    assert {*PRIMES} <= secrets.counts
    assert 43.7281 in secrets.values
    assert len(secrets.values) > 40
    assert secrets.found_in("3 sur 3\u202f001 personnes".encode())
    assert secrets.found_in(b"xyz" + array("d", [100 * 4 / 3_001]).tobytes())
    assert secrets.found_in(f"{400 / 3_001:.4f}".encode()) == [], "three figures are no secret"
    assert secrets.found_in(f"{400 / 3_001:.6f}".encode())


@pytest.fixture(scope="module")
def public_site(guarded: Store) -> Iterator[str]:
    with serving(guarded, ELSEWHERE, administered=False) as address:
        yield address


def answer(site: str, path: str) -> bytes:
    connection = HTTPConnection(site.removeprefix("http://"), timeout=60)
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    assert response.status == 200, (path, body[:200])
    return body


def routes(reading_codes: Iterable[str]) -> Iterator[str]:
    yield from ("/healthz", "/api/catalogue.json", "/api/structures.json")
    for code in reading_codes:
        yield f"/api/board/{code}.json"
        for indicator in (WOMEN, EXITS, STATED, HOURS):
            for form in ("json", "csv"):
                yield f"/api/series/{code}/{indicator}.{form}"
            if indicator in {EXITS, HOURS}:
                yield f"/api/series/{code}/{indicator}.json?pas=glissant"
    for indicator in (WOMEN, EXITS, STATED, HOURS):
        for quarter in QUARTERS:
            yield f"/api/network/{indicator}.json?periode={quarter}"
            for where in TOTALS if quarter == QUARTERS[-1] else sample(TOTALS, len(TOTALS)):
                yield f"/api/network/{indicator}.json?periode={quarter}&perimetre={where}"
            yield f"/api/network/{indicator}.json?periode={quarter}&perimetre=choix:{CHOICE}"


def test_no_route_holds_anything_of_a_withheld_figure(public_site: str, secrets: Secrets) -> None:
    for path in routes([*SMALL, "atelier-9"]):
        assert (path, secrets.found_in(answer(public_site, path))) == (path, [])


PAGES = (
    "",
    f"?indicateur={WOMEN}&periode=2026-T2",
    f"?indicateur={HOURS}&periode=2026-T2",
    f"?indicateur={EXITS}&periode=2026-T2&lang=en",
    f"structure?structure={SMALL[3]}&periode=2026-T2",
    f"indicateur?indicateur={WOMEN}&structure={SMALL[3]}",
    f"indicateur?indicateur={WOMEN}&structure=atelier-9",
    f"indicateur?indicateur={HOURS}&structure={SMALL[0]}",
    f"indicateur?indicateur={EXITS}&perimetre=region:normandie",
    f"indicateur?indicateur={EXITS}&structure=atelier-9&vue=gestion",
    f"structure?perimetre=region:normandie&indicateur={HOURS}&periode=2026-T2",
    "structure?perimetre=groupe:alpha-fictif&periode=2026-T2&vue=gestion",
    f"structure?perimetre=reseau&indicateur={EXITS}&lang=en",
    f"structure?structures={CHOICE}&indicateur={EXITS}&periode=2026-T2",
    f"indicateur?indicateur={EXITS}&perimetre=choix:{CHOICE}&pas=glissant",
)


def frames_of(page: Page) -> list[bytes]:
    """Keep what a page receives by its WebSocket from now on."""
    frames: list[bytes] = []

    def keep(payload: str | bytes) -> None:
        frames.append(payload.encode() if isinstance(payload, str) else payload)

    page.on("websocket", lambda socket: socket.on("framereceived", keep))
    return frames


def held(secrets: Secrets, page: Page, frames: list[bytes]) -> list[str]:
    """Return what a page that is drawn holds of what is withheld, in its frames and in itself."""
    assert sum(map(len, frames)) > 5_000, "what the page is drawn from came by these frames"
    return [word for content in (*frames, page.content().encode()) for word in secrets.found_in(content)]


@pytest.mark.parametrize("address", PAGES)
def test_no_page_receives_anything_of_a_withheld_figure(public_site: str, secrets: Secrets, address: str) -> None:
    name, _, query = address.partition("?")
    with session(public_site) as reader:
        sent = drawn(reader, name, query)
    assert len(sent) > 5_000
    assert (address, secrets.found_in(sent)) == (address, [])
    assert secrets.found_in(answer(public_site, f"/{address}")) == []


@pytest.mark.full
@pytest.mark.parametrize("address", PAGES)
def test_no_browser_holds_anything_of_a_withheld_figure(
    page: Page, public_site: str, secrets: Secrets, address: str
) -> None:
    frames = frames_of(page)
    shown(page, f"{public_site}/{address}")
    assert held(secrets, page, frames) == []


def test_a_browser_and_what_is_taken_away_of_a_page_hold_nothing_of_a_withheld_figure(
    page: Page, public_site: str, secrets: Secrets, tmp_path: Path
) -> None:
    frames = frames_of(page)
    shown(page, f"{public_site}/{PAGES[6]}")
    assert held(secrets, page, frames) == []
    for name, ending in (("CSV", "csv"), ("SVG", "svg")):
        with page.expect_download(timeout=60_000) as download:
            page.get_by_role("button", name=re.compile(name)).first.click()
        taken = tmp_path / f"taken.{ending}"
        download.value.save_as(taken)
        assert (ending, secrets.found_in(taken.read_bytes())) == (ending, [])
        wait_until_drawn(page)
