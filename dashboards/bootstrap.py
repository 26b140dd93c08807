"""Where every command begins: what is not needed is not loaded, so that a file is checked in under two seconds.

pandera imports pandas and hypothesis wherever it finds them, Streamlit and DuckDB pandas, for nothing that we use: they
do without, as its installation on polars alone does. A server without them is 50 MB smaller. Commands that show no
page do without numpy as well, which only the statistics of pages need. What reads files is started first, beside the
rest.
"""

import gc
import os
import sys
from typing import Final

from indicators.blocked_modules import leave_out
from indicators.intake.readers.reader_server import reader_server

LEFT_OUT: Final = frozenset({"pandas", "hypothesis"})
WITHOUT_PAGES: Final = LEFT_OUT | {"numpy"}
"""What commands that show no page leave out."""
WITH_PAGES: Final = frozenset({"demo", "serve"})
"""Commands that start Streamlit."""
READING_FILES: Final = frozenset({"check", "deposit"})
"""Commands that read files at once."""


def give_memory_back() -> None:
    """Let polars give memory back soon after it was used, not a while later: a large file is held once, not twice.

    Its allocator reads this when polars is imported; whoever runs the process may still set it otherwise.
    """
    os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:50,muzzy_decay_ms:0")


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
    if READING_FILES & set(sys.argv[1:2]):
        reader_server()
    from dashboards.cli import main as run

    settle(names)
    gc.freeze()
    gc.enable()
    run()
