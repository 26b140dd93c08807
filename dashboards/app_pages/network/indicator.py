"""One indicator of the network: over time with the deciles of its structures, and by region."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.error_handling import fragment
from dashboards.app_pages.network import signals as network_signals
from dashboards.app_pages.network.regions import region_url, regions_table, shown_regions_table, value_cell
from dashboards.app_pages.page_context import PageContext
from dashboards.charts.regions import RegionFigure, region_tiles
from dashboards.charts.spread import DECILES, spread_over_time
from dashboards.components.draw import draw_html
from dashboards.components.html import HtmlCell, details, heading, link, notice, table
from dashboards.components.tiles import counts_behind
from dashboards.wording.figure_sentences import movement_and_target_sentence
from dashboards.wording.formatting import format_amount, format_count, format_period
from indicators.answer_cache import digest
from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import NETWORK, Level
from indicators.definitions.periods import Period, Span
from indicators.figures.figure import Figure
from indicators.queries.figures.assessed_board import AssessedFigure
from indicators.queries.figures.deciles import compute_deciles
from indicators.queries.figures.figures import figures_digest, level_figures
from indicators.queries.figures.region_shares import RegionShares, region_shares
from indicators.queries.figures.series import read_series
from indicators.snapshot import QueryContext, Snapshot, per_version


def draw(
    context: PageContext,
    snapshot: Snapshot,
    *,
    tiles: Sequence[AssessedFigure],
    quarter: Period,
    opening: str | None,
) -> None:
    """Draw the chosen indicator over time and by region, and the signals of the quarter.

    `opening` is the one to begin with, where the quarter has it.
    """
    t, language = context.t, context.language
    tiles_by_indicator = selectable_tiles(tiles)
    if not tiles_by_indicator:
        return
    draw_html(heading(2, t("network.one")))
    with st.container(horizontal=True, key="choices-indicator"):
        indicator_id = context.choose(
            "indicateur",
            t("choose.indicator"),
            list(tiles_by_indicator),
            lambda name: tiles_by_indicator[name].indicator.label(language),
            default=first_indicator(tiles_by_indicator, opening),
        )
    if indicator_id is None:
        snapshot.catalogue[context.params["indicateur"]]
        indicator_link = link(context.link("indicateur", indicateur=context.params["indicateur"]), t("page.indicator"))
        draw_html(notice(t("indicator.nothing", name=t("perimeter.network")), indicator_link))
        return
    indicator, period = tiles_by_indicator[indicator_id].indicator, tiles_by_indicator[indicator_id].figure.period
    history = [
        figure for figure in network_series(snapshot, indicator, context.today) if figure.period.end <= quarter.end
    ]
    shares = network_region_shares(snapshot, indicator, period, context.today)
    spread = decile_spread(snapshot, indicator, context.today)
    name = t("perimeter.network")

    # A deposit that leaves these figures as they are leaves their charts.
    charted = charted_digest(snapshot, indicator, period, context.today)

    def cached_html(table_name: str, build: Callable[[], Markup]) -> Markup:
        key = ("data table", table_name, indicator_id, quarter, *context.reader_key)
        return snapshot.cached(key, build)

    def draw_history() -> None:
        context.draw_chart(
            lambda: spread_over_time(
                history,
                spread,
                indicator,
                t,
                name=name,
                judgement=movement_and_target_sentence(tiles_by_indicator[indicator_id], t),
            ),
            *(charted, "spread", indicator_id, quarter),
        )
        draw_html(cached_html("history", lambda: _history_table(context, history, spread, indicator)))

    with st.container(key="evolution"):
        if shares.are_mostly_shown:
            left, right = st.columns(2, gap="large")
            with left:
                draw_history()
            with right:
                context.draw_chart(
                    lambda: region_tiles(_map_regions(context, snapshot, shares, quarter), indicator, period, t),
                    *(charted, "regions", indicator_id, period, quarter),
                )
        else:
            draw_history()
    build_table = regions_table if shares.are_mostly_shown else shown_regions_table
    draw_html(cached_html("regions", lambda: build_table(context, snapshot, shares, quarter)))
    fragment(context, snapshot, partial(network_signals.draw, chosen=indicator, quarter=quarter))


def selectable_tiles(tiles: Sequence[AssessedFigure]) -> dict[str, AssessedFigure]:
    """Return the tiles with a published history, by indicator id."""
    return {one.indicator.id: one for one in tiles if any(figure.shown for figure in one.tile.history)}


def first_indicator(tiles_by_indicator: Mapping[str, AssessedFigure], opening: str | None) -> str:
    """Return the indicator to begin with in a quarter: the one of the page or, without it, the first."""
    return opening if opening in tiles_by_indicator and opening else next(iter(tiles_by_indicator))


@per_version
def network_series(snapshot: Snapshot, indicator: Indicator, today: date) -> Sequence[Figure]:
    """Return the network's full series of an indicator."""
    return read_series(QueryContext(snapshot, Audience.PUBLIC, today), NETWORK, indicator)


