"""What a printed table of counts feeds: exactly the tables of its own dimensions, as intervals, totals left out."""

from __future__ import annotations

import pytest

from pipeline.figures.catalogue import COUNTED
from tests.disclosures import Raw, counts_table
from tests.figures.seen import figures, interval, only, values

TIKTOK = {"terms": [{"text": "TikTok", "platform": "TikTok"}]}
YEARS = {"period": "Year", "count": "Count"}


def fed(raw: Raw) -> set[str]:
    build = raw.build()
    return {t.name for t in COUNTED if figures(build, t.name)}


def test_a_table_by_year_and_one_by_offence_of_the_same_crimes_never_double(raw: Raw) -> None:
    q1 = counts_table(YEARS, "q1.csv", search=TIKTOK)
    q1a = counts_table(
        {"offence": "Offence", "count": "Count"},
        "q1a.csv",
        id="q1a",
        search=TIKTOK,
        constants={"period": "2023"},
    )
    raw.add([q1, q1a], {"q1.csv": "Year,Count\n2023,16\n", "q1a.csv": "Offence,Count\n8L,6\n8Q,10\n"})
    build = raw.build()
    assert fed(raw) == {"platform_year", "platform_offence_year"}
    assert values(build, "platform_year", "year") == {"2023": 16}
    assert values(build, "platform_offence_year", "offence") == {"8L": 6, "8Q": 10}


@pytest.mark.parametrize(
    ("columns", "table"),
    [
        ({"period": "2020-01"}, "crimes_month"),
        ({"period": "2020"}, "crimes_year"),
        ({"period": "2020", "offence": "8L"}, "offence_year"),
        ({"period": "2020", "outcome": "1"}, "outcome_year"),
        ({"period": "2020", "offence": "8L", "outcome": "1"}, "offence_outcome_year"),
        ({"period": "2020", "age": "13"}, "age_year"),
        ({"period": "2020-01", "platform": "TikTok"}, "platform_month"),
        ({"period": "2020", "platform": "TikTok"}, "platform_year"),
        ({"period": "2020", "platform": "TikTok", "offence": "8L"}, "platform_offence_year"),
        ({"period": "2020", "platform": "TikTok", "outcome": "1"}, "platform_outcome_year"),
        ({"period": "2020", "platform": "TikTok", "age": "13"}, "platform_age_year"),
        ({"period": "2020", "age": "13", "offence": "8L"}, None),
        ({"period": "2020", "other:area": "North"}, None),
        ({"offence": "8L"}, None),
    ],
)
def test_a_table_of_counts_feeds_the_one_table_of_its_dimensions(
    raw: Raw, columns: dict[str, str], table: str | None
) -> None:
    names = {name: name for name in columns} | {"count": "Count"}
    text = f"{','.join(columns)},Count\n{','.join(columns.values())},7\n"
    raw.add([counts_table(names)], {"counts.csv": text})
    assert fed(raw) == ({table} if table else set())


def test_counts_by_month_are_never_rolled_up_to_years(raw: Raw) -> None:
    raw.add([counts_table(YEARS)], {"counts.csv": "Year,Count\nJan-2020,3\nFeb-2020,4\n"})
    assert fed(raw) == {"crimes_month"}
    total = only(raw.build(), "period_sum")
    assert (total["value"], total["of_table"]) == (7, "crimes_month")


def test_counts_found_for_one_platform_are_mentions_and_no_crimes(raw: Raw) -> None:
    raw.add([counts_table(YEARS, search=TIKTOK)], {"counts.csv": "Year,Count\n2020,3\n"})
    assert fed(raw) == {"platform_year"}
    assert only(raw.build(), "platform_year")["unit"] == "mentions"


def test_other_units_than_crimes_stay_what_they_are(raw: Raw) -> None:
    table = counts_table(YEARS, search=TIKTOK, unit="arrests")
    raw.add([table], {"counts.csv": "Year,Count\n2020,3\n"})
    assert only(raw.build(), "platform_year")["unit"] == "arrests"


def test_a_search_over_several_platforms_has_one_code_and_feeds_no_single_platform(raw: Raw) -> None:
    terms = [{"text": t, "platform": t} for t in ("Twitter", "Facebook")]
    raw.add([counts_table(YEARS, search={"terms": terms})], {"counts.csv": "Year,Count\n2020,3\n"})
    assert values(raw.build(), "platform_year", "platform") == {"any(facebook,twitter-x)": 3}


@pytest.mark.parametrize("label", ["Facebook or TikTok", "Facebook, TikTok"])
def test_a_printed_count_of_two_platforms_together_is_put_on_neither(raw: Raw, label: str) -> None:
    """Seven counts of either say nothing of TikTok alone; only a record's cell is a mention of each."""
    table = counts_table({"period": "Year", "platform": "Platform", "count": "Count"})
    raw.add([table], {"counts.csv": f'Year,Platform,Count\n2020,"{label}",7\n'})
    assert not {"facebook", "tiktok"} & set(values(raw.build(), "platform_year", "platform"))


def test_suppressed_cells_are_intervals_and_so_are_their_sums(raw: Raw) -> None:
    markers = {"<5": {"kind": "suppressed", "min": 1, "max": 4}, "*": {"kind": "suppressed"}}
    table = counts_table({"period": "Year", "offence": "Offence", "count": "Count"}, markers=markers)
    text = "Year,Offence,Count\n2020,8L,10\n2020,08L,<5\n2021,8L,<5\n2021,08L,*\n2022,8L,<5\n"
    raw.add([table], {"counts.csv": text})
    found = {f["year"]: f for f in figures(raw.build(), "offence_year")}
    assert interval(found["2020"]) == (None, 11, 14)
    assert interval(found["2021"]) == (None, 1, None)
    assert interval(found["2022"]) == (None, 1, 4)
    assert found["2020"]["reason"] == "a count is suppressed"
    assert found["2021"]["reason"] == "a count has no upper bound"
    assert [f["n"] for f in found.values()] == [2, 2, 1]


