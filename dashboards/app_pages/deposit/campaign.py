"""The choice of structure and period to deposit for, with its campaign and what is delivered and due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.components.html import details, heading, join, markup, pictogram
from dashboards.wording.formatting import format_day, format_period
from dashboards.wording.translations import Translator
from indicators.definitions.campaigns import Campaign, CampaignState
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Structure
from indicators.definitions.periods import Frequency, Period
from indicators.definitions.roles import Right
from indicators.errors import UnknownError
from indicators.intake.rules import CollectionScope
from indicators.queries.deposits.expected import DeliveryState, delivery_states
from indicators.queries.deposits.freshness import find_freshness
from indicators.snapshot import QueryContext, Snapshot

MIN_OFFERED_QUARTERS: Final = 12
"""Quarters offered, back from the one collected now; more where figures are overdue for longer."""
STATE_SIGNS: Final = {
    CampaignState.FUTURE: "absent",
    CampaignState.OPEN: "met",
    CampaignState.LATE: "low",
    CampaignState.LOCKED: "withheld",
    CampaignState.APPROVED: "withheld",
}


@dataclass(frozen=True)
class DepositChoice:
    """The structure and period to deposit for, as far as they are chosen."""

    structure: Structure | None
    period: Period | None
    own: frozenset[str] | None = None
    """The structures for which the reader may deposit; null for any."""

    @property
    def collected(self) -> CollectionScope:
        """The choice as the validation takes it."""
        return CollectionScope(self.period, self.structure.id if self.structure else None, self.own)

    @property
    def key(self) -> tuple[str | None, str | None]:
        """The choice as identifiers, for comparisons and file names."""
        return self.structure.id if self.structure else None, self.period.code if self.period else None


def choose(context: PageContext, snapshot: Snapshot) -> DepositChoice:
    """Draw the choices of structure and period; what is left open is read from the file."""
    t, structures = context.t, snapshot.structures
    periods = {period.code: period for period in _selectable_quarters(snapshot, context.today)}
    period_param = context.params.get("periode")
    if period_param and period_param not in periods:
        periods[period_param] = Period.parse(period_param)
    own = context.visitor.structures(Right.DEPOSIT, structures)
    offered = [code for code in structures.by_id if own is None or code in own]
    if (structure_param := context.params.get("structure")) and structure_param not in offered:
        raise UnknownError("structure", structure_param)
    # Who deposits for one structure has nothing to choose.
    only = offered[0] if own is not None and len(offered) == 1 else None
    with st.container(horizontal=True, key="choices", vertical_alignment="bottom"):
        structure = context.choose(
            "structure", t("deposit.structure"), offered, lambda code: structures[code].name, default=only
        )
        period = context.choose(
            "periode", t("deposit.period"), list(periods), lambda code: format_period(periods[code], t)
        )
    return DepositChoice(structures[structure] if structure else None, periods.get(period or ""), own)


def _selectable_quarters(snapshot: Snapshot, today: date) -> list[Period]:
    """Return the quarters offered, newest first, with all overdue ones."""
    newest, freshness_now = (
        snapshot.campaigns.newest_opened(today),
        find_freshness(QueryContext(snapshot, Audience.PUBLIC, today)),
    )
    overdue = freshness_now.overdue if freshness_now and freshness_now.newest.frequency is Frequency.QUARTER else ()
    quarters = set(newest.trailing(MIN_OFFERED_QUARTERS)).union(overdue)
    return sorted(quarters, reverse=True)


def campaign_html(context: PageContext, snapshot: Snapshot, choice: DepositChoice) -> Markup:
    """Return the campaign and its deadline and, for a chosen structure, what it has delivered and what is due."""
    period = choice.period or snapshot.campaigns.newest_opened(context.today)
    structure = choice.structure.id if choice.structure else None
    campaign = snapshot.campaigns.in_force(period, structure, context.today)
    state = campaign.state(context.today)
    sentence = campaign_sentence(campaign, state, context.t)
    line = markup('<p class="campaign">{} <span>{}</span></p>', pictogram(STATE_SIGNS[state]), sentence)
    if campaign.eyes:
        line += markup("<p>{}</p>", context.t("campaign.waits"))
    if choice.structure is None or structure is None:
        return line
    statuses = delivery_states(snapshot, structure, period)
    return line + _deliveries_html(snapshot, choice.structure, period, statuses, context.t)


def campaign_sentence(campaign: Campaign, state: CampaignState, t: Translator) -> str:
    """Return one sentence on the state of a campaign and its deadline."""
    days = {
        "opens": format_day(campaign.opens, t),
        "due": format_day(campaign.due, t),
        "locks": format_day(campaign.locks, t) if campaign.locks else "",
        "until": format_day(campaign.exception_until, t) if campaign.exception_until else "",
    }
    key = f"campaign.{state.value}"
    if campaign.exception_until and state in {CampaignState.OPEN, CampaignState.LATE}:
        key = "campaign.exception.because" if campaign.exception_reason else "campaign.exception"
    collected_period = t(f"campaign.of.{campaign.period.frequency}", period=format_period(campaign.period, t))
    return t(key, of=collected_period, role=campaign.approved_by or "", reason=campaign.exception_reason or "", **days)


def _deliveries_html(
    snapshot: Snapshot,
    structure: Structure,
    period: Period,
    statuses: Sequence[tuple[str, DeliveryState]],
    t: Translator,
) -> Markup:
    """Return the indicators still due, then, folded, those delivered and those derived from registers."""
    names: dict[DeliveryState, list[str]] = {status: [] for status in DeliveryState}
    for indicator, status in statuses:
        names[status].append(snapshot.catalogue[indicator].label(t.language))
    required = len(names[DeliveryState.EXPECTED]) + len(names[DeliveryState.DELIVERED])
    title = t("due.title", structure=structure.name, period=format_period(period, t))
    sentence = t("due.told", count=required, done=len(names[DeliveryState.DELIVERED])) if required else t("due.nothing")
    html = markup("{}<p>{}</p>", heading(2, title), sentence)
    if names[DeliveryState.EXPECTED]:
        html += markup('<p class="label">{}</p>{}', t("due.expected"), _list_html(names[DeliveryState.EXPECTED]))
    for status in (DeliveryState.DELIVERED, DeliveryState.DERIVED):
        if names[status]:
            html += details(t(f"due.{status.value}", count=len(names[status])), _list_html(names[status]))
    return markup('<div class="due">{}</div>', html)


def _list_html(names: Sequence[str]) -> Markup:
    return markup("<ul>{}</ul>", join(markup("<li>{}</li>", name) for name in names))
