"""What a page on a collection is about: one of the reader's perimeters, and a quarter. Both stand in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboards.app_pages.indicator.page import perimeter_name
from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.perimeter_choice import PERIMETER_PARAM, chosen_perimeter, offered_perimeters
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.periods import Frequency, Period
from indicators.definitions.roles import Right
from indicators.errors import UnknownError
from indicators.queries.deposits.deliveries import reported_quarters
from indicators.snapshot import Snapshot


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
    perimeters = offered_perimeters(context, snapshot, Right.SEE_DELIVERIES)
    perimeter = chosen_perimeter(context, snapshot, Right.SEE_DELIVERIES, perimeters[0])
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


def _quarters(context: PageContext, snapshot: Snapshot) -> Sequence[Period]:
    """Return the quarters that are or were collected, newest first."""
    newest = snapshot.campaigns.newest_opened(context.today)
    return sorted({newest, *(quarter for quarter in reported_quarters(snapshot) if quarter <= newest)}, reverse=True)
