"""Dates of birth: beside the word in any cell, any full date under a header of birth."""

from __future__ import annotations

import re
from collections.abc import Iterator

_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}"
_DATE = (
    r"(?:(?:0?[1-9]|[12]\d|3[01])\s?[./-]\s?(?:0?[1-9]|1[0-2])\s?[./-]\s?(?:(?:18|19|20)\d\d|\d\d)"
    r"|(?:18|19|20)\d\d[./-](?:0?[1-9]|1[0-2])[./-](?:0?[1-9]|[12]\d|3[01])"
    rf"|(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?:\sof)?[\s./-]{{0,2}}{_MONTH}[\s.,/-]{{0,2}}(?:(?:18|19|20)\d\d|\d\d)"
    rf"|{_MONTH}[\s.-]{{1,2}}(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?[\s,-]{{1,2}}(?:18|19|20)\d\d)"
)
_FULL_DATE = re.compile(rf"(?<![\w./-]){_DATE}(?![\w/])", re.IGNORECASE)
# how a date looks without its marks, and as a spreadsheet's day number (1900 to 2036)
_BARE_DATE = re.compile(
    r"(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:18|19|20)\d\d|[1-4]\d{4}(?:\.0)?"
)
_BORN = r"(?<!\w)(?:d\.?\s?o\.?\s?b\.?|born|birth\s?da(?:te|y)|date\s+of\s+birth)(?!\w)"
_BORN_THEN_DATE = re.compile(
    # "born after 1 January 2012" says who is counted, not who was born
    rf"{_BORN}(?!\s+(?:on\s+or\s+)?(?:after|before|between|since|from|until))[^\d\w]{{0,6}}(?:on|is|was|the|\W){{0,6}}"
    rf"(?<!\d){_DATE}(?![\w/])",
    re.IGNORECASE,
)
_DATE_THEN_BORN = re.compile(rf"(?<![\w./-]){_DATE}\W{{0,6}}{_BORN}", re.IGNORECASE)


def birth_dates(text: str) -> Iterator[str]:
    """Yield once for each full date beside a word of birth."""
    places = {match.start() for match in _BORN_THEN_DATE.finditer(text)}
    places |= {match.start() for match in _DATE_THEN_BORN.finditer(text)}
    yield from ("… (a full date)" for _ in places)


def birth_dates_in_column(text: str) -> Iterator[str]:
    """Yield once for each full date, also one that has lost its marks."""
    dates = [match[0] for match in _FULL_DATE.finditer(text)]
    if not dates and _BARE_DATE.fullmatch(text.strip()):
        dates = [text]
    yield from ("… (a full date)" for _ in dates)
