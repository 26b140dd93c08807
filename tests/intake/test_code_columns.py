"""Columns of codes: another spelling is the value in use, and a value that nobody used is asked about."""

from __future__ import annotations

from typing import Any

import pytest

from dashboards.wording.finding_messages import message_sentence
from dashboards.wording.translations import load_translator
from indicators.intake.cells.code_columns import CODE_COLUMNS, normalize_code
from indicators.intake.validate import ValidationResult, Verdict
from indicators.network import Network
from indicators.store.deposits import withdraw
from schemas.columns import CellType
from schemas.datasets import DATASETS
from schemas.measures import SEGMENTS, WHOLE_SEGMENT
from tests.builders import (
    ACTIONS,
    NOW,
    PARTICIPATION,
    action,
    codes,
    examine,
    findings_of,
    forced,
    measure,
    measures,
    occasion,
    stored,
    structure,
    structures,
    table,
)

ATELIER = "atelier-ternoise"
FR = load_translator("fr")


def part(segment: str, *counts: object) -> str:
    return measure(ATELIER, "2026-T1", "dynamic_exit_rate", *(counts or (12, 30)), segment=segment)


def whole() -> str:
    return measure(ATELIER, "2026-T1", "dynamic_exit_rate", 33, 60)


@pytest.fixture
def ready(directory_network: Network) -> Network:
    return directory_network


def suggested(found: ValidationResult, *wanted: str) -> list[tuple[str, int | None, str | None]]:
    return [(f.code, f.row, f.suggestion) for f in found.findings if f.code in wanted]


def column_of(found: ValidationResult, name: str) -> list[Any]:
    assert found.table is not None
    return found.table[name].to_list()


# Segments


@pytest.mark.parametrize(
    "text",
    ["Ensemble", " ENSEMBLE ", "Total", "TOTAL", "tous", "Toutes", "-", "–", "—", "Total général", "all", "Totaal"],
)
def test_what_means_the_whole_is_read_as_the_whole_and_said(directory: Network, text: str) -> None:
    found = examine(directory, measures(part(text)))
    assert column_of(found, "segment") == ["ensemble"]
    assert suggested(found, "C16", "C20") == [("C16", 2, "ensemble")]
    assert found.verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Sexe = F", "sexe=F"),
        ("sexe : f", "sexe=F"),
        ("SEXE=f", "sexe=F"),
        ("sexe\u00a0:\u00a0Femmes", "sexe=F"),
        ("sexe = Hommes", "sexe=H"),
        ("sexe=x", "sexe=X"),
    ],
)
def test_a_segment_written_otherwise_is_the_known_one_and_said(directory: Network, text: str, read: str) -> None:
    found = examine(directory, measures(whole(), part(text)))
    assert column_of(found, "segment") == ["ensemble", read]
    assert suggested(found, "C16", "C20") == [("C16", 3, read)]
    assert message_sentence(findings_of(found, "C16")[0], FR).endswith(f"est lu «\u00a0{read}\u00a0».")


def test_two_spellings_of_one_segment_are_one_row_twice(directory: Network) -> None:
    found = examine(directory, measures(whole(), part("sexe=F"), part("Sexe : F")))
    assert [(f.row, f.code) for f in findings_of(found, "R07")] == [(4, "R07")]
    assert "R08" in codes(examine(directory, measures(whole(), part("Total", 34, 60))))


def test_a_segment_that_nobody_used_is_asked_about_with_the_nearest(ready: Network) -> None:
    found = examine(ready, measures(whole(), part("sex=F"), part("secteur=toiture")))
    assert found.verdict is Verdict.TO_CONFIRM
    assert suggested(found, "C20") == [("C20", 3, "sexe=F"), ("C20", 4, None)]
    assert column_of(found, "segment") == ["ensemble", "sex=F", "secteur=toiture"]


def test_a_segment_once_used_is_known_until_it_is_withdrawn(ready: Network) -> None:
    first = stored(ready, measures(whole(), part("secteur=Toiture")), comment="nos chantiers")
    again = examine(ready, measures(part("secteur=Toiture")))
    assert suggested(again, "C16", "C20") == []
    otherwise = examine(ready, measures(part("Secteur : toiture")))
    assert suggested(otherwise, "C16", "C20") == [("C16", 2, "secteur=Toiture")]
    near = examine(ready, measures(part("secteur=toitures")))
    assert suggested(near, "C20") == [("C20", 2, "secteur=Toiture")]
    withdraw(ready.lake, first.deposit, "essai", "test", NOW)
    assert suggested(examine(ready, measures(whole(), part("secteur=Toiture"))), "C20") == [("C20", 3, None)]


def test_two_segments_that_an_older_store_kept_apart_stay_apart(ready: Network) -> None:
    forced(ready, measures(whole(), part("secteur=toiture")))
    with ready.lake.cursor() as cursor:
        rows = cursor.rows("select distinct segment from lake.measures order by 1")
    assert rows == [("ensemble",), ("secteur=toiture",)]
    found = examine(ready, measures(part("secteur=toiture"), part("SECTEUR=Toiture", 12, 30)))
    assert column_of(found, "segment") == ["secteur=toiture"], "one row, once"


