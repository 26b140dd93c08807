"""What the public would find out without each protection, one by one; with all of them it does not.

A case is a small network, and what somebody who reads all its public figures may not find out. It knows nothing of how
the figures are protected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from indicators.definitions.catalogue import Audience
from indicators.definitions.periods import Period
from indicators.disclosure import protections
from indicators.disclosure.protections import Protection
from indicators.figures.time_steps import TimeStep
from indicators.network import Network
from indicators.queries.figures.figures import perimeter_figures
from indicators.queries.figures.series import read_series
from indicators.snapshot import QueryContext, Snapshot
from tests.builders import STRUCTURES, TODAY, Store, measure, measures, stored, structure, structures, table

ROOT = Path(__file__).parents[3]
WOMEN, EXITS, DURABLE, TRANSITION, POSITIVE = (
    "women_share", "dynamic_exit_rate", "durable_job_exit_rate", "transition_job_exit_rate", "positive_exit_rate",
)  # fmt: skip
PERMANENT, CENTRE = "permanent_contract_share", "cisp_job_exit_rate"
YEAR, QUARTER = "2025", "2026-T3"
Counts = tuple[float, float | None]


@dataclass(frozen=True)
class Place:
    """Where a structure belongs."""

    region: str = "normandie"
    kind: str = "ACI"
    group: str = ""


@dataclass(frozen=True)
class Reader:
    """Somebody who reads all that is public of a network."""

    snapshot: Snapshot

    def read(self, code: str, indicator: str, period: str) -> Counts | None:
        """Return the counts of a perimeter in a period, or nothing if they are not shown."""
        perimeter, end = self.snapshot.structures.parse_perimeter(code), Period.parse(period).end
        sheet = self.snapshot.catalogue[indicator]
        figures = perimeter_figures(
            QueryContext(self.snapshot, Audience.PUBLIC, date.max), perimeter, [sheet], end, end
        ).rows
        rows = [row for row in figures.iter_rows(named=True) if row["period"] == period and row["value"] is not None]
        return (rows[0]["numerator"], rows[0]["denominator"]) if rows else None

    def over_time(self, code: str, indicator: str, step: TimeStep, span: str) -> Counts | None:
        """Return the counts of a perimeter over a longer span, or nothing if they are not shown."""
        perimeter, sheet = self.snapshot.structures.parse_perimeter(code), self.snapshot.catalogue[indicator]
        for figure in read_series(QueryContext(self.snapshot, Audience.PUBLIC, TODAY), perimeter, sheet, step):
            if figure.period.code == span and figure.shown is not None:
                return figure.shown.numerator or 0, figure.shown.denominator
        return None

    def rest(self, total: str, indicator: str, period: str) -> dict[str, int] | None:
        """Return the hidden structures of which a total shown gives the sum; nothing if it is not shown."""
        if self.read(total, indicator, period) is None:
            return None
        members = self.snapshot.structures.members(self.snapshot.structures.parse_perimeter(total))
        return {code: 1 for code in members if self.read(code, indicator, period) is None}

    def knows_sum_of(self, secret: Iterable[str], indicator: str, period: str) -> bool:
        """Whether the sum of some structures follows from all the totals and structures shown."""
        structures = self.snapshot.structures
        known = [*structures.by_id]
        totals = {"reseau"}
        for one in structures.by_id.values():
            totals |= {f"region:{one.region}", f"type:{one.kind}", *([f"groupe:{one.group}"] if one.group else [])}
        equations = [rest for total in sorted(totals) if (rest := self.rest(total, indicator, period))]
        equations += [{code: 1} for code in known if self.read(code, indicator, period) is not None]
        rows = np.array([[equation.get(code, 0) for code in known] for equation in equations])
        wanted = np.array([[int(code in set(secret)) for code in known]])
        return (
            bool(np.linalg.matrix_rank(np.vstack([rows, wanted])) == np.linalg.matrix_rank(rows))
            if rows.size
            else False
        )


@dataclass(frozen=True)
class Case:
    """A network in which one protection alone hides something."""

    protection: Protection
    places: Mapping[str, Place]
    rows: Sequence[str]
    finds: Callable[[Reader], bool]
    """Whether a reader finds out what must not be found out."""
    later: Sequence[str] = field(default=())
    """Rows of structures deposited after the figures."""


def yearly(counts: Mapping[str, Counts], period: str = YEAR) -> list[str]:
    return [measure(code, period, WOMEN, *own) for code, own in counts.items()]


def of_region(region: str, *counts: Counts, **place: str) -> tuple[dict[str, Place], dict[str, Counts]]:
    codes = [f"{region}-{number}" for number in range(len(counts))]
    return dict.fromkeys(codes, Place(region, **place)), dict(zip(codes, counts, strict=True))


ELSEWHERE = of_region("bretagne", (60, 120), (61, 122), (62, 124), (63, 126))
"""Structures that show all their figures."""
HIDDEN_ELSEWHERE = of_region("occitanie", (3, 40), (4, 41), (4, 42), (3, 43), (50, 100))
"""Enough hidden structures for the network's figure to stay whatever is hidden in another region."""


