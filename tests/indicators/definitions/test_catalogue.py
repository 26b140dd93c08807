"""The catalogue that ships: forty sheets, complete, in two languages; and how a broken one is refused."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from math import inf
from pathlib import Path

import pytest
from pydantic import BaseModel

from indicators.definitions.catalogue import (
    FAMILIES,
    Audience,
    Catalogue,
    Indicator,
    LocalizedText,
    read_catalogue,
    read_indicator,
)
from indicators.definitions.periods import Frequency
from indicators.errors import CatalogueError, PilotageError, UnknownError
from indicators.network import DATA_FOLDER
from tests.builders import badly_spaced

FOLDER = DATA_FOLDER / "catalogue"
IAE = "ACI AI EI ETTI"
AUDIENCES = {"P": "public", "N": "network", "M": "management"}
DIRECTIONS = {"↑": "up", "↓": "down", "↔": "band", "–": "none"}

PROMISED = f"""
dynamic_exit_rate                    ↑ P {IAE}
durable_job_exit_rate                ↑ P {IAE}
transition_job_exit_rate             – P {IAE}
positive_exit_rate                   – P {IAE}
undocumented_exit_rate               ↓ M {IAE} CISP
employment_rate_6m                   ↑ P {IAE} CISP ECO
follow_up_coverage_6m                ↑ M {IAE} CISP
average_pathway_months               ↔ P {IAE} CISP
cisp_job_exit_rate                   ↑ P CISP
cisp_training_exit_rate              ↑ P CISP
cisp_training_hours_rate             ↔ M CISP
fte_realised                         ↑ P {IAE} EITI
contracted_fte_rate                  ↔ M {IAE} EITI
women_share                          – P *
minimum_income_share                 – M {IAE} CISP
permanent_contract_share             ↑ P EIW TS SAP EI GES
fte_per_contract                     ↔ M EIW TS SAP
fixed_assignment_share               ↔ M EIW
absenteeism_rate                     ↓ P *
staff_turnover_rate                  ↓ M *
work_accident_frequency              ↓ P *
training_access_rate                 ↑ P {IAE} EIW TS
skills_certificate_rate              ↑ P {IAE} CISP
general_assembly_participation_rate  ↑ P *
board_employee_seat_share            ↑ P *
psve_actions                         ↑ P *
pathway_employee_event_share         ↑ P RES
corrective_preventive_actions_total  – P *
action_on_time_rate                  ↑ M *
action_effectiveness_rate            ↑ M *
priority_action_completion_rate      ↑ P *
governance_meeting_rate              ↑ M *
self_assessment_score                ↑ N *
client_satisfaction_rate             ↑ P *
productive_hours_ratio               ↑ M TS SAP AI
public_aid_share                     ↓ M *
service_voucher_revenue_share        ↓ M TS EIW GES
pupil_absenteeism_rate               ↓ P ECO
pupil_lost_hours                     ↓ P ECO
serious_sanctions                    ↓ P ECO
"""
"""The table of the domain: id, direction, audience, kinds."""

MEMBERS = {
    "insertion": (
        "dynamic_exit_rate durable_job_exit_rate transition_job_exit_rate positive_exit_rate employment_rate_6m "
        "follow_up_coverage_6m undocumented_exit_rate average_pathway_months cisp_job_exit_rate "
        "cisp_training_exit_rate"
    ),
    "contracts": (
        "permanent_contract_share fte_realised contracted_fte_rate staff_turnover_rate fixed_assignment_share "
        "fte_per_contract"
    ),
    "actions": (
        "priority_action_completion_rate corrective_preventive_actions_total action_on_time_rate "
        "action_effectiveness_rate"
    ),
    "participation": (
        "general_assembly_participation_rate board_employee_seat_share psve_actions pathway_employee_event_share "
        "governance_meeting_rate"
    ),
}
"""The families of which every sheet is named here, in the order of the board."""

Row = tuple[str, str, str, set[str]]


def promised() -> list[Row]:
    rows = [line.split() for line in PROMISED.strip().splitlines()]
    return [
        (name, DIRECTIONS[direction], AUDIENCES[audience], set(kinds)) for name, direction, audience, *kinds in rows
    ]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return read_catalogue(FOLDER)


def texts(facts: BaseModel, name: str) -> Iterator[tuple[str, LocalizedText]]:
    """Every text in several languages of a sheet, with the path of its key."""
    for key in type(facts).model_fields:
        match getattr(facts, key):
            case LocalizedText() as words:
                yield f"{name} {key}", words
            case BaseModel() as inside:
                yield from texts(inside, f"{name} {key}")
            case tuple() as several:
                for facts_inside in several:
                    if isinstance(facts_inside, BaseModel):
                        yield from texts(facts_inside, f"{name} {key}")


# What ships


def test_the_catalogue_holds_the_forty_promised_sheets_and_no_other(catalogue: Catalogue) -> None:
    assert len(catalogue) == 40
    assert {indicator.id for indicator in catalogue} == {row[0] for row in promised()}


@pytest.mark.parametrize(("name", "direction", "audience", "kinds"), promised())
def test_a_sheet_says_who_sees_it_for_whom_it_is_and_what_a_rise_means(
    catalogue: Catalogue, name: str, direction: str, audience: str, kinds: set[str]
) -> None:
    sheet = catalogue[name]
    assert (sheet.direction.value, sheet.audience.value, set(sheet.kinds)) == (direction, audience, kinds)


@pytest.mark.parametrize("family", MEMBERS)
def test_a_family_is_complete_and_in_the_order_of_the_board(catalogue: Catalogue, family: str) -> None:
    assert [sheet.id for sheet in catalogue if sheet.family == family] == MEMBERS[family].split()


def test_families_come_in_the_order_of_the_board_and_none_is_empty(catalogue: Catalogue) -> None:
    assert list(dict.fromkeys(sheet.family for sheet in catalogue)) == list(FAMILIES)


def test_a_sheet_is_a_file_named_by_its_id_in_the_folder_of_its_family(catalogue: Catalogue) -> None:
    assert all((FOLDER / sheet.family / f"{sheet.id}.toml").is_file() for sheet in catalogue)
    assert len(list(FOLDER.rglob("*.toml"))) == len(catalogue)


def test_no_two_sheets_of_a_family_fight_for_the_same_place(catalogue: Catalogue) -> None:
    assert len({(sheet.family, sheet.order) for sheet in catalogue}) == len(catalogue)


def test_no_label_names_two_indicators(catalogue: Catalogue) -> None:
    for language in ("fr", "en"):
        assert len({sheet.label(language) for sheet in catalogue}) == len(catalogue)
        assert len({sheet.short(language) for sheet in catalogue}) == len(catalogue)


def test_every_text_is_in_french_and_in_english(catalogue: Catalogue) -> None:
    found = [pair for sheet in catalogue for pair in texts(sheet, sheet.id)]
    assert len(found) > 9 * len(catalogue)
    assert [where for where, words in found if not words.fr.strip() or not words.en.strip()] == []


def test_every_label_is_also_in_dutch(catalogue: Catalogue) -> None:
    assert [sheet.id for sheet in catalogue if not sheet.label.nl] == []


def test_dutch_falls_back_on_english() -> None:
    assert LocalizedText(fr="un", en="one")("nl") == "one"
    assert LocalizedText(fr="un", en="one", nl="een")("nl") == "een"


def test_french_texts_follow_french_typography(catalogue: Catalogue) -> None:
    found = [pair for sheet in catalogue for pair in texts(sheet, sheet.id)]
    assert [(where, badly_spaced(words.fr)) for where, words in found if badly_spaced(words.fr)] == []
    assert [where for where, words in found if re.search(r"['\"]|\.\.\.", words.fr)] == []


def test_the_check_of_french_typography_sees_what_it_must() -> None:
    for wrong in ("fin :", "quoi ?", "non !", "un ; deux", "« un\u00a0»", "«\u00a0un »", "12 %", "12%", "quoi?", "un»"):
        assert badly_spaced(wrong), wrong
    narrow = ("quoi\u202f?", "12\u202f%", "«\u202fun\u202f»")
    for right in ("fin\u00a0:", "«\u00a0un\u00a0»", "12\u00a0%", "région:normandie", "09:30", *narrow):
        assert not badly_spaced(right), right


def test_english_texts_put_no_space_before_a_percent_sign(catalogue: Catalogue) -> None:
    found = [pair for sheet in catalogue for pair in texts(sheet, sheet.id)]
    assert [where for where, words in found if re.search(r"\d\s%", words.en)] == []


def test_a_derived_indicator_names_its_question_and_only_six_are(catalogue: Catalogue) -> None:
    derived = {sheet.id for sheet in catalogue if sheet.source == "derived"}
    assert derived == {
        "action_effectiveness_rate",
        "action_on_time_rate",
        "corrective_preventive_actions_total",
        "pathway_employee_event_share",
        "priority_action_completion_rate",
        "psve_actions",
    }
    assert all((sheet.question is not None) == (sheet.id in derived) for sheet in catalogue)


def test_what_people_deposit_each_quarter_is_collected_each_quarter(catalogue: Catalogue) -> None:
    quarterly = {sheet.id for sheet in catalogue if sheet.frequency is Frequency.QUARTER}
    assert quarterly >= {
        "dynamic_exit_rate", "durable_job_exit_rate", "transition_job_exit_rate", "positive_exit_rate",
        "undocumented_exit_rate", "permanent_contract_share", "absenteeism_rate", "productive_hours_ratio",
        "fte_realised", "contracted_fte_rate", "psve_actions", "corrective_preventive_actions_total",
        "action_on_time_rate", "action_effectiveness_rate", "priority_action_completion_rate",
    }  # fmt: skip
    assert {s.id for s in catalogue if s.frequency is Frequency.SCHOOL_YEAR} == {
        "pupil_absenteeism_rate",
        "pupil_lost_hours",
        "serious_sanctions",
    }


def test_dynamic_exits_are_the_sum_of_three_categories_and_nothing_else_is_a_sum(catalogue: Catalogue) -> None:
    parts = ("durable_job_exit_rate", "transition_job_exit_rate", "positive_exit_rate")
    assert catalogue.sums == {"dynamic_exit_rate": parts}


def test_the_terms_of_a_sum_are_linked_whichever_is_asked_for(catalogue: Catalogue) -> None:
    linked = ["dynamic_exit_rate", *catalogue.sums["dynamic_exit_rate"]]
    assert catalogue.with_linked(["positive_exit_rate"]) == linked
    assert catalogue.with_linked(["women_share", "dynamic_exit_rate"]) == [*linked, "women_share"]
    assert catalogue.with_linked(["women_share"]) == ["women_share"]


def test_only_a_part_of_a_whole_is_capped_by_it(catalogue: Catalogue) -> None:
    assert catalogue["dynamic_exit_rate"].is_capped
    assert not catalogue["contracted_fte_rate"].is_capped
    assert not catalogue["psve_actions"].is_capped


def test_a_rate_about_people_leaving_needs_twenty_of_them_in_public(catalogue: Catalogue) -> None:
    outcomes = [
        sheet
        for sheet in catalogue
        if sheet.family == "insertion" and sheet.audience is Audience.PUBLIC and sheet.counted_in == "people"
    ]
    assert len(outcomes) == 7
    assert {sheet.disclosure.minimum_denominator for sheet in outcomes} == {20}


def test_all_permanent_contracts_may_be_shown_and_none_of_them_may_not(catalogue: Catalogue) -> None:
    assert catalogue["permanent_contract_share"].disclosure.shown_extremes == ("full",)


def test_the_floors_of_2008_are_history_and_no_other_target_is_official(catalogue: Catalogue) -> None:
    official = {
        sheet.id: [(t.value, t.status, t.starts.year) for t in sheet.targets] for sheet in catalogue if sheet.targets
    }
    assert official == {
        "dynamic_exit_rate": [(60.0, "historic", 2008)],
        "durable_job_exit_rate": [(25.0, "historic", 2008)],
    }


def test_a_sheet_is_to_be_reviewed_after_it_came_into_force(catalogue: Catalogue) -> None:
    assert all(sheet.valid_from < sheet.next_review for sheet in catalogue)


# Who sees what


def test_each_audience_sees_what_the_ones_before_it_see(catalogue: Catalogue) -> None:
    public, network, management = (
        {sheet.id for sheet in catalogue.visible_to(audience)}
        for audience in (Audience.PUBLIC, Audience.NETWORK, Audience.MANAGEMENT)
    )
    assert public == {name for name, _, audience, _ in promised() if audience == "public"}
    assert network - public == {"self_assessment_score"}
    assert len(management) == 40
    assert public < network < management


def test_an_indicator_for_all_kinds_applies_to_each_and_another_only_to_its_own(catalogue: Catalogue) -> None:
    assert catalogue["women_share"].applies_to("ECO")
    assert catalogue["serious_sanctions"].applies_to("ECO")
    assert not catalogue["serious_sanctions"].applies_to("ACI")


def test_an_indicator_that_does_not_exist_is_named(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownError, match="unknown indicator: taux_de_bonheur"):
        catalogue["taux_de_bonheur"]


# What is refused, with the file and the key


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


BROKEN: list[tuple[str, Callable[[str], str], str]] = [
    ("an unknown key", replaced("order = 10", 'order = 10\ncolour = "red"'), "colour"),
    ("an unknown key in a table", replaced("[disclosure]", "[disclosure]\nsecret = 1"), "disclosure.secret"),
    ("an unknown language", replaced("[label]", '[label]\nde = "Dynamische Austritte"'), "label.de"),
    ("a missing key", replaced('unit = "%"\n', ""), "unit"),
    ("a missing text", replaced('en = "Dynamic exits"\n', ""), "short.en"),
    ("an empty text", replaced('en = "Dynamic exits"', 'en = ""'), "short.en"),
    ("a short label too long for a tile", replaced('"Dynamic exits"', f'"{"x" * 29}"'), "short.en"),
    ("an audience that does not exist", replaced('"public"', '"everybody"'), "audience"),
    ("a direction that does not exist", replaced('"up"', '"higher"'), "direction"),
    ("an aggregation that does not exist", replaced('"ratio"', '"mean"'), "aggregation"),
    ("a kind that does not exist", replaced('"ACI"', '"EFT"'), "kinds"),
    ("no kind at all", replaced('["ACI", "AI", "EI", "ETTI"]', "[]"), "kinds"),
    ("a scale of nothing", replaced("scale = 100", "scale = 0"), "scale"),
    ("a range of one bound", replaced("[0, 100]", "[0]"), "range"),
    ("a version that is no version", replaced('"1.0.0"', '"1.0"'), "version"),
    ("a derived indicator without its question", replaced('"reported"', '"derived"'), "question"),
    ("a question of a reported indicator", replaced("scale = 100", 'scale = 100\nquestion = "x"'), "question"),
    ("a quarterly indicator without its yearly rule", replaced('yearly = "sum_of_quarters"\n', ""), "yearly"),
    ("a yearly rule of a yearly indicator", replaced('"quarter"', '"year"'), "yearly"),
    (
        "a cohort complete at once",
        replaced("order = 10", "order = 10\ncomplete_after_months = 0"),
        "complete_after_months",
    ),
    (
        "a cohort followed for a time unsaid",
        replaced("order = 10", 'order = 10\ncomplete_after_months = "x"'),
        "complete",
    ),
    ("no cohort at all", replaced("[parameters]", "[parameters]\npooled_cohorts = 0"), "pooled_cohorts"),
    ("half a cohort", replaced("[parameters]", "[parameters]\npooled_cohorts = 1.5"), "pooled_cohorts"),
    (
        "a negative smallest denominator",
        replaced("_denominator = 20", "_denominator = -1"),
        "disclosure.minimum_denominator",
    ),
    ("a target without an end or a start", replaced("from = 2008-12-10\n", ""), "targets.0.from"),
    ("the id written inside", replaced("order = 10", 'order = 10\nid = "dynamic"'), "id"),
    ("a sum of what does not exist", replaced('"positive_exit_rate"', '"happy_exit_rate"'), "happy_exit_rate"),
    ("two values for one key", replaced("order = 10", "order = 10\norder = 20"), ""),
    ("a value without quotes", replaced('"up"', "up"), ""),
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A catalogue of its own, with the four sheets of the exits."""
    folder = tmp_path / "catalogue"
    (folder / "insertion").mkdir(parents=True)
    for name in ("dynamic", "durable_job", "transition_job", "positive"):
        shutil.copy(FOLDER / "insertion" / f"{name}_exit_rate.toml", folder / "insertion")
    return folder


