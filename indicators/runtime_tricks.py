"""Tricks of the runtime: each makes the same answers cost less, has a measured gain and can be turned off.

`PILOTAGE_TRICKS_OFF=imports,gc` turns some of them off. What each one gains, and how it was measured:
docs/decisions/2026-11-29-tricks-in-one-drawer.md. This module is quick to import: a start reads it before all others.
"""

import ctypes
import gc
import os
import sys
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final


class Trick(StrEnum):
    """What can be turned off without changing an answer, by its name in `PILOTAGE_TRICKS_OFF`."""

    IMPORTS = "imports"
    """Packages that are installed for others are hidden from those that would import them unused."""
    GC = "gc"
    """No garbage is looked for in what the start has made, nor forcibly after each run of a page."""
    ALLOCATOR = "allocator"
    """polars returns the memory of a large file to the system at once."""
    ARENAS = "arenas"
    """The C library keeps the memory of all threads of a server in two arenas, not in eight for each core."""
    FOOTERS = "footers"
    """DuckDB keeps the footers of the lake's files, which never change."""
    FLUSH = "flush"
    """DuckDB returns the memory of a large query to the system."""
    THEME = "theme"
    """Streamlit reads the theme of pages from its settings one time, not for each run of a page."""
    SIGNATURES = "signatures"
    """DuckDB's extensions, checked when they are installed, are not verified again at each start."""


TRICKS_OFF_VARIABLE: Final = "PILOTAGE_TRICKS_OFF"
"""Environment variable that names the tricks to do without, separated by commas."""
HIDDEN_MODULES: Final = frozenset({"hypothesis"})
"""Modules that nothing of the product needs."""
HIDDEN_WITHOUT_PAGES: Final = HIDDEN_MODULES | {"numpy"}
"""Modules that a command without pages does not need either: only the statistics of pages use numpy."""
PANDAS: Final = "pandas"
NOT_GIVEN_PANDAS: Final = frozenset({"pandera", "indicators", "schemas"})
"""Packages that pandas is hidden from: pandera would import it at once, DuckDB for each value that ours bind."""


ALLOCATOR_VARIABLE: Final = "_RJEM_MALLOC_CONF"
ALLOCATOR_SETTING: Final = "dirty_decay_ms:20,muzzy_decay_ms:0,narenas:2"
ARENAS_VARIABLE: Final = "MALLOC_ARENA_MAX"
MAX_ARENAS: Final = 2
M_ARENA_MAX: Final = -8
"""Of glibc's `mallopt`: the parameter that bounds its arenas (malloc.h)."""
POLARS_SETTING: Final = "dirty_decay_ms:500,muzzy_decay_ms:1000"
"""What polars writes before the setting that it finds, in the environment of every process that it starts."""


def parse_tricks(text: str) -> frozenset[Trick]:
    """Parse names of tricks separated by commas; a `ValueError` names one that there is not."""
    try:
        return frozenset(Trick(name.strip()) for name in text.split(",") if name.strip())
    except ValueError as unknown:
        raise ValueError(f"{unknown}: the tricks are {', '.join(Trick)}") from None


def is_on(trick: Trick, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a trick is used; a name that there is not turns nothing off here (`Settings` refuses it)."""
    return trick not in map(str.strip, environment.get(TRICKS_OFF_VARIABLE, "").split(","))


class HiddenModules:
    """Meta path finder that reports modules as not installed: some to everybody, pandas to those who only probe for it.

    Streamlit's own elements (`st.dataframe`, `st.bar_chart`) find pandas when one is drawn, and import it then.
    """

    def __init__(self, names: Iterable[str]) -> None:
        """Hide the modules of these names from everybody."""
        self._names = frozenset(names)

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:  # noqa: ARG002 - what Python calls
        """Raise `ModuleNotFoundError` for a hidden module; leave all others to the next finder."""
        if name in self._names or (name == PANDAS and _importing_package() in NOT_GIVEN_PANDAS):
            # pandera checks for this exact message.
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def _importing_package() -> str:
    """Return the package whose code imports right now; an extension module imports for the code that calls it."""
    frame = sys._getframe(2)  # noqa: SLF001 - the way to know who asks
    while frame.f_back and frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


def hide_modules(names: Iterable[str]) -> None:
    """Hide modules from everybody, and pandas from those who only probe for it, from now on."""
    sys.meta_path.insert(0, HiddenModules(names))


def prepare_imports(*, pages: bool) -> None:
    """Prepare a process, with or without pages, before it imports polars and whatever imports that.

    polars' allocator (jemalloc) is made to return freed memory within 20 ms, in two arenas: a large file is in memory
    once, not twice. It reads its setting when polars is imported; the operator's own takes precedence.

    The threads of a server share two arenas of the C library: what each frees in its own is of no use to the others.
    """
    if is_on(Trick.ALLOCATOR):
        os.environ[ALLOCATOR_VARIABLE] = _operator_setting(os.environ) or ALLOCATOR_SETTING
    if pages and is_on(Trick.ARENAS):
        limit_arenas()
    if is_on(Trick.IMPORTS):
        hide_modules(HIDDEN_MODULES if pages else HIDDEN_WITHOUT_PAGES)


def limit_arenas() -> None:
    """Bound the arenas of the C library's allocator (glibc's), unless the operator does, or it is another library's."""
    c_library = ctypes.CDLL(None)
    if ARENAS_VARIABLE not in os.environ and hasattr(c_library, "mallopt"):
        c_library.mallopt(M_ARENA_MAX, MAX_ARENAS)


def _operator_setting(environment: Mapping[str, str]) -> str:
    """Return the operator's own setting of the allocator, if any: a parent that imported polars leaves its defaults."""
    return environment.get(ALLOCATOR_VARIABLE, "").removeprefix(POLARS_SETTING).lstrip(",")


def pause_gc() -> None:
    """Look for no garbage while modules are imported: what they define never becomes garbage."""
    if is_on(Trick.GC):
        gc.disable()


def freeze_live_objects(*, collect: bool = False) -> None:
    """Move live objects to the permanent GC generation (`gc.freeze`), and look for garbage from now on.

    `collect` looks for garbage before, so that none is kept for good.
    """
    if is_on(Trick.GC):
        if collect:
            gc.collect()
        gc.freeze()
    gc.enable()
