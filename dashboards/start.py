"""Where every command begins: what is not needed is not loaded, so that a file is checked in under two seconds.

pandera imports pandas, hypothesis and numpy wherever it finds them, for nothing that we use: commands that
show no page do without, as its installation on polars alone does.
"""

import gc
import os
import sys
from typing import Final

LEFT_OUT: Final = frozenset({"pandas", "hypothesis", "numpy"})
WITH_PAGES: Final = frozenset({"demo", "serve"})
"""Commands that start Streamlit, which needs pandas."""


class LeaveOut:
    """A finder of modules that finds none of those left out, in the words of Python itself."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:  # noqa: ARG004 - what Python calls
        """Answer that a module left out is not installed; say nothing of the others."""
        if name in LEFT_OUT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def give_memory_back() -> None:
    """Let polars give memory back soon after it was used, not a while later: a large file is held once, not twice.

    Its allocator reads this when polars is imported; whoever runs the process may still set it otherwise.
    """
    os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:50,muzzy_decay_ms:0")


def leave_out() -> None:
    """Hide what is left out from every import to come."""
    sys.meta_path.insert(0, LeaveOut)


def main() -> None:
    """Run the command line."""
    # Nothing that is imported becomes garbage: the collector waits.
    gc.disable()
    give_memory_back()
    if not WITH_PAGES & set(sys.argv[1:2]):
        leave_out()
    from dashboards.cli import main as run

    gc.freeze()
    gc.enable()
    run()
