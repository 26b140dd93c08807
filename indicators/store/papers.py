"""Papers of meetings: comments in their sections, and closed papers, byte for byte. Both are appended, never edited.

Each has an id that was made before anything is written: a retry after a lost answer stores nothing twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final

import polars as pl

from indicators.errors import StoreError, UnknownError
from indicators.store.cursor import Cursor
from indicators.store.deposits import new_deposit_id
from indicators.store.lake import Lake
from indicators.store.record_order import compact_sometimes

_OF_KEY: Final = "paper = $paper and perimeter = $perimeter and sitting = $sitting"


@dataclass(frozen=True)
class PaperKey:
    """Which paper it is: its kind, the code of its perimeter, and the code of the sitting that it is made for."""

    paper: str
    perimeter: str
    sitting: str


@dataclass(frozen=True)
class PaperComment:
    """A comment or a decision in a section of a paper (`written_at` is in UTC); without text, it was taken out."""

    comment: str
    sequence: int
    written_at: datetime
    author: str
    key: PaperKey
    section: str
    text: str | None


@dataclass(frozen=True)
class ClosedPaper:
    """A paper as it was closed (`closed_at` is in UTC), without its bytes, of which it has the digest."""

    closing: str
    sequence: int
    closed_at: datetime
    author: str
    key: PaperKey
    audience: str
    language: str
    title: str
    data_version: int
    sha256: str


def new_paper_record_id() -> str:
    """Return a new id of a comment or of a closing."""
    return new_deposit_id()


def read_comments(cursor: Cursor, key: PaperKey) -> Sequence[PaperComment]:
    """Return every version of the comments in a paper, oldest first."""
    sql = (
        "select comment, sequence, written_at, author, section, text from lake.paper_comments"  # noqa: S608 - ours
        f" where {_OF_KEY} order by sequence"
    )
    rows = cursor.frame(sql, **vars(key))
    return [PaperComment(key=key, **row) for row in rows.iter_rows(named=True)]


def newest_comment(comments: Sequence[PaperComment], section: str) -> PaperComment | None:
    """Return the comment that holds in a section, if there ever was one; it may be without text."""
    return next((comment for comment in reversed(comments) if comment.section == section), None)


def store_comment(lake: Lake, new: PaperComment, replaces: str | None) -> PaperComment | None:
    """Store a comment at the next place and return it; an id already stored returns its first comment.

    `replaces` is the id of the comment that held in the section when its author looked: `None`, and nothing is stored,
    if another one does by now.
    """
    found: list[PaperComment | None] = []

    def change(cursor: Cursor) -> None:
        comments = read_comments(cursor, new.key)
        existing = next((other for other in comments if other.comment == new.comment), None)
        newest = newest_comment(comments, new.section)
        if existing or (newest.comment if newest else None) != replaces:
            found[:] = [existing]
            return
        placed = replace(new, sequence=_next_sequence(cursor, "paper_comments"))
        row = {**vars(placed), **vars(new.key)}
        del row["key"]
        cursor.append("paper_comments", pl.DataFrame([row], schema_overrides={"text": pl.String}))
        found[:] = [placed]

    lake.write(change)
    if found[0] is not None:
        compact_sometimes(lake, found[0].sequence)
    return found[0]


def read_closed_papers(cursor: Cursor, key: PaperKey | None = None) -> Sequence[ClosedPaper]:
    """Return the closed papers of one key, or all, oldest first."""
    of_one = f" where {_OF_KEY}" if key else ""
    sql = f"select * exclude (content) from lake.papers{of_one} order by sequence"  # noqa: S608 - our own columns
    rows = cursor.frame(sql, **(vars(key) if key else {}))
    return [
        ClosedPaper(key=PaperKey(row.pop("paper"), row.pop("perimeter"), row.pop("sitting")), **row)
        for row in rows.iter_rows(named=True)
    ]


def read_closed_content(cursor: Cursor, closing: str) -> bytes:
    """Return the bytes of a closed paper; a `StoreError` if they are not those of its digest any more."""
    rows = cursor.rows("select sha256, content from lake.papers where closing = $closing", closing=closing)
    if not rows:
        raise UnknownError("paper", closing)
    digest, content = rows[0]
    if not isinstance(content, bytes) or sha256(content).hexdigest() != digest:
        raise StoreError(f"closed paper {closing}: its bytes are not those that were kept")
    return content


def store_closed_paper(lake: Lake, new: ClosedPaper, content: bytes, seen: int) -> ClosedPaper | None:
    """Keep a paper as it is closed, at the next place, and return it; an id already stored returns its first closing.

    `seen` is how many closings of this paper its author had before them: `None`, and nothing is stored, if somebody
    else closed it since.
    """
    found: list[ClosedPaper | None] = []

    def change(cursor: Cursor) -> None:
        papers = read_closed_papers(cursor, new.key)
        existing = next((other for other in papers if other.closing == new.closing), None)
        if existing or len(papers) != seen:
            found[:] = [existing]
            return
        digest = sha256(content).hexdigest()
        placed = replace(new, sequence=_next_sequence(cursor, "papers"), sha256=digest)
        row = {**vars(placed), **vars(new.key), "content": content}
        del row["key"]
        cursor.append("papers", pl.DataFrame([row]))
        found[:] = [placed]

    lake.write(change)
    return found[0]


def _next_sequence(cursor: Cursor, table: str) -> int:
    """Return the next place in the order of a table; the write lock guarantees that it is given once."""
    [(sequence,)] = cursor.rows(f"select coalesce(max(sequence), 0) + 1 from lake.{table}")  # noqa: S608 - ours
    return int(str(sequence))
