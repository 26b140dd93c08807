"""The data table of an indicator's chart: the accessible equivalent of what it draws."""

from markupsafe import Markup

from dashboards.app_pages.indicator.series import IndicatorSeries
from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.provenance import PROVENANCE_PATH
from dashboards.charts.signals import cause_text
from dashboards.charts.titles import absence_label
from dashboards.components.html import HtmlCell, details, link, table
from dashboards.components.tiles import counts_behind
from dashboards.wording.formatting import exact_value, format_amount, format_number, format_period, format_target
from indicators.definitions.perimeters import Level
from indicators.figures.figure import Figure


def data_table(context: PageContext, series: IndicatorSeries) -> Markup:
    """Return the figures of the chart as a folded table, newest first; each leads to where it comes from."""
    t = context.t
    figures, indicator = series.stepped.figures, series.indicator
    point_signals, spans = series.point_signals, series.signal_spans
    intervals = any(figure.interval for figure in figures)
    targets = any(figure.target for figure in figures)
    has_signals = any(one.side for one in point_signals)
    headers = [t("table.period"), t("table.value"), t("table.behind")]
    headers += [t("table.interval")] * intervals + [t("table.target")] * targets
    headers += [t("table.cause")] * has_signals
    rows = []
    for figure, signals in zip(reversed(figures), reversed(point_signals), strict=True):
        value = format_amount(exact_value(figure.shown, indicator), indicator, t) if figure.shown else None
        row = [
            HtmlCell(_period_html(context, series, figure)),
            HtmlCell(value or absence_label(figure, t), is_number=True),
            HtmlCell(counts_behind(figure, t)),
        ]
        if intervals:
            limits = [format_number(limit, 0, t.language) for limit in figure.interval or ()]
            row.append(HtmlCell(t("table.limits", low=limits[0], high=limits[1]) if limits else ""))
        if targets:
            row.append(HtmlCell(format_target(figure.target.value, indicator, t) if figure.target else "", True))
        if has_signals:
            row.append(HtmlCell(cause_text(signals, figure.period, t, spans) if signals.side else ""))
        rows.append(row)
    caption = t("table.caption", label=indicator.label(t.language), name=series.name)
    return details(t("table.open"), table(caption, headers, rows))


def _period_html(context: PageContext, series: IndicatorSeries, figure: Figure) -> Markup | str:
    """Return the period of a figure; of one that a structure deposited, with a link to where it comes from."""
    name = format_period(figure.covered_span, context.t)
    is_deposited = series.perimeter.level is Level.STRUCTURE and series.indicator.source == "reported"
    if not is_deposited or figure.covered_span != figure.period or figure.shown is None:
        return name
    indicator, structure = series.indicator.id, series.perimeter.name
    url = context.link(PROVENANCE_PATH, indicateur=indicator, structure=structure, periode=figure.period.code)
    return link(url, name, name=context.t("provenance.link", period=name))
