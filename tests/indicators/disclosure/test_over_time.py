"""What is added up over time: each sum has a twin in plain loops, and nothing hidden can be computed from the sums."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.definitions.catalogue import Audience, read_catalogue
from indicators.definitions.periods import Frequency, Period, Span
from indicators.disclosure.control import suppress, suppress_totals
from indicators.disclosure.over_time import aggregate_figures
from indicators.figures.aggregation import pool_cohorts, sum_over
from indicators.figures.time_steps import TimeStep, component_periods, spans_covering
from indicators.figures.values import COUNT_COLUMNS, compute_values
from indicators.network import DATA_FOLDER
from tests.conftest import examples

CATALOGUE = read_catalogue(DATA_FOLDER / "catalogue")
PUBLIC, MEMBERS, MANAGEMENT = Audience.PUBLIC, Audience.NETWORK, Audience.MANAGEMENT
EXITS, CONTRACTS, FTE = (CATALOGUE[i] for i in ("cisp_job_exit_rate", "permanent_contract_share", "fte_realised"))
ACTIONS, COHORTS = CATALOGUE["psve_actions"], CATALOGUE["employment_rate_6m"]
FIRST = Period.parse("2024-T1")
QUARTERS = Period.parse("2025-T4").trailing(8)
STEPS = (TimeStep.SEMESTER, TimeStep.YEAR, TimeStep.ROLLING)

Count = tuple[int, int]
Deposited = dict[str, Count | None]
"""Numerator and denominator by the code of a period; null where the deposit says that it is not known."""


def frame(counts: Deposited, indicator: str = EXITS.id, structure: str | None = None, **other: Any) -> pl.DataFrame:
    """One structure's counts, as `counted` gives them."""
    rows = []
    for code, count in counts.items():
        numerator, denominator = (None, None) if count is None else map(float, count)
        divided = CATALOGUE[indicator].denominator_required
        facts = {
            "indicator": indicator,
            "period": code,
            "period_end": Period.parse(code).end,
            "numerator": numerator,
            "denominator": denominator if divided else None,
            "quotients": numerator / denominator if numerator is not None and denominator else None,
            "contributors": 1,
            "absence": "missing" if count is None else None,
            **other,
        }
        rows.append(({} if structure is None else {"structure": structure}) | facts)
    keys = {"indicator": pl.String, "period": pl.String, "period_end": pl.Date}
    schema = keys | COUNT_COLUMNS if structure is None else {"structure": pl.String} | keys | COUNT_COLUMNS
    return pl.DataFrame(rows, schema=schema, orient="row")


def spans(indicator: Any = EXITS) -> dict[Span, list[Period]]:
    """Every semester, year and rolling window of two years."""
    found = [span for step in STEPS for span in spans_covering(step, QUARTERS[0], QUARTERS[-1])]
    return {span: parts for span in found if (parts := component_periods(span, indicator))}


def over_spans(
    counts: pl.DataFrame, indicator: Any, audience: Audience, parts: Any, *, consolidated: bool
) -> pl.DataFrame:
    """Control the deposited periods, then add them up."""
    sheets = [CATALOGUE[name] for name in CATALOGUE.with_linked([indicator.id])]
    values = compute_values(counts, sheets, per_structure=not consolidated)
    own = suppress_totals(values, CATALOGUE, audience, None) if consolidated else suppress(values, CATALOGUE, audience)
    return aggregate_figures(counts, own, indicator, parts, per_structure=not consolidated)


def read(counts: pl.DataFrame, audience: Audience = MANAGEMENT, indicator: Any = EXITS) -> dict[str, dict[str, Any]]:
    found = over_spans(counts, indicator, audience, spans(indicator), consolidated=False)
    return {row["period"]: row for row in found.iter_rows(named=True)}


