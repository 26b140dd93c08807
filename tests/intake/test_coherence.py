"""Measures held against each other and against what is in force: sums, years, segments, populations."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

from dashboards.wording.finding_messages import hint_sentence, message_sentence
from dashboards.wording.translations import load_translator
from indicators.intake.rules import against_store as stored_rules
from indicators.intake.validate import ValidationResult, Verdict
from indicators.network import Network
from schemas.findings import Severity
from tests.builders import codes, examine, findings_of, forced, measure, measures, stored, structure, structures
from tests.conftest import sample

ATELIER, REGIE = "atelier-ternoise", "regie-ternoise"
TOTAL = "dynamic_exit_rate"
PARTS = ("durable_job_exit_rate", "transition_job_exit_rate", "positive_exit_rate")
FR = load_translator("fr")


def row(indicator: str, *counts: object, period: str = "2026-T1", segment: str = "ensemble", **other: Any) -> str:
    return measure(other.pop("structure", ATELIER), period, indicator, *counts, segment=segment, **other)


def exits(total: int, *parts: int, leavers: int = 60, **where: Any) -> list[str]:
    """A total and its parts."""
    return [
        row(TOTAL, total, leavers, **where),
        *(row(n, c, leavers, **where) for n, c in zip(PARTS, parts, strict=True)),
    ]


def years(total: object, *quarters: int, indicator: str = "absenteeism_rate", of: int = 900) -> list[str]:
    """A year and some of its quarters, the first ones."""
    rows = [row(indicator, count, of, period=f"2025-T{number}") for number, count in enumerate(quarters, start=1)]
    return [*rows, *([row(indicator, total, 4 * of, period="2025")] if total != "" else [])]


@pytest.fixture
def ready(directory_network: Network) -> Network:
    return directory_network


def causes(found: ValidationResult, code: str = "X03") -> list[tuple[object, ...]]:
    return [(f.row, f.column, f.values.get("cause")) for f in findings_of(found, code)]


# Sums


def test_a_row_alone_that_contradicts_the_parts_in_force_is_refused_with_the_rows_to_send_along(ready: Network) -> None:
    stored(ready, measures(*exits(26, 12, 9, 5)))
    found = examine(ready, measures(row(TOTAL, 33, 60)))
    assert found.verdict is Verdict.REFUSED
    assert causes(found) == [(2, "D", "in_force")]
    (finding,) = findings_of(found, "X03")
    assert (finding.values["whole"], finding.values["parts"]) == (33, 26)
    sentence = message_sentence(finding, FR).replace("\u00a0", " ")
    assert sentence == (
        "Avec « 33 », dynamic_exit_rate compte 33 et ses parties font 26 (en vigueur : durable_job_exit_rate = 12"
        " · positive_exit_rate = 5 · transition_job_exit_rate = 9)."
    )
    assert all(name in hint_sentence(finding, FR) for name in PARTS)
    assert codes(examine(ready, measures(*exits(33, 15, 12, 6)))) == ["B04"], "sent together they are accepted"


def test_a_part_alone_that_contradicts_the_total_in_force_is_refused(ready: Network) -> None:
    stored(ready, measures(*exits(26, 12, 9, 5)))
    found = examine(ready, measures(row(PARTS[0], 14, 60)))
    assert causes(found) == [(2, "D", "in_force")]
    values = findings_of(found, "X03")[0].values
    assert (values["whole"], values["parts"], values["send"]) == (26, 28, f"{TOTAL} · {PARTS[2]} · {PARTS[1]}")


def test_a_total_that_was_in_force_and_is_said_to_be_absent_contradicts_nothing(ready: Network) -> None:
    stored(ready, measures(*exits(26, 12, 9, 5)))
    assert "X03" not in codes(examine(ready, measures(row(TOTAL, "NC", ""), row(PARTS[0], 14, 60))))


def test_a_total_is_at_least_the_sum_of_the_parts_that_are_there(ready: Network) -> None:
    found = examine(ready, measures(row(TOTAL, 20, 60), row(PARTS[0], 12, 60), row(PARTS[1], 9, 60)))
    assert causes(found) == [(2, "D", "above")]
    assert "X03" not in codes(examine(ready, measures(row(TOTAL, 21, 60), row(PARTS[0], 12, 60), row(PARTS[1], 9, 60))))


def test_what_contradicts_itself_in_the_store_is_not_the_fault_of_another_file(ready: Network) -> None:
    stored(ready, measures(*exits(26, 12, 9, 5)))
    other = measures(row("undocumented_exit_rate", 3, 60), row(TOTAL, 30, 60, structure=REGIE))
    assert "X03" not in codes(examine(ready, other))


# Years and their quarters


@pytest.mark.parametrize("sent", range(5))
def test_a_year_is_the_sum_of_its_four_quarters_whichever_of_them_is_sent(ready: Network, sent: int) -> None:
    right, wrong = years(100, 10, 20, 30, 40), years(101, 10, 20, 30, 40)
    assert causes(examine(ready, measures(*wrong))) == [(6, "D", "year")]
    assert "X03" not in codes(examine(ready, measures(*right)))
    forced(ready, measures(*(line for place, line in enumerate(wrong) if place != sent)))
    assert causes(examine(ready, measures(wrong[sent]))) == [(2, "D", "year_in_force")]


def test_a_quarter_that_contradicts_its_year_in_force_is_refused_with_what_is_in_force(ready: Network) -> None:
    stored(ready, measures(*years(100, 10, 20, 30, 40)))
    found = examine(ready, measures(row("absenteeism_rate", 25, 900, period="2025-T2")))
    assert causes(found) == [(2, "D", "year_in_force")]
    sentence = message_sentence(findings_of(found, "X03")[0], FR).replace("\u00a0", " ")
    assert "l’année 2025 compte 100 et ses trimestres font 105" in sentence
    assert "2025-T1 = 10 · 2025-T3 = 30 · 2025-T4 = 40" in sentence


def test_the_denominators_of_a_year_are_held_too(ready: Network) -> None:
    stored(ready, measures(*years(100, 10, 20, 30, 40)))
    found = examine(ready, measures(row("absenteeism_rate", 100, 3500, period="2025")))
    assert causes(found) == [(2, "E", "year_in_force")]


def test_a_year_is_at_least_the_sum_of_the_quarters_that_are_there(ready: Network) -> None:
    stored(ready, measures(*years("", 10, 20, 30)))
    assert causes(examine(ready, measures(row("absenteeism_rate", 59, 3600, period="2025")))) == [
        (2, "D", "year_above_in_force")
    ]
    assert "X03" not in codes(examine(ready, measures(row("absenteeism_rate", 100, 3600, period="2025"))))


def test_a_quarter_before_the_others_of_its_year_is_held_against_the_year(ready: Network) -> None:
    stored(ready, measures(row("absenteeism_rate", 59, 3600, period="2025")))
    found = examine(ready, measures(row("absenteeism_rate", 60, 900, period="2025-T1")))
    assert causes(found) == [(2, "D", "year_above_in_force")]


def test_the_year_of_what_there_is_at_the_end_of_a_period_is_its_last_quarter(ready: Network) -> None:
    def stock(count: int, period: str) -> str:
        return row("permanent_contract_share", count, 60, period=period, structure="ateliers-valbrune")

    stored(ready, structures(structure("ateliers-valbrune", "EIW", "be-liege")))
    stored(ready, measures(stock(40, "2025-T3"), stock(44, "2025-T4")))
    assert "X03" not in codes(examine(ready, measures(stock(44, "2025"))))
    assert causes(examine(ready, measures(stock(43, "2025")))) == [(2, "D", "year_in_force")]


def test_the_hours_of_one_full_time_are_not_added_up_over_a_year(ready: Network) -> None:
    rows = [row("fte_realised", 5000, 1820, period=f"2025-T{number}") for number in range(1, 5)]
    stored(ready, measures(*rows))
    assert "X03" not in codes(examine(ready, measures(row("fte_realised", 20000, 1820, period="2025"))))


# Segments


@pytest.mark.parametrize(
    ("part", "column"), [((34, 60), "D"), ((12, 61), "E"), ((33, 60), None), ((0, 0), None)], ids=str
)
def test_a_segment_is_not_above_the_whole_in_the_file_or_in_force(
    ready: Network, part: tuple[int, int], column: str | None
) -> None:
    whole, women = row(TOTAL, 33, 60), row(TOTAL, *part, segment="sexe=F")
    together = causes(examine(ready, measures(women, whole)))
    stored(ready, measures(whole))
    later = causes(examine(ready, measures(women)))
    assert together == [(2, column, "segment_above")] * bool(column)
    assert later == [(2, column, "segment_above_in_force")] * bool(column)


def test_a_whole_under_a_segment_in_force_is_refused_with_that_segment(ready: Network) -> None:
    stored(
        ready, measures(row(TOTAL, 33, 60), row(TOTAL, 20, 30, segment="secteur=toiture")), comment="nouveau secteur"
    )
    found = examine(ready, measures(row(TOTAL, 18, 60)))
    assert causes(found) == [(2, "D", "segment_above_in_force")]
    sentence = message_sentence(findings_of(found, "X03")[0], FR).replace("\u00a0", " ")
    assert "secteur=toiture compte 20, plus que l’ensemble : 18" in sentence


def test_women_and_men_together_are_not_above_the_whole(ready: Network) -> None:
    parts = [row(TOTAL, 18, 30, segment="sexe=F"), row(TOTAL, 16, 30, segment="sexe=H")]
    found = examine(ready, measures(row(TOTAL, 33, 60), *parts))
    assert causes(found) == [(3, "D", "segment_above"), (4, "D", "segment_above")]
    assert findings_of(found, "X03")[0].values["part"] == "sexe=F + sexe=H"
    teams = [line.replace("sexe=", "equipe=") for line in parts]
    assert "X03" not in codes(examine(ready, measures(row(TOTAL, 33, 60), *teams))), "teams may share people"


def test_parts_without_the_whole_are_asked_about_once_a_figure(ready: Network) -> None:
    parts = [row(TOTAL, 13, 30, segment="sexe=F"), row(TOTAL, 16, 30, segment="sexe=H")]
    found = examine(ready, measures(*parts))
    assert causes(found, "X04") == [(2, "G", "whole")]
    assert findings_of(found, "X04")[0].severity is Severity.CONFIRM
    assert "X04" not in codes(examine(ready, measures(row(TOTAL, 33, 60), *parts)))
    stored(ready, measures(row(TOTAL, 33, 60)))
    assert "X04" not in codes(examine(ready, measures(*parts))), "the whole is in force"


# Populations


def test_a_row_alone_with_another_denominator_than_its_siblings_in_force_is_asked_about(ready: Network) -> None:
    stored(ready, measures(*exits(26, 12, 9, 5)))
    found = examine(ready, measures(row("undocumented_exit_rate", 3, 61)))
    (finding,) = findings_of(found, "X05")
    assert (finding.severity, finding.row, finding.column) == (Severity.CONFIRM, 2, "E")
    assert (finding.values["own"], finding.values["wanted"], finding.values["cause"]) == (61, 60, "in_force")
    assert "X05" not in codes(examine(ready, measures(row("undocumented_exit_rate", 3, 60))))


def test_what_alone_in_force_has_another_denominator_is_said_at_a_row_of_the_file(ready: Network) -> None:
    stored(ready, measures(row("undocumented_exit_rate", 3, 61)))
    found = examine(ready, measures(*exits(26, 12, 9, 5)))
    (finding,) = findings_of(found, "X05")
    assert (finding.row, finding.values["indicator"], finding.values["wanted"]) == (2, "undocumented_exit_rate", 61)


# The naive twin

Known = dict[tuple[str, str, str], tuple[int, int, int | None]]
"""Counts of each indicator, period and segment, with their row in the file, or none if they are in force."""


def contradictions(known: Known) -> set[tuple[int, str, str]]:
    """Rows that X03 must name, with their column and what they contradict, in plain loops."""
    found: set[tuple[int, str, str]] = set()

    def tell(whole: Any, parts: list[Any], place: int, needed: int | None, cause: str, *, parts_first: bool) -> None:
        if whole is None or not parts:
            return
        total, added = whole[place], sum(part[place] for part in parts)
        if added > total or (len(parts) == needed and added != total):
            here = [part for part in parts if part[2] is not None]
            first, second = (here, [whole]) if parts_first else ([whole], here)
            rows = [each[2] for each in first if each[2] is not None] or [each[2] for each in second]
            found.update((line, "DE"[place], cause) for line in rows if line is not None)

    for period, segment in itertools.product(("2025", *QUARTERS), SEGMENTS):
        parts = [known[name, period, segment] for name in PARTS if (name, period, segment) in known]
        tell(known.get((TOTAL, period, segment)), parts, 0, 3, "sum", parts_first=False)
    for name, segment, place in itertools.product((TOTAL, *PARTS), SEGMENTS, (0, 1)):
        quarters = [known[name, quarter, segment] for quarter in QUARTERS if (name, quarter, segment) in known]
        tell(known.get((name, "2025", segment)), quarters, place, 4, "year", parts_first=False)
    for name, period, place in itertools.product((TOTAL, *PARTS), ("2025", *QUARTERS), (0, 1)):
        whole = known.get((name, period, "ensemble"))
        parts = [known[name, period, part] for part in SEGMENTS[1:] if (name, period, part) in known]
        above = [part for part in parts if whole and part[place] > whole[place]]
        copied = all(whole and part[:2] == whole[:2] for part in parts)
        for group in [[part] for part in above] or ([] if copied else [parts]):
            tell(whole, group, place, None, "segment", parts_first=True)
    return found


QUARTERS = [f"2025-T{number}" for number in range(1, 5)]
SEGMENTS = ("ensemble", "sexe=F", "sexe=H")


def near_sums(chance: random.Random) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Counts of a year that agree with one another, but for one or two of them."""
    counts: dict[tuple[str, str, str], tuple[int, int]] = {}
    for quarter, segment in itertools.product(QUARTERS, SEGMENTS[1:]):
        for name in PARTS:
            counts[name, quarter, segment] = (chance.randrange(1, 9), 40)
    for quarter, segment in itertools.product(QUARTERS, SEGMENTS[1:]):
        counts[TOTAL, quarter, segment] = (sum(counts[name, quarter, segment][0] for name in PARTS), 40)
    for name, quarter in itertools.product((TOTAL, *PARTS), QUARTERS):
        counts[name, quarter, "ensemble"] = (sum(counts[name, quarter, part][0] for part in SEGMENTS[1:]), 80)
    for name, segment in itertools.product((TOTAL, *PARTS), SEGMENTS):
        quarters = [counts[name, quarter, segment] for quarter in QUARTERS]
        counts[name, "2025", segment] = (sum(n for n, _ in quarters), sum(d for _, d in quarters))
    for key in chance.sample(sorted(counts), chance.randrange(3)):
        n, d = counts[key]
        counts[key] = (max(0, n + chance.choice((-2, -1, 1, 2))), d + chance.choice((0, 0, 1)))
    return counts


