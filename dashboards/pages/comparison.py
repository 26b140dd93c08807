"""Comparison for delegates: structures of a perimeter on one indicator as a funnel, or on all of them as a matrix."""

from typing import Final

import streamlit as st

from dashboards import numbers
from dashboards.charts.funnel import funnel_chart
from dashboards.markup import heading, notice, text
from dashboards.pages import comparison_matrix
from dashboards.pages.comparison_table import csv_link, left_out, one_structure, twin
from dashboards.pages.indicator import perimeter_name
from dashboards.visit import Visit
from indicators.catalogue import Audience, Indicator
from indicators.network import Reading
from indicators.perimeters import NETWORK, Level, Perimeter, plain
from indicators.periods import Period, Span
from indicators.questions.comparison import case_mix, comparison
from indicators.questions.deliveries import quarters
from indicators.steps import Step, latest_ended, steps_of

FIRST: Final = "dynamic_exit_rate"
"""What is compared until the reader chooses."""
ROLLING: Final = "glissant"
MATRIX: Final = "matrice"


def page(visit: Visit) -> None:
    """Draw the comparison of the address."""
    words = visit.words
    with visit.house.network.reading() as reading:
        st.html(heading(1, words("compare.title"), text(words("compare.intro"))))
        periods = quarters(reading)
        if not periods:
            st.html(visit.nothing("empty.measures" if reading.structures.by_id else "empty.structures"))
            return
        quarter = visit.quarter(periods)
        perimeter, kind = _whom(visit, reading)
        name = perimeter_name(visit, reading, perimeter)
        matrix = visit.address.get("affichage") == MATRIX
        with st.container(horizontal=True, key="choices-what", vertical_alignment="bottom"):
            indicator = None if matrix else _what(visit, reading)
            visit.choose(
                "periode",
                words("choose.period"),
                [period.code for period in periods],
                lambda code: numbers.period(Period.parse(code), words),
                default=quarter.code,
            )
            step = _step(visit, indicator)
            views = {"": words("compare.view.funnel"), MATRIX: words("compare.view.matrix")}
            visit.switch("affichage", words("compare.view"), views)
        if indicator is None:
            comparison_matrix.draw(visit, reading, perimeter, kind, quarter)
            return
        period = latest_ended(step, quarter.end) if step else Period.latest_ended(quarter.end, indicator.frequency)
        _funnel(visit, reading, perimeter, kind, indicator, period, quarter, name)


def _whom(visit: Visit, reading: Reading) -> tuple[Perimeter, str | None]:
    """Let the reader choose a perimeter and a kind."""
    words, structures = visit.words, reading.structures
    asked = visit.address.get("perimetre")
    perimeter = structures.perimeter(asked) if asked else NETWORK
    owners = structures.by_id.values()
    codes = [
        NETWORK.code,
        *(f"{Level.REGION}:{region}" for region in sorted({s.region for s in owners})),
        *(f"{Level.GROUP}:{group}" for group in sorted({s.group for s in owners if s.group})),
    ]
    names = {code: perimeter_name(visit, reading, structures.perimeter(code)) for code in codes}
    kinds = sorted({structures[member].kind for member in structures.members(perimeter)})
    spelled = {"": words("compare.kind.all"), **{kind: words(f"kind.{kind}") for kind in kinds}}
    with st.container(horizontal=True, key="choices-whom", vertical_alignment="bottom"):
        visit.choose(
            "perimetre",
            words("compare.perimeter"),
            codes,
            lambda code: names[code][:1].upper() + names[code][1:],
            default=NETWORK.code,
            instead_of=("structure", "suite"),
        )
        kind = visit.choose("type", words("compare.kind"), list(spelled), spelled.__getitem__, default="")
    return perimeter, kind or None


def _what(visit: Visit, reading: Reading) -> Indicator | None:
    """Let the reader choose an indicator."""
    offered = {sheet.id: sheet for sheet in reading.catalogue if Audience.NETWORK.sees(sheet.audience)}
    chosen = visit.choose(
        "indicateur",
        visit.words("compare.indicator"),
        list(offered),
        lambda name: offered[name].label(visit.language),
        default=FIRST if FIRST in offered else next(iter(offered)),
    )
    return offered[chosen] if chosen else reading.catalogue[visit.address["indicateur"]]


def _step(visit: Visit, indicator: Indicator | None) -> Step | None:
    """Let the reader choose rolling quarters where the indicator has them."""
    if indicator is None or Step.ROLLING not in steps_of(indicator):
        return None
    steps = {"": visit.words("compare.step.own"), ROLLING: visit.words("compare.step.rolling")}
    visit.switch("pas", visit.words("compare.step"), steps)
    return Step.ROLLING if visit.address.get("pas") == ROLLING else None


def _funnel(
    visit: Visit,
    reading: Reading,
    perimeter: Perimeter,
    kind: str | None,
    indicator: Indicator,
    period: Span,
    quarter: Period,
    name: str,
) -> None:
    """Draw the funnel, what it leaves out, and the table of the same figures."""
    words = visit.words
    compared = comparison(reading, perimeter, kind, indicator, period, Audience.NETWORK, visit.today)
    if compared.rows.is_empty():
        st.html(notice(words("compare.nobody")))
        return
    names = {structure: reading.structures[structure].name for structure in compared.rows["structure"]}
    ordered = sorted(names, key=lambda structure: plain(names[structure]))
    with st.container(horizontal=True, key="choices-one", vertical_alignment="bottom"):
        chosen = visit.choose("structure", words("compare.structure"), ordered, names.__getitem__)
    if compared.funnel is None:
        st.html(notice(words("compare.not_a_share")))
    elif compared.funnel.share is None:
        st.html(notice(words("compare.none_shown")))
    else:
        key = (reading.tag, "funnel", indicator.id, period, perimeter, kind, chosen)
        visit.draw(lambda: funnel_chart(compared, names, words, name=name, chosen=chosen), *key)
    mix = case_mix(reading, perimeter, quarter, Audience.NETWORK, visit.today)
    if chosen:
        st.html(one_structure(visit, reading, compared, mix, chosen, quarter))
    st.html(left_out(visit, compared, names) + twin(visit, reading, compared, mix, names))
    csv_link(visit, compared, names)
