"""Series and spreads in longer steps, asked of a store: the fictitious network against plain loops, and small cases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from indicators.definitions.catalogue import Audience
from indicators.definitions.periods import Period
from indicators.errors import UnknownError
from indicators.figures.figure import CohortOpen, Figure, Status
from indicators.figures.time_steps import TimeStep, available_steps
from indicators.intake.deposit import Accepted
from indicators.network import Network
from indicators.queries.figures.by_structure import figures_by_structure
from indicators.queries.figures.deciles import compute_deciles
from indicators.queries.figures.figures import perimeter_figures
from indicators.queries.figures.series import read_series
from indicators.snapshot import QueryContext, Snapshot
from tests.builders import TODAY, deposit, measure, measures, parse_span, stored, structure, structures
from tests.conftest import sample
from tests.indicators.disclosure.test_over_time import quarter_codes
from tests.indicators.queries.test_figures import counted, figures_of, inside, sheets

PUBLIC, MEMBERS, MANAGEMENT = Audience.PUBLIC, Audience.NETWORK, Audience.MANAGEMENT
LONGER = (TimeStep.SEMESTER, TimeStep.YEAR, TimeStep.ROLLING)


@pytest.fixture
def snapshot(demo: Network) -> Iterator[Snapshot]:
    with demo.snapshot() as opened:
        yield opened


def by_code(figures: Any) -> dict[str, Figure]:
    return {figure.period.code: figure for figure in figures}


ADDED_UP = (
    ("atelier-du-canal", "dynamic_exit_rate"),
    ("cordages-de-l-estran", "absenteeism_rate"),
    ("ateliers-de-la-pointe-d-argent", "absenteeism_rate"),
    ("jardin-des-confluents", "cisp_job_exit_rate"),
    ("groupe:groupe-des-trois-rives-fictif", "permanent_contract_share"),
    ("region:be-namur", "absenteeism_rate"),
    ("reseau", "dynamic_exit_rate"),
    ("reseau", "action_on_time_rate"),
    ("reseau", "psve_actions"),
    ("reseau", "corrective_preventive_actions_total"),
)
"""Perimeters of every kind, each with an indicator that it reports."""


# Of each perimeter one step, the steps taking turns.
@pytest.mark.parametrize(
    ("step", "perimeter", "indicator"),
    sample([(LONGER[(turn + place) % 3], *of) for place, of in enumerate(ADDED_UP) for turn in range(3)], 3),
)
def test_a_series_in_longer_steps_adds_up_the_quarters_of_its_perimeter(
    snapshot: Snapshot, step: TimeStep, perimeter: str, indicator: str
) -> None:
    where, sheet = snapshot.structures.parse_perimeter(perimeter), snapshot.catalogue[indicator]
    if step not in available_steps(sheet):
        with pytest.raises(UnknownError):
            read_series(QueryContext(snapshot, MANAGEMENT, TODAY), where, sheet, step=step)
        return
    found = by_code(read_series(QueryContext(snapshot, MANAGEMENT, TODAY), where, sheet, step=step))
    compared = 0
    for code, figure in found.items():
        assert figure.period.end < TODAY
        wanted = quarter_codes(code)[-1:] if sheet.is_stock else quarter_codes(code)
        terms = []
        for quarter in wanted:
            counts = [
                count
                for (owner, name, period), count in counted().items()
                if (name, period) == (indicator, quarter) and owner in inside(perimeter) and count.numerator is not None
            ]
            terms.append(counts)
        own = figures_of(perimeter).get((indicator, code))
        if own and own["value"] is not None and perimeter in inside(perimeter):
            expected = (own["numerator"], own["denominator"])
        elif all(terms):
            numerator = sum(count.numerator or 0 for counts in terms for count in counts)
            denominator = sum(count.denominator or 0 for counts in terms for count in counts)
            expected = (numerator, denominator if sheet.denominator_required else None)
        else:
            assert figure.shown is None, code
            assert figure.status in {Status.MISSING, Status.NOT_DUE, Status.NOT_APPLICABLE}
            continue
        assert figure.shown is not None, code
        assert (figure.shown.numerator, figure.shown.denominator) == pytest.approx(expected), code
        compared += 1
    assert compared >= 2, "there is something to compare"


def test_full_time_equivalents_of_a_structure_over_four_quarters_are_its_hours_over_their_bases(
    snapshot: Snapshot,
) -> None:
    where, sheet = snapshot.structures.parse_perimeter("atelier-du-canal"), snapshot.catalogue["fte_realised"]
    found = by_code(read_series(QueryContext(snapshot, MANAGEMENT, TODAY), where, sheet, step=TimeStep.ROLLING))
    terms = [counted()["atelier-du-canal", "fte_realised", f"2025-T{n}"] for n in (1, 2, 3, 4)]
    hours, base = (sum(getattr(term, side) for term in terms) for side in ("numerator", "denominator"))
    figure = found["2025-T4~4"]
    assert figure.shown is not None
    assert figure.shown.value == pytest.approx(hours / base)


EXITS, ACTIONS = "dynamic_exit_rate", "psve_actions"


@pytest.mark.parametrize(
    ("audience", "indicator", "code"),
    [
        (PUBLIC, EXITS, "2026-T3~4"),
        (MANAGEMENT, ACTIONS, "2026-T3~4"),
        (MANAGEMENT, EXITS, "2026-S1"),
        (PUBLIC, ACTIONS, "2026-S1"),
        (PUBLIC, EXITS, "2025"),
        (MANAGEMENT, ACTIONS, "2025"),
        *(
            pytest.param(*others, marks=pytest.mark.full)
            for others in (
                (MANAGEMENT, EXITS, "2026-T3~4"),
                (PUBLIC, ACTIONS, "2026-T3~4"),
                (PUBLIC, EXITS, "2026-S1"),
                (MANAGEMENT, ACTIONS, "2026-S1"),
                (MANAGEMENT, EXITS, "2025"),
                (PUBLIC, ACTIONS, "2025"),
            )
        ),
    ],
)
def test_the_structures_side_by_side_over_a_span_are_those_of_their_own_series(
    snapshot: Snapshot, code: str, indicator: str, audience: Audience
) -> None:
    sheet, span = snapshot.catalogue[indicator], parse_span(code)
    step = {"~": TimeStep.ROLLING, "S": TimeStep.SEMESTER}.get(
        next((sign for sign in "~S" if sign in code), ""), TimeStep.YEAR
    )
    rows = {
        row["structure"]: row
        for row in figures_by_structure(
            QueryContext(snapshot, audience, TODAY), network_of(snapshot), sheet, span
        ).rows.to_dicts()
    }
    assert list(rows) == sorted(rows)
    compared = 0
    for structure_ in sample(snapshot.structures.by_id, 4):
        figures = read_series(
            QueryContext(snapshot, audience, TODAY), snapshot.structures.parse_perimeter(structure_), sheet, step=step
        )
        figure = by_code(figures).get(code)
        if structure_ not in rows:
            assert figure is None or figure.shown is None
            continue
        row = rows[structure_]
        if figure is None:
            assert row["value"] is None
        else:
            assert row["value"] == (figure.shown and figure.shown.value)
            assert row["status"] == ("ok" if figure.shown else figure.status), structure_
            compared += figure.shown is not None
    assert compared > 1


def network_of(snapshot: Snapshot) -> Any:
    return snapshot.structures.parse_perimeter("reseau")


def test_the_fictitious_network_has_hidden_quarters_and_no_sum_that_holds_one_is_public(snapshot: Snapshot) -> None:
    sheet, hidden, held = snapshot.catalogue["dynamic_exit_rate"], 0, 0
    chosen = sample(snapshot.structures.by_id, 3)
    for name in chosen:
        where = snapshot.structures.parse_perimeter(name)
        quarters = by_code(read_series(QueryContext(snapshot, PUBLIC, TODAY), where, sheet))
        withheld = {code for code, figure in quarters.items() if figure.status is Status.WITHHELD}
        hidden += len(withheld)
        for step in LONGER:
            for code, figure in by_code(
                read_series(QueryContext(snapshot, PUBLIC, TODAY), where, sheet, step=step)
            ).items():
                if set(quarter_codes(code)) & withheld:
                    held += 1
                    assert figure.shown is None, (name, code)
                    assert figure.status in {Status.WITHHELD, Status.MISSING, Status.NOT_APPLICABLE}
    share = len(chosen) / len(snapshot.structures)
    assert hidden > 50 * share
    assert held > 50 * share


def test_an_indicator_that_the_reader_may_not_see_has_no_sum_either(snapshot: Snapshot) -> None:
    sheet = snapshot.catalogue["contracted_fte_rate"]
    where = snapshot.structures.parse_perimeter("atelier-du-canal")
    assert list(read_series(QueryContext(snapshot, PUBLIC, TODAY), where, sheet, step=TimeStep.ROLLING)) == []
    assert figures_by_structure(
        QueryContext(snapshot, PUBLIC, TODAY), network_of(snapshot), sheet, parse_span("2026-T3~4")
    ).rows.is_empty()


# Small cases


def figures_for(
    network: Network, step: TimeStep | None, audience: Audience = MANAGEMENT, **of: Any
) -> dict[str, Figure]:
    with network.snapshot() as snapshot:
        where = snapshot.structures.parse_perimeter(of.get("where", "atelier"))
        sheet = snapshot.catalogue[of.get("indicator", "dynamic_exit_rate")]
        return by_code(read_series(QueryContext(snapshot, audience, of.get("today", TODAY)), where, sheet, step=step))


def quarters_of_exits(*periods: str, structure_: str = "atelier") -> list[str]:
    return [measure(structure_, period, "dynamic_exit_rate", 33, 60) for period in periods]


def test_an_incomplete_sum_has_no_value_and_says_why(network: Network) -> None:
    stored(network, structures(structure("atelier"), structure("jeune", opened="2026-04-01")))
    known = quarters_of_exits("2025-T1", "2025-T2", "2025-T4", "2026-T1", "2026-T2")
    young = quarters_of_exits("2026-T2", "2026-T3", structure_="jeune")
    stored(network, measures(*known, *young))
    found = figures_for(network, TimeStep.ROLLING)
    assert {code: figure.status for code, figure in found.items()} == {
        "2025-T4~4": Status.MISSING,
        "2026-T1~4": Status.MISSING,
        "2026-T2~4": Status.MISSING,
    }
    half = figures_for(network, TimeStep.SEMESTER)
    assert {code: figure.status for code, figure in half.items()} == {
        "2025-S1": Status.OK,
        "2025-S2": Status.MISSING,
        "2026-S1": Status.OK,
    }
    (opened_late,) = figures_for(network, TimeStep.SEMESTER, where="jeune").values()
    assert (opened_late.period.code, opened_late.status) == ("2026-S1", Status.NOT_APPLICABLE)


def test_a_sum_whose_last_quarter_may_still_come_in_time_is_not_due(network: Network) -> None:
    stored(network, structures(structure("atelier"), structure("autre")))
    stored(network, measures(*quarters_of_exits("2026-T1", "2026-T2", "2026-T3")))
    whole = quarters_of_exits("2026-T1", "2026-T2", "2026-T3", "2026-T4", structure_="autre")
    assert isinstance(deposit(network, measures(*whole), today=date(2027, 1, 20)), Accepted)
    with network.snapshot() as snapshot:
        sheet, year = snapshot.catalogue["dynamic_exit_rate"], parse_span("2026")
        for today, status in ((date(2027, 1, 30), "not_due"), (date(2027, 1, 31), "missing")):
            rows = figures_by_structure(
                QueryContext(snapshot, MANAGEMENT, today), network_of(snapshot), sheet, year
            ).rows
            assert dict(rows.select("structure", "status").iter_rows()) == {"atelier": status, "autre": "ok"}


def test_a_quarter_without_any_exit_counts_as_nothing_and_does_not_break_the_window(network: Network) -> None:
    stored(network, structures(structure("atelier")))
    nobody = measure("atelier", "2025-T3", "dynamic_exit_rate", 0, 0)
    stored(network, measures(*quarters_of_exits("2025-T1", "2025-T2", "2025-T4"), nobody))
    figure = figures_for(network, TimeStep.YEAR)["2025"]
    assert figure.shown is not None
    assert (figure.shown.numerator, figure.shown.denominator) == (99, 180)


def test_a_year_deposited_as_such_is_never_added_to_its_quarters(network: Network) -> None:
    stored(network, structures(structure("atelier")))
    year = measure("atelier", "2025", "dynamic_exit_rate", 132, 240)
    stored(network, measures(*quarters_of_exits("2025-T1", "2025-T2", "2025-T3", "2025-T4"), year))
    figure = figures_for(network, TimeStep.YEAR)["2025"]
    assert figure.shown is not None
    assert (figure.shown.numerator, figure.shown.denominator) == (132, 240)
    window = figures_for(network, TimeStep.ROLLING)["2025-T4~4"]
    assert window.shown is not None
    assert (window.shown.numerator, window.shown.denominator) == (132, 240), "a window is made of quarters alone"


def test_years_alone_make_a_series_of_years_and_no_other(network: Network) -> None:
    stored(network, structures(structure("atelier")))
    stored(network, measures(*(measure("atelier", str(year), "dynamic_exit_rate", 140, 250) for year in (2009, 2010))))
    assert [figure.status for figure in figures_for(network, TimeStep.YEAR).values()] == [Status.OK, Status.OK]
    for step in (None, TimeStep.SEMESTER, TimeStep.ROLLING):
        assert figures_for(network, step) == {}


def test_a_public_year_beside_a_hidden_quarter_is_withheld_whatever_is_asked(network: Network) -> None:
    stored(network, structures(structure("equipe", "CISP", "be-liege")))
    quarters = [(f"2025-T{n}", *counts) for n, counts in enumerate(((12, 30), (12, 30), (3, 30), (12, 30)), 1)]
    rows = [measure("equipe", code, "cisp_job_exit_rate", x, n) for code, x, n in quarters]
    stored(network, measures(*rows, measure("equipe", "2025", "cisp_job_exit_rate", 39, 120)))
    of: dict[str, Any] = {"where": "equipe", "indicator": "cisp_job_exit_rate"}
    assert figures_for(network, TimeStep.YEAR, PUBLIC, **of)["2025"].status is Status.WITHHELD
    assert figures_for(network, TimeStep.YEAR, MANAGEMENT, **of)["2025"].shown is not None
    with network.snapshot() as snapshot:
        where, sheet = snapshot.structures.parse_perimeter("equipe"), snapshot.catalogue["cisp_job_exit_rate"]
        for since in (date.min, date(2025, 12, 31)):
            found = perimeter_figures(
                QueryContext(snapshot, PUBLIC, date.max), where, [sheet], since, date(2025, 12, 31)
            ).rows
            assert dict(found.select("period", "status").iter_rows())["2025"] == "withheld", since


# Cohorts


@pytest.fixture
def cohorts(network: Network) -> Network:
    stored(network, structures(structure("atelier")))
    counts = {"2022": (9, 18), "2023": (8, 16), "2025": (10, 25)}
    stored(network, measures(*(measure("atelier", year, "employment_rate_6m", *c) for year, c in counts.items())))
    return network


def test_two_cohorts_are_read_together_and_one_alone_is_missing(cohorts: Network) -> None:
    found = figures_for(cohorts, None, PUBLIC, indicator="employment_rate_6m")
    together = found["2023"]
    assert together.shown is not None
    assert (together.shown.numerator, together.shown.denominator) == (17, 34)
    assert together.status is Status.OK, "judged on both cohorts: each alone is under twenty"
    assert together.covered_span.code == "2023~2"
    assert found.get("2022") is None or found["2022"].status is Status.MISSING
    assert all(figure.status is Status.MISSING for code, figure in found.items() if code != "2023")


def test_a_cohort_still_followed_is_to_be_completed_and_not_due_for_programs(network: Network) -> None:
    stored(network, structures(structure("atelier")))
    counts = {"2024": (30, 60), "2025": (20, 50)}
    stored(network, measures(*(measure("atelier", year, "employment_rate_6m", *c) for year, c in counts.items())))
    last = date(2026, 6, 30)
    before = figures_for(network, None, indicator="employment_rate_6m", today=last)["2025"]
    assert before.outcome == CohortOpen(last)
    assert (before.status, before.shown, before.interval, before.judgement) == (Status.NOT_DUE, None, None, None)
    after = figures_for(network, None, indicator="employment_rate_6m", today=date(2026, 7, 1))["2025"]
    assert after.shown is not None
    assert after.shown.value == pytest.approx(50 / 110 * 100)
    with network.snapshot() as snapshot:
        sheet, year = snapshot.catalogue["employment_rate_6m"], Period.parse("2025")
        for today, expected in ((last, (None, "not_due")), (date(2026, 7, 1), (pytest.approx(50 / 110 * 100), "ok"))):
            rows = figures_by_structure(
                QueryContext(snapshot, MANAGEMENT, today), network_of(snapshot), sheet, year
            ).rows
            assert rows.select("value", "status").rows() == [expected]


def test_a_network_spreads_its_pooled_figures_and_not_its_cohorts(network: Network) -> None:
    codes = [f"atelier-{number}" for number in range(20)]
    stored(network, structures(*map(structure, codes)))
    rows = [
        measure(code, year, "employment_rate_6m", numerator + place, 40)
        for place, code in enumerate(codes)
        for year, numerator in (("2023", 0), ("2024", 20))
    ]
    stored(network, measures(*rows))
    with network.snapshot() as snapshot:
        found = compute_deciles(
            QueryContext(snapshot, PUBLIC, date.max), network_of(snapshot), snapshot.catalogue["employment_rate_6m"]
        )
    assert found.select("period", "structures").rows() == [("2024", 20)]
    assert found["median"].to_list() == [48.8], "(20 + 9.5 × 2) / 80, as it is displayed"


def test_the_pooled_figures_of_the_fictitious_network_are_those_of_two_deposited_cohorts(snapshot: Snapshot) -> None:
    assert sheets()["employment_rate_6m"]["parameters"]["pooled_cohorts"] == 2
    both = [counted()["atelier-du-canal", "employment_rate_6m", year] for year in ("2023", "2024")]
    where, sheet = snapshot.structures.parse_perimeter("atelier-du-canal"), snapshot.catalogue["employment_rate_6m"]
    figure = by_code(read_series(QueryContext(snapshot, PUBLIC, TODAY), where, sheet))["2024"]
    assert figure.shown is not None
    assert figure.shown.denominator == sum(count.denominator or 0 for count in both)
