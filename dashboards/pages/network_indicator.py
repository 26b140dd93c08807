"""One indicator of the network: over time, with the spread of its structures, and by region."""

from collections.abc import Callable, Sequence

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.charts.regions import RegionFigure, region_tiles
from dashboards.charts.spread import DECILES, spread_over_time
from dashboards.markup import Cell, details, heading, link, notice, table, text
from dashboards.tiles import behind
from dashboards.visit import Visit
from indicators.catalogue import Audience, Indicator
from indicators.figures import Figure
from indicators.network import Reading
from indicators.perimeters import NETWORK, Level, Perimeter
from indicators.periods import Period, Span
from indicators.questions.board import Tile
from indicators.questions.distribution import distribution
from indicators.questions.figures import figures, read_figure
from indicators.questions.series import series


def draw(visit: Visit, reading: Reading, tiles: Sequence[Tile], quarter: Period) -> None:
    """Draw the indicator of the address over time, with the spread of the structures, and by region."""
    words, language = visit.words, visit.language
    offered = {one.indicator.id: one for one in tiles if any(figure.shown for figure in one.history)}
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
        st.html(notice(words("indicator.nothing", name=words("perimeter.network"))))
        return
    indicator, period = offered[chosen].indicator, offered[chosen].figure.period
    history = _history(visit, reading, indicator, quarter)
    places = _places(visit, reading, indicator, period)
    spread = reading.once(
        f"pages distribution {chosen} {visit.today}",
        lambda: distribution(reading, NETWORK, indicator, Audience.PUBLIC, visit.today),
    )
    name = words("perimeter.network")

    def kept(twin: str, make: Callable[[], str]) -> str:
        known_by = f"{chosen} {quarter} {visit.today} {language} {visit.audience}"
        return reading.once(f"pages {twin} twin {known_by}", make)

    with st.container(key="evolution"):
        left, right = st.columns(2, gap="large")
        with left:
            visit.draw(
                lambda: spread_over_time(history, spread, indicator, words, name=name),
                *(reading.tag, "spread", chosen, quarter),
            )
            st.html(kept("history", lambda: _history_twin(visit, history, spread, indicator)))
        with right:
            visit.draw(lambda: region_tiles(places, indicator, period, words), reading.tag, "regions", chosen, period)
            st.html(kept("places", lambda: _places_twin(visit, places, indicator, period)))


def _history(visit: Visit, reading: Reading, indicator: Indicator, quarter: Period) -> list[Figure]:
    found = reading.once(
        f"pages series {indicator.id} {visit.today}",
        lambda: series(reading, NETWORK, indicator, Audience.PUBLIC, visit.today),
    )
    return [figure for figure in found if figure.period.end <= quarter.end]


def _places(visit: Visit, reading: Reading, indicator: Indicator, period: Span) -> list[RegionFigure]:
    """Return every region of the countries in which the network works, with its figure where it has structures."""
    present = {structure.region for structure in reading.structures.by_id.values()}
    countries = {region.country for region in reading.regions.values() if region.id in present}

    def ask() -> list[RegionFigure]:
        return [
            RegionFigure(
                region, _figure(visit, reading, indicator, period, region.id) if region.id in present else None
            )
            for region in reading.regions.values()
            if region.country in countries
        ]

    return reading.once(f"pages regions {indicator.id} {period} {visit.today}", ask)


def _figure(visit: Visit, reading: Reading, indicator: Indicator, period: Span, region: str) -> Figure:
    perimeter = Perimeter(Level.REGION, region)
    found = figures(reading, perimeter, [indicator], period.end, period.end, Audience.PUBLIC)
    rows = {row["period"]: row for row in found.iter_rows(named=True)}
    return read_figure(reading, perimeter, indicator, period, rows.get(period.code), visit.today)


def _history_twin(visit: Visit, history: Sequence[Figure], spread: pl.DataFrame, indicator: Indicator) -> str:
    """Return the table of the figures that the curve draws, newest first, folded away."""
    words = visit.words
    compared = spread if indicator.aggregation == "ratio" else spread.clear()
    deciles = {row["period"]: [row[name] for name in DECILES] for row in compared.iter_rows(named=True)}
    headers = [words("table.period"), words("table.value"), words("table.behind")]
    headers += [words(f"table.{name}") for name in DECILES] if deciles else []
    rows = []
    for figure in reversed(history):
        row = [
            Cell(text(numbers.period(figure.period, words))),
            _value(visit, figure),
            Cell(text(behind(figure, words))),
        ]
        if deciles:
            known = deciles.get(figure.period.code, [None] * len(DECILES))
            row += [
                Cell("" if decile is None else text(numbers.amount(decile, indicator, words)), numeric=True)
                for decile in known
            ]
        rows.append(row)
    caption = words("table.caption", label=indicator.label(visit.language), name=words("perimeter.network"))
    return details(words("table.open"), table(caption, headers, rows))


def _places_twin(visit: Visit, places: Sequence[RegionFigure], indicator: Indicator, period: Span) -> str:
    """Return the table of the figures that the map draws, with a link to each region's series, folded away."""
    words = visit.words
    rows = []
    for place in sorted(places, key=lambda place: place.region.name(visit.language)):
        if place.figure:
            address = visit.link("indicateur", indicateur=indicator.id, perimetre=f"{Level.REGION}:{place.region.id}")
            name = link(address, place.region.name(visit.language))
            rows.append([Cell(name), _value(visit, place.figure), Cell(text(behind(place.figure, words)))])
    caption = words("chart.regions.title", label=indicator.label(visit.language), during=numbers.during(period, words))
    return details(
        words("table.open"),
        table(caption, [words("table.region"), words("table.value"), words("table.behind")], rows),
    )


def _value(visit: Visit, figure: Figure) -> Cell:
    """Return the value of a figure, or why there is none."""
    if figure.shown is None:
        return Cell(text(visit.words(f"status.{figure.status}")), numeric=True)
    value = numbers.value_of(figure.shown, figure.indicator)
    return Cell(text(numbers.amount(value, figure.indicator, visit.words)), numeric=True)
