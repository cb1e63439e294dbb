"""The release: one published state, built beside, checked, then put in place in one step."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipeline.figures.catalogue import FIGURE_COLUMNS, TABLES, as_json
from pipeline.publication.build import Build
from pipeline.publication.checks import ROOMS, Verdict, all_verdicts, failed_errors
from pipeline.store.digests import ROOT, code_digest, digest_of
from pipeline.store.duck import insert, opened, parquet
from pipeline.store.files import read_json, sync, write_json
from pipeline.store.lock import refresh_lock
from pipeline.store.places import Places
from pipeline.store.releases import (
    ReleaseFile,
    append_log,
    current_release,
    listed_files,
    point_to,
    read_log,
    release_files,
    release_path,
)

KEPT_RELEASES = 20

CODE = (*tuple(f"pipeline/{room}" for room in ROOMS), "schemas")
"""The code that decides what a release says; how it is shown or scheduled is no reason for a new one."""

UNDIGESTED = frozenset({"release_info", "store_file"})
"""Tables that say how and when a release was built; its digest is of what it says."""


@dataclass(frozen=True)
class Outcome:
    """What came of publishing: `release` is the one in force afterwards, `published` whether it is new."""

    release: ReleaseFile | None
    published: bool
    message: str
    verdicts: tuple[Verdict, ...]


def publish(build: Build) -> Outcome:
    """Publish a release of the build, unless nothing is new, there is nothing at all, or a check forbids it.

    The last release stays in place whatever happens here. Raises Busy where another process is publishing.
    """
    places = build.places
    with refresh_lock(places.lock):
        current = current_release(places)
        found = tuple(all_verdicts(build, published_extracts(current)))
        if places.hold.exists():
            held = read_json(places.hold)
            return Outcome(current, False, f"held at release {held['release']} by a rollback", found)
        if errors := failed_errors(found):
            return Outcome(
                current, False, "not published: " + "; ".join(f"{v.name}: {v.message}" for v in errors), found
            )
        if not build.accepted:
            return Outcome(current, False, "nothing to publish: no extract in raw/ was accepted", found)
        state = _state(build)
        if current is not None and _info(current)["state"] == state:
            _mend_log(places, current)
            return Outcome(current, False, f"nothing new: release {current.number} stands", found)
        release = _build_release(build, found, state, current)
        point_to(places, release)
        append_log(places, _log_entry(places, release))
        _prune(places)
        return Outcome(release, True, f"release {release.number} published", found)


def standing(build: Build) -> Outcome | None:
    """Return the outcome without publishing where nothing is new and every file of the release is there, else None.

    Then there is nothing for a run to do: the release in force is what one would build.
    """
    places = build.places
    current = current_release(places)
    if current is None or places.hold.exists():
        return None
    if _info(current)["state"] != _state(build) or not _files_are_there(places, current):
        return None
    found = tuple(all_verdicts(build, published_extracts(current)))
    if failed_errors(found):
        return None
    return Outcome(current, False, f"nothing new: release {current.number} stands", found)


def _files_are_there(places: Places, release: ReleaseFile) -> bool:
    return all((places.warehouse / path).exists() for path in listed_files(release))


def published_extracts(release: ReleaseFile | None) -> frozenset[str]:
    """Return the ids of the extracts that a release contains."""
    if release is None:
        return frozenset()
    with opened(release.path) as db:
        return frozenset(row[0] for row in db.execute("select extract_id from extract").fetchall())


def rollback(places: Places, number: int) -> ReleaseFile:
    """Put an earlier release in force and hold publication until it is resumed.

    Raises LookupError where that release is not kept.
    """
    with refresh_lock(places.lock):
        kept = {r.number: r for r in release_files(places)}
        if number not in kept:
            raise LookupError(
                f"no release {number} in {places.releases}; kept are "
                + (", ".join(str(n) for n in kept) if kept else "none")
            )
        before = current_release(places)
        point_to(places, kept[number])
        write_json(places.hold, {"release": number, "since": _now()})
        append_log(
            places,
            {"event": "rollback", "to": number, "from": before.number if before else None, "at": _now()},
        )
        return kept[number]


def resume(places: Places) -> bool:
    """End the hold that a rollback left; return whether there was one."""
    with refresh_lock(places.lock):
        if not places.hold.exists():
            return False
        places.hold.unlink()
        append_log(places, {"event": "resume", "at": _now()})
        return True


def export(places: Places, target: Path, local: bool) -> None:
    """Write the release in force as one self-contained DuckDB file for other tools.

    Without `local` no row-level value of a record-level extract leaves: rejected and listed values and labels that no
    reference table knows are left out, and of observations only those of tables of counts are taken along. Raises
    LookupError where nothing is published and FileExistsError where the target exists.
    """
    release = current_release(places)
    if release is None:
        raise LookupError("nothing is published yet; run `foi refresh`")
    if target.exists():
        raise FileExistsError(f"{target} exists; name a file that does not")
    if not os.access(target.absolute().parent, os.W_OK):
        raise NotADirectoryError(f"{target.absolute().parent} is no folder that can be written to")
    temporary = target.with_name(f".{target.name}.part")
    temporary.unlink(missing_ok=True)
    db = duckdb.connect(str(temporary))
    try:
        db.execute(f"attach '{_sql_path(release.path)}' as r (read_only)")
        private = "disclosure || '/' || table_id in (select disclosure || '/' || table_id from r.source_table where "
        private += "sensitivity <> 'aggregate')"
        for name in [row[0] for row in db.execute(_TABLE_NAMES).fetchall()]:
            if name == "store_file":
                continue
            query = f"from r.{name}"
            if not local and name in {"rejected", "flagged"}:
                values = "null as value" + (", null::varchar[] as fields" if name == "rejected" else "")
                secret = f"extract_id in (select extract_id from r.extract where {private})"
                query = (
                    f"select * from r.{name} where not ({secret}) union all by name "
                    f"select * replace ({values}) from r.{name} where {secret}"
                )
            if not local and name == "label":
                query = "select * from r.label where status = 'mapped' or extract_id in "
                query += "(select extract_id from r.extract where sensitivity = 'aggregate')"
            db.execute(f"create table {name} as {query}")
        paths = db.execute(
            "select path from r.store_file where layer = 'observations' and (? or name in "
            "(select extract_id from r.extract where sensitivity = 'aggregate')) order by path",
            [local],
        ).fetchall()
        if paths:
            files = ", ".join(f"'{_sql_path(places.warehouse / p[0])}'" for p in paths)
            db.execute(f"create table observation as from read_parquet([{files}])")
        db.execute(f"create view figure as {_figure_view()}")
        db.execute("detach r")
        db.execute("checkpoint")
    finally:
        db.close()
    os.link(temporary, target)
    temporary.unlink()


_TABLE_NAMES = "select table_name from duckdb_tables() where database_name = 'r' order by table_name"


def _state(build: Build) -> str:
    """Return the digest of everything a release is a pure function of."""
    return digest_of(
        {
            "inputs": build.inputs.digest,
            "code": code_digest(*CODE),
            "refused": sorted(r.name + r.reason for r in build.refusals),
            "stray": build.raw.stray,
        }
    )


def _info(release: ReleaseFile) -> dict[str, Any]:
    with opened(release.path) as db:
        cursor = db.execute("from release_info")
        row = cursor.fetchone()
        if row is None:
            raise RuntimeError(f"{release.path} says nothing of itself")
        return dict(zip([d[0] for d in cursor.description or ()], row, strict=True))


def _build_release(build: Build, found: Iterable[Verdict], state: str, current: ReleaseFile | None) -> ReleaseFile:
    places = build.places
    places.releases.mkdir(parents=True, exist_ok=True)
    number = 1 + max(
        [r.number for r in release_files(places)] + [int(e.get("number", 0)) for e in read_log(places)] + [0]
    )
    temporary = places.releases / f".building-{os.getpid()}.duckdb"
    temporary.unlink(missing_ok=True)
    try:
        db = duckdb.connect(str(temporary))
        try:
            _fill(db, build, found)
            digest = _content_digest(db)
            db.execute(
                "create table release_info as select ?::integer as number, ? as digest, ? as state, ? as inputs, "
                "? as code, ? as published_at, ? as cause",
                [
                    number,
                    digest,
                    state,
                    build.inputs.digest,
                    code_digest(*CODE),
                    _now(),
                    json.dumps(_cause(build, current), sort_keys=True),
                ],
            )
            db.execute("checkpoint")
        finally:
            db.close()
        temporary.chmod(0o600)
        sync(temporary)
        path = release_path(places, number, digest)
        os.link(temporary, path)
        sync(places.releases)
    finally:
        temporary.unlink(missing_ok=True)
        temporary.with_suffix(".duckdb.wal").unlink(missing_ok=True)
    return ReleaseFile(number, digest[:12], path)


def _fill(db: duckdb.DuckDBPyConnection, build: Build, found: Iterable[Verdict]) -> None:
    """Create every table of a release but release_info."""
    places = build.places
    figures = build.all_figures()
    for name, file in figures.items():
        db.execute(f"create table {name} as from {parquet(file.path)} order by id")
    db.execute(f"create view figure as {_figure_view()}")
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
    files = [("figures", name, places.relative(file.path)) for name, file in figures.items()]
    for v, o in zip(build.accepted, build.observations, strict=True):
        name = v.extract.extract_id
        files += [
            (layer, name, places.relative(path))
            for layer, path in (
                ("source", v.source.path),
                ("account", v.source.path.with_suffix(".json")),
                ("validated", v.accepted),
                ("verdict", v.accepted.with_suffix(".json")),
                ("rejected", v.rejected),
                ("flagged", v.flagged),
                ("cells", v.cells),
                ("observations", o.path),
                ("buckets", o.buckets),
                ("labels", o.labels),
            )
        ]
    _table(db, "store_file", "layer varchar, name varchar, path varchar", sorted(files))


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


def _figure_view() -> str:
    columns = ", ".join(
        f"{c}::double as {c}" if c in {"value", "value_min", "value_max"} else c for c in FIGURE_COLUMNS
    )
    return " union all ".join(f"select '{name}' as figure_table, {columns} from {name}" for name in TABLES)


def _content_digest(db: duckdb.DuckDBPyConnection) -> str:
    """Return the digest of what a release says: every table's rows in order, as JSON lines."""
    names = [r[0] for r in db.execute("select table_name from duckdb_tables() order by table_name").fetchall()]
    encode = json.JSONEncoder(default=str, ensure_ascii=False, separators=(",", ":")).encode
    digests = {}
    for name in names:
        if name in UNDIGESTED:
            continue
        sha = hashlib.sha256()
        cursor = db.execute(f"from {name} order by all")
        sha.update(json.dumps([d[0] for d in cursor.description or ()]).encode())
        while batch := cursor.fetchmany(10_000):
            for row in batch:
                sha.update(encode(row).encode() + b"\n")
        digests[name] = sha.hexdigest()
    return digest_of(digests)


