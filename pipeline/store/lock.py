"""One refresh at a time, by a lock on a file that the system releases when a process ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_held: dict[Path, int] = {}


class Busy(Exception):
    """Raised where another process is refreshing this warehouse."""


@contextmanager
def refresh_lock(path: Path) -> Iterator[None]:
    """Hold the refresh lock; a process that holds it already may take it again.

    Raises Busy where another process has it.
    """
    if path in _held:
        _held[path] += 1
        try:
            yield
        finally:
            _held[path] -= 1
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise Busy(
                f"another refresh is at work on {path.parent} (process {holder}); wait until it ends and try again"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        _held[path] = 1
        try:
            yield
        finally:
            del _held[path]
