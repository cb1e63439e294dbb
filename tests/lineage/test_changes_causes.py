"""Changes: that a difference is blamed on what made it, and on nothing else."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.lineage.changes import LISTS, Asked, changes
from pipeline.publication.release import publish
from pipeline.store.places import Places
from tests.disclosures import Raw, counts_table, records_table
from tests.lineage.test_changes import (
    COUNTED_NAMES,
    EDITS,
    EVERYTHING,
    SLOW,
    Line,
    add_counts,
    check,
    edited,
    foi,
    part_of,
    published,
    text_of,
    with_label,
)

SEARCH = {"terms": [{"text": "TikTok", "platform": "TikTok"}, {"text": "Snapchat", "platform": "Snapchat"}]}
COLUMNS = {"reference": "Ref", "period": "Month", "offence": "Offence", "platform": "Platform", "outcome": "Outcome"}
HEADER = ("Ref", "Month", "Offence", "Platform", "Outcome")


def add_records(raw: Raw, lines: list[Line], **terms: Any) -> None:
    """Add records in which platforms were searched for, so that there are zeros by absence."""
    table = records_table(dict(COLUMNS), search=SEARCH, **terms)
    raw.add([table], {"records.csv": text_of(HEADER, lines)})


def told(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the figures that are told, by id."""
    return {figure["id"]: figure for name in LISTS for figure in found["figures"][name]}


def assert_lines_alone_are_blamed(found: dict[str, Any]) -> None:
    """Assert that every figure is told by lines, or by parents that are."""
    figures = told(found)
    for figure in figures.values():
        causes = {part["cause"] for part in figure["parts"]}
        assert causes <= {"new", "gone", "revised"}, figure
        assert causes or figure["parents"], figure
        assert all(parent["id"] in figures for parent in figure["parents"]), figure


RECORDS = st.lists(
    st.tuples(
        st.sampled_from([*"pqrstuv", ""]),
        st.sampled_from(["2020-05", "2021-01", "2022-03", "2024-12"]),
        st.sampled_from(["8L", "8N"]),
        st.sampled_from(["TikTok", "Snapchat", "TikTok; Snapchat", "Blorb", ""]),
        st.sampled_from(["Charged", "Under investigation", ""]),
    ),
    min_size=1,
    max_size=10,
)
VALUES: dict[int, tuple[str, ...]] = {1: ("2021-01", "2023-02"), 2: ("8L", "8N"), 3: ("Snapchat", "Blorb")}
TERMS = st.sampled_from([{}, {"complete": "cut", "known_total": {"value": 40, "said_at": "page 1"}}])


