"""Check that a store contains fictitious structures only."""

from typing import Final

from indicators.definitions.perimeters import FICTITIOUS_MARK
from indicators.snapshot import Snapshot

MAX_NAMES: Final = 3
"""Maximum of names returned, enough to recognise a network."""


def real_structure_names(snapshot: Snapshot) -> list[str]:
    """Return up to three structure names not marked as fictitious, withdrawn deposits included."""
    rows = snapshot.query("real_names", invented=FICTITIOUS_MARK, shown=MAX_NAMES)
    return rows["name"].to_list()
