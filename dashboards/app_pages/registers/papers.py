"""The page `/revue`: the papers of meetings, read here, commented here, taken away as PDF, and closed."""

from functools import partial
from typing import Final

import streamlit as st

from dashboards.app_pages.page_context import PERIOD_PARAM, PageContext
from dashboards.app_pages.perimeter_choice import PERIMETER_PARAM
from dashboards.app_pages.registers.choice import (
    RegisterChoice,
    draw_register_choice,
    read_register_choice,
    sections_html,
)
from dashboards.app_pages.registers.closed_papers import render_closings
from dashboards.app_pages.registers.open_paper import (
    PAPER_PARAM,
    PUBLIC_VERSION,
    VERSION_PARAM,
    OpenPaper,
    open_paper,
)
from dashboards.app_pages.registers.paper_comments import render_comments
from dashboards.app_pages.visitor_key import visitor_key
from dashboards.components.draw import draw_html
from dashboards.components.html import heading
from dashboards.papers.build import sitting_name
from dashboards.papers.page_html import draw_paper
from dashboards.papers.pdf import PDF_TYPE, paper_pdf
from indicators.queries.papers.sittings import PaperKind, latest_sittings

STRUCTURE_PARAM: Final = "structure"
OFFERED_SITTINGS: Final = {
    PaperKind.FORTNIGHT: 12,
    PaperKind.COMMITTEE: 9,
    PaperKind.REVIEW: 5,
    PaperKind.DIALOGUE: 8,
}
YEARS_AHEAD: Final = 5
"""Years by which the last of a contract that runs now may be ahead."""


def render(context: PageContext) -> None:
    """Render the paper of the address for a perimeter, then its comments and its closed versions."""
    t = context.t
    context.set_title(t("page.revue"))
    draw_html(heading(1, t("page.revue"), t("revue.intro")))
    with context.app_state.network.snapshot() as snapshot:
        if not snapshot.structures.by_id:
            draw_html(context.empty_state("empty.structures"))
            return
        context = _with_structure(context)
        registers = read_register_choice(context, snapshot)
        context = context.about(registers.perimeter, snapshot)
        opened = open_paper(context, snapshot, registers)
        draw_html(sections_html(context, registers))
        _render_choices(context, registers, opened)
        _offer_pdf(context, opened)
        draw_paper(context, opened.paper, snapshot.tag, opened.audience)
        if opened.is_internal:
            render_comments(context, opened)
        render_closings(context, opened)


def _with_structure(context: PageContext) -> PageContext:
    """Return the context with the structure of the address, if any, as its perimeter."""
    structure = context.params.get(STRUCTURE_PARAM)
    if structure is None or PERIMETER_PARAM in context.params:
        return context
    return context.with_params(**{PERIMETER_PARAM: structure})


def _render_choices(context: PageContext, registers: RegisterChoice, opened: OpenPaper) -> None:
    """Draw the choices of the perimeter, the paper, its sitting and its version."""
    t, kind, sitting = context.t, opened.choice.kind, opened.choice.sitting
    day = context.today
    if kind is PaperKind.DIALOGUE:
        day = day.replace(year=day.year + YEARS_AHEAD, month=12, day=31)
    sittings = {each.code: each for each in (*latest_sittings(kind, day, OFFERED_SITTINGS[kind]), sitting)}
    chosen = context.with_params(**{PERIOD_PARAM: sitting.code})
    with st.container(horizontal=True, key="choices", vertical_alignment="bottom"):
        draw_register_choice(context, registers)
        context.choose(
            PAPER_PARAM,
            t("paper.choose"),
            [each.value for each in PaperKind],
            lambda code: t(f"paper.{code}"),
            default=kind.value,
            clears=(PERIOD_PARAM,),
        )
        chosen.choose(
            PERIOD_PARAM,
            t("paper.sitting"),
            sorted(sittings, reverse=True),
            lambda code: sitting_name(kind, sittings[code], t),
        )
        versions = {"": t("paper.version.internal"), PUBLIC_VERSION: t("paper.version.public")}
        context.segmented(VERSION_PARAM, t("paper.version"), versions)


def _offer_pdf(context: PageContext, opened: OpenPaper) -> None:
    """Draw the button of the PDF, which is made on click."""
    build = partial(paper_pdf, opened.paper, context.app_state.clock.now(), visitor_key())
    context.offer_download(
        context.t("paper.download"),
        build,
        opened.file_name,
        PDF_TYPE,
        "paper pdf",
        holds_management=opened.is_internal,
    )
