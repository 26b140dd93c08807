"""Totals that cross one another: what several of them, taken together, give away of the structures behind them.

A region less a kind, the network less its other regions: each total may be safe, and their difference be one structure.
What is left of each total shown is an equation between what structures hide; sums of categories are equations too.
Structures that the same totals add up cannot be told from one another: only their sum may be found. Pure functions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

import polars as pl

from indicators.answer_cache import AnswerCache
from indicators.definitions.catalogue import Audience, Catalogue
from indicators.definitions.perimeters import Level
from indicators.disclosure.complementary import TOTAL, told_by_differences, told_by_nothing
from indicators.disclosure.linear_equations import Equations, proportional
from indicators.disclosure.thresholds import marked

OF: Final = ("family", "period")
CLASS: Final = (*OF, "alike")
MOST_SOLVED: Final = 5_000
SIBLINGS: Final = "siblings"
"""The name of the equations that link the categories of a structure: nothing of them can be hidden."""

Total = tuple[str, str, str]
"""A total of one period: its level, its name, its indicator."""


@dataclass
class _Table:
    """What is hidden of linked indicators in one period: a cell is one indicator of structures that are alike."""

    alike: list[str] = field(default_factory=list)
    """Of each cell, of which structures it is."""
    secret: list[bool] = field(default_factory=list)
    """Of each cell, whether it would be withheld as a figure of its own."""
    single: list[bool] = field(default_factory=list)
    """Of each cell, whether it is of one structure."""
    shown: dict[Total, dict[int, int]] = field(default_factory=dict)
    """The cells that are left of each total shown."""
    withheld: list[dict[int, int]] = field(default_factory=list)
    """The cells that are left of each total withheld, where no total shown cuts them."""
    siblings: list[dict[int, int]] = field(default_factory=list)
    """The cells that the sum of the categories of structures links."""
    size: dict[Total, int] = field(default_factory=dict)
    """How many structures are left of each total shown."""


def crossed(
    hidden: pl.DataFrame, inside: pl.DataFrame, unsafe: pl.DataFrame, catalogue: Catalogue, audience: Audience
) -> pl.DataFrame:
    """Return the totals, beside those that are `unsafe`, that have to go since the others give a structure away.

    `hidden` has one row a structure × indicator × period that is not shown, with what it counted; `inside` the same
    rows once for each total that adds them up: level, portion. Of the totals from which a secret follows the one that
    the fewest hidden structures make goes first, and the network's last. So does one of those whose difference could
    not be shown itself, and one that would leave nothing for others of its sum.
    """
    gone = unsafe
    while True:
        # Without the total that went, structures that it told apart may be alike: they are looked at again.
        more = [
            (level, portion, indicator, period)
            for period, table in _tables(hidden, inside, gone, catalogue, audience)
            for level, portion, indicator in _solved(table)
        ]
        solved = pl.DataFrame(more, schema=gone.schema, orient="row")
        # A total of which nothing could be solved may still be too much once others are taken from it.
        simple = [told_by_differences(inside, gone, catalogue, audience), told_by_nothing(inside, gone, catalogue)]
        went = pl.concat([solved, *(frame.select(gone.columns) for frame in simple)]).unique(maintain_order=True)
        if went.is_empty():
            return gone.join(unsafe, on=TOTAL, how="anti")
        gone = pl.concat([gone, went])
        again = _linked(went, catalogue)
        hidden, inside = (rows.join(again, on=["indicator", "period"], how="semi") for rows in (hidden, inside))


def _linked(totals: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Return the indicators, with those that sums link them to, and the periods of some totals: indicator, period."""
    pairs = totals.select("indicator", "period").unique().iter_rows()
    rows = {(linked, period) for name, period in pairs for linked in catalogue.linked([name])}
    return pl.DataFrame(sorted(rows), schema={"indicator": pl.String, "period": pl.String}, orient="row")


