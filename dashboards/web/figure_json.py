"""The JSON of a public figure, after disclosure control; a withheld figure has null everywhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.wording.formatting import displayed_value, round_half_away, to_fraction
from indicators.definitions.periods import Span
from indicators.figures.figure import Figure
from indicators.judgement.comparison import Side
from indicators.judgement.control_chart import LatestSignal, variation_of
from indicators.judgement.cusum import Grade
from indicators.judgement.special_causes import PointSignals, Signal


@dataclass(frozen=True)
class FirstSignal:
    """The first special cause of a point: signal, side, period of first detection, grade of a lasting change."""

    signal: Signal
    side: Side
    since: Span
    grade: Grade | None


def figure_json(figure: Figure, cause: FirstSignal | None = None) -> dict[str, object]:
    """Return a figure as the JSON object used by every open-data response, with its signal, if any."""
    shown = figure.shown
    return {
        "indicator": figure.indicator.id,
        "period": figure.period.code,
        "value": float(displayed_value(shown, figure.indicator)) if shown else None,
        "numerator": shown and shown.numerator,
        "denominator": shown and shown.denominator,
        "unit": figure.indicator.unit,
        "status": figure.status.value,
        "interval": [float(round_half_away(to_fraction(limit), figure.indicator.decimals)) for limit in figure.interval]
        if figure.interval
        else None,
        "target": figure.target and figure.target.value,
        "judgement": figure.judgement and figure.judgement.value,
        "signal": _signal_json(figure, cause) if cause and shown else None,
    }


def _signal_json(figure: Figure, cause: FirstSignal) -> dict[str, str | None]:
    return {
        "cause": cause.signal.value,
        "side": cause.side.value,
        "variation": variation_of(cause.side, figure.indicator.direction).value,
        "since": cause.since.code,
        "grade": cause.grade and cause.grade.value,
    }


def latest_signal(signal: LatestSignal | None, series: Sequence[Figure]) -> FirstSignal | None:
    """Return the signal of the latest point of a series."""
    return FirstSignal(signal.signal, signal.side, series[signal.since].period, signal.grade) if signal else None


def signal_at(point_signals: PointSignals, position: int, series: Sequence[Figure]) -> FirstSignal | None:
    """Return the first signal of the point at a position of a series."""
    if point_signals.side is None:
        return None
    since = series[point_signals.change.since if point_signals.change else position].period
    return FirstSignal(
        point_signals.signals[0],
        point_signals.side,
        since,
        point_signals.change.grade if point_signals.change else None,
    )
