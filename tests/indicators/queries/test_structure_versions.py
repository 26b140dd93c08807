"""What a structure was holds from a day: the past keeps its regions, its groups and its kinds."""

from __future__ import annotations

from datetime import date

import pytest

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Period
from indicators.figures.figure import Status
from indicators.figures.time_steps import TimeStep
from indicators.intake.deposit import Accepted
from indicators.network import Network
from indicators.queries.comparison.scope import ComparisonScope
from indicators.queries.deposits.deliveries import find_deliveries
from indicators.queries.deposits.expected import delivery_states
from indicators.queries.deposits.export import export_rows, format_as_deposited
from indicators.queries.figures.board import compute_board
from indicators.queries.figures.by_structure import figures_by_structure
from indicators.queries.figures.deciles import compute_deciles
from indicators.queries.figures.figures import perimeter_figures
from indicators.queries.figures.region_shares import region_shares
from indicators.queries.figures.series import read_series
from indicators.snapshot import QueryContext, Snapshot
from indicators.store.deposits import withdraw
from tests.builders import (
    ACTIONS,
    NOW,
    STRUCTURES,
    TARGETS,
    TODAY,
    action,
    codes,
    deposit,
    examine,
    findings_of,
    measure,
    measures,
    places,
    stored,
    structure,
    structures,
    table,
)
from tests.conftest import FilledBy

RATE = "dynamic_exit_rate"
QUARTERS = ("2025-T4", "2026-T1", "2026-T2", "2026-T3")
DATED = f"{STRUCTURES};valable_du"
MANAGEMENT = Audience.MANAGEMENT
HOUSES = ("maison-a", "maison-b", "maison-c", "maison-d")


def rows(*more: str) -> list[str]:
    return [structure(code, "ACI", "normandie", "Groupe Un (fictif)") for code in HOUSES] + list(more)


def move_one(network: Network) -> None:
    stored(network, structures(*rows(structure("temoin", "EI", "bretagne", "Groupe Deux (fictif)"))))
    counts = [
        measure(code, period, RATE, 20 + place, 50)
        for place, code in enumerate((*HOUSES, "temoin"))
        for period in QUARTERS
    ]
    stored(network, measures(*counts))
    change(network, structure("maison-a", "EI", "bretagne", "Groupe Deux (fictif)"), "2026-T2")


@pytest.fixture
def moved(filled_by: FilledBy) -> Network:
    """Four structures of one region and group, of which `maison-a` moves, changes group and kind on 1 April 2026."""
    return filled_by(move_one)


def change(network: Network, row: str, period: str | None = None, header: str = STRUCTURES) -> None:
    outcome = deposit(network, table(header, row), period=period, comment="déménagement", today=TODAY)
    assert isinstance(outcome, Accepted), [(f.code, f.header, f.value) for f in outcome.validation.findings]


def counted(network: Network, perimeter: str) -> dict[str, tuple[float | None, float | None, int]]:
    """Numerator, denominator and contributors of a perimeter, by quarter."""
    with network.snapshot() as snapshot:
        where, sheet = snapshot.structures.parse_perimeter(perimeter), snapshot.catalogue[RATE]
        found = perimeter_figures(QueryContext(snapshot, MANAGEMENT, date.max), where, [sheet], date.min, date.max).rows
        return {r["period"]: (r["numerator"], r["denominator"], r["contributors"]) for r in found.iter_rows(named=True)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("region:normandie", "region:bretagne"),
        ("type:ACI", "type:EI"),
        ("groupe:groupe-un-fictif", "groupe:groupe-deux-fictif"),
    ],
)
def test_a_past_quarter_keeps_the_region_the_kind_and_the_group_that_structures_had(
    moved: Network, before: str, after: str
) -> None:
    assert counted(moved, before) == {
        "2025-T4": (86, 200, 4),
        "2026-T1": (86, 200, 4),
        "2026-T2": (66, 150, 3),
        "2026-T3": (66, 150, 3),
    }
    assert counted(moved, after) == {
        "2025-T4": (24, 50, 1),
        "2026-T1": (24, 50, 1),
        "2026-T2": (44, 100, 2),
        "2026-T3": (44, 100, 2),
    }


def test_the_network_and_the_structure_itself_keep_all_their_quarters(moved: Network) -> None:
    assert counted(moved, "reseau") == dict.fromkeys(QUARTERS, (110, 250, 5))
    assert counted(moved, "maison-a") == dict.fromkeys(QUARTERS, (20, 50, 1))


