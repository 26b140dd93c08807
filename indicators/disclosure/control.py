"""Disclosure control at the way out of the store: what could reveal a person or a member is taken out here.

Nothing downstream sees a withheld figure. `thresholds` tells what is too small to be shown, `subtraction` what the
figures of a structure would give away of a hidden one; `totals`, with `remainder` and `crossings`, what structures and
the perimeters that add them up would give away of one another. Here is the order of them. The control of earlier
releases belongs here too.
"""

from typing import Final

import polars as pl

from indicators.definitions.catalogue import Audience, Catalogue
from indicators.disclosure.differencing import hide_last_part, hide_years
from indicators.disclosure.thresholds import Rule, marked
from indicators.figures.figure import Status

COUNTS: Final = ("numerator", "denominator", "value", "largest_share", "from_register")
"""Columns that say something of a figure: the share of its largest contributor tells that one the rest of it."""


def protect(
    figures: pl.DataFrame, catalogue: Catalogue, audience: Audience, *, withheld_too: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Withhold what that reader may not see of structures: counts turn to null and the `status` to `withheld`.

    `figures` has the columns indicator, period, numerator, denominator, value and status; the other columns say of what
    and when, and rows that agree on them are the parts of one whole: a frame that holds one term of a sum must hold
    them all (`Catalogue.linked`), and one that holds the year of a quarterly indicator must hold its quarters.
    `withheld_too` names the rows that are withheld for what other perimeters show, by some of the columns. Rows of
    indicators that the reader may not see are dropped. Management sees everything of its own structure.
    """
    figures = _seen(figures, catalogue, audience)
    if audience is Audience.MANAGEMENT:
        return figures
    judged = judge(figures, catalogue, audience, withheld_too=withheld_too)
    return withhold(judged, pl.col("hidden")).select(figures.columns)


def judge(
    figures: pl.DataFrame, catalogue: Catalogue, audience: Audience, *, withheld_too: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return the rows of `protect` as they are, with `hidden` and the first `Rule` by which that reader sees none."""
    apart = {*COUNTS, "indicator", "status", "contributors"}
    keys = [name for name in figures.columns if name not in apart]
    judged = marked(figures, catalogue, audience, consolidated=False)
    if withheld_too is not None and not withheld_too.is_empty():
        judged = _ruled(_hide_too(judged, withheld_too), Rule.TOTALS)
    judged = _ruled(hide_last_part(judged, catalogue.sums, keys), Rule.CATEGORIES)
    with_years = hide_years(judged, catalogue, audience, keys)
    if with_years is judged:
        return judged
    return _ruled(hide_last_part(_ruled(with_years, Rule.PERIODS), catalogue.sums, keys), Rule.CATEGORIES)


def protect_totals(
    figures: pl.DataFrame, catalogue: Catalogue, audience: Audience, withheld: pl.DataFrame | None
) -> pl.DataFrame:
    """Withhold what that reader may not see of perimeters that add structures up, as `protect` does of structures.

    Whether a total is shown depends on the structures behind it and on what they show, never on its own counts alone:
    `withheld` names those that are not, by some of the columns, as `totals` has decided; null where nothing is.
    """
    figures = _seen(figures, catalogue, audience)
    if audience is Audience.MANAGEMENT or withheld is None or withheld.is_empty():
        return figures
    judged = _hide_too(figures.with_columns(pl.lit(value=False).alias("hidden")), withheld)
    return withhold(judged, pl.col("hidden")).select(figures.columns)


def _seen(figures: pl.DataFrame, catalogue: Catalogue, audience: Audience) -> pl.DataFrame:
    return figures.filter(pl.col("indicator").is_in([indicator.id for indicator in catalogue.seen_by(audience)]))


def _hide_too(judged: pl.DataFrame, withheld_too: pl.DataFrame) -> pl.DataFrame:
    """Hide what was counted in the rows named; what was not counted stays the absence it is."""
    named = withheld_too.unique().with_columns(pl.lit(value=True).alias("named"))
    return (
        judged.join(named, on=withheld_too.columns, how="left", maintain_order="left")
        .with_columns(pl.col("hidden") | (pl.col("named").fill_null(value=False) & pl.col("numerator").is_not_null()))
        .drop("named")
    )


def _ruled(judged: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """Name the rule by which the rows are hidden that had none."""
    return judged.with_columns(pl.coalesce("rule", pl.when("hidden").then(pl.lit(rule.value))).alias("rule"))


def withhold(figures: pl.DataFrame, hidden: pl.Expr) -> pl.DataFrame:
    """Turn the counts of the rows that are hidden to null, and their status to `withheld`."""
    counts = [name for name in COUNTS if name in figures.columns]
    return figures.with_columns(
        *(pl.when(~hidden).then(name).alias(name) for name in counts),
        pl.when(hidden).then(pl.lit(Status.WITHHELD.value)).otherwise("status").alias("status"),
    )
