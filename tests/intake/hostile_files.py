"""Files made to break what reads them: small to send, enormous, endless or false once opened."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from tests.builders import MEASURES, measure, measures
from tests.intake.workbooks import ods, ods_row, ods_table, xlsx_of

HEADER: Final = MEASURES.split(";")
SOUND: Final = measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 33, 60, "55,0")
TYPED: Final = ["atelier-ternoise", "2026-T1", "dynamic_exit_rate", 33, 60, 55, "ensemble", None]
MIB: Final = 2**20


@dataclass(frozen=True)
class Hostile:
    """A file, what it is called, and the codes one of which must be told; none where it is only odd, and sound."""

    content: Callable[[], bytes]
    codes: str
    file_name: str = "depot.csv"
    period: str | None = None
    structure: str | None = None
    isolated: bool = True
    """Whether it is examined in a process of its own, or after others like it."""


# Archives that hold more than they weigh


@dataclass(frozen=True)
class Member:
    """A file of an archive, already compressed; `stated_size` is the size that the archive states."""

    name: str
    raw: bytes
    checksum: int
    stated_size: int


def endless(name: str, head: bytes, block: bytes, times: int, tail: bytes, stated_size: int | None = None) -> Member:
    """Compress a text whose middle is the same block again and again: the block is compressed once only."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    last = packer.compress(tail) + packer.flush()
    checksum = zlib.crc32(head)
    for _ in range(times):
        checksum = zlib.crc32(block, checksum)
    size = len(head) + times * len(block) + len(tail)
    return Member(
        name, first + again * times + last, zlib.crc32(tail, checksum), size if stated_size is None else stated_size
    )


def packed(members: Iterable[Member]) -> bytes:
    """Write an archive of members by hand."""
    body, directory, count = b"", b"", 0
    for member in members:
        name = member.name.encode()
        common = struct.pack(
            "<HHHHHIIIHH", 20, 0, 8, 0, 33, member.checksum, len(member.raw), member.stated_size, len(name), 0
        )
        directory += (
            b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + name
        )
        body += b"PK\x03\x04" + common + name + member.raw
        count += 1
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


def replaced(book: bytes, *changed: Member) -> bytes:
    """Put members of one's own in a workbook."""
    names = {member.name for member in changed}
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        kept = [(name, archive.read(name)) for name in archive.namelist() if name not in names]
    others = [endless(name, content, b"", 0, b"") for name, content in kept]
    return packed([*others, *changed])


SHEET: Final = "xl/worksheets/sheet1.xml"
SPACE: Final = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def sheet(rows: str, before: str = "") -> tuple[bytes, bytes]:
    """Head and tail of a sheet, cut where its rows would go on."""
    return f'<?xml version="1.0"?>{before}<worksheet {SPACE}><sheetData>{rows}'.encode(), b"</sheetData></worksheet>"