def test_intervals_are_never_narrowed_from_a_total(raw: Raw) -> None:
    markers = {"<5": {"kind": "suppressed", "min": 1, "max": 4}, "Total": {"kind": "total"}}
    raw.add([counts_table(YEARS, markers=markers)], {"counts.csv": "Year,Count\n2020,9\n2021,<5\nTotal,12\n"})
    assert interval(only(raw.build(), "crimes_year", year="2021")) == (None, 1, 4)


@pytest.mark.parametrize(("blank", "expected"), [("zero", {"2020": 3, "2021": 0}), ("unknown", {"2020": 3})])
def test_a_blank_cell_is_what_the_manifest_says(raw: Raw, blank: str, expected: dict[str, int]) -> None:
    raw.add([counts_table(YEARS, blank=blank)], {"counts.csv": "Year,Count\n2020,3\n2021,\n"})
    assert values(raw.build(), "crimes_year", "year") == expected


def test_information_not_held_is_no_zero_and_is_still_printed(raw: Raw) -> None:
    markers = {"No information held": {"kind": "not_held"}}
    text = "Year,Count\n2020,3\n2021,No information held\n"
    raw.add([counts_table(YEARS, markers=markers)], {"counts.csv": text})
    assert values(raw.build(), "crimes_year", "year") == {"2020": 3}
    printed = only(raw.build(), "printed", printed="No information held")
    assert interval(printed) == (None, None, None)
    assert printed["reason"] == "unknown: not_held"


def test_totals_are_printed_as_controls_and_never_counted(raw: Raw) -> None:
    table = counts_table(YEARS, markers={"Total": {"kind": "total"}})
    raw.add([table], {"counts.csv": "Year,Count\n2020,3\n2021,4\nTotal,7\n"})
    assert values(raw.build(), "crimes_year", "year") == {"2020": 3, "2021": 4}
    assert values(raw.build(), "printed", "period_label", "kind") == {
        ("2020", "data"): 3,
        ("2021", "data"): 4,
        ("Total", "control"): 7,
    }


def test_the_second_count_of_a_cell_is_only_printed(raw: Raw) -> None:
    parts = [{"value": 32}, {"value": 2, "population": "with a charge"}]
    markers = {"32 reports (2 charged)": {"kind": "number", "parts": parts}}
    raw.add([counts_table(YEARS, markers=markers)], {"counts.csv": "Year,Count\n2020,32 reports (2 charged)\n"})
    assert values(raw.build(), "crimes_year", "year") == {"2020": 32}
    printed = {f["id"]: f["value"] for f in figures(raw.build(), "printed")}
    assert printed == {
        "printed/dorset/test-1/counts/1/2.1": 32,
        "printed/dorset/test-1/counts/1/2.2": 2,
    }


def test_a_value_whose_column_cannot_be_proved_feeds_nothing_that_uses_it(raw: Raw) -> None:
    table = counts_table({"period": "Year", "offence": "Offence", "count": "Count"}, uncertain=["offence"])
    raw.add([table], {"counts.csv": "Year,Offence,Count\n2020,8L,5\n"})
    assert fed(raw) == set()
    assert only(raw.build(), "printed")["value"] == 5


def test_a_part_year_shows_its_days_in_the_id(raw: Raw) -> None:
    table = counts_table(YEARS, period_labels={"2020*": {"start": "2020-05-21", "end": "2020-12-31"}})
    raw.add([table], {"counts.csv": "Year,Count\n2020*,6\n2021,9\n"})
    found = {f["id"].rsplit("/", 1)[-1]: f["part"] for f in figures(raw.build(), "crimes_year")}
    assert found == {"range-2020-05-21--2021-01-01": True, "2021": False}


def test_two_tables_of_one_disclosure_are_never_added(raw: Raw) -> None:
    one, other = counts_table(YEARS, "a.csv", id="all"), counts_table(YEARS, "b.csv", id="domestic")
    raw.add([one, other], {"a.csv": "Year,Count\n2021,103\n", "b.csv": "Year,Count\n2021,60\n"})
    assert values(raw.build(), "crimes_year", "table_id") == {"all": 103, "domestic": 60}


def test_two_pages_of_one_table_add_up(raw: Raw) -> None:
    table = counts_table({"period": "Year", "offence": "Offence", "count": "Count"})
    table["extracts"] = [{"file": "page1.csv"}, {"file": "page2.csv"}]
    head = "Year,Offence,Count\n"
    raw.add([table], {"page1.csv": f"{head}2020,8L,3\n", "page2.csv": f"{head}2020,8L,4\n"})
    figure = only(raw.build(), "offence_year")
    assert (figure["value"], figure["n"]) == (7, 2)


def test_a_superseded_answer_stays_and_says_by_what(raw: Raw) -> None:
    raw.add([counts_table(YEARS)], {"counts.csv": "Year,Count\n2020,3\n"}, reference="OLD/1")
    raw.add([counts_table(YEARS)], {"counts.csv": "Year,Count\n2020,5\n"}, reference="NEW/2", supersedes="OLD/1")
    for table in ("crimes_year", "printed", "period_sum"):
        found = values(raw.build(), table, "disclosure", "superseded_by")
        assert set(found) == {("dorset/old-1", "dorset/new-2"), ("dorset/new-2", None)}, table
