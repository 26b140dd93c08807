"""The pages, as a list: the menu, the addresses, the rights and the tests are loops over it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from dashboards.house import Visitor
from dashboards.pages import catalogue, indicator, network, protection, structure
from dashboards.visit import Visit
from indicators.catalogue import Audience


def _everybody(_: Visitor) -> bool:
    return True


def _deposit(visit: Visit) -> None:
    # Imported when asked for: what reads files is of no use to those who only look.
    from dashboards.pages import deposit

    deposit.page(visit)


def _comparison(visit: Visit) -> None:
    # Imported when asked for: its statistics are of no use to those who only look at a board.
    from dashboards.pages import comparison

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
