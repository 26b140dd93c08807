"""Personal data do not come in: refused wherever they stand in a file, named by their cells, and kept nowhere.

Numbers are invented and of nobody: their departments, ranks and prefixes are not given out.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from dashboards.told import examination_json
from dashboards.words import words
from indicators.intake.deposit import Refused, deposit
from indicators.intake.examine import Examination, Verdict
from indicators.intake.file import open_file
from indicators.intake.report import Report
from indicators.intake.rules.names_of_persons import is_a_name, names_somebody
from indicators.intake.rules.numbers_of_persons import has_mail, phone_number, register_number
from indicators.intake.rules.personal_data import tell_personal_data
from indicators.intake.sheet import UnreadableError
from indicators.network import Network
from schemas.columns import Dataset
from schemas.datasets import DATASETS
from schemas.findings import Severity
from tests.builders import (
    ACTIONS,
    DIRECTORY,
    MEASURES,
    NOW,
    PARTICIPATION,
    STRUCTURES,
    Store,
    examine,
    measure,
    measures,
    stored,
    structures,
    table,
    told,
)
from tests.intake.workbooks import write, xlsx
from tests.schemas.test_identifiers import national, nir

ROOT = Path(__file__).parent.parent.parent
TODAY = date(2026, 11, 24)
ROW = measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 33, 60)
NIR = nir("2550899999001")
CORSICAN = nir("155082A999001")
NATIONAL = national("850100001")
YOUNG = national("050100001", "2")


def spaced(number: str) -> str:
    return f"{number[0]} {number[1:3]} {number[3:5]} {number[5:7]} {number[7:10]} {number[10:13]} {number[13:]}"


def dotted(number: str) -> str:
    return f"{number[:2]}.{number[2:4]}.{number[4:6]}-{number[6:9]}.{number[9:]}"


def places(found: Examination, code: str = "P01") -> list[tuple[object, ...]]:
    return [(f.values.get("cause"), f.sheet, f.row, f.column, f.count) for f in told(found, code)]


@pytest.mark.parametrize(
    "text",
    [
        *(NIR, spaced(NIR), spaced(NIR).replace(" ", "."), f"n° {NIR[:13]} clé {NIR[13:]}", f"(SS {spaced(NIR)})"),
        *(CORSICAN, CORSICAN.lower(), spaced(CORSICAN), spaced(NIR).replace(" ", "\u202f")),
        *(NATIONAL, dotted(NATIONAL), f"NISS : {dotted(YOUNG)}", YOUNG, dotted(NATIONAL).replace(".", " ")),
    ],
)
def test_a_register_number_is_known_by_its_check_digits_however_it_is_written(text: str) -> None:
    assert register_number()(text)


@pytest.mark.parametrize(
    "text",
    [
        *(NIR[:-1] + str((int(NIR[-1]) + 1) % 10), dotted(NATIONAL)[:-1] + str((int(NATIONAL[-1]) + 1) % 10)),
        *("00090000100017", "00090001900019", "0000000196", "3760123456789", f"{NATIONAL}7", f"7{NATIONAL}"),
        *(f"0,{NATIONAL}", f"0.{NATIONAL}", f"FA-{NATIONAL}", f"AC{NIR}", "2026-T3", "1 234 567 890 123,45"),
    ],
)
def test_a_number_of_a_structure_a_figure_or_a_reference_is_no_register_number(text: str) -> None:
    assert not register_number()(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "06 00 00 00 00",
            "0600000000",
            "06.00.00.00.00",
            "06-00-00-00-00",
            "tél. 01 00 00 00 00",
            "(01 00 00 00 00)",
        ),
        *(
            "(01 00 00 00 00)",
            "+33 6 00 00 00 00",
            "+33600000000",
            "0033 6 00 00 00 00",
            "+33 (0)6 00 00 00 00",
            "06/00/00/00/00",
        ),
        *("0470 00 00 00", "0470/00.00.00", "02 000 00 00", "081/00 00 00", "+32 470 00 00 00", "0032 2 000 00 00"),
        *(
            "+32470000000",
            "+31 6 00000000",
            "+352 000 000 000",
            "joindre le 06\u00a000\u00a000\u00a000\u00a000 le matin",
        ),
    ],
)
def test_a_telephone_number_is_known_in_its_usual_spellings(text: str) -> None:
    assert phone_number()(text)


@pytest.mark.parametrize(
    "text",
    [
        *("0417.497.106", "BE0417497106", "BE 0417.497.106", "0417497106", "00090000100017", "000 900 001 00017"),
        *("12 000 000", "0,0612345678", "2026-01-02", "01/02/2026", "01.02.2026 - 03.04.2026", "1 234 567 890"),
        *(
            "FA-2026-0012345",
            "de 0100 à 0200",
            "+12 000 000 €",
            "+33 postes",
            "FR76 3000 6000 0112 3456 7890 189",
            "06",
        ),
        *("réf. 2026/0600000000", "0,05555555555", "du 01 02 2026 au 31 03 2026"),
    ],
)
def test_what_is_no_telephone_number_is_not_taken_for_one(text: str) -> None:
    assert not phone_number()(text)


def test_plain_digits_of_a_key_or_a_figure_are_no_number_of_a_person() -> None:
    assert not phone_number(parted=True)("0600000000")
    assert phone_number(parted=True)("06 00 00 00 00")
    assert not register_number(parted=True)(NATIONAL)
    assert register_number(parted=True)(dotted(NATIONAL))
    assert not register_number(parted=True)(f"{NATIONAL[:2]}.{NATIONAL[2:]}")
    assert register_number(parted=True)(NIR)


@pytest.mark.parametrize("text", ["a@b.example", "écrire à Zoé <zoe.exemple+x@mail.example>", "a @ b.example"])
def test_a_mail_address_is_known(text: str) -> None:
    assert has_mail(text)


@pytest.mark.parametrize("text", ["@", "10 @ 12 €", "@SUM(A1)", "à 10h@salle", "a@b"])
def test_a_sign_alone_is_no_mail_address(text: str) -> None:
    assert not has_mail(text)


@pytest.mark.parametrize(
    "text",
    [
        *("voir avec M. Exemple", "Mme Exemple absente", "Madame de L’Exemple", "Mr Exemple", "Mevrouw Voorbeeld"),
        *("M. E. prévient", "Marie Exemple revient", "reçu Jean-Luc Exemple", "Zoé EXEMPLE", "Dhr. Voorbeeld"),
    ],
)
def test_a_text_that_names_somebody_is_seen(text: str) -> None:
    assert names_somebody(text)


@pytest.mark.parametrize(
    "text",
    [
        *("M. le maire", "Madame la directrice", "rue Jean Jaurès", "lycée Marie Curie", "salle Louis Exemple"),
        *("Rose des vents", "le 12 mars", "Martin-pêcheur", "MM. les délégués", "en M2", "Mme Directrice", "Claire"),
        *("Atelier Pierre Bleue", "le conseil de Saint-Pierre", "responsable qualité", "10 M. de mètres", "Paul"),
    ],
)
def test_a_text_that_names_an_office_a_place_or_a_thing_is_not(text: str) -> None:
    assert not names_somebody(text)


def test_a_name_is_written_first_name_before_or_behind() -> None:
    assert is_a_name("EXEMPLE Zoé")
    assert is_a_name("Zoé Exemple")
    assert is_a_name("Jean-Luc de l’Exemple")
    assert not is_a_name("Zoé")
    assert not is_a_name("Atelier Zoé Exemple : reprise")


@pytest.mark.parametrize(
    ("comment", "cause"),
    [
        ("a@b.example", "mail"),
        ("rappeler au 06 00 00 00 00", "phone"),
        (f"dossier {spaced(NIR)}", "number"),
        (dotted(NATIONAL), "number"),
    ],
)
@pytest.mark.parametrize("dataset", ["measures", "actions", "participation", "structures"])
def test_personal_data_are_refused_in_every_dataset_by_their_cell(
    directory: Network, dataset: str, comment: str, cause: str
) -> None:
    contents = {
        "measures": measures(ROW, f"{ROW}{comment}"),
        "actions": table(f"{ACTIONS};note", ";" * 16, f"{';' * 17}{comment}"),
        "participation": table(f"{PARTICIPATION};note", f"{';' * 9}", f"{';' * 9}{comment}"),
        "structures": table(f"{STRUCTURES};contact", "x" + ";" * 10, f"x{';' * 11}{comment}"),
    }
    found = examine(directory, contents[dataset])
    assert [place[0] for place in places(found)] == [cause]
    assert found.verdict is Verdict.REFUSED
    (finding,) = told(found, "P01")
    assert (finding.row, finding.severity, finding.value, finding.suggestion) == (3, Severity.BLOCKING, None, None)


def test_every_dataset_that_is_not_about_persons_says_so() -> None:
    assert [dataset.name for dataset in DATASETS.values() if dataset.holds_people] == []


def test_a_dataset_about_persons_may_hold_them(monkeypatch: pytest.MonkeyPatch) -> None:
    content = table(f"{MEASURES};prénom", f"{ROW}a@b.example;Zoé")
    report = Report()
    people = Dataset(**{**vars(DATASETS["measures"]), "holds_people": True})
    monkeypatch.setattr("indicators.intake.names.DATASETS", {**DATASETS, "measures": people})
    tell_personal_data(open_file(content, "a.csv").sheets, report, TODAY)
    assert report.findings == []


def test_a_column_that_is_passed_over_is_looked_at_with_the_rows_above_and_the_other_sheets(directory: Network) -> None:
    def fill(book: object) -> None:
        header = MEASURES.split(";")
        cells = [
            "atelier-ternoise",
            "2026-T1",
            "dynamic_exit_rate",
            33,
            60,
            55,
            "ensemble",
            None,
            None,
            "06 00 00 00 00",
        ]
        rows = [["Contact : a@b.example"], [*header, None, "libre"], cells]
        write(book, book.add_worksheet("Mesures"), rows)  # type: ignore[attr-defined]
        people = [["Liste"], ["Nom", "Prénom", "Naissance"], ["Exemple", "Zoé", "1990-01-01"]]
        write(book, book.add_worksheet("Autre"), people)  # type: ignore[attr-defined]

    found = examine(directory, xlsx(fill), "depot.xlsx")
    assert sorted(places(found), key=str) == [
        ("birth", "Autre", 3, "C", 1),
        ("mail", "Mesures", 1, "A", 1),
        ("name", "Autre", 3, "A", 1),
        ("name", "Autre", 3, "B", 1),
        ("phone", "Mesures", 3, "J", 1),
    ]


@pytest.mark.parametrize(
    ("title", "cause"),
    [
        *((title, "name") for title in ("Prénom", "NOM DE FAMILLE", "Prénoms", "Voornaam", "Nom et prénom")),
        *((title, "birth") for title in ("Date de naissance", "Né(e) le", "birth date", "Geboortedatum")),
        *((title, "number") for title in ("N° de sécurité sociale", "NIR", "Rijksregisternummer", "NISS")),
    ],
)
def test_a_title_that_announces_persons_refuses_its_column(directory: Network, title: str, cause: str) -> None:
    found = examine(directory, table(f"{MEASURES};{title}", f"{ROW};", f"{ROW};x"))
    assert [(f.values["cause"], f.row, f.header, f.count) for f in told(found, "P01")] == [(cause, 3, title, 1)]


def test_a_name_beside_a_first_name_is_a_persons_and_alone_it_may_be_a_structures(directory: Network) -> None:
    alone = examine(directory, table(f"{MEASURES};nom", f"{ROW};Atelier Ternoise (fictif)"))
    assert told(alone, "P01") == []
    both = examine(directory, table(f"{MEASURES};nom;prénom", f"{ROW};Exemple;Zoé"))
    assert [(f.header, f.values["cause"]) for f in told(both, "P01")] == [("nom", "name"), ("prénom", "name")]


def test_an_announced_column_without_a_value_is_nothing(directory: Network) -> None:
    assert told(examine(directory, table(f"{MEASURES};prénom", f"{ROW};")), "P01") == []


def test_a_column_of_names_is_refused_by_what_it_holds(directory: Network) -> None:
    names = ("Zoé Exemple", "EXEMPLE Marc", "Jean-Luc Exemple", "Claire Exemple")
    found = examine(directory, table(f"{MEASURES};repère", *(f"{ROW};{name}" for name in names)))
    assert [(f.values["cause"], f.row, f.count) for f in told(found, "P01")] == [
        ("name", row, 4) for row in (2, 3, 4, 5)
    ]


def test_a_column_of_days_on_which_people_are_born_is_asked_about(directory: Network) -> None:
    days = ("1990-01-01", "1985-02-03", "1979-12-31")
    found = examine(directory, table(f"{MEASURES};repère", *(f"{ROW};{day}" for day in days)))
    assert [(f.values["cause"], f.count) for f in told(found, "P02")] == [("birth", 3)] * 3
    opened = table(f"{MEASURES};ouverture", *(f"{ROW};{day}" for day in ("2019-01-01", "2020-02-03", "2021-12-31")))
    assert told(examine(directory, opened), "P02") == []


def test_internal_numbers_that_have_right_check_digits_by_chance_are_of_nobody(
    directory: Network,
) -> None:
    numbers = [f"8501{day:02}{rank:03}42" for day in range(1, 29) for rank in range(1, 20)]
    found = examine(directory, table(f"{MEASURES};dossier", *(f"{ROW};{number}" for number in numbers)))
    assert told(found, "P01") == []
    people = [national(f"8501{day:02}{rank:03}") for day in range(1, 29) for rank in range(1, 4)]
    found = examine(directory, table(f"{MEASURES};dossier", *(f"{ROW};{number}" for number in people)))
    assert {f.count for f in told(found, "P01")} == {len(people)}


def test_somebody_named_in_a_text_is_asked_about_and_a_role_is_not(directory: Network) -> None:
    found = examine(directory, measures(f"{ROW}relu avec la direction", f"{ROW}relu avec Mme Exemple"))
    assert [(f.row, f.column, f.severity, f.value) for f in told(found, "P02")] == [(3, "H", Severity.CONFIRM, None)]


def test_names_of_structures_and_groups_are_nobodys(directory: Network) -> None:
    row = "lea-exemple;Léa Exemple (fictif);ACI;Marie Exemple;normandie;76;FR;;;2010-01-01;"
    found = examine(directory, structures(*DIRECTORY, row))
    assert told(found, "P01") == told(found, "P02") == []


@pytest.mark.parametrize("root", ["data", "schemas/samples", "tests/files"])
def test_no_file_of_ours_seems_to_hold_a_person(root: str) -> None:
    for path in sorted((ROOT / root).rglob("*")):
        if path.suffix not in {".csv", ".xlsx", ".ods"}:
            continue
        try:
            opened = open_file(path.read_bytes(), path.name)
        except UnreadableError:
            continue
        report = Report()
        tell_personal_data(opened.sheets, report, TODAY)
        assert report.findings == [], path


SECRETS = ("zoe@mail.example", "06 00 00 00 42", spaced(NIR))
SECRET_FILE = table(
    f"{MEASURES};prénom",
    f"{ROW}{SECRETS[0]} {SECRETS[1]} {SECRETS[2]};Zoélinde",
    f"atelier-ternoise;2026-T1;absenteeism_rate;{SECRETS[1]};3000;{SECRETS[0]};ensemble; {SECRETS[0]};Zoélinde",
    ";;;;;;;;",
    f"Source : {SECRETS[0]}, {SECRETS[1]};;;;;;;;",
)


def test_what_is_told_of_personal_data_never_repeats_them(directory: Network) -> None:
    found = examine(directory, SECRET_FILE)
    for language in ("fr", "en", "nl"):
        report = json.dumps(examination_json(found, found.verdict, None, words(language)), ensure_ascii=False)
        for secret in (*SECRETS, "Zoélinde"):
            assert secret not in report


def test_nothing_of_a_file_with_personal_data_is_kept(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "store"))
    with store.open() as network:
        stored(network, structures(*DIRECTORY))
        found = examine(network, SECRET_FILE)
        assert isinstance(deposit(network, found, "accueil (fictif)", NOW, "oui"), Refused)
    (tmp_path / "mesures.csv").write_bytes(SECRET_FILE)
    command = [sys.executable, "-m", "dashboards", "deposit", "mesures.csv", "--confirm", "oui", "--json"]
    done = subprocess.run(command, env={**store.environment, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False)
    assert done.returncode == 1
    kept = b"".join(path.read_bytes() for path in (tmp_path / "store").rglob("*") if path.is_file())
    for secret in (*SECRETS, "Zoélinde"):
        assert secret.encode() not in kept + done.stdout + done.stderr


def test_a_hundred_thousand_telephone_numbers_are_counted_among_the_first_and_told_in_time(directory: Network) -> None:
    rows = (f"{ROW};06 {n // 10_000:02} {n // 100 % 100:02} {n % 100:02} 00" for n in range(60_000))
    found = examine(directory, table(f"{MEASURES};libre", *rows))
    assert len(told(found, "P01")) == 50
    assert told(found, "P01")[0].count >= 20_000
