"""Rules on files of structures: changes to known structures, and the day from which they hold (B08, C01, B02).

Attributes hold from a day. A row without one that changes something holds from the first day of the collected period;
where no period is collected, the day is mandatory (C01). Earlier attributes stay valid for the past.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import polars as pl

from indicators.definitions.perimeters import Structure, StructureVersion
from indicators.definitions.periods import Period
from indicators.intake.report import SampleCell
from indicators.intake.rules.rule import RuleRun
from schemas.findings import Fact, Severity

DATED_ATTRIBUTES: Final = ("name", "kind", "group", "region", "department", "country", "siret", "bce", "predecessor")
"""Attributes that hold from a day."""
COMPLETABLE_ATTRIBUTES: Final = {"department", "siret", "bce", "predecessor"}
"""Attributes that may be completed without counting as a change."""
DAY_COLUMNS: Final = ("opened_on", "closed_on")
"""Days of opening and closing: facts of the structure, independent of `valid_from`."""
FIELD_BY_COLUMN: Final[Mapping[str, str]] = {"group": "group_name", "structure": "id"}
"""Fields of `Structure` by column, where the names differ."""

StructureRow = dict[str, object]


@dataclass
class _Changes:
    """The changes found, by code, column and severity."""

    lines: dict[tuple[str, str, Severity | None], list[SampleCell]] = field(default_factory=dict)

    def add(self, code: str, at: str, line: SampleCell, severity: Severity | None = None) -> None:
        self.lines.setdefault((code, at, severity), []).append(line)


def resolve_structures(run: RuleRun) -> pl.DataFrame:
    """Return the rows with the day from which each holds, and report what they change.

    Attributes whose column the file does not have stay as known. A row that changes nothing replaces the one that it
    repeats.
    """
    parsed, structures = run.parsed, run.snapshot.structures
    changes = _Changes()
    columns = [column.name for column in run.table.dataset.columns]
    repeated_ids = set(parsed.filter(parsed["structure"].is_duplicated())["structure"])
    figures_after = _figures_after_closing(run)
    rows: list[StructureRow] = []
    for index, row in enumerate(parsed.select(columns).iter_rows(named=True)):
        structure = structures.by_id.get(str(row["structure"]))
        if structure is not None:
            _fill_missing_columns(run, row, structure)
            past = structures.changed.get(structure.id) or [StructureVersion(structure, date.min, date.max)]
            _set_start_day(run, changes, index, row, past, has_several_rows=structure.id in repeated_ids)
            _check_days(run, changes, index, row, structure, figures_after.get(structure.id, []))
        rows.append(row)
    for (code, at, severity), lines in changes.lines.items():
        run.report.add_sample(code, lines, len(lines), severity, at)
    resolved = pl.DataFrame(rows, schema=parsed.select(columns).schema, orient="row")
    return parsed.with_columns(resolved[name] for name in columns)


def _fill_missing_columns(run: RuleRun, row: StructureRow, structure: Structure) -> None:
    """Fill the columns that the file does not have with the known attributes."""
    for name in (*DATED_ATTRIBUTES, *DAY_COLUMNS):
        if name not in run.report.columns:
            row[name] = _attribute(structure, name)


def _attribute(structure: Structure, name: str) -> object:
    return getattr(structure, FIELD_BY_COLUMN.get(name, name))


def _set_start_day(
    run: RuleRun,
    changes: _Changes,
    index: int,
    row: StructureRow,
    past: Sequence[StructureVersion],
    *,
    has_several_rows: bool,
) -> None:
    """Set the day from which a row holds, and report what changes on that day."""
    day, latest = row["valid_from"], past[-1].structure
    if not isinstance(day, date):
        # Among several rows of one structure, the one without a day is the first: it holds from the beginning.
        base = past[0].structure if has_several_rows else latest
        changed_names = _changed_attributes(row, base)
        if not changed_names or (has_several_rows and base.valid_from is None):
            row["valid_from"] = base.valid_from
            _add_attribute_changes(run, changes, index, row, base, changed_names)
            return
        day = row["valid_from"] = run.scope.period.start if run.scope.period else None
        if day is None:
            values: Mapping[str, Fact] = {"reason": "undated", "structure": str(row["structure"])}
            changes.add("C01", _field_or_header(run, "valid_from"), (index, None, None, values))
            return
    base = next(dated.structure for dated in past if dated.holds_from <= day <= dated.holds_until)
    changed_names = _changed_attributes(row, base)
    if changed_names and day > run.today:
        line = (index, None, None, {"reason": "attributes", "since": day.isoformat()})
        changes.add("B02", _field_or_header(run, "valid_from"), line)
    _add_attribute_changes(run, changes, index, row, base, changed_names)


def _changed_attributes(row: StructureRow, base: Structure) -> list[str]:
    """Return the attributes that a row changes, without unparsed ones and those that it completes."""
    changed_names = []
    for name in DATED_ATTRIBUTES:
        now, former = row[name], _attribute(base, name)
        is_unparsed = now is None and name in {"name", "kind", "region", "country"}
        if now != former and not is_unparsed and not (former is None and name in COMPLETABLE_ATTRIBUTES):
            changed_names.append(name)
    return changed_names


def _add_attribute_changes(
    run: RuleRun, changes: _Changes, index: int, row: StructureRow, base: Structure, changed_names: list[str]
) -> None:
    since = row["valid_from"]
    for name in changed_names:
        former, text = _attribute(base, name), _cell_text(run, name, index)
        values: dict[str, Fact] = {"former": None if former is None else str(former)}
        if not isinstance(since, date):
            values["of"] = "beginning"
        else:
            values["since"] = since.isoformat()
            if former is None or text is None:
                values["of"] = "joined" if former is None else "left"
        changes.add("B08", name, (index, text, None, values))


def _check_days(
    run: RuleRun,
    changes: _Changes,
    index: int,
    row: StructureRow,
    structure: Structure,
    figures_after: list[tuple[Period, int]],
) -> None:
    """Report a changed day of opening or closing, and a closing before existing figures."""
    for name in DAY_COLUMNS:
        former, now = _attribute(structure, name), row[name]
        text = _cell_text(run, name, index)
        if isinstance(former, date) and now != former and (now is not None or text is None):
            values: dict[str, Fact] = {"of": "day", "former": former.isoformat()}
            changes.add("B08", name, (index, text, None, values))
        elif name == "closed_on" and isinstance(now, date) and former is None:
            late_figures = [(period, count) for period, count in figures_after if period.start > now]
            if late_figures:
                last_period = max(period for period, _ in late_figures)
                values = {"of": "closing", "figures": sum(count for _, count in late_figures), "last": last_period.code}
                changes.add("B08", name, (index, text, None, values))


def _cell_text(run: RuleRun, name: str, index: int) -> str | None:
    text = run.table.texts[name][index]
    return None if text is None else str(text)


def _field_or_header(run: RuleRun, name: str) -> str:
    """Return the field of a finding, or its header where the file does not have the column."""
    return name if name in run.report.columns else run.table.dataset.column(name).french


def _figures_after_closing(run: RuleRun) -> Mapping[str, list[tuple[Period, int]]]:
    """Return, for each structure that the file closes, the periods of its current figures with their numbers."""
    closing = run.parsed.filter(pl.col("closed_on").is_not_null()).select("structure", "closed_on").drop_nulls()
    structures = [id_ for id_ in closing["structure"].unique() if id_ in run.snapshot.structures.by_id]
    earliest = closing["closed_on"].min()
    if not structures or not isinstance(earliest, date):
        return {}
    figures_by_structure: dict[str, list[tuple[Period, int]]] = {}
    for structure, period, count in _query_figures_after(run, structures, earliest):
        figures_by_structure.setdefault(structure, []).append((Period.parse(period), count))
    return figures_by_structure


def _query_figures_after(run: RuleRun, structures: list[str], earliest: date) -> Iterator[tuple[str, str, int]]:
    frame = run.snapshot.query("reported_periods_after", structures=structures, since=earliest)
    yield from frame.select("structure", "period", "figures").iter_rows()
