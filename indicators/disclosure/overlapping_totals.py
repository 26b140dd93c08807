"""Secondary suppression across overlapping totals (region × kind × group).

Totals are suppressed until no hidden cell is solvable from the published ones: each total may be safe while a
difference (a region minus a kind, the network minus its other regions) is one structure. The residual of each total
shown is an equation between hidden figures of structures; sums of categories are equations too. Structures included in
the same totals form an equivalence class: only their sum can be solved. Pure functions of frames.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

import polars as pl

from indicators.answer_cache import AnswerCache
from indicators.definitions.catalogue import Audience, Catalogue
from indicators.definitions.perimeters import Level
from indicators.disclosure.complementary import TOTAL_KEY, totals_exposed_by_differences, totals_exposed_by_zero_sums
from indicators.disclosure.linear_equations import Equations, canonical_multiple
from indicators.disclosure.protections import Protection, in_force, in_force_key
from indicators.disclosure.thresholds import apply_primary_suppression
from indicators.figures.aggregation import largest_share, summed_counts

FAMILY_PERIOD: Final = ("family", "period")
CLASS_KEY: Final = (*FAMILY_PERIOD, "alike")
MAX_CACHED_TABLES: Final = 5_000
CATEGORY_SUMS: Final = "siblings"
"""Name of the equations that link the categories of a structure; they cannot be suppressed."""

TotalName = tuple[str, str, str]
"""Level, name and indicator of a total of one period."""


@dataclass
class _Table:
    """Hidden cells of linked indicators in one period; a cell is one indicator × equivalence class of structures."""

    equivalence_class: list[str] = field(default_factory=list)
    """Equivalence class of each cell."""
    sensitive: list[bool] = field(default_factory=list)
    """Whether each cell would be withheld as a figure of its own."""
    single_structure: list[bool] = field(default_factory=list)
    """Whether each cell is of one structure."""
    shown: dict[TotalName, dict[int, int]] = field(default_factory=dict)
    """Hidden cells of each total shown, with their coefficients."""
    withheld: list[dict[int, int]] = field(default_factory=list)
    """Hidden cells of each withheld total made of whole equivalence classes."""
    category_sums: list[dict[int, int]] = field(default_factory=list)
    """Equations between the cells of a total and of its categories."""
    size: dict[TotalName, int] = field(default_factory=dict)
    """Number of hidden structures in each total shown."""


def suppress_overlaps(
    hidden: pl.DataFrame,
    hidden_terms: pl.DataFrame,
    already_suppressed: pl.DataFrame,
    catalogue: Catalogue,
    audience: Audience,
) -> pl.DataFrame:
    """Return the totals to suppress, beside `already_suppressed`, because the others would reveal a structure.

    `hidden` has one row per structure × indicator × period that is not shown, with its counts; `hidden_terms` the same
    rows repeated for each total that includes them: level, portion. Of the totals that reveal a sensitive cell, the one
    with the fewest hidden structures is suppressed first, the network's last. Totals whose difference fails the primary
    rules, and totals that would leave zero for others of their sum, are suppressed too.
    """
    suppressed = already_suppressed
    while True:
        # Without a suppressed total, equivalence classes may merge: the affected tables are solved again.
        solved_rows = [
            (level, portion, indicator, period)
            for period, table in _tables(hidden, hidden_terms, suppressed, catalogue, audience)
            for level, portion, indicator in _solve_cached(table)
        ]
        solved = pl.DataFrame(solved_rows, schema=suppressed.schema, orient="row")
        # A total from which nothing can be solved may still reveal too much in a difference.
        exposed = []
        if in_force(Protection.DIFFERENCES):
            exposed.append(totals_exposed_by_differences(hidden_terms, suppressed, catalogue, audience))
        if in_force(Protection.EMPTY_TERMS):
            exposed.append(totals_exposed_by_zero_sums(hidden_terms, suppressed, catalogue))
        newly_suppressed = pl.concat([solved, *(frame.select(suppressed.columns) for frame in exposed)]).unique(
            maintain_order=True
        )
        if newly_suppressed.is_empty():
            return suppressed.join(already_suppressed, on=TOTAL_KEY, how="anti")
        suppressed = pl.concat([suppressed, newly_suppressed])
        affected = _linked_periods(newly_suppressed, catalogue)
        hidden, hidden_terms = (
            rows.join(affected, on=["indicator", "period"], how="semi") for rows in (hidden, hidden_terms)
        )


def _linked_periods(totals: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Return the indicators of some totals, with those linked to them by sums, and their periods: indicator, period."""
    pairs = totals.select("indicator", "period").unique().iter_rows()
    rows = {(linked, period) for name, period in pairs for linked in catalogue.with_linked([name])}
    return pl.DataFrame(sorted(rows), schema={"indicator": pl.String, "period": pl.String}, orient="row")


