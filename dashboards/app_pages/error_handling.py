"""What is said where a page, or a part of one, cannot go on: a sentence with a way out, never an error."""

import logging
from collections.abc import Callable

import streamlit as st

from dashboards.app_pages.page_context import Visit
from dashboards.app_pages.time_step_choice import IN_ADDRESS, spelled, step_link
from dashboards.components.html import link, notice
from dashboards.web.in_flight import IN_FLIGHT
from dashboards.web.request_log import page_shown
from dashboards.web.turns import TURNS
from indicators.errors import DamagedStoreError, PilotageError, StoreError, UnknownError
from indicators.network import Reading

LOG = logging.getLogger(__name__)


def drawn(visit: Visit, draw: Callable[[Visit], None]) -> None:
    """Draw a page or a part of one; what it cannot go on from is said in its place."""
    with IN_FLIGHT.one(), page_shown(visit.page, visit.visitor), TURNS.one():
        _drawn(visit, draw)


def _drawn(visit: Visit, draw: Callable[[Visit], None]) -> None:
    speaking = visit.words
    try:
        draw(visit)
    except UnknownError as unknown:
        st.html(_unknown(visit, unknown))
    except DamagedStoreError:
        LOG.exception("page /%s", visit.page)
        st.html(notice(speaking("error.damaged"), link(visit.link(""), speaking("page.network"))))
    except StoreError:
        LOG.exception("page /%s", visit.page)
        st.html(notice(speaking("error.store"), link(visit.here(), speaking("error.again"))))
    except PilotageError as failure:
        LOG.exception("page /%s", visit.page)
        st.html(notice(speaking("error.any", what=str(failure)), link(visit.link(""), speaking("page.network"))))


def part(visit: Visit, reading: Reading, draw: Callable[[Visit, Reading], None]) -> None:
    """Draw a part of a page that is drawn anew by itself, and nothing round it, when a choice inside it changes.

    Drawn with the page, it shares the page's reading; drawn anew, it takes a reading of its own. Where the store's
    version or the period chosen is not that of the rest of the page any more, it would contradict it: then the whole
    page is drawn anew, once, since a part that is drawn with its page never asks for that. The day is the page's,
    whatever the day by now.
    """
    version, shared = reading.version, [reading]

    def current(now: Visit) -> None:
        if shared:
            draw(now, shared.pop())
            return
        # A session may be taken up again without the cookie of whoever opened it.
        if now.house.visitor(st.context.cookies) != visit.visitor:
            st.rerun()
        with now.house.network.reading() as again:
            # The links round this part lead to the period of the page.
            elsewhen = now.kept() != visit.kept()
            if again.version != version or elsewhen:
                st.rerun()
            draw(now, again)

    @st.fragment
    def alone() -> None:
        drawn(visit.now(), current)

    alone()


def _no_such_step(visit: Visit, unknown: UnknownError) -> str:
    """Say in what steps an indicator can be read, each with the way to it."""
    words = visit.words
    asked = spelled(unknown.name, words) if unknown.name in IN_ADDRESS.values() else unknown.name
    told = words("unknown.step.known", name=asked[:1].lower() + asked[1:])
    return notice(told, *(step_link(visit, code) for code in unknown.known))


def _unknown(visit: Visit, unknown: UnknownError) -> str:
    """Say what does not exist, with a way back to where it can be chosen."""
    speaking = visit.words
    key = speaking.either(f"unknown.{unknown.what}", "unknown.any")
    whose = ("structure", "perimetre", "groupe", "type")
    names = {"structure": whose, "perimeter": whose, "period": ("periode",), "step": ("pas",)}
    back = visit.here(**dict.fromkeys(names.get(unknown.what, ())))
    if unknown.what == "step" and unknown.known:
        return _no_such_step(visit, unknown)
    if unknown.what == "indicator":
        return notice(speaking(key, name=unknown.name), link(visit.link("catalogue"), speaking("page.catalogue")))
    return notice(speaking(key, name=unknown.name), link(back, speaking("unknown.back")))
