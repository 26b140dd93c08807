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
        # What is wrong with several settings together names them in its sentence.
        name = "".join(f"PILOTAGE_{str(part).upper()}: " for part in first["loc"][:1])
        sys.stderr.write(f"pilotage: {name}{first['msg']}\n")
        raise SystemExit(EXIT_MISUSE) from None


settings = _read_settings()
clock = Clock(settings.today)
