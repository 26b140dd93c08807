"""Delimited text: encoding, separator and quotes, decided by explicit rules and reported when undecidable.

A sniffer guesses in silence: with today's DuckDB one ragged row makes a semicolon file be split at commas. Here the
separator is the one that makes a row match a dataset header; failing that, the one that splits most lines alike.
"""

import csv
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from typing import Final

import polars as pl

from indicators.intake.column_names import best_match_score, match_dataset
from indicators.intake.readers.encodings import (
    find_impossible,
    has_misread_sign,
    non_ascii_bytes,
    read_as_windows,
)
from indicators.intake.readers.field_splitting import RECORDS_AT_ONCE, split_quoted, split_unquoted
from indicators.intake.readers.sheet import Sheet, UnreadableError, too_large
from indicators.intake.text_matching import column_letter
from schemas.findings import Finding, Severity

SEPARATORS: Final = (";", ",", "\t", "|")
MAX_LINE_BYTES: Final = 8 * 2**20
"""Most bytes without an end of line."""
SAMPLE_LINES: Final = 200
"""First lines from which the separator is detected."""
SEP_DECLARATION: Final = re.compile(rb'"?sep=([;,\t|])"?[;,\t|]*(?:\n|$)', re.IGNORECASE)
"""A first line that declares the separator to a spreadsheet."""
BYTE_ORDER_MARKS: Final = re.compile(b"(?:^|(?<=\n))(?:" + BOM_UTF8 + b")+")
"""Byte-order marks at the start of a line: concatenated files keep theirs."""
MISREAD_UTF8: Final = ("Ã".encode(), "Â".encode(), "â€".encode(), "\ufffd".encode())
"""Starts of UTF-8 letters that were decoded as Windows-1252, and the replacement character."""
WESTERN_LETTERS: Final = re.compile("[\u00a0-\u017f\u2010-\u203a\u20ac]")
"""Western European letters beyond ASCII: a text where some bytes decode to them as UTF-8 is partly UTF-8."""
LATIN9_SIGNS: Final = re.compile(rb"\xa4|[A-Za-z][\xbc\xbd\xbe][a-z]")
"""A euro sign, or œ and Ÿ inside a word: ISO 8859-15 where no byte is specific to Windows-1252."""


