"""Networks of which little or nothing can be told: each page says what is so and why, and judges nothing.

Each case is a store of its own; each page of it is run without a browser, in French and in English.
"""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboards.access import AppState, set_app_state
from dashboards.clock import Clock
from dashboards.components.html import pictogram
from dashboards.wording.translations import LANGUAGES, Translator, load_translator
from indicators.definitions.periods import Period
from indicators.network import Network
from tests.builders import TODAY, measure, measures, stored, structure, structures

EXITS: Final = "dynamic_exit_rate"
QUARTERS: Final = tuple(period.code for period in Period.parse("2026-T3").trailing(8))
LONG: Final = tuple(period.code for period in Period.parse("2026-T3").trailing(16))

JUDGEMENTS: Final = ("met", "missed", "better", "worse", "hit")
"""Signs that say good or bad."""
MARKS: Final = (*JUDGEMENTS, "high", "low_side", "common")
"""Signs of anything that was told from chance."""
VERDICTS: Final = re.compile(r"\b(signal|à surveiller|to watch|ordinaire|ordinary)\b")
NOT_NUMBERS: Final = re.compile(r"\b(nan|NaN|inf|Infinity|undefined|null|None(?! of))\b")
ENGLISH: Final = re.compile(r"\b(the|of|and|not|this|period|published|delivered|people|figures|shown|network)\b")
FRENCH: Final = re.compile(r"\b(aucune?|pas|une|des|dans|période|remis|publiée?s?|chiffres?|réseau|montrée?s?)\b")
KEY: Final = re.compile(r"\b[a-z]+(?:\.[a-z_0-9]+)+\b")
SHEETS: Final = re.compile(r'<dl class="facts">.*?</dl>', re.DOTALL)
"""Definitions cite laws and institutions in their own language."""


# What is looked at


def script() -> None:
    import streamlit as st

    from dashboards.access import LOCAL_ADMINISTRATOR, get_app_state
    from dashboards.app_pages.error_handling import render_safely
    from dashboards.app_pages.page_context import PageContext
    from dashboards.app_pages.registry import PAGES
    from dashboards.wording.translations import load_translator

    address = {name: st.query_params[name] for name in st.query_params}
    at = address.pop("at")
    page = next(one for one in PAGES if one.path == at)
    language = load_translator(address.get("lang", "fr"))
    render_safely(
        PageContext(get_app_state(), LOCAL_ADMINISTRATOR, language, get_app_state().today(), page.path, address),
        page.render,
    )


@dataclass(frozen=True)
class Seen:
    """What a page shows: its markup, what it says to eye and ear, its charts and their rows."""

    markup: str
    text: str
    charts: list[dict[str, Any]]
    rows: list[dict[str, Any]]

    def marked(self, signs: tuple[str, ...]) -> list[str]:
        """Signs that are drawn."""
        return [sign for sign in signs if pictogram(sign) in self.markup]


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(text)).strip()


def visitor() -> AppTest:
    """Return somebody who goes from page to page: Streamlit looks through all that is installed for each new one."""
    return AppTest.from_function(script, default_timeout=120)


def look(page: AppTest, address: str, language: str) -> Seen:
    """Run the page of an address, written as `page?name=value&…`."""
    at, _, chosen = address.partition("?")
    page.query_params.clear()
    named = dict(part.split("=", 1) for part in chosen.split("&") if part)
    for name, value in {"at": at, "lang": language, **named}.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception, [error.message for error in page.exception]
    markup = "\n".join(str(block.proto.body) for block in page.get("html"))
    drawn = [block.proto for name in ("arrow_vega_lite_chart", "vega_lite_chart") for block in page.get(name)]
    charts = [json.loads(chart.spec) for chart in drawn]
    rows = [
        row
        for chart in drawn
        for dataset in chart.datasets
        for row in pl.read_ipc_stream(io.BytesIO(dataset.data.data)).to_dicts()
    ]
    titles = [f"{chart['description']} {' '.join(chart['title']['subtitle'])}" for chart in charts]
    written = [str(cell) for row in rows for cell in row.values() if isinstance(cell, str)]
    labels = [part for box in page.selectbox for part in (box.label, *box.options)]
    own = SHEETS.sub("", markup) if at == "indicateur" else markup
    spoken = re.findall(r' (?:alt|aria-label|title)="([^"]*)"', own)
    shown = re.sub(r"<[^>]+>", " ", own)
    return Seen(markup, flat(" ".join([shown, *spoken, *titles, *written, *labels])), charts, rows)


