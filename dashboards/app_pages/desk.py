"""The first page of a member: what needs them, by role, sorted by that and never by a figure.

Depositors find what to deliver until when; directors what changed on their board, what is not published and which
actions are due; delegates who is late, by name, and new signals.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.collection.approval import may as may_see_waiting
from dashboards.app_pages.deposit.history import listed_deposits_html
from dashboards.app_pages.follow_up import DELIVERY_SIGNS, figures_label
from dashboards.app_pages.page_context import MANAGEMENT_VIEW, VIEW_PARAM, PageContext, board_url
from dashboards.app_pages.registers.links import open_action_link
from dashboards.components.approvals import APPROVAL_SIGNS, approval_label
from dashboards.components.draw import draw_html
from dashboards.components.html import NO_HTML, HtmlCell, heading, join, link, markup, pictogram, table
from dashboards.downloads.list_workbook import XLSX_TYPE, list_workbook
from dashboards.wording.figure_sentences import change_sign_and_sentence
from dashboards.wording.formatting import format_day, format_moment, format_period, format_short_day
from indicators.accounts.saved_choices import forget_choice, list_choices
from indicators.csv_files import SPREADSHEET, CellValue, rows_to_csv
from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import NETWORK, Level, Perimeter, Structure, fold_case_and_accents
from indicators.definitions.periods import Period
from indicators.definitions.roles import Right, Role
from indicators.figures.figure import Status
from indicators.queries.comparison.network_signals import find_network_signals
from indicators.queries.deposits.approvals import WaitingDeposit, find_waiting_deposits
from indicators.queries.deposits.deliveries import (
    Delivery,
    DeliveryStatus,
    find_deliveries,
    last_deposits,
    reported_quarters,
)
from indicators.queries.deposits.deposit_history import deposit_history
from indicators.queries.deposits.overdue_actions import overdue_actions
from indicators.queries.figures.assessed_board import assess_board
from indicators.queries.figures.changes import find_changes
from indicators.snapshot import QueryContext, Snapshot
from indicators.store.approvals import ApprovalState

DESK_PATH: Final = "bureau"
MAX_BOARDS: Final = 3
"""Own boards of which the desk says what changed; more are a list of links."""
MAX_NAMED: Final = 3
MAX_LISTED: Final = 20
"""Structures, or signals, that are named; the rest is counted, with a link to all."""
MAX_RECEIPTS: Final = 5
SIGNAL_COLUMNS: Final = ("structure", "nom", "periode", "indicateur", "nom_indicateur")
ACTION_COLUMNS: Final = ("structure", "nom", "actions_en_retard")


def render(context: PageContext) -> None:
    """Render the desk: what is to be delivered, then what the reader's roles ask of them."""
    t = context.t
    context.set_title(t("desk.title"))
    with context.app_state.network.snapshot() as snapshot:
        roles = {grant.role for grant in context.visitor.grants}
        draw_html(heading(1, t("desk.title"), t("desk.intro", day=format_day(context.today, t))))
        if not snapshot.structures.by_id:
            draw_html(_first_steps_html(context))
            return
        quarter = snapshot.campaigns.newest_opened(context.today)
        deliveries = _deliveries(context, snapshot, quarter)
        parts = [_waiting_html(context, snapshot), _collection_html(context, snapshot, deliveries, quarter)]
        if Role.DIRECTOR in roles or Role.QUALITY in roles:
            parts.append(_boards_html(context, snapshot))
        if context.visitor.has(Right.COMPARE):
            parts.append(_signals_html(context, snapshot))
        parts.append(_actions_html(context, snapshot))
        if context.visitor.has(Right.DEPOSIT):
            parts.append(_receipts_html(context, snapshot))
        draw_html(join(parts))
        _render_downloads(context, snapshot)
        if context.visitor.person and not context.visitor.through:
            _render_choices(context, context.visitor.person)


