"""Verifying: whether the warehouse, raw/ and the log still say the same, and every figure can be counted again.

Findings are named after what is wrong: a file, a line of the log, a table, a figure. A release can also be compared
with one built anew from raw/.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pipeline.figures import sql
from pipeline.figures.catalogue import TABLES
from pipeline.intake.manifest import MANIFEST_NAME, MENTIONS
from pipeline.lineage import recount
from pipeline.publication.build import Build
from pipeline.publication.checks import CODE
from pipeline.publication.content import UNDIGESTED, content_of_file, table_lines, verify_releases, verify_store
from pipeline.publication.release import publish
from pipeline.publication.second_count import COUNTED_FROM, rows_kept, rows_of_lines
from pipeline.store.digests import code_digest, sha256_file
from pipeline.store.duck import memory, opened
from pipeline.store.files import read_json
from pipeline.store.places import Places
from pipeline.store.reference import PACKAGED, read_instead
from pipeline.store.release_log import Finding, verify_log
from pipeline.store.releases import ReleaseFile, current_release, read_log, release_files

_BACK = "put it back as it was, or run `foi refresh` for a new release"


@dataclass
class Verified:
    """What was found. `chain` is what does not hold of the log, `differences` all else, each by kind and in words.

    `release` is None where none is in force. `figures` says how many were counted and derived again; `notes` what could
    not be done, and why.
    """

    release: int | None
    chain: list[str] = field(default_factory=list)
    differences: list[dict[str, str]] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=lambda: {"counted": 0, "derived": 0})
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

    Where none is in force any more the log alone is looked at. Raises LookupError where there is no such release, and
    BadKey where a key to check signatures with is none.
    """
    log = read_log(places)
    release = _release(places, number, log)
    found = Verified(release.number if release else None, [str(finding) for finding in verify_log(places)])
    if release is None:
        found.notes.append(_none_in_force(log))
        return found
    found.add("release", _tried(release.path.name, lambda: verify_releases(places, [release.number])))
    found.add("store", _tried(release.path.name, lambda: verify_store(places, release)))
    published = [e for e in log if e.get("event") == "release" and isinstance(e.get("number"), int)]
    entry = next((e for e in published if e["number"] == release.number), {})
    changed = list(_inputs(places, release, entry))
    if all(e["number"] <= release.number for e in published):
        found.add("input", changed)
    else:
        since = (f"{f.file}: found {f.found}; expected {f.expected}" for f in changed)
        found.notes += [f"since release {release.number}: {words}" for words in since]
    _count_again(places, release, found)
    if rebuild:
        _rebuild(places, release, entry, found)
    return found


def _release(places: Places, number: int | None, log: Iterable[Mapping[str, Any]]) -> ReleaseFile | None:
    if number is None:
        current = current_release(places)
        if current is None and not log:
            raise LookupError("found no release in force; expected one to verify; run `foi refresh`")
        return current
    kept = {r.number: r for r in release_files(places)}
    if number not in kept:
        known = ", ".join(map(str, kept)) or "none"
        raise LookupError(f"found no release {number}; expected one of those that are kept: {known}")
    return kept[number]


def _none_in_force(log: Iterable[Mapping[str, Any]]) -> str:
    """Return why no release is in force, as the log says it."""
    last = [entry for entry in log if entry.get("event") in {"release", "rollback", "withdrawal"}][-1:]
    if last and last[0]["event"] == "withdrawal":
        return (
            f"no release is in force: {last[0].get('disclosure')} was withdrawn on {str(last[0].get('at'))[:10]}, and "
            "the releases that contained it are removed; the log alone was checked; `foi refresh` makes a new release"
        )
    return "no release is in force; the log alone was checked"


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
    """Lay a release out as a pack, and let the independent count go over it."""
    with tempfile.TemporaryDirectory(prefix="foi-verify-") as scratch:
        folder = Path(scratch)  # readable by us alone, as the system makes it
        try:
            found.notes += list(_lay_out(places, release, folder))
        except (LookupError, *_UNREADABLE) as error:
            found.notes.append(f"no figure was counted again: {str(error.args[0]).splitlines()[0]}")
            return
        pack = recount.Pack(folder)
        found.add("recount", _tried(release.path.name, pack.check_figures))
        tables = {t["name"]: t["kind"] for t in pack.load("catalogue.json")}
        n = {name: len(pack.load(f"tables/{name}.jsonl")) for name in TABLES}
        found.figures = {kind: sum(n[t] for t in tables if tables[t] == kind) for kind in ("counted", "derived")}
        found.notes += pack.done[-1:]


