"""The same quarter of one structure, as thirty spreadsheets and exports write it, well or badly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from indicators.intake.examine import Examination, Verdict
from indicators.network import Network
from tests.builders import MEASURES, examine, told

REGIE = "00090001900019"
ROWS = (
    (REGIE, "2026-T1", "dynamic_exit_rate", "58", "96", "60,4", "ensemble", "élève à Besançon"),
    (REGIE, "2026-T1", "durable_job_exit_rate", "24", "96", "25,0", "ensemble", ""),
    (REGIE, "2026-T1", "transition_job_exit_rate", "20", "96", "20,8", "ensemble", ""),
    (REGIE, "2026-T1", "positive_exit_rate", "14", "96", "14,6", "ensemble", ""),
    (REGIE, "2026-T1", "permanent_contract_share", "33", "44", "75,0", "ensemble", ""),
    (REGIE, "2026-T1", "absenteeism_rate", "150", "3000", "5,0", "ensemble", ""),
)
LINES = (MEASURES, *(";".join(row) for row in ROWS))
CONTROL = "\r\n".join(LINES) + "\r\n"


def with_cell(row: int, column: int, text: str) -> str:
    """Change one cell, by its row in a spreadsheet and its place from 0."""
    lines = [line.split(";") for line in LINES]
    lines[row - 1][column] = text
    return "\r\n".join(map(";".join, lines)) + "\r\n"


def with_column(column: int, change: Callable[[str], str]) -> str:
    """Change a whole column, except its name."""
    lines = [line.split(";") for line in LINES]
    for cells in lines[1:]:
        cells[column] = change(cells[column])
    return "\r\n".join(map(";".join, lines)) + "\r\n"


def with_line(row: int, line: str) -> str:
    """Put a line at a row of the spreadsheet."""
    lines = list(LINES)
    lines.insert(row - 1, line)
    return "\r\n".join(lines) + "\r\n"


def reordered() -> str:
    order = (4, 7, 2, 0, 5, 3, 6, 1)
    return "\r\n".join(";".join(line.split(";")[place] for place in order) for line in LINES)


@dataclass(frozen=True)
class File:
    """What a file holds, what becomes of it, what must be said, what may be, and where the first of it is."""

    name: str
    content: str | bytes
    verdict: Verdict
    said: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()
    row: int | None = None
    header: str | None = None
    same: bool = True
    """Whether the file, once accepted, holds what the control holds."""

    @property
    def bytes(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else self.content.encode()


def accepted(name: str, content: str | bytes, said: str = "", allowed: str = "", row: int | None = None) -> File:
    return File(name, content, Verdict.ACCEPTED, frozenset(said.split()), frozenset(allowed.split()), row)


def refused(name: str, content: str | bytes, said: str, row: int | None = None, header: str | None = None) -> File:
    return File(name, content, Verdict.REFUSED, frozenset(said.split()), frozenset(), row, header)


ENGLISH = CONTROL.replace(",", ".").replace(";", ",")

FILES = [
    accepted("commas and decimal points", ENGLISH),
    accepted("semicolons, decimal commas and a byte-order mark", b"\xef\xbb\xbf" + CONTROL.encode()),
    accepted("the encoding of Windows", CONTROL.encode("cp1252")),
    accepted("the Unicode text of a spreadsheet", CONTROL.replace(";", "\t").encode("utf-16")),
    accepted("tabs", CONTROL.replace(";", "\t")),
    accepted("lines ended as on Unix", CONTROL.replace("\r\n", "\n")),
    accepted("a no-break space between thousands", with_cell(7, 4, "3\u00a0000")),
    accepted("a narrow no-break space between thousands", with_cell(7, 4, "3\u202f000")),
    accepted("a percent sign after the rates", with_column(5, lambda text: f"{text}\u00a0%"), allowed="C05"),
    accepted("a title and a blank row above", f"Indicateurs T1 2026;;;;;;;\r\n;;;;;;;\r\n{CONTROL}", said="H02"),
    accepted("two hundred rows of separators below", CONTROL + ";;;;;;;\r\n" * 200, allowed="R04"),
    accepted(
        "a header with accents, capitals, spaces and plurals",
        CONTROL.replace(MEASURES, "Structure ;Période;INDICATEUR;Numérateurs;Dénominateur;Valeur;Segment;Commentaires"),
        said="H08",
    ),
    accepted("columns in another order", reordered()),
    accepted(
        "a SIRET with spaces",
        with_column(0, lambda text: f"{text[:3]} {text[3:6]} {text[6:9]} {text[9:]}"),
        allowed="C16",
    ),
    accepted("a period written T1 2026", with_column(1, lambda _: "T1 2026"), allowed="C12"),
    accepted("no line feed at the end", CONTROL.rstrip("\r\n")),
    accepted("a row of totals", CONTROL + "TOTAL;;;299;3428;;;\r\n", said="R05", row=8),
    accepted("a row of grouped headers above", f"Structure;;;Valeurs;;;;\r\n{CONTROL}", allowed="H02 H03"),
    accepted("a row identical to row 4", CONTROL + LINES[3] + "\r\n", said="R07", row=8),
    accepted("a column of their own", "\r\n".join(f"{line};x" for line in LINES), said="H05"),
    File(
        "NC in place of a rate and of its counts",
        CONTROL.replace("24;96;25,0", "NC;NC;NC"),
        Verdict.ACCEPTED,
        allowed=frozenset({"C02"}),
        row=3,
        same=False,
    ),
    File(
        "a rate that is not that of its counts",
        with_cell(3, 5, "52,0"),
        Verdict.TO_CONFIRM,
        said=frozenset({"X02"}),
        row=3,
        header="valeur",
        same=False,
    ),
    refused(
        "a key like row 4, with another value",
        CONTROL + LINES[3].replace("20;96;20,8", "21;96;21,9") + "\r\n",
        "R08",
        8,
    ),
    refused("NC beside the rate that it would hide", with_cell(3, 3, "NC"), "C02", 3, "numerateur"),
    refused("another quarter than the one collected", with_cell(6, 1, "2025-T4"), "B01", 6, "periode"),
    refused("a SIRET in scientific notation", with_column(0, lambda _: "9,00E+8"), "I03", 2, "structure"),
    refused("a SIRET with one digit wrong", with_cell(2, 0, "00090001900018"), "I05", 2, "structure"),
    refused("45 of 44", with_cell(6, 3, "45"), "X01", 6, "numerateur"),
    refused("a negative count", with_cell(6, 3, "-3"), "C06", 6, "numerateur"),
    refused("an unknown indicator", with_cell(3, 2, "durable_job_exit"), "C13", 3, "indicateur"),
    refused("a number in words", with_cell(6, 3, "trente-trois"), "C03", 6, "numerateur"),
    refused("a division by zero", with_cell(3, 5, "#DIV/0!"), "C14", 3, "valeur"),
    refused("an empty denominator", with_cell(3, 4, ""), "C01", 3, "denominateur"),
    refused("no column of indicators", CONTROL.replace(";indicateur", ";rubrique"), "H04", None, "indicateur"),
    refused("a separator typed inside a comment", with_cell(4, 7, ";x"), "R01", 4),
    refused("no byte at all", b"", "F01"),
    refused("an ambiguous thousand", with_cell(7, 4, "3.000"), "C04", 7, "denominateur"),
]


LOOKED_AT: dict[str, Examination] = {}


def look(directory: Network, file: File) -> Examination:
    """Examine a file, once in a process."""
    if file.name not in LOOKED_AT:
        LOOKED_AT[file.name] = examine(
            directory, file.bytes, "trimestre.csv", period="2026-T1", structure="regie-ternoise"
        )
    return LOOKED_AT[file.name]


@pytest.fixture(scope="module")
def control(directory: Network) -> Examination:
    return look(directory, accepted("control", CONTROL))


def test_the_control_is_accepted_without_a_word(control: Examination) -> None:
    assert control.verdict is Verdict.ACCEPTED
    assert control.findings == ()
    assert (control.dataset, control.rows_read, control.rows_accepted) == ("measures", 6, 6)
    assert control.table is not None
    assert set(control.table["structure"]) == {"regie-ternoise"}


@pytest.mark.parametrize("file", [pytest.param(file, id=file.name) for file in FILES])
def test_a_file_gets_the_verdict_it_deserves_and_is_told_why(directory: Network, file: File) -> None:
    found = look(directory, file)
    codes = {finding.code for finding in found.findings}
    assert found.verdict is file.verdict, codes
    assert file.said <= codes <= file.said | file.allowed | ({"H05"} if file.header == "indicateur" else set())
    for code in file.said:
        first = told(found, code)[0]
        assert file.row in (None, first.row)
        assert file.header in (None, first.header)


@pytest.mark.parametrize(
    "file", [pytest.param(file, id=file.name) for file in FILES if file.verdict is Verdict.ACCEPTED and file.same]
)
def test_a_file_that_is_accepted_says_what_the_control_says(
    directory: Network, control: Examination, file: File
) -> None:
    found = look(directory, file)
    assert found.table is not None
    assert control.table is not None
    assert found.table.drop("line").equals(control.table.select(found.table.columns).drop("line"))


@pytest.mark.parametrize("file", [pytest.param(f, id=f.name) for f in FILES if f.verdict is Verdict.REFUSED])
def test_no_row_of_a_refused_file_counts(directory: Network, file: File) -> None:
    assert look(directory, file).rows_accepted == 0


def test_a_header_without_a_row_is_no_deposit(directory: Network) -> None:
    found = look(directory, accepted("header only", MEASURES + "\r\n"))
    assert found.verdict is Verdict.REFUSED
    assert {finding.code for finding in found.findings} & {"F01", "H01", "X04"}
