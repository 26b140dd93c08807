"""What is true of the fictitious network, and of the other data we ship beside it."""

from __future__ import annotations

import csv
import re
import tomllib
from collections import Counter, defaultdict
from datetime import date, datetime
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from data.demo_generator.generate import DEMO, make

DATA = DEMO.parent
QUARTERS = [f"{year}-T{number}" for year in range(2021, 2027) for number in range(1, 5)][3:-1]
KINDS = {
    "ACI": 9,
    "AI": 5,
    "EI": 6,
    "ETTI": 4,
    "EITI": 1,
    "GEIQ": 1,
    "CISP": 4,
    "EIW": 3,
    "TS": 2,
    "SAP": 1,
    "ECO": 2,
    "GES": 1,
    "RES": 1,
}
PARTS = ("durable_job_exit_rate", "transition_job_exit_rate", "positive_exit_rate")
REAL_NAMES = """
    coorace itl terre defi proxiservice contre point cortil cortigroupe choq saw-b forem caips iseor oxalis flora aim
    hms essor adpei iris pactes caap esnov mssv clic pommeraye passerelle adef ode dynamia chorus inter cohesion17 actem
    isactys rejoins mrc aurelie umih erdf ipso
"""
NEVER_WRITTEN = (
    "coorace proxiservice cortil cortigroupe choq saw-b forem caips iseor oxalis adpei esnov isactys actem mssv"
)

Row = dict[str, str]


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


@cache
def structures() -> dict[str, Row]:
    return {row["structure"]: row for row in read(DEMO / "structures.csv")}


@cache
def sheets() -> dict[str, dict[str, Any]]:
    return {path.stem: tomllib.loads(path.read_text("utf-8")) for path in (DATA / "catalogue").glob("*/*.toml")}


@cache
def measures() -> list[tuple[str, str, Row]]:
    """Every row with its quarter and its file."""
    return [(path.parent.name, path.name, row) for path in sorted(DEMO.glob("*/measures*.csv")) for row in read(path)]


@cache
def register() -> list[tuple[str, Row]]:
    return [(path.parent.name, row) for path in sorted(DEMO.glob("*/actions.csv")) for row in read(path)]


@cache
def occasions() -> list[tuple[str, Row]]:
    return [(path.parent.name, row) for path in sorted(DEMO.glob("*/participation.csv")) for row in read(path)]


def counted(rows: list[tuple[str, str, Row]]) -> list[Row]:
    return [row for _, _, row in rows if row["numerateur"] != "NC"]


def number(text: str) -> Fraction:
    return Fraction(text.replace(",", "."))


def applies(sheet: dict[str, Any], kind: str) -> bool:
    return kind in sheet["kinds"] or sheet["kinds"] == ["*"]


def in_quarter(day: str, quarter: str) -> bool:
    moment = date.fromisoformat(day)
    return f"{moment.year}-T{(moment.month + 2) // 3}" == quarter


def luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


# The network


def test_forty_structures_of_thirteen_kinds_in_three_groups() -> None:
    rows = structures().values()
    assert len(rows) == 40
    assert Counter(row["type"] for row in rows) == KINDS
    groups = defaultdict(list)
    for row in rows:
        if row["groupe"]:
            groups[row["groupe"]].append(row["type"])
    assert len(groups) == 3
    assert all(3 <= len(kinds) <= 6 and len(set(kinds)) >= 3 for kinds in groups.values())


def test_regions_are_known_and_unevenly_filled() -> None:
    known = {row["region"]: row["pays"] for row in read(DATA / "reference" / "regions.csv")}
    rows = structures().values()
    assert all(known[row["region"]] == row["pays"] for row in rows)
    filled = Counter(row["region"] for row in rows)
    assert sum(region.startswith("be-") for region in filled) == 4
    assert sum(not region.startswith("be-") for region in filled) == 9
    assert sum(count >= 3 for count in filled.values()) >= 5
    assert sum(count == 2 for count in filled.values()) == 1
    assert all(bool(row["departement"]) == (row["pays"] == "FR") for row in rows)


