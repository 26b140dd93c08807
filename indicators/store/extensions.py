"""DuckDB extensions loaded from installed wheels, without any download at run time."""

import importlib.util
from pathlib import Path

import duckdb

from indicators.errors import StoreError
from indicators.runtime_tricks import Trick, is_on


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


def connect(*extensions: str) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB with some extensions loaded and all downloads disabled."""
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            # The wheels were checked against the hashes of the lock file at installation, like DuckDB itself:
            # verifying the signature of 71 MB again would take every command two tenths of a second.
            "allow_unsigned_extensions": is_on(Trick.SIGNATURES),
        }
    )
    for name in extensions:
        connection.load_extension(str(extension_path(name)))
    # After two seconds it would draw a bar on the standard output, in the middle of JSON or of the address of a server.
    connection.execute("set enable_progress_bar = false")
    # The footers of the lake's files never change: reading them once halves the time of a board.
    if is_on(Trick.FOOTERS):
        connection.execute("set parquet_metadata_cache = true")
    # Memory of a large query is returned to the system: a server that answered a few is 20 to 40 MB smaller.
    if is_on(Trick.FLUSH):
        connection.execute("set allocator_flush_threshold = '1MB'")
    return connection
