"""Slugs: the one way a name becomes part of an id or a path."""

from __future__ import annotations

import re

_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def slug(text: str) -> str:
    """Return `text` in lower case with every run of other characters as one `-`.

    Raises ValueError where nothing would be left, since an empty slug is no name.
    """
    result = _NOT_SLUG.sub("-", text.lower()).strip("-")
    if not result:
        raise ValueError(f"{text!r} has no letter or digit to make a name of")
    return result


def code_slug(code: str) -> str:
    """Return a code as it stands in a figure id.

    As `slug`, except that the punctuation which carries meaning in codes is kept: `group:meta` and
    `any(facebook,twitter-x)` stay readable, `008/72` becomes `008-72` because `/` parts an id.
    """
    return re.sub(r"[^a-z0-9:(),+]+", "-", code.lower()).strip("-") or "-"
