"""What a public figure could reveal of a person or of a member is taken out, and cannot be computed back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.definitions.catalogue import Audience, Catalogue, read_catalogue
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Period
from indicators.disclosure.control import suppress, suppress_totals
from indicators.disclosure.thresholds import apply_primary_suppression
from indicators.figures.figure import Status
from indicators.network import DATA_FOLDER, Network
from indicators.queries.figures.board import compute_board
from indicators.queries.figures.by_structure import figures_by_structure
from indicators.queries.figures.deciles import compute_deciles
from indicators.queries.figures.figures import perimeter_figures
from indicators.queries.figures.series import read_series
from indicators.snapshot import QueryContext
from tests.builders import TODAY, measure, measures, stored, structure, structures

CATALOGUE: Catalogue = read_catalogue(DATA_FOLDER / "catalogue")
TOTAL = "dynamic_exit_rate"
PARTS = CATALOGUE.sums[TOTAL]
PUBLIC, MEMBERS, MANAGEMENT = Audience.PUBLIC, Audience.NETWORK, Audience.MANAGEMENT

Row = dict[str, Any]


def row(indicator: str, numerator: float | None, denominator: float | None, **other: Any) -> Row:
    value = None if numerator is None else numerator / (denominator or 1) * CATALOGUE[indicator].scale
    status = Status.MISSING if value is None else Status.OK
    facts = {"numerator": numerator, "denominator": denominator, "value": value, "status": status.value}
    return {"indicator": indicator, "period": "2026-T3", **facts, **other}


def table(*rows: Row) -> pl.DataFrame:
    counts = {"numerator": pl.Float64, "denominator": pl.Float64, "value": pl.Float64}
    return pl.DataFrame(rows, schema_overrides=counts)


def is_shown(indicator: str, numerator: float, denominator: float | None, audience: Audience = PUBLIC) -> bool:
    """Protect one row; if it is withheld, check that nothing of it is left."""
    protected = suppress(table(row(indicator, numerator, denominator)), CATALOGUE, audience)
    (found,) = protected.iter_rows(named=True)
    if found["status"] != Status.WITHHELD:
        assert (found["numerator"], found["denominator"], found["status"]) == (numerator, denominator, "ok")
        return True
    assert (found["numerator"], found["denominator"], found["value"]) == (None, None, None)
    return False


# People (METHODS 6.1)


@pytest.mark.parametrize(
    ("leavers", "shown"), [(0, False), (1, False), (4, False), (5, True), (7, True), (8, True), (30, True)]
)
def test_a_rate_on_one_to_four_people_is_withheld_and_so_is_none_of_them(leavers: int, shown: bool) -> None:
    assert is_shown("durable_job_exit_rate", leavers, 60) is shown


@pytest.mark.parametrize(("others", "shown"), [(0, False), (1, False), (4, False), (5, True), (7, True), (8, True)])
def test_a_rate_that_leaves_one_to_four_people_out_is_withheld_and_so_is_all_of_them(others: int, shown: bool) -> None:
    assert is_shown("durable_job_exit_rate", 60 - others, 60) is shown


@pytest.mark.parametrize(("count", "shown"), [(0, True), (1, False), (4, False), (5, True), (7, True), (8, True)])
def test_a_count_of_one_to_four_serious_sanctions_is_withheld(count: int, shown: bool) -> None:
    assert is_shown("serious_sanctions", count, None) is shown


def test_an_outcome_on_nineteen_leavers_is_not_public_and_on_twenty_it_is() -> None:
    assert not is_shown("durable_job_exit_rate", 9, 19)
    assert is_shown("durable_job_exit_rate", 9, 20)


def test_members_of_the_network_see_an_outcome_from_ten_leavers() -> None:
    assert not is_shown("durable_job_exit_rate", 5, 9, MEMBERS)
    assert is_shown("durable_job_exit_rate", 5, 10, MEMBERS)


def test_members_of_the_network_do_not_see_one_to_four_people_either() -> None:
    assert not is_shown("durable_job_exit_rate", 4, 60, MEMBERS)
    assert not is_shown("durable_job_exit_rate", 56, 60, MEMBERS)


def test_management_sees_everything_of_its_own() -> None:
    for leavers, total in ((0, 3), (1, 3), (3, 3), (4, 60)):
        assert is_shown("durable_job_exit_rate", leavers, total, MANAGEMENT)


def test_forty_four_permanent_contracts_of_forty_four_harm_nobody() -> None:
    assert is_shown("permanent_contract_share", 44, 44)


def test_none_of_forty_four_and_all_but_one_are_withheld_all_the_same() -> None:
    assert not is_shown("permanent_contract_share", 0, 44)
    assert not is_shown("permanent_contract_share", 43, 44)
    assert not is_shown("permanent_contract_share", 9, 9)


def test_a_few_hours_of_absence_reveal_nobody_once_the_hours_due_are_many() -> None:
    assert is_shown("absenteeism_rate", 3, 2_000)
    assert is_shown("absenteeism_rate", 0, 2_000)
    assert not is_shown("absenteeism_rate", 42, 1_999.5)


def test_what_is_not_about_people_is_not_withheld_for_being_small() -> None:
    assert is_shown("psve_actions", 1, None)
    assert is_shown("board_employee_seat_share", 1, 9)
    assert is_shown("priority_action_completion_rate", 0, 2)


def stated(indicator: str, value: float, period: str, **counts: float) -> Row:
    return row(indicator, None, None, status="ok") | {"value": value, "period": period, **counts}


def shown_values(*rows: Row, audience: Audience = PUBLIC) -> list[float | None]:
    protected = suppress(table(*rows), CATALOGUE, audience)
    assert {row["status"] for row in protected.to_dicts() if row["value"] is None} <= {"withheld"}
    return protected["value"].to_list()


@pytest.mark.parametrize("audience", [PUBLIC, MEMBERS])
def test_a_rate_about_people_without_its_counts_is_withheld_since_a_sibling_gives_them_back(audience: Audience) -> None:
    """3.4 % of the 29 leavers of another indicator: one person."""
    for period in ("2026-T3", "2025", "2014"):
        assert shown_values(stated("cisp_job_exit_rate", 3.4, period), audience=audience) == [None]
    assert shown_values(stated("dynamic_exit_rate", 60.0, "2010"), audience=audience) == [None], (
        "its sheet says nothing"
    )
    assert shown_values(stated("cisp_job_exit_rate", 3.4, "2026-T3"), audience=MANAGEMENT) == [3.4]


def test_a_rate_that_its_structure_printed_long_ago_is_shown_as_it_was_published() -> None:
    assert shown_values(stated("cisp_job_exit_rate", 31.6, "2010")) == [31.6]
    assert shown_values(stated("cisp_job_exit_rate", 50.0, "2009")) == [50.0]
    assert shown_values(stated("permanent_contract_share", 97.0, "2010-T4")) == [97.0]


def test_a_printed_rate_beside_its_denominator_is_withheld_all_the_same_and_so_is_nobody() -> None:
    assert shown_values(stated("cisp_job_exit_rate", 31.6, "2010", denominator=19.0)) == [None], "6 of 19"
    assert shown_values(stated("cisp_job_exit_rate", 31.6, "2010", numerator=6.0)) == [None], "6 of 19"
    assert shown_values(stated("cisp_job_exit_rate", 0.0, "2010")) == [None], "nobody, whatever the counts"
    assert shown_values(stated("permanent_contract_share", 100.0, "2010")) == [100.0], "everybody harms nobody there"


def test_a_rate_that_is_not_about_people_needs_no_counts() -> None:
    assert shown_values(stated("board_employee_seat_share", 33.3, "2026-T3")) == [33.3]


def test_a_hundred_and_two_satisfied_clients_of_a_hundred_and_five_harm_nobody() -> None:
    assert is_shown("client_satisfaction_rate", 102, 105)
    assert not is_shown("client_satisfaction_rate", 3, 105), "three would be told from the others"
    assert not is_shown("client_satisfaction_rate", 9, 9), "too few answered"
    assert not is_shown("women_share", 102, 105), "no other sheet says so"


@pytest.mark.parametrize("status", ["missing", "not_applicable"])
def test_an_absence_stays_the_absence_it_is(status: str) -> None:
    absent = row("durable_job_exit_rate", None, None) | {"status": status}
    protected = suppress(table(absent), CATALOGUE, PUBLIC)
    assert protected["status"].to_list() == [status]


@given(st.integers(0, 80), st.integers(0, 80))
def test_whatever_is_public_has_five_people_on_each_side(inside: int, outside: int) -> None:
    if is_shown("durable_job_exit_rate", inside, inside + outside):
        assert inside >= 5
        assert outside >= 5
        assert inside + outside >= 20


# Structures (METHODS 6.2)


def left_of_a_total(numerator: float, denominator: float, contributors: int, share: float) -> str | None:
    """Return the rule by which what is left of a total could not be shown; none if it could."""
    rest = {"indicator": "absenteeism_rate", "numerator": numerator, "denominator": denominator}
    frame = pl.DataFrame([rest | {"contributors": contributors, "largest_share": share}])
    (found,) = apply_primary_suppression(frame, CATALOGUE, PUBLIC, consolidated=True).to_dicts()
    assert found["hidden"] == (found["rule"] is not None)
    return None if found["rule"] is None else str(found["rule"])


@pytest.mark.parametrize(("contributors", "rule"), [(1, "few_structures"), (2, "few_structures"), (3, None)])
def test_what_is_left_of_a_total_must_be_of_three_structures(contributors: int, rule: str | None) -> None:
    assert left_of_a_total(600, 9_000, contributors, 0.4) == rule


@pytest.mark.parametrize(("share", "rule"), [(0.80, None), (0.85, None), (0.8500001, "dominant"), (0.86, "dominant")])
def test_of_what_is_left_one_structure_may_make_85_percent_and_no_more(share: float, rule: str | None) -> None:
    assert left_of_a_total(600, 9_000, 5, share) == rule


def test_what_is_left_of_a_total_is_withheld_for_its_people_as_a_structure_is() -> None:
    assert left_of_a_total(600, 1_999, 9, 0.2) == "few_cases"
    rest = {"indicator": "durable_job_exit_rate", "numerator": 4.0, "denominator": 60.0, "contributors": 9}
    (found,) = apply_primary_suppression(
        pl.DataFrame([rest | {"largest_share": 0.2}]), CATALOGUE, PUBLIC, consolidated=True
    ).to_dicts()
    assert found["rule"] == "few_people"


def test_the_share_of_the_largest_structure_is_taken_out_with_the_total_it_would_reveal() -> None:
    two = table(row("absenteeism_rate", 60, 3_000, contributors=2, largest_share=0.75))
    for audience in (PUBLIC, MEMBERS):
        protected = suppress_totals(two, CATALOGUE, audience, two.select("indicator", "period"))
        assert protected["status"].to_list() == ["withheld"]
        assert protected["largest_share"].to_list() == [None], "with its own count, a member would compute the other's"
    assert suppress_totals(two, CATALOGUE, MANAGEMENT, two.select("indicator", "period")).equals(two)


# Sums (METHODS 6.3)


def found_by_subtraction(counts: dict[str, float | None], parts: tuple[str, ...], total: str) -> set[str]:
    """Terms of a sum that are hidden (null) and that the others give away; counts are never negative."""
    hidden = {name for name in parts if counts[name] is None}
    rest = sum(counts[name] or 0 for name in parts)
    if counts[total] is None:
        return set() if hidden else {total}
    behind = (counts[total] or 0) - rest
    return hidden if hidden and (len(hidden) == 1 or behind == 0) else set()


def exits(durable: int, transition: int, positive: int, leavers: int, **of: Any) -> list[Row]:
    counts = dict(zip(PARTS, (durable, transition, positive), strict=True))
    total = row(TOTAL, sum(counts.values()), leavers, **of)
    return [total, *(row(name, count, leavers, **of) for name, count in counts.items())]


def hidden_terms(*counts: int) -> list[str]:
    protected = suppress(table(*exits(*counts)), CATALOGUE, PUBLIC)
    return protected.filter(pl.col("status") == "withheld")["indicator"].to_list()


def test_a_hidden_part_takes_the_smallest_other_with_it() -> None:
    assert hidden_terms(20, 9, 3, 60) == ["transition_job_exit_rate", "positive_exit_rate"]
    assert hidden_terms(9, 20, 3, 60) == ["durable_job_exit_rate", "positive_exit_rate"]


def test_a_hidden_total_takes_its_smallest_part_with_it() -> None:
    assert hidden_terms(20, 12, 25, 60) == [TOTAL, "transition_job_exit_rate"]


def test_two_parts_hidden_for_themselves_take_no_third() -> None:
    assert hidden_terms(20, 3, 2, 60) == ["transition_job_exit_rate", "positive_exit_rate"]


def test_of_two_equal_parts_only_one_goes() -> None:
    assert len(hidden_terms(9, 9, 3, 60)) == 2


def test_where_nothing_is_hidden_everything_is_shown() -> None:
    assert hidden_terms(20, 9, 8, 60) == []


def test_each_period_is_a_whole_of_its_own() -> None:
    rows = [*exits(20, 9, 3, 60, period="2026-T2"), *exits(20, 9, 8, 60, period="2026-T3")]
    protected = suppress(table(*rows), CATALOGUE, PUBLIC)
    assert set(protected.filter(pl.col("status") == "withheld")["period"]) == {"2026-T2"}


@given(st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12)), st.integers(0, 40))
def test_no_hidden_term_of_a_sum_is_found_by_subtraction(counts: tuple[int, int, int], others: int) -> None:
    rows = exits(*counts, sum(counts) + others)
    if sum(counts) + others == 0:
        return
    protected = suppress(table(*rows), CATALOGUE, PUBLIC)
    shown = dict(protected.select("indicator", "numerator").iter_rows())
    assert found_by_subtraction(shown, PARTS, TOTAL) == set()


# Asked of a store: one region for each case


@pytest.fixture(scope="module")
def regions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Regions whose structures all show their hours, or of which some or all are too small to; and a home help.

    Hours due, in hundreds; a tenth of them absent: from 20 a structure shows them.
    """
    sizes = {
        "bretagne": (100, 100),
        "corse": (100,),
        "normandie": (19, 19, 19),
        "occitanie": (500, 500, 19, 1, 1),
        "grand-est": (500, 17, 1, 2),
        "bourgogne-franche-comte": (500, 18, 1, 2),
        "ile-de-france": (500, 19, 19),
    }
    rows, counts = [structure("aide-unique", "TS", "be-liege")], []
    for region, hours in sizes.items():
        for number, own in enumerate(hours, start=1):
            rows.append(structure(f"{region}-{number}", "ACI", region))
            counts.append(measure(f"{region}-{number}", "2026-T3", "absenteeism_rate", own * 10, own * 100))
            # Everybody's full-time hours are the same: what a total of FTE adds up is the hours worked.
            counts.append(measure(f"{region}-{number}", "2026-T3", "fte_realised", own * 100, 1_505))
    counts.append(measure("aide-unique", "2026-T3", "permanent_contract_share", 44, 44))
    with Network(str(tmp_path_factory.mktemp("regions"))) as opened:
        stored(opened, structures(*rows))
        stored(opened, measures(*counts))
        yield opened