def test_every_name_says_that_it_is_fictitious() -> None:
    for row in structures().values():
        assert row["nom"].endswith(" (fictif)")
        assert not row["groupe"] or row["groupe"].endswith(" (fictif)")


def test_no_real_organisation_is_named() -> None:
    names = " ".join(f"{row['nom']} {row['groupe']} {row['structure']}" for row in structures().values())
    assert not set(re.findall(r"[\w-]+", names.lower())) & set(REAL_NAMES.split())
    for path in DEMO.rglob("*.csv"):
        assert not set(re.findall(r"[\w-]+", path.read_text("utf-8").lower())) & set(NEVER_WRITTEN.split()), path


def test_numbers_pass_their_checks_and_cannot_be_real() -> None:
    sirets = [row["siret"] for row in structures().values() if row["siret"]]
    assert len(sirets) == len(set(sirets)) >= 25
    for siret in sirets:
        assert len(siret) == 14
        assert siret.startswith("000")
        assert luhn(siret)
        assert luhn(siret[:9])
        assert not siret.endswith("00000")
    belgians = [row["bce"] for row in structures().values() if row["pays"] == "BE"]
    assert len(set(belgians)) == 11
    for bce in belgians:
        assert re.fullmatch(r"0000\d{6}", bce)
        assert int(bce[8:]) == 97 - int(bce[:8]) % 97
    assert all(bool(row["siret"]) <= (row["pays"] == "FR") for row in structures().values())


def test_one_opened_and_one_closed_during_the_years_shown() -> None:
    opened = [date.fromisoformat(row["ouverte_le"]) for row in structures().values()]
    assert sum(day == date(2024, 1, 1) for day in opened) == 1
    assert all(1995 <= day.year <= 2019 for day in opened if day != date(2024, 1, 1))
    assert [row["fermee_le"] for row in structures().values() if row["fermee_le"]] == ["2025-12-31"]


# The measures


def test_twenty_quarters_have_a_folder_with_every_kind_of_file() -> None:
    assert sorted(path.name for path in DEMO.iterdir() if path.is_dir()) == QUARTERS
    for quarter in QUARTERS:
        for name in ("measures.csv", "actions.csv", "participation.csv"):
            assert (DEMO / quarter / name).is_file()


def test_a_file_never_holds_a_key_twice() -> None:
    rows = [(quarter, file, row["structure"], row["periode"], row["indicateur"]) for quarter, file, row in measures()]
    assert len(rows) == len(set(rows))


def test_each_measure_is_asked_for_by_its_sheet() -> None:
    for quarter, _, row in measures():
        sheet, structure = sheets()[row["indicateur"]], structures()[row["structure"]]
        assert structure["type"] != "RES"
        assert sheet["source"] == "reported"
        assert applies(sheet, structure["type"])
        assert row["segment"] == "ensemble"
        year, term = int(quarter[:4]), int(quarter[-1])
        assert (
            row["periode"]
            == {
                "quarter": quarter,
                "semester": f"{year}-S{term // 2}" if term in (2, 4) else "",
                "year": f"{year}" if term == 4 else "",
                "school_year": f"{year - 1}-{year}" if term == 3 else "",
            }[sheet["frequency"]]
        )


def test_values_agree_with_counts_at_the_precision_of_the_sheet() -> None:
    for row in counted(measures()):
        sheet = sheets()[row["indicateur"]]
        assert bool(row["denominateur"]) == sheet["denominator_required"]
        numerator, denominator = number(row["numerateur"]), number(row["denominateur"] or "1")
        exact = numerator / denominator * sheet["scale"]
        assert len(row["valeur"].partition(",")[2]) == sheet["decimals"]
        assert abs(number(row["valeur"]) - exact) <= Fraction(1, 2 * 10 ** sheet["decimals"])
        assert sheet["range"][0] <= number(row["valeur"]) <= sheet["range"][1]
        assert numerator >= 0
        assert denominator > 0
        assert not sheet["numerator_whole"] or numerator.denominator == 1


