"""DuckDB's extensions, taken from installed wheels: nothing is downloaded at run time."""

import importlib.util
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Final

import duckdb

from indicators.errors import StoreError

EMBEDDED: Final = ("ducklake", "sqlite_scanner")
"""Extensions of a store on one machine."""

_prepared: dict[tuple[str, ...], Future[duckdb.DuckDBPyConnection]] = {}


def extension_path(name: str) -> Path:
    """Return the file of an extension built for the installed DuckDB; a `StoreError` names the missing wheel."""
    module = f"duckdb_extension_{name}"
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise StoreError(f"DuckDB extension {name} is not installed (wheel {module.replace('_', '-')})")
    path = Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    if not path.is_file():
        raise StoreError(f"DuckDB extension {name} is not built for DuckDB {duckdb.__version__}: {path}")
    return path


def prepare(*extensions: str) -> None:
    """Begin to open a connection with those extensions in a thread; the first `connect` that asks for them gets it."""
    ready: Future[duckdb.DuckDBPyConnection] = Future()
    _prepared[extensions] = ready

    def open_it() -> None:
        try:
            ready.set_result(_opened(extensions))
        except (duckdb.Error, StoreError) as failure:
            ready.set_exception(failure)

    threading.Thread(target=open_it, daemon=True).start()


def connect(*extensions: str) -> duckdb.DuckDBPyConnection:
    """Open DuckDB in memory with those extensions loaded and every download switched off."""
    ready = _prepared.pop(extensions, None)
    return _opened(extensions) if ready is None else ready.result()


def _opened(extensions: tuple[str, ...]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    for name in extensions:
        # By a statement, which lets other threads run meanwhile: `load_extension` does not.
        connection.execute(f"load '{str(extension_path(name)).replace(chr(39), 2 * chr(39))}'")
    # The footers of the lake's files never change: reading them once halves the time of a board.
    connection.execute("set parquet_metadata_cache = true")
    return connection
