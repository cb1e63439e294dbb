"""The assets: raw/ to release, one node a stage and one a figure table.

All computed assets are unpartitioned, loop over the extracts and exchange immutable store files only: any of them
may be materialised alone. Only the external `received_extract` is partitioned, one partition an extract. What is made
in one go (the figure tables, the accounts) is one step: a step of its own costs 0.1 s of events.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

import dagster as dg

from pipeline.figures.catalogue import COUNTED, TABLES, CountedTable
from pipeline.orchestration import openlineage
from pipeline.orchestration.arrivals import EXTRACTS, RECEIVED, record_arrivals
from pipeline.orchestration.metadata import (
    PREVIEW,
    bar_chart,
    check_result,
    check_specs,
    code_references,
    column_lineage,
    column_schema,
    declared_at,
    definition_link,
    figure_schema,
    table,
)
from pipeline.orchestration.resources import Foi
from pipeline.publication import checks
from pipeline.publication.ahead import RECORDS
from pipeline.publication.build import Build
from pipeline.publication.release import publish, published_extracts
from pipeline.store.digests import code_digest, digest_of
from pipeline.store.duck import memory, opened, parquet, rows
from pipeline.store.releases import current_release
from pipeline.store.tables import row_count

OWNERS = ["team:foi-figures"]
CODE, LINEAGE = "dagster/code_references", "dagster/column_lineage"

received_extract = dg.AssetSpec(
    RECEIVED,
    partitions_def=EXTRACTS,
    description="An extract as it arrived in raw/, one partition each; its data version is the SHA-256 of its file.",
    group_name="intake",
    owners=OWNERS,
    kinds={"csv"},
)


def _code_version(*places: str) -> str:
    return code_digest(*places)[:16]


def _data_version(*parts: str) -> dg.DataVersion:
    """Return the data version of an asset: the digest of the store files it stands for."""
    return dg.DataVersion(digest_of(sorted(parts))[:32])


def _checked(build: Build, asset: str) -> list[dg.AssetCheckResult]:
    return [check_result(v) for v in checks.verdicts(build, asset)]


_CODE = {
    "validation": ("pipeline/validation", "pipeline/normalisation", "schemas"),
    "normalisation": ("pipeline/normalisation",),
    "figures": ("pipeline/figures", "schemas"),
    "publication": ("pipeline/validation", "pipeline/lineage", "pipeline/publication"),
}
"""The code that decides what the assets of a group are."""


def _spec(
    name: str,
    group: str,
    deps: Sequence[str],
    description: str,
    kinds: Set[str] = frozenset({"duckdb", "parquet"}),
    *,
    metadata: Mapping[str, Any] | None = None,
    code: Sequence[str],
    **more: Any,
) -> dg.AssetSpec:
    return dg.AssetSpec(
        name,
        deps=deps,
        description=description,
        group_name=group,
        owners=OWNERS,
        kinds=set(kinds),
        code_version=_code_version(*_CODE[group]),
        metadata={CODE: code_references(*code), **(metadata or {})},
        **more,
    )


Results = Iterator[dg.MaterializeResult]


def _is_due(context: dg.AssetExecutionContext, foi: Foi, name: str) -> bool:
    """Return True where an asset is selected, once what another process makes of it ahead is made."""
    selected = dg.AssetKey(name) in context.selected_asset_keys
    if selected:
        foi.wait_for(name)
    return selected


def _result(build: Build, asset: str, metadata: Mapping[str, Any], version: dg.DataVersion) -> dg.MaterializeResult:
    return dg.MaterializeResult(
        asset_key=asset, data_version=version, metadata=metadata, check_results=_checked(build, asset)
    )


@dg.asset(
    deps=[received_extract],
    group_name="intake",
    owners=OWNERS,
    kinds={"python", "parquet"},
    code_version=_code_version("pipeline/intake", "pipeline/store"),
    check_specs=check_specs("source_records"),
    metadata={
        CODE: code_references("pipeline/intake/source.py", "schemas/source_record.py"),
        LINEAGE: column_lineage("source_records"),
    },
    description="Every extract read strictly as text, each record with its number and its physical line. "
    "What cannot be read is refused with the place and the reason.",
)
def source_records(context: dg.AssetExecutionContext, foi: dg.ResourceParam[Foi]) -> dg.MaterializeResult:
    """Read every extract, and record arrivals that no sensor has seen."""
    from schemas.source_record import SourceRecord

    build = foi.build(context.run.run_id)
    foi.progress(f"reading {len(build.raw.extracts)} extracts of {len(build.raw.disclosures)} disclosures")
    foi.wait_for(RECORDS)
    record_arrivals(context.instance, build)
    openlineage.emit(build.places, context.run.run_id, lambda: openlineage.started(context.run.run_id, build))
    extracts = [
        {
            "extract": v.extract.extract_id,
            "sha256": v.extract.sha256,
            "records": v.source.account["records"],
            "lines": v.source.account["physical_lines"],
            "encoding": v.source.account["encoding"],
            "reused": build.is_reused(v.source.path),
        }
        for v in build.accepted
    ]
    refused = [{"name": r.name, "reason": r.reason} for r in build.refusals]
    foi.wait_for("source_records")
    accepted = checks.extracts_accepted(build, published_extracts(current_release(build.places)))
    return dg.MaterializeResult(
        data_version=_data_version(*(v.source.digest for v in build.accepted)),
        metadata={
            "dagster/row_count": sum(e["records"] for e in extracts),
            "dagster/column_schema": column_schema(SourceRecord),
            "disclosures": len(build.raw.disclosures),
            "extracts": table(extracts),
            "refused": table(refused),
        },
        check_results=[check_result(accepted), *_checked(build, "source_records")],
    )


@dg.multi_asset(
    name="gate",
    specs=[
        _spec(
            "validated_records",
            "validation",
            ["source_records"],
            "Which records of each extract are accepted: their numbers, decided by the rules of schemas/.",
            kinds={"pandera", "parquet"},
            code=["pipeline/validation/gate.py", "schemas/rules.py"],
        ),
        _spec(
            "rejected_records",
            "validation",
            ["source_records"],
            "Source records that cannot be counted, kept whole with rule, column, value and line; "
            "and records that were kept although a value says nothing.",
            kinds={"pandera", "parquet"},
            code=["pipeline/validation/gate.py", "schemas/rules.py"],
        ),
    ],
    check_specs=check_specs("rejected_records"),
    can_subset=True,
)
def gate(context: dg.AssetExecutionContext, foi: dg.ResourceParam[Foi]) -> Results:
    """Put every record through the gate, and show what it rejected or listed."""
    build = foi.build(context.run.run_id)
    foi.progress("validating records")
    version = _data_version(*(v.digest for v in build.accepted))
    if _is_due(context, foi, "validated_records"):
        report: list[dict[str, Any]] = [
            {
                "extract": v.extract.extract_id,
                "accepted": v.report["validated"],
                "rejected": v.report["rejected"],
                "flagged": v.report["flagged"],
                "totals": v.report["total"],
            }
            for v in build.accepted
        ]
        metadata = {"dagster/row_count": sum(r["accepted"] for r in report), "extracts": table(report)}
        yield _result(build, "validated_records", metadata, version)
    if _is_due(context, foi, "rejected_records"):
        metadata = {
            "dagster/row_count": sum(v.report["rejected"] for v in build.accepted),
            "listed_but_kept": sum(v.report["flagged"] for v in build.accepted),
        }
        yield _result(build, "rejected_records", metadata, version)


@dg.multi_asset(
    name="normalise",
    specs=[
        _spec(
            "observations",
            "normalisation",
            ["validated_records"],
            "One row for each count read: platforms, outcomes, offences, ages and periods as codes beside the "
            "labels they came from.",
            metadata={LINEAGE: column_lineage("observations")},
            code=["pipeline/normalisation/observations.py", "schemas/observation.py"],
        ),
        _spec(
            "unmapped_labels",
            "normalisation",
            ["validated_records"],
            "Labels that are in no reference table, with how often and where first: the worklist of a person.",
            code=["pipeline/normalisation/observations.py"],
        ),
    ],
    check_specs=[*check_specs("observations"), *check_specs("unmapped_labels")],
    can_subset=True,
)
def normalise(context: dg.AssetExecutionContext, foi: dg.ResourceParam[Foi]) -> Results:
    """Normalise every accepted record, and list what the reference tables do not know."""
    from schemas.observation import Observation

    build = foi.build(context.run.run_id)
    foi.progress("normalising labels")
    version = _data_version(*(o.digest for o in build.observations))
    if _is_due(context, foi, "observations"):
        report: list[dict[str, Any]] = [
            {
                "extract": o.extract.extract_id,
                "observations": o.count,
                "reused": build.is_reused(o.path),
            }
            for o in build.observations
        ]
        metadata = {
            "dagster/row_count": sum(r["observations"] for r in report),
            "dagster/column_schema": column_schema(Observation),
            "extracts": table(report),
        }
        yield _result(build, "observations", metadata, version)
    if _is_due(context, foi, "unmapped_labels"):
        (verdict,) = checks.verdicts(build, "unmapped_labels")
        metadata = {"dagster/row_count": verdict.failed}
        if verdict.rows:
            bars = [(f"{r['dimension']}: {r['label']}", float(r["n"])) for r in verdict.rows]
            metadata["most_frequent"] = bar_chart("Unmapped labels, by observations", bars)
        yield _result(build, "unmapped_labels", metadata, version)


def _figure_spec(name: str) -> dg.AssetSpec:
    declared = TABLES[name]
    parents = [] if isinstance(declared, CountedTable) else list(declared.parents)
    return _spec(
        name,
        "figures",
        parents or ["observations"],
        declared.definition,
        metadata={
            "dagster/column_schema": figure_schema(name),
            LINEAGE: column_lineage(name),
            "dagster/table_name": f"foi.main.{name}",
            "definition": definition_link(name),
        },
        code=[declared_at(name), f"pipeline/figures/{'builder' if declared in COUNTED else 'derived/build'}.py"],
        tags={"figures": "counted" if declared in COUNTED else "derived"},
    )


@dg.multi_asset(
    name="figures",
    specs=[_figure_spec(name) for name in TABLES],
    check_specs=[spec for name in TABLES for spec in check_specs(name)],
    can_subset=True,
)
def figures(context: dg.AssetExecutionContext, foi: dg.ResourceParam[Foi]) -> Results:
    """Count, and derive what is made of counts."""
    build = foi.build(context.run.run_id)
    for name in TABLES:
        if _is_due(context, foi, name):
            foi.progress(f"figures: {name}")
            file = build.figures(name)
            reused = build.is_reused(file.path)
            metadata = {"dagster/row_count": row_count(file.path), "reused": reused, **_preview(name, file.path)}
            yield _result(build, name, metadata, _data_version(file.path.stem))


def _preview(name: str, path: Path) -> dict[str, Any]:
    """Return the first figures of a table and, if it is counted, a chart of the largest ones."""
    declared = TABLES[name]
    with memory() as db:
        shown = f"from {parquet(path)} where not synthetic or (select bool_and(synthetic) from {parquet(path)})"
        without = db.execute(f"select count(*) - count(value) from {parquet(path)}").fetchall()[0][0]
        keep = "id, value, unit, n, reason, complete"
        metadata: dict[str, Any] = {"without_value": without}
        metadata["preview"] = table(rows(db.execute(f"select {keep} {shown} order by id limit {PREVIEW}")))
        if isinstance(declared, CountedTable):
            columns = ", ".join(("disclosure", "table_id", "value", "value_min", *declared.dimensions))
            known = f"select * from (select {columns} {shown} order by id) where coalesce(value, value_min) > 0"
            bars = [(_bar_label(declared, f), float(f["value"] or f["value_min"])) for f in rows(db.execute(known))]
            if bars:
                metadata["chart"] = bar_chart(declared.title, sorted(bars, key=lambda b: -b[1]))
    return metadata


def _bar_label(declared: CountedTable, figure: dict[str, Any]) -> str:
    """Return a figure's name as short as it can be told from its neighbours: where it is from, and its dimensions.

    Of an interval the bar is its lower end.
    """
    dimensions = ", ".join(str(figure[d]) for d in declared.dimensions)
    least = ", at least" if figure["value"] is None else ""
    return f"{figure['disclosure']} {figure['table_id']}: {dimensions}{least}"


@dg.multi_asset(
    name="accounts",
    specs=[
        _spec(
            "ledger",
            "publication",
            ["observations", "rejected_records"],
            "The account of every physical line and every cell: counted, uncounted, rejected or set aside.",
            kinds={"duckdb"},
            code=["pipeline/validation/ledger.py"],
        ),
        _spec(
            "controls",
            "publication",
            ["observations"],
            "Printed totals and sister tables compared with what was read. They are controls, never counted.",
            kinds={"duckdb"},
            code=["pipeline/lineage/controls.py"],
        ),
        _spec(
            "recount",
            "publication",
            ["observations", *(t.name for t in COUNTED)],
            "Every counted figure counted a second time by code that shares nothing with the first.",
            kinds={"python"},
            code=["pipeline/lineage/recount.py", "pipeline/publication/second_count.py"],
        ),
    ],
    check_specs=[spec for name in ("ledger", "controls", "recount") for spec in check_specs(name)],
    can_subset=True,
)
def accounts(context: dg.AssetExecutionContext, foi: dg.ResourceParam[Foi]) -> Results:
    """Balance the ledger, compare totals with their parts, and count again."""
    build = foi.build(context.run.run_id)
    version = _data_version(build.inputs.digest)
    if _is_due(context, foi, "ledger"):
        foi.progress("balancing the ledger")
        entries: list[dict[str, Any]] = [
            {
                "extract": e.extract_id,
                "lines": e.file_lines,
                **{c: e.lines_of(c) for c in ("counted", "uncounted", "rejected", "set_aside")},
                "balances": e.balances,
            }
            for e in build.ledgers
        ]
        yield _result(build, "ledger", {"dagster/row_count": len(entries), "extracts": table(entries)}, version)
    if _is_due(context, foi, "controls"):
        found = [
            {
                "table": f"{c.disclosure}/{c.table_id}",
                "kind": c.kind,
                "place": c.place,
                "stated": c.stated,
                "sum": c.low,
                "verdict": c.verdict,
            }
            for c in build.controls
        ]
        yield _result(build, "controls", {"dagster/row_count": len(found), "controls": table(found[:200])}, version)
    if _is_due(context, foi, "recount"):
        foi.progress("counting again")
        said = {v.check.replace("_", " "): v.message for v in checks.verdicts(build, "recount")}
        held = sum(row_count(build.figures(counted.name).path) for counted in COUNTED)
        yield _result(build, "recount", {"dagster/row_count": held, **said}, version)


@dg.asset(
    deps=[*TABLES, "ledger", "controls", "recount", "unmapped_labels"],
    group_name="publication",
    owners=OWNERS,
    kinds={"duckdb"},
    metadata={CODE: code_references("pipeline/publication/release.py")},
    description="The published state: a numbered DuckDB file, put in place in one step when every ERROR check holds.",
)
def release(context: dg.AssetExecutionContext, foi: dg.ResourceParam[Foi]) -> dg.MaterializeResult:
    """Publish a release, or leave the last one in place and say why."""
    build = foi.build(context.run.run_id)
    foi.progress("checking and publishing")
    outcome = publish(build)
    foi.outcomes[context.run.run_id] = outcome
    errors = checks.failed_errors(outcome.verdicts)
    run_id = context.run.run_id
    told = openlineage.emit(build.places, run_id, lambda: openlineage.finished(run_id, build, outcome, errors))
    if errors:
        raise dg.Failure(
            description=outcome.message,
            metadata={e.name: table(e.rows) if e.rows else e.message for e in errors},
            allow_retries=False,
        )
    metadata: dict[str, Any] = {"outcome": outcome.message, "published": outcome.published, "openlineage": told}
    if outcome.release is not None:
        metadata |= _release_metadata(outcome.release.path, outcome.release.number)
    digest = outcome.release.digest if outcome.release else "nothing published"
    return dg.MaterializeResult(data_version=dg.DataVersion(digest), metadata=metadata)


def _release_metadata(path: Path, number: int) -> dict[str, Any]:
    query = "select figure_table, count(*) as figures, count(value) as with_value from figure group by 1 order by 1"
    with opened(path) as db:
        counts = rows(db.execute(query))
    return {
        "release": number,
        "dagster/row_count": sum(int(c["figures"]) for c in counts),
        "tables": table(counts),
    }


computed = [source_records, gate, normalise, figures, accounts, release]
