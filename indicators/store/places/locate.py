"""From the address of a store to its location."""

from pathlib import Path

from indicators.errors import StoreError
from indicators.store.places.embedded_store import EmbeddedStore
from indicators.store.places.local_files import LocalFiles
from indicators.store.places.location import StoreLocation
from indicators.store.places.object_storage import S3_PREFIX, ObjectStorage
from indicators.store.places.postgres_store import POSTGRES_PREFIX, PostgresStore


def locate_store(address: str, data: str | None) -> StoreLocation:
    """Return the location of a store from its address; a `StoreError` if the folder of the data files is not given."""
    if not address.startswith(POSTGRES_PREFIX):
        return EmbeddedStore(Path(address).resolve())
    if data is None:
        raise StoreError("a store on PostgreSQL needs PILOTAGE_DATA, the folder of its Parquet files")
    return PostgresStore(
        address.removeprefix(POSTGRES_PREFIX),
        ObjectStorage.from_environment(data) if data.startswith(S3_PREFIX) else LocalFiles(data),
    )
