"""One file dropped on the page: read once, told about, given back, confirmed, stored.

Nothing of a file is kept from one showing of the page to the next but what was said of it: its bytes stay where
Streamlit holds them, and what they were read as is let go.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath
from typing import Final

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboards.app_pages.deposit.campaign import Choice
from dashboards.app_pages.deposit.impact import changes
from dashboards.app_pages.deposit.progress import Following
from dashboards.app_pages.deposit.receipt import receipt_of
from dashboards.app_pages.deposit.templates import CSV, XLSX
from dashboards.app_pages.page_context import Visit
from dashboards.components.findings_table import Told, findings_table, verdict
from dashboards.components.html import heading, text
from dashboards.downloads.annotated_workbook import annotated, corrected
from dashboards.web.logging_setup import facts
from dashboards.web.metrics import DEPOSITS, REFUSALS
from dashboards.wording.finding_messages import hint, message
from dashboards.wording.translations import Words
from indicators.intake.deposit import Accepted, ToReword, check, deposit
from indicators.intake.files_out.corrected_copy import can_be_mended
from indicators.intake.impact import Effects, effects
from indicators.intake.validate import Examination, Verdict
from indicators.queries.deposits.deposit_history import receipt
from indicators.store.deposits import new_deposit_id
from schemas.findings import Finding, Severity

LOG: Final = logging.getLogger(__name__)
KEPT: Final = "deposit files"
TYPES: Final = ("csv", "txt", "tsv", "xlsx", "ods", "parquet")
LONGEST_COMMENT: Final = 500


@dataclass(frozen=True)
class Report:
    """What was said of a file: for which choice and which version of the store, and what storing it would change."""

    asked: tuple[object, ...]
    told: Told
    effects: Effects | None


@dataclass
class Kept:
    """What the session keeps of a file: the id of its deposit, made before anything is written, and its report."""

    deposit: str
    report: Report | None = None


def uploaded(visit: Visit) -> Iterator["File"]:
    """Let the depositor drop files, and yield each of them; what was kept of those that are gone is let go."""
    words = visit.words
    files = st.file_uploader(words("uploader.label"), type=list(TYPES), accept_multiple_files=True, key="files")
    kept: dict[str, Kept] = st.session_state.setdefault(KEPT, {})
    for gone in kept.keys() - {file.file_id for file in files}:
        del kept[gone]
    for file in files:
        yield File(visit, file, kept.setdefault(file.file_id, Kept(new_deposit_id())))


@dataclass(frozen=True)
class File:
    """One file on the page."""

    visit: Visit
    file: UploadedFile
    kept: Kept

    @property
    def words(self) -> Words:
        """The reader's words."""
        return self.visit.words

    def show(self, choice: Choice) -> None:
        """Say what becomes of the file and, if nothing stands against it, let it be deposited, then its receipt."""
        try:
            with self.visit.house.network.reading() as reading:
                stored, version = receipt(reading, self.kept.deposit), reading.version
            if stored is None:
                self._report(choice, version)
            else:
                receipt_of(self.visit, stored)
        # Whatever fails here fails on our side: it is said so, nothing is stored, and the log has the traceback.
        except Exception:
            # The log does not name the file: it may be called after a person.
            LOG.exception("a deposit failed")
            st.html(_failure(self.file.name, self.words))

    def _report(self, choice: Choice, version: int) -> None:
        asked = (*choice.code, version, self.visit.today)
        before = self.kept.report
        if before is None or before.asked != asked:
            self.kept.report = self._examine(choice, asked)
        report = self.kept.report
        if report is None:
            return
        told = report.told
        st.html(verdict(told, self.words) + findings_table(told.findings, self.words))
        self._give_back(told, choice)
        if told.verdict is not Verdict.REFUSED:
            if report.effects:
                st.html(changes(self.visit, report.effects))
            # A click that was meant for another report, of before somebody else deposited, stores nothing.
            self._confirm(report, choice, changed=before is not None and before is not report)

    def _examine(self, choice: Choice, asked: tuple[object, ...]) -> Report:
        """Read the file, once for a choice and a version of the store."""
        examination = self._read(choice)
        found = None
        if examination.verdict is Verdict.REFUSED:
            REFUSALS.labels(examination.dataset or "unknown").inc()
            LOG.info("file refused", extra=facts(dataset=examination.dataset, rows=examination.rows_read))
        if examination.verdict is not Verdict.REFUSED:
            found = effects(self.visit.house.network, examination, self.visit.today)
        return Report(asked, Told.of(examination), found)

    def _read(self, choice: Choice) -> Examination:
        content = self.file.getvalue()
        with Following(self.file.name, len(content), self.words) as following:
            return check(
                self.visit.house.network, content, self.file.name, choice.collected, self.visit.today, following.tell
            )

    def _give_back(self, told: Told, choice: Choice) -> None:
        """Offer the file with its findings in its cells and, where corrections are safe, the corrected one."""
        if not told.findings or told.dataset is None:
            return
        stem = PurePath(self.file.name).stem
        offers: list[tuple[str, str, str, Callable[[Examination, Words], bytes | None]]] = [
            ("annotated", f"{stem}-{self.words('returned.suffix.annotated')}.xlsx", XLSX, annotated)
        ]
        if can_be_mended(told.findings):
            offers.append(("corrected", f"{stem}-{self.words('returned.suffix.corrected')}.csv", CSV, corrected))
        with st.container(horizontal=True, key=f"returned {self.file.file_id}"):
            for name, file_name, mime, make in offers:
                st.download_button(
                    self.words(f"returned.download.{name}"),
                    partial(self._made, make, choice),
                    file_name,
                    mime,
                    key=f"{name} {self.file.file_id}",
                    on_click="ignore",
                )
            if len(offers) > 1:
                st.html(f'<p class="dialect">{text(self.words("dialect.spreadsheet"))}</p>')

    def _made(self, make: Callable[[Examination, Words], bytes | None], choice: Choice) -> bytes:
        """Make a file to give back, when it is asked for."""
        content = self.file.getvalue()
        examination = check(self.visit.house.network, content, self.file.name, choice.collected, self.visit.today)
        return make(examination, self.words) or content

    def _confirm(self, report: Report, choice: Choice, *, changed: bool) -> None:
        """Ask for the comment where there is something to confirm, and store when told to."""
        told, words, own = report.told, self.words, self.file.file_id
        comment = None
        if told.verdict is Verdict.TO_CONFIRM:
            comment = st.text_area(
                words("deposit.comment"), key=f"comment {own}", max_chars=LONGEST_COMMENT, height=100
            )
        asked = st.button(words("deposit.confirm", count=told.rows_accepted), key=f"confirm {own}", type="primary")
        if asked and changed:
            st.html(_notice(words("deposit.changed")))
        elif asked:
            self._store(told, choice, comment)

    def _store(self, told: Told, choice: Choice, comment: str | None) -> None:
        """Store the file if what would be stored is what was shown."""
        words, network = self.words, self.visit.house.network
        if told.verdict is Verdict.TO_CONFIRM and not (comment and comment.strip()):
            st.html(_notice(words("deposit.comment.missing")))
            return
        examination = self._read(choice)
        if not told.says_as_much_as(Told.of(examination)):
            self.kept.report = None
            st.rerun()
        now = self.visit.house.clock.now()
        match deposit(network, examination, words("deposit.author"), now, comment, self.kept.deposit):
            case Accepted(_, receipt):
                DEPOSITS.labels(receipt.dataset).inc()
                stored = facts(deposit=receipt.deposit, dataset=receipt.dataset, rows=receipt.rows_accepted)
                LOG.info("deposit stored", extra=stored)
                if receipt.newer_moment:
                    LOG.warning(
                        "deposit %s: the clock is behind %s, already stored", receipt.deposit, receipt.newer_moment
                    )
                st.rerun()
            case ToReword():
                st.html(_notice(words("deposit.comment.personal")))
            case _:
                st.html(_notice(words("deposit.comment.missing")))


def _notice(told: str) -> str:
    return f'<div class="notice" role="alert"><p>{text(told)}</p></div>'


def _failure(file_name: str, words: Words) -> str:
    """Say that something failed on our side: never shown as the depositor's fault."""
    finding = Finding("S01", Severity.BLOCKING)
    return (
        f'<div class="verdict refused">{heading(2, file_name)}</div>'
        f'<div class="notice" role="alert"><p>{text(message(finding, words))}</p>'
        f'<p class="under">{text(hint(finding, words))} (S01)</p></div>'
    )
