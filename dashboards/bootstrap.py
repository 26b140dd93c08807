"""Entry point of every command: prepare the runtime before anything is imported, so that a file is checked in a second.

The file reader process is started first and loads in parallel.
"""

import sys
from typing import Final

from indicators.intake.readers.reader_server import reader_server
from indicators.runtime_tricks import freeze_live_objects, pause_gc, prepare_imports

PAGE_COMMANDS: Final = frozenset({"demo", "serve"})
"""Commands that start Streamlit."""
FILE_COMMANDS: Final = frozenset({"check", "deposit"})
"""Commands that read files straight away."""


def prepare(command: str) -> None:
    """Import what a command needs, with the tricks of the runtime that are on."""
    pause_gc()
    prepare_imports(pages=command in PAGE_COMMANDS)
    if command in FILE_COMMANDS:
        reader_server()
    import dashboards.cli  # noqa: F401 - what the command is about to use

    freeze_live_objects()


def main() -> None:
    """Run the command line."""
    prepare("".join(sys.argv[1:2]))
    from dashboards.cli import main as run

    run()