# The cases


def exits(codes: tuple[str, ...], quarters: tuple[str, ...], cases: int, total: int, *also: str) -> list[str]:
    return [
        measure(code, quarter, name, cases and cases + place, total)
        for place, code in enumerate(codes)
        for quarter in quarters
        for name in (EXITS, *also)
    ]


def fill(network: Network, directory: list[str], rows: list[str]) -> None:
    if directory:
        stored(network, structures(*directory))
    if rows:
        stored(network, measures(*rows), comment="vu")


def named(*codes: str, **facts: str) -> list[str]:
    return [structure(code, **facts) for code in codes]


Sentence = tuple[str, dict[str, object]]


def sentence(key: str, **values: object) -> Sentence:
    return key, values


@dataclass(frozen=True)
class Case:
    """A network, what each of its pages must say, and what none of them may."""

    directory: list[str]
    rows: list[str]
    pages: dict[str, list[Sentence]]
    unjudged: bool = True
    """Whether nothing of it can be told from chance, on any page."""
    hidden: str | None = None
    """What would give a withheld figure away, in every view but that of management."""
    drawn: set[str] = field(default_factory=set)
    """Addresses on which there is something to draw."""


FUNNEL, MATRIX, PEERS = "comparer?", "comparer?affichage=matrice", "comparer?affichage=petits-multiples"
INDICATOR = f"indicateur?indicateur={EXITS}"
NOBODY, UNREAD = [sentence("empty.structures")], [sentence("empty.measures")]
NONE_SHOWN = sentence("compare.none_shown")
NO_REFERENCE = sentence("structure.reference.none", name="")
SHEETS_LISTED = {"catalogue": [sentence("catalogue.intro", count=40)]}


def whole(count: int, reason: str) -> list[Sentence]:
    return [sentence("indicator.nothing", name="{network}"), sentence(f"why.period.{reason}", count=count)]


