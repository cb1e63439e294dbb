"""Readings: what the normaliser makes of one label, and how it came to that.

Every vocabulary returns readings; nothing else leaves this room's modules for observations.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

UNMAPPED = "Unmapped"
INVALID = "Invalid"
CONFLICT = "Conflict"
UNKNOWN = "unknown"
"""Code of what the force left blank or said it does not know. The three above are codes as well, never guesses."""

NONE_NAMED = "none-named"
"""Code of a free text that names no platform. It is no platform, and does not say that none was involved."""

Status = Literal["mapped", "unmapped", "invalid", "conflict", "unknown"]


@dataclass(frozen=True)
class Reading:
    """What one label means.

    `code` is UNMAPPED, INVALID, CONFLICT or UNKNOWN where `status` says so. `level` is the level of the code
    (offence: code, class, subgroup, group, arrest_wording, local; outcome: type, group, status).
    `rule` names what decided (`reference row`, `structure: <which>`, `blank`, ...), `source` is the
    source of the reference row, as that row gives it.
    """

    label: str
    code: str
    name: str
    status: Status
    rule: str
    level: str | None = None
    source: str = ""


@dataclass(frozen=True)
class PlatformReading:
    """The platforms that one cell names: `codes` in the order written, each once, never empty."""

    label: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    status: Status
    rule: str
    source: str = ""


@dataclass(frozen=True)
class OutcomeReading(Reading):
    """`arrest` is what the label says of an arrest; it is a dimension of its own, not an outcome."""

    arrest: Literal["yes", "no", "unknown"] = "unknown"


@dataclass(frozen=True)
class OffenceReading(Reading):
    """`presumed_class` is stated for an ambiguous local label and used by no class figure."""

    presumed_class: str | None = None


@dataclass(frozen=True)
class AgeReading:
    """Ages in whole years, ends inclusive; `age_max` None = open or unknown. `band`: a standard band or itself."""

    label: str
    age_min: int | None
    age_max: int | None
    kind: Literal["exact", "band", "open", "unknown", "invalid"]
    band: str
    status: Status
    rule: str


@dataclass(frozen=True)
class PeriodReading:
    """A period as a half-open range of days; `start` None where the label cannot be read."""

    label: str
    start: date | None
    end: date | None
    basis: Literal["calendar", "financial", "tax", "month", "day", "range"] | None
    part: bool
    status: Status
    rule: str
