"""One indicator of the network: over time, with the spread of its structures, and by region."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial

import polars as pl
import streamlit as st

from dashboards.app_pages.error_handling import part
from dashboards.app_pages.network import signals as network_signals
from dashboards.app_pages.network.regions import region_address, regions, value
from dashboards.app_pages.page_context import Visit
from dashboards.charts.regions import RegionFigure, region_tiles
from dashboards.charts.spread import DECILES, spread_over_time
from dashboards.components.html import Cell, details, heading, link, notice, table, text
from dashboards.components.tiles import behind
from dashboards.wording import formatting as numbers
from dashboards.wording.figure_sentences import movement_and_target
from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import NETWORK
from indicators.definitions.periods import Period, Span
from indicators.figures.figure import Figure
from indicators.network import Reading
from indicators.queries.figures.assessed_board import Judged
from indicators.queries.figures.deciles import distribution
from indicators.queries.figures.region_shares import Contributions, contributions
from indicators.queries.figures.series import series


def draw(visit: Visit, reading: Reading, *, tiles: Sequence[Judged], quarter: Period) -> None:
    """Draw the indicator of the address over time and by region, and what stands out in the quarter."""
    words, language = visit.words, visit.language
    offered = offered_of(tiles)
    if not offered:
        return
    st.html(heading(2, words("network.one")))
    with st.container(horizontal=True, key="choices-indicator"):
        chosen = visit.choose(
            "indicateur",
            words("choose.indicator"),
            list(offered),
            lambda name: offered[name].indicator.label(language),
            default=next(iter(offered)),
        )
    if chosen is None:
        reading.catalogue[visit.address["indicateur"]]
        way = link(visit.link("indicateur", indicateur=visit.address["indicateur"]), words("page.indicator"))
        st.html(notice(words("indicator.nothing", name=words("perimeter.network")), way))
        return
    indicator, period = offered[chosen].indicator, offered[chosen].figure.period
    history = [figure for figure in history_of(reading, indicator, visit.today) if figure.period.end <= quarter.end]
    found = regions_of(reading, indicator, period, visit.today)
    places = _places(visit, reading, found, quarter)
    spread = spread_of(reading, indicator, visit.today)
    name = words("perimeter.network")

    def kept(twin: str, make: Callable[[], str]) -> str:
        known_by = f"{chosen} {quarter} {visit.today} {language} {visit.audience}"
        return reading.once(f"pages {twin} twin {known_by}", make)

    with st.container(key="evolution"):
        left, right = st.columns(2, gap="large")
        with left:
            visit.draw(
                lambda: spread_over_time(
                    history, spread, indicator, words, name=name, said=movement_and_target(offered[chosen], words)
                ),
                *(reading.tag, "spread", chosen, quarter),
            )
            st.html(kept("history", lambda: _history_twin(visit, history, spread, indicator)))
        with right:
            visit.draw(
                lambda: region_tiles(places, indicator, period, words),
                *(reading.tag, "regions", chosen, period, quarter),
            )
    st.html(kept("regions", lambda: regions(visit, reading, found, quarter)))
    part(visit, reading, partial(network_signals.draw, chosen=indicator, quarter=quarter))


def offered_of(tiles: Sequence[Judged]) -> dict[str, Judged]:
    """Return the tiles among which the reader chooses, by the ids of their indicators; the first is shown at first."""
    return {one.indicator.id: one for one in tiles if any(figure.shown for figure in one.tile.history)}


def history_of(reading: Reading, indicator: Indicator, today: date) -> Sequence[Figure]:
    """Return the network's whole series of an indicator, kept for the version."""
    return reading.once(
        f"pages series {indicator.id} {today}", lambda: series(reading, NETWORK, indicator, Audience.PUBLIC, today)
    )


def regions_of(reading: Reading, indicator: Indicator, period: Span, today: date) -> Contributions:
    """Return what each region counts of an indicator in a period, kept for the version."""
    return reading.once(
        f"pages regions {indicator.id} {period} {today}",
        lambda: contributions(reading, indicator, period, Audience.PUBLIC, today),
    )


def spread_of(reading: Reading, indicator: Indicator, today: date) -> pl.DataFrame:
    """Return how the structures spread in each period, kept for the version."""
    return reading.once(
        f"pages distribution {indicator.id} {today}",
        lambda: distribution(reading, NETWORK, indicator, Audience.PUBLIC, today),
    )


def _places(visit: Visit, reading: Reading, found: Contributions, quarter: Period) -> list[RegionFigure]:
    """Return every region of the countries in which the network works, with its figure where it has structures."""
    indicator = found.whole.indicator.id
    known = {one.region: one.figure for one in found.regions}
    countries = {region.country for region in reading.regions.values() if region.id in known}
    return [
        RegionFigure(
            region,
            known.get(region.id),
            region_address(visit, indicator, region.id, quarter) if region.id in known else None,
        )
        for region in reading.regions.values()
        if region.country in countries
    ]


def _history_twin(visit: Visit, history: Sequence[Figure], spread: pl.DataFrame, indicator: Indicator) -> str:
    """Return the table of the figures that the curve draws, newest first, folded away."""
    words = visit.words
    compared = spread if indicator.aggregation == "ratio" else spread.clear()
    deciles = {row["period"]: row for row in compared.iter_rows(named=True)}
    headers = [words("table.period"), words("table.value"), words("table.behind")]
    headers += [words(f"table.{name}") for name in ("compared", *DECILES)] if deciles else []
    rows = []
    for figure in reversed(history):
        row = [
            Cell(text(numbers.period(figure.period, words))),
            value(visit, figure),
            Cell(text(behind(figure, words))),
        ]
        if deciles:
            row += _deciles(visit, deciles.get(figure.period.code), indicator)
        rows.append(row)
    caption = words("table.caption", label=indicator.label(visit.language), name=words("perimeter.network"))
    return details(words("table.open"), table(caption, headers, rows))


def _deciles(visit: Visit, row: Mapping[str, float] | None, indicator: Indicator) -> list[Cell]:
    """Return how many structures show a figure in a period, and how they spread; nothing of too few."""
    if row is None:
        return [Cell("", numeric=True)] * (1 + len(DECILES))
    known = [numbers.amount(row[name], indicator, visit.words) for name in DECILES]
    return [Cell(text(told), numeric=True) for told in (numbers.count(row["structures"], visit.language), *known)]
