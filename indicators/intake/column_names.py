"""How the columns of our datasets may be named: what makes a row of a file its header."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from indicators.intake.text_matching import folded
from schemas.columns import Column, Dataset
from schemas.datasets import DATASETS

_UNITS: Final = (
    r"%|pct|pour ?cent(?:age)?s?|percent(?:age)?s?|procent(?:en)?|h|heures?|hours?|uren|uur|€|eur|euros?|etp|fte|vte"
    r"|personnes?|people|personen|salari[ée]s?|nb|nombre|number|aantal|jours?|days?|dagen|mois"
    r"|jj/mm/aaaa|aaaa-mm-jj|dd/mm/yyyy|yyyy-mm-dd|dd/mm/jjjj|aaaa-tn|oui/non|yes/no|ja/nee"
)
UNIT: Final = re.compile(
    rf"(?:\(\s*(?:(?:exprimée?s? )?en|in|as|in het)?\s*(?:{_UNITS})\s*\)"
    rf"|\[\s*(?:(?:exprimée?s? )?en|in|as)?\s*(?:{_UNITS})\s*\]"
    rf"|[\s,]+(?:en|in)\s+(?:%|pour ?cent|percent|procent|€|euros?)|\s+%)\s*$",
    re.IGNORECASE,
)
"""A unit after a title: « Valeur (en %) », « Numérateur (heures) », « Taux [%] », « Valeur en % »."""


@dataclass(frozen=True)
class Recognised:
    """A row recognised as a header: the dataset it names best, and how well (required columns first)."""

    dataset: Dataset
    score: float


@cache
def column_names(dataset: str) -> Mapping[str, Column]:
    """Return every way the name of a dataset's column may be written, folded, singular."""
    names: dict[str, Column] = {}
    for column in DATASETS[dataset].columns:
        for name in (column.french, column.english, column.name, *column.synonyms):
            names[singular(name)] = column
    return names


@cache
def every_name() -> frozenset[str]:
    """Return the names of all columns of all datasets, folded, singular."""
    return frozenset(name for dataset in DATASETS for name in column_names(dataset))


@lru_cache(maxsize=5_000)
def singular(text: str) -> str:
    """Fold a name and drop its plural marks and a unit behind it: « Numérateurs » and « Valeur (%) » are one word.

    Anything else between parentheses stays: « numérateur (N-1) » is no numerator of ours.
    """
    return " ".join(word.removesuffix("s") for word in folded(UNIT.sub("", text)).split())


def recognised(texts: Iterable[str | None]) -> Recognised | None:
    """Return the dataset that a row names, if it names two of its columns and half of those it requires."""
    names = {singular(text) for text in texts if text and len(text) < 200}
    if not names & every_name():
        return None
    best: Recognised | None = None
    for dataset in DATASETS.values():
        known = column_names(dataset.name)
        matched = {known[name].name for name in names if name in known}
        required = {column.name for column in dataset.columns if column.required}
        share = len(matched & required) / len(required)
        score = share + len(matched) / 100
        if len(matched) >= 2 and share >= 0.5 and (best is None or score > best.score):
            best = Recognised(dataset, score)
    return best


def best_named(rows: Sequence[Sequence[str]]) -> float:
    """Return how well the best of some rows names a dataset, 0 if none does."""
    return max((found.score for row in rows if (found := recognised(row))), default=0.0)
