"""The values of a column, screened one by one.

Here: `screen_values`, and what it says of a find.
Not here: what is looked for where (kinds.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.intake.screen.finder import Finder
from pipeline.intake.screen.kinds import ANYWHERE, BY_HEADER, HARMLESS

WHOLE_LINE = "whole line"
"""The column of what is found in a line that has no fields."""


@dataclass(frozen=True)
class FoundValue:
    """Personal data in a value of one column: `index` is the 0-based place of the value among those given."""

    kind: str
    index: int
    column: str
    shown: str


def screen_values(header: str | None, position: int, values: Iterable[str]) -> Iterator[FoundValue]:
    """Yield what is personal among the values of one column, in their order.

    `header` says whether the column holds names, dates of birth and so on; without one only what shows by itself is
    found. `position`, from 1, names the column where its header does not, or is itself a person's name.
    """
    column = _column(header, f"column {position}")
    for index, value in enumerate(values):
        yield from (FoundValue(kind, index, column.name, shown) for kind, shown in _personal_in(value, column))


@dataclass(frozen=True)
class _Column:
    """A column: `name` as it is shown, and what is looked for in it because of its header."""

    name: str
    header: str | None
    finders: tuple[tuple[str, Finder], ...]


def _column(header: str | None, name: str) -> _Column:
    if header is None or not header.strip():
        return _Column(name, None, ())
    words = _header_words(header)
    finders = tuple((kind, finder) for kind, says, finder in BY_HEADER if says.search(words))
    # a header can itself be a person's name
    return _Column(name if _personal_in(header, _Column(name, None, ())) else header, header, finders)


def _header_words(header: str) -> str:
    """Return a header in lower case with single spaces: `victimSurname`, `Victim_Surname`, `VICTIM  SURNAME`.

    Capitals end where a word begins (`DOBVictim`, `NINumber`); their plural (`VRMs`) and `DoB` are one word.
    """
    apart = re.sub(r"DoB(?![a-z])", "DOB", header)
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z](?!s\b)[a-z])", " ", apart)
    return " ".join(re.sub(r"[^a-z0-9]+", " ", re.sub(r"[.'’]", "", apart.lower())).split())


def _personal_in(value: str, column: _Column) -> list[tuple[str, str]]:
    """Return (kind, mask) of what is personal in one cell."""
    found: list[tuple[str, str]] = []
    if column.finders and value.strip() != (column.header or "").strip():
        for kind, finder in column.finders:
            found += [(kind, shown) for shown in finder(value)]
    if HARMLESS.fullmatch(value):
        return found
    by_header = {kind for kind, _ in found}
    for may_hold, finders in ANYWHERE:
        if may_hold(value):
            for kind, finder in finders:
                if kind not in by_header:
                    found += [(kind, shown) for shown in finder(value)]
    return found
