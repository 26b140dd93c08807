"""How words are compared when people type them: without case, accents, punctuation or a plural mark."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from rapidfuzz import fuzz, process

from indicators.perimeters import plain

SPACES = " \u00a0\u2007\u2009\u202f\t"
"""Every space that a keyboard or a spreadsheet puts in a cell."""
UNSEEN: Final = "\u2002\u2003\u2004\u2005\u2006\u2008\u200a\u3000\u200b\u200c\u200d\u2060\ufeff\r\n"
"""Marks that nobody sees at the ends of a cell: other spaces, joiners, byte-order marks, line ends."""
QUOTES: Final = (('"', '"'), ("“", "”"), ("«", "»"), ("'", "'"), ("‘", "’"))
ALIKE = 75
"""Similarity, out of 100, from which a known word is proposed for an unknown one."""
MANY: Final = 500
"""Known words above which a text is compared letter by letter only: the finer comparison would take seconds."""

_ROUND: Final = SPACES + UNSEEN
_OPENINGS: Final = frozenset(("=", *(opening for opening, _ in QUOTES)))
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
    return bare.removeprefix("'") if bare.count("'") == 1 else bare


class Spellings:
    """Known names, folded once, among which the nearest to a text can be found again and again."""

    def __init__(self, known: Mapping[str, str]) -> None:
        """Take what is proposed by the names it goes by."""
        self.proposed: Final = list(known.values())
        self.names: Final = [folded(name) for name in known]

    def nearest(self, text: str) -> str | None:
        """Return what goes by the name most like a text, if any is alike enough."""
        scorer = fuzz.WRatio if len(self.names) <= MANY else fuzz.ratio
        found = process.extractOne(folded(text[:MANY]), self.names, scorer=scorer, score_cutoff=ALIKE)
        return self.proposed[found[2]] if found else None


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
