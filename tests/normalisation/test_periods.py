from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalisation.periods import read_period
from tests.normalisation.collected import needs_data, rows

COLLECTED = rows("reference/labels_months.csv")
BASES = [None, "calendar", "financial", "tax", "month", "range"]
Expected = tuple[str, str, str, bool] | str
UNMAPPED = {
    "2015*",  # true ends only in the letter
    "*2011 YTD",
    "2011 – 18 crimes (YTD up to and including 30/04/11)",
    "last five financial years, and the current financial year to 02.10.19",
    "2019",
    "2022 to 2023",  # needs a basis: two calendar years as well
    "2020/21, 21/22, 22/23, 23/24, 24/25",
    "2023/",
    "this year so far",
    "last year alone",
    "April",
    "45383",  # needs the basis month: a count as well
}
MEANT = {
    "April 6 - April 5 2021/22": ("2021-04-06", "2022-04-06", "tax", False),
    "2021/2022": ("2021-04-01", "2022-04-01", "financial", False),
    "22/07/2024": ("2024-07-22", "2024-07-23", "day", False),
    "1 Jan-31 Dec 2014": ("2014-01-01", "2015-01-01", "calendar", False),
    "01 April 2015 to 31 March 2016": ("2015-04-01", "2016-04-01", "financial", False),
    "01 April 2018 – 24/09/18": ("2018-04-01", "2018-09-25", "range", False),
    "02.10.19": ("2019-10-02", "2019-10-03", "day", False),
    "2019/2020": ("2019-04-01", "2020-04-01", "financial", False),
    "1 Apr 2024 to 31 March 2025": ("2024-04-01", "2025-04-01", "financial", False),
    "01/04/2022-31/03/2023": ("2022-04-01", "2023-04-01", "financial", False),
    "September 2021": ("2021-09-01", "2021-10-01", "month", False),
    "2017-05": ("2017-05-01", "2017-06-01", "month", False),
    "31-Jan-24": ("2024-01-31", "2024-02-01", "day", False),
    "3-Apr-17": ("2017-04-03", "2017-04-04", "day", False),
    "2023-2024": ("2023-04-01", "2024-04-01", "financial", False),
    "Apr-24": ("2024-04-01", "2024-05-01", "month", False),
    "FY24/25": ("2024-04-01", "2025-04-01", "financial", False),
    "Q1 2024/25": ("2024-04-01", "2024-07-01", "financial", True),
    "01/04/2024": ("2024-04-01", "2024-04-02", "day", False),
}


def said(label: str, basis: str | None = None) -> Expected:
    reading = read_period(label, basis)
    if reading.start is None or reading.end is None or reading.basis is None:
        assert (reading.start, reading.end, reading.basis, reading.part) == (None, None, None, False)
        return reading.status
    assert reading.status == "mapped" and reading.start < reading.end
    return reading.start.isoformat(), reading.end.isoformat(), reading.basis, reading.part


@needs_data
@pytest.mark.parametrize("row", COLLECTED, ids=lambda row: row["raw_label"])
def test_collected_labels(row: dict[str, str]) -> None:
    label = row["raw_label"]
    if label in {"TBC", "Not known"}:
        assert said(label) == "unknown"
    elif label in UNMAPPED:
        assert said(label) == "unmapped"
    else:
        assert said(label) == MEANT[label]