def public_rows(network: Network, perimeter: str, indicator: str, audience: Audience = PUBLIC) -> list[Row]:
    with network.snapshot() as snapshot:
        where, sheet = snapshot.structures.parse_perimeter(perimeter), snapshot.catalogue[indicator]
        return perimeter_figures(
            QueryContext(snapshot, audience, date.max), where, [sheet], date.min, date.max
        ).rows.to_dicts()


@pytest.mark.parametrize(
    ("region", "shown"),
    [
        ("bretagne", True),
        ("corse", True),
        ("normandie", True),
        ("occitanie", False),
        ("grand-est", True),
        ("bourgogne-franche-comte", False),
        ("ile-de-france", False),
    ],
)
def test_a_region_is_shown_if_nothing_is_left_of_it_or_three_structures_none_above_85_percent(
    regions: Network, region: str, shown: bool
) -> None:
    """Two and one that are shown; three of 19; 19 of 21 (90 %); 17 of 20 (85 %); 18 of 21 (86 %); two of 19."""
    (found,) = public_rows(regions, f"region:{region}", "absenteeism_rate")
    assert (found["status"] == "ok", found["value"] is not None) == (shown, shown)


def test_a_total_of_what_every_structure_shows_is_shown_whoever_makes_the_most_of_it(regions: Network) -> None:
    for region in ("corse", "bretagne", "occitanie"):
        (found,) = public_rows(regions, f"region:{region}", "fte_realised")
        own = [
            row["value"]
            for number in range(1, found["contributors"] + 1)
            for row in public_rows(regions, f"{region}-{number}", "fte_realised")
        ]
        assert found["value"] == pytest.approx(sum(own))