def _render_choices(context: PageContext, person: str) -> None:
    """Draw the choices of structures that the reader saved, each with a button that forgets it."""
    t, accounts = context.t, context.app_state.network.accounts
    choices = list_choices(accounts, person)
    if not choices:
        return
    draw_html(heading(2, t("desk.choices")))
    for choice in choices:
        with st.container(horizontal=True, vertical_alignment="center", key=f"choice {choice.name}"):
            url = board_url(context, choice.perimeter, nom=choice.name)
            draw_html(markup("<p>{}</p>", link(url, choice.name)), width="content")
            if st.button(t("desk.choices.forget"), key=f"forget {choice.name}", type="tertiary"):
                forget_choice(accounts, person, choice.name)
                st.rerun()


def _first_steps_html(context: PageContext) -> Markup:
    """Return the three first steps of an empty network, for who may take them; each leads to its place."""
    t = context.t
    if not context.visitor.has(Right.MANAGE_MEMBERS):
        return markup("<p>{}</p>", t("desk.empty"))
    steps = [
        (t("desk.step.structures"), context.link("deposer", jeu="structures")),
        (t("desk.step.members"), context.link("membres")),
        (t("desk.step.measures"), context.link("deposer", jeu="measures")),
    ]
    items = join(markup("<li>{}</li>", link(url, sentence)) for sentence, url in steps)
    return heading(2, t("desk.steps")) + markup('<ol class="steps">{}</ol>', items)


def _waiting_html(context: PageContext, snapshot: Snapshot) -> Markup:
    """Return the deposits that the reader may approve, then their own that wait or were sent back."""
    t, own, blocks = context.t, context.visitor.structures(Right.DEPOSIT, snapshot.structures), []
    found = find_waiting_deposits(snapshot)
    to_approve = [
        each
        for each in found
        if each.approval.state is ApprovalState.WAITING and may_see_waiting(context, snapshot, Right.APPROVE, each)
    ]
    if to_approve:
        blocks.append(heading(2, t("desk.approve")) + _waiting_list_html(context, snapshot, to_approve))
    mine = [
        each
        for each in found
        if context.visitor.has(Right.DEPOSIT) and each.structures and (own is not None and own >= set(each.structures))
    ]
    if mine:
        blocks.append(heading(2, t("desk.sent")) + _waiting_list_html(context, snapshot, mine))
    return join(blocks)


def _waiting_list_html(context: PageContext, snapshot: Snapshot, found: Sequence[WaitingDeposit]) -> Markup:
    t, items = context.t, []
    for each in found[:MAX_LISTED]:
        receipt, state = context.named(each.approval.receipt), each.approval.state
        url = context.link("collectes", periode=each.period, depot=receipt.deposit)
        names = [snapshot.structures[name].name for name in each.structures if name in snapshot.structures.by_id]
        comments = [one.comment for one in each.approval.decisions if one.comment and state is ApprovalState.SENT_BACK]
        parts = (*names[:MAX_NAMED], format_moment(receipt.submitted_at, t), receipt.author)
        label = markup("{} {}", pictogram(APPROVAL_SIGNS[state]), approval_label(each.approval, t))
        reason = markup("<p>{}</p>", t("history.said", comment=comments[-1])) if comments else NO_HTML
        name = receipt.file_name or t("history.erased")
        items.append(markup("<li>{} {} · {}{}</li>", label, link(url, name), " · ".join(parts), reason))
    return markup('<ul class="plain">{}</ul>', join(items))


def _deliveries(context: PageContext, snapshot: Snapshot, quarter: Period) -> list[Delivery]:
    """Return the deliveries that the reader follows, in the order in which they ask for somebody."""
    perimeters = context.visitor.perimeters(Right.SEE_DELIVERIES)
    found: dict[str, Delivery] = {}
    for perimeter in (NETWORK,) if NETWORK in perimeters else perimeters:
        if snapshot.structures.has(perimeter):
            found |= {each.structure.id: each for each in find_deliveries(snapshot, perimeter, quarter)}
    order = list(DeliveryStatus)
    return sorted(
        found.values(),
        key=lambda each: (order.index(each.status(context.today)), fold_case_and_accents(each.structure.name)),
    )