def of_structure(protection: Protection, *rows: str, finds: Callable[[Reader], bool], kind: str = "ACI") -> Case:
    """Describe what one structure would tell by itself."""
    return Case(protection, {"atelier": Place(kind=kind)}, rows, finds)


def hidden_for_another(
    protection: Protection, indicator: str, kind: str, *rows: str, finds: Callable[[Reader], bool]
) -> Case:
    """Describe a structure whose last quarter is hidden so that the network's figure does not tell that of another."""
    others = {"secret": (3, 30), "voisin": (11, 31), "grand-a": (40, 90), "grand-b": (41, 95)}
    last_quarter = [measure(code, f"{YEAR}-T4", indicator, *own) for code, own in others.items()]
    return Case(protection, dict.fromkeys(("atelier", *others), Place(kind=kind)), [*rows, *last_quarter], finds)


def of_women(
    protection: Protection, *parts: tuple[dict[str, Place], dict[str, Counts]], finds: Callable[[Reader], bool]
) -> Case:
    """Describe what totals would tell of a yearly share."""
    places = {code: place for known, _ in parts for code, place in known.items()}
    return Case(protection, places, yearly({code: own for _, counts in parts for code, own in counts.items()}), finds)


def shows(code: str, indicator: str, period: str) -> Callable[[Reader], bool]:
    return lambda reader: reader.read(code, indicator, period) is not None


def all_show(*keys: tuple[str, str, str]) -> Callable[[Reader], bool]:
    return lambda reader: all(reader.read(*key) is not None for key in keys)


def exits(durable: int, transition: int, positive: int, leavers: int, period: str = QUARTER) -> list[str]:
    """Write a row of all dynamic exits and one of each of their categories."""
    counts = {EXITS: durable + transition + positive, DURABLE: durable, TRANSITION: transition, POSITIVE: positive}
    return [measure("atelier", period, name, count, leavers) for name, count in counts.items()]


def quarters(indicator: str, *counts: Counts, code: str = "atelier", year: str = YEAR) -> list[str]:
    return [measure(code, f"{year}-T{number}", indicator, *own) for number, own in enumerate(counts, 1)]


def rest_is(total: str, hidden: set[str]) -> Callable[[Reader], bool]:
    """Return whether a total shown gives the sum of just these structures."""
    return lambda reader: set(reader.rest(total, WOMEN, YEAR) or ()) == hidden


def crossed(*cells: tuple[str, Place, Counts]) -> tuple[dict[str, Place], dict[str, Counts]]:
    return {code: place for code, place, _ in cells}, {code: own for code, _, own in cells}


def several(name: str, place: Place, *counts: Counts) -> list[tuple[str, Place, Counts]]:
    return [(f"{name}{number}", place, own) for number, own in enumerate(counts)]


THREE = ((3, 30), (4, 31), (4, 32))
"""Three structures of which none shows its figure and whose sum may be shown."""
FEW = ((1, 30), (1, 31), (1, 32))
"""Three structures with three people together."""


