"""What was handed out: exports and packs we wrote, so that a withdrawal can say which have a withdrawn extract in them.

`warehouse/handed-out.jsonl` has one line for each file. Where it went from there nobody here knows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.store.digests import sha256_file
from pipeline.store.files import sync
from pipeline.store.places import Places


@dataclass(frozen=True)
class HandedOut:
    """One file we wrote for others: where, its SHA-256 then, when, and the ids of the extracts it was made from."""

    path: str
    sha256: str
    at: str
    extracts: tuple[str, ...]


def note_handed_out(places: Places, path: Path, extracts: Iterable[str]) -> None:
    """Note that a file was written for others; `extracts` are the ids of the extracts it has something of."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    noted = HandedOut(str(path.resolve()), sha256_file(path), at, tuple(sorted(extracts)))
    file = handed_out_path(places)
    with file.open("a", encoding="utf-8", newline="\n") as lines:
        lines.write(json.dumps(asdict(noted), ensure_ascii=False, sort_keys=True) + "\n")
    sync(file)


def handed_out(places: Places) -> list[HandedOut]:
    """Return every file we wrote for others, oldest first; a line cut short by a crash is left out."""
    file = handed_out_path(places)
    found = []
    for line in file.read_text("utf-8").split("\n") if file.exists() else []:
        try:
            said = json.loads(line)
            found.append(HandedOut(**{**said, "extracts": tuple(said["extracts"])}))
        except (ValueError, TypeError, KeyError):
            continue
    return found


def handed_out_path(places: Places) -> Path:
    """Return where it is noted."""
    return places.warehouse / "handed-out.jsonl"
