"""Small files from which the fuzzer starts, and the words it may put in them."""

from __future__ import annotations

import io
from typing import Final

import polars as pl

from schemas.datasets import DATASETS, sample_path
from tests.builders import ACTIONS, MEASURES, PARTICIPATION, STRUCTURES, TARGETS, measure, measures
from tests.intake.workbooks import ods, ods_row, ods_table, xlsx_of

NAMES: Final = ("depot.csv", "depot.xlsx", "depot.ods", "depot.parquet", "depot")
"""Names under which a file may come: the first byte of an input chooses one."""
WORDS: Final = (
    *MEASURES.split(";"), *STRUCTURES.split(";"), *ACTIONS.split(";"), *PARTICIPATION.split(";"), *TARGETS.split(";"),
    "2026-T1", "1er trimestre 2026", "janv.-mars 2026", "2025/2026", "31/03/2026", "46113", "NC", "n.d.", "s.o.", "-",
    "1 234,5", "1\u202f234,5", "1.200", "\u221212", "12,5 %", "1505 h", "3 \u20ac", "1,23E+13", "1e400", "nan", "inf",
    "#DIV/0!", "#N/A", "=D2/E2", "@SUM", "TOTAL", "Sous-total", "r\u00e9f\u00e9rence : ", "00090000100017", "900000000",
    "0000.000.196", "atelier-ternoise", "dynamic_exit_rate", "\u00c3\u00a9", "\ufeff", "\u00a0", '"', '""',
    "\r\n", "\r", ";;;;;;;", "\t", "|",
)  # fmt: skip


def seeds() -> list[bytes]:
    """Inputs of every format: the byte that names the file, then the file."""
    header = MEASURES.split(";")
    typed = ["atelier-ternoise", "2026-T1", "dynamic_exit_rate", 33, 60, 0.55, "ensemble", None]
    row = measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 33, 60, "55,0", comment='"relu;\nélève"')
    text = measures(row, measure("atelier-ternoise", "T1 2026", "absenteeism_rate", "NC"), "", "TOTAL;;;33;60;;;")
    parquet = io.BytesIO()
    pl.DataFrame({name: [cell, cell] for name, cell in zip(header, typed, strict=True)}).write_parquet(parquet)
    titled = b"Indicateurs;;\n;;\n" + text
    texts = [text, titled, text.replace(b";", b"\t"), text.decode().encode("utf-16"), text.decode().encode("cp1252")]
    texts += [b"\xef\xbb\xbf" + text.replace(b"\n", b"\r"), *(sample_path(name).read_bytes() for name in DATASETS)]
    books = [
        b"\x01" + xlsx_of([["Titre"], header, typed, ["TOTAL", None, None, 33]], c5="0.0%"),
        b"\x02" + ods(ods_table(ods_row(*header), ods_row(*typed), ods_row("", repeated=3))),
        b"\x03" + parquet.getvalue(),
    ]
    return [*(b"\0" + content for content in texts), *books]


def dictionary() -> str:
    """Words in the form in which libFuzzer reads them."""
    quoted = ("".join(f"\\x{byte:02x}" for byte in word.encode()) for word in WORDS)
    return "".join(f'"{word}"\n' for word in quoted)
