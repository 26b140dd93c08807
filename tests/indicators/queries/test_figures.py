"""Each question has a naive twin in plain loops over the deposited rows of the fictitious network; the two agree."""

from __future__ import annotations

import csv
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from shutil import copytree
from typing import Any

import polars as pl
import pytest

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Frequency, Period
from indicators.disclosure.raw_count_rows import raw_count_rows
from indicators.disclosure.register_counts import count_registers
from indicators.figures.figure import Status
from indicators.network import DATA_FOLDER, Network
from indicators.queries.deposits.deliveries import find_deliveries, reported_quarters
from indicators.queries.deposits.export import export_rows, format_as_deposited
from indicators.queries.figures.board import HISTORY_PERIODS, compute_board
from indicators.queries.figures.by_structure import figures_by_structure
from indicators.queries.figures.deciles import compute_deciles
from indicators.queries.figures.figures import perimeter_figures
from indicators.queries.figures.series import read_series
from indicators.snapshot import QueryContext, Snapshot
from schemas.datasets import DATASETS
from tests.builders import (
    ACTIONS,
    PARTICIPATION,
    TARGETS,
    TODAY,
    Store,
    action,
    measure,
    measures,
    occasion,
    stored,
    structure,
    structures,
    table,
)

DEMO = DATA_FOLDER / "demo"
MANAGEMENT = Audience.MANAGEMENT
FOUR_LEVELS = (
    "atelier-du-canal",
    "cordages-de-l-estran",
    "reseau-des-horizons",
    "domicile-des-deux-collines",
    "ecole-du-pont-rouge",
    "groupe:groupe-des-trois-rives-fictif",
    "groupe:alliance-des-quatre-clochers-fictif",
    "region:hauts-de-france",
    "region:be-namur",
    "reseau",
)

Row = dict[str, str]
Cell = tuple[str, str]
"""Indicator and period."""


# The twin: plain Python on the files


@dataclass(frozen=True)
class Count:
    """What one structure counted, stated or left out, for one indicator and period."""

    numerator: float | None
    denominator: float | None
    stated: float | None = None
    absence: str | None = None


def number(text: str) -> float | None:
    return float(text.replace(",", ".")) if text and text[0].isdigit() else None


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def quarter_of(moment: date) -> str:
    return f"{moment.year}-T{(moment.month + 2) // 3}"


def quarters_between(first: str, last: str) -> list[str]:
    codes = [first]
    while codes[-1] < last:
        year, number_ = int(codes[-1][:4]), int(codes[-1][-1])
        codes.append(f"{year}-T{number_ + 1}" if number_ < 4 else f"{year + 1}-T1")
    return codes


@cache
def files(kind: str) -> list[tuple[datetime, list[Row]]]:
    """The files of a dataset in the order of their deposits."""
    with (DEMO / "deposits.csv").open(encoding="utf-8", newline="") as manifest:
        steps = sorted((row["deposited_on"], row["file"]) for row in csv.DictReader(manifest, delimiter=";"))
    found = []
    for moment, name in steps:
        if name.split("/")[-1].startswith(kind):
            with (DEMO / name).open(encoding="utf-8", newline="") as file:
                found.append((datetime.fromisoformat(moment), list(csv.DictReader(file, delimiter=";"))))
    return found


@cache
def sheets() -> dict[str, dict[str, Any]]:
    return {
        path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
        for path in sorted((DATA_FOLDER / "catalogue").glob("*/*.toml"))
    }


@cache
def members() -> dict[str, Row]:
    return {row["structure"]: row for _, rows in files("structures") for row in rows}


def inside(perimeter: str) -> list[str]:
    match perimeter.split(":"):
        case ["reseau"]:
            return list(members())
        case ["region", region]:
            return [code for code, row in members().items() if row["region"] == region]
        case ["groupe", "groupe-des-trois-rives-fictif"]:
            return [code for code, row in members().items() if row["groupe"] == "Groupe des Trois Rives (fictif)"]
        case ["groupe", "alliance-des-quatre-clochers-fictif"]:
            return [code for code, row in members().items() if row["groupe"] == "Alliance des Quatre Clochers (fictif)"]
        case [code]:
            return [code]
    raise AssertionError(perimeter)


@cache
def reported() -> dict[tuple[str, str, str], Count]:
    """What each structure reported: the newest deposit that holds an indicator and a period replaces the others."""
    found: dict[tuple[str, str, str], Count] = {}
    for _, rows in files("measures"):
        for row in rows:
            assert row["segment"] == "ensemble"
            numerator, denominator = number(row["numerateur"]), number(row["denominateur"])
            if not sheets()[row["indicateur"]]["denominator_required"]:
                denominator = None
            count = Count(numerator, denominator)
            if numerator is None:
                absent = "NC" in (row["numerateur"], row["valeur"])
                count = Count(None, denominator, number(row["valeur"]), "missing" if absent else None)
            found[row["structure"], row["indicateur"], row["periode"]] = count
    return found


@cache
def register() -> list[Row]:
    """The actions in force: the newest row of each reference."""
    found = {(row["structure"], row["reference"]): row for _, rows in files("actions") for row in rows}
    return list(found.values())


@cache
def occasions() -> list[Row]:
    found = {(row["structure"], row["reference"]): row for _, rows in files("participation") for row in rows}
    return list(found.values())


def quarters_with_file(kind: str, code: str) -> list[str]:
    """The quarters for which a file of a structure's register was deposited, one without a row being everybody's."""
    with (DEMO / "deposits.csv").open(encoding="utf-8", newline="") as manifest:
        names = [row["file"] for row in csv.DictReader(manifest, delimiter=";")]
    found = []
    for name in names:
        if name.split("/")[-1].startswith(kind):
            with (DEMO / name).open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file, delimiter=";"))
            if not rows or code in {row["structure"] for row in rows}:
                found.append(name.split("/")[0])
    return found


def quarters_covered(kind: str, code: str, first: str) -> list[str]:
    """The quarters of a register: from the first it speaks of to the last it was deposited for, or the closing's."""
    deposited = quarters_with_file(kind, code)
    closed = day(members()[code]["fermee_le"])
    return quarters_between(
        min(first, *deposited), min(max(deposited), quarter_of(closed)) if closed else max(deposited)
    )


