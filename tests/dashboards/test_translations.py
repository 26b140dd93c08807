"""The words of the pages: each key that the code says exists in both languages, with the same fields."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import dashboards
from dashboards.wording.translations import LANGUAGES, LOCALE_DIR, Language, Translator, load_translator
from indicators.definitions.catalogue import FAMILIES, Audience, Direction
from indicators.definitions.periods import Frequency
from indicators.figures.figure import Status
from indicators.figures.year_on_year import NotComparedReason
from indicators.intake.validate import Verdict
from schemas.datasets import DATASETS
from schemas.findings import SEVERITIES_BY_CODE, Severity
from schemas.structures import STRUCTURE_KINDS
from tests.builders import badly_spaced

CODE = Path(dashboards.__file__).parent
FR, EN, NL = (load_translator(language) for language in Language)
CHOSEN = {"F11": ("member",), "I08": ("foreign", "dataset", "nobody"),
          "X02": ("comma", "share", "swapped", "register", "reported"), "B02": ("future", "locked", "attributes"),
          "B08": ("joined", "left", "beginning", "day", "closing"),
          "X06": ("today", "wanted", "open_predecessor", "reopened", "overlap"),
          "F05": ("columns", "rows", "cells", "unread", "sheets", "characters", "seconds", "memory"),
          "F13": ("hidden",), "C20": ("reference", "request", "unknown_action", "unknown_body"),
          "F02": ("program", "nested"), "F03": ("separator",), "F16": ("rows", "columns"),
          "R02": ("long",), "C03": ("date", "plan_year"), "C09": ("period", "date"),
          "X03": ("in_force", "above", "above_in_force", "year", "year_in_force", "year_above", "year_above_in_force",
                  "segment_above", "segment_above_in_force"),
          "C01": ("undated",), "I07": ("circle",), "X04": ("whole",), "X05": ("in_force",),
          "P01": ("name", "birth", "number", "mail", "phone", "sheet"), "P02": ("birth", "phone"),
          "B04": ("taken_away", "written_on_page"), "C07": ("effectiveness",)}  # fmt: skip
"""Forms of a sentence other than severities."""
NOT_OF_A_CODE = {"finding.in_column", "finding.hidden.row", "finding.hidden.column"}
"""What is said round the sentence of any code."""
IN_DUTCH = ("finding", "severity", "verdict", "collected", "cli")
"""Headings that the command line says whole: the pages speak French and English only."""
SPEAKERS = {"t", "first_existing", "empty_state"}
KEY = re.compile(r"[a-z_]+(?:\.[A-Za-z0-9_]+)+")


def sentences() -> Iterator[tuple[str, str]]:
    """Every key that some call says, with where: a field of an f-string is a `*`."""
    for path in sorted(CODE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            name = (
                called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
            )
            if name not in SPEAKERS:
                continue
            for argument in node.args:
                where = f"{path.relative_to(CODE)}:{node.lineno}"
                match argument:
                    case ast.Constant(value=str(key)) if KEY.fullmatch(key):
                        yield where, key
                    case ast.JoinedStr(values=parts):
                        key = "".join(str(p.value) if isinstance(p, ast.Constant) else "*" for p in parts)
                        if KEY.fullmatch(key.replace("*", "x")):
                            yield where, key


def fields(form: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(form) if name is not None}


USED_KEYS = sorted(set(sentences()))


def test_the_code_says_something() -> None:
    assert len(USED_KEYS) > 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_that_the_code_says_has_words(language: str) -> None:
    table = load_translator(language).forms_by_key
    spoken = [(where, key, re.compile(re.escape(key).replace(r"\*", r"[\w.]+"))) for where, key in USED_KEYS]
    silent = [(where, key) for where, key, pattern in spoken if not any(pattern.fullmatch(known) for known in table)]
    assert silent == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_written_in_the_code_under_a_known_heading_has_words(language: str) -> None:
    table = load_translator(language).forms_by_key
    headings = {key.split(".")[0] for key in table}
    written = {
        node.value
        for path in sorted(CODE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY.fullmatch(node.value)
    }
    files = (".csv", ".py", ".toml", ".typ")
    keys = {key for key in written if key.split(".")[0] in headings and not key.endswith(files)}
    assert len(keys) > 60
    assert sorted(keys - set(table)) == []


@pytest.mark.parametrize(
    ("heading", "values"),
    [
        ("severity", [severity.value for severity in Severity]),
        ("verdict", [verdict.value for verdict in Verdict]),
        ("family", FAMILIES),
        ("kind", STRUCTURE_KINDS),
        ("dataset", DATASETS),
        ("frequency", [frequency.value for frequency in Frequency]),
        ("collected", [frequency.value for frequency in Frequency]),
        ("period.during", [frequency.value for frequency in Frequency]),
        ("direction", [direction.value for direction in Direction]),
        ("tile.year", [why.value for why in NotComparedReason]),
        ("audience", [audience.value for audience in Audience]),
        ("status", [status.value for status in Status if status not in {Status.OK, Status.LOW}]),
    ],
)  # fmt: skip
def test_every_word_of_a_closed_list_can_be_said(heading: str, values: list[str]) -> None:
    for language in (FR, EN):
        assert [value for value in values if f"{heading}.{value}" not in language] == [], language.language


def test_both_languages_have_the_same_keys() -> None:
    assert set(FR.forms_by_key) == set(EN.forms_by_key)
    assert len(FR.forms_by_key) > 200


def test_a_sentence_has_the_same_fields_in_both_languages() -> None:
    different = [
        key
        for key in FR.forms_by_key
        if set().union(*map(fields, FR.forms_by_key[key])) != set().union(*map(fields, EN.forms_by_key[key]))
    ]
    assert different == []


def test_no_sentence_is_empty() -> None:
    separators = {"list.separator", "tile.separator"}
    for language in (FR, EN):
        silent = [key for key, forms in language.forms_by_key.items() if not all(form.strip() for form in forms)]
        assert set(silent) <= separators


def test_a_singular_and_a_plural_say_the_same_fields() -> None:
    for language in (FR, EN):
        for key, forms in language.forms_by_key.items():
            if len(forms) > 1:
                assert fields(forms[0]) | {"count"} == fields(forms[1]) | {"count"}, (language.language, key)


def test_french_sentences_follow_french_typography() -> None:
    wrong = {key: badly_spaced(form) for key, forms in FR.forms_by_key.items() for form in forms if badly_spaced(form)}
    assert wrong == {}
    assert [key for key, forms in FR.forms_by_key.items() for form in forms if "'" in form or "..." in form] == []


def test_english_sentences_have_no_french_typography() -> None:
    assert [
        key for key, forms in EN.forms_by_key.items() for form in forms if re.search(r"[«»]|\s[;:!?]|[\d}]\s%", form)
    ] == []


def test_french_says_zero_and_one_in_the_singular_and_english_one_alone() -> None:
    assert FR("cli.rows_at", count=1, rows="4") == "ligne 4"
    assert FR("cli.rows_at", count=2, rows="4, 5") == "lignes 4, 5"
    assert FR("cli.rows", count=0, accepted=0).startswith("0 ligne lue")
    assert EN("cli.rows", count=0, accepted=0) != EN("cli.rows", count=1, accepted=0).replace("1", "0", 1)


def test_a_number_in_a_sentence_is_written_as_the_language_does() -> None:
    assert FR("cli.rows", count=12_345, accepted=12).startswith("12\u202f345")
    assert EN("cli.rows", count=12_345, accepted=12).startswith("12,345")


def test_a_key_without_words_is_an_error_that_names_it_and_the_language() -> None:
    with pytest.raises(KeyError, match=r"no\.such\.key: no such words in fr"):
        FR("no.such.key")


def test_a_language_has_its_own_folder_and_there_is_no_other() -> None:
    assert {path.name for path in LOCALE_DIR.iterdir()} == set(Language)


def test_the_same_files_stand_in_every_language() -> None:
    files = {language: {path.name for path in (LOCALE_DIR / language).iterdir()} for language in LANGUAGES}
    assert files["fr"] == files["en"]


def test_a_key_given_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = 'msgid "a.b"\nmsgstr "un"\n'
    for name, content in {"twice": f"{entry}\n{entry}", "two files": entry}.items():
        folder = tmp_path / name / "xx"
        folder.mkdir(parents=True)
        (folder / "one.po").write_text(content, encoding="utf-8")
        if name == "two files":
            (folder / "two.po").write_text(content, encoding="utf-8")
        monkeypatch.setattr("dashboards.wording.translations.LOCALE_DIR", tmp_path / name)
        load_translator.cache_clear()
        with pytest.raises(ValueError, match=r"a\.b"):
            load_translator("xx")
    load_translator.cache_clear()


def test_either_chooses_the_most_particular_words_that_exist() -> None:
    some = Translator("fr", {"unknown.any": ("rien",), "unknown.period": ("aucune période",)})
    assert some.first_existing("unknown.period", "unknown.any") == "unknown.period"
    assert some.first_existing("unknown.region", "unknown.any") == "unknown.any"


def in_dutch(language: Translator) -> set[str]:
    return {key for key in language.forms_by_key if key.split(".")[0] in IN_DUTCH}


def test_the_command_line_has_the_same_words_in_the_three_languages() -> None:
    assert in_dutch(FR) == in_dutch(EN) == in_dutch(NL)
    assert set(NL.forms_by_key) <= set(FR.forms_by_key)
    assert {key for where, key in USED_KEYS if where.startswith("cli.py") and "*" not in key} <= set(NL.forms_by_key)
    assert {f"dataset.{dataset}" for dataset in DATASETS} <= set(NL.forms_by_key)


def test_a_sentence_of_the_command_line_has_the_same_fields_and_forms_in_dutch() -> None:
    for key in NL.forms_by_key:
        assert NL.field_names(key) == FR.field_names(key), key
        assert len(NL.forms_by_key[key]) == len(FR.forms_by_key[key]), key


def test_dutch_and_english_sentences_have_no_french_typography() -> None:
    for language in (EN, NL):
        wrong = [
            key for key, forms in language.forms_by_key.items() for form in forms if re.search(r"[«»]|\s[;:!?]", form)
        ]
        assert wrong == [], language.language


def test_dutch_counts_as_it_does() -> None:
    assert NL("cli.rows", count=1, accepted=1) == "1 rij gelezen, 1 behouden"
    assert NL("cli.rows", count=12_345, accepted=12) == "12.345 rijen gelezen, 12 behouden"


@pytest.mark.parametrize("language", Language)
def test_every_code_of_a_finding_has_its_cause_what_to_do_and_its_group(language: str) -> None:
    expected = {f"finding.{code}.{part}" for code in SEVERITIES_BY_CODE for part in ("message", "hint", "group")}
    assert expected <= set(load_translator(language).forms_by_key)


def test_a_finding_has_no_other_sentence_than_those_that_are_chosen() -> None:
    parts = "message|hint|group"
    for key in FR.forms_by_key:
        if not key.startswith("finding.") or key in NOT_OF_A_CODE:
            continue
        found = re.fullmatch(rf"finding\.([A-Z]\d\d)(?:\.(?!plain)([a-z_]+))?(?:\.plain)?\.({parts})", key)
        assert found, key
        assert found[1] in SEVERITIES_BY_CODE, key
        forms = {severity.value for severity in SEVERITIES_BY_CODE[found[1]]} | set(CHOSEN.get(found[1], ()))
        assert found[2] is None or found[2] in forms, key


def test_a_plain_sentence_names_nothing_that_may_not_be_known() -> None:
    for key in FR.forms_by_key:
        if ".plain." in key:
            assert FR.field_names(key) <= {"count"}, key
            assert FR.field_names(key.replace(".plain", "")), key
