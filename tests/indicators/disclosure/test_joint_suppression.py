"""Structures and the perimeters that add them up give no hidden structure away, whoever asks and however."""

from __future__ import annotations

from collections import Counter
from datetime import date
from fractions import Fraction
from itertools import combinations
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import polars as pl
import pytest

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Period
from indicators.disclosure import suppression_masks as linked
from indicators.disclosure.control import suppress
from indicators.disclosure.thresholds import MIN_CONTRIBUTORS
from indicators.figures.figure import Status
from indicators.figures.time_steps import TimeStep
from indicators.network import Network
from indicators.queries.figures.by_structure import figures_by_structure
from indicators.queries.figures.figures import perimeter_figures
from indicators.queries.figures.multi_indicator import figures_of_structures
from indicators.queries.figures.series import read_series
from indicators.snapshot import QueryContext
from tests.builders import TODAY, measure, measures, stored, structure, structures
from tests.conftest import sample
from tests.indicators.disclosure.test_control import CATALOGUE, PARTS, TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from indicators.snapshot import Snapshot

PUBLIC, MEMBERS = Audience.PUBLIC, Audience.NETWORK
WOMEN, HOURS = "women_share", "absenteeism_rate"
YEAR, QUARTER = Period.parse("2025"), Period.parse("2026-T2")

Counts = tuple[int, int]


class Place(NamedTuple):
    """A structure of a small network."""

    region: str = "normandie"
    kind: str = "ACI"
    group: str = ""


def opened(folder: Path, places: dict[str, Place], *rows: str) -> Network:
    network = Network(str(folder))
    stored(network, structures(*(structure(code, of.kind, of.region, of.group) for code, of in places.items())))
    stored(network, measures(*rows))
    return network


def status(
    snapshot: Snapshot, perimeter: str, indicator: str = WOMEN, period: Period = YEAR, audience: Audience = PUBLIC
) -> str:
    where, sheet = snapshot.structures.parse_perimeter(perimeter), snapshot.catalogue[indicator]
    (row,) = perimeter_figures(
        QueryContext(snapshot, audience, date.max), where, [sheet], period.end, period.end
    ).rows.to_dicts()
    return str(row["status"])


def hidden_structures(snapshot: Snapshot, indicator: str, period: Period, audience: Audience = PUBLIC) -> set[str]:
    rows = figures_by_structure(
        QueryContext(snapshot, audience, date.max), NETWORK, snapshot.catalogue[indicator], period
    ).rows
    return set(rows.filter(pl.col("status") == Status.WITHHELD)["structure"])


def of_region(region: str, *counts: Counts) -> dict[str, tuple[Place, Counts]]:
    return {f"{region}-{n}": (Place(region), own) for n, own in enumerate(counts)}


LARGE = of_region("bretagne", (60, 120), (61, 122), (62, 124), (63, 126))
SMALL = of_region("occitanie", (3, 40), (4, 41), (4, 42), (3, 43), (50, 100))
"""Structures hidden elsewhere: enough is left of the network for the others to be decided without it."""


def network_of(folder: Path, known: dict[str, tuple[Place, Counts]]) -> Network:
    rows = [measure(code, YEAR.code, WOMEN, *own) for code, (_, own) in known.items()]
    return opened(folder, {code: place for code, (place, _) in known.items()}, *rows)


# The vectors of METHODS 6


def test_a_region_whose_structures_are_all_shown_but_one_is_withheld(tmp_path: Path) -> None:
    known = of_region("normandie", (20, 40), (30, 60), (40, 80), (3, 30))
    with network_of(tmp_path, known | LARGE | SMALL) as network, network.snapshot() as snapshot:
        assert status(snapshot, "normandie-3") == "withheld", "three women"
        assert status(snapshot, "region:normandie") == "withheld", "or it is the region less the others"
        assert status(snapshot, "normandie-0") == "ok", "a structure's own figure stays"
        assert status(snapshot, "region:occitanie") == "withheld", "or it is the network less Occitanie and those shown"
        assert status(snapshot, "reseau") == "ok"


