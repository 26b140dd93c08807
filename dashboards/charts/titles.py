"""Texts shared by charts: titles, units, labels of missing figures."""

from collections.abc import Sequence

from dashboards.wording.formatting import exact_value, format_amount, format_during
from dashboards.wording.translations import Translator
from indicators.definitions.catalogue import Indicator
from indicators.definitions.periods import Span, Window
from indicators.figures.figure import NO_CASES, CohortOpen, Figure, NoCases


def series_title(
    figures: Sequence[Figure], indicator: Indicator, t: Translator, name: str, judgement: str | None = None
) -> str:
    """Return the title of a series: indicator, perimeter, latest published value and, if given, its assessment."""
    fields = {"label": indicator.label(t.language), "name": name}
    for figure in reversed(figures):
        if figure.shown:
            value = format_amount(exact_value(figure.shown, indicator), indicator, t)
            title = t(
                "chart.trend.title",
                value=value,
                during=join_with_no_break(format_during(figure.covered_span, t)),
                **fields,
            )
            return t("chart.judged.title", title=title, said=judgement) if judgement else title
    return t("chart.trend.nothing", **fields)


def absence_label(figure: Figure, t: Translator) -> str:
    """Return in two words why a figure is not shown: « non publié », « à compléter »."""
    if figure.not_added_up:
        return t(f"status.{figure.not_added_up}")
    match figure.outcome:
        case CohortOpen():
            return t("status.unfinished")
        case NoCases():
            return t(f"status.{NO_CASES}")
        case _:
            return t(f"status.{figure.status}")


def join_with_no_break(text: str) -> str:
    """Replace spaces by no-break spaces: a title should not break between « T3 » and « 2026 »."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def unit_and_frequency(indicator: Indicator, t: Translator, span: Span | None = None) -> str:
    """Return unit and frequency, of the indicator or of a given period: « En %, par trimestre »."""
    frequency = "rolling" if isinstance(span, Window) else span.frequency if span else indicator.frequency
    return t(f"chart.unit.{indicator.unit}", frequency=t(f"frequency.by.{frequency}"))
