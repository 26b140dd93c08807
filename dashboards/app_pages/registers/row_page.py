"""One row of a register, written on the page of its register: a new one, or a change of one that is there."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from urllib.parse import quote, unquote

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.perimeter_choice import PERIMETER_PARAM
from dashboards.app_pages.registers.choice import RegisterChoice
from dashboards.app_pages.registers.row_form import RowForm, draw_form_outcome, draw_row_form, forget_edit, may_edit
from dashboards.app_pages.registers.row_versions import versions_html, visible_versions
from dashboards.components.draw import draw_html
from dashboards.components.html import NO_HTML, heading, join, link, markup, notice
from indicators.errors import UnknownError
from indicators.snapshot import Snapshot
from indicators.store.row_versions import RowVersion, Standing, newest_held
from schemas.columns import CellType, Dataset
from schemas.meetings import MEETINGS

ROW_PARAM: Final = "ligne"
"""Parameter of the address with a dataset and the key of a row in its structure; without a key, a new row."""
SEPARATOR: Final = "|"
"""Sign between the cells of a key, of which each is percent-encoded: it may be part of one."""


def row_link(
    context: PageContext, snapshot: Snapshot, dataset: Dataset, key: Mapping[str, object], label: str
) -> Markup:
    """Return a label that leads to the form of a row, for who may change it; the label alone for everybody else."""
    structure = str(key["structure"])
    if not may_edit(context, snapshot, structure):
        return markup("{}", label)
    url = context.url(**{PERIMETER_PARAM: structure, ROW_PARAM: _row_code(dataset, key)})
    return link(url, label, name=context.t("row.open", label=label), style="whole")


def new_rows_html(
    context: PageContext, snapshot: Snapshot, choice: RegisterChoice, datasets: Sequence[Dataset]
) -> Markup:
    """Return the links to the forms of new rows of a structure, for who may change its registers."""
    if choice.structure is None or not may_edit(context, snapshot, choice.structure):
        return NO_HTML
    links = [
        link(context.url(**{ROW_PARAM: dataset.name}), context.t(f"row.new.{dataset.name}")) for dataset in datasets
    ]
    return markup('<p class="links">{}</p>', join(links, " "))


def draw_row(context: PageContext, snapshot: Snapshot, choice: RegisterChoice, datasets: Sequence[Dataset]) -> bool:
    """Draw the row that the address names, in place of the lists of the page; return whether it names one.

    An `UnknownError` for a row that there is not, or of which the reader may see no version.
    """
    draw_form_outcome(context)
    name, *cells = map(unquote, context.params.get(ROW_PARAM, "").split(SEPARATOR))
    dataset = next((each for each in datasets if each.name == name), None)
    if dataset is None or choice.structure is None:
        return False
    if cells:
        _draw_known_row(context, snapshot, dataset, _parse_key(dataset, choice.structure, cells))
    else:
        name, choices = f"new {dataset.name} {choice.structure}", _choices(snapshot, dataset, choice.structure)
        form = RowForm(dataset, name, choice.structure, _own_columns(dataset), choices=choices)
        draw_html(heading(2, context.t(f"row.new.{dataset.name}"), snapshot.structures[choice.structure].name))
        _draw_form(context, snapshot, form, None)
    return True


def _draw_known_row(context: PageContext, snapshot: Snapshot, dataset: Dataset, key: Mapping[str, object]) -> None:
    t, structure = context.t, str(key["structure"])
    versions = visible_versions(context, snapshot, dataset, key)
    newest = newest_held(versions)
    if newest is None:
        raise UnknownError("row", str(key))
    draw_html(heading(2, t(f"row.change.{dataset.name}"), _title(dataset, key)))
    if newest.standing is Standing.WAITING:
        draw_html(notice(t("row.waits", author=context.author_label(newest.author))))
    name = f"{structure} {_row_code(dataset, key)}"
    fields = [column for column in _own_columns(dataset) if column not in dataset.key]
    _draw_form(context, snapshot, RowForm(dataset, name, structure, fields), newest)
    draw_html(heading(2, t("row.versions")) + versions_html(context, snapshot, dataset, versions))


def _draw_form(context: PageContext, snapshot: Snapshot, form: RowForm, version: RowVersion | None) -> None:
    """Draw a form; once it is saved or given up, the lists are drawn again."""
    outcome = draw_row_form(context, snapshot, form, version)
    is_given_up = st.button(context.t("form.cancel"), key=f"cancel {form.name}", type="tertiary")
    if is_given_up:
        forget_edit(form)
    if outcome is not None or is_given_up:
        st.query_params.pop(ROW_PARAM, None)
        st.rerun()


def _choices(snapshot: Snapshot, dataset: Dataset, structure: str) -> Mapping[str, Sequence[str]]:
    """Return the values of fields that take few: a meeting is of a body that its structure has declared."""
    if dataset != MEETINGS:
        return {}
    bodies = snapshot.query("body_names", structures=[structure])["body"].unique().sort().to_list()
    return {"body": bodies} if bodies else {}


def _own_columns(dataset: Dataset) -> list[str]:
    return [column.name for column in dataset.columns if column.name != "structure"]


def _own_key(dataset: Dataset) -> list[str]:
    return [name for name in dataset.key if name != "structure"]


def _row_code(dataset: Dataset, key: Mapping[str, object]) -> str:
    """Return what the address has of a row: its dataset and its key, without the structure."""
    cells = [key[name] for name in _own_key(dataset)]
    texts = ["" if cell is None else cell.isoformat() if isinstance(cell, date) else str(cell) for cell in cells]
    return SEPARATOR.join([dataset.name, *(quote(text, safe="") for text in texts)])


def _parse_key(dataset: Dataset, structure: str, cells: Sequence[str]) -> dict[str, object]:
    """Return the key of the address; an `UnknownError` if it is none of the dataset."""
    names = _own_key(dataset)
    if len(cells) != len(names):
        raise UnknownError("row", SEPARATOR.join(cells))
    key: dict[str, object] = {"structure": structure}
    for name, cell in zip(names, cells, strict=True):
        try:
            is_day = dataset.column(name).cell_type is CellType.DATE
            key[name] = date.fromisoformat(cell) if is_day else cell or None
        except ValueError as unread:
            raise UnknownError("row", cell) from unread
    return key


def _title(dataset: Dataset, key: Mapping[str, object]) -> str:
    return " · ".join(
        value.strftime("%d/%m/%Y") if isinstance(value, date) else str(value)
        for name, value in key.items()
        if name in _own_key(dataset) and value is not None
    )
