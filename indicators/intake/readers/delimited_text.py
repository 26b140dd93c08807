"""Delimited text: encoding, separator and quotes, decided by our own rules and said when they cannot be decided.

A sniffer guesses in silence: with today's DuckDB one ragged row makes a file of semicolons be read by commas. Here the
separator is the one by which a row names our columns; failing that, the one that cuts the lines most alike.
"""

import csv
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from typing import Final

import polars as pl

from indicators.intake.column_names import best_named, recognised
from indicators.intake.readers.encodings import (
    beyond_ascii,
    has_sign_of_other_letters,
    impossible_place,
    read_as_windows,
)
from indicators.intake.readers.field_splitting import RECORDS, cut_with_quotes, cut_without_quotes
from indicators.intake.readers.sheet import Sheet, UnreadableError, too_large
from indicators.intake.text_matching import column_letter
from schemas.findings import Finding, Severity

SEPARATORS: Final = (";", ",", "\t", "|")
LONGEST_LINE: Final = 8 * 2**20
"""Bytes among which a table has an end of line: a cell that fills more is none of ours."""
LOOKED_AT: Final = 200
"""Lines from which the separator is decided."""
DECLARED: Final = re.compile(rb'"?sep=([;,\t|])"?[;,\t|]*(?:\n|$)', re.IGNORECASE)
"""The first line by which a spreadsheet is told the separator."""
MARKS: Final = re.compile(b"(?:^|(?<=\n))(?:" + BOM_UTF8 + b")+")
"""Byte-order marks at the head of a line: files put one after the other keep theirs."""
MISREAD: Final = ("Ã".encode(), "Â".encode(), "â€".encode(), "\ufffd".encode())
"""What letters of UTF-8 begin with once they have been read as Windows text, and the mark of a letter already lost."""
LETTERS: Final = re.compile("[\u00a0-\u017f\u2010-\u203a\u20ac]")
"""What Western Europe writes beyond ASCII: a text some bytes of which make it in UTF-8 is partly in UTF-8."""
LATIN9: Final = re.compile(rb"\xa4|[A-Za-z][\xbc\xbd\xbe][a-z]")
"""A euro sign, or œ and Ÿ inside a word: ISO 8859-15 where no byte says Windows."""


