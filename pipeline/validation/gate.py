"""The gate: which records of an extract are accepted, which are rejected or listed, and what each cell is.

The value rules are Pandera's, from schemas/. Element-wise rules need only the distinct values of a column; a
value that breaks one then finds its lines by a join.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline.intake.manifest import DIMENSIONS, TOTAL_WORDS, Extract
from pipeline.intake.problem import Problem
from pipeline.intake.raw import Refusal
from pipeline.intake.source import Source
from pipeline.normalisation import vocabulary
from pipeline.normalisation.counts import CellReading, read_cell
from pipeline.normalisation.reading import PeriodReading
from pipeline.store.digests import code_digest, digest_of
from pipeline.store.duck import copy_out, insert, memory, parquet
from pipeline.store.files import read_json, write_json, written
from pipeline.store.places import Places

CODE = ("pipeline/validation/gate.py", "pipeline/normalisation", "pipeline/store", "schemas")

REJECTED_SQL = (
    "record_no bigint, line_no bigint, lines integer, rule varchar, column_name varchar, value varchar, "
    "expected varchar, fields varchar[]"
)
FLAGGED_SQL = "record_no bigint, line_no bigint, rule varchar, column_name varchar, value varchar"
CELLS_SQL = (
    "record_no bigint, line_no bigint, lines integer, source_column integer, part_no integer, "
    "cell_class varchar, rule varchar, printed varchar, count_min bigint, count_max bigint"
)


@dataclass(frozen=True)
class Validated:
    """What the gate says of one extract, as store files beside each other.

    `accepted` (record_no, kind: data or total): the numbers, not a copy. `rejected`: record_no, line_no, lines,
    rule, column_name, value, expected, fields. `flagged`: record_no, line_no, rule, column_name, value: records
    that were kept. `cells`: for counts, each part of each cell of the accepted records: its class (data, total,
    unknown, label, ignored), the rule that decided, and its interval. `report`: how many of each.
    """

    source: Source
    accepted: Path
    rejected: Path
    flagged: Path
    cells: Path
    report: dict[str, Any]
    reused: bool

    @property
    def digest(self) -> str:
        """The digest of everything these files were built from."""
        return self.accepted.stem

    @property
    def extract(self) -> Extract:
        """The extract."""
        return self.source.extract


def ensure_validated(places: Places, source: Source) -> Validated | Refusal:
    """Return the verdict on an extract, reaching it only if that was not done before.

    A label of the manifest that cannot be read, and in a counts layout a cell that cannot be read, refuses the
    extract as a whole.
    """
    extract = source.extract
    digest = digest_of({"source": source.digest, "code": code_digest(*CODE)})
    paths = {
        layer: places.store(layer, extract.extract_id, digest)
        for layer in ("validated", "rejected", "flagged", "cells")
    }
    report_path = paths["validated"].with_suffix(".json")
    done = report_path.exists() and all(p.exists() for p in paths.values())
    if not done:
        problems = _declared_label_problems(places, source)
        with memory() as db:
            _load(db, source)
            problems += _find_totals_and_cells(db, places, source)
            if problems:
                return Refusal(extract.extract_id, tuple(problems))
            _apply_rules(db, source)
            _write(db, paths, report_path)
    return Validated(
        source=source,
        accepted=paths["validated"],
        rejected=paths["rejected"],
        flagged=paths["flagged"],
        cells=paths["cells"],
        report=read_json(report_path),
        reused=done,
    )


def _declared_label_problems(places: Places, source: Source) -> list[Problem]:
    """Return a problem for each period that the manifest or the header states and that cannot be read."""
    extract = source.extract
    labels: dict[str, int | None] = {}
    if (constant := (extract.terms.constants or {}).get("period")) is not None:
        labels[constant.value] = None
    if extract.terms.wide and extract.terms.wide.dimension == "period":
        labels |= {c["label"]: c["at"] for c in source.account["wide"]}
    return [
        Problem(
            file=places.shown(extract.path),
            line=None if position is None else extract.header_line,
            column=None if position is None else str(position),
            found=f"the period {label!r}",
            expected="a period that can be read" + _basis_words(extract),
            remedy="give its first and last day in the manifest",
        )
        for label, position in labels.items()
        if vocabulary.period(label, extract).start is None
    ]


def _basis_words(extract: Extract) -> str:
    covers = extract.terms.covers
    return f" under the basis {covers.basis}" if covers else " (the manifest states no covers: basis)"


def _load(db: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Create `source` (canonical columns), `fields` (all fields as a list), `verdict` and `cell`."""
    canonical = "".join(
        f'f{at} as "{name}", ' for name, at in source.account["columns"].items() if name in {*DIMENSIONS, "reference"}
    )
    every = ", ".join(f"f{i}" for i in range(1, source.account["width"] + 1))
    db.execute(
        f"create or replace temp view source as select record_no, line_no, lines, {canonical}"
        f"[{every}] as fields from {parquet(source.path)}"
    )
    db.execute(f"create or replace temp table rejected ({REJECTED_SQL})")
    db.execute(f"create or replace temp table cell ({CELLS_SQL})")
    db.execute("create or replace temp table total (record_no bigint)")
    db.execute(f"create or replace temp table flagged ({FLAGGED_SQL})")
    rejected = [
        (
            r["record_no"],
            r["line_no"],
            r["lines"],
            r["rule"],
            None,
            r["found"],
            r["expected"],
            list(r["values"]),
        )
        for r in source.account["rejected"]
    ]
    insert(db, "rejected", rejected)


