"""How people name a deposit: by the beginning of its id, as long as no other deposit begins so."""

from collections.abc import Sequence
from typing import Final

from indicators.errors import AmbiguousError, UnknownError

MIN_TYPED: Final = 4
"""Characters that a name must have: fewer may be a slip of the hand."""
MIN_SHOWN: Final = 8
MAX_SHOWN: Final = 32


def resolve_deposit(name: str, ids: Sequence[str]) -> str:
    """Return the id that a name stands for: the id itself, or what alone begins with it.

    An `UnknownError` if none does or if the name is too short, an `AmbiguousError` if several do.
    """
    if name in ids:
        return name
    found = [deposit for deposit in ids if deposit.startswith(name)] if len(name) >= MIN_TYPED else []
    if not found:
        raise UnknownError("deposit", name)
    if len(found) > 1:
        raise AmbiguousError("deposit", name, found)
    return found[0]


def short_length(ids: Sequence[str]) -> int:
    """Return how many characters tell all deposits apart."""
    enough = (n for n in range(MIN_SHOWN, MAX_SHOWN) if len({deposit[:n] for deposit in ids}) == len(ids))
    return next(enough, MAX_SHOWN)