def _tables(
    hidden: pl.DataFrame, inside: pl.DataFrame, gone: pl.DataFrame, catalogue: Catalogue, audience: Audience
) -> Iterator[tuple[str, _Table]]:
    """Yield a table, and its period, for each family of indicators and period in which something could be found."""
    families = {name: total for total, parts in catalogue.sums.items() for name in (total, *parts)}
    family = pl.col("indicator").replace(families).alias("family")
    on = ["structure", "indicator", "period"]
    left = inside.join(gone, on=TOTAL, how="anti")
    cells = hidden.with_columns(pl.lit("").alias("where"), family)
    # Always in the same order: of several ways to protect a table, each process must find the same.
    for of_level in left.sort("level").partition_by("level"):
        # A structure stands in one total of a level at most.
        total = pl.concat_str("level", pl.lit(":"), "portion", pl.lit("|")).alias("total")
        cells = cells.join(of_level.select(*on, total), on=on, how="left").with_columns(
            pl.concat_str("where", pl.col("total").fill_null("")).alias("where")
        )
        cells = cells.drop("total")
    linked = pl.col("indicator").is_in(list(families))
    alike = (
        cells.filter(linked)
        .group_by("structure", *OF)
        .agg(pl.concat_str("indicator", "where", separator="=").sort().str.join(";").alias("alike"))
    )
    cells = cells.join(alike, on=["structure", *OF], how="left").with_columns(
        pl.coalesce("alike", "where").alias("alike")
    )
    known = cells.group_by(*CLASS, "indicator", "where").agg(
        pl.col("numerator").sum(),
        pl.when(pl.col("denominator").is_not_null().any()).then(pl.col("denominator").sum()).alias("denominator"),
        pl.len().alias("contributors"),
        (pl.col("weight").max() / pl.col("weight").sum()).alias("largest_share"),
    )
    known = marked(known, catalogue, audience, consolidated=True)
    whole = _uncut(inside, gone, cells, known).sort(*TOTAL, "alike")
    secrets = pl.concat([known.filter("hidden").select(OF), whole.select(OF)]).unique()
    asked = secrets.join(known.filter(pl.col("where") != ""), on=OF, how="semi")
    rows = known.join(asked, on=OF, how="semi").sort(*CLASS, "indicator").partition_by(OF, as_dict=True)
    apart = whole.partition_by(OF, as_dict=True)
    for key, of in rows.items():
        yield str(key[1]), _table(of, apart.get(key), catalogue)


def _uncut(inside: pl.DataFrame, gone: pl.DataFrame, cells: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return what is left of the totals withheld, where it is made of all the structures that are alike: cells."""
    on = [*CLASS, "indicator"]
    kept = cells.select("structure", "indicator", "period", "family", "alike")
    parts = (
        inside.join(gone, on=TOTAL, how="semi")
        .join(kept, on=["structure", "indicator", "period"])
        .group_by(*TOTAL, "family", "alike")
        .agg(pl.len().alias("inside"))
        .join(known.select(*on, "contributors"), on=on)
    )
    return parts.filter((pl.col("inside") == pl.col("contributors")).all().over(TOTAL))


def _table(known: pl.DataFrame, whole: pl.DataFrame | None, catalogue: Catalogue) -> _Table:
    table, number = _Table(), {}
    for place, row in enumerate(known.iter_rows(named=True)):
        number[row["alike"], row["indicator"]] = place
        table.alike.append(row["alike"])
        table.secret.append(row["hidden"])
        table.single.append(row["contributors"] == 1)
        for total in filter(None, row["where"].split("|")):
            level, _, portion = total.partition(":")
            name = (level, portion, row["indicator"])
            table.shown.setdefault(name, {})[place] = 1
            table.size[name] = table.size.get(name, 0) + row["contributors"]
    for total, parts in catalogue.sums.items():
        for alike in dict.fromkeys(table.alike):
            terms = {number[alike, name]: -1 for name in parts if (alike, name) in number}
            if (alike, total) in number:
                terms[number[alike, total]] = 1
            if len(terms) > 1:
                table.siblings.append(terms)
    if whole is not None:
        for of in whole.partition_by(TOTAL):
            pairs = of.select("alike", "indicator").iter_rows()
            table.withheld.append({number[alike, indicator]: 1 for alike, indicator in pairs})
    return table


_SOLVED: Final = AnswerCache(MOST_SOLVED)
"""What to withhold of the tables met last, by all that they hold: a deposit changes few of them."""


def _solved(table: _Table) -> Sequence[Total]:
    name = blake2b(repr(table).encode()).digest()
    return _SOLVED.get_or_compute(name, lambda: _to_withhold(table))


def _to_withhold(table: _Table) -> list[Total]:
    """Return the totals to withhold until no secret follows from those that are left: for each, the smallest used."""
    gone: list[Total] = []
    siblings = Equations()
    for terms in table.siblings:
        siblings.add(SIBLINGS, terms)
    while True:
        equations = siblings.copy()
        for name, terms in table.shown.items():
            if name not in gone:
                equations.add(name, terms)
        found = [[name for name in table.shown if name in used] for used in _used_for_secrets(table, equations)]
        smallest = {
            min(candidates, key=lambda name: (name[0] == Level.NETWORK, table.size[name], name))
            for candidates in found
            if candidates
        }
        if not smallest:
            return gone
        gone += sorted(smallest)


def _used_for_secrets(table: _Table, equations: Equations) -> Iterator[set[object]]:
    """Yield, for each secret that follows from equations, those from which it does."""
    for terms in table.withheld:
        if not equations.left_of(terms):
            yield equations.used_for(terms)
    tied: dict[tuple[tuple[int, int], ...], int] = {}
    for place, secret in enumerate(table.secret):
        if not secret:
            continue
        left = equations.left_of({place: 1})
        if not left:
            yield equations.used_for({place: 1})
        elif table.single[place]:
            # Who knows one of two structures knows the other: they are as two contributors to a total are.
            other = tied.setdefault(proportional(left), place)
            if table.alike[other] != table.alike[place]:
                yield _tying(equations, other, place)


def _tying(equations: Equations, one: int, other: int) -> set[object]:
    """Return the equations by which one unknown tells another."""
    return {*equations.used_for({one: 1}), *equations.used_for({other: 1})}
