"""Tombstones: what was withdrawn, so that it stays away. `raw/withdrawn.jsonl` has one line for each withdrawal.

A tombstone has digests and names, none of the bytes. It lies in raw/ because every warehouse built from it must know.
How something is withdrawn is publication's business.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from pipeline.store.digests import digest_of
from pipeline.store.files import written
from pipeline.store.places import Places
from pipeline.store.releases import current_release, read_log


class TornTombstones(ValueError):
    """Raised where a line of raw/withdrawn.jsonl cannot be read: without it withdrawn bytes might come back."""


@dataclass(frozen=True)
class Tombstone:
    """One withdrawal.

    `disclosure` is `<force>/<reference>`, `reference` as printed, `files` the paths they had below raw/, `extracts`
    {extract id: the SHA-256 of each file it ever was}, `date` the day, `figures` the ids of the figures that were
    counted from it or derived from those.
    """

    disclosure: str
    reference: str | None
    files: tuple[str, ...]
    extracts: Mapping[str, tuple[str, ...]]
    date: str
    reason: str
    figures: tuple[str, ...]

    @property
    def bytes(self) -> frozenset[str]:
        """The SHA-256 of every file that was withdrawn."""
        return frozenset(sha256 for every in self.extracts.values() for sha256 in every)

    @cached_property
    def digest(self) -> str:
        """The digest of all it says: the log line of the withdrawal carries it."""
        return digest_of(asdict(self))


def tombstones_path(places: Places) -> Path:
    """Return where the tombstones are."""
    return places.raw / "withdrawn.jsonl"


def tombstones(places: Places) -> tuple[Tombstone, ...]:
    """Return every withdrawal, oldest first. Raises TornTombstones."""
    path = tombstones_path(places)
    if not path.exists():
        return ()
    stat = path.stat()
    return _read(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4)
def _read(path: Path, _written_at: int, _size: int) -> tuple[Tombstone, ...]:
    """Return the tombstones of a file; read once as long as it is the same, since every extract is looked up in it."""
    lines = path.read_text("utf-8").split("\n")
    return tuple(_tombstone(path, i, line) for i, line in enumerate(lines, 1) if line)


def _tombstone(path: Path, number: int, line: str) -> Tombstone:
    try:
        said: dict[str, Any] = json.loads(line)
        lists = {name: tuple(said[name]) for name in ("files", "figures")}
        extracts = {name: tuple(every) for name, every in said["extracts"].items()}
        return Tombstone(**{**said, **lists, "extracts": extracts})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        place = f"{path.parent.name}/{path.name}:{number}"
        raise TornTombstones(
            f"{place}: found no tombstone; expected one JSON object a line with disclosure, reference, files, "
            "extracts, date, reason, figures; put the line back from version control"
        ) from error


def add_tombstone(places: Places, tombstone: Tombstone) -> None:
    """Add one line; all lines are there, or none is changed."""
    known = tombstones(places)
    with written(tombstones_path(places), mode=0o644) as temporary:
        text = (json.dumps(asdict(t), ensure_ascii=False, sort_keys=True) + "\n" for t in (*known, tombstone))
        temporary.write_text("".join(text), "utf-8")


def withdrawn_bytes(places: Places) -> dict[str, Tombstone]:
    """Return {SHA-256 of a file: the withdrawal of it}."""
    return {sha256: t for t in tombstones(places) for sha256 in t.bytes}


def withdrawn(places: Places) -> frozenset[str]:
    """Return the ids of the extracts of the release in force whose bytes are withdrawn: they are not lost."""
    current = current_release(places)
    if current is None or not tombstones_path(places).exists():
        return frozenset()
    gone = withdrawn_bytes(places)
    for entry in read_log(places):
        if entry.get("event") == "release" and entry.get("number") == current.number:
            return frozenset(name for name, sha256 in entry["extracts"].items() if sha256 in gone)
    return frozenset()