def three_overlapping_totals(one: str, other: str = "") -> tuple[dict[str, Place], dict[str, Counts]]:
    """Return a region, a kind and a group, none within another, of which two less the third is twice what is secret."""
    second = [(other, Place("bretagne", "ACI"), (3, 33))] if other else []
    return crossed(
        (one, Place("normandie", "EI" if other else "ACI"), (3, 30)),
        *second,
        *several("b", Place("normandie", "EI", "Alpha (fictif)"), *THREE),
        *several("c", Place("bretagne", "ACI", "Alpha (fictif)"), *THREE),
        *several("e", Place("corse", "EI"), *THREE),
        *several("h", Place("bretagne", "EI"), *THREE),
    )


def a_withheld_group_that_others_give() -> tuple[dict[str, Place], dict[str, Counts]]:
    """Return a group of three people in three regions, which kinds less groups and a region give."""
    cells = []
    for number, region in enumerate(("normandie", "bretagne", "occitanie")):
        cells += [
            (f"p{number}", Place(region, "ACI", "Peu (fictif)"), FEW[number]),
            (f"c{number}", Place(region, "ACI", "Quelques (fictif)"), THREE[number]),
            (f"b{number}", Place(region, "EI", "Quelques (fictif)"), THREE[number]),
            (f"e{number}", Place(region, "EI", "Eux (fictif)"), THREE[number]),
        ]
    return crossed(*cells, *several("y", Place("corse", "EI"), *THREE))


def a_region_less_a_group_of_it() -> tuple[dict[str, Place], dict[str, Counts]]:
    """Return a region whose structures but three are a group; each of the three is of another kind."""
    cells = several("g", Place("normandie", "ACI", "Alpha (fictif)"), *THREE)
    for number, kind in enumerate(("ACI", "EI", "AI")):
        cells += [(f"p{number}", Place("normandie", kind), FEW[number])]
        cells += several(f"u{number}-", Place("occitanie", kind), (3, 40), (4, 41))
    return crossed(*cells)


NOBODY_POSITIVE = [
    row.replace("atelier", code) for code in ("atelier-a", "atelier-b", "atelier-c") for row in exits(20, 0, 0, 60)
]