@pytest.mark.parametrize(
    ("label", "basis", "expected"),
    [
        ("6th Apr 2021 to 5th Apr 2022", None, ("2021-04-06", "2022-04-06", "tax", False)),
        ("1 Jan-30th Nov 2016", "calendar", ("2016-01-01", "2016-12-01", "calendar", True)),
        ("1 Jan-30th Nov 2016", "financial", ("2016-01-01", "2016-12-01", "range", False)),
        ("1 Jan-30th Nov 2016", None, ("2016-01-01", "2016-12-01", "range", False)),
        ("1 Jan - 31 Mar 2016", "financial", ("2016-01-01", "2016-04-01", "financial", True)),
        ("1 Jan - 5 Apr 2016", "financial", ("2016-01-01", "2016-04-06", "range", False)),
        ("1 Jan - 5 Apr 2016", "tax", ("2016-01-01", "2016-04-06", "tax", True)),
        ("1 Mar 2020 - 9 Mar 2020", "month", ("2020-03-01", "2020-03-10", "month", True)),
        ("1 Mar 2020 - 9 Apr 2020", "month", ("2020-03-01", "2020-04-10", "range", False)),
        ("1 Mar 2020 - 31 Mar 2020", "calendar", ("2020-03-01", "2020-04-01", "month", False)),
        ("1 Apr 2024 to 31 March 2025", "calendar", ("2024-04-01", "2025-04-01", "financial", False)),
        ("01 April 2018 – 24/09/18", "financial", ("2018-04-01", "2018-09-25", "financial", True)),
        ("5 Mar 2020 - 5 Mar 2020", None, ("2020-03-05", "2020-03-06", "day", False)),
        (
            "from 1 April 2020 to 31 March 2021 (inclusive)",
            None,
            ("2020-04-01", "2021-04-01", "financial", False),
        ),
        ("between 1 April 2020 and 31 March 2021", None, ("2020-04-01", "2021-04-01", "financial", False)),
        ("01/01/2015 to 31/12/2015", "calendar", ("2015-01-01", "2016-01-01", "calendar", False)),
        ("2020-01-01 - 2020-03-31", None, ("2020-01-01", "2020-04-01", "range", False)),
        ("Apr 2021 - Mar 2022", None, ("2021-04-01", "2022-04-01", "financial", False)),
        ("Jan-Dec 2019", None, ("2019-01-01", "2020-01-01", "calendar", False)),
        ("April - June 2020", "financial", ("2020-04-01", "2020-07-01", "financial", True)),
        ("Apr-21 to Mar-22", None, ("2021-04-01", "2022-04-01", "financial", False)),
        ("2021/22", None, ("2021-04-01", "2022-04-01", "financial", False)),
        ("2021-22", "financial", ("2021-04-01", "2022-04-01", "financial", False)),
        ("2021/22", "tax", ("2021-04-06", "2022-04-06", "tax", False)),
        ("2021/22", "calendar", "unmapped"),
        ("21/22", None, ("2021-04-01", "2022-04-01", "financial", False)),
        ("1999/00", None, ("1999-04-01", "2000-04-01", "financial", False)),
        ("99/00", None, ("1999-04-01", "2000-04-01", "financial", False)),
        ("49/50", None, ("2049-04-01", "2050-04-01", "financial", False)),
        ("2011-12", None, "unmapped"),
        ("2011-12", "month", ("2011-12-01", "2012-01-01", "month", False)),
        ("2011-12", "financial", ("2011-04-01", "2012-04-01", "financial", False)),
        ("2011-13", None, "unmapped"),
        ("2011-11", None, ("2011-11-01", "2011-12-01", "month", False)),
        ("2000-01", None, "unmapped"),
        ("2011/12", None, ("2011-04-01", "2012-04-01", "financial", False)),
        ("11/12", None, "unmapped"),
        ("11/12", "financial", ("2011-04-01", "2012-04-01", "financial", False)),
        ("12/13", None, ("2012-04-01", "2013-04-01", "financial", False)),
        ("2022 to 2023", None, "unmapped"),
        ("2022 to 2023", "financial", ("2022-04-01", "2023-04-01", "financial", False)),
        ("Financial year 2021/22", None, ("2021-04-01", "2022-04-01", "financial", False)),
        ("2020/2021 financial year", None, ("2020-04-01", "2021-04-01", "financial", False)),
        ("FY 2011-12", None, ("2011-04-01", "2012-04-01", "financial", False)),
        ("FY 21/22", "tax", "unmapped"),
        ("FY 21/22", "calendar", ("2021-04-01", "2022-04-01", "financial", False)),
        ("Tax year 2021/22", None, ("2021-04-06", "2022-04-06", "tax", False)),
        ("Tax year 2021/22", "financial", "unmapped"),
        ("2019", "calendar", ("2019-01-01", "2020-01-01", "calendar", False)),
        ("2019", "financial", "unmapped"),
        ("2019", "tax", "unmapped"),
        ("2019", "month", "unmapped"),
        ("calendar year 2019", "financial", ("2019-01-01", "2020-01-01", "calendar", False)),
        ("2019 calendar year", None, ("2019-01-01", "2020-01-01", "calendar", False)),
        ("Q1 2024/25", "tax", "unmapped"),
        ("Q1 2024/25", "calendar", "unmapped"),
        ("Q4 2023-24", None, ("2024-01-01", "2024-04-01", "financial", True)),
        ("2024/25 Q2", "financial", ("2024-07-01", "2024-10-01", "financial", True)),
        ("Q1 2024", None, "unmapped"),
        ("Q3 2024", "calendar", ("2024-07-01", "2024-10-01", "calendar", True)),
        ("Q5 2024/25", None, "unmapped"),
        ("Mar-20", None, ("2020-03-01", "2020-04-01", "month", False)),
        ("Mar '20", None, ("2020-03-01", "2020-04-01", "month", False)),
        ("Sept 2021", None, ("2021-09-01", "2021-10-01", "month", False)),
        ("Dec. 2021", None, ("2021-12-01", "2022-01-01", "month", False)),
        ("Mar 20", None, "unmapped"),
        ("Mar 20", "month", ("2020-03-01", "2020-04-01", "month", False)),
        ("March 2020", "financial", ("2020-03-01", "2020-04-01", "month", False)),
        ("2020-03", None, ("2020-03-01", "2020-04-01", "month", False)),
        ("03/2020", None, ("2020-03-01", "2020-04-01", "month", False)),
        ("3/2020", None, ("2020-03-01", "2020-04-01", "month", False)),
        ("13/2020", None, "unmapped"),
        ("202003", None, "unmapped"),
        ("202003", "month", ("2020-03-01", "2020-04-01", "month", False)),
        ("11/19", "month", ("2019-11-01", "2019-12-01", "month", False)),
        ("01/03/2020", None, ("2020-03-01", "2020-03-02", "day", False)),
        ("1.3.20", None, ("2020-03-01", "2020-03-02", "day", False)),
        ("01/03/2020", "month", ("2020-03-01", "2020-03-02", "day", False)),
        ("2020-03-15", None, ("2020-03-15", "2020-03-16", "day", False)),
        ("2020-03-15 00:00:00", None, ("2020-03-15", "2020-03-16", "day", False)),
        ("15/03/2020 13:45", None, ("2020-03-15", "2020-03-16", "day", False)),
        ("Monday, April 13, 2015", None, ("2015-04-13", "2015-04-14", "day", False)),
        ("1st of March 2020", None, ("2020-03-01", "2020-03-02", "day", False)),
        ("29 Feb 2020", None, ("2020-02-29", "2020-03-01", "day", False)),
        ("31/12/1950", None, ("1950-12-31", "1951-01-01", "day", False)),
        ("01/01/50", None, ("1950-01-01", "1950-01-02", "day", False)),
        ("01/01/49", None, ("2049-01-01", "2049-01-02", "day", False)),
        ("43891", "month", ("2020-03-01", "2020-03-02", "day", False)),
        ("43891.0", "month", ("2020-03-01", "2020-03-02", "day", False)),
        ("43891", "calendar", "unmapped"),
        ("43891", None, "unmapped"),
        ("12345", "month", "unmapped"),
        ("19999", "month", "unmapped"),
        ("20000", "month", ("1954-10-03", "1954-10-04", "day", False)),
        ("69999", "month", ("2091-08-24", "2091-08-25", "day", False)),
        ("70000", "month", "unmapped"),
        ("2020 March", None, ("2020-03-01", "2020-04-01", "month", False)),
        ("Q1 FY 2024/25", None, ("2024-04-01", "2024-07-01", "financial", True)),
        ("Q1 2011-12", None, ("2011-04-01", "2011-07-01", "financial", True)),
        ("2021/21", None, "invalid"),
        ("April 6 - April 5 2021/23", None, "unmapped"),
        ("foo - April 5 2021/22", None, "unmapped"),
        ("April 6 - foo 2021/22", None, "unmapped"),
        ("year ending March 2024", None, ("2023-04-01", "2024-04-01", "financial", False)),
        ("year ending 5 April 2024", None, ("2023-04-06", "2024-04-06", "tax", False)),
        ("Year to 31 December 2023", None, ("2023-01-01", "2024-01-01", "calendar", False)),
        ("year ending June 2024", None, ("2023-07-01", "2024-07-01", "range", False)),
        ("year ending 28 February 2021", None, ("2020-03-01", "2021-03-01", "range", False)),
        ("year ending 28 February 2020", None, "unmapped"),
        ("12/2020 - 01/2021", None, ("2020-12-01", "2021-02-01", "range", False)),
    ],
)
def test_notations(label: str, basis: str | None, expected: Expected) -> None:
    assert said(label, basis) == expected


