"""The command line: its verdicts as exit codes, its findings as JSON, its mistakes in one line."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from openpyxl import load_workbook

from indicators.definitions.campaigns import CampaignRecord
from indicators.definitions.periods import Period
from indicators.errors import AmbiguousError, StoreError, UnknownError
from indicators.intake.campaign import declare
from indicators.network import DATA_FOLDER, Network
from indicators.store.deposit_ids import resolve_deposit, unique_prefix_length
from indicators.store.deposits import list_receipts, new_deposit_id, read_content
from schemas.datasets import sample_path
from tests.builders import (
    ACTIONS,
    AUTHOR,
    DIRECTORY,
    MEASURES,
    NOW,
    Store,
    action,
    environment,
    measure,
    measures,
    stored,
    structures,
    table,
)
from tests.conftest import Ran, Run, copy_store

ROOT = Path(__file__).parent.parent.parent
ATELIER = "atelier-ternoise"
SOUND = measure(ATELIER, "2026-T1", "dynamic_exit_rate", 33, 60, "55,0")
FILES = {
    "sound.csv": measures(SOUND),
    "doubtful.csv": measures(SOUND.replace("55,0", "52,0")),
    "wrong.csv": measures(SOUND.replace("33;", "trente;"), SOUND.replace("dynamic_exit_rate", "dynamic_rate")),
    "empty.csv": b"",
}
KEYS = ["file", "dataset", "verdict", "rows_read", "rows_accepted", "deposit", "findings"]
FINDING_KEYS = [
    "code", "severity", "sheet", "row", "column", "header", "value", "message", "hint", "suggestion", "group", "count",
]  # fmt: skip


@pytest.fixture(scope="module")
def known(directory_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store that knows its structures: to be checked against, never written."""
    return copy_store(directory_folder, tmp_path_factory.mktemp("known") / "store")


