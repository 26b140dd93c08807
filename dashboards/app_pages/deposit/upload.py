"""One uploaded file: validate, report, offer downloads, confirm, store.

Between two renderings of the page only the report of a file is kept: its bytes stay in Streamlit's own storage, and
the parsed rows are released.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath
from typing import Final

import streamlit as st
from markupsafe import Markup
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboards.app_pages.deposit.campaign import DepositChoice
from dashboards.app_pages.deposit.impact import impact_html
from dashboards.app_pages.deposit.progress import UploadProgress
from dashboards.app_pages.deposit.receipt import render_receipt
from dashboards.app_pages.deposit.templates import CSV_TYPE
from dashboards.app_pages.page_context import PageContext
from dashboards.components.draw import draw_html
from dashboards.components.findings_table import ReportSummary, findings_table, verdict_html
from dashboards.components.html import NO_HTML, heading, link, markup
from dashboards.downloads.annotated_workbook import annotated_workbook, corrected_table
from dashboards.downloads.list_workbook import XLSX_TYPE
from dashboards.web.logging_setup import log_fields
from dashboards.web.metrics import DEPOSITS, REFUSALS
from dashboards.wording.finding_messages import hint_sentence, message_sentence
from dashboards.wording.translations import Translator
from indicators.definitions.perimeters import NETWORK
from indicators.definitions.roles import Right
from indicators.intake.deposit import Accepted, LeavesNoAdministrator, MembersKept, ToReword, check, deposit
from indicators.intake.files_out.corrected_copy import can_be_corrected
from indicators.intake.impact import Impact, compute_impact
from indicators.intake.validate import ValidationResult, Verdict
from indicators.queries.deposits.deposit_history import find_receipt
from indicators.store.deposits import new_deposit_id
from schemas.findings import Finding, Severity

LOG: Final = logging.getLogger(__name__)
SESSION_KEY: Final = "deposit files"
ACCEPTED_SUFFIXES: Final = ("csv", "txt", "tsv", "xlsx", "ods", "parquet")
MAX_COMMENT_CHARS: Final = 500


@dataclass(frozen=True)
class UploadReport:
    """The validation report of a file and its impact, with the inputs they depend on: choice, store version, day."""

    inputs: tuple[object, ...]
    summary: ReportSummary
    effects: Impact | None


@dataclass
class SessionFile:
    """What the session keeps of a file: the id of its deposit, generated before anything is written, and its report."""

    deposit: str
    report: UploadReport | None = None


def dropped_files(context: PageContext) -> Iterator["UploadedFileView"]:
    """Draw the uploader and yield each file; forget the session data of files that were removed."""
    t = context.t
    files = st.file_uploader(t("uploader.label"), type=list(ACCEPTED_SUFFIXES), accept_multiple_files=True, key="files")
    session_files: dict[str, SessionFile] = st.session_state.setdefault(SESSION_KEY, {})
    for removed_id in session_files.keys() - {file.file_id for file in files}:
        del session_files[removed_id]
    for file in files:
        yield UploadedFileView(context, file, session_files.setdefault(file.file_id, SessionFile(new_deposit_id())))


@dataclass(frozen=True)
class UploadedFileView:
    """One uploaded file on the page."""

    context: PageContext
    file: UploadedFile
    session_file: SessionFile

    @property
    def t(self) -> Translator:
        """The translator of the page."""
        return self.context.t

    @property
    def name(self) -> str:
        """The name of the file."""
        return str(self.file.name)

    @property
    def deposit(self) -> str:
        """The id under which the file is, or would be, deposited."""
        return self.session_file.deposit

    def render(self, choice: DepositChoice) -> None:
        """Render the report of the file and, unless it is refused, its confirmation; once stored, its receipt."""
        try:
            with self.context.app_state.network.snapshot() as snapshot:
                stored, version = find_receipt(snapshot, self.session_file.deposit), snapshot.version
            if stored is None:
                self._render_report(choice, version)
            else:
                render_receipt(self.context, stored)
        # Any failure here is ours: the page says so, nothing is stored, and the log has the traceback.
        except Exception:
            # The log does not name the file: its name may be that of a person.
            LOG.exception("a deposit failed")
            draw_html(failure_html(self.file.name, self.t))

    def _render_report(self, choice: DepositChoice, version: int) -> None:
        report, has_changed = self.examine(choice, version)
        self.render_findings(report, choice)
        if report.summary.verdict is not Verdict.REFUSED:
            # A click meant for an earlier report, before another deposit changed the store, stores nothing.
            self._render_confirmation(report, choice, has_changed=has_changed)

    def examine(self, choice: DepositChoice, version: int) -> tuple[UploadReport, bool]:
        """Return the report of the file for a choice and a store version, and whether another was shown before."""
        # What is said of a file depends on whose rows its depositor may store, too.
        inputs = (*choice.key, choice.own, version, self.context.today)
        previous = self.session_file.report
        if previous is None or previous.inputs != inputs:
            self.session_file.report = self._build_report(choice, inputs)
        report = self.session_file.report
        assert report is not None  # noqa: S101 - just made
        return report, previous is not None and previous is not report

    def render_findings(self, report: UploadReport, choice: DepositChoice) -> None:
        """Render verdict, findings, what can be downloaded and what the file would change."""
        summary = report.summary
        draw_html(
            verdict_html(summary, self.t)
            + findings_table(summary.findings, self.t)
            + unknown_structure_html(self.context, summary.findings)
        )
        self._offer_downloads(summary, choice)
        if summary.verdict is not Verdict.REFUSED and report.effects:
            draw_html(impact_html(self.context, report.effects))

    def _build_report(self, choice: DepositChoice, inputs: tuple[object, ...]) -> UploadReport:
        """Validate the file and compute its impact, once for a choice and a store version."""
        examination = self._validate(choice)
        impact = None
        if examination.verdict is Verdict.REFUSED:
            REFUSALS.labels(examination.dataset or "unknown").inc()
            LOG.info("file refused", extra=log_fields(dataset=examination.dataset, rows=examination.rows_read))
        if examination.verdict is not Verdict.REFUSED:
            impact = compute_impact(self.context.app_state.network, examination, self.context.today)
        return UploadReport(inputs, ReportSummary.from_validation(examination), impact)

    def _validate(self, choice: DepositChoice) -> ValidationResult:
        content = self.file.getvalue()
        with UploadProgress(self.file.name, len(content), self.t) as progress:
            return check(
                self.context.app_state.network,
                content,
                self.file.name,
                choice.collected,
                self.context.today,
                progress.update,
            )

    def _offer_downloads(self, summary: ReportSummary, choice: DepositChoice) -> None:
        """Draw the downloads: the annotated workbook and, where corrections are safe, the corrected CSV."""
        if not summary.findings or summary.dataset is None:
            return
        stem = PurePath(self.file.name).stem
        offers: list[tuple[str, str, str, Callable[[ValidationResult, Translator], bytes | None]]] = [
            ("annotated", f"{stem}-{self.t('returned.suffix.annotated')}.xlsx", XLSX_TYPE, annotated_workbook)
        ]
        if can_be_corrected(summary.findings):
            offers.append(("corrected", f"{stem}-{self.t('returned.suffix.corrected')}.csv", CSV_TYPE, corrected_table))
        with st.container(horizontal=True, key=f"returned {self.file.file_id}"):
            for name, file_name, mime, build in offers:
                self.context.offer_download(
                    self.t(f"returned.download.{name}"),
                    partial(self._build_download, build, choice),
                    file_name,
                    mime,
                    f"{name} {self.file.file_id}",
                )
            if len(offers) > 1:
                draw_html(markup('<p class="dialect">{}</p>', self.t("dialect.spreadsheet")))

    def _build_download(
        self, build: Callable[[ValidationResult, Translator], bytes | None], choice: DepositChoice
    ) -> bytes:
        """Build a download when its button is clicked."""
        content = self.file.getvalue()
        examination = check(
            self.context.app_state.network, content, self.file.name, choice.collected, self.context.today
        )
        return build(examination, self.t) or content

    def _render_confirmation(self, report: UploadReport, choice: DepositChoice, *, has_changed: bool) -> None:
        """Ask for a comment where findings need confirmation, and store the file on click."""
        summary, t, file_id = report.summary, self.t, self.file.file_id
        comment = None
        if summary.verdict is Verdict.TO_CONFIRM:
            comment = st.text_area(
                t("deposit.comment"), key=f"comment {file_id}", max_chars=MAX_COMMENT_CHARS, height=100
            )
        is_confirmed = st.button(
            t("deposit.confirm", count=summary.rows_accepted), key=f"confirm {file_id}", type="primary"
        )
        if is_confirmed and has_changed:
            draw_html(alert_html(t("deposit.changed")))
        elif is_confirmed and (message := self.store(summary, choice, comment)):
            draw_html(message)
        elif is_confirmed:
            st.rerun()

    def store(self, summary: ReportSummary, choice: DepositChoice, comment: str | None) -> Markup | None:
        """Store the file, if a new validation equals the report shown; return why it was not, or what else was done.

        Null means that the page shows the rest once it is rendered anew: a receipt, or another report.
        """
        t, network = self.t, self.context.app_state.network
        if summary.verdict is Verdict.TO_CONFIRM and not (comment and comment.strip()):
            return alert_html(t("deposit.comment.missing"))
        examination = self._validate(choice)
        if not summary.is_equivalent_to(ReportSummary.from_validation(examination)):
            self.session_file.report = None
            return None
        now = self.context.app_state.clock.now()
        match deposit(network, examination, self.context.author, now, comment, self.session_file.deposit):
            case Accepted(_, receipt):
                DEPOSITS.labels(receipt.dataset).inc()
                stored_fields = log_fields(deposit=receipt.deposit, dataset=receipt.dataset, rows=receipt.rows_accepted)
                LOG.info("deposit stored", extra=stored_fields)
                if receipt.newer_moment:
                    LOG.warning(
                        "deposit %s: the clock is behind %s, already stored", receipt.deposit, receipt.newer_moment
                    )
                return None
            case MembersKept(_, kept):
                counts = {change.value: count for change, count in kept.items()}
                return markup('<div class="notice" role="status"><p>{}</p></div>', t("members.kept", **counts))
            case LeavesNoAdministrator():
                return alert_html(t("members.last"))
            case ToReword():
                return alert_html(t("deposit.comment.personal"))
            case _:
                return alert_html(t("deposit.comment.missing"))


def unknown_structure_html(context: PageContext, findings: Sequence[Finding]) -> Markup:
    """Return where a structure that nobody knows is made known, for who may deposit the file of structures."""
    is_unknown = any(finding.code == "I07" for finding in findings)
    if not is_unknown or context.visitor.perimeters(Right.DEPOSIT)[:1] != (NETWORK,):
        return NO_HTML
    return markup(
        '<p class="links">{}</p>', link(context.link("deposer", jeu="structures"), context.t("deposit.unknown"))
    )


def alert_html(sentence: str) -> Markup:
    """Return a notice that screen readers say at once."""
    return markup('<div class="notice" role="alert"><p>{}</p></div>', sentence)


def failure_html(file_name: str, t: Translator) -> Markup:
    """Return the notice of an internal failure, never presented as the depositor's fault."""
    finding = Finding("S01", Severity.BLOCKING)
    return markup(
        '<div class="verdict refused">{}</div>'
        '<div class="notice" role="alert"><p>{}</p>'
        '<p class="under">{} (S01)</p></div>',
        heading(2, file_name),
        message_sentence(finding, t),
        hint_sentence(finding, t),
    )