@pytest.mark.parametrize(
    "label",
    [
        "31/02/2020",
        "31 Feb 2020",
        "29 Feb 2021",
        "03/15/2020",
        "2020-13-01",
        "00/01/2020",
        "5 Apr 2022 - 6 Apr 2021",
        "1 Apr - 31 Mar 2016",
        "Apr - Mar 2022",
        "31 Feb - 31 Mar 2020",
        "2022/21",
        "2022-2021",
        "1 April 2020 to 31 April 2020",
    ],
)
def test_days_and_ranges_that_cannot_be_are_invalid_never_mended(label: str) -> None:
    assert said(label) == "invalid"


@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize(
    "label",
    [
        "2015*",
        "2024**",
        "2021/22*",
        "*2011 YTD",
        "2024 YTD",
        "2024/25 (to date)",
        "April",
        "20-Mar",
        "FY2024",
        "2021/23",
        "2022/24",
        "2021/22 to 2022/23",
        "since 2019",
        "2018 to end of August 2021",
        "2023/",
        "Total",
        "Grand Total",
        "12",
        "5-6 April 2020",
        "21/2022",
        "1 Mar",
        "Mar",
        "week 12",
        "2021/22?",
        "1889",
        "2100",
        "01-03/2020",
    ],
)
def test_what_the_label_leaves_open_is_unmapped(label: str, basis: str | None) -> None:
    assert said(label, basis) == "unmapped"


