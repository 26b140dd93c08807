"""Measures that must agree with one another, in the file and with what is in force: sums, years, segments, populations.

A total is the sum of its parts, a year of its quarters, a segment lies within the whole (X03); indicators of one
population have one denominator (X05). What is in force and not replaced by the file counts as if it stood in the file:
a row alone cannot contradict its siblings. Each finding names a row of the file, and what contradicted itself in the
store before it came is not looked for.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Indicator
from indicators.definitions.periods import Frequency, Period
from indicators.intake.rules.measures import WHOLE_SEGMENT
from indicators.intake.rules.row_keys import MEASURE, SIBLINGS
from indicators.intake.rules.rule import Rule, Rules
from schemas.measures import DIMENSIONS

TOLERANCE: Final = 1e-6
"""Difference between two amounts that are the same: hours are added up as floating-point numbers."""
KEY: Final = ("structure", "period", "indicator", "segment")
OF: Final = ("structure", "period", "indicator")
COUNTS: Final = ("numerator", "denominator")


def tell_contradictions(rules: Rules, rows: pl.DataFrame, stored: pl.DataFrame) -> None:
    """Hold the rows of some structures against each other and against what is in force of these structures.

    `rows` has `index`, the line of the file; `stored` holds the measures in force (structure, period, indicator,
    segment, numerator, denominator, absence); both have the numbers of their keys (`row_keys`).
    """
    both = _beside(rows, stored)
    _tell_sums(rules, both)
    _tell_years(rules, both)
    if not both.select((pl.col("segment") == WHOLE_SEGMENT).all()).item():
        found = _compared_with_wholes(rules, both)
        for concerned, tell in (("above", _tell_segments), ("without_whole", _tell_parts_alone)):
            own = found.filter(concerned)
            if own.height:
                tell(rules, both.join(own, on=MEASURE, how="semi", maintain_order="left"))
    _tell_populations(rules, both)


def _beside(rows: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the file and, without an `index`, those in force beside them that the file leaves in place."""
    columns = ["index", "line", *KEY, "indicator:place", "segment:place", MEASURE, SIBLINGS, *COUNTS, "absence"]
    file = rows.select(columns)
    if file[MEASURE].null_count():
        file = file.filter(pl.col(MEASURE).is_not_null())
    codes = _around(rows["period"].unique().drop_nulls().to_list())
    near = stored.filter(pl.col("period").is_in(codes))
    if near.is_empty():
        return file
    key = [MEASURE, "segment:place"]
    left = near.join(rows.select(key), on=key, how="anti").with_columns(
        index=pl.lit(None, pl.UInt32),
        line=pl.lit(None, pl.Int32),
    )
    return pl.concat([file, left.select(columns)], how="vertical_relaxed")


def _around(codes: Sequence[str]) -> list[str]:
    """Return some periods, with the quarters and the year of each quarter and of each year among them."""
    found = set(codes)
    for period in map(Period.parse, codes):
        if period.frequency in {Frequency.QUARTER, Frequency.YEAR}:
            found |= {str(period.start.year), *_quarters(period.start.year)}
    return sorted(found)


def _quarters(year: int | str) -> list[str]:
    return [f"{year}-T{number}" for number in range(1, 5)]


