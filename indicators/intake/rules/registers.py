"""Rules of every file on who deposits it (I08), and of the registers and targets (C01, C20, X06)."""

import polars as pl

from indicators.definitions.periods import Period
from indicators.intake.rules.rule import Rule, Rules
from indicators.intake.rules.units import plain_unit_rules
from schemas.findings import Severity
from schemas.participation import OPEN_FORMS


def depositor(rules: Rules) -> list[Rule]:
    """Rows must be of the structure that deposits."""
    own = rules.collected.structure
    if own is None:
        return []
    return [Rule("I08", pl.col("structure") != own, "structure", values={"own": pl.lit(own)})]


def actions(rules: Rules) -> list[Rule]:
    """An action cannot be closed without a verdict (METHODS 8), nor opened, done or verified after today."""
    unverified = (pl.col("status") == "closed") & pl.col("effectiveness").is_null()
    return [
        _missing(rules, unverified, "effectiveness"),
        *(_after_today(rules, name) for name in ("opened_on", "done_on", "verified_on")),
        *plain_unit_rules(rules, {}),
    ]


def tell_near_references(rules: Rules, rows: pl.DataFrame) -> None:
    """Ask about a new reference that differs from an open action's by case, zeros or the marks between its parts (C20).

    Registers replace their rows by reference: the same action under two would be counted twice.
    """
    structures = rows["structure"].unique().drop_nulls().sort().to_list()
    known = rules.reading.ask("action_references", structures=structures)
    if known.is_empty():
        return
    parts = _parts_of_reference("reference").alias("parts")
    nearly = known.filter("open").select("structure", parts, pl.col("reference").alias("open:reference"))
    new = rows.join(known, on=["structure", "reference"], how="anti").with_columns(parts)
    found = new.join(nearly, on=["structure", "parts"]).unique("index", keep="first").sort("index")
    suggestion = pl.col("open:reference")
    rules.tell(found, Rule("C20", pl.lit(value=True), "reference", suggestion=suggestion, cause="reference"))


def _parts_of_reference(name: str) -> pl.Expr:
    """Return the words and numbers of a reference, however they are parted: « FA2026/012 » is « fa 2026 12 »."""
    return (
        pl.col(name)
        .str.to_lowercase()
        .str.replace_all(r"[^\p{L}0-9]+", " ")
        .str.replace_all(r"(\p{L})([0-9])", "$1 $2")
        .str.replace_all(r"([0-9])(\p{L})", "$1 $2")
        .str.replace_all(r"\b0+([0-9])", "$1")
        .str.strip_chars()
    )


def participation(rules: Rules) -> list[Rule]:
    """An occasion is held before today and in the period collected, if one is."""
    # Where people come as they wish, more may come than were invited: the contract refuses it of the other forms.
    more = (pl.col("present") > pl.col("invited")) & (pl.col("invited") >= 0) & pl.col("form").is_in(OPEN_FORMS)
    told = [
        Rule("X01", more, "present", Severity.CONFIRM, values={"invited": pl.col("invited")}),
        _after_today(rules, "held_on"),
        *plain_unit_rules(rules, {"hours": "h"}),
    ]
    period = rules.collected.period
    if period is not None:
        outside = ~pl.col("held_on").is_between(period.start, period.end) & (pl.col("held_on") <= rules.today)
        told.append(Rule("X06", outside, "held_on", values={"wanted": pl.lit(period.code)}))
    return told


def targets(rules: Rules) -> list[Rule]:
    """A target ends after it starts; it may be written with the unit of its indicator."""
    starts, ends = (_days(rules, name) for name in ("starts", "ends"))
    percent = pl.col("indicator").is_in([sheet.id for sheet in rules.reading.catalogue if sheet.unit == "%"])
    return [
        Rule("X06", starts > ends, "ends"),
        *plain_unit_rules(rules, {"value": pl.when(percent).then(pl.lit("%"))}),
    ]


def _missing(rules: Rules, broken: pl.Expr, name: str) -> Rule:
    """Tell that a cell must be filled, at its row where the file has no such column: it may be left out."""
    if name in rules.report.places:
        return Rule("C01", broken, name)
    return Rule("C01", broken, values={"header": pl.lit(rules.table.dataset.column(name).french)})


def _days(rules: Rules, name: str) -> pl.Expr:
    """Return the first day of the periods of `starts`, the last of those of `ends`."""
    periods = {code: Period.parse(code) for code in rules.typed[name].unique().drop_nulls()}
    days = {code: period.start if name == "starts" else period.end for code, period in periods.items()}
    return pl.col(name).replace_strict(days, default=None, return_dtype=pl.Date)


def _after_today(rules: Rules, name: str) -> Rule:
    return Rule("X06", pl.col(name) > rules.today, name, values={"today": pl.lit(rules.today)})
