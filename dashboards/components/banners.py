"""What everybody must know before they read a page, said at its head."""

from dashboards.app_pages.page_context import Visit
from dashboards.components.html import link, text
from dashboards.web.access_key import KEY_PAGE, KeylessAccess
from dashboards.wording import formatting as numbers
from dashboards.wording.translations import Words
from indicators.queries.deposits.freshness import Freshness


def banners(visit: Visit, freshness: Freshness | None, *, fictitious: bool) -> str:
    """Return the sentences at the head of every page: what is invented, overdue or stopped, and one's own rights."""
    words, html = visit.words, ""
    if fictitious:
        html += _banner(words("site.fictitious"))
    if freshness and freshness.overdue:
        html += _banner(overdue_sentence(freshness, words), "overdue")
    if stopped_on := visit.house.clock.stopped_on:
        html += _banner(words("site.stopped", day=numbers.day(stopped_on, words)))
    return html + _own_rights(visit)


def _own_rights(visit: Visit) -> str:
    """Say that one administers the site, or, at its machine, how one comes to."""
    words = visit.words
    if visit.house.access is KeylessAccess.EVERYBODY_WHILE_INVENTED and visit.visitor.local_administrator:
        return _banner(words("site.demonstration"), "for-you")
    if visit.visitor.local_administrator:
        return _banner(words("site.administrator"), "for-you")
    if visit.house.asks_for_key:
        return _banner(words("key.hint"), "for-you", link(visit.link(KEY_PAGE.strip("/")), words("key.title")))
    return ""


def overdue_sentence(freshness: Freshness, words: Words) -> str:
    """Return « Derniers chiffres : T3 2026 ; T4 2026 à T2 2027 attendus. »; there is something overdue."""
    how_many = {1: "one", 2: "two"}.get(len(freshness.overdue), "several")
    newest, first, last = (
        numbers.short_period(period, words)
        for period in (freshness.newest, freshness.overdue[0], freshness.overdue[-1])
    )
    return words(f"site.overdue.{how_many}", newest=newest, first=first, last=last)


def _banner(sentence: str, kind: str = "", way: str = "") -> str:
    return f'<p class="{f"banner {kind}".strip()}">{" ".join(filter(None, (text(sentence), way)))}</p>'
