"""From a signal to the first action: what was opened after a control chart said that something had changed, and when.

Signals are those of the last four quarters, of figures that are reported by files: those that are counted from
registers would change with each action. A signal that lasts over several quarters is one, from its first quarter on,
which may be one before these four: it is looked for as far back as four quarters more.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
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
QUARTERS_SEARCHED: Final = 2 * QUARTERS_LOOKED_BACK
"""Quarters in which the first one of a signal is looked for: one that holds in all of them began at an unknown time."""

SignalKey = tuple[str, str]
"""Structure and indicator."""
VariationIn = Callable[[Period, SignalKey], str | None]
"""The variation of a signal in a quarter; null if there is none."""


@dataclass(frozen=True)
class Reaction:
    """A signal of a structure, and the first action that names its indicator and was opened after its period.

    Of a signal of which the beginning is not known, an action may answer it that was opened before the oldest quarter
    searched, and no delay is computed.
    """

    structure: str
    indicator: str
    period: Period
    """Its first quarter, or the oldest in which it is known to hold."""
    variation: str
    reference: str | None = None
    opened_on: date | None = None
    verified_on: date | None = None
    is_beginning_known: bool = True

    @property
    def days_to_action(self) -> int | None:
        """Days from the end of the signal's period to the opening of the action."""
        return self._days_to(self.opened_on)

    @property
    def days_to_verdict(self) -> int | None:
        """Days from the end of the signal's period to the verdict on the action."""
        return self._days_to(self.verified_on)

    def _days_to(self, day: date | None) -> int | None:
        return (day - self.period.end).days if day and self.is_beginning_known else None


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
        own = opened.get((signal.structure, signal.indicator), [])
        answers = [each for each in own if each[0] > signal.period.end][:1]
        # Of those opened before, the newest may have answered the beginning that is not known.
        if answers := answers or ([] if signal.is_beginning_known else own[-1:]):
            ((opened_on, reference, verified_on),) = answers
            signal = replace(signal, reference=reference, opened_on=opened_on, verified_on=verified_on)
        found.append(signal)
    return sorted(found, key=lambda each: each.period.end, reverse=True)


def _first_signals(context: QueryContext, structures: frozenset[str], latest: Period) -> Iterator[Reaction]:
    """Yield the signals of some structures, each in the first quarter of those in which it lasts."""
    window = [latest.shifted(-back) for back in range(QUARTERS_LOOKED_BACK)][::-1]
    oldest = latest.shifted(1 - QUARTERS_SEARCHED)

    @cache
    def signals_of(quarter: Period, only: str | None) -> Mapping[SignalKey, str]:
        rows = _signals(context, quarter, only).iter_rows()
        return {(structure, name): variation for structure, name, variation in rows if structure in structures}

    def variation_in(quarter: Period, key: SignalKey) -> str | None:
        return signals_of(quarter, None if quarter >= window[0] else key[1]).get(key)

    for quarter in window:
        for key in signals_of(quarter, None):
            # A figure of a year has its signals in every fourth quarter.
            step = context.snapshot.catalogue[key[1]].frequency.months // latest.frequency.months
            before = quarter.shifted(-step)
            if before >= window[0] and variation_in(before, key):
                continue
            first = _first_quarter(variation_in, key, quarter, step, oldest)
            is_known = first.shifted(-step) >= oldest
            yield Reaction(*key, first, variation_in(first, key) or "", is_beginning_known=is_known)


def _first_quarter(variation_in: VariationIn, key: SignalKey, quarter: Period, step: int, oldest: Period) -> Period:
    """Return the first of the quarters in which a signal lasts, or the oldest one that is searched."""
    while (before := quarter.shifted(-step)) >= oldest and variation_in(before, key):
        quarter = before
    return quarter


def _signals(context: QueryContext, quarter: Period, only: str | None) -> pl.DataFrame:
    """Return the signals of a quarter, of all indicators or of one only: structure, indicator and variation.

    Kept until other measures are deposited.
    """
    snapshot, management = context.snapshot, replace(context, audience=Audience.MANAGEMENT)
    indicators = [sheet for sheet in snapshot.catalogue if sheet.source != "derived" and only in {None, sheet.id}]

    def find() -> pl.DataFrame:
        rows = find_network_signals(management, indicators, quarter, NETWORK).rows
        return detach(rows.select("structure", "indicator", "variation"))

    return snapshot.cached_by_deposits(
        [MEASURES], ("signals of a quarter", quarter.code, only, context.today, snapshot.reference_digest), find
    )
