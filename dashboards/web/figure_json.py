"""A figure as programs read it: public, after disclosure control; what is withheld is null everywhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.wording.formatting import displayed, exact, rounded
from indicators.definitions.periods import Span
from indicators.figures.figure import Figure
from indicators.judgement.comparison import Side
from indicators.judgement.control_chart import Latest, variation
from indicators.judgement.cusum import Grade
from indicators.judgement.special_causes import Signal, Told


@dataclass(frozen=True)
class Cause:
    """A special cause, the side to which it draws, the period in which it was first told; how surely, if it lasts."""

    signal: Signal
    side: Side
    since: Span
    grade: Grade | None


def figure_json(figure: Figure, cause: Cause | None = None) -> dict[str, object]:
    """Return a figure in the shape that every open-data answer uses, with what its own past does not explain of it."""
    shown = figure.shown
    return {
        "indicator": figure.indicator.id,
        "period": figure.period.code,
        "value": float(displayed(shown, figure.indicator)) if shown else None,
        "numerator": shown and shown.numerator,
        "denominator": shown and shown.denominator,
        "unit": figure.indicator.unit,
        "status": figure.status.value,
        "interval": [float(rounded(exact(limit), figure.indicator.decimals)) for limit in figure.interval]
        if figure.interval
        else None,
        "target": figure.target and figure.target.value,
        "judgement": figure.judgement and figure.judgement.value,
        "signal": _signal_json(figure, cause) if cause and shown else None,
    }


def _signal_json(figure: Figure, cause: Cause) -> dict[str, str | None]:
    return {
        "cause": cause.signal.value,
        "side": cause.side.value,
        "variation": variation(cause.side, figure.indicator.direction).value,
        "since": cause.since.code,
        "grade": cause.grade and cause.grade.value,
    }


def cause_of_latest(signal: Latest | None, series: Sequence[Figure]) -> Cause | None:
    """Return the special cause of the latest point of a series."""
    return Cause(signal.signal, signal.side, series[signal.since].period, signal.grade) if signal else None


def cause_of(told: Told, place: int, series: Sequence[Figure]) -> Cause | None:
    """Return the first special cause of the point at a place in a series."""
    if told.side is None:
        return None
    since = series[told.change.since if told.change else place].period
    return Cause(told.signals[0], told.side, since, told.change.grade if told.change else None)