@pytest.mark.parametrize("label", ["", " ", "\u00a0", "Not known", "TBC", "N/A", "NULL"])
def test_nothing_said_is_unknown(label: str) -> None:
    assert said(label) == "unknown"


@pytest.mark.parametrize(
    ("label", "basis", "rule"),
    [
        ("", None, "blank"),
        ("TBC", None, "reference row"),
        ("01/03/2020", None, "structure: day"),
        ("Mar-20", None, "structure: month"),
        ("43891", "month", "structure: serial day of a spreadsheet"),
        ("2021/22", None, "structure: two years"),
        ("2019", "calendar", "structure: one year"),
        ("Q1 2024/25", None, "structure: quarter"),
        ("year ending March 2024", None, "structure: year ending"),
        ("April 6 - April 5 2021/22", None, "structure: days and two years"),
        ("1 Jan-31 Dec 2014", None, "structure: range"),
        ("2015*", None, "no notation that reads in one way only"),
        ("31/02/2020", None, "there is no day 31, month 2, 2020"),
        ("5 Apr 2022 - 6 Apr 2021", None, "the range ends before it starts"),
        ("2022/21", None, "the second year is not after the first"),
    ],
)
def test_a_reading_says_what_decided(label: str, basis: str | None, rule: str) -> None:
    assert read_period(label, basis).rule == rule


def test_only_the_five_declared_bases_are_known() -> None:
    with pytest.raises(ValueError, match=r"^basis 'day' is none of calendar, financial, tax, month, range$"):
        read_period("2019", "day")


DAYS = st.dates(date(1950, 1, 1), date(2049, 12, 31))


@given(
    DAYS,
    st.sampled_from(
        ["%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%d-%m-%y", "%Y-%m-%d", "%d %B %Y", "%d-%b-%y", "%A, %B %d, %Y"]
    ),
    st.sampled_from(BASES),
)
def test_every_day_in_every_notation_is_that_day(day: date, notation: str, basis: str | None) -> None:
    reading = read_period(day.strftime(notation), basis)
    assert (reading.start, reading.end, reading.basis) == (day, day + timedelta(days=1), "day")


@given(DAYS, st.integers(1, 3000), st.sampled_from(["%d/%m/%Y", "%d %b %Y", "%Y-%m-%d"]), st.sampled_from(BASES))
def test_every_printed_range_keeps_its_ends_whatever_is_declared(
    first: date, days: int, notation: str, basis: str | None
) -> None:
    last = first + timedelta(days=days)
    if last.year > 2049:
        return
    reading = read_period(f"{first.strftime(notation)} to {last.strftime(notation)}", basis)
    assert (reading.start, reading.end) == (first, last + timedelta(days=1))
    assert not reading.part or reading.basis == basis


@given(st.integers(1950, 2048))
def test_two_years_are_one_financial_year(year: int) -> None:
    for label in (f"{year}/{year + 1}", f"{year}-{year + 1}", f"FY {year}-{(year + 1) % 100:02}"):
        assert said(label) == (f"{year}-04-01", f"{year + 1}-04-01", "financial", False)
    assert (
        said(f"{year}/{(year + 2) % 100:02}", "financial") in {"unmapped", "invalid"}
        or year % 100 >= 98
        or (1 <= (year + 2) % 100 <= 12)
    )


@given(
    st.dates(date(1950, 1, 1), date(2049, 12, 31)),
    st.sampled_from(["%B %Y", "%b-%y", "%m/%Y", "%b %Y"]),
    st.sampled_from(BASES),
)
def test_every_month_in_every_notation_is_that_month(day: date, notation: str, basis: str | None) -> None:
    reading = read_period(day.strftime(notation), basis)
    assert reading.start == day.replace(day=1) and reading.basis == "month" and not reading.part
    assert reading.end == (day.replace(day=28) + timedelta(days=4)).replace(day=1)


@given(st.text(max_size=40), st.sampled_from(BASES))
def test_no_text_crashes(text: str, basis: str | None) -> None:
    said(text, basis)


@given(st.text(alphabet="0123456789/-. aprilmchtoFYQ'", max_size=24), st.sampled_from(BASES))
def test_nothing_like_a_period_crashes(text: str, basis: str | None) -> None:
    said(text, basis)


@given(st.sampled_from(sorted(MEANT)))
def test_case_and_blanks_change_nothing(label: str) -> None:
    assert said(f" {label.upper()}\u00a0") == said(label.lower()) == MEANT[label]
