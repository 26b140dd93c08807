"""The banners at the head of every page."""

from markupsafe import Markup

from dashboards.access import Visitor
from dashboards.app_pages.page_context import LANGUAGE_PARAM, PageContext
from dashboards.components.html import NO_HTML, join, link, markup
from dashboards.web.access_key import KEY_PATH, PERSON_PARAM, DemoAccess
from dashboards.web.sign_in.addresses import SIGN_IN_PATH, TARGET_PARAM, address_of
from dashboards.wording.formatting import format_day, format_short_period
from dashboards.wording.translations import DEFAULT_LANGUAGE, Translator
from indicators.definitions.roles import Right
from indicators.queries.deposits.freshness import Freshness


def banners_html(
    context: PageContext, freshness: Freshness | None, *, is_fictitious: bool, right: Right | None
) -> Markup:
    """Return the banners: fictitious data, overdue figures, stopped clock, the reader's role.

    `right` is what the page takes, if anything.
    """
    t, html = context.t, ""
    if is_fictitious:
        html += _banner_html(t("site.fictitious"))
    if freshness and freshness.overdue:
        html += _banner_html(overdue_sentence(freshness, t), "overdue")
    if stopped_on := context.app_state.clock.stopped_on:
        html += _banner_html(t("site.stopped", day=format_day(stopped_on, t)))
    return html + _access_banner(context, right, is_fictitious=is_fictitious)


def _access_banner(context: PageContext, right: Right | None, *, is_fictitious: bool) -> Markup:
    """Return the banner of the reader's role or, on the site's own machine, of how to become its administrator."""
    t = context.t
    if context.app_state.is_archive:
        return _banner_html(t("archive.banner"), "for-you")
    if isinstance(context.app_state.access, DemoAccess) and is_fictitious:
        return _banner_html(t("site.demonstration"), "for-you", _people_links(context, context.app_state.access, right))
    if context.visitor.through is not None:
        return _banner_html(_through_sentence(context), "for-you", _back_link(context))
    if context.visitor.session_ended:
        return _banner_html(t("sign_in.ended.title"), "for-you", _sign_in_link(context))
    if context.visitor.person:
        return _banner_html(_member_sentence(context), "for-you")
    if context.visitor.has(Right.OPERATE):
        return _banner_html(t("site.administrator"), "for-you")
    if context.app_state.shows_key_hint:
        return _banner_html(t("key.hint"), "for-you", link(context.link(KEY_PATH.strip("/")), t("key.title")))
    return NO_HTML


def _through_sentence(context: PageContext) -> str:
    """Return through whose eyes an administrator looks, and that nothing can be changed."""
    t, visitor = context.t, context.visitor
    roles = [t(f"role.{role.value}") for role in dict.fromkeys(grant.role for grant in visitor.grants)]
    return t("through.banner", roles=t("list.separator").join(roles) or t("through.no_role"))


def _back_link(context: PageContext) -> Markup:
    return link(f"/membres{_language_query(context)}", context.t("through.back"))


def _language_query(context: PageContext) -> str:
    return "" if context.language == DEFAULT_LANGUAGE else f"?{LANGUAGE_PARAM}={context.language}"


def _sign_in_link(context: PageContext) -> Markup:
    return link(address_of(SIGN_IN_PATH, context.t, **{TARGET_PARAM: context.url()}), context.t("sign_in.again"))


def _member_sentence(context: PageContext) -> str:
    """Return « Connecté : délégation. »: the roles of a member, never who it is."""
    t = context.t
    roles = [t(f"role.{role.value}") for role in dict.fromkeys(grant.role for grant in context.visitor.grants)]
    return t("member.signed_in", roles=t("list.separator").join(roles)) if roles else t("member.no_role")


def _people_links(context: PageContext, demo: DemoAccess, right: Right | None) -> Markup:
    """Return the people that a reader of a demonstration may choose to be, the current one marked.

    Each leads to the same page, or to the first one where that person does not have it.
    """
    t, items = context.t, []
    for person, grants in demo.people.items():
        name = t(f"person.{person or 'administration'}")
        if grants == context.visitor.grants:
            items.append(markup('<strong aria-current="true">{}</strong>', name))
            continue
        change = {PERSON_PARAM: person or None}
        has_page = right is None or Visitor(grants).has(right)
        items.append(link(context.url(**change) if has_page else context.link("", **change), name))
    return join(items, " · ")


def overdue_sentence(freshness: Freshness, t: Translator) -> str:
    """Return « Derniers chiffres : T3 2026 ; T4 2026 à T2 2027 attendus. »; at least one period must be overdue."""
    form = {1: "one", 2: "two"}.get(len(freshness.overdue), "several")
    newest, first, last = (
        format_short_period(period, t) for period in (freshness.newest, freshness.overdue[0], freshness.overdue[-1])
    )
    return t(f"site.overdue.{form}", newest=newest, first=first, last=last)


def _banner_html(sentence: str, kind: str = "", link_html: Markup = NO_HTML) -> Markup:
    return markup('<p class="{}">{}</p>', f"banner {kind}".strip(), join(filter(None, (sentence, link_html)), " "))
