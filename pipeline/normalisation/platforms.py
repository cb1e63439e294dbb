"""Platforms: which services one cell of a platform column names.

Here: single labels and cells that list several. Not here: free text. The words that are also ordinary
English (`X`, `Her`, `Signal`, `Yellow`) are rows of this table because it is only asked about platform
columns.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from pipeline.normalisation.canonical import squeezed
from pipeline.normalisation.labels import LabelRow, LabelTable, load_labels, read_table, unknown_rule
from pipeline.normalisation.reading import UNKNOWN, UNMAPPED, PlatformReading

PLATFORM_LABELS = "platform_labels.csv"
_SEPARATORS = (
    re.compile(r"[;|\n\r\t]"),
    re.compile(r","),
    re.compile(r"[/&+]|\band/or\b|\band\b|\bor\b", re.IGNORECASE),
)
_LINE_END = re.compile(r"[\n\r\t]+")
_LIST_MARK = re.compile(r"^(?:and/or|and|or|[-\u2022*])\s+", re.IGNORECASE)


class Platform(NamedTuple):
    """One code of reference/platforms.csv: a platform, a product in one, an owner's group or a generic."""

    code: str
    name: str
    kind: str
    owner: str
    part_of: str


@cache
def platforms() -> dict[str, Platform]:
    """Return every platform code with its name, kind (platform, product, group, generic) and owner."""
    return {
        row["code"]: Platform(row["code"], row["name"], row["kind"], row["owner"], row["part_of"])
        for row in read_table("platforms.csv")
    }


@cache
def platform_labels() -> LabelTable:
    """Return the table of labels, matched without blanks: `Tik Tok`, `Tik-Tok` and `TikTok` are one."""
    return load_labels(PLATFORM_LABELS, is_platform, loose=squeezed)


def is_platform(code: str) -> bool:
    """Return True for a code of platforms.csv, or several parted by `|`."""
    return set(code.split("|")) <= set(platforms())


def read_platform(label: str, table: LabelTable | None = None) -> PlatformReading:
    """Return the platforms that a cell names, in the order written, each once.

    A label with a row of its own is that row and is never split (`Twitter/X`, `Match.com`); a row may name
    two (`Facebook/Facebook Messenger`). Otherwise the cell is split, at line ends, `;` and `|` first, then at
    `,`, then at `/`, `&`, `+`, `and` and `or`, each part being a row or split again. It is read only if
    *every* part has a row: one unknown part, or one argued Unmapped, leaves the whole cell Unmapped, since a
    cell half read would count as if the other part were not there. A part that says `unknown` adds nothing
    beside a platform; a blank part (`TikTok,`) is none. `Facebook` above `Messenger` may be one name or two and
    is Unmapped.
    A blank cell, `N/A` and their kin are unknown.
    """
    labels = table or platform_labels()
    row = labels.find(label)
    if row and row.code == UNMAPPED:
        argued = "reference row: argued Unmapped"
        return PlatformReading(label, (UNMAPPED,), (UNMAPPED,), "unmapped", argued, row.source)
    if row and not (_LINE_END.search(label.strip()) and _is_list_as_well(label, row, labels)):
        return _reading(label, [row], "reference row")
    if row:
        return PlatformReading(label, (UNMAPPED,), (UNMAPPED,), "unmapped", "one name over two lines, or two")
    if rule := unknown_rule(label):
        return PlatformReading(label, (UNKNOWN,), ("unknown",), "unknown", rule)
    rows = _rows_of_parts(label, labels, _SEPARATORS)
    if rows is None:
        return PlatformReading(label, (UNMAPPED,), (UNMAPPED,), "unmapped", "no reference row")
    if not rows:
        return PlatformReading(label, (UNKNOWN,), ("unknown",), "unknown", "structure: list of unknowns")
    return _reading(label, rows, "structure: list of platforms")


def _rows_of_parts(text: str, labels: LabelTable, separators: tuple[re.Pattern[str], ...]) -> list[LabelRow] | None:
    """Return the rows of all parts (none for a part that says unknown), or None where one part is no platform."""
    if row := labels.find(text):
        return None if row.code == UNMAPPED else [row]
    if unknown_rule(text):
        return []
    if not separators:
        return None
    parts = [_LIST_MARK.sub("", part.strip()) for part in separators[0].split(text)]
    read = [_rows_of_parts(part, labels, separators[1:]) for part in parts]
    return None if None in read else [row for rows in read if rows for row in rows]


def _is_list_as_well(label: str, row: LabelRow, labels: LabelTable) -> bool:
    parts = [labels.find(part) for part in _LINE_END.split(label) if part.strip()]
    return None not in parts and {part.code for part in parts if part} != {row.code}


def _reading(label: str, rows: list[LabelRow], rule: str) -> PlatformReading:
    codes = tuple(dict.fromkeys(code for row in rows for code in row.code.split("|")))
    names = tuple(platforms()[code].name for code in codes)
    sources = "; ".join(dict.fromkeys(row.source for row in rows))
    return PlatformReading(label, codes, names, "mapped", rule, sources)
