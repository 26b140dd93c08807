"""The journal: who deposited, withdrew, changed a member, signed in or took management figures away, newest first."""

import re
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
from dashboards.wording.perimeter_names import name_perimeter
from indicators.accounts.events import Event, EventKind, list_events
from indicators.csv_files import SPREADSHEET, CellValue, rows_to_csv
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.periods import Period
from indicators.errors import UnknownError
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
        "collectes": ("campaign", "exception", EventKind.REMINDED),
        "membres": (EventKind.MEMBER_CHANGED, EventKind.MEMBER_REMOVED, EventKind.MEMBER_ERASED),
        "connexions": (
            EventKind.LINK_MADE,
            EventKind.SIGNED_IN,
            EventKind.SIGNED_OUT,
            EventKind.SIGNED_OUT_EVERYWHERE,
        ),
        "gestion": (
            EventKind.MANAGEMENT_EXPORTED,
            EventKind.LOOKED_THROUGH,
            EventKind.FEED_MADE,
            EventKind.FEED_REVOKED,
        ),
    }
)
"""Kinds of entries by the word in the address; without one, all."""
SEPARATOR: Final = "~"
RECORD, EVENT = "d", "e"
"""Sources of entries: deposits of the store, events of the accounts. At one moment, the former come first."""
NAMED_ENTRY: Final = re.compile(rf"[{RECORD}{EVENT}]\d{{1,15}}", re.ASCII)
MAX_NUMBER: Final = 10**15
FILE_STEM: Final = "journal"
LIST_COLUMNS: Final = ("moment_utc", "auteur", "quoi", "membre", "detail")


@dataclass(frozen=True)
class Place:
    """A place in the journal, after which older entries follow.

    Of the entries of its very moment, the records of the store whose sequence is below one number follow, then the
    events whose number is below another: several entries may have one moment.
    """

    at: datetime
    below_sequence: int = 0
    below_number: int = 0

    @classmethod
    def parse(cls, code: str) -> "Place":
        """Read a place as `code` writes it, or its moment alone; of what cannot be read, the newest entry follows."""
        moment, _, name = code.partition(SEPARATOR)
        try:
            at = datetime.fromisoformat(moment).replace(tzinfo=None)
        except ValueError:
            return NEWEST
        if not NAMED_ENTRY.fullmatch(name):
            return cls(at)
        number = int(name[1:])
        return cls(at, number, MAX_NUMBER) if name[0] == RECORD else cls(at, 0, number)


# Entries of a clock that was ahead are shown too.
NEWEST: Final = Place(datetime.max.replace(tzinfo=UTC).replace(tzinfo=None))


@dataclass(frozen=True)
class JournalEntry:
    """An entry: its moment in UTC, its author as recorded, its kind, and what it says beside these.

    `person` is the pseudonym of the member that it is about, if that is not its author; `source` and `number` order
    the entries of one moment.
    """

    at: datetime
    source: str
    number: int
    author: str
    kind: str
    person: str | None
    detail: str

    @property
    def code(self) -> str:
        """The place of the entry, as the address of the next page has it."""
        return f"{self.at.isoformat()}{SEPARATOR}{self.source}{self.number}"


def render(context: PageContext) -> None:
    """Render the filters, the newest entries that they leave, and the way to older ones."""
    t = context.t
    context.set_title(t("journal.title"))
    draw_html(heading(1, t("journal.title"), t("journal.intro")))
    context.segmented(
        KIND_PARAM, t("journal.kind"), {"": t("journal.all")} | {name: t(f"journal.{name}") for name in KINDS}
    )
    with context.app_state.network.snapshot() as snapshot:
        entries = _entries(context, snapshot, ENTRIES_PER_PAGE + 1)
        shown = entries[:ENTRIES_PER_PAGE]
        if not shown:
            draw_html(notice(t("journal.none"), *_back_links(context)))
            return
        draw_html(_table_html(context, shown) + _paging_html(context, entries))
    _render_downloads(context)


