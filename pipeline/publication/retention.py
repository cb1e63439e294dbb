"""Which releases and store files are kept, and what becomes of a store where a file was damaged.

The log of all releases is kept for good.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from pipeline.store.files import write_json
from pipeline.store.intact import damaged, listed_by_any, other_bytes, written_since
from pipeline.store.lock import refresh_lock
from pipeline.store.places import Places
from pipeline.store.release_log import Finding
from pipeline.store.releases import ReleaseFile, current_release, listed_files, release_files

KEPT_RELEASES = 20
"""Releases that are kept where FOI_KEPT_RELEASES does not say otherwise."""

VARIABLE = "FOI_KEPT_RELEASES"


class BadSetting(ValueError):
    """Raised where FOI_KEPT_RELEASES is no number of releases."""


def kept_releases() -> int:
    """Return how many releases are kept: FOI_KEPT_RELEASES, else KEPT_RELEASES. Raises BadSetting."""
    said = os.environ.get(VARIABLE)
    if not said:
        return KEPT_RELEASES
    if not said.isdecimal() or int(said) < 1:
        raise BadSetting(f"{VARIABLE}: found {said!r}; expected a whole number of releases from 1; mend or unset it")
    return int(said)


def prune(places: Places) -> None:
    """Remove releases beyond the kept ones, and then what only they needed. The release in force is never removed."""
    current = current_release(places)
    beyond = [r for r in release_files(places)[: -kept_releases()] if current is None or r.number != current.number]
    for release in beyond:
        release.path.unlink()
    if beyond:
        prune_store(places)


def prune_store(places: Places, spared: Iterable[str] = ()) -> None:
    """Remove the store files that no release on disk lists, but for those of the extracts that are `spared`."""
    listed = frozenset[str]().union(*map(listed_files, release_files(places)))
    store = places.warehouse / "store"
    of_spared = {places.store("", extract, "").parent.relative_to(store) for extract in spared}
    for path in sorted(path for path in store.rglob("*") if path.is_file()):
        _, *inside = path.relative_to(store).parent.parts
        if places.relative(path) not in listed and Path(*inside) not in of_spared:
            path.unlink()


def damage_known(places: Places, current: ReleaseFile | None) -> list[Finding]:
    """Return the damage that can be told before anything is read: of files somebody wrote to since the last release.

    All files are looked at where damage was found before.
    """
    if places.damage.exists():
        return damaged(places, listed_by_any(places))
    return damaged(places, written_since(places, current)) if current is not None else []


def damage_in(places: Places, files: Mapping[str, str]) -> list[Finding]:
    """Return which store files of a build, {path: SHA-256}, are damaged, or may be built from one that was."""
    known = listed_by_any(places)
    other = sorted(path for path in files if path in known and known[path].sha256 != files[path])
    found = [other_bytes(path, known[path]) for path in other]
    if not found and places.damage.exists():
        wanted = "nothing built since a store file was found damaged"
        return [Finding(places.damage.name, None, "the note of it", wanted, "run `foi refresh`: it clears that away")]
    return found


def note_damage(places: Places, files: Iterable[str]) -> None:
    """Note that store files were found damaged: what is built from now on may be built from them."""
    write_json(places.damage, {"files": sorted(files)})


def clear_damage(places: Places) -> None:
    """Remove what was built since damage was found, when it is mended: it lies under the paths of what is right.

    That is every store file that no release lists. Raises Busy where another process is refreshing.
    """
    if places.damage.exists():
        with refresh_lock(places.lock):
            prune_store(places)
            places.damage.unlink()
