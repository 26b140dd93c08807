"""What the kernel keeps from a process that reads a stranger's file: memory, time, the network, other programs.

What it holds back, it holds back from compiled code too: a library taken over by the file it reads can neither call
out, nor start a program, nor use up the machine. Limits are POSIX's; the filter of system calls is Linux's (seccomp),
and elsewhere Python alone is held back.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

_CALLS: Final = {
    # socket, connect, execve, execveat, ptrace, io_uring_setup, kill: numbers of <asm/unistd.h>
    "x86_64": (0xC000003E, (41, 42, 59, 322, 101, 425, 62)),
    "aarch64": (0xC00000B7, (198, 203, 221, 281, 117, 425, 129)),
}
"""For each kind of processor, its name in a filter of system calls (`AUDIT_ARCH_…`) and the calls that are refused."""
_OTHER_NUMBERS: Final = 0x40000000
"""From here on calls have other numbers, those of the x32 programs of x86_64."""
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
"""Instructions of the filter (BPF): load a word, compare, return."""
_KILL, _REFUSE, _ALLOW = 0x80000000, 0x00050000 | 1, 0x7FFF0000
"""What becomes of a call: the process ends, the call fails (EPERM), it is made."""
_NUMBER, _PROCESSOR = 0, 4
"""Where a filter finds the number of a call and the kind of processor."""
_SET_SECCOMP, _FILTER, _NO_NEW_PRIVILEGES, _DIE_WITH_PARENT = 22, 2, 38, 1
"""Of prctl(2)."""
_REFUSED_EVENTS: Final = ("socket.connect", "socket.bind", "socket.__new__", "subprocess.Popen", "os.exec", "os.system")


@dataclass(frozen=True)
class Limits:
    """What reading one file may take: MiB of memory beyond the process at rest, seconds of processor and of waiting."""

    memory_mib: int = 1_536
    seconds: int = 20
    waiting_seconds: int = 120


def keep_to_itself() -> None:
    """Hold this process, and all threads that it will start, back from the network and from other programs.

    It ends with the process that made it, and before any other where memory is short.
    """
    if sys.platform == "linux":
        _prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    if not _filter_calls():
        sys.addaudithook(_refuse_in_python)


def keep_within(limits: Limits) -> None:
    """Hold this process within limits from now on; they cannot be raised again."""
    _limit("RLIMIT_DATA", _data_held() + limits.memory_mib * 2**20)
    # What is handed back is in memory too, and no process is charged for it.
    _limit("RLIMIT_FSIZE", limits.memory_mib * 2**20)
    _limit("RLIMIT_CPU", limits.seconds, limits.seconds + 1)
    # What a file says must not be left on a disk by a process that dies of it.
    _limit("RLIMIT_CORE", 0)


def _limit(name: str, value: int, hard: int | None = None) -> None:
    with suppress(ValueError, OSError):  # a lower one may be set already
        resource.setrlimit(getattr(resource, name), (value, hard or value))


def _data_held() -> int:
    """Return the bytes of memory that this process may write in."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()
    except OSError:
        return 0
    return int(pages[5]) * resource.getpagesize()


def _prctl(option: int, first: int = 0, second: ctypes.Array[ctypes.c_char] | None = None) -> bool:
    zero = ctypes.c_ulong(0)
    return bool(ctypes.CDLL(None).prctl(option, ctypes.c_ulong(first), second or zero, zero, zero) == 0)


def _filter_calls() -> bool:
    """Refuse system calls that reading a file never makes; return whether the kernel does so."""
    processor = _CALLS.get(platform.machine())
    if sys.platform != "linux" or processor is None:
        return False
    name, calls = processor
    last = len(calls) + 1
    steps = [
        (_LOAD, 0, 0, _PROCESSOR),
        (_EQUAL, 1, 0, name),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        # Jumps are counted from the next step to the refusal, which is the last.
        (_AT_LEAST, last, 0, _OTHER_NUMBERS),
        *((_EQUAL, last - 1 - place, 0, call) for place, call in enumerate(calls)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    described = ctypes.create_string_buffer(struct.pack("HP", len(steps), ctypes.addressof(program)))
    return _prctl(_NO_NEW_PRIVILEGES, 1) and _prctl(_SET_SECCOMP, _FILTER, described)


def _refuse_in_python(event: str, _: tuple[object, ...]) -> None:
    if event in _REFUSED_EVENTS:
        raise PermissionError(f"{event} is not for a reader of files")


def without_descriptors(*kept: int) -> None:
    """Close every file and connection of this process but some."""
    for start, end in _gaps(sorted(kept)):
        os.closerange(start, end)


def _gaps(kept: list[int]) -> list[tuple[int, int]]:
    """Return the ranges of descriptors between those that are kept."""
    bounds = [2, *kept, resource.getrlimit(resource.RLIMIT_NOFILE)[0]]
    return [(low + 1, high) for low, high in pairwise(bounds)]
