"""A stranger's file is read in a process of its own: what breaks that process is told of the file, and harms nobody."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from indicators.intake.readers import reader_server as servers
from indicators.intake.readers.child_process import read_file
from indicators.intake.readers.confinement import ReaderLimits
from indicators.intake.readers.detect import open_file
from indicators.intake.readers.reader_server import reader_server
from indicators.intake.readers.sheet import OpenedFile, UnreadableError
from indicators.intake.readers.table_reception import InvalidAnswerError, ReaderFailedError, read_answer
from indicators.intake.readers.table_transfer import write_failure, write_file_read
from indicators.intake.validate import Verdict
from indicators.network import Network
from tests.builders import examine, measure, measures
from tests.intake.hostile_files import (
    nested_parquet,
    packed_text_parquet,
    parquet,
    repeated_text_parquet,
)
from tests.intake.workbooks import ods, ods_row, ods_table, xlsx_of

ROOT = Path(__file__).parent.parent.parent
ROW = measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 33, 60)
SOUND = measures(ROW)
HEADER = ["structure", "periode", "indicateur", "numerateur", "denominateur", "valeur"]
TYPED: list[object] = ["atelier-ternoise", "2026-T1", "dynamic_exit_rate", 33, 60, 1.005]
HIDDEN = '<table:table-row table:visibility="collapse"><table:table-cell office:value-type="float" office:value="1"/>'
KINDS = {
    "CSV": ("a.csv", SOUND),
    "CSV of many widths": ("a.csv", measures(ROW, "a;b", ";;;;;;;;;", "", ROW)),
    "quoted CSV": ("a.csv", measures(ROW, '"x;y";"a\nb"')),
    "letters of Windows": ("a.csv", measures(ROW + "élève…").decode().encode("cp1252")),
    "workbook": ("a.xlsx", xlsx_of([HEADER, TYPED, [None, "=A1"]], c5="0.0%")),
    "workbook under another name": ("a.csv", xlsx_of([HEADER, TYPED])),
    "open document": ("a.ods", ods(ods_table(ods_row(*TYPED), HIDDEN + "</table:table-row>"), ods_table(name="vide"))),
    "Parquet": ("a.parquet", parquet(structure=["a", None], valeur=[1.005, 2.0])),
}


@cache
def endless() -> bytes:
    """Return a Parquet file of a few KiB that keeps its reader busy for hours."""
    return repeated_text_parquet(2**20, 1_000_000)


def read_apart(content: bytes, name: str = "a.parquet", **limits: int) -> str:
    """Read a file within limits; return what is told of it, as `F05 memory`, or nothing."""
    try:
        read_file(content, name, ReaderLimits(**limits))
    except UnreadableError as unreadable:
        return " ".join([unreadable.finding.code, str(unreadable.finding.values.get("of", ""))]).strip()
    return ""


def peak_mib() -> float:
    return int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))[0]) / 1024


def is_running(process: int) -> bool:
    """Whether a process has not ended: one that nobody has buried yet has."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def readers_at_work() -> list[int]:
    """Readers that have worked for a while: one that waits for a file has hardly begun."""
    server = reader_server()._process.pid
    readers = Path(f"/proc/{server}/task/{server}/children").read_text(encoding="ascii").split()
    return [int(reader) for reader in readers if worked_seconds(reader) > 0.3]


def worked_seconds(process: str) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def eventually_at_work(count: int = 1) -> list[int]:
    """Wait until that many readers are at work, and return them."""
    deadline = time.monotonic() + 30
    while len(readers_at_work()) < count and time.monotonic() < deadline:
        time.sleep(0.01)
    return readers_at_work()