@pytest.mark.parametrize("seed", sample(range(12), 3))
def test_what_must_agree_is_told_as_plain_loops_tell_it(
    ready: Network, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    counts = near_sums(chance)
    sound = near_sums(random.Random(seed * 7 + 1))
    held = {key: value for key, value in sound.items() if chance.random() < 0.5} if seed % 2 else {}
    sent = {key: value for key, value in counts.items() if chance.random() < (0.3 if held else 0.9)}
    if held:
        forced(ready, measures(*written(held)))
        monkeypatch.setattr(stored_rules, "STRUCTURE_BLOCK_ROWS", 7)
    known: Known = {key: (*value, None) for key, value in held.items()}
    known |= {key: (*value, line) for line, (key, value) in enumerate(sent.items(), start=2)}
    found = examine(ready, measures(*written(sent)))
    shown = {
        (f.row, f.column, cause_of(f.values.get("cause")))
        for f in findings_of(found, "X03")
        if f.row is not None and f.column
    }
    assert shown == contradictions(known)


def cause_of(cause: object) -> str:
    """What a finding contradicts, whatever is in force and however many parts there are."""
    return next((name for name in ("year", "segment") if str(cause).startswith(name)), "sum")


def written(counts: dict[tuple[str, str, str], tuple[int, int]]) -> list[str]:
    return [row(name, *pair, period=period, segment=segment) for (name, period, segment), pair in counts.items()]
