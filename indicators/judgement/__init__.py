"""Statistical judgement of figures: pure functions of counts and values, without store or network.

`intervals` (confidence intervals of rates) · `comparison` (a rate against a reference) · `funnel` (all structures of a
perimeter) · `control_chart` and `control_charts_vectorised` (a series over time, one or many) · `trend` (the last five
points) · `plausibility` (a figure against its own past). Here are the four names that every figure needs; only `funnel`
loads SciPy.
"""

from indicators.judgement.comparison import MIN_JUDGED_CASES, Judgement, compare_with_reference
from indicators.judgement.intervals import wilson_interval

__all__ = ["MIN_JUDGED_CASES", "Judgement", "compare_with_reference", "wilson_interval"]
