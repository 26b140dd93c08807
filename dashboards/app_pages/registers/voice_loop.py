"""The voice loop: what groups asked for, what they were answered, what was done, and whether they heard of it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.registers.choice import RegisterChoice
from dashboards.app_pages.registers.list_parts import (
    NOTHING,
    ROWS_PER_PAGE,
    TakenList,
    choose_filter,
    draw_downloads,
    share_text,
    structure_cell,
)
from dashboards.app_pages.registers.row_page import row_link
from dashboards.components.draw import draw_html
from dashboards.components.html import NO_HTML, HtmlCell, facts, heading, link, markup, notice, table
from dashboards.wording.formatting import format_count, format_short_day
from indicators.definitions.perimeters import slug
from indicators.queries.registers.participation import RegisterScope
from indicators.queries.registers.requests import (
    WITHOUT_DECISION,
    RequestFilter,
    RequestTotals,
    list_requests,
    request_totals,
)
from indicators.snapshot import Snapshot
from schemas.requests import REQUEST_DECISIONS, REQUESTS

STATE_PARAM: Final = "etat"
DECISION_PARAM: Final = "decision"
FILTER_PARAMS: Final = (STATE_PARAM, DECISION_PARAM)
STATES: Final = {"sans-reponse": "waiting", "repondue": "answered", "rendue": "reported"}
DECISION_WORDS: Final = {**REQUEST_DECISIONS, "sans": WITHOUT_DECISION}
MAX_LONGEST: Final = 3
"""Requests that are named because they wait longest."""
COLUMNS: Final = ("reference", "received", "group", "request", "answer", "decision", "action", "reported")


def draw(context: PageContext, snapshot: Snapshot, choice: RegisterChoice, scope: RegisterScope) -> None:
    """Draw how far the requests of a year came, what waits longest, and the list."""
    t = context.t
    totals = request_totals(snapshot, scope, context.today)
    title = t("requests.of", name=choice.name, year=scope.since.year)
    draw_html(heading(2, title[:1].upper() + title[1:]))
    if not totals.received:
        draw_html(notice(t("requests.none")))
        return
    draw_html(_steps_html(context, totals) + _decisions_html(context, totals))
    if choice.structure:
        draw_html(_longest_html(context, snapshot, scope))
    draw_html(heading(2, t("requests.list")))
    with st.container(horizontal=True, key="choices-list", vertical_alignment="bottom"):
        chosen = RequestFilter(
            choose_filter(context, STATE_PARAM, STATES, "requests.state"),
            choose_filter(context, DECISION_PARAM, DECISION_WORDS, "requests.decision"),
        )
    _draw_list(context, snapshot, choice, scope, chosen)


def _steps_html(context: PageContext, totals: RequestTotals) -> Markup:
    """Return received → answered → action → reported back, with shares of those received and median delays."""
    t = context.t
    pairs = [
        (t("requests.received"), format_count(totals.received, t.language)),
        (t("requests.answered"), share_text(context, totals.answered, totals.received)),
        (t("requests.with_action"), share_text(context, totals.with_action, totals.received)),
        (t("requests.reported"), share_text(context, totals.reported_back, totals.received)),
        (t("requests.days_to_answer"), _days(context, totals.days_to_answer)),
        (t("requests.days_to_report"), _days(context, totals.days_to_report)),
    ]
    return facts(pairs, brief=True)


def _decisions_html(context: PageContext, totals: RequestTotals) -> Markup:
    """Return what was decided: adopted, to be evaluated first, already there, declined."""
    t = context.t
    pairs = [
        (t(f"requests.total.{name}"), share_text(context, getattr(totals, name), totals.received))
        for name in REQUEST_DECISIONS.values()
    ]
    return facts(pairs, brief=True)


def _days(context: PageContext, days: float | None) -> str:
    return NOTHING if days is None else context.t("requests.days", count=round(days))


def _longest_html(context: PageContext, snapshot: Snapshot, scope: RegisterScope) -> Markup:
    """Return the requests that wait longest: for an answer, or to be reported back."""
    t, items = context.t, []
    for state in ("waiting", "answered"):
        rows, _ = list_requests(snapshot, scope, RequestFilter(state, longest_first=True), MAX_LONGEST)
        for row in rows.iter_rows(named=True):
            since = row["received_on"] if state == "waiting" else row["answered_on"]
            days = (context.today - since).days
            items.append((days, t(f"requests.waits.{state}", name=row["request"].rstrip("."), count=days)))
    if not items:
        return NO_HTML
    longest = sorted(items, key=lambda item: -item[0])[:MAX_LONGEST]
    lines = Markup().join(markup("<li>{}</li>", sentence) for _, sentence in longest)
    return heading(2, t("requests.longest")) + markup('<ul class="plain">{}</ul>', lines)


def _draw_list(
    context: PageContext, snapshot: Snapshot, choice: RegisterChoice, scope: RegisterScope, chosen: RequestFilter
) -> None:
    """Draw one page of the list, the buttons that turn it, and the whole list to take away."""
    page, total = list_requests(snapshot, scope, chosen, ROWS_PER_PAGE)
    if not total:
        draw_html(notice(context.t("requests.nothing_left")))
        return
    placeholder = st.empty()
    first = context.paginate(ROWS_PER_PAGE, total)
    if first:
        page, _ = list_requests(snapshot, scope, chosen, ROWS_PER_PAGE, first)
    draw_html(_table_html(context, snapshot, choice, page), placeholder)
    network = context.app_state.network

    def load() -> pl.DataFrame:
        with network.snapshot() as later:
            return list_requests(later, scope, chosen)[0]

    draw_downloads(context, TakenList(REQUESTS, load, f"demandes-{slug(choice.perimeter.code)}-{scope.since.year}"))


def _table_html(context: PageContext, snapshot: Snapshot, choice: RegisterChoice, page: pl.DataFrame) -> Markup:
    t, has_several = context.t, choice.structure is None
    headers = [t(f"requests.column.{name}") for name in ("structure", *COLUMNS)[0 if has_several else 1 :]]
    caption = t("requests.caption.structures" if has_several else "requests.caption")
    rows: list[Sequence[HtmlCell]] = []
    for row in page.iter_rows(named=True):
        structure = [structure_cell(context, snapshot, row["structure"])] if has_several else []
        rows.append([*structure, *_cells(context, snapshot, row)])
    return markup('<div class="wide">{}</div>', table(caption, headers, rows))


def _cells(context: PageContext, snapshot: Snapshot, row: Mapping[str, Any]) -> list[HtmlCell]:
    t = context.t
    return [
        HtmlCell(markup('<span class="whole">{}</span>', row_link(context, snapshot, REQUESTS, row, row["reference"]))),
        HtmlCell(format_short_day(row["received_on"], t)),
        HtmlCell(row["group"]),
        HtmlCell(row["request"]),
        HtmlCell(_with_day(context, row["answer"], row["answered_on"])),
        HtmlCell(t(f"requests.decision.{row['decision'] or WITHOUT_DECISION}")),
        HtmlCell(_action_link(context, row)),
        HtmlCell(format_short_day(row["reported_back_on"], t) if row["reported_back_on"] else NOTHING),
    ]


def _with_day(context: PageContext, text: str | None, day: date | None) -> str:
    """Return an answer with its day under it."""
    if text is None:
        return NOTHING
    day_html = markup('<br><span class="aside">{}</span>', format_short_day(day, context.t)) if day else NO_HTML
    return markup("{}{}", text, day_html)


def _action_link(context: PageContext, row: Mapping[str, Any]) -> str:
    """Return the link to the action of the register that a request became."""
    if row["action"] is None:
        return NOTHING
    return link(context.link("actions", structure=row["structure"], action=row["action"]), row["action"])