def actions_counted(actions: Iterable[Row]) -> dict[tuple[str, str, str], Count]:
    """The four indicators of the register of actions, as their sheets define them."""
    found: dict[tuple[str, str, str], Count] = {}
    actions = list(actions)
    for code in {row["structure"] for row in actions}:
        own = [row for row in actions if row["structure"] == code]
        closed = day(members()[code]["fermee_le"]) or date.max
        first = min(quarter_of(date.fromisoformat(row["ouverte_le"])) for row in own)
        for quarter in quarters_covered("actions", code, first):
            opened = [
                row
                for row in own
                if row["genre"] in {"corrective", "preventive"}
                and quarter_of(date.fromisoformat(row["ouverte_le"])) <= quarter
            ]
            found[code, "corrective_preventive_actions_total", quarter] = Count(len(opened), None)
            due = [
                (day(row["faite_le"]), date.fromisoformat(row["echeance"]), row["genre"])
                for row in own
                if (end := day(row["echeance"])) and quarter_of(end) == quarter and end <= closed
            ]
            on_time = sum(done is not None and done <= end for done, end, _ in due)
            found[code, "action_on_time_rate", quarter] = Count(on_time, len(due))
            priority = [done for done, _, genre in due if genre == "prioritaire"]
            done = sum(moment is not None for moment in priority)
            found[code, "priority_action_completion_rate", quarter] = Count(done, len(priority))
            verified = [
                row["efficacite"]
                for row in own
                if (end := day(row["verifiee_le"])) and quarter_of(end) == quarter and end <= closed
            ]
            found[code, "action_effectiveness_rate", quarter] = Count(verified.count("100"), len(verified))
    return found


@cache
def plans() -> dict[tuple[str, int], set[str]]:
    """The references that each structure planned for each year."""
    found: dict[tuple[str, int], set[str]] = defaultdict(set)
    for _, rows in files("plan"):
        for row in rows:
            if row["action"]:
                found[row["structure"], int(row["annee"])].add(row["action"])
    return found


def plans_counted(counted_without: dict[tuple[str, str, str], Count]) -> dict[tuple[str, str, str], Count]:
    """Priority actions of the years of which there is a plan, in the quarters that the register covers."""
    found = {}
    for (code, year), references in plans().items():
        own = {row["reference"]: row for row in register() if row["structure"] == code}
        due = [(own[name], day(own[name]["echeance"]), day(own[name]["faite_le"])) for name in sorted(references)]
        for number_ in range(1, 5):
            quarter, done, planned = f"{year}-T{number_}", 0, 0
            for _, end, moment in due:
                inside_year = max(date(year, 1, 1), min(end or date(year, 12, 31), date(year, 12, 31)))
                if quarter_of(inside_year) == quarter:
                    planned += 1
                    done += moment is not None and moment.year <= year
            if (key := (code, "priority_action_completion_rate", quarter)) in counted_without:
                found[key] = Count(done, planned)
    return found


def occasions_counted(held: Iterable[Row]) -> dict[tuple[str, str, str], Count]:
    """The two indicators of the register of participation, as their sheets define them."""
    found: dict[tuple[str, str, str], Count] = {}
    held = list(held)
    for code in {row["structure"] for row in held}:
        own = [
            (quarter_of(date.fromisoformat(row["date"])), row)
            for row in held
            if row["structure"] == code and row["forme"] != "composition_ca"
        ]
        for quarter in quarters_covered("participation", code, min(q for q, _ in own)):
            rows = [row for q, row in own if q == quarter]
            found[code, "psve_actions", quarter] = Count(len(rows), None)
            noted = [row for row in rows if row["dont_en_parcours"]]
            concerned = members()[code]["type"] in sheets()["pathway_employee_event_share"]["kinds"]
            if concerned and (noted or not rows):
                found[code, "pathway_employee_event_share", quarter] = Count(
                    sum(int(row["dont_en_parcours"]) for row in noted), sum(int(row["presents"]) for row in noted)
                )
    return found


def assemblies_and_boards_counted(held: list[Row]) -> dict[tuple[str, str, str], Count]:
    """The two yearly indicators, of the years that a register covers whole and of which it says how many there were."""
    found: dict[tuple[str, str, str], Count] = {}
    filled = [row for row in held if row.get("eligibles") and row["forme"] in {"assemblee_generale", "composition_ca"}]
    for row in sorted(filled, key=lambda each: each["date"]):
        code, year = row["structure"], row["date"][:4]
        covered = quarters_covered("participation", code, quarter_of(date.fromisoformat(row["date"])))
        closed = day(members()[code]["fermee_le"])
        if min(f"{year}-T4", quarter_of(closed) if closed else "9999") not in covered:
            continue
        count = Count(int(row["presents"]), int(row["eligibles"]))
        if row["forme"] == "composition_ca":
            found[code, "board_employee_seat_share", year] = count
        else:
            key = code, "general_assembly_participation_rate", year
            earlier = found.get(key, Count(0, 0))
            found[key] = together([earlier, count])
    return found


@cache
def counted() -> dict[tuple[str, str, str], Count]:
    """Everything: what is counted from a register takes the place of what is reported."""
    of_actions = actions_counted(register())
    registers = of_actions | plans_counted(of_actions) | occasions_counted(occasions())
    return reported() | registers | assemblies_and_boards_counted(occasions())


def together(counts: list[Count]) -> Count:
    """Cohorts that are read together, of one structure."""
    return Count(sum(count.numerator or 0 for count in counts), sum(count.denominator or 0 for count in counts))


def pooled_figures(perimeter: str, indicator: str) -> dict[Cell, dict[str, Any]]:
    """The figures of an indicator that reads each year with the one before: those of which both years were counted."""
    wanted, found = set(inside(perimeter)), {}
    for year in range(2020, 2027):
        both = [
            [
                count
                for (code, name, period), count in counted().items()
                if code in wanted and (name, period) == (indicator, str(each)) and count.numerator is not None
            ]
            for each in (year - 1, year)
        ]
        if all(both):
            whole = together([*both[0], *both[1]])
            assert whole.numerator is not None
            assert whole.denominator
            found[indicator, str(year)] = {
                "value": whole.numerator / whole.denominator * 100,
                "numerator": whole.numerator,
                "denominator": whole.denominator,
                "contributors": min(map(len, both)),
                "status": "ok",
            }
    return found


