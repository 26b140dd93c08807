"""The versions of a row: those that its reader may see, who wrote each and when, and what it changed."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.registers.row_fields import cell_label, field_label
from dashboards.app_pages.registers.row_form import may_edit
from dashboards.components.html import join, markup
from dashboards.wording.formatting import format_moment
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.roles import Right
from indicators.snapshot import Snapshot
from indicators.store.row_versions import HELD, RowVersion, Standing, find_row_versions
from schemas.columns import Dataset


def visible_versions(
    context: PageContext, snapshot: Snapshot, dataset: Dataset, key: Mapping[str, object]
) -> list[RowVersion]:
    """Return the versions that the reader may see: what waits, only who approves it or may change the row."""
    structure = str(key["structure"])
    perimeter = Perimeter(Level.STRUCTURE, structure)
    sees_waiting = may_edit(context, snapshot, structure) or context.visitor.may(
        Right.SEE_WAITING, perimeter, snapshot.structures
    )
    kept = {Standing.IN_FORCE, *(Standing if sees_waiting else ())}
    return [version for version in find_row_versions(snapshot.cursor, dataset, key) if version.standing in kept]


def versions_html(context: PageContext, snapshot: Snapshot, dataset: Dataset, versions: Sequence[RowVersion]) -> Markup:
    """Return every version, newest first: who wrote it when, and what it changed."""
    t, items = context.t, []
    for place, version in enumerate(versions):
        before = next((each for each in versions[place + 1 :] if each.standing in HELD), None)
        moment = format_moment(context.local(version.at), t)
        head = t("row.version", moment=moment, author=context.author_label(version.author))
        if version.standing is not Standing.IN_FORCE:
            head = t("row.version.standing", version=head, standing=t(f"row.standing.{version.standing}"))
        changes = _changes(context, snapshot, dataset, before, version)
        comment = markup("<p>{}</p>", t("history.said", comment=version.comment)) if version.comment else ""
        items.append(markup('<li>{}<p class="under">{}</p>{}</li>', head, join(changes, " · "), comment))
    return markup('<ol class="plain">{}</ol>', join(items))


def _changes(
    context: PageContext, snapshot: Snapshot, dataset: Dataset, before: RowVersion | None, version: RowVersion
) -> list[str]:
    """Return what a version changed: the first one, that the row was written."""
    t = context.t
    if before is None:
        return [t("row.version.first")]
    changed = []
    for column in dataset.columns:
        old, new = before.values[column.name], version.values[column.name]
        if old != new:
            words = [cell_label(dataset, column, value, snapshot, t) for value in (old, new)]
            changed.append(
                t("row.version.change", field=field_label(dataset, column.name, t), before=words[0], after=words[1])
            )
    return changed or [t("row.version.same")]
