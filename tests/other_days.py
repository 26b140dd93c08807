"""Runs tests on other days than today, in other time zones and languages of the system.

    python -m tests.other_days              the tests that look at a calendar, on each day of the table
    python -m tests.other_days --leap-day   the same on one of them: what `make test-all` does
    python -m tests.other_days --whole      every test, on that day
    python -m tests.other_days -x -k quarter   what pytest takes is passed on

The day is given by `faketime`, to the tests and to every process that they start: the server, Chromium, commands.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.install_programs import install

ROOT: Final = Path(__file__).parent.parent


IS_ELSEWHERE: Final = "faketime" in os.environ.get("LD_PRELOAD", "")
"""Whether this process stands on another day: a thread in it that waits for so many seconds waits for ever, since the
system counts them from a moment years away."""


@dataclass(frozen=True)
class Elsewhere:
    """A moment where the tests stand, their time zone and the language of their system."""

    moment: str
    zone: str
    locale: str

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process that stands there; files keep their true dates.

        The steady clock is left to faketime too: with FAKETIME_DONT_FAKE_MONOTONIC, Chromium does not start.
        """
        settings = {"TZ": self.zone, "LANG": self.locale, "LC_ALL": self.locale}
        return {**os.environ, **settings, "NO_FAKE_STAT": "1"}


LEAP_DAY: Final = Elsewhere("2028-02-29 10:00:00", "Pacific/Auckland", "C")
"""The day of `make test-all`: not of 2026, of an ordinary year or of the day in UTC, and without letters but ASCII."""
ELSEWHERE: Final = (
    Elsewhere("2026-11-24 10:00:00", "UTC", "fr_BE.UTF-8"),
    Elsewhere("2026-12-31 23:59:00", "Europe/Brussels", "fr_BE.UTF-8"),
    LEAP_DAY,
    Elsewhere("2031-06-15 10:00:00", "Europe/Brussels", "C"),
)
SEE_THE_DAY: Final = (
    "tests/dashboards/test_clock.py",
    "tests/dashboards/test_other_days.py",
    "tests/dashboards/test_poor_networks.py",
    "tests/dashboards/test_comparison_page.py",
    "tests/dashboards/test_alternative_texts.py",
    "tests/dashboards/test_time_step_choice.py",
    "tests/dashboards/test_deposit_page.py",
    "tests/dashboards/test_open_data.py",
    "tests/dashboards/test_cli.py",
    "tests/indicators/definitions/test_campaigns.py",
    "tests/indicators/queries/test_deliveries.py",
    "tests/indicators/queries/test_freshness.py",
    "tests/indicators/queries/test_series.py",
    "tests/indicators/definitions/test_periods.py",
    "tests/intake/test_deposit.py",
    "tests/intake/test_impact.py",
    "tests/intake/test_rules.py",
    "tests/store/test_deposits.py",
    "tests/store/test_older_stores.py",
    "tests/store/test_segments.py",
    "tests/store/test_latest_measures.py",
)
"""Tests that run pages, commands, campaigns, periods or the store: what a day could change."""


def run(there: Elsewhere, arguments: Sequence[str]) -> int:
    """Run pytest there; return its exit code."""
    command = ["faketime", there.moment, sys.executable, "-m", "pytest", "-n", "2", *arguments]
    print(f"{there.moment} {there.zone} {there.locale}", flush=True)  # noqa: T201 - it speaks to who runs it
    return subprocess.run(command, cwd=ROOT, env=there.environment, check=False).returncode


def main() -> None:
    """Run what was asked for; the exit code is not zero as soon as one day is not."""
    if install("faketime", "faketime") is None:
        raise SystemExit("faketime is missing: install the package of that name")
    arguments = [argument for argument in sys.argv[1:] if argument not in {"--whole", "--leap-day"}]
    if "--whole" in sys.argv[1:]:
        raise SystemExit(run(LEAP_DAY, arguments))
    days = [LEAP_DAY] if "--leap-day" in sys.argv[1:] else ELSEWHERE
    failed = [there for there in days if run(there, [*SEE_THE_DAY, *arguments])]
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