@pytest.mark.parametrize(("change", "key"), [pytest.param(c, k, id=n) for n, c, k in BROKEN])
def test_a_broken_sheet_is_refused_naming_its_file_and_its_key(
    copy: Path, change: Callable[[str], str], key: str
) -> None:
    path = copy / "insertion" / "dynamic_exit_rate.toml"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(CatalogueError) as refused:
        read_catalogue(copy)
    assert str(path) in str(refused.value)
    assert key in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_family_that_does_not_exist_is_refused_naming_it(copy: Path) -> None:
    (copy / "insertion").rename(copy / "happiness")
    with pytest.raises(CatalogueError, match=r"happiness/.*\.toml: .*family"):
        read_catalogue(copy)


def test_a_file_whose_name_is_no_id_is_refused_naming_it(copy: Path) -> None:
    (copy / "insertion" / "positive_exit_rate.toml").rename(copy / "insertion" / "Positive exits.toml")
    with pytest.raises(CatalogueError, match=r"Positive exits\.toml: id"):
        read_catalogue(copy)


def test_an_indicator_in_two_families_is_refused(copy: Path) -> None:
    (copy / "people").mkdir()
    shutil.copy(copy / "insertion" / "positive_exit_rate.toml", copy / "people")
    with pytest.raises(CatalogueError, match="two families"):
        read_catalogue(copy)


