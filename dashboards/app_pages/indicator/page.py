"""The page of one indicator: its figures over time for one perimeter, what they can bear, and what they do not say."""

import re
from typing import Final

import streamlit as st

from dashboards.app_pages.indicator.context import accompaniment, aim, bearing
from dashboards.app_pages.indicator.data_table import twin
from dashboards.app_pages.indicator.definition import definition, sheet
from dashboards.app_pages.indicator.downloads import links, take_away
from dashboards.app_pages.indicator.series import Followed, follow
from dashboards.app_pages.page_context import PERIOD, Visit
from dashboards.app_pages.time_step_choice import IN_ADDRESS, PARAMETER, note, spelled, step_link
from dashboards.app_pages.unpublished import ADDRESS, rule_in_words, why_link
from dashboards.components.html import details, heading, link, notice, text
from dashboards.wording import formatting as numbers
from dashboards.wording.figure_sentences import reasons
from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.figures.figure import Status
from indicators.network import Reading
from indicators.queries.deposits.deliveries import quarters

GROUP: Final = re.compile(r"(?:le )?group", re.IGNORECASE)
"""A name that says itself that it is a group's."""


def page(visit: Visit) -> None:
    """Draw the indicator of the address for the perimeter chosen: figures, definition beside them, the rest below."""
    words = visit.words
    with visit.house.network.reading() as reading:
        periods = quarters(reading)
        lacking = "structures" if not reading.structures.by_id else None if periods else "measures"
        chosen = visit.address.get("indicateur")
        if chosen is None:
            way = notice(words("indicator.choose"), link(visit.link("catalogue"), words("page.catalogue")))
            st.html(heading(1, words("page.indicator")) + way)
            return
        indicator = reading.catalogue[chosen]
        visit.entitle(indicator.label(visit.language))
        perimeter = _perimeter(visit, reading)
        codes = perimeters(reading, indicator)
        names = {code: perimeter_name(visit, reading, reading.structures.perimeter(code)) for code in codes}
        name = perimeter_name(visit, reading, perimeter)
        if perimeter.level is Level.STRUCTURE:
            visit.entitle(f"{indicator.label(visit.language)} – {name}")
        quarter = visit.quarter(periods) if periods else None
        followed = follow(visit, reading, indicator, perimeter, name, quarter if PERIOD in visit.address else None)
        told = aim(followed, words, _whose(visit, reading, followed))

    st.html(heading(1, indicator.label(visit.language), text(indicator.question_answered(visit.language))))
    with st.container(horizontal=True, key="choices", vertical_alignment="bottom"):
        if codes:
            visit.choose(
                "perimetre",
                words("choose.perimeter"),
                codes,
                lambda code: names[code][:1].upper() + names[code][1:],
                default=perimeter.code,
                instead_of=("structure",),
            )
        if quarter:
            visit.choose_quarter(periods, quarter)
        if len(followed.found.offered) > 1:
            _choose_step(visit, followed)
        if visit.may_manage:
            visit.switch_view()
    with st.container(key="indicator"):
        figures, beside = st.columns((5, 2), gap="large")
        with figures:
            _figures(visit, reading.tag, followed, lacking)
        beside.html(heading(2, words("sheet.brief")) + definition(visit, indicator, told))
    st.html(sheet(visit, indicator))


def _figures(visit: Visit, tag: str, followed: Followed, lacking: str | None) -> None:
    """Draw the series with what is known beside it, or say why there is nothing to draw.

    `lacking` is the dataset of which the store has nothing yet, if any.
    """
    words, indicator = visit.words, followed.indicator
    if not visit.audience.sees(indicator.audience):
        st.html(notice(words(f"indicator.unseen.{indicator.audience}")))
        return
    if not followed.concerned:
        st.html(notice(words("indicator.not_concerned", name=followed.name)))
        return
    if not followed.shown:
        nothing = words("indicator.nothing", name=followed.name)
        st.html(visit.nothing(f"empty.{lacking}") if lacking else notice(nothing, *_why(visit, followed)))
        return
    known_by = (tag, "series", indicator.id, followed.perimeter, followed.found.step, followed.until)
    visit.draw(lambda: followed.chart(words), *known_by)
    said = note(followed.found, words)
    st.html(
        bearing(followed, words)
        + (f"<p>{text(said)}</p>" if said else "")
        + accompaniment(followed, words)
        + twin(followed, words)
        + _not_public(visit, followed)
    )
    take_away(visit, followed)
    if followed.perimeter.level is Level.STRUCTURE:
        st.html(links(visit, followed))


