"""A part of a page that is redrawn alone stays true to the address, and the rest of the page to it."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import shown, wait_until_drawn
from tests.browser.page_messages import read_page

pytestmark = pytest.mark.browser

CHOICE = "Indicateur"


def chosen(page: Page) -> str:
    return parse_qs(urlsplit(page.url).query)["indicateur"][0]


def choose_second(page: Page) -> str:
    """Choose the second indicator of the list; return its name once its chart is drawn."""
    list_ = page.get_by_role("combobox", name=CHOICE)
    option = page.get_by_role("option").nth(1)
    while not option.is_visible():
        list_.press("ArrowDown")
        page.wait_for_timeout(200)
    name = option.inner_text()
    option.click()
    expect(list_).to_have_value(name)
    page.wait_for_url(re.compile("indicateur="))
    wait_until_drawn(page)
    return name


def test_another_indicator_is_drawn_without_the_rest_of_the_page_and_written_in_the_address(
    page: Page, site: str
) -> None:
    frames: list[int] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: frames.append(len(data))))
    shown(page, site)
    page.wait_for_load_state("networkidle")
    whole = sum(frames)
    frames.clear()
    name = choose_second(page)
    page.wait_for_load_state("networkidle")
    assert 0 < sum(frames) < 0.7 * whole
    expect(page.get_by_role("combobox", name=CHOICE)).to_have_value(name)
    # The same address shows the same thing to somebody else.
    (list_,) = (
        one.selectbox
        for one in read_page(site, page.url.removeprefix(f"{site}/")).elements
        if one.selectbox.label == CHOICE
    )
    assert list_.raw_value == name


def test_the_way_back_and_the_other_language_know_what_was_chosen_in_a_part(page: Page, site: str) -> None:
    shown(page, site)
    first = page.get_by_role("combobox", name=CHOICE).input_value()
    name = choose_second(page)
    page.go_back()
    expect(page.get_by_role("combobox", name=CHOICE)).to_have_value(first)
    assert name != first
    wait_until_drawn(page)
    choose_second(page)
    second = chosen(page)
    page.locator(".languages a").click()
    page.wait_for_url(re.compile("lang=en"))
    wait_until_drawn(page)
    assert chosen(page) == second
    page.locator(".languages a").click()
    page.wait_for_url(lambda url: "lang=" not in url)
    wait_until_drawn(page)
    assert chosen(page) == second
    expect(page.get_by_role("combobox", name=CHOICE)).to_have_value(name)


def test_what_does_not_exist_is_said_in_the_part_that_asked_for_it_and_the_rest_is_drawn(site: str) -> None:
    sent = read_page(site, "?indicateur=nulle_part")
    assert "nulle_part" in sent.prose
    assert len(sent.of_tag("li", within="structures")) > 1
