"""What records feed: every table whose dimensions they have, rolled up over time, mentions apart from crimes."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.figures.catalogue import COUNTED
from tests.disclosures import Raw, records_table
from tests.figures.seen import figures, only, values

HEAD = "Month,Platform,Offence,Outcome,Age\n"
ALL = {"period": "Month", "platform": "Platform", "offence": "Offence", "outcome": "Outcome", "age": "Age"}
SOME = {"period": "Month", "platform": "Platform"}
SEARCH = {
    "terms": [{"text": "TikTok", "platform": "TikTok"}, {"text": "Facebook", "platform": "Facebook"}],
    "combine": "each",
}
QUARTER = {"basis": "month", "start": "2020-01-01", "end": "2020-03-31"}


def add(raw: Raw, text: str, columns: dict[str, str] = SOME, **terms: Any) -> None:
    raw.add([records_table(columns, **terms)], {"records.csv": text})


def test_records_feed_every_table_whose_dimensions_they_have(raw: Raw) -> None:
    add(raw, f"{HEAD}2020-05,TikTok,8L,1,13\n", ALL)
    build = raw.build()
    assert {t.name for t in COUNTED if figures(build, t.name)} == {t.name for t in COUNTED}
    for table in COUNTED:
        assert {f["n"] for f in figures(build, table.name) if f["value"]} == {1}


def test_months_roll_up_to_calendar_and_financial_years_never_to_tax_years(raw: Raw) -> None:
    add(raw, "Month,Platform\n2020-01,TikTok\n2020-04,TikTok\n2021-03,TikTok\n")
    build = raw.build()
    assert {f["year_basis"] for f in figures(build, "crimes_year")} == {"calendar", "financial"}
    found = values(build, "crimes_year", "year_basis", "year")
    assert {k: v for k, v in found.items() if v} == {
        ("calendar", "2020"): 2,
        ("calendar", "2021"): 1,
        ("financial", "2019-20"): 1,
        ("financial", "2020-21"): 2,
    }
    assert {k: v for k, v in values(build, "crimes_month", "month").items() if v} == {
        "2020-01": 1,
        "2020-04": 1,
        "2021-03": 1,
    }


def test_a_year_that_is_not_wholly_covered_is_part(raw: Raw) -> None:
    covers = {"basis": "month", "start": "2020-03-01", "end": "2021-12-31"}
    add(raw, "Month,Platform\n2020-05,TikTok\n2021-05,TikTok\n", covers=covers)
    parts = {(f["year_basis"], f["year"]): f["part"] for f in figures(raw.build(), "crimes_year")}
    assert parts == {
        ("calendar", "2020"): True,
        ("calendar", "2021"): False,
        ("financial", "2019-20"): True,
        ("financial", "2020-21"): False,
        ("financial", "2021-22"): True,
    }


def test_where_nobody_says_what_records_cover_no_year_is_whole_and_a_caveat_says_so(raw: Raw) -> None:
    text = "Month,Platform\n" + "2020-05,TikTok\n" * 20 + "2021-05,TikTok\n" * 30
    add(raw, text, covers=None)
    build = raw.build()
    assert {f["part"] for f in figures(build, "crimes_year")} == {True}
    assert {f["part"] for f in figures(build, "crimes_month")} == {False}
    assert {(f["value"], f["reason"]) for f in figures(build, "year_change") if f["year"] == "2021"} == {
        (None, "2020 is a part year")
    }
    (facts,) = build.inputs.facts
    assert "Which period the records cover is not stated" in " ".join(c.text for c in facts.caveats)


def test_two_platforms_in_one_cell_are_two_mentions_and_one_crime(raw: Raw) -> None:
    add(raw, 'Month,Platform\n2020-05,"Facebook, TikTok"\n2020-05,TikTok\n')
    build = raw.build()
    calendar = {"year_basis": "calendar"}
    assert values(build, "platform_year", "platform", **calendar) == {"facebook": 1, "tiktok": 2}
    assert values(build, "crimes_year", "year", **calendar)["2020"] == 2


def test_the_same_platform_twice_in_one_cell_is_one_mention(raw: Raw) -> None:
    add(raw, 'Month,Platform\n2020-05,"TikTok, Tik Tok"\n')
    assert values(raw.build(), "platform_year", "platform", year_basis="calendar") == {"tiktok": 1}


def test_crimes_become_mentions_in_platform_tables_only(raw: Raw) -> None:
    add(raw, f"{HEAD}2020-05,TikTok,8L,1,13\n", ALL)
    for table in COUNTED:
        expected = "mentions" if "platform" in table.dimensions else "crimes"
        assert {f["unit"] for f in figures(raw.build(), table.name)} == {expected}, table.name


def test_rows_that_are_no_crimes_are_counted_as_records(raw: Raw) -> None:
    add(raw, "Month,Platform\n2020-05,TikTok\n", record_is="crime_x_victim")
    assert only(raw.build(), "crimes_year", year_basis="calendar", year="2020")["unit"] == "records"
    assert only(raw.build(), "platform_year", year_basis="calendar", year="2020")["unit"] == "records"


def test_records_found_for_one_platform_feed_no_table_without_platform(raw: Raw) -> None:
    constants = {"platform": "TikTok"}
    add(raw, "Month,Offence\n2020-05,8L\n", {"period": "Month", "offence": "Offence"}, constants=constants)
    build = raw.build()
    fed = {t.name for t in COUNTED if figures(build, t.name)}
    assert fed == {"platform_month", "platform_year", "platform_offence_year"}


def test_unknown_words_stay_visible_as_unmapped_and_blank_as_unknown(raw: Raw) -> None:
    add(raw, f"{HEAD}2020-05,Zorkbook,Zorking,Zorked,Zork\n2020-05,,,,\n", ALL)
    build = raw.build()
    for table, dimension in (
        ("platform_year", "platform"),
        ("offence_year", "offence"),
        ("outcome_year", "outcome"),
        ("age_year", "age"),
    ):
        assert values(build, table, dimension, year_basis="calendar") == {"Unmapped": 1, "unknown": 1}


def test_ages_are_counted_in_bands(raw: Raw) -> None:
    add(raw, f"{HEAD}2020-05,TikTok,8L,1,12\n2020-05,TikTok,8L,1,15\n2020-05,TikTok,8L,1,-1\n", ALL)
    assert values(raw.build(), "age_year", "age", year_basis="calendar") == {"12-15": 2, "Invalid": 1}


def test_a_searched_platform_without_a_record_is_a_zero_by_absence(raw: Raw) -> None:
    add(raw, "Month,Platform\n2020-02,TikTok\n", search=SEARCH, covers=QUARTER)
    build = raw.build()
    assert values(build, "platform_month", "platform", "month") == {
        ("facebook", "2020-01"): 0,
        ("facebook", "2020-02"): 0,
        ("facebook", "2020-03"): 0,
        ("tiktok", "2020-01"): 0,
        ("tiktok", "2020-02"): 1,
        ("tiktok", "2020-03"): 0,
    }
    zero = only(build, "platform_month", platform="facebook", month="2020-01")
    assert (zero["n"], zero["reason"], zero["value_min"], zero["value_max"]) == (0, "zero by absence", 0, 0)
    assert only(build, "platform_month", platform="tiktok", month="2020-02")["reason"] is None
    assert values(build, "crimes_month", "month") == {"2020-01": 0, "2020-02": 1, "2020-03": 0}


def test_nothing_is_zero_for_a_platform_that_was_not_searched(raw: Raw) -> None:
    add(raw, "Month,Platform\n2020-02,Snapchat\n", search=SEARCH, covers=QUARTER)
    assert set(values(raw.build(), "platform_month", "month", platform="snapchat")) == {"2020-02"}


def test_nothing_is_zero_outside_of_what_is_covered_or_where_nothing_says_what_is(raw: Raw) -> None:
    add(raw, "Month,Platform\n2020-02,TikTok\n", search=SEARCH, covers=None)
    build = raw.build()
    assert values(build, "platform_month", "platform", "month") == {("tiktok", "2020-02"): 1}
    assert values(build, "crimes_month", "month") == {"2020-02": 1}


def test_nothing_is_zero_by_absence_in_a_cut_table(raw: Raw) -> None:
    add(raw, "Month,Platform\n2020-02,TikTok\n", search=SEARCH, covers=QUARTER, complete="cut")
    assert values(raw.build(), "platform_month", "platform", "month") == {("tiktok", "2020-02"): 1}


def test_other_dimensions_have_no_zeros(raw: Raw) -> None:
    add(raw, f"{HEAD}2020-02,TikTok,8L,1,13\n", ALL, search=SEARCH, covers=QUARTER)
    for table in ("platform_offence_year", "offence_year", "outcome_year", "age_year"):
        assert all(f["value"] for f in figures(raw.build(), table)), table


def test_an_uncertain_platform_feeds_no_platform_table(raw: Raw) -> None:
    add(raw, f"{HEAD}2020-02,TikTok,8L,1,13\n", ALL, uncertain=["platform"], covers=QUARTER)
    build = raw.build()
    assert all(not figures(build, t.name) for t in COUNTED if "platform" in t.dimensions)
    assert figures(build, "offence_outcome_year")


def test_an_uncertain_platform_is_no_reason_for_a_zero(raw: Raw) -> None:
    """The record may well be one of TikTok: to print 0 would say that it is not."""
    add(raw, "Month,Platform\n2020-02,TikTok\n", uncertain=["platform"], search=SEARCH, covers=QUARTER)
    assert figures(raw.build(), "platform_month") == []


def test_records_that_share_an_offence_give_no_zeros_to_tables_they_do_not_feed(raw: Raw) -> None:
    """The lines name TikTok in February, so no figure may say that February had none."""
    constants = {"offence": "8L"}
    add(raw, "Month,Platform\n2020-02,TikTok\n", constants=constants, search=SEARCH, covers=QUARTER)
    found = values(raw.build(), "platform_month", "platform", "month")
    assert found.get(("tiktok", "2020-02")) != 0


def test_a_record_with_no_month_is_not_said_to_be_in_none(raw: Raw) -> None:
    """A record of `2020` may lie in any month of it: a month is no proven zero then."""
    covers = {"basis": "calendar", "start": "2020-01-01", "end": "2020-12-31"}
    add(raw, "Month,Platform\n2020,TikTok\nFeb-2020,Facebook\n", search=SEARCH, covers=covers)
    build = raw.build()
    assert only(build, "crimes_year", year="2020", year_basis="calendar")["value"] == 2
    assert 0 not in values(build, "platform_month", "month", platform="tiktok").values()


@pytest.mark.parametrize("order", [("a.csv", "b.csv"), ("b.csv", "a.csv")])
def test_two_files_of_one_table_are_counted_together(raw: Raw, order: tuple[str, str]) -> None:
    table = records_table(SOME)
    table["extracts"] = [{"file": name} for name in order]
    text = "Month,Platform\n2020-05,TikTok\n"
    raw.add([table], {"a.csv": text, "b.csv": text})
    figure = only(raw.build(), "crimes_year", year_basis="calendar", year="2020")
    assert (figure["value"], figure["n"]) == (2, 2)


def test_made_up_records_have_ids_that_say_so(raw: Raw) -> None:
    table = records_table(SOME, evidence="synthetic")
    raw.add([table], {"records.csv": "Month,Platform\n2020-05,TikTok\n"}, force="exampleshire")
    for name in ("platform_year", "period_sum", "platform_share"):
        assert all(f["id"].startswith(f"synthetic/{name}/") for f in figures(raw.build(), name))
