"""The release: one published state, built beside, checked, then put in place in one step."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from pipeline.intake.manifest import MANIFEST_NAME
from pipeline.publication.build import Build
from pipeline.publication.checks import CODE, Verdict, all_verdicts, failed_errors
from pipeline.publication.content import content_of, table_digest
from pipeline.publication.contents import StoreFile, fill, kept_basis, store_files
from pipeline.publication.retention import clear_damage, damage_in, damage_known, kept_releases, note_damage, prune
from pipeline.store.checkout import checkout
from pipeline.store.digests import code_digest, digest_of, sha256_file
from pipeline.store.duck import opened
from pipeline.store.files import read_json, sync, write_json
from pipeline.store.intact import REACHED_AGAIN, listed_by
from pipeline.store.lock import refresh_lock
from pipeline.store.places import Places
from pipeline.store.reference import PACKAGED, read_instead
from pipeline.store.release_log import Finding
from pipeline.store.releases import (
    ReleaseFile,
    append_log,
    current_release,
    point_to,
    read_log,
    release_files,
    release_path,
)
from pipeline.store.signing import signer
from pipeline.store.withdrawals import withdrawn_bytes

SHOWN = 50
"""Damaged files that an outcome names."""

BLOCK_SIZE = 16_384
"""Bytes of a block of a release file. Each column of each table takes one at least: most of 262,144 would be air."""


@dataclass(frozen=True)
class Outcome:
    """What came of publishing: `release` is the one in force afterwards, `published` whether it is new."""

    release: ReleaseFile | None
    published: bool
    message: str
    verdicts: tuple[Verdict, ...]


def publish(build: Build) -> Outcome:
    """Publish a release of the build, unless nothing is new, there is nothing at all, or a check forbids it.

    The last release stays in place whatever happens here, and so it does where a store file is not what a kept release
    lists. Raises Busy where another process is publishing, and BadKey and BadSetting before anything is done.
    """
    signer()
    kept_releases()
    places = build.places
    with refresh_lock(places.lock):
        current = current_release(places)
        found = tuple(all_verdicts(build, published_extracts(current)))
        if places.hold.exists():
            held = read_json(places.hold)
            return Outcome(current, False, f"held at release {held['release']} by a rollback", found)
        errors = failed_errors(found)
        forbidden = "not published: " + "; ".join(f"{v.name}: {v.message}" for v in errors)
        if not build.accepted:
            message = forbidden if errors else "nothing to publish: no extract in raw/ was accepted"
            return Outcome(current, False, message, found)
        _finish(places, current)
        state = _state(build)
        if current is not None and not errors and _info(current)["state"] == state:
            if broken := damage_known(places, current):
                return _stopped(places, current, broken, found)
            return Outcome(current, False, f"nothing new: release {current.number} stands", found)
        stands_on = store_files(build)
        # before the errors: what is damaged may have made them
        if broken := damage_in(places, {f.path: f.sha256 for f in stands_on}):
            return _stopped(places, current, broken, found)
        if errors:
            return Outcome(current, False, forbidden, found)
        release = _build_release(build, found, stands_on, state, current)
        point_to(places, release)
        append_log(places, json.loads(_info(release)["log"]))
        prune(places)
        return Outcome(release, True, f"release {release.number} published", found)


def standing(build: Build) -> Outcome | None:
    """Return the outcome without publishing where nothing is new and every file of the release is there, else None.

    Then there is nothing for a run to do: the release in force is what one would build. Neither is there where a store
    file was tampered with: nothing may be built from it. Raises Busy where another process is at work on what is left
    of that.
    """
    places = build.places
    current = current_release(places)
    if broken := damage_known(places, current):
        return _stopped(places, current, broken, ())
    clear_damage(places)
    if current is None or places.hold.exists():
        return None
    if _info(current)["state"] != _state(build) or not _files_are_there(places, current):
        return None
    if not _is_logged(places, current):
        return None
    found = tuple(all_verdicts(build, published_extracts(current)))
    if failed_errors(found):
        return None
    return Outcome(current, False, f"nothing new: release {current.number} stands", found)


def _files_are_there(places: Places, release: ReleaseFile) -> bool:
    files = (path for path, listed in listed_by(release).items() if listed.layer != REACHED_AGAIN)
    return all((places.warehouse / path).exists() for path in files)


def _stopped(
    places: Places, current: ReleaseFile | None, broken: Sequence[Finding], found: tuple[Verdict, ...]
) -> Outcome:
    """Return the outcome where store files are damaged, and note it for the next refresh."""
    note_damage(places, (finding.file for finding in broken))
    shown = tuple(
        {"file": f.file, "found": f.found, "expected": f.expected, "remedy": f.remedy} for f in broken[:SHOWN]
    )
    message = f"{len(broken)} files of the store are not what a release lists"
    verdict = Verdict("release", "store_intact", "ERROR", False, message, shown, len(broken))
    return Outcome(current, False, f"not published: {message}: {broken[0]}", (*found, verdict))


def published_extracts(release: ReleaseFile | None) -> frozenset[str]:
    """Return the ids of the extracts that a release contains."""
    if release is None:
        return frozenset()
    with opened(release.path) as db:
        return frozenset(row[0] for row in db.execute("select extract_id from extract").fetchall())


def rollback(places: Places, number: int) -> ReleaseFile:
    """Put an earlier release in force and hold publication until it is resumed.

    Raises LookupError where that release is not kept, and BadKey before anything is done.
    """
    signer()
    with refresh_lock(places.lock):
        kept = {r.number: r for r in release_files(places)}
        if number not in kept:
            raise LookupError(
                f"no release {number} in {places.releases}; kept are "
                + (", ".join(str(n) for n in kept) if kept else "none")
            )
        before = current_release(places)
        point_to(places, kept[number])
        write_json(places.hold, {"release": number, "since": _now()})
        append_log(
            places,
            {"event": "rollback", "to": number, "from": before.number if before else None, "at": _now()},
        )
        return kept[number]


def resume(places: Places) -> bool:
    """End the hold that a rollback left; return whether there was one. Raises BadKey before anything is done."""
    signer()
    with refresh_lock(places.lock):
        if not places.hold.exists():
            return False
        places.hold.unlink()
        append_log(places, {"event": "resume", "at": _now()})
        return True


def _state(build: Build) -> str:
    """Return the digest of everything a release is a pure function of."""
    return digest_of(
        {
            "inputs": build.inputs.digest,
            "code": code_digest(*CODE),
            "refused": sorted(r.name + r.reason for r in build.refusals),
            "stray": build.raw.stray,
        }
    )


def _info(release: ReleaseFile) -> dict[str, Any]:
    with opened(release.path) as db:
        cursor = db.execute("select state, log from release_info")
        row = cursor.fetchone()
        if row is None:
            raise RuntimeError(f"{release.path} says nothing of itself")
        return dict(zip([d[0] for d in cursor.description or ()], row, strict=True))


def _build_release(
    build: Build, found: Iterable[Verdict], stands_on: Iterable[StoreFile], state: str, current: ReleaseFile | None
) -> ReleaseFile:
    places = build.places
    places.releases.mkdir(parents=True, exist_ok=True)
    temporary = places.releases / f".building-{os.getpid()}.duckdb"
    temporary.unlink(missing_ok=True)
    try:
        db = duckdb.connect(str(temporary), config={"default_block_size": BLOCK_SIZE})
        try:
            fill(db, build, found, stands_on)
            basis = kept_basis(build)
            entry = _log_entry(build, db, current, basis)
            db.execute(
                "create table release_info as select ?::integer as number, ? as digest, ? as state, ? as inputs, "
                "? as code, ? as published_at, ? as cause, ? as log, ? as basis",
                [
                    *(entry[k] for k in ("number", "digest")),
                    state,
                    *(entry[k] for k in ("inputs", "code", "at")),
                    *(json.dumps(value, sort_keys=True) for value in (entry["cause"], entry)),
                    json.dumps(basis, sort_keys=True, ensure_ascii=False),
                ],
            )
            db.execute("checkpoint")
        finally:
            db.close()
        temporary.chmod(0o600)
        sync(temporary)
        path = release_path(places, entry["number"], entry["digest"])
        os.link(temporary, path)
        sync(places.releases)
    finally:
        temporary.unlink(missing_ok=True)
        temporary.with_suffix(".duckdb.wal").unlink(missing_ok=True)
    return ReleaseFile(entry["number"], entry["digest"][:12], path)


def _log_entry(
    build: Build, db: duckdb.DuckDBPyConnection, current: ReleaseFile | None, basis: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what the log says of a release that is being built. It stands in the release too, see `_finish`."""
    places = build.places
    log = _logged_releases(places)
    numbers = [r.number for r in release_files(places)] + [e["number"] for e in log]
    content = content_of(db)
    code = checkout()
    manifests = {d.name: places.raw / d.name / MANIFEST_NAME for d in build.raw.disclosures}
    return {
        "event": "release",
        "number": 1 + max(numbers, default=0),
        "digest": content.root,
        "tables": content.tables,
        "store": table_digest(db, "store_file"),
        "inputs": build.inputs.digest,
        "extracts": {v.extract.extract_id: v.extract.sha256 for v in build.accepted},
        "manifests": {name: sha256_file(path) for name, path in sorted(manifests.items())},
        "described": {name: digest_of(said) for name, said in basis["manifests"].items()},
        "reference": {path.name: sha256_file(read_instead(path)) for path in sorted(PACKAGED.glob("*.csv"))},
        "code": code_digest(*CODE),
        "commit": code.commit,
        "dirty": code.dirty,
        "cause": _cause(build, current, log),
        "duration": round(time.monotonic() - build.begun, 1),
        "at": _now(),
    }


