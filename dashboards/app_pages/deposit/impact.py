"""What a deposit would change, before it is made: figures in force, with both values, and those not to be published."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from dashboards.app_pages.page_context import Visit
from dashboards.components.html import Cell, details, heading, table, text
from dashboards.wording import formatting as numbers
from dashboards.wording.translations import Words
from indicators.definitions.catalogue import Catalogue
from indicators.definitions.perimeters import Structures
from indicators.definitions.periods import Period
from indicators.intake.impact import Effects

KINDS: Final = ("new", "changed", "unchanged", "dropped")
WHOLE_SEGMENT: Final = "ensemble"
UNFOLDED: Final = 12
"""Rows of changes that are shown at once; more of them are folded."""


def changes(visit: Visit, found: Effects) -> str:
    """Return the counts of what changes, the changed figures with both values, and what will be withheld."""
    words = visit.words
    counted = [words(f"change.{kind}", count=found.counts.get(kind, 0)) for kind in KINDS if found.counts.get(kind, 0)]
    html = (
        heading(3, words("change.title"))
        + f"<p>{text(words('change.lines', told=words('list.separator').join(counted)))}</p>"
    )
    with visit.house.network.reading() as reading:
        structures, catalogue = reading.structures, reading.catalogue
    rows = [row for row in found.changes.iter_rows(named=True) if row["kind"] in {"changed", "dropped"}]
    if rows:
        told = _both_values(rows, structures, catalogue, words)
        total = found.counts.get("changed", 0) + found.counts.get("dropped", 0)
        title = words("change.show", count=len(rows), total=total)
        html += told if len(rows) <= UNFOLDED else details(title, told)
    if not found.withheld.is_empty():
        html += _withheld(found, structures, catalogue, words)
    if found.not_looked_at:
        html += f'<p class="under">{text(words("change.not_looked_at", count=found.not_looked_at))}</p>'
    return f'<div class="changes">{html}</div>'


def _both_values(rows: list[dict[str, Any]], structures: Structures, catalogue: Catalogue, words: Words) -> str:
    several = len({row["structure"] for row in rows}) > 1
    lines = []
    for row in rows:
        name = _figure(row, structures, catalogue, words, several=several)
        after = _value(row, "", words)
        if row["kind"] == "dropped":
            after = words("change.taken_away", absence=after)
        lines.append([Cell(name), Cell(text(_value(row, "former_", words)), True), Cell(text(after), True)])
    headers = [words(f"change.{name}") for name in ("figure", "before", "after")]
    return table(words("change.caption"), headers, lines)


def figures_gone(rows: pl.DataFrame, structures: Structures, catalogue: Catalogue, words: Words) -> list[str]:
    """Return each figure that a deposit or a withdrawal takes away, as HTML: its name and the value that goes.

    `rows` has structure, period, indicator, segment, numerator, denominator and value.
    """
    several = rows["structure"].n_unique() > 1
    return [
        _figure(row, structures, catalogue, words, several=several, also=_count(row, "", words))
        for row in rows.iter_rows(named=True)
    ]


def gone_list(rows: pl.DataFrame, structures: Structures, catalogue: Catalogue, title: str, words: Words) -> str:
    """Return the list of the figures that go under its title, folded where it is long; nothing if none goes."""
    if rows.is_empty():
        return ""
    listed = "".join(f"<li>{line}</li>" for line in figures_gone(rows, structures, catalogue, words))
    shown = f"<ul>{listed}</ul>"
    return f"<p>{text(title)}</p>" + (
        shown if rows.height <= UNFOLDED else details(words("change.withheld.show"), shown)
    )


def _figure(
    row: Mapping[str, Any], structures: Structures, catalogue: Catalogue, words: Words, *, several: bool, also: str = ""
) -> str:
    """Return the name of a figure: its indicator and, quietly, its period, its segment, whose it is, and what else."""
    aside = [numbers.period(Period.parse(row["period"]), words)]
    if row.get("segment", WHOLE_SEGMENT) != WHOLE_SEGMENT:
        aside.append(row["segment"])
    if several:
        aside.append(structures[row["structure"]].name)
    if also:
        aside.append(also)
    label = catalogue[row["indicator"]].label(words.language)
    return f'{text(label)} <span class="aside">{text(" · ".join(aside))}</span>'


def _value(row: Mapping[str, Any], which: str, words: Words) -> str:
    """Write what was counted, or the rate that was stated, or why there is neither."""
    absence = row[f"{which}absence"]
    return _count(row, which, words) if absence is None else words(f"change.absence.{absence}")


def _count(row: Mapping[str, Any], which: str, words: Words) -> str:
    """Write what was counted, or the rate that was stated."""
    numerator, denominator, value = (row[f"{which}{name}"] for name in ("numerator", "denominator", "value"))
    if numerator is None:
        return words("change.nothing") if value is None else _written(value, words)
    counted = _written(numerator, words)
    return counted if denominator is None else f"{counted} / {_written(denominator, words)}"


def _written(number: float, words: Words) -> str:
    """Write a number with the decimals it has, two at most."""
    text_ = f"{abs(number):.2f}".rstrip("0").partition(".")[2]
    return numbers.number(number, len(text_), words.language)


def _withheld(found: Effects, structures: Structures, catalogue: Catalogue, words: Words) -> str:
    """Say which public figures will not be shown any more once the file is stored, and what they are today."""
    rows = list(found.withheld.iter_rows(named=True))
    several = len({row["structure"] for row in rows}) > 1
    listed = ""
    for row in rows:
        today = words("change.today", status=words(f"status.{row['before']}"))
        listed += f"<li>{_figure(row, structures, catalogue, words, several=several, also=today)}</li>"
    told = f"<p>{text(words('change.withheld', count=len(rows)))}</p>"
    shown = f"<ul>{listed}</ul>"
    return told + (shown if len(rows) <= UNFOLDED else details(words("change.withheld.show"), shown))
