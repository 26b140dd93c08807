"""The receipt of a deposit, on the page and as files, with links to the boards that it changed."""

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.deposit.impact import removed_figures_html
from dashboards.app_pages.page_context import PageContext
from dashboards.components.approvals import APPROVAL_SIGNS, decisions_html
from dashboards.components.draw import draw_html
from dashboards.components.findings_table import verdict_block
from dashboards.components.html import NO_HTML, facts, heading, join, link, markup
from dashboards.components.theme import style_element
from dashboards.wording.formatting import format_count, format_moment
from dashboards.wording.translations import Translator
from indicators.definitions.catalogue import Catalogue
from indicators.definitions.perimeters import Structures
from indicators.definitions.periods import Frequency, Period
from indicators.queries.deposits.approvals import find_approval
from indicators.queries.deposits.deposit_history import AffectedStructure, affected_structures, retracted_figures
from indicators.store.deposits import Receipt

MAX_BOARD_LINKS: Final = 6
"""Structures' boards linked to; beyond, only the network's."""


def render_receipt(context: PageContext, receipt: Receipt) -> None:
    """Render the receipt, its downloads and the links to the changed boards."""
    t, receipt = context.t, context.named(receipt)
    with context.app_state.network.snapshot() as snapshot:
        is_withdrawn = receipt.deposit in snapshot.withdrawn
        approval = find_approval(snapshot, receipt.deposit)
        boards = affected_structures(snapshot, receipt.deposit, MAX_BOARD_LINKS + 1)
        names = {found.structure: snapshot.structures[found.structure].name for found in boards}
        removed = retracted_figures(snapshot, [receipt.deposit])
        structures, catalogue = snapshot.structures, snapshot.catalogue
    title = t("receipt.withdrawn" if is_withdrawn else "receipt.title")
    kind, sign = ("taken", "absent") if is_withdrawn else ("accepted", "met")
    if approval:
        sign = APPROVAL_SIGNS[approval.state]
        title = t(f"receipt.{approval.state}")
    draw_html(
        verdict_block(kind, sign, receipt.file_name or "", title, t)
        + (decisions_html(context.named_decisions(approval.decisions), t) if approval else NO_HTML)
        + facts(_fact_pairs(receipt, t))
        + removed_figures_html(removed, structures, catalogue, t("receipt.taken_away", count=removed.height), t)
        + markup('<p class="links">{}</p>', join(_board_links(context, boards, names)))
    )
    with st.container(horizontal=True, key=f"receipt {receipt.deposit}"):
        for kind, content, mime in (
            ("html", partial(receipt_html, receipt, removed, structures, catalogue, t), "text/html"),
            ("json", partial(receipt_json, receipt, removed), "application/json"),
        ):
            context.offer_download(
                t(f"receipt.{kind}"),
                content,
                f"{t('receipt.file_name')}-{receipt.deposit[:8]}.{kind}",
                mime,
                f"receipt {kind} {receipt.deposit}",
            )


def receipt_json(receipt: Receipt, removed: pl.DataFrame) -> str:
    """Return a receipt for programs; `removed` holds the figures that the deposit removed (`taken_away`)."""
    fields = {**vars(receipt), "taken_away": removed.drop("deposit").to_dicts()}
    return json.dumps(fields, ensure_ascii=False, default=str, indent=1)


def receipt_html(
    receipt: Receipt, removed: pl.DataFrame, structures: Structures, catalogue: Catalogue, t: Translator
) -> Markup:
    """Return a receipt for people, as a printable page of its own; `removed` as in `receipt_json`."""
    name = f"{t('receipt.name')} · {t('site.name')}"
    return markup(
        '<!doctype html><html lang="{}"><meta charset="utf-8"><title>{}</title>{}'
        '<body class="alone"><div class="stHtml">{}'
        "{}"
        "{}"
        "</div></body></html>\n",
        t.language,
        name,
        style_element(),
        heading(1, t("receipt.name"), t("receipt.proof")),
        facts(_fact_pairs(receipt, t)),
        removed_figures_html(removed, structures, catalogue, t("receipt.taken_away", count=removed.height), t),
    )


def _fact_pairs(receipt: Receipt, t: Translator) -> Iterator[tuple[str, str]]:
    """Yield the facts of a receipt: file, dataset, rows, moment, author, comment, deposit id, digest."""
    values = {
        "file": receipt.file_name or "",
        "dataset": t(f"dataset.{receipt.dataset}"),
        "rows": t("receipt.counted", count=receipt.rows_accepted, read=format_count(receipt.rows_read, t.language)),
        "moment": format_moment(receipt.submitted_at, t),
        **_clock_fact(receipt, t),
        "author": receipt.author,
        "comment": receipt.comment or t("receipt.no_comment"),
        "deposit": receipt.deposit,
        "sha256": receipt.sha256 or "",
    }
    for name, value in values.items():
        is_code = name in {"deposit", "sha256"}
        yield t(f"receipt.{name}"), markup("<code>{}</code>", value) if is_code else value


def _clock_fact(receipt: Receipt, t: Translator) -> dict[str, str]:
    """Return a warning if the clock was behind a moment already stored; empty otherwise."""
    if receipt.newer_moment is None:
        return {}
    moments = {"moment": receipt.submitted_at, "newer": receipt.newer_moment}
    formatted_moments = {name: format_moment(moment, t) for name, moment in moments.items()}
    return {"clock": t("receipt.clock_behind", **formatted_moments)}


def _board_links(context: PageContext, boards: Sequence[AffectedStructure], names: dict[str, str]) -> Iterator[Markup]:
    """Yield links to the boards that a deposit changed: those of a few structures, then the network's."""
    if len(boards) <= MAX_BOARD_LINKS:
        for board in boards:
            quarter = Period.containing(board.ends, Frequency.QUARTER).code if board.ends else None
            board_url = context.link("structure", structure=board.structure, periode=quarter)
            yield link(board_url, context.t("receipt.board", name=names[board.structure]))
    yield link(context.link(""), context.t("receipt.network"))