def _not_public(visit: Visit, followed: Followed) -> str:
    """Return the way to the reason where a period is withheld; to those who manage it, the periods with their rules."""
    words, figures = visit.words, followed.found.figures
    if withheld := sum(figure.status is Status.WITHHELD for figure in figures):
        # The figure of the period chosen may well be published: it is said how many are not.
        return f"<p>{text(words('why.period.withheld', count=withheld))}. {why_link(visit.link(ADDRESS), words)}</p>"
    told = [
        f"<li>{text(words('protection.period', period=numbers.period(figure.period, words), rule=rule))}</li>"
        for figure in reversed(figures)
        if (known := followed.rules.get((followed.indicator.id, figure.period.code)))
        for rule in [rule_in_words(known, followed.indicator, words)]
    ]
    return details(words("protection.periods", count=len(told)), f"<ul>{''.join(told)}</ul>") if told else ""


def _why(visit: Visit, followed: Followed) -> list[str]:
    """Return the reasons with how many periods each concerns; of no period at all, why there is none."""
    words, found, reported = visit.words, followed.found, followed.reported
    several = followed.perimeter.level is not Level.STRUCTURE
    if several and reported.without_counts:
        return [text(words("why.without_counts"))]
    if found.figures:
        said = [text(said) for said in reasons(found.figures, words, "period", several=several)]
        withheld = any(figure.status is Status.WITHHELD for figure in found.figures)
        return [*said, why_link(visit.link(ADDRESS), words)] if withheld else said
    if reported.since is None:
        return [text(words(words.either(f"why.none.{followed.perimeter.level.name.lower()}", "why.none.several")))]
    if followed.until and reported.since > followed.until.end:
        return [text(words("why.none.until", until=numbers.period(followed.until, words)))]
    if found.step is not found.offered[0]:
        return [text(words("why.none.whole"))]
    return _otherwise(visit, followed)


def _otherwise(visit: Visit, followed: Followed) -> list[str]:
    """Say in which steps something was reported, where it was not in the indicator's own, with the way to them."""
    words = visit.words
    steps = [step for step in followed.found.offered if step.value in followed.reported.frequencies]
    others = words("list.separator").join(words(f"frequency.by.{step}") for step in steps)
    told = words("why.none.step", own=words(f"frequency.by.{followed.indicator.frequency}"), others=others)
    return [text(told), *(step_link(visit, IN_ADDRESS[step]) for step in steps)]


def _perimeter(visit: Visit, reading: Reading) -> Perimeter:
    """Return the perimeter of the address, else the network."""
    code = visit.address.get("structure") or visit.address.get("perimetre")
    return reading.structures.perimeter(code) if code else NETWORK


def _whose(visit: Visit, reading: Reading, followed: Followed) -> str:
    """Name the perimeter for which the target of the latest figure was agreed."""
    figures = followed.found.figures
    goal = figures[-1].target if figures else None
    return perimeter_name(visit, reading, reading.structures.perimeter(goal.perimeter)) if goal else ""


def _choose_step(visit: Visit, followed: Followed) -> None:
    """Let the reader choose the step; the choice is written in the address."""
    words, found = visit.words, followed.found
    chosen = IN_ADDRESS[found.step]
    visit.choose(PARAMETER, words("choose.step"), found.options, lambda code: spelled(code, words), default=chosen)


def perimeters(reading: Reading, indicator: Indicator) -> list[str]:
    """Return the codes of the perimeters in which somebody reports the indicator, the largest first."""
    known = [dated.structure for dated in reading.structures.dated if indicator.applies_to(dated.structure.kind)]
    regions = sorted({s.region for s in known})
    groups = sorted({s.group for s in known if s.group})
    named = {s.id for s in known}
    concerned = [s for s in reading.structures.by_id.values() if s.id in named]
    if not concerned:
        return []
    return [
        NETWORK.code,
        *(f"{Level.REGION}:{region}" for region in regions),
        *(f"{Level.GROUP}:{group}" for group in groups),
        *(s.id for s in concerned),
    ]


def perimeter_name(visit: Visit, reading: Reading, perimeter: Perimeter) -> str:
    """Return a perimeter's name as it is read in a sentence."""
    match perimeter.level:
        case Level.NETWORK:
            return visit.words("perimeter.network")
        case Level.STRUCTURE:
            return reading.structures[perimeter.name].name
        case Level.GROUP:
            name = reading.structures.groups[perimeter.name]
            return name if GROUP.match(name) else visit.words("perimeter.group", name=name)
        case Level.KIND:
            return visit.words("perimeter.kind", kind=visit.words(f"kind.{perimeter.name}"))
        case Level.REGION:
            region = reading.regions.get(perimeter.name)
            return visit.words("perimeter.region", name=region.name(visit.language) if region else perimeter.name)
