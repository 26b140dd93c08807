"""The charts of an indicator of the network are kept by what they show: each part of it changes what they are kept by.

The corrections leave the two other parts as they were, so that no part stands in for another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pytest

from dashboards.app_pages.network.indicator import charted_digest
from indicators.definitions.periods import Period
from indicators.network import Network
from tests.builders import TODAY, measure, measures, stored, structure, structures
from tests.conftest import FilledBy

QUARTERS: Final = ("2026-T2", "2026-T3")
EXITS, OTHER = "dynamic_exit_rate", "absenteeism_rate"
EXITS_OF: Final = {f"atelier-{n}": 21 + n for n in range(24)}
"""Exits of each structure, of 60; one in two is in Normandy, the others in Brittany."""


def correction(*changes: tuple[str, int], quarter: str = QUARTERS[-1], indicator: str = EXITS, of: int = 60) -> bytes:
    return measures(*(measure(code, quarter, indicator, count, of) for code, count in changes))


def fill(network: Network) -> None:
    places = (structure(f"atelier-{n}", region=("normandie", "bretagne")[n % 2]) for n in range(24))
    stored(network, structures(*places))
    rows = (measure(code, quarter, EXITS, count, 60) for code, count in EXITS_OF.items() for quarter in QUARTERS)
    stored(network, measures(*rows))


def charted(network: Network) -> str:
    with network.snapshot(newest=True) as snapshot:
        return charted_digest(snapshot, snapshot.catalogue[EXITS], Period.parse(QUARTERS[-1]), TODAY)


CHANGED: Final[Mapping[str, bytes]] = {
    # Of the highest rate of all, in a quarter whose regions are not drawn: no decile moves.
    "the network": correction(("atelier-23", EXITS_OF["atelier-23"] + 2), quarter=QUARTERS[0]),
    # Two structures of two regions have each other's exits: the network and the spread of the structures stay.
    "regions": correction(("atelier-0", EXITS_OF["atelier-5"]), ("atelier-5", EXITS_OF["atelier-0"])),
    # Of two structures of one region, one has more and one as many fewer: the network and its regions stay.
    "deciles": correction(("atelier-0", EXITS_OF["atelier-0"] - 4), ("atelier-2", EXITS_OF["atelier-2"] + 4)),
}


@pytest.mark.parametrize("part", CHANGED)
def test_each_part_of_what_is_charted_changes_what_charts_are_kept_by(filled_by: FilledBy, part: str) -> None:
    network = filled_by(fill)
    before = charted(network)
    stored(network, CHANGED[part], comment="rectification")
    assert charted(network) != before


def test_what_is_not_charted_leaves_the_charts_as_they_are(filled_by: FilledBy) -> None:
    network = filled_by(fill)
    before = charted(network)
    stored(network, correction(("atelier-0", 310), indicator=OTHER, of=12_400))
    assert charted(network) == before
