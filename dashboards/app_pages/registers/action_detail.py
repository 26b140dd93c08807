"""One action: what it says, what can be done to it, and every version of it with who wrote it and when."""

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.registers.action_forms import GESTURES, gesture_form, new_action_form
from dashboards.app_pages.registers.action_list import action_url
from dashboards.app_pages.registers.row_fields import cell_label, field_label
from dashboards.app_pages.registers.row_form import OUTCOME_KEY, RowForm, draw_row_form, forget_edit, may_edit
from dashboards.app_pages.registers.row_versions import versions_html, visible_versions
from dashboards.components.draw import draw_html
from dashboards.components.html import facts, heading, join, link, markup, notice
from indicators.errors import UnknownError
from indicators.intake.row_edit import Saved
from indicators.snapshot import Snapshot
from indicators.store.row_versions import RowVersion, Standing, newest_held
from schemas.actions import ACTIONS

GESTURE_PARAM = "geste"


def draw_action(context: PageContext, snapshot: Snapshot, structure: str, reference: str) -> None:
    """Draw an action of a structure; an `UnknownError` if its register has none of that reference."""
    versions = visible_versions(context, snapshot, ACTIONS, {"structure": structure, "reference": reference})
    current = next((version for version in versions if version.standing is Standing.IN_FORCE), None)
    shown = current or newest_held(versions)
    if shown is None:
        raise UnknownError("action", reference)
    t = context.t
    draw_html(
        heading(2, t("actions.one", reference=reference), snapshot.structures[structure].name)
        + _facts_html(context, snapshot, shown)
    )
    newest = newest_held(versions)
    if newest is not None and newest.standing is Standing.WAITING:
        draw_html(notice(t("actions.waits", author=context.author_label(newest.author))))
    if newest is not None and may_edit(context, snapshot, structure):
        _draw_gestures(context, snapshot, newest)
    draw_html(heading(2, t("actions.history")) + versions_html(context, snapshot, ACTIONS, versions))


def draw_new_action(context: PageContext, snapshot: Snapshot, structure: str) -> None:
    """Draw the form of a new action of a structure."""
    draw_html(heading(2, context.t("actions.new"), snapshot.structures[structure].name))
    form = new_action_form(context, snapshot, structure)
    if observation := form.prefill.get("observation"):
        draw_html(markup("<p>{}</p>", observation))
    outcome = draw_row_form(context, snapshot, form, None)
    if isinstance(outcome, Saved):
        _show_saved(context, structure, outcome)
    _draw_cancel(context, form)


def _show_saved(context: PageContext, structure: str, outcome: Saved) -> None:
    """Lead to the action that was saved."""
    with context.app_state.network.snapshot(newest=True) as newest:
        rows = newest.cursor.rows_of_deposit(ACTIONS.table, outcome.receipt.deposit)
    for name in ("nouvelle", "indicateur", GESTURE_PARAM):
        st.query_params.pop(name, None)
    st.query_params.update({"structure": structure, "action": str(rows["reference"][0])})
    st.rerun()


def _facts_html(context: PageContext, snapshot: Snapshot, version: RowVersion) -> Markup:
    t = context.t
    pairs = []
    for column in ACTIONS.columns:
        value = version.values[column.name]
        if column.name in ACTIONS.key or value is None:
            continue
        label = cell_label(ACTIONS, column, value, snapshot, t)
        if column.name == "indicator":
            structure = str(version.values["structure"])
            url = context.link("indicateur", indicateur=str(value), perimetre=structure, vue="gestion")
            label = link(url, label)
        elif column.name == "effectiveness":
            label = t(f"actions.effect.{value}")
        pairs.append((field_label(ACTIONS, column.name, t), label))
    return facts(pairs)


def _draw_gestures(context: PageContext, snapshot: Snapshot, newest: RowVersion) -> None:
    """Draw what can be done to the action, and the form of what is being done."""
    t, status = context.t, str(newest.values["status"])
    structure, reference = str(newest.values["structure"]), str(newest.values["reference"])
    chosen = context.params.get(GESTURE_PARAM)
    links = [
        markup('<strong aria-current="true">{}</strong>', t(f"actions.do.{name}"))
        if name == chosen
        else link(action_url(context, structure, reference, geste=name), t(f"actions.do.{name}"))
        for name, gesture in GESTURES.items()
        if status in gesture.offered_to
    ]
    draw_html(markup('<p class="links">{}</p>', join(links, " · ")))
    if chosen is None:
        return
    form = gesture_form(chosen, structure, reference)
    draw_html(heading(3, t(f"actions.do.{chosen}"), t(f"actions.about.{chosen}")))
    outcome = draw_row_form(context, snapshot, form, newest)
    if outcome is not None:
        st.query_params.pop(GESTURE_PARAM, None)
        st.rerun()
    _draw_cancel(context, form)


def _draw_cancel(context: PageContext, form: RowForm) -> None:
    """Draw the button that gives up what was typed."""
    if st.button(context.t("form.cancel"), key=f"cancel {form.name}", type="tertiary"):
        forget_edit(form)
        st.session_state.pop(OUTCOME_KEY, None)
        for name in ("nouvelle", "indicateur", GESTURE_PARAM):
            st.query_params.pop(name, None)
        st.rerun()
