"""The sensor sees what arrives, once, and only when it is whole."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import pytest

from pipeline.definitions import build_definitions
from pipeline.orchestration.automation import daily_refresh, failed_checks, raw_folder
from pipeline.orchestration.event_log import kept_open
from pipeline.orchestration.resources import Foi
from pipeline.publication.release import publish
from tests.disclosures import Raw, counts_table


def add_years(raw: Raw, reference: str = "TEST/1", text: str = "Year,N\n2020,25\n2021,30\n") -> Path:
    table = counts_table({"period": "Year", "count": "N"}, constants={"platform": "TikTok"})
    return raw.add([table], {"counts.csv": text}, reference=reference)


def tick(
    raw: Raw, instance: dg.DagsterInstance, cursor: str | None
) -> tuple[dg.SensorResult | dg.SkipReason, str | None]:
    context = dg.build_sensor_context(instance=instance, cursor=cursor, resources={"foi": Foi(raw.places)})
    result = raw_folder(context)
    assert isinstance(result, dg.SensorResult | dg.SkipReason)
    return result, (result.cursor if isinstance(result, dg.SensorResult) else context.cursor)


def test_the_first_tick_requests_one_run_for_all_that_is_there(raw: Raw) -> None:
    add_years(raw)
    add_years(raw, "TEST/2")
    with dg.DagsterInstance.ephemeral() as instance:
        result, cursor = tick(raw, instance, None)
        assert isinstance(result, dg.SensorResult)
        assert len(result.run_requests or ()) == 1
        assert sorted(e.partition or "" for e in result.asset_events) == [
            "dorset/test-1/counts",
            "dorset/test-2/counts",
        ]
        assert all(len((e.tags or {})["dagster/data_version"]) == 64 for e in result.asset_events)  # type: ignore[union-attr]
        again, _ = tick(raw, instance, cursor)
        assert isinstance(again, dg.SkipReason) and "nothing new" in str(again.skip_message)


def test_a_new_extract_and_a_changed_one_each_request_a_run(raw: Raw) -> None:
    add_years(raw)
    with dg.DagsterInstance.ephemeral() as instance:
        first, cursor = tick(raw, instance, None)
        add_years(raw, "TEST/2")
        second, cursor = tick(raw, instance, cursor)
        add_years(raw, "TEST/2", "Year,N\n2020,26\n")
        third, cursor = tick(raw, instance, cursor)
    keys = []
    for result in (first, second, third):
        assert isinstance(result, dg.SensorResult) and result.run_requests
        keys.append(result.run_requests[0].run_key)
    assert len(set(keys)) == 3


def test_a_file_that_is_still_being_written_is_waited_for(raw: Raw) -> None:
    folder = add_years(raw)
    whole = (folder / "counts.csv").read_bytes()
    (folder / "counts.csv").write_bytes(whole[:10])
    with dg.DagsterInstance.ephemeral() as instance:
        partial, cursor = tick(raw, instance, None)
        assert isinstance(partial, dg.SkipReason) and "raw/dorset/test-1/counts.csv" in str(partial.skip_message)
        (folder / "counts.csv").write_bytes(whole)
        complete, _ = tick(raw, instance, cursor)
        assert isinstance(complete, dg.SensorResult) and complete.run_requests


def test_a_file_that_stays_wrong_is_handed_on_so_that_it_is_refused_in_sight(raw: Raw) -> None:
    folder = add_years(raw)
    (folder / "counts.csv").write_text("not what the manifest says")
    with dg.DagsterInstance.ephemeral() as instance:
        _, cursor = tick(raw, instance, None)
        result, _ = tick(raw, instance, cursor)
        assert isinstance(result, dg.SensorResult) and result.run_requests and not result.asset_events


def test_an_empty_raw_requests_nothing(raw: Raw) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        result, _ = tick(raw, instance, None)
    assert isinstance(result, dg.SkipReason)


def test_what_lies_in_the_inbox_requests_nothing(raw: Raw) -> None:
    add_years(raw)
    with dg.DagsterInstance.ephemeral() as instance:
        _, cursor = tick(raw, instance, None)
        folder = raw.places.raw / "inbox" / "answer"
        folder.mkdir(parents=True)
        (folder / "disclosure.yaml").write_text("force: [")
        (folder.parent / "data.csv").write_text("Year,N\n")
        result, _ = tick(raw, instance, cursor)
    assert isinstance(result, dg.SkipReason) and "nothing new" in str(result.skip_message)


def test_sensors_and_schedule_are_on_by_default() -> None:
    assert raw_folder.default_status == dg.DefaultSensorStatus.RUNNING
    assert failed_checks.default_status == dg.DefaultSensorStatus.RUNNING
    assert daily_refresh.default_status == dg.DefaultScheduleStatus.RUNNING


def test_failed_error_checks_are_reported_once(raw: Raw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a real instance on disk: the in-memory one answers queries that SQLite refuses."""
    folder = add_years(raw)
    publish(raw.build())
    (folder / "counts.csv").write_text("Year,N\n2020,999\n")
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        job = build_definitions(Foi(raw.places)).resolve_job_def("refresh")
        with kept_open(instance):
            assert not job.execute_in_process(instance=instance, raise_on_error=False).success
        context = dg.build_sensor_context(instance=instance, resources={"foi": Foi(raw.places)})
        failed_checks(context)
        again = dg.build_sensor_context(instance=instance, cursor=context.cursor, resources={"foi": Foi(raw.places)})
        failed_checks(again)
    lines = (raw.places.warehouse / "failed_checks.jsonl").read_text().splitlines()
    assert [json.loads(line)["check"] for line in lines] == ["source_records.extracts_accepted"]
