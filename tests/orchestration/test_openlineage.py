"""OpenLineage events: valid for the official client's classes, true to the build, and never in a refresh's way."""

import json
import os
import socket
import sys
import types
import typing
from collections.abc import Iterator
from contextlib import suppress
from enum import Enum
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import attr
import dagster as dg
import pytest
from openlineage.client import facet_v2
from openlineage.client.generated import (
    base,
    column_lineage_dataset,
    data_quality_assertions_dataset,
    dataset_version_dataset,
    error_message_run,
    input_statistics_input_dataset,
    job_type_job,
    output_statistics_output_dataset,
    parent_run,
    schema_dataset,
)

from pipeline.figures.catalogue import TABLES
from pipeline.lineage import columns
from pipeline.orchestration import openlineage
from pipeline.publication.checks import SPECS
from pipeline.store.places import Places
from pipeline.store.releases import current_release
from tests.disclosures import Raw
from tests.orchestration.test_definitions import add_years, run

MODULES = {
    "schema": schema_dataset,
    "version": dataset_version_dataset,
    "columnLineage": column_lineage_dataset,
    "dataQualityAssertions": data_quality_assertions_dataset,
    "inputStatistics": input_statistics_input_dataset,
    "outputStatistics": output_statistics_output_dataset,
    "jobType": job_type_job,
    "parent": parent_run,
    "errorMessage": error_message_run,
}
"""The client's classes are generated from the JSON Schemas of the specification, one module a facet."""

KINDS = {
    ("inputs", "inputFacets"): base.InputDatasetFacet,
    ("outputs", "outputFacets"): base.OutputDatasetFacet,
    ("inputs", "facets"): base.DatasetFacet,
    ("outputs", "facets"): base.DatasetFacet,
}


def facet_class(name: str) -> type:
    return getattr(MODULES[name], openlineage.FACETS[name][1])


def faults(kind: Any, value: Any, at: str) -> list[str]:
    """What of a JSON value is not as a class of the client says: unknown, missing and wrongly typed fields."""
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return []
    if origin in {types.UnionType, typing.Union}:
        return [] if any(not faults(part, value, at) for part in parts) else [f"{at}: {value!r} is no {kind}"]
    if origin is list and isinstance(value, list):
        return [f for n, item in enumerate(value) for f in faults(parts[0], item, f"{at}[{n}]")]
    if origin is dict and isinstance(value, dict):
        return [f for key, item in value.items() for f in faults(parts[1], item, f"{at}.{key}")]
    if attr.has(kind) and isinstance(value, dict):
        return object_faults(kind, value, at)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [] if value in {member.value for member in kind} else [f"{at}: {value!r} is no {kind.__name__}"]
    exact = isinstance(kind, type) and type(value) is kind
    return [] if exact else [f"{at}: {value!r} is no {kind}"]


def type_hints(kind: type) -> dict[str, Any]:
    """The types of a class of the client, own and inherited, each read in the module that wrote it."""
    found: dict[str, Any] = {}
    for owner in reversed(kind.__mro__[:-1]):
        names = {**vars(typing), **vars(sys.modules[owner.__module__])}
        for name, words in vars(owner).get("__annotations__", {}).items():
            found[name] = eval(words, names) if isinstance(words, str) else words
    return found


def object_faults(kind: type, value: dict[str, Any], at: str) -> list[str]:
    fields = {field.name: field for field in attr.fields(kind)}
    hints = type_hints(kind)
    is_facet = issubclass(kind, base.BaseFacet)
    needed = {n for n, field in fields.items() if field.default is attr.NOTHING} | (
        {"_producer", "_schemaURL"} if is_facet else set()
    )
    found = [f"{at}: {name} is missing" for name in sorted(needed - set(value))]
    found += [f"{at}: {name} is unknown" for name in sorted(set(value) - set(fields))]
    for name in set(value) & set(fields):
        if name.endswith("acets"):
            continue  # each is held to its own class
        found += faults(hints[name], value[name], f"{at}.{name}")
    if is_facet and value.get("_schemaURL") != kind._get_schema():
        found.append(f"{at}: _schemaURL is {value.get('_schemaURL')}")
    return found


def event_faults(event: dict[str, Any]) -> list[str]:
    """What of an event is not as the core schema and the schemas of its facets say."""
    found = object_faults(base.RunEvent, event, "event")
    found += [] if event["schemaURL"] == base.RunEvent._get_schema() else ["event: schemaURL"]
    UUID(event["run"]["runId"])
    for owner, kind in (("run", base.RunFacet), ("job", base.JobFacet)):
        found += facets_faults(event[owner]["facets"], kind, owner)
    for (side, key), kind in KINDS.items():
        for dataset in event[side]:
            found += facets_faults(dataset.get(key, {}), kind, f"{side} {dataset['name']}")
    return found


def facets_faults(facets: dict[str, Any], kind: type, at: str) -> list[str]:
    found = []
    for name, value in facets.items():
        cls = facet_class(name)
        found += [] if issubclass(cls, kind) else [f"{at}: {name} is no {kind.__name__}"]
        found += object_faults(cls, value, f"{at}.{name}")
    return found


