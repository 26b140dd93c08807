"""Business rules: checks of a file against the catalogue, the network and the current collection.

They run after the contract, on typed columns. Each rule reports the lines that break it and changes nothing.
"""

from contextlib import closing
from typing import Final

import polars as pl

from indicators.intake.rules.against_store import (
    blocks_with_stored,
    find_missing,
    report_changes,
    report_missing,
    report_unchanged_quarters,
)
from indicators.intake.rules.calendar import calendar_columns, calendar_rules
from indicators.intake.rules.coherence import report_contradictions
from indicators.intake.rules.duplicates import report_repeated_keys
from indicators.intake.rules.measures import (
    absence_rules,
    complete_measures,
    count_rules,
    indicator_columns,
)
from indicators.intake.rules.participation import (
    participation_rules,
    report_counted_differently,
    report_near_requests,
    report_reported_differently,
    request_rules,
)
from indicators.intake.rules.plans_and_meetings import report_bodies, report_meetings, report_plan
from indicators.intake.rules.plausibility import report_implausible
from indicators.intake.rules.predecessors import resolve_predecessors
from indicators.intake.rules.references import report_unknown_actions
from indicators.intake.rules.registers import (
    action_rules,
    depositor_rules,
    own_rows,
    report_near_references,
    target_rules,
)
from indicators.intake.rules.rule import CollectionScope, RuleRun
from indicators.intake.rules.structures import resolve_structures
from indicators.intake.rules.units import unit_rules
from indicators.intake.rules.written_on_pages import report_written_on_pages

WRITTEN_ON_PAGES: Final = frozenset({"actions", "participation", "plan", "corps", "instances", "demandes"})
"""Datasets of which rows are written on pages too."""
__all__ = ["CollectionScope", "RuleRun", "apply_rules"]


def apply_rules(run: RuleRun) -> pl.DataFrame:
    """Apply the rules of a dataset; return the rows to store, each key once, with the columns of their table."""
    dataset = run.table.dataset
    match dataset.name:
        case "measures":
            parsed = complete_measures(run)
        case "structures":
            parsed = resolve_predecessors(run, resolve_structures(run))
        case _:
            parsed = run.parsed
    is_repeat = report_repeated_keys(run, parsed)
    rows = parsed.with_row_index("index")
    distinct_rows = rows if is_repeat is None else rows.filter(~is_repeat)
    if run.scope.own is not None:
        rows = own_rows(run, rows)
        distinct_rows = distinct_rows.join(rows, on="index", how="semi", maintain_order="left")
    match dataset.name:
        case "measures":
            _apply_measure_rules(run, rows, distinct_rows)
        case "actions":
            run.apply(rows, *depositor_rules(run), *action_rules(run))
            report_near_references(run, rows)
        case "participation":
            run.apply(rows, *depositor_rules(run), *participation_rules(run))
            report_counted_differently(run, rows)
        case "demandes":
            run.apply(rows, *depositor_rules(run), *request_rules(run))
            report_unknown_actions(run, rows)
            report_near_requests(run, rows)
        case "plan":
            run.apply(rows, *depositor_rules(run))
            report_plan(run, rows)
        case "corps":
            run.apply(rows, *depositor_rules(run))
            report_bodies(run, rows)
        case "instances":
            run.apply(rows, *depositor_rules(run))
            report_meetings(run, rows)
        case "cibles":
            run.apply(rows, *target_rules(run))
        case _:
            pass
    if dataset.name in WRITTEN_ON_PAGES:
        report_written_on_pages(run, distinct_rows)
    run.report_hits()
    return distinct_rows.select("line", *(column.name for column in dataset.stored_columns))


def _apply_measure_rules(run: RuleRun, rows: pl.DataFrame, distinct_rows: pl.DataFrame) -> None:
    """Check measures against the catalogue, the calendar, each other and the current measures."""
    add_indicators, add_calendar = indicator_columns(run), calendar_columns(run, rows)
    row_rules = (
        *depositor_rules(run),
        *unit_rules(run),
        *count_rules(),
        *absence_rules(run),
        *calendar_rules(run),
    )
    run.apply(rows, *row_rules, add_columns=lambda lines: add_calendar(add_indicators(lines)))
    report_reported_differently(run, rows)
    missing_pairs: list[tuple[str, str]] = []
    # Closed whatever happens: nobody may be asking the store any more when its reading ends.
    with closing(blocks_with_stored(run, distinct_rows)) as parts:
        for block, current in parts:
            report_contradictions(run, block, current)
            report_changes(run, block, current)
            report_unchanged_quarters(run, block, current)
            report_implausible(run, block, current, add_indicators)
            missing_pairs += find_missing(run, block, current)
    report_missing(run, missing_pairs)
