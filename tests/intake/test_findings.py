"""Each thing that a file may be told today: where it is, what was typed, what is proposed, how often."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl
import pytest

from indicators.intake.readers.sheet import MAX_FILE_BYTES
from indicators.intake.report import SAMPLE_SIZE
from indicators.intake.validate import ValidationResult, Verdict
from indicators.network import Network
from schemas.findings import Severity
from tests.builders import (
    ACTIONS,
    DIRECTORY,
    MEASURES,
    PARTICIPATION,
    STRUCTURES,
    TARGETS,
    TERNOISE,
    TERNOISE_SIREN,
    action,
    codes,
    examine,
    measure,
    measures,
    occasion,
    places,
    stored,
    structures,
    table,
    told,
)

B, C, R, I = Severity.BLOCKING, Severity.CONFIRM, Severity.CORRECTED, Severity.INFO  # noqa: E741
SOUND = measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 33, 60, "55,0")


def row(indicator: str = "dynamic_exit_rate", *cells: object, period: str = "2026-T1", **other: Any) -> str:
    return measure(other.pop("structure", "atelier-ternoise"), period, indicator, *cells, **other)


@dataclass(frozen=True)
class Case:
    """One cause: the file, and the finding it must get exactly once."""

    cause: str
    code: str
    severity: Severity
    content: bytes
    row: int | None = None
    column: str | None = None
    header: str | None = None
    value: str | None = None
    suggestion: str | None = None
    count: int = 1
    values: dict[str, Any] = field(default_factory=dict)
    file_name: str = "depot.csv"
    period: str | None = None
    structure: str | None = None


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mesures.csv", MEASURES)
    return buffer.getvalue()


def parquet_without_its_end() -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame({"structure": ["atelier-ternoise"], "periode": ["2026-T1"]}).write_parquet(buffer)
    return buffer.getvalue()[:-20]


OF_THE_FILE = [
    Case("no byte", "F01", B, b""),
    Case("only line feeds", "F01", B, b"\r\n \n\n"),
    Case("only a byte-order mark", "F01", B, b"\xef\xbb\xbf"),
    Case("a byte-order mark and a line feed", "F01", B, b"\xef\xbb\xbf\r\n"),
    Case("only no-break spaces", "F01", B, "\u00a0\n\u202f\n".encode()),
    Case("a header alone", "F01", B, measures(), row=1),
    Case("an archive", "F02", B, zipped(), values={"format": "zip"}, file_name="depot.zip"),
    Case("a PDF", "F02", B, b"%PDF-1.7\n", values={"format": "pdf"}, file_name="depot.pdf"),
    Case("an old workbook", "F02", B, b"\xd0\xcf\x11\xe0\xa1\xb1", values={"format": "xls"}, file_name="depot.xls"),
    Case("a compressed file", "F02", B, gzip.compress(measures(SOUND)), values={"format": "gzip"}),
    Case(
        "text named Parquet",
        "F03",
        R,
        measures(SOUND),
        value="depot.parquet",
        values={"format": "CSV"},
        file_name="depot.parquet",
    ),
    Case("Parquet cut short", "F04", B, parquet_without_its_end(), file_name="depot.parquet"),
    Case(
        "bytes of no encoding", "F06", B, measures(SOUND, "\x00").replace(b"\x00", b"\x81\x8d\x81"), 3, "A", "structure"
    ),
    Case(
        "two encodings in one file",
        "F06",
        B,
        measures(SOUND + "élève", "@").replace(b"@", "Besançon".encode("cp1252")),
        3,
        "A",
        "structure",
    ),
    Case(
        "bytes of no encoding below a cell of two lines",
        "F06",
        B,
        measures(row("dynamic_exit_rate", 33, 60, comment='"un\ndeux"'), "@").replace(b"@", b"\x81\x8d\x81"),
        3,
        "A",
        "structure",
    ),
    Case("as many commas as semicolons", "F08", B, b"a;b,c\n1;2,3\n", values={"found": "; ,"}),
    Case("a quote never closed", "F09", B, measures(SOUND, row(comment='"jamais fermé'), SOUND), row=3),
    Case("NUL bytes", "F10", B, measures(SOUND, "\x00"), row=3),
    Case("no column of ours", "H01", B, b"nom;couleur\nun;rouge\n"),
    Case("a table without its header", "H01", B, f"{SOUND}\n{SOUND}\n".encode()),
    Case("a title above", "H02", R, table("Indicateurs T1;;;;;;;", ";;;;;;;", MEASURES, SOUND), row=1, count=2),
    Case(
        "a required column missing",
        "H04",
        B,
        table(MEASURES.replace("indicateur", "indicatuer"), SOUND),
        row=1,
        header="indicateur",
        suggestion="indicatuer",
        values={"wanted": "indicateur"},
    ),
    Case(
        "a column of their own",
        "H05",
        I,
        table(f"{MEASURES};Remarque interne", f"{SOUND};x"),
        row=1,
        column="I",
        header="Remarque interne",
        value="Remarque interne",
    ),
    Case(
        "a column twice",
        "H06",
        B,
        table(f"{MEASURES};Numérateur", f"{SOUND};33"),
        row=1,
        column="I",
        header="Numérateur",
        value="Numérateur",
    ),
    Case(
        "a header with accents and a plural",
        "H08",
        R,
        table(MEASURES.replace("numerateur", " Numérateurs"), SOUND),
        row=1,
        column="D",
        header="Numérateurs",
        value=" Numérateurs",
        suggestion="numerateur",
    ),
    Case(
        "a header by a synonym",
        "H08",
        R,
        table(MEASURES.replace("valeur", "taux"), SOUND),
        row=1,
        column="F",
        header="taux",
        value="taux",
        suggestion="valeur",
    ),
]

OF_THE_ROWS = [
    Case(
        "more cells than columns",
        "R01",
        B,
        measures(SOUND, f"{row('durable_job_exit_rate', 12, 60)}un;deux"),
        row=3,
        values={"cells": 9, "columns": 8},
    ),
    Case(
        "a cell too many, the last one empty",
        "R01",
        B,
        measures(SOUND, "atelier-ternoise;2026-T1;durable_job_exit_rate;12;60;20,0;;ensemble;"),
        row=3,
        values={"cells": 9, "columns": 8},
    ),
    Case(
        "fewer cells than columns",
        "R02",
        B,
        measures(SOUND, "atelier-ternoise;2026-T1"),
        row=3,
        values={"cells": 2, "columns": 8},
    ),
    Case(
        "blank rows inside",
        "R03",
        I,
        measures(SOUND, "", ";;;;;;;", "", row("durable_job_exit_rate", 12, 60)),
        row=3,
        count=3,
    ),
    Case("blank rows at the end", "R04", I, measures(SOUND, ";;;;;;;", "", ";;;;;;;"), row=3, count=3),
    Case("a total", "R05", R, measures(SOUND, "TOTAL;;;33;60;;;"), row=3, value="TOTAL"),
    Case("a subtotal", "R05", R, measures(SOUND, ";Sous-total ;;33;60;;;"), row=3, value="Sous-total "),
    Case("the header again", "R06", R, measures(SOUND, MEASURES, row("durable_job_exit_rate", 12, 60)), row=3),
    Case("a row told twice", "R07", R, measures(SOUND, SOUND), row=3, values={"other": 2}),
    Case(
        "the same counts written otherwise",
        "R07",
        R,
        measures(row("fte_realised", 1505, 1505), row("fte_realised", "1 505", "1505,0")),
        row=3,
        values={"other": 2},
    ),
    Case(
        "a row that contradicts another",
        "R08",
        B,
        measures(SOUND, row("durable_job_exit_rate", 12, 60), SOUND.replace("33;60;55,0", "34;60;56,7")),
        row=4,
        values={"other": 2},
    ),
]

OF_THE_CELLS = [
    Case("an empty numerator", "C01", B, measures(row("dynamic_exit_rate", "", 60)), 2, "D", "numerateur"),
    Case("an empty denominator", "C01", B, measures(row("dynamic_exit_rate", 33)), 2, "E", "denominateur"),
    Case("an empty indicator", "C01", B, measures(SOUND, row("", 33, 60)), 3, "C", "indicateur"),
    Case(
        "an action closed without a verdict",
        "C01",
        B,
        table(ACTIONS, action("A-1", status="close")),
        2,
        "P",
        "efficacite",
    ),
    Case(
        "what was not communicated", "C02", I, measures(row("dynamic_exit_rate", "n.d.")), 2, "D", "numerateur", "n.d."
    ),
    Case(
        "no denominator to a numerator",
        "C02",
        B,
        measures(row("dynamic_exit_rate", 33, "s.o.")),
        2,
        "E",
        "denominateur",
        "s.o.",
    ),
    Case(
        "no number of those present",
        "C02",
        B,
        table(PARTICIPATION, occasion("PA-1", "2026-01-10", "NC")),
        2,
        "G",
        "presents",
        "NC",
    ),
    Case(
        "a number in words", "C03", B, measures(row("dynamic_exit_rate", "trente", 60)), 2, "D", "numerateur", "trente"
    ),
    Case(
        "a unit after a number",
        "C03",
        B,
        measures(row("fte_realised", "1505 kg", 1505)),
        2,
        "D",
        "numerateur",
        "1505 kg",
    ),
    Case(
        "a code with a space",
        "C03",
        B,
        structures("Atelier Neuf;Neuf (fictif);ACI;;normandie;;FR;;;;"),
        2,
        "A",
        "structure",
        "Atelier Neuf",
    ),
    Case(
        "a thousand or a decimal",
        "C04",
        B,
        measures(row("fte_realised", "1.200", 1505)),
        2,
        "D",
        "numerateur",
        "1.200",
        "1200 / 1,2000",
    ),
    Case(
        "a percent sign",
        "C05",
        R,
        measures(row("dynamic_exit_rate", 33, 60, "55,0 %")),
        2,
        "F",
        "valeur",
        "55,0 %",
        "55,0",
    ),
    Case("a negative count", "C06", B, measures(row("absenteeism_rate", -3, 2_000)), 2, "D", "numerateur", "-3"),
    Case(
        "twice what may be",
        "C07",
        B,
        measures(row("contracted_fte_rate", 41, 20)),
        2,
        "D",
        "numerateur",
        "41",
        values={"lowest": 0.0, "highest": 200.0},
    ),
    Case(
        "a rate above a hundred, without its counts",
        "C07",
        B,
        measures(row("dynamic_exit_rate", "", "", "101")),
        2,
        "F",
        "valeur",
        "101",
        values={"lowest": 0.0, "highest": 100.0},
    ),
    Case(
        "a negative length, without its counts, where there is no upper bound",
        "C07",
        B,
        measures(row("average_pathway_months", "", "", "-5", period="2025")),
        2,
        "F",
        "valeur",
        "-5",
        values={"lowest": 0.0, "highest": None},
    ),
    Case(
        "a verdict that is none",
        "C07",
        B,
        table(ACTIONS, action("A-1", done="2026-02-01", verified="2026-02-02", verdict="75", status="verifiee")),
        2,
        "P",
        "efficacite",
        "75",
    ),
    Case(
        "half a person leaving", "C08", B, measures(row("dynamic_exit_rate", "33,5", 60)), 2, "D", "numerateur", "33,5"
    ),
    Case(
        "half a leaver in all", "C08", B, measures(row("dynamic_exit_rate", 33, "60,5")), 2, "E", "denominateur", "60,5"
    ),
    Case(
        "half a person present",
        "C08",
        B,
        table(PARTICIPATION, occasion("PA-1", "2026-01-10", "12,5")),
        2,
        "G",
        "presents",
        "12,5",
    ),
    Case(
        "a day that does not exist",
        "C09",
        B,
        table(PARTICIPATION, occasion("PA-1", "31/02/2026", 12)),
        2,
        "C",
        "date",
        "31/02/2026",
    ),
    Case(
        "a period that does not exist",
        "C09",
        B,
        measures(SOUND.replace("2026-T1", "T5 2026")),
        2,
        "B",
        "periode",
        "T5 2026",
    ),
    Case(
        "a period written otherwise",
        "C12",
        R,
        measures(SOUND.replace("2026-T1", "1er trimestre 2026")),
        2,
        "B",
        "periode",
        "1er trimestre 2026",
        "2026-T1",
    ),
    Case(
        "an indicator nearly right",
        "C13",
        B,
        measures(row("dynamic_exits_rate", 33, 60)),
        2,
        "C",
        "indicateur",
        "dynamic_exits_rate",
        "dynamic_exit_rate",
    ),
    Case(
        "an error of a spreadsheet",
        "C14",
        B,
        measures(row("dynamic_exit_rate", 33, 60, "#DIV/0!")),
        2,
        "F",
        "valeur",
        "#DIV/0!",
    ),
    Case(
        "a value a spreadsheet did not find",
        "C14",
        B,
        measures(row("dynamic_exit_rate", "#N/A", 60)),
        2,
        "D",
        "numerateur",
        "#N/A",
    ),
    Case(
        "an error of a spreadsheet for a date",
        "C14",
        B,
        table(PARTICIPATION, occasion("PA-1", "#REF!", 12)),
        2,
        "C",
        "date",
        "#REF!",
    ),
    Case(
        "spaces round a text",
        "C16",
        R,
        measures(row("dynamic_exit_rate", 33, 60, comment=" relu\u00a0")),
        2,
        "H",
        "commentaire",
        " relu\u00a0",
        "relu",
    ),
    Case(
        "spaces round a number",
        "C16",
        R,
        measures(row("dynamic_exit_rate", " 33", 60)),
        2,
        "D",
        "numerateur",
        " 33",
        "33",
    ),
    Case(
        "spaces inside a SIRET",
        "C16",
        R,
        measures(SOUND.replace("atelier-ternoise", "000 900 001 00017")),
        2,
        "A",
        "structure",
        "000 900 001 00017",
        TERNOISE,
    ),
    Case(
        "the name of a structure, with another apostrophe",
        "C16",
        R,
        measures(SOUND.replace("atelier-ternoise", "ATELIER TERNOISE (fictif)")),
        2,
        "A",
        "structure",
        "ATELIER TERNOISE (fictif)",
        "atelier-ternoise",
    ),
    Case(
        "a text too long",
        "C17",
        B,
        measures(row("dynamic_exit_rate", 33, 60, comment="é" * 501)),
        2,
        "H",
        "commentaire",
        "é" * 501,
        values={"longest": 500, "words": ""},
    ),
    Case(
        "a text like a formula",
        "C18",
        I,
        measures(row("dynamic_exit_rate", 33, 60, comment="=1+1")),
        2,
        "H",
        "commentaire",
        "=1+1",
    ),
    Case(
        "a word outside a closed list",
        "C19",
        B,
        table(ACTIONS, action("A-1", kind="correctif")),
        2,
        "C",
        "genre",
        "correctif",
        "corrective",
    ),
    Case(
        "an unknown region",
        "C19",
        B,
        structures("neuf;Neuf (fictif);ACI;;normandi;;FR;;;;"),
        2,
        "E",
        "region",
        "normandi",
        "normandie",
    ),
]

OF_IDENTIFIERS = [
    Case(
        "fifteen digits",
        "I01",
        B,
        measures(SOUND.replace("atelier-ternoise", f"{TERNOISE}0")),
        2,
        "A",
        "structure",
        f"{TERNOISE}0",
    ),
    Case(
        "letters in the SIRET of a new structure",
        "I01",
        B,
        structures("neuf;Neuf (fictif);ACI;;normandie;;FR;0009000190001A;;;"),
        2,
        "H",
        "siret",
        "0009000190001A",
    ),
    Case(
        "a leading zero lost",
        "I02",
        R,
        measures(SOUND.replace("atelier-ternoise", TERNOISE[1:])),
        2,
        "A",
        "structure",
        TERNOISE[1:],
        TERNOISE,
    ),
    Case(
        "a leading zero lost by a new structure",
        "I02",
        R,
        structures(f"neuf;Neuf (fictif);ACI;;normandie;;FR;{TERNOISE[1:]};;;"),
        2,
        "H",
        "siret",
        TERNOISE[1:],
        TERNOISE,
    ),
    Case(
        "scientific notation",
        "I03",
        B,
        measures(SOUND.replace("atelier-ternoise", "9,00E+10")),
        2,
        "A",
        "structure",
        "9,00E+10",
    ),
    Case(
        "scientific notation of a new structure",
        "I03",
        B,
        structures("neuf;Neuf (fictif);ACI;;normandie;;FR;1,23E+13;;;"),
        2,
        "H",
        "siret",
        "1,23E+13",
    ),
    Case(
        "a wrong check digit",
        "I05",
        B,
        measures(SOUND.replace("atelier-ternoise", "00090000100018")),
        2,
        "A",
        "structure",
        "00090000100018",
        TERNOISE,
    ),
    Case(
        "a wrong check digit of a new structure",
        "I05",
        B,
        structures("neuf;Neuf (fictif);EIW;;be-liege;;BE;;0431.150.351;;"),
        2,
        "I",
        "bce",
        "0431.150.351",
    ),
    Case(
        "a SIREN that names one",
        "I06",
        R,
        measures(SOUND.replace("atelier-ternoise", TERNOISE_SIREN)),
        2,
        "A",
        "structure",
        TERNOISE_SIREN,
        "atelier-ternoise",
    ),
    Case(
        "a SIREN that names two",
        "I06",
        B,
        measures(SOUND.replace("atelier-ternoise", "000900019")),
        2,
        "A",
        "structure",
        "000900019",
        "regie-ternoise / regie-ternoise-nord",
    ),
    Case(
        "an unknown code",
        "I07",
        B,
        measures(SOUND.replace("atelier-ternoise", "atelier-ternoisse")),
        2,
        "A",
        "structure",
        "atelier-ternoisse",
        "atelier-ternoise",
    ),
    Case(
        "an unknown SIRET",
        "I07",
        B,
        measures(SOUND.replace("atelier-ternoise", "73282932000074")),
        2,
        "A",
        "structure",
        "73282932000074",
    ),
    Case(
        "an unknown perimeter",
        "I07",
        B,
        table(TARGETS, "region:nulle-part;dynamic_exit_rate;2026-T1;;60;interne;"),
        2,
        "A",
        "perimetre",
        "region:nulle-part",
    ),
    Case(
        "another structure than the depositor",
        "I08",
        B,
        measures(SOUND, row("dynamic_exit_rate", 33, 60, structure="regie-ternoise")),
        3,
        "A",
        "structure",
        "regie-ternoise",
        values={"own": "atelier-ternoise"},
        structure="atelier-ternoise",
    ),
    Case(
        "a structure closed by then",
        "I09",
        B,
        measures(row("dynamic_exit_rate", 33, 60, period="2025-T1", structure="chantier-lorette")),
        2,
        "B",
        "periode",
        "2025-T1",
    ),
    Case(
        "a structure not open yet",
        "I09",
        B,
        measures(row("permanent_contract_share", 33, 60, period="2025-T4", structure="aide-valbrune")),
        2,
        "B",
        "periode",
        "2025-T4",
    ),
]

EXITS = [("durable_job_exit_rate", 12), ("transition_job_exit_rate", 12), ("positive_exit_rate", 8)]
OF_RULES = [
    Case("61 of 60", "X01", B, measures(row("dynamic_exit_rate", 61, 60)), 2, "D", "numerateur", "61"),
    Case(
        "more present than invited",
        "X01",
        B,
        table(PARTICIPATION, occasion("PA-1", "2026-01-10", 12, invited=11)),
        2,
        "G",
        "presents",
        "12",
    ),
    Case(
        "more present than invited where people come as they wish",
        "X01",
        C,
        table(PARTICIPATION, occasion("PA-1", "2026-01-10", 12, invited=11, form="rencontre")),
        2,
        "G",
        "presents",
        "12",
        values={"invited": 11},
    ),
    Case(
        "more in pathway than present",
        "X01",
        B,
        table(PARTICIPATION, occasion("PA-1", "2026-01-10", 12, 13, invited=20)),
        2,
        "H",
        "dont_en_parcours",
        "13",
    ),
    Case(
        "an action done before it was opened",
        "X06",
        C,
        table(ACTIONS, action("A-1", opened="2026-01-10", done="2026-01-09")),
        2,
        "M",
        "faite_le",
        "2026-01-09",
    ),
    Case(
        "a rate that is not that of its counts",
        "X02",
        C,
        measures(row("dynamic_exit_rate", 33, 60, "0,55")),
        2,
        "F",
        "valeur",
        "0,55",
        "55,0",
        values={"exact": 55.0},
    ),
    Case(
        "a total that is not the sum of its parts",
        "X03",
        B,
        measures(SOUND, *(row(name, count, 60) for name, count in EXITS)),
        2,
        "D",
        "numerateur",
        "33",
        values={"parts": 32.0},
    ),
    Case(
        "an action due before it was opened",
        "X06",
        C,
        table(ACTIONS, action("A-1", opened="2026-03-01", due="2026-02-01")),
        2,
        "L",
        "echeance",
        "2026-02-01",
    ),
    Case(
        "a structure closed before it opened",
        "X06",
        C,
        structures("neuf;Neuf (fictif);ACI;;normandie;;FR;;;2020-01-02;2020-01-01"),
        2,
        "K",
        "fermee_le",
        "2020-01-01",
    ),
    Case(
        "a target that ends before it starts",
        "X06",
        C,
        table(TARGETS, "reseau;dynamic_exit_rate;2026-T2;2026-T1;60;interne;"),
        2,
        "D",
        "fin",
        "2026-T1",
    ),
    Case(
        "a quarter of a yearly figure",
        "B01",
        B,
        measures(row("women_share", 33, 60)),
        2,
        "B",
        "periode",
        "2026-T1",
        values={"wanted": "year"},
    ),
    Case(
        "another quarter than the one collected",
        "B01",
        B,
        measures(SOUND, row("dynamic_exit_rate", 33, 60, period="2025-T4")),
        3,
        "B",
        "periode",
        "2025-T4",
        values={"wanted": "2026-T1"},
        period="2026-T1",
    ),
    Case(
        "a quarter that is not over",
        "B02",
        B,
        measures(SOUND.replace("2026-T1", "2026-T4")),
        2,
        "B",
        "periode",
        "2026-T4",
    ),
    Case(
        "an indicator of another kind of structure",
        "B06",
        B,
        measures(row("serious_sanctions", 6, period="2024-2025")),
        2,
        "C",
        "indicateur",
        "serious_sanctions",
        values={"kind": "ACI"},
    ),
]

CASES = [*OF_THE_FILE, *OF_THE_ROWS, *OF_THE_CELLS, *OF_IDENTIFIERS, *OF_RULES]


LOOKED_AT: dict[str, ValidationResult] = {}


def look(directory: Network, case: Case) -> ValidationResult:
    """Examine the file of a case, once in a process."""
    name = f"{case.code} {case.cause}"
    if name not in LOOKED_AT:
        LOOKED_AT[name] = examine(directory, case.content, case.file_name, period=case.period, structure=case.structure)
    return LOOKED_AT[name]


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.code} {case.cause}") for case in CASES])
def test_a_finding_says_where_it_is_what_was_typed_and_what_to_write(directory: Network, case: Case) -> None:
    found = look(directory, case)
    findings = [finding for finding in told(found, case.code) if finding.severity is case.severity]
    assert len(findings) == 1, codes(found)
    (finding,) = findings
    assert (finding.row, finding.column, finding.header) == (case.row, case.column, case.header)
    assert (finding.value, finding.suggestion, finding.count) == (case.value, case.suggestion, case.count)
    assert finding.sheet is None
    assert case.values.items() <= dict(finding.values).items()
    graver = {other.severity for other in found.findings} - {case.severity}
    expected = {B: Verdict.REFUSED, C: Verdict.TO_CONFIRM}.get(case.severity, Verdict.ACCEPTED)
    assert found.verdict is expected or graver, "nothing but what the test is about decides of the file"


def test_the_sound_row_of_these_tests_gets_nothing(directory: Network) -> None:
    assert examine(directory, measures(SOUND)).findings == ()


# What needs something in the store, or more than one file


def test_f05_a_file_too_large_is_refused_unread(directory: Network) -> None:
    found = examine(directory, bytes(MAX_FILE_BYTES + 1))
    assert codes(found) == ["F05"]
    assert dict(found.findings[0].values) == {"limit": 200, "of": "megabytes"}


def test_f11_the_very_same_file_is_recognised_with_its_date_and_its_depositor(directory_network: Network) -> None:
    receipt = stored(directory_network, measures(SOUND))
    (finding,) = examine(directory_network, measures(SOUND)).findings
    assert (finding.code, finding.severity) == ("F11", I)
    assert dict(finding.values) == {"date": f"{receipt.submitted_at:%Y-%m-%d}", "author": receipt.author}
    assert codes(examine(directory_network, measures(SOUND, ""))) == ["R04"], "one byte more is another file"


def test_b04_a_value_that_changes_is_listed_with_the_former_one(directory_network: Network) -> None:
    others = [row(name, 11, 60) for name, _ in EXITS]
    stored(directory_network, measures(row("dynamic_exit_rate", 33, 60), *others, row("absenteeism_rate", "NC")))
    found = examine(
        directory_network, measures(row("dynamic_exit_rate", 33, 61), *others, row("absenteeism_rate", 300, 3_000))
    )
    assert [(f.code, f.severity, f.row, f.column, f.value) for f in told(found, "B04")] == [
        ("B04", C, 2, "D", "33"),
        ("B04", C, 6, "D", "300"),
    ]
    assert [f.count for f in told(found, "B04")] == [2, 2]
    first, second = (dict(f.values) for f in told(found, "B04"))
    assert (first["former"], first["former_denominator"]) == (33, 60)
    assert (second["former"], second["former_denominator"]) == (None, None)


def test_x04_what_was_delivered_for_the_period_before_is_expected_again(directory_network: Network) -> None:
    before = [row("dynamic_exit_rate", 33, 60, period="2025-T4"), row("absenteeism_rate", 9, 2_000, period="2025-T4")]
    stored(directory_network, measures(*before, row("undocumented_exit_rate", "NC", period="2025-T4")))
    found = examine(directory_network, measures(SOUND), period="2026-T1", structure="atelier-ternoise")
    assert [(f.code, f.severity, f.row, f.header, f.suggestion) for f in found.findings] == [
        ("X04", C, None, "indicateur", "absenteeism_rate")
    ]
    assert examine(directory_network, measures(SOUND)).findings == (), (
        "only where the page knows what is collected, and from whom"
    )


def test_every_code_told_here_is_one_that_the_intake_can_tell_and_none_is_forgotten() -> None:
    tested = {case.code for case in CASES} | {"F05", "F11", "B04", "X04"}
    intake = """
        F01 F02 F03 F04 F05 F06 F08 F09 F10 F11 H01 H02 H04 H05 H06 H08 R01 R02 R03 R04 R05 R06 R07 R08
        C01 C02 C03 C04 C05 C06 C07 C08 C09 C12 C13 C14 C16 C17 C18 C19 I01 I02 I03 I05 I06 I07 I08 I09
        X01 X02 X03 X04 X06 B01 B02 B04 B06
    """
    assert tested == set(intake.split())


# Everything in one round


def test_everything_wrong_is_told_in_one_round(directory: Network) -> None:
    found = examine(
        directory,
        table(
            MEASURES.replace("commentaire", "Commentaires"),
            row("dynamic_exit_rate", "trente", 60),
            row("durable_exit", 12, 60),
            row("transition_job_exit_rate", 61, 60),
            row("positive_exit_rate", 9, 60, structure="nulle-part"),
            row("absenteeism_rate", -3, "1.200"),
            row("fte_realised", 1505, 1505, period="T9 2026"),
            row("undocumented_exit_rate", 3, "", period="2026-T4"),
            row("serious_sanctions", 7, comment="=1"),
            "",
            "Total;;;;;;;",
            row("contracted_fte_rate", 20, 20, "100 %"),
        ),
    )
    expected = "B01 B02 B06 C01 C03 C04 C05 C06 C09 C13 C18 H08 I07 R03 R05 X01"
    assert codes(found) == expected.split()
    assert found.verdict is Verdict.REFUSED


def test_a_row_with_a_cell_too_many_does_not_hide_what_is_wrong_in_the_others(directory: Network) -> None:
    found = examine(directory, measures(f"{SOUND};x", row("durable_job_exit_rate", "douze", 60)))
    assert codes(found) == ["C03", "R01"]


def test_a_missing_column_does_not_hide_what_is_wrong_in_the_others(directory: Network) -> None:
    lines = [MEASURES, SOUND, row("durable_job_exit_rate", "douze", 60)]
    found = examine(directory, table(*(";".join(line.split(";")[:2] + line.split(";")[3:]) for line in lines)))
    assert codes(found) == ["C03", "H04"]


def test_a_cell_told_unreadable_is_not_told_empty_as_well(directory: Network) -> None:
    found = examine(directory, measures(row("durable_exit", "douze", "soixante", period="T9")))
    assert codes(found) == ["C03", "C09", "C13"]
    assert len(found.findings) == 4


def test_an_absence_does_not_hide_the_other_errors_of_its_column(directory: Network) -> None:
    rows = [row(name, text, 60) for (name, _), text in zip(EXITS, ("NC", "douze", "-1"), strict=True)]
    found = examine(directory, measures(*rows))
    assert [(f.code, f.row) for f in found.findings] == [("C03", 3), ("C06", 4), ("C02", 2)]


def test_the_gravest_come_first_then_the_rows(directory: Network) -> None:
    found = examine(
        directory,
        measures(
            row("durable_job_exit_rate", "NC"),
            row("dynamic_exit_rate", 33, 60, "52,0"),
            row("transition_job_exit_rate", " 12", 60),
            row("positive_exit_rate", "neuf", 60),
            row("absenteeism_rate", "zéro", 60),
        ),
    )
    assert [(f.severity, f.row) for f in found.findings] == [(B, 5), (B, 6), (C, 3), (R, 4), (I, 2)]


def test_a_cause_that_fills_a_column_is_told_with_its_true_count_and_a_sample_of_its_rows(directory: Network) -> None:
    rows = [
        row("dynamic_exit_rate", "x", 60, period=f"{1900 + year}-T1") for year in range(100, 100 + SAMPLE_SIZE + 10)
    ]
    found = told(examine(directory, measures(*rows)), "C03")
    assert len(found) == SAMPLE_SIZE
    assert {finding.count for finding in found} == {SAMPLE_SIZE + 10}
    assert [finding.row for finding in found] == list(range(2, SAMPLE_SIZE + 2))
    assert len({finding.group for finding in found}) == 1


# Coordinates, as the person sees them


def test_blank_rows_are_counted_in_the_coordinates(directory: Network) -> None:
    wrong = row("durable_job_exit_rate", "douze", 60)
    found = examine(directory, measures("", SOUND, "", ";;;;;;;", wrong))
    assert places(told(found, "C03")) == [(6, "D")]


def test_a_line_feed_inside_a_cell_does_not_add_a_row(directory: Network) -> None:
    first = row("dynamic_exit_rate", 33, 60, comment='"un\ndeux\r\ntrois;\nquatre"')
    found = examine(directory, measures(first, row("durable_job_exit_rate", "douze", 60)))
    assert places(told(found, "C03")) == [(3, "D")]


def test_title_rows_are_counted_in_the_coordinates(directory: Network) -> None:
    found = examine(
        directory, table("Tableau de bord;;;;;;;", "", MEASURES, SOUND, row("durable_job_exit_rate", "douze", 60))
    )
    assert places(told(found, "C03")) == [(5, "D")]
    assert told(found, "H02")[0].count == 2


def test_columns_in_another_order_keep_their_own_letter_and_name(directory: Network) -> None:
    order = (5, 3, 0, 2, 1, 4)
    lines = (MEASURES.replace("numerateur", "Numérateur"), row("dynamic_exit_rate", "douze", 60, "x"))
    found = examine(directory, table(*(";".join(line.split(";")[place] for place in order) for line in lines)))
    assert [(f.column, f.header, f.value) for f in told(found, "C03")] == [
        ("B", "Numérateur", "douze"),
        ("A", "valeur", "x"),
    ]


def test_a_column_after_the_twenty_sixth_has_two_letters(directory: Network) -> None:
    extra = ";".join(f"libre {number}" for number in range(26))
    found = examine(directory, table(f"{extra};{MEASURES}", f"{';' * 25};{SOUND.replace('33', 'x')}"))
    assert places(told(found, "C03")) == [(2, "AD")]


def test_rows_read_and_rows_that_count_are_told(directory: Network) -> None:
    found = examine(directory, measures(SOUND, SOUND, row("durable_job_exit_rate", 12, 60), "Total;;;45;120;;;"))
    assert (found.rows_read, found.rows_accepted) == (4, 2)
    assert found.table is not None
    assert found.table["line"].to_list() == [2, 4]


# Cases at the edge, each of which a person has met


@pytest.mark.parametrize("space", [" ", "\u00a0", "   "])
def test_a_cell_of_spaces_is_an_empty_cell(directory: Network, space: str) -> None:
    empty = examine(directory, table(ACTIONS, action("A-1", due=space)))
    assert empty.verdict is Verdict.ACCEPTED, codes(empty)
    must_be_filled = examine(directory, table(ACTIONS, action(space)))
    assert codes(must_be_filled) == ["C01"]
    no_count = examine(directory, measures(row("dynamic_exit_rate", space, 60)))
    assert codes(no_count) == ["C01"]


def test_a_structure_called_ensemble_is_not_a_row_of_totals(directory: Network) -> None:
    found = examine(directory, structures("ensemble-vert;Ensemble vert (fictif);ACI;;normandie;;FR;;;;"))
    assert (found.rows_accepted, codes(found)) == (1, [])


def test_a_name_is_recognised_whichever_apostrophe_is_typed(network: Network) -> None:
    stored(network, structures("estran;Cordages de l’Estran (fictif);ACI;;normandie;;FR;;;;"))
    typed = row("dynamic_exit_rate", 33, 60, structure="Cordages de l'Estran (fictif)")
    found = examine(network, measures(typed))
    assert found.verdict is Verdict.ACCEPTED
    assert found.table is not None
    assert found.table["structure"].to_list() == ["estran"]


def test_a_cell_longer_than_a_page_is_too_long_and_not_a_failure(directory: Network) -> None:
    usual = csv.field_size_limit(131_072)
    try:
        found = examine(directory, measures(row("dynamic_exit_rate", 33, 60, comment="x" * 200_000)))
    finally:
        csv.field_size_limit(usual)
    assert codes(found) == ["C17"]


def test_a_rate_of_a_quarter_in_which_nobody_left_is_accepted(directory: Network) -> None:
    found = examine(directory, measures(row("dynamic_exit_rate", 0, 0)))
    assert found.verdict is Verdict.ACCEPTED


def test_a_yearly_figure_of_a_quarterly_indicator_may_be_the_years_own(directory: Network) -> None:
    assert examine(directory, measures(row("dynamic_exit_rate", 130, 240, period="2025"))).findings == ()


def test_a_school_reports_its_school_year_with_the_quarter_in_which_it_ends(directory: Network) -> None:
    lost = row("pupil_lost_hours", 1_200, period="2025-2026", structure="ecole-valbrune")
    assert examine(directory, measures(lost), period="2026-T3", structure="ecole-valbrune").findings == ()
    early = examine(directory, measures(lost), period="2026-T2", structure="ecole-valbrune")
    assert codes(early) == ["B01"]
    assert told(early, "B01")[0].values["wanted"] == "2024-2025"


@pytest.mark.parametrize(
    ("day", "verdict"), [(date(2026, 3, 31), Verdict.REFUSED), (date(2026, 4, 1), Verdict.ACCEPTED)]
)
def test_a_period_can_be_deposited_from_the_day_after_its_last(directory: Network, day: date, verdict: Verdict) -> None:
    found = examine(directory, measures(SOUND), today=day)
    assert found.verdict is verdict
    assert codes(found) == (["B02"] if verdict is Verdict.REFUSED else [])


def test_an_absence_needs_no_denominator_and_says_which_absence_it_is(directory: Network) -> None:
    found = examine(directory, measures(row("dynamic_exit_rate", "NC"), row("absenteeism_rate", "s.o.", "s.o.")))
    assert found.verdict is Verdict.ACCEPTED
    assert found.table is not None
    assert found.table["absence"].to_list() == ["missing", "not_applicable"]
    assert found.table["numerator"].to_list() == [None, None]


def test_a_count_written_in_the_column_of_values_is_the_count(directory: Network) -> None:
    found = examine(directory, measures(row("corrective_preventive_actions_total", "", "", "1100", period="2026-T1")))
    assert found.findings == ()
    assert found.table is not None
    assert found.table["numerator"].to_list() == [1_100]


def test_every_kind_of_file_is_recognised_from_its_header_in_french_and_in_english(directory: Network) -> None:
    headers = {
        "measures": (MEASURES, "structure;period;indicator;numerator;denominator;value;segment;comment"),
        "structures": (
            STRUCTURES,
            "structure;name;kind;group;region;department;country;siret;bce;opened_on;closed_on",
        ),
        "actions": (
            ACTIONS,
            "structure;reference;kind;origin;process;axis;observation;cause;action;owner_role;opened_on;due_on;"
            "done_on;criterion;verified_on;effectiveness;status",
        ),
        "participation": (
            PARTICIPATION,
            "structure;reference;held_on;form;theme;invited;present;in_pathway;hours",
        ),
        "cibles": (TARGETS, "perimeter;indicator;starts;ends;value;origin;agreed_on"),
    }
    rows = {
        "measures": SOUND,
        "structures": DIRECTORY[0],
        "actions": action("A-1"),
        "participation": occasion("PA-1", "2026-01-10", 12),
        "cibles": "reseau;dynamic_exit_rate;2026-T1;;60;interne;",
    }
    for dataset, spellings in headers.items():
        for header in spellings:
            found: ValidationResult = examine(directory, table(header, rows[dataset]))
            assert (found.dataset, found.verdict, codes(found)) == (dataset, Verdict.ACCEPTED, [])


def test_an_examination_writes_nothing(directory: Network) -> None:
    with directory.snapshot() as before:
        version = before.version
    for content in (measures(SOUND), measures(SOUND, SOUND), structures(*DIRECTORY), b"%PDF-1.7"):
        examine(directory, content)
    with directory.snapshot() as after:
        assert after.version == version
