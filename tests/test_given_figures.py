"""The figures that real disclosures print, and those that nobody may print from them."""

from __future__ import annotations

import pytest

from pipeline.figures.catalogue import COUNTED, TABLES
from pipeline.publication.build import Build
from tests.figures.seen import every_figure, figures, interval, only, values

DORSET, CLEVELAND = "dorset/01-fin-24-2153", "cleveland/645-24"
HERTFORDSHIRE, CUMBRIA = "hertfordshire/hospital-2019-2024", "cumbria/foi-1306-25"


def verdicts(build: Build, disclosure: str, table: str, kind: str) -> list[tuple[int, int, str]]:
    return [
        (c.stated, c.low, c.verdict)
        for c in build.controls
        if (c.disclosure, c.table_id, c.kind) == (disclosure, table, kind)
    ]


def test_dorset_has_14_16_and_16_offences_that_name_tiktok(shipped: Build) -> None:
    found = figures(shipped, "platform_year", disclosure=DORSET)
    assert [(f["platform"], f["year"], f["year_basis"], f["value"], f["n"]) for f in found] == [
        ("tiktok", "2021-22", "tax", 14, 1),
        ("tiktok", "2022-23", "tax", 16, 1),
        ("tiktok", "2023-24", "tax", 16, 1),
    ]
    assert found[2]["id"] == ("platform_year/dorset/01-fin-24-2153/q1/mentions/unstated/tax/tiktok/2023-24")


def test_dorset_by_offence_is_1_6_5_3_1(shipped: Build) -> None:
    assert values(shipped, "platform_offence_year", "offence", disclosure=DORSET) == {
        "35": 1,
        "local:harassment": 6,
        "8R": 5,
        "86": 3,
        "8Q": 1,
    }


def test_cleveland_has_72_98_and_107(shipped: Build) -> None:
    found = values(shipped, "platform_year", "platform", "year_basis", "year", disclosure=CLEVELAND)
    assert found == {
        ("tiktok", "financial", "2021-22"): 72,
        ("tiktok", "financial", "2022-23"): 98,
        ("tiktok", "financial", "2023-24"): 107,
    }


def test_cleveland_by_offence_says_how_much_of_it_was_seen(shipped: Build) -> None:
    found = figures(shipped, "platform_offence_year", disclosure=CLEVELAND)
    assert {(f["offence"], f["value"], f["complete"]) for f in found} == {
        ("8L", 32, "55 of 107 seen"),
        ("8R", 12, "55 of 107 seen"),
        ("8Q", 11, "55 of 107 seen"),
    }


def test_the_totals_46_and_16_are_controls_that_agree(shipped: Build) -> None:
    assert verdicts(shipped, DORSET, "q1", "column total") == [(46, 46, "agrees")]
    assert verdicts(shipped, DORSET, "q1a", "column total") == [(16, 16, "agrees")]
    assert verdicts(shipped, DORSET, "q1a", "sister table") == [(16, 16, "agrees")]


def test_dorset_adds_up_to_46_over_three_years(shipped: Build) -> None:
    total = only(shipped, "period_sum", disclosure=DORSET, of_table="platform_year")
    assert (total["value"], total["n"], total["reason"]) == (46, 3, None)
    assert total["id"].endswith("/tiktok/2021-22--2023-24")


def test_14_to_16_is_too_small_for_a_change(shipped: Build) -> None:
    change = only(shipped, "year_change", disclosure=DORSET, of_table="platform_year", year="2022-23")
    assert (change["denominator"], change["numerator"]) == (14, 16)
    assert (change["value"], change["reason"]) == (None, "base below 20")


def test_cleveland_98_to_107_is_a_change_of_9_2_percent(shipped: Build) -> None:
    change = only(shipped, "year_change", disclosure=CLEVELAND, of_table="platform_year", year="2023-24")
    assert (change["value"], change["reason"]) == (9.2, None)


def test_hertfordshire_charged_103_of_865_in_2019_20(shipped: Build) -> None:
    where = {"disclosure": HERTFORDSHIRE, "of_table": "crimes_year", "year": "2019-20"}
    rate = only(shipped, "charge_rate", **where)
    assert (rate["numerator"], rate["denominator"], rate["value"]) == (103, 865, 11.9)
    assert (rate["type_1_only"], rate["not_notifiable"]) == (90, 18)
    assert rate["denominator"] + rate["not_notifiable"] + rate["cancelled"] + rate["fraud"] == 883


def test_two_pages_of_cumbria_are_one_table_that_agrees_with_2500(shipped: Build) -> None:
    printed = figures(shipped, "printed", disclosure=CUMBRIA, table_id="q1cd", kind="data")
    by_page: dict[str, int] = {}
    for figure in printed:
        by_page[figure["extract_id"]] = by_page.get(figure["extract_id"], 0) + (figure["value"] or 0)
    assert sorted(by_page.values()) == [473, 2027]
    assert verdicts(shipped, CUMBRIA, "q1cd", "sister table") == [(2500, 2500, "agrees")]


