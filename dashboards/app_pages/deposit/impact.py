"""The impact of a deposit, shown before it is stored: changed figures with both values, figures newly withheld."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl
from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.components.html import NO_HTML, HtmlCell, details, heading, join, markup, table
from dashboards.wording.formatting import exact_value, format_amount, format_number, format_period
from dashboards.wording.translations import Translator
from indicators.definitions.catalogue import Catalogue
from indicators.definitions.perimeters import Structures
from indicators.definitions.periods import Period
from indicators.figures.figure import Figure
from indicators.intake.impact import Impact, PublicChange
from schemas.measures import WHOLE_SEGMENT

CHANGE_KINDS: Final = ("new", "changed", "unchanged", "dropped")
MAX_UNFOLDED_ROWS: Final = 12
"""Rows of a list shown unfolded; longer lists are folded."""


def impact_html(context: PageContext, impact: Impact) -> Markup:
    """Return the counts of changes, the changed figures with both values, and the figures that become withheld."""
    t = context.t
    count_sentences = [
        t(f"change.{kind}", count=impact.counts.get(kind, 0)) for kind in CHANGE_KINDS if impact.counts.get(kind, 0)
    ]
    html = heading(3, t("change.title")) + markup(
        "<p>{}</p>", t("change.lines", told=t("list.separator").join(count_sentences))
    )
    with context.app_state.network.snapshot() as snapshot:
        structures, catalogue = snapshot.structures, snapshot.catalogue
    rows = [row for row in impact.changes.iter_rows(named=True) if row["kind"] in {"changed", "dropped"}]
    if rows:
        table_html = _changes_table(rows, structures, catalogue, t)
        total = impact.counts.get("changed", 0) + impact.counts.get("dropped", 0)
        title = t("change.show", count=len(rows), total=total)
        html += table_html if len(rows) <= MAX_UNFOLDED_ROWS else details(title, table_html)
    if not impact.withheld.is_empty():
        html += _withheld_html(impact, structures, catalogue, t)
    if impact.unchecked_structures:
        html += markup('<p class="under">{}</p>', t("change.not_looked_at", count=impact.unchecked_structures))
    return markup('<div class="changes">{}</div>', html)


def public_changes_html(changes: Sequence[PublicChange], structures: Structures, t: Translator) -> Markup:
    """Return the public figures that a deposit changes, as everybody would read them before and after."""
    if not changes:
        return markup("<p>{}</p>", t("change.public.none"))
    several = len({change.structure for change in changes}) > 1
    rows = []
    for change in changes:
        aside = [format_period(change.after.period, t)]
        if several:
            aside.append(structures[change.structure].name)
        label = change.after.indicator.label(t.language)
        name = markup('{} <span class="aside">{}</span>', label, join(aside, " · "))
        rows.append(
            [HtmlCell(name), *(HtmlCell(_public_text(figure, t), True) for figure in (change.before, change.after))]
        )
    headers = [t(f"change.{name}") for name in ("figure", "before", "after")]
    title = t("change.public", count=len(changes))
    table_html = table(title, headers, rows)
    return table_html if len(rows) <= MAX_UNFOLDED_ROWS else details(title, table_html)


def _public_text(figure: Figure, t: Translator) -> str:
    """Return a figure as the public reads it, or why it reads none."""
    if figure.shown:
        return format_amount(exact_value(figure.shown, figure.indicator), figure.indicator, t)
    return t(f"status.{figure.status}")


def _changes_table(rows: list[dict[str, Any]], structures: Structures, catalogue: Catalogue, t: Translator) -> Markup:
    show_structure = len({row["structure"] for row in rows}) > 1
    table_rows = []
    for row in rows:
        name = _figure_label(row, structures, catalogue, t, show_structure=show_structure)
        after = _format_value(row, "", t)
        if row["kind"] == "dropped":
            after = t("change.taken_away", absence=after)
        table_rows.append([HtmlCell(name), HtmlCell(_format_value(row, "former_", t), True), HtmlCell(after, True)])
    headers = [t(f"change.{name}") for name in ("figure", "before", "after")]
    return table(t("change.caption"), headers, table_rows)


def removed_figures(rows: pl.DataFrame, structures: Structures, catalogue: Catalogue, t: Translator) -> list[Markup]:
    """Return each figure that a deposit or a withdrawal removes, as HTML: its name and its value.

    `rows` has structure, period, indicator, segment, numerator, denominator and value.
    """
    show_structure = rows["structure"].n_unique() > 1
    return [
        _figure_label(row, structures, catalogue, t, show_structure=show_structure, extra=_format_counts(row, "", t))
        for row in rows.iter_rows(named=True)
    ]


def removed_figures_html(
    rows: pl.DataFrame, structures: Structures, catalogue: Catalogue, title: str, t: Translator
) -> Markup:
    """Return the list of removed figures under a title, folded if long; empty without any."""
    if rows.is_empty():
        return NO_HTML
    items = join(markup("<li>{}</li>", line) for line in removed_figures(rows, structures, catalogue, t))
    list_html = markup("<ul>{}</ul>", items)
    return markup("<p>{}</p>", title) + (
        list_html if rows.height <= MAX_UNFOLDED_ROWS else details(t("change.withheld.show"), list_html)
    )


def _figure_label(
    row: Mapping[str, Any],
    structures: Structures,
    catalogue: Catalogue,
    t: Translator,
    *,
    show_structure: bool,
    extra: str = "",
) -> Markup:
    """Return the label of a figure: indicator, then period, segment, structure and `extra` in small type."""
    details = [format_period(Period.parse(row["period"]), t)]
    if row.get("segment", WHOLE_SEGMENT) != WHOLE_SEGMENT:
        details.append(row["segment"])
    if show_structure:
        details.append(structures[row["structure"]].name)
    if extra:
        details.append(extra)
    label = catalogue[row["indicator"]].label(t.language)
    return markup('{} <span class="aside">{}</span>', label, join(details, " · "))


def _format_value(row: Mapping[str, Any], prefix: str, t: Translator) -> str:
    """Return the counts, or the rate reported without counts, or the reason of the absence."""
    absence = row[f"{prefix}absence"]
    return _format_counts(row, prefix, t) if absence is None else t(f"change.absence.{absence}")


def _format_counts(row: Mapping[str, Any], prefix: str, t: Translator) -> str:
    """Return the counts, or the rate reported without counts."""
    numerator, denominator, value = (row[f"{prefix}{name}"] for name in ("numerator", "denominator", "value"))
    if numerator is None:
        return t("change.nothing") if value is None else _format_number(value, t)
    numerator_text = _format_number(numerator, t)
    return numerator_text if denominator is None else f"{numerator_text} / {_format_number(denominator, t)}"


def _format_number(number: float, t: Translator) -> str:
    """Format a number with the decimals it has, two at most."""
    text_ = f"{abs(number):.2f}".rstrip("0").partition(".")[2]
    return format_number(number, len(text_), t.language)


def _withheld_html(impact: Impact, structures: Structures, catalogue: Catalogue, t: Translator) -> Markup:
    """Return the public figures that become withheld once the file is stored, with their present status."""
    rows = list(impact.withheld.iter_rows(named=True))
    show_structure = len({row["structure"] for row in rows}) > 1
    items = ""
    for row in rows:
        today = t("change.today", status=t(f"status.{row['before']}"))
        items += markup(
            "<li>{}</li>", _figure_label(row, structures, catalogue, t, show_structure=show_structure, extra=today)
        )
    sentence = markup("<p>{}</p>", t("change.withheld", count=len(rows)))
    list_html = markup("<ul>{}</ul>", items)
    return sentence + (list_html if len(rows) <= MAX_UNFOLDED_ROWS else details(t("change.withheld.show"), list_html))
