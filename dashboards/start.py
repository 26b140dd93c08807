"""Where every command begins: what is not needed is not loaded, so that a file is checked in under two seconds.

pandera imports pandas and hypothesis wherever it finds them, Streamlit and DuckDB pandas, for nothing that we use: they
do without, as pandera's installation on polars alone does. A server without them is 50 MB smaller.
"""

import gc
import sys
from typing import Final

LEFT_OUT: Final = frozenset({"pandas", "hypothesis"})


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
    # pandera wants to be told in these very words.
    sys.meta_path.insert(0, LeaveOut)
    from dashboards.cli import main as run

    # DuckDB asks again for each value that it binds, ten times a question: this answers without a search.
    sys.modules.update(dict.fromkeys(LEFT_OUT))  # type: ignore[arg-type]  # null is how Python writes "there is none"
    gc.freeze()
    gc.enable()
    run()