def test_a_year_of_a_region_adds_up_what_its_structures_counted_while_they_were_there(moved: Network) -> None:
    last = measures(*(measure(code, "2026-T4", RATE, 20, 50) for code in HOUSES))
    assert isinstance(deposit(moved, last, today=date(2027, 2, 1), comment="comme mesuré"), Accepted)
    with moved.snapshot() as snapshot:
        sheet, where = snapshot.catalogue[RATE], Perimeter(Level.REGION, "normandie")
        (year,) = read_series(QueryContext(snapshot, MANAGEMENT, date(2027, 6, 1)), where, sheet, TimeStep.YEAR)[-1:]
    assert year.shown is not None
    assert (year.shown.numerator, year.shown.denominator) == (86 + 66 + 66 + 60, 200 + 150 * 3)


def test_structures_side_by_side_are_those_that_were_there_then(moved: Network) -> None:
    with moved.snapshot() as snapshot:
        sheet, where = snapshot.catalogue[RATE], Perimeter(Level.REGION, "normandie")
        found = {
            code: figures_by_structure(QueryContext(snapshot, MANAGEMENT, TODAY), where, sheet, Period.parse(code))
            .rows["structure"]
            .to_list()
            for code in ("2026-T1", "2026-T2")
        }
        among = {
            quarter: [s.id for s in ComparisonScope(where).structures(snapshot, sheet, Period.parse(quarter).end)]
            for quarter in ("2026-T1", "2026-T2")
        }
    assert found == among == {"2026-T1": list(HOUSES), "2026-T2": list(HOUSES[1:])}


def test_regions_of_a_quarter_are_those_of_its_structures_then(network: Network) -> None:
    stored(network, structures(structure("seule", region="corse"), structure("autre", region="bretagne")))
    change(network, structure("seule", region="bretagne"), "2026-T2")
    with network.snapshot() as snapshot:
        sheet = snapshot.catalogue[RATE]
        found = {
            code: [
                one.region
                for one in region_shares(QueryContext(snapshot, MANAGEMENT, TODAY), sheet, Period.parse(code)).regions
            ]
            for code in ("2026-T1", "2026-T2")
        }
        assert snapshot.structures.parse_perimeter("region:corse"), (
            "a region that the last structure left still has a past"
        )
    assert found == {"2026-T1": ["bretagne", "corse"], "2026-T2": ["bretagne"]}


def test_a_distribution_over_time_holds_who_was_there_in_each_period(network: Network) -> None:
    codes_ = [f"maison-{n:02}" for n in range(21)]
    stored(network, structures(*(structure(code) for code in codes_)))
    stored(network, measures(*(measure(code, p, RATE, 20, 60) for code in codes_ for p in ("2026-T1", "2026-T2"))))
    change(network, structure(codes_[0], region="bretagne"), "2026-T2")
    with network.snapshot() as snapshot:
        found = compute_deciles(
            QueryContext(snapshot, MANAGEMENT, TODAY), Perimeter(Level.REGION, "normandie"), snapshot.catalogue[RATE]
        )
    assert dict(found.select("period", "structures").iter_rows()) == {"2026-T1": 21, "2026-T2": 20}


def test_what_was_counted_from_registers_follows_the_place_that_its_structure_had(moved: Network) -> None:
    kept = [action("A-1", opened="2025-11-01", structure=code) for code in HOUSES]
    assert isinstance(deposit(moved, table(ACTIONS, *kept), period="2026-T3", comment="au fil de l’eau"), Accepted)
    with moved.snapshot() as snapshot:
        sheet, where = snapshot.catalogue["corrective_preventive_actions_total"], Perimeter(Level.REGION, "normandie")
        found = perimeter_figures(QueryContext(snapshot, MANAGEMENT, date.max), where, [sheet], date.min, date.max).rows
        regions = {
            region: perimeter_figures(
                QueryContext(snapshot, MANAGEMENT, date.max), Perimeter(Level.REGION, region), [sheet], day, day
            )
            .rows["numerator"]
            .to_list()
            for region, day in (("normandie", date(2026, 3, 31)), ("bretagne", date(2026, 6, 30)))
        }
    assert dict(found.select("period", "numerator").iter_rows()) == dict(zip(QUARTERS, (4, 4, 3, 3), strict=True))
    assert regions == {"normandie": [4], "bretagne": [1]}


