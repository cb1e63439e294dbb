"""OpenLineage events of a refresh: what was read, what was made of it, column by column, and what the checks said.

Events are plain JSON, made without the client, whose import takes 0.4 s. By default each run has a file of its own in
warehouse/openlineage, of which the newest are kept. Where the client is configured the way it knows (OPENLINEAGE_URL,
OPENLINEAGE_CONFIG, openlineage.yml), it sends them instead. Here too: that nothing of this ever breaks a refresh, or
keeps it waiting for a server that does not answer.
"""

import json
import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from pipeline.desk.column_lineage import parts_played
from pipeline.figures.catalogue import TABLES
from pipeline.lineage import columns
from pipeline.publication.build import Build
from pipeline.publication.checks import Verdict
from pipeline.publication.release import Outcome
from pipeline.store.places import Places
from pipeline.store.tables import row_count
from pipeline.validation.gate import Validated

NAMESPACE, FILES = "foi", "file"
REFRESH, CHECK = "refresh", "check"
KEPT_RUNS = 20
SPEC = "https://openlineage.io/spec"
EVENT_SCHEMA = f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
FACETS = {
    "schema": ("1-2-0", "SchemaDatasetFacet"),
    "version": ("1-0-1", "DatasetVersionDatasetFacet"),
    "columnLineage": ("1-2-0", "ColumnLineageDatasetFacet"),
    "dataQualityAssertions": ("1-1-0", "DataQualityAssertionsDatasetFacet"),
    "inputStatistics": ("1-0-0", "InputStatisticsInputDatasetFacet"),
    "outputStatistics": ("1-0-2", "OutputStatisticsOutputDatasetFacet"),
    "jobType": ("2-0-4", "JobTypeJobFacet"),
    "parent": ("1-2-0", "ParentRunFacet"),
    "errorMessage": ("1-0-1", "ErrorMessageRunFacet"),
}
"""The facets that are used, each with the version and the name of its schema."""

ANSWER_SECONDS = 2.0
"""How long a server may take to answer an event, where the configuration does not say.

The client would wait 5 seconds, and five times more: half a minute for a server that does not answer.
"""
SENT_SECONDS = 10.0
"""How long a transport that sends in the background may take to be done."""

Event = dict[str, Any]
_given_up: set[str] = set()
"""The runs of this process whose events could not be sent once: nothing more is tried for them."""
_log = logging.getLogger("foi.openlineage")


def producer() -> str:
    """Return the name of this program and its version, as a URI."""
    return f"urn:foi-figures:{version('foi-figures')}"


def _facet(name: str, **content: Any) -> dict[str, Any]:
    number, schema = FACETS[name]
    return {
        name: {"_producer": producer(), "_schemaURL": f"{SPEC}/facets/{number}/{schema}.json#/$defs/{schema}"} | content
    }


def _event(
    kind: str, job: str, run_id: str, inputs: Sequence[Any] = (), outputs: Sequence[Any] = (), **run_facets: Any
) -> Event:
    return {
        "eventType": kind,
        "eventTime": datetime.now(UTC).isoformat(),
        "producer": producer(),
        "schemaURL": EVENT_SCHEMA,
        "run": {"runId": run_id, "facets": run_facets},
        "job": {
            "namespace": NAMESPACE,
            "name": job,
            "facets": _facet("jobType", processingType="BATCH", integration="FOI_FIGURES", jobType="JOB"),
        },
        "inputs": list(inputs),
        "outputs": list(outputs),
    }


def started(run_id: str, build: Build) -> list[Event]:
    """Return the event that a refresh began, with every extract that lies in raw/."""
    places = build.places
    inputs = [
        _dataset(FILES, places.shown(e.path), **_facet("version", datasetVersion=e.sha256)) for e in build.raw.extracts
    ]
    return [_event("START", REFRESH, run_id, _once(inputs))]


