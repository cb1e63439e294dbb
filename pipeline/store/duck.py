"""DuckDB as we use it: in memory, no extensions from outside, the same result on any number of threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

_CONFIG: dict[str, Any] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


@contextmanager
def memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a DuckDB connection that keeps everything in memory."""
    connection = duckdb.connect(":memory:", config=_CONFIG)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a read-only connection to a DuckDB file."""
    connection = duckdb.connect(str(path), read_only=True, config=_CONFIG)
    try:
        yield connection
    finally:
        connection.close()


def rows(relation: duckdb.DuckDBPyConnection | duckdb.DuckDBPyRelation) -> list[dict[str, Any]]:
    """Return the rows of a query as dictionaries, in its order."""
    names = [str(d[0]) for d in relation.description or ()]
    return [dict(zip(names, values, strict=True)) for values in relation.fetchall()]


def copy_out(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """Write the result of a query to a Parquet file in the query's order."""
    connection.execute(f"copy ({query}) to '{quoted_path(path)}' (format parquet, compression zstd)")


def quoted_path(path: Path) -> str:
    """Return a path for use between single quotes in SQL."""
    return str(path).replace("'", "''")


def parquet(path: Path) -> str:
    """Return the SQL that reads a Parquet file."""
    return f"read_parquet('{quoted_path(path)}')"
