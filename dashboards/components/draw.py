"""The one way of HTML onto a page."""

from typing import Literal

import streamlit as st
from markupsafe import Markup
from streamlit.delta_generator import DeltaGenerator

from dashboards.components.html import markup


def draw_html(
    html: Markup, into: DeltaGenerator | None = None, *, width: Literal["stretch", "content"] = "stretch"
) -> None:
    """Draw HTML at this place of the page, or in a container; a plain string would be shown as the text it is.

    Of nothing, nothing is drawn.
    """
    if html:
        (st if into is None else into).html(str(markup("{}", html)), width=width)
