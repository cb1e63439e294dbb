"""Releases as files: which there are, which is in force, the log of all that ever were.

What a release contains is publication's business; here it is a numbered file and a line in a chain.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.store.duck import opened
from pipeline.store.files import sync
from pipeline.store.places import Places

_NAME = re.compile(r"([0-9]{5})-([0-9a-f]{12})\.duckdb")


@dataclass(frozen=True)
class ReleaseFile:
    """One release on disk: its number, the first digits of its digest, where it lies."""

    number: int
    digest: str
    path: Path


def release_path(places: Places, number: int, digest: str) -> Path:
    """Return where a release lies."""
    return places.releases / f"{number:05d}-{digest[:12]}.duckdb"


def release_files(places: Places) -> list[ReleaseFile]:
    """Return the releases on disk, oldest first."""
    if not places.releases.is_dir():
        return []
    found = [(p, _NAME.fullmatch(p.name)) for p in places.releases.iterdir()]
    return sorted((ReleaseFile(int(m[1]), m[2], p) for p, m in found if m is not None), key=lambda r: r.number)


def current_release(places: Places) -> ReleaseFile | None:
    """Return the release in force: the one that the published link shares its bytes with, else none.

    Readers open the numbered file, not the link: DuckDB caches databases by path, so a process that once held the
    link would get the old release again.
    """
    if not places.published.exists():
        return None
    published = places.published.stat()
    for release in reversed(release_files(places)):
        stat = release.path.stat()
        if (stat.st_ino, stat.st_dev) == (published.st_ino, published.st_dev):
            return release
    return None


def point_to(places: Places, release: ReleaseFile) -> None:
    """Make a release the one in force, in one step that no reader sees half of."""
    temporary = places.published.with_suffix(".duckdb.part")
    temporary.unlink(missing_ok=True)
    temporary.hardlink_to(release.path)
    temporary.replace(places.published)
    sync(places.warehouse)


def listed_files(release: ReleaseFile | None) -> frozenset[str]:
    """Return the store files that a release lists, relative to the warehouse; none of none."""
    if release is None:
        return frozenset()
    with opened(release.path) as db:
        return frozenset(row[0] for row in db.execute("select path from store_file").fetchall())


def read_log(places: Places) -> list[dict[str, Any]]:
    """Return the lines of the release log, oldest first."""
    if not places.release_log.exists():
        return []
    return [entry for line in _log_lines(places) if (entry := _parsed(line)) is not None]


def append_log(places: Places, entry: dict[str, Any]) -> None:
    """Append one line to the release log, carrying the hash of the line before."""
    lines = _log_lines(places)
    entry = {**entry, "previous": _hash(lines[-1]) if lines else None}
    torn = bool(lines) and not places.release_log.read_bytes().endswith(b"\n")
    with places.release_log.open("a", encoding="ascii", newline="\n") as file:
        # a line that a power loss cut short is closed, never continued; broken_links will name it
        file.write(("\n" if torn else "") + json.dumps(entry, sort_keys=True, ensure_ascii=True) + "\n")
        file.flush()
    sync(places.release_log)


def broken_links(places: Places) -> list[int]:
    """Return the numbers (from 1) of log lines that are no entry or whose `previous` is not the line before's hash."""
    lines = _log_lines(places)
    expected = [None, *(_hash(line) for line in lines)]
    entries = [_parsed(line) for line in lines]
    return [
        i for i, (e, hashed) in enumerate(zip(entries, expected, strict=False), 1) if not e or e["previous"] != hashed
    ]


def _log_lines(places: Places) -> list[bytes]:
    if not places.release_log.exists():
        return []
    return [line for line in places.release_log.read_bytes().split(b"\n") if line]


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _parsed(line: bytes) -> dict[str, Any] | None:
    """Return a log entry, or None where the line is no entry."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and "previous" in entry else None
