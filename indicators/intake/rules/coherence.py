"""Rules on measures that must agree, within the file and with the current ones: sums, years, segments, populations.

A total is the sum of its parts, a year of its quarters, a segment lies within the whole (X03); indicators of one
population have one denominator (X05). Current measures that the file does not replace count as if they were in the
file: a row is checked against its siblings in the store. Each finding is on a row of the file; contradictions that
were in the store before are not reported.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Indicator
from indicators.definitions.periods import Frequency, Period
from indicators.intake.rules.row_keys import MEASURE, SIBLINGS
from indicators.intake.rules.rule import Rule, RuleRun
from schemas.measures import SEGMENT_DIMENSIONS, WHOLE_SEGMENT

AMOUNT_TOLERANCE: Final = 1e-6
"""Largest difference between equal amounts: hours are added up as floating-point numbers."""
MEASURE_KEY: Final = ("structure", "period", "indicator", "segment")
OF: Final = ("structure", "period", "indicator")
COUNT_COLUMNS: Final = ("numerator", "denominator")


def report_contradictions(run: RuleRun, rows: pl.DataFrame, current: pl.DataFrame) -> None:
    """Check the rows of some structures against each other and against the current measures of these structures.

    `rows` has `index`, the line of the file; `stored` holds the measures in force (structure, period, indicator,
    segment, numerator, denominator, absence); both have the numbers of their keys (`row_keys`).
    """
    siblings = _with_current_siblings(rows, current)
    _check_sums(run, siblings)
    _check_years(run, siblings)
    if not siblings.select((pl.col("segment") == WHOLE_SEGMENT).all()).item():
        suspect = _find_suspect_segments(run, siblings)
        for concerned, check_rule in (("above", _check_segments), ("without_whole", _report_missing_wholes)):
            own = suspect.filter(concerned)
            if own.height:
                check_rule(run, siblings.join(own, on=MEASURE, how="semi", maintain_order="left"))
    _check_populations(run, siblings)


def _with_current_siblings(rows: pl.DataFrame, current: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the file and, without an `index`, those in force beside them that the file leaves in place."""
    columns = [
        "index",
        "line",
        *MEASURE_KEY,
        "indicator:place",
        "segment:place",
        MEASURE,
        SIBLINGS,
        *COUNT_COLUMNS,
        "absence",
    ]
    file_rows = rows.select(columns)
    if file_rows[MEASURE].null_count():
        file_rows = file_rows.filter(pl.col(MEASURE).is_not_null())
    period_codes = _with_quarters_and_years(rows["period"].unique().drop_nulls().to_list())
    current_siblings = current.filter(pl.col("period").is_in(period_codes))
    if current_siblings.is_empty():
        return file_rows
    key = [MEASURE, "segment:place"]
    kept_siblings = current_siblings.join(rows.select(key), on=key, how="anti").with_columns(
        index=pl.lit(None, pl.UInt32),
        line=pl.lit(None, pl.Int32),
    )
    return pl.concat([file_rows, kept_siblings.select(columns)], how="vertical_relaxed")


def _with_quarters_and_years(codes: Sequence[str]) -> list[str]:
    """Return some periods, with all quarters and the year of each quarter or year among them."""
    related = set(codes)
    for period in map(Period.parse, codes):
        if period.frequency in {Frequency.QUARTER, Frequency.YEAR}:
            related |= {str(period.start.year), *_quarters(period.start.year)}
    return sorted(related)


def _quarters(year: int | str) -> list[str]:
    return [f"{year}-T{number}" for number in range(1, 5)]


def _check_sums(run: RuleRun, siblings: pl.DataFrame) -> None:
    """A total is the sum of its parts, and at least that of those that are there."""
    for total, parts in run.snapshot.catalogue.sums.items():
        places = {name: place for place, name in enumerate(run.snapshot.catalogue.indicators)}
        is_term = pl.col("indicator:place").is_in([places[name] for name in (total, *parts)])
        terms = (
            siblings.lazy()
            .filter(is_term & pl.col("numerator").is_not_null())
            .select(
                "index",
                SIBLINGS,
                name=pl.col("indicator"),
                whole=pl.col("indicator:place") == places[total],
                amount=pl.col("numerator"),
                needed=pl.lit(len(parts)),
            )
        )
        _report_mismatches(run, terms, [SIBLINGS], "numerator", None, {"total": pl.lit(total)})


