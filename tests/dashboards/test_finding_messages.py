"""Findings in words: each has its cause and what to do, in every language spoken, with nothing left to fill."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest

from dashboards.wording.finding_messages import (
    UNKNOWN_FACT,
    finding_json,
    group_sentence,
    hint_sentence,
    message_sentence,
    validation_json,
)
from dashboards.wording.translations import Language, Translator, load_translator
from indicators.network import Network
from schemas.findings import SEVERITIES_BY_CODE, Finding, Severity
from tests.builders import badly_spaced, examine, findings_of, measure, measures, structures
from tests.conftest import sample
from tests.intake.finding_cases import COMPLETE_CASES, FindingCase, examined

FR, EN, NL = (load_translator(language) for language in Language)
FORMS = {
    "X02": (
        *({"guess": guess} for guess in ("comma", "share", "swapped", "none")),
        {"cause": "register"},
        {"cause": "reported"},
    ),
    "C20": ({"cause": "reference"}, {"cause": "action"}, {"cause": "request"}),
    "X06": ({"today": "2026-11-02"}, {"wanted": "2026-T1"}),
    "F05": tuple(
        {"of": of}
        for of in ("megabytes", "columns", "cells", "rows", "unread", "sheets", "characters", "seconds", "memory")
    ),
    "P01": tuple({"cause": cause} for cause in ("name", "birth", "number", "mail", "phone", "sheet")),
    "P02": ({"cause": "birth"}, {"cause": "phone"}),
    "F02": ({"reason": "program"}, {"reason": "nested"}),
    "F03": ({"reason": "separator"},),
    "B02": ({"state": "future"}, {"state": "locked"}, {"reason": "attributes"}),
    "C01": ({"reason": "undated"},),
    "B08": ({"of": "joined"}, {"of": "left"}, {"of": "beginning"}, {"of": "day"}, {"of": "closing"}),
    "F13": ({"reason": "hidden"}, {"reason": "several"}),
    "F16": ({"of": "rows"}, {"of": "columns"}),
    "R02": ({"guess": "long"},),
    "C03": ({"guess": "date"},),
    "C09": ({"of": "period"}, {"of": "date"}),
    "C06": ({"hidden": "row"}, {"hidden": "column"}),
}
"""What chooses the sentence of a code, beside its severity."""
EVERY: list[Any] = [
    pytest.param(code, severity, form, id=" ".join((code, severity.value, *form.values())))
    for code, severities in SEVERITIES_BY_CODE.items()
    for severity in severities
    for form in (*FORMS.get(code, ()), {})
]
FULL: dict[str, Any] = {
    "limit": 200, "format": "zip", "date": "2026-04-10", "author": "accueil (fictif)", "found": "; ,", "cells": 9,
    "columns": 8, "other": 4, "wanted": "absenteeism_rate", "parts": 30.0, "former": 33.0, "former_denominator": 60.0,
    "own": 60.0, "now": 34.0, "now_denominator": 61.0, "indicator": "fte_realised", "rows": 2,
    "kind": "ECO", "longest": 200, "words": "ACI, AI", "lowest": 0.0, "highest": 100.0,
    "past": (55.0, 56.25, 54.5, 57.0), "opens": "2026-10-01", "locks": "2026-11-30", "approved_by": "délégation",
    "others": "Brouillon", "announced": ",", "letter": "F", "column_name": "valeur", "invited": 11,
    "since": "2026-07-01", "figures": 12, "last": "2026-T3", "structure": "atelier-ternoise",
}  # fmt: skip


def spoken(finding: Finding, language: Translator) -> list[str]:
    return [message_sentence(finding, language), hint_sentence(finding, language), group_sentence(finding, language)]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("code", "severity", "form"), EVERY)
def test_a_finding_of_which_nothing_is_known_is_told_all_the_same(
    code: str, severity: Severity, form: dict[str, str], language: str
) -> None:
    for sentence in spoken(Finding(code, severity, values=form), load_translator(language)):
        assert sentence
        assert not re.search(r"[{}]|\bNone\b|\binf\b|\bnan\b", sentence)
        assert UNKNOWN_FACT not in sentence


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("code", "severity", "form"), EVERY)
def test_a_finding_of_which_all_is_known_is_told_in_full(
    code: str, severity: Severity, form: dict[str, str], language: str
) -> None:
    finding = Finding(code, severity, None, 3, "D", "numerateur", "12", "13", 2, FULL | form)
    for sentence in spoken(finding, load_translator(language)):
        assert sentence
        assert not re.search(r"[{}]", sentence)
        assert UNKNOWN_FACT not in sentence
    if language == "fr":
        assert not any(map(badly_spaced, spoken(finding, FR)))


@pytest.mark.parametrize("case", sample(COMPLETE_CASES, 3), ids=str)
def test_what_a_file_is_told_has_nothing_left_to_fill(directory: Network, case: FindingCase) -> None:
    found = examined(directory, case)
    assert found.findings
    for finding in found.findings:
        for language in (FR, EN, NL):
            for sentence in spoken(finding, language):
                assert not re.search(r"[{}]|\bNone\b|\binf\b|\bnan\b", sentence), sentence
                assert UNKNOWN_FACT not in sentence, sentence
                assert not re.search(r":\s*\.?$", sentence), sentence
        plain = spoken(Finding(**{**vars(finding), "value": "x" if finding.value else None}), FR)
        assert [badly_spaced(sentence) for sentence in plain] == [[], [], []]


def test_the_languages_do_not_say_the_same_sentence() -> None:
    for key in FR.forms_by_key:
        if key.startswith("finding.") and key in EN and key in NL:
            assert len({FR.forms_by_key[key], EN.forms_by_key[key], NL.forms_by_key[key]}) == len(Language), key


def test_a_sentence_ends_with_a_full_stop_and_a_group_does_not() -> None:
    for language in (FR, EN, NL):
        for key, forms in language.forms_by_key.items():
            if key.startswith("finding.") and key.endswith((".message", ".hint")):
                assert all(form.endswith((".", "?")) for form in forms), key
            if key.endswith(".group"):
                assert not any(form.endswith(".") for form in forms), key


def test_what_was_typed_is_said_in_the_sentence(directory: Network) -> None:
    found = examine(directory, measures(measure("atelier-ternoise", "2026-T1", "dynamic_exits_rate", 33, 60)))
    (finding,) = findings_of(found, "C13")
    assert message_sentence(finding, FR) == "L’indicateur «\u00a0dynamic_exits_rate\u00a0» n’est pas au catalogue."
    assert message_sentence(finding, EN) == "The indicator “dynamic_exits_rate” is not in the catalogue."
    assert message_sentence(finding, NL) == "De indicator “dynamic_exits_rate” staat niet in de catalogus."
    assert "«\u00a0dynamic_exit_rate\u00a0»" in hint_sentence(finding, FR)


ONLY_CAUSE: dict[tuple[str, Severity], dict[str, Any]] = {("X06", Severity.BLOCKING): {"cause": "reopened"}}
"""Severities of a code that one cause alone has."""


def test_a_code_with_two_severities_says_two_things() -> None:
    for code, severities in SEVERITIES_BY_CODE.items():
        if len(severities) > 1:
            for language in (FR, EN, NL):
                findings = [
                    Finding(
                        code, severity, value="12", suggestion="13", values=FULL | ONLY_CAUSE.get((code, severity), {})
                    )
                    for severity in severities
                ]
                assert len({message_sentence(finding, language) for finding in findings}) == 2, code


def test_a_rate_that_does_not_match_is_told_with_what_is_guessed() -> None:
    sentences = {
        guess: message_sentence(
            Finding("X02", Severity.CONFIRM, row=2, value="2,50", suggestion="25,0", values={"guess": guess}), FR
        )
        for guess in ("comma", "share", "swapped", "none")
    }
    assert len(set(sentences.values())) == 4
    assert "virgule" in sentences["comma"]
    assert "part de 1" in sentences["share"]
    assert "inversés" in sentences["swapped"]


def test_a_period_that_is_not_open_is_told_with_the_reason_and_the_day() -> None:
    def sentence(state: str, **known: str) -> str:
        return message_sentence(
            Finding("B02", Severity.BLOCKING, value="2026-T1", values={"state": state, **known}), FR
        )

    assert "finie" in sentence("future")
    assert "1er octobre 2026" in sentence("future", opens="2026-10-01")
    assert "30 novembre 2026" in sentence("locked", locks="2026-11-30")


def test_who_is_to_be_asked_is_said() -> None:
    finding = Finding("B03", Severity.BLOCKING, value="2026-T1", values={"approved_by": "délégation de Normandie"})
    assert "délégation de Normandie" in hint_sentence(finding, FR)


def test_the_last_four_values_stand_beside_the_new_one() -> None:
    finding = Finding(
        "B05", Severity.CONFIRM, value="91,0", values={"past": (55.0, 56.25, 1054.5, 0.0471), "now": 91.0}
    )
    assert "donne 91," in message_sentence(finding, FR)
    assert "55 · 56,25 · 1\u202f054,5 · 0,0471" in message_sentence(finding, FR)
    assert "55 · 56.25 · 1,054.5 · 0.0471" in message_sentence(finding, EN)
    assert "55 · 56,25 · 1.054,5 · 0,0471" in message_sentence(finding, NL)


def test_a_replaced_value_is_told_with_both() -> None:
    finding = Finding(
        "B04",
        Severity.CONFIRM,
        value="34",
        values={"former": 33.0, "former_denominator": 60.0, "now": 34.0, "now_denominator": 61.0},
    )
    assert "34 / 61" in message_sentence(finding, FR)
    assert "33 / 60" in message_sentence(finding, FR)


def test_two_denominators_of_the_same_people_are_both_told() -> None:
    values = {"own": 60.0, "wanted": 61.0, "indicator": "durable_job_exit_rate", "other": 4}
    sentence = message_sentence(Finding("X05", Severity.CONFIRM, row=3, value="60", values=values), FR)
    assert "60" in sentence
    assert "61" in sentence
    assert "ligne 4 (durable_job_exit_rate)" in sentence


def test_a_date_that_contradicts_something_is_told_with_what_it_contradicts() -> None:
    day = Finding("X06", Severity.CONFIRM, value="2027-01-01", values={"today": date(2026, 11, 2)})
    period = Finding("X06", Severity.CONFIRM, value="2025-01-01", values={"wanted": "2026-T1"})
    assert "pas encore passée" in message_sentence(day, FR)
    assert "(2026-T1)" in message_sentence(period, FR)


def test_a_bound_that_is_not_finite_is_not_said() -> None:
    finding = Finding("C07", Severity.BLOCKING, value="-3", values={"lowest": 0.0, "highest": float("inf")})
    assert not re.search(r"inf|∞|—", message_sentence(finding, FR))


def test_a_cause_of_many_cells_is_told_on_one_line() -> None:
    finding = Finding("I01", Severity.BLOCKING, row=3, column="A", header="siret", value="123", count=1214)
    assert group_sentence(finding, FR).startswith("1\u202f214 cellules\u00a0: ")
    assert group_sentence(finding, FR).endswith("colonne «\u00a0siret\u00a0»")
    assert group_sentence(finding, EN).startswith("1,214 cells: ")
    assert group_sentence(finding, NL).startswith("1.214 cellen: ")
    assert group_sentence(Finding("R08", Severity.BLOCKING, row=3), FR).startswith("1 ligne\u00a0: ")


def test_a_long_cell_does_not_drown_its_sentence() -> None:
    finding = Finding("C09", Severity.BLOCKING, value="x" * 5000 + "\r\n\x00y")
    assert len(message_sentence(finding, FR)) < 250
    assert not re.search(r"[\x00-\x1f]", message_sentence(finding, FR))


def test_a_frequency_is_said_in_words(directory: Network) -> None:
    found = examine(directory, measures(measure("atelier-ternoise", "2026-T1", "women_share", 33, 60)))
    (finding,) = findings_of(found, "B01")
    assert "par année" in message_sentence(finding, FR)
    assert "year" in message_sentence(finding, EN)
    assert "per jaar" in message_sentence(finding, NL)


def test_a_number_is_said_as_the_language_writes_it(directory: Network) -> None:
    finding = Finding("X03", Severity.BLOCKING, row=2, value="33", values={"parts": 12_345.5})
    assert "12\u202f345,5" in message_sentence(finding, FR)
    assert "12,345.5" in message_sentence(finding, EN)
    assert "12.345,5" in message_sentence(finding, NL)


def test_a_row_is_named_as_the_sheet_shows_it() -> None:
    finding = Finding("R08", Severity.BLOCKING, row=12_346, values={"other": 12_345})
    assert "12345" in message_sentence(finding, FR)


def test_the_words_of_a_closed_list_are_named(directory: Network) -> None:
    content = structures("neuf;Neuf (fictif);XYZ;;normandie;;FR;;;;")
    (finding,) = findings_of(examine(directory, content), "C19")
    assert "ACI, AI, EI" in hint_sentence(finding, FR)


def test_braces_typed_in_a_cell_are_only_what_was_typed(directory: Network) -> None:
    found = examine(directory, measures(measure("atelier-ternoise", "2026-T1", "{row}", 33, 60)))
    (finding,) = findings_of(found, "C13")
    assert "«\u00a0{row}\u00a0»" in message_sentence(finding, FR)


def test_a_finding_in_json_has_the_promised_keys(directory: Network) -> None:
    found = examine(directory, measures(measure("atelier-ternoise", "2026-T1", "dynamic_exits_rate", 33, 60)))
    assert finding_json(found.findings[0], EN) == {
        "code": "C13",
        "severity": "blocking",
        "sheet": None,
        "row": 2,
        "column": "C",
        "header": "indicateur",
        "value": "dynamic_exits_rate",
        "message": "The indicator “dynamic_exits_rate” is not in the catalogue.",
        "hint": hint_sentence(found.findings[0], EN),
        "suggestion": "dynamic_exit_rate",
        "group": "C13:indicateur",
        "count": 1,
    }


def test_a_verdict_in_json_has_the_promised_keys_and_can_be_written(directory: Network) -> None:
    found = examine(directory, measures(measure("atelier-ternoise", "2026-T1", "dynamic_exits_rate", 33, 60)), "t1.csv")
    written = validation_json(found, found.verdict, None, FR)
    assert list(written) == ["file", "dataset", "verdict", "rows_read", "rows_accepted", "deposit", "findings"]
    assert [written[name] for name in list(written)[:-1]] == ["t1.csv", "measures", "refused", 1, 0, None]
    assert json.loads(json.dumps(written, ensure_ascii=False, allow_nan=False)) == written
