"""How words are compared when people type them: without case, accents, punctuation or a plural mark."""

import re
from collections.abc import Iterable

from rapidfuzz import fuzz, process

from indicators.perimeters import plain

SPACES = " \u00a0\u2007\u2009\u202f\t"
"""Every space that a keyboard or a spreadsheet puts in a cell."""
ALIKE = 75
"""Similarity, out of 100, from which a known word is proposed for an unknown one."""


def folded(text: str) -> str:
    """Return the words of a text in lower case, without accents, with one space between them."""
    return re.sub(r"[^a-z0-9]+", " ", plain(text)).strip()


def nearest(text: str, known: Iterable[str]) -> str | None:
    """Return the known word most like a text, if any is alike enough to be proposed. It is never taken for it."""
    found = process.extractOne(
        folded(text), {word: folded(word) for word in known}, scorer=fuzz.WRatio, score_cutoff=ALIKE
    )
    return str(found[2]) if found else None


def column_letter(place: int) -> str:
    """Return the spreadsheet's letter of a column counted from 0: A, B, …, Z, AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