CASES = [
    of_structure(
        Protection.STATED_RATES,
        measure("atelier", QUARTER, EXITS, value="55"),
        finds=lambda reader: reader.read("atelier", EXITS, QUARTER) is not None,
    ),
    of_structure(
        Protection.FEW_CASES, measure("atelier", QUARTER, DURABLE, 8, 19), finds=shows("atelier", DURABLE, QUARTER)
    ),
    of_structure(
        Protection.FEW_PEOPLE, measure("atelier", QUARTER, DURABLE, 4, 40), finds=shows("atelier", DURABLE, QUARTER)
    ),
    of_structure(
        Protection.FEW_OTHERS, measure("atelier", QUARTER, DURABLE, 36, 40), finds=shows("atelier", DURABLE, QUARTER)
    ),
    of_structure(
        Protection.NOBODY, measure("atelier", QUARTER, DURABLE, 0, 40), finds=shows("atelier", DURABLE, QUARTER)
    ),
    of_structure(
        Protection.EVERYBODY, measure("atelier", QUARTER, DURABLE, 40, 40), finds=shows("atelier", DURABLE, QUARTER)
    ),
    # Three people are the rest of a sum.
    of_structure(
        Protection.LAST_CATEGORY,
        *exits(20, 9, 3, 60),
        finds=all_show(*(("atelier", name, QUARTER) for name in (EXITS, DURABLE, TRANSITION))),
    ),
    # All dynamic exits are to a lasting job: nobody found any other.
    of_structure(
        Protection.EMPTY_CATEGORIES,
        *exits(20, 0, 0, 60),
        finds=all_show(*(("atelier", name, QUARTER) for name in (EXITS, DURABLE))),
    ),
    hidden_for_another(
        Protection.LAST_QUARTER,
        CENTRE,
        "CISP",
        *quarters(CENTRE, (18, 44), (16, 41), (17, 39), (10, 30)),
        measure("atelier", YEAR, CENTRE, 61, 154),
        finds=all_show(*(("atelier", CENTRE, period) for period in (YEAR, "2025-T1", "2025-T2", "2025-T3"))),
    ),
    # Two of 40 and one of 40 are three of 80.
    of_structure(
        Protection.REST_OF_YEAR,
        *quarters(CENTRE, (18, 44), (16, 41), (2, 40), (1, 40)),
        measure("atelier", YEAR, CENTRE, 37, 165),
        finds=all_show(*(("atelier", CENTRE, period) for period in (YEAR, "2025-T1", "2025-T2"))),
        kind="CISP",
    ),
    hidden_for_another(
        Protection.YEAR_OF_STOCK,
        PERMANENT,
        "EI",
        *quarters(PERMANENT, (18, 44), (16, 41), (17, 39), (10, 30)),
        measure("atelier", YEAR, PERMANENT, 10, 30),
        finds=shows("atelier", PERMANENT, YEAR),
    ),
    # A year less two of its quarters, categories less one another: three people of two quarters.
    of_structure(
        Protection.YEARS_OF_CATEGORIES,
        *exits(3, 6, 6, 37, "2025-T1"),
        *exits(0, 8, 8, 45, "2025-T2"),
        *exits(8, 6, 12, 64, "2025-T3"),
        *exits(8, 8, 8, 51, "2025-T4"),
        *exits(19, 28, 34, 197, YEAR),
        finds=all_show(
            *(("atelier", name, period) for name in (EXITS, TRANSITION) for period in ("2025-T1", "2025-T2")),
            *(("atelier", POSITIVE, period) for period in (YEAR, "2025-T3", "2025-T4")),
        ),
    ),
    of_structure(
        Protection.HIDDEN_PARTS,
        *quarters(DURABLE, (18, 44), (16, 41), (17, 39), (4, 38)),
        finds=lambda reader: (
            reader.over_time("atelier", DURABLE, TimeStep.SEMESTER, "2025-S2") is not None
            and reader.read("atelier", DURABLE, "2025-T3") is not None
        ),
    ),
    of_women(
        Protection.PEOPLE_LEFT,
        of_region("normandie", (20, 40), (30, 60), (40, 80), *FEW),
        ELSEWHERE,
        HIDDEN_ELSEWHERE,
        finds=rest_is("region:normandie", {"normandie-3", "normandie-4", "normandie-5"}),
    ),
    of_women(
        Protection.FEW_STRUCTURES,
        of_region("normandie", (20, 40), (30, 60), (40, 80), (3, 30), (4, 30)),
        ELSEWHERE,
        HIDDEN_ELSEWHERE,
        finds=rest_is("region:normandie", {"normandie-3", "normandie-4"}),
    ),
    of_women(
        Protection.DOMINANT,
        of_region("normandie", (300, 700), (300, 700), (4, 860), (4, 70), (4, 70)),
        ELSEWHERE,
        HIDDEN_ELSEWHERE,
        finds=rest_is("region:normandie", {"normandie-2", "normandie-3", "normandie-4"}),
    ),
    of_women(
        Protection.DIFFERENCES,
        a_region_less_a_group_of_it(),
        ELSEWHERE,
        finds=lambda reader: reader.knows_sum_of(["p0", "p1", "p2"], WOMEN, YEAR),
    ),
    of_women(
        Protection.EQUATIONS,
        three_overlapping_totals("secret"),
        finds=lambda reader: reader.knows_sum_of(["secret"], WOMEN, YEAR),
    ),
    of_women(
        Protection.TIED_STRUCTURES,
        three_overlapping_totals("secret", "voisin"),
        finds=lambda reader: reader.knows_sum_of(["secret", "voisin"], WOMEN, YEAR),
    ),
    of_women(
        Protection.WITHHELD_RESTS,
        a_withheld_group_that_others_give(),
        finds=lambda reader: reader.knows_sum_of(["p0", "p1", "p2"], WOMEN, YEAR),
    ),
    # Of the region, all dynamic exits of three structures are to a lasting job: nobody found any other.
    Case(
        Protection.EMPTY_TERMS,
        dict.fromkeys(("atelier-a", "atelier-b", "atelier-c"), Place()),
        NOBODY_POSITIVE,
        all_show(*(("region:normandie", name, QUARTER) for name in (EXITS, DURABLE))),
    ),
    # `secret` counted its year only: the year of the region less its quarters.
    Case(
        Protection.YEAR_LEFT,
        dict.fromkeys(("secret", *(f"petit-{name}" for name in "abcde")), Place()),
        [
            measure("secret", YEAR, DURABLE, 4, 120),
            *(row for name in "abcde" for row in quarters(DURABLE, *[(1, 30)] * 4, code=f"petit-{name}")),
            *(measure(f"petit-{name}", YEAR, DURABLE, 4, 120) for name in "abcde"),
        ],
        all_show(
            *(("region:normandie", DURABLE, period) for period in (YEAR, *(f"{YEAR}-T{n}" for n in (1, 2, 3, 4))))
        ),
    ),
    # Three structures show their years: the quarters of their region less these years are four people's.
    Case(
        Protection.PUBLIC_YEARS,
        dict.fromkeys(("secret", "large-a", "large-b", "large-c"), Place()),
        [
            *quarters(DURABLE, *[(1, 30)] * 4, code="secret"),
            *(row for name in "abc" for row in quarters(DURABLE, *[(3, 30)] * 4, code=f"large-{name}")),
            *(measure(f"large-{name}", YEAR, DURABLE, 12, 120) for name in "abc"),
        ],
        all_show(
            *(("region:normandie", DURABLE, f"{YEAR}-T{n}") for n in (1, 2, 3, 4)),
            *((f"large-{name}", DURABLE, YEAR) for name in "abc"),
        ),
    ),
    Case(
        Protection.SPLIT_COHORTS,
        {f"maison-{name}": Place("bretagne" if name in "ae" else "normandie") for name in "abcde"},
        [
            *(measure(f"maison-{n}", year, "employment_rate_6m", 30, 60) for n in "bcde" for year in ("2023", "2024")),
            measure("maison-a", "2023", "employment_rate_6m", 34, 60),
            measure("maison-a", "2024", "employment_rate_6m", 2, 20),
        ],
        all_show(
            ("maison-a", "employment_rate_6m", "2024"),
            *((f"maison-{name}", "employment_rate_6m", "2024") for name in "bcd"),
            ("region:normandie", "employment_rate_6m", "2024"),
        ),
        later=[f"{structure('maison-a', region='normandie')};2024-01-01"],
    ),
]


