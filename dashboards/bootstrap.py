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
EXIT_INTERRUPTED: Final = 130
"""What shells expect of a program that Ctrl-C ended."""


def prepare(command: str) -> None:
    """Import what a command needs, with the tricks of the runtime that are on."""
    pause_gc()
    prepare_imports(pages=command in PAGE_COMMANDS)
    if command in FILE_COMMANDS:
        reader_server()
    import dashboards.cli  # noqa: F401 - what the command is about to use

    freeze_live_objects()


def main() -> None:
    """Run the command line; Ctrl-C while it is still being imported ends it as quietly as later on."""
    try:
        _import_and_run()
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)


def _import_and_run() -> None:
    prepare("".join(sys.argv[1:2]))
    from dashboards.cli import main as run

    run()
