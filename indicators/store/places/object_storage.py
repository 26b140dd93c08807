"""Data files in a bucket of an S3 server."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import urlsplit

import duckdb

from indicators.errors import StoreError
from indicators.store.places.sql_text import sql_literal
from indicators.store.tables import is_data_file

S3_PREFIX: Final = "s3://"
HTTP_TIMEOUT_S: Final = 10
"""Seconds to wait for an object storage, at each try."""
HTTP_RETRIES: Final = 2
UNREACHABLE_SIGNS: Final = ("Could not connect", "imeout", "imed out", "HTTP 5", "onnection")
"""Parts of DuckDB's messages for an object storage that does not answer or reports a server error."""


@dataclass(frozen=True)
class ObjectStorage:
    """Data files in a bucket of an S3 server, with the credentials of the environment, which no message names."""

    root: str
    endpoint: str
    region: str
    key: str
    secret: str = field(repr=False)
    token: str = field(repr=False, default="")

    extensions: Sequence[str] = ("httpfs",)

    @classmethod
    def from_environment(cls, root: str) -> Self:
        """Read credentials and server from the usual `AWS_` variables; a `StoreError` if credentials are missing."""
        credentials = {name: os.environ.get(f"AWS_{name}", "") for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")}
        if missing := [f"AWS_{name}" for name, value in credentials.items() if not value]:
            raise StoreError(f"a store whose data are at {root} needs {' and '.join(missing)} in the environment")
        return cls(
            root.rstrip("/") + "/",
            os.environ.get("AWS_ENDPOINT_URL", ""),
            os.environ.get("AWS_REGION", "us-east-1"),
            credentials["ACCESS_KEY_ID"],
            credentials["SECRET_ACCESS_KEY"],
            os.environ.get("AWS_SESSION_TOKEN", ""),
        )

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Set DuckDB's credentials, for this process only, and its timeouts."""
        secrets = {"key_id": self.key, "secret": self.secret, "region": self.region, "session_token": self.token}
        options = [f"{name} {sql_literal(value)}" for name, value in secrets.items() if value]
        if self.endpoint:
            server = urlsplit(self.endpoint)
            path = server.netloc + server.path.rstrip("/")
            options += [f"endpoint {sql_literal(path)}", "url_style 'path'", f"use_ssl {server.scheme == 'https'}"]
        connection.execute(f"create or replace secret object_storage (type s3, {', '.join(options)})")
        connection.execute(f"set http_timeout = {HTTP_TIMEOUT_S}")
        connection.execute(f"set http_retries = {HTTP_RETRIES}")

    def has_files(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether there is any object."""
        return bool(connection.execute(f"from glob({sql_literal(f'{self.root}**')}) limit 1").fetchall())

    def enclosing_store(self, connection: duckdb.DuckDBPyConnection) -> str | None:
        """Return the parent prefix under which a store keeps its data files, if these credentials can find one."""
        names = self.root.removeprefix(S3_PREFIX).strip("/").split("/")
        for length in range(1, len(names)):
            prefix = S3_PREFIX + "/".join(names[:length]) + "/"
            try:
                paths = connection.execute(f"from glob({sql_literal(f'{prefix}main/**')})").fetchall()
            except duckdb.HTTPException:
                # Credentials limited to a part of a bucket cannot look above it.
                continue
            if any(is_data_file(str(path), prefix) for (path,) in paths):
                return prefix
        return None

    def names_lost_file(self, failure: str) -> bool:
        """Whether an object is missing; a bucket that is missing is something else."""
        return "HTTP 404" in failure and "NoSuchBucket" not in failure

    def explain(self, failure: str) -> str:
        """Return a plain message for a server that refuses or does not answer, without credentials."""
        for name in (self.secret, self.token, self.key):
            failure = failure.replace(name, "…") if name else failure
        server = self.endpoint or "S3"
        if "HTTP 401" in failure or "HTTP 403" in failure:
            return f"{server} refuses these credentials, or what they ask of {self.root}"
        if "HTTP 404" in failure and not self.names_lost_file(failure):
            return f"{server} has no such bucket: {self.root}"
        if "HTTP" in failure and any(sign in failure for sign in UNREACHABLE_SIGNS):
            return f"{server} does not answer in time ({self.root})"
        return failure