def quarter_codes(span: str) -> list[str]:
    """The quarters of a span, by counting on one's fingers."""
    year = int(span[:4])
    match span[4:]:
        case "":
            return [f"{year}-T{n}" for n in (1, 2, 3, 4)]
        case "-S1":
            return [f"{year}-T1", f"{year}-T2"]
        case "-S2":
            return [f"{year}-T3", f"{year}-T4"]
        case rolling:
            last = int(rolling[2])
            return [f"{year - 1}-T{n}" for n in range(last + 1, 5)] + [f"{year}-T{n}" for n in range(1, last + 1)]


SPANS = [
    *("2024-S1", "2024-S2", "2025-S1", "2025-S2", "2024", "2025"),
    *("2024-T4~4", "2025-T1~4", "2025-T2~4", "2025-T3~4", "2025-T4~4"),
]

few = examples(0.4)
counts = st.one_of(
    st.none(), st.integers(0, 40).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole)))
)
deposits = st.fixed_dictionaries({}, optional=dict.fromkeys([*(q.code for q in QUARTERS), "2024", "2025"], counts))


# Twins


def test_the_spans_of_two_years_are_those_counted_on_fingers() -> None:
    assert {span.code: [part.code for part in parts] for span, parts in spans().items()} == {
        code: quarter_codes(code) for code in SPANS
    }


@few
@given(deposits)
def test_a_sum_over_time_is_that_of_its_twin(deposited: Deposited) -> None:
    found = read(frame(deposited))
    for code in SPANS:
        own = deposited.get(code)
        terms = [deposited.get(quarter) for quarter in quarter_codes(code)]
        known = [term for term in terms if term is not None]
        if own is not None and own[1] > 0:
            expected: Count | None = own
        elif len(known) == len(terms):
            expected = (sum(x for x, _ in known), sum(n for _, n in known))
        else:
            expected = None
        if expected is None:
            assert code not in found, "a part of a sum is never shown as the whole"
        elif expected[1] == 0:
            assert found[code]["value"] is None
        else:
            row = found[code]
            assert (row["numerator"], row["denominator"]) == expected
            assert row["value"] == pytest.approx(expected[0] / expected[1] * 100)


@few
@given(deposits)
def test_a_stock_is_that_of_the_last_quarter_and_is_never_added_up(deposited: Deposited) -> None:
    found = read(frame(deposited, CONTRACTS.id), indicator=CONTRACTS)
    assert not any("~" in code for code in found)
    for code in (span for span in SPANS if "~" not in span):
        own, last = deposited.get(code), deposited.get(quarter_codes(code)[-1])
        expected = own if own is not None and own[1] > 0 else last
        if expected is None:
            assert code not in found
        elif expected[1]:
            assert (found[code]["numerator"], found[code]["denominator"]) == expected


@few
@given(deposits)
def test_what_has_no_denominator_is_simply_added(deposited: Deposited) -> None:
    found = read(frame(deposited, ACTIONS.id), indicator=ACTIONS)
    for code in SPANS:
        own, terms = deposited.get(code), [deposited.get(quarter) for quarter in quarter_codes(code)]
        known = [term[0] for term in terms if term is not None]
        expected = own[0] if own is not None else sum(known) if len(known) == len(terms) else None
        assert found.get(code, {}).get("value") == expected


@few
@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), deposits, min_size=1))
def test_structures_side_by_side_are_each_their_own_sums(all_deposited: dict[str, Deposited]) -> None:
    together = pl.concat([frame(deposited, structure=name) for name, deposited in all_deposited.items()])
    found = over_spans(together, EXITS, PUBLIC, spans(), consolidated=False)
    for name, deposited in all_deposited.items():
        separate = over_spans(frame(deposited), EXITS, PUBLIC, spans(), consolidated=False)
        assert found.filter(pl.col("structure") == name).drop("structure").equals(separate)


