"""The document that a paper is, before it is a page or a PDF: sections of texts, tables, charts and blanks.

Everything in it is plain text in the language of the document: nothing of it is ever read as HTML or as typst.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from dashboards.components.chart_cache import Chart


@dataclass(frozen=True)
class PaperText:
    """A paragraph; a `quiet` one explains, or says that there is nothing."""

    text: str
    quiet: bool = False


@dataclass(frozen=True)
class PaperList:
    """Sentences, one below the other."""

    items: Sequence[str]


@dataclass(frozen=True)
class PaperFacts:
    """Names and what stands for each."""

    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class PaperTable:
    """A table: its caption, its headers, its rows of as many texts.

    `widths` are shares of the width of the page; `numbers` are the columns that are aligned at their right.
    """

    caption: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class PaperChart:
    """A chart, built where it is drawn at a height in pixels; `key` is all that it depends on.

    `title` is its title as a sentence, which a picture cannot fit to its width itself.
    """

    key: tuple[str, ...]
    title: str
    build: Callable[[int], Chart] = field(compare=False)


@dataclass(frozen=True)
class PaperBlank:
    """Lines to fill in by hand."""

    label: str
    lines: int = 3


@dataclass(frozen=True)
class PaperRemark:
    """What somebody wrote in a section, and when, as a sentence."""

    text: str
    written: str


PaperBlock = PaperText | PaperList | PaperFacts | PaperTable | PaperChart | PaperBlank | PaperRemark


@dataclass(frozen=True)
class PaperSection:
    """A section: its key, by which comments find it, its title, its level (2 or 3) and what stands in it.

    A section that is only the title of those below it takes no comments.
    """

    key: str
    title: str
    blocks: Sequence[PaperBlock]
    level: int = 2
    takes_comments: bool = True


@dataclass(frozen=True)
class Paper:
    """A document: its title, whom and when it is about, its language, its sections.

    `source` says which data it was made of and for whom, as a sentence; `foot` says it in brief on every page.
    """

    title: str
    subtitle: str
    language: str
    source: str
    foot: str
    sections: Sequence[PaperSection]

    @property
    def charts(self) -> Iterator[PaperChart]:
        """Its charts, in their order."""
        return (block for section in self.sections for block in section.blocks if isinstance(block, PaperChart))

    @property
    def fingerprint(self) -> str:
        """Digest of all that is to be read in it, its source left out: whether it still says what somebody read."""
        sections = [(section.title, [_to_read(block) for block in section.blocks]) for section in self.sections]
        return sha256(json.dumps([self.title, self.subtitle, sections]).encode()).hexdigest()


def _to_read(block: PaperBlock) -> object:
    match block:
        case PaperTable():
            return [block.caption, list(block.headers), [list(row) for row in block.rows]]
        case PaperList(items=items):
            return list(items)
        case PaperFacts(pairs=pairs):
            return [list(pair) for pair in pairs]
        case PaperChart(title=title):
            return title
        case PaperBlank(label=label):
            return label
        case PaperRemark(text=text, written=written):
            return [text, written]
        case PaperText(text=text):
            return text
