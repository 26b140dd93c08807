"""The search for a structure: by words of its name, former names, kind, region or group, typed with an error or not."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from indicators.definitions.perimeters import slug

MIN_SIMILARITY: Final = 80
"""Similarity, out of 100, of a typed word to a known one: one letter of five wrong, or one left out of more."""
MIN_CHARS: Final = 4
"""Letters of a word that may be typed with an error: shorter ones are like too many others."""

MAX_APPROXIMATE_WORDS: Final = 8
"""Words up to which errors are forgiven: a stranger's text of thousands would take seconds of processor."""

Entry = TypeVar("Entry")


@dataclass(frozen=True)
class Search(Generic[Entry]):
    """What a search found: entries in their order, and whether their words are only nearly those that were typed."""

    found: Sequence[Entry]
    is_approximate: bool = False


class SearchIndex(Generic[Entry]):
    """Entries by the words that they can be found by."""

    def __init__(self, entries: Iterable[tuple[Entry, str]]) -> None:
        """Take entries in the order in which they are listed, each with its text."""
        self._entries: list[Entry] = []
        self._texts: list[str] = []
        positions: defaultdict[str, set[int]] = defaultdict(set)
        for position, (entry, text) in enumerate(entries):
            self._entries.append(entry)
            self._texts.append(slug(text))
            for word in self._texts[-1].split("-"):
                positions[word].add(position)
        self._positions_by_word: Mapping[str, Collection[int]] = dict(positions)

    def search(self, typed: str) -> Search[Entry]:
        """Return the entries that hold what was typed, else all its words in any order, else words nearly like them."""
        wanted = slug(typed)
        words = wanted.split("-")
        found = [place for place, text in enumerate(self._texts) if wanted in text]
        found = found or [place for place, text in enumerate(self._texts) if all(word in text for word in words)]
        if found or len(words) > MAX_APPROXIMATE_WORDS:
            return Search([self._entries[place] for place in found])
        near = set.intersection(*map(self._near, words))
        return Search([self._entries[place] for place in sorted(near)], is_approximate=True)

    def _near(self, typed: str) -> set[int]:
        """Return the places of the entries with a word that contains a typed one, or that is nearly like it."""
        # Imported on first use: most searches are spelled right.
        from rapidfuzz import fuzz, process

        near = {known for known in self._positions_by_word if typed in known}
        if len(typed) >= MIN_CHARS:
            long_enough = [known for known in self._positions_by_word if len(known) >= MIN_CHARS]
            # A name is often typed up to where it is told from the others, and a letter may be left out.
            for chars in (len(typed), len(typed) + 1):
                beginnings = {known: known[:chars] for known in long_enough}
                matches = process.extract(typed, beginnings, scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY, limit=None)
                near |= {known for _, _, known in matches}
        return {place for known in near for place in self._positions_by_word[known]}
