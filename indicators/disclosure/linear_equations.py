"""Sums that anybody knows, and what follows from them: linear equations between unknowns, solved exactly.

Coefficients are whole numbers modulo a prime, so that nothing is lost by rounding; that a determinant which is not 0 is
a multiple of it happens once in 10¹⁸.
"""

from collections.abc import Hashable, Mapping
from typing import Final

PRIME: Final = 2**61 - 1

Terms = Mapping[int, int]
"""Of each unknown, by its number, how often it stands in a sum."""


Row = dict[int, int]
"""How often each stands in an equation: unknowns by their number, from 0, and the values of equations below 0."""


class Equations:
    """Equations in reduced form: each has one unknown that no other has."""

    def __init__(self) -> None:
        """Begin with no equation."""
        self._rows: dict[int, Row] = {}
        self._names: list[Hashable] = []
        """Of each value, -1 the first, the name of its equation."""

    def copy(self) -> "Equations":
        """Return the same equations, to which others can be added apart."""
        same = Equations()
        # A row is never changed, only replaced.
        same._rows, same._names = dict(self._rows), list(self._names)
        return same

    def add(self, name: Hashable, terms: Terms) -> None:
        """Add an equation whose value is known under a name; the same name may stand for several."""
        self._names.append(name)
        row = self._reduced({**terms, -len(self._names): -1})
        pivot = next((unknown for unknown in row if unknown >= 0), None)
        if pivot is None:
            return
        row = _times(row, pow(row[pivot], -1, PRIME))
        for other, held in self._rows.items():
            if factor := held.get(pivot):
                self._rows[other] = _less(held, row, factor)
        self._rows[pivot] = row

    def left_of(self, terms: Terms) -> dict[int, int]:
        """Return what of a sum does not follow from the equations: nothing, if its value does."""
        left = self._reduced(dict(terms.items()))
        return {unknown: times for unknown, times in left.items() if unknown >= 0}

    def used_for(self, terms: Terms) -> set[Hashable]:
        """Return the names of the equations from which the value of a sum follows, or what is left of it."""
        return {self._names[-known - 1] for known in self._reduced(dict(terms.items())) if known < 0}

    def _reduced(self, row: Row) -> Row:
        for unknown in list(row):
            if unknown >= 0 and (held := self._rows.get(unknown)):
                row = _less(row, held, row[unknown])
        return row


def proportional(left: Mapping[int, int]) -> tuple[tuple[int, int], ...]:
    """Return the same for two remainders that are multiples of one another, so that either unknown tells the other."""
    first = min(left)
    inverse = pow(left[first], -1, PRIME)
    return tuple(sorted((unknown, times * inverse % PRIME) for unknown, times in left.items()))


def _less(row: Row, other: Row, factor: int) -> Row:
    """Take a multiple of a row from another."""
    result = dict(row)
    for unknown, times in other.items():
        value = (result.get(unknown, 0) - factor * times) % PRIME
        if value:
            result[unknown] = value
        else:
            result.pop(unknown, None)
    return result


def _times(row: Row, factor: int) -> Row:
    return {unknown: times * factor % PRIME for unknown, times in row.items()}