def _collection_html(
    context: PageContext, snapshot: Snapshot, deliveries: Sequence[Delivery], quarter: Period
) -> Markup:
    """Return who has still to deliver, by name, or that all is there."""
    t = context.t
    due = snapshot.campaigns.for_period(quarter).due
    title = t("desk.collection", period=format_period(quarter, t), day=format_day(due, t))
    waiting = [each for each in deliveries if each.status(context.today) is not DeliveryStatus.COMPLETE]
    everything = link(context.link("suivi", periode=quarter.code), t("desk.collection.all"))
    if not waiting:
        done = t("desk.collection.done", count=len(deliveries)) if deliveries else t("desk.collection.nobody")
        return heading(2, title) + markup("<p>{} {}</p>", done, everything)
    contacts = last_deposits(snapshot)
    rows = [
        [
            HtmlCell(_structure_link(context, snapshot, each.structure, quarter)),
            HtmlCell(markup("{} {}", pictogram(DELIVERY_SIGNS[status]), t(f"follow.status.{status}"))),
            HtmlCell(figures_label(context, snapshot, each)),
            HtmlCell(format_short_day(contacts[each.structure.id], t) if each.structure.id in contacts else "–"),
        ]
        for each in waiting[:MAX_LISTED]
        for status in [each.status(context.today)]
    ]
    headers = [t(f"follow.column.{name}") for name in ("structure", "status", "figures", "contact")]
    caption = t("desk.collection.waiting", count=len(waiting), total=len(deliveries))
    return heading(2, title) + table(caption, headers, rows) + markup('<p class="links">{}</p>', everything)


def _structure_link(context: PageContext, snapshot: Snapshot, structure: Structure, quarter: Period) -> Markup:
    """Return the structure, leading to where its figures are deposited, or to its board for who does not deposit."""
    own = context.visitor.structures(Right.DEPOSIT, snapshot.structures)
    if context.visitor.has(Right.DEPOSIT) and (own is None or structure.id in own):
        return link(context.link("deposer", structure=structure.id, periode=quarter.code), structure.name)
    return link(context.link("structure", structure=structure.id), structure.name)


def _boards_html(context: PageContext, snapshot: Snapshot) -> Markup:
    """Return, of the boards that the reader directs, what changed beyond chance and how much is not published."""
    t = context.t
    quarters = reported_quarters(snapshot)
    own = context.visitor.structures(Right.SEE_MANAGEMENT, snapshot.structures) or ()
    structures = _by_name(snapshot, own)
    if not quarters or not structures:
        return NO_HTML
    quarter = context.selected_quarter(quarters)
    if len(structures) > MAX_BOARDS:
        items = join(
            markup("<li>{}</li>", link(context.link("structure", structure=each.id), each.name)) for each in structures
        )
        return heading(2, t("desk.boards")) + markup('<ul class="structures">{}</ul>', items)
    return join(_board_html(context, snapshot, structure, quarter) for structure in structures)