def events_of(raw: Raw) -> list[dict[str, Any]]:
    files = sorted((raw.places.warehouse / "openlineage").glob("*.jsonl"))
    return [json.loads(line) for line in files[-1].read_text("utf-8").splitlines()]


@pytest.fixture(autouse=True)
def no_client_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in ("OPENLINEAGE_URL", "OPENLINEAGE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    before = dict(os.environ)
    yield
    for name in os.environ.keys() - before.keys():  # the client writes OPENLINEAGE_URL down in a form of its own
        del os.environ[name]


@pytest.fixture
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> Raw:
    """A refreshed raw/, the same for every test that only reads."""
    return _refreshed(tmp_path_factory.getbasetemp() / "openlineage")


@cache
def _refreshed(folder: Path) -> Raw:
    raw = Raw(Places.of(folder / "raw", folder / "warehouse"))
    add_years(raw)
    with dg.DagsterInstance.ephemeral() as instance:
        assert run(raw, instance).success
    return raw


def test_a_refresh_writes_valid_events_from_start_to_complete(refreshed: Raw) -> None:
    events = events_of(refreshed)
    assert [(e["eventType"], e["job"]["name"]) for e in events] == [
        ("START", "refresh"),
        ("START", "check"),
        ("COMPLETE", "check"),
        ("COMPLETE", "refresh"),
    ]
    assert [fault for event in events for fault in event_faults(event)] == []
    assert events[0]["run"]["runId"] == events[3]["run"]["runId"] != events[1]["run"]["runId"]
    assert events[2]["run"]["facets"]["parent"]["run"]["runId"] == events[0]["run"]["runId"]
    assert [e["eventTime"] for e in events] == sorted(e["eventTime"] for e in events)


def test_inputs_are_the_extracts_with_what_was_read_of_them(refreshed: Raw) -> None:
    (extract,) = events_of(refreshed)[3]["inputs"]
    build = refreshed.build()
    path = build.raw.extracts[0].path
    assert (extract["namespace"], extract["name"]) == ("file", "raw/dorset/test-1/counts.csv")
    assert extract["facets"]["version"]["datasetVersion"] == build.raw.extracts[0].sha256
    assert [f["name"] for f in extract["facets"]["schema"]["fields"]] == ["Year", "N"]
    read = extract["inputFacets"]["inputStatistics"]
    assert (read["rowCount"], read["size"]) == (2, path.stat().st_size)


def test_outputs_are_every_table_with_its_columns_and_what_they_are_made_from(refreshed: Raw) -> None:
    outputs = {o["name"]: o for o in events_of(refreshed)[3]["outputs"]}
    assert set(outputs) == {"source_records", "observations", *TABLES}
    for name, output in outputs.items():
        fields = [f["name"] for f in output["facets"]["schema"]["fields"]]
        assert fields == list(columns.assets()[name]) == list(output["facets"]["columnLineage"]["fields"])
    lineage = outputs["platform_year"]["facets"]["columnLineage"]["fields"]["platform"]["inputFields"]
    assert {"namespace": "foi", "name": "observations", "field": "platforms"} in lineage
    period = outputs["source_records"]["facets"]["columnLineage"]["fields"]["period"]["inputFields"]
    assert {"namespace": "file", "name": "raw/dorset/test-1/counts.csv", "field": "Year"} in period
    assert outputs["platform_year"]["outputFacets"]["outputStatistics"]["rowCount"] == 2


def test_every_check_is_an_assertion_on_the_asset_that_it_is_of(refreshed: Raw) -> None:
    said = {
        (dataset["name"], assertion["assertion"]): assertion["severity"]
        for dataset in events_of(refreshed)[2]["inputs"]
        for assertion in dataset["inputFacets"]["dataQualityAssertions"]["assertions"]
    }
    assert set(said) == {(s.asset, s.check) for s in SPECS}
    assert set(said.values()) <= {"error", "warn"}


def test_a_refresh_that_a_check_forbids_ends_in_fail_with_the_reason(raw: Raw) -> None:
    refreshed = _refreshed(raw.places.raw.parent)
    (refreshed.places.raw / "dorset" / "test-1" / "counts.csv").write_text("Year,N\n2020,999\n")
    with dg.DagsterInstance.ephemeral() as instance:
        assert not run(refreshed, instance).success
    events = events_of(refreshed)
    assert [(e["eventType"], e["job"]["name"]) for e in events[2:]] == [("FAIL", "check"), ("FAIL", "refresh")]
    assert "extracts_accepted" in events[3]["run"]["facets"]["errorMessage"]["message"]
    assert events[3]["outputs"] == []
    assert [fault for event in events for fault in event_faults(event)] == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("eventType",), "DONE"),
        (("job", "colour"), "red"),
        (("outputs", 0, "facets", "schema", "fields"), [{"type": "text"}]),
        (("outputs", 0, "facets", "columnLineage", "fields"), {"a": {"inputFields": [{"name": "x", "field": "y"}]}}),
        (("inputs", 0, "inputFacets", "inputStatistics", "rowCount"), "two"),
        (("inputs", 0, "inputFacets", "inputStatistics", "_schemaURL"), "https://openlineage.io/spec/x.json"),
        (("outputs", 0, "outputFacets", "inputStatistics"), {"rowCount": 1}),
    ],
)
def test_nonsense_in_an_event_is_found(refreshed: Raw, place: tuple[Any, ...], value: Any) -> None:
    event = events_of(refreshed)[3]
    inside: Any = event
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = value
    assert event_faults(event)