CASES: Final = {
    "empty": Case(
        [],
        [],
        dict.fromkeys(("", "structure", INDICATOR, FUNNEL, MATRIX, PEERS, f"{INDICATOR}&vue=gestion"), NOBODY)
        | {"indicateur": [sentence("indicator.choose")]}
        | SHEETS_LISTED,
    ),
    "structures without measures": Case(
        [*named("seule"), *named("ecole", kind="ECO", region="be-hainaut")],
        [],
        dict.fromkeys(("", INDICATOR, FUNNEL, MATRIX, PEERS, "structure?structure=seule&vue=gestion"), UNREAD)
        | {f"{INDICATOR}&structure=ecole": [sentence("indicator.not_concerned", name="Ecole (fictif)")]},
    ),
    "one structure, one period": Case(
        named("seule"),
        exits(("seule",), ("2026-T3",), 33, 60),
        {
            "": [sentence("signals.none_judged", during="{T3}")],
            "structure?structure=seule": [sentence("since.no_past")],
            "structure?structure=seule&vue=gestion": [sentence("since.no_past"), NO_REFERENCE],
            INDICATOR: [sentence("chart.trend.description.one", told="")],
            f"{INDICATOR}&vue=gestion": [sentence("chart.trend.description.one", told="")],
            f"{INDICATOR}&structure=seule": [sentence("process.basis.single")],
            f"{INDICATOR}&structure=seule&pas=glissant": [sentence("why.none.whole")],
            f"{INDICATOR}&structure=seule&pas=annee&vue=gestion": [sentence("why.none.whole")],
            FUNNEL: [NONE_SHOWN, sentence("compare.reason.alone")],
            MATRIX: [NONE_SHOWN],
            PEERS: [sentence("compare.peers.choose")],
            f"{PEERS}&structure=seule": [sentence("compare.peers.none")],
            f"{PEERS}&structure=seule&pas=glissant": [sentence("compare.peers.none")],
        },
        drawn={"", INDICATOR, f"{INDICATOR}&vue=gestion", f"{INDICATOR}&structure=seule"},
    ),
    "one structure, many periods": Case(
        named("seule"),
        [row for place, code in enumerate(LONG) for row in exits(("seule",), (code,), 33 + place % 4, 60)],
        {
            "": [sentence("signals.none_judged", during="{T3}")],
            "structure?structure=seule": [sentence("since.nothing")],
            INDICATOR: [sentence("tile.year.same")],
            f"{INDICATOR}&structure=seule": [sentence("tile.year.same")],
            f"{INDICATOR}&structure=seule&pas=semestre": [sentence("step.note.semester")],
            FUNNEL: [NONE_SHOWN, sentence("compare.reason.alone")],
            f"{FUNNEL}pas=glissant&structure=seule": [NONE_SHOWN, sentence("compare.reason.alone")],
            MATRIX: [NONE_SHOWN],
            f"{PEERS}&structure=seule": [sentence("compare.peers.none")],
        },
        unjudged=False,
        drawn={"", INDICATOR, f"{INDICATOR}&structure=seule", f"{INDICATOR}&structure=seule&pas=semestre"},
    ),
    "denominators of zero": Case(
        named("zero-0", "zero-1", "zero-2"),
        exits(("zero-0", "zero-1", "zero-2"), QUARTERS, 0, 0, "absenteeism_rate"),
        {
            "": [sentence("network.nothing", during="{T3}"), sentence("why.indicator.no_cases", count=2)],
            "structure?structure=zero-0": [sentence("tile.no_cases"), sentence("since.no_past")],
            "structure?structure=zero-0&vue=gestion": [sentence("tile.no_cases")],
            INDICATOR: whole(8, "no_cases"),
            f"{INDICATOR}&structure=zero-0&vue=gestion": [sentence("why.period.no_cases", count=8)],
            f"{INDICATOR}&structure=zero-0&pas=glissant": [sentence("why.period.no_cases", count=5)],
            f"{INDICATOR}&perimetre=region:normandie": [sentence("why.period.no_cases", count=8)],
            FUNNEL: [NONE_SHOWN, sentence("compare.reason.no_cases")],
            f"{FUNNEL}pas=glissant&structure=zero-0": [NONE_SHOWN, sentence("compare.reason.no_cases")],
            f"{FUNNEL}indicateur=absenteeism_rate": [sentence("compare.not_sampled.amount")],
            MATRIX: [NONE_SHOWN],
            f"{PEERS}&structure=zero-0": [sentence("compare.peers.nothing.at_all", count=12, during="{T3}")],
        },
    ),
    "all withheld": Case(
        named("petite-0", "petite-1"),
        exits(("petite-0", "petite-1"), QUARTERS, 3, 37),
        {
            "": [sentence("network.nothing", during="{T3}"), sentence("why.indicator.withheld.several", count=1)],
            "structure?structure=petite-0": [sentence("tile.withheld"), sentence("since.no_past")],
            INDICATOR: whole(8, "withheld.several"),
            f"{INDICATOR}&structure=petite-0": [sentence("why.period.withheld", count=8)],
            f"{INDICATOR}&structure=petite-0&pas=glissant": [sentence("why.period.withheld", count=5)],
            FUNNEL: [NONE_SHOWN, sentence("compare.reason.withheld")],
            f"{FUNNEL}structure=petite-0": [NONE_SHOWN, sentence("compare.reason.withheld")],
            MATRIX: [NONE_SHOWN],
            f"{PEERS}&structure=petite-0": [sentence("compare.peers.nothing.at_all", count=12, during="{T3}")],
        },
        hidden=r"\b(37|74)\b|\b(8|10|9)[,.][158]\b",
    ),
    "an indicator that concerns nobody": Case(
        named("ecole", "lycee", kind="ECO", region="be-hainaut"),
        [measure(code, quarter, "absenteeism_rate", 300, 6000) for code in ("ecole", "lycee") for quarter in QUARTERS],
        {
            "": [sentence("signals.none_judged", during="{T3}")],
            INDICATOR: [sentence("indicator.not_concerned", name="{network}")],
            f"{INDICATOR}&structure=ecole&vue=gestion": [sentence("indicator.not_concerned", name="Ecole (fictif)")],
            f"{INDICATOR}&structure=ecole&pas=annee": [sentence("indicator.not_concerned", name="Ecole (fictif)")],
            FUNNEL: [sentence("compare.nobody")],
            f"{FUNNEL}structure=ecole": [sentence("compare.nobody")],
            MATRIX: [NONE_SHOWN],
            f"{PEERS}&structure=ecole": [sentence("compare.peers.not_applicable", name="Ecole (fictif)")],
        },
        drawn={""},
    ),
    "a region and a group without data": Case(
        [
            *named("pleine-0", "pleine-1", "pleine-2", "pleine-3", group="Groupe Plein (fictif)"),
            *named("vide-0", "vide-1", region="bretagne", group="Groupe Vide (fictif)"),
            *named("ecole", kind="ECO", region="bretagne"),
        ],
        exits(("pleine-0", "pleine-1", "pleine-2", "pleine-3"), QUARTERS, 30, 60),
        {
            "": [sentence("status.missing"), sentence("signals.none_judged", during="{T3}")],
            f"{INDICATOR}&perimetre=region:bretagne": [sentence("why.none.several")],
            f"{INDICATOR}&perimetre=groupe:groupe-vide-fictif&pas=annee": [sentence("why.none.several")],
            "structure?structure=vide-0": [sentence("tile.missing"), sentence("since.no_past")],
            FUNNEL: [sentence("compare.how"), sentence("compare.reason.missing")],
            f"{FUNNEL}perimetre=region:bretagne": [NONE_SHOWN, sentence("compare.reason.missing")],
            f"{FUNNEL}structure=ecole": [sentence("compare.one.not_applicable", name="Ecole (fictif)")],
            f"{FUNNEL}structure=vide-0&perimetre=region:normandie": [
                sentence("compare.one.outside", name="Vide 0 (fictif)")
            ],
            f"{FUNNEL}groupe=groupe-vide-fictif&type=ECO": [sentence("compare.nobody")],
            MATRIX: [sentence("compare.matrix.key"), sentence("status.missing"), sentence("compare.matrix.blank")],
            f"{MATRIX}&groupe=groupe-vide-fictif": [NONE_SHOWN],
            f"{PEERS}&structure=vide-0": [sentence("compare.peers.nothing")],
        },
        unjudged=False,
        drawn={"", FUNNEL, f"{FUNNEL}structure=ecole", f"{FUNNEL}structure=vide-0&perimetre=region:normandie"},
    ),
    "closed before, opened after": Case(
        [
            *named("pleine-0", "pleine-1", "pleine-2"),
            *named("fermee", closed="2024-12-31"),
            *named("future", opened="2026-10-05"),
        ],
        exits(("pleine-0", "pleine-1", "pleine-2"), QUARTERS[4:], 30, 60),
        {
            "structure?structure=fermee": [sentence("structure.was_closed", day="{closed}")],
            "structure?structure=future&vue=gestion": [sentence("structure.not_open", day="{opened}"), NO_REFERENCE],
            f"{INDICATOR}&structure=fermee": [sentence("why.none.structure")],
            f"{INDICATOR}&structure=future&pas=glissant": [sentence("why.none.structure")],
            FUNNEL: [sentence("compare.reason.closed"), sentence("compare.reason.not_open")],
            f"{FUNNEL}structure=fermee": [sentence("compare.column.reason"), sentence("compare.reason.closed")],
            MATRIX: [sentence("compare.matrix.key")],
            f"{PEERS}&structure=future": [sentence("compare.peers.nothing")],
        },
        unjudged=False,
        drawn={FUNNEL, f"{FUNNEL}structure=fermee"},
    ),
}
PLACEHOLDERS: Final = ("{network}", "{T3}", "{closed}", "{opened}")
SPELLED: Final = {
    "fr": ("ensemble du réseau", "au T3 2026", "31 décembre 2024", "5 octobre 2026"),
    "en": ("whole network", "in Q3 2026", "December 31, 2024", "October 5, 2026"),
}
"""What stands for what each language spells in its own way."""


