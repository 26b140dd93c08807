"""Where the files of ours that are no code stand: beside the packages in a checkout, in a folder of an installation."""

from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).parent.parent
INSTALLED: Final = CHECKOUT / "pilotage_files"
"""The folder that a wheel brings (`pyproject.toml`); a checkout has none."""
SHIPPED_FILES: Final = INSTALLED if INSTALLED.is_dir() else CHECKOUT
