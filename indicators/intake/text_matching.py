"""How words are compared when people type them: without case, accents, punctuation or a plural mark."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from rapidfuzz import fuzz, process

from indicators.definitions.perimeters import plain

SPACES = " \u00a0\u2007\u2009\u202f\t"
"""Every space that a keyboard or a spreadsheet puts in a cell."""
UNSEEN: Final = "\u2002\u2003\u2004\u2005\u2006\u2008\u200a\u3000\u200b\u200c\u200d\u2060\ufeff\r\n"
"""Marks that nobody sees at the ends of a cell: other spaces, joiners, byte-order marks, line ends."""
QUOTES: Final = (('"', '"'), ("“", "”"), ("«", "»"), ("'", "'"), ("‘", "’"))
ALIKE = 75
"""Similarity, out of 100, from which a known word is proposed for an unknown one."""
LEFT_OUT: Final = 90.0
"""Similarity of two names of which one has all the words of the other."""
LONG_WORD: Final = 5
"""Letters of the words by which a longer name may be known."""
MANY: Final = 500
"""Known words above which a text is compared letter by letter only: the finer comparison would take seconds."""

TEXT_MARKS: Final = "'`´’"
"""Signs put before a number so that a spreadsheet keeps it as text."""

_ROUND: Final = SPACES + UNSEEN
_OPENINGS: Final = frozenset(("=", *TEXT_MARKS, *(opening for opening, _ in QUOTES)))
_ANY_SPACE: Final = re.compile(f"[{SPACES}]")
_BETWEEN_WORDS: Final = re.compile(r"[^a-z0-9]+")
_JOINTS: Final = re.compile(rf"[{SPACES}{UNSEEN}_'’‘ʼ‐‑–—-]+")
"""What people put between the words of a name, one for another."""
_CONSTANT: Final = re.compile(r'="([^"=]*)"')
"""`="00123"`: how exports keep a spreadsheet from eating a zero; its value is its text."""
_KNOWN_MARKS: Final = re.compile(r"[a-z0-9 .,:/()_'’‐‑–—°-]+")
"""All that a word of a closed grammar may be made of, once without case or accents."""


def folded(text: str) -> str:
    """Return the words of a text in lower case, without accents, with one space between them."""
    return _BETWEEN_WORDS.sub(" ", _plain(text)).strip()


def likened(text: str) -> str:
    """Return a name without case or accents, its words parted by one space; every other sign of it counts."""
    return _JOINTS.sub(" ", _plain(text)).strip()


def spelled(text: str) -> str:
    """Return the words of a text as `folded` does, or nothing if that would drop a mark that may mean something."""
    bare = _plain(_ANY_SPACE.sub(" ", text.strip(SPACES)))
    return _BETWEEN_WORDS.sub(" ", bare).strip() if _KNOWN_MARKS.fullmatch(bare) else ""


def _plain(text: str) -> str:
    return text.lower() if text.isascii() else plain(text)


def bared(text: str) -> str:
    """Return a cell without what stands round its content: spaces, unseen marks, a pair of quotes, `'` or `="…"`."""
    bare = text.strip(_ROUND)
    if bare[:1] not in _OPENINGS:
        return bare
    if match := _CONSTANT.fullmatch(bare):
        return match[1].strip(_ROUND)
    for opening, closing in QUOTES:
        if len(bare) > 1 and bare[0] == opening and bare[-1] == closing:
            inside = bare[1:-1].strip(_ROUND)
            return bare if opening in inside or closing in inside else inside
    return bare[1:].lstrip(_ROUND) if bare[0] in TEXT_MARKS and bare.count(bare[0]) == 1 else bare


class Spellings:
    """Known names, folded once, among which the nearest to a text can be found again and again."""

    def __init__(self, known: Mapping[str, str]) -> None:
        """Take what is proposed by the names it goes by."""
        self.proposed: Final = list(known.values())
        self.names: Final = [folded(name) for name in known]

    def nearest(self, text: str, *, whole: bool = False) -> str | None:
        """Return what goes by the name most like a text, if any is alike enough.

        The name as a `whole` must be like the text as a whole: a sentence is not a name that shares a few letters
        with it, nor is a short code one that has half of them.
        """
        asked = folded(text[:MANY])
        if not whole:
            scorer = fuzz.WRatio if len(self.names) <= MANY else fuzz.ratio
            found = process.extractOne(asked, self.names, scorer=scorer, score_cutoff=ALIKE)
            return self.proposed[found[2]] if found else None
        if len(self.names) > MANY:
            found = process.extractOne(asked, self.names, scorer=fuzz.ratio, score_cutoff=_enough(asked))
            return self.proposed[found[2]] if found else None
        scores = [_likeness(asked, name) for name in self.names]
        best = max(scores, default=0.0)
        return self.proposed[scores.index(best)] if best >= _enough(asked) else None


def _enough(asked: str) -> int:
    """Return how alike a name must be to be proposed: few letters are soon alike by chance."""
    return next(enough for longest, enough in ((4, 88), (8, 80), (MANY, ALIKE)) if len(asked) <= longest)


def _likeness(asked: str, name: str) -> float:
    """Return how alike two names are, out of 100: letter by letter, in any order of words, or with words left out.

    Left out are words of a name that is known by the others, which must be most of its letters or one long word.
    """
    score = max(fuzz.ratio(asked, name), fuzz.token_sort_ratio(asked, name))
    words, known = set(asked.split()), set(name.split())
    common = sum(map(len, words & known))
    if (words <= known and common >= LONG_WORD) or (known <= words and 2 * common >= len(asked)):
        score = max(score, LEFT_OUT)
    return score


def nearest(text: str, known: Iterable[str]) -> str | None:
    """Return the known word most like a text, if any is alike enough to be proposed. It is never taken for it."""
    return Spellings({word: word for word in known}).nearest(text)


def column_letter(place: int) -> str:
    """Return the spreadsheet's letter of a column counted from 0: A, B, …, Z, AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