def test_a_home_help_whose_forty_four_employees_are_all_permanent_says_so(regions: Network) -> None:
    (found,) = public_rows(regions, "aide-unique", "permanent_contract_share")
    assert (found["numerator"], found["denominator"], found["value"]) == (44, 44, 100)


def test_nothing_of_a_withheld_region_is_left_in_any_column(regions: Network) -> None:
    for region in ("occitanie", "ile-de-france"):
        (found,) = public_rows(regions, f"region:{region}", "absenteeism_rate")
        left = {name for name, value in found.items() if value is not None}
        assert left <= {"indicator", "period", "period_end", "contributors", "status"}, region


# Asked of the fictitious network, whatever is asked


def test_a_management_indicator_never_comes_out_of_a_public_question(demo: Network) -> None:
    with demo.snapshot() as snapshot:
        hidden = [sheet for sheet in snapshot.catalogue if sheet.audience is MANAGEMENT]
        quarter = Period.parse("2025-T4")
        assert len(hidden) == 14
        for where in (NETWORK, Perimeter(Level.STRUCTURE, "atelier-du-canal")):
            for sheet in hidden:
                period = Period.latest_ended(quarter.end, sheet.frequency)
                assert list(read_series(QueryContext(snapshot, PUBLIC, TODAY), where, sheet)) == []
                assert compute_deciles(QueryContext(snapshot, PUBLIC, date.max), where, sheet).is_empty()
                assert figures_by_structure(
                    QueryContext(snapshot, PUBLIC, date.max), where, sheet, period
                ).rows.is_empty()
            assert perimeter_figures(
                QueryContext(snapshot, PUBLIC, date.max), where, hidden, date.min, date.max
            ).rows.is_empty()
            assert compute_board(QueryContext(snapshot, PUBLIC, TODAY), where, quarter, hidden) == []
            for audience in (PUBLIC, MEMBERS):
                seen = perimeter_figures(
                    QueryContext(snapshot, audience, date.max), where, list(snapshot.catalogue), date.min, date.max
                ).rows["indicator"]
                tiles = compute_board(QueryContext(snapshot, audience, TODAY), where, quarter)
                assert not {sheet.id for sheet in hidden} & {*seen, *(tile.indicator.id for tile in tiles)}
                assert all(audience.sees(tile.indicator.audience) for tile in tiles)