def _find_totals_and_cells(db: duckdb.DuckDBPyConnection, places: Places, source: Source) -> list[Problem]:
    """Fill `total` and, for counts, `cell`; return a problem for each cell that cannot be read."""
    terms = source.extract.terms
    words = {text for text, marker in (terms.markers or {}).items() if marker.kind == "total"}
    labels = [at for name, at in source.account["columns"].items() if name not in {"count", "reference"}]
    if words and labels:
        any_label = " or ".join(f"list_contains(?, trim(fields[{at}]))" for at in labels)
        db.execute(f"insert into total select record_no from source where {any_label}", [list(words)] * len(labels))
    if terms.layout != "counts":
        return []
    totals = {row[0] for row in db.execute("select record_no from total").fetchall()}
    problems = _undeclared_totals(db, places, source, labels)
    counts = [source.account["columns"]["count"]] if "count" in source.account["columns"] else []
    counts += [column["at"] for column in source.account["wide"]]
    total_columns = source.account["total_columns"]
    cells: list[tuple[Any, ...]] = []
    for record_no, line_no, lines, fields in db.execute(
        "select record_no, line_no, lines, fields from source order by record_no"
    ).fetchall():
        for position, printed in enumerate(fields, start=1):
            place = (record_no, line_no, lines, position)
            if position not in counts and position not in total_columns:
                kind = "label" if position in labels else "ignored"
                cells.append((*place, 1, kind, kind, printed, None, None))
                continue
            is_total = record_no in totals or position in total_columns
            reading = read_cell(printed, terms.markers or {}, terms.blank)
            if reading is None:
                problems.append(_unreadable_cell(places, source, line_no, position, printed))
                continue
            cells += [(*place, *row) for row in _cell_rows(reading, printed, is_total)]
    insert(db, "cell", cells)
    return problems


def _undeclared_totals(
    db: duckdb.DuckDBPyConnection, places: Places, source: Source, labels: list[int]
) -> list[Problem]:
    """Return a problem for each row that calls itself a total without being declared one: counted, it would double."""
    if not labels:
        return []
    words = " or ".join(f"lower(trim(fields[{at}])) in {TOTAL_WORDS}" for at in labels)
    undeclared = "record_no not in (select record_no from total)"
    query = f"select line_no, fields from source where ({words}) and {undeclared} order by record_no"
    return [
        Problem(
            file=places.shown(source.extract.path),
            line=line_no,
            found="a row that is called a total, which the manifest does not declare",
            expected="every total row declared, so that it is compared and not counted",
            remedy="say under markers: its label with kind: total",
        )
        for line_no, _ in db.execute(query).fetchall()
    ]


def _cell_rows(reading: CellReading, printed: str, is_total: bool) -> list[tuple[Any, ...]]:
    if not reading.counts:
        return [(1, "total" if is_total else "unknown", reading.rule, printed, None, None)]
    kind = "total" if is_total else "data"
    return [
        (part, kind, reading.rule, printed, count.low, count.high) for part, count in enumerate(reading.counts, start=1)
    ]


