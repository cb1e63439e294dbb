"""What a release has in it: every table but release_info, which publication itself writes.

The figures as their store files have them; what was rejected, listed and labelled; disclosures, tables, extracts and
caveats as the manifests say; ledger, controls and checks; and the store files that all this stands on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import Any

import duckdb

from pipeline.figures.catalogue import FIGURE_COLUMNS, TABLES, as_json
from pipeline.lineage import recount
from pipeline.publication.build import Build
from pipeline.publication.checks import SPECS, Verdict, verdict_file
from pipeline.publication.described import describe, describe_disclosure
from pipeline.publication.second_count import OF_DERIVED
from pipeline.store.digests import sha256_file
from pipeline.store.duck import insert, parquet
from pipeline.store.reference import table_path


@dataclass(frozen=True)
class StoreFile:
    """A store file that a release stands on: its layer, what it is of, its path below the warehouse, its SHA-256."""

    layer: str
    name: str
    path: str
    sha256: str


def store_files(build: Build) -> list[StoreFile]:
    """Return every store file of a build whose checks have been made, each read for its SHA-256, in order of layers."""
    files = [("figures", name, file.path) for name, file in build.all_figures().items()]
    files += [("checks", asset, verdict_file(build, asset)) for asset in {spec.asset for spec in SPECS}]
    for v, o in zip(build.accepted, build.observations, strict=True):
        name = v.extract.extract_id
        files += [
            ("source", name, v.source.path),
            ("account", name, v.source.path.with_suffix(".json")),
            ("validated", name, v.accepted),
            ("verdict", name, v.accepted.with_suffix(".json")),
            ("rejected", name, v.rejected),
            ("flagged", name, v.flagged),
            ("cells", name, v.cells),
            *((layer, name, path) for layer, path in o.files),
        ]
    return [
        StoreFile(layer, name, build.places.relative(path), sha256_file(path)) for layer, name, path in sorted(files)
    ]


def kept_basis(build: Build) -> dict[str, Any]:
    """Return what a later count of a release needs besides its tables and store files, and raw/ may say no more.

    `manifests`: {extract id: the manifest as an audit pack has it, with this extract alone}; `reference`: the text of
    the reference tables by which derived figures are made.
    """
    manifests = {
        v.extract.extract_id: describe_disclosure(v.extract.disclosure)
        | {"extracts": [describe(v.extract, v.source.account) | recount.OURS]}
        for v in build.accepted
    }
    reference = {f"{name}.csv": table_path(f"{name}.csv").read_bytes().decode() for name in OF_DERIVED}
    return {"manifests": manifests, "reference": reference}


def fill(db: duckdb.DuckDBPyConnection, build: Build, found: Iterable[Verdict], stands_on: Iterable[StoreFile]) -> None:
    """Create every table of a release but release_info."""
    figures = build.all_figures()
    for name, file in figures.items():
        db.execute(f"create table {name} as from {parquet(file.path)} order by id")
    db.execute(f"create view figure as {figure_view()}")
    for layer, paths in (
        ("rejected", [v.rejected for v in build.accepted]),
        ("flagged", [v.flagged for v in build.accepted]),
        ("label", [o.labels for o in build.observations]),
        ("bucket", [o.buckets for o in build.observations]),
    ):
        db.execute(f"create table {layer} as from {parquet(*paths)} order by all")
    _table(db, "definition", "name varchar, title varchar, kind varchar, definition varchar, declaration varchar", [
        (t["name"], t["title"], t["kind"], t["definition"], json.dumps(t, sort_keys=True)) for t in as_json()
    ])  # fmt: skip
    _fill_disclosures(db, build)
    _fill_accounts(db, build, found)
    _table(db, "store_file", "layer varchar, name varchar, path varchar, sha256 varchar", list(map(astuple, stands_on)))


def _fill_disclosures(db: duckdb.DuckDBPyConnection, build: Build) -> None:
    disclosures = sorted(build.raw.disclosures, key=lambda d: d.name)
    _table(
        db,
        "disclosure",
        "disclosure varchar, force varchar, reference varchar, title varchar, received date, responded date, "
        "published date, source_url varchar, decision varchar, holding varchar, missing varchar, supersedes varchar, "
        "corrects varchar, bytes_may_leave varchar",
        [
            (
                d.name,
                d.force,
                d.reference,
                d.title,
                d.received,
                d.responded,
                d.published,
                d.source_url,
                d.decision,
                d.holding,
                d.missing,
                d.supersedes,
                d.corrects,
                d.rights.bytes_may_leave,
            )
            for d in disclosures
        ],
    )
    _table(
        db,
        "answer",
        "disclosure varchar, question varchar, decision varchar, exemptions varchar[], withheld varchar",
        [(d.name, a.question, a.decision, a.exemptions, a.withheld) for d in disclosures for a in d.answers],
    )
    facts = build.inputs.facts
    _table(
        db,
        "source_table",
        "disclosure varchar, table_id varchar, question varchar, population varchar, layout varchar, unit varchar, "
        "date_basis varchar, covers_start date, covers_end date, evidence varchar, sensitivity varchar, "
        "superseded_by varchar, constants varchar",
        [
            (
                *f.key,
                f.table.question,
                f.table.population,
                f.terms.layout,
                f.extracts[0].unit,
                f.terms.date_basis,
                *(f.covers or (None, None)),
                f.terms.evidence,
                f.terms.sensitivity,
                f.superseded_by,
                json.dumps(_constants(f.extracts[0]), sort_keys=True, ensure_ascii=False),
            )
            for f in facts
        ],
    )
    _table(
        db,
        "caveat",
        "disclosure varchar, table_id varchar, caveat_id varchar, text varchar",
        [(*f.key, c.caveat_id, c.text) for f in facts for c in f.caveats],
    )
    _table(
        db,
        "extract",
        "extract_id varchar, disclosure varchar, table_id varchar, file varchar, sha256 varchar, encoding varchar, "
        "delimiter varchar, header_line integer, header varchar[], lines bigint, records bigint, sensitivity varchar, "
        "address varchar",
        [
            (
                v.extract.extract_id,
                v.extract.disclosure.name,
                v.extract.table.id,
                v.extract.path.relative_to(build.places.raw).as_posix(),
                v.extract.sha256,
                v.source.account["encoding"],
                v.extract.terms.delimiter,
                v.source.account["header_at"],
                v.source.account["header"],
                v.source.account["physical_lines"],
                v.source.account["records"],
                v.extract.terms.sensitivity,
                None if v.extract.entry.is_lines else json.dumps(v.extract.entry.address, ensure_ascii=False),
            )
            for v in build.accepted
        ],
    )
    _table(
        db,
        "refused",
        "name varchar, reason varchar",
        sorted((r.name, r.reason) for r in build.refusals),
    )


def _constants(extract: Any) -> list[dict[str, str | None]]:
    constants = [
        {"dimension": name, "value": c.value, "said_at": c.said_at}
        for name, c in sorted((extract.terms.constants or {}).items())
    ]
    if extract.combined_platforms and "platform" not in (extract.terms.constants or {}):
        constants.append(
            {
                "dimension": "platform",
                "value": " or ".join(extract.combined_platforms),
                "said_at": "the search terms",
            }
        )
    said = extract.terms.said_at or {}
    constants.append({"dimension": "unit", "value": extract.unit, "said_at": said.get("unit") or said.get("record_is")})
    if extract.terms.covers is not None:
        covers = extract.terms.covers
        span = f"{covers.start} to {covers.end}, {covers.basis}"
        constants.append({"dimension": "covers", "value": span, "said_at": covers.said_at or said.get("covers")})
    for text, marker in sorted((extract.terms.markers or {}).items()):
        constants.append({"dimension": f"marker {text!r}", "value": marker.kind, "said_at": marker.said_at})
    return constants


def _fill_accounts(db: duckdb.DuckDBPyConnection, build: Build, found: Iterable[Verdict]) -> None:
    _table(
        db,
        "ledger",
        "extract_id varchar, lines bigint, counted bigint, uncounted bigint, rejected bigint, set_aside bigint, "
        "balances boolean",
        [
            (
                entry.extract_id,
                entry.file_lines,
                *(entry.lines_of(c) for c in ("counted", "uncounted", "rejected", "set_aside")),
                entry.balances,
            )
            for entry in build.ledgers
        ],
    )
    _table(
        db,
        "ledger_rule",
        "extract_id varchar, line_class varchar, rule varchar, lines bigint",
        [(e.extract_id, kind, rule, n) for e in build.ledgers for (kind, rule), n in sorted(e.lines.items())],
    )
    _table(
        db,
        "ledger_cell",
        "extract_id varchar, cell_class varchar, cells bigint",
        [(e.extract_id, kind, n) for e in build.ledgers for kind, n in sorted(e.cells.items())],
    )
    _table(
        db,
        "control",
        "disclosure varchar, table_id varchar, kind varchar, place varchar, stated bigint, sum_min bigint, "
        "sum_max bigint, verdict varchar, difference bigint",
        [
            (c.disclosure, c.table_id, c.kind, c.place, c.stated, c.low, c.high, c.verdict, c.difference)
            for c in build.controls
        ],
    )
    _table(
        db,
        "check_result",
        "name varchar, severity varchar, passed boolean, message varchar, failed bigint",
        [(v.name, v.severity, v.passed, v.message, v.failed) for v in found],
    )


def _table(db: duckdb.DuckDBPyConnection, name: str, columns: str, values: list[tuple[Any, ...]]) -> None:
    db.execute(f"create table {name} ({columns})")
    insert(db, name, values)


def figure_view() -> str:
    """Return the query of the view `figure`: the columns that all figure tables have, over all of them."""
    columns = ", ".join(
        f"{c}::double as {c}" if c in {"value", "value_min", "value_max"} else c for c in FIGURE_COLUMNS
    )
    return " union all ".join(f"select '{name}' as figure_table, {columns} from {name}" for name in TABLES)
