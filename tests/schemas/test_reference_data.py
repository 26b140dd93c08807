"""The contracts of reference files: each rule refuses its row, by file, line and cell, and says what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from indicators.definitions.reference_files import read_reference_file
from indicators.errors import CatalogueError
from indicators.network import DATA_FOLDER
from schemas.reference_data import (
    CAMPAIGNS,
    DEPARTMENTS,
    REBASELINES,
    REFERENCE_FILES,
    REGIONS,
    THRESHOLDS,
    ReferenceFile,
)

SOUND = {
    "regions": "flandre;Flandre;Flanders;Vlaanderen;BE;VL;3;4",
    "campaigns": "2026-T1;;2026-04-01;2026-04-30;2026-06-01;direction",
    "rebasings": "reseau;positive_exit_rate;2026-T1;2026-02-01;nouveau",
    "thresholds": "structure;EIW;fte_per_contract;numerateur;au_plus;50;Au plus 50.;At most 50.;;une règle",
    "departments": "59;Nord;Lille",
}
EXCEPTION = "2026-T1;atelier;2026-04-01;2026-07-15;;"
WRONG = [
    (REGIONS, "C01", SOUND["regions"].replace("Flanders", ""), "nom_en: must not be empty"),
    (REGIONS, "repeated", SOUND["regions"].replace(";3;4", ";3;5"), "region: flandre twice"),
    (REGIONS, "no_slug", "Flandre Est;Flandre;Flanders;;BE;VL;3;5", "region: Flandre Est is not lower case"),
    (REGIONS, "no_country", "est;Est;East;;LU;LU;3;5", "pays: LU is none of FR, BE"),
    (REGIONS, "no_tile", "est;Est;East;;FR;44;-1;5", "tuile_colonne: -1, 5 is not on the map"),
    (REGIONS, "shared_tile", "est;Est;East;;BE;44;3;4", "tuile_colonne: another region of BE is at 3, 4"),
    (CAMPAIGNS, "C01", "2026-T1;atelier;;2026-07-15;;", "ouverte_le: must not be empty"),
    (CAMPAIGNS, "repeated", SOUND["campaigns"], "periode: 2026-T1 twice for everybody"),
    (CAMPAIGNS, "endless_exception", EXCEPTION.replace("2026-07-15", ""), "limite: a late exception must say its last"),
    (CAMPAIGNS, "due_before_opening", "2026-T2;;2026-05-01;2026-04-30;;", "limite: 2026-04-30 is before 2026-05-01"),
    (CAMPAIGNS, "locked_exception", EXCEPTION[:-1] + "2026-08-01;", "verrouillee_le: not for a late exception"),
    (CAMPAIGNS, "approved_exception", EXCEPTION + "direction", "approuvee_par: not for a late exception"),
    (
        CAMPAIGNS,
        "locked_before_due",
        "2026-T2;;2026-04-01;2026-04-30;2026-04-30;",
        "2026-04-30 is not after 2026-04-30",
    ),
    (REBASELINES, "C01", "reseau;positive_exit_rate;2026-T2;2026-02-01;", "motif: must not be empty"),
    (THRESHOLDS, "C01", SOUND["thresholds"].replace("une règle", ""), "source: must not be empty"),
    (
        THRESHOLDS,
        "repeated",
        SOUND["thresholds"].replace("50;Au", "40;Au"),
        "indicateur: two thresholds of fte_per_con",
    ),
    (THRESHOLDS, "no_level", SOUND["thresholds"].replace("structure", "pays"), "niveau: pays is none of structure, "),
    (THRESHOLDS, "no_kind", SOUND["thresholds"].replace("EIW", "XYZ"), "type: XYZ is none of ACI, AI"),
    (THRESHOLDS, "kind_of_several", SOUND["thresholds"].replace("structure", "region"), "niveau must be structure"),
    (THRESHOLDS, "not_counted", SOUND["thresholds"].replace("numerateur", "somme"), "mesure: somme is none of valeur"),
    (
        THRESHOLDS,
        "no_comparison",
        SOUND["thresholds"].replace("au_plus", "vers"),
        "comparaison: vers is none of au_plus",
    ),
    (REBASELINES, "repeated", SOUND["rebasings"], "a_partir_de: 2026-T1 twice for reseau and positive_exit_rate"),
    (DEPARTMENTS, "C01", "62;Pas-de-Calais;", "chef_lieu: must not be empty"),
    (DEPARTMENTS, "repeated", SOUND["departments"], "departement: 59 twice"),
]


def written(folder: Path, file: ReferenceFile, *rows: str) -> Path:
    header = ";".join(column.french for column in file.dataset.columns)
    path = folder / f"{file.dataset.name}.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8-sig")
    return path


@pytest.mark.parametrize("file", REFERENCE_FILES, ids=lambda file: file.dataset.name)
def test_what_ships_and_a_sound_row_keep_to_the_contract(file: ReferenceFile, tmp_path: Path) -> None:
    name = file.dataset.name
    if name != "campaigns":  # of which the shipped file has no row
        assert read_reference_file(DATA_FOLDER / "reference" / f"{name}.csv", file)
    (row,) = read_reference_file(written(tmp_path, file, SOUND[name]), file)
    assert list(row) == [column.name for column in file.dataset.columns]


@pytest.mark.parametrize(("file", "code", "wrong", "why"), WRONG, ids=[f"{w[0].dataset.name}-{w[1]}" for w in WRONG])
def test_each_rule_names_file_line_and_cell_and_says_what_is_wrong(
    file: ReferenceFile, code: str, wrong: str, why: str, tmp_path: Path
) -> None:
    path = written(tmp_path, file, SOUND[file.dataset.name], "", wrong)
    with pytest.raises(CatalogueError) as refused:
        read_reference_file(path, file)
    assert str(refused.value).startswith(f"{path}: line 4: ")
    assert why in str(refused.value)


def test_every_rule_of_every_reference_file_has_its_sentence_and_its_row_here() -> None:
    for file in REFERENCE_FILES:
        contract = file.dataset.contract
        codes = {"C01", *(check.name for check in contract.checks)}
        assert set(file.sentences) == codes == {code for of, code, *_ in WRONG if of is file}


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ("est;Est;East;;FR;44;trois;5", "tuile_colonne: trois is not a whole number"),
        ("est;Est;East;;FR;44;3", "7 cells, 8 expected"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(cells: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=f"line 2: {why}"):
        read_reference_file(written(tmp_path, REGIONS, cells), REGIONS)


def test_another_column_or_another_order_of_columns_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "regions.csv"
    for header, named in (("region;nom_fr", "code, nom_en"), ("nom_fr;region;nom_en", "code, nom_nl")):
        path.write_text(f"{header}\n", encoding="utf-8")
        with pytest.raises(CatalogueError, match=rf"line 1: columns must be region;nom_fr;.* \({named}"):
            read_reference_file(path, REGIONS)
