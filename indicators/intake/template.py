"""The file to fill: the columns of a dataset and, for measures, a row for each figure expected of a structure."""

import csv
import io

from indicators.network import Reading
from indicators.perimeters import Structure
from indicators.periods import Period
from schemas.datasets import DATASETS, sample


def template(reading: Reading, dataset: str, structure: Structure | None, period: Period | None) -> str:
    """Return a CSV file (semicolons) to be filled.

    For measures of a structure and a period it holds a row per indicator that the structure reports then, numbers
    left empty; for anything else it is the dataset's own sample.
    """
    if dataset != "measures" or structure is None or period is None:
        return sample(dataset).read_text(encoding="utf-8")
    written = io.StringIO()
    rows = csv.writer(written, delimiter=";", lineterminator="\n")
    rows.writerow(column.french for column in DATASETS[dataset].columns)
    for sheet in reading.catalogue:
        if sheet.source == "reported" and sheet.applies_to(structure.kind):
            own = Period.latest_ended(period.end, sheet.frequency)
            # A yearly figure is asked for once, with the quarter in which its year ends.
            if own.end > period.shifted(-1).end:
                rows.writerow([structure.id, own.code, sheet.id, "", "", "", "ensemble", ""])
    return written.getvalue()
