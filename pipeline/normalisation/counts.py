"""Counts: what a printed cell says, as an interval."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pipeline.intake.manifest import Marker

LARGEST = 10**12
"""No count of people or crimes is larger; what is, is damage."""

_DIGITS = re.compile(r"[0-9]+|[0-9]{1,3}(,[0-9]{3})+")


@dataclass(frozen=True)
class Count:
    """One count: between `low` and `high`, both inclusive, `high` None = open. Exact where they are equal."""

    low: int
    high: int | None


@dataclass(frozen=True)
class CellReading:
    """What one cell says: its counts (several only where the manifest says so), or that it says none.

    `rule` names what decided: digits, blank, or the kind of the marker.
    """

    kind: Literal["count", "unknown"]
    counts: tuple[Count, ...]
    rule: str


def read_cell(text: str, markers: Mapping[str, Marker], blank: str | None) -> CellReading | None:
    """Return what a printed cell says, or None where it cannot be read.

    Digits, with commas between thousands, are a count. Empty is not zero: `blank` says which. Every other printed
    form must be declared as a marker.
    """
    printed = text.strip()
    if not printed:
        return CellReading("count", (Count(0, 0),), "blank") if blank == "zero" else _unknown("blank")
    if (marker := markers.get(printed)) is not None:
        return _marked(marker)
    if _DIGITS.fullmatch(printed) and (number := int(printed.replace(",", ""))) <= LARGEST:
        return CellReading("count", (Count(number, number),), "digits")
    return None


def _unknown(rule: str) -> CellReading:
    return CellReading("unknown", (), rule)


def _marked(marker: Marker) -> CellReading | None:
    match marker.kind:
        case "zero":
            return CellReading("count", (Count(0, 0),), "zero")
        case "suppressed":
            return CellReading("count", (Count(marker.min or 0, marker.max),), "suppressed")
        case "not_held":
            return _unknown("not_held")
        case "number":
            if marker.parts is not None:
                return CellReading("count", tuple(Count(p.value, p.value) for p in marker.parts), "number")
            if marker.value is not None:
                return CellReading("count", (Count(marker.value, marker.value),), "number")
            return CellReading("count", (Count(marker.min or 0, marker.max),), "number")
        case "total":
            return None  # a total is a row or a column, never what a cell of counts says
