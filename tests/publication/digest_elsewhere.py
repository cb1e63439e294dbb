"""Build and publish a raw/ in a process of its own, and print what its release says of itself as one JSON document.

    python -m tests.publication.digest_elsewhere RAW WAREHOUSE [THREADS] [SEED]

THREADS is what DuckDB may use, SEED shuffles the order in which folders give their files. The interpreter may have
another DuckDB: whatever it is, the digests must be the same.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from pipeline.publication.build import Build
from pipeline.publication.content import content_of_file
from pipeline.publication.release import publish
from pipeline.store.places import Places


def use_threads(count: int) -> None:
    """Let every DuckDB that is opened from now on use so many threads."""
    connect = duckdb.connect

    def with_threads(*given: Any, **named: Any) -> duckdb.DuckDBPyConnection:
        connection = connect(*given, **named)
        connection.execute(f"set threads = {count}")
        return connection

    duckdb.connect = with_threads


def shuffle_folders(seed: int) -> None:
    """Let every folder give its files in another order."""
    iterdir = Path.iterdir

    def shuffled(folder: Path) -> Iterator[Path]:
        found = sorted(iterdir(folder))
        random.Random(seed).shuffle(found)
        return iter(found)

    Path.iterdir = shuffled  # type: ignore[method-assign]


def main(raw: str, warehouse: str, threads: str = "", seed: str = "") -> None:
    """Print {duckdb, root, tables} of the release that the raw/ given makes."""
    if threads:
        use_threads(int(threads))
    if seed:
        shuffle_folders(int(seed))
    release = publish(Build.of(Places.of(raw, warehouse))).release
    assert release is not None
    content = content_of_file(release.path)
    print(json.dumps({"duckdb": duckdb.__version__, "root": content.root, "tables": content.tables}))


if __name__ == "__main__":
    main(*sys.argv[1:])
