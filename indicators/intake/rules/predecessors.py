"""Rules on what structures continue: a known structure (I07), no circle (I07), one that has closed (X06)."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from indicators.intake.cells.references import References
from indicators.intake.report import SampleCell
from indicators.intake.rules.rule import RuleRun
from schemas.findings import Fact, Severity

COLUMN: Final = "predecessor"
Findings = dict[tuple[str, Severity], list[SampleCell]]


def resolve_predecessors(run: RuleRun, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with predecessors by their codes, and report those that a structure cannot continue.

    A predecessor is a structure of the file or of the store, written as structures are written elsewhere.
    """
    if rows[COLUMN].null_count() == rows.height:
        return rows
    references, in_file = References(run.snapshot), set(rows["structure"])
    findings: Findings = {}
    codes: list[str | None] = []
    for index, text in enumerate(rows[COLUMN]):
        code = text
        if text is not None and text not in in_file:
            code, notice = references.parse_structure(text)
            if notice is not None:
                suggestion = notice.suggestion or (references.closest_structure(text) if code is None else None)
                findings.setdefault((notice.code, notice.severity), []).append((index, text, suggestion, {}))
        codes.append(code)
    resolved = rows.with_columns(pl.Series(COLUMN, codes, pl.String))
    _find_circles(run, resolved, findings)
    _find_open_predecessors(run, resolved, findings)
    for (code, severity), lines in findings.items():
        run.report.add_sample(code, lines, len(lines), severity, COLUMN)
    return resolved


def _find_circles(run: RuleRun, rows: pl.DataFrame, findings: Findings) -> None:
    """Report the rows of structures that continue themselves, directly or by others."""
    known = {structure.id: structure.predecessor for structure in run.snapshot.structures.by_id.values()}
    continued: Mapping[str, str | None] = known | dict(rows.select("structure", COLUMN).iter_rows())
    for index, (structure, predecessor) in enumerate(rows.select("structure", COLUMN).iter_rows()):
        line = [structure]
        while predecessor is not None and predecessor not in line:
            line.append(predecessor)
            predecessor = continued.get(predecessor)
        if predecessor is not None and predecessor == structure:
            values: Mapping[str, Fact] = {"cause": "circle", "others": " → ".join([*line, structure])}
            findings.setdefault(("I07", Severity.BLOCKING), []).append((index, rows[COLUMN][index], None, values))


def _find_open_predecessors(run: RuleRun, rows: pl.DataFrame, findings: Findings) -> None:
    """Report new predecessors that have not closed: both would then go on."""
    known = run.snapshot.structures.by_id
    closed_on = {structure.id: structure.closed_on for structure in known.values()}
    closed_on |= dict(rows.select("structure", "closed_on").iter_rows())
    for index, (structure, predecessor) in enumerate(rows.select("structure", COLUMN).iter_rows()):
        is_new = structure not in known or known[structure].predecessor != predecessor
        if predecessor in closed_on and predecessor != structure and is_new and closed_on[predecessor] is None:
            values: Mapping[str, Fact] = {"cause": "open_predecessor"}
            findings.setdefault(("X06", Severity.CONFIRM), []).append((index, predecessor, None, values))
