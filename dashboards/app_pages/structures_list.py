"""The structures of the network, by region, each with a link to its board."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import streamlit as st

from dashboards.app_pages.page_context import Visit
from dashboards.components.html import heading, link, notice, text
from indicators.definitions.perimeters import Structure, slug
from indicators.network import Reading

MOST: Final = 300
"""Structures listed at once: a browser takes seconds over thousands of links, and nobody reads them."""


@dataclass(frozen=True)
class Entry:
    """A structure as it is listed, and the words by which it is found, as a slug."""

    structure: Structure
    region: str
    searched: str


def draw(visit: Visit, reading: Reading) -> None:
    """List the structures by region, in alphabetical order, those that answer what the reader looks for."""
    words = visit.words
    with st.container(key="choices-structures"):
        sought = slug(visit.search(words("network.search")))
    entries = reading.once(f"pages structures {visit.language}", lambda: _entries(visit, reading))
    found = [entry for entry in entries if sought in entry.searched]
    if not found:
        st.html(notice(words("network.search.nothing"), link(visit.here(recherche=None), words("network.search.all"))))
        return
    blocks = []
    for region, members in groupby(found[:MOST], key=lambda entry: entry.region):
        listed = "".join(_entry(visit, entry.structure) for entry in members)
        blocks.append(f'<section class="region">{heading(3, region)}<ul class="structures">{listed}</ul></section>')
    if len(found) > MOST:
        blocks.append(notice(words("network.search.more", count=len(found) - MOST)))
    st.html("".join(blocks))


def _entries(visit: Visit, reading: Reading) -> Sequence[Entry]:
    """Return every structure in the order of the list, ready to be looked for: once for a language and a version."""
    entries = []
    for structure in reading.structures.by_id.values():
        known = reading.regions.get(structure.region)
        region = known.name(visit.language) if known else structure.region
        kind = visit.words(f"kind.{structure.kind}")
        former = reading.structures.former_names(structure.id)
        named = (structure.name, *former, structure.id, structure.kind, kind, region, structure.group_name or "")
        entries.append(Entry(structure, region, slug(" ".join(named))))
    return sorted(entries, key=lambda entry: (slug(entry.region), slug(entry.structure.name)))


def _entry(visit: Visit, structure: Structure) -> str:
    address = visit.link("structure", structure=structure.id)
    kind = f'<abbr title="{text(visit.words(f"kind.{structure.kind}"))}">{text(structure.kind)}</abbr>'
    return f"<li>{link(address, structure.name)} {kind}</li>"
