"""Whoever reads a figure that is withheld reads one reason; whoever manages it reads the rule, the true one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from dashboards.app_pages.unpublished import rule_sentence, unpublished_note, why_link
from dashboards.wording.translations import LANGUAGES, load_translator
from indicators.definitions.catalogue import Audience, read_catalogue
from indicators.definitions.periods import Period
from indicators.disclosure import SuppressionRule
from indicators.figures.figure import Figure, Status, Value
from indicators.network import DATA_FOLDER, Network
from indicators.queries.figures.figures import perimeter_figures
from indicators.queries.figures.withheld import RuleByFigure, withheld_from_public
from indicators.snapshot import QueryContext
from tests.builders import measure, measures, stored, structure, structures

CATALOGUE = read_catalogue(DATA_FOLDER / "catalogue")
FAMILY = ("dynamic_exit_rate", "durable_job_exit_rate", "transition_job_exit_rate", "positive_exit_rate")
WOMEN, TRAINED = "women_share", "cisp_job_exit_rate"
LOCALE = Path(__file__).parents[2] / "dashboards" / "locale"
QUARTER, YEAR = "2026-T3", "2025"
COUNTS = {
    "few": ((5, 9), SuppressionRule.FEW_CASES),
    "some": ((3, 60), SuppressionRule.FEW_PEOPLE),
    "others": ((57, 60), SuppressionRule.FEW_OTHERS),
    "none": ((0, 60), SuppressionRule.NOBODY),
    "all": ((60, 60), SuppressionRule.EVERYBODY),
}


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Women of structures that each fall under one rule; exits of which one category does; a rate without counts."""
    with Network(str(tmp_path_factory.mktemp("rules"))) as opened:
        large = [f"large-{n}" for n in range(4)]
        places = [structure(code, "ACI", "bretagne") for code in (*COUNTS, *large)]
        stored(
            opened, structures(*places, structure("trainees", "CISP", "be-liege"), structure("alone", "EI", "corse"))
        )
        rows = [measure(code, YEAR, WOMEN, *own) for code, (own, _) in COUNTS.items()]
        rows += [measure(code, YEAR, WOMEN, 300 + n, 700 + n) for n, code in enumerate((*large, "alone"))]
        rows += [measure("large-0", QUARTER, name, n, 80) for name, n in zip(FAMILY, (50, 20, 27, 3), strict=True)]
        rows.append(measure("trainees", QUARTER, TRAINED, value="3,4"))
        stored(opened, measures(*rows), comment="essai")
        yield opened


def rules(network: Network, code: str, audience: Audience = Audience.MANAGEMENT) -> RuleByFigure:
    with network.snapshot() as snapshot:
        return withheld_from_public(
            QueryContext(snapshot, audience, date.max), snapshot.structures.parse_perimeter(code), list(CATALOGUE)
        )


@pytest.mark.parametrize("code", COUNTS)
def test_those_who_manage_a_structure_read_the_rule_by_which_the_public_does_not_see_its_figure(
    network: Network, code: str
) -> None:
    assert rules(network, code) == {(WOMEN, YEAR): COUNTS[code][1]}


def test_a_category_that_goes_with_another_says_so(network: Network) -> None:
    found = {name: rule for (name, period), rule in rules(network, "large-0").items() if period == QUARTER}
    assert found == {
        "positive_exit_rate": SuppressionRule.FEW_PEOPLE,
        "durable_job_exit_rate": SuppressionRule.CATEGORIES,
    }


def test_a_rate_without_its_counts_says_so(network: Network) -> None:
    assert rules(network, "trainees") == {(TRAINED, QUARTER): SuppressionRule.WITHOUT_COUNTS}


@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.NETWORK])
def test_nobody_else_reads_a_rule(network: Network, audience: Audience) -> None:
    for code in (*COUNTS, "large-0", "trainees", "reseau", "region:bretagne"):
        assert rules(network, code, audience) == {}


def test_every_figure_that_is_withheld_of_the_fictitious_network_has_its_rule_and_no_other_has(demo: Network) -> None:
    with demo.snapshot() as snapshot:
        sheets = list(snapshot.catalogue)
        for code in (*list(snapshot.structures.by_id)[::9], "region:hauts-de-france", "type:ACI", "reseau"):
            where = snapshot.structures.parse_perimeter(code)
            found = withheld_from_public(QueryContext(snapshot, Audience.MANAGEMENT, date.max), where, sheets)
            seen = perimeter_figures(
                QueryContext(snapshot, Audience.PUBLIC, date.max), where, sheets, date.min, date.max
            ).rows
            statuses = {
                (name, period): status
                for name, period, status in seen.select("indicator", "period", "status").iter_rows()
            }
            assert {key for key, status in statuses.items() if status == Status.WITHHELD} <= found.keys()
            assert not {key for key, status in statuses.items() if status == Status.OK} & found.keys()


def figure(reading: Value | Status) -> Figure:
    return Figure(CATALOGUE["dynamic_exit_rate"], Period.parse(QUARTER), reading)


def test_a_tile_that_is_withheld_leads_to_the_reasons_in_plain_words() -> None:
    assert 'href="/protection"' in unpublished_note(figure(Status.WITHHELD), load_translator("fr"), "/protection")
    assert 'href="/protection?lang=en"' in why_link("/protection?lang=en", load_translator("en"))
    assert unpublished_note(figure(Value(50.0, 40, 80, 1)), load_translator("fr"), "/protection") == ""


def test_the_tile_of_a_management_view_says_the_rule_exactly() -> None:
    note = unpublished_note(
        figure(Value(50.0, 9, 18, 1)), load_translator("fr"), "/protection", SuppressionRule.FEW_CASES
    )
    assert "Public\N{NO-BREAK SPACE}: non publié — moins de 20 personnes" in note
    hours = rule_sentence(SuppressionRule.FEW_CASES, CATALOGUE["absenteeism_rate"], load_translator("fr"))
    assert hours == "dénominateur inférieur à 2\N{NARROW NO-BREAK SPACE}000"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_has_words(language: str) -> None:
    for rule in SuppressionRule:
        for sheet in CATALOGUE:
            assert rule_sentence(rule, sheet, load_translator(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_says_that_there_are_too_few_people(language: str) -> None:
    """Of 102 of 105 it would be false, and of 3 of 60 it would say too much."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in (LOCALE / language).glob("*.po")}
    assert texts
    for name, text in texts.items():
        assert not re.search(r"trop peu de personnes|too few people", text), name
