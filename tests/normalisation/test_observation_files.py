"""The files of the observations layer: what all observations of an extract share, its labels, when each is built."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from pipeline.normalisation import observations as layer
from pipeline.normalisation import relation
from pipeline.normalisation.columns import LEFT_OUT_COLUMNS, OBSERVATION_COLUMNS, ROW_COLUMNS
from pipeline.normalisation.meaning import bucket_rows, read_labels
from pipeline.normalisation.observations import Observations, read_otherwise
from pipeline.normalisation.relation import make_observation, make_shared
from pipeline.normalisation.rows import Met, MetLabels
from pipeline.store.duck import memory, rows
from pipeline.store.files import read_json
from tests.disclosures import Raw, counts_table, records_table

MARKERS = {"Total": {"kind": "total"}}
COLUMNS = {"period": "Month", "reference": "Ref", "other:area": "Area", "platform": "App"}
RECORDS = (
    "Month,Ref,Area,App\n"
    "TBC,A0,North,Zork\n"
    "Feb-20,A1,North,Zork\n"
    "Feb-20,A2,,TikTok\n"
    "Jan-20,A3,North,TikTok\n"
    "TBC,A4,North,TikTok\n"
)
TERMS: dict[str, Any] = {
    "constants": {"offence": "Stalking", "other:town": "Poole", "age": "15"},
    "uncertain": ["platform"],
    "date_basis": "recorded",
}


def observations_of(raw: Raw, table: dict[str, Any], content: str, **disclosure: Any) -> Observations:
    raw.add([table], {table["extracts"][0]["file"]: content}, **disclosure)
    build = raw.build()
    assert build.refusals == ()
    return build.observations[-1]


def of_records(raw: Raw) -> Observations:
    return observations_of(raw, records_table(COLUMNS, **TERMS), RECORDS)


def of_whole_records(raw: Raw) -> Observations:
    content = "".join(line for line in RECORDS.splitlines(keepends=True) if "TBC" not in line)
    return observations_of(raw, records_table(COLUMNS, **TERMS), content)


def with_totals(raw: Raw) -> Observations:
    content = "Offence,App,Count\nStalking,Total,9\nTotal,TikTok,5\nStalking,TikTok,4\nBlackmail,TikTok,1\n"
    columns = {"offence": "Offence", "platform": "App", "count": "Count"}
    constants = {"period": "2023", "other:area": "North"}
    return observations_of(raw, counts_table(columns, markers=MARKERS, constants=constants), content)


def test_the_facts_of_records_say_all_that_their_source_records_do_not(raw: Raw) -> None:
    observations = of_records(raw)
    facts = read_json(observations.path)
    assert (observations.path.parent / facts.pop("source")).is_file()
    own = ["age", "offence", "other:area", "other:town", "platform"]
    dimensions = ["age", "month", *own[1:], "year"]
    assert facts == {
        "rows": "source",
        "n": 3,
        "left_out": 2,
        "shared": {
            "extract_id": "dorset/test-1/records",
            "disclosure": "dorset/test-1",
            "table_id": "records",
            "layout": "records",
            "unit": "crimes",
            "date_basis": "recorded",
            "synthetic": False,
            "constants": ["age", "offence", "other:town"],
            "uncertain": ["platform"],
        },
        "own": own,
        "fields": {"other:area": "f3", "period": "f1", "platform": "f4", "reference": "f2"},
        "other": [["area", None], ["town", "Poole"]],
        "labels": {
            "period": {
                "said": None,
                "codes": {
                    "Feb-20": ["2020-02-01/2020-03-01", "2020-02-01", "2020-03-01", "month", dimensions],
                    "Jan-20": ["2020-01-01/2020-02-01", "2020-01-01", "2020-02-01", "month", dimensions],
                },
            },
            "offence": {"said": "Stalking", "codes": {"Stalking": ["8Q", "class", None]}},
            "age": {"said": "15", "codes": {"15": [15, 15, "exact", "12-15"]}},
            "platform": {"said": None, "codes": {"TikTok": [["tiktok"]], "Zork": [["Unmapped"]]}},
        },
    }
    for keyed in (facts["fields"], *(labels["codes"] for labels in facts["labels"].values())):
        assert list(keyed) == sorted(keyed)


def test_the_facts_of_counts_name_no_fields_for_their_rows_are_their_own(raw: Raw) -> None:
    facts = read_json(with_totals(raw).path)
    assert {name: facts[name] for name in ("rows", "n", "left_out", "own", "fields", "other")} == {
        "rows": "own",
        "n": 4,
        "left_out": 0,
        "own": ["offence", "other:area", "platform"],
        "fields": {},
        "other": [],
    }
    assert facts["shared"]["constants"] == ["other:area"]
    assert facts["labels"]["period"]["said"] == "2023"


def test_labels_are_listed_by_dimension_the_most_frequent_first_with_their_first_line(raw: Raw) -> None:
    listed = rows(duckdb.sql(f"from '{of_records(raw).labels}'"))
    assert {row["extract_id"] for row in listed} == {"dorset/test-1/records"}
    assert [tuple(row[name] for name in ("dimension", "label", "code", "n", "first_line")) for row in listed] == [
        ("age", "15", "12-15", 3, 3),
        ("offence", "Stalking", "8Q", 3, 3),
        ("period", "Feb-20", "2020-02-01/2020-03-01", 2, 3),
        ("period", "Jan-20", "2020-01-01/2020-02-01", 1, 5),
        ("platform", "TikTok", "tiktok", 2, 4),
        ("platform", "Zork", "Unmapped", 1, 3),
    ]


def test_labels_of_totals_are_not_counted_and_what_all_share_is_first_met_on_the_first_line_of_data(raw: Raw) -> None:
    observations = with_totals(raw)
    listed = duckdb.sql(f"select label, n, first_line from '{observations.labels}' order by all").fetchall()
    assert listed == [("2023", 2, 4), ("Blackmail", 1, 5), ("Stalking", 1, 4), ("TikTok", 2, 4)]
    assert observations.count == 4
    written = rows(duckdb.sql(f"from '{observations.rows}'"))
    assert list(written[0]) == list(ROW_COLUMNS)
    assert [row["period_label"] for row in written] == [None] * 4
    assert [row["other"] for row in written] == ["area=North"] * 4
    assert [(row["printed"], row["count_rule"]) for row in written] == [
        ("9", "digits"),
        ("5", "digits"),
        ("4", "digits"),
        ("1", "digits"),
    ]


def test_records_left_out_are_listed_by_number(raw: Raw) -> None:
    observations = of_records(raw)
    left_out = duckdb.sql(f"from '{observations.rows}'")
    assert left_out.columns == list(LEFT_OUT_COLUMNS)
    assert left_out.fetchall() == [("dorset/test-1/records", 1), ("dorset/test-1/records", 5)]
    assert observations.count == 3


@pytest.mark.parametrize("made", [of_records, of_whole_records, with_totals])
def test_a_lost_file_is_built_again_and_none_otherwise(raw: Raw, made: Callable[[Raw], Observations]) -> None:
    files = [path for _, path in made(raw).files]
    suffixes = {"observations": ".json", "rows": ".parquet", "buckets": ".buckets.parquet", "labels": ".labels.parquet"}
    if made is of_whole_records:
        del suffixes["rows"]
    expected = [(name, files[0].stem + suffix) for name, suffix in suffixes.items()]
    assert [(name, path.name) for name, path in made(raw).files] == expected
    built_at = [path.stat().st_mtime_ns for path in files]
    made(raw)
    assert [path.stat().st_mtime_ns for path in files] == built_at
    for lost in files:
        lost.unlink()
        made(raw)
        assert all(path.is_file() for path in files)


def test_the_buckets_are_those_of_the_periods_met(raw: Raw) -> None:
    observations = of_records(raw)
    readings = read_labels("period", ["Jan-20", "Feb-20"], observations.extract)
    written = duckdb.sql(f"from '{observations.buckets}'").fetchall()
    assert written == bucket_rows(observations.extract, readings) != []
    content = "Offence,Count\nStalking,2\n"
    without = observations_of(raw, counts_table({"offence": "Offence", "count": "Count"}), content, reference="TEST/2")
    assert duckdb.sql(f"from '{without.buckets}'").fetchall() == []


def test_the_digest_of_the_files_follows_from_the_code_that_makes_them(
    raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = []
    for changed in ("", "pipeline/normalisation", "pipeline/store"):
        monkeypatch.setattr(layer, "code_digest", partial(_changed_in, changed))
        observations = of_records(raw)
        digests.append(observations.digest)
        extract_id = observations.extract.extract_id
        assert observations.path == raw.places.store("observations", extract_id, observations.digest, ".json")
    assert digests[0] != digests[1] == digests[2]


def _changed_in(changed: str, *places: str) -> str:
    return str(changed in places)


def test_the_digest_of_the_files_follows_from_what_the_gate_found(raw: Raw) -> None:
    raw.add([counts_table({"offence": "Offence", "count": "Count"})], {"counts.csv": "Offence,Count\nStalking,2\n"})
    build = raw.build()
    (verdict,) = build.accepted
    found = [verdict.accepted, verdict.cells]
    others = [Path(shutil.copy(path, path.with_name("other.parquet"))) for path in found]
    digests = {
        layer.ensure_observations(build.places, verdict.source, accepted, cells).digest
        for accepted, cells in (found, [others[0], found[1]], [found[0], others[1]])
    }
    assert len(digests) == 3


def test_labels_that_mean_something_else_now_are_told_with_both_meanings(raw: Raw) -> None:
    columns = {"period": "Year", "platform": "App", "count": "Count"}
    content = "Year,App,Count\n2020/21,TikTok,1\n2021/22,TikTok,2\n2021/22,Facebook,2\n"
    financial = {"basis": "financial", "start": "2020-04-01", "end": "2022-03-31"}
    before = observations_of(raw, counts_table(columns, covers=financial), content)
    tax = {"basis": "tax", "start": "2020-04-06", "end": "2022-04-05"}
    after = observations_of(raw, counts_table(columns, covers=tax), content)
    assert read_otherwise(before) == read_otherwise(after) == []
    same = {"extract_id": "dorset/test-1/counts", "dimension": "period", "status_before": "mapped"}
    assert read_otherwise(replace(before, extract=after.extract)) == [
        {**same, "label": "2021/22", "n": 2, "before": "2021-04-01/2022-04-01", "after": "2021-04-06/2022-04-06"},
        {**same, "label": "2020/21", "n": 1, "before": "2020-04-01/2021-04-01", "after": "2020-04-06/2021-04-06"},
    ]
    assert len(read_otherwise(replace(after, extract=before.extract))) == 2


def text(*values: str | None) -> pa.DictionaryArray:
    return pa.array(values, pa.string()).dictionary_encode()


def test_labels_are_counted_piece_by_piece_and_nothing_is_no_label() -> None:
    met = MetLabels()
    met.count(text(None, "b", "a", "b"), pa.array([2, 3, 4, 5]), None)
    assert (met.n, met.first_line) == ({"b": 2, "a": 1}, {"b": 3, "a": 4})
    chosen = [False, True, True, True]
    met.count(text("c", "a", None, "d"), pa.array([6, 7, 8, 9]), pa.array(chosen).to_numpy(zero_copy_only=False))
    assert (met.n, met.first_line) == ({"b": 2, "a": 2, "d": 1}, {"b": 3, "a": 4, "d": 9})
    assert met.readings == {}
    met.count(text("e", "e"), pa.array([10, 11]), pa.array([False, True]).to_numpy(zero_copy_only=False))
    assert (met.n["e"], met.first_line["e"]) == (1, 11)


def test_a_label_that_all_lines_share_is_counted_for_each_and_first_met_once(raw: Raw) -> None:
    extract = with_totals(raw).extract
    met = Met({"period": MetLabels(), "age": MetLabels()})
    met.shared(extract, "age", 3, 2)
    assert met.labels["age"] == MetLabels()
    met.shared(extract, "period", 3, 4)
    met.shared(extract, "period", 2, 9)
    assert (met.labels["period"].n, met.labels["period"].first_line) == ({"2023": 5}, {"2023": 4})
    met.read(extract)
    assert met.labels["period"].readings == read_labels("period", ["2023"], extract)
    assert met.observations == 0


def test_of_no_extracts_there_are_no_observations_but_all_columns() -> None:
    with memory() as db:
        make_observation(db, [])
        assert db.execute("from observation").fetchall() == []
        assert {row[0]: row[1].lower() for row in db.execute("describe observation").fetchall()} == OBSERVATION_COLUMNS


@pytest.mark.parametrize(
    ("often", "most", "copied"), [(True, 3, True), (True, 4, True), (True, 2, False), (False, 3, False)]
)
def test_only_observations_asked_for_often_and_not_too_many_are_copied(
    raw: Raw, monkeypatch: pytest.MonkeyPatch, often: bool, most: int, copied: bool
) -> None:
    monkeypatch.setattr(relation, "IN_MEMORY", most)
    paths = [of_records(raw).path]
    with memory() as db:
        make_observation(db, paths, often)
        found = db.execute("select count(*) from duckdb_tables() where table_name = 'observation'").fetchone()
    assert found == (int(copied),)


def test_what_is_shared_is_said_once_for_each_period_of_an_extract(raw: Raw) -> None:
    records, counts = (
        of_records(raw),
        observations_of(
            raw,
            counts_table({"offence": "Offence", "count": "Count"}),
            "Offence,Count\nStalking,2\n",
            reference="TEST/2",
        ),
    )
    with memory() as db:
        make_shared(db, [records.path, counts.path])
        shared = rows(db.execute("from shared order by extract_id, period"))
        make_observation(db, [records.path])
        columns = ", ".join(shared[0])
        observed = rows(db.execute(f"select distinct {columns} from observation order by extract_id, period"))
    assert [row["period"] for row in shared] == ["2020-01-01/2020-02-01", "2020-02-01/2020-03-01"]
    assert shared == observed
