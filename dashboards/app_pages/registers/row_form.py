"""The form of one row of a register: fields, what is wrong with them, two editors, and saving as a new version.

What was typed is kept until it is saved or given up: by the session, under the name of the form.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.registers.row_conflict import conflict_html, merged_cells
from dashboards.app_pages.registers.row_fields import draw_field, draw_field_findings, typed_cells
from dashboards.components.draw import draw_html
from dashboards.components.html import markup, notice
from dashboards.web.logging_setup import log_fields
from dashboards.web.metrics import DEPOSITS, REFUSALS
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.roles import Right
from indicators.errors import StoreError
from indicators.intake.row_edit import (
    CommentToReword,
    Confirmation,
    Conflict,
    Editor,
    EditOutcome,
    RowEdit,
    RowRefused,
    RowToConfirm,
    Saved,
    ShownFinding,
    Unchanged,
    field_findings,
    findings_to_confirm,
    save_row,
)
from indicators.snapshot import Snapshot
from indicators.store.deposits import new_deposit_id
from indicators.store.row_versions import RowVersion
from schemas.columns import Dataset
from schemas.findings import Finding, Severity

LOG: Final = logging.getLogger(__name__)
OUTCOME_KEY: Final = "outcome of a row"
"""What the session says of the last row that was saved, until the page is drawn."""
MAX_COMMENT_CHARS: Final = 500


@dataclass(frozen=True)
class RowForm:
    """A form: the dataset, whose row it is, the fields that are drawn, and how they begin.

    `name` tells it from the other forms of the session: what it does and to which row. `fixed` are cells that are not
    drawn and replace those of the version; `prefill` is what drawn fields begin with; `choices` are the values of those
    that take few and are no closed list.
    """

    dataset: Dataset
    name: str
    structure: str
    fields: Sequence[str]
    fixed: Mapping[str, str] = field(default_factory=dict)
    prefill: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    save_label: str = "form.save"
    """Message key of the button."""

    @property
    def is_new(self) -> bool:
        """Whether it writes a new row: its key is typed."""
        return any(name in self.dataset.key for name in self.fields)


@dataclass
class OpenEdit:
    """What the session keeps of a form: the version and the texts it began with, what was last sent, what was shown.

    `texts` are what its fields are drawn with: those that it began with, until it is sent. One that `is_resolved` was
    made from what somebody typed and chose, and never begins anew. The id of the next deposit is made before anything
    is written: the same click sent twice stores once.
    """

    base: RowVersion | None
    begun: Mapping[str, str]
    texts: Mapping[str, str]
    deposit: str = field(default_factory=new_deposit_id)
    is_resolved: bool = False
    findings: Sequence[Finding] = ()
    shown: Sequence[ShownFinding] = ()
    comment: str = ""
    message: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    conflict: Conflict | None = None

    def key(self, form: RowForm, column: str) -> str:
        """Return the key of a field: another one once the form begins anew."""
        return f"{form.name} {self.deposit[:8]} {column}"

    def typed(self, form: RowForm) -> Mapping[str, str]:
        """Return the whole row as it is typed now."""
        return {name: self._typed_cell(form, name) for name in self.texts} | {"structure": form.structure}

    def is_untouched(self, form: RowForm) -> bool:
        """Whether nothing was typed since the form began."""
        return not self.is_resolved and self.typed(form) == self.begun

    def _typed_cell(self, form: RowForm, column: str) -> str:
        drawn = st.session_state.get(self.key(form, column)) if column in form.fields else None
        return self.texts[column] if drawn is None else str(drawn)


def may_edit(context: PageContext, snapshot: Snapshot, structure: str) -> bool:
    """Whether the reader may change the registers of a structure."""
    perimeter = Perimeter(Level.STRUCTURE, structure)
    return context.visitor.may(Right.EDIT_REGISTERS, perimeter, snapshot.structures)


def draw_form_outcome(context: PageContext) -> None:
    """Draw what became of the row that was saved before the page was drawn anew."""
    if key := st.session_state.pop(OUTCOME_KEY, None):
        draw_html(notice(context.t(key)))


def draw_row_form(
    context: PageContext, snapshot: Snapshot, form: RowForm, version: RowVersion | None
) -> Saved | Unchanged | None:
    """Draw the form of a row; return its outcome when it was saved, for the page to be drawn anew.

    `version` is the newest version of the row, null for a new one. Nothing is drawn for who may not change it.
    """
    if not may_edit(context, snapshot, form.structure):
        draw_html(notice(context.t("form.foreign")))
        return None
    edit = _open_edit(form, version)
    if edit.conflict is not None and edit.conflict.current is not None and form.is_new:
        edit = _offer_other_key(context, form, edit, edit.conflict.current)
    elif edit.conflict is not None and (outcome := _draw_conflict(context, snapshot, form, edit)):
        return outcome
    if edit.message:
        sentence = context.t(edit.message, count=_count_fields(form, edit), **edit.facts)
        draw_html(markup('<div class="notice" role="alert"><p>{}</p></div>', sentence))
    sent, comment = _draw_fields(context, snapshot, form, edit)
    return _save(context, snapshot, form, edit, edit.typed(form), comment) if sent else None


def forget_edit(form: RowForm) -> None:
    """Forget what was typed in a form."""
    st.session_state.pop(_session_key(form), None)


def _session_key(form: RowForm) -> str:
    return f"edit {form.name}"


def _open_edit(form: RowForm, version: RowVersion | None) -> OpenEdit:
    """Return what the session keeps of the form; begun anew with what is newer if nothing was typed in it."""
    edit: OpenEdit | None = st.session_state.get(_session_key(form))
    is_current = edit is not None and (edit.base and edit.base.deposit) == (version and version.deposit)
    cells = typed_cells(form.dataset, version.values if version else {})
    begun = {**cells, **form.prefill, **form.fixed, "structure": form.structure}
    if edit is None or (edit.is_untouched(form) and not (is_current and edit.begun == begun)):
        edit = OpenEdit(version, begun, begun)
        st.session_state[_session_key(form)] = edit
    elif not is_current:
        # Said as soon as it is known: nobody types on for nothing.
        edit.conflict = Conflict(version)
    return edit


def _offer_other_key(context: PageContext, form: RowForm, edit: OpenEdit, current: RowVersion) -> OpenEdit:
    """Return the edit of a new row whose key somebody gave to another row meanwhile: two rows are never merged.

    It has the next free key where the form proposes one, and everything that was typed.
    """
    typed, names = edit.typed(form), [name for name in form.dataset.key if name in form.fields]
    free = {name: form.prefill[name] for name in names if form.prefill.get(name, typed[name]) != typed[name]}
    facts = {
        "key": " · ".join(typed[name] for name in names if typed[name]),
        "author": context.author_label(current.author),
        "free": " · ".join(free.values()),
    }
    offered = OpenEdit(None, edit.begun, {**typed, **free}, is_resolved=True, comment=edit.comment, facts=facts)
    offered.message = "form.taken.free" if free else "form.taken"
    st.session_state[_session_key(form)] = offered
    return offered


def _draw_fields(context: PageContext, snapshot: Snapshot, form: RowForm, edit: OpenEdit) -> tuple[bool, str | None]:
    """Draw the fields, each with what is wrong with it, and the buttons; return whether it is sent, and the comment."""
    t, comment = context.t, None
    findings = field_findings(form.dataset, edit.findings)
    with (
        st.container(key=f"row-form {form.dataset.name}"),
        st.form(f"form {form.name} {edit.deposit[:8]}", border=False),
    ):
        draw_field_findings([each for name in findings if name not in form.fields for each in findings[name]], t)
        for column in (form.dataset.column(name) for name in form.fields):
            choices = form.choices.get(column.name, ())
            key = edit.key(form, column.name)
            draw_field(form.dataset, column, edit.texts[column.name], key, choices, snapshot, t)
            draw_field_findings(findings.get(column.name, ()), t)
        if any(finding.severity is Severity.CONFIRM for finding in edit.findings):
            comment = st.text_area(
                t("form.comment"), edit.comment, key=edit.key(form, "comment"), max_chars=MAX_COMMENT_CHARS, height=80
            )
        sent = st.form_submit_button(t(form.save_label), key=edit.key(form, "save"), type="primary")
    return sent, comment


def _draw_conflict(context: PageContext, snapshot: Snapshot, form: RowForm, edit: OpenEdit) -> Saved | Unchanged | None:
    """Draw what somebody else changed meanwhile, and let the reader choose; return what became of their choice."""
    t = context.t
    current = edit.conflict.current if edit.conflict else None
    typed = edit.typed(form)
    draw_html(conflict_html(context, snapshot, form.dataset, edit.base, current, typed))
    with st.container(horizontal=True, key=f"choices-conflict {form.name}"):
        keeps_theirs = st.button(t("form.conflict.keep_theirs"), key=edit.key(form, "theirs"))
        keeps_yours = st.button(t("form.conflict.keep_yours"), key=edit.key(form, "yours"))
    if keeps_theirs:
        forget_edit(form)
        st.rerun()
    if keeps_yours:
        begun = typed_cells(form.dataset, current.values) if current else edit.begun
        merged = merged_cells(form.dataset, edit.base, current, typed)
        edit = OpenEdit(current, begun, merged, is_resolved=True, comment=edit.comment)
        st.session_state[_session_key(form)] = edit
        return _save(context, snapshot, form, edit, edit.texts, None)
    return None


def _save(
    context: PageContext,
    snapshot: Snapshot,
    form: RowForm,
    edit: OpenEdit,
    cells: Mapping[str, str],
    comment: str | None,
) -> Saved | Unchanged | None:
    """Save the row and return its outcome, or draw the page anew with what is wrong with it."""
    own = context.visitor.structures(Right.EDIT_REGISTERS, snapshot.structures)
    row = RowEdit(form.dataset, cells, edit.base.deposit if edit.base else None)
    network, now = context.app_state.network, context.app_state.clock.now()
    # Kept before anything can fail: fields that are not drawn again lose what was typed in them.
    edit.texts, edit.comment = cells, edit.comment if comment is None else comment
    confirmation = Confirmation(comment, edit.shown) if comment else None
    try:
        outcome = save_row(network, row, Editor(context.author, own), now, context.today, confirmation, edit.deposit)
    except StoreError:
        LOG.exception("a row of %s was not saved", form.dataset.name)
        edit.message, edit.facts, outcome = "finding.S01.message", {}, None
    if isinstance(outcome, Saved | Unchanged):
        forget_edit(form)
        _record(form, outcome)
        return outcome
    if outcome is not None:
        _keep(edit, row, outcome)
    if isinstance(outcome, RowRefused):
        REFUSALS.labels(form.dataset.name).inc()
    st.rerun()
    return None


def _record(form: RowForm, outcome: Saved | Unchanged) -> None:
    """Keep for the next drawing what became of the row; count and log what was stored."""
    if isinstance(outcome, Unchanged):
        st.session_state[OUTCOME_KEY] = "form.unchanged"
        return
    st.session_state[OUTCOME_KEY] = "form.waiting" if outcome.receipt.eyes else "form.saved"
    DEPOSITS.labels(form.dataset.name).inc()
    LOG.info("row saved", extra=log_fields(deposit=outcome.receipt.deposit, dataset=form.dataset.name, rows=1))


def _keep(edit: OpenEdit, row: RowEdit, outcome: EditOutcome) -> None:
    """Keep what is wrong with the row until it is saved, and what a comment then confirms."""
    edit.conflict = outcome if isinstance(outcome, Conflict) else None
    match outcome:
        case RowRefused(findings):
            edit.findings, edit.message = findings, "form.refused"
        case RowToConfirm(findings):
            edit.findings, edit.message = findings, "form.confirm"
        case CommentToReword():
            edit.message = "form.reword"
            return
        case _:
            edit.findings, edit.message = (), None
    edit.shown, edit.facts = findings_to_confirm(row, edit.findings), {}


def _count_fields(form: RowForm, edit: OpenEdit) -> int:
    """Return how many fields are to be corrected."""
    blocking = [finding for finding in edit.findings if finding.severity is Severity.BLOCKING]
    return max(len(field_findings(form.dataset, blocking)), 1)
