"""A figure as programs read it: public, after disclosure control; what is withheld is null everywhere."""

from dashboards.numbers import displayed, exact, rounded
from indicators.figures import Figure
from indicators.judgement.process import Latest, variation
from indicators.judgement.reference import Side
from indicators.judgement.special_causes import Signal, Told

Special = tuple[Signal, Side]
"""A special cause and the side of the mean to which it draws."""


def figure_json(figure: Figure, signal: Special | None = None) -> dict[str, object]:
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
        "signal": _signal_json(figure, *signal) if signal and shown else None,
    }


def _signal_json(figure: Figure, cause: Signal, side: Side) -> dict[str, str]:
    return {
        "cause": cause.value,
        "side": side.value,
        "variation": variation(side, figure.indicator.direction).value,
    }


def latest(signal: Latest | None) -> Special | None:
    """Return the special cause of a latest point."""
    return (signal.signal, signal.side) if signal else None


def special(told: Told) -> Special | None:
    """Return the first special cause of a point."""
    return (told.signals[0], told.side) if told.side else None