def test_a_structure_that_changed_kind_is_asked_what_its_kind_of_then_owes(network: Network) -> None:
    stored(network, structures(structure("ecole", "ECO", "be-hainaut"), structure("autre", "ACI")))
    change(network, structure("ecole", "CISP", "be-hainaut"), "2026-T1")
    school, centre = "pupil_absenteeism_rate", "cisp_job_exit_rate"
    with network.snapshot() as snapshot:
        states = {code: dict(delivery_states(snapshot, "ecole", Period.parse(code))) for code in ("2025-T3", "2026-T3")}
        expected = {
            code: {d.structure.id: d.required for d in find_deliveries(snapshot, NETWORK, Period.parse(code))}
            for code in states
        }
        boards = {
            code: {
                tile.indicator.id
                for tile in compute_board(
                    QueryContext(snapshot, MANAGEMENT, TODAY), Perimeter(Level.STRUCTURE, "ecole"), quarter
                )
            }
            for code in states
            for quarter in [Period.parse(code)]
        }
    for found in (states, boards):
        assert school in found["2025-T3"]
        assert centre not in found["2025-T3"]
        assert centre in found["2026-T3"]
        assert school not in found["2026-T3"]
    assert expected["2025-T3"]["ecole"] != expected["2026-T3"]["ecole"]


def test_a_figure_of_the_past_is_held_against_the_kind_that_the_structure_had(network: Network) -> None:
    stored(network, structures(structure("ecole", "ECO", "be-hainaut")))
    change(network, structure("ecole", "ACI", "be-hainaut"), "2026-T1")
    late = measures(measure("ecole", "2025-T4", RATE, 20, 50), measure("ecole", "2026-T1", RATE, 20, 50))
    assert places(findings_of(examine(network, late), "B06")) == [(2, "C")]


def test_the_target_of_a_past_quarter_is_that_of_the_region_of_then(moved: Network) -> None:
    goals = [
        f"region:{region};{RATE};2025-T1;;{value};internal;" for region, value in (("normandie", 55), ("bretagne", 65))
    ]
    stored(moved, table(TARGETS, *(goal.replace("internal", "interne") for goal in goals)))
    with moved.snapshot() as snapshot:
        own = Perimeter(Level.STRUCTURE, "maison-a")
        found = [snapshot.target(own, RATE, Period.parse(code)) for code in ("2026-T1", "2026-T2")]
    assert [target.value for target in found if target] == [55, 65]


def status_of(snapshot: Snapshot, owner: str, code: str) -> str:
    """What the public sees of the rate of a structure in a quarter."""
    sheet, end = snapshot.catalogue[RATE], Period.parse(code).end
    found = perimeter_figures(
        QueryContext(snapshot, Audience.PUBLIC, date.max), Perimeter(Level.STRUCTURE, owner), [sheet], end, end
    ).rows
    return str(found["status"][0])


def test_a_structure_that_moved_is_withheld_with_those_of_its_region_of_then(network: Network) -> None:
    """A total is withheld for the one it would give away while that one is in it, and shown once it has left."""
    stored(
        network,
        structures(
            *(structure(code) for code in HOUSES[:3]), *(structure(f"autre-{n}", region="corse") for n in range(4))
        ),
    )
    small = [measure("maison-a", period, RATE, 3, 40) for period in ("2026-T1", "2026-T2")]
    large = [
        measure(code, period, RATE, 20, 40)
        for code in (*HOUSES[1:3], *(f"autre-{n}" for n in range(4)))
        for period in ("2026-T1", "2026-T2")
    ]
    stored(network, measures(*small, *large))
    change(network, structure("maison-a", region="corse"), "2026-T2")
    with network.snapshot() as snapshot:
        sheet = snapshot.catalogue[RATE]
        status = {
            (region, r["period"]): r["status"]
            for region in ("normandie", "corse")
            for r in perimeter_figures(
                QueryContext(snapshot, Audience.PUBLIC, date.max),
                Perimeter(Level.REGION, region),
                [sheet],
                date.min,
                date.max,
            ).rows.iter_rows(named=True)
        }
        hidden = {
            (region, code): [
                shown
                for where in [Perimeter(Level.REGION, region)]
                for shown in snapshot.structures.members_on(where, Period.parse(code).end)
                if status_of(snapshot, shown, code) == Status.WITHHELD
            ]
            for region, code in status
        }
    assert hidden["normandie", "2026-T1"] == ["maison-a"]
    assert status["normandie", "2026-T1"] == Status.WITHHELD
    assert hidden["normandie", "2026-T2"] == []
    assert status["normandie", "2026-T2"] == Status.OK
    assert all(len(hidden[cell]) in {0, 3} for cell, found in status.items() if found == Status.OK)


# What a file may change, and what is said of it


def test_a_change_without_a_day_is_asked_for_one_where_no_period_is_collected(moved: Network) -> None:
    found = examine(moved, structures(structure("maison-b", region="corse")))
    assert [(f.row, f.header, f.severity) for f in findings_of(found, "C01")] == [(2, "valable_du", "blocking")]
    assert found.rows_accepted == 0


