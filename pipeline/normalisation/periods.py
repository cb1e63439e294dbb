"""Periods: which days a label means, as a half-open range with its basis.

Here: every notation of a day, a month, a quarter, a year or a range. Not here: footnoted years (`2015*`,
`2024**`, YTD), whose true ends only the letter says (the manifest gives them), and roll-up (figures).

Rules, each of which a label may not bend:

- days come first: 01/03/2020 is 1 March; 03/15/2020 and 31 February are invalid, never mended
- two-digit years: 00 to 49 are 2000 to 2049, 50 to 99 are 1950 to 1999
- `Mar-20` is March 2020, as spreadsheets write it; `Mar 20` could be a day and needs the basis month
- `2021/22`, `2021-22`, `2021/2022` are April to March, the recording year of the police (Home Office),
  unless the manifest declares tax years; `2011-12`, `11/12` and `12/13` could be a month too (the last one
  December 2013) and need a basis
- a bare year needs the basis calendar: forces head financial years with one year too
- a label that says another kind of year than the declared one is unmapped, `2019/20` in a table by month too;
  the basis range declares no kind
- a weekday that is not that of its day makes the day invalid
- a range whose ends are printed is what it says: a whole calendar, financial (1 April) or tax year (6
  April) gets that basis, a whole month the basis month, one day the basis day; inside one year (or month)
  of the declared basis it is `part` of that; otherwise it is a range
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Literal, NamedTuple, cast

from pipeline.normalisation.canonical import canonical
from pipeline.normalisation.labels import unknown_rule
from pipeline.normalisation.reading import PeriodReading

Basis = Literal["calendar", "financial", "tax", "month", "day", "range"]
_YearBasis = Literal["tax", "financial"]
_NO_KIND_DECLARED = (None, "range")
DECLARED = ("calendar", "financial", "tax", "month", "range")
_YEAR_STARTS: dict[str, tuple[int, int]] = {"calendar": (1, 1), "financial": (4, 1), "tax": (4, 6)}
_EXCEL_DAY_0 = date(1899, 12, 30)
_EXCEL_SERIALS = range(20_000, 70_000)

_MONTH_NAMES = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_MONTH_OF = {
    **{name: number for number, name in enumerate(_MONTH_NAMES, 1)},
    **{name[:3]: number for number, name in enumerate(_MONTH_NAMES, 1)},
    "sept": 9,
}
_M = rf"(?P<month>{'|'.join(_MONTH_OF)})\.?"
_D = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_Y4 = r"(?P<year>(?:19|20)\d\d)"
_Y = r"'?(?P<year>(?:19|20)\d\d|\d\d)"
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = r"(?:(?P<weekday>mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?\s)?"
_TIME = re.compile(r"[\st](?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?z?$")

_DAYS = (
    re.compile(rf"{_D}(?P<mark>[/.-])(?P<number>\d{{1,2}})(?P=mark){_Y}"),
    re.compile(rf"{_Y4}(?P<mark>[/.-])(?P<number>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}})"),
    re.compile(rf"{_WEEKDAY}{_D}[\s-]?(?:of\s)?{_M}[\s,-]*{_Y}"),
    re.compile(rf"{_WEEKDAY}{_M}\s{_D},?\s{_Y4}"),
)
_DAYS_OF_A_YEAR = (re.compile(rf"{_D}[\s-]?(?:of\s)?{_M}"), re.compile(rf"{_M}\s{_D}"))
_MONTHS = (
    re.compile(rf"{_M}[\s,/-]*{_Y4}"),
    re.compile(rf"{_M}(?:[-/]|\s?')(?P<year>\d\d)"),
    re.compile(rf"{_Y4}\s{_M}"),
    re.compile(rf"(?P<number>0?[1-9]|1[0-2])[/.-]{_Y4}"),
)
_YEAR_AND_NUMBER = re.compile(rf"{_Y4}[/-](?P<number>0[1-9]|1[0-2])")
_MONTHS_IF_DECLARED = (
    re.compile(rf"{_M}\s(?P<year>\d\d)"),
    re.compile(r"(?P<number>0[1-9]|1[0-2])[/-](?P<year>\d\d)"),
    re.compile(rf"{_Y4}(?P<number>0[1-9]|1[0-2])"),
)
_SAYS_FINANCIAL = r"(?:fy|f/y|fin(?:ancial)?\.? ?(?:year|yr)s?)"
_TWO_YEARS = r"(?P<first>(?:19|20)\d\d|\d\d)\s?(?P<mark>/|-|to)\s?(?P<second>(?:19|20)\d\d|\d\d)"
_YEARS = re.compile(
    rf"(?:(?P<says>{_SAYS_FINANCIAL}|(?P<tax>tax year))[\s:-]*)?{_TWO_YEARS}"
    rf"(?:\s\(?(?P<behind>{_SAYS_FINANCIAL})\)?)?"
)
_YEAR = re.compile(rf"(?:(?P<says>cy|calendar year)\s?)?{_Y4}(?:\s(?P<behind>calendar year))?")
_PART = r"(?:(?:q|quarter |qtr ?)(?P<quarter>[1-4])|h(?P<half>[12]))"
_PART_OF_YEAR = (
    re.compile(rf"{_PART}[\s:,-]*(?:{_SAYS_FINANCIAL}\s?)?(?P<years>\d[\d/-]*\d)"),
    re.compile(rf"(?P<years>\d[\d/-]*\d)[\s:,-]*{_PART}"),
)
_YEAR_ENDING = re.compile(
    r"(?:(?:the )?(?:year|12 months|twelve months) (?:ending|ended|to|end)|y/?e)(?: in)?\s(?P<end>.+)"
)
_DAYS_AND_YEARS = re.compile(rf"(?P<from>[^/]+?)\s?(?:-|to)\s?(?P<to>[^/]+)\s{_TWO_YEARS}")
_BETWEEN = re.compile(r"between\s(?P<from>.+)\sand\s(?P<to>.+)")
_TO = re.compile(r"\s?-\s?|\s(?:to|until|up to(?: and including)?)\s")


class _Span(NamedTuple):
    start: date
    end: date
    basis: Basis
    part: bool = False


class _Refused(Exception):
    """The label is a date or range that cannot be."""


def read_period(label: str, basis: str | None = None) -> PeriodReading:
    """Return the days that a label means; `end` is the first day after.

    `basis` is what the manifest declares of the table (calendar, financial, tax, month, range) or None. It
    settles what the label leaves open and never overrides what it says: a label that says another kind of
    year, and one that needs a basis without being given it, is unmapped. What prints its ends, and a month or
    a day, is what it is in a table by any basis. Impossible days and ranges that end before they start are
    invalid. A full date has the basis day, and so has a spreadsheet's serial number, which is read under the
    declared basis month only.

    Raises ValueError where `basis` is none of the five.
    """
    if basis is not None and basis not in DECLARED:
        raise ValueError(f"basis {basis!r} is none of {', '.join(DECLARED)}")
    if rule := unknown_rule(label):
        return PeriodReading(label, None, None, None, False, "unknown", rule)
    text = canonical(label)
    try:
        for rule, reader in _READERS:
            if span := reader(text, basis):
                return PeriodReading(label, *span, "mapped", rule)
    except _Refused as refused:
        return PeriodReading(label, None, None, None, False, "invalid", str(refused))
    return PeriodReading(label, None, None, None, False, "unmapped", "no notation that reads in one way only")


def _day(text: str, _: str | None = None) -> _Span | None:
    text = _TIME.sub("", text)
    for pattern in _DAYS:
        if found := pattern.fullmatch(text):
            start = _date(_full_year(found["year"]), _month_number(found), int(found["day"]))
            weekday = found.groupdict().get("weekday")
            if weekday and weekday[:3] != _WEEKDAYS[start.weekday()]:
                raise _Refused(f"{start} is on another weekday")
            return _Span(start, start + timedelta(days=1), "day")
    return None


def _month(text: str, basis: str | None = None) -> _Span | None:
    for pattern in (*_MONTHS, *(_MONTHS_IF_DECLARED if basis == "month" else ())):
        if found := pattern.fullmatch(text):
            return _whole_month(_full_year(found["year"]), _month_number(found))
    found = _YEAR_AND_NUMBER.fullmatch(text)
    if found and (basis == "month" or not _follows(found["year"], found["number"])):
        return _whole_month(int(found["year"]), int(found["number"]))
    return None


def _serial(text: str, basis: str | None) -> _Span | None:
    found = re.fullmatch(r"(\d{5})(?:\.0+)?", text)
    if basis != "month" or not found or int(found[1]) not in _EXCEL_SERIALS:
        return None
    start = _EXCEL_DAY_0 + timedelta(days=int(found[1]))
    return _Span(start, start + timedelta(days=1), "day")


def _two_years(text: str, basis: str | None) -> _Span | None:
    found = _YEARS.fullmatch(text)
    if not found or not _same_width(found["first"], found["second"]):
        return None
    says: _YearBasis | None = None
    if found["tax"]:
        says = "tax"
    elif found["says"] or found["behind"]:
        says = "financial"
    meant = _meant_by_two_years(found, says, basis)
    if meant is None:
        return None
    first = _full_year(found["first"])
    if _follows(found["first"], found["second"]):
        return _whole_year(first, meant)
    if _full_year(found["second"]) <= first:
        raise _Refused("the second year is not after the first")
    return None


def _meant_by_two_years(found: re.Match[str], says: _YearBasis | None, basis: str | None) -> _YearBasis | None:
    if basis not in _NO_KIND_DECLARED:
        declared = cast(_YearBasis, basis) if basis in {"tax", "financial"} else None
        return declared if says in {None, declared} else None
    if says or found["mark"] == "to":
        return says
    return None if _may_be_month(found["first"], found["mark"], found["second"]) else "financial"


def _may_be_month(first: str, mark: str, second: str) -> bool:
    """Return whether two years may be a year and a month too: `2011-12` and `11/12`, or `12/13` the other way round."""
    if len(first) == 2 and 1 <= int(first) <= 12:
        return True
    return len(second) == 2 and 1 <= int(second) <= 12 and (mark == "-" or len(first) == 2)


def _one_year(text: str, basis: str | None) -> _Span | None:
    found = _YEAR.fullmatch(text)
    if not found:
        return None
    says = bool(found["says"] or found["behind"]) and basis in _NO_KIND_DECLARED
    return _whole_year(int(found["year"]), "calendar") if says or basis == "calendar" else None


def _part_of_year(text: str, basis: str | None) -> _Span | None:
    """Read quarters and halves of a calendar or financial year: nobody counts those of tax years."""
    found = _PART_OF_YEAR[0].fullmatch(text) or _PART_OF_YEAR[1].fullmatch(text)
    if not found:
        return None
    # a part is of a year: its two years are no month
    two_years = "financial" if basis in _NO_KIND_DECLARED else basis
    year = _one_year(found["years"], basis) or _two_years(found["years"], two_years)
    if year is None or year.basis == "tax":
        return None
    months = 3 if found["quarter"] else 6
    start = _months_after(year.start, months * (int(found["quarter"] or found["half"]) - 1))
    return _Span(start, _months_after(start, months), year.basis, part=True)


def _year_ending(text: str, basis: str | None) -> _Span | None:
    found = _YEAR_ENDING.fullmatch(text)
    last = found and (_day(found["end"]) or _month(found["end"]))
    if not last:
        return None
    if (last.end.month, last.end.day) == (2, 29):
        return None
    return _classified(_date(last.end.year - 1, last.end.month, last.end.day), last.end, basis)


def _days_and_years(text: str, basis: str | None) -> _Span | None:
    """Read `April 6 - April 5 2021/22` and `April - March 2021/22`: the first is of one year, the second of the next.

    What would be longer than a year is not read: `1 April - 30 June 2021/22` is of the first year alone.
    """
    found = _DAYS_AND_YEARS.fullmatch(text)
    if not found or not _same_width(found["first"], found["second"]):
        return None
    if not _follows(found["first"], found["second"]):
        return None
    year = _full_year(found["first"])
    first, last = _named_in(found["from"], year), _named_in(found["to"], year + 1)
    if not first or not last:
        return None
    if (last.end.year, last.end.month, last.end.day) > (year + 1, first.start.month, first.start.day):
        return None
    return _classified(first.start, last.end, basis)


def _range(text: str, basis: str | None) -> _Span | None:
    text = re.sub(r"^from\s|\s?\(?inclusive\)?$", "", text)
    ends = set(_ends(text))
    return _classified(*ends.pop(), basis) if len(ends) == 1 else None


def _ends(text: str) -> Iterator[tuple[date, date]]:
    """Yield the ends of a range as often as it can be cut into two."""
    for left, right in _cuts(text):
        last = _day(right) or _month(right)
        if last is None:
            continue
        first = _day(left) or _month(left)
        start = first.start if first else _start_in_the_year_of(left, last)
        if start is not None:
            yield start, last.end


def _cuts(text: str) -> Iterator[tuple[str, str]]:
    if found := _BETWEEN.fullmatch(text):
        yield found["from"], found["to"]
    for cut in _TO.finditer(text):
        yield text[: cut.start()], text[cut.end() :]


def _start_in_the_year_of(text: str, last: _Span) -> date | None:
    named = _named_in(text, last.start.year)
    return named.start if named and named.basis == last.basis else None


def _named_in(text: str, year: int) -> _Span | None:
    """Return the day or month that a text without a year names in one."""
    if text in _MONTH_OF:
        return _whole_month(year, _MONTH_OF[text])
    for pattern in _DAYS_OF_A_YEAR:
        if found := pattern.fullmatch(text):
            day = _date(year, _month_number(found), int(found["day"]))
            return _Span(day, day + timedelta(days=1), "day")
    return None


def _classified(start: date, end: date, declared: str | None) -> _Span:
    """Return a printed range with its basis: what it wholly is, else part of a declared year, else range."""
    if end <= start:
        raise _Refused("the range ends before it starts")
    if end == start + timedelta(days=1):
        return _Span(start, end, "day")
    basis: Basis
    for basis in ("calendar", "financial", "tax"):
        if (start, end) == _whole_year(_year_of(start, basis), basis)[:2]:
            return _Span(start, end, basis)
    month = _whole_month(start.year, start.month)
    if (start, end) == month[:2]:
        return month
    whole = month if declared == "month" else None
    if declared in _YEAR_STARTS:
        whole = _whole_year(_year_of(start, declared), declared)
    if whole and end <= whole.end:
        return _Span(start, end, whole.basis, part=True)
    return _Span(start, end, "range")


def _whole_year(year: int, basis: str) -> _Span:
    month, day = _YEAR_STARTS[basis]
    return _Span(date(year, month, day), date(year + 1, month, day), cast(Basis, basis))


def _year_of(day: date, basis: str) -> int:
    return day.year if (day.month, day.day) >= _YEAR_STARTS[basis] else day.year - 1


def _whole_month(year: int, month: int) -> _Span:
    start = date(year, month, 1)
    return _Span(start, _months_after(start, 1), "month")


def _months_after(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as impossible:
        raise _Refused(f"there is no day {day}, month {month}, {year}") from impossible


def _full_year(text: str) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return 2000 + year if year < 50 else 1900 + year


def _follows(first: str, second: str) -> bool:
    """Return whether the second year is the one after the first: 2021/22, 1999/00, 21/22, 2021/2022."""
    following = _full_year(first) + 1
    return following == int(second) if len(second) == 4 else following % 100 == int(second)


def _same_width(first: str, second: str) -> bool:
    """Return whether two years are written as years are: never `21/2022`."""
    return len(first) == 4 or len(second) == 2


def _month_number(found: re.Match[str]) -> int:
    groups = found.groupdict()
    return _MONTH_OF[groups["month"]] if groups.get("month") else int(groups["number"])


_READERS: tuple[tuple[str, Callable[[str, str | None], _Span | None]], ...] = (
    ("structure: day", _day),
    ("structure: month", _month),
    ("structure: serial day of a spreadsheet", _serial),
    ("structure: two years", _two_years),
    ("structure: one year", _one_year),
    ("structure: quarter or half", _part_of_year),
    ("structure: year ending", _year_ending),
    ("structure: days and two years", _days_and_years),
    ("structure: range", _range),
)
