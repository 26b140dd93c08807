"""What is said of a target: the distance, then the doubt; and its history, counted from the points that are drawn."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from dashboards.components.html import PICTOGRAMS
from dashboards.wording.figure_sentences import target_sign_and_sentence, variation_and_assurance_signs
from dashboards.wording.translations import load_translator
from indicators.definitions.catalogue import Audience, Direction, read_catalogue
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Period
from indicators.definitions.targets import Target
from indicators.figures.figure import Figure, Value
from indicators.network import DATA_FOLDER, Network
from indicators.queries.figures.assessed_board import AssessedFigure, assess_board
from indicators.queries.figures.board import Tile
from indicators.snapshot import QueryContext

if TYPE_CHECKING:
    from collections.abc import Iterator

CATALOGUE = read_catalogue(DATA_FOLDER / "catalogue")
QUARTER = Period.parse("2026-T3")
TODAY = date(2026, 11, 24)
FR = load_translator("fr")
CHANCE = ", le hasard peut suffire"
FEW = ", trop peu de cas pour conclure"


def aimed(name: str, cases: float, total: float, aim: float, period: Period = QUARTER) -> Figure:
    sheet = CATALOGUE[name]
    target = Target("reseau", name, Period.parse("2020-T1"), None, aim, "national", None)
    return Figure(sheet, period, Value(cases / total * sheet.scale, float(cases), float(total), 1), target)


def plain(text: str | None) -> str:
    return (text or "").replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("name", "cases", "total", "aim", "sign", "sentence"),
    [
        ("dynamic_exit_rate", 26, 58, 60, "missed", "15,2 points sous l’objectif de 60 %"),
        ("dynamic_exit_rate", 13, 29, 60, "missed_doubt", f"15,2 points sous l’objectif de 60 %{CHANCE}"),
        ("dynamic_exit_rate", 82, 108, 60, "met", "objectif de 60 % dépassé de 15,9 points"),
        ("dynamic_exit_rate", 36, 60, 60, "met_doubt", f"objectif de 60 % atteint{CHANCE}"),
        ("dynamic_exit_rate", 10, 19, 60, "missed_doubt", f"7,4 points sous l’objectif de 60 %{FEW}"),
        ("dynamic_exit_rate", 59_980, 100_000, 60, "missed_doubt", f"à peine sous l’objectif de 60 %{CHANCE}"),
        ("board_employee_seat_share", 1, 3, 40, "missed", "6,7 points sous l’objectif de 40 %"),
        ("priority_action_completion_rate", 3, 4, 75, "met", "objectif de 75 % atteint"),
        ("absenteeism_rate", 600, 10_000, 8, "met", "objectif de 8 % au plus tenu, 2,0 points en dessous"),
        ("absenteeism_rate", 1_100, 10_000, 8, "missed", "3,0 points au-dessus de l’objectif de 8 % au plus"),
        ("contracted_fte_rate", 95, 100, 100, None, "5,0 points sous l’objectif de 100 %"),
    ],
)  # fmt: skip
def test_the_distance_is_said_first_and_then_whether_chance_may_be_enough(
    name: str, cases: float, total: float, aim: float, sign: str | None, sentence: str
) -> None:
    found = target_sign_and_sentence(aimed(name, cases, total, aim), FR)
    assert (found[0], plain(found[1])) == (sign, sentence)


def test_doubt_has_a_form_of_its_own_and_not_a_colour_alone() -> None:
    for sign in ("met", "missed"):
        certain, doubted = PICTOGRAMS[sign], PICTOGRAMS[f"{sign}_doubt"]
        assert "stroke-dasharray" in doubted
        assert "stroke-dasharray" not in certain


def test_thin_quarters_are_held_to_their_target_four_at_a_time_and_the_window_is_named() -> None:
    quarters = [aimed("dynamic_exit_rate", 6, 15, 60, period) for period in QUARTER.trailing(8)]
    judged = AssessedFigure(Tile(quarters[-1], quarters), quarters, None)
    sign, sentence = target_sign_and_sentence(judged, FR)
    assert sign == "missed"
    assert plain(sentence) == "du T4 2025 au T3 2026 : 20,0 points sous l’objectif de 60 %"


@pytest.fixture(scope="module")
def boards(demo: Network) -> Iterator[list[AssessedFigure]]:
    with demo.snapshot() as snapshot:
        yield [
            tile
            for audience in (Audience.PUBLIC, Audience.MANAGEMENT)
            for code in snapshot.structures.by_id
            for tile in assess_board(
                QueryContext(snapshot, audience, TODAY), Perimeter(Level.STRUCTURE, code), NETWORK, QUARTER
            )
        ]


def test_no_pictogram_of_assurance_contradicts_the_points_drawn(boards: list[AssessedFigure]) -> None:
    checked = 0
    for tile in boards:
        held = [figure for figure in tile.series if figure.shown and figure.target]
        up = tile.indicator.direction is Direction.UP
        met = [
            (figure.shown.value >= figure.target.value) if up else (figure.shown.value <= figure.target.value)
            for figure in held
            if figure.shown and figure.target
        ]
        for sign, sentence in variation_and_assurance_signs(tile, FR):
            if counted := re.match(r"objectif atteint (\d+) .* sur (\d+) depuis (\d{4})$", plain(sentence)):
                assert [int(part) for part in counted.groups()] == [sum(met), len(met), held[0].period.start.year]
                assert sign != "met" or all(met)
                assert sign != "missed" or not any(met)
                checked += 1
    assert checked > 100


def test_every_tile_with_a_figure_and_a_target_says_the_distance_and_never_close(boards: list[AssessedFigure]) -> None:
    aimed_at = [tile for tile in boards if tile.figure.shown and tile.figure.target]
    for tile in aimed_at:
        sign, sentence = target_sign_and_sentence(tile, FR)
        assert sentence
        assert "proche" not in sentence
        assert "comparable" not in sentence
        if tile.figure.meets_target is not None:
            assert sign is not None
            assert sign.startswith("met" if tile.target_figure.meets_target else "missed")
    assert len(aimed_at) > 150
