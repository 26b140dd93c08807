"""Import blocker for installed packages that our dependencies load without our using them.

pandera imports pandas and hypothesis wherever it finds them, DuckDB and polars pandas and numpy.
"""

import sys
from collections.abc import Iterable


class BlockedModules:
    """Meta path finder that reports the blocked modules as not installed."""

    def __init__(self, names: frozenset[str]) -> None:
        """Block the modules of these names."""
        self.names = names

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:  # noqa: ARG002 - what Python calls
        """Raise `ModuleNotFoundError` for a blocked module; leave all others to the next finder."""
        if name in self.names:
            # pandera checks for this exact message.
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def block_modules(names: Iterable[str]) -> None:
    """Block the import of some packages from now on."""
    sys.meta_path.insert(0, BlockedModules(frozenset(names)))
