"""The months and years a period counts in: records roll up, counts never do, and part years are part."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalisation.buckets import (
    YEAR_BASES,
    Bucket,
    buckets_of,
    covering,
    dimensions_of,
    month_of,
    year_of,
)
from pipeline.normalisation.periods import read_period

DAYS = st.dates(date(1990, 1, 2), date(2060, 1, 1))
BASES = st.sampled_from(["month", *YEAR_BASES])


def codes(label: str, layout: str, basis: str | None = None) -> list[tuple[str, str]]:
    return [(b.basis, b.code) for b in buckets_of(read_period(label, basis), layout, None)]


def test_a_month_of_records_is_in_its_month_its_calendar_and_its_financial_year_and_no_tax_year() -> None:
    expected = [("month", "2024-03"), ("calendar", "2024"), ("financial", "2023-24")]
    assert codes("Mar-24", "records") == expected
    assert codes("31/03/2024", "records") == expected
    assert codes("Apr-24", "records")[-1] == ("financial", "2024-25")


def test_a_printed_count_is_in_its_own_period_alone() -> None:
    assert codes("Mar-24", "counts") == [("month", "2024-03")]
    assert codes("2024", "counts", "calendar") == [("calendar", "2024")]
    assert codes("2023/24", "counts", "financial") == [("financial", "2023-24")]
    assert codes("6th Apr 2023 to 5th Apr 2024", "counts", "tax") == [("tax", "2023-24")]


def test_a_year_of_records_is_in_that_year_alone() -> None:
    assert codes("2019/20", "records", "financial") == [("financial", "2019-20")]


def test_what_cannot_be_read_and_odd_ranges_are_in_no_bucket() -> None:
    assert codes("whenever", "records") == []
    assert codes("1 April 2018 to 24 September 2018", "counts") == []


def test_a_part_year_shows_its_true_ends() -> None:
    period = read_period("21/05/2015 to 31/12/2015", "calendar")
    (bucket,) = buckets_of(period, "counts", None)
    assert bucket == Bucket("calendar", "range-2015-05-21--2016-01-01", date(2015, 5, 21), date(2016, 1, 1), True)


@pytest.mark.parametrize(
    ("day", "basis", "code"),
    [
        (date(2024, 3, 31), "financial", "2023-24"),
        (date(2024, 4, 1), "financial", "2024-25"),
        (date(2024, 4, 5), "tax", "2023-24"),
        (date(2024, 4, 6), "tax", "2024-25"),
        (date(1999, 12, 31), "financial", "1999-00"),
        (date(2024, 12, 31), "calendar", "2024"),
    ],
)
def test_a_day_is_in_the_year_of_its_basis(day: date, basis: str, code: str) -> None:
    assert year_of(day, basis, None).code == code


@pytest.mark.parametrize(
    ("covers", "part"),
    [
        ((date(2020, 1, 1), date(2021, 1, 1)), False),
        ((date(2019, 1, 1), date(2024, 1, 1)), False),
        ((date(2020, 1, 2), date(2021, 1, 1)), True),
        ((date(2020, 1, 1), date(2020, 12, 31)), True),
        ((date(2022, 1, 1), date(2023, 1, 1)), True),
    ],
)
def test_a_year_that_the_table_does_not_wholly_cover_is_part(covers: tuple[date, date], part: bool) -> None:
    assert year_of(date(2020, 6, 1), "calendar", covers).part is part


@pytest.mark.parametrize(
    ("basis", "layout", "expected"),
    [
        ("month", "records", ("month", "year")),
        ("day", "records", ("month", "year")),
        ("month", "counts", ("month",)),
        ("calendar", "counts", ("year",)),
        ("tax", "records", ("year",)),
        ("range", "counts", ("range",)),
        (None, "counts", ("range",)),
        ("day", "counts", ("day",)),
    ],
)
def test_a_period_gives_the_dimensions_it_can_be_counted_by(
    basis: str | None, layout: str, expected: tuple[str, ...]
) -> None:
    assert dimensions_of(basis, layout) == expected


@given(DAYS, BASES)
def test_every_day_is_in_one_bucket_of_each_basis(day: date, basis: str) -> None:
    bucket = month_of(day, None) if basis == "month" else year_of(day, basis, None)
    assert bucket.start <= day < bucket.end
    assert bucket.kind == ("month" if basis == "month" else "year")
    before = bucket.start - timedelta(days=1)
    other = month_of(before, None) if basis == "month" else year_of(before, basis, None)
    assert other.end == bucket.start
    assert other.code != bucket.code


@given(DAYS, st.integers(1, 2000), BASES)
def test_the_buckets_of_a_span_follow_each_other_without_gap_and_only_the_ends_are_part(
    start: date, days: int, basis: str
) -> None:
    covers = (start, start + timedelta(days=days))
    found = list(covering(covers, basis))
    assert found[0].start <= covers[0] < found[0].end
    assert found[-1].start < covers[1] <= found[-1].end
    assert all(one.end == other.start for one, other in pairwise(found))
    assert {bucket.basis for bucket in found} == {basis}
    assert not any(bucket.part for bucket in found[1:-1])
    assert found[0].part is (found[0].start < covers[0] or found[0].end > covers[1])


@given(DAYS, st.sampled_from(["records", "counts"]))
def test_the_dimensions_of_a_month_are_those_of_its_buckets(day: date, layout: str) -> None:
    period = read_period(f"{day:%B %Y}", None)
    kinds = {bucket.kind for bucket in buckets_of(period, layout, None)}
    assert kinds == set(dimensions_of(period.basis, layout))


@pytest.mark.parametrize("month", range(1, 13))
def test_a_month_ends_where_the_next_begins(month: int) -> None:
    bucket = month_of(date(2023, month, 17), None)
    following = date(2023, month + 1, 1) if month < 12 else date(2024, 1, 1)
    assert (bucket.code, bucket.start, bucket.end) == (f"2023-{month:02}", date(2023, month, 1), following)


def test_what_is_covered_up_to_a_first_day_does_not_reach_into_what_begins_there() -> None:
    year = (date(2020, 1, 1), date(2021, 1, 1))
    assert [bucket.code for bucket in covering(year, "calendar")] == ["2020"]
    assert len(list(covering(year, "month"))) == 12


def test_layout_and_basis_are_told_by_their_text() -> None:
    """They come from files, so that they are no constants of ours."""
    month, records, calendar = ("".join(text) for text in ("month", "records", "calendar"))
    whole = read_period("Mar-24")
    reading = replace(whole, basis=month)
    assert dimensions_of(month, records) == ("month", "year")
    assert dimensions_of(month, "counts") == ("month",)
    assert [bucket.basis for bucket in buckets_of(reading, records, None)] == ["month", "calendar", "financial"]
    assert [bucket.code for bucket in buckets_of(reading, "counts", None)] == ["2024-03"]
    assert year_of(date(2024, 3, 1), calendar, None).code == "2024"
    assert [bucket.basis for bucket in covering((date(2024, 3, 1), date(2024, 4, 1)), month)] == ["month"]
    assert Bucket(month, "2024-03", date(2024, 3, 1), date(2024, 4, 1), False).kind == "month"
