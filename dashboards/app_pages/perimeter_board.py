"""The board of several structures together: a region, a group, a kind, the network, or a choice made in the address."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages import choice
from dashboards.app_pages.board_parts import alerts_html, changes_html, deliveries_html, families_html
from dashboards.app_pages.contributions import draw as draw_contributions
from dashboards.app_pages.error_handling import fragment
from dashboards.app_pages.page_context import PageContext, board_url
from dashboards.components.draw import draw_html
from dashboards.components.html import (
    NO_HTML,
    HtmlCell,
    details,
    facts,
    heading,
    join,
    link,
    markup,
    notice,
    pictogram,
    table,
)
from dashboards.wording.formatting import format_count, format_period
from dashboards.wording.perimeter_names import capitalize_name, name_perimeter
from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import MAX_CHOSEN_STRUCTURES, NETWORK, Level, Perimeter, Structure
from indicators.definitions.periods import Period
from indicators.definitions.roles import Right
from indicators.figures.figure import MixedFormulas
from indicators.queries.comparison.scope import ComparisonScope
from indicators.queries.deposits.deliveries import Delivery, DeliveryStatus, find_deliveries, reported_quarters
from indicators.queries.figures.assessed_board import AssessedFigure, assess_board
from indicators.queries.figures.threshold_alerts import ThresholdAlert, find_alerts, find_structure_alerts
from indicators.queries.figures.withheld import withheld_from_public
from indicators.snapshot import Snapshot
from schemas.structures import STRUCTURE_KINDS

PERIMETER_PARAM: Final = "perimetre"
MAX_NAMED_STRUCTURES: Final = 12
"""Structures named at once; more are folded, or counted."""
LEVELS_WITH_NOTES: Final = {Level.GROUP, Level.CHOICE}
"""Levels of a few structures, of which a tile says whom it is about; of a region it would say so on each."""
SIGNS: Final = {DeliveryStatus.OVERDUE: "missed", DeliveryStatus.INCOMPLETE: "missed_doubt"}

PlacedTile = tuple[Perimeter, AssessedFigure]
"""A tile with the perimeter that its figure is of: the board's own, or its structures that count by one formula."""


def requested_perimeter(context: PageContext, snapshot: Snapshot) -> Perimeter | None:
    """Return the perimeter of the address, if any; an `UnknownError` for one that does not exist."""
    code = context.params.get("structure") or context.params.get(PERIMETER_PARAM)
    return snapshot.structures.parse_perimeter(code) if code else choice.requested_choice(context, snapshot)


def render(context: PageContext, snapshot: Snapshot, perimeter: Perimeter) -> None:
    """Render the board of a perimeter that has several structures."""
    t = context.t
    name = board_title(context, snapshot, perimeter)
    context.set_title(name)
    periods = reported_quarters(snapshot)
    if not periods:
        draw_html(heading(1, name) + context.empty_state("empty.measures"))
        return
    quarter = context.selected_quarter(periods)
    if "periode" in context.params:
        context.set_title(f"{name} – {format_period(quarter, t)}")
    context = context.about(perimeter, snapshot)
    members = ComparisonScope(perimeter).structures(snapshot, on=quarter.end)
    managed = _managed(context, snapshot, members)
    tiles = _tiles(context, snapshot, perimeter, members, quarter)

    draw_html(_header_html(context, perimeter, members, name))
    if perimeter.level is Level.CHOICE:
        choice.draw_fields(context, snapshot, perimeter.chosen)
    with st.container(horizontal=True, key="choices", vertical_alignment="bottom"):
        context.choose_quarter(periods, quarter)
        if context.may_see_management:
            context.choose_view()
    alerts = _alerts(context, snapshot, perimeter, members, managed, quarter)
    draw_html(
        alerts_html(context, snapshot, alerts)
        + _tiles_html(context, snapshot, perimeter, tiles, members, quarter)
        + _composition_html(context, perimeter, members, quarter)
        + _deliveries_html(context, snapshot, perimeter, quarter)
    )
    shown = [one for placed, one in tiles if placed == perimeter and one.figure.shown]
    if shown:
        draw = partial(draw_contributions, perimeter=perimeter, tiles=shown, managed=managed, quarter=quarter)
        fragment(context, snapshot, draw)


def board_title(context: PageContext, snapshot: Snapshot, perimeter: Perimeter) -> str:
    """Return the name of a perimeter as a title; of a choice, the one that its address gives it."""
    own = choice.given_name(context) if perimeter.level is Level.CHOICE else ""
    return own or capitalize_name(name_perimeter(context.t, snapshot, perimeter))


