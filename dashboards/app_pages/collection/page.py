"""The page of a collection: when it is due and locks, how far it is, what waits for approval, and late exceptions."""

from collections.abc import Mapping, Sequence
from datetime import date

from markupsafe import Markup

from dashboards.app_pages.collection.approval import render_waiting
from dashboards.app_pages.collection.forms import render_forms
from dashboards.app_pages.collection_choice import CollectionChoice, draw_choices, read_choice
from dashboards.app_pages.deposit.campaign import STATE_SIGNS, campaign_sentence
from dashboards.app_pages.page_context import PageContext
from dashboards.components.draw import draw_html
from dashboards.components.html import NO_HTML, HtmlCell, facts, heading, link, markup, notice, pictogram, table
from dashboards.wording.formatting import format_day, format_period, format_short_day
from dashboards.wording.translations import Translator
from indicators.definitions.campaigns import Campaign, LateException
from indicators.definitions.roles import Right
from indicators.queries.deposits.approvals import structures_waiting
from indicators.queries.deposits.deliveries import DeliveryStatus, find_deliveries, summarise_deliveries
from indicators.snapshot import Snapshot
from indicators.store.approvals import ApprovalState


def render(context: PageContext) -> None:
    """Render the collection of a quarter in one of the reader's perimeters."""
    t = context.t
    draw_html(heading(1, t("collection.title"), t("collection.intro")))
    with context.app_state.network.snapshot() as snapshot:
        if not snapshot.structures.by_id:
            draw_html(context.empty_state("empty.structures"))
            return
        choice = read_choice(context, snapshot)
        draw_choices(context, choice)
        campaign = snapshot.campaigns.for_period(choice.quarter)
        draw_html(
            _campaign_html(context, campaign)
            + _progress_html(context, snapshot, choice)
            + _exceptions_html(context, snapshot, choice)
        )
        render_waiting(context, snapshot, choice)
        if context.visitor.may(Right.MANAGE_CAMPAIGNS, choice.perimeter, snapshot.structures):
            render_forms(context, snapshot, choice)


def _campaign_html(context: PageContext, campaign: Campaign) -> Markup:
    """Return the campaign in one sentence, then its days and how many pairs of eyes it asks for."""
    t, state = context.t, campaign.state(context.today)
    sentence = campaign_sentence(campaign, state, t)
    line = markup('<p class="campaign">{} <span>{}</span></p>', pictogram(STATE_SIGNS[state]), sentence)
    return heading(2, t("collection.of", period=format_period(campaign.period, t))) + line + facts(_days(campaign, t))


def _days(campaign: Campaign, t: Translator) -> Sequence[tuple[str, str]]:
    days: Mapping[str, date | None] = {
        "opens": campaign.opens,
        "due": campaign.due,
        "review": campaign.review,
        "locks": campaign.locks,
    }
    named = [(t(f"collection.{name}"), format_day(day, t)) for name, day in days.items() if day]
    if campaign.locks is None:
        named.append((t("collection.locks"), t("collection.never_locks")))
    eyes = t(f"collection.eyes.{campaign.eyes}") if campaign.eyes else t("collection.eyes.none")
    return [*named, (t("collection.eyes"), eyes)]


def _progress_html(context: PageContext, snapshot: Snapshot, choice: CollectionChoice) -> Markup:
    """Return how many structures delivered, in time, late, and of how many something waits or was sent back."""
    t = context.t
    deliveries = find_deliveries(snapshot, choice.perimeter, choice.quarter)
    if not deliveries:
        return notice(t("follow.nobody", name=choice.name))
    progress = summarise_deliveries(deliveries)
    late = sum(each.status(context.today) is DeliveryStatus.OVERDUE for each in deliveries)
    counts = {
        "expected": len(deliveries),
        "delivered": progress.delivered,
        "on_time": progress.on_time,
        "late": late,
        **_count_waiting(context, snapshot, choice, [each.structure.id for each in deliveries]),
    }
    pairs = [(t(f"collection.progress.{name}"), str(count)) for name, count in counts.items()]
    who = link(context.link("suivi", perimetre=choice.perimeter.code), t("collection.who"))
    title = t("collection.progress", name=choice.name[:1].upper() + choice.name[1:])
    return heading(2, title) + facts(pairs, brief=True) + markup('<p class="links">{}</p>', who)


def _count_waiting(
    context: PageContext, snapshot: Snapshot, choice: CollectionChoice, structures: Sequence[str]
) -> Mapping[str, int]:
    """Count the structures whose newest measures are not in force; nothing for who may not see what waits."""
    if not context.visitor.may(Right.SEE_WAITING, choice.perimeter, snapshot.structures):
        return {}
    states = structures_waiting(snapshot, choice.quarter)
    found = [states[structure] for structure in structures if structure in states]
    return {state.value: found.count(state) for state in (ApprovalState.WAITING, ApprovalState.SENT_BACK)}


def _exceptions_html(context: PageContext, snapshot: Snapshot, choice: CollectionChoice) -> Markup:
    """Return the late exceptions of the perimeter's structures, the last to expire first."""
    t, quarter = context.t, choice.quarter
    members = set(snapshot.structures.members_on(choice.perimeter, quarter.end))
    granted: list[tuple[str, LateException]] = [
        (structure, exception)
        for (period, structure), exception in snapshot.campaigns.exceptions.items()
        if period == quarter and structure in members
    ]
    if not granted:
        return NO_HTML
    granted.sort(key=lambda one: (-one[1].until.toordinal(), one[0]))
    rows = [
        [
            HtmlCell(snapshot.structures[structure].name),
            HtmlCell(_last_day(exception, context.today, t)),
            HtmlCell(exception.reason or "–"),
        ]
        for structure, exception in granted
    ]
    headers = [t(f"collection.exception.{name}") for name in ("structure", "until", "reason")]
    return heading(2, t("collection.exceptions")) + table(t("collection.exceptions.caption"), headers, rows)


def _last_day(exception: LateException, today: date, t: Translator) -> str:
    day = format_short_day(exception.until, t)
    return day if exception.until >= today else t("collection.exception.expired", day=day)
