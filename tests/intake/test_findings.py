"""Each thing that a file may be told today: where it is, what was typed, what is proposed, how often."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from indicators.intake.readers.sheet import MAX_FILE_BYTES
from indicators.intake.report import SAMPLE_SIZE
from indicators.intake.validate import ValidationResult, Verdict
from indicators.network import Network
from schemas.findings import SEVERITIES_BY_CODE
from tests.builders import (
    ACTIONS,
    DIRECTORY,
    MEASURES,
    PARTICIPATION,
    STRUCTURES,
    TARGETS,
    action,
    codes,
    examine,
    findings_of,
    measures,
    occasion,
    places,
    stored,
    structures,
    table,
)
from tests.intake.finding_cases import COMPLETE_CASES, EXITS, SOUND, B, C, I, R, row


def test_the_sound_row_of_these_tests_gets_nothing(directory: Network) -> None:
    assert examine(directory, measures(SOUND)).findings == ()


# What needs something in the store, or more than one file


def test_f05_a_file_too_large_is_refused_unread(directory: Network) -> None:
    found = examine(directory, bytes(MAX_FILE_BYTES + 1))
    assert codes(found) == ["F05"]
    assert dict(found.findings[0].values) == {"limit": 200, "of": "megabytes"}


def test_f11_the_very_same_file_is_recognised_with_its_date_and_its_depositor(directory_network: Network) -> None:
    receipt = stored(directory_network, measures(SOUND))
    (finding,) = examine(directory_network, measures(SOUND)).findings
    assert (finding.code, finding.severity) == ("F11", I)
    assert dict(finding.values) == {"date": f"{receipt.submitted_at:%Y-%m-%d}", "author": receipt.author}
    assert codes(examine(directory_network, measures(SOUND, ""))) == ["R04"], "one byte more is another file"


def test_b04_a_value_that_changes_is_listed_with_the_former_one(directory_network: Network) -> None:
    others = [row(name, 11, 60) for name, _ in EXITS]
    stored(directory_network, measures(row("dynamic_exit_rate", 33, 60), *others, row("absenteeism_rate", "NC")))
    found = examine(
        directory_network, measures(row("dynamic_exit_rate", 33, 61), *others, row("absenteeism_rate", 300, 3_000))
    )
    assert [(f.code, f.severity, f.row, f.column, f.value) for f in findings_of(found, "B04")] == [
        ("B04", C, 2, "D", "33"),
        ("B04", C, 6, "D", "300"),
    ]
    assert [f.count for f in findings_of(found, "B04")] == [2, 2]
    first, second = (dict(f.values) for f in findings_of(found, "B04"))
    assert (first["former"], first["former_denominator"]) == (33, 60)
    assert (second["former"], second["former_denominator"]) == (None, None)


def test_x04_what_was_delivered_for_the_period_before_is_expected_again(directory_network: Network) -> None:
    before = [row("dynamic_exit_rate", 33, 60, period="2025-T4"), row("absenteeism_rate", 9, 2_000, period="2025-T4")]
    stored(directory_network, measures(*before, row("undocumented_exit_rate", "NC", period="2025-T4")))
    found = examine(directory_network, measures(SOUND), period="2026-T1", structure="atelier-ternoise")
    assert [(f.code, f.severity, f.row, f.header, f.suggestion) for f in found.findings] == [
        ("X04", C, None, "indicateur", "absenteeism_rate")
    ]
    assert examine(directory_network, measures(SOUND)).findings == (), (
        "only where the page knows what is collected, and from whom"
    )


def test_every_code_has_a_case_that_states_all_of_its_finding_but_for_these() -> None:
    stated = {case.code for case in COMPLETE_CASES} | {"F05", "F11", "B04", "X04"}
    loose = "F07 F12 F13 F14 F15 F16 H03 H07 R09 C10 C11 C15 C21 I04 I10 X05 B03 B05 B07 B08 P01 P02 S01"
    assert set(SEVERITIES_BY_CODE) - stated == set(loose.split())


# Everything in one round


def test_everything_wrong_is_told_in_one_round(directory: Network) -> None:
    found = examine(
        directory,
        table(
            MEASURES.replace("commentaire", "Commentaires"),
            row("dynamic_exit_rate", "trente", 60),
            row("durable_exit", 12, 60),
            row("transition_job_exit_rate", 61, 60),
            row("positive_exit_rate", 9, 60, structure="nulle-part"),
            row("absenteeism_rate", -3, "1.200"),
            row("fte_realised", 1505, 1505, period="T9 2026"),
            row("undocumented_exit_rate", 3, "", period="2026-T4"),
            row("serious_sanctions", 7, comment="=1"),
            "",
            "Total;;;;;;;",
            row("contracted_fte_rate", 20, 20, "100 %"),
        ),
    )
    expected = "B01 B02 B06 C01 C03 C04 C05 C06 C09 C13 C18 H08 I07 R03 R05 X01"
    assert codes(found) == expected.split()
    assert found.verdict is Verdict.REFUSED


def test_a_row_with_a_cell_too_many_does_not_hide_what_is_wrong_in_the_others(directory: Network) -> None:
    found = examine(directory, measures(f"{SOUND};x", row("durable_job_exit_rate", "douze", 60)))
    assert codes(found) == ["C03", "R01"]


def test_a_missing_column_does_not_hide_what_is_wrong_in_the_others(directory: Network) -> None:
    lines = [MEASURES, SOUND, row("durable_job_exit_rate", "douze", 60)]
    found = examine(directory, table(*(";".join(line.split(";")[:2] + line.split(";")[3:]) for line in lines)))
    assert codes(found) == ["C03", "H04"]


def test_a_cell_told_unreadable_is_not_told_empty_as_well(directory: Network) -> None:
    found = examine(directory, measures(row("durable_exit", "douze", "soixante", period="T9")))
    assert codes(found) == ["C03", "C09", "C13"]
    assert len(found.findings) == 4


def test_an_absence_does_not_hide_the_other_errors_of_its_column(directory: Network) -> None:
    rows = [row(name, text, 60) for (name, _), text in zip(EXITS, ("NC", "douze", "-1"), strict=True)]
    found = examine(directory, measures(*rows))
    assert [(f.code, f.row) for f in found.findings] == [("C03", 3), ("C06", 4), ("C02", 2)]


def test_the_gravest_come_first_then_the_rows(directory: Network) -> None:
    found = examine(
        directory,
        measures(
            row("durable_job_exit_rate", "NC"),
            row("dynamic_exit_rate", 33, 60, "52,0"),
            row("transition_job_exit_rate", " 12", 60),
            row("positive_exit_rate", "neuf", 60),
            row("absenteeism_rate", "zéro", 60),
        ),
    )
    assert [(f.severity, f.row) for f in found.findings] == [(B, 5), (B, 6), (C, 3), (R, 4), (I, 2)]


def test_a_cause_that_fills_a_column_is_told_with_its_true_count_and_a_sample_of_its_rows(directory: Network) -> None:
    rows = [
        row("dynamic_exit_rate", "x", 60, period=f"{1900 + year}-T1") for year in range(100, 100 + SAMPLE_SIZE + 10)
    ]
    found = findings_of(examine(directory, measures(*rows)), "C03")
    assert len(found) == SAMPLE_SIZE
    assert {finding.count for finding in found} == {SAMPLE_SIZE + 10}
    assert [finding.row for finding in found] == list(range(2, SAMPLE_SIZE + 2))
    assert len({finding.group for finding in found}) == 1


# Coordinates, as the person sees them


def test_blank_rows_are_counted_in_the_coordinates(directory: Network) -> None:
    wrong = row("durable_job_exit_rate", "douze", 60)
    found = examine(directory, measures("", SOUND, "", ";;;;;;;", wrong))
    assert places(findings_of(found, "C03")) == [(6, "D")]


def test_a_line_feed_inside_a_cell_does_not_add_a_row(directory: Network) -> None:
    first = row("dynamic_exit_rate", 33, 60, comment='"un\ndeux\r\ntrois;\nquatre"')
    found = examine(directory, measures(first, row("durable_job_exit_rate", "douze", 60)))
    assert places(findings_of(found, "C03")) == [(3, "D")]


def test_title_rows_are_counted_in_the_coordinates(directory: Network) -> None:
    found = examine(
        directory, table("Tableau de bord;;;;;;;", "", MEASURES, SOUND, row("durable_job_exit_rate", "douze", 60))
    )
    assert places(findings_of(found, "C03")) == [(5, "D")]
    assert findings_of(found, "H02")[0].count == 2


def test_columns_in_another_order_keep_their_own_letter_and_name(directory: Network) -> None:
    order = (5, 3, 0, 2, 1, 4)
    lines = (MEASURES.replace("numerateur", "Numérateur"), row("dynamic_exit_rate", "douze", 60, "x"))
    found = examine(directory, table(*(";".join(line.split(";")[place] for place in order) for line in lines)))
    assert [(f.column, f.header, f.value) for f in findings_of(found, "C03")] == [
        ("B", "Numérateur", "douze"),
        ("A", "valeur", "x"),
    ]


def test_a_column_after_the_twenty_sixth_has_two_letters(directory: Network) -> None:
    extra = ";".join(f"libre {number}" for number in range(26))
    found = examine(directory, table(f"{extra};{MEASURES}", f"{';' * 25};{SOUND.replace('33', 'x')}"))
    assert places(findings_of(found, "C03")) == [(2, "AD")]


def test_rows_read_and_rows_that_count_are_told(directory: Network) -> None:
    found = examine(directory, measures(SOUND, SOUND, row("durable_job_exit_rate", 12, 60), "Total;;;45;120;;;"))
    assert (found.rows_read, found.rows_accepted) == (4, 2)
    assert found.table is not None
    assert found.table["line"].to_list() == [2, 4]


# Cases at the edge, each of which a person has met


@pytest.mark.parametrize("space", [" ", "\u00a0", "   "])
def test_a_cell_of_spaces_is_an_empty_cell(directory: Network, space: str) -> None:
    empty = examine(directory, table(ACTIONS, action("A-1", due=space)))
    assert empty.verdict is Verdict.ACCEPTED, codes(empty)
    must_be_filled = examine(directory, table(ACTIONS, action(space)))
    assert codes(must_be_filled) == ["C01"]
    no_count = examine(directory, measures(row("dynamic_exit_rate", space, 60)))
    assert codes(no_count) == ["C01"]


def test_a_structure_called_ensemble_is_not_a_row_of_totals(directory: Network) -> None:
    found = examine(directory, structures("ensemble-vert;Ensemble vert (fictif);ACI;;normandie;;FR;;;;"))
    assert (found.rows_accepted, codes(found)) == (1, [])


def test_a_name_is_recognised_whichever_apostrophe_is_typed(network: Network) -> None:
    stored(network, structures("estran;Cordages de l’Estran (fictif);ACI;;normandie;;FR;;;;"))
    typed = row("dynamic_exit_rate", 33, 60, structure="Cordages de l'Estran (fictif)")
    found = examine(network, measures(typed))
    assert found.verdict is Verdict.ACCEPTED
    assert found.table is not None
    assert found.table["structure"].to_list() == ["estran"]


def test_a_cell_longer_than_a_page_is_too_long_and_not_a_failure(directory: Network) -> None:
    usual = csv.field_size_limit(131_072)
    try:
        found = examine(directory, measures(row("dynamic_exit_rate", 33, 60, comment="x" * 200_000)))
    finally:
        csv.field_size_limit(usual)
    assert codes(found) == ["C17"]


def test_a_rate_of_a_quarter_in_which_nobody_left_is_accepted(directory: Network) -> None:
    found = examine(directory, measures(row("dynamic_exit_rate", 0, 0)))
    assert found.verdict is Verdict.ACCEPTED


def test_a_yearly_figure_of_a_quarterly_indicator_may_be_the_years_own(directory: Network) -> None:
    assert examine(directory, measures(row("dynamic_exit_rate", 130, 240, period="2025"))).findings == ()


def test_a_school_reports_its_school_year_with_the_quarter_in_which_it_ends(directory: Network) -> None:
    lost = row("pupil_lost_hours", 1_200, period="2025-2026", structure="ecole-valbrune")
    assert examine(directory, measures(lost), period="2026-T3", structure="ecole-valbrune").findings == ()
    early = examine(directory, measures(lost), period="2026-T2", structure="ecole-valbrune")
    assert codes(early) == ["B01"]
    assert findings_of(early, "B01")[0].values["wanted"] == "2024-2025"


@pytest.mark.parametrize(
    ("day", "verdict"), [(date(2026, 3, 31), Verdict.REFUSED), (date(2026, 4, 1), Verdict.ACCEPTED)]
)
def test_a_period_can_be_deposited_from_the_day_after_its_last(directory: Network, day: date, verdict: Verdict) -> None:
    found = examine(directory, measures(SOUND), today=day)
    assert found.verdict is verdict
    assert codes(found) == (["B02"] if verdict is Verdict.REFUSED else [])


def test_an_absence_needs_no_denominator_and_says_which_absence_it_is(directory: Network) -> None:
    found = examine(directory, measures(row("dynamic_exit_rate", "NC"), row("absenteeism_rate", "s.o.", "s.o.")))
    assert found.verdict is Verdict.ACCEPTED
    assert found.table is not None
    assert found.table["absence"].to_list() == ["missing", "not_applicable"]
    assert found.table["numerator"].to_list() == [None, None]


def test_a_count_written_in_the_column_of_values_is_the_count(directory: Network) -> None:
    found = examine(directory, measures(row("corrective_preventive_actions_total", "", "", "1100", period="2026-T1")))
    assert found.findings == ()
    assert found.table is not None
    assert found.table["numerator"].to_list() == [1_100]


def test_every_kind_of_file_is_recognised_from_its_header_in_french_and_in_english(directory: Network) -> None:
    headers = {
        "measures": (MEASURES, "structure;period;indicator;numerator;denominator;value;segment;comment"),
        "structures": (
            STRUCTURES,
            "structure;name;kind;group;region;department;country;siret;bce;opened_on;closed_on",
        ),
        "actions": (
            ACTIONS,
            "structure;reference;kind;origin;process;axis;observation;cause;action;owner_role;opened_on;due_on;"
            "done_on;criterion;verified_on;effectiveness;status",
        ),
        "participation": (
            PARTICIPATION,
            "structure;reference;held_on;form;theme;invited;present;in_pathway;hours",
        ),
        "cibles": (TARGETS, "perimeter;indicator;starts;ends;value;origin;agreed_on"),
    }
    rows = {
        "measures": SOUND,
        "structures": DIRECTORY[0],
        "actions": action("A-1"),
        "participation": occasion("PA-1", "2026-01-10", 12),
        "cibles": "reseau;dynamic_exit_rate;2026-T1;;60;interne;",
    }
    for dataset, spellings in headers.items():
        for header in spellings:
            found: ValidationResult = examine(directory, table(header, rows[dataset]))
            assert (found.dataset, found.verdict, codes(found)) == (dataset, Verdict.ACCEPTED, [])


def test_an_examination_writes_nothing(directory: Network) -> None:
    with directory.snapshot() as before:
        version = before.version
    for content in (measures(SOUND), measures(SOUND, SOUND), structures(*DIRECTORY), b"%PDF-1.7"):
        examine(directory, content)
    with directory.snapshot() as after:
        assert after.version == version
