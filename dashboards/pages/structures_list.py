"""The structures of the network, by region, each with a link to its board."""

from itertools import groupby

import streamlit as st

from dashboards.markup import heading, link, notice, text
from dashboards.visit import Visit
from indicators.network import Reading
from indicators.perimeters import Structure, slug


def draw(visit: Visit, reading: Reading) -> None:
    """List the structures by region, in alphabetical order, those that answer what the reader looks for."""
    words, known = visit.words, list(reading.structures.by_id.values())
    with st.container(key="choices-structures"):
        sought = slug(visit.search(words("network.search")))
    found = [structure for structure in known if sought in slug(_searched(visit, reading, structure))]
    if not found:
        st.html(notice(words("network.search.nothing"), link(visit.here(recherche=None), words("network.search.all"))))
        return

    def region_of(structure: Structure) -> str:
        region = reading.regions.get(structure.region)
        return region.name(visit.language) if region else structure.region

    in_order = sorted(found, key=lambda structure: (slug(region_of(structure)), slug(structure.name)))
    blocks = []
    for region, members in groupby(in_order, key=region_of):
        entries = "".join(_entry(visit, structure) for structure in members)
        blocks.append(f'<section class="region">{heading(3, region)}<ul class="structures">{entries}</ul></section>')
    st.html("".join(blocks))


def _entry(visit: Visit, structure: Structure) -> str:
    address = visit.link("structure", structure=structure.id, periode=visit.address.get("periode"))
    kind = f'<abbr title="{text(visit.words(f"kind.{structure.kind}"))}">{text(structure.kind)}</abbr>'
    return f"<li>{link(address, structure.name)} {kind}</li>"


def _searched(visit: Visit, reading: Reading, structure: Structure) -> str:
    region = reading.regions.get(structure.region)
    place = region.name(visit.language) if region else structure.region
    kind = visit.words(f"kind.{structure.kind}")
    return " ".join((structure.name, structure.id, structure.kind, kind, place, structure.group_name or ""))