def value_of(indicator: str, counts: list[Count], *, single: bool) -> float | None:
    """Ratio of the sums; sum of the quotients where quotients add up (full-time equivalents); sum of the counts."""
    sheet = sheets()[indicator]
    known = [count for count in counts if count.numerator is not None]
    if known and not sheet["denominator_required"]:
        return sum(count.numerator or 0 for count in known)
    whole = sum(count.denominator or 0 for count in known)
    if known and whole > 0:
        if sheet["aggregation"] == "ratio":
            return sum(count.numerator or 0 for count in known) / whole * sheet["scale"]
        return sum((c.numerator or 0) / c.denominator for c in known if c.denominator) * sheet["scale"]
    return counts[0].stated if single and counts else None


@cache
def figures_of(perimeter: str) -> dict[Cell, dict[str, Any]]:
    grouped: dict[Cell, list[Count]] = defaultdict(list)
    wanted = set(inside(perimeter))
    for (code, indicator, period), count in counted().items():
        if code in wanted:
            grouped[indicator, period].append(count)
    found = {}
    for (indicator, period), counts in grouped.items():
        known = [count for count in counts if count.numerator is not None]
        value = value_of(indicator, counts, single=wanted == {perimeter})
        divided = sheets()[indicator]["denominator_required"]
        nothing = "no_cases" if known and divided and not any(count.denominator for count in known) else None
        # Who had nothing to count in its register is behind no part of a rate.
        registers = divided and sheets()[indicator]["source"] == "derived"
        behind = [count for count in known if count.denominator] if registers else []
        found[indicator, period] = {
            "value": value,
            "numerator": sum(c.numerator or 0 for c in known) if known and value is not None else None,
            "denominator": (
                sum(c.denominator or 0 for c in known) if known and divided and value is not None else None
            ),
            "contributors": len(behind or known),
            "status": "ok"
            if value is not None
            else nothing or next((c.absence for c in counts if c.absence), "missing"),
        }
    pooled = [name for name, sheet in sheets().items() if sheet["parameters"].get("pooled_cohorts", 1) > 1]
    unpooled = {cell: row for cell, row in found.items() if cell[0] not in pooled}
    return unpooled | {cell: row for name in pooled for cell, row in pooled_figures(perimeter, name).items()}


def frequency(indicator: str) -> Frequency:
    return Frequency(sheets()[indicator]["frequency"])


# The questions


@pytest.fixture
def snapshot(demo: Network) -> Iterator[Snapshot]:
    with demo.snapshot() as opened:
        yield opened


def test_the_fictitious_network_is_large_enough_for_the_twins_to_mean_something() -> None:
    assert len(members()) == 40
    assert len(reported()) > 7_000
    assert any(count.absence for count in reported().values())
    assert len(register()) < sum(len(rows) for _, rows in files("actions")), "some actions are told again later"
    assert len(reported()) < sum(len(rows) for _, rows in files("measures")), "some measures are corrected later"


@pytest.mark.parametrize("perimeter", FOUR_LEVELS)
def test_the_figures_of_a_perimeter_are_those_of_its_twin(snapshot: Snapshot, perimeter: str) -> None:
    where = snapshot.structures.parse_perimeter(perimeter)
    found = perimeter_figures(
        QueryContext(snapshot, MANAGEMENT, date.max), where, list(snapshot.catalogue), date.min, date.max
    ).rows
    rows = {(row["indicator"], row["period"]): row for row in found.iter_rows(named=True)}
    expected = figures_of(perimeter)
    assert len(rows) == found.height, "one row is one indicator in one period"
    assert set(rows) == set(expected)
    for cell, reference in expected.items():
        row = rows[cell]
        assert row["period_end"] == Period.parse(cell[1]).end
        assert {name: row[name] for name in reference} == pytest.approx(reference), cell


def test_the_figures_between_two_days_are_those_of_the_periods_that_end_between_them(snapshot: Snapshot) -> None:
    where = snapshot.structures.parse_perimeter("reseau")
    first, last = date(2024, 3, 31), date(2025, 6, 30)
    found = perimeter_figures(
        QueryContext(snapshot, MANAGEMENT, date.max), where, list(snapshot.catalogue), first, last
    ).rows
    expected = {cell for cell in figures_of("reseau") if first <= Period.parse(cell[1]).end <= last}
    assert set(found.select("indicator", "period").iter_rows()) == expected
    assert {"2024-T1", "2024", "2025-T2"} <= {period for _, period in expected}


def test_the_largest_contributor_is_known_by_its_share_of_the_whole(snapshot: Snapshot) -> None:
    where, sheet = snapshot.structures.parse_perimeter("region:hauts-de-france"), snapshot.catalogue["absenteeism_rate"]
    found = perimeter_figures(
        QueryContext(snapshot, MANAGEMENT, date.max), where, [sheet], date(2025, 12, 31), date(2025, 12, 31)
    ).rows
    hours = [
        count.denominator or 0
        for (code, indicator, period), count in counted().items()
        if (indicator, period) == (sheet.id, "2025-T4") and code in inside(where.code) and count.numerator is not None
    ]
    assert found["largest_share"].to_list() == [pytest.approx(max(hours) / sum(hours))]


@pytest.mark.parametrize(
    ("indicator", "period"),
    [
        ("dynamic_exit_rate", "2025-T4"),
        ("fte_realised", "2024-T2"),
        ("absenteeism_rate", "2023-T1"),
        ("women_share", "2025"),
        ("client_satisfaction_rate", "2025-S2"),
        ("pupil_lost_hours", "2024-2025"),
        ("corrective_preventive_actions_total", "2025-T4"),
        ("action_on_time_rate", "2025-T4"),
        ("psve_actions", "2025-T1"),
        ("pathway_employee_event_share", "2025-T4"),
    ],
)
@pytest.mark.parametrize("perimeter", ["reseau", "region:be-hainaut", "groupe:groupe-des-trois-rives-fictif"])
def test_the_spread_of_a_perimeter_is_that_of_its_twin(
    snapshot: Snapshot, perimeter: str, indicator: str, period: str
) -> None:
    where, sheet = snapshot.structures.parse_perimeter(perimeter), snapshot.catalogue[indicator]
    found = figures_by_structure(QueryContext(snapshot, MANAGEMENT, date.max), where, sheet, Period.parse(period)).rows
    expected = {}
    for code in inside(perimeter):
        own = figures_of(code).get((indicator, period))
        if own:
            expected[code] = {name: own[name] for name in ("numerator", "denominator", "value", "status")}
    rows = {row.pop("structure"): row for row in found.to_dicts()}
    assert list(rows) == sorted(expected), "by structure code: in no order of merit"
    for code, reference in expected.items():
        assert rows[code] == pytest.approx(reference), code


