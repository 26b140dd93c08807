"""Rules against the current measures of the store: values replaced (B04), repeated (B07) or missing (X04)."""

from collections.abc import Generator, Iterator, Sequence
from datetime import date
from functools import reduce
from typing import Final, Literal

import polars as pl

from indicators.definitions.periods import Frequency, Period
from indicators.disclosure import counted_from_registers
from indicators.intake.report import SAMPLE_SIZE
from indicators.intake.rules.row_keys import MEASURE, QUARTER, with_numbers
from indicators.intake.rules.rule import Rule, RuleRun
from indicators.queries.deposits.expected import ExpectedFigure, figures_expected_with
from schemas.measures import MEASURES, WHOLE_SEGMENT

MeasureQuery = Literal["current_measures_of_many", "current_measures_until"]
MAX_NAMED_STRUCTURES: Final = 100
"""Most structures that are listed in a query; beyond, a range is queried."""
STRUCTURE_BLOCK_ROWS: Final = 100_000
"""Rows above which a file is compared with the store in blocks of about that size."""
MIN_REPEATED_VALUES: Final = 3
"""Fewest values that must all repeat the previous quarter's to be reported: one or two are often the same."""
MEASURE_KEY: Final = ("structure", "period", "indicator", "segment")
AMOUNT_COLUMNS: Final = ("numerator", "denominator", "value")
CURRENT_SCHEMA: Final = pl.Schema(
    {
        **dict.fromkeys(MEASURE_KEY, pl.String()),
        "period_end": pl.Date(),
        **dict.fromkeys(AMOUNT_COLUMNS, pl.Float64()),
        "absence": pl.String(),
    }
)


