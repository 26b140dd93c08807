"""The journal: who deposited, withdrew, changed a member, signed in or took management figures away, newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.components.draw import draw_html
from dashboards.components.html import HtmlCell, heading, link, markup, notice, table
from dashboards.downloads.list_workbook import XLSX_TYPE, list_workbook
from dashboards.wording.formatting import format_moment, format_period
from indicators.accounts.events import Event, EventKind, list_events
from indicators.csv_files import SPREADSHEET, CellValue, rows_to_csv
from indicators.definitions.periods import Period
from indicators.queries.deposits.journal import StoreRecord, store_records
from indicators.snapshot import Snapshot

ENTRIES_PER_PAGE: Final = 50
MAX_DOWNLOADED_ENTRIES: Final = 10_000
KIND_PARAM: Final = "quoi"
AUTHOR_PARAM: Final = "auteur"
BEFORE_PARAM: Final = "avant"
STORE_KINDS: Final = ("deposit", "withdrawal", "erasure", "approved", "sent_back")
KINDS: Final[Mapping[str, Sequence[str]]] = MappingProxyType(
    {
        "depots": STORE_KINDS,
        "collectes": ("campaign", "exception"),
        "membres": (EventKind.MEMBER_CHANGED, EventKind.MEMBER_REMOVED, EventKind.MEMBER_ERASED),
        "connexions": (
            EventKind.LINK_MADE,
            EventKind.SIGNED_IN,
            EventKind.SIGNED_OUT,
            EventKind.SIGNED_OUT_EVERYWHERE,
        ),
        "gestion": (EventKind.MANAGEMENT_EXPORTED, EventKind.LOOKED_THROUGH),
    }
)
"""Kinds of entries by the word in the address; without one, all."""
END_OF_TIME: Final = datetime.max.replace(tzinfo=UTC).replace(tzinfo=None)
"""Entries of a clock that was ahead are shown too."""
FILE_STEM: Final = "journal"
LIST_COLUMNS: Final = ("moment_utc", "auteur", "quoi", "detail")


@dataclass(frozen=True)
class JournalEntry:
    """An entry: its moment in UTC, its author as recorded, its kind, and what it says beside these."""

    at: datetime
    author: str
    kind: str
    detail: str


def render(context: PageContext) -> None:
    """Render the filters, the newest entries that they leave, and the way to older ones."""
    t = context.t
    context.set_title(t("journal.title"))
    draw_html(heading(1, t("journal.title"), t("journal.intro")))
    context.segmented(
        KIND_PARAM, t("journal.kind"), {"": t("journal.all")} | {name: t(f"journal.{name}") for name in KINDS}
    )
    before = _before(context)
    with context.app_state.network.snapshot() as snapshot:
        entries = _entries(context, snapshot, before, ENTRIES_PER_PAGE + 1)
        shown = entries[:ENTRIES_PER_PAGE]
        if not shown:
            draw_html(notice(t("journal.none"), *_back_links(context)))
            return
        draw_html(_table_html(context, shown) + _paging_html(context, entries))
    _render_downloads(context)


def _before(context: PageContext) -> datetime:
    """Return the moment of the address before which entries are shown; that of the request if it has none."""
    try:
        return datetime.fromisoformat(context.params.get(BEFORE_PARAM, "")).replace(tzinfo=None)
    except ValueError:
        return END_OF_TIME


def _entries(context: PageContext, snapshot: Snapshot, before: datetime, limit: int) -> list[JournalEntry]:
    """Return the newest entries of store and accounts before a moment, newest first."""
    kinds, author = KINDS.get(context.params.get(KIND_PARAM, "")), context.params.get(AUTHOR_PARAM)
    records = store_records(snapshot, before, limit, kinds, author)
    events = list_events(context.app_state.network.accounts, before, limit, kinds, author)
    entries = [*(_of_record(context, each) for each in records), *(_of_event(context, each) for each in events)]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:limit]


def _of_record(context: PageContext, record: StoreRecord) -> JournalEntry:
    t = context.t
    if record.period is not None and record.dataset is None:
        names = filter(None, (format_period(Period.parse(record.period), t), record.structure, record.comment))
        detail = " · ".join(names)
    elif record.withdraws:
        detail = t("journal.detail.withdrawal", deposit=record.withdraws[:8], reason=record.comment or "–")
    else:
        dataset = t(t.first_existing(f"dataset.{record.dataset}", "history.erased"))
        detail = t("journal.detail.deposit", dataset=dataset, count=record.rows_accepted, file=record.file_name or "–")
    return JournalEntry(record.at, record.author, record.kind, detail)


def _of_event(context: PageContext, event: Event) -> JournalEntry:
    """Return the entry of an event: of whom it is, where that is not its author, and its detail."""
    about = context.author_label(event.person) if event.person and event.person != event.author else ""
    detail_words = event.detail or ""
    if event.kind in (EventKind.MEMBER_CHANGED, EventKind.MEMBER_REMOVED):
        role, _, where = detail_words.partition(" ")
        detail_words = f"{context.t(f'role.{role}')} · {where}"
    detail = " · ".join(filter(None, (about, detail_words)))
    return JournalEntry(event.at, event.author, event.kind.value, detail)


def _table_html(context: PageContext, entries: Sequence[JournalEntry]) -> Markup:
    t = context.t
    headers = [t(f"journal.column.{name}") for name in ("moment", "author", "kind", "detail")]
    rows = [
        [
            HtmlCell(format_moment(context.local(entry.at), t)),
            HtmlCell(
                link(
                    context.url(**{AUTHOR_PARAM: entry.author, BEFORE_PARAM: None}), context.author_label(entry.author)
                )
            ),
            HtmlCell(t(f"journal.kind.{entry.kind}")),
            HtmlCell(entry.detail),
        ]
        for entry in entries
    ]
    return table(t("journal.caption", zone=st.context.timezone or "UTC"), headers, rows)


def _paging_html(context: PageContext, entries: Sequence[JournalEntry]) -> Markup:
    t, links = context.t, _back_links(context)
    if len(entries) > ENTRIES_PER_PAGE:
        oldest = entries[ENTRIES_PER_PAGE - 1].at.isoformat()
        links = [*links, link(context.url(**{BEFORE_PARAM: oldest}), t("journal.older"))]
    return markup('<p class="links">{}</p>', Markup(" · ").join(links)) if links else Markup()


def _back_links(context: PageContext) -> list[Markup]:
    """Return the link to the whole journal, if only a part of it is shown."""
    is_part = any(context.params.get(name) for name in (AUTHOR_PARAM, BEFORE_PARAM))
    return [link(context.url(**{AUTHOR_PARAM: None, BEFORE_PARAM: None}), context.t("journal.whole"))] * is_part


def _render_downloads(context: PageContext) -> None:
    """Draw the download buttons of what the filters leave, whole; files are written on click."""
    t = context.t

    def rows() -> list[Sequence[CellValue]]:
        with context.app_state.network.snapshot() as snapshot:
            entries = _entries(context, snapshot, _before(context), MAX_DOWNLOADED_ENTRIES)
        return [
            (each.at.isoformat(sep=" ", timespec="seconds"), each.author, t(f"journal.kind.{each.kind}"), each.detail)
            for each in entries
        ]

    with st.container(horizontal=True, key="taken"):
        csv_name, xlsx_name = (f"{FILE_STEM}.{ending}" for ending in ("csv", "xlsx"))
        context.offer_download(
            t("follow.csv"), lambda: rows_to_csv(LIST_COLUMNS, rows(), SPREADSHEET), csv_name, "text/csv", "taken csv"
        )
        context.offer_download(
            t("follow.xlsx"), lambda: list_workbook(LIST_COLUMNS, rows()), xlsx_name, XLSX_TYPE, "taken xlsx"
        )
    draw_html(markup('<p class="dialect">{}</p>', t("dialect.spreadsheet")))
