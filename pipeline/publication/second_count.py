"""The independent second count at a refresh: extracts read again, figures counted and derived again, by recount.py.

All of it up to BLOCKING records. Above that a sample which its words state: runs of records of each extract, and some
figures of each table with the derived ones that are made of those alone.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipeline.figures import sql
from pipeline.figures.catalogue import COUNTED, TABLES, CountedTable, as_json
from pipeline.intake.lines import raw_texts
from pipeline.intake.manifest import MENTIONS, Extract
from pipeline.lineage import recount
from pipeline.normalisation.free_text import label_of
from pipeline.normalisation.observations import Observations
from pipeline.publication.build import Build
from pipeline.publication.described import describe
from pipeline.store.digests import digest_of
from pipeline.store.duck import insert, memory, parquet, rows
from pipeline.store.reference import table_path
from pipeline.validation.gate import Validated

BLOCKING = 200_000
"""Records up to which everything is counted again."""

SAMPLED = 50_000
"""Observations above that, in the cells of the figures that are counted again."""

RUNS, RUN = 20, 500
"""Of a larger extract so many runs of so many records are read again."""

UNCOUNTED = "caveats, evidence, reason"
"""Columns of every figure table that no count can bear out."""

OF_DERIVED = ("outcomes", "offence_supplement")
"""The reference tables by which derived figures are made."""

PLACE = ("record_no", "source_column", "part_no")
CODES = ("period", "offence", "outcome", "platforms", "age", "dimensions")
BORNE_OUT = (*PLACE, "line_no", "kind", "printed", "count_min", "count_max", *recount.LABELS, *CODES)
"""What an observation must have in common with its line, read again."""

COUNTED_FROM = ("extract_id", "layout", *recount.SCOPE[:4], "constants", "uncertain", *BORNE_OUT)
"""What the second count needs of an observation."""


def records(build: Build) -> int:
    """Return how many source records the accepted extracts have."""
    return sum(int(v.source.account["records"]) for v in build.accepted)


def line_differences(build: Build, v: Validated, o: Observations, ledger: Mapping[Any, int]) -> list[str]:
    """Return, in words, where an extract says otherwise than its observations and its ledger.

    `ledger` has lines by (class, rule) and cells by class. It is not compared where only some records are read.
    """
    reading = _reading(v, o)
    account, extract = v.source.account, v.extract
    with memory() as db:
        sql.load_relations(db, [o.path], [])
        where = "" if records(build) <= BLOCKING else _in_runs(int(account["records"]))
        query = f"select lines, {', '.join(BORNE_OUT)} from observation {where} order by {', '.join(PLACE)}"
        said = _stream(db, query)
        if where:
            kept = list(said)
            again = _some(extract.path, account, reading, kept)
            return [*_compared(again, iter(kept)), *reading.wrong]
        found = list(_compared(reading.read(rows_again(extract, v.source.path, account)), said))
    classes = {k: n for k, n in reading.classes.items() if n}
    found += [
        f"{' '.join(k) if isinstance(k, tuple) else k}: {ledger.get(k, 0)} in the ledger, {classes.get(k, 0)} again"
        for k in sorted({*ledger, *classes}, key=str)
        if ledger.get(k, 0) != classes.get(k, 0)
    ]
    return [*found, *reading.wrong]


def _reading(v: Validated, o: Observations) -> recount.Reading:
    with memory() as db:
        labels = rows(db.execute(f"from {parquet(o.labels)}"))
        rejected = db.execute(f"select record_no, min(rule) from {parquet(v.rejected)} group by all").fetchall()
    codes = {(row["dimension"], row["label"]): row for row in labels}
    return recount.Reading(describe(v.extract, v.source.account), codes, dict(rejected), as_json())


def rows_again(extract: Extract, source: Path, account: Mapping[str, Any]) -> Iterator[tuple[int, int, list[str]]]:
    """Yield the rows (line_no, lines, fields) of an extract as recount.py takes them.

    Lines are parted by recount itself, sheets and tables of a letter are as they were ingested. In place of a free text
    stand the words in it that name a platform.
    """
    described = describe(extract, account)
    return rows_of_lines(described, extract.path) if extract.entry.is_lines else rows_kept(source, account)


def rows_of_lines(described: recount.Row, path: Path) -> Iterator[tuple[int, int, list[str]]]:
    """Yield the rows of lines of delimited text, read by recount itself, as `rows_again` does."""
    at = {MENTIONS: described["columns"]["platform"]} if MENTIONS in described["said"]["columns"] else {}
    yield from _named(recount.rows_of(described, path), {"header_at": described["header_line"], "columns": at})


def rows_kept(source: Path, account: Mapping[str, Any]) -> Iterator[tuple[int, int, list[str]]]:
    """Yield the rows of an extract as they were ingested, as `rows_again` does; its file is not looked at."""
    yield from _named(_ingested(source, account), account)


def _named(
    found: Iterable[tuple[int, int, list[str]]], account: Mapping[str, Any]
) -> Iterator[tuple[int, int, list[str]]]:
    for line_no, n, fields in found:
        yield line_no, n, fields if line_no <= account["header_at"] else named(fields, account)


def named(fields: list[str], account: Mapping[str, Any]) -> list[str]:
    """Return the fields of a record with the names of platforms in place of a free text, if there is one."""
    at = account["columns"].get(MENTIONS, 0)
    others = [text for place, text in enumerate(fields, start=1) if place != at]
    if not at or len(fields) < at or not any(text.strip() for text in others):
        return fields
    return [label_of(text)[0] if place == at else text for place, text in enumerate(fields, start=1)]


def _ingested(source: Path, account: Mapping[str, Any]) -> list[tuple[int, int, list[str]]]:
    found = [(s["line_no"], s["lines"], _aside(s, account)) for s in account["set_aside"]]
    found += [(r["line_no"], r["lines"], list(r["values"])) for r in account["rejected"]]
    columns = (column.to_pylist() for column in pq.read_table(source).columns)
    found += [(line_no, lines, list(fields)) for _, line_no, lines, *fields in zip(*columns, strict=True)]
    return sorted(found)


def _aside(said: Mapping[str, Any], account: Mapping[str, Any]) -> list[str]:
    if said["rule"] == "header":
        return list(account["header"])
    return [] if said["rule"] == "blank" else [said["text"]]


def _in_runs(n: int) -> str:
    """Return the SQL condition of runs of records, spread evenly over `n` of them; all where that is no more."""
    apart = max(n // RUNS, RUN)
    return f"where (record_no - 1) % {apart} < {RUN}"


def _some(
    path: Path, account: Mapping[str, Any], reading: recount.Reading, kept: Sequence[Any]
) -> Iterator[recount.Row]:
    """Yield what the records of some observations say, read again from their lines."""
    wanted = {row["record_no"]: (row["line_no"], row["lines"]) for row in kept}
    texts = raw_texts(path, account["encoding"], wanted.values(), account["index"])
    for number, (line, lines) in wanted.items():
        parted = csv.reader(texts.get(line, "").splitlines(keepends=True), delimiter=reading.extract["delimiter"])
        yield from reading.record(number, line, lines, named(next(parted, []), account))


def _compared(again: Iterator[recount.Row], said: Iterator[recount.Row]) -> Iterator[str]:
    nothing: recount.Row = {}
    for mine, stored in zip_longest(again, said, fillvalue=nothing):
        if wrong := [c for c in BORNE_OUT if mine.get(c) != stored.get(c)]:
            words = ", ".join(f"{c} is {mine.get(c)!r}, ingested {stored.get(c)!r}" for c in wrong)
            yield f"line {mine.get('line_no') or stored.get('line_no')}: {words}"
            if not mine or not stored or wrong[0] in PLACE:
                return  # from here on other records stand beside each other


@dataclass(frozen=True)
class CountedAgain:
    """What the second count of figures found: differences, and the ids that it looked at by table; `whole`: all."""

    differences: tuple[str, ...]
    figures: Mapping[str, tuple[str, ...]]
    whole: bool


def figures_again(build: Build) -> CountedAgain:
    """Count and derive the figures of a build again, or a sample of them."""
    counted = f"select * exclude ({UNCOUNTED}) from"
    with memory() as db:
        figures = {n: rows(db.execute(f"{counted} {parquet(file.path)}")) for n, file in build.all_figures().items()}
    whole = records(build) <= BLOCKING
    if not whole:
        figures = _sampled(figures)
    reference = {}
    for name in OF_DERIVED:
        with table_path(f"{name}.csv").open(encoding="utf-8", newline="") as file:
            reference[name] = list(csv.DictReader(file))
    extracts = [describe(v.extract, v.source.account) for v in build.accepted]
    tables = {**figures, "bucket": rows(build.inputs.db.execute("from bucket"))}
    looked_at = _stream(build.inputs.db, _observations(build, None if whole else figures))
    found = recount.figure_differences(as_json(), tables, extracts, looked_at, reference, whole)
    differences = tuple(found)
    return CountedAgain(differences, {name: tuple(f["id"] for f in of) for name, of in figures.items()}, whole)


def _sampled(figures: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return some figures of each counted table, the derived ones that are made of those alone, and all others."""
    share = SAMPLED // len(COUNTED)
    chosen: dict[str, list[dict[str, Any]]] = {}
    for table in COUNTED:
        left = share
        chosen[table.name] = []
        for figure in sorted(figures[table.name], key=lambda f: digest_of(f["id"])):
            if figure["observations"] <= left:
                chosen[table.name].append(figure)
                left -= figure["observations"]
    ids = {figure["id"] for of in chosen.values() for figure in of}
    for name in (name for name, table in TABLES.items() if not isinstance(table, CountedTable)):
        chosen[name] = [f for f in figures[name] if ids.issuperset(f.get("parents") or ())]
    return chosen


