"""The receipt of a deposit: what the depositor keeps, on the page and as files, and the boards that it changed."""

import json
from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl
import streamlit as st

from dashboards.app_pages.deposit.impact import gone_list
from dashboards.app_pages.page_context import Visit
from dashboards.components.html import facts, heading, link, pictogram, text
from dashboards.components.theme import style
from dashboards.wording import formatting as numbers
from dashboards.wording.translations import Words
from indicators.definitions.catalogue import Catalogue
from indicators.definitions.perimeters import Structures
from indicators.definitions.periods import Frequency, Period
from indicators.queries.deposits.deposit_history import Touched, taken_away, touched
from indicators.store.deposits import Receipt

BOARDS: Final = 6
"""Boards that are linked to; beyond, the network's is."""


def receipt_of(visit: Visit, receipt: Receipt) -> None:
    """Show the proof of a deposit, offer it as files, and lead to what it changed."""
    words = visit.words
    with visit.house.network.reading() as reading:
        taken_back = receipt.deposit in reading.withdrawn
        boards = touched(reading, receipt.deposit, BOARDS + 1)
        names = {found.structure: reading.structures[found.structure].name for found in boards}
        gone = taken_away(reading, [receipt.deposit])
        structures, catalogue = reading.structures, reading.catalogue
    title = words("receipt.withdrawn" if taken_back else "receipt.title")
    sign = pictogram("absent" if taken_back else "met")
    st.html(
        f'<div class="verdict {"taken" if taken_back else "accepted"}">{heading(2, receipt.file_name or "")}'
        f'<p class="told">{sign} <strong>{text(title)}</strong></p></div>'
        + facts(_facts(receipt, words))
        + gone_list(gone, structures, catalogue, words("receipt.taken_away", count=gone.height), words)
        + f'<p class="links">{"".join(_boards(visit, boards, names))}</p>'
    )
    with st.container(horizontal=True, key=f"receipt {receipt.deposit}"):
        for kind, content, mime in (
            ("html", receipt_html(receipt, gone, structures, catalogue, words), "text/html"),
            ("json", receipt_json(receipt, gone), "application/json"),
        ):
            st.download_button(
                words(f"receipt.{kind}"),
                content,
                f"{words('receipt.file_name')}-{receipt.deposit[:8]}.{kind}",
                mime,
                key=f"receipt {kind} {receipt.deposit}",
                on_click="ignore",
            )


def receipt_json(receipt: Receipt, gone: pl.DataFrame) -> str:
    """Write a receipt for programs; `gone` holds the figures that the deposit took away (`taken_away`)."""
    told = {**vars(receipt), "taken_away": gone.drop("deposit").to_dicts()}
    return json.dumps(told, ensure_ascii=False, default=str, indent=1)


def receipt_html(
    receipt: Receipt, gone: pl.DataFrame, structures: Structures, catalogue: Catalogue, words: Words
) -> str:
    """Write a receipt for people, as a page of its own that can be printed; `gone` as in `receipt_json`."""
    name = text(f"{words('receipt.name')} · {words('site.name')}")
    return (
        f'<!doctype html><html lang="{words.language}"><meta charset="utf-8"><title>{name}</title>{style()}'
        f'<body class="alone"><div class="stHtml">{heading(1, words("receipt.name"), text(words("receipt.proof")))}'
        f"{facts(_facts(receipt, words))}"
        f"{gone_list(gone, structures, catalogue, words('receipt.taken_away', count=gone.height), words)}"
        "</div></body></html>\n"
    )


def _facts(receipt: Receipt, words: Words) -> Iterator[tuple[str, str]]:
    """Yield what a receipt proves: what, when, by whom, under which number, with which digest."""
    told = {
        "file": receipt.file_name or "",
        "dataset": words(f"dataset.{receipt.dataset}"),
        "rows": words(
            "receipt.counted", count=receipt.rows_accepted, read=numbers.count(receipt.rows_read, words.language)
        ),
        "moment": numbers.moment(receipt.submitted_at, words),
        **_clock(receipt, words),
        "author": receipt.author,
        "comment": receipt.comment or words("receipt.no_comment"),
        "deposit": receipt.deposit,
        "sha256": receipt.sha256 or "",
    }
    for name, value in told.items():
        code = name in {"deposit", "sha256"}
        yield words(f"receipt.{name}"), f"<code>{text(value)}</code>" if code else text(value)


def _clock(receipt: Receipt, words: Words) -> dict[str, str]:
    """Say, where it is so, that the clock had not reached a moment already stored."""
    if receipt.newer_moment is None:
        return {}
    moments = {"moment": receipt.submitted_at, "newer": receipt.newer_moment}
    told = {name: numbers.moment(moment, words) for name, moment in moments.items()}
    return {"clock": words("receipt.clock_behind", **told)}


def _boards(visit: Visit, boards: Sequence[Touched], names: dict[str, str]) -> Iterator[str]:
    """Yield links to the boards that a deposit changed: a few structures', else the network's alone."""
    if len(boards) <= BOARDS:
        for found in boards:
            quarter = Period.containing(found.ends, Frequency.QUARTER).code if found.ends else None
            address = visit.link("structure", structure=found.structure, periode=quarter)
            yield link(address, visit.words("receipt.board", name=names[found.structure]))
    yield link(visit.link(""), visit.words("receipt.network"))
