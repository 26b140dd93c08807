"""Every indicator sheet, by family."""

from itertools import groupby

import streamlit as st

from dashboards.app_pages.page_context import Visit
from dashboards.components.html import heading, link, notice, text
from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import slug


def page(visit: Visit) -> None:
    """List the sheets that answer what the reader looks for."""
    words, catalogue = visit.words, visit.house.network.catalogue
    st.html(heading(1, words("catalogue.title"), text(words("catalogue.intro", count=len(catalogue)))))
    with st.container(key="choices"):
        sought = slug(visit.search(words("catalogue.search")))
    found = [indicator for indicator in catalogue if sought in slug(_searched(indicator, visit))]
    if not found:
        st.html(notice(words("catalogue.nothing"), link(visit.link("catalogue"), words("catalogue.all"))))
        return
    blocks = []
    for family, members in groupby(found, key=lambda indicator: indicator.family):
        entries = "".join(_entry(indicator, visit) for indicator in members)
        name = heading(2, words(f"family.{family}"))
        blocks.append(f'<section class="family">{name}<ul class="sheets">{entries}</ul></section>')
    st.html("".join(blocks))


def _searched(indicator: Indicator, visit: Visit) -> str:
    language = visit.language
    family = visit.words(f"family.{indicator.family}")
    return " ".join(
        (
            indicator.label(language),
            indicator.short(language),
            indicator.question_answered(language),
            indicator.id,
            family,
        )
    )


def _entry(indicator: Indicator, visit: Visit) -> str:
    """Return a sheet's name, the question it answers, and for whom its figures are."""
    words, language = visit.words, visit.language
    name = link(visit.link("indicateur", indicateur=indicator.id), indicator.label(language))
    audience = text(words(f"audience.brief.{indicator.audience}"))
    about = words("list.separator").join(
        [words(f"frequency.{indicator.frequency}"), words(f"source.{indicator.source}")]
    )
    return (
        f"<li><h3>{name}</h3><p>{text(indicator.question_answered(language))}</p>"
        f'<p class="under"><span class="audience {indicator.audience}">{audience}</span> {text(about)}</p></li>'
    )
