"""What lies in the inbox and what waits for a person: `warehouse/inbox/<ref>.json`, one small file for each arrival.

Here: the files of each arrival, the entry, and reading and writing it.
Not here: how an arrival is drafted and how it enters raw/ (inbox.py), which costs the readers of files; whoever only
lists what waits does not pay for them.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipeline.store.files import read_json, write_json
from pipeline.store.places import Places

UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".tmp")
"""What names end in while a browser or a copy is still at work."""


@dataclass(frozen=True)
class Source:
    """One file of an arrival: its size, the time of its last change in nanoseconds, and its SHA-256.

    `sha256` is empty where the file is no plain file or cannot be read.
    """

    size: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True)
class Adding:
    """Where an arrival goes in raw/, written down before it goes, so that a crash in between can be finished.

    `kept` are the files of the folder with their SHA-256; `aside` the files of the inbox that raw/ does not keep.
    """

    folder: str
    kept: Mapping[str, str]
    aside: tuple[str, ...]


@dataclass(frozen=True)
class Waiting:
    """An arrival that waits.

    `ref` is what a person calls it, `name` its file or folder in the inbox, `files` those files by their path below
    the inbox. `questions` are {key, words, proposed}; `notes` and `unsure` are to be looked at, `problems` are why it
    cannot be added.
    """

    ref: str
    name: str
    files: Mapping[str, Source]
    answers: Mapping[str, str] = field(default_factory=dict)
    questions: tuple[Mapping[str, str | None], ...] = ()
    unsure: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    adding: Adding | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what a person is told of it."""
        listed = ("questions", "unsure", "notes", "problems")
        return {"ref": self.ref, "files": list(self.files), **{name: list(getattr(self, name)) for name in listed}}


def inbox_folder(places: Places) -> Path:
    """Return where arrivals are dropped."""
    return places.raw / "inbox"


def waiting(places: Places) -> tuple[Waiting, ...]:
    """Return every arrival that waits, by ref."""
    entries = [_read(path) for path in _folder(places).glob("*.json")]
    return tuple(sorted((entry for entry in entries if entry is not None), key=lambda entry: entry.ref))


def keep_waiting(places: Places, entry: Waiting) -> None:
    """Write an entry in one step."""
    write_json(_path(places, entry.ref), asdict(entry))


def forget(places: Places, entry: Waiting) -> None:
    """Remove an entry; nothing happens where it is gone."""
    _path(places, entry.ref).unlink(missing_ok=True)


@contextmanager
def alone(places: Places) -> Iterator[None]:
    """Wait until no other process changes what waits, and keep the others waiting."""
    _folder(places).mkdir(parents=True, exist_ok=True)
    with (_folder(places) / ".lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def undrafted(places: Places) -> tuple[str, ...]:
    """Return the names in the inbox that nothing has drafted yet."""
    known = {entry.name for entry in waiting(places)}
    return tuple(name for name in arrivals_in(places) if name not in known)


def arrivals_in(places: Places) -> dict[str, dict[str, Path]]:
    """Return the files of each arrival, both by name as JSON can hold it; what is hidden is not there."""
    inbox = inbox_folder(places)
    arrivals: dict[str, dict[str, Path]] = {}
    for path in _listed(inbox):
        name = as_text(path.name)
        if name.lower().endswith(UNFINISHED):
            continue
        if path.is_symlink() or not path.is_dir():
            arrivals[name] = {name: path}
        elif files := {f"{name}/{as_text(p.name)}": p for p in _listed(path)}:
            arrivals[name] = files
    return arrivals


def as_text(words: str) -> str:
    """Return a name or message as text that can be written: a byte that is no UTF-8 becomes a mark."""
    return words.encode("utf-8", "replace").decode("utf-8")


def _listed(folder: Path) -> list[Path]:
    """Return what is in a folder by name, without hidden files and those that an office program locks with."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith((".", "~$")))
    except OSError:
        return []


def _folder(places: Places) -> Path:
    return places.warehouse / "inbox"


def _path(places: Places, ref: str) -> Path:
    return _folder(places) / f"{ref}.json"


def _read(path: Path) -> Waiting | None:
    """Return an entry, or None for one that is not whole or of another version: the arrival is drafted anew."""
    try:
        said = read_json(path)
        adding = said["adding"]
        return Waiting(
            ref=path.stem,
            name=said["name"],
            files={name: Source(**source) for name, source in said["files"].items()},
            answers=said["answers"],
            questions=tuple(said["questions"]),
            unsure=tuple(said["unsure"]),
            notes=tuple(said["notes"]),
            problems=tuple(said["problems"]),
            adding=adding and Adding(adding["folder"], adding["kept"], tuple(adding["aside"])),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
