"""Buckets: the months and years that a period counts in.

Records roll up: a month is in its month, its calendar year and its financial year. Counts never do: a printed
year is in itself alone. 6 April years are never rolled up to: every one of them begins and ends inside an April.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from pipeline.normalisation.reading import PeriodReading

MONTH = "month"
YEAR_BASES = ("calendar", "financial", "tax")
_FIRST_DAY = {"calendar": (1, 1), "financial": (4, 1), "tax": (4, 6)}


@dataclass(frozen=True)
class Bucket:
    """A month or year: `basis` month, calendar, financial or tax; half-open; `part` where not all of it is covered."""

    basis: str
    code: str
    start: date
    end: date
    part: bool

    @property
    def kind(self) -> str:
        """The dimension it is a value of: month or year."""
        return MONTH if self.basis == MONTH else "year"


def dimensions_of(basis: str | None, layout: str) -> tuple[str, ...]:
    """Return which period dimensions an observation with a period of `basis` has."""
    if layout == "records" and basis in {MONTH, "day"}:
        return ("month", "year")
    if basis == MONTH:
        return ("month",)
    return ("year",) if basis in YEAR_BASES else (basis or "range",)


def buckets_of(period: PeriodReading, layout: str, covers: tuple[date, date] | None) -> list[Bucket]:
    """Return the buckets of a period. `covers` is what the table covers, half-open; outside of it a bucket is part.

    Where nobody says what a table of records covers, nobody can say that what is added up from its lines is whole:
    then each bucket longer than the period of a line is part.
    """
    if period.start is None or period.end is None or period.basis is None:
        return []
    if layout == "records" and period.basis in {MONTH, "day"}:
        first = period.start
        buckets = (month_of(first, covers), year_of(first, "calendar", covers), year_of(first, "financial", covers))
        return [replace(b, part=b.part or (covers is None and b.basis != period.basis)) for b in buckets]
    if period.basis == MONTH:
        return [month_of(period.start, covers)]
    if period.basis not in YEAR_BASES:
        return []
    whole = year_of(period.start, period.basis, covers)
    if period.part:
        code = f"range-{period.start}--{period.end}"
        return [Bucket(period.basis, code, period.start, period.end, True)]
    return [whole]


def month_of(day: date, covers: tuple[date, date] | None) -> Bucket:
    """Return the month that a day is in."""
    start = day.replace(day=1)
    return _bucket(MONTH, f"{start:%Y-%m}", start, _next_month(start), covers)


def year_of(day: date, basis: str, covers: tuple[date, date] | None) -> Bucket:
    """Return the year of `basis` that a day is in."""
    month, first = _FIRST_DAY[basis]
    year = day.year if (day.month, day.day) >= (month, first) else day.year - 1
    code = str(year) if basis == "calendar" else f"{year}-{(year + 1) % 100:02d}"
    return _bucket(basis, code, date(year, month, first), date(year + 1, month, first), covers)


def covering(covers: tuple[date, date], basis: str) -> Iterator[Bucket]:
    """Yield every bucket of `basis` that the period touches, in order."""
    day = covers[0]
    while day < covers[1]:
        bucket = month_of(day, covers) if basis == MONTH else year_of(day, basis, covers)
        yield bucket
        day = bucket.end


def _bucket(basis: str, code: str, start: date, end: date, covers: tuple[date, date] | None) -> Bucket:
    part = covers is not None and not (covers[0] <= start and end <= covers[1])
    return Bucket(basis, code, start, end, part)


def _next_month(start: date) -> date:
    return date(start.year + start.month // 12, start.month % 12 + 1, 1)