def structure_blocks(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the rows in blocks of whole structures.

    No rule compares one structure with another: the current measures fetched for a block of a large file stay few.
    """
    if rows.height <= STRUCTURE_BLOCK_ROWS:
        yield rows
        return
    row_counts = (
        rows.group_by("structure:place").agg(pl.col("structure").first(), pl.len()).sort("structure", nulls_last=True)
    )
    # Rows whose structure could not be read stand together in the last block.
    row_counts = row_counts.select(
        "structure:place", block=(pl.col("len").cum_sum() - pl.col("len")) // STRUCTURE_BLOCK_ROWS
    )
    of_rows = rows.select("structure:place").join(
        row_counts, on="structure:place", how="left", nulls_equal=True, maintain_order="left"
    )["block"]
    for block in row_counts["block"].unique().sort():
        yield rows.filter(of_rows == block)


def blocks_with_stored(rules: RuleRun, rows: pl.DataFrame) -> Generator[tuple[pl.DataFrame, pl.DataFrame], None, None]:
    """Yield each block and the current measures of its structures, both with the numbers of their keys (`row_keys`)."""
    if rows.height <= STRUCTURE_BLOCK_ROWS:
        query: MeasureQuery = "current_measures_of_many" if rules.snapshot.knows_contested else "current_measures_until"
        yield with_numbers(rules.snapshot, rows, current_measures(rules, rows, query))
        return
    for block in structure_blocks(rows):
        yield with_numbers(rules.snapshot, block, current_measures(rules, block, "current_measures_of_many"))


def current_measures(run: RuleRun, rows: pl.DataFrame, query: MeasureQuery) -> pl.DataFrame:
    """Return the measures in force of the structures of a block, up to the end of the years it holds or owes."""
    structures = rows["structure"].unique().drop_nulls().sort().to_list()
    periods = [Period.parse(code) for code in rows["period"].unique().drop_nulls()]
    # A quarter is compared with the later quarters of its year, and with the year.
    ends = [
        max(period.end, date(period.start.year, 12, 31)) for period in (*periods, *_expected_periods(run.scope.period))
    ]
    if not (structures and ends and run.snapshot.may_hold(MEASURES)):
        return CURRENT_SCHEMA.to_frame()
    all_structures = len(structures) > MAX_NAMED_STRUCTURES
    return run.snapshot.query(
        query,
        structures=[] if all_structures else structures,
        first=structures[0],
        last=structures[-1],
        everyone=all_structures,
        until=max(ends),
    )


def differs_from(suffix: str) -> pl.Expr:
    """Whether a row's values differ from those joined to it, in the columns that end with `suffix`."""
    stated_differs = pl.col("numerator").is_null() & pl.col("value").ne_missing(pl.col(f"value{suffix}"))
    names = ("numerator", "denominator", "absence")
    return pl.any_horizontal(stated_differs, *(pl.col(name).ne_missing(pl.col(f"{name}{suffix}")) for name in names))


def removes_figure(former: str) -> pl.Expr:
    """Whether a row states an absence where a current figure exists, in the columns named by the pattern `former`."""
    figure = pl.coalesce(*(pl.col(former.format(name)) for name in ("numerator", "value")))
    return pl.col("absence").is_not_null() & figure.is_not_null()


def report_changes(run: RuleRun, rows: pl.DataFrame, current: pl.DataFrame) -> None:
    """Report the current figures that the file changes or removes, which the depositor must confirm (B04)."""
    replaced = current.filter(pl.col("period").is_in(rows["period"].unique().implode()))
    if replaced.is_empty():
        return
    key = [MEASURE, "segment:place"]
    joined = rows.join(
        replaced.select(*key, *AMOUNT_COLUMNS, "absence"), on=key, suffix=":former", maintain_order="left"
    )
    is_counted = pl.col("numerator").is_not_null() | pl.col("value").is_null()
    values = {
        "former": pl.coalesce("numerator:former", "value:former"),
        "former_denominator": pl.col("denominator:former"),
        "now": pl.coalesce("numerator", "value"),
        "now_denominator": pl.col("denominator"),
    }
    is_removed, former_figure = (
        removes_figure("{}:former"),
        {name: values[name] for name in ("former", "former_denominator")},
    )
    absence_in = {
        "numerator": pl.col("numerator:absence").is_not_null(),
        "value": pl.col("numerator:absence").is_null(),
    }
    run.apply(
        joined.filter(differs_from(":former")),
        Rule("B04", ~is_removed & is_counted, "numerator", values=values),
        Rule("B04", ~is_removed & ~is_counted, "value", values=values),
        *(
            Rule("B04", is_removed & is_here, at, values=former_figure, cause="taken_away")
            for at, is_here in absence_in.items()
        ),
    )


def report_unchanged_quarters(run: RuleRun, rows: pl.DataFrame, current: pl.DataFrame) -> None:
    """Report once a structure whose values all repeat its previous quarter's, in the store or in the file (B07)."""
    periods = [Period.parse(code) for code in rows["period"].unique().drop_nulls()]
    quarters = {period.code: period.shifted(-1).code for period in periods if period.frequency is Frequency.QUARTER}
    if not (quarters.keys() & set(quarters.values()) or current["period"].is_in(list(quarters.values())).any()):
        return
    file_signatures = _value_signatures(rows.lazy().filter(pl.col(MEASURE).is_not_null()))
    current_rows = current.lazy().filter(pl.col("period").is_in([*quarters, *quarters.values()]))
    stored_signatures = _value_signatures(current_rows.with_columns(index=pl.lit(0, pl.UInt32)))
    # What the file says of a quarter replaces what is in force of it.
    all_signatures = pl.concat([file_signatures, stored_signatures.join(file_signatures, on=QUARTER, how="anti")])
    before = all_signatures.select("structure", "signature", "values", pl.col("period").alias("before"))
    unchanged = (
        file_signatures.filter(pl.col("values") >= MIN_REPEATED_VALUES)
        .with_columns(pl.col("period").replace_strict(quarters, default=None, return_dtype=pl.String).alias("before"))
        .join(before, on=["structure", "signature", "values", "before"], how="semi")
        .sort("index")
    )
    values = {"structure": pl.col("structure"), "wanted": pl.col("before")}
    run.apply(unchanged, Rule("B07", pl.lit(value=True), "period", values=values))


def _value_signatures(rows: pl.LazyFrame) -> pl.DataFrame:
    """One row a structure and period: how many values it has, and a number that only the same ones give."""
    stated_value = pl.when(pl.col("numerator").is_null()).then("value")
    compared = [
        pl.col("indicator:place"),
        pl.col("segment:place"),
        pl.col("numerator"),
        pl.col("denominator"),
        stated_value,
    ]
    signature = reduce(pl.Expr.xor, (value.hash(seed) for seed, value in enumerate(compared)))
    return (
        rows.filter(pl.col("absence").is_null() & pl.coalesce("numerator", "value").is_not_null())
        .with_columns(signature.alias("signature"))
        .group_by(QUARTER)
        .agg(
            pl.col("structure", "period").first(),
            pl.col("signature").sum(),
            pl.len().alias("values"),
            pl.col("index").min(),
        )
        .collect()
    )


def _expected_periods(collected_period: Period | None) -> Iterator[Period]:
    """Yield the period of each frequency that ends in the collected period, if there is one."""
    if collected_period is None:
        return
    for frequency in Frequency:
        period = Period.latest_ended(collected_period.end, frequency)
        if period.end >= collected_period.start:
            yield period


def find_missing(run: RuleRun, rows: pl.DataFrame, current: pl.DataFrame) -> list[tuple[str, str]]:
    """Return the pairs of structure and indicator that are expected again and missing, for the structures of a block.

    An indicator that applies to a structure and was delivered for the previous period is expected again.
    """
    scope = run.scope
    if scope.period is None:
        return []
    structures = run.snapshot.structures
    reported_figures = [
        figure for figure in figures_expected_with(run.snapshot.catalogue, scope.period) if figure.is_reported
    ]
    expected_by_previous = {(figure.sheet.id, figure.period.shifted(-1).code): figure for figure in reported_figures}
    periods = {code for figure in reported_figures for code in (figure.period.code, figure.period.shifted(-1).code)}
    is_whole = pl.col("segment") == WHOLE_SEGMENT
    past_figures = current.filter(is_whole & pl.col("absence").is_null() & pl.col("period").is_in(list(periods)))
    keys = ["structure", "period", "indicator"]
    present_keys = set(past_figures.select(keys).unique().rows()) | set(rows.select(keys).unique().rows())
    missing_pairs: list[tuple[str, str]] = []
    for structure, period, indicator in sorted(past_figures.select(keys).unique().rows()):
        expected = expected_by_previous.get((indicator, period))
        is_concerned = structure in structures.by_id and structure == (scope.structure or structure)
        if expected is None or not is_concerned:
            continue
        if (
            expected.is_expected_of(structures, structure)
            and (structure, expected.period.code, indicator) not in present_keys
            and not (expected.sheet.counted_from and _is_counted(run, structure, expected))
        ):
            missing_pairs.append((structure, indicator))
    return missing_pairs


def _is_counted(run: RuleRun, structure: str, expected: ExpectedFigure) -> bool:
    return (structure, expected.sheet.id, expected.period.code) in counted_from_registers(run.snapshot)


def report_missing(run: RuleRun, missing_pairs: Sequence[tuple[str, str]]) -> None:
    """Report the expected figures that are missing (X04)."""
    for structure, indicator in missing_pairs[:SAMPLE_SIZE]:
        run.report.add(
            "X04", at="indicator", suggestion=indicator, count=len(missing_pairs), wanted=indicator, structure=structure
        )