def boards_html(context: PageContext, snapshot: Snapshot) -> Markup:
    """Return links to the boards of the network, its regions, groups and kinds, and to that of a choice."""
    t, structures = context.t, snapshot.structures
    by_level = {
        Level.REGION: sorted({structure.region for structure in structures.by_id.values()}),
        Level.GROUP: sorted({structure.group for structure in structures.by_id.values() if structure.group}),
        Level.KIND: [kind for kind in STRUCTURE_KINDS if any(s.kind == kind for s in structures.by_id.values())],
    }
    rows: list[tuple[str, str]] = [
        (
            t("board.several"),
            join((_board_link(context, snapshot, NETWORK), _choice_link(context)), t("list.semicolon")),
        )
    ]
    for level, names in by_level.items():
        links = [_board_link(context, snapshot, Perimeter(level, name)) for name in names]
        if links:
            rows.append((t(f"board.of.{level}"), join(links, t("list.semicolon"))))
    return details(t("board.others"), facts(rows))


def _board_link(context: PageContext, snapshot: Snapshot, perimeter: Perimeter) -> Markup:
    region = snapshot.regions.get(perimeter.name) if perimeter.level is Level.REGION else None
    name = region.name(context.language) if region else name_perimeter(context.t, snapshot, perimeter)
    label = context.t(f"kind.{perimeter.name}") if perimeter.level is Level.KIND else name
    return link(board_url(context, perimeter), capitalize_name(label))


def _choice_link(context: PageContext) -> Markup:
    # An empty parameter is left out of links: a comma stands for a choice that is to be made.
    return link(context.link("structure", **{choice.CHOICE_PARAM: ","}), context.t("choice.title"))


def _managed(context: PageContext, snapshot: Snapshot, members: Sequence[Structure]) -> frozenset[str]:
    """Return the structures of which the reader sees the management figures: on a public view, none."""
    if not context.wants_management:
        return frozenset()
    own = (Perimeter(Level.STRUCTURE, member.id) for member in members)
    audience = context.visitor.audience
    return frozenset(one.name for one in own if audience(one, snapshot.structures) is Audience.MANAGEMENT)


def _tiles(
    context: PageContext, snapshot: Snapshot, perimeter: Perimeter, members: Sequence[Structure], quarter: Period
) -> list[PlacedTile]:
    """Return the tiles of a board; an indicator with several formulas has one for each, of the structures concerned."""
    placed: list[PlacedTile] = []
    for one in assess_board(context.query(snapshot), perimeter, perimeter, quarter):
        is_mixed = isinstance(one.figure.outcome, MixedFormulas)
        parts = _by_formula(one.indicator, members) if is_mixed else []
        of_parts = [
            (part, tile) for part in parts for tile in _tile_of_part(context, snapshot, part, one.indicator, quarter)
        ]
        placed += of_parts or [(perimeter, one)]
    return placed


def _by_formula(indicator: Indicator, members: Sequence[Structure]) -> list[Perimeter]:
    """Return the members that count an indicator by each formula; empty where an address has no room for them all."""
    groups = [[member.id for member in members if member.kind in kinds] for kinds in indicator.formulas]
    if any(len(codes) > MAX_CHOSEN_STRUCTURES for codes in groups):
        return []
    return [Perimeter.of_choice(codes) for codes in groups if codes]


def _tile_of_part(
    context: PageContext, snapshot: Snapshot, part: Perimeter, indicator: Indicator, quarter: Period
) -> list[AssessedFigure]:
    """Return the tile of the structures that count by one formula, read as a choice by this reader."""
    of_part = context.about(part, snapshot)
    # On a public view it is the public's, whatever the reader may see of one structure.
    audience = of_part.audience if context.is_management_view else Audience.PUBLIC
    board = assess_board(of_part.query(snapshot, audience), part, part, quarter)
    return [one for one in board if one.indicator == indicator]


def _alerts(
    context: PageContext,
    snapshot: Snapshot,
    perimeter: Perimeter,
    members: Sequence[Structure],
    managed: Collection[str],
    quarter: Period,
) -> list[ThresholdAlert]:
    """Return the alerts of the perimeter, then those of its structures, each from what the reader sees of it."""
    others = [member.id for member in members if member.id not in managed]
    own = [member.id for member in members if member.id in managed]
    return [
        *find_alerts(context.query(snapshot), perimeter, quarter),
        *find_structure_alerts(context.query(snapshot, Audience.MANAGEMENT), own, quarter),
        *find_structure_alerts(context.query(snapshot).of_peers, others, quarter),
    ]


def _header_html(context: PageContext, perimeter: Perimeter, members: Sequence[Structure], name: str) -> Markup:
    t = context.t
    if perimeter.level is not Level.CHOICE:
        return heading(1, name, t("board.members", count=len(members)))
    return heading(1, name, t("choice.rule")) + (
        markup('<p class="under">{}</p>', t("choice.kept")) if choice.given_name(context) else NO_HTML
    )


