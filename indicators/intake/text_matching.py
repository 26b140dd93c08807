"""Comparison of typed words: folding of case, accents and punctuation, stripping of cells, closest known name."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from rapidfuzz import fuzz, process

from indicators.definitions.perimeters import fold_case_and_accents

SPACES = " \u00a0\u2007\u2009\u202f\t"
"""Spaces that a keyboard or a spreadsheet puts in a cell."""
INVISIBLE_END_CHARS: Final = "\u2002\u2003\u2004\u2005\u2006\u2008\u200a\u3000\u200b\u200c\u200d\u2060\ufeff\r\n"
"""Invisible characters at the ends of a cell: other spaces, joiners, byte-order marks, line ends."""
QUOTES: Final = (('"', '"'), ("“", "”"), ("«", "»"), ("'", "'"), ("‘", "’"))
MIN_SIMILARITY = 75
"""Minimum similarity, out of 100, at which a known word is proposed for an unknown one."""
SUBSET_SIMILARITY: Final = 90.0
"""Similarity of two names where one has all the words of the other."""
LONG_WORD_CHARS: Final = 5
"""Letters that the words of a short name must have to stand for a longer name."""
FINE_COMPARISON_LIMIT: Final = 500
"""Known names above which only letters are compared (the finer comparison would take seconds); characters compared."""

TEXT_MARKS: Final = "'`´’"
"""Signs put before a number so that a spreadsheet keeps it as text."""

_STRIPPED_CHARS: Final = SPACES + INVISIBLE_END_CHARS
_OPENINGS: Final = frozenset(("=", *TEXT_MARKS, *(opening for opening, _ in QUOTES)))
_ANY_SPACE: Final = re.compile(f"[{SPACES}]")
_BETWEEN_WORDS: Final = re.compile(r"[^a-z0-9]+")
_WORD_JOINTS: Final = re.compile(rf"[{SPACES}{INVISIBLE_END_CHARS}_'’‘ʼ‐‑–—-]+")
"""Separators used interchangeably between the words of a name."""
_FORMULA_CONSTANT: Final = re.compile(r'="([^"=]*)"')
"""`="00123"`: how exports keep a leading zero in a spreadsheet; its value is the quoted text."""
_ALLOWED_CHARS: Final = re.compile(r"[a-z0-9 .,:/()_'’‐‑–—°-]+")
"""Characters allowed in a word of a closed grammar, without case or accents."""


def fold(text: str) -> str:
    """Return the words of a text in lower case, without accents or punctuation, separated by one space."""
    return _BETWEEN_WORDS.sub(" ", _without_accents(text)).strip()


def normalize_name(text: str) -> str:
    """Return a name without case or accents, its words separated by one space; other signs are kept."""
    return _WORD_JOINTS.sub(" ", _without_accents(text)).strip()


def normalize_words(text: str) -> str:
    """Return the words of a text as `fold` does, or an empty text if that would drop a mark that may have a meaning."""
    plain_text = _without_accents(_ANY_SPACE.sub(" ", text.strip(SPACES)))
    return _BETWEEN_WORDS.sub(" ", plain_text).strip() if _ALLOWED_CHARS.fullmatch(plain_text) else ""


def _without_accents(text: str) -> str:
    return text.lower() if text.isascii() else fold_case_and_accents(text)


def strip_cell(text: str) -> str:
    """Return the content of a cell without surrounding spaces, invisible characters, paired quotes, `'` or `="…"`."""
    stripped = text.strip(_STRIPPED_CHARS)
    if stripped[:1] not in _OPENINGS:
        return stripped
    if match := _FORMULA_CONSTANT.fullmatch(stripped):
        return match[1].strip(_STRIPPED_CHARS)
    for opening, closing in QUOTES:
        if len(stripped) > 1 and stripped[0] == opening and stripped[-1] == closing:
            inside = stripped[1:-1].strip(_STRIPPED_CHARS)
            return stripped if opening in inside or closing in inside else inside
    return (
        stripped[1:].lstrip(_STRIPPED_CHARS)
        if stripped[0] in TEXT_MARKS and stripped.count(stripped[0]) == 1
        else stripped
    )


class NameMatcher:
    """Known names, folded once, searched for the closest to a text."""

    def __init__(self, proposal_by_name: Mapping[str, str]) -> None:
        """Take the proposals by their names."""
        self.proposals: Final = list(proposal_by_name.values())
        self.names: Final = [fold(name) for name in proposal_by_name]

    def closest(self, text: str, *, as_whole: bool = False) -> str | None:
        """Return the proposal with the name closest to a text, or `None` if none is similar enough.

        With `as_whole` the entire name and the entire text are compared: a sentence does not match a name that shares
        a few letters with it, nor does a short code.
        """
        folded_text = fold(text[:FINE_COMPARISON_LIMIT])
        if not as_whole:
            scorer = fuzz.WRatio if len(self.names) <= FINE_COMPARISON_LIMIT else fuzz.ratio
            match = process.extractOne(folded_text, self.names, scorer=scorer, score_cutoff=MIN_SIMILARITY)
            return self.proposals[match[2]] if match else None
        if len(self.names) > FINE_COMPARISON_LIMIT:
            match = process.extractOne(
                folded_text, self.names, scorer=fuzz.ratio, score_cutoff=_min_similarity(folded_text)
            )
            return self.proposals[match[2]] if match else None
        scores = [_similarity(folded_text, name) for name in self.names]
        best = max(scores, default=0.0)
        return self.proposals[scores.index(best)] if best >= _min_similarity(folded_text) else None


def _min_similarity(folded_text: str) -> int:
    """Return the similarity a name needs to be proposed, higher for short texts, which match by chance."""
    return next(
        similarity
        for max_chars, similarity in ((4, 88), (8, 80), (FINE_COMPARISON_LIMIT, MIN_SIMILARITY))
        if len(folded_text) <= max_chars
    )


def _similarity(text: str, name: str) -> float:
    """Return the similarity of two names, out of 100: by letters, in any order of words, or with words left out.

    Words may be left out if the others are most of the name's letters or one long word.
    """
    score = max(fuzz.ratio(text, name), fuzz.token_sort_ratio(text, name))
    text_words, name_words = set(text.split()), set(name.split())
    common_chars = sum(map(len, text_words & name_words))
    if (text_words <= name_words and common_chars >= LONG_WORD_CHARS) or (
        name_words <= text_words and 2 * common_chars >= len(text)
    ):
        score = max(score, SUBSET_SIMILARITY)
    return score


def closest(text: str, names: Iterable[str]) -> str | None:
    """Return the known word closest to a text, to be proposed and never applied; `None` if none is similar enough."""
    return NameMatcher({word: word for word in names}).closest(text)


def column_letter(place: int) -> str:
    """Return the spreadsheet letters of a column counted from 0: A, B, …, Z, AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
