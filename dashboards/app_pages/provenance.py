"""Where a figure comes from: when it was deposited and replaced; for its management, from which cells."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import streamlit as st

from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.visitor_key import visitor_key
from dashboards.components.draw import draw_html
from dashboards.components.html import HtmlCell, heading, join, link, markup, notice, table
from dashboards.papers.build import foot_line, source_sentence
from dashboards.papers.evidence import (
    Evidence,
    counted_table,
    definition_facts,
    evidence_paper,
    figure_facts,
    file_facts,
)
from dashboards.papers.page_html import block_html
from dashboards.papers.pdf import PDF_TYPE, paper_pdf
from dashboards.wording.formatting import format_count, format_moment, format_number, format_period, format_short_day
from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Period
from indicators.disclosure import is_counted_from_registers
from indicators.errors import UnknownError
from indicators.figures.figure import Figure
from indicators.queries.deposits.counted_rows import CountedRow, counted_rows
from indicators.queries.deposits.provenance import DepositedFigure, deposited_figures
from indicators.queries.figures.figures import figure_from_row, perimeter_figures
from indicators.snapshot import Snapshot

PROVENANCE_PATH: Final = "provenance"
NUMBERS: Final = frozenset({3, 4})
"""Columns of the table of deposited rows that are numbers."""


@dataclass(frozen=True)
class Sources:
    """What a figure is made of: the rows that state it, and those of the register that counts it instead."""

    figures: Sequence[DepositedFigure]
    counted: Sequence[CountedRow] | None
    """Null where no register counts: the figure is the stated one."""


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
        sources = _sources(own_context, snapshot, indicator, period)
        if sources is None:
            key = "derived" if indicator.source == "derived" else "none"
            draw_html(notice(t(f"provenance.{key}")) + links)
            return
        figure = read_figure(own_context, snapshot, indicator, period)
        write = partial(_evidence, own_context, snapshot, figure, sources)
        _draw(own_context, write(own_context.author_label))
        _offer_pdf(own_context, snapshot, write(own_context.author_on_paper))
        draw_html(links)


def _sources(context: PageContext, snapshot: Snapshot, indicator: Indicator, period: Period) -> Sources | None:
    """Return what a figure is made of; null where there is nothing that its reader may be shown."""
    structure = context.perimeter.name
    is_counted = is_counted_from_registers(snapshot, structure, indicator, period.code)
    counted = counted_rows(snapshot, structure, indicator, period) if is_counted else None
    if indicator.source == "derived":
        return Sources([], counted) if counted and context.may_see_management else None
    figures = deposited_figures(snapshot, structure, indicator.id, period.code)
    return Sources(figures, counted) if figures or is_counted else None


def read_figure(context: PageContext, snapshot: Snapshot, indicator: Indicator, period: Period) -> Figure:
    """Return the figure of the page's perimeter as its reader may see it."""
    audience = Audience.MANAGEMENT if context.may_see_management else Audience.PUBLIC
    query = context.query(snapshot, audience)
    rows = perimeter_figures(query, context.perimeter, [indicator], period.end, period.end).rows
    row = next((row for row in rows.iter_rows(named=True) if row["period"] == period.code), None)
    return figure_from_row(query, context.perimeter, indicator, period, row)


def _evidence(
    context: PageContext, snapshot: Snapshot, figure: Figure, sources: Sources, author_label: Callable[[str], str]
) -> Evidence:
    """Return what the reader may know of a figure: rows and files are for its management."""
    t, is_management, counted = context.t, context.may_see_management, sources.counted
    return Evidence(
        figure,
        snapshot.structures[context.perimeter.name].name,
        _public_sentences(context, sources),
        [t(f"provenance.column.{name}") for name in ("moment", "author", "file", "row", "said", "state")],
        [_cells(context, each, sources, author_label) for each in sources.figures] if is_management else [],
        sources.figures if is_management else [],
        [_counted_cells(context, row, author_label) for row in counted or ()] if is_management else [],
    )


