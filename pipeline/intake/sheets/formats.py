"""Number formats (xlsx, xls): what a person sees of a number or a text, and which numbers are dates."""

from __future__ import annotations

import datetime
import itertools
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|[_*].|\[(?P<bracket>[^\]]*)\]|(?P<general>General|@)|AM/PM|A/P'
    r"|(?P<exponent>E[+-])|(?P<end>;)|(?P<mask>[0#?.,])|(?P<letter>[ymdhseg])|(?P<special>[%/])|(?P<bare>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9.]+)")
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}
_LAST_DATE = 2_958_466
"""The number of the day after 9999-12-31."""
_HALF_SECOND = 0.5 / 86_400


@dataclass
class _Section:
    """One of the parts of a number format that semicolons divide."""

    condition: tuple[str, float] | None = None
    mask: str = ""
    literals: str = ""
    letters: str = ""
    special: bool = False
    general: bool = False

    @property
    def date_parts(self) -> frozenset[str]:
        """Which of y, M, d, h, m, s the section shows; m are minutes beside hours or seconds."""
        runs = [letter for letter, _ in itertools.groupby(self.letters)]
        parts = set()
        for at, letter in enumerate(runs):
            minutes = letter == "m" and ("h" in runs[max(at - 1, 0) : at] or "s" in runs[at + 1 : at + 2])
            parts.add(letter if letter != "m" or minutes else "M")
        return frozenset(parts)


def number_otherwise(code: str, value: float) -> str | None:
    """Return displayed_otherwise or hidden_value where a format does not show a number as it is read, or None.

    Thousands separators and zeros after the point change nothing. A number other than zero that is shown as a fixed
    text ("<5") or as nothing is hidden.
    """
    if abs(value) >= 1e15:
        # spreadsheets keep 15 digits
        return "displayed_otherwise"
    section, negative = _section_for(code, value)
    if section.letters and not section.mask.strip("0.,"):
        return "displayed_otherwise" if _date_otherwise(section.date_parts, value) else None
    if section.general:
        return "displayed_otherwise" if section.literals.strip(" ()-+") else None
    if not section.mask.strip(".,"):
        return "hidden_value" if value else "displayed_otherwise"
    whole, _, part = section.mask.partition(".")
    shown = abs(value)
    same = (
        not section.special
        and not section.literals.strip(" ()-+")
        and (negative if set(section.literals) & set("-(") else not negative)
        and not section.mask.endswith(",")
        and not whole.endswith(",")
        and round(shown, sum(map(part.count, "0#?"))) == shown
        and (whole.count("0") <= max(len(str(int(shown))), 1))
        and (shown >= 1 or "0" in section.mask)
    )
    return None if same else "displayed_otherwise"


def text_otherwise(code: str) -> str | None:
    """Return displayed_otherwise or hidden_value where a format does not show a text as it stands, or None."""
    sections = _sections(code)
    if len(sections) < 4:
        return None
    section = sections[3]
    if not section.general:
        return "hidden_value"
    return "displayed_otherwise" if section.literals.strip() else None


def is_date(code: str, value: float) -> bool:
    """Return whether a format shows a number as a date or a time."""
    section, _ = _section_for(code, value)
    return bool(section.letters) and not section.general and not section.mask.strip("0.,")


def no_date(code: str, value: float, epoch_1904: bool) -> bool:
    """Return True where a number is shown as a date and is none: 1900-02-29, before the calendar or after it."""
    section, _ = _section_for(code, value)
    if value < 0 or value >= _LAST_DATE or (60 <= value < 61 and not epoch_1904):
        return True
    return value < 1 and bool(section.date_parts & set("yMd"))


def date_of(code: str, value: float, epoch_1904: bool) -> datetime.datetime | datetime.time | datetime.timedelta:
    """Return the date, time or length of time that a number is, to the thousandth of a second."""
    length = datetime.timedelta(milliseconds=round(value * 86_400_000))
    if "[" in _section_for(code, value)[0].date_parts:
        return length
    if value < 1:
        return (datetime.datetime.min + length).time()
    if epoch_1904:
        return datetime.datetime(1904, 1, 1) + length
    # the calendar of 1900 has a 29 February that never was
    return datetime.datetime(1899, 12, 31 if value < 60 else 30) + length


def format_words(code: str) -> str:
    """Return a format in the words of a finding, cut where it is long."""
    return f"number format {code if len(code) <= 60 else code[:60] + '…'}"


def _date_otherwise(parts: frozenset[str], value: float) -> bool:
    if "[" in parts:
        return value < 0
    if not parts & set("yMd"):
        return not 0 <= value < 1
    hidden_time = value % 1 > _HALF_SECOND and "h" not in parts
    return not set("yMd") <= parts or hidden_time or not 1 <= value < _LAST_DATE


@lru_cache(maxsize=1024)
def _sections(code: str) -> tuple[_Section, ...]:
    sections = [_Section()]
    for token in _TOKEN.finditer(code):
        section, kind, text = sections[-1], token.lastgroup, token[token.lastgroup or 0]
        if kind == "end":
            sections.append(_Section())
        elif kind == "mask":
            section.mask += text
        elif kind == "letter":
            # eras (e, g) stand for the year
            section.letters += {"e": "y", "g": "y"}.get(text.lower(), text.lower())
        elif kind == "general":
            section.general = True
        elif kind in ("special", "exponent"):
            section.special = True
            section.literals += text
        elif kind == "bracket":
            _take_bracket(section, text)
        elif kind in ("quoted", "escaped", "bare"):
            section.literals += text
    return tuple(sections)


def _take_bracket(section: _Section, text: str) -> None:
    if match := _CONDITION.fullmatch(text):
        section.condition = (match[1], float(match[2]))
    elif text and set(text.lower()) <= set("hms") and len(set(text.lower())) == 1:
        # [h] is a length of time, which a time format shows whole
        section.letters += "[" + text[0].lower()
    elif text.startswith("$"):
        section.literals += text[1:].partition("-")[0]


def _section_for(code: str, value: float) -> tuple[_Section, bool]:
    """Return the section that shows a number, and whether it is the one for numbers below zero."""
    sections = _sections(code)[:3]
    usual = {1: [True], 2: [value >= 0, True], 3: [value > 0, value < 0, True]}[len(sections)]
    for at, section in enumerate(sections):
        holds = usual[at] if section.condition is None else _SIGNS[section.condition[0]](value, section.condition[1])
        if holds:
            return section, at == 1 and section.condition is None and value < 0
    return sections[-1], False
