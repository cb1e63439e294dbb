"""Charge rates and platform shares: what is in the base, what is shown beside it, and when there is none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.disclosures import Raw, counts_table, records_table
from tests.figures.seen import Figure, figures, only, values

YEAR = {"basis": "calendar", "start": "2020-01-01", "end": "2020-12-31"}


def crimes(raw: Raw, lines: list[str], columns: str = "Offence,Outcome", **terms: Any) -> None:
    """Write records of May 2020 with the given columns; each line is written as often as its number says."""
    names = {"Offence": "offence", "Outcome": "outcome", "Platform": "platform"}
    read = {"period": "Month"} | {names[c]: c for c in columns.split(",")}
    rows = [row for line in lines for times, row in [line.split(" x ")] for _ in range(int(times))]
    text = f"Month,{columns}\n" + "".join(f"2020-05,{row}\n" for row in rows)
    raw.add([records_table(read, **{"covers": YEAR} | terms)], {"records.csv": text})


def rate(raw: Raw, **where: Any) -> Figure:
    where = {"of_table": "crimes_year", "year_basis": "calendar"} | where
    return only(raw.build(), "charge_rate", **where)


def test_a_charge_rate_is_types_1_and_1a_over_crimes(raw: Raw) -> None:
    crimes(raw, ["3 x 8L,1", "1 x 8L,1A", "2 x 8L,16", "2 x 8Q,18"])
    figure = rate(raw)
    assert (figure["numerator"], figure["denominator"], figure["value"]) == (4, 8, 50.0)
    assert (figure["type_1_only"], figure["n"], figure["unit"]) == (3, 8, "percent")


def test_it_is_given_for_each_offence_as_well(raw: Raw) -> None:
    crimes(raw, ["3 x 8L,1", "1 x 8L,16", "2 x 8Q,18"])
    where = {"of_table": "offence_year", "year_basis": "calendar"}
    assert values(raw.build(), "charge_rate", "offence", **where) == {"8L": 75.0, "8Q": 0.0}


def test_non_notifiable_cancelled_and_fraud_are_left_out_and_shown(raw: Raw) -> None:
    crimes(
        raw,
        ["1 x 8L,1", "1 x 8L,16", "2 x NON-NOTIFIABLE,1", "3 x 8L,Cancelled", "4 x 8L,19"],
    )
    figure = rate(raw)
    assert (figure["numerator"], figure["denominator"], figure["value"]) == (1, 2, 50.0)
    assert (figure["not_notifiable"], figure["cancelled"], figure["fraud"]) == (2, 3, 4)


def test_a_blank_outcome_is_a_crime_with_no_outcome_printed(raw: Raw) -> None:
    crimes(raw, ["1 x 8L,1", "3 x 8L,"])
    figure = rate(raw)
    assert (figure["denominator"], figure["no_outcome_printed"], figure["value"]) == (4, 3, 25.0)


def test_outcomes_not_yet_assigned_stand_beside_the_rate(raw: Raw) -> None:
    crimes(raw, ["1 x 8L,1", "3 x 8L,Under investigation"])
    assert (rate(raw)["not_yet_assigned"], rate(raw)["value"]) == (3, 25.0)


@pytest.mark.parametrize(
    ("lines", "terms", "reason"),
    [
        (["1 x 8L,1"], {"record_is": "crime_x_victim"}, "counts are records, not crimes"),
        (["1 x 8L,1"], {"complete": "cut"}, "the table is cut (cut, whole not known)"),
        (
            ["1 x 8L,1"],
            {"covers": {"basis": "month", "start": "2020-01-01", "end": "2020-11-30"}},
            "2020 is a part year",
        ),
        (["1 x NON-NOTIFIABLE,1"], {}, "no notifiable crime to be charged"),
    ],
)
def test_a_rate_that_would_mislead_is_null_with_its_reason(
    raw: Raw, lines: list[str], terms: dict[str, Any], reason: str
) -> None:
    crimes(raw, lines, **terms)
    assert (rate(raw)["value"], rate(raw)["reason"]) == (None, reason)


def test_without_outcomes_there_is_no_rate(raw: Raw) -> None:
    crimes(raw, ["5 x 8L"], "Offence")
    assert figures(raw.build(), "charge_rate") == []


def test_no_rate_where_it_is_uncertain_which_crimes_are_notifiable(raw: Raw) -> None:
    crimes(raw, ["1 x NON-NOTIFIABLE,1", "1 x 8L,16"], uncertain=["offence"])
    assert all(f["value"] is None for f in figures(raw.build(), "charge_rate"))


def test_charges_are_no_crimes_to_be_charged(raw: Raw) -> None:
    table = counts_table({"period": "Year", "outcome": "Outcome", "count": "Count"}, unit="charges")
    raw.add([table], {"counts.csv": "Year,Outcome,Count\n2020,1,14\n"})
    assert all(f["value"] is None for f in figures(raw.build(), "charge_rate"))


def test_crimes_of_a_page_without_outcomes_stay_in_the_base(raw: Raw) -> None:
    """Of 4 crimes 1 is charged; that the second page prints no outcome does not make it 1 of 2."""
    table = records_table({"period": "Month"}, covers=YEAR)
    table["extracts"] = [
        {"file": "a.csv", "columns": {"period": "Month", "outcome": "Outcome"}},
        {"file": "b.csv"},
    ]
    raw.add(
        [table],
        {"a.csv": "Month,Outcome\n2020-05,1\n2020-05,16\n", "b.csv": "Month\n2020-05\n2020-06\n"},
    )
    figure = rate(raw)
    assert figure["value"] in (None, 25.0)
    assert (figure["no_outcome_printed"], figure["n"]) == (2, 4)


def share(raw: Raw, **where: Any) -> dict[Any, Any]:
    return values(raw.build(), "platform_share", "platform", **{"year_basis": "calendar"} | where)


def test_a_share_is_of_mentions_and_cells_without_a_platform_are_none(raw: Raw) -> None:
    crimes(raw, ["2 x TikTok", '1 x "TikTok, Facebook"', "1 x Facebook", "6 x ", "4 x N/A"], "Platform")
    assert share(raw) == {"tiktok": 60.0, "facebook": 40.0}
    figure = only(raw.build(), "platform_share", platform="tiktok", year_basis="calendar")
    assert (figure["numerator"], figure["denominator"]) == (3, 5)
    assert figure["n"] == 4, "four lines name a platform, one of them two"


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"complete": "cut"}, "the table is cut (cut, whole not known)"),
        (
            {"covers": {"basis": "month", "start": "2020-01-01", "end": "2020-11-30"}},
            "2020 is a part year",
        ),
    ],
)
def test_no_share_of_a_part_of_the_mentions(raw: Raw, terms: dict[str, Any], reason: str) -> None:
    crimes(raw, ["1 x TikTok"], "Platform", **terms)
    figure = only(raw.build(), "platform_share", year_basis="calendar")
    assert (figure["value"], figure["reason"]) == (None, reason)


def test_no_share_where_the_platform_is_what_was_searched_for(raw: Raw) -> None:
    search = {"terms": [{"text": "TikTok", "platform": "TikTok"}]}
    raw.add(
        [counts_table({"period": "Year", "count": "Count"}, search=search)],
        {"counts.csv": "Year,Count\n2020,9\n"},
    )
    assert figures(raw.build(), "platform_share") == []


def test_no_share_where_a_platform_is_suppressed(raw: Raw) -> None:
    markers = {"<5": {"kind": "suppressed", "min": 1, "max": 4}}
    table = counts_table({"period": "Year", "platform": "Platform", "count": "Count"}, markers=markers)
    raw.add([table], {"counts.csv": "Year,Platform,Count\n2020,TikTok,9\n2020,Facebook,<5\n"})
    assert {f["reason"] for f in figures(raw.build(), "platform_share")} == {"a count is not exact"}


def test_shares_of_printed_counts_add_up(raw: Raw) -> None:
    columns = [{"at": 2, "label": "2020"}, {"at": 3, "label": "2021"}]
    table = counts_table({"platform": "Platform"}, wide={"dimension": "period", "columns": columns})
    raw.add([table], {"counts.csv": "Platform,2020,2021\nTikTok,3,0\nFacebook,1,0\n"})
    assert share(raw, year="2020") == {"tiktok": 75.0, "facebook": 25.0}
    empty = figures(raw.build(), "platform_share", year="2021")
    assert {(f["value"], f["reason"]) for f in empty} == {(None, "no mention of any platform")}
