"""What is dropped into the inbox is drafted by the sensor and seen waiting in the UI; what stands in it is not."""

from __future__ import annotations

import json
from typing import Any

import dagster as dg
import pytest

from pipeline.definitions import build_definitions, defs
from pipeline.orchestration.inbox import INBOX, inbox_sensor, nothing_waiting
from pipeline.orchestration.resources import Foi
from pipeline.reception.inbox import resume
from tests.disclosures import Raw
from tests.reception.arrivals import ANSWERS, RECORDS, answer_of, drop

SECRETS = ("Harassment", "Stalking", "Charged", "NFA", "Jan-21", "Victim age", "disclosing", "TikTok")
"""What stands in the extract and in the letter, headers too: where there is no header, its place has a value."""


class Daemon:
    """The sensor as its daemon runs it: each tick goes on from the cursor of the last one."""

    def __init__(self, raw: Raw, instance: dg.DagsterInstance) -> None:
        self.raw, self.instance, self.cursor = raw, instance, None

    def tick(self) -> dg.SensorResult:
        """Take one look; report its events as the daemon would."""
        resources = {"foi": Foi(self.raw.places)}
        context = dg.build_sensor_context(instance=self.instance, cursor=self.cursor, resources=resources)
        result = inbox_sensor(context)
        assert isinstance(result, dg.SensorResult)
        self.cursor = result.cursor  # type: ignore[assignment]
        for event in result.asset_events:
            self.instance.report_runless_asset_event(event)
        return result


def events(result: dg.SensorResult) -> tuple[dg.AssetMaterialization, dg.AssetCheckEvaluation]:
    seen, check = result.asset_events
    assert isinstance(seen, dg.AssetMaterialization) and isinstance(check, dg.AssetCheckEvaluation)
    return seen, check


def rows(seen: dg.AssetMaterialization, name: str = "waiting") -> list[Any]:
    table = seen.metadata[name]
    assert isinstance(table, dg.TableMetadataValue)
    return [record.data for record in table.records]


def test_a_file_that_is_dropped_is_seen_waiting_with_its_questions_until_it_is_added(raw: Raw) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        daemon = Daemon(raw, instance)
        seen, check = events(daemon.tick())
        assert check.passed and not seen.metadata
        drop(raw.places, "answer", answer_of())
        first = daemon.tick()
        assert not first.asset_events and "waiting until quiet: answer" in str(first.skip_reason)
        seen, check = events(daemon.tick())
        (row,) = rows(seen)
        assert row["ref"] == "foi-77-25" and "answer/data.csv" in row["files"]
        asked = {question["key"]: question["asked"] for question in rows(seen, "questions")}
        assert asked["tables.data.record_is"] == "what is one record?"
        answer = seen.metadata["answer"]
        assert isinstance(answer, dg.MarkdownMetadataValue) and answer.value == "    foi add --resume foi-77-25"
        assert not check.passed and check.severity == dg.AssetCheckSeverity.WARN
        assert str(check.description).startswith("1 waiting: foi-77-25 (")
        assert not daemon.tick().asset_events, "what has not changed is not reported again"
        assert instance.get_latest_materialization_event(INBOX) is not None
        resume(raw.places, "foi-77-25", ANSWERS)
        seen, check = events(daemon.tick())
        assert check.passed and "waiting" not in seen.metadata


def test_an_answer_given_in_between_is_seen(raw: Raw) -> None:
    drop(raw.places, "answer", answer_of())
    with dg.DagsterInstance.ephemeral() as instance:
        daemon = Daemon(raw, instance)
        daemon.tick()
        before = rows(events(daemon.tick())[0], "questions")
        resume(raw.places, "foi-77-25", {"tables.data.record_is": "crime"})
        after = rows(events(daemon.tick())[0], "questions")
    assert [q for q in before if q not in after] == [
        {"ref": "foi-77-25", "key": "tables.data.record_is", "asked": "what is one record?"}
    ]


def test_two_files_at_once_are_drafted_in_one_tick(raw: Raw) -> None:
    drop(raw.places, "a.csv", RECORDS)
    drop(raw.places, "b.csv", RECORDS)
    with dg.DagsterInstance.ephemeral() as instance:
        daemon = Daemon(raw, instance)
        daemon.tick()
        assert [row["ref"] for row in rows(events(daemon.tick())[0])] == ["a", "b"]


def test_a_restart_forgets_nothing_that_was_answered(raw: Raw) -> None:
    drop(raw.places, "answer", answer_of())
    with dg.DagsterInstance.ephemeral() as instance:
        daemon = Daemon(raw, instance)
        daemon.tick()
        daemon.tick()
        resume(raw.places, "foi-77-25", {"tables.data.record_is": "crime"})
    with dg.DagsterInstance.ephemeral() as instance:
        again = Daemon(raw, instance)
        again.tick()
        again.tick()
    (entry,) = (raw.places.warehouse / "inbox").glob("*.json")
    assert json.loads(entry.read_text())["answers"] == {"tables.data.record_is": "crime"}


@pytest.mark.parametrize("data", [RECORDS, "\n".join(RECORDS.splitlines()[1:]), RECORDS + "1,2\n", "Charged;NFA\n\x00"])
def test_nothing_that_stands_in_a_file_or_letter_is_in_the_metadata(raw: Raw, data: str) -> None:
    drop(raw.places, "answer", answer_of(data=data))
    drop(raw.places, "data.csv", data)
    with dg.DagsterInstance.ephemeral() as instance:
        daemon = Daemon(raw, instance)
        daemon.tick()
        result = daemon.tick()
    seen, check = events(result)
    shown = f"{seen.metadata} {seen.description} {check.metadata} {check.description} {result.skip_reason}"
    assert "data.csv" in shown
    assert not [secret for secret in SECRETS if secret in shown]


def test_why_something_cannot_be_added_is_seen(raw: Raw) -> None:
    drop(raw.places, "damaged.zip", b"PK")
    with dg.DagsterInstance.ephemeral() as instance:
        daemon = Daemon(raw, instance)
        daemon.tick()
        seen, check = events(daemon.tick())
    (row,) = rows(seen)
    assert "a damaged zip archive" in row["look at"]
    assert "damaged (cannot be added)" in str(check.description)


def test_the_check_can_be_run_by_hand(raw: Raw) -> None:
    drop(raw.places, "answer", answer_of())
    with dg.DagsterInstance.ephemeral() as instance:
        daemon = Daemon(raw, instance)
        daemon.tick()
        daemon.tick()
    result = nothing_waiting(foi=Foi(raw.places))
    assert isinstance(result, dg.AssetCheckResult)
    assert not result.passed and result.severity == dg.AssetCheckSeverity.WARN


def test_the_sensor_is_on_and_a_refresh_has_nothing_to_do_with_the_inbox(raw: Raw) -> None:
    assert inbox_sensor.default_status == dg.DefaultSensorStatus.RUNNING
    assert inbox_sensor.name in {sensor.name for sensor in defs.sensors or ()}
    job = build_definitions(Foi(raw.places)).resolve_job_def("refresh")
    assert INBOX not in job.asset_layer.executable_asset_keys
