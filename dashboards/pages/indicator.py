"""The sheet of one indicator: what it says and does not say, and its figures over time for one perimeter."""

from collections.abc import Sequence

import streamlit as st

from dashboards import numbers
from dashboards.charts.process import process_chart
from dashboards.charts.told import absence
from dashboards.charts.trend import trend
from dashboards.markup import Cell, details, facts, heading, link, notice, table, text
from dashboards.steps import IN_ADDRESS, PARAMETER, ReadIn, note, read_in_steps, spelled
from dashboards.tiles import behind
from dashboards.visit import Chart, Visit
from dashboards.words import Words
from indicators.catalogue import Audience, Indicator
from indicators.figures import Figure
from indicators.judgement.process import process
from indicators.network import Reading
from indicators.perimeters import NETWORK, Level, Perimeter
from indicators.periods import Period
from indicators.questions.judged import own_points


def page(visit: Visit) -> None:
    """Draw the sheet of the indicator of the address, with the figures of the perimeter chosen."""
    words = visit.words
    with visit.house.network.reading() as reading:
        chosen = visit.address.get("indicateur")
        if chosen is None:
            way = notice(words("indicator.choose"), link(visit.link("catalogue"), words("page.catalogue")))
            st.html(heading(1, words("page.indicator")) + way)
            return
        indicator = reading.catalogue[chosen]
        visit.entitle(indicator.label(visit.language))
        perimeter = _perimeter(visit, reading)
        name = perimeter_name(visit, reading, perimeter)
        codes = perimeters(reading, indicator)
        seen = visit.audience.sees(indicator.audience)
        asked = visit.address.get(PARAMETER)
        found = read_in_steps(reading, perimeter, indicator, visit.audience, visit.today, asked)
        figures = found.figures if codes else []
        names = {code: perimeter_name(visit, reading, reading.structures.perimeter(code)) for code in codes}

    st.html(_definition(visit, indicator))
    st.html(heading(2, words("indicator.figures")))
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
        if len(found.offered) > 1:
            _choose_step(visit, found)
        if visit.may_manage:
            visit.switch_view()
    if not seen:
        st.html(notice(words(f"indicator.unseen.{indicator.audience}")))
    elif not any(figure.shown for figure in figures):
        st.html(notice(words("indicator.nothing", name=name)))
    else:
        visit.draw(
            lambda: _chart(figures, indicator, words, name, single=perimeter.level is Level.STRUCTURE),
            *(reading.tag, "series", indicator.id, perimeter, found.step),
        )
        st.html(
            _said(note(found, words)) + _twin(visit, figures, indicator, name) + _links(visit, indicator, perimeter)
        )
    st.html(_sheet(visit, indicator))


def _chart(figures: Sequence[Figure], indicator: Indicator, words: Words, name: str, *, single: bool) -> Chart:
    """Choose the drawing of a series: how it behaves where each point stands alone, else the line with its interval.

    Windows share quarters, pooled cohorts share one, stocks resemble their neighbours: none has limits of its own.
    """
    alone = all(isinstance(figure.period, Period) for figure in figures) and own_points(indicator)
    if not (single and alone):
        return trend(figures, indicator, words, name=name, interval=single)
    values = [figure.shown.value if figure.shown else None for figure in figures]
    goal = figures[-1].target
    behaviour = process(values, indicator.direction, target=goal.value if goal else None)
    return process_chart(figures, behaviour, indicator, words, name=name)


def _perimeter(visit: Visit, reading: Reading) -> Perimeter:
    """Return the perimeter of the address, else the network."""
    code = visit.address.get("structure") or visit.address.get("perimetre")
    return reading.structures.perimeter(code) if code else NETWORK


def _choose_step(visit: Visit, found: ReadIn) -> None:
    """Let the reader choose the step; the choice is written in the address."""
    words = visit.words
    chosen = IN_ADDRESS[found.step]
    visit.choose(PARAMETER, words("choose.step"), found.options, lambda code: spelled(code, words), default=chosen)


def _said(sentence: str | None) -> str:
    return f"<p>{text(sentence)}</p>" if sentence else ""


