"""Rules between rows, with the store and with the calendar: what breaks them, what does not, what is said."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest

from indicators.intake.rules import against_store as stored_rules
from indicators.intake.rules import rule as telling
from indicators.intake.validate import ValidationResult, Verdict
from indicators.network import Network
from schemas.findings import Severity
from tests.builders import (
    ACTIONS,
    MEASURES,
    PARTICIPATION,
    TARGETS,
    TERNOISE,
    TODAY,
    action,
    codes,
    examine,
    findings_of,
    measure,
    measures,
    occasion,
    stored,
    table,
)
from tests.conftest import sample

ATELIER, REGIE = "atelier-ternoise", "regie-ternoise"
EXITS = ("durable_job_exit_rate", "transition_job_exit_rate", "positive_exit_rate")


def row(indicator: str = "dynamic_exit_rate", *cells: object, period: str = "2026-T1", **other: Any) -> str:
    return measure(other.pop("structure", ATELIER), period, indicator, *cells, **other)


@pytest.fixture
def ready(directory_network: Network) -> Network:
    return directory_network


def severity_and_place(found: ValidationResult, code: str) -> list[tuple[Severity, int | None, str | None]]:
    return [(finding.severity, finding.row, finding.column) for finding in findings_of(found, code)]


# X02: what happened to a stated rate


@pytest.mark.parametrize(
    ("numerator", "denominator", "stated", "guess"),
    [
        (58, 96, "6,04", "comma"),
        (58, 96, "604", "comma"),
        (58, 96, "0,604", "share"),
        (58, 96, "0,60", "share"),
        (58, 96, "52,0", "none"),
        (58, 96, "1", "none"),
        (58, 96, "165,5", "swapped"),
        (58, 96, "0", "none"),
    ],
)
def test_what_happened_to_a_rate_is_guessed(
    directory: Network, numerator: int, denominator: int, stated: str, guess: str
) -> None:
    found = findings_of(examine(directory, measures(row("dynamic_exit_rate", numerator, denominator, stated))), "X02")
    assert [(f.severity, f.suggestion, f.values["guess"]) for f in found] == [(Severity.CONFIRM, "60,4", guess)]


def test_a_share_is_only_guessed_where_a_percentage_is_meant(directory: Network) -> None:
    found = findings_of(
        examine(directory, measures(row("average_pathway_months", 720, 60, "0,12", period="2025"))), "X02"
    )
    assert [finding.values["guess"] for finding in found] == ["comma"]


# X05: one population, one denominator


def test_indicators_of_one_population_have_one_denominator(directory: Network) -> None:
    found = examine(directory, measures(*(row(name, 11, 60) for name in EXITS), row("dynamic_exit_rate", 33, 61)))
    assert severity_and_place(found, "X05") == [(Severity.CONFIRM, 5, "E")]
    values = findings_of(found, "X05")[0].values
    assert (values["own"], values["wanted"], values["indicator"], values["other"]) == (61, 60, EXITS[0], 2)


def test_of_two_denominators_the_one_stated_first_is_taken_for_right(directory: Network) -> None:
    found = examine(directory, measures(row(EXITS[0], 11, 60), row(EXITS[1], 11, 61)))
    assert severity_and_place(found, "X05") == [(Severity.CONFIRM, 3, "E")]


@pytest.mark.parametrize(
    "other",
    [
        row(EXITS[1], 11, 61, structure=REGIE),
        row(EXITS[1], 11, 61, period="2025-T4"),
        row(EXITS[1], 11, 61, segment="sexe=F"),
        row("absenteeism_rate", 11, 61),
        row(EXITS[1], "NC", 61),
    ],
)
def test_other_structures_periods_segments_and_populations_may_differ(directory: Network, other: str) -> None:
    assert "X05" not in codes(examine(directory, measures(row(EXITS[0], 11, 60), other)))


def test_every_population_is_declared_by_at_least_two_sheets_that_share_a_period(directory: Network) -> None:
    declared = [(sheet.population, sheet.frequency) for sheet in directory.catalogue if sheet.population]
    assert {population for population, _ in declared} == {"leavers", "in_pathway"}
    assert all(declared.count(pair) >= 2 for pair in declared)
    assert all(sheet.denominator_required for sheet in directory.catalogue if sheet.population)


# C05: units


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            row("fte_realised", "1505 h", "1820 h"),
            [("C05", "corrected", "D", "1505"), ("C05", "corrected", "E", "1820")],
        ),
        (row("fte_realised", "1505 €", 1820), [("C03", "blocking", "D", "1505")]),
        (row("fte_realised", "12 %", 1820), [("C03", "blocking", "D", "12")]),
        (row("dynamic_exit_rate", "33 %", 60), [("C03", "blocking", "D", "33")]),
        (
            row("public_aid_share", "1 200 €", "4 800 €", period="2025"),
            [("C05", "corrected", "D", "1 200"), ("C05", "corrected", "E", "4 800")],
        ),
        (row("work_accident_frequency", 2, "62 000 h", period="2025"), [("C05", "corrected", "E", "62 000")]),
        (row("fte_realised", "1h30", 1820), [("C05", "corrected", "D", "1,5")]),
        (row("fte_realised", "12.5 h", 1820), [("C05", "corrected", "D", "12,5")]),
        (row("public_aid_share", "€ 1 200", 4800, period="2025"), [("C05", "corrected", "D", "1200")]),
        (row("dynamic_exit_rate", value="12,5 %"), [("C05", "corrected", "F", "12,5")]),
        (row("dynamic_exit_rate", value="0,125"), [("C05", "confirm", "F", "12,5 %")]),
        (row("dynamic_exit_rate", value="1,0"), []),
        (row("fte_per_contract", value="0,8", structure="aide-valbrune", period="2026"), []),
    ],
)
def test_a_unit_is_read_where_the_indicator_counts_in_it(
    directory: Network, written: str, expected: list[tuple[str, ...]]
) -> None:
    found = examine(directory, measures(written), today=date(2027, 2, 1))
    assert [(f.code, f.severity.value, f.column, f.suggestion) for f in found.findings] == expected


def test_hours_of_an_occasion_and_percentages_of_a_target_may_be_written(directory: Network) -> None:
    held = table(PARTICIPATION, occasion("PA-1", "2026-01-10", "12 h").replace("1,5", "1,5 h"))
    found = examine(directory, held)
    assert [(f.code, f.column, f.suggestion) for f in found.findings] == [("C03", "G", "12"), ("C05", "I", "1,5")]
    goals = table(
        TARGETS,
        "reseau;dynamic_exit_rate;2026-T1;;60 %;interne;",
        "reseau;fte_realised;2026-T1;;60 %;interne;",
    )
    assert [(f.code, f.row) for f in examine(directory, goals).findings] == [("C03", 3), ("C05", 2)]


# One cause a cell, and nothing lost in silence


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (row("dynamic_exit_rate", "NC", 20, "60"), [("C02", "blocking", "D")]),
        (row("dynamic_exit_rate", "s.o.", "", "60"), [("C02", "blocking", "D")]),
        (
            row("dynamic_exit_rate", "NC", "NC", "NC"),
            [("C02", "info", "D"), ("C02", "info", "E"), ("C02", "info", "F")],
        ),
        (row("dynamic_exit_rate", "NC", "", ""), [("C02", "info", "D")]),
        (row("dynamic_exit_rate", 12, "NC", ""), [("C02", "blocking", "E")]),
        (row("dynamic_exit_rate", "12 h", -1), [("C03", "blocking", "D"), ("C06", "blocking", "E")]),
        (row("dynamic_exit_rate", "12,5", -1), [("C06", "blocking", "E"), ("C08", "blocking", "D")]),
        (row("dynamic_exit_rate", "61 h", 60), [("C03", "blocking", "D")]),
        (row("dynamic_exit_rate", 61, "60 h"), [("C03", "blocking", "E")]),
        (row("dynamic_exit_rate", 33, 60, "6 h"), [("C03", "blocking", "F")]),
    ],
)
def test_a_cell_is_told_once_for_what_is_wrong_with_it(
    directory: Network, written: str, expected: list[tuple[str, ...]]
) -> None:
    found = examine(directory, measures(written))
    assert [(f.code, f.severity.value, f.column) for f in found.findings] == expected


def test_absences_are_counted_apart_by_what_they_are_in_their_rows(directory: Network) -> None:
    lines = [row("dynamic_exit_rate", *counts, segment=f"equipe={n}") for n in range(60) for counts in ((12, "NC"),)]
    lines += [row("dynamic_exit_rate", "NC", "NC", segment=f"groupe={n}") for n in range(70)]
    found = [f for f in findings_of(examine(directory, measures(*lines)), "C02") if f.column == "E"]
    assert {(f.severity.value, f.count) for f in found} == {("blocking", 60), ("info", 70)}
    assert len({f.row for f in found}) == len(found) == 100


def test_an_action_closed_without_a_verdict_is_told_even_where_the_column_was_left_out(directory: Network) -> None:
    header = "structure;reference;genre;action;ouverte_le;statut"
    closed = f"{ATELIER};AC-1;corrective;Réimprimer le livret;2026-01-10;close"
    found = examine(directory, table(header, closed, closed.replace("AC-1", "AC-2").replace("close", "ouverte")))
    missing = [(f.code, f.severity, f.row, f.column, f.values["header"]) for f in found.findings]
    headers = ("efficacite", "verifiee_le", "critere")
    assert missing == [("C01", Severity.BLOCKING, 2, None, header) for header in headers]
    assert found.verdict is Verdict.REFUSED


# X03: sums, against the naive twin


@pytest.mark.parametrize("counts", sample(itertools.product((31, 33, 35), (11, 12), (11,), (11, 12)), 2))
def test_a_total_is_the_sum_of_its_parts_and_of_nothing_less(directory: Network, counts: tuple[int, ...]) -> None:
    total, *parts = counts
    rows = [row("dynamic_exit_rate", total, 60), *(row(name, n, 60) for name, n in zip(EXITS, parts, strict=True))]
    found = findings_of(examine(directory, measures(*rows)), "X03")
    assert bool(found) is (total != sum(parts))
    assert [(f.row, f.column, f.values["parts"]) for f in found] == [(2, "D", sum(parts))] * bool(found)
    assert "X03" not in codes(examine(directory, measures(*rows[:3]))), "a part is not there"
    twice = examine(directory, measures(*rows, rows[1]))
    assert (("X03" in codes(twice)), ("R07" in codes(twice))) == (bool(found), True)


# B07: the quarter before, again


def quarter(period: str, *counts: int, structure: str = ATELIER) -> list[str]:
    names = (*EXITS, "absenteeism_rate")
    return [row(name, n, 900, period=period, structure=structure) for name, n in zip(names, counts, strict=False)]


def test_all_the_values_of_the_quarter_before_are_asked_about_once_a_structure(ready: Network) -> None:
    both = (*quarter("2025-T4", 11, 12, 13, 14), *quarter("2025-T4", 21, 22, 23, 24, structure=REGIE))
    stored(ready, measures(*both))
    again = [line.replace("2025-T4", "2026-T1") for line in both]
    found = examine(ready, measures(*again))
    assert severity_and_place(found, "B07") == [(Severity.CONFIRM, 2, "B"), (Severity.CONFIRM, 6, "B")]
    assert [f.values["structure"] for f in findings_of(found, "B07")] == [ATELIER, REGIE]
    assert [f.values["wanted"] for f in findings_of(found, "B07")] == ["2025-T4"] * 2
    one_changed = examine(ready, measures(*again[:3], again[3].replace("14;", "15;"), *again[4:]))
    assert [f.row for f in findings_of(one_changed, "B07")] == [6]


def test_two_values_alike_are_no_sign_nor_are_those_of_a_year_ago(ready: Network) -> None:
    stored(ready, measures(*quarter("2025-T4", 11, 12), *quarter("2025-T1", 11, 12, 13, 14)))
    assert "B07" not in codes(examine(ready, measures(*quarter("2026-T1", 11, 12))))
    assert "B07" not in codes(examine(ready, measures(*quarter("2026-T1", 11, 12, 13, 14))))


def test_a_file_may_repeat_its_own_quarter(ready: Network) -> None:
    found = examine(ready, measures(*quarter("2026-T1", 11, 12, 13), *quarter("2026-T2", 11, 12, 13)))
    assert [f.row for f in findings_of(found, "B07")] == [5]


# B04, X04


def test_b04_gives_both_values_and_the_true_count(ready: Network) -> None:
    stored(ready, measures(*quarter("2026-T1", 11, 12, 13, 14), row("pupil_lost_hours", 9, structure="ecole-valbrune",
        period="2024-2025")))  # fmt: skip
    found = examine(ready, measures(*quarter("2026-T1", 11, 15, 16, 14)))
    assert severity_and_place(found, "B04") == [(Severity.CONFIRM, 3, "D"), (Severity.CONFIRM, 4, "D")]
    first = findings_of(found, "B04")[0]
    facts = [first.values[name] for name in ("former", "former_denominator", "now", "now_denominator")]
    assert (first.count, facts) == (2, [12, 900, 15, 900])
    taken_back = examine(ready, measures(row(EXITS[0], "NC")))
    assert severity_and_place(taken_back, "B04") == [(Severity.CONFIRM, 2, "D")], "a value that is taken back"


def test_x04_expects_what_was_delivered_before_and_is_not_there_yet(ready: Network) -> None:
    stored(ready, measures(*quarter("2025-T4", 11, 12, 13, 14)))
    one = measures(*quarter("2026-T1", 15))
    found = findings_of(examine(ready, one, period="2026-T1", structure=ATELIER), "X04")
    assert sorted(f.suggestion or "" for f in found) == sorted([*EXITS[1:], "absenteeism_rate"])
    assert {(f.severity, f.row, f.count) for f in found} == {(Severity.CONFIRM, None, 3)}
    stored(ready, one)
    rest = measures(row("fte_realised", 1_000, 400))
    wanted = findings_of(examine(ready, rest, period="2026-T1", structure=ATELIER), "X04")
    assert EXITS[0] not in {f.suggestion for f in wanted}, "another file brought it"
    for_all = findings_of(examine(ready, rest, period="2026-T1"), "X04")
    assert {f.values["structure"] for f in for_all} == {ATELIER}
    assert "X04" not in codes(examine(ready, rest))


def test_x04_expects_a_yearly_figure_when_its_year_ends(ready: Network) -> None:
    stored(ready, measures(row("women_share", 50, 120, period="2024")))
    some = measures(*quarter("2025-T4", 15))
    assert [f.suggestion for f in findings_of(examine(ready, some, period="2025-T4", structure=ATELIER), "X04")] == [
        "women_share"
    ]
    some = measures(*quarter("2026-T1", 15))
    assert "X04" not in codes(examine(ready, some, period="2026-T1", structure=ATELIER))


# X06


def test_dates_of_the_registers_are_held_against_the_calendar(directory: Network) -> None:
    held = table(PARTICIPATION, occasion("PA-1", "2026-01-10", 12), occasion("PA-2", "2025-12-31", 12))
    found = examine(directory, held, period="2026-T1", structure=ATELIER)
    assert severity_and_place(found, "X06") == [(Severity.CONFIRM, 3, "C")]
    assert findings_of(found, "X06")[0].values["wanted"] == "2026-T1"
    assert examine(directory, held).findings == ()
    to_come = table(ACTIONS, action("A-1", opened="2026-12-24"), action("A-2", opened="2026-03-01", done="2026-02-01"))
    found = findings_of(examine(directory, to_come), "X06")
    assert [(f.row, f.header) for f in found] == [(2, "ouverte_le"), (3, "faite_le")]
    assert found[0].values["today"] == str(TODAY)


# R07, R08: keys as they were read


def test_a_structure_named_once_by_its_number_and_once_by_its_code_is_the_same(directory: Network) -> None:
    same = row("dynamic_exit_rate", 33, 60)
    found = examine(directory, measures(same, row("dynamic_exit_rate", 33, 60, structure=TERNOISE)))
    assert [(f.row, f.values["other"]) for f in findings_of(found, "R07")] == [(3, 2)]
    assert (found.verdict, found.rows_accepted) == (Verdict.ACCEPTED, 1)
    against = examine(directory, measures(same, row("dynamic_exit_rate", 34, 60, structure=TERNOISE)))
    assert [(f.row, f.values["other"]) for f in findings_of(against, "R08")] == [(3, 2)]


def test_the_default_segment_written_or_not_is_the_same_and_so_is_a_period_written_otherwise(
    directory: Network,
) -> None:
    rows = (row("dynamic_exit_rate", 33, 60), row("dynamic_exit_rate", "33,0", 60, segment="", period="T1 2026"))
    assert [f.row for f in findings_of(examine(directory, measures(*rows)), "R07")] == [3]


def test_duplicates_agree_with_a_twin_that_compares_every_pair(directory: Network) -> None:
    cells = itertools.product((ATELIER, REGIE), ("2026-T1", "2026-T2"), (33, 34), (60,))
    lines = [(s, p, n, d) for s, p, n, d in cells] + [(ATELIER, "2026-T1", 33, 60)] * 2
    found = examine(
        directory, measures(*(row("dynamic_exit_rate", n, d, structure=s, period=p) for s, p, n, d in lines))
    )
    first: dict[tuple[str, str], int] = {}
    same, other = [], []
    for place, (structure, period, *counts) in enumerate(lines):
        known = first.setdefault((structure, period), place)
        if known != place:
            (same if list(lines[known][2:]) == counts else other).append((place + 2, known + 2))
    assert [(f.row, f.values["other"]) for f in findings_of(found, "R07")] == same
    assert [(f.row, f.values["other"]) for f in findings_of(found, "R08")] == other


def test_keys_that_could_not_be_read_are_compared_by_what_they_say(directory: Network) -> None:
    unknown = row("dynamic_exit_rate", 33, 60, structure="inconnue")
    found = examine(directory, measures(unknown, unknown, row("dynamic_exit_rate", 33, 60, structure="autre-inconnue")))
    assert [f.row for f in findings_of(found, "R07")] == [3]


# Everything at once


def test_each_rule_of_a_row_tells_its_true_count_and_a_sample(directory: Network) -> None:
    lines = [row("dynamic_exit_rate", "33,5", 60, segment=f"equipe={n}") for n in range(120)]
    found = findings_of(examine(directory, measures(*lines)), "C08")
    assert (len(found), {f.count for f in found}) == (50, {120})
    assert [f.row for f in found] == list(range(2, 52))


def test_a_large_file_is_told_block_by_block_what_it_would_be_told_whole(
    ready: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [line for name in (ATELIER, REGIE) for line in quarter("2026-T1", 20, 6, 4, 10, structure=name)]
    stored(ready, measures(*before))
    lines = [line for name in (REGIE, ATELIER) for line in quarter("2026-T2", 20, 6, 4, 10, structure=name)]
    for name in (ATELIER, "nulle-part"):
        lines += [
            row("dynamic_exit_rate", 20, 40, structure=name),  # not the sum of what follows, and changed (X03, B04)
            *(row(part, 5, 41, structure=name) for part in EXITS),  # another population (X05)
            row("absenteeism_rate", 90, 60, "12,5", structure=name, period="2025-T4"),  # more than all (X01)
            row("absenteeism_rate", "33,5", 60, structure=name, period="2025-T3"),  # C08 where it counts heads
        ]
    whole = examine(ready, measures(*lines))
    assert {"X03", "X05", "B04", "B07", "I07"} <= set(codes(whole))
    monkeypatch.setattr(stored_rules, "STRUCTURE_BLOCK_ROWS", 3)
    monkeypatch.setattr(telling, "RULE_BLOCK_ROWS", 2)
    assert examine(ready, measures(*lines)).findings == whole.findings


def test_what_does_not_concern_a_structure_or_a_time_is_told_with_the_facts(directory: Network) -> None:
    school = examine(directory, measures(row("dynamic_exit_rate", 33, 60, structure="ecole-valbrune")))
    assert [(f.row, f.column, f.values["kind"]) for f in findings_of(school, "B06")] == [(2, "C", "ECO")]
    closed = examine(directory, measures(row("dynamic_exit_rate", 33, 60, structure="chantier-lorette")))
    assert [(f.row, f.values["closed"]) for f in findings_of(closed, "I09")] == [(2, "2024-12-31")]
    young = row("absenteeism_rate", 33, 600, structure="aide-valbrune", period="2025-T4")
    assert [f.values["opened"] for f in findings_of(examine(directory, measures(young)), "I09")] == ["2026-02-01"]
    elsewhere = examine(directory, measures(row("absenteeism_rate", 33, 600, structure=REGIE)), structure=ATELIER)
    assert [(f.row, f.values["own"]) for f in findings_of(elsewhere, "I08")] == [(2, ATELIER)]


def test_a_column_that_is_missing_is_told_once(directory: Network) -> None:
    without = table(MEASURES.replace(";denominateur", ""), f"{ATELIER};2026-T1;dynamic_exit_rate;33;;ensemble;")
    assert codes(examine(directory, without)) == ["H04"]


def test_today_decides_what_is_to_come(directory: Network) -> None:
    assert codes(examine(directory, measures(row("dynamic_exit_rate", 33, 60)), today=date(2026, 3, 31))) == ["B02"]