def _cause(build: Build, current: ReleaseFile | None, log: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return why there is a new release: which extracts are new, changed, gone or withdrawn, whether code changed.

    It is compared with the release in force, or with the last one there was where a withdrawal left none.
    """
    last = [entry for entry in log if current is None or entry["number"] == current.number][-1:]
    before: dict[str, str] = last[0]["extracts"] if last else {}
    same_code = not last or last[0].get("code") == code_digest(*CODE)
    now = {v.extract.extract_id: v.extract.sha256 for v in build.accepted}
    gone = before.keys() - now.keys()
    withdrawn_digests = withdrawn_bytes(build.places)
    withdrawn = {name for name in gone if before[name] in withdrawn_digests}
    return {
        "new": sorted(now.keys() - before.keys()),
        "changed": sorted(e for e in now.keys() & before.keys() if now[e] != before[e]),
        "gone": sorted(gone - withdrawn),
        "withdrawn": sorted(withdrawn),
        "code_changed": not same_code,
    }


def _finish(places: Places, current: ReleaseFile | None) -> None:
    """Finish what a process that died left: log the release it had put in force, remove the one it had not."""
    if current is not None and not _is_logged(places, current):
        append_log(places, json.loads(_info(current)["log"]))
    logged = [entry["number"] for entry in _logged_releases(places)]
    for release in release_files(places):
        if logged and release.number > max(logged):
            release.path.unlink()


def _is_logged(places: Places, release: ReleaseFile) -> bool:
    return any(entry["number"] == release.number for entry in _logged_releases(places))


def _logged_releases(places: Places) -> list[dict[str, Any]]:
    """Return the log's entries of releases; one that was edited so that it is none any more is left to verify_log."""
    return [
        entry
        for entry in read_log(places)
        if entry.get("event") == "release" and isinstance(entry.get("number"), int) and "extracts" in entry
    ]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