def test_management_does_see_what_the_public_does_not(demo: Network) -> None:
    with demo.snapshot() as snapshot:
        where, sheet = Perimeter(Level.STRUCTURE, "atelier-du-canal"), snapshot.catalogue["contracted_fte_rate"]
        assert not perimeter_figures(
            QueryContext(snapshot, MANAGEMENT, date.max), where, [sheet], date.min, date.max
        ).rows.is_empty()


def test_one_indicator_is_withheld_alone_as_it_is_among_the_others(demo: Network) -> None:
    with demo.snapshot() as snapshot:
        public = snapshot.catalogue.visible_to(PUBLIC)
        terms = [snapshot.catalogue[name] for name in (TOTAL, *PARTS)]
        where = Perimeter(Level.STRUCTURE, "potager-des-grands-pres")
        together = perimeter_figures(QueryContext(snapshot, PUBLIC, date.max), where, public, date.min, date.max).rows
        compared = 0
        for sheet in terms:
            separate = perimeter_figures(
                QueryContext(snapshot, PUBLIC, date.max), where, [sheet], date.min, date.max
            ).rows
            assert separate.equals(together.filter(pl.col("indicator") == sheet.id))
            compared += separate.filter(pl.col("status") == "withheld").height
            states = dict(separate.select("period", "status").iter_rows())
            withheld = {code for code, state in states.items() if state == "withheld"}
            shown = read_series(QueryContext(snapshot, PUBLIC, TODAY), where, sheet)
            assert {figure.period.code for figure in shown if figure.status is Status.WITHHELD} == withheld
            for code in list(states)[:3]:
                rows = figures_by_structure(
                    QueryContext(snapshot, PUBLIC, date.max), where, sheet, Period.parse(code)
                ).rows
                assert rows["status"].to_list() == [states[code]]
        assert compared > 20, "the fictitious network has withheld exits, or this test says nothing"


