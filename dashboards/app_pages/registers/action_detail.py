"""One action: what it says, what can be done to it, and every version of it with who wrote it and when."""

from collections.abc import Sequence

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.registers.action_forms import GESTURES, gesture_form, new_action_form
from dashboards.app_pages.registers.action_list import action_url
from dashboards.app_pages.registers.row_fields import cell_label, field_label
from dashboards.app_pages.registers.row_form import OUTCOME_KEY, RowForm, draw_row_form, forget_edit, may_edit
from dashboards.components.draw import draw_html
from dashboards.components.html import facts, heading, join, link, markup, notice
from dashboards.wording.formatting import format_moment
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.roles import Right
from indicators.errors import UnknownError
from indicators.intake.row_edit import Saved
from indicators.snapshot import Snapshot
from indicators.store.row_versions import HELD, RowVersion, Standing, find_row_versions, newest_held
from schemas.actions import ACTIONS

GESTURE_PARAM = "geste"


def draw_action(context: PageContext, snapshot: Snapshot, structure: str, reference: str) -> None:
    """Draw an action of a structure; an `UnknownError` if its register has none of that reference."""
    versions = _visible_versions(context, snapshot, structure, reference)
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
    draw_html(heading(2, t("actions.history")) + _history_html(context, snapshot, versions))


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


def _visible_versions(context: PageContext, snapshot: Snapshot, structure: str, reference: str) -> list[RowVersion]:
    """Return the versions that the reader may see: what waits, only who approves it or may change the row."""
    versions = find_row_versions(snapshot.cursor, ACTIONS, {"structure": structure, "reference": reference})
    perimeter = Perimeter(Level.STRUCTURE, structure)
    sees_waiting = may_edit(context, snapshot, structure) or context.visitor.may(
        Right.SEE_WAITING, perimeter, snapshot.structures
    )
    kept = {Standing.IN_FORCE, *(Standing if sees_waiting else ())}
    return [version for version in versions if version.standing in kept]


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


def _history_html(context: PageContext, snapshot: Snapshot, versions: Sequence[RowVersion]) -> Markup:
    """Return every version, newest first: who wrote it when, and what it changed."""
    t, items = context.t, []
    for place, version in enumerate(versions):
        before = next((each for each in versions[place + 1 :] if each.standing in HELD), None)
        moment = format_moment(context.local(version.at), t)
        head = t("actions.version", moment=moment, author=context.author_label(version.author))
        if version.standing is not Standing.IN_FORCE:
            head = t("actions.version.standing", version=head, standing=t(f"actions.standing.{version.standing}"))
        changes = _changes(context, snapshot, before, version)
        comment = markup("<p>{}</p>", t("history.said", comment=version.comment)) if version.comment else ""
        items.append(markup('<li>{}<p class="under">{}</p>{}</li>', head, join(changes, " · "), comment))
    return markup('<ol class="plain">{}</ol>', join(items))


def _changes(context: PageContext, snapshot: Snapshot, before: RowVersion | None, version: RowVersion) -> list[str]:
    """Return what a version changed: the first one, that the action was written."""
    t = context.t
    if before is None:
        return [t("actions.version.first")]
    changed = []
    for column in ACTIONS.columns:
        old, new = before.values[column.name], version.values[column.name]
        if old != new:
            words = [cell_label(ACTIONS, column, value, snapshot, t) for value in (old, new)]
            changed.append(
                t("actions.version.change", field=field_label(ACTIONS, column.name, t), before=words[0], after=words[1])
            )
    return changed or [t("actions.version.same")]
