"""Bulk parsing of plain numbers, a column at a time: a million of them cost what ten thousand cost the grammar.

Only numbers that the grammar parses in one way and without a unit are parsed here; a test checks that both agree.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

from indicators.intake.cells.numbers import MAX_WHOLE_DIGITS

_SPACE: Final = r"[ \x{A0}\x{2007}\x{2009}\x{202F}]"
_DECIMAL: Final = (
    rf"^[+-]?(?:[0-9]{{1,{MAX_WHOLE_DIGITS}}}[.,](?:[0-9]{{1,2}}|[0-9]{{4,{MAX_WHOLE_DIGITS}}})"
    rf"|(?:0[0-9]{{0,{MAX_WHOLE_DIGITS - 1}}}|[0-9]{{4,{MAX_WHOLE_DIGITS}}})[.,][0-9]{{3}})$"
)
"""Three decimals after one to three digits could be thousands: `1,200` is not plain."""
_NUMBER_CELL: Final = r"^-?[0-9]{1,3}\.[0-9]{3}$"
_SPACED: Final = (
    rf"^[+-]?[0-9]{{1,3}}(?:{_SPACE}[0-9]{{3}}){{1,{MAX_WHOLE_DIGITS // 3 - 1}}}(?:[.,][0-9]{{1,{MAX_WHOLE_DIGITS}}})?$"
)


@dataclass(frozen=True)
class PlainNumbers:
    """A column parsed where its texts are plain: values and decimals by line, and the lines left to the grammar."""

    values: pl.Series
    decimals: pl.Series
    remaining: pl.Series


def parse_plain_numbers(
    texts: pl.Series, number_type: pl.DataType, number_texts: frozenset[str] = frozenset()
) -> PlainNumbers:
    """Parse integers and, unless `number_type` is an integer type, plain decimals; null for empty or other texts.

    Texts in `number_texts` come from number cells: a point begins their decimals, whatever their number.
    """
    integers = texts.cast(pl.Int64, strict=False)
    is_integer = (integers.abs() < 10**MAX_WHOLE_DIGITS).fill_null(value=False)
    values = integers.set(~is_integer, None).cast(number_type)
    decimals = pl.Series([None, 0], dtype=pl.Int8).gather(is_integer.cast(pl.UInt32))
    remaining = (~is_integer & texts.is_not_null()).arg_true()
    if number_type.is_integer():
        return PlainNumbers(values, decimals, remaining)
    for pattern, space in ((_DECIMAL, None), (_SPACED, _SPACE), *(((_NUMBER_CELL, None),) if number_texts else ())):
        other_texts = texts.gather(remaining)
        is_plain = other_texts.str.contains(pattern)
        if pattern is _NUMBER_CELL:
            is_plain &= other_texts.is_in(list(number_texts))
        if is_plain.any():
            plain_texts = other_texts.filter(is_plain)
            pointed = (plain_texts.str.replace_all(space, "") if space else plain_texts).str.replace(
                ",", ".", literal=True
            )
            places = (pointed.str.len_bytes() - pointed.str.find(".", literal=True) - 1).fill_null(0)
            values = values.scatter(remaining.filter(is_plain), pointed.cast(number_type))
            decimals = decimals.scatter(remaining.filter(is_plain), places.cast(pl.Int8))
            remaining = remaining.filter(~is_plain)
    return PlainNumbers(values, decimals, remaining)
