"""Findings in words: each has its cause and what to do, in French and in English, with nothing left to fill."""

from __future__ import annotations

import json
import re

import pytest

from dashboards.told import BLANK, examination_json, finding_json, hint, message
from dashboards.words import Words, words
from indicators.network import Network
from schemas.findings import CODES, Finding, Severity
from tests.builders import badly_spaced, examine, measure, measures, structures, told
from tests.intake.test_findings import CASES, Case, look

FR, EN = words("fr"), words("en")
RAISED = {case.code for case in CASES} | {"F05", "F11", "B04", "X04"}

KNOWN = {
    "F05": {"limit": 200},
    "F11": {"date": "2026-04-10", "author": "accueil (fictif)"},
    "X04": {"wanted": "absenteeism_rate"},
    "B04": {"former": 33.0, "former_denominator": 60.0},
}
"""What fills the sentences of the findings that no file of `CASES` gets."""


def spoken(finding: Finding, language: Words) -> list[str]:
    return [message(finding, language), hint(finding, language)]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("code", CODES)
def test_every_code_can_be_told_with_its_cause_and_what_to_do(code: str, language: str) -> None:
    assert f"finding.{code}.message" in words(language)
    assert f"finding.{code}.hint" in words(language)


@pytest.mark.parametrize("code", [code for code in CODES if code not in {case.code for case in CASES}])
def test_a_finding_that_no_test_file_gets_is_told_with_nothing_left_to_fill(code: str) -> None:
    for severity in CODES[code]:
        finding = Finding(code, severity, row=3, value="12", suggestion="13", count=2, values=KNOWN.get(code, {}))
        for language in (FR, EN):
            for sentence in spoken(finding, language):
                assert not re.search(r"[{}]", sentence)
                assert BLANK not in sentence
        assert not any(map(badly_spaced, spoken(finding, FR)))


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.code} {case.cause}") for case in CASES])
def test_what_a_file_is_told_has_nothing_left_to_fill(directory: Network, case: Case) -> None:
    found = look(directory, case)
    assert found.findings
    for finding in found.findings:
        for language in (FR, EN):
            for sentence in spoken(finding, language):
                assert not re.search(r"[{}]|\bNone\b|\binf\b|\bnan\b", sentence), sentence
                assert f"« {BLANK} »" not in sentence.replace("\u00a0", " "), sentence
                assert f"“{BLANK}”" not in sentence, sentence
                assert not re.search(r":\s*\.?$", sentence), sentence
        plain = spoken(Finding(**{**vars(finding), "value": "x" if finding.value else None}), FR)
        assert [badly_spaced(sentence) for sentence in plain] == [[], []]


def test_french_and_english_are_not_the_same_sentence() -> None:
    for code in CODES:
        for part in ("message", "hint"):
            assert FR.table[f"finding.{code}.{part}"] != EN.table[f"finding.{code}.{part}"], code


def test_a_sentence_ends_with_a_full_stop() -> None:
    for language in (FR, EN):
        for key, forms in language.table.items():
            if key.startswith("finding."):
                assert all(form.endswith((".", "?")) for form in forms), key


def test_what_was_typed_is_said_in_the_sentence(directory: Network) -> None:
    found = examine(directory, measures(measure("atelier-ternoise", "2026-T1", "dynamic_exits_rate", 33, 60)))
    (finding,) = told(found, "C13")
    assert message(finding, FR) == "L’indicateur «\u00a0dynamic_exits_rate\u00a0» n’est pas au catalogue."
    assert message(finding, EN) == "The indicator “dynamic_exits_rate” is not in the catalogue."


def test_a_frequency_is_said_in_words(directory: Network) -> None:
    found = examine(directory, measures(measure("atelier-ternoise", "2026-T1", "women_share", 33, 60)))
    (finding,) = told(found, "B01")
    assert "par année" in message(finding, FR)
    assert "year" in message(finding, EN)


def test_a_number_is_said_as_the_language_writes_it(directory: Network) -> None:
    finding = Finding("X03", Severity.BLOCKING, row=2, value="33", values={"parts": 12_345.5})
    assert "12\u202f345,5" in message(finding, FR)
    assert "12,345.5" in message(finding, EN)


def test_the_words_of_a_closed_list_are_named(directory: Network) -> None:
    content = structures("neuf;Neuf (fictif);XYZ;;normandie;;FR;;;;")
    (finding,) = told(examine(directory, content), "C19")
    assert "ACI, AI, EI" in hint(finding, FR)


def test_braces_typed_in_a_cell_are_only_what_was_typed(directory: Network) -> None:
    found = examine(directory, measures(measure("atelier-ternoise", "2026-T1", "{row}", 33, 60)))
    (finding,) = told(found, "C13")
    assert "«\u00a0{row}\u00a0»" in message(finding, FR)


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
        "hint": EN("finding.C13.hint"),
        "suggestion": "dynamic_exit_rate",
        "group": "C13:indicateur",
        "count": 1,
    }


def test_a_verdict_in_json_has_the_promised_keys_and_can_be_written(directory: Network) -> None:
    found = examine(directory, measures(measure("atelier-ternoise", "2026-T1", "dynamic_exits_rate", 33, 60)), "t1.csv")
    written = examination_json(found, found.verdict, None, FR)
    assert list(written) == ["file", "dataset", "verdict", "rows_read", "rows_accepted", "deposit", "findings"]
    assert [written[name] for name in list(written)[:-1]] == ["t1.csv", "measures", "refused", 1, 0, None]
    assert json.loads(json.dumps(written, ensure_ascii=False, allow_nan=False)) == written
