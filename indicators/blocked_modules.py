"""Packages that are left out of a process: they are found installed, and imported for nothing that we use.

pandera imports pandas and hypothesis wherever it finds them, DuckDB and polars pandas and numpy.
"""

import sys
from collections.abc import Iterable


class LeaveOut:
    """A finder of modules that finds none of those left out, in the words of Python itself."""

    def __init__(self, names: frozenset[str]) -> None:
        """Leave out the modules of these names."""
        self.names = names

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:  # noqa: ARG002 - what Python calls
        """Answer that a module left out is not installed; say nothing of the others."""
        if name in self.names:
            # pandera wants to be told in these very words.
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def leave_out(names: Iterable[str]) -> None:
    """Hide some packages from every import to come."""
    sys.meta_path.insert(0, LeaveOut(frozenset(names)))