def test_a_change_without_a_day_holds_from_the_first_day_of_the_period_collected(moved: Network) -> None:
    found = examine(
        moved, structures(structure("maison-b", region="corse", group="Groupe Un (fictif)")), period="2026-T3"
    )
    assert [(f.header, f.value, f.values["former"], f.values["since"]) for f in findings_of(found, "B08")] == [
        ("region", "corse", "normandie", "2026-07-01")
    ]
    assert found.table is not None
    assert found.table["valid_from"].to_list() == [date(2026, 7, 1)]


def test_a_change_holds_from_the_day_that_its_row_says(moved: Network) -> None:
    row = structure("maison-b", region="corse", group="Groupe Un (fictif)")
    change(moved, f"{row};2026-01-01", header=DATED)
    assert {code: n for code, (_, _, n) in counted(moved, "region:corse").items()} == {
        "2026-T1": 1,
        "2026-T2": 1,
        "2026-T3": 1,
    }


def test_every_attribute_that_changes_is_told_with_what_it_was(moved: Network) -> None:
    row = "maison-b;Maison Bleue (fictif);EI;;corse;2A;FR;;;;"
    found = findings_of(examine(moved, structures(row), period="2026-T3"), "B08")
    assert {f.header: (f.values["former"], f.values.get("of")) for f in found} == {
        "nom": ("Maison B (fictif)", None),
        "type": ("ACI", None),
        "groupe": ("Groupe Un (fictif)", "left"),
        "region": ("normandie", None),
    }


def test_the_same_structures_deposited_again_change_nothing(moved: Network) -> None:
    found = examine(moved, structures(*rows()[1:], structure("maison-a", "EI", "bretagne", "Groupe Deux (fictif)")))
    assert codes(found) == []
    change(moved, rows()[1])
    assert counted(moved, "region:normandie")["2026-T3"] == (66, 150, 3)


def test_filling_in_a_number_or_saying_when_it_opened_is_no_change(moved: Network) -> None:
    row = "maison-b;Maison B (fictif);ACI;Groupe Un (fictif);normandie;14;FR;00090001900019;;2012-01-01;"
    assert codes(examine(moved, structures(row))) == []


def test_another_registration_number_is_a_change_and_the_former_one_still_names_its_structure(network: Network) -> None:
    row = "maison;Maison (fictive);ACI;;normandie;76;FR;{};;;"
    stored(network, structures(row.format("00090001900019")))
    again = structures(row.format("00090001900027"))
    assert [f.header for f in findings_of(examine(network, again, period="2026-T3"), "B08")] == ["siret"]
    change(network, row.format("00090001900027"), "2026-T3")
    for number in ("00090001900019", "00090001900027"):
        assert examine(network, measures(measure(number, "2026-T1", RATE, 20, 50))).rows_accepted == 1


def test_a_column_that_the_file_does_not_have_changes_nothing(moved: Network) -> None:
    closing = b"structure;nom;type;region;pays;fermee_le\nmaison-b;Maison B (fictif);ACI;normandie;FR;2026-12-31\n"
    assert codes(examine(moved, closing)) == []


def test_a_closing_before_figures_that_exist_is_confirmed(moved: Network) -> None:
    row = structure("maison-b", "ACI", "normandie", "Groupe Un (fictif)", closed="2026-02-15")
    (finding,) = findings_of(examine(moved, structures(row)), "B08")
    assert (finding.header, finding.values["of"], finding.values["figures"], finding.values["last"]) == (
        "fermee_le",
        "closing",
        2,
        "2026-T3",
    )
    sound = structure("maison-b", "ACI", "normandie", "Groupe Un (fictif)", closed="2026-09-30")
    assert codes(examine(moved, structures(sound))) == []


def test_a_closing_day_that_changes_is_confirmed(moved: Network) -> None:
    row = structure("maison-b", "ACI", "normandie", "Groupe Un (fictif)", closed="2026-09-30")
    stored(moved, structures(row))
    for day in ("2026-10-15", ""):
        (finding,) = findings_of(examine(moved, structures(row.replace("2026-09-30", day))), "B08")
        assert (finding.header, finding.values["former"]) == ("fermee_le", "2026-09-30")