def public_figures(network: Network) -> dict[str, dict[tuple[str, str], Row]]:
    """Every public figure of every perimeter: perimeter → (indicator, period) → row."""
    found: dict[str, dict[tuple[str, str], Row]] = {}
    with network.snapshot() as snapshot:
        known = snapshot.structures
        codes = [
            *known.by_id,
            *(f"groupe:{group}" for group in known.group_names),
            *sorted({f"region:{structure.region}" for structure in known.by_id.values()}),
            "reseau",
        ]
        public = snapshot.catalogue.visible_to(PUBLIC)
        for code in codes:
            rows = perimeter_figures(
                QueryContext(snapshot, PUBLIC, date.max), known.parse_perimeter(code), public, date.min, date.max
            ).rows
            found[code] = {(row["indicator"], row["period"]): row for row in rows.iter_rows(named=True)}
    return found


@pytest.fixture(scope="module")
def published(demo: Network) -> dict[str, dict[tuple[str, str], Row]]:
    return public_figures(demo)


def test_no_hidden_exit_of_the_fictitious_network_is_found_by_subtraction(
    published: dict[str, dict[tuple[str, str], Row]],
) -> None:
    leaks, wholes = [], 0
    for where, rows in published.items():
        for period in {period for indicator, period in rows if indicator == TOTAL}:
            terms = {name: rows.get((name, period)) for name in (TOTAL, *PARTS)}
            counted = {name: row for name, row in terms.items() if row and row["status"] in {"ok", "withheld"}}
            if len(counted) == len(terms):
                wholes += 1
                shown = {name: row["numerator"] for name, row in counted.items()}
                leaks += [(where, period, name) for name in found_by_subtraction(shown, PARTS, TOTAL)]
    assert wholes > 400
    assert leaks == []


