"""Shortened deposit ids: a unique prefix identifies a deposit."""

from collections.abc import Sequence
from typing import Final

from indicators.errors import AmbiguousError, UnknownError

MIN_TYPED_CHARS: Final = 4
"""Minimum length of a typed prefix: a shorter one may be a typing error."""
MIN_SHOWN_CHARS: Final = 8
MAX_SHOWN_CHARS: Final = 32


def resolve_deposit(name: str, ids: Sequence[str]) -> str:
    """Return the id that equals a name, or the only one that begins with it.

    An `UnknownError` if none does or if the name is too short, an `AmbiguousError` if several do.
    """
    if name in ids:
        return name
    matches = [deposit for deposit in ids if deposit.startswith(name)] if len(name) >= MIN_TYPED_CHARS else []
    if not matches:
        raise UnknownError("deposit", name)
    if len(matches) > 1:
        raise AmbiguousError("deposit", name, matches)
    return matches[0]


def unique_prefix_length(ids: Sequence[str]) -> int:
    """Return the prefix length at which all deposit ids differ."""
    lengths = (n for n in range(MIN_SHOWN_CHARS, MAX_SHOWN_CHARS) if len({deposit[:n] for deposit in ids}) == len(ids))
    return next(lengths, MAX_SHOWN_CHARS)
