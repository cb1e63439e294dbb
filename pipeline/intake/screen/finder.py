"""What all finders share: what one is, how a find is masked, what may stand between the groups of a number.

Not here: what is looked for (a module for each subject), and where (kinds.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

Finder = Callable[[str], Iterator[str]]
"""Yields a mask for each find in a text."""

GAP = r"[\s.()\u2010-\u2013-]"
"""What may stand between the groups of a number."""


def masked(value: str) -> str:
    """Return the first character and the length: enough to recognise the place, not the person."""
    return f"{value[:1]}… ({len(value)} characters)"


def all_masked(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    """Yield a mask for each match of a pattern."""
    yield from (masked(match[0]) for match in pattern.finditer(text))


def digits(text: str) -> str:
    """Return the digits of a text."""
    return re.sub(r"\D", "", text)


def words(text: str) -> frozenset[str]:
    """Return the words of a list that is written with blanks."""
    return frozenset(text.split())
