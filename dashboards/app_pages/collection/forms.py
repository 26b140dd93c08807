"""The forms of those who run campaigns: declare or alter the campaign of a quarter, grant a late exception."""

import logging
from collections.abc import Sequence
from datetime import date
from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.collection_choice import CollectionChoice
from dashboards.app_pages.page_context import PageContext
from dashboards.components.draw import draw_html
from dashboards.components.html import heading, join, markup
from dashboards.wording.finding_messages import message_sentence
from indicators.definitions.campaigns import MAX_EYES, CampaignRecord
from indicators.definitions.perimeters import NETWORK
from indicators.definitions.roles import Right
from indicators.errors import StoreError
from indicators.intake.campaign import declare
from indicators.intake.cells.dates import parse_date
from indicators.snapshot import Snapshot
from indicators.store.campaign_records import newest_record, read_campaign_records
from indicators.store.deposits import new_deposit_id
from schemas.findings import Finding, Severity

LOG: Final = logging.getLogger(__name__)
OUTCOME_KEY: Final = "outcome of a campaign"
"""What the session says of the last declaration, until the page is drawn."""
MAX_REASON_CHARS: Final = 300
DAYS: Final = ("opens", "due", "review", "locks")


def render_forms(context: PageContext, snapshot: Snapshot, choice: CollectionChoice) -> None:
    """Render the two forms, folded, and what became of the one that was sent before."""
    t = context.t
    draw_html(heading(2, t("campaign.form.heading")))
    for sentence in st.session_state.pop(OUTCOME_KEY, ()):
        draw_html(_alert_html([sentence]))
    records = read_campaign_records(snapshot.cursor)
    # A campaign is the whole network's; a late exception, of a structure of the perimeter.
    if context.visitor.may(Right.MANAGE_CAMPAIGNS, NETWORK, snapshot.structures):
        with st.expander(t("campaign.form.title"), key="campaign form of the quarter"):
            _render_campaign(context, snapshot, choice, records)
    with st.expander(t("exception.form.title"), key="exception form of the quarter"):
        _render_exception(context, snapshot, choice, records)


def _render_campaign(
    context: PageContext, snapshot: Snapshot, choice: CollectionChoice, records: Sequence[CampaignRecord]
) -> None:
    t, quarter = context.t, choice.quarter
    campaign = snapshot.campaigns.for_period(quarter)
    newest = newest_record(records, quarter, None)
    suffix = f"{quarter.code} {newest.record if newest else ''}"
    with st.form(f"campaign {suffix}", border=False):
        typed = {}
        with st.container(horizontal=True, key="campaign days"):
            for name in DAYS:
                day: date | None = getattr(campaign, name)
                label = t(f"collection.{name}")
                typed[name] = st.text_input(
                    label, day.strftime("%d/%m/%Y") if day else "", key=f"{name} {suffix}", placeholder=t("day.form")
                )
        levels = [0, *range(1, MAX_EYES + 1)]
        eyes = st.selectbox(
            t("collection.eyes"),
            levels,
            index=levels.index(campaign.eyes or 0),
            format_func=lambda count: t(f"collection.eyes.{count}") if count else t("collection.eyes.none"),
            key=f"eyes {suffix}",
        )
        approved_by = st.text_input(
            t("campaign.form.approved_by"), campaign.approved_by or "", key=f"approved by {suffix}", max_chars=80
        )
        draw_html(markup('<p class="under">{}</p>', t("campaign.form.note")))
        sent = st.form_submit_button(t("campaign.form.save"), key=f"save {suffix}")
    if not sent:
        return
    days = {name: parse_date(text.strip()) for name, text in typed.items()}
    unread = [name for name, text in typed.items() if text.strip() and days[name] is None]
    if unread or days["due"] is None:
        names = unread or ["due"]
        draw_html(_alert_html([t("campaign.problem.day", name=t(f"collection.{name}")) for name in names]))
        return
    record = CampaignRecord(
        _record_id(suffix),
        0,
        context.app_state.clock.now(),
        context.author,
        quarter,
        None,
        days["opens"],
        days["due"],
        days["locks"],
        days["review"],
        eyes or None,
        approved_by.strip() or None,
    )
    _store(context, record, newest)


def _render_exception(
    context: PageContext, snapshot: Snapshot, choice: CollectionChoice, records: Sequence[CampaignRecord]
) -> None:
    t, quarter = context.t, choice.quarter
    members = list(snapshot.structures.members_on(choice.perimeter, quarter.end))
    suffix = f"{quarter.code} {len(records)}"
    with st.form(f"exception {suffix}", border=False):
        with st.container(horizontal=True, key="exception days"):
            structure = st.selectbox(
                t("exception.form.structure"),
                members,
                index=None,
                format_func=lambda code: snapshot.structures[code].name,
                placeholder=t("choose.placeholder"),
                key=f"structure {suffix}",
            )
            until = st.text_input(t("exception.form.until"), key=f"until {suffix}", placeholder=t("day.form"))
        reason = st.text_input(t("exception.form.reason"), key=f"reason {suffix}", max_chars=MAX_REASON_CHARS)
        sent = st.form_submit_button(t("exception.form.grant"), key=f"grant {suffix}")
    if not sent:
        return
    last_day = parse_date(until.strip())
    if structure is None or last_day is None:
        key = "structure" if structure is None else "day"
        draw_html(_alert_html([t(f"campaign.problem.{key}", name=t("exception.form.until"))]))
        return
    record = CampaignRecord(
        _record_id(f"{structure} {suffix}"),
        0,
        context.app_state.clock.now(),
        context.author,
        quarter,
        structure,
        None,
        last_day,
        reason=reason.strip() or None,
    )
    _store(context, record, newest_record(records, quarter, structure))


def _record_id(of: str) -> str:
    """Return the id of a record, made before it is stored: the same click sent twice is the same record."""
    return str(st.session_state.setdefault(f"campaign record {of}", new_deposit_id()))


def _store(context: PageContext, record: CampaignRecord, replaced: CampaignRecord | None) -> None:
    """Store a record, and draw the page anew; or say why it cannot be."""
    t = context.t
    try:
        found = declare(context.app_state.network.lake, record, replaced.record if replaced else None)
    except StoreError:
        LOG.exception("campaign of %s", record.period.code)
        draw_html(_alert_html([message_sentence(Finding("S01", Severity.BLOCKING), t)]))
        return
    if isinstance(found, CampaignRecord):
        LOG.info("campaign declared: %s", record.period.code)
        key = "exception.form.granted" if record.structure else "campaign.form.saved"
        st.session_state[OUTCOME_KEY] = [t(key)]
        st.rerun()
    draw_html(_alert_html([t(f"campaign.problem.{problem}") for problem in found]))


def _alert_html(sentences: Sequence[str]) -> Markup:
    paragraphs = join(markup("<p>{}</p>", sentence) for sentence in sentences)
    return markup('<div class="notice" role="alert">{}</div>', paragraphs)
