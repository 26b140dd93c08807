"""A rule told: which lines of a table break it, counted truly and sampled."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeAlias

import polars as pl

from indicators.definitions.periods import Period
from indicators.intake.report import SAMPLE, Line, Report
from indicators.intake.tables.header import Table
from indicators.network import Reading
from schemas.findings import Fact, Severity

Suggestion: TypeAlias = pl.Expr | Callable[[str], str | None]
"""What is proposed instead: from the columns of the line, or from the text of its cell."""

BLOCK: Final = 2**17
"""Rows looked at together: what the rules put beside them is let go before the next ones."""

Facts: TypeAlias = Callable[[pl.LazyFrame], pl.LazyFrame]
"""What is put beside the lines of a table, from what they name."""


def alone(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Put nothing beside the lines."""
    return lines


def looked_up(known: pl.DataFrame, place: str) -> list[pl.Expr]:
    """Return the columns of `known` as they stand at each line's `place` in it: much quicker than a join."""
    return [pl.lit(known[name]).gather(pl.col(place)).alias(name) for name in known.columns]


@dataclass(frozen=True)
class Collected:
    """What is being collected and from whom, where it is known (the page knows both)."""

    period: Period | None = None
    structure: str | None = None


@dataclass(frozen=True)
class Rule:
    """A code, and the lines that earn it: those where `broken` is true. The rest fills the finding.

    `cause` tells apart what one code says of several things: each has its sentence, its count and its group.
    """

    code: str
    broken: pl.Expr
    at: str | None = None
    severity: Severity | None = None
    suggestion: Suggestion | None = None
    values: Mapping[str, pl.Expr] = field(default_factory=dict)
    cause: str | None = None


@dataclass
class Cause:
    """The lines found so far that break a rule for the same reason: how many, and the first of them."""

    rule: Rule
    count: int
    lines: pl.DataFrame

    def add(self, count: int, lines: pl.DataFrame) -> None:
        """Count more lines, and keep those that stand first in the file."""
        self.count += count
        self.lines = pl.concat([self.lines, lines], how="vertical_relaxed").sort("index").head(SAMPLE)


@dataclass(frozen=True)
class Rules:
    """A typed table under examination, with all that the rules may look at, and what they have found.

    A table may be looked at in several blocks of its rows: what they find adds up, and is reported once, at the end.
    """

    table: Table
    typed: pl.DataFrame
    reading: Reading
    collected: Collected
    today: date
    report: Report
    causes: dict[tuple[object, ...], Cause] = field(default_factory=dict)

    def tell(self, rows: pl.DataFrame, *rules: Rule, facts: Facts = alone) -> None:
        """Find every line that breaks a rule.

        `rows` has `index`, the line of the table counted from 0; `facts` puts beside them what the rules look at. All
        the rules are looked at in one pass, over the columns they need; the others are fetched for what it finds.
        """
        told = [rule for rule in rules if not (rule.code == "C01" and rule.at and rule.at not in self.report.places)]
        marks = {f"broken:{place}": rule.broken.fill_null(value=False) for place, rule in enumerate(told)}
        if not marks:
            return
        broken = pl.any_horizontal(list(marks.values())).alias("hit")
        hits: list[pl.DataFrame] = []
        for block in rows.iter_slices(BLOCK):
            hit = facts(block.lazy()).select(broken).collect().to_series()
            if hit.any():
                hits.append(block.filter(hit))
            if sum(found.height for found in hits) > BLOCK:
                self._sort_out(hits, told, marks, facts)
                hits = []
        if hits:
            self._sort_out(hits, told, marks, facts)

    def _sort_out(
        self, hits: Sequence[pl.DataFrame], told: Sequence[Rule], marks: Mapping[str, pl.Expr], facts: Facts
    ) -> None:
        """Find which rule each of the lines that break one breaks."""
        found = facts(pl.concat(hits).lazy()).with_columns(**marks).collect()
        for mark, rule in zip(marks, told, strict=True):
            self._add(rule, found.filter(mark))

    def _add(self, rule: Rule, lines: pl.DataFrame) -> None:
        if lines.is_empty():
            return
        suggested = rule.suggestion if isinstance(rule.suggestion, pl.Expr) else pl.lit(None)
        shown = lines.head(SAMPLE).select(
            "index",
            suggested.cast(pl.String).alias("suggestion"),
            *(value.alias(f"value:{name}") for name, value in rule.values.items()),
        )
        key = (rule.code, rule.severity, rule.at, rule.cause, *rule.values)
        known = self.causes.setdefault(key, Cause(rule, 0, shown.clear()))
        known.add(lines.height, shown)

    def report_causes(self) -> None:
        """Put all that was found in the report."""
        for cause in self.causes.values():
            rule = cause.rule
            texts = self.table.texts[rule.at] if rule.at else None
            sample: list[Line] = []
            for row in cause.lines.iter_rows(named=True):
                text = texts[row["index"]] if texts is not None else None
                proposed = row["suggestion"]
                if text is not None and rule.suggestion is not None and not isinstance(rule.suggestion, pl.Expr):
                    proposed = rule.suggestion(text)
                values = {name: _plain(row[f"value:{name}"]) for name in rule.values}
                values |= {"cause": rule.cause} if rule.cause else {}
                sample.append((row["index"], text, proposed, values))
            self.report.tell_each(rule.code, sample, cause.count, rule.severity, rule.at)


def _plain(value: Fact | date | list[float] | list[dict[str, Any]]) -> Fact:
    """Return what a sentence can be filled with: a day as ISO writes it, a list as a tuple, a struct as a pair."""
    match value:
        case date():
            return value.isoformat()
        case [dict(), *_] as named:
            return tuple(tuple(each.values()) for each in named if isinstance(each, dict))
        case list():
            return tuple(each for each in value if isinstance(each, float))
        case _:
            return value