_UNREADABLE = (duckdb.Error, OSError, ValueError)
"""What reading a damaged file raises; the damage itself is found by its digest."""


def _lay_out(places: Places, release: ReleaseFile, folder: Path) -> Iterator[str]:
    """Write what recount.py needs of a release, from the release and what it stands on; yield what was to be made do.

    An extract whose file is no longer the same is counted from its kept records, or else from its kept observations.
    Raises LookupError where a release or an extract has nothing to be counted from.
    """
    with opened(release.path) as db:
        if ("basis",) not in db.execute("select column_name from (describe release_info)").fetchall():
            raise LookupError(f"release {release.number} is of an earlier form, without its manifests; `foi refresh`")
        basis = json.loads(db.execute("select basis from release_info").fetchall()[0][0])
        catalogue = [json.loads(row[0]) for row in db.execute("select declaration from definition").fetchall()]
        found = db.execute("select table_name from duckdb_tables() order by all").fetchall()
        names = [row[0] for row in found if row[0] not in UNDIGESTED]
        for name in names:
            _write(folder / f"tables/{name}.jsonl", table_lines(db, name))
        stored = db.execute("select layer, name, path from store_file").fetchall()
    _write_json(folder / "release.json", {"tables": names, "selected": []})
    _write_json(folder / "catalogue.json", catalogue)
    for name, text in basis["reference"].items():
        _write(folder / "reference" / name, [text.encode()])
    kept = {(layer, name): places.warehouse / path for layer, name, path in stored}
    for extract_id, manifest in basis["manifests"].items():
        (extract,) = manifest["extracts"]
        note = _lay_out_extract(extract, places.raw / extract["file"], kept, folder)
        if note:
            yield f"{extract_id}: {note}"
        _write_json(folder / f"manifests/{extract_id}.json", manifest)


def _lay_out_extract(
    extract: dict[str, Any], path: Path, kept: Mapping[tuple[str, str], Path], folder: Path
) -> str | None:
    """Write what one extract is counted from and say in it where that is; return in words what was to be made do."""
    name = extract["extract_id"]
    if path.is_file() and sha256_file(path) == extract["sha256"]:
        extract["in_pack"] = f"extracts/{name}"
        (folder / extract["in_pack"]).parent.mkdir(parents=True, exist_ok=True)
        (folder / extract["in_pack"]).symlink_to(path)
        if extract["address"] is None:
            if MENTIONS in extract["said"]["columns"]:
                extract["records"] = _write_rows(folder, name, rows_of_lines(extract, path))
            return None
    gone = f"{extract['file']} is no longer the file it was: " if extract["in_pack"] is None else ""
    try:
        account = read_json(kept["account", name])
        extract["records"] = _write_rows(folder, name, rows_kept(kept["source", name], account))
        return f"{gone}counted again from its kept records" if gone else None
    except (LookupError, *_UNREADABLE):
        extract["in_pack"], extract["observations"] = None, f"observations/{name}.jsonl"
    try:
        with memory() as db:
            sql.load_relations(db, [kept["observations", name]], [])
            db.execute(f"create or replace temp view codes as select {', '.join(COUNTED_FROM)} from observation")
            _write(folder / extract["observations"], table_lines(db, "codes"))
    except (LookupError, *_UNREADABLE) as error:
        raise LookupError(f"{name}: {gone}its kept records and observations cannot be read") from error
    return f"{gone}its kept records cannot be read: counted again from its kept observations"


def _write_rows(folder: Path, name: str, found: Iterable[Any]) -> str:
    place = f"records/{name}.jsonl"
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in (("line_no", "lines", "fields"), *found))
    _write(folder / place, (line.encode() for line in lines))
    return place


def _write_json(path: Path, value: Any) -> None:
    _write(path, [json.dumps(value, ensure_ascii=False).encode()])


def _write(path: Path, lines: Iterable[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.writelines(lines)


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