def _board_html(context: PageContext, snapshot: Snapshot, structure: Structure, quarter: Period) -> Markup:
    t, perimeter = context.t, Perimeter(Level.STRUCTURE, structure.id)
    managed = QueryContext(snapshot, Audience.MANAGEMENT, context.today, context.members_audience)
    board = snapshot.cached(
        ("desk board", structure.id, quarter, *context.reader_key),
        lambda: assess_board(managed, perimeter, perimeter, quarter),
    )
    public = QueryContext(snapshot, Audience.PUBLIC, context.today)
    shown_to_all = snapshot.cached(
        ("desk public board", structure.id, quarter, context.today),
        lambda: assess_board(public, perimeter, perimeter, quarter),
    )
    withheld = sum(one.figure.status is Status.WITHHELD for one in shown_to_all)
    changes = []
    for change in find_changes(board, quarter):
        action = open_action_link(context, snapshot.structures, structure.id, change.assessed.indicator.id, quarter)
        changes.append((*change_sign_and_sentence(change, t), action))
    items = join(
        markup("<li>{}<span>{} {}</span></li>", pictogram(sign), sentence, action) for sign, sentence, action in changes
    )
    body = markup('<ul class="changes">{}</ul>', items) if changes else markup("<p>{}</p>", t("since.nothing"))
    public_board = link(context.link("structure", structure=structure.id, periode=quarter.code), t("desk.board.public"))
    managed_board = link(
        context.link("structure", structure=structure.id, periode=quarter.code, **{VIEW_PARAM: MANAGEMENT_VIEW}),
        t("desk.board.management"),
    )
    sentence = t("desk.board.withheld", count=withheld) if withheld else t("desk.board.published")
    title = t("desk.board", name=structure.name, period=format_period(quarter, t))
    links = join((public_board, managed_board))
    return heading(2, title) + body + markup('<p>{}</p><p class="links">{}</p>', sentence, links)


def _new_signals(context: PageContext, snapshot: Snapshot, quarter: Period) -> list[tuple[Structure, Indicator]]:
    """Return the new special causes of the structures that the reader compares, by structure name."""
    query = QueryContext(snapshot, context.members_audience, context.today)
    sheets = [sheet for sheet in snapshot.catalogue if query.audience.sees(sheet.audience)]
    own = context.visitor.structures(Right.COMPARE, snapshot.structures)
    return [
        (snapshot.structures[row["structure"]], snapshot.catalogue[row["indicator"]])
        for row in find_network_signals(query, sheets, quarter).rows.iter_rows(named=True)
        if row["since"] == quarter.code and (own is None or row["structure"] in own)
    ]


def _signals_html(context: PageContext, snapshot: Snapshot) -> Markup:
    """Return the new special causes of the structures that the reader compares, by structure name."""
    t, quarters = context.t, reported_quarters(snapshot)
    if not quarters:
        return NO_HTML
    quarter = context.selected_quarter(quarters)
    found = _new_signals(context, snapshot, quarter)
    title = heading(2, t("desk.signals", period=format_period(quarter, t)))
    if not found:
        return title + markup("<p>{}</p>", t("desk.signals.none"))
    items = join(
        markup(
            "<li>{} · {}</li>",
            link(context.link("structure", structure=structure.id), structure.name),
            link(
                context.link("indicateur", indicateur=indicator.id, structure=structure.id),
                indicator.label(t.language),
            ),
        )
        for structure, indicator in found[:MAX_LISTED]
    )
    rest = markup("<p>{}</p>", t("desk.more", count=len(found) - MAX_LISTED)) if len(found) > MAX_LISTED else NO_HTML
    return title + markup('<p>{}</p><ul class="plain">{}</ul>', t("desk.signals.what", count=len(found)), items) + rest


def _overdue(context: PageContext, snapshot: Snapshot) -> list[tuple[Structure, int]]:
    """Return the structures with overdue actions and how many, of those whose management the reader sees, by name."""
    managed = context.visitor.structures(Right.SEE_MANAGEMENT, snapshot.structures)
    counts = overdue_actions(snapshot, context.today)
    known = [name for name in counts if name in snapshot.structures.by_id and (managed is None or name in managed)]
    return [(structure, counts[structure.id]) for structure in _by_name(snapshot, known)]


