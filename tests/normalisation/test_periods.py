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
    reading = read_period(label, basis and "".join(basis))  # no constant: a basis comes from a file
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
        ("12/13", None, "unmapped"),
        ("12-13", None, "unmapped"),
        ("12/13", "range", "unmapped"),
        ("12/13", "financial", ("2012-04-01", "2013-04-01", "financial", False)),
        ("12-13", "tax", ("2012-04-06", "2013-04-06", "tax", False)),
        ("12/13", "month", ("2013-12-01", "2014-01-01", "month", False)),
        ("FY 12/13", None, ("2012-04-01", "2013-04-01", "financial", False)),
        ("Q1 12/13", None, ("2012-04-01", "2012-07-01", "financial", True)),
        ("13/14", None, ("2013-04-01", "2014-04-01", "financial", False)),
        ("12/14", None, "unmapped"),
        ("01/02", None, "unmapped"),
        ("00/01", None, "unmapped"),
        ("11/09", None, "unmapped"),  # November 2009, where the second year would be before the first
        ("12/00", None, "unmapped"),
        ("00/00", None, "invalid"),
        ("10/99", None, "unmapped"),
        ("01/99", None, "unmapped"),
        ("10/99", "month", ("1999-10-01", "1999-11-01", "month", False)),
        ("2012/13", None, ("2012-04-01", "2013-04-01", "financial", False)),
        ("2012-13", None, ("2012-04-01", "2013-04-01", "financial", False)),
        ("2022 to 2023", None, "unmapped"),
        ("2022 to 2023", "financial", ("2022-04-01", "2023-04-01", "financial", False)),
        ("Financial year 2021/22", None, ("2021-04-01", "2022-04-01", "financial", False)),
        ("2020/2021 financial year", None, ("2020-04-01", "2021-04-01", "financial", False)),
        ("FY 2011-12", None, ("2011-04-01", "2012-04-01", "financial", False)),
        ("FY 21/22", "tax", "unmapped"),
        ("FY 21/22", "calendar", "unmapped"),
        ("FY 21/22", "month", "unmapped"),
        ("FY 21/22", "range", ("2021-04-01", "2022-04-01", "financial", False)),
        ("2019/20", "month", "unmapped"),
        ("2019/2020", "month", "unmapped"),
        ("19/20", "month", "unmapped"),
        ("2019/20", "range", ("2019-04-01", "2020-04-01", "financial", False)),
        ("Tax year 2021/22", "calendar", "unmapped"),
        ("Tax year 2021/22", "month", "unmapped"),
        ("Tax year 2021/22", "range", ("2021-04-06", "2022-04-06", "tax", False)),
        ("Tax year 2021/22", None, ("2021-04-06", "2022-04-06", "tax", False)),
        ("Tax year 2021/22", "financial", "unmapped"),
        ("2019", "calendar", ("2019-01-01", "2020-01-01", "calendar", False)),
        ("2019", "financial", "unmapped"),
        ("2019", "tax", "unmapped"),
        ("2019", "month", "unmapped"),
        ("calendar year 2019", "calendar", ("2019-01-01", "2020-01-01", "calendar", False)),
        ("calendar year 2019", "range", ("2019-01-01", "2020-01-01", "calendar", False)),
        ("calendar year 2019", "financial", "unmapped"),
        ("calendar year 2019", "tax", "unmapped"),
        ("CY 2019", "month", "unmapped"),
        ("2019 calendar year", None, ("2019-01-01", "2020-01-01", "calendar", False)),
        ("Q1 2024/25", "tax", "unmapped"),
        ("Q1 2024/25", "calendar", "unmapped"),
        ("Q4 2023-24", None, ("2024-01-01", "2024-04-01", "financial", True)),
        ("2024/25 Q2", "financial", ("2024-07-01", "2024-10-01", "financial", True)),
        ("Q1 2024", None, "unmapped"),
        ("Q3 2024", "calendar", ("2024-07-01", "2024-10-01", "calendar", True)),
        ("Q5 2024/25", None, "unmapped"),
        ("Q1 2024/25", "month", "unmapped"),
        ("Q1 2011-12", "range", ("2011-04-01", "2011-07-01", "financial", True)),
        ("H1 2023/24", None, ("2023-04-01", "2023-10-01", "financial", True)),
        ("H2 2023-24", "financial", ("2023-10-01", "2024-04-01", "financial", True)),
        ("2023/24 H2", None, ("2023-10-01", "2024-04-01", "financial", True)),
        ("H2 2023", "calendar", ("2023-07-01", "2024-01-01", "calendar", True)),
        ("H1 2023", None, "unmapped"),
        ("H1 2023/24", "calendar", "unmapped"),
        ("H1 2023/24", "tax", "unmapped"),
        ("H3 2023/24", None, "unmapped"),
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
        ("2020-03-15 23:59:59", None, ("2020-03-15", "2020-03-16", "day", False)),
        ("2020-03-15 24:00", None, "unmapped"),
        ("2020-03-15 12:60", None, "unmapped"),
        ("2020-03-15 12:30:60", None, "unmapped"),
        ("Monday, April 13, 2015", None, ("2015-04-13", "2015-04-14", "day", False)),
        ("1st of March 2020", None, ("2020-03-01", "2020-03-02", "day", False)),
        ("29 Feb 2020", None, ("2020-02-29", "2020-03-01", "day", False)),
        ("31/12/1950", None, ("1950-12-31", "1951-01-01", "day", False)),
        ("01/01/50", None, ("1950-01-01", "1950-01-02", "day", False)),
        ("01/01/49", None, ("2049-01-01", "2049-01-02", "day", False)),
        ("43891", "month", ("2020-03-01", "2020-03-02", "day", False)),
        ("43891.0", "month", ("2020-03-01", "2020-03-02", "day", False)),
        ("43891.00", "month", ("2020-03-01", "2020-03-02", "day", False)),
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
        ("1 April - 30 June 2021/22", None, "unmapped"),  # of the first year alone
        ("1 Jan - 31 Mar 2021/22", "financial", "unmapped"),
        ("1 Jan - 31 Dec 2021/22", None, "unmapped"),
        ("1 Apr - 1 Apr 2021/22", None, "unmapped"),
        ("1 March - 28 Feb 2021/22", None, ("2021-03-01", "2022-03-01", "range", False)),
        ("Dec-Jan 2023/24", None, ("2023-12-01", "2024-02-01", "range", False)),
        ("1 Oct - 31 Mar 2021/22", "financial", ("2021-10-01", "2022-04-01", "financial", True)),
        ("1 Apr - 31 Mar 2023/24", None, ("2023-04-01", "2024-04-01", "financial", False)),
        ("April - March 2021/22", None, ("2021-04-01", "2022-04-01", "financial", False)),
        ("Apr-Mar 2021/22", None, ("2021-04-01", "2022-04-01", "financial", False)),
        ("Oct to Mar 2021/22", "financial", ("2021-10-01", "2022-04-01", "financial", True)),
        ("Apr - Jun 2021/22", None, "unmapped"),
        ("foo - April 5 2021/22", None, "unmapped"),
        ("April 6 - foo 2021/22", None, "unmapped"),
        ("year ending March 2024", None, ("2023-04-01", "2024-04-01", "financial", False)),
        ("year ending 5 April 2024", None, ("2023-04-06", "2024-04-06", "tax", False)),
        ("Year to 31 December 2023", None, ("2023-01-01", "2024-01-01", "calendar", False)),
        ("year ending June 2024", None, ("2023-07-01", "2024-07-01", "range", False)),
        ("year ending 28 February 2021", None, ("2020-03-01", "2021-03-01", "range", False)),
        ("year ending 28 February 2020", None, "unmapped"),
        ("12/2020 - 01/2021", None, ("2020-12-01", "2021-02-01", "range", False)),
        ("FY 2021/22", "financial", ("2021-04-01", "2022-04-01", "financial", False)),
        ("FY 2021/22", "tax", "unmapped"),
        ("tax year 2021/22", "tax", ("2021-04-06", "2022-04-06", "tax", False)),
        ("1 May 2021 to 31 July 2021", "financial", ("2021-05-01", "2021-08-01", "financial", True)),
        ("1 May 2021 to 31 July 2021", "calendar", ("2021-05-01", "2021-08-01", "calendar", True)),
        ("10 January 2021 to 3 March 2021", "financial", ("2021-01-10", "2021-03-04", "financial", True)),
        ("7 April 2021 to 5 April 2022", "tax", ("2021-04-07", "2022-04-06", "tax", True)),
        ("5 April 2021 to 7 April 2021", "tax", ("2021-04-05", "2021-04-08", "range", False)),
        ("Jan - Mar 2022", "calendar", ("2022-01-01", "2022-04-01", "calendar", True)),
        ("Jan - Mar 2022", None, ("2022-01-01", "2022-04-01", "range", False)),
        ("2 - 9 March 2022", None, "unmapped"),
        ("April to 5 May 2022", None, "unmapped"),
        ("5 April to May 2022", None, "unmapped"),
        ("1 Mar-20-Apr-20", None, "unmapped"),  # 1 March to 20 April, or to the end of April
        ("2021/2023", "financial", "unmapped"),
        ("2021-2023", None, "unmapped"),
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
        "Tuesday 3 April 2023",
        "Sun, April 3, 2023",
        "Monday 2 March 2020 to Friday 5 March 2020",
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
        ("Q1 2024/25", None, "structure: quarter or half"),
        ("H1 2024/25", None, "structure: quarter or half"),
        ("Tuesday 3 April 2023", None, "2023-04-03 is on another weekday"),
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


