"""The process behaviour chart as it is sent: limits of what they rest on, special causes with a shape and words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from dashboards.charts.process import process_chart
from dashboards.wording.translations import load_translator
from indicators.definitions.periods import Period
from indicators.figures.figure import Figure, Status, Value
from indicators.judgement.control_chart import control_chart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indicators.definitions.catalogue import Indicator
    from indicators.network import Network

CALM = [62, 58, 61, 60, 59, 63, 60, 58, 62, 61, 59, 60, 61, 60, 62]


@pytest.fixture
def exits(directory: Network) -> Indicator:
    return directory.catalogue["dynamic_exit_rate"]


def spec(indicator: Indicator, values: Sequence[int | None], language: str = "fr") -> dict[str, Any]:
    periods = Period.parse("2026-T3").trailing(len(values))
    figures = [
        Figure(indicator, when, Status.WITHHELD if value is None else Value(float(value), float(value), 100.0, 1))
        for when, value in zip(periods, values, strict=True)
    ]
    behaviour = control_chart([None if value is None else float(value) for value in values], indicator.direction)
    return process_chart(figures, behaviour, indicator, load_translator(language), name="Atelier (fictif)").to_dict()


def marks(drawn: dict[str, Any], **wanted: object) -> list[dict[str, Any]]:
    return [one for one in drawn["layer"] if all(one["mark"].get(name) == value for name, value in wanted.items())]


def test_few_points_have_a_mean_and_no_limits(exits: Indicator) -> None:
    drawn = spec(exits, CALM[:7])
    fields = {one["encoding"]["y"]["field"] for one in drawn["layer"]}
    assert "mean" in fields
    assert not fields & {"lower", "upper"}
    assert "Moins de huit points" in " ".join(drawn["title"]["subtitle"])


def test_provisional_limits_are_dashed_and_say_so(exits: Indicator) -> None:
    provisional, frozen = spec(exits, CALM[:15]), spec(exits, (CALM * 2)[:16])
    dashes = [
        next(one for one in drawn["layer"] if one["encoding"]["y"]["field"] == "upper")["mark"]["strokeDash"]
        for drawn in (provisional, frozen)
    ]
    assert dashes == [[4, 3], [1, 0]]
    assert "provisoires" in " ".join(provisional["title"]["subtitle"])
    assert "provisoires" not in " ".join(frozen["title"]["subtitle"])
    assert "seize premiers points" in " ".join(frozen["title"]["subtitle"])


@pytest.mark.parametrize(("last", "shape", "cause"), [(95, "triangle-up", "haut"), (20, "triangle-down", "bas")])
def test_a_special_cause_has_a_shape_and_words(exits: Indicator, last: int, shape: str, cause: str) -> None:
    drawn = spec(exits, [*CALM, last])
    (mark,) = marks(drawn, shape=shape)
    point = drawn["datasets"][mark["data"]["name"]][-1]
    assert (point["period"], point["value"]) == ("2026-T3", last)
    assert f"exceptionnellement {cause}" in point["told"]
    assert re.search(r"[1-9]\d* points? (a|ont) une cause particulière", drawn["description"])


def test_chance_alone_is_said_and_not_marked(exits: Indicator) -> None:
    drawn = spec(exits, CALM, "en")
    assert not marks(drawn, shape="triangle-up") + marks(drawn, shape="triangle-down")
    assert "No special cause" in drawn["description"]
    assert re.search(r"Mean 60\.4", drawn["description"])


def test_limits_drawn_of_a_share_stay_within_it_and_a_gap_is_a_cross(exits: Indicator) -> None:
    drawn = spec(exits, [98, 90, 99, 91, 100, 92, 98, 90, 99, 91, 100, 92, None, 99, 95, 98])
    rows = next(data for data in drawn["datasets"].values() if len(data) == 16 and "upper" in data[0])
    assert {row["upper"] for row in rows} == {100.0}
    assert [row["absent"] for row in rows].count(0.0) == 1
    assert "non publié" in rows[12]["told"]