def test_the_spreads_compared_with_their_twins_are_not_empty() -> None:
    assert ("women_share", "2025") in figures_of("reseau")
    assert any(indicator == "pathway_employee_event_share" for indicator, _ in figures_of("reseau-des-horizons"))


def decile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


@pytest.mark.parametrize(
    "indicator", ["dynamic_exit_rate", "absenteeism_rate", "women_share", "corrective_preventive_actions_total"]
)
def test_the_distribution_of_the_network_is_made_of_what_each_structure_shows(
    snapshot: Snapshot, indicator: str
) -> None:
    sheet = snapshot.catalogue[indicator]
    for audience in (Audience.PUBLIC, Audience.NETWORK):
        rates: dict[str, list[float]] = defaultdict(list)
        hidden = 0
        for code in snapshot.structures.by_id:
            own = perimeter_figures(
                QueryContext(snapshot, audience, date.max),
                snapshot.structures.parse_perimeter(code),
                [sheet],
                date.min,
                date.max,
            ).rows
            for row in own.iter_rows(named=True):
                if row["status"] == "ok" and Period.parse(row["period"]).frequency is sheet.frequency:
                    rates[row["period"]].append(row["value"])
                hidden += row["status"] == "withheld"
        expected = {
            period: (len(values), *(displayed(decile(values, share), sheet.decimals) for share in (0.1, 0.5, 0.9)))
            for period, values in rates.items()
            if len(values) >= 20
        }
        found = compute_deciles(
            QueryContext(snapshot, audience, date.max), snapshot.structures.parse_perimeter("reseau"), sheet
        )
        assert found["period"].to_list() == sorted(expected)
        assert expected, "there is something to compare"
        assert hidden or sheet.disclosure.subject == "activity" or indicator == "absenteeism_rate"
        for row in found.iter_rows(named=True):
            deciles = (row["structures"], row["first_decile"], row["median"], row["last_decile"])
            assert deciles == expected[row["period"]]


def displayed(value: float, decimals: int) -> float:
    """Round half away from zero, as a figure is written; what a computer adds to a tie is taken off first."""
    unit = Decimal(1).scaleb(-decimals)
    return float(Decimal(repr(round(value, 9))).quantize(unit, ROUND_HALF_UP))


@pytest.mark.parametrize("others", [Audience.PUBLIC, Audience.NETWORK])
def test_a_management_view_sees_of_other_structures_what_its_reader_sees_of_them(
    snapshot: Snapshot, others: Audience
) -> None:
    where = snapshot.structures.parse_perimeter("reseau")
    for sheet in snapshot.catalogue:
        theirs = compute_deciles(QueryContext(snapshot, MANAGEMENT, date.max, others), where, sheet)
        assert theirs.equals(compute_deciles(QueryContext(snapshot, others, date.max), where, sheet))
        assert theirs.is_empty() or sheet.audience is not MANAGEMENT


def test_fewer_than_twenty_structures_have_no_deciles(snapshot: Snapshot) -> None:
    where = snapshot.structures.parse_perimeter("region:hauts-de-france")
    assert compute_deciles(
        QueryContext(snapshot, MANAGEMENT, date.max), where, snapshot.catalogue["absenteeism_rate"]
    ).is_empty()


@pytest.mark.parametrize("perimeter", ["reseau", "region:be-hainaut", "ateliers-de-la-pointe-d-argent"])
@pytest.mark.parametrize("period", ["2021-T4", "2023-T4", "2024-T1", "2026-T3", "2025", "2025-S1", "2024-2025"])
def test_the_deliveries_of_a_period_are_those_of_their_twin(snapshot: Snapshot, perimeter: str, period: str) -> None:
    during = Period.parse(period)
    due = {}
    for name, sheet in sheets().items():
        newest = Period.latest_ended(during.end, Frequency(sheet["frequency"]))
        if sheet["source"] == "reported" and newest.end >= during.start:
            due[name] = newest
    codes = {period, *(newest.code for newest in due.values())}
    first: dict[str, datetime] = {}
    for moment, rows in files("measures"):
        for row in rows:
            if row["periode"] in codes:
                first.setdefault(row["structure"], moment)
    expected = {}
    for code in inside(perimeter):
        row = members()[code]
        opened, closed = day(row["ouverte_le"]), day(row["fermee_le"])
        owes = any(
            {row["type"], "*"} & set(sheets()[name]["kinds"])
            and (opened is None or opened <= newest.end)
            and (closed is None or closed >= newest.start)
            for name, newest in due.items()
        )
        if owes or any(s == code and p in codes for s, _, p in reported()):
            expected[code] = first.get(code)
    found = {
        delivery.structure.id: delivery.submitted_at
        for delivery in find_deliveries(snapshot, snapshot.structures.parse_perimeter(perimeter), during)
    }
    assert set(found) == set(expected)
    for code, moment in expected.items():
        late = found[code]
        assert (moment is None) == (late is None)
        assert moment is None or late is None or abs((late - moment).total_seconds()) < 1


def test_somebody_is_late_and_somebody_is_missing_in_the_fictitious_network(snapshot: Snapshot) -> None:
    found = [d for q in reported_quarters(snapshot) for d in find_deliveries(snapshot, Perimeter(Level.NETWORK), q)]
    assert any(delivery.submitted_at is None for delivery in found)
    assert any(delivery.submitted_at is not None for delivery in found)