@few
@given(st.dictionaries(st.integers(2019, 2025), counts))
def test_a_pooled_figure_adds_each_cohort_to_the_one_before(cohorts: dict[int, Count | None]) -> None:
    deposited = {str(year): count for year, count in cohorts.items()}
    found = {
        row["period"]: row
        for row in pool_cohorts(frame(deposited, COHORTS.id), [COHORTS], per_structure=True).to_dicts()
    }
    for year in range(2019, 2026):
        own, before = cohorts.get(year), cohorts.get(year - 1)
        if own is None or before is None:
            assert str(year) not in found, "one cohort of the two is no figure"
        else:
            row = found[str(year)]
            assert (row["numerator"], row["denominator"]) == (own[0] + before[0], own[1] + before[1])


def test_one_hundred_and_fifty_three_of_two_years_leavers_are_judged_together() -> None:
    deposited: Deposited = {"2023": (9, 18), "2024": (8, 16)}
    (row,) = pool_cohorts(frame(deposited, COHORTS.id), [COHORTS], per_structure=True).to_dicts()
    assert (row["period"], row["period_end"]) == ("2024", date(2024, 12, 31))
    assert (row["numerator"], row["denominator"]) == (17, 34), "neither year alone reaches twenty"


def test_what_is_not_pooled_is_left_as_it_is() -> None:
    both = pl.concat([frame({"2024": (9, 18)}, COHORTS.id), frame({"2024": (5, 9)}, "women_share")])
    assert pool_cohorts(both, [COHORTS, CATALOGUE["women_share"]], per_structure=True)["indicator"].to_list() == [
        "women_share"
    ]


def test_full_time_equivalents_of_a_year_are_hours_over_quarterly_bases_and_not_four_times_as_many() -> None:
    hours: Deposited = {f"2025-T{n}": (worked, 455) for n, worked in enumerate((90_189, 87_256, 84_192, 89_880), 1)}
    row = read(frame(hours, FTE.id), indicator=FTE)["2025"]
    assert row["value"] == pytest.approx((90_189 + 87_256 + 84_192 + 89_880) / 1_820)


def test_full_time_equivalents_of_several_structures_are_the_mean_of_their_quarters() -> None:
    quarters: Deposited = {f"2025-T{n}": (455 * n, 455) for n in (1, 2, 3, 4)}
    totals = frame(quarters, FTE.id).with_columns(pl.col("quotients") * 10, pl.lit(9, pl.Int32).alias("contributors"))
    found = over_spans(totals, FTE, MANAGEMENT, spans(FTE), consolidated=True)
    assert dict(found.select("period", "value").iter_rows())["2025"] == pytest.approx((10 + 20 + 30 + 40) / 4)


def test_several_structures_are_counted_by_the_fewest_and_their_largest_share_is_never_understated() -> None:
    quarters: Deposited = {"2025-T1": (50, 100), "2025-T2": (30, 300)}
    rows = frame(quarters).with_columns(
        pl.Series("contributors", [9, 7], pl.Int32), pl.Series("largest_share", [0.5, 0.3])
    )
    (row,) = sum_over(rows, {Period.parse("2025-S1"): QUARTERS[4:6]}, per_structure=False).to_dicts()
    assert row["contributors"] == 7
    assert row["largest_share"] == pytest.approx((50 + 90) / 400)


def test_a_part_without_its_denominator_is_not_known() -> None:
    rows = frame({"2025-T1": (50, 100), "2025-T2": (30, 300)})
    torn = rows.with_columns(pl.when(pl.col("period") == "2025-T1").then("denominator").alias("denominator"))
    assert sum_over(torn, {Period.parse("2025-S1"): QUARTERS[4:6]}, per_structure=True).is_empty()


# Years deposited as such, of several structures


def test_a_year_deposited_by_some_is_not_added_to_the_quarters_of_the_others() -> None:
    quarters: Deposited = {f"2025-T{n}": (50, 100) for n in (1, 2, 3, 4)}
    rows = frame(quarters | {"2025": (7, 70)}).with_columns(pl.lit(9, pl.Int32).alias("contributors"))
    for audience in (PUBLIC, MANAGEMENT):
        found = over_spans(rows, EXITS, audience, spans(), consolidated=True)
        year = found.filter(pl.col("period") == "2025").select("numerator", "denominator")
        assert year.rows() == [(200, 400)]


