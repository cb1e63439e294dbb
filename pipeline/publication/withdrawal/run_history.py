"""What Dagster's event log keeps of an extract: checks and previews with values of its lines. Here it is forgotten.

Dagster can only forget a whole run through its own code, which domain code does not import. Its SQLite files are
opened as what they are. Runs stay in the list of runs, without their events.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from pipeline.store.places import Places

_SECONDS = 30
"""How long to wait for another process that writes, the UI or the daemon."""


class HistoryBusy(Exception):
    """Raised where another process does not let go of Dagster's event log; says what to do."""


def runs_about(places: Places, names: Sequence[str]) -> frozenset[str]:
    """Return the ids of the runs whose events name one of the extracts. Events outside of a run have names only."""
    found: set[str] = set()
    for path in _shards(places):
        with closing(_opened(path)) as db:
            for name in names:
                query = "select distinct run_id from event_logs where instr(event, ?) > 0 and run_id <> ''"
                found |= {str(row[0]) for row in db.execute(query, [name]).fetchall()}
    return frozenset(found)


def forget(places: Places, runs: Sequence[str]) -> None:
    """Remove the events, check results and last materialisations of some runs, and the space they took.

    Raises HistoryBusy. What was removed before stays removed: call it again.
    """
    folder = _folder(places)
    try:
        for run in runs:
            for path in (folder / f"{run}.db", folder / f"{run}.db-wal", folder / f"{run}.db-shm"):
                path.unlink(missing_ok=True)
            shutil.rmtree(places.dagster_home / "storage" / run, ignore_errors=True)
        if (folder / "index.db").is_file():
            with closing(_opened(folder / "index.db")) as db:
                for run in runs:
                    _forget(db, run)
                db.commit()
                db.execute("vacuum")
                db.execute("pragma wal_checkpoint(truncate)")
    except sqlite3.OperationalError as error:
        raise HistoryBusy(
            f"{folder / 'index.db'}: found it in use ({error}); expected to have it alone; "
            "stop `make dev` and give the same command again: it goes on where it stopped"
        ) from error


def _forget(db: sqlite3.Connection, run: str) -> None:
    tags = "delete from asset_event_tags where event_id in (select id from event_logs where run_id = ?)"
    last = "update asset_keys set last_materialization = null, last_run_id = null, cached_status_data = null "
    for statement in (
        tags,
        "delete from event_logs where run_id = ?",
        "delete from asset_check_executions where run_id = ?",
        f"{last} where last_run_id = ?",
    ):
        db.execute(statement, [run])


def _shards(places: Places) -> Iterator[Path]:
    """Yield the files of the event log: one for all runs' assets and checks, and one for each run."""
    yield from sorted(_folder(places).glob("*.db"))


def _folder(places: Places) -> Path:
    return places.dagster_home / "history" / "runs"


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_SECONDS)