def content_of(opened: OpenedFile) -> list[object]:
    """All that was read of a file, to be compared."""
    return [
        tuple(opened.findings),
        *(
            (sheet.cells.to_dict(as_series=False), sheet.rows.to_list(), sheet.widths.to_list())
            for sheet in opened.sheets
        ),
        *(
            (sheet.name, sheet.visible, sheet.formulas, tuple(sheet.merged), sheet.may_be_misread)
            for sheet in opened.sheets
        ),
        *(
            (sheet.number_texts, sheet.is_ragged, sheet.is_windows_text, tuple(sheet.findings))
            for sheet in opened.sheets
        ),
        *((sheet.hidden_rows, sheet.hidden_columns) for sheet in opened.sheets),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_read_in_a_process_of_its_own_is_what_it_would_be_here(kind: str) -> None:
    name, content = KINDS[kind]
    apart, here = read_file(content, name), open_file(content, name)
    assert content_of(apart) == content_of(here)
    assert [sheet.widths.dtype for sheet in apart.sheets] == [sheet.widths.dtype for sheet in here.sheets]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", measures('"never closed')], ids=["empty", "pdf", "quote"])
def test_why_a_file_cannot_be_read_comes_back_whole(content: bytes) -> None:
    with pytest.raises(UnreadableError) as here:
        open_file(content, "a.csv")
    with pytest.raises(UnreadableError) as apart:
        read_file(content, "a.csv")
    assert apart.value.finding == here.value.finding


def test_a_file_that_takes_too_much_memory_ends_its_reader_and_costs_us_nothing() -> None:
    content = packed_text_parquet(100_000, 100)  # three hundred megabytes
    assert read_apart(SOUND, "a.csv") == ""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = peak_mib()
    assert read_apart(content, memory_mib=100) == "F05 memory"
    assert peak_mib() - before < 20
    assert read_apart(SOUND, "a.csv") == ""


def test_a_file_that_breaks_its_reader_outright_is_told_so() -> None:
    assert read_apart(nested_parquet(1_000)) == "F05 memory"
    assert read_apart(SOUND, "a.csv") == ""


def test_a_file_that_takes_too_long_is_stopped_by_its_seconds_of_processor() -> None:
    assert read_apart(endless(), seconds=1) == "F05 seconds"


def test_a_file_that_takes_too_long_is_stopped_by_the_time_it_is_waited_for() -> None:
    assert read_apart(endless(), waiting_seconds=1) == "F05 seconds"


@contextmanager
def reading(*files: bytes) -> Iterator[list[Future[str]]]:
    """Read files meanwhile, each in a thread."""
    with ThreadPoolExecutor(len(files)) as threads:
        yield [threads.submit(read_apart, content) for content in files]


def test_a_reader_killed_in_the_middle_is_a_finding_and_the_next_file_is_read() -> None:
    with reading(endless()) as (future,):
        (reader,) = eventually_at_work()
        os.kill(reader, signal.SIGKILL)
        assert future.result(30) == "F05 memory"
    assert read_apart(SOUND, "a.csv") == ""


def test_two_files_are_read_at_once_and_the_death_of_one_reader_is_nothing_to_the_other() -> None:
    with reading(endless(), endless()) as both:
        first, second = eventually_at_work(2)
        os.kill(first, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while not any(future.done() for future in both) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert [future.done() for future in both].count(True) == 1
        assert second in readers_at_work()
        os.kill(second, signal.SIGKILL)
        assert {future.result(30) for future in both} == {"F05 memory"}


def test_the_process_that_readers_come_from_is_replaced_when_it_dies() -> None:
    assert read_apart(SOUND, "a.csv") == ""
    before = reader_server()._process.pid
    os.kill(before, signal.SIGKILL)
    assert read_apart(SOUND, "a.csv") == ""
    assert reader_server()._process.pid != before


def test_readers_end_with_the_process_that_they_come_from() -> None:
    with reading(endless()) as (future,):
        (reader,) = eventually_at_work()
        os.kill(reader_server()._process.pid, signal.SIGKILL)
        # Another is started, which reads the file anew.
        deadline = time.monotonic() + 30
        while is_running(reader) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not is_running(reader)
        os.kill(eventually_at_work()[0], signal.SIGKILL)
        assert future.result(30) == "F05 memory"


def test_nothing_runs_any_more_once_who_asked_has_ended() -> None:
    code = (
        "from indicators.intake.readers.child_process import read_file\n"
        "from indicators.intake.readers.reader_server import reader_server\n"
        "read_file(b'a;b\\n', 'a.csv'); print(reader_server()._process.pid)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    deadline = time.monotonic() + 10
    while is_running(int(done.stdout)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_running(int(done.stdout))


def test_the_process_that_readers_come_from_knows_neither_the_pages_nor_the_store_nor_any_setting() -> None:
    read_apart(SOUND, "a.csv")
    server = Path(f"/proc/{reader_server()._process.pid}")
    held = (server / "maps").read_text()
    assert "polars" in held
    assert not re.search(r"duckdb|numpy|pyarrow|streamlit", held)
    assert b"PILOTAGE" not in (server / "environ").read_bytes()
    # Forking is sound where no thread of polars has started.
    threads = [(task / "comm").read_text().strip() for task in (server / "task").iterdir()]
    assert not [name for name in threads if re.match(r"polars-\d|tokio|jemalloc", name)]


ATTEMPTS = """
import ctypes, json, os, resource, socket, subprocess, sys
from indicators.intake.readers.confinement import ReaderLimits, confine_process, apply_limits
listener = socket.socket(); listener.bind(("127.0.0.1", 0)); listener.listen()
address = listener.getsockname(); libc = ctypes.CDLL(None, use_errno=True)
confine_process(); apply_limits(ReaderLimits(memory_mib=200))
held = {}
def attempt(name, action):
    try: action()
    except (OSError, MemoryError, ValueError) as refused: held[name] = type(refused).__name__
attempt("a connection", lambda: socket.create_connection(address))
attempt("a name looked up", lambda: socket.getaddrinfo("example.org", 80))
attempt("a program", lambda: subprocess.run(["/bin/true"]))
attempt("a signal", lambda: os.kill(os.getppid(), 0))
attempt("memory", lambda: bytearray(300 * 2**20))
attempt("more memory", lambda: resource.setrlimit(resource.RLIMIT_CPU, (10**6, 10**6)) if os.getuid() else 1 / 1)
if libc.socket(2, 1, 0) < 0: held["compiled code"] = os.strerror(ctypes.get_errno())
print(json.dumps(held))
"""


def test_a_reader_has_no_network_starts_no_program_and_takes_no_more_memory_than_it_may() -> None:
    command = [sys.executable, "-c", ATTEMPTS]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    for attempt in ("a connection", "a name looked up", "a program", "a signal", "memory", "compiled code"):
        assert attempt in done.stdout, done.stdout


def test_where_the_kernel_filters_no_calls_python_is_held_back_all_the_same() -> None:
    code = ATTEMPTS.replace("confine_process()", "confinement._CALLS.clear(); confine_process()")
    command = [sys.executable, "-c", f"from indicators.intake.readers import confinement\n{code}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    for attempt in ("a connection", "a program", "memory"):
        assert attempt in done.stdout, done.stdout


def test_where_the_kernel_filters_no_calls_files_are_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    current = servers._CurrentServer()
    monkeypatch.setattr(servers, "READER_MODULE", "tests.intake.reader_without_filter")
    monkeypatch.setattr(servers, "_CURRENT", current)
    try:
        for name, content in KINDS.values():
            assert content_of(read_file(content, name)) == content_of(open_file(content, name))
        assert read_apart(packed_text_parquet(100_000, 100), memory_mib=100) == "F05 memory"
    finally:
        current.end(current.running())


def test_a_reader_that_fails_otherwise_than_by_a_limit_is_a_failure_of_ours_and_not_the_files() -> None:
    with pytest.raises(ReaderFailedError, match="code 1"):
        read_file(SOUND, "a.csv", ReaderLimits(memory_mib=None))  # type: ignore[arg-type]
    assert read_apart(SOUND, "a.csv") == ""


def test_a_file_that_reads_into_more_than_may_be_handed_over_is_too_large() -> None:
    assert read_apart(measures(*["é" * 900] * 5_000), "a.csv", memory_mib=2) == "F05 memory"


def handed(content: bytes) -> int:
    descriptor = os.memfd_create("handed")
    os.write(descriptor, content)
    return descriptor


def answer(text: bytes, before: bytes = b"") -> bytes:
    return before + text + len(text).to_bytes(8, "little")


def stream(table: object, end: bytes = b"") -> bytes:
    """A table as an Arrow stream, and the JSON that announces it."""
    content = io.BytesIO()
    if isinstance(table, pl.DataFrame):
        table.write_ipc_stream(content)
    else:
        with pa.ipc.new_stream(content, table.schema) as writer:  # type: ignore[attr-defined]
            writer.write_batch(table)
    notes = (
        b'{"sheets":[{"start":0,"name":null,"width":1,"ragged":false,"visible":true,"formulas":[],"merged":[],'
        b'"suspect":true,"typed":[],"hidden_rows":[],"hidden_columns":[],"windows":false,"told":[]}],"told":[]}'
    )
    return answer(notes, content.getvalue() + end)


BAD_LETTERS = pa.record_batch([pa.array([b"\xff\xfe\xfa"], pa.binary()).view(pa.string())], names=["0"])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x04\x95\x00pickle",
        answer(b"nothing"),
        answer(b"{}")[:-8] + (2**62).to_bytes(8, "little"),
        answer(b'{"unreadable":{"code":"Z99","severity":"blocking"}}'),
        answer(b'{"unreadable":{"code":"F05","severity":"info"}}'),
        answer(b'{"sheets":[{"start":-1}],"told":[]}'),
        stream(pl.DataFrame({"1": ["a"]})),
        stream(pl.DataFrame({"0": [1]})),
        stream(pl.DataFrame({"0": [["a"]]})),
        stream(BAD_LETTERS),
        stream(pl.DataFrame({"0": ["a" * 100]}))[50:],
    ],
    ids=range(12),
)
def test_what_a_reader_hands_over_that_is_no_file_read_is_not_taken(content: bytes) -> None:
    with pytest.raises(InvalidAnswerError):
        read_answer(handed(content))


def test_a_table_handed_over_with_flipped_bytes_is_taken_as_texts_or_not_at_all() -> None:
    sound = stream(pl.DataFrame({"0": ["short", "a text that stands apart from the others", None] * 20}))
    head = len(sound) - 400
    for place in range(0, head, 3):
        spoilt = bytearray(sound)
        spoilt[place] ^= 0xFF
        try:
            taken = read_answer(handed(bytes(spoilt)))
        except InvalidAnswerError:
            continue
        for text in taken.sheets[0].cells["0"]:
            assert text is None or isinstance(text.encode(), bytes)


def test_a_failure_of_ours_is_never_told_of_the_file() -> None:
    descriptor = os.memfd_create("failed")
    write_failure(descriptor, "TypeError at file.py:1")
    with pytest.raises(ReaderFailedError, match=r"file\.py:1"):
        read_answer(descriptor)


def test_a_file_read_is_handed_over_and_taken_over_as_it_was() -> None:
    descriptor = os.memfd_create("sound")
    opened = open_file(*reversed(KINDS["open document"]))
    write_file_read(descriptor, opened)
    assert content_of(read_answer(descriptor)) == content_of(opened)


def test_an_examination_tells_that_a_file_broke_its_reader(directory: Network) -> None:
    found = examine(directory, nested_parquet(1_000), "depot.parquet")
    assert (found.verdict, [finding.code for finding in found.findings]) == (Verdict.REFUSED, ["F05"])
