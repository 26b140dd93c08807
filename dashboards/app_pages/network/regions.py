"""The data table of the region map: figure and share of the network by region, in alphabetical order."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.unpublished import PROTECTION_PATH
from dashboards.charts.titles import absence_label
from dashboards.components.html import HtmlCell, heading, link, markup, table
from dashboards.components.tiles import counts_behind
from dashboards.wording.formatting import exact_value, format_amount, format_during, format_percentage
from indicators.definitions.perimeters import Level, slug
from indicators.definitions.periods import Period
from indicators.figures.figure import Figure, Status
from indicators.queries.figures.region_shares import RegionShare, RegionShares
from indicators.snapshot import Snapshot


def region_url(context: PageContext, indicator: str, region: str, quarter: Period) -> str:
    """Return the address of an indicator's series in a region, up to a quarter."""
    return context.link("indicateur", indicateur=indicator, perimetre=f"{Level.REGION}:{region}", periode=quarter.code)


def regions_table(context: PageContext, snapshot: Snapshot, shares: RegionShares, quarter: Period) -> Markup:
    """Return the table of regions: figure, counts behind it and share of the network's count."""
    rows = _region_rows(context, snapshot, shares.network.indicator.id, shares.regions, quarter)
    if shares.withheld_share is not None:
        withheld = context.t("regions.withheld", count=shares.withheld_count)
        cells = [HtmlCell(withheld), HtmlCell("", is_number=True), HtmlCell("")]
        rows.append([*cells, share_cell(context, shares.withheld_share)])
    return _table(context, shares, rows)


def shown_regions_table(context: PageContext, snapshot: Snapshot, shares: RegionShares, quarter: Period) -> Markup:
    """Return what takes the place of a map with more gaps than figures: the regions shown, the others together.

    What the others make together is what the network's figure leaves; where it leaves no figure, they are counted.
    """
    t = context.t
    shown = [one for one in shares.regions if one.figure.shown]
    rows = _region_rows(context, snapshot, shares.network.indicator.id, shown, quarter)
    if shares.others is not None:
        rows.append(
            [
                HtmlCell(t("regions.others", count=shares.withheld_count)),
                value_cell(context, shares.others),
                HtmlCell(counts_behind(shares.others, t)),
                share_cell(context, shares.withheld_share),
            ]
        )
    without = sum(one.figure.shown is None and one.figure.status is not Status.NOT_APPLICABLE for one in shares.regions)
    why = link(context.link(PROTECTION_PATH, periode=quarter.code), t("protection.why.name"))
    sentence = markup('<p class="under">{} {}</p>', t("regions.no_map", count=without), why)
    return (_table(context, shares, rows) if rows else heading(2, t("regions.title"))) + sentence


def _region_rows(
    context: PageContext, snapshot: Snapshot, indicator: str, regions: Iterable[RegionShare], quarter: Period
) -> list[list[HtmlCell]]:
    """Return the rows of some regions in alphabetical order, each with a link to its series."""
    names = {region.id: region.name(context.language) for region in snapshot.regions.values()}
    return [
        [
            HtmlCell(link(region_url(context, indicator, one.region, quarter), names.get(one.region, one.region))),
            value_cell(context, one.figure),
            HtmlCell(counts_behind(one.figure, context.t)),
            share_cell(context, one.share),
        ]
        for one in sorted(regions, key=lambda one: slug(names.get(one.region, one.region)))
    ]


def _table(context: PageContext, shares: RegionShares, rows: Sequence[Sequence[HtmlCell]]) -> Markup:
    t, label = context.t, shares.network.indicator.label(context.language)
    headers = [t(f"table.{name}") for name in ("region", "value", "behind", "share")]
    caption = t("regions.caption", label=label, during=format_during(shares.network.covered_span, t))
    return heading(2, t("regions.title"), t("regions.under")) + table(caption, headers, rows)


def share_cell(context: PageContext, share: float | None) -> HtmlCell:
    """Return a share in whole percents, with a bar of that length."""
    if share is None:
        return HtmlCell("")
    label = format_percentage(100 * share, 0, context.language)
    if 0 < share < 0.005:
        label = context.t("regions.little", share=format_percentage(1, 0, context.language))
    bar = markup('<span class="bar" aria-hidden="true"><span style="width:{}%"></span></span>', f"{100 * share:.1f}")
    return HtmlCell(markup('<span class="share"><span>{}</span>{}</span>', label, bar))


def value_cell(context: PageContext, figure: Figure) -> HtmlCell:
    """Return the value of a figure, or the reason why there is none."""
    if figure.shown is None:
        return HtmlCell(absence_label(figure, context.t), is_number=True)
    amount = exact_value(figure.shown, figure.indicator)
    return HtmlCell(format_amount(amount, figure.indicator, context.t), is_number=True)
