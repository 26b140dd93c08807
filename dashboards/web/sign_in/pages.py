"""The pages of sign-in and sign-out: short, without a script."""

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup
from starlette.responses import Response

from dashboards.components.html import NO_HTML, join, link, markup
from dashboards.web.plain_page import plain_page
from dashboards.web.sign_in.addresses import (
    LINK_PATH,
    MAILS_PATH,
    SIGN_IN_PATH,
    SIGN_OUT_PATH,
    TARGET_PARAM,
    TOKEN_PARAM,
    address_of,
)
from dashboards.web.sign_in.offer import SignIn
from dashboards.wording.translations import Translator
from indicators.accounts.links import LINK_LASTS

ADDRESS_FIELD: Final = "adresse"
EVERYWHERE_FIELD: Final = "partout"


def sign_in_page(
    sign_in: SignIn, t: Translator, target: str, error_key: str | None = None, status: int = 200
) -> Response:
    """Return the page that offers each way to sign in; `error_key` is the message key of what went wrong."""
    providers = join(
        markup(
            '<p><a class="way" href="{}">{}</a></p>',
            address_of(f"{SIGN_IN_PATH}/{name}", t, **{TARGET_PARAM: target}),
            t("sign_in.with", provider=provider.label),
        )
        for name, provider in sign_in.providers.items()
    )
    parts = [_alert(t, error_key), providers, _link_form(sign_in, t, target) if sign_in.offers_links else NO_HTML]
    return plain_page(t("sign_in.title"), join(parts) + _home(t), t, status)


def _link_form(sign_in: SignIn, t: Translator, target: str) -> Markup:
    """Return the form that asks for a link or, without a mail server, the sentence that says whom to ask."""
    if not sign_in.sends_links:
        return markup("<p>{}</p>", t("sign_in.link.by_administrator"))
    return markup(
        '<p>{}</p><form class="key" method="post" action="{}"><label for="adresse">{}</label>'
        '<input id="adresse" name="{}" type="email" required autocomplete="email">'
        '<button type="submit">{}</button></form>',
        t("sign_in.link.what"),
        address_of(SIGN_IN_PATH, t, **{TARGET_PARAM: target}),
        t("sign_in.address"),
        ADDRESS_FIELD,
        t("sign_in.link.send"),
    )


def link_sent_page(t: Translator) -> Response:
    """Return the page after a link was asked for: the same for every address."""
    sentence = t("sign_in.link.sent", minutes=int(LINK_LASTS.total_seconds() // 60))
    return plain_page(t("sign_in.link.sent.title"), markup('<p role="status">{}</p>', sentence) + _home(t), t, 200)


def use_link_page(t: Translator, token: str, target: str) -> Response:
    """Return the page of a link. It takes a click: programs that look into mails open links, and would use it up."""
    form = markup(
        '<p>{}</p><form class="key" method="post" action="{}"><input type="hidden" name="{}" value="{}">'
        '<input type="hidden" name="{}" value="{}"><button type="submit">{}</button></form>',
        t("sign_in.link.use.what"),
        address_of(LINK_PATH, t),
        TOKEN_PARAM,
        token,
        TARGET_PARAM,
        target,
        t("sign_in.link.use"),
    )
    return plain_page(t("sign_in.title"), form, t, 200)


def sign_out_page(t: Translator, address: str | None) -> Response:
    """Return the page that ends the session of this browser, or of every one; `address` says whose it is."""
    who = markup("<p>{}</p>", t("sign_out.who", address=address)) if address else NO_HTML
    forms = join(
        markup(
            '<form class="key" method="post" action="{}">{}<button type="submit">{}</button></form>',
            address_of(SIGN_OUT_PATH, t),
            markup('<input type="hidden" name="{}" value="1">', EVERYWHERE_FIELD) if everywhere else NO_HTML,
            t("sign_out.everywhere" if everywhere else "sign_out.here"),
        )
        for everywhere in (False, True)
    )
    return plain_page(t("sign_out.title"), who + forms + _home(t), t, 200)


def signed_out_page(t: Translator) -> Response:
    """Return the page after a session has ended."""
    again = markup("<p>{}</p>", link(address_of(SIGN_IN_PATH, t), t("sign_in.again")))
    return plain_page(t("sign_out.done"), again + _home(t), t, 200)


def digests_page(t: Translator, token: str) -> Response:
    """Return the page that ends the digests of a person; it takes a click, as programs open the links of mails."""
    form = markup(
        '<p>{}</p><form class="key" method="post" action="{}"><button type="submit">{}</button></form>',
        t("mail.digests.stop.what"),
        address_of(MAILS_PATH, t, **{TOKEN_PARAM: token}),
        t("mail.digests.stop"),
    )
    return plain_page(t("mail.digests.stop.title"), form + _home(t), t, 200)


def digests_stopped_page(t: Translator, *, is_known: bool) -> Response:
    """Return the page after digests were ended, or that the link is none of ours."""
    sentence = markup('<p role="status">{}</p>', t("mail.digests.stopped" if is_known else "mail.digests.invalid"))
    return plain_page(t("mail.digests.stop.title"), sentence + _home(t), t, 200 if is_known else 403)


def refused_page(t: Translator, *, session_ended: bool, target: str) -> Response:
    """Return the page of what a member may not see: that their session has ended, or that it is not theirs."""
    if session_ended:
        again = link(address_of(SIGN_IN_PATH, t, **{TARGET_PARAM: target}), t("sign_in.again"))
        return plain_page(t("sign_in.ended.title"), markup("<p>{}</p><p>{}</p>", t("sign_in.ended"), again), t, 403)
    return plain_page(t("refused.title"), markup("<p>{}</p>", t("refused.reason")) + _home(t), t, 403)


def link_mail_words(t: Translator, address: str) -> Mapping[str, str]:
    """Return subject and sentences of the mail with a link."""
    minutes = int(LINK_LASTS.total_seconds() // 60)
    return {
        "subject": t("sign_in.mail.subject"),
        "what": t("sign_in.mail.what", minutes=minutes),
        "link": address,
        "unasked": t("sign_in.mail.unasked"),
    }


def _alert(t: Translator, error_key: str | None) -> Markup:
    return markup('<p role="alert">{}</p>', t(error_key)) if error_key else NO_HTML


def _home(t: Translator) -> Markup:
    return markup("<p>{}</p>", link(address_of("/", t), t("page.network")))
