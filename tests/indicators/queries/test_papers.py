"""What papers hold, against plain loops over the registers that were deposited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Perimeter
from indicators.errors import UnknownError
from indicators.network import Network
from indicators.queries.deposits.overdue_actions import overdue_actions
from indicators.queries.papers.contents import (
    committee_content,
    dialogue_content,
    fortnight_content,
    review_content,
    subject_of,
)
from indicators.queries.papers.registers import PaperAction, PaperRequest
from indicators.queries.papers.sittings import PaperKind, latest_sittings, parse_sitting, sitting_containing
from indicators.queries.registers.plan import plan_years
from indicators.snapshot import QueryContext, Snapshot
from tests.builders import ACTIONS, TODAY, action, stored, table
from tests.conftest import copy_store
from tests.steering import PLAN, planned

ATELIER, REGIE = Perimeter.parse("atelier-ternoise"), Perimeter.parse("regie-ternoise")
DAYS: Final = [date(2025, 12, 1) + timedelta(days=n) for n in range(800)]
ROWS: Final = (
    action("A-1", opened="2026-11-17", due="2027-01-15"),
    action("A-2", opened="2026-03-01", due="2026-11-20"),
    action("A-3", opened="2026-03-01", due="2026-12-05"),
    action("A-4", opened="2026-03-01", due="2026-10-01", done="2026-11-18", status="faite"),
    action("A-5", opened="2026-03-01", due="2026-10-01", done="2026-05-01", verified="2026-06-01", verdict="100",
           status="close"),
    action("P-1", kind="prioritaire", opened="2026-01-05", due="2026-12-15"),
    action("P-2", kind="prioritaire", opened="2025-01-05", due="2025-06-01", done="2025-05-20", verified="2025-07-01",
           verdict="50", status="close"),
    action("R-1", opened="2026-03-01", due="2026-04-01", structure="regie-ternoise"),
)  # fmt: skip


@pytest.fixture(scope="module")
def network(directory_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with Network(str(copy_store(directory_folder, tmp_path_factory.mktemp("papers") / "store"))) as opened:
        stored(opened, table(ACTIONS, *ROWS), comment="relu")
        plan = "structure;annee;axe;engagement;action;indicateur"
        stored(opened, table(plan, "atelier-ternoise;2026;Accueil;Un livret pour chacun;P-1;"), comment="relu")
        meetings = "structure;instance;prevue_le;tenue_le;presents;decisions;actions"
        row = "atelier-ternoise;Réunion qualité;2026-11-17;2026-11-18;direction;Revoir le livret;A-1"
        stored(opened, table(meetings, row), comment="relu")
        requests = "structure;reference;date;de;demande;reponse;repondue_le;action;rendue_le"
        proposals = ("D-1;2026-09-01;équipe du matin;Recevoir le planning plus tôt;;;;",
                 "D-2;2026-11-20;équipe du soir;Un vestiaire;;;;")  # fmt: skip
        stored(opened, table(requests, *(f"atelier-ternoise;{row}" for row in proposals)), comment="relu")
        yield opened


@pytest.fixture
def snapshot(network: Network) -> Iterator[Snapshot]:
    with network.snapshot() as opened:
        yield opened


def context_of(snapshot: Snapshot, audience: Audience = Audience.MANAGEMENT) -> QueryContext:
    return QueryContext(snapshot, audience, TODAY)


def references(rows: Sequence[PaperAction] | Sequence[PaperRequest]) -> list[str]:
    return [row.reference for row in rows]


@pytest.mark.parametrize("kind", PaperKind)
def test_every_day_is_in_one_sitting_whose_code_leads_back_to_it(kind: PaperKind) -> None:
    for day in DAYS:
        sitting = sitting_containing(kind, day)
        assert sitting.start <= day <= sitting.end
        assert parse_sitting(kind, sitting.code) == sitting
        if kind is not PaperKind.DIALOGUE:
            assert sitting_containing(kind, sitting.start) == sitting == sitting_containing(kind, sitting.end)
            following = sitting_containing(kind, sitting.end + timedelta(days=1))
            assert following.start == sitting.end + timedelta(days=1)


def test_a_fortnight_is_half_a_month_a_committee_two_a_contract_six_years_and_reviewed_in_the_third() -> None:
    day = date(2028, 2, 29)
    spans = {kind: sitting_containing(kind, day) for kind in PaperKind}
    assert {kind: (span.start.isoformat(), span.end.isoformat(), span.code) for kind, span in spans.items()} == {
        PaperKind.FORTNIGHT: ("2028-02-16", "2028-02-29", "2028-02-16"),
        PaperKind.COMMITTEE: ("2028-01-01", "2028-02-29", "2028-01"),
        PaperKind.REVIEW: ("2028-01-01", "2028-12-31", "2028"),
        PaperKind.DIALOGUE: ("2023-01-01", "2028-12-31", "2028"),
    }


def test_a_quarter_of_the_address_is_the_sitting_of_its_last_day() -> None:
    assert parse_sitting(PaperKind.COMMITTEE, "2026-T3").code == "2026-09"
    assert parse_sitting(PaperKind.REVIEW, "2026-T3").code == "2026"
    assert parse_sitting(PaperKind.FORTNIGHT, "2026-T3").code == "2026-09-16"


@pytest.mark.parametrize("code", ["", "2026-13", "2026-00", "0000", "2026-11-32", "2026-12-01x", "' or 1=1 --", "١٢٣٤"])
def test_no_other_code_is_a_sitting(code: str) -> None:
    for kind in PaperKind:
        with pytest.raises(UnknownError):
            parse_sitting(kind, code)


@pytest.mark.parametrize("kind", PaperKind)
@pytest.mark.parametrize(
    "code",
    ["9999-12", "9999-11", "9999-12-16", "9999-12-01", "9999", "0001", "0003", "0001-01", "0001-01-01", "0000-00-00",
     "0999", "9999-T4", "9998-9999", "2026-02-30"],
)  # fmt: skip
def test_a_sitting_outside_the_calendar_is_unknown(kind: PaperKind, code: str) -> None:
    with pytest.raises(UnknownError):
        parse_sitting(kind, code)


@pytest.mark.parametrize("code", ["1000", "1005", "9998", "9998-12-16", "9998-11", "1000-01", "1000-01-01", "9998-T4"])
def test_at_the_ends_of_the_calendar_a_code_is_a_sitting_or_unknown(code: str) -> None:
    for kind in PaperKind:
        with suppress(UnknownError):
            sitting = parse_sitting(kind, code)
            assert parse_sitting(kind, sitting.code) == sitting


@pytest.mark.parametrize("kind", PaperKind)
def test_the_latest_sittings_go_back_without_a_gap(kind: PaperKind) -> None:
    sittings = latest_sittings(kind, TODAY, 9)
    assert len({sitting.code for sitting in sittings}) == 9
    for newer, older in pairwise(sittings):
        assert older.end == (newer.end.replace(year=newer.end.year - 1) if kind is PaperKind.DIALOGUE
                             else newer.start - timedelta(days=1))  # fmt: skip


def test_the_fortnight_names_what_changed_in_it_and_what_is_due(snapshot: Snapshot) -> None:
    subject = subject_of(context_of(snapshot), ATELIER, sitting_containing(PaperKind.FORTNIGHT, TODAY))
    content = fortnight_content(context_of(snapshot), subject)
    assert content is not None
    assert references(content.opened) == ["A-1"]
    assert references(content.completed) == ["A-4"]
    assert references(content.overdue) == ["A-2"]
    assert references(content.due_soon) == ["A-3", "P-1"]
    assert [meeting.decisions for meeting in content.meetings] == ["Revoir le livret"]
    assert references(content.requests) == ["D-2"]
    assert references(content.awaited.verdicts) == ["A-4"]
    assert references(content.awaited.answers) == ["D-1"]


def test_what_is_overdue_in_a_paper_is_overdue_on_the_desk(snapshot: Snapshot) -> None:
    context = context_of(snapshot)
    for perimeter in (ATELIER, REGIE):
        subject = subject_of(context, perimeter, sitting_containing(PaperKind.COMMITTEE, TODAY))
        overdue = committee_content(context, subject).overdue
        assert len(overdue) == overdue_actions(snapshot, TODAY)[perimeter.name]


def test_the_committee_follows_the_plan_of_the_year_and_the_years_before(snapshot: Snapshot) -> None:
    context = context_of(snapshot)
    content = committee_content(context, subject_of(context, ATELIER, sitting_containing(PaperKind.COMMITTEE, TODAY)))
    (line,) = content.plan
    assert (line.axis, line.commitment, line.reference) == ("Accueil", "Un livret pour chacun", "P-1")
    assert line.action is not None
    assert [(each.year, each.planned, each.completed) for each in content.plan_years] == [
        (2026, 1, 0), (2025, 1, 1), (2024, 0, 0)
    ]  # fmt: skip


def test_the_review_counts_the_actions_of_its_year_by_kind(snapshot: Snapshot) -> None:
    context = context_of(snapshot)
    content = review_content(context, subject_of(context, ATELIER, sitting_containing(PaperKind.REVIEW, TODAY)))
    by_kind = {each.kind: each for each in content.balances}
    corrective = by_kind["corrective"]
    assert (corrective.opened, corrective.closed, corrective.running, corrective.overdue) == (5, 2, 3, 1)
    assert (corrective.effective, corrective.verified) == (1, 1)
    assert (by_kind["priority"].opened, by_kind["priority"].verified) == (1, 0)
    assert sorted(references(content.audits)) == ["A-1", "A-2", "A-3", "A-4", "A-5", "P-1"]


PAST_ROWS: Final = (
    # Done, verified or abandoned since: on 31 December 2025 it was not, or nobody knows.
    action("Y-1", opened="2025-03-01", due="2025-11-01", done="2026-02-01", verified="2026-03-01", verdict="100",
           status="close"),
    action("Y-2", opened="2025-03-01", due="2026-06-01"),
    action("Y-3", opened="2026-01-02", due="2026-02-01"),
    action("Y-4", opened="2025-03-01", due="2025-06-01", status="abandonnee"),
    action("Y-5", opened="2025-03-01", due="2025-06-01", done="2025-05-01", verified="2026-03-01", verdict="100",
           status="close"),
    action("Y-6", "amelioration", opened="2025-03-01", due="2026-06-01", done="2026-05-01", status="faite"),
    action("Y-7", "amelioration", opened="2026-03-01", due="2026-06-01"),
    action("Q-1", "prioritaire", opened="2025-01-10", due="2025-12-01", done="2026-02-01", status="faite"),
    action("Q-2", "prioritaire", opened="2025-01-10", due="2025-12-01", done="2025-11-30", status="faite"),
    action("Q-3", "prioritaire", opened="2024-01-10", due="2025-12-01", done="2025-11-30", status="faite"),
    action("Q-4", "prioritaire", opened="2025-01-10", due="2025-12-01", done="2026-02-01", status="faite",
           structure="regie-ternoise"),
    action("Q-5", "prioritaire", opened="2025-01-10", due="2025-12-01", done="2025-11-30", status="faite",
           structure="regie-ternoise"),
)  # fmt: skip


@pytest.fixture(scope="module")
def past(directory_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    """Registers of 2025 to which 2026 has added days; a plan of 2025 of one structure, none of the other."""
    with Network(str(copy_store(directory_folder, tmp_path_factory.mktemp("past") / "store"))) as opened:
        stored(opened, table(ACTIONS, *PAST_ROWS), comment="relu")
        rows = [planned(reference, "2025") for reference in ("Q-1", "Q-3")]
        stored(opened, table(PLAN, *rows, planned("Y-3", "2024-2025")), comment="relu")
        requests = "structure;reference;date;de;demande;reponse;repondue_le;action;rendue_le"
        late = "atelier-ternoise;D-1;2025-09-01;équipe du matin;Un vestiaire;Oui;2026-02-01;;"
        stored(opened, table(requests, late), comment="relu")
        with opened.snapshot() as snapshot:
            yield snapshot


def test_the_review_of_a_past_year_says_what_was_running_and_late_at_its_end(past: Snapshot) -> None:
    context = context_of(past)
    content = review_content(context, subject_of(context, ATELIER, parse_sitting(PaperKind.REVIEW, "2025")))
    by_kind = {each.kind: each for each in content.balances}
    corrective = by_kind["corrective"]
    assert (corrective.opened, corrective.closed, corrective.running, corrective.overdue) == (4, 1, 2, 1)
    assert (corrective.verified, corrective.undated) == (0, 1)
    assert (by_kind["improvement"].running, by_kind["improvement"].overdue) == (1, 0)
    assert (by_kind["priority"].running, by_kind["priority"].overdue) == (1, 1)
    assert references(content.improvements) == ["Y-6"]


def test_the_lists_of_a_past_sitting_are_those_of_its_last_day(past: Snapshot) -> None:
    context = context_of(past)
    committee = committee_content(context, subject_of(context, ATELIER, parse_sitting(PaperKind.COMMITTEE, "2025-11")))
    assert references(committee.overdue) == ["Y-1", "Q-1"]
    assert committee.awaited is not None
    assert references(committee.awaited.verdicts) == ["Y-5", "Q-2", "Q-3"]
    assert references(committee.awaited.answers) == ["D-1"]
    subject = subject_of(context, ATELIER, parse_sitting(PaperKind.FORTNIGHT, "2025-11-16"))
    fortnight = fortnight_content(context, subject)
    assert fortnight is not None
    assert references(fortnight.overdue) == ["Y-1"]
    assert references(fortnight.due_soon) == ["Q-1"]


def test_the_completion_of_a_plan_is_that_of_the_page_of_plans(past: Snapshot) -> None:
    context = context_of(past)
    content = committee_content(context, subject_of(context, ATELIER, sitting_containing(PaperKind.COMMITTEE, TODAY)))
    found = {each.year: (each.planned, each.completed) for each in content.plan_years}
    pages = plan_years(past, ["atelier-ternoise"])
    assert found[2025] == (3, 1)
    assert found[2025] == (sum(each.planned for each in pages), sum(each.done for each in pages))


def test_without_a_plan_what_was_done_after_the_year_is_not_done_in_it(past: Snapshot) -> None:
    context = context_of(past)
    content = committee_content(context, subject_of(context, REGIE, sitting_containing(PaperKind.COMMITTEE, TODAY)))
    assert [(each.year, each.planned, each.completed) for each in content.plan_years if each.planned] == [(2025, 2, 1)]


def test_a_larger_perimeter_adds_plans_and_the_priorities_of_those_without_one(past: Snapshot) -> None:
    context = context_of(past)
    subject = subject_of(context, NETWORK, parse_sitting(PaperKind.COMMITTEE, "2025-11"))
    content = committee_content(context, subject)
    assert {each.year: (each.planned, each.completed) for each in content.plan_years}[2025] == (5, 2)
    lines = {line.reference for line in content.plan if line.structure == "regie-ternoise"}
    assert lines == {"Q-4", "Q-5"}


@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.NETWORK])
def test_who_is_not_of_the_management_has_no_row_of_a_register(snapshot: Snapshot, audience: Audience) -> None:
    context = context_of(snapshot, audience)
    for perimeter in (ATELIER, NETWORK):
        subjects = {kind: subject_of(context, perimeter, sitting_containing(kind, TODAY)) for kind in PaperKind}
        assert fortnight_content(context, subjects[PaperKind.FORTNIGHT]) is None
        committee = committee_content(context, subjects[PaperKind.COMMITTEE])
        assert committee.registers is None
        of_registers = (committee.overdue, committee.plan, committee.plan_years, committee.meetings)
        assert not any(of_registers)
        review = review_content(context, subjects[PaperKind.REVIEW])
        assert review.registers is None
        assert not any((review.earlier, review.balances, review.audits, review.improvements, review.requests))


def test_the_dossier_has_a_column_for_each_of_six_years(demo: Network) -> None:
    with demo.snapshot() as snapshot:
        context = context_of(snapshot)
        perimeter = Perimeter.parse("atelier-du-canal")
        subject = subject_of(context, perimeter, sitting_containing(PaperKind.DIALOGUE, TODAY))
        content = dialogue_content(context, subject)
    assert content.years == [2021, 2022, 2023, 2024, 2025, 2026]
    assert content.reviewed_in == 2023
    assert content.indicators
    for each in content.indicators:
        assert len(each.figures) == 6
        # A target that begins this year has no figure yet.
        begins = each.figures[-1] is None
        assert begins or any(figure and figure.target for figure in each.figures), each.indicator.id
        for year, figure in zip(content.years, each.figures, strict=True):
            assert figure is None or figure.period.end.year == year
