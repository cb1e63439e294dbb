"""The cells of rows and columns, screened one by one.

Here: `screen`, `screen_values`, and what they say of a find.
Not here: what is looked for where (kinds.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.intake.rows import Row
from pipeline.intake.screen.finder import Finder
from pipeline.intake.screen.kinds import ANYWHERE, BY_HEADER, HARMLESS

WHOLE_LINE = "whole line"
"""The column of what is found in a row that has no fields."""


@dataclass(frozen=True)
class Found:
    """Personal data at one place: `column` is the header as printed or `column N`, `shown` a mask of the value."""

    kind: str
    line_no: int
    column: str
    shown: str


@dataclass(frozen=True)
class FoundValue:
    """Personal data in a value of one column: `index` is the 0-based place of the value among those given."""

    kind: str
    index: int
    column: str
    shown: str


_REMEMBERED = 1 << 14
_REMEMBERED_LENGTH = 100
"""Values without a find are remembered, so that labels are looked at once; so many of them and no longer ones."""


def screen(header: Sequence[str] | None, rows: Iterable[Row], dates_of_birth: bool = True) -> Iterator[Found]:
    """Yield what is personal in the rows, in their order; memory does not grow with them.

    `header` says which columns hold names, dates of birth and so on; without one only what shows by itself is found.
    Titles and the header row are screened where they are among `rows`. `dates_of_birth`: whether those are looked for.
    """
    columns = [_column(name, position, dates_of_birth) for position, name in enumerate(header or ())]
    special = {position for position, column in enumerate(columns) if column.finders}
    clean: set[str] = set()
    for row in rows:
        if row.fields is None:
            line = _Column(WHOLE_LINE, None, (), dates_of_birth)
            yield from (Found(kind, row.line_no, line.name, shown) for kind, shown in _personal_in(row.text, line))
            continue
        fresh = [n for n, value in enumerate(row.fields) if value not in clean or n in special]
        for position in fresh:
            value = row.fields[position]
            column = columns[position] if position < len(columns) else _column(None, position, dates_of_birth)
            hits = _personal_in(value, column)
            yield from (Found(kind, row.line_no, column.name, shown) for kind, shown in hits)
            if not hits and position not in special and len(value) <= _REMEMBERED_LENGTH:
                if len(clean) >= _REMEMBERED:
                    clean.clear()
                clean.add(value)


def screen_values(column: str, values: Iterable[str], dates_of_birth: bool = True) -> Iterator[FoundValue]:
    """Yield what is personal among the values of one column, as `screen` finds it in a row: for distinct values."""
    judged = _column(column, 0, dates_of_birth)
    for index, value in enumerate(values):
        yield from (FoundValue(kind, index, judged.name, shown) for kind, shown in _personal_in(value, judged))


@dataclass(frozen=True)
class _Column:
    """A column: `name` as it is shown, and what is looked for in it because of its header."""

    name: str
    header: str | None
    finders: tuple[tuple[str, Finder], ...]
    dates_of_birth: bool


def _column(header: str | None, position: int, dates_of_birth: bool) -> _Column:
    name = f"column {position + 1}"
    if header is None or not header.strip():
        return _Column(name, None, (), dates_of_birth)
    words = _header_words(header)
    finders = tuple(
        (kind, finder)
        for kind, says, finder in BY_HEADER
        if says.search(words) and (dates_of_birth or kind != "date_of_birth")
    )
    # a header can itself be a person's name
    if not _personal_in(header, _Column(name, None, (), dates_of_birth)):
        name = header
    return _Column(name, header, finders, dates_of_birth)


def _header_words(header: str) -> str:
    """Return a header in lower case with single spaces: `victimSurname`, `Victim_Surname`, `VICTIM  SURNAME`."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
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
                if kind not in by_header and (column.dates_of_birth or kind != "date_of_birth"):
                    found += [(kind, shown) for shown in finder(value)]
    return found