def spelled(one: Sentence, language: Translator) -> str:
    """Write a sentence as the page must; a value left empty is whatever stands there, and the rest is looked for."""
    key, values = one
    known = dict(zip(PLACEHOLDERS, SPELLED[language.language], strict=True))
    filled = {name: known.get(str(value), value) for name, value in values.items()}
    if "" in filled.values():
        (empty,) = [name for name, value in filled.items() if value == ""]
        return max(flat(language(key, **{**filled, empty: "\n|\n"})).split("|"), key=len).strip()
    return flat(language(key, **filled))


Pages = tuple[Translator, dict[str, Seen]]


def pairs() -> Iterator[Any]:
    """Return each case in each language; in every run each case is seen in one language, one after the other."""
    for place, name in enumerate(CASES):
        for turn, language in enumerate(LANGUAGES):
            marks = [] if place % len(LANGUAGES) == turn else [pytest.mark.full]
            yield pytest.param((name, language), id=f"{name}-{language}", marks=marks)


@pytest.fixture(scope="module", params=pairs())
def visit(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Case, Pages]]:
    """Open the network of a case as the house of the process, and run every page of it once, in one language."""
    name, language = request.param
    found = CASES[name]
    with Network(str(tmp_path_factory.mktemp("poor"))) as network, pytest.MonkeyPatch.context() as patch:
        fill(network, found.directory, found.rows)
        patch.setattr("dashboards.access._app_state", None)
        set_app_state(AppState(network, clock=Clock(TODAY)))
        page = visitor()
        yield found, (load_translator(language), {address: look(page, address, language) for address in found.pages})