def perimeters(reading: Reading, indicator: Indicator) -> list[str]:
    """Return the codes of the perimeters in which somebody reports the indicator, the largest first."""
    concerned = [s for s in reading.structures.by_id.values() if indicator.applies_to(s.kind)]
    regions = sorted({s.region for s in concerned})
    groups = sorted({s.group for s in concerned if s.group})
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
            return visit.words("perimeter.group", name=reading.structures.groups[perimeter.name])
        case Level.KIND:
            return visit.words("perimeter.kind", kind=visit.words(f"kind.{perimeter.name}"))
        case Level.REGION:
            region = reading.regions.get(perimeter.name)
            return visit.words("perimeter.region", name=region.name(visit.language) if region else perimeter.name)


def _definition(visit: Visit, indicator: Indicator) -> str:
    """Return the question that the indicator answers and how it is computed."""
    words, language = visit.words, visit.language
    if indicator.denominator_required:
        formula = text(indicator.numerator(language)) + "<hr>" + text(indicator.denominator(language))
        scale = words(f"formula.scale.{indicator.unit}") if f"formula.scale.{indicator.unit}" in words else ""
        formula = f'<div class="fraction"><div>{formula}</div><p>{text(scale)}</p></div>'
    else:
        formula = f"<p>{text(indicator.numerator(language))}</p>"
    return heading(1, indicator.label(language), text(indicator.question_answered(language))) + facts(
        [(words("sheet.formula"), formula)]
    )


def _twin(visit: Visit, figures: Sequence[Figure], indicator: Indicator, name: str) -> str:
    """Return the table of the figures that the chart draws, newest first."""
    words = visit.words
    intervals = any(figure.interval for figure in figures)
    targets = any(figure.target for figure in figures)
    headers = [words("table.period"), words("table.value"), words("table.behind")]
    headers += [words("table.interval")] * intervals + [words("table.target")] * targets
    rows = []
    for figure in reversed(figures):
        value = numbers.amount(numbers.value_of(figure.shown, indicator), indicator, words) if figure.shown else None
        row = [
            Cell(text(numbers.period(figure.counted, words))),
            Cell(text(value or absence(figure, words)), numeric=True),
            Cell(text(behind(figure, words))),
        ]
        if intervals:
            limits = [numbers.number(limit, 0, visit.language) for limit in figure.interval or ()]
            row.append(Cell(text(words("table.limits", low=limits[0], high=limits[1])) if limits else ""))
        if targets:
            row.append(Cell(text(numbers.target(figure.target.value, indicator, words)) if figure.target else "", True))
        rows.append(row)
    caption = words("table.caption", label=indicator.label(visit.language), name=name)
    return details(words("table.open"), table(caption, headers, rows))


def _links(visit: Visit, indicator: Indicator, perimeter: Perimeter) -> str:
    """Return where the figures can be had and, for a structure, its board."""
    if perimeter.level is not Level.STRUCTURE:
        return ""
    board = visit.link("structure", structure=perimeter.name, periode=visit.address.get("periode"))
    found = [link(board, visit.words("indicator.board"))]
    if indicator.audience is Audience.PUBLIC:
        address = f"/api/series/{perimeter.name}/{indicator.id}.csv"
        found.append(link(address, visit.words("indicator.csv")))
    return f'<p class="links">{" ".join(found)}</p>'


def _sheet(visit: Visit, indicator: Indicator) -> str:
    """Return the rest of the sheet: what is counted, what it does not say, where it comes from."""
    words, language = visit.words, visit.language
    kinds = [words("kind.all")] if "*" in indicator.kinds else [words(f"kind.{kind}") for kind in indicator.kinds]
    told = [
        (words("sheet.inclusions"), text(indicator.inclusions(language))),
        (words("sheet.exclusions"), text(indicator.exclusions(language))),
        (words("sheet.does_not_say"), text(indicator.does_not_say(language))),
        (words("sheet.norm"), text(indicator.norm(language))),
        *(
            (
                words("sheet.reference"),
                text(
                    words(
                        f"sheet.reference.{target.status}",
                        value=numbers.target(target.value, indicator, words),
                        origin=target.origin(language),
                    )
                ),
            )
            for target in indicator.targets
        ),
        (words("sheet.direction"), text(words(f"direction.{indicator.direction}"))),
        (words("sheet.frequency"), text(words(f"frequency.{indicator.frequency}"))),
        (words("sheet.kinds"), text(words("list.separator").join(kinds))),
        (words("sheet.audience"), text(words(f"audience.{indicator.audience}"))),
        (
            words("sheet.version"),
            text(words("sheet.version.of", version=indicator.version, day=numbers.day(indicator.valid_from, words))),
        ),
    ]
    return heading(2, words("sheet.title")) + facts(told)
