"""Trace: from a figure of the release in force back to the lines it was counted from.

Kept light on purpose: it answers from a new process in well under a second, so it imports neither Dagster nor
pandas nor the manifest model, and reads all it needs from the release.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb

from pipeline.figures import sql
from pipeline.figures.catalogue import SCOPE, TABLES, CountedTable
from pipeline.intake.delimited import split_record
from pipeline.intake.lines import raw_texts
from pipeline.store.duck import ask, opened, parquet
from pipeline.store.files import read_json
from pipeline.store.places import Places
from pipeline.store.releases import ReleaseFile, current_release

LABELS = {
    "period": "period",
    "offence": "offence",
    "outcome": "outcome",
    "platform": "platforms",
    "age": "age",
}
"""Dimensions that come from labels, and the observation column of their code."""


class NotFound(Exception):
    """Raised where there is no release, or no such figure in it; says what to do."""


def trace(places: Places, figure_id: str) -> dict[str, Any]:
    """Return everything behind one figure of the release in force.

    Keys: figure, table, definition, release, parents, lines [{extract_id, file, address, sha256, record_no, line_no,
    text, as_ingested}], labels [{dimension, label, code, n}], constants, controls, caveats, why_no_lines. `address`
    says which cells a line is, None for lines of text. Raises NotFound.
    """
    release = current_release(places)
    if release is None:
        raise NotFound("nothing is published yet; run `foi refresh`")
    with opened(release.path) as db:
        figure = _find(db, figure_id, release)
        _views(db, places)
        members = _members(db, figure)
        lines = list(_lines(db, places, members))
        figure_table = str(figure.pop("figure_table"))
        return {
            "figure": figure,
            "table": figure_table,
            "definition": _definition(db, figure_table),
            "release": {"number": release.number, "digest": release.digest},
            "parents": [_short(_find(db, parent, release)) for parent in figure.get("parents") or ()],
            "lines": lines,
            "labels": _labels(db, members),
            "constants": _constants(db, members),
            "controls": _controls(db, members),
            "caveats": _caveats(db, figure),
            "why_no_lines": None if lines else _why_none(db, figure_table, figure),
        }


def _find(db: duckdb.DuckDBPyConnection, figure_id: str, release: ReleaseFile) -> dict[str, Any]:
    name = figure_id.removeprefix("synthetic/").split("/")[0]
    if name not in TABLES:
        raise NotFound(f"no figure table {name!r}; there are {', '.join(TABLES)}")
    found = ask(db, f"from {name} where id = ?", [figure_id])
    if found:
        return {"figure_table": name, **found[0]}
    by_likeness = f"select id from {name} order by jaro_winkler_similarity(id, ?) desc, id limit 3"
    near = [row["id"] for row in ask(db, by_likeness, [figure_id])]
    hint = f"; near to it: {', '.join(near)}" if near else ""
    raise NotFound(f"no figure {figure_id!r} in release {release.number}{hint}; `foi figures {name}` lists them")


def _views(db: duckdb.DuckDBPyConnection, places: Places) -> None:
    paths = [
        places.warehouse / row[0]
        for row in db.execute("select path from store_file where layer = 'observations' order by path").fetchall()
    ]
    sql.load_relations(db, paths, [])


def _members(db: duckdb.DuckDBPyConnection, figure: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the observations behind a figure, those of its parents if it is derived, each once."""
    table = TABLES[str(figure["figure_table"])]
    if table.name == "printed":
        places = "extract_id = ? and record_no = ? and source_column = ? and part_no = ?"
        return ask(
            db,
            f"from observation where {places}",
            [figure[k] for k in ("extract_id", "record_no", "source_column", "part_no")],
        )
    if isinstance(table, CountedTable):
        return _in_order(_in_cells(db, table, [figure]))
    by_table: dict[str, list[str]] = {}
    for parent in figure.get("parents") or ():
        by_table.setdefault(parent.removeprefix("synthetic/").split("/")[0], []).append(parent)
    found = []
    for name, ids in by_table.items():
        parent_table = TABLES[name]
        if not isinstance(parent_table, CountedTable):
            raise TypeError(f"{name} is the parent of {figure['id']} and is not counted")
        found += _in_cells(db, parent_table, ask(db, f"from {name} where id in ({_marks(ids)})", ids))
    return _in_order(found)


