"""Text that a spreadsheet would run as a formula: an apostrophe before it in every CSV we write, taken off when read.

A workbook does not need it: there a text is a text.
"""

import re
from typing import Final

import polars as pl

APOSTROPHE: Final = "'"
SIGNS: Final = r"=+\-@＝＋－＠﹦﹢﹣﹫"
"""What a formula begins with. An input method for Chinese or Japanese writes them wide or small; spreadsheets take
those for the plain ones."""
BLANKS: Final = (
    r"\x00-\x20\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u180b-\u180f"
    r"\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    r"\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001-\U000e01ef"
)
"""Ranges of what is not seen at the start of a cell, and may be cut off by what opens the file: spaces, marks of
control and of format, fillers, variation selectors."""
_RUNS: Final = rf"^(?:[{BLANKS}]*[{SIGNS}]|[\t\r\n])"
_NUMBER: Final = r"^-\d[\d.,\xa0\u202f ]*%?$"
"""A minus before digits and what parts them is a number, which runs nothing; `+33` would lose its sign."""
RUNS: Final = re.compile(_RUNS)
NUMBER: Final = re.compile(r"-\d[\d.,\u00a0\u202f ]*%?", re.ASCII)


def neutral(text: str) -> str:
    """Return a text as a CSV file may hold it: what begins like a formula, and is no number, after an apostrophe."""
    return APOSTROPHE + text if RUNS.match(text) and not NUMBER.fullmatch(text) else text


def neutral_column(text: pl.Expr) -> pl.Expr:
    """Return a column of texts as a CSV file may hold it, cell for cell as `neutral` does."""
    harmless = ~text.str.contains(_RUNS) | text.str.contains(_NUMBER)
    return pl.when(harmless).then(text).otherwise(pl.lit(APOSTROPHE) + text)


def restored(text: str) -> str:
    """Return a text as it was before `neutral`."""
    bare = text.removeprefix(APOSTROPHE)
    return bare if bare != text and neutral(bare) == text else text
