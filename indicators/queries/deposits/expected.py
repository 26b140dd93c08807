"""Figures expected of a structure in the collection of a period, by the catalogue.

The single definition for the campaign page, the template, completeness (METHODS 7) and figures missing in a file (X04).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import Structures
from indicators.definitions.periods import Period
from indicators.disclosure import counted_from_registers
from indicators.snapshot import Snapshot, per_version


class DeliveryState(StrEnum):
    """State of an expected figure; a `derived` one is counted from the registers."""

    DELIVERED = "delivered"
    EXPECTED = "expected"
    DERIVED = "derived"


@dataclass(frozen=True)
class ExpectedFigure:
    """A figure expected in the collection of a period, with its own period."""

    sheet: Indicator
    period: Period

    @property
    def is_reported(self) -> bool:
        """Whether it is delivered in a file of measures; the others are counted from registers."""
        return self.sheet.source == "reported"

    def is_expected_of(self, structures: Structures, structure: str) -> bool:
        """Whether a structure must deliver it: the indicator applies to its kind in the period, and it was open."""
        as_of_period = structures.as_of(self.period.end)[structure]
        return self.sheet.applies_to(as_of_period.kind) and as_of_period.is_open_during(self.period)


def figures_expected_with(catalogue: Iterable[Indicator], period: Period) -> Sequence[ExpectedFigure]:
    """Return the figures collected with a period, in the order of the catalogue.

    A yearly figure is collected once, with the quarter in which its year ends.
    """
    candidates = [ExpectedFigure(sheet, Period.latest_ended(period.end, sheet.frequency)) for sheet in catalogue]
    return [expected for expected in candidates if expected.period.end >= period.start]


def required_figures(
    snapshot: Snapshot, figures: Sequence[ExpectedFigure]
) -> Callable[[str], Sequence[ExpectedFigure]]:
    """Return the function that tells which of some figures a structure must deliver: none that its register counts.

    Structures of one kind, open in the same periods, owe the same: few answers serve a whole network.
    """
    structures, counted = snapshot.structures, counted_from_registers(snapshot)
    periods = list(dict.fromkeys(figure.period for figure in figures))
    as_of_periods = [(period, structures.as_of(period.end)) for period in periods]
    counting = {structure for structure, _, _ in counted}
    answers: dict[tuple[tuple[str, bool], ...], Sequence[ExpectedFigure]] = {}

    def required_of(structure: str) -> Sequence[ExpectedFigure]:
        then = [(period, as_of_period[structure]) for period, as_of_period in as_of_periods]
        key = tuple((version.kind, version.is_open_during(period)) for period, version in then)
        if key not in answers:
            answers[key] = [figure for figure in figures if figure.is_expected_of(structures, structure)]
        if structure not in counting:
            return answers[key]
        return [one for one in answers[key] if (structure, one.sheet.id, one.period.code) not in counted]

    return required_of


@per_version
def delivery_states(snapshot: Snapshot, structure: str, period: Period) -> list[tuple[str, DeliveryState]]:
    """Return the delivery state of each indicator expected of a structure in a campaign, in the board's order.

    A yearly figure is expected with the quarter in which its year ends. A figure declared not applicable is delivered,
    one declared unknown is still expected.
    """
    structures = snapshot.structures
    expected = [
        figure
        for figure in figures_expected_with(snapshot.catalogue, period)
        if figure.is_expected_of(structures, structure)
    ]
    rows = snapshot.query(
        "delivered_indicators", structure=structure, periods=sorted({figure.period.code for figure in expected})
    )
    delivered_keys = set(rows.select("indicator", "period").iter_rows())
    counted_keys = counted_from_registers(snapshot)
    return [
        (
            figure.sheet.id,
            _delivery_state(
                is_delivered=(figure.sheet.id, figure.period.code) in delivered_keys,
                is_derived=not figure.is_reported or (structure, figure.sheet.id, figure.period.code) in counted_keys,
            ),
        )
        for figure in expected
    ]


def _delivery_state(*, is_delivered: bool, is_derived: bool) -> DeliveryState:
    if is_derived:
        return DeliveryState.DERIVED
    return DeliveryState.DELIVERED if is_delivered else DeliveryState.EXPECTED