def _in_cells(
    db: duckdb.DuckDBPyConnection, table: CountedTable, figures: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    values = [figure[name] for figure in figures for name in (*SCOPE, *table.dimensions)]
    return ask(db, sql.members(table, len(figures)), values)


def _in_order(members: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each observation once, by extract, record, column and part."""
    seen: dict[tuple[str, int, int, int], dict[str, Any]] = {}
    for m in members:
        seen.setdefault((m["extract_id"], m["record_no"], m["source_column"] or 0, m["part_no"]), m)
    return [seen[place] for place in sorted(seen)]


def _lines(db: duckdb.DuckDBPyConnection, places: Places, members: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield each source record once, in order of extract and line, with its raw text read back from the file."""
    by_extract: dict[str, dict[int, dict[str, Any]]] = {}
    for member in members:
        by_extract.setdefault(member["extract_id"], {}).setdefault(member["record_no"], member)
    for extract_id in sorted(by_extract):
        records = by_extract[extract_id]
        extract = ask(db, "from extract where extract_id = ?", [extract_id])[0]
        as_it_stands = _as_it_stands(db, places, extract, [(m["line_no"], m["lines"]) for m in records.values()])
        ingested = _ingested(db, places, extract_id, sorted(records))
        for record_no in sorted(records):
            member = records[record_no]
            text, fields = as_it_stands.get(member["line_no"], (None, None))
            yield {
                "extract_id": extract_id,
                "file": extract["file"],
                "address": None if extract["address"] is None else json.loads(extract["address"]),
                "sha256": extract["sha256"],
                "record_no": record_no,
                "line_no": member["line_no"],
                "text": text if text is not None else extract["delimiter"].join(ingested[record_no]),
                "as_ingested": fields == tuple(ingested[record_no]),
            }


def _as_it_stands(
    db: duckdb.DuckDBPyConnection, places: Places, extract: dict[str, Any], wanted: list[tuple[int, int]]
) -> dict[int, tuple[str, tuple[str, ...] | None]]:
    """Return, for each line or row wanted, its text and fields as the file has them now; none where it cannot say."""
    path = places.raw / extract["file"]
    if extract["address"] is not None:
        from pipeline.intake.cells import cell_rows
        from pipeline.intake.problem import Refused

        lines = {first for first, _ in wanted}
        try:
            found = cell_rows(path, extract["file"], json.loads(extract["address"]))
            return {row.line_no: (row.text, row.fields) for row in found if row.line_no in lines}
        except Refused:
            return {}
    index = read_json(places.warehouse / _stored(db, "account", extract["extract_id"]))["index"]
    texts = raw_texts(path, extract["encoding"], wanted, index)
    return {line_no: (text, split_record(text, extract["delimiter"])) for line_no, text in texts.items()}


def _ingested(
    db: duckdb.DuckDBPyConnection, places: Places, extract_id: str, record_nos: list[int]
) -> dict[int, list[str]]:
    source = parquet(places.warehouse / _stored(db, "source", extract_id))
    query = f"select record_no, columns('^f[0-9]+$') from {source} where record_no in ({_marks(record_nos)})"
    return {row["record_no"]: [v for name, v in row.items() if name[0] == "f"] for row in ask(db, query, record_nos)}


def _stored(db: duckdb.DuckDBPyConnection, layer: str, extract_id: str) -> str:
    """Return the path of a store file of an extract, below the warehouse."""
    found = ask(db, "select path from store_file where layer = ? and name = ?", [layer, extract_id])
    return str(found[0]["path"])


def _labels(db: duckdb.DuckDBPyConnection, members: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return which labels the lines carry, what each was read as, and how many observations have it."""
    counts: dict[tuple[str, str, str], int] = {}
    for member in members:
        for dimension, code_column in LABELS.items():
            label, code = member[f"{dimension}_label"], member[code_column]
            if label is not None:
                shown = "; ".join(code) if isinstance(code, list) else str(code)
                counts[(dimension, label, shown)] = counts.get((dimension, label, shown), 0) + 1
    order = list(LABELS)
    return [
        {"dimension": dimension, "label": label, "code": code, "n": n}
        for (dimension, label, code), n in sorted(
            counts.items(), key=lambda item: (order.index(item[0][0]), item[0][2], -item[1], item[0][1])
        )
    ]


def _tables_of(members: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted({(m["disclosure"], m["table_id"]) for m in members})


def _constants(db: duckdb.DuckDBPyConnection, members: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what the letter says of all lines and no line says itself."""
    found = []
    for disclosure, table_id in _tables_of(members):
        query = "select constants from source_table where disclosure = ? and table_id = ?"
        for row in ask(db, query, [disclosure, table_id]):
            found += [{"disclosure": disclosure, "table_id": table_id, **c} for c in json.loads(row["constants"])]
    return found


def _controls(db: duckdb.DuckDBPyConnection, members: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        control
        for key in _tables_of(members)
        for control in ask(db, "from control where disclosure = ? and table_id = ? order by all", key)
    ]


def _caveats(db: duckdb.DuckDBPyConnection, figure: dict[str, Any]) -> list[dict[str, str]]:
    ids = figure.get("caveats") or []
    query = f"select distinct caveat_id, text from caveat where caveat_id in ({_marks(ids)})"
    texts = {row["caveat_id"]: row["text"] for row in ask(db, query, ids)} if ids else {}
    return [{"id": i, "text": texts.get(i, "")} for i in ids]


def _marks(values: Sequence[Any]) -> str:
    """Return placeholders, one a value."""
    return ", ".join("?" * len(values))


def _definition(db: duckdb.DuckDBPyConnection, name: str) -> str:
    return str(ask(db, "select definition from definition where name = ?", [name])[0]["definition"])


def _short(figure: dict[str, Any]) -> dict[str, Any]:
    return {k: figure[k] for k in ("id", "value", "value_min", "value_max", "unit", "n")}


def _why_none(db: duckdb.DuckDBPyConnection, figure_table: str, figure: dict[str, Any]) -> str:
    if figure.get("reason") == "zero by absence":
        return "no record of the table has this platform and period, which the table covers: a zero by absence"
    if figure_table == "coverage":
        return "it counts extracts, not lines"
    if ids := figure.get("parents"):
        absent = ask(db, f"select count(*) as n from figure where n = 0 and id in ({_marks(ids)})", ids)[0]["n"]
        if absent == len(ids):
            return "each of its parents is a zero by absence: the table covers them and no record has them"
    return str(figure.get("reason") or "it has no lines")
