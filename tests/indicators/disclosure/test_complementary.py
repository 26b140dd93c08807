"""What is left of a total, once all that is shown of it is taken away, could always be shown itself."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Level, Perimeter
from indicators.disclosure.complementary import TOTAL_KEY, totals_exposed_by_differences
from indicators.disclosure.counting import CountsOfPerimeter
from indicators.disclosure.raw_count_rows import raw_count_rows
from indicators.disclosure.thresholds import MAX_CONTRIBUTOR_SHARE, MIN_CONTRIBUTORS
from indicators.figures.figure import Status
from indicators.figures.time_steps import TimeStep
from indicators.figures.values import compute_values
from indicators.network import Network
from indicators.queries.figures.figures import perimeter_figures
from indicators.queries.figures.series import read_series
from indicators.snapshot import QueryContext
from tests.builders import TODAY, measure, measures, stored, structure, structures
from tests.indicators.disclosure.test_control import CATALOGUE

if TYPE_CHECKING:
    from indicators.snapshot import Snapshot

PUBLIC, MEMBERS = Audience.PUBLIC, Audience.NETWORK
HOURS = "absenteeism_rate"
SINCE = date(2025, 1, 1)
"""What is asked of the fictitious network: two years of it are enough."""


Kept = dict[str, tuple[int, ...]]
"""Of each part of a whole, the hours due of the structures that are hidden in it, in hundreds."""


def hidden_in(level: str, parts: Kept, first: int = 0) -> list[dict[str, object]]:
    """One row a hidden structure × total that adds it up: the network and the part."""
    rows: list[dict[str, object]] = []
    for name, sizes in parts.items():
        for size in sizes:
            own = {"structure": f"s{first}", "indicator": HOURS, "period": "2026-T3", "weight": 100.0 * size}
            own |= {"numerator": 10.0 * size, "denominator": 100.0 * size}
            rows += [own | {"level": level, "portion": name}, own | {"level": "reseau", "portion": ""}]
            first += 1
    return rows


def gone_among(rows: list[dict[str, object]], *withheld: str) -> set[str]:
    """Withhold parts, and then whatever a difference tells too much of, until none does."""
    inside = pl.DataFrame(rows)
    gone = inside.filter(pl.col("portion").is_in(withheld)).select(TOTAL_KEY).unique()
    while not (more := totals_exposed_by_differences(inside, gone, CATALOGUE, PUBLIC)).is_empty():
        assert more.join(gone, on=TOTAL_KEY, how="semi").is_empty()
        gone = pl.concat([gone, more.select(gone.columns)])
    return set(gone["portion"])


def test_a_region_hidden_alone_takes_the_smallest_other_that_hides_somebody_with_it() -> None:
    parts = {"bretagne": (19, 19), "normandie": (9, 9, 9), "occitanie": (19, 19, 19, 19)}
    assert gone_among(hidden_in("region", parts), "bretagne") == {"bretagne", "normandie"}


def test_a_region_of_which_nothing_is_left_never_goes_since_anybody_adds_it_up() -> None:
    parts: Kept = {"bretagne": (19, 19), "corse": (), "occitanie": (19, 19, 19, 19)}
    assert gone_among(hidden_in("region", parts), "bretagne") == {"bretagne", "occitanie"}


def test_two_regions_of_one_hidden_structure_each_would_deduce_one_another_from_the_rest() -> None:
    parts = {"bretagne": (19,), "normandie": (9,), "occitanie": (19, 19, 19)}
    assert gone_among(hidden_in("region", parts), "bretagne", "normandie") == {"bretagne", "normandie", "occitanie"}


def test_a_rest_that_is_nearly_all_one_structures_takes_another_region_with_it() -> None:
    parts = {"bretagne": (900, 10), "normandie": (10,), "occitanie": (190, 190, 190)}
    assert gone_among(hidden_in("region", parts), "bretagne", "normandie") == {"bretagne", "normandie", "occitanie"}


def test_three_hidden_structures_of_three_regions_are_not_told_by_one_and_one_and_one() -> None:
    """One woman in each: the network less Occitanie would say that there are three."""
    single = ("bretagne", "normandie", "corse")
    rows = hidden_in("region", {**dict.fromkeys(single, (10,)), "occitanie": (30, 30, 30)})
    women = [row | {"indicator": "women_share", "numerator": float(str(row["weight"])) / 1_000} for row in rows]
    assert gone_among(women, *single) == {*single, "occitanie"}
    assert gone_among(rows, *single) == {*single}, "three hundred hours of 3,000 are no person"


def test_nothing_is_hidden_where_every_region_can_be_shown() -> None:
    assert gone_among(hidden_in("region", {"normandie": (90, 90, 90), "occitanie": (20, 20, 20)})) == set()


SIZES = st.lists(st.lists(st.integers(1, 400), min_size=1, max_size=4), min_size=1, max_size=6)


@given(SIZES)
def test_what_is_left_of_the_network_could_always_be_shown_itself(sizes: list[list[int]]) -> None:
    named = {f"r{number}": tuple(own) for number, own in enumerate(sizes)}
    every = [hours for own in sizes for hours in own]
    if len(every) < MIN_CONTRIBUTORS or max(every) / sum(every) > MAX_CONTRIBUTOR_SHARE or sum(every) < 20:
        return
    unsafe = [
        name
        for name, own in named.items()
        if len(own) < MIN_CONTRIBUTORS or max(own) / sum(own) > MAX_CONTRIBUTOR_SHARE or sum(own) < 20
    ]
    gone = gone_among(hidden_in("region", named), *unsafe)
    left = [hours for name in gone for hours in named[name]]
    if left:
        assert len(left) >= MIN_CONTRIBUTORS
        assert max(left) / sum(left) <= MAX_CONTRIBUTOR_SHARE
        assert sum(left) >= 20


@pytest.fixture(scope="module")
def quarters_of_regions(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """Four regions over four quarters, with structures too small to be shown in the second quarter of 2026."""
    small = {"bretagne": 2, "normandie": 3, "occitanie": 4, "grand-est": 0}
    codes = [f"{region}-{number}" for region in small for number in range(5)]
    rows = [structure(code, "ACI", code.rpartition("-")[0]) for code in codes]
    counts = [
        measure(code, quarter, HOURS, 100, 1_900 if quarter == "2026-T2" and int(number) < small[region] else 6_000)
        for code in codes
        for region, _, number in [code.rpartition("-")]
        for quarter in ("2025-T4", "2026-T1", "2026-T2", "2026-T3")
    ]
    opened = Network(str(tmp_path_factory.mktemp("quarters")))
    stored(opened, structures(*rows))
    stored(opened, measures(*counts))
    return opened


def statuses(snapshot: Snapshot, region: str, step: TimeStep | None = None) -> dict[str, Status]:
    where, sheet = Perimeter(Level.REGION, region), snapshot.catalogue[HOURS]
    return {
        figure.period.code: figure.status
        for figure in read_series(QueryContext(snapshot, PUBLIC, TODAY), where, sheet, step)
    }


def test_what_is_hidden_for_what_others_show_is_hidden_in_every_sum_over_time(quarters_of_regions: Network) -> None:
    with quarters_of_regions, quarters_of_regions.snapshot() as snapshot:
        assert statuses(snapshot, "bretagne")["2026-T2"] is Status.WITHHELD
        assert statuses(snapshot, "normandie")["2026-T2"] is Status.WITHHELD, "or Bretagne is found"
        assert statuses(snapshot, "occitanie")["2026-T2"] is Status.OK
        assert statuses(snapshot, "normandie", TimeStep.ROLLING) == {"2026-T3~4": Status.WITHHELD}
        assert statuses(snapshot, "occitanie", TimeStep.ROLLING) == {"2026-T3~4": Status.OK}
        assert statuses(snapshot, "grand-est", TimeStep.ROLLING) == {"2026-T3~4": Status.OK}, "all five show theirs"


@pytest.mark.parametrize("level", [Level.REGION, Level.KIND])
def test_a_part_counts_what_it_would_count_if_it_were_asked_alone(demo: Network, level: Level) -> None:
    with demo.snapshot() as snapshot:
        known = snapshot.structures.by_id.values()
        names = {s.region if level is Level.REGION else s.kind for s in known}
        sheets = [sheet for sheet in snapshot.catalogue if PUBLIC.sees(sheet.audience)]
        compared = 0
        for name in sorted(names)[::2]:
            where = Perimeter(level, name)
            together = perimeter_figures(QueryContext(snapshot, PUBLIC, date.max), where, sheets, SINCE, date.max).rows
            counts = compute_values(
                raw_count_rows(CountsOfPerimeter(snapshot, where).between(sheets, SINCE, date.max)),
                sheets,
                per_structure=False,
            )
            both = together.join(counts, on=["indicator", "period"], how="full", suffix="_separate")
            assert both.filter(pl.col("period").is_null() | pl.col("period_separate").is_null()).is_empty()
            shown = both.filter(pl.col("status") == Status.OK)
            for column in ("numerator", "denominator", "value", "contributors"):
                assert shown[column].to_list() == pytest.approx(shown[f"{column}_separate"].to_list(), nan_ok=True)
            compared += shown.height
        assert compared > 50
