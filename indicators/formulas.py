"""Text that a spreadsheet would run as a formula: an apostrophe before it in every CSV we write, taken off when read.

A workbook does not need it: there a text is a text.
"""

import re
from typing import Final

import polars as pl

APOSTROPHE: Final = "'"
_RUNS: Final = r"^[=+\-@\t\r\n]"
_NUMBER: Final = r"^-\d[\d.,\x{a0}\x{202f} ]*%?$"
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
