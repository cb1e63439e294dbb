"""Whether the release log holds: its chain, its signatures, and what it says of the releases that are there.

Every finding names the line. What a release contains is not opened here: publication/content.py does that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.store.files import read_json
from pipeline.store.places import Places
from pipeline.store.releases import (
    LogLine,
    canonical,
    current_release,
    head_path,
    log_head,
    log_lines,
    release_files,
)
from pipeline.store.signing import PublicKey, public_keys
from pipeline.store.withdrawals import tombstones

_RESTORE = "restore the warehouse's log from a copy, and ask who changed it"


@dataclass(frozen=True)
class Finding:
    """Something that does not hold: in which file, on which line of it if one can be named, and what to do."""

    file: str
    line: int | None
    found: str
    expected: str
    remedy: str = _RESTORE

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: found {self.found}; expected {self.expected}; {self.remedy}"


def verify_log(places: Places) -> list[Finding]:
    """Return everything about the release log that does not hold, in the order of its lines; empty where all holds.

    An edited, torn, moved or inserted line and one taken out or cut off the end are found. Raises BadKey where a key
    to check signatures with is none.
    """
    lines = log_lines(places)
    name = places.release_log.name
    return [
        *_chain(name, lines),
        *_end(places, name, lines),
        *_signatures(name, lines, public_keys()),
        *_releases(places, name, lines),
        *_withdrawals(places, name, lines),
    ]


def _chain(name: str, lines: Sequence[LogLine]) -> Iterator[Finding]:
    at = {line.hash: line.number for line in lines}
    before: LogLine | None = None
    for line in lines:
        if line.entry is None:
            yield Finding(name, line.number, "a torn line that is no entry", "one JSON object with `previous`")
        else:
            previous = line.entry["previous"]
            if previous != (before.hash if before else None):
                yield _broken(name, line, before, at.get(str(previous)))
        before = line


def _broken(name: str, line: LogLine, before: LogLine | None, follows: int | None) -> Finding:
    """Return the finding on a line that does not follow the line before it; `follows` is the line it does follow."""
    assert line.entry is not None
    if before is None:
        return Finding(
            name, 1, "a line that follows another one", "the first line of the log: those before it are gone"
        )
    if line.entry["previous"] is None:
        return Finding(
            name, line.number, "a first line", f"one that follows line {before.number}: it was moved or put in"
        )
    if follows is not None:
        found = f"a line that follows line {follows}"
        return Finding(
            name, line.number, found, f"one that follows line {before.number}: lines were moved, put in or taken out"
        )
    said, said_before = line.entry.get("line"), (before.entry or {}).get("line")
    if isinstance(said, int) and isinstance(said_before, int) and said > said_before + 1:
        gone = f"lines {said_before + 1} to {said - 1}" if said > said_before + 2 else f"line {said - 1}"
        return Finding(name, line.number, f"what was line {said}", f"the line after line {said_before}: {gone} gone")
    return Finding(
        name, before.number, "a line that was edited", f"the line whose hash line {line.number} carries as `previous`"
    )


def _end(places: Places, name: str, lines: Sequence[LogLine]) -> Iterator[Finding]:
    """Compare the end of the log with its head, noted when the last line was written."""
    head = log_head(places)
    if head is None:
        if any(line.entry is not None and "line" in line.entry for line in lines):
            yield Finding(head_path(places).name, None, "no file", "the hash of the last line of the log")
        return
    ends = {line.hash: line.number for line in lines}
    last = len(lines)
    # one line more than the head says is a line whose process died before it noted it
    if ends.get(head.hash) in {last, last - 1} - {0} and ends[head.hash] == head.lines:
        return
    if last < head.lines:
        yield Finding(name, last or None, f"the end of the log after {last} lines", f"{head.lines} lines: it was cut")
    else:
        found = "a last line that was edited, or lines that were put in"
        yield Finding(
            name, min(head.lines, last) or None, found, f"the line that {head_path(places).name} has the hash of"
        )


def _signatures(name: str, lines: Sequence[LogLine], keys: Mapping[str, PublicKey]) -> Iterator[Finding]:
    signed_at: int | None = None
    for line in lines:
        if line.entry is None:
            continue
        signature, key = line.entry.get("signature"), line.entry.get("key")
        if signature is None:
            if signed_at is not None:
                yield Finding(name, line.number, "no signature", f"one, since line {signed_at} has one")
            continue
        signed_at = line.number
        if not keys:
            continue
        if str(key) not in keys:
            known = ", ".join(f"{k.key} ({k.path.name})" for k in keys.values())
            yield Finding(name, line.number, f"a signature of key {key}", f"one of {known}")
        elif not keys[str(key)].bears_out(canonical(_unsigned(line.entry)), str(signature)):
            yield Finding(name, line.number, "a signature that is not of this line", f"one made by key {key}")


def _unsigned(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in entry.items() if k != "signature"}


@dataclass
class _Said:
    """What the log says, read from its first line to its last.

    `lines` are the lines of releases by number; `in_force` the release put in force last; `held` the one that a
    rollback holds.
    """

    lines: dict[int, LogLine] = field(default_factory=dict)
    twice: list[LogLine] = field(default_factory=list)
    in_force: int | None = None
    held: int | None = None

    def read(self, line: LogLine) -> None:
        """Take in one line; what is no number where one should be is left to the chain to find."""
        entry = line.entry or {}
        match entry:
            case {"event": "release", "number": int(number)}:
                if number in self.lines:
                    self.twice.append(line)
                self.lines[number], self.in_force = line, number
            case {"event": "rollback", "to": int(number)}:
                self.in_force = self.held = number
            case {"event": "resume"}:
                self.held = None
            case {"event": "withdrawal", "in_force": int() | None as number}:
                self.in_force = number
                self.held = self.held if self.held == number else None


def _releases(places: Places, name: str, lines: Sequence[LogLine]) -> Iterator[Finding]:
    """Compare what the log says of releases with the files that are there and the one that is in force."""
    said = _Said()
    for line in lines:
        said.read(line)
    for line in said.twice:
        number = (line.entry or {})["number"]
        yield Finding(name, line.number, f"release {number} a second time", "a number once")
    for release in release_files(places):
        if release.number not in said.lines:
            wanted = f"one, since {release.path.name} is there: the log was cut or edited"
            yield Finding(name, None, f"no line of release {release.number}", wanted)
            continue
        line = said.lines[release.number]
        digest = str((line.entry or {}).get("digest"))
        if digest[:12] != release.digest:
            found = f"digest {digest[:12]} of release {release.number}"
            yield Finding(name, line.number, found, f"the digest in the name {release.path.name}")
    yield from _in_force(places, name, said)


def _in_force(places: Places, name: str, said: _Said) -> Iterator[Finding]:
    current = current_release(places)
    now = current.number if current else None
    if now != said.in_force and (now is None or now in said.lines):
        wanted = f"release {now}, which is in force" if now else f"it in force; {places.published.name} is none of ours"
        found = f"release {said.in_force} as the one put in force last"
        yield Finding(name, None, found, f"{wanted}: the log was cut or edited, or the file put there by hand")
    holding = int(read_json(places.hold)["release"]) if places.hold.exists() else None
    if holding != said.held:
        found = "no hold" if said.held is None else f"a hold at release {said.held}"
        wanted = "none" if holding is None else f"the hold at release {holding} that {places.hold.name} says"
        yield Finding(name, None, found, f"{wanted}: the log was cut or edited")


def _withdrawals(places: Places, name: str, lines: Sequence[LogLine]) -> Iterator[Finding]:
    """Compare withdrawals with their tombstones; of what this warehouse never published none need be in its log."""
    logged: dict[str, LogLine] = {}
    published: set[str] = set()
    for line in lines:
        match line.entry:
            case {"event": "withdrawal", "tombstone": str(digest)}:
                logged[digest] = line
            case {"event": "release", "extracts": dict(extracts)}:
                published |= {str(sha256) for sha256 in extracts.values()}
    there = {tombstone.digest: tombstone for tombstone in tombstones(places)}
    for digest, tombstone in there.items():
        if digest not in logged and published & tombstone.bytes:
            found = f"no line of the withdrawal of {tombstone.disclosure}"
            remedy = f"run `foi withdraw {tombstone.disclosure}` for this warehouse too"
            yield Finding(name, None, found, "one, since its tombstone is in raw/ and a release had it", remedy)
    for digest in logged.keys() - there.keys():
        line = logged[digest]
        found = f"the withdrawal of {(line.entry or {}).get('disclosure')} without its tombstone"
        yield Finding(name, line.number, found, "the line that raw/withdrawn.jsonl had, unedited")