def finished(run_id: str, build: Build, outcome: Outcome, errors: Sequence[Verdict]) -> list[Event]:
    """Return the events that a refresh ended: well, or with the checks that forbade a release; and what checks said.

    The checks are a run of their own, named after the refresh: assertions are facets of what a run reads.
    """
    failure = _facet("errorMessage", message=outcome.message, programmingLanguage="PYTHON") if errors else {}
    kind = "FAIL" if errors else "COMPLETE"
    check_id = str(uuid5(NAMESPACE_URL, f"{producer()}/{CHECK}/{run_id}"))
    parent = _facet("parent", run={"runId": run_id}, job={"namespace": NAMESPACE, "name": REFRESH})
    return [
        _event("START", CHECK, check_id, **parent),
        _event(kind, CHECK, check_id, _asserted(outcome.verdicts), **parent, **failure),
        _event(kind, REFRESH, run_id, _extracts(build), [] if errors else _made(build), **failure),
    ]


def _dataset(namespace: str, name: str, **facets: Any) -> dict[str, Any]:
    return {"namespace": namespace, "name": name, "facets": facets}


def _once(datasets: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return datasets, each name once: of one file there may be several extracts."""
    return list({(d["namespace"], d["name"]): d for d in datasets}.values())


def _extracts(build: Build) -> list[dict[str, Any]]:
    """Return the file of each accepted extract: its columns, its SHA-256, and how much was read of it."""
    files: dict[Path, list[Validated]] = {}
    for v in build.accepted:
        files.setdefault(v.extract.path, []).append(v)
    found = []
    for path, parts in files.items():
        names = dict.fromkeys(_field(v.source.account, at) for v in parts for _, at in _played(v))
        facets = _facet("schema", fields=[{"name": name} for name in names])
        facets |= _facet("version", datasetVersion=parts[0].extract.sha256)
        records = sum(v.source.account["records"] for v in parts)
        read = _facet("inputStatistics", rowCount=records, size=path.stat().st_size, fileCount=1)
        found.append(_dataset(FILES, build.places.shown(path), **facets) | {"inputFacets": read})
    return found


def _played(validated: Validated) -> list[tuple[str, int]]:
    return parts_played(validated.source.account)


def _field(account: Mapping[str, Any], position: int) -> str:
    """Return the name of a column of an extract: its header, or its position where there is none."""
    header = account["header"] or []
    return (header[position - 1] if position <= len(header) else "") or f"column {position}"


def _made(build: Build) -> list[dict[str, Any]]:
    """Return what a refresh makes: source records, observations and every figure table, with columns and lineage."""
    parts: dict[str, list[dict[str, Any]]] = {}
    for v in build.accepted:
        for part, at in _played(v):
            field = {
                "namespace": FILES,
                "name": build.places.shown(v.extract.path),
                "field": _field(v.source.account, at),
            }
            parts.setdefault(part.split(":")[0], []).append(field)
    rows = {
        columns.SOURCE: sum(v.source.account["records"] for v in build.accepted),
        columns.OBSERVED: sum(o.count for o in build.observations),
        **{name: row_count(build.figures(name).path) for name in TABLES},
    }
    return [
        _dataset(NAMESPACE, name, **_facet("schema", fields=_fields(name)), **_column_lineage(name, parts))
        | {"outputFacets": _facet("outputStatistics", rowCount=rows[name])}
        for name in rows
    ]


def _fields(asset: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "type": declared.unit, "description": declared.description}
        for name, declared in columns.assets()[asset].items()
    ]


def _column_lineage(asset: str, parts: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return the columnLineage facet of an asset; `parts` are the fields of extracts that play each part."""
    fields = {}
    for name in columns.assets()[asset]:
        inputs: list[dict[str, Any]] = []
        for above, column in columns.inputs_of(asset, name):
            of_files = parts.get(column, []) if above == columns.RECEIVED else None
            inputs += [{"namespace": NAMESPACE, "name": above, "field": column}] if of_files is None else of_files
        fields[name] = {"inputFields": inputs}
    return _facet("columnLineage", fields=fields)


def _asserted(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Return every asset that has checks, with what they said; failing rows stay in the release."""
    assertions: dict[str, list[dict[str, Any]]] = {}
    for v in verdicts:
        said = {"assertion": v.check, "success": v.passed, "severity": v.severity.lower(), "description": v.message}
        assertions.setdefault(v.asset, []).append(said)
    return [
        _dataset(NAMESPACE, asset) | {"inputFacets": _facet("dataQualityAssertions", assertions=said)}
        for asset, said in assertions.items()
    ]


def emit(places: Places, run_id: str, make: Callable[[], list[Event]]) -> str:
    """Make and send the events of a run; return in words where they went, or why they did not.

    Whatever goes wrong is logged as a warning and never raised: no refresh fails for what it tells others. After that
    nothing more of the run is sent: one that did not get through would leave a run without a beginning.
    """
    if run_id in _given_up:
        return "OpenLineage events were not sent: earlier ones of this refresh could not be"
    try:
        events = make()
        if is_client_configured():
            return _send(events)
        return _write(places, run_id, events)
    except Exception as error:  # a transport may raise anything
        _given_up.add(run_id)
        words = (
            f"OpenLineage events were not sent: {type(error).__name__}: {error}; nothing more of this refresh is sent"
        )
        _log.warning(words)
        return words


def is_client_configured() -> bool:
    """Return True where the OpenLineage client would find a transport by its own rules."""
    if any(name == "OPENLINEAGE_URL" or name.startswith("OPENLINEAGE__TRANSPORT") for name in os.environ):
        return True
    places = [os.environ.get("OPENLINEAGE_CONFIG"), "openlineage.yml", Path.home() / ".openlineage" / "openlineage.yml"]
    return any(place and Path(place).is_file() for place in places)


def _send(events: Sequence[Event]) -> str:
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState

    client = OpenLineageClient()
    _make_prompt(client.transport)
    for event in events:
        client.emit(
            RunEvent(
                eventTime=event["eventTime"],
                producer=event["producer"],
                run=Run(**event["run"]),
                job=Job(**event["job"]),
                eventType=RunState(event["eventType"]),
                inputs=[InputDataset(**{"inputFacets": {}} | dataset) for dataset in event["inputs"]],
                outputs=[OutputDataset(**dataset) for dataset in event["outputs"]],
            )
        )
    if not client.close(SENT_SECONDS):
        raise TimeoutError(f"not all were taken within {SENT_SECONDS:g} seconds")
    return f"{len(events)} OpenLineage events sent by {client.transport.kind}"


def _make_prompt(transport: Any) -> None:
    """Let a transport over HTTP, or each one of several, wait for ANSWER_SECONDS and try once.

    What the configuration says of either stays.
    """
    from openlineage.client.transport.http import HttpConfig, HttpTransport
    from openlineage.client.transport.http_common import DEFAULT_RETRY_CONFIG

    for one in (transport, *getattr(transport, "transports", ())):
        if isinstance(one, HttpTransport):
            if one.timeout == HttpConfig(one.url).timeout:
                one.timeout = ANSWER_SECONDS
            if one.config.retry == DEFAULT_RETRY_CONFIG:
                one.config.retry = {**DEFAULT_RETRY_CONFIG, "total": 0}


def _write(places: Places, run_id: str, events: Sequence[Event]) -> str:
    """Append the events to the file of their run, and remove the files of the oldest runs."""
    folder = places.warehouse / "openlineage"
    folder.mkdir(parents=True, exist_ok=True)
    mine = next(folder.glob(f"*-{run_id}.jsonl"), None)
    path = mine or folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{run_id}.jsonl"
    with path.open("a", encoding="utf-8") as file:
        path.chmod(0o600)
        file.writelines(json.dumps(event, ensure_ascii=False) + "\n" for event in events)
    for old in sorted(folder.glob("*.jsonl"))[:-KEPT_RUNS]:
        old.unlink(missing_ok=True)
    return f"{len(events)} OpenLineage events in {places.relative(path)}"
