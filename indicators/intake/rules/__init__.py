"""Business rules: what a file may say, given the catalogue, the network and what is being collected.

They come after the contract, on typed columns. Each rule tells the lines that break it and says nothing else.
"""

from contextlib import closing

import polars as pl

from indicators.intake.rules.against_store import (
    blocks_with_stored,
    missing,
    tell_changes,
    tell_missing,
    tell_unchanged_quarters,
)
from indicators.intake.rules.calendar import calendar_rules, with_calendar
from indicators.intake.rules.coherence import tell_contradictions
from indicators.intake.rules.duplicates import repeated
from indicators.intake.rules.measures import (
    absence_rules,
    complete,
    count_rules,
    with_sheets,
)
from indicators.intake.rules.plausibility import tell_implausible
from indicators.intake.rules.registers import actions, depositor, participation, targets, tell_near_references
from indicators.intake.rules.rule import Collected, Rules
from indicators.intake.rules.structures import with_days
from indicators.intake.rules.units import unit_rules

__all__ = ["Collected", "Rules", "apply_rules"]


def apply_rules(rules: Rules) -> pl.DataFrame:
    """Apply the rules of a dataset; return the rows to be stored, each key once, in the columns of their table."""
    dataset = rules.table.dataset
    match dataset.name:
        case "measures":
            typed = complete(rules)
        case "structures":
            typed = with_days(rules)
        case _:
            typed = rules.typed
    again = repeated(rules, typed)
    rows = typed.with_row_index("index")
    once = rows if again is None else rows.filter(~again)
    match dataset.name:
        case "measures":
            _measures(rules, rows, once)
        case "actions":
            rules.tell(rows, *depositor(rules), *actions(rules))
            tell_near_references(rules, rows)
        case "participation":
            rules.tell(rows, *depositor(rules), *participation(rules))
        case "cibles":
            rules.tell(rows, *targets(rules))
        case _:
            pass
    rules.report_causes()
    return once.select(
        "line",
        *(column.name for column in dataset.columns),
        *(name for name in ("absence", "period_end") if name in once.columns),
    )


def _measures(rules: Rules, rows: pl.DataFrame, once: pl.DataFrame) -> None:
    """Hold measures against the catalogue, the calendar, each other and what is in force."""
    sheets, calendar = with_sheets(rules), with_calendar(rules, rows)
    told = (
        *depositor(rules),
        *unit_rules(rules),
        *count_rules(),
        *absence_rules(rules),
        *calendar_rules(rules),
    )
    rules.tell(rows, *told, facts=lambda lines: calendar(sheets(lines)))
    owed: list[tuple[str, str]] = []
    # Closed whatever happens: nobody may be asking the store any more when its reading ends.
    with closing(blocks_with_stored(rules, once)) as parts:
        for block, held in parts:
            tell_contradictions(rules, block, held)
            tell_changes(rules, block, held)
            tell_unchanged_quarters(rules, block, held)
            tell_implausible(rules, block, held, sheets)
            owed += missing(rules, block, held)
    tell_missing(rules, owed)
