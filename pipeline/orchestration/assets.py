"""The assets: raw/ to release, one node a stage and one a figure table.

All computed assets are unpartitioned, loop over the extracts and exchange immutable store files only: any of them
may be materialised alone. Only the external `received_extract` is partitioned, one partition an extract.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from pipeline.figures.builder import read_figures
from pipeline.figures.catalogue import COUNTED, TABLES, CountedTable
from pipeline.orchestration.arrivals import EXTRACTS, RECEIVED, record_arrivals
from pipeline.orchestration.metadata import (
    PREVIEW,
    bar_chart,
    check_result,
    check_specs,
    column_schema,
    figure_schema,
    table,
)
from pipeline.orchestration.resources import Foi
from pipeline.publication import checks
from pipeline.publication.build import Build
from pipeline.publication.release import publish, published_extracts
from pipeline.store.digests import code_digest, digest_of
from pipeline.store.duck import memory, opened, parquet, rows
from pipeline.store.releases import current_release

OWNERS = ["team:foi-figures"]

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


@dg.asset(
    deps=[received_extract],
    group_name="intake",
    owners=OWNERS,
    kinds={"python", "parquet"},
    code_version=_code_version("pipeline/intake", "pipeline/store"),
    check_specs=check_specs("source_records"),
    description="Every extract read strictly as text, each record with its number and its physical line. "
    "What cannot be read is refused with the place and the reason.",
)
def source_records(context: dg.AssetExecutionContext, foi: dg.ResourceParam[Foi]) -> dg.MaterializeResult:
    """Read every extract, and record arrivals that no sensor has seen."""
    from schemas.source_record import SourceRecord

    build = foi.build(context.run.run_id)
    foi.progress(f"reading {len(build.raw.extracts)} extracts of {len(build.raw.disclosures)} disclosures")
    record_arrivals(context.instance, build)
    extracts = [
        {
            "extract": v.extract.extract_id,
            "records": v.source.account["records"],
            "lines": v.source.account["physical_lines"],
            "encoding": v.source.account["encoding"],
            "reused": v.source.reused,
        }
        for v in build.accepted
    ]
    refused = [{"name": r.name, "reason": r.reason} for r in build.refusals]
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


@dg.asset(
    deps=[source_records],
    group_name="validation",
    owners=OWNERS,
    kinds={"pandera", "parquet"},
    code_version=_code_version("pipeline/validation", "pipeline/normalisation", "schemas"),
    description="Which records of each extract are accepted: their numbers, decided by the rules of schemas/.",
)
def validated_records(context: dg.AssetExecutionContext, foi: dg.ResourceParam[Foi]) -> dg.MaterializeResult:
    """Put every record through the gate."""
    build = foi.build(context.run.run_id)
    foi.progress("validating records")
    report = [
        {
            "extract": v.extract.extract_id,
            "accepted": v.report["validated"],
            "rejected": v.report["rejected"],
            "flagged": v.report["flagged"],
            "totals": v.report["total"],
        }
        for v in build.accepted
    ]
    return dg.MaterializeResult(
        data_version=_data_version(*(v.digest for v in build.accepted)),
        metadata={"dagster/row_count": sum(r["accepted"] for r in report), "extracts": table(report)},
    )


@dg.asset(
    deps=[validated_records],
    group_name="validation",
    owners=OWNERS,
    kinds={"pandera", "parquet"},
    check_specs=check_specs("rejected_records"),
    description="Source records that cannot be counted, kept whole with rule, column, value and line; "
    "and records that were kept although a value says nothing.",
)
def rejected_records(context: dg.AssetExecutionContext, foi: dg.ResourceParam[Foi]) -> dg.MaterializeResult:
    """Show what the gate rejected or listed."""
    build = foi.build(context.run.run_id)
    found = _checked(build, "rejected_records")
    return dg.MaterializeResult(
        data_version=_data_version(*(v.digest for v in build.accepted)),
        metadata={
            "dagster/row_count": sum(v.report["rejected"] for v in build.accepted),
            "listed_but_kept": sum(v.report["flagged"] for v in build.accepted),
        },
        check_results=found,
    )


@dg.asset(
    deps=[validated_records],
    group_name="normalisation",
    owners=OWNERS,
    kinds={"duckdb", "parquet"},
    code_version=_code_version("pipeline/normalisation"),
    check_specs=check_specs("observations"),
    description="One row for each count read: platforms, outcomes, offences, ages and periods as codes beside the "
    "labels they came from.",
)
def observations(context: dg.AssetExecutionContext, foi: dg.ResourceParam[Foi]) -> dg.MaterializeResult:
    """Normalise every accepted record."""
    from schemas.observation import Observation

    build = foi.build(context.run.run_id)
    foi.progress("normalising labels")
    report = []
    with memory() as db:
        for o in build.observations:
            count = db.execute(f"select count(*) from {parquet(o.path)}").fetchall()[0][0]
            report.append({"extract": o.extract.extract_id, "observations": count, "reused": o.reused})
    return dg.MaterializeResult(
        data_version=_data_version(*(o.digest for o in build.observations)),
        metadata={
            "dagster/row_count": sum(r["observations"] for r in report),
            "dagster/column_schema": column_schema(Observation),
            "extracts": table(report),
        },
        check_results=_checked(build, "observations"),
    )


@dg.asset(
    deps=[observations],
    group_name="normalisation",
    owners=OWNERS,
    kinds={"duckdb", "parquet"},
    check_specs=check_specs("unmapped_labels"),
    description="Labels that are in no reference table, with how often and where first: the worklist of a person.",
)
def unmapped_labels(context: dg.AssetExecutionContext, foi: dg.ResourceParam[Foi]) -> dg.MaterializeResult:
    """List what the reference tables do not know."""
    build = foi.build(context.run.run_id)
    (verdict,) = checks.verdicts(build, "unmapped_labels")
    metadata: dict[str, Any] = {"dagster/row_count": verdict.failed}
    if verdict.rows:
        bars = [(f"{r['dimension']}: {r['label']}", float(r["n"])) for r in verdict.rows]
        metadata["most_frequent"] = bar_chart("Unmapped labels, by observations", bars)
    return dg.MaterializeResult(metadata=metadata, check_results=[check_result(verdict)])


def _figure_asset(name: str) -> dg.AssetsDefinition:
    declared = TABLES[name]
    parents: Sequence[str] = ("observations",)
    if not isinstance(declared, CountedTable):
        parents = declared.parents or ("observations",)

    @dg.asset(
        name=name,
        deps=list(parents),
        group_name="figures",
        owners=OWNERS,
        kinds={"duckdb", "parquet"},
        code_version=_code_version("pipeline/figures", "schemas"),
        check_specs=check_specs(name),
        description=declared.definition,
        metadata={"dagster/column_schema": figure_schema(name), "dagster/table_name": f"foi.main.{name}"},
        tags={"figures": "counted" if declared in COUNTED else "derived"},
    )
    def figure_table(context: dg.AssetExecutionContext, foi: dg.ResourceParam[Foi]) -> dg.MaterializeResult:
        build = foi.build(context.run.run_id)
        foi.progress(f"figures: {name}")
        file = build.figures(name)
        figures = read_figures(file.path)
        return dg.MaterializeResult(
            data_version=_data_version(file.path.stem),
            metadata={
                "dagster/row_count": len(figures),
                "without_value": sum(f["value"] is None for f in figures),
                "reused": file.reused,
                **_preview(name, figures),
            },
            check_results=_checked(build, name),
        )

    return figure_table


def _preview(name: str, figures: list[dict[str, Any]]) -> dict[str, Any]:
    real = [f for f in figures if not f["synthetic"]] or figures
    keep = ("id", "value", "unit", "n", "reason", "complete")
    metadata: dict[str, Any] = {"preview": table([{k: f[k] for k in keep} for f in real[:PREVIEW]])}
    declared = TABLES[name]
    if isinstance(declared, CountedTable):
        bars = [(_bar_label(declared, f), float(f["value"])) for f in real if f["value"]]
        if bars:
            metadata["chart"] = bar_chart(declared.title, sorted(bars, key=lambda b: -b[1]))
    return metadata


def _bar_label(declared: CountedTable, figure: dict[str, Any]) -> str:
    """Return a figure's name as short as it can be told from its neighbours: where it is from, and its dimensions."""
    dimensions = ", ".join(str(figure[d]) for d in declared.dimensions)
    return f"{figure['disclosure']} {figure['table_id']}: {dimensions}"


