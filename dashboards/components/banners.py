"""The banners at the head of every page."""

from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.components.html import NO_HTML, join, link, markup
from dashboards.web.access_key import KEY_PATH, KeylessAccess
from dashboards.wording.formatting import format_day, format_short_period
from dashboards.wording.translations import Translator
from indicators.queries.deposits.freshness import Freshness


def banners_html(context: PageContext, freshness: Freshness | None, *, is_fictitious: bool) -> Markup:
    """Return the banners: fictitious data, overdue figures, stopped clock, administrator rights."""
    t, html = context.t, ""
    if is_fictitious:
        html += _banner_html(t("site.fictitious"))
    if freshness and freshness.overdue:
        html += _banner_html(overdue_sentence(freshness, t), "overdue")
    if stopped_on := context.app_state.clock.stopped_on:
        html += _banner_html(t("site.stopped", day=format_day(stopped_on, t)))
    return html + _access_banner(context)


def _access_banner(context: PageContext) -> Markup:
    """Return the banner of an administrator or, on the site's own machine, of how to become one."""
    t = context.t
    if context.app_state.access is KeylessAccess.EVERYONE_IF_FICTITIOUS and context.visitor.local_administrator:
        return _banner_html(t("site.demonstration"), "for-you")
    if context.visitor.local_administrator:
        return _banner_html(t("site.administrator"), "for-you")
    if context.app_state.shows_key_hint:
        return _banner_html(t("key.hint"), "for-you", link(context.link(KEY_PATH.strip("/")), t("key.title")))
    return NO_HTML


def overdue_sentence(freshness: Freshness, t: Translator) -> str:
    """Return « Derniers chiffres : T3 2026 ; T4 2026 à T2 2027 attendus. »; at least one period must be overdue."""
    form = {1: "one", 2: "two"}.get(len(freshness.overdue), "several")
    newest, first, last = (
        format_short_period(period, t) for period in (freshness.newest, freshness.overdue[0], freshness.overdue[-1])
    )
    return t(f"site.overdue.{form}", newest=newest, first=first, last=last)


def _banner_html(sentence: str, kind: str = "", link_html: Markup = NO_HTML) -> Markup:
    return markup('<p class="{}">{}</p>', f"banner {kind}".strip(), join(filter(None, (sentence, link_html)), " "))
