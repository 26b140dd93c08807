"""Error handling of pages and fragments: each failure becomes a sentence with a way out, never a traceback."""

import logging
from collections.abc import Callable

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.time_step_choice import STEP_URL_VALUES, step_label, step_link
from dashboards.components.draw import draw_html
from dashboards.components.html import link, notice
from dashboards.web.in_flight import IN_FLIGHT
from dashboards.web.request_log import log_page
from dashboards.web.turns import TURNS
from indicators.errors import DamagedStoreError, PilotageError, StoreError, UnknownError
from indicators.snapshot import Snapshot

LOG = logging.getLogger(__name__)


def render_safely(context: PageContext, render: Callable[[PageContext], None]) -> None:
    """Draw a page or a part of one; what it cannot go on from is said in its place."""
    with IN_FLIGHT.track(), log_page(context.page, context.visitor), TURNS.one():
        _render_or_explain(context, render)


def _render_or_explain(context: PageContext, render: Callable[[PageContext], None]) -> None:
    t = context.t
    try:
        render(context)
    except UnknownError as unknown:
        draw_html(_explain_unknown(context, unknown))
    except DamagedStoreError:
        LOG.exception("page /%s", context.page)
        draw_html(notice(t("error.damaged"), link(context.link(""), t("page.network"))))
    except StoreError:
        LOG.exception("page /%s", context.page)
        draw_html(notice(t("error.store"), link(context.url(), t("error.again"))))
    except PilotageError as failure:
        LOG.exception("page /%s", context.page)
        draw_html(notice(t("error.any", what=str(failure)), link(context.link(""), t("page.network"))))


def fragment(context: PageContext, snapshot: Snapshot, render: Callable[[PageContext, Snapshot], None]) -> None:
    """Render part of a page as a Streamlit fragment, which reruns alone when a choice inside it changes.

    On the first run it shares the page's snapshot; on a rerun it opens a snapshot of its own. If the store's version or
    the period chosen has changed meanwhile, the fragment would contradict the page around it: the whole page is rerun,
    once, since a fragment never asks for that on its first run. The day stays that of the page.
    """
    version, page_snapshot = snapshot.version, [snapshot]

    def draw_current(current_context: PageContext) -> None:
        if page_snapshot:
            render(current_context, page_snapshot.pop())
            return
        # A session may be resumed without the cookie of the visitor who opened it.
        if current_context.app_state.visitor(st.context.cookies, st.query_params) != context.visitor:
            st.rerun()
        with current_context.app_state.network.snapshot() as new_snapshot:
            # Links outside this fragment carry the period of the page.
            period_changed = current_context.carried_params() != context.carried_params()
            if new_snapshot.version != version or period_changed:
                st.rerun()
            render(current_context, new_snapshot)

    @st.fragment
    def rerun() -> None:
        render_safely(context.refreshed(), draw_current)

    rerun()


def _explain_unknown_step(context: PageContext, unknown: UnknownError) -> Markup:
    """Explain which time steps an indicator has, each with a link."""
    t = context.t
    step_name = step_label(unknown.name, t) if unknown.name in STEP_URL_VALUES.values() else unknown.name
    sentence = t("unknown.step.known", name=step_name[:1].lower() + step_name[1:])
    return notice(sentence, *(step_link(context, code) for code in unknown.choices))


def _explain_unknown(context: PageContext, unknown: UnknownError) -> Markup:
    """Explain what does not exist, with a link to where it can be chosen."""
    t = context.t
    key = t.first_existing(f"unknown.{unknown.kind}", "unknown.any")
    perimeter_params = ("structure", "perimetre", "groupe", "type")
    params_to_clear = {
        "structure": perimeter_params,
        "perimeter": perimeter_params,
        "period": ("periode",),
        "step": ("pas",),
    }
    back = context.url(**dict.fromkeys(params_to_clear.get(unknown.kind, ())))
    if unknown.kind == "step" and unknown.choices:
        return _explain_unknown_step(context, unknown)
    if unknown.kind == "indicator":
        return notice(t(key, name=unknown.name), link(context.link("catalogue"), t("page.catalogue")))
    return notice(t(key, name=unknown.name), link(back, t("unknown.back")))