def test_ten_of_whom_three_found_a_job_are_not_derived_from_thirty_leavers_and_twenty(tmp_path: Path) -> None:
    """30 leavers of whom 23 found a job, 20 of them in the structures shown: 3 of 10 would be left."""
    known = of_region("normandie", (20, 20 + 10), (3, 10)) | of_region("corse", (4, 30), (4, 31), (4, 32))
    rows = [measure(code, QUARTER.code, "cisp_job_exit_rate", *own) for code, (_, own) in known.items()]
    places = {code: place._replace(kind="CISP") for code, (place, _) in known.items()}
    with opened(tmp_path, places, *rows) as network, network.snapshot() as snapshot:
        for audience in (PUBLIC, MEMBERS):
            assert status(snapshot, "normandie-0", "cisp_job_exit_rate", QUARTER, audience) == "ok"
            assert status(snapshot, "region:normandie", "cisp_job_exit_rate", QUARTER, audience) == "withheld"
            assert status(snapshot, "reseau", "cisp_job_exit_rate", QUARTER, audience) == "ok"
            assert status(snapshot, "region:corse", "cisp_job_exit_rate", QUARTER, audience) == "withheld"


def test_two_structures_in_a_region_beside_one_shown_would_deduce_one_another(tmp_path: Path) -> None:
    known = of_region("normandie", (20, 40), (30, 60), (40, 80), (3, 30), (2, 30), (40, 90))
    with network_of(tmp_path, known | LARGE | SMALL) as network, network.snapshot() as snapshot:
        assert status(snapshot, "region:normandie") == "withheld", "5 of 60 are two structures'"


def test_three_hidden_structures_leave_the_region_shown_if_together_they_could_be(tmp_path: Path) -> None:
    known = of_region("normandie", (20, 40), (30, 60), (40, 80), (3, 30), (2, 30), (4, 30))
    with network_of(tmp_path, known | LARGE) as network, network.snapshot() as snapshot:
        assert status(snapshot, "region:normandie") == "ok", "9 of 90 are three structures'"
        assert hidden_structures(snapshot, WOMEN, YEAR) == {"normandie-3", "normandie-4", "normandie-5"}


