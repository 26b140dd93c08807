"""The follow-up of a collection, for whom it concerns: who delivered, who is late and what is missing, by name."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.collection_choice import draw_choices, read_choice
from dashboards.app_pages.page_context import PageContext, board_url
from dashboards.components.draw import draw_html
from dashboards.components.html import HtmlCell, heading, join, link, markup, notice, pictogram, table
from dashboards.downloads.list_workbook import XLSX_TYPE, list_workbook
from dashboards.wording.formatting import format_day, format_period, format_short_day
from indicators.csv_files import SPREADSHEET, CellValue, rows_to_csv
from indicators.definitions.perimeters import Perimeter, fold_case_and_accents, slug
from indicators.definitions.periods import Period
from indicators.definitions.roles import Right
from indicators.queries.deposits.approvals import structures_waiting
from indicators.queries.deposits.deliveries import (
    Delivery,
    DeliveryStatus,
    find_deliveries,
    last_deposits,
    summarise_deliveries,
)
from indicators.snapshot import Snapshot
from indicators.store.approvals import ApprovalState

MAX_NAMED_FIGURES: Final = 3
"""Missing figures that are named in a row; the rest is counted."""
ROWS_PER_PAGE: Final = 100
LIST_COLUMNS: Final = (
    "structure", "nom", "periode", "etat", "limite", "depose_le", "chiffres_attendus", "chiffres_manquants",
    "indicateurs_manquants", "dernier_depot",
)  # fmt: skip
DELIVERY_SIGNS: Final[Mapping[DeliveryStatus, str]] = {
    DeliveryStatus.OVERDUE: "missed",
    DeliveryStatus.INCOMPLETE: "missed_doubt",
    DeliveryStatus.AWAITED: "absent",
    DeliveryStatus.COMPLETE: "met",
}


def render(context: PageContext) -> None:
    """Render the follow-up of a period in one of the reader's perimeters."""
    t = context.t
    draw_html(heading(1, t("follow.title"), t("follow.intro")))
    with context.app_state.network.snapshot() as snapshot:
        if not snapshot.structures.by_id:
            draw_html(context.empty_state("empty.structures"))
            return
        choice = read_choice(context, snapshot)
        perimeter, quarter = choice.perimeter, choice.quarter
        deliveries = sorted(
            find_deliveries(snapshot, perimeter, quarter),
            key=lambda each: (
                list(DeliveryStatus).index(each.status(context.today)),
                fold_case_and_accents(each.structure.name),
            ),
        )
        contacts = last_deposits(snapshot)
        may_see_waiting = context.visitor.may(Right.SEE_WAITING, perimeter, snapshot.structures)
        waiting = structures_waiting(snapshot, quarter) if may_see_waiting else {}
        draw_choices(context, choice)
        if not deliveries:
            draw_html(notice(t("follow.nobody", name=choice.name)))
            return
        due = snapshot.campaigns.for_period(quarter).due
        board = link(board_url(context, perimeter, periode=quarter.code), t("board.of.one", name=choice.name))
        page_of_collection = link(context.link("collectes", perimetre=perimeter.code), t("follow.collection"))
        draw_html(
            _summary_html(context, deliveries, choice.name, quarter, due)
            + markup('<p class="links">{} · {}</p>', board, page_of_collection)
        )
        placeholder = st.empty()
        first = context.paginate(ROWS_PER_PAGE, len(deliveries))
        page = deliveries[first : first + ROWS_PER_PAGE]
        draw_html(_table_html(context, snapshot, page, contacts, waiting, quarter), placeholder)
        _render_downloads(context, snapshot, deliveries, contacts, quarter, perimeter)
        if context.visitor.may(Right.REMIND, perimeter, snapshot.structures):
            # Imported on first use: few who follow up write to anybody.
            from dashboards.app_pages.follow_up_reminders import render_reminders

            render_reminders(context, snapshot, perimeter, quarter)


