"""Business rules and their application: the lines of a table that break each rule, counted in full and sampled."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeAlias

import polars as pl

from indicators.definitions.periods import Period
from indicators.intake.report import SAMPLE_SIZE, Report, SampleCell
from indicators.intake.tables.header import Table
from indicators.snapshot import Snapshot
from schemas.findings import Fact, Severity

Suggestion: TypeAlias = pl.Expr | Callable[[str], str | None]
"""A suggested correction: an expression over the columns of the line, or a function of the cell's text."""

RULE_BLOCK_ROWS: Final = 2**17
"""Rows checked together: the columns added for the rules are freed before the next block."""

AddColumns: TypeAlias = Callable[[pl.LazyFrame], pl.LazyFrame]
"""A function that adds columns to the lines of a table, looked up by what they refer to."""


def add_nothing(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Return the lines without added columns."""
    return lines


def gather_columns(table: pl.DataFrame, place: str) -> list[pl.Expr]:
    """Return expressions for the columns of a table at each line's position in column `place`: quicker than a join."""
    return [pl.lit(table[name]).gather(pl.col(place)).alias(name) for name in table.columns]


@dataclass(frozen=True)
class CollectionScope:
    """The period being collected and the structure that deposits, where known (the deposit page knows both).

    `own` are the structures whose rows the depositor may store; null for any. `of_one_row` says that the file is a row
    written on a page, upon the version that its writer saw.
    """

    period: Period | None = None
    structure: str | None = None
    own: frozenset[str] | None = None
    of_one_row: bool = False

    @property
    def allowed(self) -> frozenset[str] | None:
        """The structures whose rows may be in the file; null for any."""
        if self.structure is None:
            return self.own
        return frozenset({self.structure}) if self.own is None else self.own & {self.structure}


@dataclass(frozen=True)
class Rule:
    """A business rule: a finding's code, and the lines that break it, where `broken` is true.

    The other fields fill the finding. `cause` distinguishes several causes of one code: each has its own sentence,
    count and group.
    """

    code: str
    broken: pl.Expr
    at: str | None = None
    severity: Severity | None = None
    suggestion: Suggestion | None = None
    values: Mapping[str, pl.Expr] = field(default_factory=dict)
    cause: str | None = None


@dataclass
class RuleHits:
    """The lines found so far that break a rule for one cause: their count, and the first of them."""

    rule: Rule
    count: int
    lines: pl.DataFrame

    def add_lines(self, count: int, lines: pl.DataFrame) -> None:
        """Add to the count, and keep the first lines of the file."""
        self.count += count
        self.lines = pl.concat([self.lines, lines], how="vertical_relaxed").sort("index").head(SAMPLE_SIZE)


@dataclass(frozen=True)
class RuleRun:
    """A run of the rules over one typed table: the table, the data to check it against, and the hits so far.

    A table may be checked in several blocks of rows: hits add up, and are reported once, at the end.
    """

    table: Table
    parsed: pl.DataFrame
    snapshot: Snapshot
    scope: CollectionScope
    today: date
    report: Report
    hits: dict[tuple[object, ...], RuleHits] = field(default_factory=dict)

    def apply(self, rows: pl.DataFrame, *rules: Rule, add_columns: AddColumns = add_nothing) -> None:
        """Find every line that breaks a rule.

        `rows` has `index`, the line of the table counted from 0; `add_columns` adds the columns that the rules need.
        All rules are checked in one pass over these columns; the other columns are computed for the hits only.
        """
        applicable = [
            rule for rule in rules if not (rule.code == "C01" and rule.at and rule.at not in self.report.columns)
        ]
        marks = {f"broken:{place}": rule.broken.fill_null(value=False) for place, rule in enumerate(applicable)}
        if not marks:
            return
        is_broken = pl.any_horizontal(list(marks.values())).alias("hit")
        hit_blocks: list[pl.DataFrame] = []
        for block in rows.iter_slices(RULE_BLOCK_ROWS):
            is_hit = add_columns(block.lazy()).select(is_broken).collect().to_series()
            if is_hit.any():
                hit_blocks.append(block.filter(is_hit))
            if sum(block_hits.height for block_hits in hit_blocks) > RULE_BLOCK_ROWS:
                self._split_by_rule(hit_blocks, applicable, marks, add_columns)
                hit_blocks = []
        if hit_blocks:
            self._split_by_rule(hit_blocks, applicable, marks, add_columns)

    def _split_by_rule(
        self,
        hit_blocks: Sequence[pl.DataFrame],
        applicable: Sequence[Rule],
        marks: Mapping[str, pl.Expr],
        add_columns: AddColumns,
    ) -> None:
        """Assign the lines that break any rule to the rules that they break."""
        hit_rows = add_columns(pl.concat(hit_blocks).lazy()).with_columns(**marks).collect()
        for mark, rule in zip(marks, applicable, strict=True):
            self._add_hits(rule, hit_rows.filter(mark))

    def _add_hits(self, rule: Rule, lines: pl.DataFrame) -> None:
        if lines.is_empty():
            return
        suggestion = rule.suggestion if isinstance(rule.suggestion, pl.Expr) else pl.lit(None)
        sample = lines.head(SAMPLE_SIZE).select(
            "index",
            suggestion.cast(pl.String).alias("suggestion"),
            *(value.alias(f"value:{name}") for name, value in rule.values.items()),
        )
        key = (rule.code, rule.severity, rule.at, rule.cause, *rule.values)
        rule_hits = self.hits.setdefault(key, RuleHits(rule, 0, sample.clear()))
        rule_hits.add_lines(lines.height, sample)

    def report_hits(self) -> None:
        """Add all hits to the report."""
        for rule_hits in self.hits.values():
            rule = rule_hits.rule
            texts = self.table.texts[rule.at] if rule.at else None
            sample: list[SampleCell] = []
            for row in rule_hits.lines.iter_rows(named=True):
                text = texts[row["index"]] if texts is not None else None
                suggestion = row["suggestion"]
                if text is not None and rule.suggestion is not None and not isinstance(rule.suggestion, pl.Expr):
                    suggestion = rule.suggestion(text)
                values = {name: _plain_fact(row[f"value:{name}"]) for name in rule.values}
                values |= {"cause": rule.cause} if rule.cause else {}
                sample.append((row["index"], text, suggestion, values))
            self.report.add_sample(rule.code, sample, rule_hits.count, rule.severity, rule.at)


def _plain_fact(value: Fact | date | list[float] | list[dict[str, Any]]) -> Fact:
    """Return a value that can fill a sentence: a date as ISO text, a list as a tuple, a struct as a pair."""
    match value:
        case date():
            return value.isoformat()
        case [dict(), *_] as named:
            return tuple(tuple(item.values()) for item in named if isinstance(item, dict))
        case list():
            return tuple(item for item in value if isinstance(item, float))
        case _:
            return value
