"""Rules on the depositing structure (I08), and on registers and targets (C01, C20, X06)."""

import polars as pl

from indicators.definitions.periods import Period
from indicators.intake.rules.rule import Rule, RuleRun
from indicators.intake.rules.units import plain_unit_rules
from schemas.findings import Severity
from schemas.participation import OPEN_OCCASION_FORMS


def depositor_rules(run: RuleRun) -> list[Rule]:
    """Return the rule that rows are of the depositing structure (I08)."""
    structure = run.scope.structure
    if structure is None:
        return []
    return [Rule("I08", pl.col("structure") != structure, "structure", values={"own": pl.lit(structure)})]


def own_rows(run: RuleRun, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of structures for which the depositor may deposit, and report the others (I08).

    Nothing more is said of those: what is stored of other structures is not the depositor's to know.
    """
    own = run.scope.own
    if own is None:
        return rows
    is_own = pl.col("structure").is_in(sorted(own)).fill_null(value=False)
    run.apply(rows, Rule("I08", pl.col("structure").is_not_null() & ~is_own, "structure", cause="foreign"))
    return rows.filter(is_own)


def action_rules(run: RuleRun) -> list[Rule]:
    """Return the rules on actions: no closing without a verdict (METHODS 8), no day after today."""
    is_unverified = (pl.col("status") == "closed") & pl.col("effectiveness").is_null()
    return [
        _missing_cell_rule(run, is_unverified, "effectiveness"),
        *(after_today_rule(run, name) for name in ("opened_on", "done_on", "verified_on")),
        *plain_unit_rules(run, {}),
    ]


def report_near_references(run: RuleRun, rows: pl.DataFrame) -> None:
    """Report a new reference that differs from an open action's by case, zeros or separators (C20).

    Registers replace rows by reference: one action under two references would be counted twice.
    """
    structures = rows["structure"].unique().drop_nulls().sort().to_list()
    stored_references = run.snapshot.query("action_references", structures=structures)
    if stored_references.is_empty():
        return
    parts = _reference_parts("reference").alias("parts")
    open_references = stored_references.filter("open").select(
        "structure", parts, pl.col("reference").alias("open:reference")
    )
    new = rows.join(stored_references, on=["structure", "reference"], how="anti").with_columns(parts)
    near_references = new.join(open_references, on=["structure", "parts"]).unique("index", keep="first").sort("index")
    suggestion = pl.col("open:reference")
    run.apply(near_references, Rule("C20", pl.lit(value=True), "reference", suggestion=suggestion, cause="reference"))


def _reference_parts(name: str) -> pl.Expr:
    """Return the words and numbers of a reference, whatever its separators: « FA2026/012 » is « fa 2026 12 »."""
    return (
        pl.col(name)
        .str.to_lowercase()
        .str.replace_all(r"[^\p{L}0-9]+", " ")
        .str.replace_all(r"(\p{L})([0-9])", "$1 $2")
        .str.replace_all(r"([0-9])(\p{L})", "$1 $2")
        .str.replace_all(r"\b0+([0-9])", "$1")
        .str.strip_chars()
    )


def participation_rules(run: RuleRun) -> list[Rule]:
    """Return the rules on participation: held by today, in the collected period if there is one."""
    # At open forms more people may come than were invited; the contract refuses it for the other forms.
    is_over = (
        (pl.col("present") > pl.col("invited")) & (pl.col("invited") >= 0) & pl.col("form").is_in(OPEN_OCCASION_FORMS)
    )
    participation_checks = [
        Rule("X01", is_over, "present", Severity.CONFIRM, values={"invited": pl.col("invited")}),
        after_today_rule(run, "held_on"),
        *plain_unit_rules(run, {"hours": "h"}),
    ]
    period = run.scope.period
    if period is not None:
        is_outside = ~pl.col("held_on").is_between(period.start, period.end) & (pl.col("held_on") <= run.today)
        participation_checks.append(Rule("X06", is_outside, "held_on", values={"wanted": pl.lit(period.code)}))
    return participation_checks


def target_rules(run: RuleRun) -> list[Rule]:
    """Return the rules on targets: they end after they start; a value may have the unit of its indicator."""
    starts, ends = (_period_days(run, name) for name in ("starts", "ends"))
    is_percent = pl.col("indicator").is_in(
        [indicator.id for indicator in run.snapshot.catalogue if indicator.unit == "%"]
    )
    return [
        Rule("X06", starts > ends, "ends"),
        *plain_unit_rules(run, {"value": pl.when(is_percent).then(pl.lit("%"))}),
    ]


def _missing_cell_rule(run: RuleRun, broken: pl.Expr, name: str) -> Rule:
    """Return the rule that a cell must be filled, located at the row if the file does not have the optional column."""
    if name in run.report.columns:
        return Rule("C01", broken, name)
    return Rule("C01", broken, values={"header": pl.lit(run.table.dataset.column(name).french)})


def _period_days(run: RuleRun, name: str) -> pl.Expr:
    """Return the first day of the periods in `starts`, the last day of those in `ends`."""
    periods = {code: Period.parse(code) for code in run.parsed[name].unique().drop_nulls()}
    days = {code: period.start if name == "starts" else period.end for code, period in periods.items()}
    return pl.col(name).replace_strict(days, default=None, return_dtype=pl.Date)


def after_today_rule(run: RuleRun, name: str) -> Rule:
    """Return the rule that a day has come."""
    return Rule("X06", pl.col(name) > run.today, name, values={"today": pl.lit(run.today)})