def _summary_html(
    context: PageContext, deliveries: Sequence[Delivery], name: str, quarter: Period, due: date
) -> Markup:
    """Return how many delivered, how many in time, and how many of the figures asked for are there."""
    t, progress = context.t, summarise_deliveries(deliveries)
    sentences = [
        t("follow.delivered", count=progress.delivered, total=len(deliveries), on_time=progress.on_time),
        t("follow.figures", count=progress.filled, total=progress.required),
    ]
    names = {"name": name[:1].upper() + name[1:], "period": format_period(quarter, t), "day": format_day(due, t)}
    return heading(2, t("follow.of", **names)) + markup("<p>{}</p>", join(sentences, " "))


def _table_html(
    context: PageContext,
    snapshot: Snapshot,
    deliveries: Sequence[Delivery],
    contacts: Mapping[str, datetime],
    waiting: Mapping[str, ApprovalState],
    quarter: Period,
) -> Markup:
    t = context.t
    headers = [t(f"follow.column.{name}") for name in ("structure", "status", "delivered", "figures", "contact")]
    rows = []
    for each in deliveries:
        contact = contacts.get(each.structure.id)
        rows.append(
            [
                HtmlCell(link(context.link("structure", structure=each.structure.id), each.structure.name)),
                HtmlCell(_status_html(context, each, waiting.get(each.structure.id))),
                HtmlCell(format_short_day(each.submitted_at, t) if each.submitted_at else "–"),
                HtmlCell(figures_label(context, snapshot, each)),
                HtmlCell(format_short_day(contact, t) if contact else t("follow.never")),
            ]
        )
    return table(t("follow.caption", period=format_period(quarter, t)), headers, rows)


def _status_html(context: PageContext, delivery: Delivery, approval: ApprovalState | None) -> Markup:
    t, status = context.t, delivery.status(context.today)
    late = delivery.submitted_at is not None and not delivery.on_time
    label = t(f"follow.status.{status}")
    html = markup("{} {}", pictogram(DELIVERY_SIGNS[status]), t("follow.late", status=label) if late else label)
    return html + markup('<br><span class="aside">{}</span>', t(f"approval.{approval}")) if approval else html


def figures_label(context: PageContext, snapshot: Snapshot, delivery: Delivery) -> str:
    """Return « 12 sur 14 : il manque l’absentéisme … », the missing figures named as far as there is room."""
    t = context.t
    label = t("follow.filled", count=delivery.filled, total=delivery.required)
    if delivery.submitted_at is None or not delivery.missing:
        return label
    names = [snapshot.catalogue[name].short(t.language) for name in delivery.missing]
    named, rest = names[:MAX_NAMED_FIGURES], len(names) - MAX_NAMED_FIGURES
    sentence = t("follow.missing", figures=label, names=t("list.separator").join(named))
    return f"{sentence} {t('follow.missing.more', count=rest)}" if rest > 0 else sentence


def _render_downloads(
    context: PageContext,
    snapshot: Snapshot,
    deliveries: Sequence[Delivery],
    contacts: Mapping[str, datetime],
    quarter: Period,
    perimeter: Perimeter,
) -> None:
    """Draw the download buttons of the whole list; files are written on click."""
    t, catalogue, today = context.t, snapshot.catalogue, context.today

    def rows() -> list[Sequence[CellValue]]:
        return [
            (
                *(each.structure.id, each.structure.name, quarter.code),
                *(t(f"follow.status.{each.status(today)}"), each.last_day),
                *(each.submitted_at and each.submitted_at.date(), each.required, len(each.missing)),
                t("list.separator").join(catalogue[name].label(t.language) for name in each.missing),
                contacts[each.structure.id].date() if each.structure.id in contacts else None,
            )
            for each in deliveries
        ]

    name = f"suivi-{slug(perimeter.code)}-{quarter.code}"
    with st.container(horizontal=True, key="taken"):
        context.offer_download(
            t("follow.csv"),
            lambda: rows_to_csv(LIST_COLUMNS, rows(), SPREADSHEET),
            f"{name}.csv",
            "text/csv",
            "taken csv",
        )
        context.offer_download(
            t("follow.xlsx"), lambda: list_workbook(LIST_COLUMNS, rows()), f"{name}.xlsx", XLSX_TYPE, "taken xlsx"
        )
    draw_html(markup('<p class="dialect">{}</p>', t("dialect.spreadsheet")))
