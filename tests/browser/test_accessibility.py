"""axe looks at every page in every state, from head to foot, and finds nothing against WCAG 2.2, levels A and AA.

Each page looked at in French is in French, ranks nobody, and is no wider than its window.

The pages of an empty network are looked at in `test_walks`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.browser.conftest import ENGLISH, WIDE_TO_NARROW, shown, too_wide, wait_until_drawn
from tests.browser.test_deposit_page import CHOSEN, QUARTER, STRUCTURE, drop
from tests.builders import Store, measure, measures
from tests.served import running

pytestmark = pytest.mark.browser

RANKED: Final = re.compile(r"class(é|ement)e? (premi|derni)|\brang\b")
"""What no page says of anybody."""
SPOKEN_LABELS: Final = """[...document.querySelectorAll('[aria-label], [aria-roledescription]')]
    .flatMap(each => [each.ariaLabel ?? '', each.getAttribute('aria-roledescription') ?? ''])"""
WORDS_OF_VEGA: Final = re.compile(
    r"-axis\b|^axis$|\bscale\b|\blegend\b|\bvalues\b|^(Title|Subtitle) text|^(sub)?title$|\bmark\b|visualization"
)
"""What charts would say of themselves to screen readers."""
CANAL, EXITS = "structure=atelier-du-canal", "indicateur=dynamic_exit_rate"
STATES: Final = {
    "network": "",
    "network, an indicator for those who manage": f"?{EXITS}&vue=gestion",
    "structures to choose from": "structure",
    "board": f"structure?{CANAL}",
    "board for those who manage": f"structure?{CANAL}&vue=gestion",
    "board of a period that does not exist": f"structure?{CANAL}&periode=1900-T1",
    "board of a group": "structure?perimetre=groupe:groupe-des-trois-rives-fictif",
    "board of a group, with an alert": "structure?perimetre=groupe:alliance-des-quatre-clochers-fictif&vue=gestion",
    "board of a choice": f"structure?structures=atelier-du-canal,depannage-du-ried&nom=Deux&{EXITS}",
    "choice to be made": "structure?structures=,",
    "catalogue": "catalogue",
    "desk": "bureau",
    "members": "membres",
    "journal": "journal",
    "actions": "actions",
    "participation of the network": "participation",
    "participation of a structure": "participation?perimetre=atelier-du-canal&annee=2025",
    "requests of a structure": "participation?perimetre=atelier-du-canal&partie=demandes",
    "requests of the network, filtered": "participation?partie=demandes&etat=sans-reponse",
    "plans of the network": "plan",
    "plan of a structure": "plan?perimetre=ecole-du-grand-tilleul",
    "plan of a year before": "plan?perimetre=voisinage-des-deux-collines&annee=2025",
    "meetings of the network": "instances",
    "meetings of a structure": "instances?perimetre=batisseurs-des-trois-rives",
    "meetings of a structure without bodies": "instances?perimetre=depannage-du-ried",
    "papers": "revue",
    "provenance of a figure": f"provenance?{CANAL}&indicateur=dynamic_exit_rate&periode=2026-T3&vue=gestion",
    "funnel": f"comparer?{CANAL}",
    "matrix": "comparer?affichage=matrice",
    "small multiples": f"comparer?affichage=petits-multiples&{CANAL}",
    "indicators to choose from": "indicateur",
    "indicator of a structure": f"indicateur?{CANAL}&indicateur=absenteeism_rate",
    "indicator with actions and notes": f"indicateur?{CANAL}&indicateur=absenteeism_rate&vue=gestion",
    "indicator over four quarters": f"indicateur?{CANAL}&{EXITS}&pas=glissant",
    "indicator of a region": f"indicateur?{EXITS}&perimetre=region:hauts-de-france",
    "indicator withheld": f"indicateur?{EXITS}&structure=depannage-du-ried&pas=trimestre",
    "indicator of others": f"indicateur?{EXITS}&perimetre=type:ECO",
    "protection": "protection",
    "follow-up": "suivi",
    "collection": "collectes",
    "deposit": "deposer",
    "deposit of a structure": CHOSEN,
}
OF_PEOPLE: Final = {
    "network of a delegate, without a map": "?personne=delegation&indicateur=work_accident_frequency",
    "desk of a director": "bureau?personne=direction",
    "desk of a delegate": "bureau?personne=delegation",
    "desk of a depositor": "bureau?personne=depot",
    "collection of a delegate": "collectes?personne=delegation",
    "plan of a director": "plan?personne=direction",
    "meetings of a director": "instances?personne=direction",
    "meetings of a group, for its quality manager": "instances?personne=qualite",
}
"""What the people of the demonstration see, who are there to be chosen in it alone."""


@pytest.fixture(scope="module")
def demonstration(demo_store: Store) -> Iterator[str]:
    """Address of the demonstration, whose readers choose whom to be."""
    with running(demo_store, command="demo") as served:
        yield served.address


def test_axe_sees_what_stands_below_the_first_screen(page: Page, site: str) -> None:
    shown(page, f"{site}/catalogue")
    page.evaluate(
        """() => document.querySelector("footer.foot").insertAdjacentHTML(
            "beforeend", '<p style="color: #ddd; background: #fff">pale</p><img src="data:,">')"""
    )
    rules = {found.partition(":")[0] for found in violations(page)}
    assert {"color-contrast", "image-alt"} <= rules


MAIN = {"network", "board for those who manage", "matrix", "indicator with actions and notes"}
"""Tiles, a map, tables, charts, folded lists: what pages are made of, looked at in every run."""


def everywhere(width: int, query: str) -> list[object]:
    """Return each state in a window of a width, in a language."""
    first = (width, query) == (1440, "")
    language = "en" if query else "fr"
    return [
        pytest.param(
            address,
            width,
            query,
            id=f"{name}-{width}-{language}",
            marks=[] if first and name in MAIN else [pytest.mark.full],
        )
        for name, address in (STATES | OF_PEOPLE).items()
    ]


@pytest.mark.parametrize(
    ("address", "width", "query"), [*everywhere(1440, ""), *everywhere(360, ""), *everywhere(1440, "lang=en")]
)
def test_every_page_in_every_state_breaks_no_rule_and_fits_its_window(
    page: Page, request: pytest.FixtureRequest, address: str, width: int, query: str
) -> None:
    site: str = request.getfixturevalue("demonstration" if "personne=" in address else "site")
    page.set_viewport_size({"width": width, "height": 900})
    joined = f"{address}{'&' if '?' in address else '?'}{query}" if query else address
    text = shown(page, f"{site}/{joined}")
    if "personne=" in address:
        chosen = page.locator(".for-you [aria-current]")
        expect(chosen).to_be_visible()
    assert violations(page) == []
    assert too_wide(page, (width, *WIDE_TO_NARROW)) == []
    if not query:
        assert page.evaluate("document.documentElement.lang") == "fr"
        assert ENGLISH.findall(text) == []
        assert not RANKED.search(text)
        assert [label for label in page.evaluate(SPOKEN_LABELS) if WORDS_OF_VEGA.search(label)] == []
        assert "Réseau fictif" in text


COLOURS: Final = """() => {
    document.body.insertAdjacentHTML("beforeend", '<i id="highlight" style="background: Highlight"></i>');
    return ["button[aria-checked=true]", "#highlight", "[data-testid=stVegaLiteChart] svg"]
        .map(selector => getComputedStyle(document.querySelector(selector)).backgroundColor);
}"""


@pytest.mark.full
def test_in_a_contrast_theme_what_is_chosen_and_the_charts_are_told_apart(page: Page, site: str) -> None:
    page.emulate_media(forced_colors="active")
    shown(page, f"{site}/indicateur?{CANAL}&{EXITS}&vue=gestion")
    chosen, highlight, chart = page.evaluate(COLOURS)
    assert chosen == highlight
    assert chart == "rgb(255, 255, 255)"
    page.get_by_role("combobox", name="Période").click()
    option = page.locator('[role="option"][aria-selected="true"]')
    assert option.evaluate("option => getComputedStyle(option).backgroundColor") == highlight
    shown(page, f"{site}/")
    for drawing in (".spark", ".pictogram"):
        paper = page.locator(drawing).first.evaluate("drawing => getComputedStyle(drawing).backgroundColor")
        assert paper == "rgb(255, 255, 255)", drawing
    bar, filled = (
        page.locator(part).first.evaluate("part => getComputedStyle(part).backgroundColor")
        for part in (".gauge", ".gauge span")
    )
    assert bar != filled
    here = page.locator(".st-key-menu [aria-current]")
    assert here.evaluate("here => getComputedStyle(here).borderBottomWidth") == "2px"


@pytest.mark.parametrize("address", ["nulle-part", "cle"])
def test_what_stands_outside_the_pages_breaks_no_rule(page: Page, site: str, address: str) -> None:
    page.goto(f"{site}/{address}")
    assert violations(page) == []


def test_a_refused_file_and_one_to_confirm_break_no_rule(page: Page, site: str) -> None:
    shown(page, f"{site}/{CHOSEN}")
    wrong = (
        measure(STRUCTURE, "T3 2026", "absenteeism_rate", "mille", 20),
        measure(STRUCTURE, QUARTER, "un_indicateur_inconnu", 1, 2),
    )
    unsure = measures(measure(STRUCTURE, QUARTER, "undocumented_exit_rate", "NC"))
    drop(page, ("faux.csv", measures(*wrong)), ("doute.csv", unsure))
    expect(page.locator(".verdict h2")).to_have_text(["faux.csv", "doute.csv"])
    wait_until_drawn(page)
    assert violations(page) == []
