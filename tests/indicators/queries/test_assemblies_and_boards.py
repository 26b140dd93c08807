"""Rates of general assemblies and of boards: counted from a register where it says of how many, else as reported."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Period
from indicators.disclosure import counted_from_registers
from indicators.figures.assemblies_and_boards import count_assemblies_and_boards
from indicators.intake.deposit import Accepted
from indicators.network import Network
from indicators.queries.deposits.expected import DeliveryState, delivery_states
from indicators.queries.figures.figures import perimeter_figures
from indicators.snapshot import QueryContext
from tests.builders import codes, deposit, measure, measures, stored, structure, structures, table

TODAY = date(2027, 6, 1)
LATER = datetime.fromisoformat("2027-06-01T09:00")
OCCASIONS = "structure;reference;date;forme;presents;eligibles"
ASSEMBLIES = "general_assembly_participation_rate"
SEATS = "board_employee_seat_share"
CODES = tuple(f"maison-{number}" for number in range(4))
REGION = Perimeter(Level.REGION, "normandie")

Row = tuple[str, str, date, int, int | None]


def counted_naively(rows: list[Row]) -> dict[tuple[str, str, str], tuple[int, int]]:
    """The same counts, one row after the other: structure, form, day, present, eligible."""
    sums: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for code, form, held, present, eligible in rows:
        if not eligible:
            continue
        year = str(held.year)
        if form == "general_assembly":
            sums[code, ASSEMBLIES, year][0] += present
            sums[code, ASSEMBLIES, year][1] += eligible
        elif form == "board_seats":
            days = [row[2] for row in rows if row[:2] == (code, form) and row[2].year == held.year and row[4]]
            if held == max(days):
                sums[code, SEATS, year][0] += present
                sums[code, SEATS, year][1] += eligible
    return {key: (numerator, denominator) for key, (numerator, denominator) in sums.items()}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(CODES[:2]),
            st.sampled_from(("general_assembly", "board_seats", "meeting")),
            st.integers(0, 900).map(lambda days: date(2024, 1, 1) + timedelta(days // 30 * 30)),
            st.integers(0, 40),
            st.none() | st.integers(0, 60),
        ),
        max_size=25,
    )
)
def test_assemblies_add_up_and_the_newest_board_holds(rows: list[Row]) -> None:
    schema = {"structure": pl.String, "form": pl.String, "held_on": pl.Date, "present": pl.Int64, "eligible": pl.Int64}
    counted = count_assemblies_and_boards(pl.DataFrame(rows, schema=schema, orient="row"))
    found = {(row["structure"], row["indicator"], row["period"]): row for row in counted.iter_rows(named=True)}
    assert {key: (row["numerator"], row["denominator"]) for key, row in found.items()} == counted_naively(rows)
    assert all(row["period_end"] == date(int(row["period"]), 12, 31) for row in found.values())


@pytest.fixture
def ready(network: Network) -> Network:
    stored(network, structures(*(structure(code) for code in CODES)))
    reported = [measure(code, year, ASSEMBLIES, 20 + place, 60) for place, code in enumerate(CODES) for year in YEARS]
    seats = [measure(code, "2025", SEATS, 2, 12) for code in CODES]
    stored(network, measures(*reported, *seats))
    return network


YEARS = ("2024", "2025")


def keep_register(network: Network, *rows: str, period: str | None = "2025-T4", at: datetime = LATER) -> None:
    outcome = deposit(network, table(OCCASIONS, *rows), period=period, today=TODAY, comment="vérifié", at=at)
    assert isinstance(outcome, Accepted), codes(outcome.validation)


def assembly(code: str, held: str, present: int, eligible: object, form: str = "assemblee_generale") -> str:
    return f"{code};{form}-{held};{held};{form};{present};{eligible}"


def figures(
    network: Network, perimeter: Perimeter, indicator: str, audience: Audience = Audience.PUBLIC
) -> pl.DataFrame:
    with network.snapshot() as snapshot:
        context = QueryContext(snapshot, audience, TODAY)
        return perimeter_figures(context, perimeter, [snapshot.catalogue[indicator]], date.min, date.max).rows


def counts_of(network: Network, perimeter: Perimeter, indicator: str) -> dict[str, tuple[object, ...]]:
    rows = figures(network, perimeter, indicator)
    return {
        row["period"]: (row["numerator"], row["denominator"], row["from_register"])
        for row in rows.iter_rows(named=True)
    }


def own(code: str) -> Perimeter:
    return Perimeter(Level.STRUCTURE, code)


def test_a_year_is_counted_where_the_register_fills_it_and_is_as_reported_elsewhere(ready: Network) -> None:
    before = counts_of(ready, REGION, ASSEMBLIES)
    keep_register(ready, assembly(CODES[0], "2025-05-12", 30, 64), assembly(CODES[1], "2025-05-13", 25, ""))
    assert counts_of(ready, own(CODES[0]), ASSEMBLIES) == {"2024": (20, 60, False), "2025": (30, 64, True)}
    assert counts_of(ready, own(CODES[1]), ASSEMBLIES) == {"2024": (21, 60, False), "2025": (21, 60, False)}
    assert counts_of(ready, REGION, ASSEMBLIES) == {
        "2024": (20 + 21 + 22 + 23, 240, False),
        "2025": (30 + 21 + 22 + 23, 244, False),
    }
    assert before == dict.fromkeys(YEARS, (86, 240, False))
    assert counts_of(ready, own(CODES[0]), SEATS) == {"2025": (2, 12, False)}


def test_nothing_moves_where_a_register_says_what_was_reported(ready: Network) -> None:
    perimeters = (REGION, Perimeter(Level.NETWORK), Perimeter.of_choice(CODES[:3]), *map(own, CODES))
    columns = ["period", "numerator", "denominator", "value", "contributors", "largest_share", "status"]

    def everything() -> list[pl.DataFrame]:
        shown = [figures(ready, each, name) for each in perimeters for name in (ASSEMBLIES, SEATS)]
        return [frame.select(column for column in columns if column in frame.columns) for frame in shown]

    before = everything()
    rows = [assembly(code, "2025-05-12", 20 + place, 60) for place, code in enumerate(CODES)]
    boards = [assembly(code, "2025-06-12", 2, 12, "composition_ca") for code in CODES]
    keep_register(ready, *rows, *boards)
    for one, other in zip(everything(), before, strict=True):
        assert_frame_equal(one, other)
    with ready.snapshot() as snapshot:
        assert len(counted_from_registers(snapshot)) == 2 * len(CODES)


def test_small_counts_of_a_register_are_withheld_like_others(ready: Network) -> None:
    keep_register(ready, assembly(CODES[0], "2025-05-12", 2, 64))
    public = figures(ready, own(CODES[0]), ASSEMBLIES).filter(period="2025")
    assert public["status"].to_list() == ["withheld"]
    assert public["numerator"].to_list() == [None]
    managed = figures(ready, own(CODES[0]), ASSEMBLIES, Audience.MANAGEMENT).filter(period="2025")
    assert managed["numerator"].to_list() == [2]
    # One structure withheld alone would follow from the total and the three others.
    shown = figures(ready, REGION, ASSEMBLIES).filter(period="2025")["status"].to_list()
    others = [figures(ready, own(code), ASSEMBLIES).filter(period="2025")["status"][0] for code in CODES[1:]]
    assert [*shown, *others].count("withheld") >= 1


def test_a_year_is_counted_when_the_register_came_for_all_of_it(ready: Network) -> None:
    row = assembly(CODES[0], "2026-05-12", 30, 64)
    keep_register(ready, row, period="2026-T2")
    assert "2026" not in counts_of(ready, own(CODES[0]), ASSEMBLIES)
    keep_register(ready, assembly(CODES[0], "2026-11-12", 40, 60), period="2026-T4")
    assert counts_of(ready, own(CODES[0]), ASSEMBLIES)["2026"] == (70, 124, True)


def test_the_composition_of_a_board_is_no_occasion(ready: Network) -> None:
    keep_register(
        ready,
        assembly(CODES[0], "2025-05-12", 3, 12, "composition_ca"),
        assembly(CODES[0], "2025-11-12", 4, 12, "composition_ca"),
        assembly(CODES[0], "2025-11-13", 9, "", "reunion"),
    )
    assert counts_of(ready, own(CODES[0]), SEATS) == {"2025": (4, 12, True)}
    assert counts_of(ready, own(CODES[0]), "psve_actions")["2025-T4"][0] == 1
    assert counts_of(ready, own(CODES[0]), "psve_actions").get("2025-T2", (0,))[0] == 0


def test_what_a_register_counts_is_delivered(ready: Network) -> None:
    collected = Period.parse("2026-T4")

    def states() -> dict[str, DeliveryState]:
        with ready.snapshot() as snapshot:
            return dict(delivery_states(snapshot, CODES[0], collected))

    assert (states()[ASSEMBLIES], states()[SEATS]) == (DeliveryState.EXPECTED, DeliveryState.EXPECTED)
    keep_register(ready, assembly(CODES[0], "2026-11-12", 40, 60), period="2026-T4")
    assert (states()[ASSEMBLIES], states()[SEATS]) == (DeliveryState.DERIVED, DeliveryState.EXPECTED)
