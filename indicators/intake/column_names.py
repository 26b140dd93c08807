"""Names of the datasets' columns, with their synonyms, and recognition of the row of a file that is its header."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from indicators.intake.text_matching import fold
from schemas.columns import Column, Dataset
from schemas.datasets import DATASETS

_UNITS: Final = (
    r"%|pct|pour ?cent(?:age)?s?|percent(?:age)?s?|procent(?:en)?|h|heures?|hours?|uren|uur|€|eur|euros?|etp|fte|vte"
    r"|personnes?|people|personen|salari[ée]s?|nb|nombre|number|aantal|jours?|days?|dagen|mois"
    r"|jj/mm/aaaa|aaaa-mm-jj|dd/mm/yyyy|yyyy-mm-dd|dd/mm/jjjj|aaaa-tn|oui/non|yes/no|ja/nee"
)
UNIT_SUFFIX: Final = re.compile(
    rf"(?:\(\s*(?:(?:exprimée?s? )?en|in|as|in het)?\s*(?:{_UNITS})\s*\)"
    rf"|\[\s*(?:(?:exprimée?s? )?en|in|as)?\s*(?:{_UNITS})\s*\]"
    rf"|[\s,]+(?:en|in)\s+(?:%|pour ?cent|percent|procent|€|euros?)|\s+%)\s*$",
    re.IGNORECASE,
)
"""A unit at the end of a column title: « Valeur (en %) », « Numérateur (heures) », « Taux [%] », « Valeur en % »."""


@dataclass(frozen=True)
class DatasetMatch:
    """The dataset that a header row matches best, with its score (required columns weigh most)."""

    dataset: Dataset
    score: float


@cache
def column_names(dataset: str) -> Mapping[str, Column]:
    """Return the columns of a dataset by every name they may have, each normalised by `normalize_header`."""
    names: dict[str, Column] = {}
    for column in DATASETS[dataset].columns:
        for name in (column.french, column.english, column.name, *column.synonyms):
            names[normalize_header(name)] = column
    return names


@cache
def all_column_names() -> frozenset[str]:
    """Return the names of all columns of all datasets, each normalised by `normalize_header`."""
    return frozenset(name for dataset in DATASETS for name in column_names(dataset))


@lru_cache(maxsize=5_000)
def normalize_header(text: str) -> str:
    """Fold a column name and drop plural marks and a trailing unit: « Numérateurs » and « Valeur (%) » are one word.

    Other text between parentheses stays: « numérateur (N-1) » is not our numerator.
    """
    return " ".join(word.removesuffix("s") for word in fold(UNIT_SUFFIX.sub("", text)).split())


def match_dataset(texts: Iterable[str | None]) -> DatasetMatch | None:
    """Return the dataset that a row matches best: two columns at least, and half of the required ones; else `None`."""
    names = {normalize_header(text) for text in texts if text and len(text) < 200}
    if not names & all_column_names():
        return None
    best: DatasetMatch | None = None
    for dataset in DATASETS.values():
        columns_by_name = column_names(dataset.name)
        matched = {columns_by_name[name].name for name in names if name in columns_by_name}
        required = {column.name for column in dataset.columns if column.required}
        share = len(matched & required) / len(required)
        score = share + len(matched) / 100
        if len(matched) >= 2 and share >= 0.5 and (best is None or score > best.score):
            best = DatasetMatch(dataset, score)
    return best


def best_match_score(rows: Sequence[Sequence[str]]) -> float:
    """Return the highest dataset score among some rows, 0 if none matches a dataset."""
    return max((match.score for row in rows if (match := match_dataset(row))), default=0.0)
