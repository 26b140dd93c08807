"""CSV template to fill: the columns of a dataset and, for measures, a row for each figure expected of a structure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

from indicators.csv_files import SPREADSHEET, CellValue, rows_to_csv
from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import Structure
from indicators.definitions.periods import Period
from indicators.queries.deposits.expected import ExpectedFigure, figures_expected_with, required_figures
from indicators.queries.registers.actions import ActionFilters, list_actions
from indicators.snapshot import Snapshot
from schemas.actions import ACTIONS
from schemas.datasets import DATASETS, sample_path
from schemas.measures import WHOLE_SEGMENT

MAX_OPEN_ACTIONS: Final = 20_000
"""Open actions that a file brings: as many as a workbook may have cells for."""


@dataclass(frozen=True)
class PreviousFigure:
    """The figure delivered for the previous period."""

    numerator: float | None
    denominator: float | None
    value: float | None


def expected_figures(snapshot: Snapshot, structure: Structure, period: Period) -> Sequence[ExpectedFigure]:
    """Return the figures that a structure has to report with a period, in the order of the catalogue."""
    figures = [figure for figure in figures_expected_with(snapshot.catalogue, period) if figure.is_reported]
    return required_figures(snapshot, figures)(structure.id)


class Translate(Protocol):
    """A translator of message keys into one language."""

    @property
    def language(self) -> str:
        """The language."""

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the sentence of a message key."""


def template_csv(
    snapshot: Snapshot,
    dataset: str,
    structure: Structure | None,
    period: Period | None,
    translate: Translate | None = None,
) -> str:
    """Return a CSV file (semicolons) to fill.

    For measures of a structure and a period it has a row per expected indicator, numbers left empty and, if `translate`
    is given, a last column with the indicators' labels, which is not read back. For actions of a structure it has those
    that are open, as they stand, to be brought up to date. Otherwise it is the dataset's sample.
    """
    if dataset == ACTIONS.name and structure is not None:
        header = [column.french for column in ACTIONS.columns]
        rows = open_actions(snapshot, structure)
        return rows_to_csv(header, rows, SPREADSHEET).decode("utf-8-sig").replace("\r\n", "\n")
    if dataset != "measures" or structure is None or period is None:
        return sample_path(dataset).read_text(encoding="utf-8")
    label = [translate("template.reference.label")] if translate else []
    header = [*(column.french for column in DATASETS[dataset].columns), *label]
    rows = []
    for expected in expected_figures(snapshot, structure, period):
        row = [structure.id, expected.period.code, expected.sheet.id, "", "", "", WHOLE_SEGMENT, ""]
        rows.append([*row, *([expected.sheet.label(translate.language)] if translate else [])])
    # Without a mark and with the line ends of the samples: the command prints it, the page adds the mark.
    return rows_to_csv(header, rows, SPREADSHEET).decode("utf-8-sig").replace("\r\n", "\n")


def open_actions(snapshot: Snapshot, structure: Structure) -> list[list[CellValue]]:
    """Return the open actions of a structure as rows of a file."""
    words = {column.name: {stored: word for word, stored in column.vocabulary.items()} for column in ACTIONS.columns}
    filters = ActionFilters(status="to_do")
    kept = list_actions(snapshot, [structure.id], filters, date.max, MAX_OPEN_ACTIONS, 0).rows.sort("reference")
    return [
        [words[column.name].get(row[column.name], row[column.name]) for column in ACTIONS.columns]
        for row in kept.iter_rows(named=True)
    ]


def previous_figures(
    snapshot: Snapshot, structure: Structure, expected: Sequence[ExpectedFigure]
) -> Mapping[tuple[str, str], PreviousFigure]:
    """Return the structure's figures for the period before each expected one, by indicator and period."""
    previous_periods = sorted({line.period.shifted(-1).code for line in expected})
    rows = snapshot.query(
        "current_measures_of_periods", structures=[structure.id], everyone=False, periods=previous_periods
    )
    figures_by_key: dict[tuple[str, str], PreviousFigure] = {}
    for row in rows.iter_rows(named=True):
        if row["segment"] == WHOLE_SEGMENT and row["absence"] is None:
            value = _compute_value(
                snapshot.catalogue[row["indicator"]], row["numerator"], row["denominator"], row["value"]
            )
            figures_by_key[row["indicator"], row["period"]] = PreviousFigure(
                row["numerator"], row["denominator"], value
            )
    return figures_by_key


def _compute_value(
    indicator: Indicator, numerator: float | None, denominator: float | None, stated: float | None
) -> float | None:
    """Return the figure computed from counts, or the stated one without counts."""
    if numerator is None:
        return stated
    if not indicator.denominator_required:
        return numerator
    return numerator / denominator * indicator.scale if denominator else None
