"""The special causes of a quarter, of all structures at once, are those that each structure's own board tells."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Level, Perimeter, fold_case_and_accents
from indicators.definitions.periods import Period
from indicators.figures.figure import Status
from indicators.judgement.control_charts_vectorised import latest_signals
from indicators.queries.comparison.network_signals import SIGNALS_BY_CHANCE, find_network_signals
from indicators.queries.figures.assessed_board import assess_board, has_lasting_changes, is_independent_series
from indicators.snapshot import QueryContext
from tests.builders import TODAY, measure, measures, stored, structure, structures

if TYPE_CHECKING:
    from indicators.network import Network

QUARTER = Period.parse("2026-T3")
DAY = date(2026, 11, 24)
HALF = Period.parse("2026-T2")


@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.NETWORK])
def test_signals_are_those_of_each_structures_own_board(demo: Network, audience: Audience) -> None:
    with demo.snapshot() as snapshot:
        sheets = [sheet for sheet in snapshot.catalogue if audience.sees(sheet.audience)]
        found = find_network_signals(QueryContext(snapshot, audience, DAY), sheets, QUARTER)
        expected, judged = {}, 0
        for code in snapshot.structures.by_id:
            own = Perimeter(Level.STRUCTURE, code)
            for tile in assess_board(QueryContext(snapshot, audience, DAY), own, NETWORK, QUARTER):
                enough = tile.figure.status is Status.OK or has_lasting_changes(tile.indicator)
                if enough and tile.figure.period.end == QUARTER.end and tile.control_chart.variation is not None:
                    judged += 1
                    if signal := tile.signal:
                        since = tile.series[signal.since].period.code
                        facts = (signal.signal, signal.side, signal.variation, since, signal.grade)
                        expected[code, tile.indicator.id] = facts
        names = {s.id: s.name for s in snapshot.structures.by_id.values()}
    names_of = ("signal", "side", "variation", "since", "grade")
    rows = {(r["structure"], r["indicator"]): tuple(map(r.get, names_of)) for r in found.rows.to_dicts()}
    assert rows == expected
    assert found.tested == judged > 50
    assert len(expected) > 3
    assert len({names[structure] for structure, _ in rows}) > 1


def test_signals_are_in_the_order_of_names_whatever_they_say(demo: Network) -> None:
    with demo.snapshot() as snapshot:
        found = find_network_signals(QueryContext(snapshot, Audience.NETWORK, DAY), list(snapshot.catalogue), QUARTER)
        listed = [snapshot.structures[code].name for code in found.rows["structure"]]
    assert listed == sorted(listed, key=fold_case_and_accents)


def test_one_indicator_alone_tells_what_it_tells_among_the_others(demo: Network) -> None:
    with demo.snapshot() as snapshot:
        every = find_network_signals(QueryContext(snapshot, Audience.NETWORK, DAY), list(snapshot.catalogue), QUARTER)
        separate = [
            find_network_signals(QueryContext(snapshot, Audience.NETWORK, DAY), [sheet], QUARTER).rows
            for sheet in snapshot.catalogue
            if is_independent_series(sheet)
        ]
    assert sum(frame.height for frame in separate) == every.rows.height


def test_nothing_is_told_of_management_indicators_to_others(demo: Network) -> None:
    with demo.snapshot() as snapshot:
        hidden = [sheet for sheet in snapshot.catalogue if sheet.audience is Audience.MANAGEMENT]
        assert find_network_signals(QueryContext(snapshot, Audience.NETWORK, DAY), hidden, QUARTER).tested == 0


def test_twelve_points_tell_nothing_and_a_quarter_without_its_point_neither(network: Network) -> None:
    rows = [structure("court"), structure("parti")]
    stored(network, structures(*rows))
    counts = [
        measure("court", period.code, "absenteeism_rate", 300 + 10 * (place % 2), 6_000)
        for place, period in enumerate(QUARTER.trailing(12))
    ]
    counts += [
        measure("parti", period.code, "absenteeism_rate", 300 + 10 * (place % 2), 6_000)
        for place, period in enumerate(QUARTER.shifted(-1).trailing(16))
    ]
    stored(network, measures(*counts))
    with network.snapshot() as snapshot:
        found = find_network_signals(
            QueryContext(snapshot, Audience.PUBLIC, TODAY), [snapshot.catalogue["absenteeism_rate"]], QUARTER
        )
        assert (found.tested, found.rows.height, found.expected_by_chance) == (0, 0, 0)
        before = find_network_signals(
            QueryContext(snapshot, Audience.PUBLIC, TODAY),
            [snapshot.catalogue["absenteeism_rate"]],
            QUARTER.shifted(-1),
        )
        assert before.tested == 1, "only the one that has sixteen points"


def test_a_point_of_too_few_cases_is_no_signal_however_far_it_is(network: Network) -> None:
    stored(network, structures(structure("petit"), structure("grand")))
    counts = []
    for place, period in enumerate(Period.parse("2026-S1").trailing(16)):
        last = period == Period.parse("2026-S1")
        counts.append(measure("petit", period.code, "client_satisfaction_rate", 17 if last else 8 + place % 2, 18))
        counts.append(measure("grand", period.code, "client_satisfaction_rate", 170 if last else 80 + place % 2, 180))
    stored(network, measures(*counts), "essai")
    with network.snapshot() as snapshot:
        sheet = snapshot.catalogue["client_satisfaction_rate"]
        found = find_network_signals(QueryContext(snapshot, Audience.MANAGEMENT, DAY), [sheet], HALF)
        assert found.rows["structure"].to_list() == ["grand"]
        assert found.tested == 1
        board = assess_board(
            QueryContext(snapshot, Audience.MANAGEMENT, DAY), Perimeter(Level.STRUCTURE, "petit"), NETWORK, HALF
        )
        (tile,) = [one for one in board if one.indicator.id == sheet.id]
        assert tile.control_chart.variation is not None
        assert tile.signal is None


def test_a_lasting_change_of_few_people_a_quarter_is_told_for_it_is_weighed_over_many(network: Network) -> None:
    stored(network, structures(structure("petit")))
    counts = [
        measure("petit", period.code, "dynamic_exit_rate", 10 if place < 16 else 5, 18)
        for place, period in enumerate(QUARTER.trailing(22))
    ]
    stored(network, measures(*counts), "essai")
    with network.snapshot() as snapshot:
        sheet = snapshot.catalogue["dynamic_exit_rate"]
        found = find_network_signals(QueryContext(snapshot, Audience.MANAGEMENT, DAY), [sheet], QUARTER)
        (row,) = found.rows.to_dicts()
        assert (row["signal"], row["side"], row["variation"]) == ("lasting", "below", "concern")
        board = assess_board(
            QueryContext(snapshot, Audience.MANAGEMENT, DAY), Perimeter(Level.STRUCTURE, "petit"), NETWORK, QUARTER
        )
        (tile,) = [one for one in board if one.indicator.id == sheet.id]
        assert tile.figure.status is Status.LOW
        assert (tile.signal_since and tile.signal_since.code, tile.signal and tile.signal.grade) == (
            row["since"],
            row["grade"],
        )


def test_an_empty_network_has_no_signals(network: Network) -> None:
    with network.snapshot() as snapshot:
        assert (
            find_network_signals(
                QueryContext(snapshot, Audience.PUBLIC, TODAY), list(snapshot.catalogue), QUARTER
            ).tested
            == 0
        )


def test_chance_alone_gives_the_share_that_the_page_names() -> None:
    random = np.random.default_rng(20260930)
    series, points = 8_000, 20
    frame = pl.DataFrame(
        {
            "structure": np.repeat(np.arange(series), points).astype(str),
            "indicator": "x",
            "position": np.tile(np.arange(points), series),
            "value": random.normal(size=series * points),
            "direction": "up",
        }
    )
    signals = latest_signals(frame)
    share = signals["signal"].is_not_null().mean()
    # Three standard errors of a share of 3.5 % in 8,000 draws.
    assert share == pytest.approx(
        SIGNALS_BY_CHANCE, abs=3 * (SIGNALS_BY_CHANCE * (1 - SIGNALS_BY_CHANCE) / series) ** 0.5
    )


@pytest.mark.parametrize("code", ["region:hauts-de-france", "groupe:groupe-des-trois-rives-fictif", "type:ACI"])
def test_the_signals_of_a_perimeter_are_those_of_its_structures(demo: Network, code: str) -> None:
    perimeter = Perimeter.parse(code)
    with demo.snapshot() as snapshot:
        context, sheets = QueryContext(snapshot, Audience.NETWORK, DAY), list(snapshot.catalogue)
        members = snapshot.structures.members_on(perimeter, QUARTER.end)
        of_network = find_network_signals(context, sheets, QUARTER).rows.filter(pl.col("structure").is_in(members))
        found = find_network_signals(context, sheets, QUARTER, perimeter)
        each = [find_network_signals(context, sheets, QUARTER, Perimeter(Level.STRUCTURE, code)) for code in members]
    assert found.rows.equals(of_network)
    assert found.tested == sum(one.tested for one in each) > 0
    assert found.tested_for_lasting == sum(one.tested_for_lasting for one in each)