def test_no_event_has_a_path_of_this_machine(refreshed: Raw) -> None:
    text = json.dumps(events_of(refreshed))
    assert str(refreshed.places.warehouse) not in text and str(refreshed.places.raw) not in text


def test_the_files_of_the_newest_runs_are_kept(raw: Raw) -> None:
    for number in range(openlineage.KEPT_RUNS + 3):
        openlineage.emit(raw.places, f"run-{number}", lambda: [{"n": 1}])
    found = sorted(path.name.rsplit("-", 1)[1] for path in (raw.places.warehouse / "openlineage").iterdir())
    assert len(found) == openlineage.KEPT_RUNS
    assert "0.jsonl" not in found


def test_a_transport_that_fails_is_a_warning_and_the_release_is_there(
    raw: Raw, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = tmp_path / "openlineage.yml"
    config.write_text("transport:\n  type: no-such-transport\n")
    monkeypatch.setenv("OPENLINEAGE_CONFIG", str(config))
    add_years(raw)
    with dg.DagsterInstance.ephemeral() as instance:
        assert run(raw, instance).success
    assert current_release(raw.places) is not None
    assert "OpenLineage events were not sent" in caplog.text


def test_events_go_to_a_server_where_one_is_configured(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[dict[str, Any]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("OPENLINEAGE_URL", f"http://127.0.0.1:{server.server_port}")
        add_years(raw)
        with dg.DagsterInstance.ephemeral() as instance:
            assert run(raw, instance).success
        server.shutdown()
    assert [(e["eventType"], e["job"]["name"]) for e in received] == [
        ("START", "refresh"),
        ("START", "check"),
        ("COMPLETE", "check"),
        ("COMPLETE", "refresh"),
    ]
    assert {o["name"] for o in received[3]["outputs"]} >= set(TABLES)
    assert not (raw.places.warehouse / "openlineage").exists()


class SilentServer:
    """A server that takes every connection, counts it, and never answers."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.connections: list[socket.socket] = []
        Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        with suppress(OSError):  # closed
            while True:
                self.connections.append(self.listening.accept()[0])

    def close(self) -> None:
        for one in (self.listening, *self.connections):
            one.close()


@pytest.fixture
def silent() -> Iterator[SilentServer]:
    server = SilentServer()
    yield server
    server.close()


def test_a_server_that_never_answers_is_tried_once_in_a_refresh(
    raw: Raw, silent: SilentServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OPENLINEAGE_URL", silent.url)
    add_years(raw)
    with dg.DagsterInstance.ephemeral() as instance:
        assert run(raw, instance).success
    assert current_release(raw.places) is not None
    assert len(silent.connections) == 1
    (warning,) = [r.getMessage() for r in caplog.records if r.name == "foi.openlineage"]
    assert "Read timed out" in warning and "nothing more of this refresh is sent" in warning
    assert not (raw.places.warehouse / "openlineage").exists()


def test_the_next_refresh_tries_again(
    raw: Raw, silent: SilentServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OPENLINEAGE_URL", silent.url)
    monkeypatch.setattr(openlineage, "ANSWER_SECONDS", 0.1)
    build = raw.build()
    first, second = str(uuid4()), str(uuid4())
    for run_id in (first, first, second):
        assert "not sent" in openlineage.emit(raw.places, run_id, lambda: openlineage.started(first, build))
    assert len(silent.connections) == 2
    assert len([r for r in caplog.records if r.name == "foi.openlineage"]) == 2


def test_what_the_configuration_says_of_waiting_and_trying_again_holds(
    raw: Raw, silent: SilentServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "openlineage.yml"
    retry = "{total: 2, read: 2, backoff_factor: 0}"
    config.write_text(f"transport: {{type: http, url: '{silent.url}', timeout: 0.1, retry: {retry}}}\n")
    monkeypatch.setenv("OPENLINEAGE_CONFIG", str(config))
    run_id, build = str(uuid4()), raw.build()
    said = openlineage.emit(raw.places, run_id, lambda: openlineage.started(run_id, build))
    assert "read timeout=0.1" in said
    assert len(silent.connections) == 3


def test_the_schemas_named_are_those_that_the_client_was_made_from() -> None:
    for name, (number, schema) in openlineage.FACETS.items():
        assert facet_class(name)._get_schema() == f"{openlineage.SPEC}/facets/{number}/{schema}.json#/$defs/{schema}"
    assert facet_v2.schema_dataset is schema_dataset