def _observations(build: Build, figures: Mapping[str, list[dict[str, Any]]] | None) -> str:
    """Return the query of the observations to count: all, or those of tables of counts and of some figures' cells."""
    columns = ", ".join(COUNTED_FROM)
    if figures is None:
        return f"select {columns} from observation"
    db = build.inputs.db
    for table in COUNTED:
        keys = (*recount.SCOPE, *table.dimensions)
        values = [tuple(f[k] for k in keys) for f in figures[table.name]]
        db.execute(f"create or replace temp table wanted_{table.name} ({', '.join(f'{k} varchar' for k in keys)})")
        insert(db, f"wanted_{table.name}", values)
    cells = " union ".join(_of_cells(table) for table in COUNTED)
    return f"select {columns} from observation where layout = 'counts' or (extract_id, record_no) in ({cells})"


def _of_cells(table: CountedTable) -> str:
    """Return the query of the records that may be in the wanted cells of a table: they have what the cells are of."""
    same = [f"w.{d} = o.{d}" for d in table.dimensions if d in {"offence", "outcome", "age"}]
    if "platform" in table.dimensions:
        same.append("list_contains(o.platforms, w.platform)")
    return (
        f"select o.extract_id, o.record_no from observation o join bucket b using (extract_id, period) "
        f"join wanted_{table.name} w on w.disclosure = o.disclosure and w.table_id = o.table_id "
        f"and w.year_basis = b.year_basis and w.{table.period_kind} = b.code"
        + "".join(f" and {condition}" for condition in same)
    )


