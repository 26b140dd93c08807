"""The progress bar shown while a large file is read."""

from types import TracebackType
from typing import Final, Self

import streamlit as st

from dashboards.wording.translations import Translator

MIN_TRACKED_BYTES: Final = 300_000
"""Size in bytes from which progress is shown: some 5,000 rows of text."""


class UploadProgress:
    """A progress bar for a large file; nothing for a small one, which is read before a bar could be noticed."""

    def __init__(self, file_name: str, size: int, t: Translator) -> None:
        """Reserve the place of the bar, for a file of `size` bytes."""
        self._file_name, self._t = file_name, t
        self._placeholder = st.empty() if size >= MIN_TRACKED_BYTES else None

    def update(self, stage: str, done_share: float) -> None:
        """Show the current stage and the share done, from 0 to 1."""
        if self._placeholder is not None:
            sentence = self._t(f"progress.{stage}", name=self._file_name)
            self._placeholder.progress(min(max(done_share, 0.0), 1.0), sentence)

    def __enter__(self) -> Self:
        """Show the first stage."""
        self.update("reading", 0.0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Remove the bar."""
        if self._placeholder is not None:
            self._placeholder.empty()
