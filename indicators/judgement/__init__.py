"""What a figure can bear, in pure functions of counts and values: no store, no network, no question.

`intervals` (what chance may have done to a rate) · `reference` (a rate against a reference) · `funnel` (all structures
of a perimeter) · `process` and `latest` (a series over time, one or many) · `trend` (the last five points) ·
`plausibility` (a figure against its own past). Here are the four names that every figure needs; `funnel` alone loads
SciPy.
"""

from indicators.judgement.comparison import JUDGED_FROM, Judgement, compare
from indicators.judgement.intervals import wilson

__all__ = ["JUDGED_FROM", "Judgement", "compare", "wilson"]
