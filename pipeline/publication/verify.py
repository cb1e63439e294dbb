"""Verifying: whether the warehouse, raw/ and the log still say the same, and every figure can be counted again.

Findings are named after what is wrong: a file, a line of the log, a table, a figure. A release can also be compared
with one built anew from raw/.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pipeline.figures.catalogue import TABLES
from pipeline.intake.manifest import MANIFEST_NAME
from pipeline.lineage import recount
from pipeline.publication.build import Build
from pipeline.publication.content import content_of_file, verify_releases, verify_store
from pipeline.publication.pack.writing import Asked, CannotPack, write_pack
from pipeline.publication.release import CODE, publish
from pipeline.store.digests import code_digest, sha256_file
from pipeline.store.duck import opened
from pipeline.store.places import Places
from pipeline.store.reference import PACKAGED, read_instead
from pipeline.store.release_log import Finding, verify_log
from pipeline.store.releases import ReleaseFile, current_release, read_log, release_files

_BACK = "put it back as it was, or run `foi refresh` for a new release"


@dataclass
class Verified:
    """What was found. `chain` is what does not hold of the log, `differences` all else, each by kind and in words.

    `figures` says how many were counted and derived again; `notes` what could not be done, and why.
    """

    release: int
    chain: list[str] = field(default_factory=list)
    differences: list[dict[str, str]] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    rebuilt: dict[str, Any] | None = None

    def add(self, kind: str, words: Iterable[Any]) -> None:
        """Note differences of one kind."""
        self.differences += [{"kind": kind, "difference": str(w)} for w in words]

    def as_json(self) -> dict[str, Any]:
        """Return {ok, release, figures, differences, chain, notes, rebuilt}."""
        return {
            "ok": not self.chain and not self.differences,
            "release": self.release,
            "figures": self.figures,
            "differences": self.differences,
            "chain": {"ok": not self.chain, "findings": self.chain},
            "notes": self.notes,
            "rebuilt": self.rebuilt,
        }


def verify(places: Places, number: int | None = None, rebuild: bool = False) -> Verified:
    """Return whether a release, the one in force where no number is given, still holds.

    Raises LookupError where there is no such release, and BadKey where a key to check signatures with is none.
    """
    release = _release(places, number)
    found = Verified(release.number)
    found.chain = [str(finding) for finding in verify_log(places)]
    found.add("release", _tried(release.path.name, lambda: verify_releases(places, [release.number])))
    found.add("store", _tried(release.path.name, lambda: verify_store(places, release)))
    entry = next((e for e in read_log(places) if e.get("event") == "release" and e.get("number") == release.number), {})
    changed = list(_inputs(places, release, entry))
    newest = release.number == max(r.number for r in release_files(places))
    if newest:
        found.add("input", changed)
    else:
        found.notes += [f"since release {release.number}: {finding}" for finding in changed]
    _count_again(places, release, found)
    if rebuild:
        _rebuild(places, release, entry, found)
    return found


def _release(places: Places, number: int | None) -> ReleaseFile:
    if number is None:
        current = current_release(places)
        if current is None:
            raise LookupError("found no release in force; expected one to verify; run `foi refresh`")
        return current
    kept = {r.number: r for r in release_files(places)}
    if number not in kept:
        known = ", ".join(map(str, kept)) or "none"
        raise LookupError(f"found no release {number}; expected one of those that are kept: {known}")
    return kept[number]


def _tried(name: str, check: Callable[[], Iterable[Any]]) -> list[Any]:
    """Return what a check finds; a file that it cannot open is a finding too."""
    try:
        return list(check())
    except (duckdb.Error, OSError, ValueError) as error:
        words = str(error).splitlines()[0]
        return [Finding(name, None, f"what cannot be read ({words})", "a release", "put the file back from a copy")]


def _inputs(places: Places, release: ReleaseFile, entry: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield each extract, manifest and reference table that is no longer what the release was made from."""
    for name, sha256 in _files(release).items():
        yield from _held_to(f"raw/{name}", places.raw / name, sha256)
    for name, sha256 in entry.get("manifests", {}).items():
        yield from _held_to(f"raw/{name}/{MANIFEST_NAME}", places.raw / name / MANIFEST_NAME, sha256)
    for name, sha256 in entry.get("reference", {}).items():
        yield from _held_to(name, read_instead(PACKAGED / name), sha256)


def _files(release: ReleaseFile) -> dict[str, str]:
    try:
        with opened(release.path) as db:
            return dict(db.execute("select distinct file, sha256 from extract order by file").fetchall())
    except duckdb.Error:
        return {}


def _held_to(name: str, path: Path, sha256: str) -> Iterator[Finding]:
    if not path.is_file():
        yield Finding(name, None, "no file", f"the file with sha256 {sha256}", _BACK)
    elif (found := sha256_file(path)) != sha256:
        yield Finding(name, None, f"sha256 {found}", f"sha256 {sha256}", _BACK)


def _count_again(places: Places, release: ReleaseFile, found: Verified) -> None:
    """Write the release as a pack for inside, and let the independent count go over it."""
    with tempfile.TemporaryDirectory(prefix="foi-verify-") as scratch:
        folder = Path(scratch)  # readable by us alone, as the system makes it
        try:
            write_pack(places, release, folder, Asked(local=True))
        except (CannotPack, duckdb.Error, OSError, ValueError) as error:
            found.figures = {"counted": 0, "derived": 0}
            found.notes.append(f"no figure was counted again: {str(error).splitlines()[0]}")
            if not found.differences:
                found.add("recount", found.notes[-1:])
            return
        pack = recount.Pack(folder)
        for check in (pack.check_digests, pack.check_figures):
            found.add("recount", check())
        tables = {t["name"]: t["kind"] for t in pack.load("catalogue.json")}
        n = {name: len(pack.load(f"tables/{name}.jsonl")) for name in TABLES}
        found.figures = {kind: sum(n[t] for t in tables if tables[t] == kind) for kind in ("counted", "derived")}
        found.notes += pack.done[-1:]


def _rebuild(places: Places, release: ReleaseFile, entry: Mapping[str, Any], found: Verified) -> None:
    """Build everything from raw/ in a scratch folder and compare its digests with those of the release."""
    with tempfile.TemporaryDirectory(prefix="foi-rebuild-") as scratch:
        built = Places.of(places.raw, scratch)
        outcome = publish(Build.of(built))
        if outcome.release is None:
            found.add("rebuild", [f"nothing could be built from raw/: {outcome.message}"])
            return
        content = content_of_file(outcome.release.path)
    said: dict[str, str] = entry.get("tables", {})
    differ = sorted(name for name in {*said, *content.tables} if said.get(name) != content.tables.get(name))
    found.rebuilt = {"digest": content.root, "released": entry.get("digest"), "tables_that_differ": differ}
    found.add("rebuild", [f"table {name}: built anew it has another digest" for name in differ])
    if entry.get("code") != code_digest(*CODE):
        found.notes.append(f"the code is no longer that of release {release.number}")
