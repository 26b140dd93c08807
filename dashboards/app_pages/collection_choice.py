"""What a page on a collection is about: one of the reader's perimeters, and a quarter. Both stand in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st

from dashboards.app_pages.indicator.page import perimeter_name
from dashboards.app_pages.page_context import PageContext
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Frequency, Period
from indicators.definitions.roles import Right
from indicators.errors import UnknownError
from indicators.queries.deposits.deliveries import reported_quarters
from indicators.snapshot import Snapshot

PERIMETER_PARAM: Final = "perimetre"


@dataclass(frozen=True)
class CollectionChoice:
    """The perimeter and the quarter of the address, and those that the reader may choose, with their names."""

    perimeter: Perimeter
    quarter: Period
    quarters: Sequence[Period]
    names: Mapping[str, str]
    """Names of the perimeters to choose from, as they read inside a sentence, by their codes."""

    @property
    def name(self) -> str:
        """The name of the perimeter, as it reads inside a sentence."""
        return self.names[self.perimeter.code]


def read_choice(context: PageContext, snapshot: Snapshot) -> CollectionChoice:
    """Return what the address asks for; an `UnknownError` for what is not the reader's, or was never collected."""
    perimeters = _perimeters(context, snapshot)
    perimeter = _chosen_perimeter(context, snapshot, perimeters)
    quarters = _quarters(context, snapshot)
    code = context.params.get("periode")
    quarter = Period.containing(Period.parse(code).end, Frequency.QUARTER) if code else quarters[0]
    if quarter not in quarters:
        raise UnknownError("period", quarter.code)
    names = {each.code: perimeter_name(context, snapshot, each) for each in (*perimeters, perimeter)}
    return CollectionChoice(perimeter, quarter, quarters, names)


def draw_choices(context: PageContext, choice: CollectionChoice) -> None:
    """Draw the choice of the perimeter, if there are several, and of the quarter."""
    with st.container(horizontal=True, key="choices", vertical_alignment="bottom"):
        if len(choice.names) > 1:
            context.choose(
                PERIMETER_PARAM,
                context.t("choose.perimeter"),
                list(choice.names),
                lambda code: choice.names[code][:1].upper() + choice.names[code][1:],
                default=choice.perimeter.code,
                clears=("page",),
            )
        context.choose_quarter(choice.quarters, choice.quarter, clears=("page",))


def _perimeters(context: PageContext, snapshot: Snapshot) -> Sequence[Perimeter]:
    """Return the perimeters whose deliveries the reader may see; of the network, each of its regions too.

    An `UnknownError` if the network has none of those for which the reader's roles were given.
    """
    given = context.visitor.perimeters(Right.SEE_DELIVERIES)
    own = tuple(each for each in given if snapshot.structures.has(each))
    if not own:
        raise UnknownError("perimeter", given[0].code)
    if NETWORK not in own:
        return own
    regions = sorted({structure.region for structure in snapshot.structures.by_id.values()})
    return (NETWORK, *(Perimeter(Level.REGION, region) for region in regions))


def _chosen_perimeter(context: PageContext, snapshot: Snapshot, perimeters: Sequence[Perimeter]) -> Perimeter:
    """Return the perimeter of the address, else the first; an `UnknownError` for one that is not the reader's."""
    code = context.params.get(PERIMETER_PARAM)
    if code is None:
        return perimeters[0]
    perimeter = snapshot.structures.parse_perimeter(code)
    if not context.visitor.may(Right.SEE_DELIVERIES, perimeter, snapshot.structures):
        raise UnknownError("perimeter", code)
    return perimeter


def _quarters(context: PageContext, snapshot: Snapshot) -> Sequence[Period]:
    """Return the quarters that are or were collected, newest first."""
    newest = snapshot.campaigns.newest_opened(context.today)
    return sorted({newest, *(quarter for quarter in reported_quarters(snapshot) if quarter <= newest)}, reverse=True)
