"""Order of the disclosure rules, and the functions that blank withheld figures before anything else sees them.

`thresholds` holds the primary rules for small counts, `differencing` protects hidden figures of a structure from
subtraction of its others; `joint_suppression`, with `complementary` and `overlapping_totals`, protects structures and
the perimeters that add them up from one another. The control of earlier releases belongs here too.
"""

from typing import Final

import polars as pl

from indicators.definitions.catalogue import Audience, Catalogue
from indicators.disclosure.differencing import suppress_last_term, suppress_years
from indicators.disclosure.thresholds import SuppressionRule, apply_primary_suppression
from indicators.figures.figure import Status

SENSITIVE_COLUMNS: Final = ("numerator", "denominator", "value", "largest_share", "from_register")
"""Columns blanked in a withheld figure; from the largest share, the largest contributor could compute the rest."""


def suppress(
    figures: pl.DataFrame, catalogue: Catalogue, audience: Audience, *, extra_mask: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Withhold figures of structures from an audience: counts become null and the `status` becomes `withheld`.

    `figures` has the columns indicator, period, numerator, denominator, value and status; the other columns are keys,
    and rows that agree on them are the parts of one whole: a frame with one term of a sum must contain them all
    (`Catalogue.with_linked`), and one with the year of a quarterly indicator must contain its quarters. `extra_mask`
    names, by some of the columns, rows withheld to protect other perimeters. Rows of indicators that the audience may
    not see are dropped. Management sees everything of its own structure.
    """
    figures = _visible(figures, catalogue, audience)
    if audience is Audience.MANAGEMENT:
        return figures
    rows = apply_structure_rules(figures, catalogue, audience, extra_mask=extra_mask)
    return blank_counts(rows, pl.col("hidden")).select(figures.columns)


def apply_structure_rules(
    figures: pl.DataFrame, catalogue: Catalogue, audience: Audience, *, extra_mask: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return the rows of `suppress` unblanked, with `hidden` and the first `SuppressionRule` that applies as `rule`."""
    value_columns = {*SENSITIVE_COLUMNS, "indicator", "status", "contributors"}
    keys = [name for name in figures.columns if name not in value_columns]
    rows = apply_primary_suppression(figures, catalogue, audience, consolidated=False)
    if extra_mask is not None and not extra_mask.is_empty():
        rows = _fill_in_rule(_apply_mask(rows, extra_mask), SuppressionRule.TOTALS)
    rows = _fill_in_rule(suppress_last_term(rows, catalogue.sums, keys), SuppressionRule.CATEGORIES)
    with_years = suppress_years(rows, catalogue, audience, keys)
    if with_years is rows:
        return rows
    return _fill_in_rule(
        suppress_last_term(_fill_in_rule(with_years, SuppressionRule.PERIODS), catalogue.sums, keys),
        SuppressionRule.CATEGORIES,
    )


def suppress_totals(
    figures: pl.DataFrame, catalogue: Catalogue, audience: Audience, mask: pl.DataFrame | None
) -> pl.DataFrame:
    """Withhold figures of perimeters that add up structures, as `suppress` does for structures.

    Whether a total is shown depends on its structures and on what they show, never on its own counts alone: `mask`
    names those withheld, by some of the columns, as decided by `joint_suppression`; `None` if there are none.
    """
    figures = _visible(figures, catalogue, audience)
    if audience is Audience.MANAGEMENT or mask is None or mask.is_empty():
        return figures
    rows = _apply_mask(figures.with_columns(pl.lit(value=False).alias("hidden")), mask)
    return blank_counts(rows, pl.col("hidden")).select(figures.columns)


def _visible(figures: pl.DataFrame, catalogue: Catalogue, audience: Audience) -> pl.DataFrame:
    return figures.filter(pl.col("indicator").is_in([indicator.id for indicator in catalogue.visible_to(audience)]))


def _apply_mask(rows: pl.DataFrame, mask: pl.DataFrame) -> pl.DataFrame:
    """Set `hidden` in the rows of a mask that have counts; rows without counts keep their absence."""
    marks = mask.unique().with_columns(pl.lit(value=True).alias("named"))
    return (
        rows.join(marks, on=mask.columns, how="left", maintain_order="left")
        .with_columns(pl.col("hidden") | (pl.col("named").fill_null(value=False) & pl.col("numerator").is_not_null()))
        .drop("named")
    )


def _fill_in_rule(rows: pl.DataFrame, rule: SuppressionRule) -> pl.DataFrame:
    """Set the rule of hidden rows that have none yet."""
    return rows.with_columns(pl.coalesce("rule", pl.when("hidden").then(pl.lit(rule.value))).alias("rule"))


def blank_counts(figures: pl.DataFrame, is_hidden: pl.Expr) -> pl.DataFrame:
    """Set the counts of hidden rows to null and their status to `withheld`."""
    counts = [name for name in SENSITIVE_COLUMNS if name in figures.columns]
    return figures.with_columns(
        *(pl.when(~is_hidden).then(name).alias(name) for name in counts),
        pl.when(is_hidden).then(pl.lit(Status.WITHHELD.value)).otherwise("status").alias("status"),
    )
