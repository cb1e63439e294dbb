"""DuckDB as we use it: in memory, no extensions from outside, the same result on any number of threads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import duckdb

# a file is opened once or twice, so that to keep its bytes is of no use
_CONFIG: dict[str, Any] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_external_file_cache": "false",
}


@cache
def _shared() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config=_CONFIG)


def workspace() -> duckdb.DuckDBPyConnection:
    """Return a connection to the one in-memory database of this process.

    A database takes 13 ms to open, a connection none. What a connection makes must be temporary: then no other sees it,
    and it is gone when the connection is closed.
    """
    return _shared().cursor()


@contextmanager
def memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a workspace and close it."""
    connection = workspace()
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a read-only connection to a DuckDB file."""
    # no config of our own: DuckDB refuses a second connection to a file under another one
    connection = duckdb.connect(str(path), read_only=True)
    try:
        yield connection
    finally:
        connection.close()


@lru_cache(maxsize=1)
def _kept(path: Path, stamp: tuple[int, int, int]) -> duckdb.DuckDBPyConnection:
    own: dict[str, Any] = {"threads": 1, "enable_external_file_cache": "true"}
    connection = duckdb.connect(":memory:", config={**_CONFIG, **own})
    connection.execute("set global parquet_metadata_cache = true")
    connection.execute(f"attach '{quoted_path(path)}' as kept (read_only)")
    return connection


@contextmanager
def kept_open(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a read-only connection to a DuckDB file for queries that take little, of which one thread makes the best.

    The file stays open in this process until another one is asked for or it has changed, since to open it takes longer
    than such queries. It is attached to a database of its own: what is `opened` is always opened anew.
    """
    stat = path.stat()
    connection = _kept(path, (stat.st_ino, stat.st_size, stat.st_mtime_ns)).cursor()
    try:
        connection.execute("use kept")
        yield connection
    finally:
        connection.close()


def rows(relation: duckdb.DuckDBPyConnection | duckdb.DuckDBPyRelation) -> list[dict[str, Any]]:
    """Return the rows of a query as dictionaries, in its order."""
    names = [str(d[0]) for d in relation.description or ()]
    return [dict(zip(names, values, strict=True)) for values in relation.fetchall()]


def ask(connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[str | int] = ()) -> list[dict[str, Any]]:
    """Return the rows of a query whose `?` stand for values, as dictionaries.

    Values are written as literals, text with its quotes doubled: DuckDB's own binding imports pandas to look at the
    type of a value, which takes longer than all the rest of a read. `query` is ours and has no other `?`.
    """
    parts = query.split("?")
    if len(parts) != len(values) + 1:
        raise ValueError(f"{len(values)} values for {len(parts) - 1} places in {query!r}")
    literals = [str(int(value)) if isinstance(value, int) else literal(value) for value in values]
    text = parts[0] + "".join(value + part for value, part in zip(literals, parts[1:], strict=True))
    return rows(connection.execute(text))


def literal(text: str) -> str:
    """Return a text as SQL."""
    # a statement ends at a NUL, so that one is put in by its number
    return " || chr(0) || ".join("'" + part.replace("'", "''") + "'" for part in text.split("\0"))


def insert(connection: duckdb.DuckDBPyConnection, table: str, values: Sequence[Sequence[Any]]) -> None:
    """Insert rows into a table by position.

    One Arrow table instead of one statement a row: for small tables ten times faster than executemany.
    """
    if not values:
        return
    import pyarrow as pa

    columns = [pa.array(list(column)) for column in zip(*values, strict=True)]
    arrow = pa.table(columns, names=[f"c{i}" for i in range(len(columns))])
    connection.register("inserted_rows", arrow)
    connection.execute(f"insert into {table} select * from inserted_rows")
    connection.unregister("inserted_rows")


def copy_out(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """Write the result of a query to a Parquet file in the query's order."""
    connection.execute(f"copy ({query}) to '{quoted_path(path)}' (format parquet, compression zstd)")


def quoted_path(path: Path) -> str:
    """Return a path for use between single quotes in SQL."""
    return str(path).replace("'", "''")


def parquet(*paths: Path) -> str:
    """Return the SQL that reads Parquet files of the same columns, one after the other."""
    files = ", ".join(f"'{quoted_path(path)}'" for path in paths)
    return f"read_parquet([{files}])"