def inline(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def title_row() -> str:
    cells = "".join(inline(f"{letter}1", name) for letter, name in zip("ABCDEFGH", HEADER, strict=True))
    return f'<row r="1">{cells}</row>'


def book_with(rows: str, block: bytes = b"", times: int = 0, before: str = "", stated_size: int | None = None) -> bytes:
    """A workbook whose sheet is these rows, then a block many times."""
    head, tail = sheet(rows, before)
    return replaced(xlsx_of([HEADER, TYPED]), endless(SHEET, head, block, times, tail, stated_size))


def many_rows() -> bytes:
    block = ("<row>" + "<c><v>1</v></c>" * 8 + "</row>").encode() * 8_000
    return book_with(title_row(), block, 1_250)


def spaces() -> bytes:
    return book_with(title_row(), b" " * MIB, 1_200)


def one_text() -> bytes:
    return book_with(title_row() + '<row r="2"><c r="A2" t="inlineStr"><is><t>', b"A" * MIB, 1_100)


def liar() -> bytes:
    return book_with(title_row(), b" " * MIB, 1_200, stated_size=4_000)


def shared_bomb() -> bytes:
    head = f'<?xml version="1.0"?><sst {SPACE}>'.encode()
    strings = endless("xl/sharedStrings.xml", head, b"<si><t>A</t></si>" * 65_536, 1_050, b"</sst>")
    return replaced(xlsx_of([HEADER, TYPED]), strings)


def ods_bomb() -> bytes:
    content = ods(ods_table(ods_row(*HEADER), ods_row(*TYPED)))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read("content.xml")
    place = text.index(b"</table:table>")
    row = ods_row(*TYPED).encode()
    return replaced(content, endless("content.xml", text[:place], row * 1_000, 1_500, text[place:]))


def nested() -> bytes:
    inner = packed([endless("0", b"", b"\0" * MIB, 1_000, b"")])
    for level in range(1, 6):
        inner = packed([endless(f"{level}/{copy}.zip", inner, b"", 0, b"") for copy in range(10)])
    return inner


def quoted_overlap() -> bytes:
    """Ten thousand names for one and the same compressed text of a hundred MiB."""
    core = endless(SHEET, b"", b" " * MIB, 100, b"")
    one = packed([core])
    body_end = one.index(b"PK\x01\x02")
    entry = one[body_end : one.index(b"PK\x05\x06")]
    entries = entry * 10_000
    end = struct.pack("<HHHHIIH", 0, 0, 10_000, 10_000, len(entries), body_end, 0)
    return one[:body_end] + entries + b"PK\x05\x06" + end


# XML that is not a table


LAUGHS: Final = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True))
    + "]>"
)
OUTSIDE: Final = '<!DOCTYPE x [<!ENTITY j SYSTEM "file:///etc/passwd">]>'


def entities(doctype: str) -> bytes:
    return book_with(title_row() + f'<row r="2">{inline("A2", "&j;")}</row>', before=doctype)


def ods_entities(doctype: str) -> bytes:
    content = ods(ods_table(ods_row(*HEADER), ods_row("&j;", *TYPED[1:])))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read("content.xml").decode().replace("&amp;j;", "&j;")
    return replaced(content, endless("content.xml", text.replace("?>", f"?>{doctype}", 1).encode(), b"", 0, b""))


