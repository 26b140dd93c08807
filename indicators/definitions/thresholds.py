"""Thresholds that figures should keep to: `data/reference/thresholds.csv`, one row each.

A threshold comes from a rule or an agreement and is a fact: a figure keeps to it or not, without regard to chance. It
is no target, which one wants to reach, and nothing is withheld or judged by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from indicators.definitions.catalogue import LocalizedText
from indicators.definitions.perimeters import Level
from indicators.definitions.reference_files import ReferenceRow, read_reference_file
from schemas.reference_data import THRESHOLDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from indicators.definitions.catalogue import Catalogue


class Counted(StrEnum):
    """What of a figure is compared with a threshold, spelled as in the file."""

    VALUE = "valeur"
    NUMERATOR = "numerateur"
    DENOMINATOR = "denominateur"


class Bound(StrEnum):
    """On which side of a threshold a figure keeps to it, spelled as in the file."""

    AT_MOST = "au_plus"
    AT_LEAST = "au_moins"


@dataclass(frozen=True)
class Threshold:
    """A threshold for the figures of a level or, of structures, of one kind; `source` says who set it."""

    level: Level
    kind: str | None
    indicator: str
    counted: Counted
    bound: Bound
    value: float
    sentence: LocalizedText
    source: str

    def is_crossed_by(self, amount: float) -> bool:
        """Whether an amount is beyond the threshold; one that is equal keeps to it."""
        return amount > self.value if self.bound is Bound.AT_MOST else amount < self.value


def read_thresholds(path: Path, catalogue: Catalogue) -> Sequence[Threshold]:
    """Read `thresholds.csv`; a `CatalogueError` names the file and the invalid line."""

    def check_references(row: ReferenceRow) -> ReferenceRow:
        indicator = catalogue[row["indicator"] or ""]
        if row["counted"] == Counted.DENOMINATOR and not indicator.denominator_required:
            raise ValueError(f"mesure: {indicator.id} has no denominator")
        if row["kind"] and not indicator.applies_to(row["kind"]):
            raise ValueError(f"type: {row['kind']} does not report {indicator.id}")
        return row

    return tuple(
        Threshold(
            Level(row["level"]),
            row["kind"],
            row["indicator"],
            Counted(row["counted"]),
            Bound(row["comparison"]),
            row["value"],
            LocalizedText(fr=row["sentence_fr"], en=row["sentence_en"], nl=row["sentence_nl"]),
            row["source"],
        )
        for row in read_reference_file(path, THRESHOLDS, check_references)
    )
