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
from dashboards.wording.translations import Translator
from indicators.definitions.perimeters import Level
from indicators.figures.figure import Figure


def data_table(context: PageContext, series: IndicatorSeries) -> Markup:
    """Return the figures of the chart as a folded table, newest first; each leads to where it comes from.

    Those of predecessors stand below, and then each row says of which structure it is.
    """
    t = context.t
    figures, indicator = series.stepped.figures, series.indicator
    point_signals, spans = series.point_signals, series.signal_spans
    earlier = [(each.structure, figure) for each in reversed(series.earlier) for figure in reversed(each.figures)]
    own_id = series.perimeter.name if series.perimeter.level is Level.STRUCTURE else None
    intervals = any(figure.interval for figure in figures)
    targets = any(figure.target for figure in figures)
    has_signals = any(one.side for one in point_signals)
    headers = [t("table.period"), t("table.value"), t("table.behind")]
    headers += [t("table.interval")] * intervals + [t("table.target")] * targets
    headers += [t("table.cause")] * has_signals + [t("table.structure")] * bool(earlier)
    rows: list[list[HtmlCell]] = []
    for figure, signals in zip(reversed(figures), reversed(point_signals), strict=True):
        row = _figure_cells(context, figure, own_id, has_interval=intervals)
        if targets:
            row.append(HtmlCell(format_target(figure.target.value, indicator, t) if figure.target else "", True))
        if has_signals:
            row.append(HtmlCell(cause_text(signals, figure.period, t, spans) if signals.side else ""))
        rows.append(row + [HtmlCell(series.name)] * bool(earlier))
    for structure, figure in earlier:
        row = _figure_cells(context, figure, structure.id, has_interval=intervals)
        rows.append([*row, *[HtmlCell("")] * (targets + has_signals), HtmlCell(structure.name)])
    caption = t("table.caption", label=indicator.label(t.language), name=series.name)
    return details(t("table.open"), table(caption, headers, rows))


def _figure_cells(context: PageContext, figure: Figure, structure: str | None, *, has_interval: bool) -> list[HtmlCell]:
    """Return period, value or why there is none, the counts behind it, and its interval where rows have one."""
    t, indicator = context.t, figure.indicator
    value = format_amount(exact_value(figure.shown, indicator), indicator, t) if figure.shown else None
    cells = [
        HtmlCell(_period_html(context, structure, figure)),
        HtmlCell(value or absence_label(figure, t), is_number=True),
        HtmlCell(counts_behind(figure, t)),
    ]
    return [*cells, HtmlCell(_limits_label(figure, t))] if has_interval else cells


def _limits_label(figure: Figure, t: Translator) -> str:
    limits = [format_number(limit, 0, t.language) for limit in figure.interval or ()]
    return t("table.limits", low=limits[0], high=limits[1]) if limits else ""


def _period_html(context: PageContext, structure: str | None, figure: Figure) -> Markup | str:
    """Return the period of a figure; of one that a structure deposited, with a link to where it comes from."""
    name = format_period(figure.covered_span, context.t)
    is_deposited = structure is not None and figure.indicator.source == "reported"
    if not is_deposited or figure.covered_span != figure.period or figure.shown is None:
        return name
    url = context.link(PROVENANCE_PATH, indicateur=figure.indicator.id, structure=structure, periode=figure.period.code)
    return link(url, name, name=context.t("provenance.link", period=name))