def _tell_sums(rules: Rules, both: pl.DataFrame) -> None:
    """A total is the sum of its parts, and at least that of those that are there."""
    for total, parts in rules.reading.catalogue.sums.items():
        places = {name: place for place, name in enumerate(rules.reading.catalogue.indicators)}
        is_term = pl.col("indicator:place").is_in([places[name] for name in (total, *parts)])
        terms = (
            both.lazy()
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
        _tell(rules, terms, [SIBLINGS], "numerator", None, {"total": pl.lit(total)})


def _tell_years(rules: Rules, both: pl.DataFrame) -> None:
    """The year of a quarterly indicator is what its sheet makes of its quarters, and no less than those there."""
    codes = both["period"].unique().drop_nulls().to_list()
    years = [code for code in codes if Period.parse(code).frequency is Frequency.YEAR]
    if not years:
        return
    quarters = {quarter: year for year in years for quarter in _quarters(year)}
    year_of = pl.col("period").replace_strict(
        {**quarters, **dict(zip(years, years, strict=True))}, default=None, return_dtype=pl.String
    )
    key = ["structure", "indicator", "segment", "year"]
    for yearly, needed in (("sum_of_quarters", 4), ("last_quarter", 1)):
        sheets = [sheet for sheet in rules.reading.catalogue if sheet.yearly == yearly]
        parts = pl.col("period").is_in(years) | (
            pl.col("period").str.ends_with("T4") if needed == 1 else pl.lit(value=True)
        )
        own = both.lazy().with_columns(year=year_of).filter(pl.col("year").is_not_null() & parts)
        for field, concerned in _adding_up(sheets).items():
            terms = own.filter(pl.col("indicator").is_in(concerned) & pl.col(field).is_not_null()).select(
                "index",
                *key,
                name=pl.col("period"),
                whole=pl.col("period") == pl.col("year"),
                amount=pl.col(field),
                needed=pl.lit(needed),
            )
            _tell(rules, terms, key, field, "year", {"total": pl.col("indicator"), "year": pl.col("year")})


def _adding_up(sheets: Sequence[Indicator]) -> Mapping[str, Sequence[str]]:
    """Return the indicators whose numerators add up, and those whose denominators do: not the hours of one FTE."""
    ratios = [sheet.id for sheet in sheets if sheet.aggregation != "sum"]
    return {"numerator": [sheet.id for sheet in sheets], "denominator": ratios}


def _compared_with_wholes(rules: Rules, both: pl.DataFrame) -> pl.DataFrame:
    """Return the measures (their numbers) of which something may be wrong in a segment, in one pass, without a join.

    `above`: a segment, or those of one dimension together, may be above the whole; `without_whole`: there is none.
    Nearly every measure of a large file is sound: the rules look at the others row by row.
    """
    segments = both.select("segment", "segment:place").unique("segment:place", keep="any")
    whole_segment = segments.filter(pl.col("segment") == WHOLE_SEGMENT)["segment:place"].to_list()
    is_whole = pl.col("segment:place").is_in(whole_segment)
    dimensions = [
        segments.filter(pl.col("segment").str.starts_with(f"{dimension}="))["segment:place"].to_list()
        for dimension in DIMENSIONS
    ]
    sums: dict[str, list[pl.Expr]] = {"numerator": [], "denominator": []}
    above: list[pl.Expr] = []
    for field, concerned in _adding_up(list(rules.reading.catalogue)).items():
        amount, limit = pl.col(field), pl.col(f"whole:{field}") + TOLERANCE
        sums[field] = [
            pl.when(is_whole).then(amount).min().alias(f"whole:{field}"),
            pl.when(~is_whole).then(amount).max().alias(f"largest:{field}"),
            *(
                pl.when(pl.col("segment:place").is_in(parts)).then(amount).sum().alias(f"{place}:{field}")
                for place, parts in enumerate(dimensions)
                if len(parts) > 1
            ),
        ]
        together = [pl.col(f"{place}:{field}") > limit for place, parts in enumerate(dimensions) if len(parts) > 1]
        above.append(pl.col(f"largest:{field}") > limit)
        adds_up = [place for place, name in enumerate(rules.reading.catalogue.indicators) if name in concerned]
        above += [pl.col("indicator:place").is_in(adds_up) & sum_is_above for sum_is_above in together]
    without_whole = ~pl.col("whole")
    return (
        both.lazy()
        .group_by(MEASURE)
        .agg(*sums["numerator"], *sums["denominator"], is_whole.any().alias("whole"))
        .with_columns((pl.col(MEASURE) % len(rules.reading.catalogue.indicators)).alias("indicator:place"))
        .select(MEASURE, above=pl.any_horizontal(above).fill_null(value=False), without_whole=without_whole)
        .filter(pl.col("above") | pl.col("without_whole"))
        .collect()
    )


def _tell_segments(rules: Rules, both: pl.DataFrame) -> None:
    """A segment is not above the whole, nor are together those of a dimension that parts it without overlapping."""
    if both.is_empty():
        return
    key = [*OF]
    is_whole = pl.col("segment") == WHOLE_SEGMENT
    dimension = pl.col("segment").str.extract(rf"^({'|'.join(DIMENSIONS)})=")
    wholes = both.lazy().filter(is_whole).select(*key, *(pl.col(name).alias(f"whole:{name}") for name in COUNTS))
    parts = both.lazy().filter(~is_whole).with_columns(dimension=dimension).join(wholes, on=key).collect()
    together = _added_parts(parts, [*key, "dimension"])
    for field, concerned in _adding_up(list(rules.reading.catalogue)).items():
        limit = pl.col(f"whole:{field}") + TOLERANCE
        over = together.filter(pl.col("indicator").is_in(concerned) & (pl.col(field) > limit))
        exceeding = over.select(*key, "dimension", exceeding=pl.lit(value=True))
        above = parts.join(exceeding, on=[*key, "dimension"], how="left", maintain_order="left").filter(
            (pl.col(field) > limit).fill_null(value=False) | pl.col("exceeding").fill_null(value=False)
        )
        if above.is_empty():
            continue
        # A part that is above by itself is told alone, the others with those of their dimension.
        told = above.with_columns(part=pl.when(pl.col(field) > limit).then("segment").otherwise("dimension"))
        whole_rows = told.select(*key, "part").unique().join(both.filter(is_whole), on=key)
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
                for frame, whole in ((told, False), (whole_rows, True))
            ]
        )
        names = pl.col("parts:names").list.join(" + ")
        _tell(
            rules,
            terms.lazy(),
            [*key, "part"],
            field,
            "segment",
            {"total": pl.col("indicator"), "part": names},
            parts_first=True,
        )


