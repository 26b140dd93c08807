"""Figures beyond a declared threshold, among those that the reader sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Period
from indicators.definitions.thresholds import Counted, Threshold
from indicators.figures.figure import Status
from indicators.queries.figures.figures import mixes_formulas, perimeter_figures
from indicators.queries.figures.multi_indicator import figures_of_structures
from indicators.snapshot import QueryContext

COLUMN_BY_COUNTED: Mapping[Counted, str] = {
    Counted.VALUE: "value",
    Counted.NUMERATOR: "numerator",
    Counted.DENOMINATOR: "denominator",
}


@dataclass(frozen=True)
class ThresholdAlert:
    """A perimeter whose figure of a period is beyond a threshold: the amount compared with it."""

    threshold: Threshold
    perimeter: Perimeter
    indicator: Indicator
    period: Period
    amount: float


def find_alerts(context: QueryContext, perimeter: Perimeter, quarter: Period) -> list[ThresholdAlert]:
    """Return the alerts of a perimeter's own figures as of the end of a quarter, in the order of the file.

    Each indicator is taken in its own newest period that was over by then, as on a board.
    """
    if perimeter.level is Level.STRUCTURE:
        return find_structure_alerts(context, [perimeter.name], quarter)
    alerts = []
    for threshold in context.snapshot.thresholds:
        if threshold.level is not perimeter.level:
            continue
        indicator, period = _figure_compared(context, threshold, quarter)
        if mixes_formulas(context.snapshot, perimeter, indicator, period):
            continue
        rows = perimeter_figures(context, perimeter, [indicator], period.end, period.end).rows
        amounts = _amounts(rows, threshold, period)
        alerts += [ThresholdAlert(threshold, perimeter, indicator, period, amount) for amount in amounts]
    return alerts


def find_structure_alerts(context: QueryContext, structures: Sequence[str], quarter: Period) -> list[ThresholdAlert]:
    """Return the alerts of structures' figures as of the end of a quarter, in the order of the file, then as given.

    A threshold for a kind is for the structures that were of that kind at the end of the quarter.
    """
    as_of_quarter, alerts = context.snapshot.structures.as_of(quarter.end), []
    for threshold in context.snapshot.thresholds:
        if threshold.level is not Level.STRUCTURE:
            continue
        concerned = [code for code in structures if threshold.kind in {None, as_of_quarter[code].kind}]
        indicator, period = _figure_compared(context, threshold, quarter)
        if not concerned:
            continue
        rows = figures_of_structures(context, concerned, {indicator.id: [period]}).rows
        for code in concerned:
            amounts = _amounts(rows.filter(pl.col("structure") == code), threshold, period)
            own = Perimeter(Level.STRUCTURE, code)
            alerts += [ThresholdAlert(threshold, own, indicator, period, amount) for amount in amounts]
    return alerts


def _figure_compared(context: QueryContext, threshold: Threshold, quarter: Period) -> tuple[Indicator, Period]:
    indicator = context.snapshot.catalogue[threshold.indicator]
    return indicator, Period.latest_ended(quarter.end, indicator.frequency)


def _amounts(rows: pl.DataFrame, threshold: Threshold, period: Period) -> list[float]:
    """Return the amount of a figure that is shown, if it is beyond the threshold: of one withheld nothing follows."""
    is_shown = (pl.col("period") == period.code) & (pl.col("status") == Status.OK)
    amounts = rows.filter(is_shown)[COLUMN_BY_COUNTED[threshold.counted]].drop_nulls()
    return [amount for amount in amounts if threshold.is_crossed_by(amount)]
