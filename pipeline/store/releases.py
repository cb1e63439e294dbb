"""Releases as files: which there are, which is in force, the log of all that ever were.

What a release contains is publication's business; here it is a numbered file and a line in a chain. Whether the chain
holds is asked in release_log.py.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.store.duck import opened
from pipeline.store.files import sync, written
from pipeline.store.places import Places
from pipeline.store.signing import signer

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


@dataclass(frozen=True)
class LogLine:
    """One line of the log as it stands in the file: its place from 1, its bytes, and its entry where it is one."""

    number: int
    content: bytes
    entry: dict[str, Any] | None

    @property
    def hash(self) -> str:
        """The SHA-256 of the line without its line feed: what the next line carries as `previous`."""
        return hashlib.sha256(self.content).hexdigest()


def log_lines(places: Places) -> list[LogLine]:
    """Return every line of the release log, oldest first, those that are no entry included."""
    if not places.release_log.exists():
        return []
    found = [line for line in places.release_log.read_bytes().split(b"\n") if line]
    return [LogLine(i, line, _parsed(line)) for i, line in enumerate(found, 1)]


def read_log(places: Places) -> list[dict[str, Any]]:
    """Return the entries of the release log, oldest first."""
    return [line.entry for line in log_lines(places) if line.entry is not None]


def append_log(places: Places, entry: Mapping[str, Any]) -> None:
    """Append one line to the release log: its place, the hash of the line before, and a signature where there is a key.

    Raises BadKey before anything is written where the key that is named is none.
    """
    key = signer()
    lines = log_lines(places)
    chained = {**entry, "line": len(lines) + 1, "previous": lines[-1].hash if lines else None}
    if key is not None:
        chained["key"] = key.key
        chained["signature"] = key.sign(canonical(chained))
    content = canonical(chained)
    torn = bool(lines) and not places.release_log.read_bytes().endswith(b"\n")
    with places.release_log.open("ab") as file:
        # a line that a power loss cut short is closed, never continued; verify_log will name it
        file.write((b"\n" if torn else b"") + content + b"\n")
        file.flush()
    sync(places.release_log)
    _write_head(places, Head(len(lines) + 1, hashlib.sha256(content).hexdigest()))


def canonical(entry: Mapping[str, Any]) -> bytes:
    """Return an entry as its line has it: JSON in ASCII, its keys in order. What is signed has no `signature` yet."""
    return json.dumps(entry, sort_keys=True, ensure_ascii=True).encode("ascii")


@dataclass(frozen=True)
class Head:
    """How many lines the log has, and the hash of its last: whoever keeps this elsewhere can prove a log against it."""

    lines: int
    hash: str


def head_path(places: Places) -> Path:
    """Return where the head of the log is noted, beside the log."""
    return places.release_log.with_suffix(".head")


def log_head(places: Places) -> Head | None:
    """Return the head of the log as it was noted beside it when its last line was written; None where there is none."""
    if not head_path(places).exists():
        return None
    lines, _, hashed = head_path(places).read_text("ascii", errors="replace").strip().partition(" ")
    return Head(int(lines) if lines.isdecimal() else 0, hashed)


def _write_head(places: Places, head: Head) -> None:
    with written(head_path(places), mode=0o644) as temporary:
        temporary.write_text(f"{head.lines} {head.hash}\n", "ascii")


def _parsed(line: bytes) -> dict[str, Any] | None:
    """Return a log entry, or None where the line is no entry."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and "previous" in entry else None