@pytest.fixture
def case(visit: tuple[Case, Pages]) -> Case:
    return visit[0]


@pytest.fixture
def seen(visit: tuple[Case, Pages]) -> Pages:
    return visit[1]


def test_each_page_says_what_is_so_and_why(case: Case, seen: Pages) -> None:
    language, pages = seen
    expected = [(at, spelled(one, language)) for at, sentences in case.pages.items() for one in sentences]
    assert [(at, wanted) for at, wanted in expected if wanted not in pages[at].text] == []


def test_what_can_be_drawn_is_drawn_and_nothing_else(case: Case, seen: Pages) -> None:
    assert {address for address, page in seen[1].items() if page.charts} == case.drawn


def test_nothing_that_is_no_number_is_written_or_drawn(seen: Pages) -> None:
    for at, page in seen[1].items():
        assert (at, NOT_NUMBERS.findall(page.text)) == (at, [])
        numbers = [cell for row in page.rows for cell in row.values() if isinstance(cell, float)]
        assert (at, [number for number in numbers if not isfinite(number)]) == (at, [])
        assert (at, re.findall(r"NaN|Infinity", json.dumps(page.charts))) == (at, [])


def test_every_word_is_of_the_language_of_the_page(seen: Pages) -> None:
    language, pages = seen
    families = {key.split(".")[0] for key in language.forms_by_key}
    other = ENGLISH if language.language == "fr" else FRENCH
    for at, page in pages.items():
        untranslated = [key for key in KEY.findall(page.text) if key.split(".")[0] in families]
        assert (at, untranslated) == (at, [])
        assert (at, [page.text[found.start() - 30 : found.end()] for found in other.finditer(page.text)]) == (at, [])


def test_what_cannot_be_judged_has_no_sign_no_colour_and_no_verdict(case: Case, seen: Pages) -> None:
    signs = MARKS if case.unjudged else JUDGEMENTS
    for at, page in seen[1].items():
        assert (at, page.marked(signs)) == (at, [])
        assert (at, re.findall(r'class="sentence (met|missed|better|worse)', page.markup)) == (at, [])
        if case.unjudged:
            tables = " ".join(re.findall(r"<tbody>.*?</tbody>", page.markup, re.DOTALL))
            assert (at, VERDICTS.findall(tables)) == (at, [])
            assert (at, [row for row in page.rows if row.get("variation") or "k" in row]) == (at, [])


def test_a_withheld_number_is_nowhere_but_in_the_management_view(case: Case, seen: Pages) -> None:
    if case.hidden is None:
        return
    language, pages = seen
    for at, page in pages.items():
        assert (at, re.findall(case.hidden, page.text)) == (at, [])
        assert (at, re.findall(case.hidden, json.dumps(page.rows, default=str))) == (at, [])
    managed = look(visitor(), "structure?structure=petite-0&vue=gestion", language.language)
    assert re.search(case.hidden, managed.text), "what is looked for would be found"


def test_structures_without_a_figure_have_no_sign_beside_those_that_have(case: Case, seen: Pages) -> None:
    poor = re.compile(r'<th scope="row">(?:(?!</th>).)*(?:Vide|Fermee|Future).*?</tr>', re.DOTALL)
    for at, page in seen[1].items():
        wrong = [row for row in poor.findall(page.markup) if VERDICTS.search(row) or "pictogram" in row]
        assert (at, wrong) == (at, [])