def test_a_region_that_pools_some_of_the_cohorts_of_who_moved_is_not_public(network: Network) -> None:
    """`maison-a` shows 36 of 80 over two cohorts: its region less the others would tell the 2 of 20 of the last."""
    name = "employment_rate_6m"
    there = [structure(code, "ACI", "normandie") for code in HOUSES[1:]]
    stored(network, structures(*there, *(structure(code, "ACI", "bretagne") for code in ("maison-a", "essai-1"))))
    stored(network, measures(*(measure(code, year, name, 30, 60) for code in HOUSES[1:] for year in ("2023", "2024"))))
    stored(network, measures(*(measure("essai-1", year, name, 30, 60) for year in ("2023", "2024"))))
    stored(network, measures(measure("maison-a", "2023", name, 34, 60), measure("maison-a", "2024", name, 2, 20)))

    def statuses() -> list[str]:
        with network.snapshot() as snapshot:
            sheet = snapshot.catalogue[name]
            found = [
                perimeter_figures(
                    QueryContext(snapshot, Audience.PUBLIC, date.max),
                    snapshot.structures.parse_perimeter(code),
                    [sheet],
                    date.min,
                    date.max,
                ).rows
                for code in ("maison-a", "region:normandie", "region:bretagne", "reseau")
            ]
            return [status for frame in found for status in frame["status"]]

    assert statuses() == ["ok"] * 4
    change(network, f"{structure('maison-a')};2024-01-01", header=DATED)
    assert statuses() == ["ok", "withheld", "withheld", "ok"]


def test_a_closing_day_holds_whichever_of_its_rows_a_file_states_it_on(moved: Network) -> None:
    was = structure("maison-a", "ACI", "normandie", "Groupe Un (fictif)", closed="2026-09-30")
    change(moved, f"{was};2025-10-01", header=DATED)
    with moved.snapshot() as snapshot:
        maison = snapshot.structures["maison-a"]
        days = {dated.structure.closed_on for dated in snapshot.structures.changed["maison-a"]}
    assert (maison.region, maison.closed_on, days) == ("bretagne", date(2026, 9, 30), {date(2026, 9, 30)})


def test_a_change_that_is_still_to_come_is_refused(moved: Network) -> None:
    row = structure("maison-b", "ACI", "corse", "Groupe Un (fictif)")
    found = examine(moved, table(DATED, f"{row};2027-01-01"))
    assert [(f.header, f.values["since"]) for f in findings_of(found, "B02")] == [("valable_du", "2027-01-01")]


def test_withdrawing_a_change_gives_the_past_back(moved: Network) -> None:
    with moved.snapshot() as snapshot:
        newest = snapshot.cursor.rows("select deposit from lake.structures order by sequence desc limit 1")[0][0]
    withdraw(moved.lake, str(newest), "erreur", "accueil (fictif)", NOW)
    assert counted(moved, "region:normandie")["2026-T3"] == (86, 200, 4)


def test_a_former_name_is_kept_and_still_names_its_structure(network: Network) -> None:
    stored(network, structures("maison;Maison Verte (fictive);ACI;;normandie;;FR;;;;"))
    change(network, "maison;Maison Bleue (fictive);ACI;;normandie;;FR;;;;", "2026-T3")
    with network.snapshot() as snapshot:
        assert snapshot.structures["maison"].name == "Maison Bleue (fictive)"
        assert snapshot.structures.as_of(date(2026, 1, 1))["maison"].name == "Maison Bleue (fictive)"
        assert snapshot.structures.former_names("maison") == ["Maison Verte (fictive)"]
    found = examine(network, measures(measure("Maison Verte (fictive)", "2026-T1", RATE, 20, 50)))
    assert (found.rows_accepted, codes(found)) == (1, ["C16"])


def test_a_former_name_that_is_anothers_now_names_the_other(network: Network) -> None:
    stored(network, structures("maison;Maison Verte (fictive);ACI;;normandie;;FR;;;;"))
    change(network, "maison;Maison Bleue (fictive);ACI;;normandie;;FR;;;;", "2026-T3")
    stored(network, structures("autre;Maison Verte (fictive);ACI;;normandie;;FR;;;;"))
    found = examine(network, measures(measure("Maison Verte (fictive)", "2026-T1", RATE, 20, 50)))
    assert found.table is not None
    assert found.table["structure"].to_list() == ["autre"]


def test_what_structures_were_comes_out_and_goes_in_again(moved: Network) -> None:
    with moved.snapshot() as snapshot:
        exported = format_as_deposited(export_rows(snapshot, "structures"))
    assert exported.filter(structure="maison-a").select("region", "valable_du").rows() == [
        ("normandie", None),
        ("bretagne", "2026-04-01"),
    ]
    assert codes(examine(moved, exported.write_csv(separator=";").encode())) == []


def test_the_same_structure_twice_in_a_file_is_told(network: Network) -> None:
    row = structure("maison")
    assert codes(examine(network, structures(row, row.replace("normandie", "corse")))) == ["R08"]