def deep(levels: int = 3_000_000) -> bytes:
    return book_with("<row><c>", b"<is>" * 1_000, levels // 1_000)


def deep_ods(levels: int = 3_000_000) -> bytes:
    content = ods(ods_table(ods_row(*HEADER)))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read("content.xml")
    place = text.index(b"</table:table>")
    nested_cells = endless("content.xml", text[:place], b"<text:span>" * 1_000, levels // 1_000, text[place:])
    return replaced(content, nested_cells)


def far_cell() -> bytes:
    return book_with(title_row() + f'<row r="1048576">{inline("XFD1048576", "x")}</row>')


def wide_sheet() -> bytes:
    cells = "".join(f'<c r="{letters(place)}1"><v>1</v></c>' for place in range(1_000_000))
    return book_with(f'<row r="1">{cells}</row>')


def letters(place: int) -> str:
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(65 + rest) + text
    return text


def repeated_ods(columns: int, rows: int) -> bytes:
    cell = f'<table:table-cell table:number-columns-repeated="{columns}" office:value-type="float" office:value="1"/>'
    row = f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row>'
    return ods(ods_table(ods_row(*HEADER), row))


def ods_of(row: str) -> bytes:
    """An open document whose second row is this."""
    return ods(ods_table(ods_row(*HEADER), f"<table:table-row>{row}</table:table-row>"))


def ods_text(text: str, repeated: int = 1) -> str:
    """A cell of an open document, its text as XML."""
    times = f' table:number-columns-repeated="{repeated}"' if repeated > 1 else ""
    return f'<table:table-cell office:value-type="string"{times}><text:p>{text}</text:p></table:table-cell>'


def ods_spaces(count: int, elements: int = 1) -> bytes:
    return ods_of(ods_text(f'x<text:s text:c="{count}"/>' * elements + "y"))


def ods_repeated_text(length: int, rows: int) -> bytes:
    """One long text in a hundred columns of many rows."""
    row = f'<table:table-row table:number-rows-repeated="{rows}">{ods_text("A" * length, 100)}</table:table-row>'
    return ods(ods_table(ods_row(*HEADER), row))


def sparse_ods(sheets: int) -> bytes:
    """Sheets of three cells each: the first, and two that lie far below it and far to its right."""
    far = (
        '<table:table-row table:number-rows-repeated="390000"><table:table-cell/></table:table-row>'
        f'<table:table-row><table:table-cell table:number-columns-repeated="24"/>{ods_text("x")}</table:table-row>'
    )
    return ods("".join(ods_table(ods_row("structure"), far, name=f"F{place}") for place in range(sheets)))


def shared_text(length: int, cells: int) -> bytes:
    """A workbook whose cells all hold the same long text, which is written once."""
    cells_of_row = '<c t="s"><v>0</v></c>' * 8
    block = f"<row>{cells_of_row}</row>".encode() * 100
    head, tail = sheet(title_row())
    book = replaced(xlsx_of([HEADER, TYPED]), endless(SHEET, head, block, cells // 800, tail))
    text = f'<?xml version="1.0"?><sst {SPACE}><si><t>{"A" * length}</t></si></sst>'.encode()
    return replaced(book, endless("xl/sharedStrings.xml", text, b"", 0, b""))


def many_sheets(count: int) -> bytes:
    """A workbook that gives one sheet many names."""
    names = "".join(f'<sheet name="F{n}" sheetId="{n + 1}" r:id="rId1"/>' for n in range(count))
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    book = f'<?xml version="1.0"?><workbook {SPACE} xmlns:r="{relations}"><sheets>{names}</sheets></workbook>'
    return replaced(xlsx_of([HEADER, TYPED]), endless("xl/workbook.xml", book.encode(), b"", 0, b""))


def many_ods_sheets(count: int) -> bytes:
    return ods("".join(ods_table(ods_row("structure"), name=f"F{place}") for place in range(count)))


def other_case(content: bytes) -> bytes:
    """A workbook whose shared texts are called in other letters than usual."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist() if "sharedStrings" not in name]
    head = f'<?xml version="1.0"?><sst {SPACE}>'.encode()
    bomb = endless("xl/SHAREDSTRINGS.xml", head, b"<si><t>A</t></si>" * 65_536, 1_050, b"</sst>")
    return packed([*(endless(name, text, b"", 0, b"") for name, text in members), bomb])


def with_large_part(name: str) -> bytes:
    """A workbook with a gigabyte in a part that holds no cell."""
    return replaced(xlsx_of([HEADER, TYPED]), endless(name, b"", b" " * MIB, 1_024, b""))


def references(reference: str) -> bytes:
    return book_with(title_row() + f'<row r="2">{inline(reference, "x")}</row>')


def outside_names() -> bytes:
    with zipfile.ZipFile(io.BytesIO(xlsx_of([HEADER, TYPED]))) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
        archive.writestr("../../../tmp/pilotage-hostile", "x")
        archive.writestr("/tmp/pilotage-hostile", "x")
    return buffer.getvalue()


# Parquet


def parquet(**columns: list[object]) -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame(columns).write_parquet(buffer)
    return buffer.getvalue()


def sound_parquet() -> bytes:
    return parquet(**{name: [cell] * 50 for name, cell in zip(HEADER, TYPED, strict=True)})


def cut(share: float) -> bytes:
    content = sound_parquet()
    return content[: int(len(content) * share)]


def lying_footer(length: int) -> bytes:
    content = sound_parquet()
    return content[:-8] + struct.pack("<I", length & 0xFFFFFFFF) + b"PAR1"


def flipped(seed: int) -> bytes:
    """Change some bytes of the footer, where the sizes and the counts are."""
    dice = random.Random(seed)
    content = bytearray(sound_parquet())
    footer = struct.unpack("<I", content[-8:-4])[0]
    for _ in range(8):
        content[len(content) - 8 - 1 - dice.randrange(footer)] = dice.choice([0x00, 0x7F, 0x80, 0xFF])
    return bytes(content)


def endless_parquet() -> bytes:
    """Two hundred million cells that are all the same, in a few KiB."""
    same = {
        name: pa.array([str(cell)] * 1_000_000).dictionary_encode() for name, cell in zip(HEADER, TYPED, strict=True)
    }
    batch = pa.table(dict(list(same.items())[:4]))
    buffer = io.BytesIO()
    with pq.ParquetWriter(buffer, batch.schema, compression="zstd") as writer:
        for _ in range(50):
            writer.write_table(batch)
    return buffer.getvalue()


def parquet_of(**columns: pa.Array) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, compression="zstd")
    return buffer.getvalue()


def repeated_text_parquet(length: int, rows: int) -> bytes:
    """One long text, written once, in every row."""
    index = pa.array([0] * rows, pa.int32())
    text = pa.DictionaryArray.from_arrays(index, pa.array(["A" * length]))
    return parquet_of(structure=text, periode=text, indicateur=text)


def packed_text_parquet(length: int, rows: int) -> bytes:
    """Long texts that are written out in each row, and weigh nothing once compressed."""
    buffer = io.BytesIO()
    batch = pa.table({name: pa.array(["A" * length] * rows) for name in HEADER[:3]})
    with pq.ParquetWriter(buffer, batch.schema, compression="zstd", use_dictionary=False) as writer:
        for _ in range(10):
            writer.write_table(batch)
    return buffer.getvalue()


def nested_parquet(levels: int) -> bytes:
    """A column of lists of lists of lists."""
    kind = pa.int8()
    for _ in range(levels):
        kind = pa.list_(kind)
    return parquet_of(structure=pa.array(["x"]), periode=pa.array(["y"]), autre=pa.array([None], kind))


def many_groups_parquet(groups: int) -> bytes:
    """A file whose description is longer than what it describes."""
    buffer = io.BytesIO()
    batch = pa.table({name: pa.array([str(cell)]) for name, cell in zip(HEADER, TYPED, strict=True)})
    with pq.ParquetWriter(buffer, batch.schema) as writer:
        for _ in range(groups):
            writer.write_table(batch)
    return buffer.getvalue()


def wide_parquet() -> bytes:
    return parquet(**{f"c{place}": [1] for place in range(20_000)})


# Text


def many_findings() -> bytes:
    spoilt = ("douze;60;", "-3;60;", "70;60;", ";60;", "33;#DIV/0!;", "33;60;52,0", "1.200;60;", "33;60;55,0 %")
    rows = [
        f"atelier-ternoise;{2000 + n % 26}-T{n % 4 + 1};dynamic_exit_rate;{spoilt[n % 8]};seg{n};"
        for n in range(200_000)
    ]
    return measures(*rows)


def wrong_everywhere() -> bytes:
    return measures(*(f"s{n};T9 {n};i{n};a{n};b{n};c{n};{n}=;=d{n}" for n in range(200_000)))


def noise(signature: bytes, seed: int = 7, size: int = 200_000) -> bytes:
    return signature + random.Random(seed).randbytes(size)


def quotes(seed: int) -> bytes:
    dice = random.Random(seed)
    text = "".join(dice.choices(['"', ";", "\n", "a", '""', '"\n', ';"'], k=400_000))
    return MEASURES.encode() + b"\n" + text.encode()


SIGNATURES: Final = {
    "zip": b"PK\x03\x04",
    "empty zip": b"PK\x05\x06",
    "compound": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "parquet": b"PAR1",
    "pdf": b"%PDF-1.7\n",
    "gzip": b"\x1f\x8b\x08",
    "utf-16": b"\xff\xfe",
    "utf-16-be": b"\xfe\xff",
    "utf-8 mark": b"\xef\xbb\xbf",
    "html": b"<html>",
    "xml": b"<?xml version='1.0'?>",
    "7z": b"7z\xbc\xaf\x27\x1c",
    "png": b"\x89PNG\r\n\x1a\n",
    "nothing": b"",
}

XLSX, ODS, PARQUET = "depot.xlsx", "depot.ods", "depot.parquet"
TOO_BIG: Final = "F02 F04 F05"
FILES: Final[dict[str, Hostile]] = {
    "a workbook of ten million rows": Hostile(many_rows, TOO_BIG, XLSX),
    "a workbook of a gigabyte of spaces": Hostile(spaces, TOO_BIG, XLSX),
    "a workbook of one text of a gigabyte": Hostile(one_text, TOO_BIG, XLSX),
    "a workbook that lies about its size": Hostile(liar, TOO_BIG, XLSX),
    "a workbook of seventy million shared texts": Hostile(shared_bomb, TOO_BIG, XLSX),
    "an open document of a million and a half rows": Hostile(ods_bomb, TOO_BIG, ODS),
    "archives in archives": Hostile(nested, "F02 F03 F04", XLSX),
    "ten thousand names for one text": Hostile(quoted_overlap, "F02 F04 F05", XLSX),
    "a bomb under another name": Hostile(spaces, TOO_BIG, "depot.csv"),
    "entities that multiply, in a workbook": Hostile(lambda: entities(LAUGHS), "F04 I07 C01 C03", XLSX),
    "entities that multiply, in an open document": Hostile(lambda: ods_entities(LAUGHS), "F04 I07 C01 C03", ODS),
    "an entity from outside, in a workbook": Hostile(lambda: entities(OUTSIDE), "F04 I07 C01 C03", XLSX),
    "an entity from outside, in an open document": Hostile(lambda: ods_entities(OUTSIDE), "F04 I07 C01 C03", ODS),
    "XML three million levels deep": Hostile(deep, "F01 F04 F05 H01", XLSX),
    "an open document three million levels deep": Hostile(deep_ods, "F01 F04 F05", ODS),
    "a lone cell in the farthest corner": Hostile(far_cell, "F05 R01 H07 R03 C01 F14", XLSX),
    "a sheet of a million columns": Hostile(wide_sheet, TOO_BIG, XLSX),
    "an open document of a thousand million columns": Hostile(lambda: repeated_ods(10**9, 1), TOO_BIG, ODS),
    "an open document of a thousand million rows": Hostile(lambda: repeated_ods(8, 10**9), TOO_BIG, ODS),
    "an open document of 10^18 cells": Hostile(lambda: repeated_ods(10**9, 10**9), TOO_BIG, ODS),
    "two thousand million spaces in an open document": Hostile(lambda: ods_spaces(2 * 10**9), TOO_BIG, ODS),
    "many times a million spaces": Hostile(lambda: ods_spaces(10**6, 3_000), TOO_BIG, ODS),
    "one long text in 200,000 cells of an open document": Hostile(
        lambda: ods_repeated_text(100_000, 1_900), TOO_BIG, ODS
    ),
    "forty sheets nearly empty of ten million cells": Hostile(lambda: sparse_ods(40), TOO_BIG, ODS),
    "a hundred thousand sheets of an open document": Hostile(lambda: many_ods_sheets(100_000), TOO_BIG, ODS),
    "a hundred thousand names for one sheet": Hostile(lambda: many_sheets(100_000), TOO_BIG, XLSX),
    "one long text shared by 40,000 cells": Hostile(lambda: shared_text(30_000, 40_000), TOO_BIG, XLSX),
    "shared texts under a name in other letters": Hostile(lambda: other_case(xlsx_of([HEADER, TYPED])), TOO_BIG, XLSX),
    "a gigabyte beside the cells": Hostile(lambda: with_large_part("xl/media/image1.png"), "", XLSX),
    "a gigabyte of metadata": Hostile(lambda: with_large_part("xl/metadata.xml"), "", XLSX),
    "a cell that says it is in no column": Hostile(lambda: references("ZZZZZZZZ2"), "F04 F05 C01 R01 I07", XLSX),
    "a cell that says it is in row 10^20": Hostile(lambda: references(f"A{10**20}"), "F04 F05 C01 I07", XLSX),
    "a cell whose place is no place": Hostile(lambda: references("?"), "F04 F05 C01 I07", XLSX),
    "members that would leave their folder": Hostile(outside_names, "", XLSX),
    "half of a Parquet file": Hostile(lambda: cut(0.5), "F04", PARQUET, isolated=False),
    "the first bytes of a Parquet file": Hostile(lambda: b"PAR1PAR1", "F04", PARQUET, isolated=False),
    "a Parquet file without its last bytes": Hostile(lambda: sound_parquet()[:-3], "F04", PARQUET, isolated=False),
    "a Parquet footer longer than the file": Hostile(lambda: lying_footer(2**31 - 1), "F04", PARQUET, isolated=False),
    "a Parquet footer of four gigabytes": Hostile(lambda: lying_footer(-1), "F04", PARQUET, isolated=False),
    "a Parquet footer of no byte": Hostile(lambda: lying_footer(0), "F04", PARQUET, isolated=False),
    "two hundred million cells of Parquet": Hostile(endless_parquet, TOO_BIG, PARQUET),
    "three gigabytes of texts in a small Parquet file": Hostile(
        lambda: packed_text_parquet(100_000, 1_000), TOO_BIG, PARQUET
    ),
    "lists of lists, a thousand deep, in Parquet": Hostile(lambda: nested_parquet(1_000), "*", PARQUET),
    "five thousand groups of one row in Parquet": Hostile(lambda: many_groups_parquet(5_000), "*", PARQUET),
    "twenty thousand columns of Parquet": Hostile(wide_parquet, TOO_BIG, PARQUET),
    **{
        f"Parquet with a false footer, {n}": Hostile(lambda n=n: flipped(n), "*", PARQUET, isolated=False)
        for n in range(12)
    },
    "two hundred million empty cells": Hostile(lambda: measures(SOUND) + b";;;;;;;\n" * 20_000_000, TOO_BIG),
    "twenty million lines of one letter": Hostile(lambda: measures(SOUND) + b"x\n" * 20_000_000, "F05 R02"),
    "ten million rows of one quoted cell": Hostile(lambda: measures(SOUND) + b'"x"\n' * 10_000_000, TOO_BIG),
    "a million columns of separators": Hostile(lambda: b";" * 10**6 + b"\n" + b"1;" * 10**6, "F02 F05 H01"),
    "a million columns of names": Hostile(
        lambda: ";".join([*HEADER, *(f"c{n}" for n in range(10**6))]).encode() + b"\n" + SOUND.encode(), "F02 F05"
    ),
    "one row of a million cells": Hostile(lambda: measures(SOUND, "x;" * 10**6, SOUND), "F02 F05 R01"),
    "a cell of 150 MiB": Hostile(lambda: measures(f"{SOUND}{'x' * (150 * MIB)}"), "C17 F05"),
    "a quoted cell of 100 MiB": Hostile(lambda: measures(f'{SOUND}"{"x;" * (50 * MIB)}"'), "C17 F05"),
    "a line of 150 MiB and nothing else": Hostile(lambda: b"x" * (150 * MIB), "H01 F05 F12 F02"),
    "bytes that are no UTF-8 in the middle of 60 MiB": Hostile(
        lambda: measures(*[SOUND + "élève"] * 400_000, "@", *[SOUND] * 400_000).replace(b"@", b"\xff\xfe\xfa"), "F06"
    ),
    "a lone surrogate in UTF-8": Hostile(lambda: measures(SOUND + "é@").replace(b"@", b"\xed\xa0\x80"), "F06"),
    "a lone surrogate in UTF-16": Hostile(
        lambda: b"\xff\xfe" + measures(SOUND).decode().encode("utf-16-le") + b"\x00\xd8;\x00", "F06"
    ),
    "an odd number of bytes in UTF-16": Hostile(
        lambda: b"\xff\xfe" + measures(SOUND).decode().encode("utf-16-le") + b"\x00", "F06"
    ),
    "a lone surrogate in a workbook": Hostile(
        lambda: book_with(title_row() + f'<row r="2">{inline("A2", "&#xD800;")}</row>'), "F04 I07 C01", XLSX
    ),
    "a NUL after 60 MiB": Hostile(lambda: measures(*[SOUND] * 1_000_000, "\0"), "F10"),
    "nothing but NULs": Hostile(lambda: bytes(50 * MIB), "F01 F10"),
    "a file over the limit": Hostile(lambda: b"x" * (201 * MIB), "F05"),
    "two hundred thousand findings": Hostile(many_findings, "C03"),
    "everything wrong in two hundred thousand rows": Hostile(wrong_everywhere, "I07"),
    "a million blank lines below": Hostile(lambda: measures(SOUND) + b"\n" * 10**6, "R04"),
    "a million blank lines above": Hostile(lambda: b"\n" * 10**6 + measures(SOUND), "H01 H02"),
    "a million blank lines between": Hostile(lambda: measures(SOUND) + b";;;;;;;\n" * 10**6 + SOUND.encode(), "R03"),
    "ten million line feeds": Hostile(lambda: b"\r\n" * 10**7, "F01"),
    "a hundred thousand headers": Hostile(lambda: measures(SOUND) + f"{MEASURES}\n".encode() * 100_000, "R06"),
    "a hundred thousand totals": Hostile(lambda: measures(SOUND) + b"TOTAL;;;1;2;;;\n" * 100_000, "R05"),
    "the same row three hundred thousand times": Hostile(lambda: measures(*[SOUND] * 300_000), "R07"),
    "a million quotes": Hostile(lambda: MEASURES.encode() + b"\n" + b'"' * 1_000_001, "F09 R02 C01"),
    "a quote that opens in each of 200,000 rows": Hostile(lambda: measures(*[SOUND + '"x'] * 200_001), "F09"),
    **{f"quotes anywhere, {n}": Hostile(lambda n=n: quotes(n), "*", isolated=False) for n in range(3)},
    **{
        f"noise behind the signature of {n}": Hostile(lambda s=s: noise(s), "*", isolated=False)
        for n, s in SIGNATURES.items()
    },
    **{
        f"noise behind the signature of {n}, named as a workbook": Hostile(
            lambda s=s: noise(s), "*", XLSX, isolated=False
        )
        for n, s in SIGNATURES.items()
    },
    "a name that climbs": Hostile(lambda: measures(SOUND), "", "../../etc/x.csv", isolated=False),
    "a name of Windows that climbs": Hostile(lambda: measures(SOUND), "", "..\\..\\boot.csv", isolated=False),
    "a name with a NUL": Hostile(lambda: measures(SOUND), "", "depot\0.csv", isolated=False),
    "a name with markup": Hostile(lambda: measures(SOUND), "", '<img src=x onerror="alert(1)">.csv', isolated=False),
    "no name": Hostile(lambda: measures(SOUND), "", "", isolated=False),
    "a very long name": Hostile(lambda: measures(SOUND), "", "n" * 100_000 + ".csv", isolated=False),
}
