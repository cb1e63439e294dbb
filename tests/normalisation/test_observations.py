"""Observations: one row for each count read, with its codes, the labels beside them, and what it can be counted by."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.normalisation.columns import BUCKET_COLUMNS, LABEL_COLUMNS, OBSERVATION_COLUMNS
from pipeline.normalisation.relation import MAPPED_AT_ONCE, make_observation
from pipeline.publication.build import Build
from pipeline.store.duck import memory, rows
from schemas.observation import Observation
from tests.disclosures import Raw, counts_table, records_table

YEARS = {"period": "Year", "count": "Count"}
WIDE = {
    "dimension": "period",
    "columns": [
        {"at": 2, "label": "2019*", "period": {"start": "2019-05-21", "end": "2019-12-31"}},
        {"at": 3, "label": "2020"},
        {"at": 4, "label": "2021"},
        {"at": 5, "label": "2022"},
    ],
}
MARKERS = {
    "*": {"kind": "suppressed", "min": 1, "max": 4},
    "in excess of 3200": {"kind": "number", "min": 3201},
    "32 reports (2 of them abroad)": {
        "kind": "number",
        "parts": [{"value": 32}, {"value": 2, "population": "abroad"}],
    },
    "Total": {"kind": "total"},
}


def observed(build: Build, *columns: str) -> list[Any]:
    """The columns asked for of each observation, in the order of the file; bare values where it is one."""
    assert build.refusals == ()
    with memory() as db:
        make_observation(db, [build.observations[0].path])
        found = db.execute(f"select {', '.join(columns)} from observation").fetchall()
    return [row[0] for row in found] if len(columns) == 1 else found


def counts(raw: Raw, content: str, columns: dict[str, Any] | None = None, **terms: Any) -> Build:
    raw.add([counts_table(columns or YEARS, **terms)], {"counts.csv": content})
    return raw.build()


def records(raw: Raw, content: str, columns: dict[str, Any], **terms: Any) -> Build:
    raw.add([records_table(columns, **terms)], {"records.csv": content})
    return raw.build()


@pytest.mark.parametrize("often", [True, False])
def test_the_relation_has_the_columns_that_the_schema_describes_in_its_order(raw: Raw, often: bool) -> None:
    build = counts(raw, "Year,Count\n2020,1\n")
    with memory() as db:
        make_observation(db, [build.observations[0].path], often)
        found = db.execute("describe from observation").fetchall()
    assert [row[0] for row in found] == list(Observation.to_schema().columns) == list(OBSERVATION_COLUMNS)
    assert {row[0]: row[1].lower() for row in found} == OBSERVATION_COLUMNS
    for path, columns in (
        (build.observations[0].buckets, BUCKET_COLUMNS),
        (build.observations[0].labels, LABEL_COLUMNS),
    ):
        assert {r[0]: r[1].lower() for r in duckdb.sql(f"describe from '{path}'").fetchall()} == columns


def test_a_wide_table_gives_one_interval_a_cell_and_nothing_is_rounded_to_zero(raw: Raw) -> None:
    content = "Offence,2019*,2020,2021,2022\nStalking,*,0,,in excess of 3200\n"
    build = counts(raw, content, {"offence": "Offence"}, wide=WIDE, markers=MARKERS)
    assert observed(build, "source_column", "kind", "printed", "count_min", "count_max", "period_label") == [
        (2, "data", "*", 1, 4, "2019*"),
        (3, "data", "0", 0, 0, "2020"),
        (4, "unknown", "", None, None, "2021"),
        (5, "data", "in excess of 3200", 3201, None, "2022"),
    ]
    assert observed(build, "record_no", "line_no", "offence", "offence_label") == [(1, 2, "8Q", "Stalking")] * 4
    assert observed(build, "period")[0] == "2019-05-21/2020-01-01"
    buckets = duckdb.sql(f"select code, part from '{build.observations[0].buckets}' order by 1").fetchall()
    assert buckets == [("2020", False), ("2021", False), ("2022", False), ("range-2019-05-21--2020-01-01", True)]


def test_a_cell_of_two_counts_gives_two_parts(raw: Raw) -> None:
    build = counts(raw, "Year,Count\n2020,32 reports (2 of them abroad)\n2021,1\n", markers=MARKERS)
    assert observed(build, "record_no", "part_no", "count_min", "count_max") == [
        (1, 1, 32, 32),
        (1, 2, 2, 2),
        (2, 1, 1, 1),
    ]


def test_a_total_is_kept_as_a_control_without_codes(raw: Raw) -> None:
    build = counts(raw, "Year,Count\n2020,1\nTotal,1\n", markers=MARKERS)
    assert observed(build, "kind", "period_label", "period") == [
        ("data", "2020", "2020-01-01/2021-01-01"),
        ("total", "Total", None),
    ]
    labels = rows(duckdb.sql(f"from '{build.observations[0].labels}'"))
    assert [label["label"] for label in labels] == ["2020"]


def test_a_total_of_one_offence_has_no_code_of_that_offence(raw: Raw) -> None:
    content = "Offence,Year,Count\nStalking,2020,1\nStalking,Total,1\n"
    columns = {"offence": "Offence", **YEARS}
    assert observed(counts(raw, content, columns, markers=MARKERS), "kind", "offence", "offence_label") == [
        ("data", "8Q", "Stalking"),
        ("total", None, "Stalking"),
    ]


def test_a_record_is_one_count_with_all_platforms_that_its_cell_names(raw: Raw) -> None:
    content = 'Month,App\nJan-20,"Facebook, TikTok"\nJan-20,TikTok and tiktok\nJan-20,\nJan-20,Zork\n'
    build = records(raw, content, {"period": "Month", "platform": "App"})
    assert observed(build, "platforms") == [["facebook", "tiktok"], ["tiktok"], ["unknown"], ["Unmapped"]]
    assert set(observed(build, "count_min", "count_max", "part_no", "source_column", "printed", "kind")) == {
        (1, 1, 1, None, None, "data")
    }
    assert observed(build, "platform_label")[:2] == ["Facebook, TikTok", "TikTok and tiktok"]


def test_a_count_found_by_searching_several_platforms_has_one_combined_code(raw: Raw) -> None:
    terms = [{"text": "tw", "platform": "Twitter"}, {"text": "fb", "platform": "Facebook"}]
    build = counts(raw, "Year,Count\n2020,5\n", search={"combine": "any_of", "terms": terms})
    assert observed(build, "platforms", "platform_label") == [(["any(facebook,twitter-x)"], "Twitter or Facebook")]
    build = counts(raw, "Year,Count\n2020,5\n", search={"combine": "each", "terms": terms})
    (refusal,) = build.refusals
    assert "which column holds the platform" in refusal.reason


def test_several_spellings_of_one_platform_are_that_platform(raw: Raw) -> None:
    terms = [{"text": "TikTok", "platform": "TikTok"}, {"text": "Tik Tok", "platform": "Tik Tok"}]
    assert observed(counts(raw, "Year,Count\n2020,5\n", search={"terms": terms}), "platforms") == [["tiktok"]]


def test_a_search_over_a_platform_that_no_one_knows_is_unmapped_and_listed(raw: Raw) -> None:
    terms = [{"text": "fb", "platform": "Facebook"}, {"text": "z", "platform": "Zork"}]
    build = counts(raw, "Year,Count\n2020,5\n", search={"terms": terms})
    assert observed(build, "platforms") == [["Unmapped"]]
    labels = rows(duckdb.sql(f"from '{build.observations[0].labels}' where dimension = 'platform'"))
    assert [(label["label"], label["code"], label["status"]) for label in labels] == [
        ("Facebook or Zork", "Unmapped", "unmapped")
    ]


def test_constants_are_on_every_row_and_named_as_constants(raw: Raw) -> None:
    constants = {
        "period": {"value": "2023", "said_at": "question 1a"},
        "platform": "TikTok",
        "other:area": "North",
    }
    content = "Offence,Hospital,Count\nStalking,A,1\nBlackmail,B,2\n"
    columns = {"offence": "Offence", "other:hospital": "Hospital", "count": "Count"}
    build = counts(raw, content, columns, constants=constants)
    assert observed(build, "period", "platforms", "other") == [
        ("2023-01-01/2024-01-01", ["tiktok"], "hospital=A; area=North"),
        ("2023-01-01/2024-01-01", ["tiktok"], "hospital=B; area=North"),
    ]
    assert observed(build, "dimensions", "constants")[0] == (
        ["offence", "other:area", "other:hospital", "platform", "year"],
        ["other:area", "platform"],
    )


def test_records_of_a_month_count_by_month_and_year_and_printed_counts_by_their_own_period(raw: Raw) -> None:
    build = records(raw, "Month\nJan-20\n", {"period": "Month"})
    assert observed(build, "dimensions", "constants", "uncertain") == [(["month", "year"], [], [])]
    monthly = {"basis": "month", "start": "2020-01-01", "end": "2020-12-31"}
    raw.add([counts_table(YEARS, covers=monthly)], {"counts.csv": "Year,Count\nJan-20,1\n"}, reference="A")
    raw.add([counts_table(YEARS)], {"counts.csv": "Year,Count\n2020,1\n"}, reference="B")
    by_month, by_year, _ = raw.build().observations
    with memory() as db:
        make_observation(db, [by_month.path, by_year.path])
        dimensions = db.execute("select disclosure, dimensions from observation order by disclosure").fetchall()
    assert [found for _, found in dimensions] == [["month"], ["year"]]


def test_an_uncertain_dimension_is_named_on_every_row(raw: Raw) -> None:
    content = "Offence,2019,2020,2021,2022\nStalking,1,2,3,4\n"
    build = counts(raw, content, {"offence": "Offence"}, wide=WIDE, uncertain=["period", "offence"])
    assert set(map(tuple, observed(build, "uncertain"))) == {("month", "offence", "year")}


def test_an_ambiguous_label_keeps_its_presumed_class_apart_from_its_code(raw: Raw) -> None:
    content = "Offence,Count\nHarassment,6\n"
    build = counts(raw, content, {"offence": "Offence", "count": "Count"})
    ((offence, level, presumed),) = observed(build, "offence", "offence_level", "presumed_class")
    assert (offence, level) == ("local:harassment", "local")
    assert presumed


def test_every_label_is_listed_with_how_often_and_where_first(raw: Raw) -> None:
    content = "Month,App\n\nJan-20,tiktok\nJan-20,TikTok\nJan-20,tiktok\nTBC,Facebook\n"
    build = records(raw, content, {"period": "Month", "platform": "App"})
    labels = rows(duckdb.sql(f"from '{build.observations[0].labels}' where dimension = 'platform'"))
    assert [(b["label"], b["code"], b["n"], b["first_line"]) for b in labels] == [
        ("tiktok", "tiktok", 2, 3),
        ("TikTok", "tiktok", 1, 4),
    ]


def test_rows_stand_in_the_order_of_the_file_and_the_files_are_built_once(raw: Raw) -> None:
    offences = ["Stalking", "Blackmail", "Zork", "Burglary"]
    content = "Offence,Count\n" + "".join(f"{offences[n % 4]},{n}\n" for n in range(400))
    columns = {"offence": "Offence", "count": "Count"}
    build = counts(raw, content, columns)
    assert observed(build, "record_no", "line_no") == [(n, n + 1) for n in range(1, 401)]
    files = [path for _, path in build.observations[0].files]
    before, built_at = [path.read_bytes() for path in files], [path.stat().st_mtime_ns for path in files]
    again = [path for _, path in counts(raw, content, columns).observations[0].files]
    assert (again, [path.stat().st_mtime_ns for path in again]) == (files, built_at)
    for lost in files:
        lost.unlink()
        assert counts(raw, content, columns).observations[0].count == 400
        assert [path.read_bytes() for path in files] == before


def test_records_are_their_source_records_and_only_those_left_out_are_written(raw: Raw) -> None:
    columns = {"period": "Month", "reference": "Ref", "other:area": "Area"}
    good = "Month,Ref,Area\nJan-20,A1,North\nFeb-20,A2,\n"
    whole = records(raw, good, columns)
    assert [layer for layer, _ in whole.observations[0].files] == ["observations", "buckets", "labels"]
    assert observed(whole, "record_no", "reference", "other", "count_min") == [
        (1, "A1", "area=North", 1),
        (2, "A2", "area=", 1),
    ]
    part = records(raw, good + "TBC,A3,South\nMar-20,A4,South\n", columns)
    assert [layer for layer, _ in part.observations[0].files] == ["observations", "rows", "buckets", "labels"]
    assert observed(part, "record_no", "reference") == [(1, "A1"), (2, "A2"), (4, "A4")]
    assert part.observations[0].count == 3
    part.observations[0].files[1][1].unlink()
    assert observed(records(raw, good + "TBC,A3,South\nMar-20,A4,South\n", columns), "record_no") == [1, 2, 4]


def both(raw: Raw, first: str, second: str, **terms: Any) -> list[Any]:
    """The observations of a table of two extracts."""
    table = records_table({"period": "Month", "platform": "App"}, **terms)
    table["extracts"] = [{"file": "a.csv"}, {"file": "b.csv"}]
    raw.add([table], {"a.csv": first, "b.csv": second})
    build = raw.build()
    assert build.refusals == ()
    with memory() as db:
        make_observation(db, [o.path for o in build.observations])
        query = "select extract_id, record_no, platforms, period from observation order by all"
        return [(row[0].rsplit("/", 1)[1], *row[1:]) for row in db.execute(query).fetchall()]


def test_extracts_that_are_read_by_one_query_keep_apart(raw: Raw) -> None:
    january, march = "2020-01-01/2020-02-01", "2020-03-01/2020-04-01"
    assert both(raw, "Month,App\nJan-20,TikTok\n", "Month,App\nMar-20,Facebook\nJan-20,TikTok\n") == [
        ("a", 1, ["tiktok"], january),
        ("b", 1, ["facebook"], march),
        ("b", 2, ["tiktok"], january),
    ]


def test_what_is_left_out_of_one_extract_stays_in_the_other(raw: Raw) -> None:
    found = both(raw, "Month,App\nTBC,TikTok\nJan-20,TikTok\n", "Month,App\nJan-20,TikTok\nTBC,TikTok\n")
    assert [row[:2] for row in found] == [("a", 2), ("b", 1)]


def test_a_label_that_means_one_thing_here_and_another_there_keeps_both_meanings(raw: Raw) -> None:
    financial = {"basis": "financial", "start": "2020-04-01", "end": "2021-03-31"}
    raw.add([counts_table(YEARS, covers=financial)], {"counts.csv": "Year,Count\n2020/21,1\n"}, reference="B")
    tax = {"basis": "tax", "start": "2020-04-06", "end": "2021-04-05"}
    raw.add([counts_table(YEARS, covers=tax)], {"counts.csv": "Year,Count\n2020/21,1\n"}, reference="C")
    build = raw.build()
    with memory() as db:
        make_observation(db, [o.path for o in build.observations])
        query = "select disclosure[-1:], period_label, period_basis from observation order by 1"
        assert db.execute(query).fetchall() == [("b", "2020/21", "financial"), ("c", "2020/21", "tax")]


def test_more_labels_than_a_map_is_good_for_mean_the_same(raw: Raw) -> None:
    labels = [f"Zork {n}" for n in range(MAPPED_AT_ONCE)] + ["TikTok", "Facebook, TikTok", "it's \u201codd\u201d"]
    content = "Month,App\n" + "".join(f'Jan-20,"{label}"\n' for label in labels)
    build = records(raw, content, {"period": "Month", "platform": "App"})
    found = {label: codes for _, label, codes in sorted(observed(build, "record_no", "platform_label", "platforms"))}
    assert list(found) == labels
    assert found["Facebook, TikTok"] == ["facebook", "tiktok"]
    assert {tuple(codes) for codes in found.values()} == {("Unmapped",), ("tiktok",), ("facebook", "tiktok")}


@given(st.lists(st.text("'\"\\;,%{}\u2019\x07 aZ", min_size=1, max_size=6), min_size=1, max_size=5))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_label_stands_beside_what_it_was_read_as(raw: Raw, labels: list[str]) -> None:
    lines = ["".join(("Jan-20,", '"', label.replace('"', '""'), '"', "\n")) for label in labels]
    build = records(raw, "Month,App\n" + "".join(lines), {"period": "Month", "platform": "App"})
    listed = {row["label"]: row["code"] for row in rows(duckdb.sql(f"from '{build.observations[0].labels}'"))}
    found = observed(build, "platform_label", "platforms")
    assert [label for label, _ in found] == labels
    assert all(listed[label] == "; ".join(codes) for label, codes in found)
