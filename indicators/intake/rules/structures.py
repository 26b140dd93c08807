"""What a file of structures changes of those that are known, and from which day (B08, C01, B02).

Attributes hold from a day. A row that says none and changes something holds from the first day of the period that is
collected; where that is not known either, the file is asked for a day. What was before stays true of the past.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import polars as pl

from indicators.definitions.perimeters import Dated, Structure
from indicators.definitions.periods import Period
from indicators.intake.report import Line
from indicators.intake.rules.rule import Rules
from schemas.findings import Fact, Severity

DATED: Final = ("name", "kind", "group", "region", "department", "country", "siret", "bce", "predecessor")
"""Attributes that hold from a day."""
COMPLETED: Final = {"department", "siret", "bce", "predecessor"}
"""Those of which it changes nothing to fill one that was not known."""
DAYS: Final = ("opened_on", "closed_on")
"""Days are facts of the structure: they hold for the whole of its life."""
FIELD_OF: Final[Mapping[str, str]] = {"group": "group_name", "structure": "id"}
"""Fields of a structure that are called otherwise than the columns."""

Row = dict[str, object]


@dataclass
class _Changes:
    """What was found, by the code, the column and the form of what is said of it."""

    lines: dict[tuple[str, str, Severity | None], list[Line]] = field(default_factory=dict)

    def add(self, code: str, at: str, line: Line, severity: Severity | None = None) -> None:
        self.lines.setdefault((code, at, severity), []).append(line)


def with_days(rules: Rules) -> pl.DataFrame:
    """Return the rows with the day from which each holds, telling what it changes.

    A column that the file does not have says nothing: what is known stays. A row that changes nothing takes the place
    of the one it repeats.
    """
    typed, known = rules.typed, rules.reading.structures
    changes = _Changes()
    columns = [column.name for column in rules.table.dataset.columns]
    twice = set(typed.filter(typed["structure"].is_duplicated())["structure"])
    after = _figures_after(rules)
    rows: list[Row] = []
    for index, row in enumerate(typed.select(columns).iter_rows(named=True)):
        own = known.by_id.get(str(row["structure"]))
        if own is not None:
            _kept(rules, row, own)
            past = known.past.get(own.id) or [Dated(own, date.min, date.max)]
            _dated(rules, changes, index, row, past, several=own.id in twice)
            _days(rules, changes, index, row, own, after.get(own.id, []))
        rows.append(row)
    for (code, at, severity), lines in changes.lines.items():
        rules.report.tell_each(code, lines, len(lines), severity, at)
    resolved = pl.DataFrame(rows, schema=typed.select(columns).schema, orient="row")
    return typed.with_columns(resolved[name] for name in columns)


def _kept(rules: Rules, row: Row, own: Structure) -> None:
    """Fill what the file has no column for with what is known."""
    for name in (*DATED, *DAYS):
        if name not in rules.report.places:
            row[name] = _of(own, name)


def _of(structure: Structure, name: str) -> object:
    return getattr(structure, FIELD_OF.get(name, name))


def _dated(rules: Rules, changes: _Changes, index: int, row: Row, past: Sequence[Dated], *, several: bool) -> None:
    """Give a row the day from which it holds, and tell what changes on that day."""
    day, newest = row["valid_from"], past[-1].structure
    if not isinstance(day, date):
        # Of several rows of one structure, the one without a day is the first: it holds from the beginning.
        base = past[0].structure if several else newest
        changed = _changed(row, base)
        if not changed or (several and base.valid_from is None):
            row["valid_from"] = base.valid_from
            _tell(rules, changes, index, row, base, changed)
            return
        day = row["valid_from"] = rules.collected.period.start if rules.collected.period else None
        if day is None:
            values: Mapping[str, Fact] = {"reason": "undated", "structure": str(row["structure"])}
            changes.add("C01", _place(rules, "valid_from"), (index, None, None, values))
            return
    base = next(dated.structure for dated in past if dated.holds_from <= day <= dated.holds_until)
    changed = _changed(row, base)
    if changed and day > rules.today:
        line = (index, None, None, {"reason": "attributes", "since": day.isoformat()})
        changes.add("B02", _place(rules, "valid_from"), line)
    _tell(rules, changes, index, row, base, changed)


def _changed(row: Row, base: Structure) -> list[str]:
    """Return the attributes that a row changes; one that could not be read, or completes what is known, is none."""
    found = []
    for name in DATED:
        now, former = row[name], _of(base, name)
        unread = now is None and name in {"name", "kind", "region", "country"}
        if now != former and not unread and not (former is None and name in COMPLETED):
            found.append(name)
    return found


def _tell(rules: Rules, changes: _Changes, index: int, row: Row, base: Structure, changed: list[str]) -> None:
    since = row["valid_from"]
    for name in changed:
        former, text = _of(base, name), _text(rules, name, index)
        values: dict[str, Fact] = {"former": None if former is None else str(former)}
        if not isinstance(since, date):
            values["of"] = "beginning"
        else:
            values["since"] = since.isoformat()
            if former is None or text is None:
                values["of"] = "joined" if former is None else "left"
        changes.add("B08", name, (index, text, None, values))


def _days(
    rules: Rules, changes: _Changes, index: int, row: Row, own: Structure, after: list[tuple[Period, int]]
) -> None:
    """Tell a day of opening or closing that changes, and a closing before figures that exist."""
    for name in DAYS:
        former, now = _of(own, name), row[name]
        text = _text(rules, name, index)
        if isinstance(former, date) and now != former and (now is not None or text is None):
            values: dict[str, Fact] = {"of": "day", "former": former.isoformat()}
            changes.add("B08", name, (index, text, None, values))
        elif name == "closed_on" and isinstance(now, date) and former is None:
            late = [(period, count) for period, count in after if period.start > now]
            if late:
                last = max(period for period, _ in late)
                values = {"of": "closing", "figures": sum(count for _, count in late), "last": last.code}
                changes.add("B08", name, (index, text, None, values))


def _text(rules: Rules, name: str, index: int) -> str | None:
    text = rules.table.texts[name][index]
    return None if text is None else str(text)


def _place(rules: Rules, name: str) -> str:
    """Return the field at which something is told, or its header where the file has no such column."""
    return name if name in rules.report.places else rules.table.dataset.column(name).french


def _figures_after(rules: Rules) -> Mapping[str, list[tuple[Period, int]]]:
    """Return the periods of the figures in force of the structures that the file closes, with how many there are."""
    closing = rules.typed.filter(pl.col("closed_on").is_not_null()).select("structure", "closed_on").drop_nulls()
    structures = [id_ for id_ in closing["structure"].unique() if id_ in rules.reading.structures.by_id]
    earliest = closing["closed_on"].min()
    if not structures or not isinstance(earliest, date):
        return {}
    found: dict[str, list[tuple[Period, int]]] = {}
    for structure, period, count in _rows(rules, structures, earliest):
        found.setdefault(structure, []).append((Period.parse(period), count))
    return found


def _rows(rules: Rules, structures: list[str], earliest: date) -> Iterator[tuple[str, str, int]]:
    frame = rules.reading.ask("reported_periods_after", structures=structures, since=earliest)
    yield from frame.select("structure", "period", "figures").iter_rows()
