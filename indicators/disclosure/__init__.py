"""Statistical disclosure control: figures that could reveal a person or a member structure are withheld here.

This package is the one door from raw counts to figures: other wings import from here, never from its modules.
"""

from indicators.disclosure.counting import (
    CountsOfParts,
    CountsOfPerimeter,
    CountsOfStructures,
    is_read_whole,
    reporting,
    reporting_in,
)
from indicators.disclosure.publication import (
    Figures,
    ReportedPeriods,
    RequestedSpans,
    publishable,
    withholding_rules,
)
from indicators.disclosure.register_counts import (
    count_registers,
    counted_from_registers,
    is_counted_from_registers,
    register_periods,
)
from indicators.disclosure.thresholds import MIN_PEOPLE, SuppressionRule

__all__ = [
    "MIN_PEOPLE",
    "CountsOfParts",
    "CountsOfPerimeter",
    "CountsOfStructures",
    "Figures",
    "ReportedPeriods",
    "RequestedSpans",
    "SuppressionRule",
    "count_registers",
    "counted_from_registers",
    "is_counted_from_registers",
    "is_read_whole",
    "publishable",
    "register_periods",
    "reporting",
    "reporting_in",
    "withholding_rules",
]