def _tables(
    hidden: pl.DataFrame, hidden_terms: pl.DataFrame, suppressed: pl.DataFrame, catalogue: Catalogue, audience: Audience
) -> Iterator[tuple[str, _Table]]:
    """Yield period and table for each family of indicators and period that may reveal a sensitive cell."""
    families = {name: total for total, parts in catalogue.sums.items() for name in (total, *parts)}
    family = pl.col("indicator").replace(families).alias("family")
    on = ["structure", "indicator", "period"]
    shown_terms = hidden_terms.join(suppressed, on=TOTAL_KEY, how="anti")
    cells = hidden.with_columns(pl.lit("").alias("where"), family)
    # A fixed order: of several ways to protect a table, each process must choose the same.
    for of_level in shown_terms.sort("level").partition_by("level"):
        # A structure belongs to one total of a level at most.
        total = pl.concat_str("level", pl.lit(":"), "portion", pl.lit("|")).alias("total")
        cells = cells.join(of_level.select(*on, total), on=on, how="left").with_columns(
            pl.concat_str("where", pl.col("total").fill_null("")).alias("where")
        )
        cells = cells.drop("total")
    is_linked = pl.col("indicator").is_in(list(families))
    classes = (
        cells.filter(is_linked)
        .group_by("structure", *FAMILY_PERIOD)
        .agg(pl.concat_str("indicator", "where", separator="=").sort().str.join(";").alias("alike"))
    )
    cells = cells.join(classes, on=["structure", *FAMILY_PERIOD], how="left").with_columns(
        pl.coalesce("alike", "where").alias("alike")
    )
    class_counts = cells.group_by(*CLASS_KEY, "indicator", "where").agg(
        *summed_counts(),
        pl.len().alias("contributors"),
        largest_share(pl.col("weight")),
    )
    class_counts = apply_primary_suppression(class_counts, catalogue, audience, consolidated=True)
    whole_classes = _whole_classes(hidden_terms, suppressed, cells, class_counts).sort(*TOTAL_KEY, "alike")
    secrets = pl.concat(
        [class_counts.filter("hidden").select(FAMILY_PERIOD), whole_classes.select(FAMILY_PERIOD)]
    ).unique()
    solvable = secrets.join(class_counts.filter(pl.col("where") != ""), on=FAMILY_PERIOD, how="semi")
    rows = (
        class_counts.join(solvable, on=FAMILY_PERIOD, how="semi")
        .sort(*CLASS_KEY, "indicator")
        .partition_by(FAMILY_PERIOD, as_dict=True)
    )
    withheld_by_key = whole_classes.partition_by(FAMILY_PERIOD, as_dict=True)
    for key, table_rows in rows.items():
        yield str(key[1]), _table(table_rows, withheld_by_key.get(key), catalogue)


def _whole_classes(
    hidden_terms: pl.DataFrame, suppressed: pl.DataFrame, cells: pl.DataFrame, class_counts: pl.DataFrame
) -> pl.DataFrame:
    """Return the cells of the withheld totals whose hidden structures are whole equivalence classes."""
    on = [*CLASS_KEY, "indicator"]
    cell_classes = cells.select("structure", "indicator", "period", "family", "alike")
    parts = (
        hidden_terms.join(suppressed, on=TOTAL_KEY, how="semi")
        .join(cell_classes, on=["structure", "indicator", "period"])
        .group_by(*TOTAL_KEY, "family", "alike")
        .agg(pl.len().alias("inside"))
        .join(class_counts.select(*on, "contributors"), on=on)
    )
    return parts.filter((pl.col("inside") == pl.col("contributors")).all().over(TOTAL_KEY))


