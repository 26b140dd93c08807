"""Joint suppression of structures and of the totals that add them up (network, regions, kinds, groups).

METHODS 6.2: a total none of whose structures is hidden is always shown, however few they are. METHODS 6.3: total −
parts, group − members. A total minus its structures shown is the sum of the hidden ones: this residual must be empty or
pass the primary rules itself. Pure functions of frames.
"""

from dataclasses import dataclass

import polars as pl

from indicators.definitions.catalogue import Audience, Catalogue
from indicators.definitions.perimeters import Level
from indicators.definitions.periods import Frequency
from indicators.disclosure.complementary import CELL_KEY, INDICATOR_PERIOD, PART, TOTAL_KEY, residuals
from indicators.disclosure.control import suppress
from indicators.disclosure.overlapping_totals import suppress_overlaps
from indicators.disclosure.protections import Protection, in_force
from indicators.disclosure.thresholds import SuppressionRule, apply_primary_suppression
from indicators.figures.aggregation import HAS_DENOMINATOR, summed_counts
from indicators.figures.figure import Status
from indicators.figures.values import compute_values


@dataclass(frozen=True, eq=False)
class SuppressionInput:
    """Counts of structures: all of them, or at least all that could be hidden from a reader.

    `own_counts`: counts for the structures' own figures (as in `values`). `contributions`: what each adds to totals,
    `CELL_KEY`, period_end, numerator, denominator and `kept`, whether it was counted from a register. `membership`:
    level, portion, structure, holds_from, holds_until, one row per total that includes a structure, with the days
    between which a period must end to be included. `register_based`: level, portion, indicator of the totals counted
    from registers alone.
    """

    own_counts: pl.DataFrame
    contributions: pl.DataFrame
    membership: pl.DataFrame
    register_based: pl.DataFrame


@dataclass(frozen=True, eq=False)
class SuppressionMasks:
    """Masks: `structures` (`CELL_KEY`), withheld to protect other perimeters, primary suppression excluded; `totals`
    (`TOTAL_KEY` and `rule`), all withheld totals."""

    structures: pl.DataFrame
    totals: pl.DataFrame


def compute_suppression(
    counts: SuppressionInput, catalogue: Catalogue, audience: Audience, *, keep_network_total: bool
) -> SuppressionMasks:
    """Return the masks after which no total minus what is shown reveals a structure.

    The figures of structures stay and an unsafe total is suppressed, whatever its level; with `keep_network_total`, the
    network's figure stays and its smallest structures are suppressed until its residual is safe. A year with a residual
    beside quarters is suppressed too: its structures differ from theirs. Finally no combination of the totals shown may
    reveal a structure: the smallest of them is suppressed, repeatedly.
    """
    hidden, structures = _hidden_contributions(counts, None, catalogue, audience), None
    while keep_network_total:
        additional = _smallest_to_suppress(counts, hidden, catalogue, audience)
        if structures is not None:
            additional = additional.join(structures, on=CELL_KEY, how="anti")
        if additional.is_empty():
            break
        structures = additional if structures is None else pl.concat([structures, additional])
        hidden = _hidden_contributions(counts, structures, catalogue, audience)
    hidden_terms = _by_total(hidden, counts)
    unsafe = residuals(hidden_terms, catalogue, audience).filter("hidden").select(*TOTAL_KEY, "rule")
    years = _with_rule(_years_with_residual(hidden_terms, counts, catalogue), SuppressionRule.PERIODS)
    if in_force(Protection.YEAR_LEFT):
        unsafe = pl.concat([unsafe, years])
    if in_force(Protection.PUBLIC_YEARS):
        quarters = _quarters_exposed_by_public_years(hidden, hidden_terms, unsafe, counts, catalogue, audience)
        unsafe = pl.concat([unsafe, _with_rule(quarters, SuppressionRule.PERIODS)])
    unsafe = unsafe.unique(TOTAL_KEY, keep="first", maintain_order=True)
    others = _with_rule(
        suppress_overlaps(hidden, hidden_terms, unsafe.select(TOTAL_KEY), catalogue, audience), SuppressionRule.TOTALS
    )
    return SuppressionMasks(
        hidden.select(CELL_KEY).clear() if structures is None else structures, pl.concat([unsafe, others])
    )