def test_a_segment_may_be_absent_and_is_then_the_whole(directory: Network) -> None:
    found = examine(directory, measures(part("NC")))
    assert column_of(found, "segment") == ["ensemble"]
    assert codes(found) == ["C02"]


# The other columns of codes


def test_a_group_a_theme_a_process_written_otherwise_is_the_one_in_use(ready: Network) -> None:
    stored(ready, table(PARTICIPATION, occasion("P-1", "2026-02-01", 12)))
    stored(ready, table(ACTIONS, action("A-1")))
    cases = (
        (structures(structure("nouvelle", group="groupe  TERNOISE (fictif)")), "group", "Groupe Ternoise (fictif)"),
        (
            table(PARTICIPATION, occasion("P-2", "2026-02-02", 12).replace("Organisation du", "organisation du")),
            "theme",
            "Organisation du travail",
        ),
        (table(ACTIONS, action("B-1").replace(";accueil;;", ";Accueil;;")), "process", "accueil"),
    )
    for content, name, value in cases:
        found = examine(ready, content)
        assert column_of(found, name) == [value]
        assert suggested(found, "C16", "C20") == [("C16", 2, value)], name


def test_a_group_nearly_one_in_use_is_asked_about_and_a_new_one_is_not(ready: Network) -> None:
    near = examine(ready, structures(structure("nouvelle", group="Groupe Ternoisse (fictif)")))
    assert suggested(near, "C20") == [("C20", 2, "Groupe Ternoise (fictif)")]
    assert near.verdict is Verdict.TO_CONFIRM
    assert column_of(near, "group") == ["Groupe Ternoisse (fictif)"], (
        "nearly is not it: nobody decides but the depositor"
    )
    other = examine(ready, structures(structure("nouvelle", group="Pôle des Marais (fictif)")))
    assert other.findings == ()


def test_numbers_make_other_values(ready: Network) -> None:
    stored(ready, structures(structure("une", group="Groupe du canton 1 (fictif)")))
    found = examine(ready, structures(structure("deux", group="Groupe du canton 2 (fictif)")))
    assert found.findings == ()


def test_the_first_spelling_of_a_new_value_holds_for_the_file(ready: Network) -> None:
    names = ("Pôle des Marais", "pole des marais", "PÔLE  DES MARAIS")
    found = examine(ready, structures(*(structure(f"s-{n}", group=name) for n, name in enumerate(names))))
    assert column_of(found, "group") == ["Pôle des Marais"] * 3
    assert suggested(found, "C16") == [("C16", row, "Pôle des Marais") for row in (3, 4)]


@pytest.mark.parametrize("reference", ["fa-2026-012", "FA 2026/12", "FA2026-12", "Fa_2026_0012"])
def test_a_reference_that_is_nearly_that_of_an_open_action_is_asked_about(ready: Network, reference: str) -> None:
    stored(ready, table(ACTIONS, action("FA-2026-012")))
    found = examine(ready, table(ACTIONS, action(reference)))
    assert suggested(found, "C20") == [("C20", 2, "FA-2026-012")]
    assert "encore ouverte" in message_sentence(findings_of(found, "C20")[0], FR)
    assert column_of(found, "reference") == [reference]


@pytest.mark.parametrize("reference", ["FA-2026-012", "FA-2026-013", "FA-2026-0121", "FA-20260-12", "AF-2026-012"])
def test_the_same_reference_or_another_number_is_no_slip(ready: Network, reference: str) -> None:
    stored(ready, table(ACTIONS, action("FA-2026-012")))
    assert suggested(examine(ready, table(ACTIONS, action(reference))), "C20") == []


def test_a_reference_like_a_closed_actions_or_anothers_is_not_asked_about(ready: Network) -> None:
    over = action("FA-12", done="2026-02-01", verified="2026-03-01", verdict="100", status="close")
    stored(ready, table(ACTIONS, over, action("FA-13", structure="regie-ternoise")))
    assert suggested(examine(ready, table(ACTIONS, action("fa 12"), action("fa 13"))), "C20") == []


def test_thousands_of_codes_that_nobody_used_are_not_asked_about_one_by_one(ready: Network) -> None:
    rows = (measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 33, 60, segment=f"s{n}") for n in range(5_100))
    found = examine(ready, measures(*rows))
    (unread,) = findings_of(found, "F05")
    assert (unread.values["of"], unread.header, unread.count) == ("unread", "segment", 100)
    assert findings_of(found, "C20")[0].count == 5_000


# The table itself


def test_every_column_of_codes_exists_and_is_no_closed_list() -> None:
    for dataset, name in CODE_COLUMNS:
        assert DATASETS[dataset].column(name).cell_type in {CellType.CODE, CellType.TEXT}


def test_what_is_declared_of_segments_is_one_value_each() -> None:
    assert {normalize_code(name) for name in SEGMENTS.values()} <= {normalize_code(name) for name in SEGMENTS}
    assert SEGMENTS[WHOLE_SEGMENT] == WHOLE_SEGMENT
    assert all(value == WHOLE_SEGMENT or value.startswith("sexe=") for value in SEGMENTS.values())