def _added_parts(parts: pl.DataFrame, on: Sequence[str]) -> pl.DataFrame:
    """Add up the parts of each dimension beside their whole: the columns of `on`, counts and `whole:` counts.

    Parts that each repeat the whole are one row copied under several names: they are not added up.
    """
    wholes = [f"whole:{name}" for name in COUNTS]
    copied = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"whole:{name}")) for name in COUNTS)
    return (
        parts.lazy()
        .filter(pl.col("dimension").is_not_null())
        .group_by(on)
        .agg(pl.col(COUNTS).sum(), pl.col(wholes).first(), copied.all().alias("copied"))
        .filter(~pl.col("copied"))
        .drop("copied")
        .collect()
    )


def _tell(
    rules: Rules,
    terms: pl.LazyFrame,
    key: Sequence[str],
    field: str,
    cause: str | None,
    facts: Mapping[str, pl.Expr],
    *,
    parts_first: bool = False,
) -> None:
    """Tell (X03) the rows of the file in which a whole is not the sum of its parts, or is less than those there.

    `terms` has one row an amount: the columns of `key`, `index` (null for what is in force), `name`, `whole`, `amount`
    and `needed`, how many parts make the whole. Both values are told, and the siblings in force with theirs.
    """
    amount, is_whole = pl.col("amount"), pl.col("whole")
    found = (
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
                (pl.col("parts:amount") > pl.col("whole:amount") + TOLERANCE)
                | (pl.col("complete") & (pl.col("parts:amount") < pl.col("whole:amount") - TOLERANCE))
            )
        )
        .drop("new")
        .collect()
    )
    if found.is_empty():
        return
    in_force = pl.col("index").is_null()
    rows = terms.collect().join(found, on=list(key)).sort("whole", "name", descending=[True, False])
    siblings = rows.group_by(key).agg(
        pl.struct("name", "amount").filter(in_force).alias("held"),
        pl.col("name").filter(in_force).alias("send"),
        pl.col("name").filter(~is_whole).alias("parts:names"),
        (~in_force & is_whole).any().alias("new_whole"),
        (~in_force & ~is_whole).any().alias("new_part"),
    )
    told_at = (~is_whole | ~pl.col("new_part")) if parts_first else (is_whole | ~pl.col("new_whole"))
    told = rows.join(siblings, on=list(key)).filter(~in_force & told_at).sort("index")
    values = {**facts, "whole": pl.col("whole:amount"), "parts": pl.col("parts:amount")}
    beside = {"held": pl.col("held"), "send": pl.col("send").list.join(" · ")}
    complete, with_store = pl.col("complete"), pl.col("held").list.len() > 0
    for above, extent in ((None, complete), ("above", ~complete)):
        for in_force_too, broken, known in ((None, ~with_store, {}), ("in_force", with_store, beside)):
            name = "_".join(filter(None, (cause, above, in_force_too))) or None
            rules.tell(told, Rule("X03", extent & broken, field, values={**values, **known}, cause=name))


