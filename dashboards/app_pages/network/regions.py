"""The data table of the region map: figure and share of the network by region, in alphabetical order."""

from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.charts.titles import absence_label
from dashboards.components.html import HtmlCell, heading, link, markup, table
from dashboards.components.tiles import counts_behind
from dashboards.wording.formatting import exact_value, format_amount, format_during, format_percentage
from indicators.definitions.perimeters import Level, slug
from indicators.definitions.periods import Period
from indicators.figures.figure import Figure
from indicators.queries.figures.region_shares import RegionShares
from indicators.snapshot import Snapshot


def region_url(context: PageContext, indicator: str, region: str, quarter: Period) -> str:
    """Return the address of an indicator's series in a region, up to a quarter."""
    return context.link("indicateur", indicateur=indicator, perimetre=f"{Level.REGION}:{region}", periode=quarter.code)


def regions_table(context: PageContext, snapshot: Snapshot, shares: RegionShares, quarter: Period) -> Markup:
    """Return the table of regions: figure, counts behind it and share of the network's count."""
    t, indicator = context.t, shares.network.indicator
    names = {region.id: region.name(context.language) for region in snapshot.regions.values()}
    rows = []
    for one in sorted(shares.regions, key=lambda one: slug(names.get(one.region, one.region))):
        name = link(region_url(context, indicator.id, one.region, quarter), names.get(one.region, one.region))
        rows.append(
            [
                HtmlCell(name),
                value_cell(context, one.figure),
                HtmlCell(counts_behind(one.figure, t)),
                _share_cell(context, one.share),
            ]
        )
    if shares.withheld_share is not None:
        withheld = t("regions.withheld", count=shares.withheld_count)
        rows.append(
            [
                HtmlCell(withheld),
                HtmlCell("", is_number=True),
                HtmlCell(""),
                _share_cell(context, shares.withheld_share),
            ]
        )
    period_phrase, label = format_during(shares.network.covered_span, t), indicator.label(context.language)
    headers = [t(f"table.{name}") for name in ("region", "value", "behind", "share")]
    caption = t("regions.caption", label=label, during=period_phrase)
    return heading(2, t("regions.title"), t("regions.under")) + table(caption, headers, rows)


def _share_cell(context: PageContext, share: float | None) -> HtmlCell:
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
