"""A public tile says one thing in daily words, always in the same order, and all of it leads to the history."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Final

import pytest

from dashboards.components.sparkline import sparkline_svg
from dashboards.components.tiles import counts_behind, tile_html
from dashboards.wording.figure_sentences import year_earlier_sentence
from dashboards.wording.translations import LANGUAGES, load_translator
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Period
from indicators.figures.figure import Figure, Status, Value
from indicators.figures.year_on_year import NotCompared, NotComparedReason, YearOnYear, year_on_year
from indicators.network import Network
from indicators.queries.figures.assessed_board import AssessedFigure, assess_board
from indicators.queries.figures.board import compute_board
from indicators.queries.figures.figures import perimeter_figures
from indicators.snapshot import QueryContext, Snapshot
from tests.builders import ACTIONS, TODAY, action, measure, measures, stored, structure, structures, table

FR: Final = load_translator("fr")
QUARTER: Final = Period.parse("2026-T3")
ORDER: Final = ("value", "period", "spark", "gaps", "year", "sentence", "why", "peers", "origin", "count")
"""What a tile shows under its name, in this order; each but the first two only where there is something to say."""
NOT_DAILY: Final = (
    "objectif non paramétré", "variation ordinaire", "fourchette", "pas d’évolution", "chiffre descriptif",
    "no target set", "ordinary variation", "within a range", "no significant change", "descriptive figure",
)  # fmt: skip
"""What was said on public boards where there was nothing to say."""
BLOCKS: Final = re.compile(r'<(?:p|img|ul) class="([a-z]+)')


@pytest.fixture(scope="module")
def snapshot(demo: Network) -> Iterator[Snapshot]:
    with demo.snapshot() as found:
        yield found


@pytest.fixture(scope="module")
def boards(snapshot: Snapshot) -> list[AssessedFigure]:
    """The public boards of half the structures, and of the network."""
    places = [Perimeter(Level.STRUCTURE, code) for code in list(snapshot.structures.by_id)[::2]]
    return [
        judged
        for place in [*places, NETWORK]
        for judged in assess_board(QueryContext(snapshot, Audience.PUBLIC, TODAY), place, NETWORK, QUARTER)
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_public_tile_has_one_order_and_no_word_of_a_statistician(boards: list[AssessedFigure], language: str) -> None:
    speaking = load_translator(language)
    assert len(boards) > 250
    for judged in boards:
        drawn = tile_html(judged, speaking, "/indicateur")
        styles = [style for style in BLOCKS.findall(drawn) if style != "pictogram"]
        assert styles == sorted(styles, key=ORDER.index), judged.indicator.id
        assert not {"peers", "origin", "signs"} & set(styles), judged.indicator.id
        assert styles.count("sentence") <= 2, judged.indicator.id
        text = html.unescape(drawn).lower()
        assert [word for word in NOT_DAILY if word in text] == []


def test_the_name_of_a_tile_is_its_one_link_and_says_where_it_leads(boards: list[AssessedFigure]) -> None:
    drawn = tile_html(boards[0], FR, "/indicateur?indicateur=x")
    label = boards[0].indicator.short("fr")
    assert drawn.count("<a ") == 1
    link = re.search(
        r'<h3><a href="/indicateur\?indicateur=x" target="_self" class="whole" aria-label="([^"]+)"', drawn
    )
    assert link
    # What is read out begins with what is seen (WCAG 2.5.3).
    assert html.unescape(link[1]) == f"{label}\N{NO-BREAK SPACE}: historique et définition"


def test_every_figure_that_is_shown_says_a_year_earlier_or_in_short_why_not(boards: list[AssessedFigure]) -> None:
    kinds = set()
    for judged in boards:
        sentence = year_earlier_sentence(judged.year_on_year, FR)
        assert (sentence is None) == (judged.figure.shown is None), judged.indicator.id
        if sentence is None:
            continue
        assert "un an plus tôt" in sentence.lower()
        match judged.year_on_year:
            case YearOnYear(may_be_chance=chance) as found:
                kinds.add(chance)
                assert ("le hasard peut suffire" in sentence) == (chance is True and "(" in sentence), sentence
                assert ("plus que le hasard" in sentence) == found.beyond_chance
                assert (chance is not None) == (judged.figure.proportion is not None)
            case NotCompared(reason=why):
                kinds.add(why)
                assert len(sentence) < 50, "short"
    assert {
        True,
        False,
        None,
        NotComparedReason.WITHHELD,
        NotComparedReason.MISSING,
        NotComparedReason.SHARED_COHORTS,
    } <= kinds


def test_those_who_manage_read_the_past_the_peers_and_the_target_s_origin_too(snapshot: Snapshot) -> None:
    own = Perimeter(Level.STRUCTURE, "atelier-du-canal")
    judged = next(iter(assess_board(QueryContext(snapshot, Audience.MANAGEMENT, TODAY), own, NETWORK, QUARTER)))
    public, managed = tile_html(judged, FR, "/x"), tile_html(judged, FR, "/x", is_management_view=True)
    for style in ("signs", "peers", "origin"):
        assert f'class="{style}"' in managed
        assert f'class="{style}"' not in public


def shown(value: float, cases: float, total: float | None) -> Value:
    return Value(float(value), float(cases), None if total is None else float(total), 1)


def compared(snapshot: Snapshot, name: str, before: Value | Status, now: Value) -> str | None:
    sheet = snapshot.catalogue[name]
    series = [Figure(sheet, QUARTER.year_earlier, before), Figure(sheet, QUARTER, now)]
    return year_earlier_sentence(year_on_year(series), FR)


def test_a_year_earlier_in_the_words_of_the_reader(snapshot: Snapshot) -> None:
    rate, count = "dynamic_exit_rate", "psve_actions"
    chance = "59,6 % un an plus tôt (−9,6 points, le hasard peut suffire)"
    for before, now, expected in (
        (shown(31 / 52 * 100, 31, 52), shown(50, 26, 52), chance),
        (shown(60, 600, 1000), shown(50, 500, 1000), "60,0 % un an plus tôt (−10,0 points, plus que le hasard)"),
        (shown(50, 26, 52), shown(50, 26, 52), "Comme un an plus tôt"),
        (Status.WITHHELD, shown(50, 26, 52), "Un an plus tôt : non publié"),
        (Status.MISSING, shown(50, 26, 52), "Un an plus tôt : pas de chiffre"),
        (Value(50.0, None, None, 1), shown(60, 30, 50), "50,0 % un an plus tôt (taux sans effectifs, non comparés)"),
    ):
        assert (compared(snapshot, rate, before, now) or "").replace("\N{NO-BREAK SPACE}", " ") == expected
    assert compared(snapshot, count, shown(12, 12, None), shown(16, 16, None)) == "12 un an plus tôt (+4)"


def test_a_sparkline_says_which_quarters_are_not_published(boards: list[AssessedFigure]) -> None:
    partly = [
        judged
        for judged in boards
        if judged.figure.shown and any(one.status is Status.WITHHELD for one in judged.tile.history)
    ]
    assert partly
    for judged in partly:
        withheld = [one for one in judged.tile.history if one.status is Status.WITHHELD]
        gaps = re.search(r'<p class="gaps">([^<]+)</p>', tile_html(judged, FR, "/x"))
        assert gaps
        if len(withheld) <= 3:
            assert all(str(one.period.start.year) in gaps[1] for one in withheld)
        else:
            assert gaps[1].startswith(str(len(withheld)))


def test_a_cross_stands_for_a_period_without_a_figure_once_the_series_has_begun(snapshot: Snapshot) -> None:
    sheet = snapshot.catalogue["dynamic_exit_rate"]

    def crosses(*values: float | Status) -> int:
        history = [
            Figure(sheet, period, value if isinstance(value, Status) else shown(value, value, 100))
            for period, value in zip(QUARTER.trailing(len(values)), values, strict=True)
        ]
        return sparkline_svg(history).count("l4 4m0 -4l-4 4")

    missing, withheld = Status.MISSING, Status.WITHHELD
    assert crosses(50, missing, 52, 53) == 1
    assert crosses(missing, missing, 52, 53) == 0
    assert crosses(withheld, missing, 52, 53) == 2
    assert crosses(50, 51, 52, 53) == 0


# Where a figure comes from


def counted_at(network: Network, perimeter: Perimeter, indicator: str, audience: Audience = Audience.MANAGEMENT) -> str:
    with network.snapshot() as snapshot:
        sheets = [snapshot.catalogue[indicator]]
        found = compute_board(QueryContext(snapshot, audience, date(2026, 11, 24)), perimeter, QUARTER, sheets)
        return counts_behind(found[0].figure, FR)


def test_a_total_deposited_without_a_register_is_declared_and_one_of_a_register_is_counted_in_it(
    network: Network,
) -> None:
    total = "corrective_preventive_actions_total"
    stored(network, structures(structure("tient"), structure("declare"), structure("declare-aussi", region="bretagne")))
    stored(network, table(ACTIONS, action("A-1", opened="2026-07-10", structure="tient")))
    stored(network, measures(measure("declare", "2026-T3", total, 7), measure("declare-aussi", "2026-T3", total, 5)))
    at = {code: Perimeter(Level.STRUCTURE, code) for code in ("tient", "declare")}
    assert counted_at(network, at["tient"], total) == "Compté dans le registre"
    assert counted_at(network, at["declare"], total) == "Déclaré par la structure"
    assert counted_at(network, Perimeter(Level.REGION, "bretagne"), total) == "Déclaré par la structure"
    # Where a structure of a perimeter keeps the register, registers alone make its figure.
    assert counted_at(network, NETWORK, total) == "Compté dans le registre"


def test_a_reported_count_is_declared_too(network: Network) -> None:
    stored(network, structures(structure("ecole", "ECO"), structure("autre", "ECO")))
    rows = [measure(code, "2025-2026", "serious_sanctions", 4) for code in ("ecole", "autre")]
    stored(network, measures(*rows))
    assert counted_at(network, Perimeter(Level.STRUCTURE, "ecole"), "serious_sanctions") == "Déclaré par la structure"
    assert counted_at(network, NETWORK, "serious_sanctions") == "Déclaré par 2 structures"


def test_counts_that_do_not_give_a_value_are_not_shown(network: Network) -> None:
    stored(network, structures(structure("un"), structure("deux")))
    rows = [
        measure("un", "2026-T3", "fte_realised", 45_500, 455),
        measure("deux", "2026-T3", "fte_realised", 4_000, 400),
    ]
    stored(network, measures(*rows))
    with network.snapshot() as snapshot:
        sheet = snapshot.catalogue["fte_realised"]
        for place, value in ((NETWORK, 110.0), (Perimeter(Level.STRUCTURE, "un"), 100.0)):
            figure = compute_board(QueryContext(snapshot, Audience.MANAGEMENT, TODAY), place, QUARTER, [sheet])[
                0
            ].figure
            assert figure.shown is not None
            assert figure.shown.value == value
            if place is NETWORK:
                assert (figure.shown.numerator, figure.shown.denominator) == (None, None)
                assert counts_behind(figure, FR) == "2 structures"
            else:
                assert figure.shown.numerator == 45_500
                assert counts_behind(figure, FR).startswith("45")


def test_the_counts_of_every_figure_of_the_fictitious_network_give_its_value(snapshot: Snapshot) -> None:
    seen = 0
    for code in ("reseau", "region:hauts-de-france", "atelier-du-canal"):
        place = snapshot.structures.parse_perimeter(code)
        for judged in assess_board(QueryContext(snapshot, Audience.MANAGEMENT, TODAY), place, NETWORK, QUARTER):
            for figure in judged.series:
                one, sheet = figure.shown, figure.indicator
                if one is None or one.numerator is None:
                    continue
                given = one.numerator / one.denominator * sheet.scale if one.denominator else one.numerator
                assert given == pytest.approx(one.value), (code, sheet.id, figure.period)
                seen += 1
    assert seen > 700


def test_what_is_withheld_has_no_provenance(snapshot: Snapshot) -> None:
    for code in list(snapshot.structures.by_id)[:6]:
        rows = perimeter_figures(
            QueryContext(snapshot, Audience.PUBLIC, date.max),
            Perimeter(Level.STRUCTURE, code),
            list(snapshot.catalogue),
            date.min,
            date.max,
        ).rows
        assert rows.filter((rows["status"] == "withheld") & rows["from_register"].is_not_null()).is_empty()


def test_a_figure_too_small_to_be_judged_says_so_beside_its_count(boards: list[AssessedFigure]) -> None:
    low = [judged for judged in boards if judged.figure.status is Status.LOW]
    for judged in low:
        assert "effectif faible" in tile_html(replace(judged), FR, "/x")
