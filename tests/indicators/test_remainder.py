"""The network less the regions shown gives no hidden region away, whoever asks and however."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.catalogue import Audience
from indicators.disclosure import protect
from indicators.figures import Status
from indicators.network import Network
from indicators.perimeters import Level, Perimeter
from indicators.periods import Frequency
from indicators.questions.counted import counted
from indicators.questions.figures import figures
from indicators.questions.series import series
from indicators.steps import Step
from indicators.thresholds import FEWEST_CONTRIBUTORS, LARGEST_SHARE
from indicators.values import valued
from tests.builders import TODAY, measure, measures, stored, structure, structures
from tests.indicators.test_disclosure import CATALOGUE

if TYPE_CHECKING:
    from indicators.network import Reading

PUBLIC, MEMBERS = Audience.PUBLIC, Audience.NETWORK
HOURS = "absenteeism_rate"
SINCE = date(2025, 1, 1)
"""What is asked of the fictitious network: two years of it are enough."""


def regions_of(**sizes: tuple[int, ...]) -> pl.DataFrame:
    """Hours due of the structures of each region, in hundreds; a tenth of them absent: one row a region."""
    rows = [
        {
            "portion": name,
            "indicator": HOURS,
            "period": "2026-T3",
            "numerator": 10.0 * sum(own),
            "denominator": 100.0 * sum(own),
            "value": 10.0,
            "contributors": len(own),
            "largest_share": max(own) / sum(own),
            "status": "ok",
        }
        for name, own in sizes.items()
    ]
    return pl.DataFrame(rows)


def hidden_among(frame: pl.DataFrame) -> set[str]:
    protected = protect(frame, CATALOGUE, PUBLIC, consolidated=True)
    return set(protected.filter(pl.col("status") == Status.WITHHELD)["portion"])


def test_a_region_hidden_alone_takes_the_smallest_other_with_it() -> None:
    found = regions_of(bretagne=(100, 100), normandie=(90, 90, 90), occitanie=(200, 200, 200), corse=(500, 500, 500))
    assert hidden_among(found) == {"bretagne", "normandie"}


def test_two_regions_of_one_structure_each_would_deduce_one_another_from_the_rest() -> None:
    found = regions_of(bretagne=(100,), normandie=(90,), occitanie=(200, 200, 200), corse=(500, 500, 500))
    assert hidden_among(found) == {"bretagne", "normandie", "occitanie"}


def test_a_rest_that_is_nearly_all_one_structures_takes_another_region_with_it() -> None:
    found = regions_of(bretagne=(900, 10), normandie=(10,), occitanie=(200, 200, 200), corse=(500, 500, 500))
    assert hidden_among(found) == {"bretagne", "normandie", "occitanie"}


def test_nothing_is_hidden_where_every_region_can_be_shown() -> None:
    assert hidden_among(regions_of(normandie=(90, 90, 90), occitanie=(200, 200, 200))) == set()


SIZES = st.lists(st.lists(st.integers(20, 400), min_size=1, max_size=4), min_size=1, max_size=6)


@given(SIZES)
def test_what_is_left_of_the_network_could_always_be_shown_itself(
    sizes: list[list[int]],
) -> None:
    named = {f"r{number}": tuple(own) for number, own in enumerate(sizes)}
    hidden = hidden_among(regions_of(**named))
    if not hidden or hidden == named.keys():
        return
    left = [hours for name in hidden for hours in named[name]]
    assert len(hidden) >= 2
    assert len(left) >= FEWEST_CONTRIBUTORS
    assert max(left) / sum(left) <= LARGEST_SHARE


@pytest.fixture(scope="module")
def quarters_of_regions(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """Four regions over four quarters; in one quarter one structure of Bretagne does not report."""
    sizes = {"bretagne": 3, "normandie": 3, "occitanie": 4, "grand-est": 5}
    codes = [f"{region}-{number}" for region, many in sizes.items() for number in range(many)]
    rows = [structure(code, "ACI", code.rpartition("-")[0]) for code in codes]
    counts = [
        measure(code, quarter, HOURS, 300, 6_000)
        for code in codes
        for quarter in ("2025-T4", "2026-T1", "2026-T2", "2026-T3")
        if (code, quarter) != ("bretagne-0", "2026-T2")
    ]
    opened = Network(str(tmp_path_factory.mktemp("quarters")))
    stored(opened, structures(*rows))
    stored(opened, measures(*counts))
    return opened


def statuses(reading: Reading, region: str, step: Step | None = None) -> dict[str, Status]:
    where, sheet = Perimeter(Level.REGION, region), reading.catalogue[HOURS]
    return {figure.period.code: figure.status for figure in series(reading, where, sheet, PUBLIC, TODAY, step)}


def test_what_is_hidden_for_what_others_show_is_hidden_in_every_sum_over_time(quarters_of_regions: Network) -> None:
    with quarters_of_regions, quarters_of_regions.reading() as reading:
        assert statuses(reading, "bretagne")["2026-T2"] is Status.WITHHELD
        assert statuses(reading, "normandie")["2026-T2"] is Status.WITHHELD, "or Bretagne is found"
        assert statuses(reading, "occitanie")["2026-T2"] is Status.OK
        assert statuses(reading, "normandie", Step.ROLLING) == {"2026-T3~4": Status.WITHHELD}
        assert statuses(reading, "occitanie", Step.ROLLING) == {"2026-T3~4": Status.OK}


@pytest.mark.parametrize("audience", [PUBLIC, MEMBERS])
@pytest.mark.parametrize("level", [Level.REGION, Level.KIND])
def test_a_part_counts_what_it_would_count_if_it_were_asked_alone(
    demo: Network, level: Level, audience: Audience
) -> None:
    """Only the others in view may hide more: what is shown is the perimeter's own, and nothing hidden is shown."""
    with demo.reading() as reading:
        known = reading.structures.by_id.values()
        names = {s.region if level is Level.REGION else s.kind for s in known}
        asked = [sheet for sheet in reading.catalogue if audience.sees(sheet.audience)]
        compared = hidden_more = 0
        for name in sorted(names)[::2]:
            where = Perimeter(level, name)
            together = figures(reading, where, asked, SINCE, date.max, audience)
            counts = counted(reading, where, asked, SINCE, date.max)
            alone = protect(valued(counts, asked, single=False), reading.catalogue, audience, consolidated=True)
            alone = alone.filter(pl.col("indicator").is_in([sheet.id for sheet in asked]))
            both = together.join(alone, on=["indicator", "period"], how="full", suffix="_alone")
            assert both.filter(pl.col("period").is_null() | pl.col("period_alone").is_null()).is_empty()
            shown = both.filter(pl.col("status") == Status.OK)
            assert shown.filter(pl.col("status_alone") != Status.OK).is_empty()
            for column in ("numerator", "denominator", "value", "contributors"):
                assert shown[column].to_list() == pytest.approx(shown[f"{column}_alone"].to_list(), nan_ok=True)
            compared += shown.height
            hidden_more += both.filter(
                (pl.col("status") == Status.WITHHELD) & (pl.col("status_alone") == Status.OK)
            ).height
        assert compared > 50
        if level is Level.KIND:
            assert hidden_more > 0, "or this test says nothing"


def test_no_region_of_the_fictitious_network_is_found_by_subtraction(demo: Network) -> None:
    with demo.reading() as reading:
        regions = sorted({s.region for s in reading.structures.by_id.values()})
        sheets = [s for s in reading.catalogue if PUBLIC.sees(s.audience) and s.frequency is Frequency.QUARTER]
        rows = [
            (row["indicator"], row["period"], row["status"])
            for region in regions
            for row in figures(reading, Perimeter(Level.REGION, region), sheets, SINCE, date.max, PUBLIC).to_dicts()
        ]
    seen = 0
    for key in {row[:2] for row in rows}:
        found = [status for *of, status in rows if tuple(of) == key]
        if Status.OK in found:
            assert found.count(Status.WITHHELD) != 1, key
            seen += Status.WITHHELD in found
    assert seen > 20
