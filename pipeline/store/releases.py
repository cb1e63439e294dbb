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


def read_log(places: Places) -> list[dict[str, Any]]:
    """Return the lines of the release log, oldest first."""
    if not places.release_log.exists():
        return []
    return [json.loads(line) for line in places.release_log.read_text("utf-8").splitlines() if line]


def append_log(places: Places, entry: dict[str, Any]) -> None:
    """Append one line to the release log, carrying the hash of the line before."""
    text = places.release_log.read_text("utf-8") if places.release_log.exists() else ""
    previous = text.splitlines()[-1] if text else ""
    entry = {**entry, "previous": hashlib.sha256(previous.encode()).hexdigest() if previous else None}
    with places.release_log.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry, sort_keys=True, ensure_ascii=False) + "\n")
        file.flush()
    sync(places.release_log)


def broken_links(places: Places) -> list[int]:
    """Return the numbers (from 1) of log lines whose `previous` is not the hash of the line before."""
    if not places.release_log.exists():
        return []
    lines = places.release_log.read_text("utf-8").splitlines()
    expected = [None, *(hashlib.sha256(line.encode()).hexdigest() for line in lines)]
    return [i + 1 for i, line in enumerate(lines) if json.loads(line).get("previous") != expected[i]]
