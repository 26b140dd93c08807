"""The catalogue page: every indicator definition, by family, with a search."""

from itertools import groupby

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.components.draw import draw_html
from dashboards.components.html import heading, join, link, markup, notice
from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import slug


def render(context: PageContext) -> None:
    """List the indicators that match the search."""
    t, catalogue = context.t, context.app_state.network.catalogue
    draw_html(heading(1, t("catalogue.title"), t("catalogue.intro", count=len(catalogue))))
    with st.container(key="choices"):
        search_slug = slug(context.search(t("catalogue.search")))
    matches = [indicator for indicator in catalogue if search_slug in slug(_searchable_text(indicator, context))]
    if not matches:
        draw_html(notice(t("catalogue.nothing"), link(context.link("catalogue"), t("catalogue.all"))))
        return
    blocks = []
    for family, members in groupby(matches, key=lambda indicator: indicator.family):
        entries = join(_entry_html(indicator, context) for indicator in members)
        name = heading(2, t(f"family.{family}"))
        blocks.append(markup('<section class="family">{}<ul class="sheets">{}</ul></section>', name, entries))
    draw_html(join(blocks))


def _searchable_text(indicator: Indicator, context: PageContext) -> str:
    language = context.language
    family = context.t(f"family.{indicator.family}")
    return " ".join(
        (
            indicator.label(language),
            indicator.short(language),
            indicator.question_answered(language),
            indicator.id,
            family,
        )
    )


def _entry_html(indicator: Indicator, context: PageContext) -> Markup:
    """Return an indicator's name, the question it answers, and its audience."""
    t, language = context.t, context.language
    name = link(context.link("indicateur", indicateur=indicator.id), indicator.label(language))
    audience = t(f"audience.brief.{indicator.audience}")
    about = t("list.separator").join([t(f"frequency.{indicator.frequency}"), t(f"source.{indicator.source}")])
    return markup(
        '<li><h3>{}</h3><p>{}</p><p class="under"><span class="audience {}">{}</span> {}</p></li>',
        name,
        indicator.question_answered(language),
        indicator.audience,
        audience,
        about,
    )