def _actions_html(context: PageContext, snapshot: Snapshot) -> Markup:
    """Return the structures with overdue actions, of those whose management the reader sees."""
    t, found = context.t, _overdue(context, snapshot)
    if not found:
        return NO_HTML
    items = join(
        markup(
            "<li>{} · {}</li>",
            link(context.link("actions", perimetre=each.id, statut="en_retard"), each.name),
            t("desk.actions.count", count=count),
        )
        for each, count in found[:MAX_LISTED]
    )
    rest = markup("<p>{}</p>", t("desk.more", count=len(found) - MAX_LISTED)) if len(found) > MAX_LISTED else NO_HTML
    return heading(2, t("desk.actions")) + markup('<ul class="plain">{}</ul>', items) + rest


def _render_downloads(context: PageContext, snapshot: Snapshot) -> None:
    """Draw the downloads of the lists of signals and of overdue actions, whole; deliveries have a page of their own."""
    t, quarters = context.t, reported_quarters(snapshot)
    lists: list[tuple[str, Sequence[str], Callable[[Snapshot], list[Sequence[CellValue]]]]] = []
    if context.visitor.has(Right.COMPARE) and quarters:
        quarter = context.selected_quarter(quarters)

        def signals(current: Snapshot) -> list[Sequence[CellValue]]:
            return [
                (structure.id, structure.name, quarter.code, indicator.id, indicator.label(t.language))
                for structure, indicator in _new_signals(context, current, quarter)
            ]

        lists.append(("signaux", SIGNAL_COLUMNS, signals))
    if context.visitor.has(Right.SEE_MANAGEMENT):

        def actions(current: Snapshot) -> list[Sequence[CellValue]]:
            return [(structure.id, structure.name, count) for structure, count in _overdue(context, current)]

        lists.append(("actions-en-retard", ACTION_COLUMNS, actions))
    if not any(rows(snapshot) for _, _, rows in lists):
        return
    with st.expander(t("desk.lists")):
        for stem, columns, rows in lists:
            _offer_list(context, stem, columns, rows)
        draw_html(markup('<p class="dialect">{}</p>', t("dialect.spreadsheet")))


def _offer_list(
    context: PageContext,
    stem: str,
    columns: Sequence[str],
    rows: Callable[[Snapshot], list[Sequence[CellValue]]],
) -> None:
    """Draw the buttons of a list as CSV and XLSX, of the store as it is when they are pressed."""
    t = context.t

    def current_rows() -> list[Sequence[CellValue]]:
        with context.app_state.network.snapshot() as snapshot:
            return rows(snapshot)

    with st.container(horizontal=True, key=f"taken {stem}"):
        context.offer_download(
            f"{t(f'desk.list.{stem}')} (CSV)",
            lambda: rows_to_csv(columns, current_rows(), SPREADSHEET),
            f"{stem}.csv",
            "text/csv",
            f"taken csv {stem}",
            holds_management=columns is ACTION_COLUMNS,
        )
        context.offer_download(
            f"{t(f'desk.list.{stem}')} (XLSX)",
            lambda: list_workbook(columns, current_rows()),
            f"{stem}.xlsx",
            XLSX_TYPE,
            f"taken xlsx {stem}",
            holds_management=columns is ACTION_COLUMNS,
        )


def _receipts_html(context: PageContext, snapshot: Snapshot) -> Markup:
    """Return the newest own deposits."""
    t, own = context.t, context.visitor.structures(Right.DEPOSIT, snapshot.structures)
    entries = deposit_history(snapshot, None, MAX_RECEIPTS, own)
    everything = markup('<p class="links">{}</p>', link(context.link("deposer"), t("desk.deposit")))
    if not entries:
        return heading(2, t("desk.receipts")) + markup("<p>{}</p>", t("history.none.own")) + everything
    return heading(2, t("desk.receipts")) + listed_deposits_html(context, snapshot, entries) + everything


def _by_name(snapshot: Snapshot, names: Iterable[str]) -> list[Structure]:
    """Return structures in the order of their names."""
    return sorted((snapshot.structures[name] for name in names), key=lambda each: fold_case_and_accents(each.name))