@per_version
def network_region_shares(snapshot: Snapshot, indicator: Indicator, period: Span, today: date) -> RegionShares:
    """Return each region's figure and share of an indicator in a period."""
    return region_shares(QueryContext(snapshot, Audience.PUBLIC, today), indicator, period)


@per_version
def decile_spread(snapshot: Snapshot, indicator: Indicator, today: date) -> pl.DataFrame:
    """Return the deciles of the structures in each period."""
    return compute_deciles(QueryContext(snapshot, Audience.PUBLIC, today), NETWORK, indicator)


@per_version
def charted_digest(snapshot: Snapshot, indicator: Indicator, period: Span, today: date) -> str:
    """Identify the figures that the charts of an indicator show: the network's, its deciles, those of its regions."""
    context = QueryContext(snapshot, Audience.PUBLIC, today)
    regions = level_figures(context, Level.REGION, [indicator], period.end, period.end)
    parts = figures_digest(context, NETWORK, [indicator]), digest(decile_spread(snapshot, indicator, today))
    return "-".join((*parts, digest(regions.rows)))


def _map_regions(context: PageContext, snapshot: Snapshot, shares: RegionShares, quarter: Period) -> list[RegionFigure]:
    """Return every region of the countries where the network works, with its figure where it has structures."""
    indicator = shares.network.indicator.id
    figures_by_region = {one.region: one.figure for one in shares.regions}
    countries = {region.country for region in snapshot.regions.values() if region.id in figures_by_region}
    return [
        RegionFigure(
            region,
            figures_by_region.get(region.id),
            region_url(context, indicator, region.id, quarter) if region.id in figures_by_region else None,
        )
        for region in snapshot.regions.values()
        if region.country in countries
    ]


def _history_table(
    context: PageContext, history: Sequence[Figure], spread: pl.DataFrame, indicator: Indicator
) -> Markup:
    """Return the data table of the curve, newest period first, folded."""
    t = context.t
    comparable_spread = spread if indicator.aggregation == "ratio" else spread.clear()
    deciles = {row["period"]: row for row in comparable_spread.iter_rows(named=True)}
    headers = [t("table.period"), t("table.value"), t("table.behind")]
    headers += [t(f"table.{name}") for name in ("compared", *DECILES)] if deciles else []
    rows = []
    for figure in reversed(history):
        row = [
            HtmlCell(format_period(figure.period, t)),
            value_cell(context, figure),
            HtmlCell(counts_behind(figure, t)),
        ]
        if deciles:
            row += _decile_cells(context, deciles.get(figure.period.code), indicator)
        rows.append(row)
    caption = t("table.caption", label=indicator.label(context.language), name=t("perimeter.network"))
    return details(t("table.open"), table(caption, headers, rows))


def _decile_cells(context: PageContext, row: Mapping[str, float] | None, indicator: Indicator) -> list[HtmlCell]:
    """Return the number of structures compared in a period and their deciles; empty cells where there are too few."""
    if row is None:
        return [HtmlCell("", is_number=True)] * (1 + len(DECILES))
    decile_values = [format_amount(row[name], indicator, context.t) for name in DECILES]
    return [
        HtmlCell(formatted, is_number=True)
        for formatted in (format_count(row["structures"], context.language), *decile_values)
    ]
