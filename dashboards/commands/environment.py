"""Settings and clock of a command, read from its environment when commands are imported."""

import sys
from typing import Final

from pydantic import ValidationError

from dashboards.clock import Clock
from dashboards.settings import Settings

EXIT_MISUSE: Final = 2


def _read_settings() -> Settings:
    """Read the settings; print an invalid one in one line and exit."""
    try:
        return Settings()
    except ValidationError as wrong:
        first = wrong.errors()[0]
        sys.stderr.write(f"pilotage: PILOTAGE_{str(first['loc'][0]).upper()}: {first['msg']}\n")
        raise SystemExit(EXIT_MISUSE) from None


settings = _read_settings()
clock = Clock(settings.today)
