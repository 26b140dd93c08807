"""The list of pages, from which menu, addresses, access rights and tests are derived."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from dashboards.access import Visitor
from dashboards.app_pages import catalogue, follow_up, protection, provenance, structure
from dashboards.app_pages.indicator import page as indicator
from dashboards.app_pages.network import page as network
from dashboards.app_pages.page_context import PageContext
from indicators.definitions.roles import Right


def _render_deposit(context: PageContext) -> None:
    # Imported on first use: readers of boards do not need the file readers.
    from dashboards.app_pages.deposit import page as deposit

    deposit.render(context)


def _render_collection(context: PageContext) -> None:
    # Imported on first use: readers of boards do not need what compares a deposit with what is in force.
    from dashboards.app_pages.collection import page as collection

    collection.render(context)


def _render_comparison(context: PageContext) -> None:
    # Imported on first use: readers of boards do not need its statistics.
    from dashboards.app_pages.comparison import page as comparison

    comparison.render(context)


def _render_members(context: PageContext) -> None:
    # Imported on first use: readers of boards do not need the accounts.
    from dashboards.app_pages import members

    members.render(context)


def _render_desk(context: PageContext) -> None:
    # Imported on first use: readers of boards have no desk.
    from dashboards.app_pages import desk

    desk.render(context)


def _render_journal(context: PageContext) -> None:
    # Imported on first use: readers of boards do not need the accounts.
    from dashboards.app_pages import journal

    journal.render(context)


def _render_register(name: str) -> Callable[[PageContext], None]:
    def render(context: PageContext) -> None:
        # Imported on first use: readers of boards do not need the registers.
        import_module(f"dashboards.app_pages.registers.{name}").render(context)

    return render


@dataclass(frozen=True)
class Page:
    """A page: its path, its render function, the message key of its name, and the right that it takes, if any.

    The menu has an entry for it, named by `menu_key` if that is not its name; or it stands in the `section` of another
    page, whose entry is then marked; or it is reached by links alone.
    """

    path: str
    render: Callable[[PageContext], None]
    name_key: str
    right: Right | None = None
    in_menu: bool = True
    menu_key: str | None = None
    section: str | None = None
    in_archive: bool = True
    """Whether an archive has it, in which nobody keeps a register."""


PAGES: Final = (
    Page("", network.render, "page.network"),
    Page("bureau", _render_desk, "page.desk", right=Right.SEE_DELIVERIES),
    Page("structure", structure.render, "page.structure"),
    Page("catalogue", catalogue.render, "page.catalogue"),
    Page(
        "comparer",
        _render_comparison,
        "page.compare",
        right=Right.COMPARE,
    ),
    Page("suivi", follow_up.render, "page.follow_up", right=Right.SEE_DELIVERIES),
    Page("collectes", _render_collection, "page.collection", right=Right.SEE_DELIVERIES),
    Page(
        "actions",
        _render_register("actions"),
        "page.actions",
        right=Right.SEE_MANAGEMENT,
        menu_key="page.improvement",
        in_archive=False,
    ),
    *(
        Page(
            path,
            _render_register(name),
            f"page.{path}",
            right=Right.SEE_MANAGEMENT,
            in_menu=False,
            section="actions",
            in_archive=False,
        )
        for path, name in (
            ("plan", "plan"),
            ("participation", "participation"),
            ("instances", "meetings"),
            ("revue", "papers"),
        )
    ),
    Page("indicateur", indicator.render, "page.indicator", in_menu=False),
    Page("protection", protection.render, "page.protection", in_menu=False),
    Page("deposer", _render_deposit, "page.deposit", right=Right.DEPOSIT),
    Page("provenance", provenance.render, "page.provenance", in_menu=False),
    Page("membres", _render_members, "page.members", right=Right.MANAGE_MEMBERS),
    Page("journal", _render_journal, "page.journal", right=Right.SEE_JOURNAL),
)
"""In menu order; the first is the home page."""


def pages_for(visitor: Visitor) -> list[Page]:
    """Return the pages that a visitor may see; the others are not routed at all."""
    pages = [page for page in PAGES if page.in_archive] if visitor.rules.reads_archive else PAGES
    return [page for page in pages if page.right is None or visitor.has(page.right)]
