"""Days in letters: dates as printed, and the days of the request, of the answer and of the extraction.

Here: the notations of dates, why a date is doubted, and which date is which day.
Not here: whether the days fit each other (facts.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pipeline.intake.letter_text import Line
from pipeline.reception.letter.parts import LetterRow, Part
from pipeline.reception.letter.passages import Fact, fact_on, one_of, place_of, sentences_in, with_next
from pipeline.reception.letter.wording import LONGEST, sentences, words

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)"
)
DATE = words(
    r"(?<![\w./-])(?:(?P<iso>\d{4}-\d{2}-\d{2})"
    r"|(?P<a>\d{1,2})(?P<sep>[./-])(?P<b>\d{1,2})(?P=sep)(?P<y1>\d{4}|\d{2})"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?: of)?[\s-]*(?P<m2>{_MONTH})\.?,?[\s-]*(?P<y2>\d{{4}}|\d{{2}}\b)"
    rf"|(?P<m3>{_MONTH})\.? (?P<d3>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y3>\d{{4}}))(?![\w/-]|\.\d)"
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FULL_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
# short ones with a capital: sun, sat and wed are words too
_WEEKDAY = (
    rf"(?P<weekday>(?i:{_FULL_WEEKDAY})\b|(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun|MON|TUES?|WED|THU|FRI|SAT|SUN)\b\.?)"
)
_WEEKDAY_BEFORE = words(rf"\b{_WEEKDAY}\)?[\s,]*(?:the )?$", re.NOFLAG)
_WEEKDAY_AFTER = words(rf"\s*\({_WEEKDAY}\)", re.NOFLAG)
_BESIDE = 30  # characters before a date in which its weekday stands
_FIRST_YEAR = 2005  # no request was made under the Act before it came into force, on 1 January 2005


@dataclass(frozen=True)
class PrintedDate:
    """A date as printed: where in its text, the day it is (None: not a day), and whether month first fits too.

    `weekday` is the weekday printed right before it, or right after it in brackets.
    """

    start: int
    end: int
    text: str
    day: date | None
    month_first: date | None
    weekday: str | None


def dates_in(text: str) -> Iterator[PrintedDate]:
    """Yield the dates printed in a text, numbers read day first, years of two digits as 20xx."""
    for m in DATE.finditer(text):
        other = None
        if m["iso"]:
            year, month, number = (int(part) for part in m["iso"].split("-"))
        elif m["a"]:
            year, month, number = _year(m["y1"]), int(m["b"]), int(m["a"])
            other = _day(year, number, month) if number != month else None
        elif m["m2"]:
            year, month, number = _year(m["y2"]), _MONTHS.index(m["m2"][:3].lower()) + 1, int(m["d2"])
        else:
            year, month, number = int(m["y3"]), _MONTHS.index(m["m3"][:3].lower()) + 1, int(m["d3"])
        beside = _WEEKDAY_BEFORE.search(text, max(0, m.start() - _BESIDE), m.start())
        beside = beside or _WEEKDAY_AFTER.match(text, m.end())
        weekday = beside["weekday"] if beside else None
        yield PrintedDate(m.start(), m.end(), m[0], _day(year, month, number), other, weekday)


def _year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def month_first_in(rows: Sequence[LetterRow]) -> str | None:
    """Return a date of the force that can only be month first, with its place; none in a British letter."""
    for row in rows:
        for printed in dates_in(row.plain) if row.part in {"said", "furniture"} else ():
            if printed.day is None and printed.month_first is not None:
                return f"{printed.text} ({row.line.place})"
    return None


def _day_or_doubt(
    printed: PrintedDate, line: Line, what: str, unsure: list[str], month_first: str | None
) -> date | None:
    """Return the day, or None and the reason under `unsure`."""
    if printed.day is None:
        unsure.append(f"{what}: {printed.text} ({line.place}) is no date with the day first; not taken")
        return None
    if printed.day.year < _FIRST_YEAR:
        unsure.append(f"{what}: {printed.text} ({line.place}) is before the Act was in force; not taken")
        return None
    if printed.month_first is not None and month_first is not None:
        unsure.append(
            f"{what}: {printed.text} ({line.place}) could be month first, as {month_first} in this letter is; not taken"
        )
        return None
    weekday = _WEEKDAYS[printed.day.weekday()]
    if printed.weekday is not None and printed.weekday[:3].lower() != weekday[:3].lower():
        beside = f"is a {weekday}, and {printed.weekday} is printed beside it"
        unsure.append(f"{what}: {printed.text} ({line.place}) {beside}; not taken")
        return None
    return printed.day


_REQUEST_WORD = r"\b(?:request|application|e-?mail|letter|correspondence|enquiry|inquiry)\b"
_RECEIVED_LABEL = words(
    r"^(?:date (?:request )?(?:was )?received|(?:request )?received(?: on| date)?|date of receipt)\b"
)
_REQUESTED_LABEL = words(r"^(?:date of (?:your )?(?:request|application)|request date|date requested)\b")
_RECEIVED = words(
    rf"{_REQUEST_WORD}[^.]*?\b(?:received|receipt)\b[^.]*?$|\b(?:received|receipt of)\b[^.]*?{_REQUEST_WORD}[^.]*?$"
)
_BEARS = words(rf"{_REQUEST_WORD}[^.]*?\b(?:dated|of)(?: the)?[\s,]*(?:\w+day,? )?$")
_REQUESTED = words(rf"{_REQUEST_WORD}[^.]*?\b(?:made|sent|submitted) on(?: the)?[\s,]*(?:\w+day,? )?$")
_NOT_RECEIVED = words(r"\bclarif|\backnowledg|\brevised\b|\bbetween\b")
_RESPONDED_LABEL = words(
    r"^(?:date|dated|date of (?:response|reply|letter|this letter|answer|disclosure)|(?:date )?responded|date sent|"
    r"date replied|response date|date completed)(?: on)?[\s:]*(?:\w+day,? )?(?:the )?$"
)
_ONLY_WEEKDAY = words(rf"^(?:{_FULL_WEEKDAY})?,?\s*$")
_HEAD_ROWS = 15  # a letter's own date stands above its salutation


def received_on(rows: Sequence[LetterRow], month_first: str | None, unsure: list[str]) -> Fact[date] | None:
    """Return the day on which the request was received, or for want of it the day it bears."""
    received: list[tuple[PrintedDate, Line]] = []
    requested: list[tuple[PrintedDate, Line]] = []
    for row, printed, before in _dated(rows):
        if _NOT_RECEIVED.search(before):
            continue
        if _BEARS.search(before) or _REQUESTED_LABEL.search(before):
            requested.append((printed, row.line))
        elif _RECEIVED_LABEL.search(before) or _RECEIVED.search(before):
            received.append((printed, row.line))
        elif _REQUESTED.search(before):
            requested.append((printed, row.line))
    what = "the day the request was received" if received else "the day the request was made"
    facts = _taken(received or requested, what, unsure, month_first)
    fact = one_of(facts, what, unsure, lambda value: value)
    if fact is not None and not received:
        unsure.append(
            f"received: {fact.value} ({place_of(fact)}) is the day the request bears; when it was received is not said"
        )
    if not received and not requested:
        unsure.append("no day on which the request was received is printed")
    return fact


def responded_on(rows: Sequence[LetterRow], month_first: str | None, unsure: list[str]) -> Fact[date] | None:
    """Return the day of the answer: labelled, or alone on a line of the head."""
    labelled = [(printed, row.line) for row, printed, before in _dated(rows) if _RESPONDED_LABEL.search(before)]
    head = [row for row in rows if row.plain][:_HEAD_ROWS]
    alone = [
        (printed, row.line)
        for row in head
        if row.part in {"said", "furniture"}
        for printed in dates_in(row.plain)
        if _ONLY_WEEKDAY.search(row.plain[: printed.start]) and not row.plain[printed.end :].strip(" .")
    ]
    facts = _taken(labelled or alone, "the day of the answer", unsure, month_first)
    fact = one_of(facts, "the day of the answer", unsure, lambda value: value)
    if fact is not None and not labelled:
        unsure.append(
            f"responded: {fact.value} ({place_of(fact)}) stands alone in the head and is taken as the letter's"
        )
    if not labelled and not alone:
        unsure.append("no day of the answer is printed")
    return fact


def _dated(rows: Sequence[LetterRow]) -> Iterator[tuple[LetterRow, PrintedDate, str]]:
    """Yield each date of the force with its row and the words before it: of its sentence, or of the line above."""
    own = [row for row in rows if row.part in {"said", "furniture"}]
    above = {id(below): row for row, below in with_next(own)}
    for row in own:
        for printed in dates_in(row.plain):
            # the mark keeps the end of the sentence before from being taken for the last one
            first = max(0, printed.start - LONGEST)
            offset, before = sentences(row.plain[first : printed.start] + "§")[-1]
            before = before.removesuffix("§")
            if first + offset == 0 and id(row) in above and not _RESPONDED_LABEL.search(before or "-"):
                before = _read_on(above[id(row)], row, before)
                beside = _WEEKDAY_BEFORE.search(before, max(0, len(before) - _BESIDE))
                printed = replace(printed, weekday=beside["weekday"]) if beside else printed
            yield row, printed, before


def _read_on(above: LetterRow, row: LetterRow, before: str) -> str:
    """Return the words before a date with the line above where that is its label or the same sentence."""
    label = not before.strip() and above.plain.endswith(":")
    adjacent = above.line.page == row.line.page and row.line.line_no - above.line.line_no == 1
    broken = adjacent and not above.plain.endswith((".", ":"))
    return f"{above.plain} {before}" if label or broken else before


def _taken(
    found: Sequence[tuple[PrintedDate, Line]], what: str, unsure: list[str], month_first: str | None
) -> list[Fact[date]]:
    days = [(_day_or_doubt(printed, line, what, unsure, month_first), line) for printed, line in found]
    return [fact_on(day, line) for day, line in days if day is not None]


_AS_AT = words(
    r"\bas (?:of|at|on)\b(?= (?:the (?:date|time|\d)|\d|today|now|\w+day\b|"
    + _MONTH
    + r"))|\b(?:date|time|day)\W{1,3}(?:of )?(?:the )?(?:extract|time extract|data extract|search)\w*|"
    r"\b(?:extracted|taken|downloaded|obtained|produced|run|retrieved)\b[^.]{0,40}?"
    r"\b(?:on|at)\b(?= (?:the )?(?:\w+day,? )?\d)|"
    r"\b(?:at|on) the (?:time|date|day|point) (?:of|that|when|the|it|they)\b[^.]{0,30}"
    r"\b(?:extract|search|run|taken|produced)\w*|"
    r"\bsnapshot\b|\bas of today\b|\bto the present day\b"
)
_TAKEN_FROM = words(
    r"\b(?:data|information|figures?|correct|accurate|extract\w*|record\w*|result\w*|system|search\w*|taken)\b"
)


_AS_AT_PARTS: tuple[Part, ...] = ("asked", "said")


def taken_on(
    rows: Sequence[LetterRow],
    received: Fact[date] | None,
    responded: Fact[date] | None,
    month_first: str | None,
    unsure: list[str],
) -> tuple[Fact[date] | None, tuple[Fact[str], ...]]:
    """Return the day on which the data were taken, where the force prints one, and every place that speaks of it."""
    places: list[Fact[str]] = []
    days: list[tuple[PrintedDate, Line]] = []
    for part in _AS_AT_PARTS:
        for sentence in sentences_in(rows, part):
            match = _AS_AT.search(sentence.text)
            if match is None:
                continue
            line = sentence.line_at(match.start())
            places.append(fact_on(" ".join(sentence.text.split()), line))
            if part == "said" and _TAKEN_FROM.search(sentence.text):
                near = (d for d in dates_in(sentence.text) if match.end() <= d.start <= match.end() + 30)
                days += [(d, line) for d in near][:1]
    what = "the day the data were taken"
    day = one_of(_taken(days, what, unsure, month_first), what, unsure, lambda value: value)
    if day is None and not days:
        between = (
            f"; it lies between the request of {received.value} and the answer of {responded.value}"
            if received is not None and responded is not None
            else ""
        )
        where = f" (but see {', '.join(map(place_of, places))})" if places else ""
        unsure.append(f"as at: the day on which the data were taken is not printed{where}{between}")
    return day, tuple(places)