def test_the_quarters_with_measures_come_newest_first(snapshot: Snapshot) -> None:
    codes = [quarter.code for quarter in reported_quarters(snapshot)]
    expected = {period for _, _, period in reported() if Period.parse(period).frequency is Frequency.QUARTER}
    assert codes == sorted(expected, reverse=True)
    assert len(codes) == 20


SERIES = [
    ("atelier-du-canal", "dynamic_exit_rate"),
    ("cordages-de-l-estran", "absenteeism_rate"),
    ("ateliers-de-la-pointe-d-argent", "absenteeism_rate"),
    ("ecole-du-pont-rouge", "pupil_absenteeism_rate"),
    ("reseau-des-horizons", "pathway_employee_event_share"),
    ("jardin-des-confluents", "cisp_job_exit_rate"),
    ("groupe:groupe-des-trois-rives-fictif", "permanent_contract_share"),
    ("region:be-namur", "client_satisfaction_rate"),
    ("reseau", "fte_realised"),
    ("reseau", "action_on_time_rate"),
]


@pytest.mark.parametrize(("perimeter", "indicator"), SERIES)
def test_a_series_is_that_of_its_twin_and_leaves_no_gap(snapshot: Snapshot, perimeter: str, indicator: str) -> None:
    where, sheet = snapshot.structures.parse_perimeter(perimeter), snapshot.catalogue[indicator]
    found = read_series(QueryContext(snapshot, MANAGEMENT, TODAY), where, sheet)
    own = {
        period: row
        for (name, period), row in figures_of(perimeter).items()
        if name == indicator
        and Period.parse(period).frequency is frequency(indicator)
        and Period.parse(period).end < TODAY
    }
    periods = [figure.period for figure in found]
    assert (periods[0].code, periods[-1].code) == (min(own), max(own))
    assert all(later == earlier.shifted(1) for earlier, later in pairwise(periods))
    for figure in found:
        row = own.get(figure.period.code)
        if row is None or row["value"] is None:
            assert figure.shown is None
            assert figure.status in {Status.MISSING, Status.NOT_APPLICABLE}
        else:
            assert figure.shown is not None
            assert figure.shown.value == pytest.approx(row["value"])
            counts = (figure.shown.numerator, figure.shown.denominator)
            if figure.indicator.aggregation == "sum" and row["contributors"] > 1 and row["denominator"] is not None:
                assert counts == (None, None), "counts of several structures do not give a sum of quotients"
            else:
                assert counts == (row["numerator"], row["denominator"])
            assert figure.shown.contributors == row["contributors"]


@pytest.mark.parametrize("perimeter", ["atelier-du-canal", "groupe:groupe-des-trois-rives-fictif", "reseau"])
def test_a_board_is_that_of_its_twin(snapshot: Snapshot, perimeter: str) -> None:
    quarter = Period.parse("2026-T1")
    tiles = compute_board(
        QueryContext(snapshot, MANAGEMENT, TODAY), snapshot.structures.parse_perimeter(perimeter), quarter
    )
    kinds = {members()[code]["type"] for code in inside(perimeter)}
    concerned = [s.id for s in snapshot.catalogue if "*" in s.kinds or kinds & set(s.kinds)]
    shown = [tile.indicator.id for tile in tiles]
    assert shown == [name for name in concerned if name in shown], "in the order of the catalogue"
    if perimeter == "atelier-du-canal":
        assert shown == concerned
    latest = {
        Frequency.QUARTER: "2026-T1",
        Frequency.SEMESTER: "2025-S2",
        Frequency.YEAR: "2025",
        Frequency.SCHOOL_YEAR: "2024-2025",
    }
    compared = 0
    for tile in tiles:
        assert tile.figure.period.code == latest[frequency(tile.indicator.id)]
        assert [figure.period for figure in tile.history] == tile.figure.period.trailing(HISTORY_PERIODS)
        assert tile.history[-1] is tile.figure
        assert tile.year_earlier is not None
        assert tile.year_earlier.period == tile.figure.period.year_earlier
        for figure in tile.history:
            row = figures_of(perimeter).get((tile.indicator.id, figure.period.code))
            ways = {formula for formula in tile.indicator.formulas if kinds & set(formula)}
            # What kinds count in different ways is not added up.
            expected = row["value"] if row and len(ways) < 2 else None
            assert figure.not_added_up == ("formulas" if len(ways) > 1 else None)
            assert (figure.shown and figure.shown.value) == (expected if expected is None else pytest.approx(expected))
            compared += expected is not None
    assert compared > 80


def test_a_board_of_some_indicators_is_a_part_of_the_board(snapshot: Snapshot) -> None:
    where, quarter = snapshot.structures.parse_perimeter("atelier-du-canal"), Period.parse("2026-T1")
    chosen = [snapshot.catalogue[name] for name in ("women_share", "dynamic_exit_rate")]
    whole = {
        tile.indicator.id: tile for tile in compute_board(QueryContext(snapshot, MANAGEMENT, TODAY), where, quarter)
    }
    part = compute_board(QueryContext(snapshot, MANAGEMENT, TODAY), where, quarter, chosen)
    assert part == [whole["women_share"], whole["dynamic_exit_rate"]]


def test_a_board_before_the_first_deposit_says_that_nothing_is_there(snapshot: Snapshot) -> None:
    where = snapshot.structures.parse_perimeter("atelier-du-canal")
    tiles = compute_board(QueryContext(snapshot, Audience.PUBLIC, TODAY), where, Period.parse("2019-T4"))
    assert tiles
    assert {tile.figure.status for tile in tiles} == {Status.MISSING}


def test_a_structure_that_was_not_open_is_not_concerned_rather_than_missing(snapshot: Snapshot) -> None:
    closed = snapshot.structures.parse_perimeter("cordages-de-l-estran")
    tiles = compute_board(QueryContext(snapshot, Audience.PUBLIC, TODAY), closed, Period.parse("2026-T2"))
    quarterly = [
        tile.figure for tile in tiles if tile.indicator.source == "reported" and "T" in tile.figure.period.code
    ]
    assert quarterly
    assert {figure.status for figure in quarterly} == {Status.NOT_APPLICABLE}


