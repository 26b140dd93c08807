"""Columns of codes: those whose values come back, so that another spelling of one in use is that one.

A column of codes holds no closed list, but its values are told apart by what they are compared with later: segments,
groups, themes, processes, axes. `CODE_COLUMNS` says where the values in use come from; the rest is one rule for all:
written otherwise (letter case, spaces, marks), a value is read as the one in use (C16); a value that nobody used is
asked about (C20) where it is nearly one in use, or wherever new values are rare.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from indicators.cached import cached_property
from indicators.intake.text_matching import SPACES, Spellings, likened
from indicators.network import Reading
from schemas.columns import Column

MIN_NEAR_CHARS: Final = 5
"""Characters under which two values that differ by a letter are as likely two values."""
LONG_CHARS: Final = 12
"""Characters from which two letters may be changed, added, lost or exchanged; one under that."""
_DIGITS: Final = re.compile(r"\d+")
_PAIR: Final = re.compile(rf"\s*([^=:\uff1a]+?)[{SPACES}]*[=:\uff1a][{SPACES}]*(.+)")
"""A segment as people type it: « Sexe = F », « sexe : f »."""


@dataclass(frozen=True)
class CodeColumn:
    """Where the values in use of a column are kept, and whether any other is worth a question."""

    table: str
    column: str
    asks_about_new: bool = False


CODE_COLUMNS: Final[Mapping[tuple[str, str], CodeColumn]] = {
    ("measures", "segment"): CodeColumn("measures", "segment", asks_about_new=True),
    ("structures", "group"): CodeColumn("structures", '"group"'),
    ("participation", "theme"): CodeColumn("participation", "theme"),
    ("actions", "process"): CodeColumn("actions", "process"),
    ("actions", "axis"): CodeColumn("actions", "axis"),
    ("actions", "owner_role"): CodeColumn("actions", "owner_role"),
}
"""Columns of codes, by dataset and column. Closed lists (forms, kinds, origins) are `Column.words`, told by C19."""


@lru_cache(maxsize=256)  # a text is asked about several times in a row
def comparable(text: str) -> str:
    """Return what a code is compared by: no case, accents or stray spaces; « Sexe : F » is « sexe=f »."""
    pair = _PAIR.fullmatch(text)
    return "=".join(map(likened, pair.groups())) if pair else likened(text)


class CodesInUse:
    """The values of one column that a file may name: declared by its dataset, in the store, or earlier in the file.

    The store is asked once for a version, and only for values that are not declared.
    """

    def __init__(self, dataset: str, column: Column, reading: Reading, texts: Iterable[str]) -> None:
        """Take the column of a dataset, and the texts of it that a file holds, in their order."""
        self._source = CODE_COLUMNS[dataset, column.name]
        self._declared: Final = {comparable(name): value for name, value in column.words.items()}
        self._reading = reading
        self._texts = texts

    def read(self, text: str) -> str | None:
        """Return the value in use that a text is another spelling of, if there is one."""
        own = comparable(text)
        return self._declared.get(own) or self._stored_as_typed.get(text) or self._stored.get(own)

    def first_spelling(self, text: str) -> str:
        """Return how a value that nobody used is written: as where it stands first in the file."""
        return self._new.get(comparable(text), text)

    def is_to_be_asked(self, text: str) -> bool:
        """Whether a value that nobody used may be a slip for one in use, or is of a column where new ones are rare."""
        return self._source.asks_about_new or self.nearly(text) is not None

    def nearest(self, text: str) -> str | None:
        """Return the value in use that is most like a text, to be proposed."""
        return self.nearly(text) or (self._spellings.nearest(text) if self._source.asks_about_new else None)

    def nearly(self, text: str) -> str | None:
        """Return the value in use from which a text differs by a letter or two; other numbers make other values."""
        own = comparable(text)
        if len(own) < MIN_NEAR_CHARS:
            return None
        edits = 2 if len(own) >= LONG_CHARS else 1
        alike = self._by_numbers.get(tuple(_DIGITS.findall(own)), [])
        found = process.extractOne(own, alike, scorer=DamerauLevenshtein.distance, score_cutoff=edits)
        return self._known[found[0]] if found else None

    @cached_property
    def _values(self) -> list[str]:
        """Values in the store, those of withdrawn deposits left out, oldest first."""
        name, table = self._source.column, self._source.table
        sql = (
            f"select {name} as used from lake.{table}"  # noqa: S608 - a table and a column of ours
            f" where {name} is not null and not list_contains($withdrawn, deposit)"
            " group by used order by min(sequence), used"
        )
        frame = self._reading.once(
            ("codes in use", table, name),
            lambda: self._reading.cursor.frame(sql, withdrawn=self._reading.withdrawn),
        )
        return list(frame["used"])

    @cached_property
    def _stored(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for value in self._values:
            found.setdefault(comparable(value), value)
        return found

    @cached_property
    def _stored_as_typed(self) -> Mapping[str, str]:
        """Values in the store as they are: two that were once kept apart stay what they are."""
        return {value: value for value in self._values}

    @cached_property
    def _known(self) -> Mapping[str, str]:
        return {comparable(value): value for value in self._declared.values()} | dict(self._stored)

    @cached_property
    def _by_numbers(self) -> Mapping[tuple[str, ...], list[str]]:
        """Values in use by the numbers that stand in them."""
        found: dict[tuple[str, ...], list[str]] = {}
        for known in self._known:
            found.setdefault(tuple(_DIGITS.findall(known)), []).append(known)
        return found

    @cached_property
    def _spellings(self) -> Spellings:
        return Spellings({value: value for value in self._known.values()})

    @cached_property
    def _new(self) -> Mapping[str, str]:
        """The first spelling in the file of each of its values."""
        found: dict[str, str] = {}
        for text in self._texts:
            found.setdefault(comparable(text), text)
        return found