def _check_years(run: RuleRun, siblings: pl.DataFrame) -> None:
    """Check that a year agrees with its quarters, as the indicator adds them up, and is not less than those present."""
    codes = siblings["period"].unique().drop_nulls().to_list()
    years = [code for code in codes if Period.parse(code).frequency is Frequency.YEAR]
    if not years:
        return
    quarters = {quarter: year for year in years for quarter in _quarters(year)}
    year_of = pl.col("period").replace_strict(
        {**quarters, **dict(zip(years, years, strict=True))}, default=None, return_dtype=pl.String
    )
    key = ["structure", "indicator", "segment", "year"]
    for yearly, needed in (("sum_of_quarters", 4), ("last_quarter", 1)):
        indicators = [indicator for indicator in run.snapshot.catalogue if indicator.yearly == yearly]
        parts = pl.col("period").is_in(years) | (
            pl.col("period").str.ends_with("T4") if needed == 1 else pl.lit(value=True)
        )
        year_rows = siblings.lazy().with_columns(year=year_of).filter(pl.col("year").is_not_null() & parts)
        for field, concerned in _additive_indicators(indicators).items():
            terms = year_rows.filter(pl.col("indicator").is_in(concerned) & pl.col(field).is_not_null()).select(
                "index",
                *key,
                name=pl.col("period"),
                whole=pl.col("period") == pl.col("year"),
                amount=pl.col(field),
                needed=pl.lit(needed),
            )
            _report_mismatches(run, terms, key, field, "year", {"total": pl.col("indicator"), "year": pl.col("year")})


def _additive_indicators(indicators: Sequence[Indicator]) -> Mapping[str, Sequence[str]]:
    """Return the indicators whose numerators add up, and those whose denominators do (not the hours of one FTE)."""
    ratios = [indicator.id for indicator in indicators if indicator.aggregation != "sum"]
    return {"numerator": [indicator.id for indicator in indicators], "denominator": ratios}


def _find_suspect_segments(run: RuleRun, siblings: pl.DataFrame) -> pl.DataFrame:
    """Return the measures (their numbers) of which something may be wrong in a segment, in one pass, without a join.

    `above`: a segment, or the sum of one dimension, may exceed the whole; `without_whole`: the whole is missing.
    Nearly every figure of a large file is sound: only the others are checked row by row.
    """
    segments = siblings.select("segment", "segment:place").unique("segment:place", keep="any")
    whole_segment = segments.filter(pl.col("segment") == WHOLE_SEGMENT)["segment:place"].to_list()
    is_whole = pl.col("segment:place").is_in(whole_segment)
    dimensions = [
        segments.filter(pl.col("segment").str.starts_with(f"{dimension}="))["segment:place"].to_list()
        for dimension in SEGMENT_DIMENSIONS
    ]
    sums: dict[str, list[pl.Expr]] = {"numerator": [], "denominator": []}
    is_above: list[pl.Expr] = []
    for field, concerned in _additive_indicators(list(run.snapshot.catalogue)).items():
        amount, limit = pl.col(field), pl.col(f"whole:{field}") + AMOUNT_TOLERANCE
        sums[field] = [
            pl.when(is_whole).then(amount).min().alias(f"whole:{field}"),
            pl.when(~is_whole).then(amount).max().alias(f"largest:{field}"),
            *(
                pl.when(pl.col("segment:place").is_in(parts)).then(amount).sum().alias(f"{place}:{field}")
                for place, parts in enumerate(dimensions)
                if len(parts) > 1
            ),
        ]
        dimension_is_above = [
            pl.col(f"{place}:{field}") > limit for place, parts in enumerate(dimensions) if len(parts) > 1
        ]
        is_above.append(pl.col(f"largest:{field}") > limit)
        adds_up = [place for place, name in enumerate(run.snapshot.catalogue.indicators) if name in concerned]
        is_above += [pl.col("indicator:place").is_in(adds_up) & sum_is_above for sum_is_above in dimension_is_above]
    without_whole = ~pl.col("whole")
    return (
        siblings.lazy()
        .group_by(MEASURE)
        .agg(*sums["numerator"], *sums["denominator"], is_whole.any().alias("whole"))
        .with_columns((pl.col(MEASURE) % len(run.snapshot.catalogue.indicators)).alias("indicator:place"))
        .select(MEASURE, above=pl.any_horizontal(is_above).fill_null(value=False), without_whole=without_whole)
        .filter(pl.col("above") | pl.col("without_whole"))
        .collect()
    )