def _entries(context: PageContext, snapshot: Snapshot, limit: int) -> list[JournalEntry]:
    """Return the newest entries of store and accounts after the place of the address, newest first."""
    kinds, author = KINDS.get(context.params.get(KIND_PARAM, "")), context.params.get(AUTHOR_PARAM)
    place, accounts = Place.parse(context.params.get(BEFORE_PARAM, "")), context.app_state.network.accounts
    records = store_records(snapshot, place.at, limit, kinds, author, place.below_sequence)
    events = list_events(accounts, place.at, limit, kinds, author, place.below_number)
    entries = [
        *(_of_record(context, snapshot, each) for each in records),
        *(_of_event(context, snapshot, each) for each in events),
    ]
    # Both come in this order already, and keep it where moments are equal.
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:limit]


def _of_record(context: PageContext, snapshot: Snapshot, record: StoreRecord) -> JournalEntry:
    t = context.t
    if record.period is not None and record.dataset is None:
        where = record.structure and _perimeter_name(context, snapshot, record.structure)
        detail = " · ".join(filter(None, (format_period(Period.parse(record.period), t), where, record.comment)))
    elif record.withdraws:
        detail = t("journal.detail.withdrawal", deposit=record.withdraws[:8], reason=record.comment or "–")
    else:
        dataset = t(t.first_existing(f"dataset.{record.dataset}", "history.erased"))
        detail = t("journal.detail.deposit", dataset=dataset, count=record.rows_accepted, file=record.file_name or "–")
    return JournalEntry(record.at, RECORD, record.sequence, record.author, record.kind, None, detail)


def _perimeter_name(context: PageContext, snapshot: Snapshot, code: str) -> str:
    """Return the name of a perimeter; the code of one that never was, or of which nothing is left."""
    try:
        return name_perimeter(context.t, snapshot, Perimeter.parse(code))
    except (UnknownError, KeyError):
        return code


def _of_event(context: PageContext, snapshot: Snapshot, event: Event) -> JournalEntry:
    """Return the entry of an event: whom it is about, where that is not its author, and its detail."""
    person = event.person if event.person != event.author else None
    detail = event.detail or ""
    if event.kind in (EventKind.MEMBER_CHANGED, EventKind.MEMBER_REMOVED):
        role, _, where = detail.partition(" ")
        detail = f"{context.t(f'role.{role}')} · {_perimeter_name(context, snapshot, where)}"
    if event.kind is EventKind.REMINDED:
        code, period, count = detail.split(" ")
        detail = context.t(
            "journal.detail.reminded",
            perimeter=_perimeter_name(context, snapshot, code),
            period=format_period(Period.parse(period), context.t),
            count=int(count),
        )
    return JournalEntry(event.at, EVENT, event.number, event.author, event.kind.value, person, detail)


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
            HtmlCell(" · ".join(filter(None, (entry.person and context.author_label(entry.person), entry.detail)))),
        ]
        for entry in entries
    ]
    return table(t("journal.caption", zone=context.zone.key), headers, rows)


def _paging_html(context: PageContext, entries: Sequence[JournalEntry]) -> Markup:
    t, links = context.t, _back_links(context)
    if len(entries) > ENTRIES_PER_PAGE:
        oldest = entries[ENTRIES_PER_PAGE - 1]
        links = [*links, link(context.url(**{BEFORE_PARAM: oldest.code}), t("journal.older"))]
    return markup('<p class="links">{}</p>', Markup(" · ").join(links)) if links else Markup()


def _back_links(context: PageContext) -> list[Markup]:
    """Return the link to the whole journal, if only a part of it is shown."""
    is_part = any(context.params.get(name) for name in (AUTHOR_PARAM, BEFORE_PARAM))
    return [link(context.url(**{AUTHOR_PARAM: None, BEFORE_PARAM: None}), context.t("journal.whole"))] * is_part


def _render_downloads(context: PageContext) -> None:
    """Draw the download buttons of what the filters leave, whole; files are written on click.

    In a file, which is kept and passed on, members are pseudonyms: no address could be erased from it.
    """
    t = context.t

    def rows() -> list[Sequence[CellValue]]:
        with context.app_state.network.snapshot() as snapshot:
            entries = _entries(context, snapshot, MAX_DOWNLOADED_ENTRIES)
        return [
            (
                each.at.isoformat(sep=" ", timespec="seconds"),
                each.author,
                t(f"journal.kind.{each.kind}"),
                each.person,
                each.detail,
            )
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
