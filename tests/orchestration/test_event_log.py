"""An event log that is kept open has the same events in the same files, and others can read it meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest

from pipeline.orchestration.event_log import kept_open


@dg.asset(check_specs=[dg.AssetCheckSpec("whole", asset="counted")])
def counted() -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"n": 1}, check_results=[dg.AssetCheckResult(passed=True)])


@dg.asset(deps=[counted])
def broken() -> None:
    raise ValueError("out of order")


@contextmanager
def on_sqlite(folder: Path) -> Iterator[dg.DagsterInstance]:
    folder.mkdir()
    (folder / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        yield instance


def written(instance: dg.DagsterInstance) -> tuple[str, list[str]]:
    """Run two assets, one of which fails, and report an arrival; return the run and what kind of events it has."""
    result = dg.materialize([counted, broken], instance=instance, raise_on_error=False)
    instance.report_runless_asset_event(dg.AssetMaterialization("arrived", partition="a"))
    return result.run_id, kinds(instance, result.run_id)


def kinds(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    return [str(e.dagster_event_type) for e in instance.all_logs(run_id) if e.is_dagster_event]


def test_the_same_events_are_written_and_are_there_afterwards(tmp_path: Path) -> None:
    with on_sqlite(tmp_path / "plain") as plain:
        _, expected = written(plain)
    with on_sqlite(tmp_path / "open") as instance, kept_open(instance):
        run_id, found = written(instance)
        with dg.DagsterInstance.from_config(str(tmp_path / "open")) as other:
            assert kinds(other, run_id) == expected
    assert found == expected
    assert "RUN_FAILURE" in str(expected) and "ASSET_CHECK_EVALUATION" in str(expected)
    with dg.DagsterInstance.from_config(str(tmp_path / "open")) as later:
        assert kinds(later, run_id) == expected
        assert later.get_latest_materialization_event(dg.AssetKey("arrived")) is not None
        run = later.get_run_by_id(run_id)
        assert run is not None and run.status == dg.DagsterRunStatus.FAILURE


def test_a_file_is_opened_once_while_it_is_kept_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    with on_sqlite(tmp_path / "home") as instance:
        log = instance.event_log_storage
        own = log._connect  # type: ignore[attr-defined]
        monkeypatch.setattr(log, "_connect", lambda shard: (opened.append(shard), own(shard))[1])
        written(instance)
        before = len(opened)
        opened.clear()
        with kept_open(instance):
            written(instance)
        assert len(opened) == len(set(opened)) < before


def test_a_log_that_is_not_on_sqlite_stays_as_it_is() -> None:
    with dg.DagsterInstance.ephemeral() as instance, kept_open(instance):
        assert "RUN_FAILURE" in str(written(instance)[1])
