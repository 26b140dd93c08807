"""Rules by which figures are withheld from the public, for the management of a structure only.

The rule itself would reveal something of the figure (METHODS 6.8): the public sees the same reason for all.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.disclosure.control import apply_structure_rules
from indicators.disclosure.thresholds import SuppressionRule
from indicators.figures.values import compute_values
from indicators.queries.figures.counts import perimeter_counts
from indicators.queries.figures.suppression import structure_mask, total_rules
from indicators.snapshot import Snapshot

RuleByFigure = Mapping[tuple[str, str], SuppressionRule]
"""Rule by indicator id and period code."""


def withheld_from_public(
    snapshot: Snapshot, perimeter: Perimeter, indicators: Sequence[Indicator], audience: Audience
) -> RuleByFigure:
    """Return the first rule by which each figure of a perimeter, in any period, is withheld from the public.

    Empty unless the audience sees management; indicators that are not public are excluded.
    """
    public = [sheet.id for sheet in indicators if Audience.PUBLIC.sees(sheet.audience)]
    if not audience.sees(Audience.MANAGEMENT) or not public:
        return {}
    key = ("withheld from public", perimeter, tuple(public))
    return snapshot.cached(key, lambda: _find_rules(snapshot, perimeter, public))


def _find_rules(snapshot: Snapshot, perimeter: Perimeter, public: Sequence[str]) -> RuleByFigure:
    days = (date.min, date.max)
    if perimeter.level is not Level.STRUCTURE:
        rule_rows = total_rules(snapshot, perimeter.level, Audience.PUBLIC, *days, perimeter.name)
    else:
        # The suppression of a sum's terms is decided together.
        sheets = [snapshot.catalogue[name] for name in snapshot.catalogue.with_linked(public)]
        figures = compute_values(perimeter_counts(snapshot, perimeter, sheets, *days), sheets, per_structure=True)
        extra_mask = structure_mask(snapshot, Audience.PUBLIC, *days, perimeter.name)
        rule_rows = apply_structure_rules(figures, snapshot.catalogue, Audience.PUBLIC, extra_mask=extra_mask).filter(
            "hidden"
        )
    if rule_rows is None:
        return {}
    rows = rule_rows.filter(pl.col("indicator").is_in(public)).select("indicator", "period", "rule").iter_rows()
    return {(indicator, period): SuppressionRule(rule) for indicator, period, rule in rows}
