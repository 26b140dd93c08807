"""Parts of a page: what goes wrong in one is said in its place, and one may be redrawn without the others."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import streamlit as st

from dashboards.markup import link, notice
from dashboards.visit import Visit
from indicators.errors import PilotageError, StoreError, UnknownError
from indicators.network import Reading

LOG: Final = logging.getLogger(__name__)


def alone(visit: Visit, reading: Reading, draw: Callable[[Visit, Reading], None]) -> None:
    """Draw a part that a choice made inside it redraws alone, from what the address says by then.

    A part of another version of the store than the rest of its page would contradict it: then all is redrawn.
    """
    version = reading.version

    @st.fragment
    def part() -> None:
        now = replace(visit, address={name: st.query_params[name] for name in st.query_params})
        with failures_told(now), now.house.network.reading() as current:
            if current.version != version or now.house.today() != now.today:
                st.rerun()
            draw(now, current)

    part()


@contextmanager
def failures_told(visit: Visit) -> Iterator[None]:
    """Say in a sentence, in place of what was to be drawn, what it cannot go on from."""
    speaking = visit.words
    try:
        yield
    except UnknownError as unknown:
        st.html(_unknown(visit, unknown))
    except StoreError:
        LOG.exception("page /%s", visit.page)
        st.html(notice(speaking("error.store"), link(visit.here(), speaking("error.again"))))
    except PilotageError as failure:
        LOG.exception("page /%s", visit.page)
        st.html(notice(speaking("error.any", what=str(failure)), link(visit.link(""), speaking("page.network"))))


def _unknown(visit: Visit, unknown: UnknownError) -> str:
    """Say what does not exist, with a way back to where it can be chosen."""
    speaking = visit.words
    key = speaking.either(f"unknown.{unknown.what}", "unknown.any")
    names = {"structure": ("structure", "perimetre"), "perimeter": ("structure", "perimetre"), "period": ("periode",)}
    back = visit.here(**dict.fromkeys(names.get(unknown.what, ())))
    if unknown.what == "indicator":
        return notice(speaking(key, name=unknown.name), link(visit.link("catalogue"), speaking("page.catalogue")))
    return notice(speaking(key, name=unknown.name), link(back, speaking("unknown.back")))