def _cause(build: Build, current: ReleaseFile | None) -> dict[str, Any]:
    """Return why there is a new release: which extracts are new, changed or gone, and whether code changed."""
    now = {v.extract.extract_id: v.extract.sha256 for v in build.accepted}
    before: dict[str, str] = {}
    same_code = True
    if current is not None:
        with opened(current.path) as db:
            before = dict(db.execute("select extract_id, sha256 from extract").fetchall())
        same_code = _info(current)["code"] == code_digest(*CODE)
    return {
        "new": sorted(now.keys() - before.keys()),
        "changed": sorted(e for e in now.keys() & before.keys() if now[e] != before[e]),
        "gone": sorted(before.keys() - now.keys()),
        "code_changed": not same_code,
    }


def _log_entry(places: Places, release: ReleaseFile) -> dict[str, Any]:
    info = _info(release)
    with opened(release.path) as db:
        extracts = dict(db.execute("select extract_id, sha256 from extract").fetchall())
    return {
        "event": "release",
        "number": info["number"],
        "digest": info["digest"],
        "inputs": info["inputs"],
        "code": info["code"],
        "commit": _commit(),
        "extracts": extracts,
        "cause": json.loads(info["cause"]),
        "at": info["published_at"],
    }


def _mend_log(places: Places, current: ReleaseFile) -> None:
    """Append the log line of a release that was put in place just before its process died."""
    if not any(e.get("event") == "release" and e.get("number") == current.number for e in read_log(places)):
        append_log(places, _log_entry(places, current))


def _commit() -> str | None:
    """Return the commit the code was at, where the project is a git checkout with nothing packed."""
    head = ROOT / ".git" / "HEAD"
    if not head.is_file():
        return None
    text = head.read_text("utf-8").strip()
    if not text.startswith("ref: "):
        return text
    ref = ROOT / ".git" / text.removeprefix("ref: ")
    return ref.read_text("utf-8").strip() if ref.is_file() else None


def _prune(places: Places) -> None:
    """Remove releases beyond the kept ones, and store files that no kept release lists."""
    releases = release_files(places)
    current = current_release(places)
    for release in releases[:-KEPT_RELEASES]:
        if current is None or release.number != current.number:
            release.path.unlink()
    if len(releases) <= KEPT_RELEASES:
        return
    listed: set[str] = set()
    for release in release_files(places):
        with opened(release.path) as db:
            listed |= {row[0] for row in db.execute("select path from store_file").fetchall()}
    for path in (places.warehouse / "store").rglob("*"):
        if path.is_file() and path.parts[-3] != "checks" and places.relative(path) not in listed:
            path.unlink()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _sql_path(path: Path) -> str:
    return str(path).replace("'", "''")
