"""By which rule figures are withheld from the public: for those who manage a structure, never for the public itself.

Which rule applied would tell something of the figure (METHODS 6.8): the public reads one reason for all.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.disclosure.control import judge
from indicators.disclosure.thresholds import Rule
from indicators.figures.values import valued
from indicators.network import Reading
from indicators.queries.figures.counts import counted
from indicators.queries.figures.suppression import rules_of_totals, withheld_structures

Rules = Mapping[tuple[str, str], Rule]
"""By indicator and code of the period."""


def withheld_from_public(
    reading: Reading, perimeter: Perimeter, indicators: Sequence[Indicator], audience: Audience
) -> Rules:
    """Return the first rule by which each figure of a perimeter is withheld from the public, of all periods.

    Nothing but for those who see its management; nothing of indicators that are not public at all.
    """
    public = [sheet.id for sheet in indicators if Audience.PUBLIC.sees(sheet.audience)]
    if not audience.sees(Audience.MANAGEMENT) or not public:
        return {}
    name = ("withheld from public", perimeter, tuple(public))
    return reading.once(name, lambda: _rules(reading, perimeter, public))


def _rules(reading: Reading, perimeter: Perimeter, public: Sequence[str]) -> Rules:
    days = (date.min, date.max)
    if perimeter.level is not Level.STRUCTURE:
        found = rules_of_totals(reading, perimeter.level, Audience.PUBLIC, *days, perimeter.name)
    else:
        # A part of a sum is withheld or shown with the others in view.
        asked = [reading.catalogue[name] for name in reading.catalogue.linked(public)]
        figures = valued(counted(reading, perimeter, asked, *days), asked, single=True)
        too = withheld_structures(reading, Audience.PUBLIC, *days, perimeter.name)
        found = judge(figures, reading.catalogue, Audience.PUBLIC, withheld_too=too).filter("hidden")
    if found is None:
        return {}
    rows = found.filter(pl.col("indicator").is_in(public)).select("indicator", "period", "rule").iter_rows()
    return {(indicator, period): Rule(rule) for indicator, period, rule in rows}
