"""Figures counted from registers: which quarters a register speaks of, and what it says of one in which nothing was."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from dashboards.wording.figure_sentences import absence_sign_and_sentence
from dashboards.wording.translations import load_translator
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Period
from indicators.disclosure.raw_count_rows import raw_count_rows
from indicators.disclosure.register_counts import count_registers
from indicators.figures.figure import NoCases, Status
from indicators.figures.time_steps import TimeStep
from indicators.intake.deposit import Accepted
from indicators.intake.row_edit import (
    Confirmation,
    Editor,
    RowEdit,
    RowToConfirm,
    Saved,
    findings_to_confirm,
    save_row,
)
from indicators.network import Network
from indicators.queries.figures.figures import figure_from_row, perimeter_figures
from indicators.queries.figures.series import read_series
from indicators.snapshot import QueryContext
from indicators.store.deposits import withdraw
from indicators.store.row_versions import find_row_versions
from schemas.participation import PARTICIPATION as OCCASIONS
from tests.builders import (
    ACTIONS,
    NOW,
    PARTICIPATION,
    action,
    codes,
    deposit,
    examine,
    measure,
    measures,
    occasion,
    stored,
    structure,
    structures,
    table,
)

TODAY = date(2027, 6, 1)
LATER = datetime.fromisoformat("2027-06-01T09:00")
OURS = "atelier-ternoise"
PLAN = "priority_action_completion_rate"
MEETINGS = "psve_actions"


@pytest.fixture
def ready(directory_network: Network) -> Network:
    return directory_network


def deposited(
    network: Network, content: bytes, period: str | None, structure: str | None = None, at: datetime = LATER
) -> None:
    outcome = deposit(network, content, period=period, structure=structure, today=TODAY, comment="comme convenu", at=at)
    assert isinstance(outcome, Accepted), codes(outcome.validation)


def counted(network: Network, indicator: str, owner: str = OURS) -> dict[str, tuple[float | None, float | None]]:
    """What was counted of a structure, by quarter."""
    with network.snapshot() as snapshot:
        rows = raw_count_rows(count_registers(snapshot)).filter(structure=owner, indicator=indicator)
        return {row["period"]: (row["numerator"], row["denominator"]) for row in rows.iter_rows(named=True)}


def status(network: Network, indicator: str, quarter: str, owner: str = OURS) -> object:
    with network.snapshot() as snapshot:
        where, sheet, period = Perimeter(Level.STRUCTURE, owner), snapshot.catalogue[indicator], Period.parse(quarter)
        found = perimeter_figures(
            QueryContext(snapshot, Audience.MANAGEMENT, date.max), where, [sheet], period.end, period.end
        ).rows
        row = next(iter(found.filter(period=quarter).iter_rows(named=True)), None)
        return figure_from_row(QueryContext(snapshot, Audience.PUBLIC, TODAY), where, sheet, period, row).outcome


def test_a_kept_register_in_which_nothing_was_due_says_so_and_is_not_missing(ready: Network) -> None:
    deposited(ready, table(ACTIONS, action("A-1", "prioritaire", opened="2025-11-03", due="2026-08-31")), "2026-T3")
    assert counted(ready, PLAN) == {"2025-T4": (0, 0), "2026-T1": (0, 0), "2026-T2": (0, 0), "2026-T3": (0, 1)}
    assert status(ready, PLAN, "2026-T2") == NoCases()
    with ready.snapshot() as snapshot:
        where, sheet = Perimeter(Level.STRUCTURE, OURS), snapshot.catalogue[PLAN]
        figure = read_series(QueryContext(snapshot, Audience.PUBLIC, TODAY), where, sheet)[1]
    assert absence_sign_and_sentence(figure, load_translator("fr")) == ("absent", "Aucune action échue sur la période")


def test_the_yearly_plan_has_its_year_once_the_register_was_delivered_for_its_four_quarters(ready: Network) -> None:
    done = action("A-1", "prioritaire", opened="2026-01-05", due="2026-05-31", done="2026-05-20", status="faite")
    late = action("A-2", "prioritaire", opened="2026-01-05", due="2026-11-30")
    deposited(ready, table(ACTIONS, done, late), "2026-T1")
    with ready.snapshot() as snapshot:
        where, sheet = Perimeter(Level.STRUCTURE, OURS), snapshot.catalogue[PLAN]
        before = read_series(QueryContext(snapshot, Audience.MANAGEMENT, TODAY), where, sheet, TimeStep.YEAR)
    deposited(ready, table(ACTIONS), "2026-T4", OURS)
    with ready.snapshot() as snapshot:
        (year,) = read_series(
            QueryContext(snapshot, Audience.MANAGEMENT, TODAY), where, snapshot.catalogue[PLAN], TimeStep.YEAR
        )
    assert before == []
    assert year.shown is not None
    assert (year.period.code, year.shown.numerator, year.shown.denominator) == ("2026", 1, 2)


def test_a_quarter_without_a_meeting_is_none_when_a_file_came_for_it_or_later_and_else_missing(ready: Network) -> None:
    deposited(ready, table(PARTICIPATION, occasion("P-1", "2025-11-03", 12)), "2025-T4")
    assert counted(ready, MEETINGS) == {"2025-T4": (1, None)}
    assert status(ready, MEETINGS, "2026-T1") is Status.MISSING
    deposited(ready, table(PARTICIPATION, occasion("P-2", "2026-05-04", 12)), "2026-T2")
    assert counted(ready, MEETINGS) == {"2025-T4": (1, None), "2026-T1": (0, None), "2026-T2": (1, None)}
    assert status(ready, MEETINGS, "2026-T3") is Status.MISSING


def written_on_a_page(network: Network, content: str, based_on: str | None = None) -> None:
    cells = dict(zip([column.name for column in OCCASIONS.columns], content.split(";"), strict=False))
    edit, editor = RowEdit(OCCASIONS, cells, based_on), Editor("qualité (fictif)", None)
    outcome = save_row(network, edit, editor, LATER, TODAY)
    if isinstance(outcome, RowToConfirm):
        confirmation = Confirmation("relu", findings_to_confirm(edit, outcome.findings))
        outcome = save_row(network, edit, editor, LATER, TODAY, confirmation)
    assert isinstance(outcome, Saved), outcome


def test_a_row_written_on_a_page_covers_no_quarter_of_which_no_file_came(ready: Network) -> None:
    deposited(ready, table(PARTICIPATION, occasion("P-1", "2026-02-04", 12)), "2026-T1")
    written_on_a_page(ready, occasion("P-2", "2026-09-04", 12))
    assert counted(ready, MEETINGS) == {"2026-T1": (1, None)}, "two quarters may hold others that are not written yet"
    written_on_a_page(ready, occasion("P-3", "2026-03-04", 12))
    assert counted(ready, MEETINGS) == {"2026-T1": (2, None)}
    deposited(ready, table(PARTICIPATION), "2026-T3", OURS)
    assert counted(ready, MEETINGS) == {"2026-T1": (2, None), "2026-T2": (0, None), "2026-T3": (1, None)}


def test_rows_written_on_a_page_alone_keep_no_register(ready: Network) -> None:
    written_on_a_page(ready, occasion("P-1", "2026-02-04", 12))
    assert counted(ready, MEETINGS) == {}


def test_a_row_that_is_changed_on_a_page_still_covers_what_its_file_did(ready: Network) -> None:
    deposited(ready, table(PARTICIPATION, occasion("P-1", "2026-05-04", 12)), None)
    before = counted(ready, MEETINGS)
    with ready.lake.cursor() as cursor:
        version = find_row_versions(cursor, OCCASIONS, {"structure": OURS, "reference": "P-1"})[0]
    written_on_a_page(ready, occasion("P-1", "2026-09-04", 14), version.deposit)
    assert before == {"2026-T2": (1, None)}
    assert counted(ready, MEETINGS) == {"2026-T2": (0, None)}


def test_a_register_without_a_new_row_counts_for_its_quarter(ready: Network) -> None:
    deposited(ready, table(PARTICIPATION, occasion("P-1", "2026-05-04", 12)), "2026-T2")
    assert codes(examine(ready, table(PARTICIPATION), period="2026-T3", structure=OURS)) == ["F01"]
    deposited(ready, table(PARTICIPATION), "2026-T3", OURS)
    assert counted(ready, MEETINGS) == {"2026-T2": (1, None), "2026-T3": (0, None)}


def test_nothing_new_of_one_structure_says_nothing_of_the_others(ready: Network) -> None:
    rows = [occasion("P-1", "2026-05-04", 12), occasion("P-1", "2026-05-05", 8, structure="regie-ternoise")]
    deposited(ready, table(PARTICIPATION, *rows), "2026-T2")
    deposited(ready, table(PARTICIPATION), "2026-T3", OURS)
    assert list(counted(ready, MEETINGS)) == ["2026-T2", "2026-T3"]
    assert list(counted(ready, MEETINGS, "regie-ternoise")) == ["2026-T2"]


def test_a_file_of_some_structures_says_nothing_of_those_that_it_does_not_name(ready: Network) -> None:
    rows = [occasion("P-1", "2026-05-04", 12), occasion("P-1", "2026-05-05", 8, structure="regie-ternoise")]
    deposited(ready, table(PARTICIPATION, *rows), "2026-T2")
    deposited(ready, table(PARTICIPATION, occasion("P-2", "2026-08-04", 12)), "2026-T3")
    assert list(counted(ready, MEETINGS, "regie-ternoise")) == ["2026-T2"]


def test_nothing_new_of_the_whole_network_is_said_of_all_that_keep_the_register(ready: Network) -> None:
    rows = [occasion("P-1", "2026-05-04", 12), occasion("P-1", "2026-05-05", 8, structure="regie-ternoise")]
    deposited(ready, table(PARTICIPATION, *rows), "2026-T2")
    deposited(ready, table(PARTICIPATION), "2026-T3")
    assert list(counted(ready, MEETINGS)) == list(counted(ready, MEETINGS, "regie-ternoise")) == ["2026-T2", "2026-T3"]
    assert counted(ready, MEETINGS, "ecole-valbrune") == {}


def test_a_register_begun_without_a_row_is_kept_from_that_quarter_on(ready: Network) -> None:
    deposited(ready, table(ACTIONS), "2026-T2", OURS)
    assert counted(ready, "corrective_preventive_actions_total") == {"2026-T2": (0, None)}
    assert counted(ready, "action_on_time_rate") == {"2026-T2": (0, 0)}


def test_a_register_without_rows_is_refused_where_nobody_said_for_which_quarter_it_is(ready: Network) -> None:
    assert codes(examine(ready, table(PARTICIPATION), structure=OURS)) == ["F01"]
    assert examine(ready, table(PARTICIPATION), structure=OURS).table is None
    assert examine(ready, measures(), period="2026-T3", structure=OURS).table is None


def test_nobody_can_say_that_nothing_happened_in_a_quarter_that_is_not_over(ready: Network) -> None:
    found = examine(ready, table(PARTICIPATION), period="2026-T4", structure=OURS, today=date(2026, 12, 31))
    assert found.rows_accepted == 0
    assert codes(found) == ["B02", "F01"]
    assert codes(examine(ready, table(PARTICIPATION), period="2026-T4", structure=OURS, today=TODAY)) == ["F01"]


def test_a_withdrawn_file_of_a_register_counts_for_no_quarter(ready: Network) -> None:
    deposited(ready, table(PARTICIPATION, occasion("P-1", "2026-05-04", 12)), "2026-T2")
    outcome = deposit(ready, table(PARTICIPATION), period="2026-T3", structure=OURS, today=TODAY)
    assert isinstance(outcome, Accepted)
    withdraw(ready.lake, outcome.receipt.deposit, "erreur", "accueil (fictif)", NOW)
    assert list(counted(ready, MEETINGS)) == ["2026-T2"]


def test_a_file_of_which_the_period_is_not_known_tells_up_to_its_newest_day(ready: Network) -> None:
    stored(ready, table(ACTIONS, action("A-1", opened="2026-01-10", done="2026-08-01", due="2027-01-31")))
    assert list(counted(ready, PLAN)) == ["2026-T1", "2026-T2", "2026-T3"]
    stored(ready, table(ACTIONS, action("A-1", opened="2026-01-10", done="2026-05-01", due="2027-01-31")))
    assert list(counted(ready, PLAN)) == ["2026-T1", "2026-T2"]


def test_actions_of_a_closed_structure_leave_the_sums_from_its_closing_day(network: Network) -> None:
    stored(network, structures(structure("ferme", closed="2025-11-15"), *(structure(f"ouvert-{n}") for n in range(3))))
    dates = (("2025-11-10", "2025-11-10"), ("2025-11-20", "2025-12-05"))
    rows = [
        action(f"A-{n}", opened="2025-10-01", due=due, done=done, status="faite", structure="ferme")
        for n, (due, done) in enumerate(dates)
    ]
    others = [action("A-1", opened="2025-10-01", due="2026-02-01", structure=f"ouvert-{n}") for n in range(3)]
    deposited(network, table(ACTIONS, *rows, *others), "2026-T1")
    assert counted(network, "corrective_preventive_actions_total", "ferme") == {"2025-T4": (2, None)}
    assert counted(network, "action_on_time_rate", "ferme") == {"2025-T4": (1, 1)}
    assert list(counted(network, "action_on_time_rate", "ouvert-1")) == ["2025-T4", "2026-T1"]


def test_who_had_nothing_due_is_behind_no_part_of_a_rate_of_several(network: Network) -> None:
    stored(network, structures(*(structure(f"maison-{n}") for n in range(3))))
    rows = [
        action("A-1", "prioritaire", opened="2026-01-10", due="2026-02-01", structure=f"maison-{n}") for n in (0, 1)
    ]
    idle = action("A-1", opened="2026-01-10", structure="maison-2")
    deposited(network, table(ACTIONS, *rows, idle), "2026-T1")
    with network.snapshot() as snapshot:
        where = Perimeter(Level.REGION, "normandie")
        (row,) = perimeter_figures(
            QueryContext(snapshot, Audience.MANAGEMENT, date.max), where, [snapshot.catalogue[PLAN]], date.min, date.max
        ).rows.iter_rows(named=True)
        public = perimeter_figures(
            QueryContext(snapshot, Audience.PUBLIC, date.max), where, [snapshot.catalogue[PLAN]], date.min, date.max
        ).rows
    assert (row["denominator"], row["contributors"]) == (2, 2)
    assert public["contributors"].to_list() == [2], "both are shown, and so is their sum"


def test_what_a_structure_reports_stands_where_its_register_never_counted_any(ready: Network) -> None:
    stored(ready, measures(measure(OURS, "2026-T2", PLAN, 3, 4)))
    deposited(ready, table(ACTIONS, action("A-1", opened="2026-01-10")), "2026-T3")
    reading = status(ready, PLAN, "2026-T2")
    assert getattr(reading, "numerator", None) == 3
    assert counted(ready, PLAN) == {}
    assert counted(ready, "corrective_preventive_actions_total")


def test_a_file_that_comes_before_its_quarter_is_over_tells_of_those_before_and_not_yet_of_it(ready: Network) -> None:
    early = datetime.fromisoformat("2026-11-24T09:00")
    rows = [occasion("P-1", "2026-05-04", 12), occasion("P-2", "2026-10-05", 12)]
    deposited(ready, table(PARTICIPATION, *rows), "2026-T4", at=early)
    deposited(
        ready, table(PARTICIPATION, occasion("P-1", "2026-10-06", 8, structure="regie-ternoise")), "2026-T4", at=early
    )
    assert counted(ready, MEETINGS) == {"2026-T2": (1, None), "2026-T3": (0, None)}
    assert counted(ready, MEETINGS, "regie-ternoise") == {}
    deposited(ready, table(PARTICIPATION), "2026-T4")
    assert counted(ready, MEETINGS)["2026-T4"] == (1, None)
    assert counted(ready, MEETINGS, "regie-ternoise") == {"2026-T4": (1, None)}