def read_text(content: bytes) -> Sheet:
    """Read delimited text; line feeds inside quotes do not add a row, blank lines do."""
    content, letters, windows = _decode(content)
    for start in range(0, len(content) - LONGEST_LINE, LONGEST_LINE):
        if content.find(b"\n", start, start + LONGEST_LINE) < 0:
            raise too_large("megabytes", LONGEST_LINE // 2**20)
    if not content or (len(content) < 2**16 and content.decode().isspace()):
        raise UnreadableError("F01")
    declared = DECLARED.match(content)
    if declared:
        # A spreadsheet does not show this line: rows keep the numbers that the person sees.
        content = content[declared.end() :]
    separator, told = _announced(content, declared[1].decode()) if declared else (_separator(content), ())
    cells, widths = cut_with_quotes(content, separator) if b'"' in content else cut_without_quotes(content, separator)
    _refuse_mixed(cells, widths, separator)
    rows = pl.int_range(1, cells.height + 1, eager=True, dtype=pl.UInt32)
    suspect = windows or any(mark in letters for mark in MISREAD) or has_sign_of_other_letters(letters)
    return Sheet(cells, rows, widths, ragged=True, suspect=suspect, windows=windows, told=told)


def _announced(content: bytes, declared: str) -> tuple[str, tuple[Finding, ...]]:
    """Return the separator that a first line announces, unless only another one names our columns, which is told."""
    start = content[: 2**16].decode(errors="ignore").split("\n")[:LOOKED_AT]
    if best_named([_cut(line, declared) for line in start]):
        return declared, ()
    other = next((mark for mark in SEPARATORS if best_named([_cut(line, mark) for line in start])), None)
    if other is None:
        return declared, ()
    values = {"reason": "separator", "announced": _shown(declared), "found": _shown(other)}
    return other, (Finding("F03", Severity.CORRECTED, values=values),)


def _shown(separator: str) -> str:
    return "tab" if separator == "\t" else separator


def decoded(content: bytes) -> bytes:
    """Return the text as UTF-8 with line feeds at the ends of lines.

    Read as UTF-8 with or without its mark, as UTF-16, or as what Western Europe writes in one byte a letter. A text
    that is partly UTF-8 is not taken for the latter, nor one of DOS or of an old Mac: letters would come out wrong.
    """
    return _decode(content)[0]


def _decode(content: bytes) -> tuple[bytes, bytes, bool]:
    """Return the text as `decoded` does, its letters `beyond_ascii`, and whether it was read as those of Windows."""
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or _looks_like_utf16(content):
        content = _from_utf16(content)
    if b"\0" in content:
        raise UnreadableError("F10", row=row_at(content, content.index(b"\0")))
    content = content.removeprefix(BOM_UTF8)
    windows = False
    if not content.isascii():
        content, windows = _as_utf8(content)
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    letters = beyond_ascii(content)
    if BOM_UTF8 in letters:
        content = MARKS.sub(b"", content)
        letters = beyond_ascii(content)
    return content, letters, windows


def _looks_like_utf16(content: bytes) -> bool:
    """Whether nearly every second byte is null at the start: UTF-16 whose mark was lost."""
    nulls = content[:400:2].count(0), content[1:400:2].count(0)
    return min(nulls) == 0 and max(nulls) >= 4 and max(nulls) > 0.8 * len(content[:400:2])


def _from_utf16(content: bytes) -> bytes:
    marked = content.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    encoding = "utf-16" if marked else "utf-16-le" if content[1:400:2].count(0) else "utf-16-be"
    try:
        return content.decode(encoding).encode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        raise UnreadableError("F06", row=1) from None


def _as_utf8(content: bytes) -> tuple[bytes, bool]:
    try:
        content.decode()
    except UnicodeDecodeError as failure:
        invalid = failure.start
    else:
        return content, False
    if LETTERS.search(content.decode(errors="ignore")):
        raise _undecodable(content, invalid)
    text = read_as_windows(content)
    place = impossible_place(text)
    if place is not None:
        raise _undecodable(content, place)
    if not re.search(rb"[\x80-\x9f]", content) and LATIN9.search(content):
        return content.decode("iso8859-15").encode(), False
    return text.encode(), True


def _undecodable(content: bytes, place: int) -> UnreadableError:
    """Say at which cell a text cannot be read: the row that a spreadsheet shows, and the column where it has a name."""
    start = max(content.rfind(b"\n", 0, place), content.rfind(b"\r", 0, place)) + 1
    above = content[: 2**16].decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")
    try:
        separator = _separator(above.encode())
    except UnreadableError:
        return UnreadableError("F06", row=row_at(content, place))
    rows = (_cut(line, separator) for line in above.split("\n")[:LOOKED_AT])
    header = next((row for row in rows if recognised(row)), [])
    column = len(_cut(content[start : place + 1].decode("latin-1"), separator)) - 1
    title = header[column].strip() if column < len(header) and start else None
    letter = column_letter(column) if title else None
    return UnreadableError("F06", row=row_at(content, place), column=letter, header=title)


def row_at(content: bytes, place: int) -> int:
    """Return the spreadsheet row of a byte: line feeds between quotes do not add one."""
    before = content[:place].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return sum(outside.count(b"\n") for outside in before.split(b'"')[::2]) + 1


def _separator(content: bytes) -> str:
    """Choose the separator by which a line names our columns, else the one that cuts most lines in most cells alike.

    A separator that never appears is no candidate; a tie cannot be decided.
    """
    # The text read may end inside a letter or a line: the last line is left out where there is more.
    start = content[: 2**18].decode(errors="ignore").split("\n")
    lines = [line for line in (start[:-1] if len(content) > 2**18 else start)[:LOOKED_AT] if line.strip()]
    named: dict[str, float] = {}
    alike: dict[str, float] = {}
    for separator in SEPARATORS:
        if not any(separator in line for line in lines):
            continue
        rows = [_cut(line, separator) for line in lines]
        named[separator] = best_named(rows)
        counts = [len(row) for row in rows]
        usual = max(set(counts), key=lambda width: (counts.count(width) * (width > 1), width))
        if usual > 1:
            alike[separator] = counts.count(usual) * usual
    for scores in (named, alike):
        best = max(scores.values(), default=0.0)
        winners = [separator for separator, score in scores.items() if score == best]
        if best and len(winners) == 1:
            return winners[0]
        if best and len(winners) > 1:
            raise UnreadableError("F08", found=" ".join(map(_shown, winners)))
    return SEPARATORS[0]


def _cut(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return [line]


def _refuse_mixed(cells: pl.DataFrame, widths: pl.Series, separator: str) -> None:
    """Refuse a table of which some lines are cut by another separator: read as they are, they would be one cell."""
    usual = int(widths.mode().max())  # type: ignore[arg-type]  # widths are whole numbers
    if usual < 3:
        return
    lone = cells.select(pl.col("0"), row=pl.int_range(1, pl.len() + 1)).filter(widths == 1).drop_nulls().head(RECORDS)
    for other in SEPARATORS:
        if other != separator:
            mixed = lone.filter(pl.col("0").str.count_matches(other, literal=True) == usual - 1)
            if mixed.height:
                raise UnreadableError("F08", row=int(mixed["row"][0]), found=f"{_shown(separator)} {_shown(other)}")
