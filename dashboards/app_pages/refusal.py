"""What a member finds on a page that is not theirs, and what an open page shows once it no longer is."""

from dashboards.app_pages.page_context import PageContext
from dashboards.components.draw import draw_html
from dashboards.components.html import heading, link, notice
from dashboards.web.sign_in.addresses import SIGN_IN_PATH, TARGET_PARAM, address_of


def render_refusal(context: PageContext) -> None:
    """Render why the page is not shown, and what to do."""
    t = context.t
    if context.visitor.session_ended:
        again = address_of(SIGN_IN_PATH, t, **{TARGET_PARAM: context.url()})
        draw_html(heading(1, t("sign_in.ended.title")) + notice(t("sign_in.ended"), link(again, t("sign_in.again"))))
        return
    home = link(context.link(""), t("page.network"))
    draw_html(heading(1, t("refused.title")) + notice(t("refused.reason"), home))
