"""Two people who change the same row: what differs, field by field, and what becomes of it if one keeps theirs."""

from collections.abc import Mapping

from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.registers.row_fields import cell_label, field_label, typed_cells
from dashboards.components.html import HtmlCell, heading, markup, table
from dashboards.wording.formatting import format_moment
from indicators.snapshot import Snapshot
from indicators.store.row_versions import RowVersion
from schemas.columns import CellType, Dataset


def conflict_html(
    context: PageContext,
    snapshot: Snapshot,
    dataset: Dataset,
    base: RowVersion | None,
    current: RowVersion | None,
    typed: Mapping[str, str],
) -> Markup:
    """Return who changed the row that the reader was changing, when, and every field that differs."""
    t = context.t
    if current is None:
        return markup('<div class="notice" role="alert"><p>{}</p></div>', t("form.conflict.gone"))
    title = t("form.conflict.title", author=context.author_label(current.author))
    when = t("form.conflict.when", moment=format_moment(context.local(current.at), t))
    before = base.values if base else {}
    theirs = typed_cells(dataset, current.values)
    rows = []
    for column in dataset.columns:
        yours = typed.get(column.name, "")
        if theirs[column.name] != yours or current.values[column.name] != before.get(column.name):
            cells = (before.get(column.name), current.values[column.name])
            labels = [cell_label(dataset, column, value, snapshot, t) for value in cells]
            mine = cell_label(dataset, column, yours or None, snapshot, t)
            if column.cell_type is CellType.DATE:
                mine = labels[1] if yours == theirs[column.name] else mine
            rows.append([HtmlCell(text) for text in (field_label(dataset, column.name, t), *labels, mine)])
    headers = [t(f"form.conflict.{name}") for name in ("field", "before", "theirs", "yours")]
    return markup(
        '<div class="notice" role="alert">{}<p>{}</p></div>{}<p class="under">{}</p>',
        heading(3, title),
        when,
        table(t("form.conflict.caption"), headers, rows),
        t("form.conflict.note"),
    )


def merged_cells(
    dataset: Dataset, base: RowVersion | None, current: RowVersion | None, typed: Mapping[str, str]
) -> Mapping[str, str]:
    """Return the row with the cells that the second person edited upon those of the first one."""
    if current is None:
        return typed
    before = typed_cells(dataset, base.values if base else {})
    theirs = typed_cells(dataset, current.values)
    return {name: typed.get(name, "") if typed.get(name, "") != before[name] else theirs[name] for name in theirs}
