"""Columns of codes: open lists of recurring values, where another spelling of a value in use is corrected to it.

Codes are compared later: segments, groups, themes, processes, axes. `CODE_COLUMNS` says where the values in use come
from; the rest is one rule for all: a value written otherwise (letter case, spaces, marks) is corrected to the one in
use (C16); a new value needs confirmation (C20) if it is close to one in use, or in a column where new values are rare.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from indicators.cached import cached_property
from indicators.intake.text_matching import SPACES, NameMatcher, normalize_name
from indicators.snapshot import Snapshot, per_version
from schemas.columns import Column
from schemas.datasets import DATASETS

MIN_NEAR_CHARS: Final = 5
"""Fewest characters of a value for a close match: shorter ones that differ by a letter are as likely distinct."""
LONG_CHARS: Final = 12
"""Characters from which a close match allows two edits (changed, added, lost or exchanged letters); below, one."""
_DIGITS: Final = re.compile(r"\d+")
_SEGMENT_PAIR: Final = re.compile(rf"\s*([^=:\uff1a]+?)[{SPACES}]*[=:\uff1a][{SPACES}]*(.+)")
"""A segment as people type it: « Sexe = F », « sexe : f »."""


@dataclass(frozen=True)
class CodeColumn:
    """Where the values in use of a column are stored, and whether every new value needs confirmation."""

    table: str
    column: str
    asks_about_new: bool = False


CODE_COLUMNS: Final[Mapping[tuple[str, str], CodeColumn]] = {
    (dataset.name, column.name): CodeColumn(dataset.table, f'"{column.name}"', column.asks_about_new)
    for dataset in DATASETS.values()
    for column in dataset.columns
    if column.shares_values
}
"""Columns of codes, by dataset and column. Closed lists (forms, kinds, origins) are `Column.words`, checked by C19."""


@lru_cache(maxsize=256)  # a text is normalised several times in a row
def normalize_code(text: str) -> str:
    """Return a code normalised for comparison: no case, accents or stray spaces; « Sexe : F » is « sexe=f »."""
    pair = _SEGMENT_PAIR.fullmatch(text)
    return "=".join(map(normalize_name, pair.groups())) if pair else normalize_name(text)


class CodesInUse:
    """The values in use of one column: declared by its dataset, in the store, or earlier in the file.

    The store is queried once per version, and only for values that are not declared.
    """

    def __init__(self, dataset: str, column: Column, snapshot: Snapshot, texts: Iterable[str]) -> None:
        """Take the column of a dataset, and its texts in the file, in order."""
        self._source = CODE_COLUMNS[dataset, column.name]
        self._declared: Final = {normalize_code(name): value for name, value in column.vocabulary.items()}
        self._snapshot = snapshot
        self._texts = texts

    def match(self, text: str) -> str | None:
        """Return the value in use that a text spells, if there is one."""
        normalized = normalize_code(text)
        return self._declared.get(normalized) or self._stored_as_typed.get(text) or self._stored.get(normalized)

    def first_spelling(self, text: str) -> str:
        """Return a new value in its first spelling in the file."""
        return self._first_spellings.get(normalize_code(text), text)

    def needs_confirmation(self, text: str) -> bool:
        """Whether a new value may be a typing error for one in use, or is in a column where new values are rare."""
        return self._source.asks_about_new or self.near_match(text) is not None

    def closest(self, text: str) -> str | None:
        """Return the value in use closest to a text, as a suggestion."""
        return self.near_match(text) or (self._matcher.closest(text) if self._source.asks_about_new else None)

    def near_match(self, text: str) -> str | None:
        """Return the value in use that differs by a letter or two; different numbers make different values."""
        normalized = normalize_code(text)
        if len(normalized) < MIN_NEAR_CHARS:
            return None
        edits = 2 if len(normalized) >= LONG_CHARS else 1
        same_numbers = self._by_numbers.get(tuple(_DIGITS.findall(normalized)), [])
        match = process.extractOne(normalized, same_numbers, scorer=DamerauLevenshtein.distance, score_cutoff=edits)
        return self._in_use[match[0]] if match else None

    @cached_property
    def _stored_values(self) -> list[str]:
        """Values in the store, oldest first, without those of withdrawn deposits."""
        name, table = self._source.column, self._source.table
        return _values_in_use(self._snapshot, table, name)

    @cached_property
    def _stored(self) -> Mapping[str, str]:
        spellings: dict[str, str] = {}
        for value in self._stored_values:
            spellings.setdefault(normalize_code(value), value)
        return spellings

    @cached_property
    def _stored_as_typed(self) -> Mapping[str, str]:
        """Values in the store by their exact spelling: two stored spellings of one code stay distinct."""
        return {value: value for value in self._stored_values}

    @cached_property
    def _in_use(self) -> Mapping[str, str]:
        return {normalize_code(value): value for value in self._declared.values()} | dict(self._stored)

    @cached_property
    def _by_numbers(self) -> Mapping[tuple[str, ...], list[str]]:
        """Normalised values in use by the numbers in them."""
        codes_by_numbers: dict[tuple[str, ...], list[str]] = {}
        for code in self._in_use:
            codes_by_numbers.setdefault(tuple(_DIGITS.findall(code)), []).append(code)
        return codes_by_numbers

    @cached_property
    def _matcher(self) -> NameMatcher:
        return NameMatcher({value: value for value in self._in_use.values()})

    @cached_property
    def _first_spellings(self) -> Mapping[str, str]:
        """First spelling in the file of each value, by normalised code."""
        spellings: dict[str, str] = {}
        for text in self._texts:
            spellings.setdefault(normalize_code(text), text)
        return spellings


@per_version
def _values_in_use(snapshot: Snapshot, table: str, column: str) -> list[str]:
    return list(snapshot.cursor.values_in_use(table, column, snapshot.set_aside))
