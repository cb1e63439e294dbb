"""Arrivals: which extracts Dagster knows of, each with the SHA-256 of its file as data version."""

import dagster as dg

from pipeline.publication.build import Build

RECEIVED = dg.AssetKey("received_extract")
EXTRACTS = dg.DynamicPartitionsDefinition(name="extract")
DATA_VERSION = "dagster/data_version"
_PAGE = 1000


def known_arrivals(instance: dg.DagsterInstance) -> dict[str, str]:
    """Return the last recorded data version of every extract that has arrived."""
    known: dict[str, str] = {}
    cursor = None
    while True:
        page = instance.fetch_materializations(RECEIVED, limit=_PAGE, cursor=cursor)
        for record in page.records:
            event = record.asset_materialization
            if event is not None and event.partition is not None and event.tags is not None:
                known.setdefault(event.partition, event.tags.get(DATA_VERSION, ""))
        if not page.has_more:
            return known
        cursor = page.cursor


def arrival(extract_id: str, sha256: str, file: str) -> dg.AssetMaterialization:
    """Return the event that records that an extract arrived."""
    return dg.AssetMaterialization(
        RECEIVED, partition=extract_id, tags={DATA_VERSION: sha256}, metadata={"file": file, "sha256": sha256}
    )


def record_arrivals(instance: dg.DagsterInstance, build: Build) -> list[str]:
    """Record every accepted extract that Dagster does not know of, or knows with other bytes; return their ids."""
    known = known_arrivals(instance)
    new = [v for v in build.accepted if known.get(v.extract.extract_id) != v.extract.sha256]
    if new:
        instance.add_dynamic_partitions(str(EXTRACTS.name), [v.extract.extract_id for v in new])
        for v in new:
            event = arrival(v.extract.extract_id, v.extract.sha256, build.places.shown(v.extract.path))
            instance.report_runless_asset_event(event)
    return [v.extract.extract_id for v in new]
