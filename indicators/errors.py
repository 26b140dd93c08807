"""What we cannot go on from. An expected failure is a value (`indicators.intake.deposit`), not one of these."""

from collections.abc import Sequence


class PilotageError(Exception):
    """Base of every error of ours; its text names the file, key or address, in one line."""


class CatalogueError(PilotageError):
    """An indicator sheet or a reference table cannot be read."""


class StoreError(PilotageError):
    """The store cannot be opened or written."""


class DamagedStoreError(StoreError):
    """A data file of the store is missing or cannot be read: trying again does not help."""


class AmbiguousError(PilotageError):
    """The beginning of an id that several deposits have."""

    def __init__(self, what: str, name: str, found: Sequence[str]) -> None:
        """Name what was asked for, how, and what it may mean."""
        super().__init__(f"ambiguous {what}: {name}: {', '.join(found)}")


class UnknownError(PilotageError):
    """A structure, an indicator, a period, a perimeter or a deposit that does not exist."""

    def __init__(self, what: str, name: str, known: Sequence[str] = ()) -> None:
        """Name what was asked for and how: `UnknownError("structure", "demo-ath")`; `known` is what could be asked."""
        super().__init__(f"unknown {what}: {name}")
        self.what = what
        self.name = name
        self.known = tuple(known)