def test_a_figure_that_may_still_come_in_time_is_not_due_rather_than_missing(snapshot: Snapshot) -> None:
    where, sheet = snapshot.structures.parse_perimeter("atelier-du-canal"), snapshot.catalogue["dynamic_exit_rate"]
    for today, status in ((date(2027, 1, 30), Status.NOT_DUE), (date(2027, 1, 31), Status.MISSING)):
        (tile,) = compute_board(QueryContext(snapshot, Audience.PUBLIC, today), where, Period.parse("2026-T4"), [sheet])
        assert tile.figure.status is status


# Counts taken from registers


def test_the_six_derived_indicators_are_counted_from_the_registers_as_their_sheets_say(snapshot: Snapshot) -> None:
    found = {
        (row["structure"], row["indicator"], row["period"]): Count(row["numerator"], row["denominator"])
        for row in raw_count_rows(count_registers(snapshot)).filter(~pl.col("mixed")).iter_rows(named=True)
    }
    of_actions = actions_counted(register())
    expected = of_actions | plans_counted(of_actions) | occasions_counted(occasions())
    assert {indicator for _, indicator, _ in expected} == {
        name for name, sheet in sheets().items() if sheet["source"] == "derived"
    }
    for indicator in sorted({indicator for _, indicator, _ in expected}):
        reference = {key: count for key, count in expected.items() if key[1] == indicator}
        own = {key: count for key, count in found.items() if key[1] == indicator}
        assert own == reference, indicator


def test_assemblies_and_boards_are_counted_where_a_register_fills_them_and_are_what_was_typed(
    snapshot: Snapshot,
) -> None:
    rows = raw_count_rows(count_registers(snapshot)).filter(
        pl.col("mixed") & pl.col("from_register") & (pl.col("indicator") != "governance_meeting_rate")
    )
    found = {
        (row["structure"], row["indicator"], row["period"]): Count(row["numerator"], row["denominator"])
        for row in rows.iter_rows(named=True)
    }
    assert found == assemblies_and_boards_counted(occasions())
    assert len(found) >= 50
    assert all(reported()[key] == count for key, count in found.items())


def test_the_meetings_of_the_registers_are_as_many_as_the_structures_report(snapshot: Snapshot) -> None:
    rows = raw_count_rows(count_registers(snapshot)).filter(indicator="governance_meeting_rate", from_register=True)
    assert rows.height == 10, "two years of five structures"
    for row in rows.iter_rows(named=True):
        typed = reported()[row["structure"], row["indicator"], row["period"]]
        assert (row["numerator"], row["denominator"]) == (typed.numerator, typed.denominator), row


def test_one_plan_moves_figures_and_no_other(snapshot: Snapshot) -> None:
    """An action of 2025 that was done in 2026 is not done in the plan of 2025, and done in that of 2026."""
    of_actions = actions_counted(register())
    moved = {key: count for key, count in plans_counted(of_actions).items() if count != of_actions[key]}
    name = ("voisinage-des-deux-collines", "priority_action_completion_rate")
    assert moved == {(*name, "2025-T4"): Count(0, 1), (*name, "2026-T1"): Count(1, 1)}
    assert (of_actions[*name, "2025-T4"], of_actions[*name, "2026-T1"]) == (Count(1, 1), Count(0, 0))


def test_what_is_counted_from_registers_ends_with_its_quarter(snapshot: Snapshot) -> None:
    counts = raw_count_rows(count_registers(snapshot))
    assert all(Period.parse(period).end == end for period, end in counts.select("period", "period_end").iter_rows())


# What comes out


def test_the_measures_that_come_out_are_those_in_force(snapshot: Snapshot) -> None:
    rows = export_rows(snapshot, "measures").to_dicts()
    found = {}
    for row in rows:
        count = Count(row["numerateur"], row["denominateur"], row["valeur"], {"NC": "missing"}.get(row["absence"]))
        found[row["structure"], row["indicateur"], row["periode"]] = count
    assert len(found) == len(rows)
    assert set(found) == set(reported())
    for key, count in reported().items():
        assert (found[key].numerator, found[key].absence) == (count.numerator, count.absence), key
        if sheets()[key[1]]["denominator_required"]:
            assert found[key].denominator == count.denominator, key


