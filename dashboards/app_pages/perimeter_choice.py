"""The perimeters of a page for members: those on which the reader has a right, and the one that the address names."""

from collections.abc import Sequence
from typing import Final

from dashboards.app_pages.page_context import PageContext
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.roles import Right
from indicators.errors import UnknownError
from indicators.snapshot import Snapshot

PERIMETER_PARAM: Final = "perimetre"


def offered_perimeters(context: PageContext, snapshot: Snapshot, right: Right) -> Sequence[Perimeter]:
    """Return the perimeters on which the reader has a right; of the network, each of its regions too.

    An `UnknownError` if the network has none of those for which the reader's roles were given.
    """
    given = context.visitor.perimeters(right)
    own = tuple(each for each in given if snapshot.structures.has(each))
    if not own:
        raise UnknownError("perimeter", given[0].code)
    if NETWORK not in own:
        return own
    regions = sorted({structure.region for structure in snapshot.structures.by_id.values()})
    return (NETWORK, *(Perimeter(Level.REGION, region) for region in regions))


def chosen_perimeter(context: PageContext, snapshot: Snapshot, right: Right, default: Perimeter) -> Perimeter:
    """Return the perimeter of the address, else the default; an `UnknownError` for one that is not the reader's."""
    code = context.params.get(PERIMETER_PARAM)
    if code is None:
        return default
    perimeter = snapshot.structures.parse_perimeter(code)
    if not context.visitor.may(right, perimeter, snapshot.structures):
        raise UnknownError("perimeter", code)
    return perimeter
