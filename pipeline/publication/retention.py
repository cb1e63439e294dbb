"""Which releases and store files are kept. The log of all releases is kept for good."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from pipeline.store.places import Places
from pipeline.store.releases import current_release, listed_files, release_files

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
    """Remove the store files that no release on disk lists, but for those of the extracts that are `spared`.

    No release lists the verdicts of checks, since they are in it: those from before the oldest release go.
    """
    releases = release_files(places)
    listed = frozenset[str]().union(*map(listed_files, releases))
    oldest = min((r.path.stat().st_mtime_ns for r in releases), default=None)
    store = places.warehouse / "store"
    of_spared = {places.store("", extract, "").parent.relative_to(store) for extract in spared}
    for path in sorted(path for path in store.rglob("*") if path.is_file()):
        layer, *inside = path.relative_to(store).parent.parts
        if layer == "checks":
            if oldest is None or path.stat().st_mtime_ns < oldest:
                path.unlink()
        elif places.relative(path) not in listed and Path(*inside) not in of_spared:
            path.unlink()
