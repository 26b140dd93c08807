"""Figures as files for a spreadsheet: a row a figure, each code beside its label, each value beside its unit.

The public's values have the decimals of the sheet, as on the page; those of the management view are exact.
"""

from collections.abc import Sequence
from decimal import Decimal

from dashboards.charts.titles import absence
from dashboards.wording import formatting as numbers
from dashboards.wording.translations import Words
from indicators.csv_files import SPREADSHEET, Value, csv_of_rows
from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Perimeter
from indicators.figures.figure import Figure, Shown

SERIES_COLUMNS = (
    "perimetre", "nom", "indicateur", "libelle", "periode", "valeur", "unite", "numerateur", "denominateur",
    "intervalle_bas", "intervalle_haut", "objectif", "statut", "lecture",
)  # fmt: skip


def series_csv(
    perimeter: Perimeter, name: str, indicator: Indicator, figures: Sequence[Figure], audience: Audience, words: Words
) -> bytes:
    """Write a series, oldest first: what is not shown has no figure there either."""
    label, unit = indicator.label(words.language), unit_name(indicator, words)
    rows: list[Sequence[Value]] = []
    for figure in figures:
        shown = figure.shown
        low, high = (limit_for(limit, indicator, audience) for limit in figure.interval or (None, None))
        rows.append(
            (
                *(perimeter.code, name, indicator.id, label, figure.period.code),
                value_for(shown, indicator, audience) if shown else None,
                unit,
                *((shown.numerator, shown.denominator) if shown else (None, None)),
                *(low, high, figure.target.value if figure.target else None),
                *(figure.status.value, absence(figure, words)),
            )
        )
    return csv_of_rows(SERIES_COLUMNS, rows, SPREADSHEET)


def value_for(shown: Shown, indicator: Indicator, audience: Audience) -> Decimal | float:
    """Return a value as an audience may have it in a file: rounded as it is displayed, or exact for management."""
    if audience is Audience.MANAGEMENT:
        return float(numbers.value_of(shown, indicator))
    return numbers.displayed(shown, indicator)


def limit_for(limit: float | None, indicator: Indicator, audience: Audience) -> Decimal | float | None:
    """Return a limit of an interval, in the unit of the value, as `value_for` returns a value."""
    if limit is None or audience is Audience.MANAGEMENT:
        return limit
    return numbers.rounded(numbers.exact(limit), indicator.decimals)


def unit_name(indicator: Indicator, words: Words) -> str:
    """Return the unit of an indicator as a column names it: « % », « ETP », « nombre »."""
    return words(words.either(f"unit.named.{indicator.unit}", f"unit.{indicator.unit}"))
