"""The file to fill: the columns of a dataset and, for measures, a row for each figure expected of a structure."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import Structure
from indicators.definitions.periods import Period
from indicators.network import Reading
from indicators.queries.deposits.expected import Expected, expected_with
from schemas.datasets import DATASETS, sample

WHOLE_SEGMENT: Final = "ensemble"


@dataclass(frozen=True)
class Former:
    """What was delivered the period before."""

    numerator: float | None
    denominator: float | None
    value: float | None


def expected_figures(reading: Reading, structure: Structure, period: Period) -> Iterator[Expected]:
    """Yield the figures that a structure reports with a period, in the order of the catalogue."""
    for expected in expected_with(reading.catalogue, period):
        if expected.reported and expected.concerns(reading.structures, structure.id):
            yield expected


class Say(Protocol):
    """How the words of a language are asked for."""

    @property
    def language(self) -> str:
        """The language."""

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the sentence of that key."""


def template_csv(
    reading: Reading, dataset: str, structure: Structure | None, period: Period | None, say: Say | None = None
) -> str:
    """Return a CSV file (semicolons) to be filled.

    For measures of a structure and a period it holds a row per indicator that the structure reports then, numbers
    left empty and, in the words of `say`, what each indicator is: a last column that is not read back. For anything
    else it is the dataset's own sample.
    """
    if dataset != "measures" or structure is None or period is None:
        return sample(dataset).read_text(encoding="utf-8")
    written = io.StringIO()
    rows = csv.writer(written, delimiter=";", lineterminator="\n")
    label = [say("template.reference.label")] if say else []
    rows.writerow([*(column.french for column in DATASETS[dataset].columns), *label])
    for expected in expected_figures(reading, structure, period):
        row = [structure.id, expected.period.code, expected.sheet.id, "", "", "", WHOLE_SEGMENT, ""]
        rows.writerow([*row, *([expected.sheet.label(say.language)] if say else [])])
    return written.getvalue()


def former_figures(
    reading: Reading, structure: Structure, expected: Sequence[Expected]
) -> Mapping[tuple[str, str], Former]:
    """Return what the structure delivered for the period before each figure's own, by indicator and period."""
    before = sorted({line.period.shifted(-1).code for line in expected})
    rows = reading.ask("current_measures_of_periods", structures=[structure.id], everyone=False, periods=before)
    found: dict[tuple[str, str], Former] = {}
    for row in rows.iter_rows(named=True):
        if row["segment"] == WHOLE_SEGMENT and row["absence"] is None:
            value = _value(reading.catalogue[row["indicator"]], row["numerator"], row["denominator"], row["value"])
            found[row["indicator"], row["period"]] = Former(row["numerator"], row["denominator"], value)
    return found


def _value(sheet: Indicator, numerator: float | None, denominator: float | None, stated: float | None) -> float | None:
    """Return the figure that counts give, else the one stated."""
    if numerator is None:
        return stated
    if not sheet.denominator_required:
        return numerator
    return numerator / denominator * sheet.scale if denominator else None
