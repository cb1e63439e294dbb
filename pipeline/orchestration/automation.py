"""Automation: the sensor on raw/, the daily schedule as a net, and the sensor that reports failed checks."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg

from pipeline.intake.manifest import MANIFEST_NAME
from pipeline.intake.raw import manifests, read_raw
from pipeline.normalisation.forces import force_names
from pipeline.orchestration.arrivals import EXTRACTS, arrival, known_arrivals
from pipeline.orchestration.assets import computed
from pipeline.orchestration.resources import Foi
from pipeline.store.digests import digest_of, sha256_file
from pipeline.store.places import Places

SECONDS_BETWEEN_LOOKS = 20

refresh_job = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.assets(*computed),
    description="Everything from raw/ to a release; what is not new is reused.",
)

daily_refresh = dg.ScheduleDefinition(
    name="daily_refresh",
    job=refresh_job,
    cron_schedule="15 5 * * *",
    execution_timezone="Europe/London",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="A net under the sensor: one refresh a day, whatever the sensor saw.",
)


@dataclass(frozen=True)
class Look:
    """One look at raw/. `state` changes when anything there does; `unsettled` are files that may still be written.

    `arrived` are extracts whose bytes are those their manifest names: proved whole by their digest.
    """

    state: str
    unsettled: tuple[str, ...]
    arrived: tuple[tuple[str, str, str], ...]
    files: Mapping[str, list[Any]]


def look(places: Places, before: Mapping[str, list[Any]]) -> Look:
    """Return what is in raw/; `before` are the files of the last look as {name: [size, mtime_ns, sha256]}.

    A file whose digest its manifest names is whole. Any other file is settled when size and time are what they were at
    the last look.
    """
    raw = read_raw(places, force_names())
    files: dict[str, list[Any]] = {}
    for path in [e.path for e in raw.extracts] + manifests(places.raw):
        if path.is_file():
            files[places.shown(path)] = _seen(path, before.get(places.shown(path)))
    arrived = tuple(
        (e.extract_id, e.sha256, places.shown(e.path))
        for e in raw.extracts
        if files.get(places.shown(e.path), [0, 0, ""])[2] == e.sha256
    )
    whole = {file for _, _, file in arrived} | {
        places.shown(places.raw / d.name / MANIFEST_NAME) for d in raw.disclosures
    }
    unsettled = tuple(f for f, seen in files.items() if f not in whole and before.get(f) != seen)
    missing = [places.shown(e.path) for e in raw.extracts if not e.path.is_file()]
    state = digest_of({"files": {f: s[2] for f, s in files.items()}, "missing": missing, "stray": raw.stray})
    return Look(state, unsettled, arrived, files)


def _seen(path: Path, before: list[Any] | None) -> list[Any]:
    stat = path.stat()
    if before is not None and before[:2] == [stat.st_size, stat.st_mtime_ns]:
        return before
    return [stat.st_size, stat.st_mtime_ns, sha256_file(path)]


@dg.sensor(
    job=refresh_job,
    name="raw_folder",
    minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Looks at raw/; records each arrival with its digest and requests one refresh for all that is new.",
)
def raw_folder(context: dg.SensorEvaluationContext, foi: dg.ResourceParam[Foi]) -> dg.SensorResult | dg.SkipReason:
    """Request one refresh when raw/ has changed and no file is still being written."""
    cursor = json.loads(context.cursor) if context.cursor else {"files": {}, "requested": None}
    seen = look(foi.places, cursor["files"])
    if seen.unsettled:
        context.update_cursor(json.dumps({**cursor, "files": seen.files}))
        return dg.SkipReason(f"waiting until quiet: {', '.join(seen.unsettled)}")
    if not seen.files:
        return dg.SkipReason(f"no disclosure in {foi.places.raw}")
    if seen.state == cursor["requested"]:
        return dg.SkipReason("nothing new in raw/")
    known = known_arrivals(context.instance)
    new = [a for a in seen.arrived if known.get(a[0]) != a[1]]
    return dg.SensorResult(
        asset_events=[arrival(*a) for a in new],
        dynamic_partitions_requests=[EXTRACTS.build_add_request([a[0] for a in new])] if new else None,
        # the run key makes a tick that is repeated after a crash request the same run once
        run_requests=[dg.RunRequest(run_key=seen.state)],
        cursor=json.dumps({"files": seen.files, "requested": seen.state}),
    )


@dg.sensor(
    name="failed_checks",
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Reports every failed ERROR check in the daemon's log and in warehouse/failed_checks.jsonl.",
)
def failed_checks(context: dg.SensorEvaluationContext, foi: dg.ResourceParam[Foi]) -> dg.SkipReason:
    """Report the ERROR checks that failed in runs that ended since the last tick."""
    since = datetime.fromisoformat(context.cursor) if context.cursor else None
    ended = context.instance.get_run_records(
        dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE], updated_after=since),
        order_by="update_timestamp",
        # ascending is load-bearing: the cursor is the last run seen
        ascending=True,
        limit=50,
    )
    failed = [
        {"check": check, "message": message, "run": record.dagster_run.run_id}
        for record in ended
        for check, message in _failed_errors(context.instance, record.dagster_run.run_id)
    ]
    if failed:
        # written before the cursor moves: a report may come twice, but is never lost
        with (foi.places.warehouse / "failed_checks.jsonl").open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(f, sort_keys=True) + "\n" for f in failed)
        for f in failed:
            context.log.error(f"{f['check']}: {f['message']} (run {f['run']})")
    if ended:
        context.update_cursor(ended[-1].update_timestamp.isoformat())
    return dg.SkipReason(f"{len(failed)} failed ERROR checks in {len(ended)} runs that ended since the last look")


def _failed_errors(instance: dg.DagsterInstance, run_id: str) -> Iterator[tuple[str, str]]:
    """Yield (check, message) of each ERROR check that failed in a run."""
    records = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION).records
    for record in records:
        event = record.event_log_entry.dagster_event
        if event is None:
            continue
        evaluation = event.asset_check_evaluation_data
        if not evaluation.passed and evaluation.severity == dg.AssetCheckSeverity.ERROR:
            name = f"{evaluation.asset_key.to_user_string()}.{evaluation.check_name}"
            yield name, evaluation.description or ""
