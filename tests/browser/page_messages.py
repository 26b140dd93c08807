"""A page as the server sends it, read without a browser: a tenth of the processor of a visit."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from indicators.cached import cached_property
from tests.browser.conftest import ADMINISTERED
from tests.served import elements, kinds, messages, session

VOID = {"br", "col", "hr", "img", "input", "link", "meta"}


@dataclass
class Node:
    """An element of HTML, with the text of all that is in it and the classes of what it is in."""

    tag: str
    attributes: dict[str, str]
    within: frozenset[str]
    text: str = ""

    @property
    def classes(self) -> set[str]:
        return set(self.attributes.get("class", "").split())


@dataclass(frozen=True)
class PageMessages:
    """What was sent to draw a page."""

    received: list[ForwardMsg]

    @cached_property
    def kinds(self) -> list[str]:
        """What Streamlit was told to draw, element by element."""
        return kinds(self.received)

    @property
    def elements(self) -> list[Any]:
        return elements(self.received)

    @cached_property
    def nodes(self) -> list[Node]:
        """The elements of our own HTML."""
        reader = Reader()
        for body in self._html:
            reader.feed(body)
        return reader.nodes

    @property
    def _html(self) -> list[str]:
        return [one.html.body for one in self.elements if one.WhichOneof("type") == "html"]

    @property
    def title(self) -> str:
        """The title that the browser is told to give the page, the last time that it is."""
        named = [
            one.page_config_changed.title for one in self.received if one.WhichOneof("type") == "page_config_changed"
        ]
        return named[-1]

    @property
    def prose(self) -> str:
        """What is written in our own HTML, with ordinary spaces."""
        written = Reader()
        for body in self._html:
            written.feed(body)
            written.data.append("\n")
        return "".join(written.data).replace("\u00a0", " ").replace("\u202f", " ")

    @property
    def text(self) -> str:
        """Everything that is sent to be read, and more."""
        return "\n".join(map(str, self.elements))

    @property
    def choices(self) -> list[str]:
        """What the switches of the page offer."""
        return [option.content for one in self.elements for option in one.button_group.options]

    @property
    def menu(self) -> list[str]:
        """The names of the pages that the page leads to."""
        return [one.page_link.label for one in self.elements if one.WhichOneof("type") == "page_link"] + [
            node.text for node in self.nodes if node.tag == "p" and "current" in node.classes
        ]

    def of_class(self, *names: str) -> list[Node]:
        return [node for node in self.nodes if node.classes & set(names)]

    def of_tag(self, tag: str, within: str | None = None) -> list[Node]:
        """Return the elements of a tag, in what is of a class if one is given."""
        return [node for node in self.nodes if node.tag == tag and (within is None or within in node.within)]


@dataclass
class Reader(HTMLParser):
    """Reads the elements of pieces of HTML."""

    nodes: list[Node] = field(default_factory=list)
    open_nodes: list[Node] = field(default_factory=list)
    data: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        within = frozenset[str]().union(*(node.classes for node in self.open_nodes))
        self.nodes.append(Node(tag, {name: value or "" for name, value in attrs}, within))
        if tag not in VOID:
            self.open_nodes.append(self.nodes[-1])

    def handle_endtag(self, tag: str) -> None:
        while self.open_nodes and self.open_nodes.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.data.append(data)
        for node in self.open_nodes:
            node.text += data


def read_page(site: str, address: str, *, administers: bool = True) -> PageMessages:
    """Ask a site for one of its pages: as its administrator where it is administered, unless told otherwise."""
    page, _, query = address.partition("?")
    served = ADMINISTERED.get(site) if administers else None
    with session(site, served.cookie if served else None) as reader:
        return PageMessages(messages(reader, page, query))
