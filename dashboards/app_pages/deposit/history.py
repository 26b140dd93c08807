"""What has been deposited before, newest first: each deposit with its verdict, its file, and how to take it back."""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import polars as pl
import streamlit as st

from dashboards.app_pages.deposit.campaign import Choice
from dashboards.app_pages.deposit.impact import gone_list
from dashboards.app_pages.deposit.receipt import receipt_html, receipt_json
from dashboards.app_pages.page_context import Visit
from dashboards.components.html import details, heading, pictogram, text
from dashboards.web.logging_setup import facts
from dashboards.wording import formatting as numbers
from dashboards.wording.finding_messages import message
from dashboards.wording.translations import Words
from indicators.errors import StoreError, UnknownError
from indicators.network import Reading
from indicators.queries.deposits.deposit_history import (
    Deposited,
    Restored,
    deposited,
    lost_by_withdrawal,
    restored,
    taken_away,
)
from indicators.store.deposits import Receipt, content_of, withdraw
from schemas.findings import Finding, Severity

LOG: Final = logging.getLogger(__name__)
SHOWN: Final = 30
"""Deposits listed on the page; the command line lists them all."""
UNFOLDED: Final = 6
"""Deposits that are shown at once; the others are folded."""
DEPOSIT: Final = "depot"


def history(visit: Visit, choice: Choice) -> None:
    """List the newest deposits, of the structure chosen or of all, and open the one that is asked for."""
    words = visit.words
    owner = choice.structure
    with visit.house.network.reading() as reading:
        found = deposited(reading, owner.id if owner else None, SHOWN + 1)
        title = words("history.of", name=owner.name) if owner else words("history.title")
        if not found:
            st.html(heading(2, title) + f"<p>{text(words('history.none'))}</p>")
            return
        gone = taken_away(reading, [each.receipt.deposit for each in found[:SHOWN]])
        counts = dict(gone.group_by("deposit").len().iter_rows())
        st.html(heading(2, title, text(words("history.order"))) + _listed(found, counts, words))
        _open(visit, reading, {each.receipt.deposit: each for each in found[:SHOWN]})


def _listed(found: Sequence[Deposited], gone: Mapping[str, int], words: Words) -> str:
    """Return the list of the deposits, the older ones folded; `gone` counts the figures that each took away."""
    items = [_item(each, gone.get(each.receipt.deposit, 0), words) for each in found[:SHOWN]]
    html = f'<ol class="deposits">{"".join(items[:UNFOLDED])}</ol>'
    if older := items[UNFOLDED:]:
        more = f'<p class="under">{text(words("history.more", count=SHOWN))}</p>' if len(found) > SHOWN else ""
        html += details(words("history.older", count=len(older)), f'<ol class="deposits">{"".join(older)}</ol>{more}')
    return html


def _item(each: Deposited, gone: int, words: Words) -> str:
    """Return a deposit in the list: its file, what became of it, when, how much, by whom and with what comment."""
    made, taken = each.receipt, each.withdrawal
    sign = "absent" if taken else "met"
    aside = (
        numbers.moment(made.submitted_at, words),
        words(f"dataset.{made.dataset}"),
        words("history.counted", count=made.rows_accepted),
        *([words("history.taken_away", count=gone)] if gone else []),
        made.author,
    )
    comment = f"<p>{text(words('history.said', comment=made.comment))}</p>" if made.comment else ""
    name = text(_file_name(made, words))
    return (
        f'<li class="{"taken" if taken else "kept"}"><p>{pictogram(sign)} <strong>{name}</strong>'
        f' <span class="state">{text(_state(each, words))}</span></p><p class="aside">{text(" · ".join(aside))}</p>'
        f"{comment}{_taken(each, words)}</li>"
    )


def _file_name(receipt: Receipt, words: Words) -> str:
    """Return the name of a deposit's file; of one that was erased, that it was."""
    return receipt.file_name or words("history.erased")


def _state(each: Deposited, words: Words) -> str:
    if each.withdrawal:
        return words("history.withdrawn")
    return words("history.confirmed" if each.confirmed else "history.accepted")


def _taken(each: Deposited, words: Words) -> str:
    """Say when, by whom and why a deposit was taken back."""
    if each.withdrawal is None:
        return ""
    moment = numbers.moment(each.withdrawal.submitted_at, words)
    told = words("history.taken", moment=moment, author=each.withdrawal.author, because=each.withdrawal.because)
    return f"<p>{text(told)}</p>"


