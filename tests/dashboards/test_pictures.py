"""Charts as pictures: made without a browser and without a network, whole, with letters; a failure has a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from dashboards import pictures
from dashboards.pictures import ENLARGED, WIDTH, Form, PictureError, picture

CHART: Mapping[str, Any] = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "width": "container",
    "height": 120,
    "autosize": {"type": "fit-x", "contains": "padding"},
    "title": "Taux de sorties dynamiques : 31,6 % au T3 2026, œuvre",
    "config": {"font": "Source Sans, Source Sans 3, sans-serif"},
    "data": {"values": [{"a": 1, "b": 2}, {"a": 2, "b": 3}]},
    "mark": "line",
    "encoding": {"x": {"field": "a", "type": "ordinal"}, "y": {"field": "b", "type": "quantitative"}},
}


def test_an_svg_holds_its_texts_as_texts() -> None:
    drawn = picture(CHART, Form.SVG).decode()
    assert drawn.startswith("<svg ")
    assert f'width="{WIDTH}"' in drawn
    assert "31,6 % au T3 2026, œuvre" in drawn
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", drawn)


def test_a_png_is_enlarged_and_its_letters_are_drawn() -> None:
    drawn, bare = (picture(chart, Form.PNG) for chart in (CHART, {**CHART, "title": ""}))
    assert drawn.startswith(b"\x89PNG")
    assert int.from_bytes(drawn[16:20]) == WIDTH * ENLARGED
    assert len(drawn) > len(bare) + 2_000, "the title is fifty letters"


def test_nothing_is_fetched_from_elsewhere() -> None:
    elsewhere = {**CHART, "data": {"url": "http://127.0.0.1:9/figures.json"}}
    with pytest.raises(PictureError):
        picture(elsewhere, Form.SVG)


def test_what_cannot_be_drawn_is_an_error_with_one_line() -> None:
    with pytest.raises(PictureError) as failure:
        picture({**CHART, "mark": "nothing of the kind"}, Form.PNG)
    assert "\n" not in str(failure.value)


def test_a_picture_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "LONGEST", 0.01)
    with pytest.raises(PictureError, match="timed out"):
        picture(CHART, Form.SVG)
