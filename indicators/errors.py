"""Exceptions of the project: failures that stop an operation.

An expected failure is a value (`indicators.intake.deposit`), not one of these.
"""

from collections.abc import Sequence


class PilotageError(Exception):
    """Base of all our exceptions; its text names the file, key or address, in one line."""


class CatalogueError(PilotageError):
    """An indicator sheet or a reference table is invalid or unreadable."""


class StoreError(PilotageError):
    """The store cannot be opened or written."""


class DamagedStoreError(StoreError):
    """A data file of the store is missing or cannot be read: trying again does not help."""


class RefusedError(PilotageError):
    """What was asked for is not, or no longer, for whoever asks."""

    def __init__(self, name: str) -> None:
        """Name what was asked for."""
        super().__init__(f"{name}: not for this reader any more")


class AmbiguousError(PilotageError):
    """A shortened deposit id that matches several deposits."""

    def __init__(self, kind: str, name: str, candidates: Sequence[str]) -> None:
        """Name the kind of thing, the text given and the candidates that match it."""
        super().__init__(f"ambiguous {kind}: {name}: {', '.join(candidates)}")


class UnknownError(PilotageError):
    """A structure, an indicator, a period, a perimeter or a deposit that does not exist."""

    def __init__(self, kind: str, name: str, choices: Sequence[str] = ()) -> None:
        """Name the kind and the text given: `UnknownError("structure", "demo-ath")`; `choices` are valid ones."""
        super().__init__(f"unknown {kind}: {name}")
        self.kind = kind
        self.name = name
        self.choices = tuple(choices)
