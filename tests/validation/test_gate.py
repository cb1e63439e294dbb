"""The gate on tables of counts: every cell in one class, totals apart, and what cannot be read refused whole."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from pipeline.publication.build import Build
from pipeline.store.duck import rows
from tests.disclosures import Raw, counts_table, records_table

YEARS = {"period": "Year", "count": "Count"}
MARKERS = {"Total": {"kind": "total"}, "*": {"kind": "suppressed", "min": 1, "max": 4}, "none": {"kind": "zero"}}


def added(raw: Raw, content: str, columns: dict[str, Any] | None = None, **terms: Any) -> Build:
    raw.add([counts_table(columns or YEARS, **terms)], {"counts.csv": content})
    return raw.build()


def cells(build: Build) -> list[tuple[Any, ...]]:
    assert build.refusals == ()
    columns = "record_no, source_column, part_no, cell_class, rule, printed, count_min, count_max"
    return duckdb.sql(f"select {columns} from '{build.accepted[0].cells}' order by all").fetchall()


def reason(build: Build) -> str:
    (refusal,) = build.refusals
    assert refusal.name == "dorset/test-1/counts"
    assert (build.accepted, build.observations) == ((), ())
    return refusal.reason


def test_each_cell_is_read_as_data_total_unknown_label_or_ignored(raw: Raw) -> None:
    content = 'Year,Count,Note,All\n2020,"1,234",x,5\n2021,*,,\n2022,,,1\nTotal,6,y,none\n'
    build = added(raw, content, ignored=["Note"], total_columns=["All"], markers=MARKERS)
    assert cells(build) == [
        (1, 1, 1, "label", "label", "2020", None, None),
        (1, 2, 1, "data", "digits", "1,234", 1234, 1234),
        (1, 3, 1, "ignored", "ignored", "x", None, None),
        (1, 4, 1, "total", "digits", "5", 5, 5),
        (2, 1, 1, "label", "label", "2021", None, None),
        (2, 2, 1, "data", "suppressed", "*", 1, 4),
        (2, 3, 1, "ignored", "ignored", "", None, None),
        (2, 4, 1, "total", "blank", "", None, None),
        (3, 1, 1, "label", "label", "2022", None, None),
        (3, 2, 1, "unknown", "blank", "", None, None),
        (3, 3, 1, "ignored", "ignored", "", None, None),
        (3, 4, 1, "total", "digits", "1", 1, 1),
        (4, 1, 1, "label", "label", "Total", None, None),
        (4, 2, 1, "total", "digits", "6", 6, 6),
        (4, 3, 1, "ignored", "ignored", "y", None, None),
        (4, 4, 1, "total", "zero", "none", 0, 0),
    ]


def test_a_total_row_is_no_data_and_its_label_breaks_no_rule(raw: Raw) -> None:
    build = added(raw, "Year,Count\n2020,1\n Total ,1\n", markers=MARKERS)
    accepted = duckdb.sql(f"select record_no, kind from '{build.accepted[0].accepted}'").fetchall()
    assert accepted == [(1, "data"), (2, "total")]
    assert build.accepted[0].report["total"] == 1
    assert build.accepted[0].report["rejected"] == 0


@pytest.mark.parametrize("word", ["Total", "TOTAL", " grand total ", "Sum"])
def test_a_total_row_that_is_not_declared_refuses_the_extract(raw: Raw, word: str) -> None:
    said = reason(added(raw, f"Offence,Count\nStalking,1\n{word},1\n", {"offence": "Offence", "count": "Count"}))
    assert "raw/dorset/test-1/counts.csv:3" in said
    assert "called a total" in said
    assert "kind: total" in said


def test_a_wide_column_called_total_that_is_not_declared_as_one_is_not_counted(raw: Raw) -> None:
    wide = {"dimension": "offence", "columns": [{"label": "Stalking"}, {"label": "Total"}]}
    build = added(raw, "Year,Stalking,Total\n2020,1,1\n", {"period": "Year"}, wide=wide)
    assert build.accepted == () or sum(c[6] for c in cells(build) if c[3] == "data") == 1


@pytest.mark.parametrize("printed", ["-", "n/a", "<5", "1.5", "77, 686", "1e3", "-1", "12,34", "½", "٣"])
def test_a_count_that_no_one_declared_refuses_the_extract_with_line_and_column(raw: Raw, printed: str) -> None:
    said = reason(added(raw, f'Year,Count\n2020,1\n2021,"{printed}"\n'))
    assert f"counts.csv:3, column Count: found {printed!r}" in said
    assert "markers" in said


def test_every_unreadable_cell_is_told_at_once(raw: Raw) -> None:
    said = reason(added(raw, "Year,Count\n2020,x\n2021,y\n"))
    assert len(said.splitlines()) == 2


def test_a_number_too_large_for_any_count_refuses_the_extract(raw: Raw) -> None:
    assert "counts.csv:2, column Count" in reason(added(raw, f"Year,Count\n2020,{'9' * 25}\n"))


def test_a_constant_period_that_cannot_be_read_refuses_the_extract(raw: Raw) -> None:
    terms: dict[str, Any] = {"constants": {"period": "last year alone"}}
    columns = {"offence": "Offence", "count": "Count"}
    content = "Offence,Count\nStalking,1\n"
    said = reason(added(raw, content, columns, **terms))
    assert "found the period 'last year alone'" in said
    assert "under the basis calendar" in said
    ends = {"value": "last year alone", "start": "2023-01-01", "end": "2023-12-31"}
    assert added(raw, content, columns, constants={"period": ends}).refusals == ()


def test_a_wide_period_that_cannot_be_read_refuses_the_extract_at_its_header(raw: Raw) -> None:
    columns: list[dict[str, Any]] = [{"label": "2019"}, {"label": "2020*"}]
    content = "Offence,2019,2020*\nStalking,1,2\n"
    wide = {"dimension": "period", "columns": columns}
    said = reason(added(raw, content, {"offence": "Offence"}, wide=wide, covers=None))
    assert "counts.csv:1, column 3: found the period '2020*'" in said
    assert "states no covers: basis" in said
    columns[1]["period"] = {"start": "2020-01-01", "end": "2020-06-30"}
    assert added(raw, content, {"offence": "Offence"}, wide=wide).refusals == ()


def test_a_row_whose_period_cannot_be_read_is_rejected_with_all_its_cells(raw: Raw) -> None:
    build = added(raw, "Year,Count\n2020,1\nwhenever,2\n2021,3\n")
    (rejected,) = rows(duckdb.sql(f"from '{build.accepted[0].rejected}'"))
    assert (rejected["record_no"], rejected["line_no"], rejected["value"]) == (2, 3, "whenever")
    assert rejected["fields"] == ["whenever", "2"]
    assert {c[0] for c in cells(build)} == {1, 3}


def test_the_others_are_accepted_when_one_is_refused(raw: Raw) -> None:
    raw.add([counts_table(YEARS)], {"counts.csv": "Year,Count\n2020,x\n"})
    raw.add([counts_table(YEARS)], {"counts.csv": "Year,Count\n2020,1\n"}, reference="TEST/2")
    raw.add(
        [
            counts_table(YEARS, id="bad", extracts=[{"file": "bad.csv"}]),
            records_table({"period": "Month"}, id="good", extracts=[{"file": "good.csv"}]),
        ],
        {"bad.csv": "Year,Number\n2020,1\n", "good.csv": "Month\nJan-20\n"},
        reference="TEST/3",
    )
    build = raw.build()
    assert [r.name for r in build.refusals] == ["dorset/test-1/counts", "dorset/test-3/bad"]
    assert [v.extract.extract_id for v in build.accepted] == ["dorset/test-2/counts", "dorset/test-3/good"]


def test_a_table_of_two_parts_is_held_back_whole_when_one_is_refused(raw: Raw) -> None:
    parts = [{"file": "part1.csv"}, {"file": "part2.csv"}]
    files: dict[str, bytes | str] = {"part1.csv": "Year,Count\n2020,1\n", "part2.csv": "Year,Count\n2021,?\n"}
    raw.add([counts_table(YEARS, extracts=parts)], files)
    build = raw.build()
    reasons = {r.name.rsplit("/", 1)[1]: r.reason for r in build.refusals}
    assert "'?'" in reasons["part2"]
    assert "another part of table q1 refused" in reasons["part1"]
    assert build.accepted == ()
    files["part2.csv"] = "Year,Count\n2021,2\n"
    raw.add([counts_table(YEARS, extracts=[{"file": p["file"]} for p in parts])], files)
    assert len(raw.build().accepted) == 2


def test_the_verdict_is_reached_once_for_the_same_bytes_and_terms(raw: Raw) -> None:
    first = added(raw, "Year,Count\n2020,1\n").accepted[0]
    reached_at = first.accepted.stat().st_mtime_ns
    again = added(raw, "Year,Count\n2020,1\n").accepted[0]
    assert (again.digest, again.accepted.stat().st_mtime_ns) == (first.digest, reached_at)
    other = added(raw, "Year,Count\n2020,1\n", markers=MARKERS).accepted[0]
    assert other.digest != first.digest


def test_a_refusal_leaves_no_verdict_behind(raw: Raw) -> None:
    assert added(raw, "Year,Count\n2020,x\n").refusals
    assert not (raw.places.warehouse / "store" / "validated").exists()


RECORDS = {"period": "Month", "platform": "Platform"}


def held(raw: Raw, content: str, **terms: Any) -> str:
    raw.add([records_table(RECORDS, **terms)], {"records.csv": content})
    (refusal,) = raw.build().refusals
    return refusal.reason


@pytest.mark.parametrize(
    ("content", "terms", "line", "column"),
    [
        ("Month,Platform\nJan-20,TikTok\nJan-20,jo.bloggs@example.org\n", {}, 3, "Platform"),
        ("Month,Platform,Note\nJan-20,TikTok,x\nJan-20,TikTok,ring 07700 900123\n", {"ignored": ["Note"]}, 3, "Note"),
        ("Month,Platform\nJan-20,TikTok,jo.bloggs@example.org\nJan-20,X\n", {}, 2, "whole line"),
        ("Send to jo.bloggs@example.org\nMonth,Platform\nJan-20,X\n", {"header_line": 2}, 1, "whole line"),
    ],
)
def test_an_extract_with_personal_data_is_held_with_the_place_and_not_the_value(
    raw: Raw, content: str, terms: dict[str, Any], line: int, column: str
) -> None:
    said = held(raw, content, **terms)
    assert f"records.csv:{line}, column {column}: found what looks like personal data" in said
    assert "jo.bloggs" not in said and "900123" not in said
    assert "cleared:" in said


def test_what_a_person_has_cleared_is_read(raw: Raw) -> None:
    content = "Month,Platform\nJan-20,TikTok\nJan-20,press@example.org\n"
    clearance = {"kind": "email", "by": "A. Reader", "on": "2026-01-31", "why": "the address of the press office"}
    assert "kind email" in held(raw, content, cleared=[clearance | {"kind": "phone"}])
    raw.add([records_table(RECORDS, cleared=[clearance])], {"records.csv": content})
    assert raw.build().refusals == ()


def test_no_more_places_are_told_than_a_person_needs(raw: Raw) -> None:
    lines = "".join(f"Jan-20,jo{n}@example.org\n" for n in range(100))
    assert len(held(raw, "Month,Platform\n" + lines).splitlines()) == 20
