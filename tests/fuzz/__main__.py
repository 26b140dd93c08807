"""`make fuzz`: random files read to their last cell for FUZZ_SECONDS (60); anything but a finding is a failure.

The file that failed is left under build/fuzz, and `python -m tests.fuzz FILE…` examines it again.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import atheris

with atheris.instrument_imports(include=["indicators.intake", "schemas"]):
    from indicators.intake.cells.columns import parse_cells
    from indicators.intake.cells.references import References
    from indicators.intake.readers.detect import open_file
    from indicators.intake.readers.sheet import UnreadableError
    from indicators.intake.report import Report
    from indicators.intake.rules import CollectionScope
    from indicators.intake.tables.header import read_table
    from indicators.intake.validate import validate

from indicators.network import Network
from indicators.snapshot import Snapshot
from tests.builders import DIRECTORY, TODAY, stored, structures
from tests.fuzz.mutation import mutated
from tests.fuzz.seeds import NAMES, dictionary, seeds

FAILURES: Final = Path("build/fuzz")
LARGEST: Final = 65_536
SLOWEST: Final = 10
"""Seconds that one input may take."""
MEMORY_MIB: Final = 3_000
WHOLE: Final = 0x10
"""Bit of the first byte that asks for the rules as well, which are slower."""


class Target:
    """Reads inputs with what a network knows."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.references = References(snapshot)

    def __call__(self, data: bytes) -> None:
        """Read an input: its first byte names the file, the rest is the file."""
        if not data:
            return
        name, content = NAMES[(data[0] & 0x0F) % len(NAMES)], bytes(data[1:])
        if data[0] & WHOLE:
            validate(self.snapshot, content, name, CollectionScope(None, None), TODAY)
            return
        try:
            opened = open_file(content, name)
        except UnreadableError:
            return
        for sheet in opened.sheets:
            report = Report(sheet.name)
            table = read_table(sheet, report)
            if table is not None:
                parse_cells(table, self.references, report)


def main() -> None:
    """Fuzz for the time given; `atheris` ends the process by itself."""
    seconds = int(os.environ.get("FUZZ_SECONDS", "60"))
    FAILURES.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        network = stack.enter_context(Network(str(folder / "store")))
        stored(network, structures(*DIRECTORY))
        target = Target(stack.enter_context(network.snapshot()))
        (folder / "corpus").mkdir()
        for place, seed in enumerate(seeds()):
            (folder / "corpus" / f"{place:02}").write_bytes(seed)
            (folder / "corpus" / f"{place:02}-whole").write_bytes(bytes([seed[0] | WHOLE]) + seed[1:])
        (folder / "words").write_text(dictionary(), encoding="ascii")
        limits = [f"-max_total_time={seconds}", f"-timeout={SLOWEST}", f"-rss_limit_mb={MEMORY_MIB}"]
        options = [*limits, f"-max_len={LARGEST}", f"-dict={folder / 'words'}", f"-artifact_prefix={FAILURES}/"]
        again = sys.argv[1:]
        inputs = again or [str(folder / "corpus")]

        def change(data: bytes, largest: int, seed: int) -> bytes:
            return mutated(data, largest, seed, lambda part, size: bytes(atheris.Mutate(part, size)))

        atheris.Setup([sys.argv[0], *options, *inputs], target, custom_mutator=change)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
