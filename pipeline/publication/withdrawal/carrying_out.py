"""Withdrawal: an answer, or some extracts of it, is taken out of everything we hold, and leaves a tombstone.

Here: what a withdrawal would take (`plan`) and taking it (`carry_out`). The tombstone comes first and the log line
last, so that a withdrawal that broke off is finished by the same call.
Not here: that the bytes stay away afterwards (intake refuses them, see store/withdrawals.py).

A kept release that contains an extract is removed whole: a `.duckdb` file keeps deleted rows in its pages, and one
built anew would have another digest than its line in the log. An export or a pack that lies where it was written, as it
was, is removed too. Where else it went, and what version control holds, is out of reach and is listed.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.intake.manifest import MANIFEST_NAME
from pipeline.intake.problem import Refused
from pipeline.intake.raw import Raw, read_raw
from pipeline.normalisation.forces import force_names
from pipeline.publication.retention import prune_store
from pipeline.publication.withdrawal import remaining, run_history
from pipeline.publication.withdrawal.handed_out_copies import HandedOutCopy, State, find_handed_out
from pipeline.publication.withdrawal.inbox_copies import Held, find_inbox_copies
from pipeline.publication.withdrawal.naming import Bytes, CannotWithdraw, known_extracts, named, of_the_same_files
from pipeline.store.checkout import in_history
from pipeline.store.duck import opened
from pipeline.store.files import read_json, written
from pipeline.store.lock import refresh_lock
from pipeline.store.places import Places
from pipeline.store.releases import ReleaseFile, append_log, current_release, point_to, read_log, release_files
from pipeline.store.signing import signer
from pipeline.store.withdrawals import Tombstone, add_tombstone, tombstones


@dataclass(frozen=True)
class Plan:
    """What a withdrawal takes; nothing has been touched yet.

    `files` go from raw/ and the inbox, `archives` and mails among them with all that is in them; `unread` are those
    that cannot be looked into. `copies` are exports and packs that were written with it: those that are unchanged go.
    `manifest` is what is left of the manifest (None: there is none). `store` are folders of the store; what was built
    of the extracts `spared` stays. `removed` are the releases that go, `in_force` is the one in force afterwards,
    `runs` are Dagster runs whose events go. `elsewhere` are other extracts with the same bytes, `kept_by_git` what
    version control holds. `tables` says of which table each extract was, where a release that goes says it: the log
    keeps it for `foi changes`.
    """

    tombstone: Tombstone
    tables: Mapping[str, str]
    files: tuple[Path, ...]
    archives: tuple[Held, ...]
    unread: tuple[Path, ...]
    manifest: str | None
    store: tuple[Path, ...]
    spared: tuple[str, ...]
    removed: tuple[ReleaseFile, ...]
    in_force: ReleaseFile | None
    runs: tuple[str, ...]
    copies: tuple[HandedOutCopy, ...]
    elsewhere: tuple[str, ...]
    kept_by_git: tuple[str, ...]

    def as_json(self, places: Places) -> dict[str, Any]:
        """Return what a person is told of it."""
        return {
            **asdict(self.tombstone),
            "removed_files": [*map(places.shown, self.files), *map(str, self.copies_at("unchanged"))],
            "removed_archives": [{"file": places.shown(a.path), "others": list(a.others)} for a in self.archives],
            "not_looked_into": [*map(places.shown, self.unread), *map(str, self.copies_at("changed", "locked"))],
            "removed_from_store": [places.relative(path) for path in self.store],
            "removed_releases": [release.number for release in self.removed],
            "in_force": self.in_force.number if self.in_force else None,
            "forgotten_runs": list(self.runs),
            "handed_out": [asdict(copy.noted) | {"here": copy.here} for copy in self.copies],
            "elsewhere": list(self.elsewhere),
            "kept_by_git": list(self.kept_by_git),
            "purge": purge_command(self.kept_by_git),
            "next": self._next(),
        }

    def copies_at(self, *states: State) -> list[Path]:
        """Return where the exports and packs are of which this is so, each place once."""
        return list(dict.fromkeys(Path(copy.noted.path) for copy in self.copies if copy.here in states))

    def _next(self) -> str:
        """Return, in words, what to do afterwards."""
        if self.in_force is None:
            return "run `foi refresh`: until then no release is in force, and `foi verify` has no figure to count again"
        return f"run `foi refresh`: until then release {self.in_force.number} is in force, which never had this"


def purge_command(paths: Sequence[str]) -> str | None:
    """Return the command that takes files out of the whole history of a git repository; None where it has none."""
    if not paths:
        return None
    return "git filter-repo --invert-paths " + " ".join(f"--path '{path}'" for path in paths)


def plan(places: Places, ref: str, reason: str, only: Collection[str] = ()) -> Plan:
    """Return what withdrawing an answer takes, or `only` some extracts of it, by id. Raises CannotWithdraw.

    `ref` is its folder, `<force>/<reference>`, or the printed reference where one answer has it. Of what was withdrawn
    before it is what is still there.
    """
    raw = read_raw(places, force_names())
    name = named(places, raw, ref)
    folder = places.raw / name
    known = known_extracts(places, raw, name)
    whole = not only or set(only) >= known.keys()
    taken = known if not only else of_the_same_files(raw, known, only)
    before = _tombstone_of(places, name, taken)
    files = _files(folder, raw, None if whole else taken.keys())
    if before is None and not taken and not files:
        raise CannotWithdraw(f"{name}: found no extract and no file; there is nothing to withdraw")
    removed = tuple(r for r in release_files(places) if _contains(r, taken))
    tombstone = before or Tombstone(
        disclosure=name,
        reference=next((d.reference for d in raw.disclosures if d.name == name), None),
        files=tuple(path.relative_to(places.raw).as_posix() for path in files),
        extracts={extract: tuple(sorted(taken[extract])) for extract in sorted(taken)},
        date=datetime.now(UTC).date().isoformat(),
        reason=reason,
        figures=_figures_of(removed[-1], taken) if removed else (),
    )
    copies = find_inbox_copies(places, tombstone.bytes)
    elsewhere = tuple(e.extract_id for e in raw.extracts if e.sha256 in tombstone.bytes and e.extract_id not in taken)
    return Plan(
        tombstone=tombstone,
        tables=_tables_of(removed[-1], taken) if removed else {},
        files=(*files, *copies.files),
        archives=copies.archives,
        unread=copies.unread,
        manifest=_manifest(folder, raw, tombstone, whole),
        store=tuple(_store_folders(places, taken)),
        spared=tuple(e.extract_id for e in raw.extracts if e.sha256 not in tombstone.bytes),
        removed=removed,
        in_force=_in_force(places, removed),
        runs=tuple(sorted(run_history.runs_about(places, tuple(taken)))),
        copies=find_handed_out(places, {*taken, *elsewhere, *_same_bytes(removed, tombstone.bytes)}),
        elsewhere=elsewhere,
        kept_by_git=in_history(places.raw, [places.raw / file for file in tombstone.files]),
    )


def carry_out(places: Places, plan: Plan) -> None:
    """Take what a plan says. Whatever breaks off in between is finished by planning and carrying out once more.

    Raises Busy where a refresh is at work, HistoryBusy where Dagster does not let go of its files, and BadKey before
    anything is done.
    """
    signer()
    with refresh_lock(places.lock):
        if plan.tombstone not in tombstones(places):
            add_tombstone(places, plan.tombstone)
        if plan.manifest is not None:
            with written(places.raw / plan.tombstone.disclosure / MANIFEST_NAME, mode=0o644) as temporary:
                temporary.write_text(plan.manifest, "utf-8")
        for path in (*plan.files, *plan.copies_at("unchanged")):
            path.unlink(missing_ok=True)
        _remove_releases(places, plan)
        for folder in plan.store:
            shutil.rmtree(folder, ignore_errors=True)
        prune_store(places, plan.spared)
        run_history.forget(places, plan.runs)
        _log(places, plan)


def _remove_releases(places: Places, plan: Plan) -> None:
    numbers = {release.number for release in plan.removed}
    if plan.in_force is not None:
        point_to(places, plan.in_force)
    else:
        places.published.unlink(missing_ok=True)
    if places.hold.exists() and read_json(places.hold)["release"] in numbers:
        places.hold.unlink()
    for release in plan.removed:
        release.path.unlink(missing_ok=True)


def _log(places: Places, plan: Plan) -> None:
    tombstone = plan.tombstone
    if any(entry.get("tombstone") == tombstone.digest for entry in read_log(places)):
        return
    append_log(
        places,
        {
            "event": "withdrawal",
            "disclosure": tombstone.disclosure,
            "extracts": tombstone.extracts,
            "tables": plan.tables,
            "reason": tombstone.reason,
            "tombstone": tombstone.digest,
            "removed": [release.number for release in plan.removed],
            "in_force": plan.in_force.number if plan.in_force else None,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    )


def _tombstone_of(places: Places, name: str, taken: Bytes) -> Tombstone | None:
    """Return the tombstone of what was withdrawn before, where there is nothing in it that was not."""
    for tombstone in reversed(tombstones(places)):
        same = all(taken[extract] <= set(tombstone.extracts.get(extract, ())) for extract in taken)
        if tombstone.disclosure == name and same:
            return tombstone
    return None


def _files(folder: Path, raw: Raw, only: Collection[str] | None) -> list[Path]:
    """Return the files of an answer but its manifest; or those of some extracts."""
    if only is not None:
        return sorted({e.path for e in raw.extracts if e.extract_id in only and e.path.is_file()})
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST_NAME)


def _manifest(folder: Path, raw: Raw, tombstone: Tombstone, whole: bool) -> str | None:
    if not (folder / MANIFEST_NAME).is_file():
        return None
    disclosure = next((d for d in raw.disclosures if d.name == tombstone.disclosure), None)
    if whole or disclosure is None:
        return remaining.stub(folder, disclosure, f"withdrawn on {tombstone.date}: {tombstone.reason}")
    try:
        return remaining.without(folder, disclosure, tombstone.extracts.keys(), force_names())
    except Refused as error:
        raise CannotWithdraw(
            f"{tombstone.disclosure}: without these extracts its manifest would not hold together:\n{error}\n"
            "mend the manifest first, or withdraw the whole answer"
        ) from error


def _store_folders(places: Places, extracts: Iterable[str]) -> list[Path]:
    """Return the folders of what was built from some extracts, and the verdicts of checks: any may show a value."""
    store = places.warehouse / "store"
    layers = sorted(path for path in store.glob("*") if path.is_dir())
    folders = [places.store(layer.name, extract, "").parent for layer in layers for extract in sorted(extracts)]
    return [folder for folder in (*folders, store / "checks") if folder.is_dir()]


def _contains(release: ReleaseFile, taken: Bytes) -> bool:
    digests = frozenset[str]().union(*taken.values())
    return any(extract in taken or sha256 in digests for extract, sha256 in _extracts_of(release))


def _extracts_of(release: ReleaseFile) -> list[tuple[str, str]]:
    """Return the extracts of a release, each with its SHA-256."""
    with opened(release.path) as db:
        return db.execute("select extract_id, sha256 from extract").fetchall()


def _same_bytes(releases: Iterable[ReleaseFile], digests: Collection[str]) -> set[str]:
    """Return the ids under which extracts with these bytes are in some releases."""
    return {extract for release in releases for extract, sha256 in _extracts_of(release) if sha256 in digests}


def _in_force(places: Places, removed: Collection[ReleaseFile]) -> ReleaseFile | None:
    """Return the release in force afterwards: the one that is now, else the newest that is left, else none."""
    current = current_release(places)
    if current is not None and current not in removed:
        return current
    return next((r for r in reversed(release_files(places)) if r not in removed), None)


def _tables_of(release: ReleaseFile, taken: Iterable[str]) -> dict[str, str]:
    """Return the table of each of some extracts, as far as a release has them."""
    with opened(release.path) as db:
        query = "select extract_id, table_id from extract where list_contains(?, extract_id) order by extract_id"
        return dict(db.execute(query, [list(taken)]).fetchall())


def _figures_of(release: ReleaseFile, taken: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of the figures that a release counted from some extracts, and of all derived from those."""
    with opened(release.path) as db:
        tables = "select disclosure, table_id from extract where list_contains(?, extract_id)"
        query = f"select id from figure where (disclosure, table_id) in ({tables})"
        found = {row[0] for row in db.execute(query, [list(taken)]).fetchall()}
        derived = [
            row[0]
            for row in db.execute("select table_name from duckdb_columns() where column_name = 'parents'").fetchall()
        ]
        while True:
            children = {
                row[0]
                for name in derived
                for row in db.execute(
                    f"select id from {name} where list_has_any(parents, ?)", [sorted(found)]
                ).fetchall()
            }
            if children <= found:
                return tuple(sorted(found))
            found |= children
