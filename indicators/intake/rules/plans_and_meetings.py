"""Rules on plans, bodies and meetings: their years and days (C03, X06), what they refer to (C20)."""

from typing import Final

import polars as pl

from indicators.definitions.periods import Frequency, Period
from indicators.intake.rules.references import known_actions, report_unknown, report_unknown_actions
from indicators.intake.rules.registers import after_today_rule
from indicators.intake.rules.rule import Rule, RuleRun

PLAN_FREQUENCIES: Final = (Frequency.YEAR, Frequency.SCHOOL_YEAR)
"""How long a plan may be: a calendar year or a school year."""
REFERENCE_SEPARATOR: Final = ","
"""Between the references of the actions that the decisions of a meeting became."""


def report_plan(run: RuleRun, rows: pl.DataFrame) -> None:
    """Report years of a plan that are none (C03), and actions that the register does not know (C20)."""
    periods = {code: Period.parse(code) for code in rows["year"].unique().drop_nulls()}
    others = [code for code, period in periods.items() if period.frequency not in PLAN_FREQUENCIES]
    years = {code: str(period.start.year) for code, period in periods.items()}
    run.apply(
        rows,
        Rule(
            "C03",
            pl.col("year").is_in(others),
            "year",
            suggestion=pl.col("year").replace_strict(years, default=None, return_dtype=pl.String),
            cause="plan_year",
        ),
    )
    report_unknown_actions(run, rows)


def report_bodies(run: RuleRun, rows: pl.DataFrame) -> None:
    """Report rows of a body whose days overlap those of a later one, in the file or in force (X06)."""
    structures = rows["structure"].unique().drop_nulls().sort().to_list()
    key = ["structure", "body", "holds_from"]
    stored = run.snapshot.query("body_names", structures=structures).join(rows, on=key, how="anti")
    spans = pl.concat([rows.select(*key, "holds_until"), stored.select(*key, "holds_until")]).drop_nulls(key).unique()
    # A row without an end holds until the day before the next one begins: only a day that was written can be too late.
    ended = spans.drop_nulls("holds_until").rename({"holds_from": "other_from", "holds_until": "other_until"})
    overlapping = (
        rows.join(ended, on=["structure", "body"])
        .filter(pl.col("other_from") < pl.col("holds_from"), pl.col("holds_from") <= pl.col("other_until"))
        .unique("index", keep="first")
        .sort("index")
    )
    # The end that comes too late may be in the file, and the row that it overlaps in force.
    later = spans.select("structure", "body", pl.col("holds_from").alias("later_from"))
    ends_late = (
        rows.join(later, on=["structure", "body"])
        .filter(pl.col("holds_from") < pl.col("later_from"), pl.col("later_from") <= pl.col("holds_until"))
        .join(rows, left_on=["structure", "body", "later_from"], right_on=key, how="anti")
        .unique("index", keep="first")
        .sort("index")
    )
    run.apply(overlapping, Rule("X06", pl.lit(value=True), "holds_from", cause="overlap"))
    run.apply(ends_late, Rule("X06", pl.lit(value=True), "holds_until", cause="overlap"))


def report_meetings(run: RuleRun, rows: pl.DataFrame) -> None:
    """Report meetings held after today (X06), of no declared body, or whose actions are not in the register (C20)."""
    run.apply(rows, after_today_rule(run, "held_on"))
    structures = rows["structure"].unique().drop_nulls().sort().to_list()
    bodies = run.snapshot.query("body_names", structures=structures).select("structure", pl.col("body").alias("named"))
    named = rows.select("index", "structure", pl.col("body").alias("named"))
    report_unknown(run, rows, named, bodies.unique(), "body", "unknown_body")
    actions = (
        rows.select("index", "structure", pl.col("actions").str.split(REFERENCE_SEPARATOR).alias("named"))
        .explode("named")
        .with_columns(pl.col("named").str.strip_chars())
        .filter(pl.col("named") != "")
    )
    report_unknown(run, rows, actions, known_actions(run, rows), "actions", "unknown_action")
