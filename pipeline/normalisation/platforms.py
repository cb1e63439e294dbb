"""Platforms: which services one cell of a platform column names.

Here: single labels and cells that list several. Not here: free text. The words that are also ordinary
English (`X`, `Her`, `Signal`, `Yellow`) are rows of this table because it is only asked about platform
columns.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from pipeline.normalisation.canonical import canonical, squeezed
from pipeline.normalisation.labels import LabelRow, LabelTable, load_labels, read_table, unknown_rule
from pipeline.normalisation.reading import UNKNOWN, UNMAPPED, PlatformReading

PLATFORM_LABELS = "platform_labels.csv"
# an end without a platform behind it (`TikTok,`) is none; behind the marks after these it is a name left out
_LINES = re.compile(r"[;|\n\r\t\u2022\u00b7]")
_COMMA = re.compile(r",")
_AND = re.compile(r"[/\\&]+|\band/or\b|\band\b|\bor\b")
_SPACED_PLUS = re.compile(r"\s\+\s")
_PLUS = re.compile(r"(?<=\w)\+(?=\w)|\splus\s")
# also written inside a name (`Tik - Tok`) and between a heading and what is under it (`Dating app - Tinder`)
_DASH = re.compile(r"\s[-_]|[-_]\s|\.\s|>")
_SEPARATORS = (_LINES, _COMMA, _AND, _SPACED_PLUS, _PLUS, _DASH)
_LINE_END = re.compile(r"[\n\r\t]")
_LIST_MARK = re.compile(r"^(?:and/or|and|or|[-&+*])\s", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\s*\[([^\[\]]*\w[^\[\]]*)\]\s*")
_AMPERSAND = re.compile(r"&amp;", re.IGNORECASE)


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
    two (`Facebook/Facebook Messenger`). Otherwise the cell is split, at line ends, `;`, `|` and bullets first, then
    at `,`, then at `/`, `\\`, `&`, `and` and `or`, then at `+` and `plus`, then at a dash, `>` or full stop with a
    blank, each part being a row or split again. It is read only if *every* part has a row: one unknown part,
    or one argued Unmapped, leaves the whole cell Unmapped, since a cell half read would count as if the other
    part were not there. A part that says `unknown` adds nothing beside a platform; a blank part (`TikTok,`) is
    none, and a cell of nothing else (`and`, `/`) is Unmapped. `Facebook` above `Messenger`, or parted from it by
    a dash, may be one name or two and is Unmapped.
    A blank cell, `N/A` and their kin are unknown.
    """
    labels = table or platform_labels()
    row = labels.find(label)
    if row and row.code == UNMAPPED:
        argued = "reference row: argued Unmapped"
        return PlatformReading(label, (UNMAPPED,), (UNMAPPED,), "unmapped", argued, row.source)
    if row and not _is_list_as_well(label, row, labels):
        return _reading(label, [row], "reference row")
    if row:
        how = "over two lines" if _LINE_END.search(label.strip()) else "with a dash or full stop in it"
        return PlatformReading(label, (UNMAPPED,), (UNMAPPED,), "unmapped", f"one name {how}, or two")
    if rule := unknown_rule(label):
        return PlatformReading(label, (UNKNOWN,), ("unknown",), "unknown", rule)
    text = _AMPERSAND.sub("&", label)
    inside = _IN_BRACKETS.fullmatch(text)
    rows = _rows_of_parts(inside[1] if inside else text, labels, _SEPARATORS)
    if rows is None:
        return PlatformReading(label, (UNMAPPED,), (UNMAPPED,), "unmapped", "no reference row")
    if not rows:
        return PlatformReading(label, (UNKNOWN,), ("unknown",), "unknown", "structure: list of unknowns")
    return _reading(label, rows, "structure: list of platforms")


def _rows_of_parts(text: str, labels: LabelTable, separators: tuple[re.Pattern[str], ...]) -> list[LabelRow] | None:
    """Return the rows of all parts (none for a part that says unknown), or None where one part is no platform."""
    if row := labels.find(text):
        return None if row.code == UNMAPPED or _is_list_as_well(text, row, labels) else [row]
    if unknown_rule(text):
        return []
    if not separators:
        return None
    mark, *finer = separators
    # the first marks part lines, which the canonical form puts together
    split = mark.split(text if mark is _LINES else canonical(text))
    parts = [_LIST_MARK.sub("", part.strip()) for part in split]
    if mark in {_LINES, _COMMA}:
        parts = [part for part in parts if part]
    if not parts or not all(parts) or (mark is _PLUS and _belongs_to_a_name(parts, labels)):
        return None
    read = [_rows_of_parts(part, labels, tuple(finer)) for part in parts]
    if None in read or (mark is _DASH and not _are_side_by_side(read)):
        return None
    return [row for rows in read if rows for row in rows]


def _belongs_to_a_name(parts: list[str], labels: LabelTable) -> bool:
    """Return whether a plus may be the end of a name: `Google+YouTube`, `Google Plus YouTube`."""
    return any(labels.find(f"{part}+") for part in parts[:-1])


def _are_side_by_side(read: list[list[LabelRow] | None]) -> bool:
    """Return whether all parts are platforms of their own: none a heading, an owner or the whole of another."""
    parts = [platforms()[code] for rows in read for row in rows or [] for code in row.code.split("|")]
    owners = {part.owner for part in parts if part.owner != part.name}
    wholes = {part.part_of for part in parts}
    return all(read) and all(
        part.kind in {"platform", "product"} and part.name not in owners and part.code not in wholes for part in parts
    )


def _is_list_as_well(label: str, row: LabelRow, labels: LabelTable) -> bool:
    """Return whether the parts of a name, over lines or with a dash, are names of other platforms.

    A row written with the dash is that name (`Online gaming - Other`). A part that names no platform (`GTA - Online`)
    is no other one.
    """
    if _LINE_END.search(label.strip()):
        parts = [labels.find(part) for part in _LINE_END.split(label) if part.strip()]
        return None not in parts and {part.code for part in parts if part} != {row.code}
    if labels.exactly(label):
        return False
    parts = [labels.find(part) for part in _DASH.split(canonical(label)) if part.strip()]
    others = {part.code for part in parts if part and not part.code.startswith("generic:")} - {row.code}
    return None not in parts and bool(others)


def _reading(label: str, rows: list[LabelRow], rule: str) -> PlatformReading:
    codes = tuple(dict.fromkeys(code for row in rows for code in row.code.split("|")))
    names = tuple(platforms()[code].name for code in codes)
    sources = "; ".join(dict.fromkeys(row.source for row in rows))
    return PlatformReading(label, codes, names, "mapped", rule, sources)
