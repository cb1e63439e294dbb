"""What a manifest says is what every later stage gets: nothing inferred, nothing turned into something else."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from pipeline.intake.manifest import Extract, extracts_of, json_schema, read_manifest, said_digest_text
from pipeline.normalisation.forces import force_names
from pipeline.store.digests import ROOT
from tests.intake.manifests import COUNTS, RECORDS, changed, extracts, read


def shipped_extracts(name: str) -> list[Extract]:
    folder = ROOT / "raw" / name
    return extracts_of(read_manifest(folder / "disclosure.yaml", force_names()), folder)


def test_the_smallest_manifest_is_a_refusal_without_tables(tmp_path: Path) -> None:
    refused = read(tmp_path, "force: dorset\nreference: TEST/1\ndecision: refused\n")
    assert (refused.name, refused.tables, refused.holding) == ("dorset/test-1", [], "all")
    assert refused.rights.bytes_may_leave == "no"


def test_counts_say_unit_and_blank_and_the_rest_is_not_stated(tmp_path: Path) -> None:
    (extract,) = extracts(tmp_path, COUNTS)
    assert extract.extract_id == "dorset/test-1/a"
    assert extract.table_key == "dorset/test-1/q1"
    assert (extract.unit, extract.terms.blank) == ("crimes", "unknown")
    assert (extract.terms.evidence, extract.terms.complete, extract.terms.delimiter) == (
        "received",
        "yes",
        ",",
    )
    assert (extract.terms.covers, extract.terms.as_at, extract.terms.search) == (None, None, None)
    assert (extract.terms.date_basis, extract.terms.sensitivity) == ("unstated", "aggregate")
    assert (extract.header_line, extract.line_range, extract.synthetic) == (1, None, False)


@pytest.mark.parametrize(
    ("record_is", "unit"), [("crime", "crimes"), ("crime_x_victim", "records"), ("unknown", "records")]
)
def test_only_records_that_are_crimes_count_crimes(tmp_path: Path, record_is: str, unit: str) -> None:
    (extract,) = extracts(tmp_path, changed(RECORDS, "record_is: crime", f"record_is: {record_is}"))
    assert extract.unit == unit
    assert extract.terms.sensitivity == "record"


def test_words_and_numbers_stay_as_they_are_written(tmp_path: Path) -> None:
    disclosure = read(
        tmp_path,
        "force: dorset\nreference: 0100\ntitle: 1e5\nresponded: 2024-01-30\ndecision: refused\n"
        "missing: no\nrights: {bytes_may_leave: yes, holder: null}\n",
        "dorset/0100",
    )
    assert (disclosure.reference, disclosure.title, disclosure.missing) == ("0100", "1e5", "no")
    assert disclosure.rights.bytes_may_leave == "yes"
    assert disclosure.rights.holder is None
    assert disclosure.responded == date(2024, 1, 30)


def test_plain_digits_are_positions_and_quoted_ones_are_headers(tmp_path: Path) -> None:
    (extract,) = extracts(tmp_path, changed(COUNTS, "{period: Year, count: Count}", '{period: 1, count: "2019"}'))
    assert extract.terms.columns == {"period": 1, "count": "2019"}


def test_a_disclosure_without_a_printed_reference_goes_by_ours(tmp_path: Path) -> None:
    text = changed(COUNTS, "reference: TEST/1", "reference: null\nour_reference: test-1")
    assert read(tmp_path, text).name == "dorset/test-1"


def test_a_term_said_once_for_the_table_is_a_term_of_each_extract(tmp_path: Path) -> None:
    (of_table,) = extracts(tmp_path, COUNTS)
    said_there = changed(changed(COUNTS, "    unit: crimes\n", ""), "file: a.csv", "unit: crimes, file: a.csv")
    (of_extract,) = extracts(tmp_path, said_there)
    assert of_extract.terms == of_table.terms
    assert of_extract.said() == of_table.said()


def test_what_an_extract_says_wins_over_its_table(tmp_path: Path) -> None:
    (extract,) = extracts(tmp_path, changed(COUNTS, "file: a.csv", "file: a.csv, blank: zero, header_line: 3"))
    assert (extract.terms.blank, extract.header_line) == ("zero", 3)


def test_a_range_is_part_of_the_id_and_its_first_line_the_header(tmp_path: Path) -> None:
    (extract,) = extracts(tmp_path, changed(COUNTS, "file: a.csv", "file: a.csv, range: 5-9"))
    assert extract.extract_id == "dorset/test-1/a#5-9"
    assert (extract.line_range, extract.header_line) == ((5, 9), 5)


def test_manifest_dates_are_inclusive_and_ours_half_open(tmp_path: Path) -> None:
    covers = "covers: {basis: financial, start: 2023-04-01, end: 2024-03-31}\n    unit: crimes"
    (extract,) = extracts(tmp_path, changed(COUNTS, "unit: crimes", covers))
    assert extract.terms.covers is not None
    assert extract.terms.covers.end_exclusive == date(2024, 4, 1)


def test_several_terms_of_one_platform_are_one_platform_and_a_constant_wins(tmp_path: Path) -> None:
    search = (
        "search: {terms: [{text: TikTok, platform: TikTok}, {text: Tik Tok, platform: TikTok}, "
        "{text: app, platform: null}, {text: X, platform: Twitter}]}\n    unit: crimes"
    )
    (extract,) = extracts(tmp_path, text := changed(COUNTS, "unit: crimes", search))
    assert extract.searched_platforms == extract.combined_platforms == ("TikTok", "Twitter")
    (extract,) = extracts(tmp_path, changed(text, "unit:", "constants: {platform: TikTok}\n    unit:"))
    assert extract.combined_platforms == ("TikTok",)
    (extract,) = extracts(tmp_path, changed(text, "{period: Year", "{platform: App, period: Year"))
    assert extract.combined_platforms is None


def test_manifests_that_say_the_same_in_another_layout_are_equal(tmp_path: Path) -> None:
    other = changed(COUNTS, "{period: Year, count: Count}", "\n      count: Count  # the last\n      period: 'Year'")
    assert said_digest_text(read(tmp_path, other)) == said_digest_text(read(tmp_path, COUNTS))
    assert extracts(tmp_path, other)[0].said() == extracts(tmp_path, COUNTS)[0].said()


def test_the_json_schema_describes_every_required_key() -> None:
    schema = json_schema()
    assert set(schema["required"]) == {"force", "reference", "decision"}
    assert schema["additionalProperties"] is False
    json.dumps(schema)


def test_example_dorset_2153_two_tables_of_one_search() -> None:
    q1, q1a = shipped_extracts("dorset/01-fin-24-2153")
    assert q1.extract_id == "dorset/01-fin-24-2153/q1-offences-by-period"
    assert (q1.unit, q1.terms.evidence, q1.terms.complete) == ("crimes", "transcribed", "yes")
    assert (q1.dimensions_in_lines, q1.constant_dimensions) == (("period",), ("platform",))
    assert (q1a.dimensions_in_lines, q1a.constant_dimensions) == (("offence",), ("period", "platform"))
    assert q1.combined_platforms == q1a.combined_platforms == ("TikTok",)
    assert q1.terms.covers is not None
    assert (q1.terms.covers.basis, q1.terms.covers.end_exclusive) == ("tax", date(2024, 4, 6))
    assert q1a.terms.ignored == [3]
    assert q1.terms.markers is not None
    assert q1.terms.markers["Total"].kind == "total"


def test_example_dorset_2611_years_side_by_side_with_part_years() -> None:
    (q1,) = shipped_extracts("dorset/01-fin-24-2611")
    assert (q1.unit, q1.terms.complete) == ("crimes_with_arrest", "cut")
    assert (q1.dimensions_in_lines, q1.constant_dimensions) == (("offence", "period"), ("platform",))
    assert q1.terms.wide is not None
    first, *_, last = q1.terms.wide.columns
    assert (first.at, first.label, last.at, last.label) == (2, "2015*", 11, "2024**")
    assert first.period is not None
    assert (first.period.start, first.period.end) == (date(2015, 5, 21), date(2015, 12, 31))


def test_example_hertfordshire_records_beside_their_own_totals() -> None:
    totals, records = shipped_extracts("hertfordshire/hospital-2019-2024")
    assert (totals.unit, records.unit) == ("crimes", "crimes")
    assert records.terms.layout == "records"
    assert records.dimensions_in_lines == ("offence", "outcome", "period")
    assert records.combined_platforms is None
    assert records.terms.ignored == ["No."]
    assert [(c.table, c.over) for c in records.table.agrees_with] == [("total-by-year", ["period"])]
    assert records.table_key == "hertfordshire/hospital-2019-2024/records"