WEEKDAYS = [
    *(["Mon", "Monday"], ["Tue", "Tues", "Tuesday"], ["Wed", "Wednesday"], ["Thu", "Thurs", "Thursday"]),
    *(["Fri", "Friday"], ["Sat", "Saturday"], ["Sun", "Sunday"]),
]
ONE_DAY = [
    *("2/3/2020", "02/03/2020", "2.3.2020", "2-3-2020", "02-03-20", "2.3.20", "2/3/20"),
    *("2020-03-02", "2020-3-2", "2020/03/02", "2020/3/2", "2020.03.02", "2020.3.2"),
    *("2 March 2020", "2-March-2020", "2March2020", "2 Mar, 2020", "2 Mar,2020", "2 Mar-2020", "2-Mar-20", "2 Mar 20"),
    *("2nd March 2020", "2nd of March 2020", "2 of March 2020", "2nd of Mar. 2020", "2nd-of March 2020", "2 Mar '20"),
    *("March 2 2020", "March 2, 2020", "March 2nd, 2020", "Mar. 2 2020", "02 MARCH 2020"),
    *("2020-03-02 00:00", "2020-03-02 00:00:00", "2020-03-02 9:05", "2020-03-02T09:05:00", "2020-03-02t09:05:00.000Z"),
    *("02/03/2020 00:00", "2 March 2020 23:59:59", "2 March 2020 23:59:59.5", "2020-03-02T23:59Z"),
]
ONE_MONTH = [
    *("March 2020", "March, 2020", "March/2020", "March-2020", "March - 2020", "March2020", "Mar 2020", "Mar. 2020"),
    *("Mar-20", "Mar/20", "Mar'20", "Mar '20", "2020 March", "2020 Mar", "3/2020", "03/2020", "03.2020", "03-2020"),
    *("2020/03", "2020-03", "MARCH 2020", "01 March 2020 to 31 March 2020"),
]
MONTH_IF_DECLARED = ["Mar 20", "03/20", "03-20", "202003", "2020-03", "2020/03"]
FINANCIAL = [
    *("2021/22", "2021-2022", "2021/2022", "2021 / 22", "FY 2021/22", "FY2021/22", "FY: 2021/22", "FY-2021/22"),
    *("FY - 2021/22", "F/Y 2021/22", "Fin year 2021/22", "Fin. year 2021/22", "Fin.yr 2021/22", "Finyr 2021/22"),
    *("Financial year 2021/22", "Financial years 2021/22", "Financial yr 2021/22", "Financial yrs 2021/22"),
    *("2021/22 FY", "2021/22 (FY)", "2021/22 financial year", "2021/22 (financial year)", "FY21/22", "FY 2021 to 2022"),
    *("year ending March 2022", "year ended March 2022", "year to March 2022", "year end March 2022"),
    *("the year ending March 2022", "12 months ending March 2022", "twelve months to March 2022", "Y/E March 2022"),
    *("YE March 2022", "year ending in March 2022", "the 12 months to 31 March 2022", "year to 31/03/2022"),
    *("1 April 2021 to 31 March 2022", "1 April 2021 until 31 March 2022", "1 April 2021 up to 31 March 2022"),
    *("1 April 2021 up to and including 31 March 2022", "1 April 2021-31 March 2022", "1 April 2021 - 31 March 2022"),
    *(
        "from 1 April 2021 to 31 March 2022",
        "1 April 2021 to 31 March 2022 inclusive",
        "01/04/2021 - 31/03/2022(inclusive)",
    ),
    *(
        "between 1 April 2021 and 31 March 2022",
        "1 April 2021 to 31 March 2022 (inclusive)",
        "April 2021 to March 2022",
    ),
    *(
        "April 1 - March 31 2021/22",
        "April 1-March 31 2021/22",
        "1 April to 31 March 2021/22",
        "1 Apr -31 Mar 2021/2022",
    ),
]
CALENDAR = [
    *("CY 2021", "CY2021", "calendar year 2021", "calendar year2021", "2021 calendar year", "1 Jan-31 Dec 2021"),
    *("1Jan-31Dec 2021", "1-Jan to 31-Dec 2021", "1st of January to 31st of December 2021", "Jan 1 - Dec 31 2021"),
    *(
        "January to December 2021",
        "Jan-Dec 2021",
        "Jan 2021 - Dec 2021",
        "year to December 2021",
        "1 of Jan - 31/12/2021",
    ),
]
QUARTER = [
    *("Q3 2021/22", "Quarter 3 2021/22", "Qtr 3 2021/22", "Qtr3 2021/22", "Q3: 2021/22", "Q3, 2021/22", "Q3-2021/22"),
    *("Q3 FY 2021/22", "Q3 FY2021/22", "Q3 financial year 2021/22", "Q3 - 2021-22", "Q32021/22", "Q3 2021-2022"),
    *("2021/22 Q3", "2021-22 Q3", "2021/22: Q3", "2021/22, Q3", "2021/22-Q3", "2021/22Q3", "2021/22 Quarter 3"),
    *("2021/22 Qtr 3", "2021/22 Qtr3", "2021/2022 Q3"),
]


