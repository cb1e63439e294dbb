"""Change from year to year, and sums over adjacent periods: given only where they mean something."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.figures.derived.book import percent
from tests.disclosures import Raw, counts_table, records_table
from tests.figures.seen import figures, interval, only

YEARS = {"period": "Year", "count": "Count"}
SUPPRESSED = {"<5": {"kind": "suppressed", "min": 1, "max": 4}, "*": {"kind": "suppressed"}}


def add(raw: Raw, cells: str, **terms: Any) -> None:
    """Write a table of counts by year; `cells` is `2020=30 2021=45`."""
    lines = "\n".join(cell.replace("=", ",") for cell in cells.split())
    raw.add([counts_table(YEARS, **terms)], {"counts.csv": f"Year,Count\n{lines}\n"})


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        (1, 3, 33.3),
        (2, 3, 66.7),
        (1, 16, 6.3),
        (-1, 16, -6.3),
        (1, 2000, 0.1),
        (-1, 2000, -0.1),
        (1, 2001, 0.0),
        (0, 7, 0.0),
        (9, 98, 9.2),
        (3, 1, 300.0),
    ],
)
def test_percent_is_to_one_decimal_halves_away_from_zero(numerator: int, denominator: int, expected: float) -> None:
    assert percent(numerator, denominator) == expected


def test_a_change_is_of_two_adjacent_years(raw: Raw) -> None:
    add(raw, "2020=40 2021=45 2023=90")
    change = only(raw.build(), "year_change")
    assert (change["year"], change["denominator"], change["numerator"]) == ("2021", 40, 45)
    assert (change["value"], change["unit"], change["n"]) == (12.5, "percent", 2)
    assert change["parents"] == [
        "crimes_year/dorset/test-1/q1/crimes/unstated/calendar/2020",
        "crimes_year/dorset/test-1/q1/crimes/unstated/calendar/2021",
    ]


@pytest.mark.parametrize(
    ("cells", "terms", "reason"),
    [
        ("2020=19 2021=45", {}, "base below 20"),
        ("2020=0 2021=45", {}, "base below 20"),
        ("2020=<5 2021=45", {"markers": SUPPRESSED}, "a count is not exact"),
        ("2020=45 2021=*", {"markers": SUPPRESSED}, "a count is not exact"),
        ("2020=40 2021=45", {"complete": "cut"}, "the table is cut (cut, whole not known)"),
        (
            "2020=40 2021=45",
            {"breaks": [{"date": "2021-01-01", "text": "new system"}]},
            "recording changed on 2021-01-01: new system",
        ),
        (
            "2020=40 2021*=45",
            {"period_labels": {"2021*": {"start": "2021-01-01", "end": "2021-11-19"}}},
            "range-2021-01-01--2021-11-20 is a part year",
        ),
        (
            "2020=40 2021=45",
            {"covers": {"basis": "calendar", "start": "2020-02-01", "end": "2021-12-31"}},
            "2020 is a part year",
        ),
    ],
)
def test_a_change_that_would_mislead_is_null_with_its_reason(
    raw: Raw, cells: str, terms: dict[str, Any], reason: str
) -> None:
    add(raw, cells, **terms)
    change = only(raw.build(), "year_change")
    assert (*interval(change), change["reason"]) == (None, None, None, reason)


def test_a_base_of_20_is_enough(raw: Raw) -> None:
    add(raw, "2020=20 2021=10")
    assert only(raw.build(), "year_change")["value"] == -50.0


def test_a_break_before_both_years_matters_to_neither(raw: Raw) -> None:
    add(raw, "2020=40 2021=45", breaks=[{"date": "2019-06-01", "text": "new system"}])
    assert only(raw.build(), "year_change")["value"] == 12.5


def test_calendar_and_financial_years_of_records_are_changed_apart(raw: Raw) -> None:
    text = "Month\n" + "2020-05\n" * 20 + "2021-05\n" * 30
    raw.add([records_table({"period": "Month"})], {"records.csv": text})
    changes = figures(raw.build(), "year_change")
    given = {(f["year_basis"], f["year"]): f["value"] for f in changes if f["value"] is not None}
    assert given == {
        ("calendar", "2021"): 50.0,
        ("calendar", "2022"): -100.0,
        ("financial", "2021-22"): 50.0,
        ("financial", "2022-23"): -100.0,
    }


@pytest.mark.parametrize(
    ("cells", "span", "total"),
    [
        ("2019=1 2020=2 2021=3", "2019--2021", 6),
        ("2019=1 2021=2 2022=3 2023=4", "2021--2023", 9),
        ("2019=1 2020=2 2022=3 2023=4", "2022--2023", 7),
        ("2019=0 2020=0", "2019--2020", 0),
    ],
)
def test_a_sum_is_over_the_longest_run_the_latest_of_equal_ones(raw: Raw, cells: str, span: str, total: int) -> None:
    add(raw, cells)
    figure = only(raw.build(), "period_sum")
    assert figure["id"].rsplit("/", 1)[-1] == span
    assert (figure["value"], figure["reason"]) == (total, None)


def test_a_part_year_ends_a_run(raw: Raw) -> None:
    labels = {"2021*": {"start": "2021-01-01", "end": "2021-06-30"}}
    add(raw, "2019=1 2020=2 2021*=50 2022=3", period_labels=labels)
    figure = only(raw.build(), "period_sum")
    assert (figure["value"], figure["n"], len(figure["parents"])) == (3, 2, 2)


def test_a_sum_of_intervals_is_an_interval(raw: Raw) -> None:
    add(raw, "2019=10 2020=<5", markers=SUPPRESSED)
    assert interval(only(raw.build(), "period_sum")) == (None, 11, 14)


def test_a_sum_with_an_open_part_is_open(raw: Raw) -> None:
    add(raw, "2019=10 2020=*", markers=SUPPRESSED)
    assert interval(only(raw.build(), "period_sum")) == (None, 10, None)


@pytest.mark.parametrize(
    ("cells", "terms", "reason"),
    [
        ("2019=1", {}, "fewer than two adjacent whole periods"),
        ("2019=1 2021=1", {}, "fewer than two adjacent whole periods"),
        ("2019=1 2020=1", {"complete": "cut"}, "the table is cut (cut, whole not known)"),
    ],
)
def test_no_sum_over_a_gap_or_of_a_cut_table(raw: Raw, cells: str, terms: dict[str, Any], reason: str) -> None:
    add(raw, cells, **terms)
    figure = only(raw.build(), "period_sum")
    assert (figure["value"], figure["reason"]) == (None, reason)


def test_a_sum_over_a_wide_line_counts_that_line_once(raw: Raw) -> None:
    columns = [{"at": 2, "label": "2020"}, {"at": 3, "label": "2021"}]
    table = counts_table({"offence": "Offence"}, wide={"dimension": "period", "columns": columns})
    raw.add([table], {"counts.csv": "Offence,2020,2021\n8L,30,33\n"})
    assert only(raw.build(), "period_sum")["n"] == 1
    assert only(raw.build(), "year_change")["n"] == 1
