"""Links into the register of actions from pages that show a signal or a figure."""

from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.components.html import NO_HTML, link
from indicators.definitions.perimeters import Level, Perimeter, Structures
from indicators.definitions.periods import Span
from indicators.definitions.roles import Right


def new_action_url(context: PageContext, structure: str, indicator: str, when: Span) -> str:
    """Return the address of the form of a new action, begun with the signal of an indicator."""
    return context.link("actions", perimetre=structure, nouvelle="oui", indicateur=indicator, periode=when.code)


def open_action_link(
    context: PageContext, structures: Structures, structure: str, indicator: str, when: Span
) -> Markup:
    """Return the link to a new action on an indicator, for who may change the structure's registers."""
    if not context.visitor.may(Right.EDIT_REGISTERS, Perimeter(Level.STRUCTURE, structure), structures):
        return NO_HTML
    return link(new_action_url(context, structure, indicator, when), context.t("actions.open_one"))
