"""Rules on occasions of participation and on requests (C01, C20, X01, X02, X06).

A figure that the register of participation counts must agree with the one that a structure reported (X02), whichever
comes first.
"""

from typing import Final

import polars as pl

from indicators.figures.assemblies_and_boards import BOARD_SHARE, GENERAL_ASSEMBLY, count_assemblies_and_boards
from indicators.intake.rules.registers import (
    after_today_rule,
    missing_cell_rule,
    report_near_references,
)
from indicators.intake.rules.rule import Rule, RuleRun
from indicators.intake.rules.units import plain_unit_rules
from schemas.findings import Severity
from schemas.measures import MEASURES, WHOLE_SEGMENT
from schemas.participation import BOARD_SEATS, OPEN_OCCASION_FORMS, PARTICIPATION

FIGURE_KEY: Final = ("structure", "indicator", "period")
STATED_TOLERANCE: Final = 0.05
"""Largest difference of a rate that was typed without its counts: it is typed to one decimal."""
TYPED: Final = ("numerator", "denominator", "value")


def participation_rules(run: RuleRun) -> list[Rule]:
    """Return the rules on participation: held by today, in the collected period if there is one; seats of a board."""
    # At open forms more people may come than were invited; the contract refuses it for the other forms.
    is_over = (
        (pl.col("present") > pl.col("invited")) & (pl.col("invited") >= 0) & pl.col("form").is_in(OPEN_OCCASION_FORMS)
    )
    has_no_seats = (pl.col("form") == BOARD_SEATS) & pl.col("eligible").is_null()
    participation_checks = [
        Rule("X01", is_over, "present", Severity.CONFIRM, values={"invited": pl.col("invited")}),
        missing_cell_rule(run, has_no_seats, "eligible"),
        after_today_rule(run, "held_on"),
        *plain_unit_rules(run, {"hours": "h"}),
    ]
    period = run.scope.period
    if period is not None:
        is_outside = ~pl.col("held_on").is_between(period.start, period.end) & (pl.col("held_on") <= run.today)
        participation_checks.append(Rule("X06", is_outside, "held_on", values={"wanted": pl.lit(period.code)}))
    return participation_checks


def request_rules(run: RuleRun) -> list[Rule]:
    """Return the rules on requests: no day after today; an answer has its day, and a day of it its answer."""
    answer, answered_on, reported_on = (pl.col(name) for name in ("answer", "answered_on", "reported_back_on"))
    return [
        *(after_today_rule(run, name) for name in ("received_on", "answered_on", "reported_back_on")),
        missing_cell_rule(run, answer.is_not_null() & answered_on.is_null(), "answered_on"),
        missing_cell_rule(run, answer.is_null() & (answered_on.is_not_null() | reported_on.is_not_null()), "answer"),
    ]


def report_near_requests(run: RuleRun, rows: pl.DataFrame) -> None:
    """Report a new reference that differs from a request's without answer by case, zeros or separators (C20)."""
    report_near_references(run, rows, "request_references", "request")


def report_reported_differently(run: RuleRun, rows: pl.DataFrame) -> None:
    """Report the measures that are not what the register of participation counts of their year (X02)."""
    concerned = rows.filter(
        pl.col("indicator").is_in(_counted_sheets(run)) & (pl.col("segment") == WHOLE_SEGMENT) & _has_figure()
    )
    if concerned.is_empty() or not run.snapshot.may_hold(PARTICIPATION):
        return
    counted = count_assemblies_and_boards(run.snapshot.query("assemblies_and_boards"))
    compared = concerned.join(counted, on=FIGURE_KEY, suffix=":counted", maintain_order="left")
    values = {
        "now": pl.col("numerator:counted"),
        "now_denominator": pl.col("denominator:counted"),
        "indicator": pl.col("indicator"),
        "wanted": pl.col("period"),
    }
    is_stated = pl.col("numerator").is_null()
    for at, is_here in (("numerator", ~is_stated), ("value", is_stated)):
        run.apply(compared, Rule("X02", _differs(run) & is_here, at, values=values, cause="register"))


