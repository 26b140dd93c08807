"""What a comparison is of: read from the address, chosen in lists that write it there."""

from dataclasses import dataclass
from typing import Final

import streamlit as st

from dashboards.app_pages.indicator.page import perimeter_name
from dashboards.app_pages.page_context import SEVERAL, Visit
from dashboards.app_pages.time_step_choice import IN_ADDRESS, PARAMETER
from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Period, Span
from indicators.errors import UnknownError
from indicators.figures.time_steps import Step, steps_of
from indicators.network import Reading
from indicators.queries.comparison.matrix import span_of
from indicators.queries.comparison.scope import Among
from indicators.queries.deposits.deliveries import quarters
from schemas.structures import KINDS

AUDIENCE: Final = Audience.NETWORK
"""Whose figures are compared: those that the members of a network show each other."""
FIRST: Final = "dynamic_exit_rate"
"""What is compared until the reader chooses."""
MATRIX: Final = "matrice"
PEERS: Final = "petits-multiples"
ROLLING: Final = IN_ADDRESS[Step.ROLLING]
RENEWED: Final = ("page",)
"""What of the address a new choice makes meaningless."""


@dataclass(frozen=True)
class Chosen:
    """What the address says."""

    display: str
    among: Among
    indicator: Indicator
    quarter: Period
    rolling: bool
    structure: str | None

    @property
    def span(self) -> Span:
        """What one figure of the indicator speaks of."""
        return span_of(self.indicator, self.quarter, rolling=self.rolling)


def read(visit: Visit, reading: Reading) -> Chosen:
    """Read the address; an `UnknownError` for what it names and does not exist, or is not for members to compare."""
    address, offered = visit.address, indicators(reading)
    display = address.get("affichage", "")
    indicator = reading.catalogue[address["indicateur"]] if "indicateur" in address else offered.get(FIRST)
    if indicator is None or indicator.id not in offered:
        indicator = next(iter(offered.values()))
    structure = address.get("structure")
    return Chosen(
        display if display in {MATRIX, PEERS} else "",
        _among(visit, reading),
        indicator,
        visit.quarter(quarters(reading)),
        address.get(PARAMETER) == ROLLING,
        reading.structures[structure].id if structure else None,
    )


def indicators(reading: Reading) -> dict[str, Indicator]:
    """Return what can be compared, in the order of the board."""
    return {sheet.id: sheet for sheet in reading.catalogue.seen_by(AUDIENCE)}


def _among(visit: Visit, reading: Reading) -> Among:
    """Read whom the address is about; a group may be written as the perimeter or beside it."""
    perimeter = reading.structures.perimeter(visit.address.get("perimetre") or NETWORK.code)
    group = visit.address.get("groupe") or None
    kinds = tuple(sorted(kind for kind in visit.address.get("type", "").split(SEVERAL) if kind))
    if unknown := set(kinds) - set(KINDS):
        raise UnknownError("perimeter", f"{Level.KIND}:{min(unknown)}")
    if perimeter.level is Level.GROUP:
        perimeter, group = NETWORK, group or perimeter.name
    if perimeter.level is Level.KIND:
        perimeter, kinds = NETWORK, kinds or (perimeter.name,)
    if group is not None:
        reading.structures.perimeter(f"{Level.GROUP}:{group}")
    return Among(perimeter, kinds, group)


def name_of(visit: Visit, reading: Reading, among: Among) -> str:
    """Return whom a comparison is about, as its title says it."""
    words = visit.words
    told = [perimeter_name(visit, reading, among.perimeter)]
    if among.group:
        told.append(perimeter_name(visit, reading, Perimeter(Level.GROUP, among.group)))
    if among.kinds:
        told.append(words("compare.kinds.of", kinds=" + ".join(among.kinds)))
    return words("list.separator").join(told)


def choose_whom(visit: Visit, reading: Reading, chosen: Chosen) -> None:
    """Let the reader choose a perimeter, a group and kinds."""
    words, owners = visit.words, reading.structures.by_id.values()
    places = [NETWORK, *(Perimeter(Level.REGION, region) for region in _regions(visit, reading))]
    names = {place.code: perimeter_name(visit, reading, place) for place in places}
    groups = {"": words("compare.group.all"), **reading.structures.groups}
    # An address may name the group as the perimeter: the lists show what it comes to.
    shown = visit.reading_as(perimetre=chosen.among.perimeter.code, groupe=chosen.among.group or "")
    with st.container(horizontal=True, key="choices-whom", vertical_alignment="bottom"):
        shown.choose(
            "perimetre",
            words("compare.perimeter"),
            list(names),
            lambda code: names[code][:1].upper() + names[code][1:],
            instead_of=RENEWED,
        )
        if len(groups) > 1:
            shown.choose("groupe", words("compare.group"), list(groups), groups.__getitem__, instead_of=RENEWED)
    kinds = sorted({structure.kind for structure in owners})
    with st.container(key="choices-kinds"):
        visit.reading_as(type=SEVERAL.join(chosen.among.kinds)).choose_several(
            "type", words("compare.kinds"), kinds, str, instead_of=RENEWED
        )


def _regions(visit: Visit, reading: Reading) -> list[str]:
    """Return the regions in which there are structures, by their names."""
    present = {structure.region for structure in reading.structures.by_id.values()}
    named = {region: perimeter_name(visit, reading, Perimeter(Level.REGION, region)) for region in present}
    return sorted(present, key=named.__getitem__)


def choose_indicator(visit: Visit, reading: Reading, chosen: Chosen) -> None:
    """Let the reader choose what is compared."""
    offered = indicators(reading)
    visit.reading_as(indicateur=chosen.indicator.id).choose(
        "indicateur",
        visit.words("compare.indicator"),
        list(offered),
        lambda name: offered[name].label(visit.language),
        instead_of=RENEWED,
    )


def choose_when(visit: Visit, reading: Reading, chosen: Chosen, indicator: Indicator | None = None) -> None:
    """Let the reader choose the quarter and, of what can be read so, whether four quarters are read as one."""
    words = visit.words
    visit.choose_quarter(quarters(reading), chosen.quarter, instead_of=RENEWED)
    if indicator is None or Step.ROLLING in steps_of(indicator):
        steps = {"": words("compare.step.own"), ROLLING: words("compare.step.rolling")}
        visit.switch(PARAMETER, words("compare.step"), steps, instead_of=RENEWED)