def _unreadable_cell(places: Places, source: Source, line_no: int, position: int, printed: str) -> Problem:
    return Problem(
        file=places.shown(source.extract.path),
        line=line_no,
        column=source.header_of(position),
        found=repr(printed),
        expected="a count in digits, an empty cell, or a text declared under markers:",
        remedy="declare in markers: what this text means",
    )


def _apply_rules(db: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Run the Pandera rules and put each failing record into `rejected` or `flagged`."""
    import pandas as pd
    from pandera.errors import SchemaErrors

    from schemas.rules import BY_NAME
    from schemas.source_record import columns_with_rules, unique_reference

    labels = {
        name: [row[0] for row in db.execute(_DISTINCT.format(column=name)).fetchall()]
        for name in source.account["columns"]
        if name in DIMENSIONS
    }
    failing: list[tuple[str, str]] = []
    for name, columns in columns_with_rules(_readable(labels, source.extract)).items():
        frame = pd.DataFrame({name: pd.array(labels[name], dtype="string[pyarrow]")})
        for column in columns:
            try:
                column.validate(frame, lazy=True)
            except SchemaErrors as errors:
                cases = errors.failure_cases
                failing += zip(cases["check"].astype(str), cases["failure_case"].astype(str), strict=True)
    if "reference" in source.account["columns"]:
        values = db.execute("select reference from source where trim(reference) <> '' order by record_no").fetchall()
        frame = pd.DataFrame({"reference": pd.array([v[0] for v in values], dtype="string[pyarrow]")})
        try:
            unique_reference().validate(frame, lazy=True)
        except SchemaErrors as errors:
            repeated = sorted(set(errors.failure_cases["failure_case"].astype(str)))
            failing += [("reference_repeated", value) for value in repeated]
    for rule_name, value in sorted(failing):
        rule = BY_NAME[rule_name]
        not_total = "record_no not in (select record_no from total)"
        if rule.rejects:
            db.execute(
                f'insert into rejected select record_no, line_no, lines, ?, ?, "{rule.column}", ?, fields '
                f'from source where "{rule.column}" = ? and {not_total}',
                [rule.name, rule.column, rule.expected, value],
            )
        else:
            db.execute(
                f'insert into flagged select record_no, line_no, ?, ?, "{rule.column}" '
                f'from source where "{rule.column}" = ? and {not_total}',
                [rule.name, rule.column, value],
            )


_DISTINCT = 'select distinct "{column}" from source where record_no not in (select record_no from total) order by all'


def _readable(labels: Mapping[str, Sequence[str]], extract: Extract) -> dict[str, frozenset[str]]:
    """Return, for each rule, the values that keep it."""
    covers = extract.terms.covers
    readable = {}
    for dimension, values in labels.items():
        readings = vocabulary.read(dimension, values, extract)
        good = {label for label, reading in readings.items() if vocabulary.is_read(reading)}
        if dimension == "period":
            good = {label for label in good if _period(readings[label]).start is not None}
            if covers is not None:
                readable["period_covered"] = frozenset(
                    label
                    for label in values
                    if (read := _period(readings[label])).start is None
                    or read.end is None
                    or (read.start < covers.end_exclusive and read.end > covers.start)
                )
        readable[dimension] = frozenset(good)
    return readable


def _period(reading: vocabulary.AnyReading) -> PeriodReading:
    if not isinstance(reading, PeriodReading):
        raise TypeError(f"{reading!r} is no period")
    return reading


def _write(db: duckdb.DuckDBPyConnection, paths: Mapping[str, Path], report_path: Path) -> None:
    accepted = (
        "select record_no, case when total.record_no is null then 'data' else 'total' end as kind "
        "from source left join total using (record_no) "
        "where record_no not in (select record_no from rejected) order by record_no"
    )
    kept = "record_no not in (select record_no from rejected)"
    queries = {
        "validated": accepted,
        "rejected": "select * from rejected order by record_no, rule, column_name",
        "flagged": f"select * from flagged where {kept} order by record_no, rule",
        "cells": f"select * from cell where {kept} order by record_no, source_column, part_no",
    }
    report: dict[str, Any] = {}
    for layer, query in queries.items():
        with written(paths[layer]) as temporary:
            copy_out(db, query, temporary)
        report[layer] = db.sql(f"select count(*) from ({query})").fetchall()[0][0]
    report["total"] = db.sql("select count(*) from total").fetchall()[0][0]
    write_json(report_path, report)