def test_a_year_that_all_deposited_as_such_is_their_sum() -> None:
    rows = frame({"2025": (70, 700)}).with_columns(pl.lit(9, pl.Int32).alias("contributors"))
    found = over_spans(rows, EXITS, PUBLIC, spans(), consolidated=True)
    assert found.select("period", "numerator", "denominator").rows() == [("2025", 70, 700)]


# Disclosure: what a reader can compute


def shown(deposited: Deposited, audience: Audience) -> tuple[dict[str, Count], set[str]]:
    """Everything that a reader gets: the counts shown by code, and the codes that are said to be withheld."""
    rows = frame(deposited)
    own = {period: [period] for period in map(Period.parse, deposited) if period.frequency is Frequency.QUARTER}
    quarters = over_spans(rows, EXITS, audience, own, consolidated=False)
    longer = over_spans(rows, EXITS, audience, spans(), consolidated=False)
    seen, withheld = {}, set()
    for row in pl.concat([quarters, longer]).iter_rows(named=True):
        if row["status"] == "withheld":
            assert (row["numerator"], row["denominator"], row["value"]) == (None, None, None)
            withheld.add(row["period"])
        elif row["value"] is not None:
            seen[row["period"]] = (int(row["numerator"]), int(row["denominator"]))
    return seen, withheld


def test_one_hidden_quarter_takes_its_semester_its_year_and_its_windows_with_it() -> None:
    deposited: Deposited = {quarter.code: (12, 30) for quarter in QUARTERS} | {"2024-T3": (3, 30)}
    seen, withheld = shown(deposited, PUBLIC)
    assert withheld == {"2024-T3", "2024-S2", "2024", "2024-T4~4", "2025-T1~4", "2025-T2~4"}
    assert seen["2025-T3~4"] == (48, 120)


def test_one_hidden_quarter_takes_the_year_deposited_beside_it_with_it() -> None:
    quarters: Deposited = {f"2025-T{n}": (12, 30) for n in (1, 2, 4)}
    _, withheld = shown(quarters | {"2025-T3": (3, 30), "2025": (39, 120)}, PUBLIC)
    assert "2025" in withheld


def test_a_year_that_is_not_quite_the_sum_of_its_quarters_is_no_better_beside_one_hidden() -> None:
    quarters: Deposited = {f"2025-T{n}": (12, 30) for n in (1, 2, 4)} | {"2025-T3": (3, 30)}
    assert "2025" in shown(quarters | {"2025": (41, 120)}, PUBLIC)[1], "5 of 30 are left, and 3 guessed from it"
    assert "2025" in shown({"2025-T3": (3, 30), "2025": (6, 40)}, PUBLIC)[1], "the only quarter deposited"


def test_two_hidden_quarters_leave_the_year_deposited_if_what_remains_may_be_shown() -> None:
    large: Deposited = {"2025-T1": (12, 30), "2025-T2": (4, 30), "2025-T3": (3, 30), "2025-T4": (12, 30)}
    assert shown(large | {"2025": (31, 120)}, PUBLIC)[0]["2025"] == (31, 120), "7 of 60 are left for two quarters"
    small: Deposited = large | {"2025-T2": (1, 30), "2025": (28, 120)}
    assert "2025" in shown(small, PUBLIC)[1], "4 of 60 are left: neither quarter has more"


def test_a_year_whose_quarters_are_all_hidden_may_be_shown() -> None:
    quarters: Deposited = {f"2025-T{n}": (4, 10) for n in (1, 2, 3, 4)}
    seen, withheld = shown(quarters | {"2025": (16, 40)}, PUBLIC)
    assert seen == {"2025": (16, 40)}
    assert {"2025-T1", "2025-S1", "2025-T4~4"} <= withheld | {"2025-T4~4"}