@SLOW
@given(RECORDS, EDITS, TERMS)
def test_nothing_but_lines_is_blamed_for_an_edit_of_records(
    lines: list[Line], edits: list[Any], terms: dict[str, Any]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        raw = Raw(Places.of(Path(folder) / "raw", Path(folder) / "warehouse"))
        add_records(raw, lines, **terms)
        published(raw)
        add_records(raw, edited(lines, edits, VALUES), **terms)
        if publish(raw.build()).published:
            found = changes(raw.places, asked=EVERYTHING)
            check(raw.places, found)
            assert_lines_alone_are_blamed(found)


COUNTS = st.lists(
    st.tuples(
        st.sampled_from(["2019", "2020", "2021", "2023"]),
        st.sampled_from(["8L", "8N"]),
        st.sampled_from(["0", "7", "30", "<5", "*", ""]),
    ),
    min_size=1,
    max_size=8,
)
COUNT_VALUES: dict[int, tuple[str, ...]] = {1: ("2022", "2021"), 2: ("*", "")}


@SLOW
@given(COUNTS, EDITS)
def test_nothing_but_lines_is_blamed_for_an_edit_of_counts(lines: list[Line], edits: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        raw = Raw(Places.of(Path(folder) / "raw", Path(folder) / "warehouse"))
        add_counts(raw, lines)
        published(raw)
        # years are what runs are made of, and marks that stand for as much as each other change no count
        of_columns = [(kind if kind in {"out", "twice"} else 1 + kind % 2, at) for kind, at in edits]
        add_counts(raw, _with_values(lines, of_columns))
        if publish(raw.build()).published:
            found = changes(raw.places, asked=EVERYTHING)
            check(raw.places, found)
            # a printed cell is named by its place, where another line may stand now
            moved = {i for i, f in told(found).items() if any(p["cause"] == "moved" for p in f["parts"])}
            found["figures"] = {
                name: [f for f in found["figures"][name] if f["id"] not in moved] for name in found["figures"]
            }
            assert_lines_alone_are_blamed(found)


def _with_values(lines: list[Line], edits: list[Any]) -> list[Line]:
    """Return lines edited in their year (1) or their count (2)."""
    turned: list[Line] = [(offence, year, count) for year, offence, count in lines]
    return [(year, offence, count) for offence, year, count in edited(turned, edits, COUNT_VALUES)]


def test_a_sum_that_another_run_replaced_is_told_by_the_line_that_made_that_one(raw: Raw) -> None:
    add_counts(raw, [("2019", "8L", "3"), ("2020", "8L", "4"), ("2023", "8L", "5")])
    published(raw)
    add_counts(raw, [("2019", "8L", "3"), ("2020", "8L", "4"), ("2023", "8L", "5"), ("2022", "8L", "6")])
    published(raw)
    found = changes(raw.places)
    check(raw.places, found)
    cell = "offence_year/dorset/count-1/q1/crimes/unstated/calendar/8l"
    (gone,) = found["figures"]["removed"]
    assert gone["id"] == f"period_sum/{cell}/2019--2020"
    assert (gone["parts"], [parent["id"] for parent in gone["parents"]]) == ([], [f"{cell}/2022"])
    (one,) = changes(raw.places, asked=Asked(figure=gone["id"]))["figures"]["removed"]
    assert [(part["cause"], part["delta_min"]) for part in one["parents"][0]["parts"]] == [("new", 6)]
    assert "counted otherwise" not in foi(raw, "--figure", gone["id"]).output


def test_what_is_held_of_a_cut_table_changes_by_lines(raw: Raw) -> None:
    terms: dict[str, Any] = {"complete": "cut", "known_total": {"value": 40, "said_at": "page 1"}}
    lines: list[Line] = [("2019", "8L", "3"), ("2020", "8L", "4"), ("2020", "8N", "5")]
    add_counts(raw, lines, **terms)
    published(raw)
    add_counts(raw, [*lines[:2], ("2020", "8N", "6")], **terms)
    published(raw)
    found = changes(raw.places)
    change = "year_change/offence_year/dorset/count-1/q1/crimes/unstated/calendar/8l/2020"
    (figure,) = [f for f in found["figures"]["changed"] if f["id"] == change]
    assert [figure[side]["reason"] for side in ("before", "after")] == [
        "the table is cut (12 of 40 seen)",
        "the table is cut (13 of 40 seen)",
    ]
    assert [(part["cause"], part["delta_min"], part["n"]) for part in figure["parts"]] == [("revised", None, 1)]


@pytest.mark.parametrize("counts", [("*", ""), ("", "*")], ids=["blank", "suppressed"])
def test_a_mark_that_adds_as_much_as_another_is_told_as_revised(raw: Raw, counts: tuple[str, str]) -> None:
    for count in counts:
        add_counts(raw, [("2020", "8L", count), ("2021", "8L", "7")])
        published(raw)
    found = changes(raw.places)
    check(raw.places, found)
    (printed,) = [f for f in found["figures"]["changed"] if f["figure_table"] == "printed"]
    (part,) = printed["parts"]
    assert (part["cause"], part["n"]) == ("revised", 1)
    assert [(d["column"], d["before"], d["after"]) for d in part["what"]["differs"]] == [("count", *counts)]


def test_another_unit_changes_printed_cells_by_the_manifest(raw: Raw) -> None:
    for unit in ("crimes", "reports"):
        add_counts(raw, [("2020", "8L", "3")], unit=unit)
        published(raw)
    found = changes(raw.places)
    check(raw.places, found)
    (printed,) = found["figures"]["changed"]
    assert printed["figure_table"] == "printed"
    assert [printed[side]["unit"] for side in ("before", "after")] == ["crimes", "reports"]
    (part,) = printed["parts"]
    assert (part["cause"], part["delta_min"], part["n"]) == ("rule", 0, 1)
    assert [(d["column"], d["before"], d["after"]) for d in part["what"]["differs"]] == [("unit", "crimes", "reports")]
    assert found["same"] == 0


def test_another_date_basis_of_printed_cells_is_said(raw: Raw) -> None:
    for basis in ("committed", "recorded"):
        add_counts(raw, [("2020", "8L", "3")], date_basis=basis)
        published(raw)
    said = {(one["column"], one["before"], one["after"]) for one in changes(raw.places)["said_otherwise"]}
    assert ("date_basis", "committed", "recorded") in said


def test_a_printed_cell_that_is_a_total_now_is_said(raw: Raw) -> None:
    lines: list[Line] = [("2020", "8L", "3"), ("2020", "All", "3")]
    for markers in ({}, {"All": {"kind": "total"}}):
        add_counts(raw, lines, markers=markers)
        published(raw)
    found = changes(raw.places)
    check(raw.places, found)
    said = {(one["column"], one["before"], one["after"]): one["first"] for one in found["said_otherwise"]}
    assert said[("kind", "data", "control")] == "printed/dorset/count-1/counts/2/3"


LABELLED: list[Line] = [
    ("a", "2020-05", "8L", "Facbook", "Charged"),
    ("b", "2020-05", "8L", "TikTok", ""),
    ("c", "2022-06", "8L", "Facbook", "Charged"),
    ("d", "2023-06", "8L", "Facebook", "Charged"),
]


def test_an_accepted_label_is_named_wherever_it_decides(raw: Raw, tmp_path: Path) -> None:
    add_records(raw, LABELLED)
    published(raw)
    with_label(raw, tmp_path / "tables")
    found = changes(raw.places)
    check(raw.places, found)
    for figure in told(found).values():
        assert {part["cause"] for part in figure["parts"]} <= {"recoded"}, figure
        assert figure["parts"] or figure["parents"], figure
    # while a platform could not be read nobody could say that Snapchat was not named; now one can
    zero = "platform_month/dorset/test-1/records/mentions/unstated/month/snapchat/2020-05"
    assert part_of(found, zero) == [("recoded", 0, 0, 1)]
    (part,) = told(found)[zero]["parts"]
    assert [(d["label"], d["after"], d["source"]) for d in part["what"]["differs"]] == [
        ("Facbook", "facebook", "a letter")
    ]
    assert "label re-coded: platform 'Facbook'" in foi(raw, "--figure", zero).output


def test_zeros_of_a_new_table_are_told_by_its_extract(raw: Raw) -> None:
    raw.add([counts_table({"period": "Year", "count": "N"})], {"counts.csv": "Year,N\n2020,3\n"}, reference="TEST/0")
    published(raw)
    add_records(raw, LABELLED)
    published(raw)
    found = changes(raw.places)
    check(raw.places, found)
    zero = "platform_month/dorset/test-1/records/mentions/unstated/month/snapchat/2021-01"
    (part,) = told(found)[zero]["parts"]
    assert (part["cause"], part["what"], part["delta_min"]) == ("new", {"extract_id": "dorset/test-1/records"}, 0)
    counted = [f for f in told(found).values() if f["figure_table"] in COUNTED_NAMES]
    assert {part["cause"] for figure in counted for part in figure["parts"]} == {"new"}


def test_zeros_of_another_search_are_told_by_no_line(raw: Raw) -> None:
    for terms in (SEARCH["terms"][:1], SEARCH["terms"]):
        table = records_table(dict(COLUMNS), search={"terms": terms})
        raw.add([table], {"records.csv": text_of(HEADER, LABELLED[1:2])})
        published(raw)
    found = changes(raw.places)
    check(raw.places, found)
    zero = "platform_year/dorset/test-1/records/mentions/unstated/calendar/snapchat/2020"
    assert part_of(found, zero) == [("absence", 0, 0, 0)]
