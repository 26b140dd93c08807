"""The deposit page: choose structure and period, fill a template, upload and confirm files, withdraw deposits."""

from dashboards.app_pages.deposit.campaign import campaign_html, choose
from dashboards.app_pages.deposit.history import render_history
from dashboards.app_pages.deposit.several import render_several
from dashboards.app_pages.deposit.templates import render_templates
from dashboards.app_pages.deposit.upload import dropped_files
from dashboards.app_pages.page_context import PageContext
from dashboards.components.draw import draw_html
from dashboards.components.html import heading


def render(context: PageContext) -> None:
    """Render the choice with what is due, the templates, the uploads with their reports, and the history."""
    t = context.t
    draw_html(heading(1, t("deposit.title"), t("deposit.intro")))
    with context.app_state.network.snapshot() as snapshot:
        choice = choose(context, snapshot)
        draw_html(campaign_html(context, snapshot, choice))
        render_templates(context, choice)
    draw_html(heading(2, t("deposit.drop")))
    files = list(dropped_files(context))
    if len(files) > 1:
        render_several(context, files, choice)
    else:
        for file in files:
            file.render(choice)
    render_history(context, choice)
