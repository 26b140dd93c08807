"""The board of one structure: its public figures by family and, for its managers, management figures.

The boards of other perimeters have the same address (`perimeter_board.py`), and so has the list to choose one from.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages import archive, choice, perimeter_board, structures_list
from dashboards.app_pages.board_parts import alerts_html, changes_html, families_html
from dashboards.app_pages.indicator.page import perimeter_name
from dashboards.app_pages.indicator.series import predecessor_context
from dashboards.app_pages.page_context import PageContext, board_url
from dashboards.app_pages.public_registers import public_registers_html
from dashboards.components.draw import draw_html
from dashboards.components.html import facts, heading, join, link, markup, notice
from dashboards.wording.formatting import format_day, format_period
from indicators.answer_cache import AnswerCache
from indicators.definitions.perimeters import Level, Perimeter, Structure
from indicators.definitions.periods import Period
from indicators.queries.deposits.deliveries import reported_quarters
from indicators.queries.figures.assessed_board import AssessedFigure, assess_board, peer_perimeter
from indicators.queries.figures.board import visible_sheets
from indicators.queries.figures.continuity import YearEarlierElsewhere, earlier_figures, year_earlier_elsewhere
from indicators.queries.figures.figures import figures_digest
from indicators.queries.figures.threshold_alerts import find_alerts
from indicators.queries.figures.withheld import withheld_from_public
from indicators.snapshot import Snapshot

PEERS_PARAM: Final = "pairs"
SAME_KIND_PEERS: Final = "type"

MAX_PUBLIC_BOARDS: Final = 500
"""Rendered boards kept, some 30 KB each: 15 MB."""
_PUBLIC_BOARDS: Final = AnswerCache(MAX_PUBLIC_BOARDS)


def render(context: PageContext) -> None:
    """Render the board of the structure or perimeter in the address, or the list to choose one from."""
    t = context.t
    with context.app_state.network.snapshot() as snapshot:
        if not snapshot.structures.by_id:
            draw_html(heading(1, t("structure.title")) + context.empty_state("empty.structures"))
            return
        if choice.is_to_be_made(context):
            choice.draw_empty(context, snapshot)
            return
        perimeter = perimeter_board.requested_perimeter(context, snapshot)
        if perimeter is not None and context.app_state.is_archive:
            _render_archive(context, snapshot, perimeter)
            return
        if perimeter is None:
            draw_html(heading(1, t("structure.title"), t("structure.choose")))
            draw_html(perimeter_board.boards_html(context, snapshot))
            structures_list.draw(context, snapshot)
            return
        if perimeter.level is not Level.STRUCTURE:
            perimeter_board.render(context, snapshot, perimeter)
            return
        structure = snapshot.structures[perimeter.name]
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
        # Not of the figures by which a board is kept: it has a cache of its own, by what the registers hold.
        board += public_registers_html(context, snapshot, structure, quarter)

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


def _render_archive(context: PageContext, snapshot: Snapshot, perimeter: Perimeter) -> None:
    """Render what was published of a perimeter."""
    context = context.about(perimeter, snapshot)
    name = perimeter_board.board_title(context, snapshot, perimeter)
    if perimeter.level is Level.STRUCTURE:
        structure = snapshot.structures[perimeter.name]
        context.set_title(structure.name)
        draw_html(_header_html(context, snapshot, structure))
    else:
        context.set_title(name)
        draw_html(heading(1, name))
    draw_html(archive.board_html(context, snapshot, perimeter))


def _peers(visit: PageContext, reading: Snapshot, structure: Structure, quarter: Period) -> Perimeter:
    """Return whom the address compares the structure with."""
    same_kind = visit.params.get(PEERS_PARAM) == SAME_KIND_PEERS
    return peer_perimeter(reading, structure.id, same_kind=same_kind, on=quarter.end)


def _cached_board_html(
    context: PageContext, snapshot: Snapshot, structure: Structure, peers: Perimeter, quarter: Period
) -> Markup:
    """Return the board from a cache: many readers look at the same ones, some 30 KB each."""
    predecessors = snapshot.structures.predecessors(structure.id)
    # Two readers with the same rights here may see different figures of what the structure continues.
    continued = tuple(predecessor_context(context, snapshot, each).audience for each in predecessors)
    key = (structure.id, peers, quarter, continued, *context.reader_key)

    def render() -> Markup:
        return _board_html(context, snapshot, structure, peers, quarter)

    if context.is_management_view:
        # The structure's peers, and the rules by which its figures are withheld, may change with any deposit.
        return snapshot.cached(("board page", *key), render)
    # A public board is made of the figures of the structure, and of what it continues: a deposit of another structure
    # leaves it as it is.
    own = Perimeter(Level.STRUCTURE, structure.id)
    sheets = visible_sheets(context.query(snapshot), own, quarter)
    perimeters = (own, *(Perimeter(Level.STRUCTURE, each.id) for each in predecessors))
    digests = tuple(figures_digest(context.query(snapshot), each, sheets) for each in perimeters)
    return _PUBLIC_BOARDS.get_or_compute((digests, *key), render)


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
    preamble = "" if structure.is_open_during(quarter) else _not_open_notice(context, snapshot, structure, quarter)
    if context.is_management_view:
        preamble += markup('<p class="under">{}</p>', t("structure.view.management"))
    rules = withheld_from_public(context.query(snapshot), perimeter, [one.indicator for one in tiles])
    elsewhere = _year_earlier_elsewhere(context, snapshot, structure, tiles)
    figures = (
        preamble
        + alerts_html(context, snapshot, find_alerts(context.query(snapshot), perimeter, quarter))
        + changes_html(context, tiles, quarter)
        + families_html(context, [(perimeter, one) for one in tiles], quarter, rules, elsewhere=elsewhere)
    )
    if not context.is_management_view:
        return figures
    has_reference = any(assessed.reference for assessed in tiles)
    peers_name = perimeter_name(context, snapshot, peers)
    sentence = t("structure.reference" if has_reference else "structure.reference.none", name=peers_name)
    return markup('{}<p class="under">{}</p>', figures, sentence)


def _header_html(context: PageContext, snapshot: Snapshot, structure: Structure) -> Markup:
    t, region = context.t, snapshot.regions.get(structure.region)
    kind_url = board_url(context, Perimeter(Level.KIND, structure.kind))
    region_url = board_url(context, Perimeter(Level.REGION, structure.region))
    rows: list[tuple[str, str]] = [
        (t("structure.kind"), link(kind_url, t(f"kind.{structure.kind}"))),
        (t("structure.region"), link(region_url, region.name(context.language) if region else structure.region)),
    ]
    if structure.group_name and structure.group:
        group_url = board_url(context, Perimeter(Level.GROUP, structure.group))
        rows.append((t("structure.group"), link(group_url, structure.group_name)))
    if structure.opened_on:
        rows.append((t("structure.since"), str(structure.opened_on.year)))
    if structure.closed_on:
        rows.append((t("structure.closed"), format_day(structure.closed_on, t)))
    rows += [
        (t(f"structure.{key}"), join((_board_link(context, each) for each in others), ", "))
        for key, others in (
            ("continues", snapshot.structures.predecessors(structure.id)),
            ("continued", snapshot.structures.successors(structure.id)),
        )
        if others
    ]
    former_names = t("list.separator").join(snapshot.structures.former_names(structure.id))
    subtitle = t("structure.formerly", names=former_names) if former_names else ""
    return heading(1, structure.name, subtitle) + facts(rows, brief=True)


def _board_link(context: PageContext, structure: Structure) -> Markup:
    return link(context.link("structure", structure=structure.id), structure.name)


def _not_open_notice(context: PageContext, snapshot: Snapshot, structure: Structure, quarter: Period) -> Markup:
    """Explain that a structure was closed or not yet open in a quarter, and name what it continues or continues it."""
    t, closed_on, opened_on = context.t, structure.closed_on, structure.opened_on
    if closed_on is not None and closed_on < quarter.start:
        successors = [_board_link(context, each) for each in snapshot.structures.successors(structure.id)]
        return notice(t("structure.was_closed", day=format_day(closed_on, t)), *successors)
    day = format_day(opened_on, t) if opened_on else ""
    predecessors = [_board_link(context, each) for each in snapshot.structures.predecessors(structure.id)]
    return notice(t("structure.not_open", day=day), *predecessors)


def _year_earlier_elsewhere(
    context: PageContext, snapshot: Snapshot, structure: Structure, tiles: Sequence[AssessedFigure]
) -> Mapping[str, YearEarlierElsewhere]:
    """Return, by indicator, the figures of a year earlier of what the structure continues, as its own page shows them.

    Most structures continue none.
    """
    if not snapshot.structures.predecessors(structure.id):
        return {}
    found = {}
    for tile in tiles:
        earlier = earlier_figures(
            lambda predecessor: predecessor_context(context, snapshot, predecessor),
            snapshot.structures,
            structure.id,
            tile.series,
            tile.indicator,
        )
        if elsewhere := year_earlier_elsewhere(earlier, tile.figure):
            found[tile.indicator.id] = elsewhere
    return found