def test_what_is_not_communicated_is_so_in_all_three_cells() -> None:
    silent = [row for _, _, row in measures() if "NC" in (row["numerateur"], row["denominateur"], row["valeur"])]
    assert 20 <= len(silent) <= 150
    assert all(row["numerateur"] == row["denominateur"] == row["valeur"] == "NC" for row in silent)


@pytest.mark.parametrize("rectified", [False, True])
def test_dynamic_exits_are_the_sum_of_their_parts(rectified: bool) -> None:
    current: dict[tuple[str, str, str], Row] = {}
    for _, file, row in sorted(measures(), key=lambda each: each[1] == "measures-rectification.csv"):
        if rectified or file != "measures-rectification.csv":
            current[row["structure"], row["periode"], row["indicateur"]] = row
    wholes = [row for (_, _, indicator), row in current.items() if indicator == "dynamic_exit_rate"]
    assert len(wholes) > 440
    for whole in wholes:
        parts = [current[whole["structure"], whole["periode"], part] for part in PARTS]
        assert int(whole["numerateur"]) == sum(int(part["numerateur"]) for part in parts)
        assert {part["denominateur"] for part in parts} == {whole["denominateur"]}
        unknown = current.get((whole["structure"], whole["periode"], "undocumented_exit_rate"))
        if unknown is not None and unknown["numerateur"] != "NC":
            assert unknown["denominateur"] == whole["denominateur"]
            assert int(unknown["numerateur"]) + int(whole["numerateur"]) <= int(whole["denominateur"])


def test_most_integration_enterprises_are_large_enough_to_be_shown() -> None:
    exits = defaultdict(list)
    for row in counted(measures()):
        if row["indicateur"] == "dynamic_exit_rate":
            exits[row["structure"]].append(int(row["denominateur"]))
    means = [sum(counts) / len(counts) for counts in exits.values()]
    assert len(means) == 24
    assert sum(25 <= mean <= 110 for mean in means) >= 12
    assert 3 <= sum(6 <= mean <= 18 for mean in means) <= 6


def test_people_of_a_year_are_the_same_in_every_indicator() -> None:
    same = (
        {"women_share", "minimum_income_share", "training_access_rate"},
        {"skills_certificate_rate", "average_pathway_months"},
    )
    for indicators in same:
        seen = defaultdict(set)
        for row in counted(measures()):
            if row["indicateur"] in indicators:
                seen[row["structure"], row["periode"]].add(row["denominateur"])
        assert all(len(denominators) == 1 for denominators in seen.values())


def test_the_absence_of_the_aci_breaks_in_2023_and_says_so() -> None:
    aci = {
        (row["structure"], row["periode"]): row
        for row in counted(measures())
        if row["indicateur"] == "absenteeism_rate" and structures()[row["structure"]]["type"] == "ACI"
    }
    breaks = [key for key, row in aci.items() if row["commentaire"].startswith("rupture de série")]
    assert len(breaks) == 8
    assert {period for _, period in breaks} == {"2023-T1"}
    for structure, _ in breaks:
        before, after = (
            [
                number(aci[structure, f"{year}-T{term}"]["valeur"])
                for term in range(1, 4)
                if (structure, f"{year}-T{term}") in aci
            ]
            for year in (2022, 2023)
        )
        assert sum(after) / len(after) > sum(before) / len(before) + 1


def test_full_time_equivalents_follow_the_base_of_the_kind() -> None:
    for row in counted(measures()):
        if row["indicateur"] == "fte_realised":
            base = {"ACI": "455", "EITI": "376,25"}.get(structures()[row["structure"]]["type"], "401,75")
            assert row["denominateur"] == base


