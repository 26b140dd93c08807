"""How complete and how timely a quarter is: structures that delivered, in time, and the figures required of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indicators.campaigns import DUE_AFTER
from indicators.perimeters import NETWORK
from indicators.periods import Period
from indicators.questions.deliveries import collection, deliveries

if TYPE_CHECKING:
    from indicators.network import Network

QUARTER = Period.parse("2026-T3")


def test_completeness_and_timeliness_are_counted_structure_by_structure(demo: Network) -> None:
    with demo.reading() as reading:
        found = deliveries(reading, NETWORK, QUARTER)
        held = {
            (structure, indicator)
            for structure, indicator in reading.cursor.rows(
                "select structure, indicator from current_measures($withdrawn) where period = '2026-T3'",
                withdrawn=reading.withdrawn,
            )
        }
        catalogue = list(reading.catalogue)
    total = collection(found)
    assert total.expected == len(found) > 30
    assert total.delivered == sum(any(structure == d.structure.id for structure, _ in held) for d in found)
    required = {
        (d.structure.id, sheet.id)
        for d in found
        for sheet in catalogue
        if sheet.source == "reported" and sheet.frequency == "quarter" and d.structure.kind in sheet.kinds
    }
    assert (total.required, total.filled) == (len(required), len(required & held))
    late = [d for d in found if d.submitted_at and d.submitted_at.date() > QUARTER.end + DUE_AFTER]
    assert total.on_time == total.delivered - len(late)
    assert 0 < total.filled < total.required, "the fictitious network has late structures, or this test says nothing"


def test_nobody_expected_is_nothing_collected() -> None:
    nothing = collection([])
    assert (nothing.expected, nothing.delivered, nothing.on_time, nothing.required, nothing.filled) == (0, 0, 0, 0, 0)
