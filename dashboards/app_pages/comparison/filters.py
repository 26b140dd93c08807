"""The filters of a comparison: parsed from the address, chosen in lists that write to it."""

from dataclasses import dataclass
from typing import Final

import streamlit as st

from dashboards.app_pages.indicator.page import perimeter_name
from dashboards.app_pages.page_context import NAME_SEPARATOR, PageContext
from dashboards.app_pages.time_step_choice import STEP_PARAM, STEP_URL_VALUES
from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Period, Span
from indicators.errors import UnknownError
from indicators.figures.time_steps import TimeStep, available_steps
from indicators.queries.comparison.matrix import latest_span
from indicators.queries.comparison.scope import ComparisonScope
from indicators.queries.deposits.deliveries import reported_quarters
from indicators.snapshot import Snapshot
from schemas.structures import STRUCTURE_KINDS

DEFAULT_INDICATOR: Final = "dynamic_exit_rate"
"""Indicator compared by default."""
MATRIX_DISPLAY: Final = "matrice"
PEERS_DISPLAY: Final = "petits-multiples"
ROLLING_STEP: Final = STEP_URL_VALUES[TimeStep.ROLLING]
CLEARED_PARAMS: Final = ("page",)
"""Parameters that a new choice makes obsolete."""


@dataclass(frozen=True)
class ComparisonChoice:
    """The comparison chosen in the address."""

    display: str
    scope: ComparisonScope
    indicator: Indicator
    quarter: Period
    is_rolling: bool
    structure: str | None

    @property
    def span(self) -> Span:
        """The period covered by one figure of the indicator."""
        return latest_span(self.indicator, self.quarter, rolling=self.is_rolling)


def parse_params(context: PageContext, snapshot: Snapshot) -> ComparisonChoice:
    """Parse the address; an `UnknownError` for what does not exist or is not comparable by members."""
    params, comparable = context.params, comparable_indicators(context, snapshot)
    display = params.get("affichage", "")
    indicator = (
        snapshot.catalogue[params["indicateur"]] if "indicateur" in params else comparable.get(DEFAULT_INDICATOR)
    )
    if indicator is None or indicator.id not in comparable:
        indicator = next(iter(comparable.values()))
    structure = params.get("structure")
    return ComparisonChoice(
        display if display in {MATRIX_DISPLAY, PEERS_DISPLAY} else "",
        _parse_scope(context, snapshot),
        indicator,
        context.selected_quarter(reported_quarters(snapshot)),
        params.get(STEP_PARAM) == ROLLING_STEP,
        snapshot.structures[structure].id if structure else None,
    )


def comparable_indicators(context: PageContext, snapshot: Snapshot) -> dict[str, Indicator]:
    """Return the indicators that can be compared, in board order."""
    return {indicator.id: indicator for indicator in snapshot.catalogue.visible_to(context.members_audience)}


def _parse_scope(context: PageContext, snapshot: Snapshot) -> ComparisonScope:
    """Parse the structures compared: perimeter, kinds, group; a group may also be written as the perimeter."""
    perimeter = snapshot.structures.parse_perimeter(context.params.get("perimetre") or NETWORK.code)
    group = context.params.get("groupe") or None
    kinds = tuple(sorted(kind for kind in context.params.get("type", "").split(NAME_SEPARATOR) if kind))
    if unknown := set(kinds) - set(STRUCTURE_KINDS):
        raise UnknownError("perimeter", f"{Level.KIND}:{min(unknown)}")
    if perimeter.level is Level.GROUP:
        perimeter, group = NETWORK, group or perimeter.name
    if perimeter.level is Level.KIND:
        perimeter, kinds = NETWORK, kinds or (perimeter.name,)
    if group is not None:
        snapshot.structures.parse_perimeter(f"{Level.GROUP}:{group}")
    return ComparisonScope(perimeter, kinds, group)


def scope_name(context: PageContext, snapshot: Snapshot, scope: ComparisonScope) -> str:
    """Return the name of the compared set of structures, as used in titles."""
    t = context.t
    parts = [perimeter_name(context, snapshot, scope.perimeter)]
    if scope.group:
        parts.append(perimeter_name(context, snapshot, Perimeter(Level.GROUP, scope.group)))
    if scope.kinds:
        parts.append(t("compare.kinds.of", kinds=" + ".join(scope.kinds)))
    return t("list.separator").join(parts)


def choose_scope(context: PageContext, snapshot: Snapshot, choice: ComparisonChoice) -> None:
    """Draw the choices of perimeter, group and kinds."""
    t, owners = context.t, snapshot.structures.by_id.values()
    perimeters = [NETWORK, *(Perimeter(Level.REGION, region) for region in _sorted_region_ids(context, snapshot))]
    names = {perimeter.code: perimeter_name(context, snapshot, perimeter) for perimeter in perimeters}
    groups = {"": t("compare.group.all"), **snapshot.structures.group_names}
    # An address may name the group as the perimeter: the lists show the parsed result.
    listed_context = context.with_params(perimetre=choice.scope.perimeter.code, groupe=choice.scope.group or "")
    with st.container(horizontal=True, key="choices-whom", vertical_alignment="bottom"):
        listed_context.choose(
            "perimetre",
            t("compare.perimeter"),
            list(names),
            lambda code: names[code][:1].upper() + names[code][1:],
            clears=CLEARED_PARAMS,
        )
        if len(groups) > 1:
            listed_context.choose("groupe", t("compare.group"), list(groups), groups.__getitem__, clears=CLEARED_PARAMS)
    kinds = sorted({structure.kind for structure in owners})
    with st.container(key="choices-kinds"):
        context.with_params(type=NAME_SEPARATOR.join(choice.scope.kinds)).choose_several(
            "type", t("compare.kinds"), kinds, str, clears=CLEARED_PARAMS
        )


def _sorted_region_ids(context: PageContext, snapshot: Snapshot) -> list[str]:
    """Return the regions with structures, sorted by name."""
    region_ids = {structure.region for structure in snapshot.structures.by_id.values()}
    region_names = {region: perimeter_name(context, snapshot, Perimeter(Level.REGION, region)) for region in region_ids}
    return sorted(region_ids, key=region_names.__getitem__)


def choose_indicator(context: PageContext, snapshot: Snapshot, choice: ComparisonChoice) -> None:
    """Draw the choice of indicator."""
    comparable = comparable_indicators(context, snapshot)
    context.with_params(indicateur=choice.indicator.id).choose(
        "indicateur",
        context.t("compare.indicator"),
        list(comparable),
        lambda name: comparable[name].label(context.language),
        clears=CLEARED_PARAMS,
    )


def choose_period(
    context: PageContext, snapshot: Snapshot, choice: ComparisonChoice, indicator: Indicator | None = None
) -> None:
    """Draw the choice of quarter and, where the indicator allows it, of rolling four quarters."""
    t = context.t
    context.choose_quarter(reported_quarters(snapshot), choice.quarter, clears=CLEARED_PARAMS)
    if indicator is None or TimeStep.ROLLING in available_steps(indicator):
        options = {"": t("compare.step.own"), ROLLING_STEP: t("compare.step.rolling")}
        context.segmented(STEP_PARAM, t("compare.step"), options, clears=CLEARED_PARAMS)
