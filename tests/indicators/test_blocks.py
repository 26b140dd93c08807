"""The past of structures read in blocks: the same figures as one structure by itself, for every audience."""

from __future__ import annotations

from datetime import date

import pytest
from polars.testing import assert_frame_equal

from indicators.catalogue import Audience
from indicators.network import Network, Reading
from indicators.perimeters import Level, Perimeter
from indicators.questions import figures as questions
from indicators.questions.figures import BLOCK, block_of, figures
from tests.builders import measure, measures, stored, structure, structures
from tests.conftest import sample

KEYS = ["indicator", "period", "period_end"]


def check(reading: Reading, code: str, audience: Audience) -> int:
    """Check that a structure's figures are those that it has by itself; return how many there are."""
    kind, where = reading.structures[code].kind, Perimeter(Level.STRUCTURE, code)
    sheets = [sheet for sheet in reading.catalogue if sheet.applies_to(kind)]
    found = figures(reading, where, sheets, date.min, date.max, audience)
    wanted = [sheet.id for sheet in sheets if audience.sees(sheet.audience)]
    alone = questions._protected(reading, where, wanted, date.min, date.max, audience)
    assert_frame_equal(found.sort(KEYS), alone.sort(KEYS), check_exact=True)
    return found.height


@pytest.mark.parametrize("audience", list(Audience))
def test_the_demo_s_figures_are_those_of_each_structure_by_itself(demo: Network, audience: Audience) -> None:
    with demo.reading() as reading:
        checked = sample(reading.structures.by_id, 5)
        assert sum(check(reading, code, audience) for code in checked) > 30 * len(checked)


@pytest.mark.parametrize("audience", list(Audience))
def test_rates_published_without_their_counts_are_too(belgium: Network, audience: Audience) -> None:
    with belgium.reading() as reading:
        assert sum(check(reading, code, audience) for code in reading.structures.by_id) > 0


def test_a_structure_of_the_second_block_has_its_own_figures(network: Network) -> None:
    codes = [f"s{number:03d}" for number in range(BLOCK + 2)]
    stored(network, structures(*(structure(code) for code in codes)))
    rows = [measure(code, "2026-T3", "dynamic_exit_rate", 20 + n % 9, 60) for n, code in enumerate(codes)]
    stored(network, measures(*rows))
    with network.reading() as reading:
        assert [block_of(reading, code) for code in (codes[0], codes[BLOCK - 1], codes[BLOCK])] == [0, 0, 1]
        for code in (codes[0], codes[BLOCK - 1], codes[BLOCK], codes[-1]):
            assert check(reading, code, Audience.PUBLIC) > 0