@pytest.mark.parametrize(
    ("labels", "basis", "expected"),
    [
        (ONE_DAY, None, ("2020-03-02", "2020-03-03", "day", False)),
        (ONE_MONTH, None, ("2020-03-01", "2020-04-01", "month", False)),
        (MONTH_IF_DECLARED, "month", ("2020-03-01", "2020-04-01", "month", False)),
        (["Nov 20", "11/20", "11-20", "202011"], "month", ("2020-11-01", "2020-12-01", "month", False)),
        (FINANCIAL, None, ("2021-04-01", "2022-04-01", "financial", False)),
        (CALENDAR, None, ("2021-01-01", "2022-01-01", "calendar", False)),
        (QUARTER, None, ("2021-10-01", "2022-01-01", "financial", True)),
        (
            ["tax year 2021/22", "tax year: 2021/22", "2021-22", "2021/2022"],
            "tax",
            ("2021-04-06", "2022-04-06", "tax", False),
        ),
    ],
)
def test_every_way_of_writing_one_period(labels: list[str], basis: str | None, expected: Expected) -> None:
    assert {label: said(label, basis) for label in labels} == dict.fromkeys(labels, expected)


@pytest.mark.parametrize("day", range(2, 9))
def test_a_day_is_read_with_its_own_weekday_only(day: int) -> None:
    for number, names in enumerate(WEEKDAYS):
        for name in names:
            for label in (f"{name} {day} March 2020", f"{name}, March {day}, 2020"):
                expected = (
                    "invalid" if number != day - 2 else (f"2020-03-0{day}", f"2020-03-{day + 1:02}", "day", False)
                )
                assert said(label) == expected, label


