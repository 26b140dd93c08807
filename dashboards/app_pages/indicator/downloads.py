"""Downloads of a series: figures as CSV, the chart as an image, links to the open data."""

from functools import partial

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.indicator.series import IndicatorSeries
from dashboards.app_pages.page_context import PageContext, board_url
from dashboards.app_pages.registers.links import open_action_link
from dashboards.app_pages.visitor_key import visitor_key
from dashboards.components.draw import draw_html
from dashboards.components.html import join, link, markup
from dashboards.downloads.chart_images import ImageFormat
from dashboards.downloads.image_queue import image_queue
from dashboards.downloads.spreadsheet_files import series_csv
from dashboards.wording.translations import Translator
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Level, slug


def render_downloads(context: PageContext, series: IndicatorSeries) -> None:
    """Draw the download buttons, for the audience of the page; files and images are made on click."""
    t = context.t
    visitor = visitor_key()
    name = f"{slug(series.perimeter.code)}-{series.indicator.id}"
    with st.container(horizontal=True, key="taken"):
        csv = partial(_series_file, series, context.audience, t)
        context.offer_download(t("taken.csv"), csv, f"{name}.csv", "text/csv", "taken csv")
        for image_format in ImageFormat:
            context.offer_download(
                t(f"taken.{image_format}"),
                partial(_chart_image, series, context, image_format, visitor),
                f"{name}.{image_format}",
                image_format.mime,
                f"taken {image_format}",
            )

    draw_html(markup('<p class="dialect">{}</p>', t("dialect.spreadsheet")))


def _series_file(series: IndicatorSeries, audience: Audience, t: Translator) -> bytes:
    """Return the series as CSV for the audience of the page."""
    figures = series.stepped.figures
    return series_csv(series.perimeter, series.name, series.indicator, figures, audience, t, series.earlier)


def _chart_image(series: IndicatorSeries, context: PageContext, image_format: ImageFormat, visitor_key: str) -> bytes:
    chart = series.build_chart(context.t).to_dict(validate=False)
    return image_queue().image(chart, image_format, visitor_key, is_public=not context.is_management_view)


def board_links(context: PageContext, series: IndicatorSeries) -> Markup:
    """Return links to the board of the perimeter and, of a structure's public indicator, to its open data."""
    structure = series.perimeter.name
    is_structure = series.perimeter.level is Level.STRUCTURE
    key = "indicator.board" if is_structure else "indicator.board.several"
    items = [link(board_url(context, series.perimeter), context.t(key, name=series.name))]
    if is_structure and series.indicator.audience is Audience.PUBLIC:
        open_data = link(f"/api/series/{structure}/{series.indicator.id}.csv", context.t("indicator.csv"))
        items.append(
            markup('<span>{} <span class="dialect">{}</span></span>', open_data, context.t("dialect.open_data"))
        )
    if is_structure and series.stepped.figures:
        where = (structure, series.indicator.id, series.stepped.figures[-1].period)
        items.append(open_action_link(context, context.structures, *where))
    return markup('<p class="links">{}</p>', join(filter(None, items), " "))