def coverage(build: Build) -> dict[tuple[str, str, str, str], int]:
    """Return, per figure table, disclosure, table and year basis, how many observations its cells must have.

    Counted from how often each combination of what decides it stands in the observations, not from cells.
    """
    db = build.inputs.db
    same = ("extract_id", "disclosure", "table_id", "layout", "kind", "part_no", "period")
    lists = ("dimensions", "constants", "uncertain")
    query = (
        f"select {', '.join((*same, *lists))}, coalesce(len(platforms), 0) as mentions, count(*) as n "
        "from observation group by all"
    )
    buckets = recount.grouped(rows(db.execute("from bucket")), "extract_id", "period")
    sums: Counter[tuple[str, str, str, str]] = Counter()
    tables = [t for t in as_json() if t["kind"] == "counted"]
    for row in rows(db.execute(query)):
        for table in (t for t in tables if recount.is_counted(row, t)):
            for bucket in buckets[row["extract_id"], row["period"]]:
                if bucket["kind"] in table["dimensions"]:
                    key = (table["name"], row["disclosure"], row["table_id"], bucket["year_basis"])
                    sums[key] += row["n"] * (row["mentions"] if table["counts"] == "mention" else 1)
    return dict(sums)


def _stream(db: Any, query: str) -> Iterator[dict[str, Any]]:
    cursor = db.execute(query)
    names = [d[0] for d in cursor.description]
    while batch := cursor.fetchmany(50_000):
        for values in batch:
            yield dict(zip(names, values, strict=True))
