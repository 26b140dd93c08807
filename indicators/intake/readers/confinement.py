"""Sandbox of a process that reads an untrusted file: limits on memory and time, no network, no other programs.

The kernel enforces it on native code too: a library compromised by the file it reads can neither connect, nor start
a program, nor exhaust the machine. Limits are POSIX resource limits; the system call filter is Linux's (seccomp), and
elsewhere an audit hook restricts Python alone.
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
"""For each processor architecture, its id in a system call filter (`AUDIT_ARCH_…`) and the refused calls."""
_OTHER_NUMBERS: Final = 0x40000000
"""First system call number of x32 programs on x86_64."""
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
"""Instructions of the filter (BPF): load a word, compare, return."""
_KILL, _REFUSE, _ALLOW = 0x80000000, 0x00050000 | 1, 0x7FFF0000
"""Decision on a call: kill the process, fail with EPERM, allow."""
_NUMBER, _PROCESSOR = 0, 4
"""Offsets of the call number and of the architecture in the filter's data."""
_SET_SECCOMP, _FILTER, _NO_NEW_PRIVILEGES, _DIE_WITH_PARENT = 22, 2, 38, 1
"""Of prctl(2)."""
_REFUSED_EVENTS: Final = ("socket.connect", "socket.bind", "socket.__new__", "subprocess.Popen", "os.exec", "os.system")


@dataclass(frozen=True)
class ReaderLimits:
    """Limits on reading one file: MiB of memory beyond the idle process, seconds of processor and of waiting."""

    memory_mib: int = 1_536
    seconds: int = 20
    waiting_seconds: int = 120


def confine_process() -> None:
    """Deny this process and its future threads the network and other programs.

    It ends with its parent, and is the first to be killed where memory is short.
    """
    if sys.platform == "linux":
        _prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    if not _install_syscall_filter():
        sys.addaudithook(_refuse_python_event)


def apply_limits(limits: ReaderLimits) -> None:
    """Apply limits to this process; they cannot be raised again."""
    _set_limit("RLIMIT_DATA", _data_bytes() + limits.memory_mib * 2**20)
    # The answer is in memory too, and is not charged to any process.
    _set_limit("RLIMIT_FSIZE", limits.memory_mib * 2**20)
    _set_limit("RLIMIT_CPU", limits.seconds, limits.seconds + 1)
    # No core dump: the content of a file must not be left on disk by a crash.
    _set_limit("RLIMIT_CORE", 0)


def _set_limit(name: str, value: int, hard: int | None = None) -> None:
    with suppress(ValueError, OSError):  # a lower one may be set already
        resource.setrlimit(getattr(resource, name), (value, hard or value))


def _data_bytes() -> int:
    """Return the bytes of this process's data segment."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()
    except OSError:
        return 0
    return int(pages[5]) * resource.getpagesize()


def _prctl(option: int, first: int = 0, second: ctypes.Array[ctypes.c_char] | None = None) -> bool:
    zero = ctypes.c_ulong(0)
    return bool(ctypes.CDLL(None).prctl(option, ctypes.c_ulong(first), second or zero, zero, zero) == 0)


def _install_syscall_filter() -> bool:
    """Refuse system calls that reading a file never makes; return whether the kernel supports the filter."""
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
        # Jumps are counted from the next step to the refusal, the last step.
        (_AT_LEAST, last, 0, _OTHER_NUMBERS),
        *((_EQUAL, last - 1 - place, 0, call) for place, call in enumerate(calls)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    description = ctypes.create_string_buffer(struct.pack("HP", len(steps), ctypes.addressof(program)))
    return _prctl(_NO_NEW_PRIVILEGES, 1) and _prctl(_SET_SECCOMP, _FILTER, description)


def _refuse_python_event(event: str, _: tuple[object, ...]) -> None:
    if event in _REFUSED_EVENTS:
        raise PermissionError(f"{event} is not for a reader of files")


def close_other_descriptors(*kept: int) -> None:
    """Close every descriptor of this process but the standard ones and those kept."""
    for start, end in _gaps(sorted(kept)):
        os.closerange(start, end)


def _gaps(kept: list[int]) -> list[tuple[int, int]]:
    """Return the ranges of descriptors between those that are kept."""
    bounds = [2, *kept, resource.getrlimit(resource.RLIMIT_NOFILE)[0]]
    return [(low + 1, high) for low, high in pairwise(bounds)]