def test_northumbria_2011_is_77686_in_spite_of_a_stray_blank(shipped: Build) -> None:
    assert only(shipped, "crimes_year", disclosure="northumbria/018-13", year="2011")["value"] == 77_686


def test_in_excess_of_3200_is_3201_or_more_and_no_value(shipped: Build) -> None:
    for table in ("platform_year", "printed"):
        assert interval(only(shipped, table, disclosure="northumbria/109-17")) == (None, 3201, None)


def test_every_control_of_the_shipped_extracts_agrees(shipped: Build) -> None:
    assert {c.verdict for c in shipped.controls if c.kind != "known total"} == {"agrees"}
    (cut,) = [c for c in shipped.controls if c.kind == "known total"]
    assert (cut.disclosure, cut.stated, cut.low, cut.verdict) == ("cleveland/645-24", 107, 55, "consistent")


def test_dorset_2023_24_is_nowhere_32(shipped: Build) -> None:
    found = [f for f in every_figure(shipped).values() if f["disclosure"] == DORSET]
    assert found
    assert all(32 not in interval(f) for f in found)


def test_no_crime_type_of_the_combined_search_is_put_on_tinder(shipped: Build) -> None:
    found = [f for f in every_figure(shipped).values() if f["disclosure"] == "dorset/2016-1035"]
    with_offence = [f for f in found if f.get("offence") and f["figure_table"] != "printed"]
    assert {f["platform"] for f in with_offence} == {"any(generic:dating-app,grindr,tinder)"}
    assert {f["platform"] for f in found if f["figure_table"] == "platform_year"} == {
        "tinder",
        "grindr",
        "generic:dating-app",
    }


def test_no_change_is_given_from_the_part_year_2015(shipped: Build) -> None:
    changes = figures(shipped, "year_change", disclosure="dorset/01-fin-24-2611")
    assert changes
    assert all(f["value"] is None and f["reason"] for f in changes)
    first = next(f for f in changes if f["year"] == "2016")
    assert any("range-2015-05-21--2016-01-01" in parent for parent in first["parents"])


def test_charges_over_charges_are_no_charge_rate(shipped: Build) -> None:
    assert figures(shipped, "charge_rate", disclosure="northumbria/217-19") == []


def test_two_populations_of_arrests_are_never_added(shipped: Build) -> None:
    arrests = values(shipped, "crimes_year", "table_id", disclosure="cleveland/429-25", year="2021")
    assert arrests == {"arrests": 103, "arrests-domestic-abuse": 60}
    found = [f for f in every_figure(shipped).values() if f["disclosure"] == "cleveland/429-25"]
    assert all(163 not in interval(f) for f in found)


def test_hertfordshire_records_and_their_own_totals_are_never_added(shipped: Build) -> None:
    found = [f for f in every_figure(shipped).values() if f["disclosure"] == HERTFORDSHIRE]
    assert all(1766 not in interval(f) for f in found)
    assert values(shipped, "crimes_year", "table_id", disclosure=HERTFORDSHIRE, year="2019-20") == {
        "records": 883,
        "total-by-year": 883,
    }


@pytest.mark.parametrize("table", [t.name for t in COUNTED])
def test_a_figure_without_an_exact_value_says_why(shipped: Build, table: str) -> None:
    for f in figures(shipped, table):
        assert (f["value"] is None) == (f["value_min"] != f["value_max"]), f["id"]
        assert f["reason"] or f["value"] is not None, f["id"]


def test_a_derived_figure_is_given_or_says_why_not(shipped: Build) -> None:
    for name in ("year_change", "period_sum", "charge_rate", "platform_share", "forces_platform_year"):
        for f in figures(shipped, name):
            assert (f["value"] is None) == bool(f["reason"]), f["id"]


def test_what_is_cut_feeds_no_change_sum_rate_or_share(shipped: Build) -> None:
    for name in ("year_change", "period_sum", "charge_rate", "platform_share"):
        assert all(f["value"] is None for f in figures(shipped, name) if f["complete"] != "yes")


def test_ids_are_unique_and_made_of_slugs(shipped: Build) -> None:
    for name in TABLES:
        ids = [f["id"] for f in figures(shipped, name)]
        assert len(set(ids)) == len(ids)
    for identity in every_figure(shipped):
        assert set(identity) <= set("abcdefghijklmnopqrstuvwxyz0123456789-/_.#"), identity


def test_made_up_figures_are_known_by_their_ids(shipped: Build) -> None:
    for identity, figure in every_figure(shipped).items():
        assert identity.startswith("synthetic/") == figure["synthetic"], identity
        assert figure["synthetic"] == (figure["force"] == "exampleshire"), identity
