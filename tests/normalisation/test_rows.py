"""What differs from line to line, piece by piece as the source has it: totals, what is rejected, what is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.intake import blocks
from pipeline.normalisation.observations import Observations, ensure_observations
from pipeline.normalisation.rows import MetLabels
from pipeline.store.files import read_json
from tests.disclosures import Raw, counts_table, records_table
from tests.observed import observed_rows

RECORDS = {"period": "Month", "platform": "App"}
IN_TEXT = {"period": "Month", "mentions": "MO"}
COUNTS = {"offence": "Offence", "platform": "App", "count": "Count"}
STALKING: dict[str, Any] = {"constants": {"offence": "Stalking"}}
TOTAL: dict[str, Any] = {"markers": {"Total": {"kind": "total"}}}
LINES = "TBC,Zork\nTBC,TikTok\nJan-20,TikTok\nFeb-20,Facebook\nJan-20,Zork\n"


@pytest.fixture
def pieces_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "JOINED", 2)


def built(raw: Raw, table: dict[str, Any], content: str) -> Observations:
    raw.add([table], {table["extracts"][0]["file"]: content})
    build = raw.build()
    assert build.refusals == ()
    return build.observations[0]


def labels_of(observations: Observations) -> list[Any]:
    query = f"select dimension, label, n, first_line from '{observations.labels}'"
    return duckdb.sql(query).fetchall()


def of_records(raw: Raw, content: str = LINES, **terms: Any) -> Observations:
    return built(raw, records_table(RECORDS, **STALKING, **terms), "Month,App\n" + content)


def in_text(raw: Raw, content: str = LINES, **terms: Any) -> Observations:
    table = records_table(IN_TEXT, sensitivity="record_personal", **STALKING, **terms)
    return built(raw, table, "Month,MO\n" + content)


def of_counts(raw: Raw) -> Observations:
    lines = ("Total,TikTok,9", "Stalking,Total,5", "Stalking,TikTok,4", "Blackmail,Facebook,1", "Stalking,TikTok,4")
    table = counts_table(COUNTS, constants={"period": "2023"}, **TOTAL)
    return built(raw, table, "\n".join(("Offence,App,Count", *lines)) + "\n")


@pytest.mark.usefixtures("pieces_of_two")
def test_records_of_several_pieces_are_all_counted_and_nothing_is_first_met_where_all_is_rejected(raw: Raw) -> None:
    observations = of_records(raw)
    assert pq.read_metadata(observations.path.parent / read_json(observations.path)["source"]).num_row_groups == 3
    assert labels_of(observations) == [
        ("offence", "Stalking", 3, 4),
        ("period", "Jan-20", 2, 4),
        ("period", "Feb-20", 1, 5),
        ("platform", "Facebook", 1, 5),
        ("platform", "TikTok", 1, 4),
        ("platform", "Zork", 1, 6),
    ]
    assert observations.count == 3
    assert duckdb.sql(f"select record_no from '{observations.rows}'").fetchall() == [(1,), (2,)]
    assert [row["record_no"] for row in observed_rows(raw.build())] == [3, 4, 5]


@pytest.mark.usefixtures("pieces_of_two")
def test_platforms_in_text_of_several_pieces_are_counted_in_the_same_way(raw: Raw) -> None:
    observations = in_text(raw)
    assert labels_of(observations) == [
        ("offence", "Stalking", 3, 4),
        ("period", "Jan-20", 2, 4),
        ("period", "Feb-20", 1, 5),
        ("platform", "", 1, 6),
        ("platform", "Facebook", 1, 5),
        ("platform", "TikTok", 1, 4),
    ]
    assert observations.count == 3
    found = [(row["record_no"], row["line_no"], row["platforms"]) for row in observed_rows(raw.build())]
    assert found == [(3, 4, ["tiktok"]), (4, 5, ["facebook"]), (5, 6, ["none-named"])]


@pytest.mark.usefixtures("pieces_of_two")
def test_counts_of_several_pieces_are_all_counted_and_nothing_is_first_met_among_totals(raw: Raw) -> None:
    observations = of_counts(raw)
    assert labels_of(observations) == [
        ("offence", "Stalking", 2, 4),
        ("offence", "Blackmail", 1, 5),
        ("period", "2023", 3, 4),
        ("platform", "TikTok", 2, 4),
        ("platform", "Facebook", 1, 5),
    ]
    assert [(row["record_no"], row["kind"], row["count_min"]) for row in observed_rows(raw.build())] == [
        (1, "total", 9),
        (2, "total", 5),
        (3, "data", 4),
        (4, "data", 1),
        (5, "data", 4),
    ]


def test_of_records_that_are_all_observations_nothing_is_written(raw: Raw) -> None:
    observations = of_records(raw, "Jan-20,TikTok\nFeb-20,Facebook\nJan-20,Zork\n")
    assert (observations.rows, observations.count) == (None, 3)
    assert not observations.path.with_suffix(".parquet").exists()
    assert ("offence", "Stalking", 3, 2) in labels_of(observations)


@pytest.mark.parametrize("made", [of_records, in_text])
def test_a_record_that_is_a_total_is_no_observation(raw: Raw, made: Callable[..., Observations]) -> None:
    observations = made(raw, "Total,TikTok\nJan-20,TikTok\nJan-20,Facebook\n", **TOTAL)
    assert labels_of(observations)[:2] == [("offence", "Stalking", 2, 3), ("period", "Jan-20", 2, 3)]
    found = [(row["record_no"], row["platforms"], row["count_rule"]) for row in observed_rows(raw.build())]
    assert found == [(2, ["tiktok"], "record"), (3, ["facebook"], "record")]


@pytest.mark.usefixtures("pieces_of_two")
@pytest.mark.parametrize("made", [of_records, in_text, of_counts])
def test_a_verdict_on_a_part_of_the_source_alone_is_an_error(
    raw: Raw, tmp_path: Path, made: Callable[..., Observations]
) -> None:
    made(raw)
    build = raw.build()
    (verdict,) = build.accepted
    parts = [tmp_path / name for name in ("accepted.parquet", "cells.parquet")]
    for path, part in zip((verdict.accepted, verdict.cells), parts, strict=True):
        pq.write_table(pq.ParquetFile(path).read_row_group(0), part)
    with pytest.raises(ValueError, match="shorter"):
        ensure_observations(build.places, verdict.source, *parts)


def test_a_label_is_first_met_among_the_rows_that_count() -> None:
    met = MetLabels()
    labels = pa.array(["a", "b", "a"], pa.string()).dictionary_encode()
    met.count(labels, pa.array([2, 3, 4]), pa.array([False, True, True]).to_numpy(zero_copy_only=False))
    assert (met.n, met.first_line) == ({"a": 1, "b": 1}, {"a": 4, "b": 3})
