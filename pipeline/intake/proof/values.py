"""What kind of value a text is, where nothing says what its column holds: a number, a period, a count, a note.

Here: pure functions of a text or a line. Not here: what follows from them for a table (table.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

_MONTHS = (
    "jan|january|feb|february|mar|march|apr|april|may|jun|june|jul|july|aug|august|sep|sept|september|oct|october|"
    "nov|november|dec|december"
)
_DAYS = "mon|monday|tue|tues|tuesday|wed|wednesday|thu|thur|thurs|thursday|fri|friday|sat|saturday|sun|sunday"
# A number, a date or the name of a period: what a header is not made of alone.
_WORDS = (
    f"{_MONTHS}|{_DAYS}|st|nd|rd|th|to|and|until|till|from|of|q[1-4]|fy|cy|h[12]|years?|quarters?|weeks?|months?|e|"
    "w/c|wc|w/e|financial|calendar|tax|fiscal|end|ending|ended|commencing|beginning|starting|am|pm|t|z"
)
_NUMBERLIKE = re.compile(
    rf"(?=.*(?:[0-9]|(?<![a-z])(?:{_MONTHS}|{_DAYS})(?![a-z])))"
    rf"(?:[0-9\s.,:;/\\()%£$€+*<>~=_'’–—-]|(?<![a-z])(?:{_WORDS})(?![a-z]))+",
    re.IGNORECASE | re.DOTALL,
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_PERIOD = re.compile(
    rf"(?<![0-9])(?:19|20)[0-9]{{2}}(?![0-9])|(?<![a-z])(?:{_MONTHS}|{_DAYS}|q[1-4]|h[12]|fy|cy|am|pm)(?![a-z])"
    r"|[0-9]+[/.-][0-9]+[/.-][0-9]+|(?<![0-9])[0-9]{1,2}/[0-9]{2}(?![0-9])|year|quarter|month|week|[0-9]:[0-9]{2}",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    r"(?:(?:in excess of|more than|less than|fewer than|at least|up to|approximately|approx\.?|about|around|circa)\s*"
    # over 18 and under 65 are ages
    r"|(?:over|under)\s*(?=[0-9,]{3}))?"
    r"[<>~≤≥=]*\s*[£$€]?\s*[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?\s*(?:[km%]|thousand|million)?"
    r"(?:\s+(?:arrests?|cases?|charges?|complaints?|crimes?|incidents?|investigations?|occurrences?|offences?|people|"
    r"records?|reports?|results?|suspects?|victims?)\b.*)?",
    re.IGNORECASE | re.DOTALL,
)
_BEGINS_AS_NUMBER = re.compile(r"[(<>~≤≥=£$€+-]*\s*[0-9]")
_MARKERS = frozenset(
    {
        "",
        "n/a",
        "na",
        "n/k",
        "nk",
        "nil",
        "none",
        "null",
        "nan",
        "zero",
        "no data",
        "not applicable",
        "not available",
        "not held",
        "not known",
        "not provided",
        "not recorded",
        "not specified",
        "not stated",
        "unknown",
        "unspecified",
        "missing",
        "x",
        "c",
        "z",
        "suppressed",
        "withheld",
        "exempt",
        "refused",
        "redacted",
        "tbc",
        "pending",
    }
)
"""What stands in place of a count, in small letters."""
_ROUND_A_MARKER = " \t\r\n*.,:;[](){}#-–—…'\"†‡"
_RULE = re.compile(r":?(?:-{3,}|={3,}|_{3,}):?")
_NOTE = re.compile(
    r"(?:\*+\s*[^\W\d]|(?:notes?|sources?|footnotes?|nb|n\.b\.|please note|extracted on)\b)", re.IGNORECASE
)
_NOTE_OF_WORDS = re.compile(r"(?:notes?|sources?|footnotes?|nb|n\.b\.|please note|extracted on)\s*:", re.IGNORECASE)


@lru_cache(maxsize=1 << 16)
def is_numberlike(value: str) -> bool:
    """Return True for a number, a date or the name of a period, which no header is made of alone."""
    return _NUMBERLIKE.fullmatch(value.strip()) is not None


def is_quantity(value: str) -> bool:
    """Return True for a number of things, such as 4,625, <5 or in excess of 3200; a year is none."""
    value = value.strip()
    return _QUANTITY.fullmatch(value) is not None and _YEAR.fullmatch(value) is None


@lru_cache(maxsize=1 << 16)
def kind_of(value: str) -> Literal["marker", "count", "number", "year", "period", "word"]:
    """Return what a value is among records; a blank is a marker, a number of an unusual form a `number`."""
    value = value.strip()
    if _YEAR.fullmatch(value):
        return "year"
    if value.strip(_ROUND_A_MARKER).lower() in _MARKERS:
        return "marker"
    if is_quantity(value):
        return "count"
    if is_numberlike(value):
        return "period" if _PERIOD.search(value) else "number"
    return "number" if _BEGINS_AS_NUMBER.match(value) or not any(map(str.isalpha, value)) else "word"


def is_rule(fields: Sequence[str]) -> bool:
    """Return True for a line of dashes, as some programs print one below the header."""
    used = [value.strip() for value in fields if value.strip()]
    return bool(used) and all(map(_RULE.fullmatch, used))


def begins_as_note(fields: Sequence[str]) -> bool:
    """Return True for a line whose first field begins as a note does and says so, or is the only one in use."""
    first = fields[0].strip()
    alone = [value.strip() for value in fields if value.strip()] == [first]
    return bool((alone and _NOTE.match(first)) or _NOTE_OF_WORDS.match(first))
