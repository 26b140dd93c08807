"""Personal data do not come in: refused wherever they stand in a file, named by their cells, and kept nowhere.

Numbers are invented and of nobody: their departments, ranks and prefixes are not given out.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from dashboards.wording.finding_messages import validation_json
from dashboards.wording.translations import load_translator
from indicators.intake.deposit import Accepted, Refused, ToReword, deposit
from indicators.intake.readers.detect import open_file
from indicators.intake.readers.sheet import UnreadableError, make_sheet
from indicators.intake.report import Report
from indicators.intake.rules.names_of_persons import is_a_name, names_a_person, names_a_person_among_roles
from indicators.intake.rules.numbers_of_persons import has_mail, phone_number_test, register_number_test
from indicators.intake.rules.personal_data import report_personal_data
from indicators.intake.validate import ValidationResult, Verdict
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
    findings_of,
    measure,
    measures,
    stored,
    structures,
    table,
)
from tests.conftest import Run
from tests.intake.hostile_files import parquet
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


def places(found: ValidationResult, code: str = "P01") -> list[tuple[object, ...]]:
    return [(f.values.get("cause"), f.sheet, f.row, f.column, f.count) for f in findings_of(found, code)]


@pytest.mark.parametrize(
    "text",
    [
        *(NIR, spaced(NIR), spaced(NIR).replace(" ", "."), f"n° {NIR[:13]} clé {NIR[13:]}", f"(SS {spaced(NIR)})"),
        *(CORSICAN, CORSICAN.lower(), spaced(CORSICAN), spaced(NIR).replace(" ", "\u202f")),
        *(NATIONAL, dotted(NATIONAL), f"NISS : {dotted(YOUNG)}", YOUNG, dotted(NATIONAL).replace(".", " ")),
    ],
)
def test_a_register_number_is_known_by_its_check_digits_however_it_is_written(text: str) -> None:
    assert register_number_test()(text)


@pytest.mark.parametrize(
    "text",
    [
        *(NIR[:-1] + str((int(NIR[-1]) + 1) % 10), dotted(NATIONAL)[:-1] + str((int(NATIONAL[-1]) + 1) % 10)),
        *("00090000100017", "00090001900019", "0000000196", "3760123456789", f"{NATIONAL}7", f"7{NATIONAL}"),
        *(f"0,{NATIONAL}", f"0.{NATIONAL}", f"FA-{NATIONAL}", f"AC{NIR}", "2026-T3", "1 234 567 890 123,45"),
    ],
)
def test_a_number_of_a_structure_a_figure_or_a_reference_is_no_register_number(text: str) -> None:
    assert not register_number_test()(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "06 00 00 00 00",
            "0600000000",
            "06.00.00.00.00",
            "06-00-00-00-00",
            "tél. 01 00 00 00 00",
            "(06) 00 00 00 00",
            "06 - 00 - 00 - 00 - 00",
            "06‑00‑00‑00‑00",
            "06–00–00–00–00",
            "appeler le 01 00 00 00 00",
            "01 45 00 23 00 (tél.)",
        ),
        *(
            "06 12 34 56 78",
            "06.00.00.00.00/07.00.00.00.00",
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
    assert phone_number_test()(text)


@pytest.mark.parametrize(
    "text",
    [
        *("0417.497.106", "BE0417497106", "BE 0417.497.106", "0417497106", "00090000100017", "000 900 001 00017"),
        *(
            "12 000 000",
            "0,0612345678",
            "2026-01-02",
            "01/02/2026",
            "01.02.2026 - 03.04.2026",
            "01/01/2026-31/03/2026",
            "1 234 567 890",
        ),
        *(
            "FA-2026-0012345",
            "de 0100 à 0200",
            "+12 000 000 €",
            "+33 postes",
            "FR76 3000 6000 0112 3456 7890 189",
            "06",
        ),
        *("départements 01 03 07 15 26", "départements 06 13 30 83 84", "séances des 02 03 10 17 24 octobre"),
        *("effectifs 01 12 15 18 20", "journées 05-12-19-26-02", "06 07 08 09 10", "tel que 01 12 15 18 20"),
        *("facture 0612345678", "01 45 00 23 00"),
        *("réf. 2026/0600000000", "0,05555555555", "du 01 02 2026 au 31 03 2026"),
    ],
)
def test_what_is_no_telephone_number_is_not_taken_for_one(text: str) -> None:
    assert not phone_number_test()(text)


def test_plain_digits_of_a_key_or_a_figure_are_no_number_of_a_person() -> None:
    assert not phone_number_test(grouped=True)("0600000000")
    assert phone_number_test(grouped=True)("06 00 00 00 00")
    assert not register_number_test(grouped=True)(NATIONAL)
    assert register_number_test(grouped=True)(dotted(NATIONAL))
    assert not register_number_test(grouped=True)(f"{NATIONAL[:2]}.{NATIONAL[2:]}")
    assert register_number_test(grouped=True)(NIR)


@pytest.mark.parametrize(
    "text", ["a@b.example", "écrire à Zoé <zoe.exemple+x@mail.example>", "a @ b.example", "a1@x.b.example"]
)
def test_a_mail_address_is_known(text: str) -> None:
    assert has_mail(text)


@pytest.mark.parametrize(
    "text",
    [
        "@",
        "10 @ 12 €",
        "@SUM(A1)",
        "à 10h@salle",
        "a@b",
        "3 @ 2.jours",
        "3 formations @ 2.5 jours",
        "docs@v2.1",
        "1.2@3.4",
    ],
)
def test_a_sign_alone_is_no_mail_address(text: str) -> None:
    assert not has_mail(text)


@pytest.mark.parametrize(
    "text",
    [
        *("voir avec M. Exemple", "Mme Exemple absente", "Madame de L’Exemple", "Mr Exemple", "Mevrouw Voorbeeld"),
        *("madame Exemple", "mevrouw Voorbeeld", "dhr. Voorbeeld", "Mme. Exemple", "Dr Exemple", "MME EXEMPLE"),
        *("M. E. prévient", "Marie Exemple revient", "reçu Jean-Luc Exemple", "Zoé EXEMPLE", "Dhr. Voorbeeld"),
    ],
)
def test_a_text_that_names_somebody_is_seen(text: str) -> None:
    assert names_a_person(text)


@pytest.mark.parametrize(
    "text",
    [
        *("M. le maire", "Madame la directrice", "rue Jean Jaurès", "lycée Marie Curie", "salle Louis Exemple"),
        *("Rose des vents", "le 12 mars", "Martin-pêcheur", "MM. les délégués", "en M2", "Mme Directrice", "Claire"),
        *("M. Conseiller", "Mme Infirmière", "Monsieur le Principal", "M. Sous-préfet", "Mme Référente handicap"),
        *("lycée professionnel Jean Exemple", "école primaire publique Marie Exemple"),
        *("Lycée Saint-Joseph", "plan Claude Exemple", "institut Claude Exemple Villefictive", "le Mont Saint Michel"),
        *("Atelier Pierre Bleue", "le conseil de Saint-Pierre", "responsable qualité", "10 M. de mètres", "Paul"),
    ],
)
def test_a_text_that_names_an_office_a_place_or_a_thing_is_not(text: str) -> None:
    assert not names_a_person(text)


def test_a_name_is_written_first_name_before_or_behind() -> None:
    assert is_a_name("EXEMPLE Zoé")
    assert is_a_name("Zoé Exemple")
    assert is_a_name("Jean-Luc de l’Exemple")
    assert not is_a_name("Zoé")
    assert not is_a_name("Atelier Zoé Exemple : reprise")


@pytest.mark.parametrize(
    "text",
    [
        *("Lycée Saint-Joseph", "Collège Saint-Louis", "Institut Sainte-Anne", "MFR Saint-Martin", "Saint-Denis"),
        *("Saint-Pierre", "Saint-Paul", "Le Tampon", "Plan Claude Bernard", "Mont Saint Michel", "St Joseph"),
        *("Groupe Zoé Exemple", "Basisschool Sint Jan", "Place Marie Exemple", "Association Léa Exemple"),
    ],
)
def test_a_place_or_an_organisation_named_after_somebody_is_no_name_of_a_person(text: str) -> None:
    assert not is_a_name(text)


@pytest.mark.parametrize(
    ("title", "texts"),
    [
        ("partenaire", ("Lycée Saint-Joseph", "Collège Saint-Louis", "Institut Sainte-Anne", "MFR Saint-Martin")),
        ("commune", ("Saint-Denis", "Saint-Pierre", "Saint-Paul", "Le Tampon")),
        ("Naissances", ("12", "14", "9")),
        ("numéro national", ("0350001A", "0350002B")),
        ("Nom du lycée", ("Lycée Exemple", "Saint-Joseph")),
        ("Nom du secteur", ("Industrie", "Commerce")),
        ("Nom usuel", ("Lycée Saint-Joseph", "Atelier Exemple")),
        ("Portable", ("12", "14")),
        ("note", ("départements 01 03 07 15 26", "séances des 02 03 10 17 24 octobre", "3 formations @ 2.5 jours")),
    ],
)
def test_honest_columns_are_not_refused_nor_asked_about(directory: Network, title: str, texts: tuple[str, ...]) -> None:
    found = examine(directory, table(f"{MEASURES};{title}", *(f"{ROW};{text}" for text in texts)))
    assert findings_of(found, "P01") == findings_of(found, "P02") == []


@pytest.mark.parametrize(
    ("title", "cells", "cause"),
    [
        ("Téléphone", ("612345678", "712345678"), "phone"),
        ("Tél. portable", ("0612345678",), "phone"),
        ("GSM", ("470123456",), "phone"),
        ("N° de téléphone", ("01 03 07 15 26", "inconnu"), "phone"),
        ("E-mail", ("zoe.exemple (at) mail.example",), "mail"),
        ("Nom du directeur", ("Lefèvre", "Nguyen"), "name"),
        ("Nom de la responsable", ("LEFÈVRE", "de l’Exemple"), "name"),
        ("Numéro national", ("85010000100", "0350001A"), "number"),
        ("Année de naissance", ("1985", "1990"), "birth"),
    ],
)
def test_a_title_and_what_its_column_holds_refuse_it_together(
    directory: Network, title: str, cells: tuple[str, ...], cause: str
) -> None:
    found = examine(directory, table(f"{MEASURES};{title}", *(f"{ROW};{cell}" for cell in cells)))
    assert {(f.values["cause"], f.column) for f in findings_of(found, "P01")} == {(cause, "I")}


@pytest.mark.parametrize("title", ["référence facture", "dossier"])
def test_plain_digits_of_an_unknown_column_are_asked_about_and_never_refused(directory: Network, title: str) -> None:
    numbers = ("0612345678", "0712345678", "0123456789", "0987654321")
    found = examine(directory, table(f"{MEASURES};{title}", *(f"{ROW};{number}" for number in numbers)))
    assert findings_of(found, "P01") == []
    assert [(f.values["cause"], f.row, f.count) for f in findings_of(found, "P02")] == [
        ("phone", row, 4) for row in (2, 3, 4, 5)
    ]


def test_a_title_that_holds_an_address_is_never_repeated(directory: Network) -> None:
    content = table(f"{MEASURES};Avis (à envoyer à zoe@mail.example)", f"{ROW};bon", f"{ROW};Mme Exemple")
    found = examine(directory, content)
    assert [(f.row, f.column, f.header) for f in findings_of(found, "P01")] == [(1, "I", None)]
    assert "mail.example" not in json.dumps(validation_json(found, found.verdict, None, load_translator("fr")))


def test_a_sheet_named_after_somebodys_number_is_refused_and_its_name_is_not_repeated(directory: Network) -> None:
    def fill(book: object) -> None:
        for name in ("06 00 00 00 42", "Autre"):
            write(book, book.add_worksheet(name), [MEASURES.split(";"), ROW.split(";")])  # type: ignore[attr-defined]

    found = examine(directory, xlsx(fill), "depot.xlsx")
    assert [(f.values["cause"], f.severity) for f in findings_of(found, "P01")] == [("sheet", Severity.BLOCKING)]
    assert found.sheet is not None
    assert "00 42" not in json.dumps(validation_json(found, found.verdict, None, load_translator("fr")))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """A network in which is deposited."""
    with Store(str(tmp_path_factory.mktemp("own") / "store")).open() as network:
        stored(network, structures(*DIRECTORY))
        yield network


def test_a_comment_that_holds_personal_data_is_refused_and_nothing_is_kept(own: Network) -> None:
    found = examine(own, measures(f"{ROW}relu avec Mme Exemple"))
    for comment in ("voir zoe@mail.example", "appeler le 01 00 00 00 00", f"dossier {spaced(NIR)}"):
        assert isinstance(deposit(own, found, "accueil (fictif)", NOW, comment), ToReword)
    accepted = examine(own, measures(ROW))
    assert isinstance(deposit(own, accepted, "accueil (fictif)", NOW, "06 00 00 00 42"), ToReword)
    assert isinstance(deposit(own, found, "accueil (fictif)", NOW, "relu le 12 mars"), Accepted)


def test_the_command_line_says_that_a_comment_holds_personal_data_and_does_not_repeat_it(
    tmp_path: Path, directory_store: Store, pilotage: Run
) -> None:
    file = tmp_path / "mesures.csv"
    file.write_bytes(measures(f"{ROW}relu avec Mme Exemple"))
    done = pilotage("deposit", file, "--confirm", "voir zoe@mail.example", *directory_store.options)
    assert done.code == 3
    assert "adresse électronique" in done.err
    assert "mail.example" not in done.out + done.err


@pytest.mark.parametrize("name", ["zoe@mail.example.xlsx", "dupont_0600000042.csv", "06-00-00-00-42"])
def test_a_file_name_that_holds_personal_data_is_not_kept(own: Network, name: str) -> None:
    made = deposit(own, examine(own, measures(f"{ROW}{len(name)}"), name), "accueil (fictif)", NOW)
    assert isinstance(made, Accepted)
    ending = Path(name).suffix
    assert made.receipt.file_name == f"{made.receipt.deposit}{ending}"
    with own.snapshot() as snapshot:
        kept = str(list(snapshot.cursor.rows("select findings, file_name from lake.deposits")))
    assert name.removesuffix(ending) not in kept


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
    (finding,) = findings_of(found, "P01")
    assert (finding.row, finding.severity, finding.value, finding.suggestion) == (3, Severity.BLOCKING, None, None)


def test_every_dataset_that_is_not_about_persons_says_so() -> None:
    assert [dataset.name for dataset in DATASETS.values() if dataset.holds_people] == ["membres"]


def test_a_dataset_about_persons_may_hold_them(monkeypatch: pytest.MonkeyPatch) -> None:
    content = table(f"{MEASURES};prénom", f"{ROW}a@b.example;Zoé")
    report = Report()
    people = Dataset(**{**vars(DATASETS["measures"]), "holds_people": True})
    monkeypatch.setattr("indicators.intake.column_names.DATASETS", {**DATASETS, "measures": people})
    report_personal_data(open_file(content, "a.csv").sheets, report, TODAY)
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


def test_lists_of_a_parquet_file_are_looked_at_too(directory: Network) -> None:
    columns = {name: [text] for name, text in zip(MEASURES.split(";"), ROW.split(";"), strict=True)}
    found = examine(directory, parquet(**columns, contacts=[[{"mail": "a@b.example"}]]), "depot.parquet")
    assert [(f.values["cause"], f.row, f.header) for f in findings_of(found, "P01")] == [("mail", 2, "contacts")]


@pytest.mark.parametrize(
    ("title", "cell", "cause"),
    [
        *((title, "Zoé", "name") for title in ("Prénom", "NOM DE FAMILLE", "Prénoms", "Voornaam", "Nom et prénom")),
        *((title, "1990-01-01", "birth") for title in ("Date de naissance", "Né(e) le", "birth date", "Geboortedatum")),
        *((title, NIR, "number") for title in ("N° de sécurité sociale", "NIR", "Rijksregisternummer", "NISS")),
    ],
)
def test_a_title_that_announces_persons_refuses_its_column(
    directory: Network, title: str, cell: str, cause: str
) -> None:
    found = examine(directory, table(f"{MEASURES};{title}", f"{ROW};", f"{ROW};{cell}"))
    assert [(f.values["cause"], f.row, f.header, f.count) for f in findings_of(found, "P01")] == [(cause, 3, title, 1)]


def test_a_name_beside_a_first_name_is_a_persons_and_alone_it_may_be_a_structures(directory: Network) -> None:
    name_only = examine(directory, table(f"{MEASURES};nom", f"{ROW};Atelier Ternoise (fictif)"))
    assert findings_of(name_only, "P01") == []
    both = examine(directory, table(f"{MEASURES};nom;prénom", f"{ROW};Exemple;Zoé"))
    assert [(f.header, f.values["cause"]) for f in findings_of(both, "P01")] == [("nom", "name"), ("prénom", "name")]


def test_an_announced_column_without_a_value_is_nothing(directory: Network) -> None:
    assert findings_of(examine(directory, table(f"{MEASURES};prénom", f"{ROW};")), "P01") == []


def test_a_column_of_names_is_asked_about_by_what_it_holds_alone(directory: Network) -> None:
    names = ("Zoé Exemple", "EXEMPLE Marc", "Jean-Luc Exemple", "Claire Exemple")
    found = examine(directory, table(f"{MEASURES};repère", *(f"{ROW};{name}" for name in names)))
    assert findings_of(found, "P01") == []
    assert [(f.row, f.count) for f in findings_of(found, "P02")] == [(row, 4) for row in (2, 3, 4, 5)]


def test_a_column_of_days_on_which_people_are_born_is_asked_about(directory: Network) -> None:
    days = ("1990-01-01", "1985-02-03", "1979-12-31")
    found = examine(directory, table(f"{MEASURES};repère", *(f"{ROW};{day}" for day in days)))
    assert [(f.values["cause"], f.count) for f in findings_of(found, "P02")] == [("birth", 3)] * 3
    opened = table(f"{MEASURES};ouverture", *(f"{ROW};{day}" for day in ("2019-01-01", "2020-02-03", "2021-12-31")))
    assert findings_of(examine(directory, opened), "P02") == []


def test_internal_numbers_that_have_right_check_digits_by_chance_are_of_nobody(
    directory: Network,
) -> None:
    numbers = [f"8501{day:02}{rank:03}42" for day in range(1, 29) for rank in range(1, 20)]
    found = examine(directory, table(f"{MEASURES};dossier", *(f"{ROW};{number}" for number in numbers)))
    assert findings_of(found, "P01") == []
    people = [national(f"8501{day:02}{rank:03}") for day in range(1, 29) for rank in range(1, 4)]
    found = examine(directory, table(f"{MEASURES};dossier", *(f"{ROW};{number}" for number in people)))
    assert {f.count for f in findings_of(found, "P01")} == {len(people)}


def test_somebody_named_in_a_text_is_asked_about_and_a_role_is_not(directory: Network) -> None:
    found = examine(directory, measures(f"{ROW}relu avec la direction", f"{ROW}relu avec Mme Exemple"))
    assert [(f.row, f.column, f.severity, f.value) for f in findings_of(found, "P02")] == [
        (3, "H", Severity.CONFIRM, None)
    ]


def test_names_of_structures_and_groups_are_nobodys(directory: Network) -> None:
    row = "lea-exemple;Léa Exemple (fictif);ACI;Marie Exemple;normandie;76;FR;;;2010-01-01;"
    found = examine(directory, structures(*DIRECTORY, row))
    assert findings_of(found, "P01") == findings_of(found, "P02") == []


@pytest.mark.parametrize("root", ["data", "schemas/samples", "tests/files"])
def test_no_file_of_ours_seems_to_hold_a_person(root: str) -> None:
    for path in sorted((ROOT / root).rglob("*")):
        # The addresses of members lead nowhere in the demonstration, and are no data of anybody's figures.
        if path.suffix not in {".csv", ".xlsx", ".ods"} or path.name == "membres.csv":
            continue
        try:
            opened = open_file(path.read_bytes(), path.name)
        except UnreadableError:
            continue
        report = Report()
        report_personal_data(opened.sheets, report, TODAY)
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
        report = json.dumps(validation_json(found, found.verdict, None, load_translator(language)), ensure_ascii=False)
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


@pytest.mark.parametrize(
    "text",
    [
        *("@" + "a" * 1_000_000, "Aa" + " de" * 300_000, "Mme " + "de la " * 150_000, "A-" * 500_000 + "@"),
        *("Jean Xa " * 100_000, "0123 " * 200_000 + "@", "1 " * 500_000, ("a" * 63 + ".") * 15_000 + "@"),
    ],
    ids=range(8),
)
def test_no_text_however_it_is_made_takes_long_to_be_looked_at(text: str) -> None:
    before = time.process_time()
    report_personal_data([make_sheet({"0": [text], "1": [f"x{text}"]})], Report(), TODAY)
    assert time.process_time() - before < 2


def test_many_telephone_numbers_are_counted_among_the_first_and_told_in_time(directory: Network) -> None:
    rows = (f"{ROW};06 {n // 10_000:02} {n // 100 % 100:02} {n % 100:02} 00" for n in range(60_000))
    found = examine(directory, table(f"{MEASURES};libre", *rows))
    assert len(findings_of(found, "P01")) == 50
    assert findings_of(found, "P01")[0].count >= 20_000


GROUP_COLUMNS = [("demandes", "de"), ("actions", "pilote"), ("corps", "roles"), ("instances", "presents")]
ROLE_NAMES = [
    "Benali Fatima",
    "BENALI Fatima",
    "Fatima B.",
    "F. Benali",
    "Oumar Traoré",
    "Fatima",
    "direction, Oumar Traoré",
]
ONE_ROW = {
    "demandes": ("structure;reference;date;de;demande;reponse;repondue_le;action;rendue_le",
                 "atelier-ternoise;D-1;2026-09-01;{};Recevoir le planning;;;;"),
    "actions": (ACTIONS, "atelier-ternoise;FA-1;corrective;;;;;;Réimprimer;{};2026-01-10;;;;;;ouverte"),
    "corps": ("structure;instance;rythme;roles;du;au", "atelier-ternoise;Comité;bimestriel;{};2026-01-01;"),
    "instances": ("structure;instance;prevue_le;tenue_le;presents;decisions;actions",
                  "atelier-ternoise;Comité;2026-03-02;2026-03-03;{};;"),
}  # fmt: skip


@pytest.mark.parametrize("name", ROLE_NAMES)
@pytest.mark.parametrize(("dataset", "title"), GROUP_COLUMNS)
def test_a_single_name_among_groups_and_roles_is_to_be_confirmed(
    directory: Network, dataset: str, title: str, name: str
) -> None:
    header, row = ONE_ROW[dataset]
    found = examine(directory, table(header, row.format(name)))
    assert [(finding.header, finding.row) for finding in findings_of(found, "P02")] == [(title, 2)]


@pytest.mark.parametrize(
    "text",
    [
        *("Équipe du matin", "Conseil des Élèves", "Responsable Qualité", "Direction Générale", "CSE", "Atelier 2B"),
        *("Direction, Responsable Qualité et Encadrement Technique", "Délégués de classe", "Comité de pilotage"),
        *("Association Jean Moulin", "Parents d’élèves", "Présidence / Direction"),
    ],
)
def test_a_group_or_a_role_with_capitals_is_no_name(text: str) -> None:
    assert not names_a_person_among_roles(text)


@pytest.mark.parametrize(("dataset", "title"), GROUP_COLUMNS)
def test_no_group_or_role_of_the_demonstration_and_of_the_samples_is_like_a_name(dataset: str, title: str) -> None:
    paths = [path for folder in ("data", "schemas") for path in (ROOT / folder).rglob(f"{dataset}.csv")]
    cells = {row[title] for path in paths for row in csv.DictReader(path.open(encoding="utf-8-sig"), delimiter=";")}
    assert len(cells) > 1
    assert [cell for cell in cells if cell and names_a_person_among_roles(cell)] == []


def test_a_name_is_found_after_another_capital() -> None:
    assert names_a_person("Départ de Fatima Benali")
    assert not names_a_person("Visite du Lycée Marie Curie")