def test_a_year_beside_three_quarters_does_not_tell_a_small_fourth_that_was_never_deposited() -> None:
    quarters: Deposited = {f"2025-T{n}": (12, 30) for n in (1, 2, 4)}
    assert "2025" in shown(quarters | {"2025": (38, 100)}, PUBLIC)[1], "2 of 10 would be found"
    assert "2025" in shown(quarters | {"2025": (48, 120)}, PUBLIC)[0], "12 of 30 could have been shown"


def test_management_sees_every_sum_of_its_own() -> None:
    _, withheld = shown({quarter.code: (1, 3) for quarter in QUARTERS}, MANAGEMENT)
    assert withheld == set()


def seen_by_all(
    deposited: dict[str, dict[str, Deposited]], audience: Audience
) -> dict[str, dict[tuple[str, str], Count | None]]:
    """What a reader gets of many structures at once: structure → (indicator, code) → counts, null where withheld."""
    together = pl.concat(
        [frame(rows, name, code) for code, of in deposited.items() for name, rows in of.items()], how="vertical"
    )
    found: dict[str, dict[tuple[str, str], Count | None]] = {code: {} for code in deposited}
    for name in together["indicator"].unique():
        sheet = CATALOGUE[name]
        spans_: dict[Span, list[Period]] = {quarter: [quarter] for quarter in QUARTERS} | spans()
        rows = over_spans(together, sheet, audience, spans_, consolidated=False)
        for row in rows.filter(pl.col("status").is_in(["ok", "withheld"])).iter_rows(named=True):
            counts_ = None if row["status"] == "withheld" else (int(row["numerator"]), int(row["denominator"]))
            found[row["structure"]][name, row["period"]] = counts_
    return found


@pytest.mark.parametrize("audience", [PUBLIC, MEMBERS])
def test_no_hidden_quarter_is_found_by_trying_every_possibility(audience: Audience) -> None:
    """Every pair of small and large quarters beside two ordinary ones, with the year deposited as their sum.

    The reader takes the year for that sum, has every semester, year and window, and tries all that remains possible.
    """
    cells: list[Count] = [(x, n) for n in (6, 10, 12, 20, 24) for x in (0, 1, 4, 5, 6, n) if x <= n]
    deposited: dict[str, dict[str, Deposited]] = {}
    for number, (first, second) in enumerate(product(cells, cells)):
        quarters = {"2025-T1": first, "2025-T2": second, "2025-T3": (15, 30), "2025-T4": (12, 24)}
        year = (sum(x for x, _ in quarters.values()), sum(n for _, n in quarters.values()))
        deposited[str(number)] = {EXITS.id: quarters | {"2025": year}}
    with_hidden = years_shown = 0
    for seen in seen_by_all(deposited, audience).values():
        known = {code: count for (_, code), count in seen.items() if count is not None}
        hidden = [code for code in quarter_codes("2025") if code not in known]
        if not hidden:
            continue
        with_hidden += 1
        assert not any(set(quarter_codes(code)) & set(hidden) for code in known if code in SPANS and code != "2025")
        if "2025" in known:
            years_shown += 1
            others = [known[code] for code in quarter_codes("2025") if code in known]
            rest = [known["2025"][side] - sum(other[side] for other in others) for side in (0, 1)]
            guesses = list(alternatives((rest[0], rest[1]), len(hidden)))
            for place in range(len(hidden)):
                for side in (0, 1):
                    assert len({guess[place][side] for guess in guesses}) > 1, (known, hidden)
    assert with_hidden > 100
    assert years_shown > 10, "hiding everything would pass this test too"


def alternatives(rest: Count, quarters: int) -> Iterator[tuple[Count, ...]]:
    """Every way to share what remains of a year between its hidden quarters."""
    cases, total = rest
    if quarters == 1:
        yield ((cases, total),)
        return
    for n in range(1, total):
        for x in range(max(0, cases - (total - n)), min(cases, n) + 1):
            for others in alternatives((cases - x, total - n), quarters - 1):
                yield ((x, n), *others)