def _check_segments(run: RuleRun, siblings: pl.DataFrame) -> None:
    """Check that no segment exceeds the whole, nor the sum of the segments of one dimension."""
    if siblings.is_empty():
        return
    key = [*OF]
    is_whole = pl.col("segment") == WHOLE_SEGMENT
    dimension = pl.col("segment").str.extract(rf"^({'|'.join(SEGMENT_DIMENSIONS)})=")
    wholes = (
        siblings.lazy().filter(is_whole).select(*key, *(pl.col(name).alias(f"whole:{name}") for name in COUNT_COLUMNS))
    )
    parts = siblings.lazy().filter(~is_whole).with_columns(dimension=dimension).join(wholes, on=key).collect()
    dimension_sums = _sum_parts(parts, [*key, "dimension"])
    for field, concerned in _additive_indicators(list(run.snapshot.catalogue)).items():
        limit = pl.col(f"whole:{field}") + AMOUNT_TOLERANCE
        exceeding_sums = dimension_sums.filter(pl.col("indicator").is_in(concerned) & (pl.col(field) > limit))
        exceeding = exceeding_sums.select(*key, "dimension", exceeding=pl.lit(value=True))
        exceeding_rows = parts.join(exceeding, on=[*key, "dimension"], how="left", maintain_order="left").filter(
            (pl.col(field) > limit).fill_null(value=False) | pl.col("exceeding").fill_null(value=False)
        )
        if exceeding_rows.is_empty():
            continue
        # A part that exceeds the whole by itself is reported alone, the others by dimension.
        reported = exceeding_rows.with_columns(
            part=pl.when(pl.col(field) > limit).then("segment").otherwise("dimension")
        )
        whole_rows = reported.select(*key, "part").unique().join(siblings.filter(is_whole), on=key)
        terms = pl.concat(
            [
                frame.select(
                    "index",
                    *key,
                    "part",
                    name=pl.col("segment"),
                    whole=pl.lit(whole),
                    amount=pl.col(field),
                    needed=pl.lit(0),
                )
                for frame, whole in ((reported, False), (whole_rows, True))
            ]
        )
        names = pl.col("parts:names").list.join(" + ")
        _report_mismatches(
            run,
            terms.lazy(),
            [*key, "part"],
            field,
            "segment",
            {"total": pl.col("indicator"), "part": names},
            parts_first=True,
        )


def _sum_parts(parts: pl.DataFrame, on: Sequence[str]) -> pl.DataFrame:
    """Return the sums of the parts of each dimension with their whole: the columns of `on`, counts and `whole:` counts.

    Parts that all repeat the whole are one row copied under several names: they are not added up.
    """
    wholes = [f"whole:{name}" for name in COUNT_COLUMNS]
    is_copied = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"whole:{name}")) for name in COUNT_COLUMNS)
    return (
        parts.lazy()
        .filter(pl.col("dimension").is_not_null())
        .group_by(on)
        .agg(pl.col(COUNT_COLUMNS).sum(), pl.col(wholes).first(), is_copied.all().alias("copied"))
        .filter(~pl.col("copied"))
        .drop("copied")
        .collect()
    )


def _report_mismatches(
    run: RuleRun,
    terms: pl.LazyFrame,
    key: Sequence[str],
    field: str,
    cause: str | None,
    sentence_facts: Mapping[str, pl.Expr],
    *,
    parts_first: bool = False,
) -> None:
    """Report (X03) the rows of the file where a whole is not the sum of its parts, or is less than those present.

    `terms` has one row per amount: the columns of `key`, `index` (null for current rows), `name`, `whole`, `amount`
    and `needed`, the number of parts of the whole. The finding has both values, and the current siblings with theirs.
    """
    amount, is_whole = pl.col("amount"), pl.col("whole")
    mismatches = (
        terms.group_by(key)
        .agg(
            # There is one whole at most.
            pl.when(is_whole).then(amount).max().alias("whole:amount"),
            pl.when(~is_whole).then(amount).sum().alias("parts:amount"),
            ((~is_whole).sum() == pl.col("needed").first()).alias("complete"),
            pl.col("index").is_not_null().any().alias("new"),
        )
        .filter(
            pl.col("new")
            & (
                (pl.col("parts:amount") > pl.col("whole:amount") + AMOUNT_TOLERANCE)
                | (pl.col("complete") & (pl.col("parts:amount") < pl.col("whole:amount") - AMOUNT_TOLERANCE))
            )
        )
        .drop("new")
        .collect()
    )
    if mismatches.is_empty():
        return
    is_current = pl.col("index").is_null()
    rows = terms.collect().join(mismatches, on=list(key)).sort("whole", "name", descending=[True, False])
    sibling_lists = rows.group_by(key).agg(
        pl.struct("name", "amount").filter(is_current).alias("held"),
        pl.col("name").filter(is_current).alias("send"),
        pl.col("name").filter(~is_whole).alias("parts:names"),
        (~is_current & is_whole).any().alias("new_whole"),
        (~is_current & ~is_whole).any().alias("new_part"),
    )
    is_reported_at = (~is_whole | ~pl.col("new_part")) if parts_first else (is_whole | ~pl.col("new_whole"))
    reported = rows.join(sibling_lists, on=list(key)).filter(~is_current & is_reported_at).sort("index")
    values = {**sentence_facts, "whole": pl.col("whole:amount"), "parts": pl.col("parts:amount")}
    sibling_facts = {"held": pl.col("held"), "send": pl.col("send").list.join(" · ")}
    is_complete, involves_current = pl.col("complete"), pl.col("held").list.len() > 0
    for above_suffix, extent in ((None, is_complete), ("above", ~is_complete)):
        for current_suffix, broken, extra_facts in (
            (None, ~involves_current, {}),
            ("in_force", involves_current, sibling_facts),
        ):
            name = "_".join(filter(None, (cause, above_suffix, current_suffix))) or None
            run.apply(reported, Rule("X03", extent & broken, field, values={**values, **extra_facts}, cause=name))


