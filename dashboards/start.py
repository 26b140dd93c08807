"""Where every command begins: a file is checked in about a second because nothing is loaded that is not needed.

DuckDB's extensions take as long to load as our libraries to import and hold no lock of Python's: a thread loads them
meanwhile. pandera imports pandas and hypothesis wherever it finds them, a second for nothing that we use: commands that
show no page do without, as its installation on polars alone does.
"""

import gc
import sys
from typing import Final

LEFT_OUT: Final = frozenset({"pandas", "hypothesis"})
WITH_PAGES: Final = frozenset({"demo", "serve"})
"""Commands that start Streamlit, which needs pandas."""


class LeaveOut:
    """A finder of modules that finds none of those left out, in the words of Python itself."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:  # noqa: ARG004 - what Python calls
        """Answer that a module left out is not installed; say nothing of the others."""
        if name in LEFT_OUT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def main() -> None:
    """Run the command line."""
    # Nothing that is imported becomes garbage: the collector waits.
    gc.disable()
    if not WITH_PAGES & set(sys.argv[1:2]):
        sys.meta_path.insert(0, LeaveOut)
    from indicators.store.extensions import EMBEDDED, prepare

    if len(sys.argv) > 1 and "--help" not in sys.argv:
        prepare(*EMBEDDED)
    from dashboards.cli import main as run

    gc.freeze()
    gc.enable()
    run()