# The collection


def test_three_structures_are_late_and_stand_in_a_file_of_their_own() -> None:
    late = {(quarter, row["structure"]) for quarter, file, row in measures() if file == "measures-retard.csv"}
    on_time = {(quarter, row["structure"]) for quarter, file, row in measures() if file == "measures.csv"}
    assert len({structure for _, structure in late}) == 3
    assert not late & on_time


def test_three_quarters_are_rectified_and_say_why() -> None:
    rectified = [(quarter, row) for quarter, file, row in measures() if file == "measures-rectification.csv"]
    former = {
        (quarter, row["structure"], row["indicateur"]): row
        for quarter, file, row in measures()
        if file == "measures.csv"
    }
    assert len({quarter for quarter, _ in rectified}) == 3
    for quarter, row in rectified:
        assert row["commentaire"].startswith("rectifié\u00a0: ")
        before = former[quarter, row["structure"], row["indicateur"]]
        assert before["denominateur"] == row["denominateur"]
        assert before["numerateur"] != row["numerateur"]


def test_between_fourteen_and_twenty_structures_deliver_everything() -> None:
    delivered = {
        (quarter, row["structure"], row["indicateur"]) for quarter, _, row in measures() if row["valeur"] != "NC"
    }
    terms = {"quarter": "1234", "semester": "24", "year": "4", "school_year": "3"}
    complete = 0
    for structure, row in structures().items():
        if row["type"] == "RES":
            continue
        opened, closed = f"{row['ouverte_le'][:4]}-T1", "2025-T4" if row["fermee_le"] else "2026-T3"
        owed = {
            (quarter, structure, indicator)
            for quarter in QUARTERS
            if opened <= quarter <= closed
            for indicator, sheet in sheets().items()
            if sheet["source"] == "reported"
            and applies(sheet, row["type"])
            and quarter[-1] in terms[sheet["frequency"]]
        }
        complete += owed <= delivered
    assert 14 <= complete <= 20


def test_nobody_reports_before_opening_or_after_closing() -> None:
    for quarter, _, row in measures():
        structure = structures()[row["structure"]]
        assert quarter >= structure["ouverte_le"][:4]
        assert not structure["fermee_le"] or quarter <= "2025-T4"


