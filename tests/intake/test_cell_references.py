"""What a cell may name: structures, indicators, regions, perimeters; the numbers that spreadsheets damage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators.answer_cache import AnswerCache
from indicators.definitions.perimeters import Structure, Structures
from indicators.intake.cells.references import CellNotice, References
from indicators.intake.cells.registration_numbers import parse_bce, parse_siret
from indicators.intake.text_matching import normalize_name
from indicators.network import Network
from indicators.snapshot import Snapshot
from schemas.findings import Severity
from schemas.identifiers import is_siren, is_siret
from tests.builders import DIRECTORY, TERNOISE, TERNOISE_SIREN, stored, structures

VALBRUNE = "0000000196"
"""BCE number of the school of these tests."""
ZEROS = next(f"{siren:09}00000" for siren in count(900_000) if is_siren(f"{siren:09}") and is_siret(f"{siren:09}00000"))
"""A SIRET whose check digits are right and that ends with five zeros."""


@pytest.fixture(scope="module")
def references(directory: Network) -> Iterator[References]:
    with directory.snapshot() as snapshot:
        yield References(snapshot)


def corrected(code: str, suggestion: str) -> CellNotice:
    return CellNotice(code, Severity.CORRECTED, suggestion)


def blocked(code: str, suggestion: str | None = None) -> CellNotice:
    return CellNotice(code, Severity.BLOCKING, suggestion)


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        ("atelier-ternoise", None),
        (TERNOISE, None),
        (" atelier-ternoise ", None),
        ("Atelier-Ternoise", corrected("C16", "atelier-ternoise")),
        ("ATELIER TERNOISE", corrected("C16", "atelier-ternoise")),
        ("atelier_ternoise", corrected("C16", "atelier-ternoise")),
        ("Atelier Ternoise (fictif)", corrected("C16", "atelier-ternoise")),
        ("000 900 001 00017", corrected("C16", TERNOISE)),
        ("000\u00a0900\u202f001\u00a000017", corrected("C16", TERNOISE)),
        ("000.900.001.00017", corrected("C16", TERNOISE)),
        ("00090000100017.0", corrected("C16", TERNOISE)),
        ("00090000100017,00", corrected("C16", TERNOISE)),
        ("0090000100017", corrected("I02", TERNOISE)),
        ("0090000100017.0", corrected("I02", TERNOISE)),
        (TERNOISE_SIREN, corrected("I06", "atelier-ternoise")),
        ("000 900 001", corrected("I06", "atelier-ternoise")),
        ("00900001", corrected("I02", TERNOISE_SIREN)),
    ],
)
def test_a_structure_is_read_by_its_code_its_name_or_its_number(
    references: References, text: str, notice: CellNotice | None
) -> None:
    assert references.parse_structure(text) == ("atelier-ternoise", notice)


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        (VALBRUNE, None),
        ("0000.000.196", corrected("C16", VALBRUNE)),
        ("BE 0000.000.196", corrected("C16", VALBRUNE)),
        ("be0000000196", corrected("C16", VALBRUNE)),
        ("000000196", corrected("I02", VALBRUNE)),
        ("BE 000.000.196", corrected("I02", VALBRUNE)),
    ],
)
def test_a_belgian_structure_is_read_by_its_bce_number(
    references: References, text: str, notice: CellNotice | None
) -> None:
    assert references.parse_structure(text) == ("ecole-valbrune", notice)


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        ("000900019", blocked("I06", "regie-ternoise / regie-ternoise-nord")),
        ("00900019", blocked("I06", "regie-ternoise / regie-ternoise-nord")),
        ("atelier-ternoisse", blocked("I07")),
        ("", blocked("I07")),
        ("★", blocked("I07")),
        ("73282932000074", blocked("I07")),
        ("732829320", blocked("I07")),
        ("0403019261", blocked("I07")),
        ("00090000100018", blocked("I05")),
        ("732829321", blocked("I05")),
        ("0403019262", blocked("I05")),
        ("0009000010001", blocked("I01")),
        ("000900001000170", blocked("I01")),
        ("1234", blocked("I01")),
        ("9,00E+10", blocked("I03")),
        ("1,23E+13", blocked("I03")),
        ("1.23e13", blocked("I03")),
        ("12300000000000", blocked("I03")),
        (ZEROS, blocked("I03")),
        ("0009000010001A", blocked("I07")),
    ],
)
def test_a_structure_that_is_not_certain_is_never_guessed(
    references: References, text: str, notice: CellNotice
) -> None:
    assert references.parse_structure(text) == (None, notice)


def test_a_lost_zero_is_put_back_only_where_the_number_is_sound(references: References) -> None:
    lost = "1234567400100"  # 01234567400100 is nobody's here, but its check digits are right
    assert is_siret(f"0{lost}")
    assert references.parse_structure(lost) == (None, blocked("I07", f"0{lost}"))


def test_five_trailing_zeros_are_to_be_confirmed_when_the_number_is_that_of_a_structure(network: Network) -> None:
    declared = f"zero-ternoise;Zéro Ternoise (fictif);ACI;;normandie;76;FR;{ZEROS};;;"
    stored(network, structures(declared), comment="vérifié")
    with network.snapshot() as snapshot:
        found = References(snapshot).parse_structure(ZEROS)
    assert found == ("zero-ternoise", CellNotice("I04", Severity.CONFIRM, "zero-ternoise"))


def test_a_scientific_notation_that_still_holds_every_digit_is_proposed_whole(network: Network) -> None:
    siret = "12345678200101"
    stored(network, structures(f"demo;Démo (fictive);EI;;normandie;76;FR;{siret};;;"))
    with network.snapshot() as snapshot:
        references = References(snapshot)
        assert references.parse_structure("1,2345678200101E+13") == (None, blocked("I03", siret))
        assert references.parse_structure("1,23456782001E+13") == (None, blocked("I03"))


def test_a_name_that_two_structures_share_names_neither(network: Network) -> None:
    rows = (f"{code};L’Étape (fictive);ACI;;normandie;;FR;;;;" for code in ("etape-nord", "etape-sud"))
    stored(network, structures(*rows))
    with network.snapshot() as snapshot:
        assert References(snapshot).parse_structure("l'etape (fictive)") == (
            None,
            blocked("I07", "etape-nord / etape-sud"),
        )


@pytest.mark.parametrize(
    ("text", "proposed"),
    [
        ("atelier-ternoisse", "atelier-ternoise"),
        ("Atelier de la Ternoise", "atelier-ternoise"),
        ("ecole valbrunne", "ecole-valbrune"),
        ("00090000100018", TERNOISE),
        ("00090000100071", TERNOISE),
        ("tout autre chose", None),
        ("11111111111111", None),
        ("1234", None),
    ],
)
def test_the_nearest_name_or_number_is_proposed(references: References, text: str, proposed: str | None) -> None:
    assert references.parse_structure(text)[0] is None
    assert references.closest_structure(text) == proposed


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        ("dynamic_exit_rate", None),
        ("Taux de sorties dynamiques", None),
        ("Dynamic exit rate", None),
        ("Percentage dynamische uitstroom", None),
        ("Sorties dynamiques", None),
        ("Dynamic_Exit_Rate", corrected("C16", "dynamic_exit_rate")),
        ("dynamic exit-rate", corrected("C16", "dynamic_exit_rate")),
        ("TAUX DE SORTIES DYNAMIQUES", corrected("C16", "dynamic_exit_rate")),
    ],
)
def test_an_indicator_is_read_by_its_code_or_its_label_in_three_languages(
    references: References, text: str, notice: CellNotice | None
) -> None:
    assert references.parse_indicator(text) == ("dynamic_exit_rate", notice)


def test_every_indicator_is_read_by_its_own_code_and_by_its_own_labels(references: References) -> None:
    for sheet in references.catalogue:
        assert references.parse_indicator(sheet.id) == (sheet.id, None)
        for label in (sheet.label.fr, sheet.label.en, sheet.label.nl):
            named = references.parse_indicator(label or sheet.id)[0]
            assert named in {sheet.id, None}, "a label that two indicators share names neither"


@pytest.mark.parametrize(
    ("text", "proposed"),
    [
        ("dynamic_exits_rate", "dynamic_exit_rate"),
        ("Taux de sortie dynamique", "dynamic_exit_rate"),
        ("absenteism rat", "absenteeism_rate"),
        ("xyzzy", None),
    ],
)
def test_the_nearest_indicator_is_proposed_and_never_taken(
    references: References, text: str, proposed: str | None
) -> None:
    assert references.parse_indicator(text) == (None, blocked("C13"))
    assert references.closest_indicator(text) == proposed


@pytest.mark.parametrize(
    ("text", "region", "notice"),
    [
        ("normandie", "normandie", None),
        ("Normandie", "normandie", None),
        ("Bretagne", "bretagne", None),
        ("NORMANDY", "normandie", corrected("C16", "normandie")),
    ],
)
def test_a_region_is_read_by_its_name(
    references: References, text: str, region: str, notice: CellNotice | None
) -> None:
    assert references.parse_region(text) == (region, notice)


@pytest.mark.parametrize("sign", ["?", "!", "≠", "\x01", "*", ".", "/", "★", "#"])
def test_a_sign_that_is_not_of_a_name_makes_it_unknown(references: References, sign: str) -> None:
    for name in ("atelier-ternoise", "Atelier Ternoise (fictif)"):
        assert references.parse_structure(f"{name} {sign}") == (None, blocked("I07"))
        assert references.parse_structure(name.replace("r", f"r{sign}")) == (None, blocked("I07"))
    assert references.parse_indicator(f"dynamic_exit_rate{sign}") == (None, blocked("C13"))
    assert references.parse_region(f"{sign}normandie") == (None, blocked("C19"))
    assert references.parse_perimeter(f"region:normandie {sign}") == (None, blocked("I07"))


def test_an_unknown_region_gets_the_nearest_proposed(references: References) -> None:
    assert references.parse_region("normandi") == (None, blocked("C19"))
    assert references.closest_region("normandi") == "normandie"


@pytest.mark.parametrize(
    ("text", "perimeter", "notice"),
    [
        ("reseau", "reseau", None),
        ("Réseau", "reseau", corrected("C16", "reseau")),
        ("region:normandie", "region:normandie", None),
        ("Région : Normandie", "region:normandie", corrected("C16", "region:normandie")),
        ("groupe:groupe-ternoise-fictif", "groupe:groupe-ternoise-fictif", None),
        ("atelier-ternoise", "atelier-ternoise", None),
        (TERNOISE, "atelier-ternoise", None),
        ("region:nulle-part", None, blocked("I07")),
        ("region:corse", None, blocked("I07")),
        ("nulle-part", None, blocked("I07")),
    ],
)
def test_a_perimeter_is_the_network_a_region_a_group_or_a_structure(
    references: References, text: str, perimeter: str | None, notice: CellNotice | None
) -> None:
    assert references.parse_perimeter(text) == (perimeter, notice)


@pytest.mark.parametrize(
    ("text", "siret", "notice"),
    [
        ("73282932000074", "73282932000074", None),
        ("732 829 320 00074", "73282932000074", corrected("C16", "73282932000074")),
        ("73282932000074.0", "73282932000074", corrected("C16", "73282932000074")),
        ("1234567400100", "01234567400100", corrected("I02", "01234567400100")),
        ("1234567400101", None, blocked("I01")),
        ("73282932000075", "73282932000075", None),
        ("732829320", None, blocked("I06")),
        ("000900019", None, blocked("I06", "00090001900019 / 00090001900027")),
        ("1,23E+13", None, blocked("I03")),
        ("7,3282932000074E+13", None, blocked("I03", "73282932000074")),
        ("12300000000000", None, blocked("I03")),
        ("00000000000000", None, blocked("I03")),
        (ZEROS, ZEROS, CellNotice("I04", Severity.CONFIRM)),
        ("7328293200007", None, blocked("I01")),
        ("SIRET", None, blocked("I01")),
        ("73282932O00074", None, blocked("I01")),
    ],
)
def test_the_siret_of_a_structure_being_declared_is_read_or_refused(
    references: References, text: str, siret: str | None, notice: CellNotice | None
) -> None:
    assert parse_siret(text, references.structures) == (siret, notice)


@pytest.mark.parametrize(
    ("text", "bce", "notice"),
    [
        ("0403019261", "0403019261", None),
        ("0403.019.261", "0403019261", corrected("C16", "0403019261")),
        ("BE 0403.019.261", "0403019261", corrected("C16", "0403019261")),
        ("403019261", "0403019261", corrected("I02", "0403019261")),
        ("BE403.019.261", "0403019261", corrected("I02", "0403019261")),
        ("403019262", None, blocked("I01")),
        ("4,03E+08", None, blocked("I03")),
        ("04030192610", None, blocked("I01")),
    ],
)
def test_the_bce_number_of_a_structure_being_declared_is_read_or_refused(
    text: str, bce: str | None, notice: CellNotice | None
) -> None:
    assert parse_bce(text) == (bce, notice)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=20))
def test_any_text_names_what_is_known_or_nothing(references: References, text: str) -> None:
    found, notice = references.parse_structure(text)
    assert (found is None) == (notice is not None and notice.severity is Severity.BLOCKING)
    assert found is None or found in references.structures.by_id
    if found and not any(mark.isdigit() for mark in text):
        structure = references.structures[found]
        assert normalize_name(text) in {normalize_name(structure.id), normalize_name(structure.name)}
    named = references.parse_indicator(text)[0]
    assert named is None or named in references.catalogue.indicators


def test_each_of_thousands_of_structures_is_found_by_its_name(
    directory: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {
        f"structure-{number:05}": Structure(
            f"structure-{number:05}", f"Structure numéro {number} (fictive)", "ACI", None, "normandie", None, "FR",
            None, None, None, None,
        )
        for number in range(4_000)
    }  # fmt: skip
    with directory.snapshot() as opened:
        snapshot = replace(opened, version_cache=AnswerCache(1))
        monkeypatch.setattr(Snapshot, "structures", Structures(known))
        references = References(snapshot)
        for number in range(4_000):
            assert references.parse_structure(f"Structure Numéro {number} (Fictive)")[0] == f"structure-{number:05}"


def test_the_directory_of_these_tests_is_read_by_every_name_it_declares(references: References) -> None:
    for line in DIRECTORY:
        code, name, *_ = line.split(";")
        assert references.parse_structure(name) == (code, corrected("C16", code))
