"""CSV files for spreadsheets: one row per figure, each code with its label, each value with its unit.

Public values are rounded to the indicator's decimals, as on the page; those of the management view are exact.
"""

from collections.abc import Sequence
from decimal import Decimal

from dashboards.charts.titles import absence_label
from dashboards.wording.formatting import displayed_value, exact_value, round_half_away, to_fraction
from dashboards.wording.translations import Translator
from indicators.csv_files import SPREADSHEET, CellValue, rows_to_csv
from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Perimeter
from indicators.figures.figure import Figure, Value
from indicators.queries.figures.continuity import EarlierFigures

SERIES_COLUMNS = (
    "perimetre", "nom", "indicateur", "libelle", "periode", "valeur", "unite", "numerateur", "denominateur",
    "intervalle_bas", "intervalle_haut", "objectif", "statut", "lecture",
)  # fmt: skip


def series_csv(
    perimeter: Perimeter,
    name: str,
    indicator: Indicator,
    figures: Sequence[Figure],
    audience: Audience,
    t: Translator,
    earlier: Sequence[EarlierFigures] = (),
) -> bytes:
    """Return a series as CSV, oldest first; figures that are not shown are empty there too.

    Figures of predecessors stand before it, under their own code and name and for their own audience.
    """
    rows: list[Sequence[CellValue]] = []
    for each in earlier:
        structure = each.structure
        rows += _series_rows(structure.id, structure.name, indicator, each.figures, each.audience, t)
    rows += _series_rows(perimeter.code, name, indicator, figures, audience, t)
    return rows_to_csv(SERIES_COLUMNS, rows, SPREADSHEET)


def _series_rows(
    code: str, name: str, indicator: Indicator, figures: Sequence[Figure], audience: Audience, t: Translator
) -> list[Sequence[CellValue]]:
    label, unit = indicator.label(t.language), unit_name(indicator, t)
    rows: list[Sequence[CellValue]] = []
    for figure in figures:
        shown = figure.shown
        low, high = (file_limit(limit, indicator, audience) for limit in figure.interval or (None, None))
        rows.append(
            (
                *(code, name, indicator.id, label, figure.period.code),
                file_value(shown, indicator, audience) if shown else None,
                unit,
                *((shown.numerator, shown.denominator) if shown else (None, None)),
                *(low, high, figure.target.value if figure.target else None),
                *(figure.status.value, absence_label(figure, t)),
            )
        )
    return rows


def file_value(shown: Value, indicator: Indicator, audience: Audience) -> Decimal | float:
    """Return a value for a file: rounded as displayed, or exact for the management audience."""
    if audience is Audience.MANAGEMENT:
        return float(exact_value(shown, indicator))
    return displayed_value(shown, indicator)


def file_limit(limit: float | None, indicator: Indicator, audience: Audience) -> Decimal | float | None:
    """Return an interval limit for a file, rounded by the same rule as `file_value`."""
    if limit is None or audience is Audience.MANAGEMENT:
        return limit
    return round_half_away(to_fraction(limit), indicator.decimals)


def unit_name(indicator: Indicator, t: Translator) -> str:
    """Return the unit of an indicator for a column of its own: « % », « ETP », « nombre »."""
    return t(t.first_existing(f"unit.named.{indicator.unit}", f"unit.{indicator.unit}"))