@pytest.fixture
def own(directory_folder: Path, tmp_path: Path) -> Path:
    """The folder of a store of its own, that knows its structures."""
    return copy_store(directory_folder, tmp_path / "own")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with one file for each verdict."""
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def version_of(folder: Path) -> tuple[int, int]:
    with Network(str(folder)) as network, network.snapshot() as snapshot:
        return snapshot.version, len(list_receipts(network.lake))


# Verdicts


@pytest.mark.parametrize(
    ("name", "code", "verdict"),
    [
        ("sound.csv", 0, "accepted"),
        ("doubtful.csv", 3, "to_confirm"),
        ("wrong.csv", 1, "refused"),
        ("empty.csv", 1, "refused"),
    ],
)
def test_the_exit_code_of_a_check_is_the_verdict(
    pilotage: Run, known: Path, files: Path, name: str, code: int, verdict: str
) -> None:
    ran = pilotage("check", files / name, "--store", known, "--json")
    assert ran.code == code
    assert [found["verdict"] for found in ran.objects] == [verdict]


def test_the_exit_code_of_several_files_is_the_worst(pilotage: Run, known: Path, files: Path) -> None:
    for names, code in (
        (("sound.csv", "doubtful.csv"), 3),
        (("doubtful.csv", "wrong.csv", "sound.csv"), 1),
    ):
        ran = pilotage("check", *(files / name for name in names), "--store", known, "--json")
        assert ran.code == code
        assert [found["file"] for found in ran.objects] == list(names), "one line a file, in their order"


def test_the_json_of_a_check_has_exactly_the_promised_keys(pilotage: Run, known: Path, files: Path) -> None:
    (found,) = pilotage("check", files / "wrong.csv", "--store", known, "--json", "--lang", "en").objects
    assert list(found) == KEYS
    assert {name: found[name] for name in KEYS[:-1]} == {
        "file": "wrong.csv",
        "dataset": "measures",
        "verdict": "refused",
        "rows_read": 2,
        "rows_accepted": 0,
        "deposit": None,
    }
    assert [list(finding) for finding in found["findings"]] == [FINDING_KEYS] * 2
    number, indicator = found["findings"]
    assert (number["code"], number["severity"], number["sheet"]) == ("C03", "blocking", None)
    assert (number["row"], number["column"], number["header"]) == (2, "D", "numerateur")
    assert (number["value"], number["suggestion"], number["group"], number["count"]) == (
        "trente",
        None,
        "C03:numerateur",
        1,
    )
    assert number["message"] == "“trente” cannot be read here."
    assert number["hint"]
    assert (indicator["code"], indicator["suggestion"]) == ("C13", "dynamic_exit_rate")


def test_an_unreadable_file_is_refused_in_json_too(pilotage: Run, known: Path, files: Path) -> None:
    (found,) = pilotage("check", files / "empty.csv", "--store", known, "--json").objects
    assert list(found) == KEYS
    assert (found["dataset"], found["rows_read"]) == (None, 0)
    assert [finding["code"] for finding in found["findings"]] == ["F01"]


def test_a_check_says_the_verdict_first_then_the_findings_with_their_cells(
    pilotage: Run, known: Path, files: Path
) -> None:
    ran = pilotage("check", files / "wrong.csv", "--store", known)
    lines = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert lines[0].startswith("wrong.csv : Fichier refusé (2 lignes lues, 0 à enregistrer)")
    assert lines[1].startswith("C03 bloquant D2 « trente » n’est pas lisible ici.")
    assert any(line.startswith("C13 bloquant C3") for line in lines)
    english = pilotage("check", files / "wrong.csv", "--store", known, "--lang", "en")
    assert "File refused" in english.out


def test_a_check_says_every_cause_once_however_many_rows_share_one(pilotage: Run, known: Path, tmp_path: Path) -> None:
    rows = [measure("inconnue", "2026-T1", "dynamic_exit_rate", 1, 2, segment=f"equipe={n}") for n in range(999)]
    path = tmp_path / "beaucoup.csv"
    path.write_bytes(measures(*rows, measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", "trente", 60)))
    lines = pilotage("check", path, "--store", known).out.splitlines()
    causes = [line.split()[0] for line in lines if re.match(r"  [A-Z]\d\d ", line)]
    assert len(causes) == len(set(causes))
    assert {"I07", "C03"} <= set(causes), "one cause does not hide another"
    place = next(place for place, line in enumerate(lines) if line.startswith("  I07"))
    assert "999" in lines[place]
    assert lines[place + 1].strip().startswith("lignes 2, 3, 4, ")
    assert lines[place + 1].endswith("…")
    assert "Vérifiez le code" in " ".join(lines[place : place + 4]), "and what to do"


def test_a_check_never_writes(pilotage: Run, known: Path, files: Path) -> None:
    before = version_of(known)
    pilotage("check", *(files / name for name in FILES), "--store", known, "--confirm", "je confirme")
    assert version_of(known) == before


def test_a_comment_confirms_what_is_to_be_confirmed_and_nothing_else(pilotage: Run, known: Path, files: Path) -> None:
    assert pilotage("check", files / "doubtful.csv", "--store", known, "--confirm", "ancien logiciel").code == 0
    assert pilotage("check", files / "doubtful.csv", "--store", known, "--confirm", "  ").code == 3
    assert pilotage("check", files / "wrong.csv", "--store", known, "--confirm", "ancien logiciel").code == 1


def test_what_is_collected_and_from_whom_is_held_against_the_file(pilotage: Run, known: Path, files: Path) -> None:
    def codes(*options: str) -> list[str]:
        (found,) = pilotage("check", files / "sound.csv", "--store", known, "--json", *options).objects
        return [finding["code"] for finding in found["findings"]]

    assert codes("--period", "2026-T1", "--structure", ATELIER) == []
    assert codes("--period", "2026-T2") == ["B01"]
    assert codes("--structure", "regie-ternoise") == ["I08"]


# Deposits


def test_a_sound_file_is_deposited_beside_those_that_are_not(pilotage: Run, own: Path, files: Path) -> None:
    names = ("wrong.csv", "sound.csv", "doubtful.csv")
    ran = pilotage("deposit", *(files / name for name in names), "--store", own, "--json", "--author", AUTHOR)
    assert ran.code == 1
    assert [(found["verdict"], found["deposit"] is not None) for found in ran.objects] == [
        ("refused", False),
        ("accepted", True),
        ("to_confirm", False),
    ]
    with Network(str(own)) as network:
        assert [receipt.file_name for receipt in list_receipts(network.lake)] == ["sound.csv", "depot.csv"]
        receipt = list_receipts(network.lake)[0]
        assert (receipt.deposit, receipt.author, receipt.rows_accepted) == (ran.objects[1]["deposit"], AUTHOR, 1)
        assert read_content(network.lake, receipt.deposit) == FILES["sound.csv"]


def test_a_deposit_confirmed_by_a_comment_is_accepted_and_keeps_it(pilotage: Run, own: Path, files: Path) -> None:
    ran = pilotage("deposit", files / "doubtful.csv", "--store", own, "--json", "--confirm", "ancien logiciel")
    assert ran.code == 0
    (found,) = ran.objects
    assert found["deposit"] is not None
    assert found["verdict"] == "accepted"
    with Network(str(own)) as network:
        assert list_receipts(network.lake)[0].comment == "ancien logiciel"


# Template, history, withdrawal, export


def test_a_template_names_the_figures_that_a_structure_reports_for_a_period(pilotage: Run, known: Path) -> None:
    ran = pilotage("template", "measures", "--structure", ATELIER, "--period", "2026-T1", "--store", known)
    rows = list(csv.reader(io.StringIO(ran.out), delimiter=";"))
    assert ran.code == 0
    assert ";".join(rows[0]) == f"{MEASURES};référence\N{NO-BREAK SPACE}: libellé"
    assert {(row[0], row[1]) for row in rows[1:]} == {(ATELIER, "2026-T1")}
    assert "dynamic_exit_rate" in {row[2] for row in rows}
    assert {cell for row in rows[1:] for cell in row[3:6]} == {""}


@pytest.mark.parametrize("language", ["fr", "en", "nl"])
def test_a_template_can_be_a_workbook_in_the_language_asked(
    pilotage: Run, known: Path, tmp_path: Path, language: str
) -> None:
    file = tmp_path / f"modele-{language}.xlsx"
    options = ("--structure", ATELIER, "--period", "2026-T1", "--format", "xlsx", "--output", file, "--lang", language)
    assert pilotage("template", "measures", *options, "--store", known).code == 0
    sheet = load_workbook(file)["measures"]
    assert [cell.value for cell in sheet[1]][:3] == ["structure", "periode", "indicateur"]
    assert {row[0].value for row in sheet.iter_rows(min_row=2)} == {ATELIER}


def test_a_template_that_cannot_be_written_is_named(pilotage: Run, known: Path, tmp_path: Path) -> None:
    ran = pilotage("template", "measures", "--output", tmp_path / "nulle-part" / "m.csv", "--store", known)
    assert (ran.code, "nulle-part" in ran.err) == (2, True)


def test_a_failure_of_the_store_is_never_told_as_the_fault_of_the_file(
    pilotage: Run, known: Path, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreError("store: disk full")

    monkeypatch.setattr("dashboards.commands.check_and_deposit.store_file", fail)
    ran = pilotage("deposit", files / "sound.csv", "--store", known, "--json")
    (found,) = ran.objects
    assert (ran.code, found["verdict"], found["deposit"]) == (1, "refused", None)
    assert [finding["code"] for finding in found["findings"]] == ["S01"]
    assert "disk full" in ran.err
    assert "disk full" not in ran.out


@pytest.mark.parametrize("dataset", ["measures", "actions"])
def test_the_template_of_nobody_in_particular_is_the_sample(pilotage: Run, known: Path, dataset: str) -> None:
    ran = pilotage("template", dataset, "--store", known)
    assert (ran.code, ran.out) == (0, sample_path(dataset).read_text(encoding="utf-8"))


def test_the_history_is_told_newest_first_and_a_withdrawal_is_part_of_it(pilotage: Run, own: Path, files: Path) -> None:
    (found,) = pilotage("deposit", files / "sound.csv", "--store", own, "--json", "--author", AUTHOR).objects
    deposit = found["deposit"]
    ran = pilotage("withdraw", deposit, "--because", " mauvais fichier ", "--store", own, "--author", AUTHOR)
    assert ran.code == 0
    assert deposit in ran.out
    receipts = pilotage("history", "--store", own, "--json").objects
    assert [(r["dataset"], r["file_name"], r["withdraws"], r["comment"], r["author"]) for r in receipts] == [
        ("withdrawal", None, deposit, "mauvais fichier", AUTHOR),
        ("measures", "sound.csv", None, None, AUTHOR),
        ("structures", "depot.csv", None, None, AUTHOR),
    ]
    listing = pilotage("history", "--store", own)
    assert listing.code == 0
    assert "sound.csv" in listing.out
    again = pilotage("withdraw", deposit, "--because", "encore", "--store", own)
    assert (again.code, again.out) == (2, "")
    assert again.err.splitlines() == [f"pilotage: unknown deposit: {deposit}"]


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_what_the_history_shows_of_a_deposit_is_enough_to_withdraw_it_however_narrow_the_screen(
    pilotage: Run, own: Path, files: Path, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    (found,) = pilotage("deposit", files / "sound.csv", "--store", own, "--json", "--author", AUTHOR).objects
    listing = pilotage("history", "--store", own).out
    (shown,) = [word for word in re.findall(r"\b[0-9a-f]{8,32}\b", listing) if found["deposit"].startswith(word)]
    ran = pilotage("withdraw", shown, "--because", "mauvais fichier", "--store", own)
    assert (ran.code, found["deposit"] in ran.out.replace("\n", "")) == (0, True)
    assert pilotage("history", "--store", own, "--json").objects[0]["withdraws"] == found["deposit"]


def test_the_beginning_of_an_id_names_a_deposit_only_if_no_other_begins_so() -> None:
    ids = ["abcd1111", "abcd2222", "ef567777"]
    assert resolve_deposit("ef56", ids) == "ef567777"
    assert resolve_deposit("abcd1111", ids) == "abcd1111"
    with pytest.raises(AmbiguousError, match="ambiguous deposit: abcd: abcd1111, abcd2222"):
        resolve_deposit("abcd", ids)
    for name in ("ef5", "", "zzzz", "f567777"):
        with pytest.raises(UnknownError):
            resolve_deposit(name, ids)
    assert unique_prefix_length(["0" * 12 + "a" * 20, "0" * 12 + "b" * 20]) == 13
    assert unique_prefix_length([]) == unique_prefix_length(["a" * 32]) == 8


def test_a_withdrawal_needs_a_reason(pilotage: Run, known: Path) -> None:
    assert pilotage("withdraw", "abc", "--store", known).code == 2
    assert pilotage("withdraw", "abc", "--because", " ", "--store", known).code == 2


def test_an_empty_history_says_so(pilotage: Run, tmp_path: Path) -> None:
    ran = pilotage("history", "--store", tmp_path / "nothing")
    assert (ran.code, ran.out.strip()) == (0, "Aucun dépôt.")


def test_a_dataset_is_exported_in_each_format(pilotage: Run, own: Path, tmp_path: Path) -> None:
    with Network(str(own)) as network:
        absent = measure(ATELIER, "2026-T1", "absenteeism_rate", "NC")
        stored(network, measures(SOUND, absent))
    text = pilotage("export", "measures", "--format", "csv", "--store", own).out
    assert text.splitlines() == [
        MEASURES.replace(";", ","),
        f"{ATELIER},2026-T1,absenteeism_rate,NC,NC,NC,ensemble,",
        f"{ATELIER},2026-T1,dynamic_exit_rate,33.0,60.0,55.0,ensemble,",
    ]
    rows = json.loads(pilotage("export", "measures", "--format", "json", "--store", own).out)
    assert [(row["indicateur"], row["numerateur"], row["absence"]) for row in rows] == [
        ("absenteeism_rate", None, "NC"),
        ("dynamic_exit_rate", 33.0, None),
    ]
    output = tmp_path / "measures.parquet"
    assert pilotage("export", "measures", "--format", "parquet", "--output", output, "--store", own).code == 0
    assert pl.read_parquet(output).to_dicts() == rows


def test_a_csv_that_is_exported_is_a_file_that_can_be_deposited(pilotage: Run, own: Path, tmp_path: Path) -> None:
    output = tmp_path / "structures.csv"
    assert pilotage("export", "structures", "--output", output, "--store", own).code == 0
    (found,) = pilotage("deposit", output, "--store", own, "--json").objects
    assert (found["dataset"], found["verdict"], found["rows_accepted"]) == ("structures", "accepted", len(DIRECTORY))


def test_an_export_holds_nothing_that_a_spreadsheet_would_run(pilotage: Run, own: Path) -> None:
    with Network(str(own)) as network:
        stored(network, table(ACTIONS, action("=HYPERLINK(A1)"), action("@SOMME(A1)"), action("- relu"), action("A-1")))
    text = pilotage("export", "actions", "--format", "csv", "--store", own).out
    rows = list(csv.reader(io.StringIO(text)))
    assert {row[1] for row in rows[1:]} == {"'=HYPERLINK(A1)", "'@SOMME(A1)", "'- relu", "A-1"}
    assert not [cell for row in rows for cell in row if re.match(r"[=+@\t\r\n-]", cell)]


# Misuse is one line on stderr and the code 2


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["check", "sound.csv", "--structure", "nulle-part"], "pilotage: unknown structure: nulle-part"),
        (["deposit", "sound.csv", "--structure", "nulle-part"], "pilotage: unknown structure: nulle-part"),
        (["check", "sound.csv", "--period", "T1"], "pilotage: unknown period: T1"),
        (["template", "measures", "--structure", "nulle-part"], "pilotage: unknown structure: nulle-part"),
        (["withdraw", "nulle-part", "--because", "essai"], "pilotage: unknown deposit: nulle-part"),
    ],
)
def test_what_does_not_exist_is_named_in_one_line(
    pilotage: Run, known: Path, files: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], line: str
) -> None:
    monkeypatch.chdir(files)
    ran = pilotage(*arguments, "--store", known)
    assert (ran.code, ran.out, ran.err.splitlines()) == (2, "", [line])


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "nulle-part.csv"],
        ["check", "."],
        ["check"],
        ["check", "sound.csv", "--lang", "de"],
        ["check", "sound.csv", "--unknown"],
        ["template", "mesures"],
        ["export", "measures", "--format", "xls"],
        ["export"],
        ["withdraw"],
        ["serve", "--port", "99999"],
        ["unknown"],
    ],
)
def test_misuse_is_the_exit_code_2(
    pilotage: Run, known: Path, files: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(files)
    ran = pilotage(*arguments, *(["--store", known] if len(arguments) > 1 else []))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err


def test_a_store_that_cannot_be_opened_is_named_in_one_line(pilotage: Run, files: Path) -> None:
    not_a_folder = files / "sound.csv"
    damaged = files / "damaged"
    damaged.mkdir()
    (damaged / "catalogue.sqlite").write_bytes(b"this is no database at all" * 100)
    unreachable = "ducklake:postgres:host=127.0.0.1 port=1 dbname=none connect_timeout=1"
    for store in (not_a_folder, damaged, unreachable):
        ran = pilotage("history", "--store", store)
        assert (ran.code, ran.out) == (2, "")
        (line,) = ran.err.splitlines()
        assert line.startswith(f"pilotage: store {store}: ") or "PILOTAGE_DATA" in line


def test_an_export_into_a_folder_that_does_not_exist_is_one_line(pilotage: Run, known: Path, tmp_path: Path) -> None:
    output = tmp_path / "nowhere" / "measures.csv"
    ran = pilotage("export", "measures", "--output", output, "--store", known)
    assert (ran.code, ran.out) == (2, "")
    assert str(output) in ran.err
    assert not output.parent.exists()


# As a person runs it: a process of its own


def in_its_own_process(*arguments: object, cwd: Path, **settings: str) -> Ran:
    ran = subprocess.run(
        [sys.executable, "-m", "dashboards", *map(str, arguments)],
        cwd=cwd,
        env=environment(**settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def test_a_check_loads_no_pandas_no_numpy_no_hypothesis_and_no_pages(store: Store, files: Path) -> None:
    with store.open() as network:
        stored(network, structures(*DIRECTORY))
    script = (
        "import sys, atexit; from dashboards.bootstrap import main;"
        "names = ['hypothesis', 'numpy', 'pandas', 'polars', 'streamlit'];"
        "atexit.register(lambda: print([name for name in names if sys.modules.get(name)]));"
        "main()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, "check", "wrong.csv", "--json"],
        cwd=files, env=store.environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    report, loaded = ran.stdout.splitlines()
    assert {finding["code"] for finding in json.loads(report)["findings"]} == {"C03", "C13"}
    assert (ran.returncode, loaded) == (1, "['polars']")


def test_the_store_may_be_named_by_the_environment_on_every_kind_of_catalogue(store: Store, files: Path) -> None:
    with store.open() as network:
        stored(network, structures(*DIRECTORY))
    ran = in_its_own_process("deposit", "sound.csv", "--json", cwd=files, **store.settings)
    assert (ran.code, ran.err) == (0, "")
    with store.open() as network:
        assert list_receipts(network.lake)[0].deposit == ran.objects[0]["deposit"]


def test_a_broken_catalogue_is_named_with_its_file_and_its_key_and_without_a_traceback(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    ignored = shutil.ignore_patterns("__pycache__", "static")
    for package in ("schemas", "indicators", "dashboards"):
        shutil.copytree(ROOT / package, copy / package, ignore=ignored)
    for folder in ("catalogue", "reference"):
        shutil.copytree(DATA_FOLDER / folder, copy / "data" / folder)
    sheet = copy / "data" / "catalogue" / "people" / "women_share.toml"
    sheet.write_text(sheet.read_text(encoding="utf-8").replace("scale = 100", 'scale = "cent"'), encoding="utf-8")
    ran = in_its_own_process("history", "--store", tmp_path / "store", cwd=copy)
    assert (ran.code, ran.out) == (2, "")
    (line,) = ran.err.splitlines()
    assert line.startswith(f"pilotage: {sheet}: scale: ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PILOTAGE_PORT", "huit"),
        ("PILOTAGE_TODAY", "2026-02-29"),
        *(
            pytest.param(*others, marks=pytest.mark.full)
            for others in (
                ("PILOTAGE_LANG", "klingon"),
                ("PILOTAGE_TODAY", "24/11/2026"),
                ("PILOTAGE_TODAY", "1795478400"),
                ("PILOTAGE_TODAY", ""),
            )
        ),
    ],
)
def test_a_wrong_setting_is_named_in_one_line_and_without_a_traceback(tmp_path: Path, name: str, value: str) -> None:
    ran = in_its_own_process("history", "--store", tmp_path / "store", cwd=tmp_path, **{name: value})
    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err
    assert name in ran.err


def test_every_promised_command_explains_itself(pilotage: Run) -> None:
    whole = pilotage("--help")
    for command in ("demo", "serve", "check", "deposit", "template", "history", "withdraw", "export"):
        assert command in whole.out
        ran = pilotage(command, "--help")
        assert ran.code == 0
        assert "--store" in ran.out
    assert {"--period", "--structure", "--confirm", "--lang", "--json"} <= set(
        re.findall(r"--\w+", pilotage("check", "--help").out)
    ) & set(re.findall(r"--\w+", pilotage("deposit", "--help").out))
    assert {"--host", "--port"} <= set(re.findall(r"--\w+", pilotage("serve", "--help").out))


@pytest.fixture
def approving(known: Path, tmp_path: Path) -> Path:
    """The folder of a store in which two pairs of eyes are asked for, and a late exception is granted."""
    folder = copy_store(known, tmp_path / "store")
    with Network(str(folder)) as network:
        period = Period.parse("2026-T1")
        for structure, due, eyes in ((None, date(2026, 12, 1), 2), (ATELIER, date(2026, 12, 9), None)):
            record = CampaignRecord(
                new_deposit_id(), 0, NOW, AUTHOR, period, structure, None, due, eyes=eyes, reason=structure and "panne"
            )
            assert isinstance(declare(network.lake, record, None), CampaignRecord)
    return folder


def test_campaigns_are_listed_with_what_they_ask_for_and_the_late_exceptions(approving: Path, pilotage: Run) -> None:
    listed = pilotage("campaigns", "--store", approving, "--json").objects
    first = next(line for line in listed if line["period"] == "2026-T1")
    assert (first["state"], first["due"], first["eyes"]) == ("open", "2026-12-01", 2)
    exceptions = [line for line in listed if line["structure"]]
    assert [(line["structure"], line["state"], line["reason"]) for line in exceptions] == [
        (ATELIER, "exception", "panne")
    ]
    assert "2026-T1" in pilotage("campaigns", "--store", approving).out


def test_a_deposit_is_approved_by_somebody_else_and_sent_back_with_a_reason(
    approving: Path, pilotage: Run, tmp_path: Path
) -> None:
    path, store = tmp_path / "sound.csv", ("--store", approving)
    path.write_bytes(FILES["sound.csv"])
    ran = pilotage("deposit", path, *store, "--author", "accueil")
    assert "attend une approbation" in ran.out
    assert "33" not in pilotage("export", "measures", *store).out
    with Network(str(approving)) as network:
        [deposit] = [one.deposit for one in list_receipts(network.lake) if one.dataset == "measures"]
    own = pilotage("approve", deposit[:8], *store, "--author", "accueil")
    assert (own.code, "c’est le vôtre" in own.out) == (1, True)
    assert pilotage("send-back", deposit, "--because", " ", *store).code == 2
    other = pilotage("approve", deposit[:8], *store, "--author", "direction")
    assert (other.code, "approuvé" in other.out) == (0, True)
    assert "33" in pilotage("export", "measures", *store).out
    late = pilotage("send-back", deposit, "--because", "mars manque", *store, "--author", "delegation")
    assert (late.code, "déjà approuvé" in late.out) == (1, True)
    assert pilotage("verify", *store).code == 0
    copy = tmp_path / "copy"
    assert pilotage("backup", copy, *store).code == 0
    with Network(str(copy)) as network, network.snapshot() as snapshot:
        assert snapshot.campaigns.for_period(Period.parse("2026-T1")).eyes == 2
        assert snapshot.approval_states == {deposit: "approved"}