def read_text(content: bytes) -> Sheet:
    """Read delimited text; line feeds inside quotes do not add a row, blank lines do."""
    content, non_ascii, is_windows_text = _decode(content)
    for start in range(0, len(content) - MAX_LINE_BYTES, MAX_LINE_BYTES):
        if content.find(b"\n", start, start + MAX_LINE_BYTES) < 0:
            raise too_large("megabytes", MAX_LINE_BYTES // 2**20)
    if not content or (len(content) < 2**16 and content.decode().isspace()):
        raise UnreadableError("F01")
    declared = SEP_DECLARATION.match(content)
    if declared:
        # A spreadsheet does not show this line: row numbers stay those that it shows.
        content = content[declared.end() :]
    separator, findings = (
        _declared_separator(content, declared[1].decode()) if declared else (_detect_separator(content), ())
    )
    cells, widths = split_quoted(content, separator) if b'"' in content else split_unquoted(content, separator)
    _refuse_mixed_separators(cells, widths, separator)
    rows = pl.int_range(1, cells.height + 1, eager=True, dtype=pl.UInt32)
    may_be_misread = is_windows_text or any(mark in non_ascii for mark in MISREAD_UTF8) or has_misread_sign(non_ascii)
    return Sheet(
        cells,
        rows,
        widths,
        is_ragged=True,
        may_be_misread=may_be_misread,
        is_windows_text=is_windows_text,
        findings=findings,
    )


def _declared_separator(content: bytes, declared: str) -> tuple[str, tuple[Finding, ...]]:
    """Return the declared separator, or the only one that matches a dataset header, with a finding (F03)."""
    start = content[: 2**16].decode(errors="ignore").split("\n")[:SAMPLE_LINES]
    if best_match_score([_split_line(line, declared) for line in start]):
        return declared, ()
    other_separator = next(
        (separator for separator in SEPARATORS if best_match_score([_split_line(line, separator) for line in start])),
        None,
    )
    if other_separator is None:
        return declared, ()
    values = {"reason": "separator", "announced": _separator_name(declared), "found": _separator_name(other_separator)}
    return other_separator, (Finding("F03", Severity.CORRECTED, values=values),)


def _separator_name(separator: str) -> str:
    return "tab" if separator == "\t" else separator


def _decode(content: bytes) -> tuple[bytes, bytes, bool]:
    """Return the text as `decoded` does, its letters `beyond_ascii`, and whether it was read as those of Windows."""
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or _looks_like_utf16(content):
        content = _from_utf16(content)
    if b"\0" in content:
        raise UnreadableError("F10", row=row_at(content, content.index(b"\0")))
    content = content.removeprefix(BOM_UTF8)
    is_windows_text = False
    if not content.isascii():
        content, is_windows_text = _to_utf8(content)
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    letters = non_ascii_bytes(content)
    if BOM_UTF8 in letters:
        content = BYTE_ORDER_MARKS.sub(b"", content)
        letters = non_ascii_bytes(content)
    return content, letters, is_windows_text


def _looks_like_utf16(content: bytes) -> bool:
    """Whether nearly every second byte is null at the start: UTF-16 without byte-order mark."""
    nulls = content[:400:2].count(0), content[1:400:2].count(0)
    return min(nulls) == 0 and max(nulls) >= 4 and max(nulls) > 0.8 * len(content[:400:2])


def _from_utf16(content: bytes) -> bytes:
    marked = content.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    encoding = "utf-16" if marked else "utf-16-le" if content[1:400:2].count(0) else "utf-16-be"
    try:
        return content.decode(encoding).encode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        raise UnreadableError("F06", row=1) from None


def _to_utf8(content: bytes) -> tuple[bytes, bool]:
    try:
        content.decode()
    except UnicodeDecodeError as failure:
        invalid_byte = failure.start
    else:
        return content, False
    if WESTERN_LETTERS.search(content.decode(errors="ignore")):
        raise _undecodable_error(content, invalid_byte)
    text = read_as_windows(content)
    place = find_impossible(text)
    if place is not None:
        raise _undecodable_error(content, place)
    if not re.search(rb"[\x80-\x9f]", content) and LATIN9_SIGNS.search(content):
        return content.decode("iso8859-15").encode(), False
    return text.encode(), True


def _undecodable_error(content: bytes, place: int) -> UnreadableError:
    """Return the error (F06) at the cell of an undecodable byte: spreadsheet row, and column if titled."""
    start = max(content.rfind(b"\n", 0, place), content.rfind(b"\r", 0, place)) + 1
    text_before = content[: 2**16].decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")
    try:
        separator = _detect_separator(text_before.encode())
    except UnreadableError:
        return UnreadableError("F06", row=row_at(content, place))
    rows = (_split_line(line, separator) for line in text_before.split("\n")[:SAMPLE_LINES])
    header = next((row for row in rows if match_dataset(row)), [])
    column = len(_split_line(content[start : place + 1].decode("latin-1"), separator)) - 1
    title = header[column].strip() if column < len(header) and start else None
    letter = column_letter(column) if title else None
    return UnreadableError("F06", row=row_at(content, place), column=letter, header=title)


def row_at(content: bytes, place: int) -> int:
    """Return the spreadsheet row of a byte; line feeds between quotes do not add one."""
    before = content[:place].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return sum(unquoted.count(b"\n") for unquoted in before.split(b'"')[::2]) + 1


def _detect_separator(content: bytes) -> str:
    """Return the separator that best matches a dataset header, else the one with most cells in lines of equal width.

    A separator that never appears is no candidate; a tie is refused (F08).
    """
    # The sample may end inside a letter or a line: its last line is left out if the text goes on.
    start = content[: 2**18].decode(errors="ignore").split("\n")
    lines = [line for line in (start[:-1] if len(content) > 2**18 else start)[:SAMPLE_LINES] if line.strip()]
    header_scores: dict[str, float] = {}
    same_width: dict[str, float] = {}
    for separator in SEPARATORS:
        if not any(separator in line for line in lines):
            continue
        rows = [_split_line(line, separator) for line in lines]
        header_scores[separator] = best_match_score(rows)
        counts = [len(row) for row in rows]
        modal_width = max(set(counts), key=lambda width: (counts.count(width) * (width > 1), width))
        if modal_width > 1:
            same_width[separator] = counts.count(modal_width) * modal_width
    for scores in (header_scores, same_width):
        best = max(scores.values(), default=0.0)
        winners = [separator for separator, score in scores.items() if score == best]
        if best and len(winners) == 1:
            return winners[0]
        if best and len(winners) > 1:
            raise UnreadableError("F08", found=" ".join(map(_separator_name, winners)))
    return SEPARATORS[0]


def _split_line(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return [line]


def _refuse_mixed_separators(cells: pl.DataFrame, widths: pl.Series, separator: str) -> None:
    """Refuse (F08) a table where some lines use another separator: they would be read as a single cell."""
    modal_width = int(widths.mode().max())  # type: ignore[arg-type]  # widths are whole numbers
    if modal_width < 3:
        return
    single_cell_rows = (
        cells.select(pl.col("0"), row=pl.int_range(1, pl.len() + 1))
        .filter(widths == 1)
        .drop_nulls()
        .head(RECORDS_AT_ONCE)
    )
    for other_separator in SEPARATORS:
        if other_separator != separator:
            mixed = single_cell_rows.filter(
                pl.col("0").str.count_matches(other_separator, literal=True) == modal_width - 1
            )
            if mixed.height:
                raise UnreadableError(
                    "F08",
                    row=int(mixed["row"][0]),
                    found=f"{_separator_name(separator)} {_separator_name(other_separator)}",
                )