def test_a_sheet_in_another_encoding_is_refused_naming_it(copy: Path) -> None:
    path = copy / "insertion" / "positive_exit_rate.toml"
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp1252", errors="replace"))
    with pytest.raises(CatalogueError, match=r"positive_exit_rate\.toml"):
        read_catalogue(copy)


def test_a_catalogue_without_a_sheet_is_refused_naming_its_folder(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=re.escape(str(tmp_path))):
        read_catalogue(tmp_path)


def test_a_sheet_cannot_be_changed_once_read(catalogue: Catalogue) -> None:
    sheet: Indicator = catalogue["dynamic_exit_rate"]
    with pytest.raises(ValueError, match="frozen"):
        sheet.scale = 1.0


def test_the_digest_of_a_catalogue_changes_with_any_word_of_it(copy: Path) -> None:
    before = read_catalogue(copy).digest
    path = copy / "insertion" / "positive_exit_rate.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# relu en 2026\n", encoding="utf-8")
    assert read_catalogue(copy).digest != before
    assert read_catalogue(FOLDER).digest == read_catalogue(FOLDER).digest


def test_a_range_may_have_no_upper_bound() -> None:
    assert read_indicator(FOLDER / "insertion" / "average_pathway_months.toml").range == (0, inf)


def test_a_catalogue_error_is_one_of_ours() -> None:
    assert issubclass(CatalogueError, PilotageError)


@pytest.mark.parametrize("key", ["stated_rates_until = 2013", "shown_complement = true"])
def test_what_protects_people_less_is_refused_on_a_sheet_that_is_not_about_them(tmp_path: Path, key: str) -> None:
    sheet = (FOLDER / "participation" / "board_employee_seat_share.toml").read_text(encoding="utf-8")
    path = tmp_path / "participation" / "board_employee_seat_share.toml"
    path.parent.mkdir()
    path.write_text(sheet.replace("[disclosure]", f"[disclosure]\n{key}"), encoding="utf-8")
    with pytest.raises(CatalogueError, match="only with subject = people"):
        read_indicator(path)


def test_the_sheets_that_protect_people_less_are_named_one_by_one(catalogue: Catalogue) -> None:
    assert {sheet.id for sheet in catalogue if sheet.disclosure.shown_complement} == {"client_satisfaction_rate"}
    assert {sheet.id for sheet in catalogue if sheet.disclosure.stated_rates_until} == {
        "cisp_job_exit_rate",
        "cisp_training_exit_rate",
        "permanent_contract_share",
    }