def _table(class_counts: pl.DataFrame, withheld_classes: pl.DataFrame | None, catalogue: Catalogue) -> _Table:
    table, number = _Table(), {}
    for place, row in enumerate(class_counts.iter_rows(named=True)):
        number[row["alike"], row["indicator"]] = place
        table.equivalence_class.append(row["alike"])
        table.sensitive.append(row["hidden"])
        table.single_structure.append(row["contributors"] == 1)
        for total in filter(None, row["where"].split("|")):
            level, _, portion = total.partition(":")
            name = (level, portion, row["indicator"])
            table.shown.setdefault(name, {})[place] = 1
            table.size[name] = table.size.get(name, 0) + row["contributors"]
    for total, parts in catalogue.sums.items():
        for equivalence_class in dict.fromkeys(table.equivalence_class):
            terms = {number[equivalence_class, name]: -1 for name in parts if (equivalence_class, name) in number}
            if (equivalence_class, total) in number:
                terms[number[equivalence_class, total]] = 1
            if len(terms) > 1:
                table.category_sums.append(terms)
    if withheld_classes is not None:
        for total_rows in withheld_classes.partition_by(TOTAL_KEY):
            pairs = total_rows.select("alike", "indicator").iter_rows()
            table.withheld.append({number[alike, indicator]: 1 for alike, indicator in pairs})
    return table


_TABLE_CACHE: Final = AnswerCache(MAX_CACHED_TABLES)
"""Solved tables by a digest of their content: a deposit changes few of them."""


def _solve_cached(table: _Table) -> Sequence[TotalName]:
    key = blake2b(repr((table, in_force_key())).encode()).digest()
    return _TABLE_CACHE.get_or_compute(key, lambda: _solve(table))


def _solve(table: _Table) -> list[TotalName]:
    """Return the totals to suppress until the rest reveals no sensitive cell; each time, the smallest one used."""
    suppressed: list[TotalName] = []
    base_equations = Equations()
    for terms in table.category_sums:
        base_equations.add(CATEGORY_SUMS, terms)
    while True:
        equations = base_equations.copy()
        for name, terms in table.shown.items():
            if name not in suppressed:
                equations.add(name, terms)
        used_totals = [
            [name for name in table.shown if name in used] for used in _equations_exposing_secrets(table, equations)
        ]
        smallest = {
            min(candidates, key=lambda name: (name[0] == Level.NETWORK, table.size[name], name))
            for candidates in used_totals
            if candidates
        }
        if not smallest:
            return suppressed
        suppressed += sorted(smallest)


def _equations_exposing_secrets(table: _Table, equations: Equations) -> Iterator[set[object]]:
    """Yield, for each sensitive cell that the equations determine, the names of the equations used."""
    for terms in table.withheld if in_force(Protection.WITHHELD_RESTS) else ():
        if not equations.residual(terms):
            yield equations.provenance(terms)
    cell_by_residual: dict[tuple[tuple[int, int], ...], int] = {}
    for place, is_sensitive in enumerate(table.sensitive):
        if not is_sensitive:
            continue
        residual = equations.residual({place: 1})
        if not residual and in_force(Protection.EQUATIONS):
            yield equations.provenance({place: 1})
        elif residual and table.single_structure[place] and in_force(Protection.TIED_STRUCTURES):
            # Either of two structures could compute the other, like two contributors to a total.
            tied_cell = cell_by_residual.setdefault(canonical_multiple(residual), place)
            if table.equivalence_class[tied_cell] != table.equivalence_class[place]:
                yield _equations_linking(equations, tied_cell, place)


def _equations_linking(equations: Equations, first_cell: int, second_cell: int) -> set[object]:
    """Return the equations by which one unknown determines another."""
    return {*equations.provenance({first_cell: 1}), *equations.provenance({second_cell: 1})}
