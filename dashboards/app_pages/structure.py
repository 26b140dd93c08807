"""The board of one structure: its public figures by family and, for its managers, management figures."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages import structures_list
from dashboards.app_pages.indicator.page import perimeter_name
from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.unpublished import PROTECTION_PATH
from dashboards.components.draw import draw_html
from dashboards.components.html import facts, heading, join, markup, notice, pictogram
from dashboards.components.tiles import family_html, tile_html
from dashboards.wording.figure_sentences import change_sign_and_sentence
from dashboards.wording.formatting import format_day, format_period
from indicators.answer_cache import AnswerCache
from indicators.definitions.perimeters import Level, Perimeter, Structure
from indicators.definitions.periods import Period
from indicators.figures.year_on_year import YearOnYear
from indicators.queries.deposits.deliveries import reported_quarters
from indicators.queries.figures.assessed_board import AssessedFigure, assess_board, peer_perimeter
from indicators.queries.figures.board import visible_sheets
from indicators.queries.figures.changes import find_changes
from indicators.queries.figures.figures import figures_digest
from indicators.queries.figures.withheld import RuleByFigure, withheld_from_public
from indicators.snapshot import Snapshot

PEERS_PARAM: Final = "pairs"
SAME_KIND_PEERS: Final = "type"

MAX_PUBLIC_BOARDS: Final = 500
"""Rendered boards kept, some 30 KB each: 15 MB."""
_PUBLIC_BOARDS: Final = AnswerCache(MAX_PUBLIC_BOARDS)


def render(context: PageContext) -> None:
    """Render the board of the structure in the address, or the list to choose one from."""
    t = context.t
    with context.app_state.network.snapshot() as snapshot:
        if not snapshot.structures.by_id:
            draw_html(heading(1, t("structure.title")) + context.empty_state("empty.structures"))
            return
        structure_id = context.params.get("structure")
        if structure_id is None:
            draw_html(heading(1, t("structure.title"), t("structure.choose")))
            structures_list.draw(context, snapshot)
            return
        structure = snapshot.structures[structure_id]
        context.set_title(structure.name)
        periods = reported_quarters(snapshot)
        if not periods:
            draw_html(_header_html(context, snapshot, structure) + context.empty_state("empty.measures"))
            return
        quarter = context.selected_quarter(periods)
        if "periode" in context.params:
            context.set_title(f"{structure.name} – {format_period(quarter, t)}")
        own = Perimeter(Level.STRUCTURE, structure.id)
        context = context.about(own, snapshot)
        # How a figure stands to its peers is told to those who manage the structure alone.
        peers = _peers(context, snapshot, structure, quarter) if context.is_management_view else own
        board = _cached_board_html(context, snapshot, structure, peers, quarter)

    draw_html(_header_html(context, snapshot, structure))
    with st.container(horizontal=True, key="choices", vertical_alignment="bottom"):
        context.choose_quarter(periods, quarter)
        if context.may_see_management:
            context.choose_view()
        if context.is_management_view:
            context.segmented(
                PEERS_PARAM,
                t("structure.peers"),
                {"": t("structure.peers.network"), SAME_KIND_PEERS: t("structure.peers.kind")},
            )
    draw_html(board)


def _peers(visit: PageContext, reading: Snapshot, structure: Structure, quarter: Period) -> Perimeter:
    """Return whom the address compares the structure with."""
    same_kind = visit.params.get(PEERS_PARAM) == SAME_KIND_PEERS
    return peer_perimeter(reading, structure.id, same_kind=same_kind, on=quarter.end)


def _cached_board_html(
    context: PageContext, snapshot: Snapshot, structure: Structure, peers: Perimeter, quarter: Period
) -> Markup:
    """Return the board from a cache: many readers look at the same ones, some 30 KB each."""
    key = (structure.id, peers, quarter, *context.reader_key)

    def render() -> Markup:
        return _board_html(context, snapshot, structure, peers, quarter)

    if context.is_management_view:
        # The structure's peers, and the rules by which its figures are withheld, may change with any deposit.
        return snapshot.cached(("board page", *key), render)
    # A public board is made of the structure's own figures: a deposit of another structure leaves it as it is.
    own = Perimeter(Level.STRUCTURE, structure.id)
    sheets = visible_sheets(context.query(snapshot), own, quarter)
    return _PUBLIC_BOARDS.get_or_compute((figures_digest(context.query(snapshot), own, sheets), *key), render)


def _board_html(
    context: PageContext, snapshot: Snapshot, structure: Structure, peers: Perimeter, quarter: Period
) -> Markup:
    """Return all the figures of a structure in a quarter, and what must be known to read them.

    Compared with itself, it is with nobody.
    """
    t, perimeter = context.t, Perimeter(Level.STRUCTURE, structure.id)
    tiles = assess_board(context.query(snapshot), perimeter, peers, quarter)
    if not tiles:
        return notice(t("structure.no_indicator"))
    preamble = "" if structure.is_open_during(quarter) else _not_open_notice(context, structure, quarter)
    if context.is_management_view:
        preamble += markup('<p class="under">{}</p>', t("structure.view.management"))
    rules = withheld_from_public(context.query(snapshot), perimeter, [one.indicator for one in tiles])
    figures = (
        preamble + _changes_html(context, tiles, quarter) + _families_html(context, tiles, structure, quarter, rules)
    )
    if not context.is_management_view:
        return figures
    has_reference = any(assessed.reference for assessed in tiles)
    peers_name = perimeter_name(context, snapshot, peers)
    sentence = t("structure.reference" if has_reference else "structure.reference.none", name=peers_name)
    return markup('{}<p class="under">{}</p>', figures, sentence)


def _header_html(context: PageContext, snapshot: Snapshot, structure: Structure) -> Markup:
    t, region = context.t, snapshot.regions.get(structure.region)
    rows = [
        (t("structure.kind"), t(f"kind.{structure.kind}")),
        (t("structure.region"), region.name(context.language) if region else structure.region),
    ]
    if structure.group_name:
        rows.append((t("structure.group"), structure.group_name))
    if structure.opened_on:
        rows.append((t("structure.since"), str(structure.opened_on.year)))
    if structure.closed_on:
        rows.append((t("structure.closed"), format_day(structure.closed_on, t)))
    former_names = t("list.separator").join(snapshot.structures.former_names(structure.id))
    subtitle = t("structure.formerly", names=former_names) if former_names else ""
    return heading(1, structure.name, subtitle) + facts(rows, brief=True)


def _not_open_notice(context: PageContext, structure: Structure, quarter: Period) -> Markup:
    """Explain that a structure was closed or not yet open in a quarter, hence the empty tiles."""
    t, closed_on, opened_on = context.t, structure.closed_on, structure.opened_on
    if closed_on is not None and closed_on < quarter.start:
        return notice(t("structure.was_closed", day=format_day(closed_on, t)))
    day = format_day(opened_on, t) if opened_on else ""
    return notice(t("structure.not_open", day=day))


def _changes_html(context: PageContext, tiles: Sequence[AssessedFigure], quarter: Period) -> Markup:
    """Return the changes since the previous quarter and over a year that exceed chance."""
    t = context.t
    items = [change_sign_and_sentence(found, t) for found in find_changes(tiles, quarter)]
    has_comparable_past = any(_has_earlier_figure(one, quarter) for one in tiles)
    list_html = join(markup("<li>{}<span>{}</span></li>", pictogram(sign), sentence) for sign, sentence in items)
    body = (
        markup('<ul class="changes">{}</ul>', list_html)
        if items
        else markup("<p>{}</p>", t("since.nothing" if has_comparable_past else "since.no_past"))
    )
    title = t(
        "since.title",
        quarter=format_period(quarter.shifted(-1), t),
        year=format_period(quarter.year_earlier, t),
    )
    return markup('<section class="changed">{}{}</section>', heading(2, title), body)


def _has_earlier_figure(assessed: AssessedFigure, quarter: Period) -> bool:
    """Whether the quarter's figure and the previous one, or that of a year earlier, are both published."""
    before = assessed.series[-2].shown if len(assessed.series) > 1 else None
    has_earlier_figure = before is not None or isinstance(assessed.year_on_year, YearOnYear)
    return assessed.figure.period.end == quarter.end and assessed.figure.shown is not None and has_earlier_figure


def _families_html(
    context: PageContext, tiles: Sequence[AssessedFigure], structure: Structure, quarter: Period, rules: RuleByFigure
) -> Markup:
    """Return the tiles grouped by family, as one block of HTML."""
    blocks = []
    for name, members in groupby(tiles, key=lambda shown: shown.indicator.family):
        tile_blocks = [
            tile_html(
                shown,
                context.t,
                context.link("indicateur", indicateur=shown.indicator.id, structure=structure.id, periode=quarter.code),
                rules.get((shown.indicator.id, shown.figure.period.code)),
                why_url=context.link(PROTECTION_PATH, periode=quarter.code),
                is_management_view=context.is_management_view,
            )
            for shown in members
        ]
        blocks.append(family_html(context.t(f"family.{name}"), tile_blocks))
    return markup('<div class="board">{}</div>', join(blocks))
