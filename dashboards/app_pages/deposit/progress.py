"""How far the reading of a large file is, in words, while the depositor waits."""

from types import TracebackType
from typing import Final, Self

import streamlit as st

from dashboards.wording.translations import Words

LARGE: Final = 300_000
"""Bytes from which a file takes long enough for its reading to be followed: some 5,000 rows of text."""


class Following:
    """A bar that shows how far a large file is; for a small one, nothing, which is gone before it could be read."""

    def __init__(self, file_name: str, size: int, words: Words) -> None:
        """Stand ready for a file of that many bytes."""
        self._file_name, self._words = file_name, words
        self._place = st.empty() if size >= LARGE else None

    def tell(self, stage: str, share: float) -> None:
        """Show the stage that begins and the share that is done, from 0 to 1."""
        if self._place is not None:
            told = self._words(f"progress.{stage}", name=self._file_name)
            self._place.progress(min(max(share, 0.0), 1.0), told)

    def __enter__(self) -> Self:
        """Show that the reading begins."""
        self.tell("reading", 0.0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Take the bar away: what was read is told in its place."""
        if self._place is not None:
            self._place.empty()
