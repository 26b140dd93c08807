"""Occasions of participation of a year: the four dimensions, assemblies and boards, and the list."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.registers.choice import RegisterChoice
from dashboards.app_pages.registers.list_parts import (
    NOTHING,
    ROWS_PER_PAGE,
    TakenList,
    choose_filter,
    count_cell,
    draw_downloads,
    structure_cell,
)
from dashboards.app_pages.registers.row_page import row_link
from dashboards.components.draw import draw_html
from dashboards.components.html import HtmlCell, facts, heading, link, markup, notice, pictogram, table
from dashboards.wording.formatting import format_count, format_percentage, format_short_day
from indicators.definitions.perimeters import slug
from indicators.figures.assemblies_and_boards import ASSEMBLY_RATE, BOARD_SHARE
from indicators.queries.registers.participation import (
    OCCASION_INDICATOR,
    WITHOUT_DIMENSION,
    DimensionTotals,
    OccasionFilter,
    RegisterScope,
    assemblies_and_boards,
    counted_in_registers,
    dimension_totals,
    list_occasions,
    yearly_minimum,
)
from indicators.snapshot import Snapshot
from schemas.participation import BOARD_SEATS, DIMENSIONS, OCCASION_FORMS, PARTICIPATION

FORM_PARAM: Final = "forme"
DIMENSION_PARAM: Final = "dimension"
FILTER_PARAMS: Final = (FORM_PARAM, DIMENSION_PARAM)
FORMS: Final = {word: form for word, form in OCCASION_FORMS.items() if form != BOARD_SEATS}
DIMENSION_WORDS: Final = {**DIMENSIONS, "sans": WITHOUT_DIMENSION}
COLUMNS: Final = (
    "held_on", "form", "dimension", "theme", "eligible", "invited", "present", "rate", "in_pathway", "hours",
    "invited_apart", "prepared",
)  # fmt: skip

ALWAYS_SHOWN: Final = ("held_on", "form", "present")
RATE_OF: Final = {"rate": "eligible"}
YES_NO_COLUMNS: Final = ("invited_apart", "prepared")


def draw(context: PageContext, snapshot: Snapshot, choice: RegisterChoice, scope: RegisterScope) -> None:
    """Draw the occasions of the structures of a scope: what there was of each dimension, and the list."""
    t, totals = context.t, dimension_totals(snapshot, scope)
    title = t("participation.of", name=choice.name, year=scope.since.year)
    draw_html(
        heading(2, title[:1].upper() + title[1:])
        + _summary_html(context, snapshot, choice, scope, totals)
        + _dimensions_html(context, totals)
        + heading(2, t("participation.list"))
    )
    with st.container(horizontal=True, key="choices-list", vertical_alignment="bottom"):
        chosen = OccasionFilter(
            choose_filter(context, FORM_PARAM, FORMS, "participation.form"),
            choose_filter(context, DIMENSION_PARAM, DIMENSION_WORDS, "participation.dimension"),
        )
    _draw_list(context, snapshot, choice, scope, chosen)


def _summary_html(
    context: PageContext,
    snapshot: Snapshot,
    choice: RegisterChoice,
    scope: RegisterScope,
    totals: Sequence[DimensionTotals],
) -> Markup:
    """Return how many occasions there were against the yearly minimum, and the assemblies and boards in one line."""
    t, year = context.t, scope.since.year
    held = sum(each.occasions for each in totals)
    minimum = yearly_minimum(snapshot, choice.perimeter, year) if choice.structure else None
    held_link = _indicator_link(context, choice, OCCASION_INDICATOR, t("participation.held"))
    pairs: list[tuple[str, str]] = [(held_link, _held_html(context, held, minimum))]
    rows = assemblies_and_boards(snapshot, scope)
    for indicator, key in ((ASSEMBLY_RATE, "participation.assembly"), (BOARD_SHARE, "participation.board")):
        part, whole, structures = counted_in_registers(rows, indicator)
        name = _indicator_link(context, choice, indicator, t(key))
        if not whole:
            pairs.append((name, t("participation.not_filled")))
            continue
        share = format_percentage(part / whole * 100, 1, t.language)
        numbers = {"part": format_count(part, t.language), "whole": format_count(whole, t.language), "share": share}
        sentence = t("participation.rate", **numbers)
        if not choice.structure:
            sentence = f"{sentence} {t('participation.rate.structures', count=structures)}"
        pairs.append((name, sentence))
    return facts(pairs, brief=True)


def _held_html(context: PageContext, held: int, minimum: int | None) -> Markup:
    """Return « 3 », or « 3 sur 4 au moins » with its sign where a minimum is set."""
    t = context.t
    if minimum is None:
        return markup("{}", format_count(held, t.language))
    numbers = {"count": held, "minimum": format_count(minimum, t.language), "held": format_count(held, t.language)}
    sign = "met" if held >= minimum else "missed_doubt"
    return markup("{} {}", pictogram(sign), t("participation.minimum", **numbers))


def _indicator_link(context: PageContext, choice: RegisterChoice, indicator: str, label: str) -> Markup:
    where = {"structure": choice.structure} if choice.structure else {"perimetre": choice.perimeter.code}
    return link(context.link("indicateur", indicateur=indicator, **where), label)


def _dimensions_html(context: PageContext, totals: Sequence[DimensionTotals]) -> Markup:
    t = context.t
    names = ("dimension", "occasions", "present", "in_pathway", "hours", "prepared", "invited_apart")
    rows = [
        [
            HtmlCell(t(f"participation.dimension.{each.dimension}")),
            count_cell(context, each.occasions),
            count_cell(context, each.present),
            count_cell(context, each.in_pathway),
            count_cell(context, each.hours),
            HtmlCell(_prepared(context, each), is_number=True),
            count_cell(context, each.invited_apart if each.occasions else None),
        ]
        for each in totals
    ]
    return table(t("participation.dimensions"), [t(f"participation.column.{name}") for name in names], rows)


def _prepared(context: PageContext, totals: DimensionTotals) -> str:
    """Return « 3 sur 5 », of those of which it is known."""
    if not totals.known_prepared:
        return NOTHING
    counts = (format_count(count, context.language) for count in (totals.prepared, totals.known_prepared))
    return context.t("participation.prepared", **dict(zip(("count", "total"), counts, strict=True)))


def _draw_list(
    context: PageContext, snapshot: Snapshot, choice: RegisterChoice, scope: RegisterScope, chosen: OccasionFilter
) -> None:
    """Draw one page of the list, the buttons that turn it, and the whole list to take away."""
    page, total = list_occasions(snapshot, scope, chosen, ROWS_PER_PAGE)
    if not total:
        draw_html(notice(context.t("participation.nothing_left")))
        return
    placeholder = st.empty()
    first = context.paginate(ROWS_PER_PAGE, total)
    if first:
        page, _ = list_occasions(snapshot, scope, chosen, ROWS_PER_PAGE, first)
    draw_html(_table_html(context, snapshot, choice, page), placeholder)
    network = context.app_state.network

    def load() -> pl.DataFrame:
        with network.snapshot() as later:
            return list_occasions(later, scope, chosen)[0]

    stem = f"participation-{slug(choice.perimeter.code)}-{scope.since.year}"
    draw_downloads(context, TakenList(PARTICIPATION, load, stem))


def _table_html(context: PageContext, snapshot: Snapshot, choice: RegisterChoice, page: pl.DataFrame) -> Markup:
    t, has_several = context.t, choice.structure is None
    # What no row says has no column: few structures fill all of them.
    shown = [name for name in COLUMNS if name in ALWAYS_SHOWN or page[RATE_OF.get(name, name)].count()]
    headers = [t(f"participation.column.{name}") for name in (["structure"] * has_several + shown)]
    rows = []
    for row in page.iter_rows(named=True):
        structure = [structure_cell(context, snapshot, row["structure"])] if has_several else []
        cells = dict(zip(COLUMNS, _cells(context, snapshot, row), strict=True))
        rows.append([*structure, *(cells[name] for name in shown)])
    return markup('<div class="wide">{}</div>', table(_caption(context, has_several=has_several), headers, rows))


def _caption(context: PageContext, *, has_several: bool) -> str:
    return context.t("participation.caption.structures" if has_several else "participation.caption")


def _cells(context: PageContext, snapshot: Snapshot, row: Mapping[str, Any]) -> list[HtmlCell]:
    t = context.t
    rate = format_percentage(row["present"] / row["eligible"] * 100, 1, t.language) if row["eligible"] else NOTHING
    return [
        HtmlCell(row_link(context, snapshot, PARTICIPATION, row, format_short_day(row["held_on"], t))),
        HtmlCell(t(f"participation.form.{row['form']}")),
        HtmlCell(t(f"participation.dimension.{row['dimension'] or WITHOUT_DIMENSION}")),
        HtmlCell(row["theme"] or NOTHING),
        *(count_cell(context, row[name]) for name in ("eligible", "invited", "present")),
        HtmlCell(rate, is_number=True),
        *(count_cell(context, row[name]) for name in ("in_pathway", "hours")),
        *(HtmlCell(t(f"participation.answer.{row[name]}") if row[name] else NOTHING) for name in YES_NO_COLUMNS),
    ]