def _draw(context: PageContext, evidence: Evidence) -> None:
    """Draw the evidence."""
    t, figure = context.t, evidence.figure
    draw_html(
        block_html(figure_facts(figure, evidence.structure, t)) + markup("<p>{}</p>", join(evidence.sentences, " "))
    )
    if evidence.counted:
        draw_html(heading(2, t("evidence.register")) + block_html(counted_table(evidence.counted, t)))
    if evidence.rows:
        rows = [[HtmlCell(text, place in NUMBERS) for place, text in enumerate(row)] for row in evidence.rows]
        cells = table(t("provenance.caption"), evidence.headers, rows)
        draw_html(heading(2, t("provenance.cells")) + cells + block_html(file_facts(evidence.figures, t)))
    draw_html(heading(2, t("evidence.definition")) + block_html(definition_facts(figure.indicator, t)))


def _offer_pdf(context: PageContext, snapshot: Snapshot, evidence: Evidence) -> None:
    """Draw the button of the evidence as a PDF, which may be handed on."""
    t, figure = context.t, evidence.figure
    audience = Audience.MANAGEMENT if context.may_see_management else Audience.PUBLIC
    query, is_internal = context.query(snapshot, audience), context.may_see_management
    source = source_sentence(query, t, is_internal=is_internal)
    paper = evidence_paper(evidence, source, foot_line(query, t, is_internal=is_internal), t)
    name = f"preuve-{context.perimeter.name}-{figure.indicator.id}-{figure.period.code}.pdf"
    build = partial(paper_pdf, paper, context.app_state.clock.now(), visitor_key())
    context.offer_download(t("evidence.download"), build, name, PDF_TYPE, "evidence pdf", holds_management=is_internal)


def _public_sentences(context: PageContext, sources: Sources) -> list[str]:
    """Return the days on which the figure was deposited, and whether it was replaced: nothing of its values."""
    t = context.t
    kept = [figure for figure in reversed(sources.figures) if not figure.withdrawn]
    if sources.counted is not None:
        typed = [t("provenance.typed", day=format_short_day(kept[-1].submitted_at, t))] if kept else []
        return [t("provenance.derived"), *typed]
    if not kept:
        return [t("provenance.withdrawn")]
    sentences = [t("provenance.first", day=format_short_day(kept[0].submitted_at, t))]
    if len(kept) > 1:
        sentences.append(t("provenance.replaced", count=len(kept) - 1, day=format_short_day(kept[-1].submitted_at, t)))
    return sentences


def _cells(
    context: PageContext, figure: DepositedFigure, sources: Sources, author_label: Callable[[str], str]
) -> list[str]:
    """Return a deposited row: when, by whom, in which row of which file, and what it said."""
    t = context.t
    return [
        format_moment(context.local(figure.submitted_at), t),
        author_label(figure.author),
        figure.file_name or t("history.erased"),
        str(figure.line),
        _stated(context, figure),
        t(f"provenance.state.{_state(figure, sources)}"),
    ]


def _counted_cells(context: PageContext, row: CountedRow, author_label: Callable[[str], str]) -> list[str]:
    """Return a row of a register: what it counts, by whom and when it was deposited, in which row of which file."""
    t = context.t
    counts = [format_count(number, t.language) for number in (row.present, row.eligible) if number is not None]
    return [
        row.reference,
        format_short_day(row.day, t),
        " / ".join(counts) or "–",
        format_moment(context.local(row.submitted_at), t),
        author_label(row.author),
        t("evidence.row", file=row.file_name or t("history.erased"), line=row.line, deposit=row.deposit),
    ]


def _stated(context: PageContext, figure: DepositedFigure) -> str:
    t = context.t
    if figure.absence is not None:
        return t(f"change.absence.{figure.absence}")
    numbers = [figure.numerator, figure.denominator] if figure.numerator is not None else [figure.value]
    return " / ".join(format_number(number, _decimals(number), t.language) for number in numbers if number is not None)


def _decimals(number: float) -> int:
    """Return the decimals that a number has, two at most."""
    return len(f"{abs(number):.2f}".rstrip("0").partition(".")[2])


def _state(figure: DepositedFigure, sources: Sources) -> str:
    if figure.withdrawn:
        return "withdrawn"
    if sources.counted is not None:
        return "register"
    return "current" if figure.is_current else "replaced"
