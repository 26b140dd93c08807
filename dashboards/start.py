"""Where every command begins: what is not needed is not loaded, so that a file is checked in under two seconds.

pandera imports pandas and hypothesis wherever it finds them, Streamlit and DuckDB pandas, for nothing that we use: they
do without, as its installation on polars alone does. A server without them is 50 MB smaller. Commands that show no
page do without numpy as well, which only the statistics of pages need.
"""

import gc
import os
import sys
from typing import Final

LEFT_OUT: Final = frozenset({"pandas", "hypothesis"})
WITHOUT_PAGES: Final = LEFT_OUT | {"numpy"}
"""What commands that show no page leave out."""
WITH_PAGES: Final = frozenset({"demo", "serve"})
"""Commands that start Streamlit."""


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


def give_memory_back() -> None:
    """Let polars give memory back soon after it was used, not a while later: a large file is held once, not twice.

    Its allocator reads this when polars is imported; whoever runs the process may still set it otherwise.
    """
    os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:50,muzzy_decay_ms:0")


def leave_out(names: frozenset[str] = WITHOUT_PAGES) -> None:
    """Hide what is left out from every import to come."""
    sys.meta_path.insert(0, LeaveOut(names))


def settle(names: frozenset[str] = WITHOUT_PAGES) -> None:
    """Answer without a search that what is left out is not there, once all that looks for it is imported.

    DuckDB asks again for each value that it binds, ten times a question.
    """
    sys.modules.update(dict.fromkeys(names))  # type: ignore[arg-type]  # null is how Python writes "there is none"


def main() -> None:
    """Run the command line."""
    names = LEFT_OUT if WITH_PAGES & set(sys.argv[1:2]) else WITHOUT_PAGES
    # Nothing that is imported becomes garbage: the collector waits.
    gc.disable()
    give_memory_back()
    leave_out(names)
    from dashboards.cli import main as run

    settle(names)
    gc.freeze()
    gc.enable()
    run()
