"""The list of actions: filters in the address, a page of rows, the whole of it as a file."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.page_context import PAGE_PARAM, PageContext
from dashboards.app_pages.registers.choice import RegisterChoice
from dashboards.app_pages.registers.row_fields import field_label, word_label
from dashboards.components.draw import draw_html
from dashboards.components.html import HtmlCell, cell_link, join, markup, notice, pictogram, table
from dashboards.downloads.list_workbook import XLSX_TYPE, list_workbook
from dashboards.wording.formatting import format_short_day
from dashboards.wording.translations import Translator
from indicators.csv_files import SPREADSHEET, CellValue, rows_to_csv
from indicators.definitions.perimeters import slug
from indicators.queries.registers.actions import ALL_STATUSES, ActionFilters, action_values, list_actions
from indicators.snapshot import Snapshot
from schemas.actions import ACTIONS

ROWS_PER_PAGE: Final = 50
MAX_ROWS_TAKEN: Final = 200_000
"""Rows of a file that is taken away."""
SEARCH_PARAM: Final = "recherche"
STATUS_PARAM: Final = "statut"
FILTER_PARAMS: Final[Mapping[str, str]] = {
    "process": "processus",
    "axis": "axe",
    "owner_role": "pilote",
    "kind": "genre",
    "origin": "origine",
    "indicator": "indicateur",
}
"""Columns of which a value is chosen, with their parameters."""
GROUPS_OF_STATUSES: Final[Mapping[str, str]] = {"a_traiter": "to_do", "en_retard": "late", "toutes": ALL_STATUSES}
"""What the list can be narrowed to besides one status, by the word in the address; the first is the default."""
STATUS_SIGNS: Final[Mapping[str, str]] = {
    "closed": "met",
    "verified": "met_doubt",
    "accepted_deviation": "absent",
    "abandoned": "absent",
}


def action_url(context: PageContext, structure: str, reference: str, **parameters: str | None) -> str:
    """Return the address of one action."""
    perimeter = context.params.get("perimetre")
    return context.link("actions", perimetre=perimeter, structure=structure, action=reference, **parameters)


def read_filters(context: PageContext) -> ActionFilters:
    """Return what the address asks for; an unknown word of a closed list keeps nothing."""
    stored = {name: context.params.get(parameter) or None for name, parameter in FILTER_PARAMS.items()}
    for name in ("kind", "origin"):
        word = stored[name] or ""
        stored[name] = ACTIONS.column(name).vocabulary.get(word, word) or None
    status = context.params.get(STATUS_PARAM) or next(iter(GROUPS_OF_STATUSES))
    known = {**ACTIONS.column("status").vocabulary, **GROUPS_OF_STATUSES}
    text = context.params.get(SEARCH_PARAM, "").strip() or None
    return ActionFilters(**stored, status=known.get(status, status), text=text)


def draw_filters(context: PageContext, snapshot: Snapshot, structures: Sequence[str]) -> None:
    """Draw the filters; each choice is written in the address, and leads back to the first page."""
    t = context.t
    values = action_values(snapshot, structures)
    catalogue = {sheet.id: sheet.short(t.language) for sheet in snapshot.catalogue}
    with st.container(horizontal=True, key="choices-filters", vertical_alignment="bottom"):
        statuses = [*GROUPS_OF_STATUSES, *ACTIONS.column("status").vocabulary]
        _choose(context, STATUS_PARAM, t("field.status"), statuses, lambda word: _status_name(word, t))
        context.search(t("actions.search"))
    is_narrowed = any(context.params.get(parameter) for parameter in FILTER_PARAMS.values())
    with (
        st.expander(t("actions.filters"), expanded=is_narrowed, key="filters of actions"),
        st.container(horizontal=True, key="choices-columns", vertical_alignment="bottom"),
    ):
        for name, parameter in FILTER_PARAMS.items():
            if len(values[name]) < 2 and parameter not in context.params:
                continue
            words = {stored: word for word, stored in ACTIONS.column(name).vocabulary.items()}
            options = ["", *(words.get(value, value) for value in values[name])]
            names = {words.get(value, value): _value_name(name, value, catalogue, t) for value in values[name]}
            label = field_label(ACTIONS, name, t)
            names[""] = t("actions.any")
            _choose(context, parameter, label, options, partial(_known_name, names))


def _choose(
    context: PageContext, parameter: str, label: str, options: Sequence[str], name_of: Callable[[str], str]
) -> None:
    """Draw a list of which the first option is that of an address without the parameter."""
    key, chosen = f"choice {parameter}", context.params.get(parameter, options[0])
    st.session_state[key] = chosen if chosen in options else options[0]

    def write_params() -> None:
        st.query_params.pop(PAGE_PARAM, None)
        if st.session_state[key] == options[0]:
            st.query_params.pop(parameter, None)
        else:
            st.query_params[parameter] = st.session_state[key]

    st.selectbox(label, options, format_func=name_of, key=key, on_change=write_params)


def _known_name(names: Mapping[str, str], word: str) -> str:
    return names.get(word, word)


def _status_name(word: str, t: Translator) -> str:
    if word in GROUPS_OF_STATUSES:
        return t(f"actions.status.{GROUPS_OF_STATUSES[word]}")
    return word_label(ACTIONS, ACTIONS.column("status").vocabulary[word], t)


def _value_name(name: str, value: str, catalogue: Mapping[str, str], t: Translator) -> str:
    if name == "indicator":
        return catalogue.get(value, value)
    return word_label(ACTIONS, value, t) if ACTIONS.column(name).vocabulary else value


def draw_list(context: PageContext, snapshot: Snapshot, choice: RegisterChoice, structures: Sequence[str]) -> None:
    """Draw the page of the list that the address asks for, and the files of the whole list."""
    t, filters = context.t, read_filters(context)
    draw_filters(context, snapshot, structures)
    placeholder = st.empty()
    page = list_actions(snapshot, structures, filters, context.today, ROWS_PER_PAGE, _offset(context))
    if not page.total and _offset(context):
        page = list_actions(snapshot, structures, filters, context.today, ROWS_PER_PAGE, 0)
    if not page.total:
        draw_html(notice(t("actions.none_kept")), placeholder)
        return
    context.paginate(ROWS_PER_PAGE, page.total)
    rows = page.rows.to_dicts()
    draw_html(_table_html(context, snapshot, rows, page.total, with_structure=choice.structure is None), placeholder)
    _offer_files(context, choice, structures, filters)


def _offset(context: PageContext) -> int:
    page = context.params.get(PAGE_PARAM, "1")
    return (int(page) - 1) * ROWS_PER_PAGE if page.isdecimal() and len(page) < 6 and int(page) > 0 else 0


def _table_html(
    context: PageContext, snapshot: Snapshot, rows: Sequence[Mapping[str, object]], total: int, *, with_structure: bool
) -> Markup:
    t = context.t
    columns = ["reference", *(["structure"] if with_structure else []), "action", "owner_role", "due_on", "status"]
    body = []
    for place, row in enumerate(rows):
        structure, reference = str(row["structure"]), str(row["reference"])
        cells = {
            "reference": cell_link(action_url(context, structure, reference), reference, is_entry=place == 0),
            "structure": _structure_name(snapshot, structure),
            "action": _action_html(row, t),
            "owner_role": str(row["owner_role"] or t("form.none")),
            "due_on": _day_html(row, t),
            "status": _status_html(row, t),
        }
        body.append([HtmlCell(cells[name]) for name in columns])
    headers = [t(f"actions.column.{name}") for name in columns]
    return table(t("actions.caption", count=total), headers, body, has_entry=True)


def _structure_name(snapshot: Snapshot, structure: str) -> str:
    known = snapshot.structures.by_id.get(structure)
    return known.name if known else structure


def _action_html(row: Mapping[str, object], t: Translator) -> Markup:
    facts = [word_label(ACTIONS, str(row["kind"]), t), row["process"], row["axis"]]
    return markup('{}<br><span class="aside">{}</span>', row["action"], join(filter(None, facts), " · "))


def _day_html(row: Mapping[str, object], t: Translator) -> Markup:
    awaited = row["accepted_until"] if row["status"] == "accepted_deviation" else row["due_on"]
    day = format_short_day(awaited, t) if isinstance(awaited, date) else t("form.none")
    if not row["is_late"]:
        return markup("{}", day)
    return markup('{} {}<br><span class="aside">{}</span>', pictogram("missed"), day, t("actions.late"))


def _status_html(row: Mapping[str, object], t: Translator) -> Markup:
    status = str(row["status"])
    # A verdict of no effect is verified, and nothing to tick off.
    sign = None if row["effectiveness"] == 0 else STATUS_SIGNS.get(status)
    label = word_label(ACTIONS, status, t)
    html = markup("{} {}", pictogram(sign), label) if sign else markup("{}", label)
    if row["effectiveness"] is None:
        return html
    verdict = t(f"actions.effect.{row['effectiveness']}")
    return markup('{}<br><span class="aside">{}</span>', html, verdict)


def _offer_files(
    context: PageContext, choice: RegisterChoice, structures: Sequence[str], filters: ActionFilters
) -> None:
    """Draw the buttons of the files of the whole list; they are written on click, with the headers of a deposit."""
    t, network = context.t, context.app_state.network
    header = [column.french for column in ACTIONS.columns]
    words = {column.name: {stored: word for word, stored in column.vocabulary.items()} for column in ACTIONS.columns}

    def rows() -> list[Sequence[CellValue]]:
        with network.snapshot() as newest:
            kept = list_actions(newest, structures, filters, context.today, MAX_ROWS_TAKEN, 0).rows
        return [
            [words[column.name].get(row[column.name], row[column.name]) for column in ACTIONS.columns]
            for row in kept.iter_rows(named=True)
        ]

    name = f"actions-{slug(choice.perimeter.code)}"
    with st.container(horizontal=True, key="taken"):
        context.offer_download(
            t("actions.csv"),
            lambda: rows_to_csv(header, rows(), SPREADSHEET),
            f"{name}.csv",
            "text/csv",
            "actions csv",
            holds_management=True,
        )
        context.offer_download(
            t("actions.xlsx"),
            lambda: list_workbook(header, rows()),
            f"{name}.xlsx",
            XLSX_TYPE,
            "actions xlsx",
            holds_management=True,
        )
    draw_html(markup('<p class="dialect">{}</p>', t("dialect.spreadsheet")))
