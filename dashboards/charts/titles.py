"""Sentences that several charts say: their titles, their units."""

from collections.abc import Sequence

from dashboards.wording.formatting import amount, during, value_of
from dashboards.wording.translations import Words
from indicators.definitions.catalogue import Indicator
from indicators.definitions.periods import Span, Window
from indicators.figures.figure import NO_CASES, AcrossDefinitions, Figure, NoCases, Unfinished


def headline(figures: Sequence[Figure], indicator: Indicator, words: Words, name: str, said: str | None = None) -> str:
    """Return the title of a series: what it is, whose, the latest value shown and, if given, what it can bear."""
    told = {"label": indicator.label(words.language), "name": name}
    for figure in reversed(figures):
        if figure.shown:
            value = amount(value_of(figure.shown, indicator), indicator, words)
            title = words("chart.trend.title", value=value, during=held(during(figure.counted, words)), **told)
            return words("chart.judged.title", title=title, said=said) if said else title
    return words("chart.trend.nothing", **told)


def absence(figure: Figure, words: Words) -> str:
    """Return in two words why nothing is shown: « non publié », « à compléter »."""
    match figure.reading:
        case Unfinished():
            return words("status.unfinished")
        case NoCases():
            return words(f"status.{NO_CASES}")
        case AcrossDefinitions():
            return words("status.redefined")
        case _:
            return words(f"status.{figure.status}")


def held(text: str) -> str:
    """Hold words together: a title broken between « T3 » and « 2026 » reads badly."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def unit_and_rhythm(indicator: Indicator, words: Words, when: Span | None = None) -> str:
    """Return the unit and how often there is a figure, its own or that of a span: « En %, par trimestre »."""
    rhythm = "rolling" if isinstance(when, Window) else when.frequency if when else indicator.frequency
    return words(f"chart.unit.{indicator.unit}", frequency=words(f"frequency.by.{rhythm}"))
