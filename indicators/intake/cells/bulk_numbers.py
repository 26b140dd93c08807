"""Numbers plainly written, read a whole column at a time: a million of them cost what ten thousand cost the grammar.

Only what the grammar reads in one way and without a unit is read here; and it is read alike, which a test holds.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

from indicators.intake.cells.numbers import WHOLE_DIGITS

_SPACE: Final = r"[ \x{A0}\x{2007}\x{2009}\x{202F}]"
_DECIMAL: Final = (
    rf"^[+-]?(?:[0-9]{{1,{WHOLE_DIGITS}}}[.,](?:[0-9]{{1,2}}|[0-9]{{4,{WHOLE_DIGITS}}})"
    rf"|(?:0[0-9]{{0,{WHOLE_DIGITS - 1}}}|[0-9]{{4,{WHOLE_DIGITS}}})[.,][0-9]{{3}})$"
)
"""Three decimals after one to three digits could be thousands: `1,200` is not plain."""
_TYPED: Final = r"^-?[0-9]{1,3}\.[0-9]{3}$"
_SPACED: Final = (
    rf"^[+-]?[0-9]{{1,3}}(?:{_SPACE}[0-9]{{3}}){{1,{WHOLE_DIGITS // 3 - 1}}}(?:[.,][0-9]{{1,{WHOLE_DIGITS}}})?$"
)


@dataclass(frozen=True)
class PlainNumbers:
    """A column of texts, read where they are plain: values and decimals per line, and the lines left to the grammar."""

    values: pl.Series
    decimals: pl.Series
    left: pl.Series


def read_plain_numbers(texts: pl.Series, kind: pl.DataType, typed: frozenset[str] = frozenset()) -> PlainNumbers:
    """Read whole numbers and, unless `kind` is whole, plain decimals; null where a text is empty or not plain.

    What stands in `typed` was written from a number, with a point before its decimals whatever their number.
    """
    whole = texts.cast(pl.Int64, strict=False)
    sound = (whole.abs() < 10**WHOLE_DIGITS).fill_null(value=False)
    values = whole.set(~sound, None).cast(kind)
    decimals = pl.Series([None, 0], dtype=pl.Int8).gather(sound.cast(pl.UInt32))
    left = (~sound & texts.is_not_null()).arg_true()
    if kind.is_integer():
        return PlainNumbers(values, decimals, left)
    for plain, space in ((_DECIMAL, None), (_SPACED, _SPACE), *(((_TYPED, None),) if typed else ())):
        others = texts.gather(left)
        read = others.str.contains(plain)
        if plain is _TYPED:
            read &= others.is_in(list(typed))
        if read.any():
            bare = others.filter(read)
            pointed = (bare.str.replace_all(space, "") if space else bare).str.replace(",", ".", literal=True)
            places = (pointed.str.len_bytes() - pointed.str.find(".", literal=True) - 1).fill_null(0)
            values = values.scatter(left.filter(read), pointed.cast(kind))
            decimals = decimals.scatter(left.filter(read), places.cast(pl.Int8))
            left = left.filter(~read)
    return PlainNumbers(values, decimals, left)
