"""Slugs: the one way a name becomes part of an id or a path."""

from __future__ import annotations

import re

NOT_SLUG = "[^a-z0-9]+"
"""What a slug replaces; the same expression serves Python and SQL."""


def slug(text: str) -> str:
    """Return `text` in lower case with every run of other characters as one `-`.

    Raises ValueError where nothing would be left, since an empty slug is no name.
    """
    result = re.sub(NOT_SLUG, "-", text.lower()).strip("-")
    if not result:
        raise ValueError(f"{text!r} has no letter or digit to make a name of")
    return result