def _open(visit: Visit, reading: Reading, found: dict[str, Deposited]) -> None:
    """Let one deposit be chosen: its file as it came, its receipt, and how to take it back."""
    words = visit.words
    with st.container(horizontal=True, key="choices-deposit", vertical_alignment="bottom"):
        chosen = visit.choose(DEPOSIT, words("history.choose"), list(found), lambda code: _name(found[code], words))
    if chosen is None:
        return
    each = found[chosen]
    gone = taken_away(reading, [each.receipt.deposit])
    told = gone_list(gone, reading.structures, reading.catalogue, words("receipt.taken_away", count=gone.height), words)
    if told:
        st.html(told)
    _files(visit, reading, each.receipt, gone)
    if each.withdrawal is None:
        st.html(_consequence(restored(reading, each.receipt), words) + _lost(reading, each.receipt, words))
        _withdraw(visit, each.receipt)
    else:
        st.html(_taken(each, words))


def _name(each: Deposited, words: Words) -> str:
    return f"{numbers.moment(each.receipt.submitted_at, words)} · {_file_name(each.receipt, words)}"


def _lost(reading: Reading, receipt: Receipt, words: Words) -> str:
    """List the figures that a withdrawal would take away, with their values."""
    lost = lost_by_withdrawal(reading, receipt.deposit)
    return gone_list(lost, reading.structures, reading.catalogue, words("withdraw.lost", count=lost.height), words)


def _files(visit: Visit, reading: Reading, receipt: Receipt, gone: pl.DataFrame) -> None:
    """Offer the file as it was deposited, and its receipt."""
    words, lake = visit.words, visit.house.network.lake
    name = f"{words('receipt.file_name')}-{receipt.deposit[:8]}"
    with st.container(horizontal=True, key="deposit files of history"):
        original: tuple[str, str | Callable[[], bytes], str, str] = (
            "history.original",
            partial(content_of, lake, receipt.deposit),
            receipt.file_name or receipt.deposit,
            "application/octet-stream",
        )
        for key, content, file_name, mime in (
            *([] if receipt.is_erased else [original]),
            (
                "receipt.html",
                receipt_html(receipt, gone, reading.structures, reading.catalogue, words),
                f"{name}.html",
                "text/html",
            ),
            ("receipt.json", receipt_json(receipt, gone), f"{name}.json", "application/json"),
        ):
            st.download_button(words(key), content, file_name, mime, key=f"past {key}", on_click="ignore")


def _consequence(found: Sequence[Restored], words: Words) -> str:
    """Say what would be in force again if the deposit were taken back."""
    told = []
    for each in found:
        if each.submitted_at is None:
            told.append(words("withdraw.nothing", count=each.keys))
        else:
            moment = numbers.moment(each.submitted_at, words)
            told.append(words("withdraw.former", count=each.keys, file=each.file_name, moment=moment))
    if not told:
        return f"<p>{text(words('withdraw.without'))}</p>"
    listed = "".join(f"<li>{text(line)}</li>" for line in told)
    return f'<div class="due"><p>{text(words("withdraw.would"))}</p><ul>{listed}</ul></div>'


def _withdraw(visit: Visit, receipt: Receipt) -> None:
    """Take a deposit back, with a reason."""
    words = visit.words
    reason = st.text_input(words("withdraw.reason"), key=f"withdrawal {receipt.deposit}", max_chars=300)
    if not st.button(words("withdraw.do"), key=f"withdraw {receipt.deposit}"):
        return
    if not reason.strip():
        st.html(_notice(words("withdraw.reason.missing")))
        return
    try:
        withdraw(
            visit.house.network.lake,
            receipt.deposit,
            reason.strip(),
            words("deposit.author"),
            visit.house.clock.now(),
        )
    except UnknownError:
        st.html(_notice(words("withdraw.already")))
        return
    except StoreError:
        LOG.exception("withdrawal of %s", receipt.deposit)
        st.html(_notice(message(Finding("S01", Severity.BLOCKING), words)))
        return
    LOG.info("deposit withdrawn", extra=facts(deposit=receipt.deposit))
    st.rerun()


def _notice(told: str) -> str:
    return f'<div class="notice" role="alert"><p>{text(told)}</p></div>'
