"""Dagster's event log on SQLite, with its files kept open while a run writes to it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy import Connection, Engine, create_engine, event

_WAIT_SECONDS = 60
"""How long a write waits for another process that writes, the UI or the daemon."""


def _sync_when_folding(connection: sqlite3.Connection, _: object) -> None:
    """Wait for the disk when the journal is folded into the file, not at every event.

    The file stays whole whatever happens; a loss of power may take the last events with it, which a refresh makes anew.
    """
    connection.execute("pragma synchronous = normal")


@contextmanager
def kept_open(instance: dg.DagsterInstance) -> Iterator[None]:
    """Let every file of the event log be opened once, not once an event; nothing else about it changes.

    Dagster makes an engine and a connection for each event and each file it goes to. SQLite then folds its journal into
    the file each time and every statement is compiled anew: more than half of what an event costs. A log that is not
    on SQLite stays as it is.
    """
    log = instance.event_log_storage
    if not isinstance(log, SqliteEventLogStorage):
        yield
        return
    engines: dict[str, Engine] = {}

    @contextmanager
    def connect(shard: str) -> Iterator[Connection]:
        if shard not in engines:
            # the first connection is Dagster's own: it makes the tables of a new file
            with opened(shard):
                pass
            engines[shard] = create_engine(log.conn_string_for_shard(shard), connect_args={"timeout": _WAIT_SECONDS})
            event.listen(engines[shard], "connect", _sync_when_folding)
        with log._db_lock, engines[shard].begin() as connection:
            yield connection

    opened = log._connect
    log._connect = connect  # type: ignore[method-assign]
    try:
        yield
    finally:
        log._connect = opened  # type: ignore[method-assign]
        for engine in engines.values():
            engine.dispose()
