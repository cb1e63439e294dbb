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
_SEPARATORS = re.compile(r"\s*(?:[,;/|&+\n\r\t]|\band/or\b|\band\b|\bor\b)\s*", re.IGNORECASE)
_LIST_MARK = re.compile(r"^(?:and/or|and|or|[-\u2022*])\s+", re.IGNORECASE)


class Platform(NamedTuple):
    """One code of reference/platforms.csv: a platform, a product in one, an owner's group, a generic class."""

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
    return load_labels(PLATFORM_LABELS, loose=squeezed)


def read_platform(label: str, table: LabelTable | None = None) -> PlatformReading:
    """Return the platforms that a cell names, in the order written, each once.

    A label with a row of its own is that row and is never split (`Twitter/X`, `Match.com`); a row may name
    two (`Facebook/Facebook Messenger`). Otherwise the cell is split at `,` `;` `/` `|` `&` `+`, line ends,
    `and` and `or`, and read only if *every* part has a row: one unknown part leaves the whole cell
    Unmapped, since a cell half read would count as if the other part were not there. A part that says
    `unknown` adds nothing beside a platform; a blank part (`TikTok,`) is none. A blank cell, `N/A` and
    their kin are unknown.
    """
    labels = table or platform_labels()
    if row := labels.find(label):
        return _reading(label, [row], "reference row")
    if rule := unknown_rule(label):
        return PlatformReading(label, (UNKNOWN,), ("unknown",), "unknown", rule)
    parts = _parts(label)
    if len(parts) > 1:
        rows = [labels.find(part) for part in parts if labels.find(part) or not unknown_rule(part)]
        known = [row for row in rows if row is not None]
        if known and len(known) == len(rows):
            return _reading(label, known, "structure: list of platforms")
    return PlatformReading(label, (UNMAPPED,), (UNMAPPED,), "unmapped", "no reference row")


def _parts(label: str) -> list[str]:
    parts = (_LIST_MARK.sub("", part.strip()) for part in _SEPARATORS.split(label))
    return [part for part in parts if part.strip()]


def _reading(label: str, rows: list[LabelRow], rule: str) -> PlatformReading:
    codes = tuple(dict.fromkeys(code for row in rows for code in row.code.split("|")))
    if codes == (UNMAPPED,):
        return PlatformReading(
            label, codes, codes, "unmapped", "reference row: argued Unmapped", rows[0].source
        )
    names = tuple(platforms()[code].name for code in codes)
    sources = "; ".join(dict.fromkeys(row.source for row in rows))
    return PlatformReading(label, codes, names, "mapped", rule, sources)
