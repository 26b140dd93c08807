"""The pages of an archive: what was published of whom, with its source and its reserve.

Nothing is added up, compared or judged there, and nothing that was not published is missed.
"""

from collections.abc import Sequence

from markupsafe import Markup

from dashboards.app_pages import structures_list
from dashboards.app_pages.board_parts import families_html
from dashboards.app_pages.page_context import PageContext, board_url, indicator_url
from dashboards.components.draw import draw_html
from dashboards.components.html import NO_HTML, HtmlCell, heading, link, markup, notice, table
from dashboards.wording.formatting import format_amount, format_count, format_period
from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import Level, Perimeter, fold_case_and_accents
from indicators.definitions.periods import Period
from indicators.definitions.targets import Target
from indicators.queries.deposits.deliveries import reported_quarters
from indicators.queries.deposits.published import (
    PublishedBody,
    PublishedRow,
    find_published_bodies,
    find_published_rows,
    find_published_targets,
)
from indicators.queries.figures.assessed_board import assess_board
from indicators.snapshot import Snapshot

ABSENT = "–"
"""Stands where nothing was published."""


def draw_home(context: PageContext, snapshot: Snapshot) -> None:
    """Draw everything that was published, and the list of the structures."""
    t = context.t
    rows = find_published_rows(context.query(snapshot), snapshot.structures.by_id.keys())
    draw_html(heading(1, t("archive.title"), t("archive.intro")))
    if rows:
        draw_html(_rows_html(context, snapshot, rows, names_structures=True))
    draw_html(heading(2, t("network.structures", count=len(snapshot.structures))))
    structures_list.draw(context, snapshot)


def board_html(context: PageContext, snapshot: Snapshot, perimeter: Perimeter) -> Markup:
    """Return what was published of a perimeter: of one structure, its figures, its bodies and its targets too."""
    members = snapshot.structures.members(perimeter)
    rows = find_published_rows(context.query(snapshot), members)
    if perimeter.level is not Level.STRUCTURE:
        table_html = _rows_html(context, snapshot, rows, names_structures=True) if rows else NO_HTML
        return markup('<p class="under">{}</p>', context.t("archive.not_added_up")) + table_html
    tiles_html = _tiles_html(context, snapshot, perimeter)
    return (
        (tiles_html or notice(context.t("archive.no_figure")))
        + _bodies_html(context, find_published_bodies(context.query(snapshot), perimeter.name))
        + _targets_html(context, snapshot, find_published_targets(context.query(snapshot), perimeter.name))
        + (_rows_html(context, snapshot, rows, names_structures=False) if rows else NO_HTML)
    )


def indicator_html(context: PageContext, snapshot: Snapshot, perimeter: Perimeter, indicator: Indicator) -> Markup:
    """Return what was published of an indicator by the structures of a perimeter."""
    published = find_published_rows(context.query(snapshot), snapshot.structures.members(perimeter))
    rows = [row for row in published if row.indicator == indicator]
    if not rows:
        return notice(context.t("archive.no_figure_of_indicator"))
    not_added_up = markup('<p class="under">{}</p>', context.t("archive.not_added_up"))
    return not_added_up + _rows_html(context, snapshot, rows, names_structures=True)


def _tiles_html(context: PageContext, snapshot: Snapshot, perimeter: Perimeter) -> Markup:
    """Return the figures of a structure that can be shown, as of the newest quarter."""
    quarters = reported_quarters(snapshot)
    if not quarters:
        return NO_HTML
    quarter = context.selected_quarter(quarters)
    assessed = assess_board(context.query(snapshot), perimeter, perimeter, quarter)
    shown = [(perimeter, one) for one in assessed if one.figure.shown]
    return families_html(context, shown, quarter, {}) if shown else NO_HTML


def _rows_html(
    context: PageContext, snapshot: Snapshot, rows: Sequence[PublishedRow], *, names_structures: bool
) -> Markup:
    """Return the table of published figures, each with its source and its reserve."""
    t = context.t
    headers = [t(f"archive.column.{name}") for name in ("indicator", "period", "value", "counts", "source")]
    cells = [
        [
            *([HtmlCell(_structure_link(context, snapshot, row))] if names_structures else []),
            HtmlCell(_indicator_link(context, row)),
            HtmlCell(format_period(row.period, t)),
            HtmlCell(ABSENT if row.value is None else format_amount(row.value, row.indicator, t), is_number=True),
            HtmlCell(_counts(context, row), is_number=True),
            # Whoever deposited the figure wrote it in French.
            HtmlCell(markup('<span lang="fr">{}</span>', row.source)),
        ]
        for row in (_by_name(snapshot, rows) if names_structures else rows)
    ]
    if names_structures:
        headers.insert(0, t("archive.column.structure"))
    rows_html = heading(2, t("archive.rows")) + table(t("archive.rows.caption"), headers, cells)
    return markup('<section class="published">{}</section>', rows_html)


def _by_name(snapshot: Snapshot, rows: Sequence[PublishedRow]) -> list[PublishedRow]:
    return sorted(rows, key=lambda row: fold_case_and_accents(snapshot.structures[row.structure].name))


def _structure_link(context: PageContext, snapshot: Snapshot, row: PublishedRow) -> Markup:
    perimeter = Perimeter(Level.STRUCTURE, row.structure)
    return link(board_url(context, perimeter), snapshot.structures[row.structure].name)


def _indicator_link(context: PageContext, row: PublishedRow) -> Markup:
    quarter = Period.parse(f"{row.period.end.year}-T4")
    url = indicator_url(context, Perimeter(Level.STRUCTURE, row.structure), row.indicator.id, quarter)
    return link(url, row.indicator.short(context.language))


def _counts(context: PageContext, row: PublishedRow) -> str:
    """Return « 60 sur 300 », « – sur 650 » where only the second is known, a dash where neither is."""
    if row.denominator is None:
        return ABSENT
    numerator = ABSENT if row.numerator is None else format_count(row.numerator, context.language)
    denominator = format_count(row.denominator, context.language)
    return context.t("archive.counts", numerator=numerator, denominator=denominator)


def _bodies_html(context: PageContext, bodies: Sequence[PublishedBody]) -> Markup:
    """Return the bodies that meet, how often, and the roles of their members."""
    if not bodies:
        return NO_HTML
    t = context.t
    rows = [
        [
            HtmlCell(markup('<span lang="fr">{}</span>', body.name)),
            HtmlCell(t(f"archive.recurrence.{body.recurrence}")),
            HtmlCell(format_count(body.meetings_per_year, context.language), is_number=True),
            HtmlCell(markup('<span lang="fr">{}</span>', body.roles)),
        ]
        for body in bodies
    ]
    headers = [t(f"archive.column.{name}") for name in ("body", "recurrence", "per_year", "roles")]
    return heading(2, t("archive.bodies")) + table(t("archive.bodies.caption"), headers, rows)


def _targets_html(context: PageContext, snapshot: Snapshot, targets: Sequence[Target]) -> Markup:
    """Return the targets that were announced, for which period."""
    if not targets:
        return NO_HTML
    t, rows = context.t, []
    for target in targets:
        indicator = snapshot.catalogue[target.indicator]
        rows.append(
            [
                HtmlCell(indicator.short(context.language)),
                HtmlCell(format_period(target.starts, t)),
                HtmlCell(format_amount(target.value, indicator, t), is_number=True),
            ]
        )
    headers = [t(f"archive.column.{name}") for name in ("indicator", "period", "target")]
    return heading(2, t("archive.targets")) + table(t("archive.targets.caption"), headers, rows)