def deposit_case(network: Network, case: Case) -> None:
    rows = [structure(code, of.kind, of.region, of.group) for code, of in case.places.items()]
    stored(network, structures(*rows))
    stored(network, measures(*case.rows))
    if case.later:
        stored(network, table(f"{STRUCTURES};valable_du", *case.later), comment="déménagement")


def is_found_out(network: Network, case: Case) -> bool:
    """Whether a reader of a case's public figures finds out."""
    with network.snapshot() as snapshot:
        return case.finds(Reader(snapshot))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.protection.value)
def test_nothing_is_found_out_but_without_that_protection_alone(
    case: Case, store: Store, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit_case(network, case)
    assert not is_found_out(network, case)
    monkeypatch.setattr(protections, "_SWITCHED_OFF", frozenset({case.protection}))
    # Another network on the same store: nothing that was answered before is kept.
    with store.open() as unprotected:
        assert is_found_out(unprotected, case)


def test_every_protection_has_a_case() -> None:
    assert {case.protection for case in CASES} == set(Protection)


def test_nothing_in_the_product_switches_a_protection_off() -> None:
    product = [path for folder in ("schemas", "indicators", "dashboards") for path in (ROOT / folder).rglob("*.py")]
    naming = {path.name for path in product if "_SWITCHED_OFF" in path.read_text("utf-8")}
    assert naming == {"protections.py"}
    assert frozenset() == protections._SWITCHED_OFF


def test_every_protection_is_explained() -> None:
    explained = set(
        re.findall(r"^\| *\d+\w? \| `(\w+)`", (ROOT / "docs/disclosure.md").read_text("utf-8"), re.MULTILINE)
    )
    assert explained == {protection.value for protection in Protection}
