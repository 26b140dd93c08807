"""What each region counts in the network, as a table with a bar: the twin of the map, in the order of names."""

from dashboards.app_pages.page_context import Visit
from dashboards.charts.titles import absence
from dashboards.components.html import Cell, heading, link, table, text
from dashboards.components.tiles import behind
from dashboards.wording import formatting as numbers
from indicators.definitions.perimeters import Level, slug
from indicators.definitions.periods import Period
from indicators.figures.figure import Figure
from indicators.network import Reading
from indicators.queries.figures.region_shares import Contributions


def region_address(visit: Visit, indicator: str, region: str, quarter: Period) -> str:
    """Return the address of an indicator's history in a region, up to a quarter."""
    return visit.link("indicateur", indicateur=indicator, perimetre=f"{Level.REGION}:{region}", periode=quarter.code)


def regions(visit: Visit, reading: Reading, found: Contributions, quarter: Period) -> str:
    """Return the regions with their figure, what is behind it and their share of what the network counted."""
    words, indicator = visit.words, found.whole.indicator
    names = {region.id: region.name(visit.language) for region in reading.regions.values()}
    rows = []
    for one in sorted(found.regions, key=lambda one: slug(names.get(one.region, one.region))):
        name = link(region_address(visit, indicator.id, one.region, quarter), names.get(one.region, one.region))
        rows.append(
            [Cell(name), value(visit, one.figure), Cell(text(behind(one.figure, words))), _share(visit, one.share)]
        )
    if found.rest is not None:
        withheld = words("regions.withheld", count=found.withheld)
        rows.append([Cell(text(withheld)), Cell("", numeric=True), Cell(""), _share(visit, found.rest)])
    when, label = numbers.during(found.whole.counted, words), indicator.label(visit.language)
    headers = [words(f"table.{name}") for name in ("region", "value", "behind", "share")]
    caption = words("regions.caption", label=label, during=when)
    return heading(2, words("regions.title"), text(words("regions.under"))) + table(caption, headers, rows)


def _share(visit: Visit, share: float | None) -> Cell:
    """Return a share in whole percents, with a bar that says the same to the eye."""
    if share is None:
        return Cell("")
    told = numbers.percent(100 * share, 0, visit.language)
    if 0 < share < 0.005:
        told = visit.words("regions.little", share=numbers.percent(1, 0, visit.language))
    bar = f'<span class="bar" aria-hidden="true"><span style="width:{100 * share:.1f}%"></span></span>'
    return Cell(f'<span class="share"><span>{text(told)}</span>{bar}</span>')


def value(visit: Visit, figure: Figure) -> Cell:
    """Return the value of a figure, or why there is none."""
    if figure.shown is None:
        return Cell(text(absence(figure, visit.words)), numeric=True)
    shown = numbers.value_of(figure.shown, figure.indicator)
    return Cell(text(numbers.amount(shown, figure.indicator, visit.words)), numeric=True)
