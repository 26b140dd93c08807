"""Charts as pictures: made without a browser and without a network, whole, with letters; a failure has a sentence."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dashboards.downloads import chart_images as pictures
from dashboards.downloads.chart_images import PNG_SCALE, WIDTH_PX, ImageError, ImageFormat, render_image
from dashboards.downloads.image_queue import ImageQueue

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
    drawn = render_image(CHART, ImageFormat.SVG).decode()
    assert drawn.startswith("<svg ")
    assert f'width="{WIDTH_PX}"' in drawn
    assert "31,6 % au T3 2026, œuvre" in drawn
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", drawn)


def test_a_png_is_enlarged_and_its_letters_are_drawn() -> None:
    drawn, bare = (render_image(chart, ImageFormat.PNG) for chart in (CHART, {**CHART, "title": ""}))
    assert drawn.startswith(b"\x89PNG")
    assert int.from_bytes(drawn[16:20]) == WIDTH_PX * PNG_SCALE
    assert len(drawn) > len(bare) + 2_000, "the title is fifty letters"


def test_nothing_is_fetched_from_elsewhere() -> None:
    elsewhere = {**CHART, "data": {"url": "http://127.0.0.1:9/figures.json"}}
    with pytest.raises(ImageError):
        render_image(elsewhere, ImageFormat.SVG)


def test_what_cannot_be_drawn_is_an_error_with_one_line() -> None:
    with pytest.raises(ImageError) as failure:
        render_image({**CHART, "mark": "nothing of the kind"}, ImageFormat.PNG)
    assert "\n" not in str(failure.value)


def test_a_picture_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_RENDER_SECONDS", 0.01)
    with pytest.raises(ImageError, match="timed out"):
        render_image(CHART, ImageFormat.SVG)


# For several visitors


class Drawer:
    """Draws when a test lets it, and remembers for how many at once."""

    def __init__(self) -> None:
        self.let = threading.Semaphore(0)
        self.lock = threading.Lock()
        self.at_once = self.most = self.drawn = 0

    def __call__(self, chart: Mapping[str, Any], form: ImageFormat) -> bytes:
        with self.lock:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        assert self.let.acquire(timeout=20)
        with self.lock:
            self.at_once -= 1
            self.drawn += 1
        return f"{chart['title']} {form}".encode()


def chart(title: object) -> dict[str, Any]:
    return {**CHART, "title": str(title)}


def until(condition: Callable[[], bool]) -> None:
    for _ in range(2_000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never comes")


def test_thirty_pictures_of_one_visitor_leave_another_theirs_at_once() -> None:
    drawer = Drawer()
    desk = ImageQueue(2, 100, drawer)
    with ThreadPoolExecutor(40) as visitors:
        many = [visitors.submit(desk.image, chart(n), ImageFormat.SVG, "many", is_public=True) for n in range(30)]
        until(lambda: sum(one.done() for one in many) == 28)
        other = visitors.submit(desk.image, chart("other"), ImageFormat.SVG, "other", is_public=True)
        until(lambda: drawer.at_once == 2)
        drawer.let.release(3)
        assert other.result(timeout=20) == b"other svg"
        found = [one.exception(timeout=20) for one in many]
    assert sum(failure is None for failure in found) == 2, "one that is drawn, and one that waits"
    assert all(isinstance(failure, ImageError) for failure in found if failure)
    assert drawer.most == 2


def test_a_few_are_drawn_at_the_same_time_each_for_another_visitor() -> None:
    drawer = Drawer()
    desk = ImageQueue(2, 100, drawer)
    with ThreadPoolExecutor(10) as visitors:
        pending = [
            visitors.submit(desk.image, chart(f"{who}{n}"), ImageFormat.PNG, who, is_public=True)
            for who in "ab"
            for n in range(2)
        ]
        drawer.let.release(4)
        assert len({one.result(timeout=20) for one in pending}) == 4
    assert drawer.most == 2


def test_pictures_of_many_visitors_leave_threads_for_other_downloads() -> None:
    drawer = Drawer()
    desk = ImageQueue(2, 100, drawer)
    with ThreadPoolExecutor(10) as visitors:
        pending = [visitors.submit(desk.image, chart(who), ImageFormat.PNG, who, is_public=True) for who in "abcdefgh"]
        until(lambda: sum(one.done() for one in pending) == 4)
        drawer.let.release(4)
        found = [one.exception(timeout=20) for one in pending]
    assert sum(isinstance(failure, ImageError) for failure in found) == 4
    drawer.let.release(1)
    assert desk.image(chart("later"), ImageFormat.PNG, "a", is_public=True) == b"later png"


def test_a_public_chart_is_drawn_once_and_another_content_or_form_anew() -> None:
    drawer = Drawer()
    drawer.let.release(10)
    desk = ImageQueue(2, 3, drawer)
    for who in ("a", "b", "a", "a", "a"):
        assert desk.image(chart("one"), ImageFormat.SVG, who, is_public=True) == b"one svg"
    assert drawer.drawn == 1, "and what is kept is free"
    assert desk.image(chart("one"), ImageFormat.PNG, "a", is_public=True) == b"one png"
    assert desk.image(chart("two"), ImageFormat.SVG, "a", is_public=True) == b"two svg"
    with pytest.raises(ImageError, match="too many"):
        desk.image(chart("three"), ImageFormat.SVG, "a", is_public=True)
    assert desk.image(chart("three"), ImageFormat.SVG, "b", is_public=True) == b"three svg"


def test_what_only_the_network_sees_is_not_kept() -> None:
    drawer = Drawer()
    drawer.let.release(10)
    desk = ImageQueue(2, 100, drawer)
    for _ in range(2):
        desk.image(chart("one"), ImageFormat.SVG, "a", is_public=False)
    assert drawer.drawn == 2


def test_a_picture_that_fails_gives_its_place_back() -> None:
    def fail(*_: object) -> bytes:
        raise ImageError("picture: nothing")

    desk = ImageQueue(1, 100, fail)
    for _ in range(4):
        with pytest.raises(ImageError, match="nothing"):
            desk.image(CHART, ImageFormat.SVG, "a", is_public=True)