@pytest.mark.parametrize("day", [1, 2, 3, 4, 11, 21, 22, 23, 30, 31])
def test_ordinals(day: int) -> None:
    ending = {1: "st", 21: "st", 31: "st", 2: "nd", 22: "nd", 3: "rd", 23: "rd"}.get(day, "th")
    assert said(f"{day}{ending} March 2020") == said(f"{day} March 2020") == said(f"March {day}{ending}, 2020")
    assert said(f"{day} March 2020") == (f"2020-03-{day:02}", str(date(2020, 3, day) + timedelta(days=1)), "day", False)


@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize(
    "label",
    [
        *("2/3.2020", "2020-03/02", "2 of of March 2020", "2th 3 2020", "2 March 2020 9", "2 March 2020 9:5", "T09:05"),
        *("2020-03-02 123:00", "2020-03-02:00:00", "Foo, 2 March 2020", "Mond 2 March 2020", "Mon.2 March 2020"),
        *(
            "March & 2020",
            "March 202",
            "20 20 March",
            "2020.03",
            "003/2020",
            "0/2020",
            "March 2020 FY",
            "cal year 2021",
        ),
        *(
            "FYI 2021/22",
            "F Y 2021/22",
            "2021/22 tax year",
            "2021//22",
            "2021 22",
            "2021/222",
            "1921/2",
            "year 2021/22",
        ),
        *("Q0 2021/22", "Q33 2021/22x", "3Q 2021/22", "Q3 / 2021/22", "Q 3 2021/22", "2021/22 Q", "2021/22/ Q3x"),
        *(
            "year ending",
            "year ending foo",
            "13 months to March 2022",
            "months ending March 2022",
            "yr ending March 2022",
        ),
        *(
            "1 April 2021 til 31 March 2022",
            "1 April 2021 to",
            "to 31 March 2022",
            "between 1 April 2021 to foo and bar",
        ),
    ],
)
def test_what_is_no_notation_is_unmapped(label: str, basis: str | None) -> None:
    assert said(label, basis) == "unmapped"


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