@pytest.mark.parametrize(("largest", "shown"), [(850, "ok"), (860, "withheld")])
def test_what_is_left_is_withheld_when_86_percent_of_it_is_one_structures(
    tmp_path: Path, largest: int, shown: str
) -> None:
    rest = 1_000 - largest
    known = of_region("normandie", (300, 700), (300, 700), (4, largest), (4, rest // 2), (4, rest - rest // 2))
    with network_of(tmp_path, known | LARGE | SMALL) as network, network.snapshot() as snapshot:
        assert status(snapshot, "region:normandie") == shown


def test_a_group_less_its_members_tells_nothing(tmp_path: Path) -> None:
    places = (Place("normandie", group="Alpha (fictif)"), Place("bretagne", group="Alpha (fictif)"))
    known = {
        "alpha-0": (places[0], (20, 40)),
        "alpha-1": (places[1], (20, 40)),
        "alpha-2": (places[0], (20, 40)),
        "alpha-3": (places[1], (3, 30)),
    }
    with network_of(tmp_path, known | LARGE | SMALL) as network, network.snapshot() as snapshot:
        assert status(snapshot, "groupe:alpha-fictif") == "withheld"


def test_a_region_less_a_group_tells_nothing(tmp_path: Path) -> None:
    """Each is safe; their difference is one structure."""
    small = {"a": (3, 30), "b": (4, 30), "c": (2, 31)}
    known = {code: (Place(group="Alpha (fictif)"), own) for code, own in small.items()}
    known["d"] = (Place(), (1, 33))
    with network_of(tmp_path, known | LARGE) as network, network.snapshot() as snapshot:
        assert hidden_structures(snapshot, WOMEN, YEAR) == {"a", "b", "c", "d"}
        assert status(snapshot, "region:normandie") == "ok"
        assert status(snapshot, "groupe:alpha-fictif") == "withheld", "or d is Normandie less the group"


def test_the_network_stays_and_the_next_smallest_structures_go_with_the_one_that_is_hidden(tmp_path: Path) -> None:
    known = of_region("normandie", (20, 40), (30, 60), (40, 80), (3, 30))
    with network_of(tmp_path, known | LARGE) as network, network.snapshot() as snapshot:
        assert status(snapshot, "reseau") == "ok"
        assert hidden_structures(snapshot, WOMEN, YEAR) == {"normandie-3", "normandie-0", "normandie-1"}


def test_what_is_hidden_for_the_network_is_hidden_whatever_is_asked(tmp_path: Path) -> None:
    quarters = Period.parse("2026-T2").trailing(4)
    places = {f"s{n}": Place() for n in range(6)}
    rows = [
        measure(code, quarter.code, HOURS, 300, 6_000 + n)
        for n, code in enumerate(places)
        for quarter in quarters
        if (code, quarter) != ("s5", QUARTER)
    ]
    rows.append(measure("s5", QUARTER.code, HOURS, 300, 1_900))
    with opened(tmp_path, places, *rows) as network, network.snapshot() as snapshot:
        sheet = snapshot.catalogue[HOURS]
        assert hidden_structures(snapshot, sheet.id, QUARTER) == {"s0", "s1", "s5"}
        for code in ("s0", "s1"):
            where = Perimeter(Level.STRUCTURE, code)
            assert status(snapshot, code, sheet.id, QUARTER) == "withheld"
            own = {f.period.code: f.status for f in read_series(QueryContext(snapshot, PUBLIC, TODAY), where, sheet)}
            assert own[QUARTER.code] is Status.WITHHELD
            assert own[quarters[0].code] is Status.OK
            (window,) = read_series(QueryContext(snapshot, PUBLIC, TODAY), where, sheet, TimeStep.ROLLING)[-1:]
            assert window.status is Status.WITHHELD
            one = figures_of_structures(QueryContext(snapshot, PUBLIC, TODAY), [code], {sheet.id: [QUARTER]}).rows
            four = figures_of_structures(
                QueryContext(snapshot, PUBLIC, TODAY), [code], {sheet.id: [window.period]}
            ).rows
            assert one["status"].to_list() == four["status"].to_list() == ["withheld"]
            wide = figures_by_structure(QueryContext(snapshot, PUBLIC, date.max), NETWORK, sheet, window.period).rows
            assert wide.filter(pl.col("structure") == code)["status"].to_list() == ["withheld"]
            management = perimeter_figures(
                QueryContext(snapshot, Audience.MANAGEMENT, date.max), where, [sheet], QUARTER.end, QUARTER.end
            ).rows
            assert management["status"].to_list() == ["ok"]


# Whoever knows all that is shown, and solves for what is hidden


Cell = tuple[str, str]
"""An indicator and a structure."""
FAMILY = (TOTAL, *PARTS)


def reduced(equations: Iterable[dict[Cell, int]], order: list[Cell]) -> list[list[Fraction]]:
    """Gauss's elimination on exact fractions: the rows that are left, each with its own pivot."""
    rows = [[Fraction(equation.get(name, 0)) for name in order] for equation in equations]
    done: list[list[Fraction]] = []
    for column in range(len(order)):
        pivot = next((row for row in rows if row[column]), None)
        if pivot is None:
            continue
        rows = [row for row in rows if row is not pivot]
        pivot = [cell / pivot[column] for cell in pivot]
        rows = [[c - row[column] * p for c, p in zip(row, pivot, strict=True)] for row in rows]
        done = [[c - row[column] * p for c, p in zip(row, pivot, strict=True)] for row in done]
        done.append(pivot)
    return done


def found(equations: list[dict[Cell, int]], unknowns: set[Cell]) -> set[frozenset[Cell]]:
    """Return the unknowns that the equations fix, and the pairs of which either tells the other."""
    order = sorted(unknowns)
    rows = reduced(equations, order)
    fixed = {frozenset({order[row.index(Fraction(1))]}) for row in rows if sum(map(bool, row)) == 1}
    pairs = {
        frozenset(name for name, cell in zip(order, row, strict=True) if cell)
        for row in rows
        if sum(map(bool, row)) == 2
    }
    # What a pair says may stand in two rows: x − z and y + z.
    pivots = {next(n for n, cell in enumerate(row) if cell): row for row in rows}
    for (one, left), (other, right) in combinations(pivots.items(), 2):
        rest = [(a, b) for n, (a, b) in enumerate(zip(left, right, strict=True)) if n not in {one, other} and (a or b)]
        ratios = {a / b if b else None for a, b in rest}
        if rest and len(ratios) == 1 and None not in ratios and 0 not in ratios:
            pairs.add(frozenset({order[one], order[other]}))
    return fixed | {pair for pair in pairs if len({code for _, code in pair}) == 2}


class Shown(NamedTuple):
    """What a reader gets of one period: by indicator, the structures that are hidden, the totals that are shown."""

    hidden: dict[str, set[str]]
    totals: dict[str, dict[str, set[str]]]
    """Of each indicator, by the code of each total shown, the structures it adds up."""


def everything(
    snapshot: Snapshot, indicators: Sequence[str], periods: Sequence[Period], audience: Audience
) -> dict[Period, Shown]:
    known = snapshot.structures
    codes = [
        NETWORK.code,
        *(f"groupe:{group}" for group in known.group_names),
        *sorted({f"region:{one.region}" for one in known.by_id.values()}),
        *sorted({f"type:{one.kind}" for one in known.by_id.values()}),
    ]
    sheets = [snapshot.catalogue[name] for name in indicators]
    own = figures_of_structures(
        QueryContext(snapshot, audience, date.max), [*known.by_id], dict.fromkeys(indicators, periods)
    ).rows
    found = {
        period: Shown({name: set() for name in indicators}, {name: {} for name in indicators}) for period in periods
    }
    reported: dict[tuple[str, str], set[str]] = {}
    for row in own.iter_rows(named=True):
        reported.setdefault((row["indicator"], row["period"]), set()).add(row["structure"])
        if row["status"] != Status.OK:
            found[Period.parse(row["period"])].hidden[row["indicator"]].add(row["structure"])
    for code in codes:
        where = known.parse_perimeter(code)
        for row in perimeter_figures(
            QueryContext(snapshot, audience, date.max), where, sheets, date.min, date.max
        ).rows.iter_rows(named=True):
            period, name = Period.parse(row["period"]), row["indicator"]
            if row["status"] == Status.OK and period in found:
                found[period].totals[name][code] = reported[name, row["period"]] & set(known.members(where))
    return found


def solved(shown: Shown) -> set[frozenset[Cell]]:
    """Solve all that is known of linked indicators: what is left of each total, what is left of each sum of parts."""
    unknowns = {(name, code) for name, codes in shown.hidden.items() for code in codes}
    equations = [
        {(name, code): 1 for code in adds & shown.hidden[name]}
        for name, totals in shown.totals.items()
        for adds in totals.values()
    ]
    for code in {code for _, code in unknowns}:
        terms = {(TOTAL, code): 1} | {(part, code): -1 for part in PARTS}
        if TOTAL in shown.hidden:
            equations.append({cell: times for cell, times in terms.items() if cell in unknowns})
    return found([equation for equation in equations if equation], unknowns)


REGIONS = ("normandie", "bretagne", "occitanie", "corse")
KINDS = ("ACI", "EI", "AI")
GROUPS = ("", "", "Alpha (fictif)", "Beta (fictif)")


def random_places(dice: Random, many: int) -> dict[str, Place]:
    regions, kinds = dice.randint(1, len(REGIONS)), dice.randint(1, len(KINDS))
    return {
        f"s{n:02}": Place(dice.choice(REGIONS[:regions]), dice.choice(KINDS[:kinds]), dice.choice(GROUPS))
        for n in range(many)
    }


def random_women(dice: Random, code: str, period: Period) -> str:
    most = dice.choice([12, 40, 200])
    inside, outside = dice.choice([1, 3, dice.randint(5, most), dice.randint(5, most)]), dice.randint(5, most)
    return measure(code, period.code, WOMEN, inside, inside + outside)


def random_exits(dice: Random, code: str, period: Period) -> list[str]:
    counts = [dice.choice([2, 3, dice.randint(5, 30), dice.randint(5, 30)]) for _ in PARTS]
    leavers = sum(counts) + dice.choice([3, 10, 30])
    known = zip(FAMILY, (sum(counts), *counts), strict=True)
    return [measure(code, period.code, name, count, leavers) for name, count in known]


def test_no_hidden_structure_is_found_from_all_that_is_shown_of_random_networks(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The same structures in each year, with other counts: each year is a network of its own."""
    dice = Random(20)
    seen = attacked = networks_shown = totals_shown = crossed = 0
    for many in sample((18, 13, 9, 5), 2):
        places, years = random_places(dice, many), YEAR.trailing(8)
        rows = [random_women(dice, code, year) for code in places for year in years]
        with opened(tmp_path_factory.mktemp("women"), places, *rows) as network, network.snapshot() as snapshot:
            all_shown = [
                shown for who in (PUBLIC, MEMBERS) for shown in everything(snapshot, [WOMEN], years, who).values()
            ]
            for shown in all_shown:
                assert solved(shown) == set(), shown
                seen += 1
                hidden = shown.hidden[WOMEN]
                rests = [adds & hidden for adds in shown.totals[WOMEN].values()]
                assert all(len(rest) >= MIN_CONTRIBUTORS for rest in rests if rest), shown
                attacked += bool(hidden)
                networks_shown += NETWORK.code in shown.totals[WOMEN]
                totals_shown += sum(map(bool, rests))
                crossed += sum(map(bool, rests)) > 1
    assert attacked > 0.79 * seen
    assert networks_shown > 0.63 * seen, "hiding everything would pass this test too"
    assert totals_shown > 0.94 * seen
    assert crossed > 0.32 * seen, "where one total alone has something left, nothing crosses"


def test_no_hidden_exit_is_found_from_categories_and_perimeters_together(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    dice = Random(8)
    seen = attacked = shown_with_rest = 0
    for many in sample((16, 8), 2):
        places, quarters = random_places(dice, many), QUARTER.trailing(5)
        rows = [row for code in places for quarter in quarters for row in random_exits(dice, code, quarter)]
        with opened(tmp_path_factory.mktemp("exits"), places, *rows) as network, network.snapshot() as snapshot:
            all_shown = [
                shown for who in (PUBLIC, MEMBERS) for shown in everything(snapshot, FAMILY, quarters, who).values()
            ]
            for shown in all_shown:
                assert solved(shown) == set(), shown
                seen += 1
                attacked += any(shown.hidden.values())
                shown_with_rest += sum(
                    bool(adds & shown.hidden[name]) for name, of in shown.totals.items() for adds in of.values()
                )
    assert attacked > 0.76 * seen
    assert shown_with_rest > 1.51 * seen, "hiding everything would pass this test too"


def test_in_a_large_network_the_total_goes_and_every_structure_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There only what could be hidden is read; what is decided is as safe."""
    monkeypatch.setattr(linked, "MAX_STRUCTURES_KEEPING_NETWORK_TOTAL", 3)
    dice = Random(4)
    places, years, quarters = random_places(dice, 12), YEAR.trailing(4), Period.parse("2025-T4").trailing(4)
    rows = [random_women(dice, code, year) for code in places for year in years]
    rows += [row for code in places for quarter in quarters for row in random_exits(dice, code, quarter)]
    withheld = 0
    with opened(tmp_path, places, *rows) as network, network.snapshot() as snapshot:
        for names, periods in (([WOMEN], years), (FAMILY, quarters)):
            for period, shown in everything(snapshot, names, periods, PUBLIC).items():
                assert solved(shown) == set(), shown
                withheld += any(shown.hidden[name] and NETWORK.code not in shown.totals[name] for name in names)
                for name in names:
                    separate = figures_by_structure(
                        QueryContext(snapshot, Audience.MANAGEMENT, date.max), NETWORK, snapshot.catalogue[name], period
                    ).rows
                    figures_ = separate.with_columns(
                        pl.lit(name).alias("indicator"), pl.lit(period.code).alias("period")
                    )
                    own = suppress(figures_, snapshot.catalogue, PUBLIC)
                    if name == WOMEN:
                        hidden = set(own.filter(pl.col("status") == Status.WITHHELD)["structure"])
                        assert shown.hidden[name] == hidden, "for the network nothing more is hidden"
    assert withheld > 0, "or this test says nothing"


@pytest.mark.parametrize("audience", [PUBLIC, pytest.param(MEMBERS, marks=pytest.mark.full)])
def test_no_structure_of_the_fictitious_network_is_found_from_the_perimeters(demo: Network, audience: Audience) -> None:
    attacked = networks_shown = 0
    with demo.snapshot() as snapshot:
        for name, period in (
            (WOMEN, Period.parse("2024")),
            (HOURS, Period.parse("2025-T4")),
            ("permanent_contract_share", Period.parse("2025-T4")),
            ("cisp_training_exit_rate", Period.parse("2024-T1")),
        ):
            shown = everything(snapshot, [name], [period], audience)[period]
            assert solved(shown) == set(), shown
            attacked += bool(shown.hidden[name])
            networks_shown += NETWORK.code in shown.totals[name]
        for shown in everything(snapshot, FAMILY, Period.parse("2025-T4").trailing(2), audience).values():
            assert solved(shown) == set(), shown
    assert (attacked >= 3, networks_shown) == (True, 4)


def test_hardly_a_figure_of_the_fictitious_network_as_a_whole_is_lost(demo: Network) -> None:
    """Whoever comes for the network finds it: what would give a structure away is hidden elsewhere."""
    with demo.snapshot() as snapshot:
        sheets = [sheet for sheet in CATALOGUE if PUBLIC.sees(sheet.audience)]
        shown = perimeter_figures(QueryContext(snapshot, PUBLIC, date.max), NETWORK, sheets, date.min, date.max).rows
    counted = Counter(shown["status"])
    assert counted["withheld"] <= 3, "35 when a total was withheld for its own counts"
    assert counted["ok"] > 300
