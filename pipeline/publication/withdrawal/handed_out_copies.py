"""What we wrote for others and still hold: exports and packs in which something withdrawn is.

A file that lies where it was written, with the bytes it had, is ours to remove. One with other bytes may be anything,
and is named and left. Where copies went from there nobody here knows.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.store.digests import sha256_file
from pipeline.store.handed_out import HandedOut, handed_out
from pipeline.store.places import Places

State = Literal["unchanged", "changed", "locked", "gone"]


@dataclass(frozen=True)
class HandedOutCopy:
    """A file that was written for others, and what is at its place now.

    `here`: it, `unchanged`; a file with other bytes, or a link (`changed`); it, but it may not be removed (`locked`);
    or nothing of it (`gone`), as where another of ours was written since.
    """

    noted: HandedOut
    here: State


def find_handed_out(places: Places, extracts: Collection[str]) -> tuple[HandedOutCopy, ...]:
    """Return every file that was written with something of these extracts, by id."""
    every = handed_out(places)
    of_them = (one for one in every if not set(extracts).isdisjoint(one.extracts))
    return tuple(HandedOutCopy(one, _state(one, every)) for one in of_them)


def _state(one: HandedOut, every: Iterable[HandedOut]) -> State:
    path = Path(one.path)
    if not path.is_file():
        return "gone"
    found = _sha256(path)
    if found == one.sha256:
        return "unchanged" if os.access(path.parent, os.W_OK) else "locked"
    return "gone" if any((other.path, other.sha256) == (one.path, found) for other in every) else "changed"


def _sha256(path: Path) -> str | None:
    """Return the SHA-256 of a file; None where it cannot be read, or is a link to one that lies elsewhere."""
    try:
        return None if path.is_symlink() else sha256_file(path)
    except OSError:
        return None
