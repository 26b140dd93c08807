"""Small lines side by side: one scale for all, gaps where nothing is shown, in the order given."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest

from dashboards.components.small_multiples import SmallMultiple, scale_top, small_multiples_html
from dashboards.wording.translations import load_translator
from indicators.definitions.catalogue import Indicator, read_catalogue
from indicators.definitions.periods import Period
from indicators.network import DATA_FOLDER

FR = load_translator("fr")
SPANS = Period.parse("2026-T3").trailing(4)
CATALOGUE = read_catalogue(DATA_FOLDER / "catalogue")
RATE, HOURS = CATALOGUE["dynamic_exit_rate"], CATALOGUE["psve_actions"]
LINES = [
    SmallMultiple("Zoé (fictif)", "/indicateur?structure=zoe", False, [40.0, None, 60.0, 80.0]),
    SmallMultiple("Alpha (fictif)", "/indicateur?structure=alpha", True, [20.0, 20.0, 20.0, 20.0]),
]


def drawings(html: str) -> list[str]:
    return [unquote(source) for source in re.findall(r'src="data:image/svg\+xml,([^"]+)"', html)]


def heights(svg: str) -> list[float]:
    return [float(y) for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"', svg)]


def test_the_same_value_stands_at_the_same_height_whoever_reports_it() -> None:
    twice = [*LINES, SmallMultiple("Même", "/", False, [40.0, 20.0, None, None])]
    zoe, alpha, same = map(heights, drawings(small_multiples_html(twice, SPANS, {}, RATE, FR)))
    assert same == [zoe[0], alpha[0]]
    assert zoe[2] < zoe[1] < zoe[0] < alpha[0]


def test_a_gap_is_a_gap_and_what_is_not_shown_is_not_drawn() -> None:
    zoe = drawings(small_multiples_html(LINES, SPANS, {}, RATE, FR))[0]
    assert len(heights(zoe)) == 3
    line = re.search(r'<path d="(M[^"]+)" stroke="#0B4F5E"', zoe)
    assert line
    assert line[1].count("M") == 2


def test_lines_stand_in_the_order_given_and_the_one_looked_at_is_named_so() -> None:
    html = small_multiples_html(LINES, SPANS, {}, RATE, FR)
    assert html.index("Zoé") < html.index("Alpha")
    assert re.findall("structure choisie", html) == ["structure choisie"]
    alternatives = re.findall(r'alt="([^"]+)"', html)
    assert [alternative.split(" ")[0] for alternative in alternatives] == ["Zoé", "Alpha"]
    assert "80,0" in alternatives[0]


def test_all_of_them_together_are_drawn_behind_each() -> None:
    shares = {SPANS[0].code: 30.0, SPANS[3].code: 50.0}
    assert all(
        'stroke-dasharray="3 2"' in svg for svg in drawings(small_multiples_html(LINES, SPANS, shares, RATE, FR))
    )


@pytest.mark.parametrize(
    ("lines", "indicator", "expected"),
    [(LINES, RATE, 92.0), (LINES, HOURS, 92.0), ([], RATE, 1.0), ([SmallMultiple("", "", False, [99.0])], RATE, 100.0)],
)
def test_the_scale_begins_at_zero_and_ends_above_all_that_is_shown(
    lines: list[SmallMultiple], indicator: Indicator, expected: float
) -> None:
    assert scale_top(lines, {}, indicator) == pytest.approx(expected)


def test_nothing_to_show_is_said() -> None:
    html = small_multiples_html([SmallMultiple("Vide", "/", False, [None] * 4)], SPANS, {}, RATE, FR)
    assert "aucun chiffre à montrer" in html
    assert heights(drawings(html)[0]) == []
