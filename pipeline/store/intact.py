"""Whether store files are still what releases list.

The path of a store file is a pure function of what it is built from, so that other bytes under a listed path are never
news: somebody or something changed the file. What follows from that is publication's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.store.digests import sha256_file
from pipeline.store.duck import opened
from pipeline.store.places import Places
from pipeline.store.release_log import Finding
from pipeline.store.releases import ReleaseFile, release_files

REACHED_AGAIN = "checks"
"""The layer whose files may be gone without harm: a release has the verdicts itself, and a withdrawal takes them."""


@dataclass(frozen=True)
class Listed:
    """A store file as a release lists it: its layer, its SHA-256, and the number of that release."""

    layer: str
    sha256: str
    release: int


def listed_by(release: ReleaseFile) -> dict[str, Listed]:
    """Return the store files that a release lists, by path relative to the warehouse, in order of the paths."""
    with opened(release.path) as db:
        found = db.execute("select path, layer, sha256 from store_file order by path").fetchall()
    return {str(path): Listed(str(layer), str(sha256), release.number) for path, layer, sha256 in found}


def listed_by_any(places: Places) -> dict[str, Listed]:
    """Return the store files that any release on disk lists, each as the newest of them has it."""
    return {path: listed for release in release_files(places) for path, listed in listed_by(release).items()}


def written_since(places: Places, release: ReleaseFile) -> dict[str, Listed]:
    """Return the listed files that are there and whose content or status was changed since the release was written.

    The system notes the second time itself, so that setting back the first hides nothing. A disk that loses a bit
    changes neither: that is found where files are read for their digests.
    """
    written = release.path.stat().st_mtime_ns
    return {
        path: listed
        for path, listed in listed_by(release).items()
        if (file := places.warehouse / path).is_file() and _changed_at(file) >= written
    }


def _changed_at(path: Path) -> int:
    stat = path.stat()
    return max(stat.st_mtime_ns, stat.st_ctime_ns)


def other_bytes(path: str, listed: Listed) -> Finding:
    """Return the finding on a file that is not what a release lists."""
    wanted = f"the bytes that release {listed.release} was built from"
    return Finding(path, None, "other bytes", wanted, "delete it and run `foi refresh`: it is made anew from raw/")


def damaged(places: Places, files: Mapping[str, Listed]) -> list[Finding]:
    """Return which of some listed files are there and have other bytes."""
    there = ((path, listed, places.warehouse / path) for path, listed in files.items())
    return [
        other_bytes(p, listed) for p, listed, file in there if file.is_file() and sha256_file(file) != listed.sha256
    ]


def gone(places: Places, files: Mapping[str, Listed]) -> list[Finding]:
    """Return which of some listed files are not there, but for those that are reached again."""
    return [
        Finding(
            path,
            None,
            "no file",
            f"the bytes that release {listed.release} was built from",
            "run `foi refresh`: it is made anew from raw/",
        )
        for path, listed in files.items()
        if listed.layer != REACHED_AGAIN and not (places.warehouse / path).is_file()
    ]