@few
@given(deposits, st.sampled_from([PUBLIC, MEMBERS]))
def test_whatever_is_shown_over_time_adds_up_quarters_that_are_shown(deposited: Deposited, audience: Audience) -> None:
    seen, withheld = shown(deposited, audience)
    for code in (code for code in seen if code in SPANS):
        if code in deposited and deposited[code] is not None and deposited[code][1]:  # type: ignore[index]
            continue
        assert not set(quarter_codes(code)) & withheld
        terms = [deposited[quarter] for quarter in quarter_codes(code)]
        assert seen[code] == tuple(map(sum, zip(*filter(None, terms), strict=True)))


Cell = tuple[str, str]
"""An indicator and the code of a period."""


def determined(equations: list[dict[Cell, int]], unknowns: set[Cell]) -> set[Cell]:
    """The unknowns that linear equations fix, by Gauss's elimination on exact fractions."""
    order = sorted(unknowns)
    rows = [[Fraction(equation.get(name, 0)) for name in order] for equation in equations]
    reduced: list[list[Fraction]] = []
    for column in range(len(order)):
        pivot = next((row for row in rows if row[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        pivot = [cell / pivot[column] for cell in pivot]

        def less(row: list[Fraction], pivot: list[Fraction] = pivot, column: int = column) -> list[Fraction]:
            return [cell - row[column] * top for cell, top in zip(row, pivot, strict=True)]

        rows, reduced = [less(row) for row in rows], [*map(less, reduced), pivot]
    return {order[row.index(1)] for row in reduced if sum(map(bool, row)) == 1}


FAMILY = ("dynamic_exit_rate", *CATALOGUE.sums["dynamic_exit_rate"])


@pytest.mark.parametrize("audience", [PUBLIC, MEMBERS])
def test_no_hidden_exit_is_found_from_quarters_years_and_sums_of_categories_together(audience: Audience) -> None:
    """The table categories × quarters of many structures, each with its year deposited: what links them, eliminated."""
    dice = Random(6)
    codes = quarter_codes("2025")
    deposited: dict[str, dict[str, Deposited]] = {}
    for number in range(400):
        # From structures of which everything is small to those of which little is.
        most = dice.choice([2, 6, 10, 20, 40])
        exits = [[dice.choice([0, 3, dice.randint(0, most), most]) for _ in FAMILY] for _ in codes]
        deposited[str(number)] = {}
        for place, name in enumerate(FAMILY):
            quarters = {
                code: (sum(cell[1:]) if place == 0 else cell[place], sum(cell) + 1)
                for code, cell in zip(codes, exits, strict=True)
            }
            year = (sum(x for x, _ in quarters.values()), sum(n for _, n in quarters.values()))
            deposited[str(number)][name] = quarters | {"2025": year}
    total, *parts = FAMILY
    equations = [{(total, code): 1} | {(part, code): -1 for part in parts} for code in [*codes, "2025"]]
    equations += [{(name, "2025"): 1} | {(name, code): -1 for code in codes} for name in FAMILY]
    with_hidden = years_shown = 0
    for seen in seen_by_all(deposited, audience).values():
        # What is shown of an equation is a number: only its unknowns remain.
        hidden = {cell for cell, count in seen.items() if count is None and cell[1] in {*codes, "2025"}}
        unknown = [{cell: times for cell, times in equation.items() if cell in hidden} for equation in equations]
        found = determined([equation for equation in unknown if equation], hidden)
        no_secret = {(name, "2025") for name in FAMILY if not any((name, code) in hidden for code in codes)}
        assert found <= no_secret, "a year whose quarters are all shown is their sum for anybody"
        with_hidden += bool(hidden - no_secret)
        years_shown += any(name in {n for n, _ in hidden} and seen[name, "2025"] is not None for name in FAMILY)
    assert with_hidden > 100
    assert years_shown > 10, "hiding everything would pass this test too"