def _report_missing_wholes(run: RuleRun, siblings: pl.DataFrame) -> None:
    """Ask once about each figure of which parts are sent, and no whole is there (X04): all that `both` holds."""
    lone_parts = siblings.filter(pl.col("index").is_not_null())
    values = {"wanted": pl.col("indicator"), "period": pl.col("period"), "structure": pl.col("structure")}
    run.apply(
        lone_parts.unique(MEASURE, keep="first", maintain_order=True),
        Rule("X04", pl.lit(value=True), "segment", suggestion=pl.lit(WHOLE_SEGMENT), values=values, cause="whole"),
    )


def _check_populations(run: RuleRun, siblings: pl.DataFrame) -> None:
    """Check that indicators of one population have one denominator in a structure, period and segment (X05).

    The most frequent denominator is the reference; among equals, the current one, then the first in the file.
    """
    of = [indicator.population for indicator in run.snapshot.catalogue]
    names = {name: place for place, name in enumerate(dict.fromkeys(filter(None, of)))}
    populations = pl.lit(pl.Series([names.get(name or "") for name in of], dtype=pl.UInt64))
    key = ["population"]
    number = pl.col(SIBLINGS) * len(names) + populations.gather(pl.col("indicator:place"))
    with_population = (
        siblings.lazy()
        .with_columns(number.alias("population"))
        .filter(pl.all_horizontal(pl.col(*COUNT_COLUMNS, "population").is_not_null()))
    )
    differing_keys = (
        with_population.group_by(key)
        .agg(
            pl.col("denominator").min().alias("least"),
            pl.col("denominator").max().alias("most"),
            pl.col("index").is_not_null().any().alias("new"),
        )
        .filter((pl.col("least") < pl.col("most")) & pl.col("new"))
        .select(key)
        .collect()
    )
    if differing_keys.is_empty():
        return
    differing_rows = with_population.collect().join(differing_keys, on=key, maintain_order="left")
    ranked = differing_rows.with_columns(pl.len().over([*key, "denominator"]).alias("stated")).sort(
        "stated", "index", "indicator:place", descending=[True, False, False], nulls_last=False
    )
    reference_rows = ranked.unique(key, keep="first", maintain_order=True)
    file_rows = ranked.filter(pl.col("index").is_not_null())
    reported = _join_differing(file_rows, reference_rows, key)
    # Where only current rows differ, the finding is on a row of the file.
    agreeing = file_rows.join(reported, on=key, how="anti").unique(key, keep="first", maintain_order=True)
    reported = pl.concat([reported, _join_differing(agreeing, ranked.filter(pl.col("index").is_null()), key)]).sort(
        "index"
    )
    values = {
        "own": pl.col("denominator"),
        "wanted": pl.col("other:denominator"),
        "indicator": pl.col("other:indicator"),
    }
    is_current = pl.col("other:line").is_null()
    run.apply(
        reported,
        Rule("X05", ~is_current, "denominator", values=values | {"other": pl.col("other:line")}),
        Rule("X05", is_current, "denominator", values=values, cause="in_force"),
    )


def _join_differing(rows: pl.DataFrame, others: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Return the rows whose denominator differs from another of their population, each with the first such row."""
    compared_columns = ("indicator", "denominator", "line")
    other_columns = others.select(*key, *(pl.col(name).alias(f"other:{name}") for name in compared_columns))
    return (
        rows.join(other_columns, on=list(key), maintain_order="left")
        .filter(pl.col("denominator") != pl.col("other:denominator"))
        .unique("index", keep="first", maintain_order=True)
    )
