"""Protection against CSV injection: text that a spreadsheet would run as a formula is escaped by an apostrophe.

The apostrophe is removed when such a file is read again. A workbook does not need it: its cells have types.
"""

import re
from typing import Final

import polars as pl

APOSTROPHE: Final = "'"
FORMULA_SIGNS: Final = r"=+\-@＝＋－＠﹦﹢﹣﹫"
"""Characters that begin a formula. Spreadsheets also accept the full-width and small forms of Chinese or Japanese input
methods."""
INVISIBLE_CHARS: Final = (
    r"\x00-\x20\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u180b-\u180f"
    r"\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    r"\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001-\U000e01ef"
)
"""Ranges of invisible characters that a program may strip from the start of a cell: spaces, control and format
characters, fillers, variation selectors."""
_FORMULA_START: Final = rf"^(?:[{INVISIBLE_CHARS}]*[{FORMULA_SIGNS}]|[\t\r\n])"
_NEGATIVE_NUMBER: Final = r"^-\d[\d.,\xa0\u202f ]*%?$"
"""A minus before digits and separators is a harmless number; `+33` would lose its sign."""
FORMULA_START: Final = re.compile(_FORMULA_START)
NEGATIVE_NUMBER: Final = re.compile(r"-\d[\d.,\u00a0\u202f ]*%?", re.ASCII)


def escape_formula(text: str) -> str:
    """Escape a text for CSV: prefix an apostrophe if it begins like a formula and is not a number."""
    return APOSTROPHE + text if FORMULA_START.match(text) and not NEGATIVE_NUMBER.fullmatch(text) else text


def escape_formula_column(text: pl.Expr) -> pl.Expr:
    """Escape a column of texts for CSV, with the same result as `escape_formula` on each cell."""
    is_harmless = ~text.str.contains(_FORMULA_START) | text.str.contains(_NEGATIVE_NUMBER)
    return pl.when(is_harmless).then(text).otherwise(pl.lit(APOSTROPHE) + text)


def unescape_formula(text: str) -> str:
    """Undo `escape_formula`."""
    stripped = text.removeprefix(APOSTROPHE)
    return stripped if stripped != text and escape_formula(stripped) == text else text