def _tiles_html(
    context: PageContext,
    snapshot: Snapshot,
    perimeter: Perimeter,
    tiles: Sequence[PlacedTile],
    members: Sequence[Structure],
    quarter: Period,
) -> Markup:
    """Return the changes and the tiles, or why there are none."""
    t = context.t
    if not tiles:
        return notice(t("board.no_indicator"))
    preamble = (
        markup('<p class="under">{}</p>', t("structure.view.management")) if context.is_management_view else NO_HTML
    )
    assessed = [one for _, one in tiles]
    rules = withheld_from_public(context.query(snapshot), perimeter, [one.indicator for one in assessed])
    note = partial(_tile_note, context, perimeter, members)
    changes = changes_html(context, [one for placed, one in tiles if placed == perimeter], quarter)
    return preamble + changes + families_html(context, tiles, quarter, rules, note)


def _tile_note(
    context: PageContext, perimeter: Perimeter, members: Sequence[Structure], placed: Perimeter, one: AssessedFigure
) -> str | None:
    """Return whom a figure is about, where it is not about all the structures of the board."""
    t, separator = context.t, context.t("list.separator")
    concerned = [member for member in members if one.indicator.applies_to(member.kind)]
    kinds = [kind for kind in STRUCTURE_KINDS if any(member.kind == kind for member in concerned)]
    if placed != perimeter:
        codes = placed.chosen or (placed.name,)
        own = {member.kind for member in members if member.id in codes}
        return t("board.by_formula", kinds=separator.join(kind for kind in kinds if kind in own))
    shown = one.figure.shown
    if shown and shown.made_of and len(shown.made_of) < len(concerned):
        return t("board.made_of", count=len(shown.made_of), total=len(concerned))
    if perimeter.level in LEVELS_WITH_NOTES and len(concerned) < len(members):
        return t("board.for_kinds", kinds=separator.join(kinds))
    return None


def _composition_html(
    context: PageContext, perimeter: Perimeter, members: Sequence[Structure], quarter: Period
) -> Markup:
    """Return the structures of the board by kind, and their names."""
    t = context.t
    if not members:
        return NO_HTML
    counts = {kind: sum(member.kind == kind for member in members) for kind in STRUCTURE_KINDS}
    rows = [
        [
            HtmlCell(link(board_url(context, Perimeter(Level.KIND, kind)), t(f"kind.{kind}"))),
            HtmlCell(format_count(count, context.language), is_number=True),
        ]
        for kind, count in counts.items()
        if count
    ]
    caption = t("board.composition.caption", period=format_period(quarter, t))
    by_kind = table(caption, [t("structure.kind"), t("board.structures")], rows)
    title = heading(2, t("board.composition"))
    return title + (by_kind if perimeter.level is not Level.KIND else NO_HTML) + _names_html(context, members)


def _names_html(context: PageContext, members: Sequence[Structure]) -> Markup:
    """Return the names of the structures, folded where they are many; of very many, the list of structures has them."""
    if len(members) > MAX_CHOSEN_STRUCTURES:
        return NO_HTML
    entries = [
        markup(
            '<li>{} <abbr title="{}">{}</abbr></li>',
            link(context.link("structure", structure=member.id), member.name),
            context.t(f"kind.{member.kind}"),
            member.kind,
        )
        for member in members
    ]
    names = markup('<ul class="structures">{}</ul>', join(entries))
    is_short = len(members) <= MAX_NAMED_STRUCTURES
    return details(context.t("board.names", count=len(members)), names, is_open=is_short)


def _deliveries_html(context: PageContext, snapshot: Snapshot, perimeter: Perimeter, quarter: Period) -> Markup:
    """Return how many delivered; for whom it concerns, who did not, by name, and the way to the whole list."""
    t = context.t
    expected = find_deliveries(snapshot, perimeter, quarter)
    due = snapshot.campaigns.for_period(quarter).due
    summary = heading(2, t("board.deliveries")) + deliveries_html(context, expected, quarter, due)
    if not context.visitor.may(Right.SEE_DELIVERIES, perimeter, snapshot.structures):
        return summary
    follow_up = link(context.link("suivi", perimetre=perimeter.code, periode=quarter.code), t("board.follow_up"))
    return summary + _late_html(context, expected) + markup('<p class="links">{}</p>', follow_up)


def _late_html(context: PageContext, expected: Sequence[Delivery]) -> Markup:
    """Return the structures whose figures are late or incomplete, by name; more than a few are counted."""
    t = context.t
    late = [
        (delivery, status) for status in SIGNS for delivery in expected if (delivery.status(context.today)) is status
    ]
    items = [
        markup(
            "<li>{}<span>{} – {}</span></li>",
            pictogram(SIGNS[status]),
            link(context.link("structure", structure=delivery.structure.id), delivery.structure.name),
            t(f"follow.status.{status}"),
        )
        for delivery, status in late[:MAX_NAMED_STRUCTURES]
    ]
    if more := len(late) - len(items):
        items.append(markup("<li>{}</li>", t("board.late.more", count=more)))
    return markup('<ul class="changes">{}</ul>', join(items)) if items else NO_HTML
