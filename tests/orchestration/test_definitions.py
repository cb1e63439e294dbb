"""The graph as a whole: its specs cannot change by accident, and any part of it runs alone."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipeline.definitions import build_definitions, defs
from pipeline.figures.catalogue import TABLES
from pipeline.lineage import columns
from pipeline.orchestration.arrivals import EXTRACTS, RECEIVED, known_arrivals
from pipeline.orchestration.assets import computed
from pipeline.orchestration.resources import Foi
from pipeline.publication.checks import SPECS
from pipeline.store.digests import ROOT
from pipeline.store.releases import current_release, release_files
from tests.disclosures import Raw, counts_table

SNAPSHOT = Path(__file__).parent / "asset_specs.json"
YEARS = {"period": "Year", "count": "N"}


def add_years(raw: Raw, reference: str = "TEST/1", text: str = "Year,N\n2020,25\n2021,30\n") -> Path:
    return raw.add([counts_table(YEARS, constants={"platform": "TikTok"})], {"counts.csv": text}, reference=reference)


def run(raw: Raw, instance: dg.DagsterInstance, selection: list[str] | None = None) -> dg.ExecuteInProcessResult:
    definitions = build_definitions(Foi(raw.places))
    job = definitions.resolve_job_def("refresh")
    keys = [dg.AssetKey(name) for name in selection] if selection else None
    return job.execute_in_process(instance=instance, asset_selection=keys, raise_on_error=False)


def specs() -> list[dict[str, Any]]:
    found = []
    for spec in defs.resolve_all_asset_specs():
        found.append(
            {
                "key": spec.key.to_user_string(),
                "deps": sorted(d.asset_key.to_user_string() for d in spec.deps),
                "group": spec.group_name,
                "owners": list(spec.owners),
                "kinds": sorted(spec.kinds),
                "described": bool(spec.description),
                "versioned": spec.code_version is not None,
                "metadata": sorted(name for name in spec.metadata if name != "dagster/code_references"),
                "code": _code(spec),
                "partitions": spec.partitions_def.name
                if isinstance(spec.partitions_def, dg.DynamicPartitionsDefinition)
                else None,
                "checks": sorted(s.name for a in computed for s in a.check_specs if s.asset_key == spec.key),
            }
        )
    return sorted(found, key=lambda s: str(s["key"]))


def _code(spec: dg.AssetSpec) -> list[str]:
    """The files that the UI opens, relative to the project; lines move with every edit and are left out."""
    value = spec.metadata.get("dagster/code_references")
    if not isinstance(value, dg.CodeReferencesMetadataValue):
        return []
    return [str(reference.label).partition(":")[0] for reference in value.code_references]


def test_the_asset_specs_are_those_of_the_snapshot() -> None:
    """To change the graph on purpose: UPDATE_SNAPSHOTS=1 make test, and read the difference."""
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(json.dumps(specs(), indent=1) + "\n")
    assert specs() == json.loads(SNAPSHOT.read_text())


def test_every_asset_with_columns_has_their_lineage_as_declared_and_no_other() -> None:
    found = {}
    for spec in defs.resolve_all_asset_specs():
        lineage = spec.metadata.get("dagster/column_lineage")
        if isinstance(lineage, dg.TableColumnLineage):
            found[spec.key.to_user_string()] = lineage.deps_by_column
    assert set(found) == {columns.SOURCE, columns.OBSERVED, *TABLES}
    for asset, deps in found.items():
        assert list(deps) == list(columns.assets()[asset])
        for name, above in deps.items():
            told = {(d.asset_key.to_user_string(), d.column_name) for d in above}
            assert told == set(columns.inputs_of(asset, name))


def test_what_a_lineage_names_is_upstream_in_the_graph_or_the_manifest() -> None:
    deps = {s["key"]: set(s["deps"]) for s in specs()}

    def upstream(key: str) -> set[str]:
        return deps[key].union(*(upstream(d) for d in deps[key]))

    for asset in (columns.SOURCE, columns.OBSERVED, *TABLES):
        for name in columns.assets()[asset]:
            for above, _ in columns.inputs_of(asset, name):
                assert above == columns.DISCLOSED or above in upstream(asset), f"{asset}.{name} from {above}"


def test_a_figure_asset_leads_to_its_definition_and_to_its_code() -> None:
    page = (ROOT / "docs" / "figures.md").read_text("utf-8")
    for spec in defs.resolve_all_asset_specs():
        name = spec.key.to_user_string()
        if name in TABLES:
            assert spec.metadata["definition"] == dg.MetadataValue.path(f"docs/figures.md#{name}")
            assert f"\n## {name}\n" in page
        for reference in getattr(spec.metadata.get("dagster/code_references"), "code_references", ()):
            file, _, line = reference.label.partition(":")
            assert Path(reference.file_path) == ROOT / file and (ROOT / file).is_file(), file
            assert not line or f'"{name}"' in (ROOT / file).read_text("utf-8").splitlines()[int(line) - 1]


def test_there_is_one_asset_for_each_figure_table_and_one_check_for_each_declared_one() -> None:
    keys = {s["key"] for s in specs()}
    assert keys >= set(TABLES)
    declared = {(s.asset, s.check) for s in SPECS}
    assert {(s["key"], c) for s in specs() for c in s["checks"]} == declared


def test_only_the_received_extract_is_partitioned() -> None:
    assert [s["key"] for s in specs() if s["partitions"]] == ["received_extract"]


def test_everything_at_once_publishes_a_release_and_records_the_arrivals(raw: Raw) -> None:
    add_years(raw)
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(raw, instance)
        assert result.success
        assert current_release(raw.places) is not None
        assert instance.get_dynamic_partitions(str(EXTRACTS.name)) == ["dorset/test-1/counts"]
        build = raw.build()
        assert known_arrivals(instance) == {"dorset/test-1/counts": build.raw.extracts[0].sha256}
        assert {e.check_name for e in result.get_asset_check_evaluations()} == {s.check for s in SPECS}
        run(raw, instance)
        records = instance.fetch_materializations(RECEIVED, limit=10).records
        assert len(records) == 1, "an arrival is recorded once"


def test_with_no_extract_at_all_everything_runs_and_nothing_is_published(raw: Raw) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert run(raw, instance).success
    assert current_release(raw.places) is None
    assert not release_files(raw.places)


@pytest.mark.parametrize("name", sorted(key.to_user_string() for asset in computed for key in asset.keys))
def test_any_asset_may_be_materialised_alone(raw: Raw, name: str) -> None:
    add_years(raw)
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(raw, instance, [name])
        assert result.success
        (event,) = result.get_asset_materialization_events()
        metadata = event.step_materialization_data.materialization.metadata
        assert "dagster/row_count" in metadata


def test_a_failed_error_check_fails_the_run_and_leaves_the_release(raw: Raw) -> None:
    folder = add_years(raw)
    with dg.DagsterInstance.ephemeral() as instance:
        run(raw, instance)
        before = current_release(raw.places)
        (folder / "counts.csv").write_text("Year,N\n2020,999\n")
        result = run(raw, instance)
        assert not result.success
        failed = [e for e in result.get_asset_check_evaluations() if not e.passed]
        assert ("extracts_accepted", dg.AssetCheckSeverity.ERROR) in {(e.check_name, e.severity) for e in failed}
    assert current_release(raw.places) == before


def test_failing_rows_are_shown_as_a_table(raw: Raw) -> None:
    add_years(raw, text="Year,N\n2020,25\nnever,3\n")
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(raw, instance)
    (evaluation,) = [e for e in result.get_asset_check_evaluations() if e.check_name == "none_rejected"]
    assert not evaluation.passed and evaluation.severity == dg.AssetCheckSeverity.WARN
    table = evaluation.metadata["first_failing_rows"]
    assert isinstance(table, dg.TableMetadataValue)
    assert table.records[0].data["line"] == 3 and table.records[0].data["found"] == "never"


def test_the_data_version_of_an_arrival_reaches_the_figures(raw: Raw) -> None:
    add_years(raw)
    with dg.DagsterInstance.ephemeral() as instance:
        run(raw, instance)
        first = _data_version(instance, "platform_year")
        add_years(raw, text="Year,N\n2020,26\n2021,30\n")
        run(raw, instance)
        assert _data_version(instance, "platform_year") != first


def test_a_person_can_follow_data_versions_down_to_the_sha256_of_an_extract(raw: Raw) -> None:
    add_years(raw)
    sha256 = raw.build().raw.extracts[0].sha256
    with dg.DagsterInstance.ephemeral() as instance:
        run(raw, instance)
        event = instance.get_latest_materialization_event(dg.AssetKey("source_records"))
        assert known_arrivals(instance) == {"dorset/test-1/counts": sha256}
    assert event is not None and event.asset_materialization is not None
    extracts = event.asset_materialization.metadata["extracts"]
    assert isinstance(extracts, dg.TableMetadataValue)
    assert [(r.data["extract"], r.data["sha256"]) for r in extracts.records] == [("dorset/test-1/counts", sha256)]


def _data_version(instance: dg.DagsterInstance, name: str) -> str:
    event = instance.get_latest_materialization_event(dg.AssetKey(name))
    assert event is not None and event.asset_materialization is not None
    tags = event.asset_materialization.tags or {}
    return tags["dagster/data_version"]
