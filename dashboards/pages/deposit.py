"""The deposit page: choose what is collected, drop files, read what is said of them, confirm, keep the receipt."""

import json
from collections.abc import Mapping
from typing import Final

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboards import numbers
from dashboards.findings_table import findings_table, verdict
from dashboards.markup import Cell, facts, heading, link, table, text
from dashboards.visit import Visit
from indicators.intake.deposit import Accepted, check, deposit
from indicators.intake.examine import Examination, Verdict
from indicators.intake.rules import Collected
from indicators.intake.template import template
from indicators.perimeters import Structures
from indicators.periods import Frequency, Period
from indicators.store.deposits import Receipt, history, new_deposit_id

SHOWN: Final = 12
"""Deposits listed under the form; the command line lists them all."""
QUARTERS: Final = 12
"""Quarters that can be chosen, back from the newest that is over."""
RECEIPTS: Final = "receipts"


def page(visit: Visit) -> None:
    """Draw the form, what is said of the files dropped on it, and the latest deposits."""
    words = visit.words
    st.html(heading(1, words("deposit.title"), text(words("deposit.intro"))))
    with visit.house.network.reading() as reading:
        structures = reading.structures
        collected = _choose(visit, structures)
        owner = structures[collected.structure] if collected.structure else None
        to_fill = template(reading, "measures", owner, collected.period)
    st.download_button(words("deposit.template"), to_fill.encode(), "measures.csv", "text/csv")
    st.html(
        f"<style>:root{{--upload-button:'{words('deposit.upload')}';--upload-limit:'{words('deposit.limit')}'}}</style>"
    )
    with st.container(key="upload"):
        files = st.file_uploader(
            words("deposit.drop"), type=["csv", "txt", "parquet"], accept_multiple_files=True, key="files"
        )
    for file in files:
        _file(visit, file, collected)
    _latest(visit)


def _choose(visit: Visit, structures: Structures) -> Collected:
    """Let the depositor say for whom and for when; what is left open is read from the file."""
    words = visit.words
    newest = Period.latest_ended(visit.today, Frequency.QUARTER)
    periods = {period.code: period for period in reversed(newest.last(QUARTERS))}
    with st.container(horizontal=True, key="choices", vertical_alignment="bottom"):
        structure = visit.choose(
            "structure", words("deposit.structure"), list(structures.by_id), lambda code: structures[code].name
        )
        period = visit.choose(
            "periode", words("deposit.period"), list(periods), lambda code: numbers.period(periods[code], words)
        )
    return Collected(periods.get(period or ""), structure)


def _file(visit: Visit, file: UploadedFile, collected: Collected) -> None:
    """Say what becomes of one file and, if nothing stands against it, let it be deposited."""
    words = visit.words
    receipts: dict[str, Receipt] = st.session_state.setdefault(RECEIPTS, {})
    if file.file_id in receipts:
        _receipt(visit, receipts[file.file_id])
        return
    with st.spinner(words("deposit.reading", name=file.name)):
        examination = check(visit.house.network, file.getvalue(), file.name, collected, visit.today)
    st.html(verdict(examination, words) + findings_table(examination.findings, words))
    if examination.verdict is Verdict.REFUSED:
        return
    comment = None
    if examination.verdict is Verdict.TO_CONFIRM:
        comment = st.text_area(words("deposit.comment"), key=f"comment {file.file_id}", max_chars=500)
    # Made once for the file: a second click, or a retry after a lost answer, stores nothing twice.
    deposit_id = st.session_state.setdefault(f"deposit {file.file_id}", new_deposit_id())
    if st.button(
        words("deposit.confirm", count=examination.rows_accepted), key=f"confirm {file.file_id}", type="primary"
    ):
        _deposit(visit, examination, comment, deposit_id, file.file_id)


def _deposit(visit: Visit, examination: Examination, comment: str | None, deposit_id: str, file_id: str) -> None:
    words = visit.words
    outcome = deposit(visit.house.network, examination, words("deposit.author"), comment, deposit_id)
    match outcome:
        case Accepted(_, receipt):
            st.session_state[RECEIPTS][file_id] = receipt
            st.rerun()
        case _:
            st.warning(words("deposit.comment.missing"))


def _receipt(visit: Visit, receipt: Receipt) -> None:
    """Show the proof of a deposit, to be kept."""
    words = visit.words
    told: Mapping[str, str] = {
        "file": receipt.file_name or "",
        "deposit": receipt.deposit,
        "moment": numbers.moment(receipt.submitted_at, words),
        "rows": numbers.count(receipt.rows_accepted, words.language),
        "sha256": receipt.sha256 or "",
    }
    st.html(
        f'<div class="verdict accepted">{heading(2, words("receipt.title"))}</div>'
        + facts((words(f"receipt.{name}"), text(value)) for name, value in told.items())
        + f'<p class="links">{link(visit.link(""), words("receipt.network"))}</p>'
    )
    st.download_button(
        words("receipt.download"),
        json.dumps(vars(receipt), ensure_ascii=False, default=str, indent=1),
        f"{receipt.deposit}.json",
        "application/json",
        key=f"receipt {receipt.deposit}",
    )


def _latest(visit: Visit) -> None:
    """List the latest deposits."""
    words = visit.words
    receipts = history(visit.house.network.lake)
    if not receipts:
        st.html(heading(2, words("deposit.history")) + f"<p>{text(words('history.empty'))}</p>")
        return
    rows = [
        [
            Cell(text(numbers.moment(receipt.submitted_at, words))),
            Cell(text(receipt.file_name or words("history.withdraws", deposit=(receipt.withdraws or "")[:8]))),
            Cell(text(words(words.either(f"dataset.{receipt.dataset}", "dataset.unknown")))),
            Cell(text(numbers.count(receipt.rows_accepted, words.language)), numeric=True),
            Cell(text(receipt.author)),
        ]
        for receipt in receipts[:SHOWN]
    ]
    headers = [words(f"history.{name}") for name in ("moment", "file", "dataset", "rows", "author")]
    st.html(heading(2, words("deposit.history")) + table(words("deposit.history.caption"), headers, rows))