def report_counted_differently(run: RuleRun, rows: pl.DataFrame) -> None:
    """Report the assemblies and boards of a file with which a year is not what its structure reported (X02)."""
    filled = rows.filter(
        pl.col("form").is_in([GENERAL_ASSEMBLY, BOARD_SEATS])
        & (pl.col("eligible") > 0)
        & pl.all_horizontal(pl.col(name).is_not_null() for name in ("structure", "held_on", "present"))
    )
    if filled.is_empty() or not run.snapshot.may_hold(MEASURES):
        return
    columns = ["structure", "form", "held_on", "present", "eligible"]
    stored = run.snapshot.query("assemblies_and_boards").join(rows, on=["structure", "reference"], how="anti")
    counted = count_assemblies_and_boards(
        pl.concat([filled.select(columns), stored.select(columns)], how="vertical_relaxed")
    )
    of_file = count_assemblies_and_boards(filled)
    first_rows = filled.group_by("structure", "form", pl.col("held_on").dt.year().cast(pl.String).alias("period")).agg(
        pl.col("index").min()
    )
    form_of = pl.when(pl.col("indicator") == BOARD_SHARE).then(pl.lit(BOARD_SEATS))
    concerned = (
        counted.join(of_file, on=FIGURE_KEY, how="semi")
        .with_columns(form=form_of.otherwise(pl.lit(GENERAL_ASSEMBLY)))
        .join(first_rows, on=["structure", "form", "period"])
        .filter(pl.col("indicator").is_in(_counted_sheets(run)))
        .rename({"numerator": "numerator:counted", "denominator": "denominator:counted"})
        .join(_reported(run, counted), on=FIGURE_KEY)
        .sort("index")
    )
    values = {
        "former": pl.coalesce("numerator", "value"),
        "former_denominator": pl.col("denominator"),
        "now": pl.col("numerator:counted"),
        "now_denominator": pl.col("denominator:counted"),
        "indicator": pl.col("indicator"),
        "wanted": pl.col("period"),
    }
    run.apply(concerned, Rule("X02", _differs(run), "eligible", values=values, cause="reported"))


def _counted_sheets(run: RuleRun) -> list[str]:
    return [sheet.id for sheet in run.snapshot.catalogue if sheet.counted_from]


def _has_figure() -> pl.Expr:
    return pl.coalesce("numerator", "value").is_not_null()


def _reported(run: RuleRun, counted: pl.DataFrame) -> pl.DataFrame:
    """Return the figures in force that some structures reported of the indicators that registers count."""
    structures = counted["structure"].unique().sort().to_list()
    measures = run.snapshot.query(
        "current_measures_of_many",
        structures=structures,
        first=structures[0],
        last=structures[-1],
        everyone=False,
        until=counted["period_end"].max(),
    )
    return measures.filter(
        pl.col("indicator").is_in(_counted_sheets(run)) & (pl.col("segment") == WHOLE_SEGMENT) & _has_figure()
    ).select(*FIGURE_KEY, *TYPED)


def _differs(run: RuleRun) -> pl.Expr:
    """Whether what was typed is not what is counted: by its counts, or by its value where there is nothing else."""
    scale = pl.col("indicator").replace_strict(
        {sheet.id: sheet.scale for sheet in run.snapshot.catalogue}, default=None, return_dtype=pl.Float64
    )
    counted, whole = pl.col("numerator:counted"), pl.col("denominator:counted")
    # A rate may be typed with one of its counts alone.
    other_counts = (pl.col("numerator") != counted) | (pl.col("denominator") != whole).fill_null(value=False)
    other_value = (pl.col("value") - counted / whole * scale).abs() > STATED_TOLERANCE
    return pl.when(pl.col("numerator").is_not_null()).then(other_counts).otherwise(other_value)
