"""The searchable list of structures, by region, each with a link to its board."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext, board_url
from dashboards.app_pages.structure_search import SearchIndex
from dashboards.components.draw import draw_html
from dashboards.components.html import heading, join, link, markup, notice
from indicators.definitions.perimeters import Level, Perimeter, Structure, slug
from indicators.snapshot import Snapshot

MAX_LISTED_STRUCTURES: Final = 300
"""A browser takes seconds over thousands of links, too many to read anyway."""


@dataclass(frozen=True)
class Hint:
    """What a structure is found by beside its own name: the words to look for, and the line that says what they are."""

    words: str
    line: str


@dataclass(frozen=True)
class ListedStructure:
    """A structure in the list, under the name of its region.

    `hints` are its department with the chief town, its former names and those of what it continues.
    """

    structure: Structure
    region: str
    hints: Sequence[Hint]

    def found_by(self, typed: str, *, is_approximate: bool) -> Sequence[str]:
        """Return the lines that explain why what was typed finds it; none if its name does."""
        words, name = slug(typed).split("-"), slug(self.structure.name)
        unexplained = [word for word in words if word and word not in name]
        return [
            hint.line for hint in self.hints if is_approximate or any(word in slug(hint.words) for word in unexplained)
        ]


def draw(context: PageContext, snapshot: Snapshot) -> None:
    """List the structures that match the search, by region, in alphabetical order."""
    t = context.t
    with st.container(key="choices-structures"):
        typed = context.search(t("network.search"))
    index = snapshot.cached(("list of structures", context.language), lambda: _index(context, snapshot))
    search = index.search(typed)
    matches = search.found
    see_all = link(context.url(recherche=None), t("network.search.all"))
    if not matches:
        draw_html(notice(t("network.search.nothing"), see_all))
        return
    blocks = [notice(t("network.search.near", count=len(matches)), see_all)] if search.is_approximate else []
    for region, members in groupby(matches[:MAX_LISTED_STRUCTURES], key=lambda entry: entry.region):
        entries = list(members)
        items = join(
            _entry_html(context, entry, entry.found_by(typed, is_approximate=search.is_approximate))
            for entry in entries
        )
        board = board_url(context, Perimeter(Level.REGION, entries[0].structure.region))
        title = heading(3, link(board, region, name=t("board.of.one", name=region)))
        blocks.append(markup('<section class="region">{}<ul class="structures">{}</ul></section>', title, items))
    if len(matches) > MAX_LISTED_STRUCTURES:
        blocks.append(notice(t("network.search.more", count=len(matches) - MAX_LISTED_STRUCTURES)))
    draw_html(join(blocks))


def _index(context: PageContext, snapshot: Snapshot) -> SearchIndex[ListedStructure]:
    """Return every structure in list order, to be searched; cached by language and store version."""
    entries = []
    for structure in snapshot.structures.by_id.values():
        region_record = snapshot.regions.get(structure.region)
        region = region_record.name(context.language) if region_record else structure.region
        kind = context.t(f"kind.{structure.kind}")
        hints = _hints(context, snapshot, structure)
        search_terms = (
            structure.name,
            *(hint.words for hint in hints),
            structure.id,
            structure.kind,
            kind,
            region,
            structure.group_name or "",
        )
        entries.append((ListedStructure(structure, region, hints), " ".join(search_terms)))
    return SearchIndex(sorted(entries, key=lambda entry: (slug(entry[0].region), slug(entry[0].structure.name))))


def _hints(context: PageContext, snapshot: Snapshot, structure: Structure) -> Sequence[Hint]:
    """Return where a structure is, how it was called and what it continues."""
    t, structures = context.t, snapshot.structures
    hints = []
    if department := snapshot.departments.get((structure.department or "").upper().zfill(2)):
        name, town = department.name, department.chief_town
        hints.append(Hint(f"{department.id} {name} {town}", t("network.search.place", name=name, town=town)))
    hints += [Hint(name, t("network.search.former", name=name)) for name in structures.former_names(structure.id)]
    for predecessor in structures.predecessors(structure.id):
        names = (predecessor.name, *structures.former_names(predecessor.id))
        hints += [Hint(name, t("network.search.continues", name=name)) for name in names]
    return hints


def _entry_html(context: PageContext, entry: ListedStructure, hints: Sequence[str]) -> Markup:
    structure = entry.structure
    url = context.link("structure", structure=structure.id)
    kind = markup('<abbr title="{}">{}</abbr>', context.t(f"kind.{structure.kind}"), structure.kind)
    why = markup(' <span class="aside">{}</span>', context.t("list.semicolon").join(hints)) if hints else ""
    return markup("<li>{} {}{}</li>", link(url, structure.name), kind, why)
