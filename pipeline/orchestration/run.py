"""Running the refresh job in this process, on the instance that the UI shows."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import dagster as dg

from pipeline.definitions import build_definitions
from pipeline.orchestration.event_log import kept_open
from pipeline.orchestration.resources import Foi
from pipeline.publication.ahead import WaitFor, nothing_ahead
from pipeline.publication.build import Build
from pipeline.publication.release import Outcome
from pipeline.store.digests import ROOT
from pipeline.store.lock import refresh_lock
from pipeline.store.places import Places

INSTANCE_CONFIG = "dagster.yaml"


def prepare_home(places: Places) -> Path:
    """Return DAGSTER_HOME of a warehouse, with the project's instance configuration in it."""
    home = places.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    if not (home / INSTANCE_CONFIG).exists():
        shutil.copyfile(ROOT / "warehouse" / "dagster" / INSTANCE_CONFIG, home / INSTANCE_CONFIG)
    return home


def refresh(build: Build, progress: Callable[[str], None], wait_for: WaitFor = nothing_ahead) -> Outcome:
    """Run the refresh job on a look at raw/ and return what came of publishing it.

    `wait_for` returns when an asset that another process makes ahead is made.

    Raises Busy where another refresh is at work; a bug or a broken machine raises what it raises.
    """
    places = build.places
    with refresh_lock(places.lock):
        home = prepare_home(places)
        os.environ["DAGSTER_HOME"] = str(home)
        foi = Foi(places, progress, build, wait_for)
        job = build_definitions(foi).resolve_job_def("refresh")
        with dg.DagsterInstance.from_config(str(home)) as instance, kept_open(instance):
            result = job.execute_in_process(
                instance=instance,
                raise_on_error=False,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )
        outcome = foi.outcomes.get(result.run_id)
        if outcome is None:
            failures = [e for e in result.all_events if e.is_step_failure]
            words = "\n".join(str(e.step_failure_data.error) for e in failures)
            raise RuntimeError(f"the refresh job broke down in run {result.run_id}:\n{words}")
        return outcome
