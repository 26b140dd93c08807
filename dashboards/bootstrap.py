"""Entry point of every command: block imports that we do not need, so that a file is checked in under two seconds.

pandera imports pandas and hypothesis where it finds them, Streamlit and DuckDB import pandas, and we use neither: all
three work without, as a polars-only installation of pandera does. A server without them is 50 MB smaller. Commands
without pages also do without numpy, which only the statistics of pages need. The file reader process is started first
and loads in parallel.
"""

import gc
import os
import sys
from typing import Final

from indicators.blocked_modules import block_modules
from indicators.intake.readers.reader_server import reader_server

BLOCKED_MODULES: Final = frozenset({"pandas", "hypothesis"})
BLOCKED_WITHOUT_PAGES: Final = BLOCKED_MODULES | {"numpy"}
"""Modules blocked for commands that serve no page."""
PAGE_COMMANDS: Final = frozenset({"demo", "serve"})
"""Commands that start Streamlit."""
FILE_COMMANDS: Final = frozenset({"check", "deposit"})
"""Commands that read files straight away."""
EXIT_INTERRUPTED: Final = 130
"""What shells expect of a program that Ctrl-C ended."""


def tune_allocator() -> None:
    """Make polars return freed memory within 20 ms, in two arenas: a large file is in memory once, not twice.

    Its allocator (jemalloc) reads this when polars is imported; the operator's own setting takes precedence.
    """
    os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:20,muzzy_decay_ms:0,narenas:2")


def mark_missing(module_names: frozenset[str] = BLOCKED_WITHOUT_PAGES) -> None:
    """Mark blocked modules as absent in `sys.modules`, once everything that probes for them is imported.

    DuckDB tries to import them for each value that it binds, ten times a query; this makes the attempt free.
    """
    sys.modules.update(dict.fromkeys(module_names))  # type: ignore[arg-type]  # null is how Python writes "there is none"


def main() -> None:
    """Run the command line; Ctrl-C while it is still being imported ends it as quietly as later on."""
    try:
        _import_and_run()
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)


def _import_and_run() -> None:
    blocked = BLOCKED_MODULES if PAGE_COMMANDS & set(sys.argv[1:2]) else BLOCKED_WITHOUT_PAGES
    # Imported modules never become garbage: no collection is needed meanwhile.
    gc.disable()
    tune_allocator()
    block_modules(blocked)
    if FILE_COMMANDS & set(sys.argv[1:2]):
        reader_server()
    from dashboards.cli import main as run

    mark_missing(blocked)
    gc.freeze()
    gc.enable()
    run()
