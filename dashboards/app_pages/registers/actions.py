"""The page `/actions`."""

from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.registers.choice import draw_register_choice, read_register_choice, sections_html
from dashboards.components.draw import draw_html
from dashboards.components.html import heading


def render(context: PageContext) -> None:
    """Render the page of a perimeter."""
    t = context.t
    draw_html(heading(1, t("page.actions"), t("actions.intro")))
    with context.app_state.network.snapshot() as snapshot:
        if not snapshot.structures.by_id:
            draw_html(context.empty_state("empty.structures"))
            return
        choice = read_register_choice(context, snapshot)
    draw_html(sections_html(context, choice))
    draw_register_choice(context, choice)
