"""Structures, and the groups, regions and network they make up."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from indicators.definitions.perimeters import NETWORK, Level, Perimeter, Structure, Structures, slug
from indicators.definitions.periods import Period
from indicators.definitions.targets import Target
from indicators.errors import UnknownError
from indicators.network import Network
from tests.builders import TARGETS, stored, structure, structures, table


def known(code: str, **facts: Any) -> Structure:
    """A structure that is open, in Normandie, in no group and without a number, unless said otherwise."""
    common: dict[str, Any] = {
        "name": f"{code} (fictif)",
        "kind": "ACI",
        "group_name": None,
        "region": "normandie",
        "department": None,
        "country": "FR",
        "siret": None,
        "bce": None,
        "opened_on": None,
        "closed_on": None,
    }
    return Structure(code, **{**common, **facts})


def network_of(*members: Structure) -> Structures:
    return Structures({member.id: member for member in members})


RIVES = "Groupe des Trois Rives"
THREE = network_of(
    known("atelier", group_name=RIVES),
    known("regie", group_name=RIVES, region="bretagne"),
    known("ecole", region="be-hainaut", country="BE", kind="ECO"),
)


def test_the_network_is_all_its_structures() -> None:
    assert THREE.members(NETWORK) == ["atelier", "regie", "ecole"]
    assert len(THREE) == 3


def test_a_region_and_a_group_are_their_own_structures_only() -> None:
    assert THREE.members(Perimeter(Level.REGION, "normandie")) == ["atelier"]
    assert THREE.members(Perimeter(Level.GROUP, "groupe-des-trois-rives")) == ["atelier", "regie"]
    assert THREE.members(Perimeter(Level.STRUCTURE, "ecole")) == ["ecole"]


def test_a_choice_is_its_structures_whatever_their_order_and_one_alone_is_that_structure() -> None:
    assert THREE.parse_perimeter("choix:regie,atelier,regie").code == "choix:atelier,regie"
    assert THREE.members(Perimeter.of_choice(("regie", "atelier"))) == ["atelier", "regie"]
    assert Perimeter.of_choice(("atelier", "")) == Perimeter(Level.STRUCTURE, "atelier")
    assert Perimeter.parse("choix:atelier,regie").parts == (Perimeter.parse("atelier"), Perimeter.parse("regie"))
    assert THREE.by_id["ecole"].belongs_to(Perimeter.parse("choix:atelier,ecole"))
    assert not THREE.by_id["ecole"].belongs_to(Perimeter.parse("choix:atelier,regie"))


@pytest.mark.parametrize(
    "code", ["choix:", "choix:,", "choix:atelier,nobody", "choix:" + ",".join(map(str, range(41)))]
)
def test_a_choice_of_nobody_of_strangers_or_of_too_many_is_no_perimeter(code: str) -> None:
    with pytest.raises(UnknownError):
        THREE.parse_perimeter(code)


@pytest.mark.parametrize("code", ["reseau", "region:normandie", "groupe:groupe-des-trois-rives", "atelier"])
def test_a_perimeter_is_written_as_addresses_write_it(code: str) -> None:
    assert THREE.parse_perimeter(code).code == str(THREE.parse_perimeter(code)) == code


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("", "structure"),
        ("nulle-part", "structure"),
        ("Atelier", "structure"),
        ("region:nulle-part", "perimeter"),
        ("groupe:nulle-part", "perimeter"),
        ("region:", "perimeter"),
        ("groupe:", "perimeter"),
        ("structure:atelier", "perimeter"),
        ("reseau:", "perimeter"),
        ("pays:france", "perimeter"),
    ],
)
def test_a_perimeter_that_does_not_exist_is_named(code: str, what: str) -> None:
    with pytest.raises(UnknownError) as unknown:
        THREE.parse_perimeter(code)
    assert (unknown.value.kind, unknown.value.name) == (what, code)


def test_a_structure_that_does_not_exist_is_named() -> None:
    with pytest.raises(UnknownError, match="unknown structure: demo-ath"):
        THREE["demo-ath"]


def test_a_region_in_which_there_is_nobody_does_not_exist() -> None:
    with pytest.raises(UnknownError):
        THREE.members(Perimeter(Level.REGION, "occitanie"))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Groupe des Trois Rives (fictif)", "groupe-des-trois-rives-fictif"),
        ("Pôle d’Évreux", "pole-d-evreux"),
        ("Pôle d'Évreux", "pole-d-evreux"),
        ("  L’Œuvre — Nord  ", "l-oeuvre-nord"),
        ("Æ, ç & ÿ !", "ae-c-y"),
    ],
)
def test_the_code_of_a_group_is_its_name_in_plain_letters(name: str, code: str) -> None:
    assert slug(name) == code


def test_a_structure_outside_any_group_has_no_group_to_be_added_up_in() -> None:
    assert THREE["ecole"].group is None
    assert THREE.group_names == {"groupe-des-trois-rives": RIVES}


@pytest.mark.parametrize(
    ("opened", "closed", "periods"),
    [
        (None, None, ["2023-T4", "2024-T1", "2024-T2", "2024-T3"]),
        (date(2024, 3, 31), None, ["2024-T1", "2024-T2", "2024-T3"]),
        (date(2024, 4, 1), None, ["2024-T2", "2024-T3"]),
        (None, date(2024, 4, 1), ["2023-T4", "2024-T1", "2024-T2"]),
        (None, date(2024, 3, 31), ["2023-T4", "2024-T1"]),
        (date(2024, 2, 1), date(2024, 2, 2), ["2024-T1"]),
    ],
)
def test_a_structure_was_open_in_a_period_if_it_was_on_one_of_its_days(
    opened: date | None, closed: date | None, periods: list[str]
) -> None:
    atelier = known("atelier", opened_on=opened, closed_on=closed)
    codes = ["2023-T4", "2024-T1", "2024-T2", "2024-T3"]
    assert [code for code in codes if atelier.is_open_during(Period.parse(code))] == periods


def test_a_number_names_the_structures_that_share_it() -> None:
    shared = network_of(
        known("nord", siret="00090001900019"),
        known("sud", siret="00090001900027"),
        known("ecole", bce="0000000196"),
        known("sans-numero"),
    )
    assert shared.by_registration_number == {
        "00090001900019": ("nord",),
        "00090001900027": ("sud",),
        "000900019": ("nord", "sud"),
        "0000000196": ("ecole",),
    }


def test_a_network_is_fictitious_only_if_every_structure_says_so() -> None:
    assert network_of(known("un"), known("deux", name="Deux (fictive)")).are_fictitious
    assert not network_of(known("un"), known("deux", name="Deux")).are_fictitious
    assert not network_of().are_fictitious


def test_a_structure_takes_the_target_of_the_nearest_perimeter_that_has_one(network: Network) -> None:
    stored(
        network,
        structures(
            structure("avec-le-sien", group="Groupe Nord"),
            structure("du-groupe", group="Groupe Nord"),
            structure("de-la-region"),
            structure("du-reseau", region="bretagne"),
        ),
    )
    stored(
        network,
        table(
            TARGETS,
            "reseau;dynamic_exit_rate;2026-T1;2026-T4;60;interne;",
            "region:normandie;dynamic_exit_rate;2026-T1;;61;interne;",
            "groupe:groupe-nord;dynamic_exit_rate;2026-T1;;62;convention;",
            "avec-le-sien;dynamic_exit_rate;2026-T1;2026-T2;63;convention;",
            "avec-le-sien;dynamic_exit_rate;2026-T2;2026-T2;64;convention;",
        ),
    )
    with network.snapshot() as snapshot:

        def value(code: str, period: str, indicator: str = "dynamic_exit_rate") -> float | None:
            perimeter = snapshot.structures.parse_perimeter(code)
            found: Target | None = snapshot.target(perimeter, indicator, Period.parse(period))
            return found and found.value

        assert value("avec-le-sien", "2026-T1") == 63
        assert value("avec-le-sien", "2026-T2") == 64, "the target that starts last"
        assert value("avec-le-sien", "2026-T3") == 62, "once its own has ended"
        assert value("du-groupe", "2026-T1") == 62
        assert value("de-la-region", "2026-T1") == 61
        assert value("du-reseau", "2026-T1") == 60
        assert value("du-reseau", "2027-T1") is None, "once it has ended"
        assert value("du-reseau", "2025-T4") is None, "before it starts"
        assert value("de-la-region", "2027-T1") == 61, "without an end"
        assert value("region:normandie", "2026-T1") == 61
        assert value("region:bretagne", "2026-T1") == 60
        assert value("reseau", "2026-T1") == 60
        assert value("reseau", "2026") == 60, "in force during the whole year"
        assert value("reseau", "2026-T1", "durable_job_exit_rate") is None
