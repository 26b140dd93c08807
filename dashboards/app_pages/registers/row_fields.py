"""The fields of a row: their names, what a cell says, and the element in which each is typed."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import streamlit as st

from dashboards.components.draw import draw_html
from dashboards.components.html import join, markup, pictogram
from dashboards.wording.finding_messages import cause_sentence, hint_sentence
from dashboards.wording.formatting import format_count, format_day
from dashboards.wording.translations import Translator
from indicators.snapshot import Snapshot
from schemas.columns import CellType, Column, Dataset
from schemas.findings import Finding, Severity

LONG_TEXT_CHARS = 200
"""Characters from which a text is typed in several lines."""


def field_label(dataset: Dataset, column: str, t: Translator) -> str:
    """Return the name of a field: that of its dataset, where another one's means something else."""
    own = f"field.{dataset.name}.{column}"
    return t(own) if own in t else t(f"field.{column}")


def word_label(dataset: Dataset, word: str, t: Translator) -> str:
    """Return a word of a closed list as it is read."""
    own = f"word.{dataset.name}.{word}"
    return t(own) if own in t else t(f"word.{word}")


def cell_label(dataset: Dataset, column: Column, value: object, snapshot: Snapshot, t: Translator) -> str:
    """Return a stored cell as it is read; a dash for an empty one."""
    match column.cell_type, value:
        case _, None:
            return t("form.none")
        case CellType.WORD, str():
            return word_label(dataset, value, t)
        case CellType.INDICATOR, str():
            known = {indicator.id: indicator for indicator in snapshot.catalogue}
            return known[value].label(t.language) if value in known else value
        case _, date():
            return format_day(value, t)
        case _, bool() | int() | float():
            return format_count(value, t.language)
        case _:
            return str(value)


def typed_cells(dataset: Dataset, values: Mapping[str, object]) -> Mapping[str, str]:
    """Return the stored cells of a row as somebody would type them: days as in French, an empty text for none."""
    return {column.name: _typed(values.get(column.name)) for column in dataset.columns}


def _typed(value: object) -> str:
    match value:
        case None:
            return ""
        case date():
            return value.strftime("%d/%m/%Y")
        case float():
            # Every digit, and no exponent: what is not typed anew is saved as it was.
            return f"{Decimal(repr(value)):f}".removesuffix(".0").replace(".", ",")
        case _:
            return str(value)


def draw_field(
    dataset: Dataset, column: Column, text: str, key: str, choices: Sequence[str], snapshot: Snapshot, t: Translator
) -> str:
    """Draw a field with the text that it has at first, and return what is typed."""
    typed_label = f"field.typed.{column.name}"
    label = t(typed_label) if typed_label in t else field_label(dataset, column.name, t)
    if column.non_empty:
        label = t("field.needed", label=label)
    match column.cell_type:
        case CellType.WORD:
            options = list(column.vocabulary.values())
            return _choose(label, options, text, key, {word: word_label(dataset, word, t) for word in options}, t)
        case CellType.INDICATOR:
            names = {indicator.id: indicator.label(t.language) for indicator in snapshot.catalogue}
            return _choose(label, sorted(names, key=names.__getitem__), text, key, names, t)
        case _ if choices:
            return _choose(label, choices, text, key, {}, t)
        case CellType.TEXT if column.max_chars > LONG_TEXT_CHARS:
            return st.text_area(label, text, key=key, max_chars=column.max_chars, height=100)
        case CellType.DATE:
            return st.text_input(label, text, key=key, placeholder=t("day.form"))
        case _:
            return st.text_input(label, text, key=key, max_chars=column.max_chars)


def _choose(label: str, options: Sequence[str], text: str, key: str, names: Mapping[str, str], t: Translator) -> str:
    """Draw a list; what is not in it, as an indicator that is no longer in the catalogue, is offered as it is."""
    offered = ["", *options, *([text] if text and text not in options else [])]
    chosen = st.selectbox(
        label,
        offered,
        index=offered.index(text),
        format_func=lambda option: names.get(option, option) if option else t("form.none"),
        key=key,
    )
    return chosen or ""


def draw_field_findings(findings: Sequence[Finding], t: Translator) -> None:
    """Draw what is to be said of a field, below it: what is wrong with it, and what to do."""
    spoken = [finding for finding in findings if finding.severity in {Severity.BLOCKING, Severity.CONFIRM}]
    if spoken:
        sentences = join(
            markup(
                "<p>{} {} {}</p>",
                pictogram("worse" if finding.severity is Severity.BLOCKING else "high"),
                cause_sentence(finding, t),
                hint_sentence(finding, t),
            )
            for finding in spoken
        )
        draw_html(markup('<div class="field-finding">{}</div>', sentences))
