"""Hostile files examined in a process of their own: `python -m tests.intake.hostile_worker STORE NAME…`.

It prints a line of JSON for each: the seconds and the MiB that the examination took, and what it told. Its address
space is bounded, so that a runaway ends here.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import time
from pathlib import Path

from dashboards.wording.finding_messages import validation_json
from dashboards.wording.translations import load_translator
from indicators.intake.readers.reader_server import reader_server
from indicators.network import Network
from tests.builders import TODAY, examine, measures
from tests.intake.hostile_files import FILES
from tests.intake.hostile_files import SOUND as ROW

SOUND = measures(ROW)
ADDRESS_SPACE = 12 * 2**30


def peak_mib() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024


def worked_seconds() -> float:
    """Seconds of processor that this process took, and those that read its files."""
    fields = Path(f"/proc/{reader_server()._process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return time.process_time() + sum(map(int, fields[13:15])) / os.sysconf("SC_CLK_TCK")


def examined(network: Network, name: str) -> dict[str, object]:
    """Examine a file, and say what that took."""
    file = FILES[name]
    content = file.content()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak is now what is held now
    before, start, worked = peak_mib(), time.perf_counter(), worked_seconds()
    found = examine(network, content, file.file_name, period=file.period, structure=file.structure)
    # Other tests may hold the processors: what was waited for is not the file's doing.
    seconds = min(time.perf_counter() - start, worked_seconds() - worked)
    growth = peak_mib() - before
    report = json.dumps(validation_json(found, found.verdict, None, load_translator("fr")), ensure_ascii=False)
    return {
        "name": name,
        "seconds": seconds,
        "growth_mib": growth,
        "verdict": found.verdict.value,
        "rows": found.rows_read,
        "codes": sorted({finding.code for finding in found.findings}),
        "counts": {finding.group: finding.count for finding in found.findings},
        "listed": len(found.findings),
        "report": report if len(report) < 2_000_000 else None,
    }


def main() -> None:
    store, *names = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    with Network(store) as network:
        examine(network, SOUND, today=TODAY)  # what is read once is not a file's doing
        for name in names:
            print(json.dumps(examined(network, name)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
