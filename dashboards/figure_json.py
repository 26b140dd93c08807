"""A figure as programs read it: public, after disclosure control; what is withheld is null everywhere."""

from indicators.figures import Figure


def figure_json(figure: Figure) -> dict[str, object]:
    """Return a figure in the shape that every open-data answer uses."""
    shown = figure.shown
    return {
        "indicator": figure.indicator.id,
        "period": figure.period.code,
        "value": shown and shown.value,
        "numerator": shown and shown.numerator,
        "denominator": shown and shown.denominator,
        "unit": figure.indicator.unit,
        "status": figure.status.value,
        "interval": list(figure.interval) if figure.interval else None,
        "target": figure.target and figure.target.value,
        "judgement": figure.judgement and figure.judgement.value,
        # Signals compare a structure with its own past: they come with the process charts.
        "signal": None,
    }
