"""Counts added up over time: several periods of one indicator read as one. Pure functions of frames of counts.

Only counts are added up, never rates averaged, and only wholes: a span of which one period is not known has no row.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from indicators.definitions.catalogue import Audience, Catalogue, Indicator
from indicators.definitions.periods import Frequency, Period, Span
from indicators.disclosure.control import protect, protect_totals, withhold
from indicators.figures.figure import NO_CASES, Status
from indicators.figures.values import COUNTED, keys_of, valued

Parts = Mapping[Span, Sequence[Period]]
"""Of each span, the periods to add up."""


def added_up(counts: pl.DataFrame, parts: Parts, *, single: bool) -> pl.DataFrame:
    """Return counts, one row a span of which every part is known, under the span's code.

    Full-time equivalents: of one structure, its hours over the hours of one FTE, each added up; of several, the mean of
    their totals, which is the same where the hours of one FTE do not change in between, and counts nothing of a
    structure in a quarter that it did not report. `contributors` is the fewest that a part has; `largest_share` is at
    least the share of the largest contributor to the whole, and never above that of the parts.
    """
    on = [name for name in keys_of(counts) if name not in {"period", "period_end"}]
    known = pl.col("numerator").is_not_null()
    weight = pl.coalesce("denominator", "numerator")
    quotient = pl.col("numerator").sum() / pl.col("denominator").sum() if single else pl.col("quotients").mean()
    return (
        _terms(parts)
        .join(counts.filter(known).rename({"period": "part"}).drop("period_end"), on="part", how="inner")
        .group_by("period", "period_end", "terms", *on, maintain_order=True)
        .agg(
            pl.col("numerator").sum(),
            pl.when(pl.col("denominator").is_not_null().any()).then(pl.col("denominator").sum()).alias("denominator"),
            quotient.alias("quotients"),
            pl.col("contributors").min(),
            # Of a sum of nothing nobody has a share.
            pl.when(weight.sum() > 0)
            .then((pl.col("largest_share") * weight).sum() / weight.sum())
            .alias("largest_share"),
            pl.when(pl.col("quotients").sum() > 0)
            .then((pl.col("largest_quotient") * pl.col("quotients")).sum() / pl.col("quotients").sum())
            .alias("largest_quotient"),
            pl.col("from_register").fill_null(value=False).all(),
            pl.len().alias("found"),
            pl.col("denominator").count().alias("divided"),
        )
        # A part that lacks its denominator is not known, unless none has one.
        .filter(
            (pl.col("found") == pl.col("terms")) & ((pl.col("divided") == 0) | (pl.col("divided") == pl.col("terms")))
        )
        .with_columns(
            pl.lit(None, pl.Float64).alias("stated_value"),
            pl.lit(None, pl.String).alias("absence"),
            pl.col("contributors").cast(pl.Int32),
        )
        .select(*keys_of(counts), *COUNTED)
    )


def pooled(counts: pl.DataFrame, indicators: Sequence[Indicator], *, single: bool) -> pl.DataFrame:
    """Replace the counts of the cohorts that a sheet pools by those of each cohort and the ones before it together.

    A cohort without the others that belong with it has no row, unless it was said not to apply: half of a pooled figure
    is no figure. A rate without its counts cannot be pooled.
    """
    kept = counts
    for sheet in indicators:
        own = pl.col("indicator") == sheet.id
        if sheet.pooled == 1 or (cohorts := counts.filter(own)).is_empty():
            continue
        periods = [p for p in map(Period.parse, cohorts["period"].unique()) if p.frequency is sheet.frequency]
        parts = {period: period.last(sheet.pooled) for period in periods}
        # Cohorts of two definitions are not added up (`steps.adds_across_definitions`).
        alike: Parts = {p: of for p, of in parts.items() if not sheet.redefined_within(of[0].start, of[-1].end)}
        together = added_up(cohorts, alike, single=single)
        unconcerned = cohorts.filter(pl.col("absence") == Status.NOT_APPLICABLE).join(
            together, on=keys_of(counts), how="anti"
        )
        kept = pl.concat([kept.filter(~own), together, unconcerned], how="diagonal_relaxed")
    return kept


def over_time(
    counts: pl.DataFrame,
    indicator: Indicator,
    catalogue: Catalogue,
    audience: Audience,
    parts: Parts,
    *,
    consolidated: bool,
    withheld_too: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return the figures of an indicator over longer spans than its own, protected; rows as `protect` gives them.

    `counts` holds, of the indicator and of those that sums link it to, the quarters and the calendar years deposited. A
    year deposited as such is that year's figure, whatever the quarters add up to; for several structures it is so only
    if none of them counted a quarter of it, and else the quarters alone are added up: never both.

    A sum is withheld as soon as one of its parts is, and shown as soon as none is: it adds up what is shown already,
    and nothing more can be computed from it. `withheld_too` names the periods that are withheld, as `protect` and
    `protect_totals` take them.
    """
    sheets = [catalogue[name] for name in catalogue.linked([indicator.id])]
    single = not consolidated
    own_figures = valued(counts, sheets, single=single)
    if consolidated:
        shown = protect_totals(own_figures, catalogue, audience, withheld_too)
    else:
        shown = protect(own_figures, catalogue, audience, withheld_too=withheld_too)
    shown = shown.filter(pl.col("indicator") == indicator.id)
    # Of an indicator that the reader may not see nothing is shown, and nothing is added up.
    counts = counts.filter((pl.col("indicator") == indicator.id) & audience.sees(indicator.audience))
    on = [name for name in keys_of(counts) if name not in {"period", "period_end"}]

    sums = valued(added_up(counts, parts, single=single), sheets, single=single)
    withheld = shown.filter(pl.col("status") == Status.WITHHELD).select(*on, pl.col("period").alias("part"))
    unseen = _terms(parts).select("period", "part").join(withheld, on="part").select(*on, "period").unique()
    unseen = unseen.with_columns(pl.lit(value=True).alias("unseen"))
    sums = sums.join(unseen, on=[*on, "period"], how="left", maintain_order="left")
    partly = withhold(sums.filter(pl.col("unseen")).drop("unseen"), pl.lit(value=True))
    sums = sums.filter(pl.col("unseen").is_null()).drop("unseen")
    sums = pl.concat([sums, partly])

    own = _deposited_years(shown, counts, parts, on, consolidated=consolidated)
    return pl.concat([own, sums.join(own, on=[*on, "period"], how="anti")]).sort(*on, "period_end", "period")


def _deposited_years(
    shown: pl.DataFrame, counts: pl.DataFrame, parts: Parts, on: Sequence[str], *, consolidated: bool
) -> pl.DataFrame:
    """Return the figures, shown or withheld, of the calendar years that were deposited as such."""
    codes = [span.code for span in parts if isinstance(span, Period) and span.frequency is Frequency.YEAR]
    own = shown.filter(
        pl.col("period").is_in(codes)
        & (pl.col("value").is_not_null() | pl.col("status").is_in([Status.WITHHELD.value, NO_CASES]))
    )
    if consolidated:
        quarters = counts.filter(pl.col("numerator").is_not_null() & pl.col("period").str.contains("-T"))
        years = quarters.select(*on, pl.col("period").str.slice(0, 4))
        own = own.join(years, on=[*on, "period"], how="anti")
    return own


def _terms(parts: Parts) -> pl.DataFrame:
    """One row a span × part: the span's code and last day, how many parts it has, the part's code."""
    return pl.DataFrame(
        [(span.code, span.end, len(of), part.code) for span, of in parts.items() for part in of],
        schema={"period": pl.String, "period_end": pl.Date, "terms": pl.Int64, "part": pl.String},
        orient="row",
    )
