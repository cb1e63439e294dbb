"""Words of a text: as a set, and as they are compared whatever the white space."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """Return the words of a list that is written with blanks."""
    return frozenset(text.split())


def single_spaced(text: str) -> str:
    """Return a text with one blank for each run of white space, none at its ends."""
    return " ".join(text.split())