def _tell_parts_alone(rules: Rules, both: pl.DataFrame) -> None:
    """Ask once about each figure of which parts are sent, and no whole is there (X04): all that `both` holds."""
    alone = both.filter(pl.col("index").is_not_null())
    values = {"wanted": pl.col("indicator"), "period": pl.col("period"), "structure": pl.col("structure")}
    rules.tell(
        alone.unique(MEASURE, keep="first", maintain_order=True),
        Rule("X04", pl.lit(value=True), "segment", suggestion=pl.lit(WHOLE_SEGMENT), values=values, cause="whole"),
    )


def _tell_populations(rules: Rules, both: pl.DataFrame) -> None:
    """Indicators that declare the same population have one denominator in a structure, period and segment (X05).

    The one that most of them state is taken for right; of equals, the one in force, then the one that stands first.
    """
    of = [sheet.population for sheet in rules.reading.catalogue]
    names = {name: place for place, name in enumerate(dict.fromkeys(filter(None, of)))}
    populations = pl.lit(pl.Series([names.get(name or "") for name in of], dtype=pl.UInt64))
    key = ["population"]
    number = pl.col(SIBLINGS) * len(names) + populations.gather(pl.col("indicator:place"))
    counted = (
        both.lazy()
        .with_columns(number.alias("population"))
        .filter(pl.all_horizontal(pl.col(*COUNTS, "population").is_not_null()))
    )
    apart = (
        counted.group_by(key)
        .agg(
            pl.col("denominator").min().alias("least"),
            pl.col("denominator").max().alias("most"),
            pl.col("index").is_not_null().any().alias("new"),
        )
        .filter((pl.col("least") < pl.col("most")) & pl.col("new"))
        .select(key)
        .collect()
    )
    if apart.is_empty():
        return
    differing = counted.collect().join(apart, on=key, maintain_order="left")
    ranked = differing.with_columns(pl.len().over([*key, "denominator"]).alias("stated")).sort(
        "stated", "index", "indicator:place", descending=[True, False, False], nulls_last=False
    )
    first = ranked.unique(key, keep="first", maintain_order=True)
    new = ranked.filter(pl.col("index").is_not_null())
    told = _with_other(new, first, key)
    # Where only what is in force states another one, a row of the file says so.
    agreeing = new.join(told, on=key, how="anti").unique(key, keep="first", maintain_order=True)
    told = pl.concat([told, _with_other(agreeing, ranked.filter(pl.col("index").is_null()), key)]).sort("index")
    values = {
        "own": pl.col("denominator"),
        "wanted": pl.col("other:denominator"),
        "indicator": pl.col("other:indicator"),
    }
    in_force = pl.col("other:line").is_null()
    rules.tell(
        told,
        Rule("X05", ~in_force, "denominator", values=values | {"other": pl.col("other:line")}),
        Rule("X05", in_force, "denominator", values=values, cause="in_force"),
    )


def _with_other(rows: pl.DataFrame, others: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Return the rows that differ from another of their population, each with the first that it differs from."""
    named = ("indicator", "denominator", "line")
    beside = others.select(*key, *(pl.col(name).alias(f"other:{name}") for name in named))
    return (
        rows.join(beside, on=list(key), maintain_order="left")
        .filter(pl.col("denominator") != pl.col("other:denominator"))
        .unique("index", keep="first", maintain_order=True)
    )