def test_deposits_name_every_file_once_in_the_order_of_time() -> None:
    deposits = read(DEMO / "deposits.csv")
    moments = [datetime.fromisoformat(row["deposited_on"]) for row in deposits]
    assert all(earlier < later for earlier, later in pairwise(moments))
    assert deposits[0] == {"file": "structures.csv", "deposited_on": "2021-12-01T09:30:00"}
    files = {path.relative_to(DEMO).as_posix() for path in DEMO.rglob("*.csv")} - {"deposits.csv", "membres.csv"}
    assert sorted(row["file"] for row in deposits) == sorted(files)
    for row, moment in zip(deposits, moments, strict=True):
        quarter, _, name = row["file"].partition("/")
        if name:
            year, term = int(quarter[:4]), int(quarter[-1])
            ended = datetime(year + term // 4, 3 * term % 12 + 1, 1)  # noqa: DTZ001 -- as the file writes them
            late = name in {"measures-retard.csv", "measures-rectification.csv"}
            assert (45 if late else 14) <= (moment - ended).days <= (60 if late else 25)
            assert moment.weekday() < 5


def test_targets_are_for_perimeters_and_indicators_that_exist() -> None:
    groups = {
        re.sub(r"[^a-z0-9]+", "-", row["groupe"].lower().replace("ô", "o")).strip("-") for row in structures().values()
    }
    perimeters = {"reseau", *structures()}
    perimeters |= {f"groupe:{group}" for group in groups} | {f"region:{row['region']}" for row in structures().values()}
    rows = read(DEMO / "cibles.csv")
    assert 20 <= len(rows) <= 30
    assert len({(row["perimetre"], row["indicateur"], row["debut"]) for row in rows}) == len(rows)
    deposited = next(row["deposited_on"] for row in read(DEMO / "deposits.csv") if row["file"] == "cibles.csv")
    for row in rows:
        assert row["perimetre"] in perimeters
        kind = structures().get(row["perimetre"], {}).get("type")
        assert kind is None or applies(sheets()[row["indicateur"]], kind)
        assert row["origine"] in {"nationale", "convention", "interne"}
        assert row["debut"] <= row["fin"]
        assert row["convenue_le"] < deposited


# The registers


def test_about_eleven_hundred_actions_are_registered() -> None:
    keys = {(row["structure"], row["reference"]) for _, row in register()}
    assert 1050 <= len(keys) <= 1150


def test_an_action_comes_with_the_quarter_it_opens_in_and_again_when_it_moves() -> None:
    states: dict[tuple[str, str], Row] = {}
    for quarter, row in register():
        key = row["structure"], row["reference"]
        assert key in states or in_quarter(row["ouverte_le"], quarter)
        assert states.get(key) != row
        states[key] = row
        last_day = f"{quarter[:4]}-{3 * int(quarter[-1]):02d}-31"
        assert max(row["ouverte_le"], row["faite_le"], row["verifiee_le"]) <= last_day


def test_the_dates_of_an_action_follow_one_another_and_fit_its_status() -> None:
    for _, row in register():
        assert row["ouverte_le"] < row["echeance"]
        assert not row["faite_le"] or row["ouverte_le"] <= row["faite_le"]
        assert not row["verifiee_le"] or row["ouverte_le"] <= row["faite_le"] < row["verifiee_le"]
        assert bool(row["verifiee_le"]) == bool(row["efficacite"]) == (row["statut"] in {"verifiee", "close"})
        assert bool(row["faite_le"]) == (row["statut"] in {"faite", "verifiee", "close"})
        assert row["efficacite"] in {"", "0", "50", "100"}
        assert bool(row["axe"]) == (row["genre"] == "prioritaire")


def test_most_actions_are_done_on_time() -> None:
    latest = {(row["structure"], row["reference"]): row for _, row in register()}.values()
    due = [row for row in latest if row["echeance"] <= "2026-09-30"]
    on_time = [row for row in due if row["faite_le"] and row["faite_le"] <= row["echeance"]]
    assert 0.7 < len(on_time) / len(due) < 0.9


def test_criteria_name_indicators_that_apply_to_the_structure() -> None:
    latest = {(row["structure"], row["reference"]): row for _, row in register()}.values()
    named = [(row["structure"], found) for row in latest for found in re.findall(r"\[(\w+)\]", row["critere"])]
    assert len(named) > 200
    assert sum(bool(row["critere"]) for row in latest) > 0.8 * len(latest)
    for structure, indicator in named:
        assert applies(sheets()[indicator], structures()[structure]["type"])
    assert [(row["structure"], row["indicateur"]) for row in latest if row["indicateur"]] == named


def test_about_four_hundred_occasions_of_participation_are_registered() -> None:
    assert 370 <= len(occasions()) <= 430
    assert len({(row["structure"], row["reference"]) for _, row in occasions()}) == len(occasions())
    for quarter, row in occasions():
        assert in_quarter(row["date"], quarter)
        assert int(row["invites"]) >= int(row["presents"]) >= int(row["dont_en_parcours"]) >= 0
        assert re.fullmatch(r"\d+(,5)?", row["duree_h"])


def test_a_general_assembly_is_the_same_in_the_register_and_in_the_measures() -> None:
    measured = {
        (row["structure"], row["periode"]): (row["numerateur"], row["denominateur"])
        for row in counted(measures())
        if row["indicateur"] == "general_assembly_participation_rate"
    }
    held = [row for _, row in occasions() if row["forme"] == "assemblee_generale"]
    both = [row for row in held if (row["structure"], row["date"][:4]) in measured]
    assert len(both) > 60
    for row in both:
        assert measured[row["structure"], row["date"][:4]] == (row["presents"], row["invites"])


# The files


def test_making_the_demonstration_again_gives_the_same_bytes(tmp_path: Path) -> None:
    make(tmp_path)
    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.csv")}
    shipped = {path.relative_to(DEMO): path.read_bytes() for path in DEMO.rglob("*.csv")}
    assert made.keys() == shipped.keys()
    assert [path for path in made if made[path] != shipped[path]] == []


def test_the_demonstration_stays_small() -> None:
    assert sum(path.stat().st_size for path in DEMO.rglob("*")) < 4_000_000


def test_french_is_typeset() -> None:
    for path in DEMO.rglob("*.csv"):
        text = path.read_text("utf-8")
        assert "'" not in text, path
        assert not re.search(r" [:%»?!]|« ", text), path


def test_no_two_regions_share_a_square_of_the_map() -> None:
    rows = read(DATA / "reference" / "regions.csv")
    assert Counter(row["pays"] for row in rows) == {"FR": 18, "BE": 11}
    assert len({(row["tuile_colonne"], row["tuile_ligne"]) for row in rows}) == len(rows)
    assert all(len(row["code"]) == (2 if row["pays"] == "FR" else 4) for row in rows)


def test_belgium_2010_holds_the_published_figures_and_nothing_else() -> None:
    rows = read(DATA / "belgium-2010" / "measures.csv")
    figures = {
        (row["structure"], row["indicateur"]): (row["numerateur"], row["denominateur"], row["valeur"]) for row in rows
    }
    assert figures == {
        ("itl", "women_share"): ("NC", "650", "NC"),
        ("itl", "corrective_preventive_actions_total"): ("1100", "", "1100"),
        ("terre", "general_assembly_participation_rate"): ("60", "300", "20,0"),
        ("defi-plus", "fte_per_contract"): ("102", "150", "0,68"),
        ("proxiservice", "permanent_contract_share"): ("44", "44", "100,0"),
        ("contre-point", "cisp_job_exit_rate"): ("", "", "50,0"),
        ("cortil", "permanent_contract_share"): ("", "", "97,0"),
        ("cortil-eft", "cisp_job_exit_rate"): ("", "", "31,6"),
        ("cortil-eft", "cisp_training_exit_rate"): ("", "", "17,1"),
        ("defi-plus", "fixed_assignment_share"): ("", "", "80,0"),
        ("contre-point", "public_aid_share"): ("", "", "35,0"),
        ("cortil", "service_voucher_revenue_share"): ("", "", "75,0"),
        ("coorace", "pathway_employee_event_share"): ("10", "120", "8,3"),
    }
    assert all(row["commentaire"].startswith("Séminaire qualité COORACE, 2010") for row in rows)
    kinds = {row["structure"]: row["type"] for row in read(DATA / "belgium-2010" / "structures.csv")}
    assert all(applies(sheets()[row["indicateur"]], kinds[row["structure"]]) for row in rows)
    bodies = {row["instance"]: row["rythme"] for row in read(DATA / "belgium-2010" / "corps.csv")}
    assert bodies == {
        "Comité de pilotage": "bimestriel",
        "Revue de direction": "annuel",
        "Réunion qualité": "bimensuel",
    }
    targets = [(row["perimetre"], row["debut"], row["valeur"]) for row in read(DATA / "belgium-2010" / "cibles.csv")]
    assert targets == [("coorace", "2013", "20,0")]


def test_belgium_2010_is_typeset() -> None:
    for path in (DATA / "belgium-2010").glob("*.csv"):
        text = path.read_text("utf-8")
        assert "'" not in text, path
        assert not re.search(r" [:%»?!]| ;|« ", text), path
