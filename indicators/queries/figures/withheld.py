"""Rules by which figures are withheld from the public, for the management of a structure only.

The rule itself would reveal something of the figure (METHODS 6.8): the public sees the same reason for all.
"""

from collections.abc import Mapping, Sequence

from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Perimeter
from indicators.disclosure import CountsOfPerimeter, SuppressionRule, withholding_rules
from indicators.snapshot import QueryContext, Snapshot, per_version

RuleByFigure = Mapping[tuple[str, str], SuppressionRule]
"""Rule by indicator id and period code."""


def withheld_from_public(context: QueryContext, perimeter: Perimeter, indicators: Sequence[Indicator]) -> RuleByFigure:
    """Return the first rule by which each figure of a perimeter, in any period, is withheld from the public.

    Empty unless the audience sees management; indicators that are not public are excluded.
    """
    public = [sheet.id for sheet in indicators if Audience.PUBLIC.sees(sheet.audience)]
    if not context.audience.sees(Audience.MANAGEMENT) or not public:
        return {}
    return _find_rules(context.snapshot, perimeter, public)


@per_version
def _find_rules(snapshot: Snapshot, perimeter: Perimeter, public: Sequence[str]) -> RuleByFigure:
    return withholding_rules(CountsOfPerimeter(snapshot, perimeter), public, Audience.PUBLIC)