@pytest.mark.parametrize(
    ("dataset", "rows", "key"),
    [("actions", register, "reference"), ("participation", occasions, "reference"), ("structures", None, "structure")],
)
def test_the_rows_that_come_out_are_those_in_force_under_the_names_of_the_files(
    snapshot: Snapshot, dataset: str, rows: Any, key: str
) -> None:
    header = [column.french for column in DATASETS[dataset].columns]
    in_force = rows() if rows else list(members().values())
    # Older files do not have all the columns yet.
    expected = [{name: row.get(name, "") for name in header} for row in in_force]
    found = format_as_deposited(export_rows(snapshot, dataset)).to_dicts()
    assert [*found[0]] == header

    def plain(row: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(number(text) if name == "duree_h" and text else (text or None) for name, text in row.items())

    assert [(row["structure"], row[key]) for row in found] == sorted((row["structure"], row[key]) for row in found)
    assert sorted(map(plain, found), key=repr) == sorted(map(plain, expected), key=repr)


def test_the_targets_that_come_out_are_those_in_force(snapshot: Snapshot) -> None:
    found = export_rows(snapshot, "cibles")
    expected = {
        (row["perimetre"], row["indicateur"], row["debut"], row["fin"] or None, number(row["valeur"]), row["origine"])
        for _, rows in files("cibles")
        for row in rows
    }
    assert set(found.drop("convenue_le").iter_rows()) == expected
    assert found.height == len(expected)


# Small cases, each in a region of its own


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Rates that differ, hours of different years, a breakdown, registers, a whole file corrected late."""
    members_ = [
        *(structure(f"taux-{number}") for number in (1, 2, 3)),
        structure("heures-aci", "ACI", "bretagne"),
        structure("heures-eiti", "EITI", "bretagne"),
        structure("heures-etti", "ETTI", "bretagne"),
        structure("detail", "ACI", "occitanie"),
        structure("registre", "ACI", "grand-est"),
        structure("reseau-ternoise", "RES", "grand-est"),
        structure("corrige", "ACI", "corse"),
        structure("absent", "EI", "corse"),
    ]
    rates = [(5, 50), (45, 50), (280, 400)]
    hours = [("aci", 43_680, 1_820), ("eiti", 15_050, 1_505), ("etti", 16_070, 1_607)]
    counts = [
        *(measure(f"taux-{n}", "2026-T3", "dynamic_exit_rate", *rate) for n, rate in enumerate(rates, start=1)),
        *(measure(f"heures-{kind}", "2026-T3", "fte_realised", *worked) for kind, *worked in hours),
        measure("detail", "2026-T3", "dynamic_exit_rate", 33, 60),
        measure("detail", "2026-T3", "dynamic_exit_rate", 13, 20, segment="sexe=F"),
        measure("detail", "2026-T3", "dynamic_exit_rate", 20, 40, segment="sexe=H"),
    ]
    actions = [
        action("P-1", "prioritaire", opened="2025-02-01", structure="registre"),
        action("C-1", "corrective", opened="2025-08-01", structure="registre"),
        action("C-2", "preventive", opened="2025-09-30", structure="registre"),
        action("I-1", "immediate", opened="2025-10-01", structure="registre"),
    ]
    held = [
        occasion("PA-1", "2026-02-01", 40, 30, structure="registre"),
        occasion("PA-2", "2026-02-01", 120, 10, structure="reseau-ternoise"),
        occasion("PA-3", "2026-03-01", 30, "", structure="reseau-ternoise"),
    ]
    first = measure("corrige", "2026-T1", "dynamic_exit_rate", 33, 60)
    with Network(str(tmp_path_factory.mktemp("cases"))) as opened:
        stored(opened, structures(*members_), at=datetime.fromisoformat("2026-01-01T08:00"))
        stored(opened, measures(first), at=datetime.fromisoformat("2026-04-10T08:00"))
        late = datetime.fromisoformat("2026-09-01T08:00")
        stored(opened, measures(first.replace("33;", "34;")), comment="une sortie retrouvée", at=late)
        stored(opened, measures(*counts))
        stored(opened, table(ACTIONS, *actions))
        stored(opened, table(PARTICIPATION, *held))
        yield opened


def figure_rows(network: Network, perimeter: str, indicator: str) -> list[dict[str, Any]]:
    with network.snapshot() as snapshot:
        where, sheet = snapshot.structures.parse_perimeter(perimeter), snapshot.catalogue[indicator]
        return perimeter_figures(
            QueryContext(snapshot, MANAGEMENT, date.max), where, [sheet], date.min, date.max
        ).rows.to_dicts()


def test_a_rate_of_several_structures_is_the_ratio_of_the_sums_and_not_the_mean_of_the_rates(cases: Network) -> None:
    (row,) = figure_rows(cases, "region:normandie", "dynamic_exit_rate")
    with cases.snapshot() as snapshot:
        where, sheet = snapshot.structures.parse_perimeter("region:normandie"), snapshot.catalogue["dynamic_exit_rate"]
        (figure,) = read_series(QueryContext(snapshot, Audience.MANAGEMENT, TODAY), where, sheet)
    mean_of_rates = (10 + 90 + 70) / 3
    assert (row["numerator"], row["denominator"], row["contributors"]) == (330, 500, 3)
    assert row["value"] == pytest.approx(66.0)
    assert figure.shown is not None
    assert figure.shown.value == pytest.approx(66.0)
    assert abs(66.0 - mean_of_rates) > 9


def test_full_time_equivalents_of_structures_with_different_years_add_up(cases: Network) -> None:
    (row,) = figure_rows(cases, "region:bretagne", "fte_realised")
    assert row["value"] == pytest.approx(24 + 10 + 10)


def test_a_breakdown_is_not_added_to_the_whole_it_breaks_down(cases: Network) -> None:
    (row,) = figure_rows(cases, "detail", "dynamic_exit_rate")
    assert (row["numerator"], row["denominator"]) == (33, 60)
    with cases.snapshot() as snapshot:
        where, sheet = snapshot.structures.parse_perimeter("detail"), snapshot.catalogue["dynamic_exit_rate"]
        rows = figures_by_structure(
            QueryContext(snapshot, MANAGEMENT, date.max), where, sheet, Period.parse("2026-T3")
        ).rows.to_dicts()
    assert [(row["numerator"], row["denominator"]) for row in rows] == [(33, 60)]


def test_a_register_counts_corrective_actions_from_its_first_action_whatever_that_one_was(cases: Network) -> None:
    rows = figure_rows(cases, "registre", "corrective_preventive_actions_total")
    assert {row["period"]: row["value"] for row in rows} == {"2025-T1": 0, "2025-T2": 0, "2025-T3": 2, "2025-T4": 2}


def test_a_share_of_those_present_at_network_events_is_the_networks_alone(cases: Network) -> None:
    (row,) = figure_rows(cases, "region:grand-est", "pathway_employee_event_share")
    assert (row["numerator"], row["denominator"], row["contributors"]) == (10, 120, 1)
    assert figure_rows(cases, "registre", "pathway_employee_event_share") == []


def test_a_structure_that_corrects_its_whole_file_was_not_late_for_it(cases: Network) -> None:
    with cases.snapshot() as snapshot:
        found = find_deliveries(snapshot, snapshot.structures.parse_perimeter("region:corse"), Period.parse("2026-T1"))
    assert {delivery.structure.id: (delivery.submitted_at, delivery.filled) for delivery in found} == {
        "corrige": (datetime.fromisoformat("2026-04-10T08:00"), 1),
        "absent": (None, 0),
    }


def test_a_rate_published_without_its_counts_is_shown_for_its_structure_and_never_added_up(belgium: Network) -> None:
    with belgium.snapshot() as snapshot:
        sheet = snapshot.catalogue["permanent_contract_share"]

        def rows(perimeter: str) -> list[tuple[Any, ...]]:
            where = snapshot.structures.parse_perimeter(perimeter)
            found = perimeter_figures(
                QueryContext(snapshot, MANAGEMENT, date.max), where, [sheet], date.min, date.max
            ).rows
            return found.select("numerator", "denominator", "value", "contributors", "status").rows()

        assert rows("cortil") == [(None, None, 97.0, 0, "ok")]
        assert rows("proxiservice") == [(44, 44, 100.0, 1, "ok")]
        assert rows("region:be-liege") == [(None, None, None, 0, "missing")]
        assert rows("reseau") == [(44, 44, 100.0, 1, "ok")]
        (published,) = read_series(
            QueryContext(snapshot, Audience.PUBLIC, TODAY), snapshot.structures.parse_perimeter("cortil"), sheet
        )
        assert published.shown is not None
        assert (published.shown.value, published.interval, published.judgement) == (97.0, None, None)


def test_the_total_of_1_100_actions_is_shown_though_no_register_was_kept(belgium: Network) -> None:
    with belgium.snapshot() as snapshot:
        where, sheet = (
            snapshot.structures.parse_perimeter("itl"),
            snapshot.catalogue["corrective_preventive_actions_total"],
        )
        (published,) = read_series(QueryContext(snapshot, Audience.PUBLIC, TODAY), where, sheet)
    assert published.shown is not None
    assert published.shown.value == 1_100


def test_the_deciles_of_a_quarterly_indicator_leave_out_what_is_given_for_the_year(network: Network) -> None:
    codes = [f"atelier-{number}" for number in range(20)]
    stored(network, structures(*map(structure, codes)))
    yearly = [measure(code, "2025", "dynamic_exit_rate", 60 + place, 120) for place, code in enumerate(codes)]
    quarterly = [measure(code, "2025-T4", "dynamic_exit_rate", 10 + place, 40) for place, code in enumerate(codes)]
    stored(network, measures(*yearly, *quarterly))
    with network.snapshot() as snapshot:
        sheet = snapshot.catalogue["dynamic_exit_rate"]
        found = compute_deciles(
            QueryContext(snapshot, Audience.PUBLIC, date.max), snapshot.structures.parse_perimeter("reseau"), sheet
        )
        too_few = compute_deciles(
            QueryContext(snapshot, Audience.PUBLIC, date.max), snapshot.structures.parse_perimeter("atelier-1"), sheet
        )
    assert found.select("period", "structures").rows() == [("2025-T4", 20)]
    assert found["median"].to_list() == [48.8], "48.75, as it is displayed"
    assert too_few.is_empty()


def test_a_network_without_anything_has_no_quarter_and_no_figure(network: Network) -> None:
    with network.snapshot() as snapshot:
        everything = list(snapshot.catalogue)
        assert reported_quarters(snapshot) == ()
        assert perimeter_figures(
            QueryContext(snapshot, MANAGEMENT, date.max), Perimeter(Level.NETWORK), everything, date.min, date.max
        ).rows.is_empty()
        assert find_deliveries(snapshot, Perimeter(Level.NETWORK), Period.parse("2026-T1")) == []
        assert (
            list(read_series(QueryContext(snapshot, MANAGEMENT, TODAY), Perimeter(Level.NETWORK), everything[0])) == []
        )
        assert figures_by_structure(
            QueryContext(snapshot, MANAGEMENT, date.max),
            Perimeter(Level.NETWORK),
            everything[0],
            Period.parse("2026-T1"),
        ).rows.is_empty()
        assert export_rows(snapshot, "measures").is_empty()
        assert (
            compute_board(QueryContext(snapshot, MANAGEMENT, TODAY), Perimeter(Level.NETWORK), Period.parse("2026-T1"))
            == []
        )


def test_a_reading_does_not_see_what_is_deposited_meanwhile_and_the_next_one_does(
    network: Network, store: Store
) -> None:
    stored(network, structures(structure("atelier")))
    with network.snapshot() as before:
        assert reported_quarters(before) == ()
        stored(network, measures(measure("atelier", "2026-T3", "dynamic_exit_rate", 33, 60)))
        assert export_rows(before, "measures").is_empty()
        with network.snapshot() as after:
            assert [quarter.code for quarter in reported_quarters(after)] == ["2026-T3"]
            assert after.tag != before.tag
            assert export_rows(after, "measures").height == 1
    with store.open() as elsewhere, elsewhere.snapshot() as again:
        assert again.tag == after.tag


@pytest.mark.parametrize("name", ["regions", "campaigns", "rebasings"])
def test_what_is_read_of_files_changes_the_tag_of_every_answer(tmp_path: Path, name: str) -> None:
    copytree(DATA_FOLDER / "catalogue", tmp_path / "files" / "catalogue")
    copytree(DATA_FOLDER / "reference", tmp_path / "files" / "reference")

    def tag() -> str:
        with Network(str(tmp_path / "store"), reference=tmp_path / "files") as opened, opened.snapshot() as snapshot:
            return snapshot.tag

    before = tag()
    file = tmp_path / "files" / "reference" / f"{name}.csv"
    # An empty line is read like none: what the file is has changed all the same.
    file.write_bytes(file.read_bytes() + b"\n")
    assert tag() != before


def test_text_that_a_spreadsheet_would_run_comes_out_neutralised_and_numbers_do_not(network: Network) -> None:
    stored(network, structures(structure("atelier")))
    dangerous = ["=1+1", "+33 1", "-rien", "@SOMME(A1)", "sans danger = rien"]
    rows = [
        measure("atelier", f"202{year}-T1", "contracted_fte_rate", 12, 12, comment=comment)
        for year, comment in enumerate(dangerous)
    ]
    stored(network, measures(*rows))
    stored(network, table(TARGETS, "reseau;dynamic_exit_rate;2026-T1;;-2,5;interne;"))
    with network.snapshot() as snapshot:
        texts = format_as_deposited(export_rows(snapshot, "measures"))
        targets = format_as_deposited(export_rows(snapshot, "cibles"))
    assert texts["commentaire"].to_list() == ["'=1+1", "'+33 1", "'-rien", "'@SOMME(A1)", "sans danger = rien"]
    assert texts["numerateur"].to_list() == ["12.0"] * 5
    assert targets["valeur"].to_list() == ["-2.5"]


def test_absences_come_out_in_the_cells_where_people_write_them(belgium: Network) -> None:
    with belgium.snapshot() as snapshot:
        rows = format_as_deposited(export_rows(snapshot, "measures")).filter(pl.col("indicateur") == "women_share")
    assert rows.select("numerateur", "denominateur", "valeur").rows() == [("NC", "650.0", "NC")]
