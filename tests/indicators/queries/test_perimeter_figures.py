"""The past of a small network read whole: the same figures as asked one by one, for every perimeter and audience."""

from __future__ import annotations

from datetime import date

import pytest
from polars.testing import assert_frame_equal

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Period
from indicators.disclosure import CountsOfPerimeter, ReportedPeriods, counting, publishable
from indicators.network import Network
from indicators.queries.figures import multi_indicator as side_by_side
from indicators.queries.figures.figures import STRUCTURES_PER_BLOCK, block_number, perimeter_figures
from indicators.snapshot import QueryContext, Snapshot
from tests.builders import TODAY, measure, measures, stored, structure, structures
from tests.conftest import sample

KEYS = ["indicator", "period", "period_end"]


def check(snapshot: Snapshot, code: str, audience: Audience) -> int:
    """Check that a structure's figures are those that it has by itself; return how many there are."""
    kind, where = snapshot.structures[code].kind, Perimeter(Level.STRUCTURE, code)
    sheets = [sheet for sheet in snapshot.catalogue if sheet.applies_to(kind)]
    found = perimeter_figures(QueryContext(snapshot, audience, date.max), where, sheets, date.min, date.max).rows
    wanted = [sheet.id for sheet in sheets if audience.sees(sheet.audience)]
    separate = publishable(CountsOfPerimeter(snapshot, where), ReportedPeriods(wanted), audience).rows
    assert_frame_equal(found.sort(KEYS), separate.sort(KEYS), check_exact=True)
    return found.height


@pytest.mark.parametrize("audience", list(Audience))
def test_the_demo_s_figures_are_those_of_each_structure_by_itself(demo: Network, audience: Audience) -> None:
    with demo.snapshot() as snapshot:
        checked = sample(snapshot.structures.by_id, 10)
        assert sum(check(snapshot, code, audience) for code in checked) > 30 * len(checked)


@pytest.mark.parametrize("audience", list(Audience))
def test_rates_published_without_their_counts_are_too(belgium: Network, audience: Audience) -> None:
    with belgium.snapshot() as snapshot:
        assert sum(check(snapshot, code, audience) for code in snapshot.structures.by_id) > 0


def test_a_structure_of_the_second_block_has_its_own_figures(network: Network) -> None:
    codes = [f"s{number:03d}" for number in range(STRUCTURES_PER_BLOCK + 2)]
    stored(network, structures(*(structure(code) for code in codes)))
    rows = [measure(code, "2026-T3", "dynamic_exit_rate", 20 + n % 9, 60) for n, code in enumerate(codes)]
    stored(network, measures(*rows))
    with network.snapshot() as snapshot:
        assert [
            block_number(snapshot, code)
            for code in (codes[0], codes[STRUCTURES_PER_BLOCK - 1], codes[STRUCTURES_PER_BLOCK])
        ] == [0, 0, 1]
        for code in (codes[0], codes[STRUCTURES_PER_BLOCK - 1], codes[STRUCTURES_PER_BLOCK], codes[-1]):
            assert check(snapshot, code, Audience.PUBLIC) > 0


PARTS = (Level.REGION, Level.KIND)


def check_total(snapshot: Snapshot, where: Perimeter, day: date, audience: Audience) -> int:
    """Check that a total has on a day what it has when that day alone is asked for; return how many figures."""
    sheets = list(snapshot.catalogue)
    found = perimeter_figures(QueryContext(snapshot, audience, date.max), where, sheets, day, day).rows
    wanted = [sheet.id for sheet in sheets if audience.sees(sheet.audience)]
    separate = publishable(CountsOfPerimeter(snapshot, where), ReportedPeriods(wanted, day, day), audience).rows
    assert_frame_equal(found.sort(KEYS), separate.sort(KEYS), abs_tol=1e-9)
    return found.height


@pytest.mark.parametrize("audience", list(Audience))
def test_totals_have_on_each_day_what_they_have_when_it_alone_is_asked_for(demo: Network, audience: Audience) -> None:
    with demo.snapshot() as snapshot:
        known = {level: {getattr(s, level.name.lower()) for s in snapshot.structures.by_id.values()} for level in PARTS}
        wheres = [NETWORK, *(Perimeter(level, name) for level, names in known.items() for name in sorted(names))]
        days = [date(2026, 9, 30), date(2026, 6, 30), date(2025, 12, 31), date(2024, 12, 31), date(2024, 8, 31)]
        # One in six, the days taking turns: each audience meets every day, and both kinds of parts.
        pairs = sample([(where, day) for day in days for where in wheres], 6)
        assert {day for _, day in pairs} == set(days)
        assert {where.level for where, _ in pairs} == {NETWORK.level, *PARTS}
        assert sum(check_total(snapshot, where, day, audience) for where, day in pairs) > 2 * len(pairs)


@pytest.mark.parametrize("audience", list(Audience))
def test_structures_side_by_side_are_those_of_their_quarters_alone(
    demo: Network, audience: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    with demo.snapshot() as snapshot:
        everybody = list(snapshot.structures.by_id)
        found = 0
        for sheet in list(snapshot.catalogue)[::4]:
            periods = {sheet.id: Period.latest_ended(date(2026, 9, 30), sheet.frequency).trailing(3)}
            whole = side_by_side.figures_of_structures(QueryContext(snapshot, audience, TODAY), everybody, periods).rows
            with monkeypatch.context() as one_by_one:
                one_by_one.setattr(counting, "is_read_whole", lambda _: False)
                separate = side_by_side.figures_of_structures(
                    QueryContext(snapshot, audience, TODAY), everybody, periods
                ).rows
            keys = ["structure", "indicator", "period"]
            assert_frame_equal(whole.sort(keys), separate.sort(keys), check_exact=True)
            found += whole.height
        assert found > 100