def test_nothing_of_a_withheld_figure_of_the_fictitious_network_is_left_in_any_column(
    published: dict[str, dict[tuple[str, str], Row]],
) -> None:
    withheld = [row for rows in published.values() for row in rows.values() if row["status"] == "withheld"]
    assert len(withheld) > 500
    left = {name for row in withheld for name, value in row.items() if value is not None}
    assert left <= {"indicator", "period", "period_end", "contributors", "status"}


@pytest.mark.parametrize(
    ("quarters", "hidden", "year_shown"),
    [
        ((1, 2, 3), (), True),
        ((3, 4), (3, 4), False),
        ((1, 2, 3, 4), (4,), False),
        ((1, 2, 3, 4), (2,), True),
    ],
)
def test_the_year_of_a_stock_is_its_last_quarter_and_goes_with_it(
    quarters: tuple[int, ...], hidden: tuple[int, ...], year_shown: bool
) -> None:
    name = "permanent_contract_share"
    rows = [row(name, 20, 40, period=f"2025-T{number}") for number in quarters]
    too = pl.DataFrame([(name, f"2025-T{number}") for number in hidden], ["indicator", "period"], orient="row")
    frame = table(*rows, row(name, 20, 40, period="2025"))
    found = suppress(frame, CATALOGUE, PUBLIC, extra_mask=too)
    assert (found.filter(pl.col("period") == "2025")["status"].item() == "ok") is year_shown
