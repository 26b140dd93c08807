"""What a reader takes away of a series: the figures, the chart as a picture, the open data."""

from functools import partial

import streamlit as st

from dashboards.app_pages.indicator.series import Followed
from dashboards.app_pages.page_context import Visit
from dashboards.components.html import link, text
from dashboards.downloads.chart_images import Form
from dashboards.downloads.image_queue import desk
from dashboards.downloads.spreadsheet_files import series_csv
from dashboards.web.limits import home_of
from dashboards.wording.translations import Words
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import slug


def take_away(visit: Visit, followed: Followed) -> None:
    """Offer what is on the page, for the audience that sees it; a picture is made when it is asked for."""
    words = visit.words
    came_from = _came_from()
    name = f"{slug(followed.perimeter.code)}-{followed.indicator.id}"
    with st.container(horizontal=True, key="taken"):
        st.download_button(
            words("taken.csv"),
            partial(_series, followed, visit.audience, words),
            f"{name}.csv",
            "text/csv",
            key="taken csv",
            on_click="ignore",
        )
        for form in Form:
            st.download_button(
                words(f"taken.{form}"),
                partial(_picture, followed, visit, form, came_from),
                f"{name}.{form}",
                form.mime,
                key=f"taken {form}",
                on_click="ignore",
            )

    st.html(f'<p class="dialect">{text(words("dialect.spreadsheet"))}</p>')


def _came_from() -> str:
    """Return what the visitor is known by: their address; this machine, and a proxy on it, are one visitor."""
    return home_of(st.context.ip_address or "")


def _series(followed: Followed, audience: Audience, words: Words) -> bytes:
    """Write the series for the audience that sees the page."""
    return series_csv(followed.perimeter, followed.name, followed.indicator, followed.found.figures, audience, words)


def _picture(followed: Followed, visit: Visit, form: Form, came_from: str) -> bytes:
    chart = followed.chart(visit.words).to_dict(validate=False)
    return desk().picture(chart, form, came_from, public=not visit.manages)


def links(visit: Visit, followed: Followed) -> str:
    """Return the way to the board of a structure and, if it is public, to its open data."""
    structure = followed.perimeter.name
    board = visit.link("structure", structure=structure)
    found = [link(board, visit.words("indicator.board"))]
    if followed.indicator.audience is Audience.PUBLIC:
        open_data = link(f"/api/series/{structure}/{followed.indicator.id}.csv", visit.words("indicator.csv"))
        found.append(f'<span>{open_data} <span class="dialect">{text(visit.words("dialect.open_data"))}</span></span>')
    return f'<p class="links">{" ".join(found)}</p>'
