"""The pages, as a list: the menu, the addresses, the rights and the tests are loops over it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from dashboards.access import Visitor
from dashboards.app_pages import catalogue, protection, structure
from dashboards.app_pages.indicator import page as indicator
from dashboards.app_pages.network import page as network
from dashboards.app_pages.page_context import Visit
from indicators.definitions.catalogue import Audience


def _everybody(_: Visitor) -> bool:
    return True


def _deposit(visit: Visit) -> None:
    # Imported when asked for: what reads files is of no use to those who only look.
    from dashboards.app_pages.deposit import page as deposit

    deposit.page(visit)


def _comparison(visit: Visit) -> None:
    # Imported when asked for: its statistics are of no use to those who only look at a board.
    from dashboards.app_pages.comparison import page as comparison

    comparison.page(visit)


@dataclass(frozen=True)
class Page:
    """A page: its address, what draws it, the key of its name in the words, and for whom it exists."""

    address: str
    draw: Callable[[Visit], None]
    name: str
    seen_by: Callable[[Visitor], bool] = _everybody
    in_menu: bool = True


PAGES: Final = (
    Page("", network.page, "page.network"),
    Page("structure", structure.page, "page.structure"),
    Page("catalogue", catalogue.page, "page.catalogue"),
    Page("comparer", _comparison, "page.compare", seen_by=lambda visitor: visitor.audience.sees(Audience.NETWORK)),
    Page("indicateur", indicator.page, "page.indicator", in_menu=False),
    Page("protection", protection.page, "page.protection", in_menu=False),
    Page("deposer", _deposit, "page.deposit", seen_by=lambda visitor: visitor.may_deposit),
)
"""In the order of the menu; the first is the default page."""


def pages_for(visitor: Visitor) -> list[Page]:
    """Return the pages that exist for somebody; the others do not, not even hidden."""
    return [page for page in PAGES if page.seen_by(visitor)]