figure_tables = [_figure_asset(name) for name in TABLES]


@dg.asset(
    deps=[observations, rejected_records],
    group_name="publication",
    owners=OWNERS,
    kinds={"duckdb"},
    check_specs=check_specs("ledger"),
    description="The account of every physical line and every cell: counted, uncounted, rejected or set aside.",
)
def ledger(context: dg.AssetExecutionContext, foi: dg.ResourceParam[Foi]) -> dg.MaterializeResult:
    """Balance the ledger."""
    build = foi.build(context.run.run_id)
    foi.progress("balancing the ledger")
    entries = [
        {
            "extract": e.extract_id,
            "lines": e.file_lines,
            **{c: e.lines_of(c) for c in ("counted", "uncounted", "rejected", "set_aside")},
            "balances": e.balances,
        }
        for e in build.ledgers
    ]
    return dg.MaterializeResult(
        metadata={"dagster/row_count": len(entries), "extracts": table(entries)},
        check_results=_checked(build, "ledger"),
    )


@dg.asset(
    deps=[observations],
    group_name="publication",
    owners=OWNERS,
    kinds={"duckdb"},
    check_specs=check_specs("controls"),
    description="Printed totals and sister tables compared with what was read. They are controls, never counted.",
)
def controls(context: dg.AssetExecutionContext, foi: dg.ResourceParam[Foi]) -> dg.MaterializeResult:
    """Compare totals with their parts."""
    build = foi.build(context.run.run_id)
    found = [
        {"table": f"{c.disclosure}/{c.table_id}", "kind": c.kind, "place": c.place, "stated": c.stated, "sum": c.low,
         "verdict": c.verdict}
        for c in build.controls
    ]  # fmt: skip
    return dg.MaterializeResult(
        metadata={"dagster/row_count": len(found), "controls": table(found[:200])},
        check_results=_checked(build, "controls"),
    )


@dg.asset(
    deps=[*TABLES, ledger, controls, unmapped_labels],
    group_name="publication",
    owners=OWNERS,
    kinds={"duckdb"},
    description="The published state: a numbered DuckDB file, put in place in one step when every ERROR check holds.",
)
def release(context: dg.AssetExecutionContext, foi: dg.ResourceParam[Foi]) -> dg.MaterializeResult:
    """Publish a release, or leave the last one in place and say why."""
    build = foi.build(context.run.run_id)
    foi.progress("checking and publishing")
    outcome = publish(build)
    foi.outcomes[context.run.run_id] = outcome
    if errors := checks.failed_errors(outcome.verdicts):
        raise dg.Failure(
            description=outcome.message,
            metadata={e.name: table(e.rows) if e.rows else e.message for e in errors},
            allow_retries=False,
        )
    metadata: dict[str, Any] = {"outcome": outcome.message, "published": outcome.published}
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


computed = [
    source_records,
    validated_records,
    rejected_records,
    observations,
    unmapped_labels,
    *figure_tables,
    ledger,
    controls,
    release,
]
