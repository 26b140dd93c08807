"""The validation report of a file as HTML: verdict, then findings grouped by cause, then the cells concerned."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from markupsafe import Markup

from dashboards.components.html import NO_HTML, HtmlCell, details, heading, join, markup, pictogram, table
from dashboards.wording.finding_messages import (
    cause_sentence,
    group_by_cause,
    group_sentence,
    hint_sentence,
    mention_hidden,
    message_sentence,
    shorten_cell,
)
from dashboards.wording.translations import Translator
from indicators.intake.validate import ValidationResult, Verdict
from schemas.findings import Finding, Severity

VERDICT_SIGNS: Final = {Verdict.ACCEPTED: "met", Verdict.TO_CONFIRM: "low", Verdict.REFUSED: "missed"}
FOLDED_SEVERITIES: Final = (Severity.CORRECTED, Severity.INFO)
"""Severities that need no action from the depositor."""


@dataclass(frozen=True)
class ReportSummary:
    """The report of a validated file without its rows, which would hold memory."""

    file_name: str
    dataset: str | None
    verdict: Verdict
    findings: Sequence[Finding]
    rows_read: int
    rows_accepted: int

    @classmethod
    def from_validation(cls, examination: ValidationResult) -> Self:
        """Build the summary of a validation."""
        return cls(
            examination.file_name,
            examination.dataset,
            examination.verdict,
            examination.findings,
            examination.rows_read,
            examination.rows_accepted,
        )

    def is_equivalent_to(self, other: "ReportSummary") -> bool:
        """Whether the other report says the same, so that a confirmation of this one still holds."""
        return self.essentials() == other.essentials()

    def essentials(self) -> tuple[object, ...]:
        """Return what a confirmation is given for: the verdict, the rows, the findings with their cells."""
        cells = [(f.code, f.severity, f.row, f.header, f.value, f.count) for f in self.findings]
        return self.verdict, self.rows_accepted, cells


def verdict_block(
    kind: str, sign: str, file_name: str, verdict: str, t: Translator, content: Markup = NO_HTML
) -> Markup:
    """Return a verdict on a file, which takes the focus when it appears and is named by what it says.

    `kind` is its style, `sign` its pictogram, `verdict` the words beside it.
    """
    return markup(
        '<div class="verdict {}" role="group" tabindex="-1" aria-label="{}">{}'
        '<p class="told">{} <strong>{}</strong></p>{}</div>',
        kind,
        t("deposit.verdict", file=file_name, verdict=verdict),
        heading(2, file_name),
        pictogram(sign),
        verdict,
        content,
    )


def verdict_html(summary: ReportSummary, t: Translator) -> Markup:
    """Return the verdict on a file, its row counts, and what to do next."""
    dataset = t(f"dataset.{summary.dataset}") if summary.dataset else t("dataset.unknown")
    row_counts = t("deposit.rows", count=summary.rows_read, accepted=summary.rows_accepted)
    return verdict_block(
        summary.verdict.value,
        VERDICT_SIGNS[summary.verdict],
        summary.file_name,
        t(f"verdict.{summary.verdict.value}"),
        t,
        markup(
            '<p>{}</p><p class="under">{} · {}</p>', t(f"deposit.next.{summary.verdict.value}"), dataset, row_counts
        ),
    )


def findings_table(findings: Sequence[Finding], t: Translator) -> Markup:
    """Return the causes, gravest first, each with its count, what to do and the cells concerned.

    Corrections and information are folded: they need no action.
    """
    unfolded_html, folded_html = NO_HTML, NO_HTML
    for severity in Severity:
        causes = group_by_cause([finding for finding in findings if finding.severity is severity])
        if not causes:
            continue
        causes_html = join(_cause_html(same, t) for same in causes)
        title = t(f"causes.{severity.value}", count=len(causes))
        if severity in FOLDED_SEVERITIES:
            folded_html += details(title, markup('<div class="causes">{}</div>', causes_html))
        else:
            unfolded_html += markup('<div class="causes">{}{}</div>', heading(3, title), causes_html)
    return (
        markup('<div class="findings">{}{}</div>', unfolded_html, folded_html)
        if unfolded_html or folded_html
        else NO_HTML
    )


def _cause_html(findings: Sequence[Finding], t: Translator) -> Markup:
    """Return one cause: description and count, then its single cell in full or a table of its cells."""
    first = findings[0]
    label = markup(
        '<p class="label"><span class="severity {}">{}</span> {}</p>',
        first.severity.value,
        t(f"severity.{first.severity.value}"),
        first.code,
    )
    # A single finding about many cells, such as notes below the table, says so in its own message.
    if len(findings) == 1:
        sentence_html = markup("<p>{}</p>", message_sentence(first, t))
        return markup(
            "<section>{}{}{}{}</section>", label, sentence_html, _hint_html(first, t), _location_html(first, t)
        )
    sentence_html = markup("<p><strong>{}</strong></p>", group_sentence(first, t))
    rows = _cells_table(findings, t)
    cells_title = t("deposit.cells.show", count=len(findings))
    if first.count > len(findings):
        cells_title = t("deposit.cells.first", count=len(findings), total=first.count)
    return markup("<section>{}{}{}{}</section>", label, sentence_html, _hint_html(first, t), details(cells_title, rows))


def _hint_html(finding: Finding, t: Translator) -> Markup:
    return markup('<p class="under">{}</p>', hint_sentence(finding, t))


def _cells_table(findings: Sequence[Finding], t: Translator) -> Markup:
    """Return the table of the cells of a cause, with a message column where messages differ."""
    messages = [cause_sentence(finding, t) for finding in findings]
    columns: dict[str, list[str]] = {
        "where": [mention_hidden(_cell_name(finding, t), finding, t) for finding in findings],
        "value": [shorten_cell(finding.value or "") for finding in findings],
        "suggestion": [finding.suggestion or "" for finding in findings],
    }
    if (
        len({_without_repeated_facts(message, finding) for message, finding in zip(messages, findings, strict=True)})
        > 1
    ):
        columns["told"] = messages
    filled_columns = {name: cells for name, cells in columns.items() if any(cells)}
    return table(
        t("deposit.cells.caption", code=findings[0].code),
        [t(f"deposit.cells.{name}") for name in filled_columns],
        ([HtmlCell(cell) for cell in row] for row in zip(*filled_columns.values(), strict=True)),
    )


def _without_repeated_facts(message: str, finding: Finding) -> str:
    """Return a message without the facts that other columns of its row already show."""
    for repeated in (
        finding.value and shorten_cell(finding.value),
        finding.suggestion,
        finding.row and str(finding.row),
    ):
        message = message.replace(repeated, "") if repeated else message
    return message


def _cell_name(finding: Finding, t: Translator) -> str:
    if finding.row is None:
        return finding.header or t("deposit.cells.file")
    return f"{finding.column or ''}{finding.row}"


def _location_html(finding: Finding, t: Translator) -> Markup:
    """Return the location of a finding as the spreadsheet names it, and the suggestion."""
    location = ""
    if finding.row is not None and finding.column is None:
        location = t("deposit.at_row", row=finding.row)
    elif finding.row is not None:
        location = t("deposit.at_cell", cell=_cell_name(finding, t), header=finding.header or "")
    suggestion = t("deposit.proposed", suggestion=finding.suggestion) if finding.suggestion else ""
    location_line = " · ".join(filter(None, (location, suggestion)))
    return markup('<p class="under place">{}</p>', location_line) if location_line else NO_HTML
