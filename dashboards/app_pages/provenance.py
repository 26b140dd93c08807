"""Where a figure comes from: when it was deposited and replaced; for its management, from which cells."""

from collections.abc import Sequence
from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.components.draw import draw_html
from dashboards.components.html import HtmlCell, heading, join, link, markup, notice, table
from dashboards.wording.formatting import format_moment, format_number, format_period, format_short_day
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Period
from indicators.disclosure import counted_from_registers
from indicators.errors import UnknownError
from indicators.queries.deposits.provenance import DepositedFigure, deposited_figures

PROVENANCE_PATH: Final = "provenance"


def render(context: PageContext) -> None:
    """Render the figure of the address: what it is, how it is made, and its deposits."""
    t, params = context.t, context.params
    context.set_title(t("provenance.title"))
    title = st.empty()
    draw_html(heading(1, t("provenance.title")), title)
    with context.app_state.network.snapshot() as snapshot:
        indicator = snapshot.catalogue[params.get("indicateur", "")]
        structure = snapshot.structures[params.get("structure", "")]
        period = Period.parse(params.get("periode", ""))
        perimeter = Perimeter(Level.STRUCTURE, structure.id)
        own_context = context.about(perimeter, snapshot)
        if not context.visitor.audience(perimeter, snapshot.structures).sees(indicator.audience):
            # The past of what the reader may not see is not theirs either.
            raise UnknownError("indicator", indicator.id)
        label = indicator.label(t.language)
        name = t("provenance.of", label=label, name=structure.name, period=format_period(period, t))
        draw_html(heading(1, t("provenance.title"), name), title)
        back = context.link("indicateur", indicateur=indicator.id, structure=structure.id)
        links = markup('<p class="links">{}</p>', link(back, t("provenance.back")))
        if indicator.source == "derived":
            draw_html(notice(t("provenance.derived")) + links)
            return
        figures = deposited_figures(snapshot, structure.id, indicator.id, period.code)
        is_counted = (structure.id, indicator.id, period.code) in counted_from_registers(snapshot)
        if is_counted:
            # What was typed all the same is history: the register counts.
            draw_html(notice(t("provenance.derived")))
        if not figures:
            draw_html(links if is_counted else notice(t("provenance.none")) + links)
            return
        draw_html(_public_html(own_context, figures))
        if own_context.may_see_management:
            draw_html(heading(2, t("provenance.cells")) + _cells_html(own_context, figures))
        draw_html(links)


def _public_html(context: PageContext, figures: Sequence[DepositedFigure]) -> Markup:
    """Return the days on which the figure was deposited, and whether it was replaced: nothing of its values."""
    t = context.t
    kept = [figure for figure in reversed(figures) if not figure.withdrawn]
    if not kept:
        return markup("<p>{}</p>", t("provenance.withdrawn"))
    sentences = [t("provenance.first", day=format_short_day(kept[0].submitted_at, t))]
    if len(kept) > 1:
        sentences.append(t("provenance.replaced", count=len(kept) - 1, day=format_short_day(kept[-1].submitted_at, t)))
    return markup("<p>{}</p>", join(sentences, " "))


def _cells_html(context: PageContext, figures: Sequence[DepositedFigure]) -> Markup:
    """Return each deposited row: when, by whom, in which row of which file, and what it said."""
    t = context.t
    headers = [t(f"provenance.column.{name}") for name in ("moment", "author", "file", "row", "said", "state")]
    rows = [
        [
            HtmlCell(format_moment(context.local(figure.submitted_at), t)),
            HtmlCell(context.author_label(figure.author)),
            HtmlCell(figure.file_name or t("history.erased")),
            HtmlCell(str(figure.line), is_number=True),
            HtmlCell(_stated(context, figure), is_number=True),
            HtmlCell(t(f"provenance.state.{_state(figure)}")),
        ]
        for figure in figures
    ]
    return table(t("provenance.caption"), headers, rows)


def _stated(context: PageContext, figure: DepositedFigure) -> str:
    t = context.t
    if figure.absence is not None:
        return t(f"change.absence.{figure.absence}")
    numbers = [figure.numerator, figure.denominator] if figure.numerator is not None else [figure.value]
    return " / ".join(format_number(number, _decimals(number), t.language) for number in numbers if number is not None)


def _decimals(number: float) -> int:
    """Return the decimals that a number has, two at most."""
    return len(f"{abs(number):.2f}".rstrip("0").partition(".")[2])


def _state(figure: DepositedFigure) -> str:
    if figure.withdrawn:
        return "withdrawn"
    return "current" if figure.is_current else "replaced"
