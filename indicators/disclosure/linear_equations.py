"""Exact solver of linear equations between unknowns, to find what follows from published sums.

Coefficients are integers modulo a prime, without rounding; a non-zero determinant is a multiple of the prime once in
10¹⁸.
"""

from collections.abc import Hashable, Mapping
from typing import Final

PRIME: Final = 2**61 - 1

Terms = Mapping[int, int]
"""Coefficients of a sum, by the number of the unknown."""


Row = dict[int, int]
"""Coefficients of an equation: unknowns have numbers from 0, values of equations negative ones."""


class Equations:
    """System of equations in reduced form: each has one unknown that no other has."""

    def __init__(self) -> None:
        """Begin with no equation."""
        self._rows: dict[int, Row] = {}
        self._names: list[Hashable] = []
        """Names of the equations, in the order of their values (-1 is the first)."""

    def copy(self) -> "Equations":
        """Return an independent copy."""
        same = Equations()
        # A row is never changed, only replaced.
        same._rows, same._names = dict(self._rows), list(self._names)
        return same

    def add(self, name: Hashable, terms: Terms) -> None:
        """Add an equation under a name; several may share a name."""
        self._names.append(name)
        row = self._reduce({**terms, -len(self._names): -1})
        pivot = next((unknown for unknown in row if unknown >= 0), None)
        if pivot is None:
            return
        row = _scale(row, pow(row[pivot], -1, PRIME))
        for other, other_row in self._rows.items():
            if factor := other_row.get(pivot):
                self._rows[other] = _subtract_multiple(other_row, row, factor)
        self._rows[pivot] = row

    def residual(self, terms: Terms) -> dict[int, int]:
        """Return the part of a sum that the equations do not determine; empty if they determine its value."""
        remaining = self._reduce(dict(terms.items()))
        return {unknown: times for unknown, times in remaining.items() if unknown >= 0}

    def provenance(self, terms: Terms) -> set[Hashable]:
        """Return the names of the equations from which a sum, or its residual, is derived."""
        return {self._names[-key - 1] for key in self._reduce(dict(terms.items())) if key < 0}

    def _reduce(self, row: Row) -> Row:
        for unknown in list(row):
            if unknown >= 0 and (pivot_row := self._rows.get(unknown)):
                row = _subtract_multiple(row, pivot_row, row[unknown])
        return row


def canonical_multiple(residual: Mapping[int, int]) -> tuple[tuple[int, int], ...]:
    """Return a canonical form, equal for residuals that are multiples of one another: one then gives the other."""
    first = min(residual)
    inverse = pow(residual[first], -1, PRIME)
    return tuple(sorted((unknown, times * inverse % PRIME) for unknown, times in residual.items()))


def _subtract_multiple(row: Row, other: Row, factor: int) -> Row:
    """Subtract a multiple of another row."""
    result = dict(row)
    for unknown, times in other.items():
        value = (result.get(unknown, 0) - factor * times) % PRIME
        if value:
            result[unknown] = value
        else:
            result.pop(unknown, None)
    return result


def _scale(row: Row, factor: int) -> Row:
    return {unknown: times * factor % PRIME for unknown, times in row.items()}