def _with_rule(totals: pl.DataFrame, rule: SuppressionRule) -> pl.DataFrame:
    return totals.select(*TOTAL_KEY, pl.lit(rule.value).alias("rule"))


def _hidden_contributions(
    counts: SuppressionInput, extra_mask: pl.DataFrame | None, catalogue: Catalogue, audience: Audience
) -> pl.DataFrame:
    """Return the contributions of structures whose own figure is hidden: `CELL_KEY`, counts, kept, weight."""
    sheets = [catalogue[name] for name in counts.own_counts["indicator"].unique()]
    own_figures = compute_values(counts.own_counts, sheets, per_structure=True)
    figures = suppress(own_figures, catalogue, audience, extra_mask=extra_mask)
    shown = figures.filter(pl.col("status") == Status.OK)
    is_visible = pl.col("indicator").is_in([sheet.id for sheet in catalogue.visible_to(audience)])
    return _with_weight(counts.contributions.filter(is_visible), catalogue).join(shown, on=CELL_KEY, how="anti")


def _with_weight(contributions: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Add the weight of each contribution in a sum; drop contributions of 0 of 0."""
    quotients = [sheet.id for sheet in catalogue if sheet.denominator_required and sheet.aggregation != "ratio"]
    size = pl.coalesce("denominator", "numerator")
    quotient = pl.col("numerator") / pl.col("denominator")
    weight = pl.when(pl.col("indicator").is_in(quotients)).then(quotient).otherwise(size)
    nothing = (pl.col("numerator") == 0) & (pl.col("denominator") == 0)
    return contributions.with_columns(weight.alias("weight")).filter(~nothing.fill_null(value=False))


def _by_total(rows: pl.DataFrame, counts: SuppressionInput) -> pl.DataFrame:
    """Repeat the rows for each total that includes them."""
    registers = counts.register_based.with_columns(pl.lit(value=True).alias("registers"))
    return (
        rows.join(counts.membership, on="structure", how="inner")
        .filter(pl.col("period_end").is_between("holds_from", "holds_until"))
        .drop("holds_from", "holds_until")
        .join(registers, on=["level", "portion", "indicator"], how="left")
        .filter(pl.col("kept") | pl.col("registers").is_null())
        .drop("registers")
    )


def _smallest_to_suppress(
    counts: SuppressionInput, hidden: pl.DataFrame, catalogue: Catalogue, audience: Audience
) -> pl.DataFrame:
    """Return the smallest structures shown whose suppression makes the network's residual safe."""
    on = list(INDICATOR_PERIOD)
    network_terms = _by_total(_with_weight(counts.contributions, catalogue), counts).filter(
        pl.col("level") == Level.NETWORK
    )
    unsafe = residuals(network_terms.join(hidden, on=CELL_KEY, how="semi"), catalogue, audience).filter("hidden")
    # A total withheld by the primary rules, or a year beside quarters, is not shown and has no residual.
    shown = residuals(network_terms.join(unsafe, on=on, how="semi"), catalogue, audience).filter(~pl.col("hidden"))
    shown = shown.join(_years_with_quarters(network_terms, catalogue), on=on, how="anti")
    rows = network_terms.join(shown, on=on, how="semi").join(
        hidden.select(*CELL_KEY, pl.lit(value=True).alias("own")), on=CELL_KEY, how="left"
    )
    # Hidden structures come first: each cumulative sum is then the residual if its row were the last one hidden.
    ordered = rows.sort(pl.col("own").is_null(), "weight", "structure")
    sums = ordered.with_columns(
        pl.col("numerator").cum_sum().over(on),
        pl.when(HAS_DENOMINATOR).then(pl.col("denominator").cum_sum()).over(on).alias("denominator"),
        pl.int_range(1, pl.len() + 1).over(on).alias("contributors"),
        (pl.col("weight").cum_max() / pl.col("weight").cum_sum()).over(on).alias("largest_share"),
    )
    assessed = apply_primary_suppression(sums, catalogue, audience, consolidated=True)
    is_safe = (~pl.col("hidden") & pl.col("own").is_null()).cast(pl.Int64)
    before = (is_safe.cum_sum() - is_safe).over(on)
    return assessed.filter(pl.col("own").is_null() & (before == 0)).select(CELL_KEY)


def _years_with_quarters(terms: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Return the years of indicators with deposited quarters: such years are not shown for several structures."""
    return _quarters(terms, catalogue).select("indicator", pl.col("period").str.slice(0, 4)).unique()


def _years_with_residual(hidden_terms: pl.DataFrame, counts: SuppressionInput, catalogue: Catalogue) -> pl.DataFrame:
    """Return the totals of years with hidden structures, beside quarters of the same indicator: `TOTAL_KEY`."""
    quarters = _by_total(_quarters(_with_weight(counts.contributions, catalogue), catalogue), counts)
    with_quarters = quarters.select("level", "portion", "indicator", pl.col("period").str.slice(0, 4)).unique()
    return hidden_terms.select(TOTAL_KEY).unique().join(with_quarters, on=TOTAL_KEY, how="semi")


def _quarters_exposed_by_public_years(
    hidden: pl.DataFrame,
    hidden_terms: pl.DataFrame,
    suppressed: pl.DataFrame,
    counts: SuppressionInput,
    catalogue: Catalogue,
    audience: Audience,
) -> pl.DataFrame:
    """Return quarters of totals to suppress because public years take hidden structures out of them: `TOTAL_KEY`.

    The year that a structure shows is the sum of its quarters, hidden ones included. What is left of the quarters of a
    total over a year once such structures are taken away must pass the primary rules; otherwise the quarter with the
    fewest hidden structures is suppressed.
    """
    additive = [sheet.id for sheet in catalogue if sheet.frequency is Frequency.QUARTER and not sheet.is_stock]
    is_public_year = pl.col("indicator").is_in(additive) & ~pl.col("period").str.contains("-")
    key = ["structure", "indicator", "year"]
    public_years = (
        counts.contributions.filter(is_public_year)
        .join(hidden, on=CELL_KEY, how="anti")
        .select("structure", "indicator", pl.col("period").alias("year"))
    )
    terms = _quarters(hidden_terms, catalogue).filter(pl.col("indicator").is_in(additive))
    terms = terms.join(suppressed, on=TOTAL_KEY, how="anti").with_columns(
        pl.col("period").str.slice(0, 4).alias("year")
    )
    total_year = ["level", PART, "indicator", "year"]
    concerned = terms.join(public_years, on=key, how="semi").select(total_year).unique()
    left = (
        terms.join(concerned, on=total_year, how="semi")
        .join(public_years, on=key, how="anti")
        .group_by(*total_year, "structure")
        .agg(*summed_counts(), pl.col("weight").sum())
    )
    unsafe = residuals(left, catalogue, audience, total_year).filter("hidden")
    return (
        terms.join(unsafe, on=total_year, how="semi")
        .group_by(*TOTAL_KEY, "year")
        .agg(pl.len().alias("size"))
        .sort("size", "period")
        .unique(total_year, keep="first", maintain_order=True)
        .select(TOTAL_KEY)
    )


def _quarters(rows: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    quarterly = [sheet.id for sheet in catalogue if sheet.frequency is Frequency.QUARTER]
    return rows.filter(pl.col("indicator").is_in(quarterly) & pl.col("period").str.contains("-T"))
