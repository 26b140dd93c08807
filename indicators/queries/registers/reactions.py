"""From a signal to the first action: what was opened after a control chart said that something had changed, and when.

Signals are those of the last four quarters, of figures that are reported by files: those that are counted from
registers would change with each action. A signal that lasts over several quarters is one, from its first quarter on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from statistics import median
from typing import Final

import polars as pl

from indicators.answer_cache import detach
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK
from indicators.definitions.periods import Period
from indicators.queries.comparison.network_signals import find_network_signals
from indicators.snapshot import QueryContext
from schemas.measures import MEASURES

QUARTERS_LOOKED_BACK: Final = 4


@dataclass(frozen=True)
class Reaction:
    """A signal of a structure, and the first action that names its indicator and was opened after its period."""

    structure: str
    indicator: str
    period: Period
    variation: str
    reference: str | None = None
    opened_on: date | None = None
    verified_on: date | None = None

    @property
    def days_to_action(self) -> int | None:
        """Days from the end of the signal's period to the opening of the action."""
        return (self.opened_on - self.period.end).days if self.opened_on else None

    @property
    def days_to_verdict(self) -> int | None:
        """Days from the end of the signal's period to the verdict on the action."""
        return (self.verified_on - self.period.end).days if self.verified_on else None


def median_days(days: Sequence[int | None]) -> float | None:
    """Return the median of those that are known; null if none is."""
    known = [each for each in days if each is not None]
    return median(known) if known else None


def find_reactions(context: QueryContext, structures: Sequence[str], latest: Period) -> Sequence[Reaction]:
    """Return the signals of some structures up to a quarter, newest first, each with the first action after it.

    For those who see the management's part of these structures.
    """
    actions = context.snapshot.query("actions_on_indicators", structures=list(structures))
    opened: dict[tuple[str, str], list[tuple[date, str, date | None]]] = {}
    for structure, indicator, reference, opened_on, verified_on in actions.iter_rows():
        opened.setdefault((structure, indicator), []).append((opened_on, reference, verified_on))
    found = []
    for signal in _first_signals(context, frozenset(structures), latest):
        after = [each for each in opened.get((signal.structure, signal.indicator), ()) if each[0] > signal.period.end]
        if after:
            opened_on, reference, verified_on = after[0]
            signal = replace(signal, reference=reference, opened_on=opened_on, verified_on=verified_on)
        found.append(signal)
    return sorted(found, key=lambda each: each.period.end, reverse=True)


def _first_signals(context: QueryContext, structures: frozenset[str], latest: Period) -> Iterator[Reaction]:
    """Yield the signals of some structures, each in the first quarter of those in which it lasts."""
    before: set[tuple[str, str]] = set()
    for quarter in [latest.shifted(-back) for back in range(QUARTERS_LOOKED_BACK)][::-1]:
        now: set[tuple[str, str]] = set()
        for structure, indicator, variation in _signals(context, quarter).iter_rows():
            if structure in structures:
                now.add((structure, indicator))
                if (structure, indicator) not in before:
                    yield Reaction(structure, indicator, quarter, variation)
        before = now


def _signals(context: QueryContext, quarter: Period) -> pl.DataFrame:
    """Return the signals of a quarter: structure, indicator and variation; kept until other measures are deposited."""
    snapshot, management = context.snapshot, replace(context, audience=Audience.MANAGEMENT)
    indicators = [sheet for sheet in snapshot.catalogue if sheet.source != "derived"]

    def find() -> pl.DataFrame:
        rows = find_network_signals(management, indicators, quarter, NETWORK).rows
        return detach(rows.select("structure", "indicator", "variation"))

    return snapshot.cached_by_deposits(
        [MEASURES], ("signals of a quarter", quarter.code, context.today, snapshot.reference_digest), find
    )
