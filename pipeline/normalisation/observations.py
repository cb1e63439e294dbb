"""The observations layer: one row for each count read, its codes and the labels they came from.

Work is done on distinct labels, then one join a dimension; the join leaves no order, so rows are written by
record, column and part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from pipeline.intake.manifest import OTHER, Extract
from pipeline.intake.source import Source
from pipeline.normalisation import vocabulary
from pipeline.normalisation.buckets import YEAR_BASES, buckets_of, dimensions_of
from pipeline.normalisation.reading import (
    UNMAPPED,
    AgeReading,
    OffenceReading,
    OutcomeReading,
    PeriodReading,
    PlatformReading,
    Status,
)
from pipeline.store.digests import code_digest, digest_of
from pipeline.store.duck import copy_out, insert, memory, parquet
from pipeline.store.files import written
from pipeline.store.places import Places

CODE = ("pipeline/normalisation", "pipeline/store")
LABELLED = ("period", "offence", "outcome", "platform", "age")

# What each label map adds to an observation: (column, SQL type).
MAPPED: dict[str, tuple[tuple[str, str], ...]] = {
    "period": (
        ("period", "varchar"),
        ("period_start", "date"),
        ("period_end", "date"),
        ("period_basis", "varchar"),
    ),
    "offence": (("offence", "varchar"), ("offence_level", "varchar"), ("presumed_class", "varchar")),
    "outcome": (("outcome", "varchar"), ("outcome_level", "varchar"), ("arrest", "varchar")),
    "platform": (("platforms", "varchar[]"),),
    "age": (("age_min", "integer"), ("age_max", "integer"), ("age_kind", "varchar"), ("age", "varchar")),
}


OBSERVATION_COLUMNS: dict[str, str] = {
    **dict.fromkeys(("extract_id", "disclosure", "table_id", "layout", "unit", "date_basis"), "varchar"),
    "synthetic": "boolean",
    **dict.fromkeys(("record_no", "line_no"), "bigint"),
    **dict.fromkeys(("lines", "source_column", "part_no"), "integer"),
    **dict.fromkeys(("kind", "printed", "count_rule"), "varchar"),
    **dict.fromkeys(("count_min", "count_max"), "bigint"),
    **{f"{d}_label": "varchar" for d in LABELLED},
    **{column: kind for d in LABELLED for column, kind in MAPPED[d]},
    **dict.fromkeys(("other", "reference"), "varchar"),
    **dict.fromkeys(("dimensions", "constants", "uncertain"), "varchar[]"),
}
"""The columns of the observations layer with their SQL types, as schemas/observation.py describes them."""

LABEL_COLUMNS = {
    **dict.fromkeys(["extract_id", "dimension", "label", "code", "level", "status", "rule", "source"], "varchar"),
    **dict.fromkeys(("n", "first_line"), "bigint"),
}

BUCKET_COLUMNS = {
    **dict.fromkeys(("extract_id", "period", "kind", "year_basis", "code"), "varchar"),
    **dict.fromkeys(("bucket_start", "bucket_end"), "date"),
    "part": "boolean",
}


@dataclass(frozen=True)
class Observations:
    """The observations of one extract, as store files.

    `path`: see schemas/observation.py. `buckets` (extract_id, period, kind, year_basis, code, bucket_start,
    bucket_end, part): the months and years each period counts in. `labels` (extract_id, dimension, label, code,
    level, status, rule, source, n, first_line): every label met, with how often and where first.
    """

    extract: Extract
    path: Path
    buckets: Path
    labels: Path
    reused: bool

    @property
    def digest(self) -> str:
        """The digest of everything these files were built from."""
        return self.path.stem


def ensure_observations(places: Places, source: Source, accepted: Path, cells: Path) -> Observations:
    """Return the observations of an extract, building them only if that was not done before.

    `accepted` (record_no, kind) and `cells` are the gate's store files; both names are digests of their content's
    origin, so the observations' own digest follows from them.
    """
    extract = source.extract
    digest = digest_of({"accepted": accepted.stem, "cells": cells.stem, "code": code_digest(*CODE)})
    path, buckets, labels = (
        places.store(layer, extract.extract_id, digest) for layer in ("observations", "buckets", "labels")
    )
    reused = path.exists() and buckets.exists() and labels.exists()
    if not reused:
        with memory() as db:
            _load(db, source, accepted, cells)
            readings = _read_labels(db, extract)
            for dimension, read in readings.items():
                _load_map(db, dimension, read)
            _load_buckets(db, extract, readings.get("period", {}))
            db.execute(f"create or replace temp view observation as {_observation_sql(extract)}")
            with written(path) as temporary:
                columns = ", ".join(f"{name}::{kind} as {name}" for name, kind in OBSERVATION_COLUMNS.items())
                copy_out(db, f"select {columns} from observation", temporary)
            db.execute(f"create or replace temp view observation as from {parquet(path)}")
            queries = {buckets: "from bucket order by all", labels: _labels_sql(readings)}
            for target, query in queries.items():
                with written(target) as temporary:
                    copy_out(db, query, temporary)
    return Observations(extract, path, buckets, labels, reused)


def _load(db: duckdb.DuckDBPyConnection, source: Source, accepted: Path, cells: Path) -> None:
    """Create the view `base`: one row for each count, with the text of each dimension as `<dimension>_label`."""
    extract, account = source.extract, source.account
    db.execute(f"create or replace temp view source as from {parquet(source.path)}")
    db.execute(f"create or replace temp view accepted as from {parquet(accepted)}")
    db.execute(f"create or replace temp view cell as from {parquet(cells)}")
    db.execute("create or replace temp table wide_column (source_column integer, label varchar)")
    insert(db, "wide_column", [(c["at"], c["label"]) for c in account["wide"]])
    constants = {name: c.value for name, c in (extract.terms.constants or {}).items()}
    if extract.combined_platforms is not None:
        constants["platform"] = " or ".join(extract.combined_platforms)
    _load_said(db, extract, constants)
    wide = extract.terms.wide.dimension if extract.terms.wide else None

    def text_of(dimension: str) -> str:
        if dimension in account["columns"]:
            return f"s.f{account['columns'][dimension]}"
        if dimension == wide:
            return "w.label"
        return f'said."{dimension}"' if dimension in constants else "null::varchar"

    labels = ", ".join(f"{text_of(d)} as {d}_label" for d in LABELLED)
    others = [d for d in (*extract.dimensions_in_lines, *sorted(constants)) if d.startswith(OTHER)]
    pairs = ", ".join(f"'{d.removeprefix(OTHER)}=' || {text_of(d)}" for d in others)
    other = f"concat_ws('; ', {pairs})" if pairs else "null::varchar"
    reference = f"s.f{account['columns']['reference']}" if "reference" in account["columns"] else "null::varchar"
    shared = f"{labels}, {other} as other, {reference} as reference"
    if extract.terms.layout == "records":
        db.execute(
            "create or replace temp view base as select s.record_no, s.line_no, s.lines, "
            "null::integer as source_column, 1 as part_no, 'data' as kind, null::varchar as printed, "
            f"'record' as count_rule, 1::bigint as count_min, 1::bigint as count_max, {shared} "
            "from source s join accepted a using (record_no) cross join said where a.kind = 'data'"
        )
    else:
        db.execute(
            "create or replace temp view base as select c.record_no, c.line_no, c.lines, c.source_column, c.part_no, "
            "c.cell_class as kind, c.printed, c.rule as count_rule, c.count_min, c.count_max, "
            f"{shared} from cell c join source s using (record_no) cross join said "
            "left join wide_column w on w.source_column = c.source_column "
            "where c.cell_class in ('data', 'total', 'unknown')"
        )


def _load_said(db: duckdb.DuckDBPyConnection, extract: Extract, constants: Mapping[str, str]) -> None:
    """Create `said`: one row with what the manifest says of every line."""
    values = {
        "extract_id": extract.extract_id,
        "disclosure": extract.disclosure.name,
        "table_id": extract.table.id,
        "layout": extract.terms.layout,
        "unit": extract.unit,
        "date_basis": extract.terms.date_basis,
        "synthetic": str(extract.synthetic),
        **constants,
    }
    db.execute("create or replace temp table said (" + ", ".join(f'"{name}" varchar' for name in values) + ")")
    insert(db, "said", [tuple(values.values())])


def _present(extract: Extract) -> list[str]:
    """Return the labelled dimensions that the extract has, in its lines or as constants."""
    own = {*extract.dimensions_in_lines, *extract.constant_dimensions}
    return [d for d in LABELLED if d in own]


def _read_labels(db: duckdb.DuckDBPyConnection, extract: Extract) -> dict[str, dict[str, vocabulary.AnyReading]]:
    """Return, for each dimension the extract has, the readings of every distinct label of rows that are no totals."""
    readings: dict[str, dict[str, vocabulary.AnyReading]] = {}
    for dimension in _present(extract):
        distinct = db.execute(
            f"select distinct {dimension}_label from base where kind <> 'total' and {dimension}_label is not null "
            "order by all"
        ).fetchall()
        readings[dimension] = vocabulary.read(dimension, [row[0] for row in distinct], extract)
    combined = extract.combined_platforms
    if combined is not None:
        label = " or ".join(combined)
        readings["platform"] = {label: _combined(label, combined)}
    if extract.terms.layout == "counts" and "platform" in readings:
        readings["platform"] = {label: _joint(reading) for label, reading in readings["platform"].items()}
    return readings


def _joint(reading: vocabulary.AnyReading) -> vocabulary.AnyReading:
    """Return what the platform label of a printed count means: one count for several platforms is never split."""
    if not isinstance(reading, PlatformReading) or len(reading.codes) < 2:
        return reading
    return replace(reading, codes=(any_of(reading.codes),))


def any_of(codes: Iterable[str]) -> str:
    """Return the code of a count for several platforms together."""
    return f"any({','.join(sorted(codes))})"


def _combined(label: str, platforms: tuple[str, ...]) -> PlatformReading:
    """Return the one code for counts found by searching several platforms at once.

    Such a count is never split: it is of `any(a,b)`, a code of its own.
    """
    parts = [vocabulary.platform(p) for p in platforms]
    codes = sorted({code for part in parts if isinstance(part, PlatformReading) for code in part.codes})
    mapped = all(vocabulary.is_read(part) for part in parts)
    code = codes[0] if len(codes) == 1 else any_of(codes)
    first = parts[0]
    if len(parts) == 1 and isinstance(first, PlatformReading):
        return PlatformReading(label, (code,), first.names, first.status, first.rule, first.source)
    status: Status = "mapped" if mapped else "unmapped"
    code = code if mapped else UNMAPPED
    return PlatformReading(label, (code,), (label,), status, "search over several", "manifest")


def _map_row(dimension: str, reading: vocabulary.AnyReading) -> tuple[Any, ...]:
    match reading:
        case PeriodReading():
            if reading.start is None:
                return (None, None, None, None)
            return (f"{reading.start}/{reading.end}", reading.start, reading.end, reading.basis)
        case OutcomeReading():
            return (reading.code, reading.level, reading.arrest)
        case OffenceReading():
            return (reading.code, reading.level, reading.presumed_class)
        case PlatformReading():
            return (list(reading.codes),)
        case AgeReading():
            return (reading.age_min, reading.age_max, reading.kind, reading.band)
    raise TypeError(dimension)


def _load_map(db: duckdb.DuckDBPyConnection, dimension: str, readings: Mapping[str, vocabulary.AnyReading]) -> None:
    """Create `map_<dimension>` (label, what MAPPED adds) and `read_<dimension>` (how each label was read)."""
    columns = ", ".join(f"{name} {kind}" for name, kind in MAPPED[dimension])
    db.execute(f"create or replace temp table map_{dimension} (label varchar, {columns})")
    db.execute(
        f"create or replace temp table read_{dimension} (label varchar, code varchar, level varchar, "
        "status varchar, rule varchar, source varchar)"
    )
    insert(db, f"map_{dimension}", [(label, *_map_row(dimension, r)) for label, r in readings.items()])
    insert(db, f"read_{dimension}", [(label, *_said(r)) for label, r in readings.items()])


def _said(reading: vocabulary.AnyReading) -> tuple[str, str | None, str, str, str]:
    match reading:
        case PlatformReading():
            return ("; ".join(reading.codes), None, reading.status, reading.rule, reading.source)
        case AgeReading():
            return (reading.band, reading.kind, reading.status, reading.rule, "")
        case PeriodReading():
            code = f"{reading.start}/{reading.end}" if reading.start else UNMAPPED
            return (code, reading.basis, reading.status, reading.rule, "")
        case _:
            return (reading.code, reading.level, reading.status, reading.rule, reading.source)


def _load_buckets(
    db: duckdb.DuckDBPyConnection, extract: Extract, readings: Mapping[str, vocabulary.AnyReading]
) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in BUCKET_COLUMNS.items())
    db.execute(f"create or replace temp table bucket ({columns})")
    covers = extract.terms.covers
    span = (covers.start, covers.end_exclusive) if covers else None
    rows = {
        (extract.extract_id, f"{r.start}/{r.end}", b.kind, b.basis, b.code, b.start, b.end, b.part)
        for r in readings.values()
        if isinstance(r, PeriodReading) and r.start is not None
        for b in buckets_of(r, str(extract.terms.layout), span)
    }
    by_year = {r.basis for r in readings.values() if isinstance(r, PeriodReading) and r.basis in YEAR_BASES}
    if extract.terms.layout == "records" and by_year:
        # lines by year are in no month and in no year of another kind: those are never whole
        rows = {(*row[:-1], row[-1] or row[3] not in by_year) for row in rows}
    insert(db, "bucket", sorted(rows))


def _observation_sql(extract: Extract) -> str:
    terms, present = extract.terms, _present(extract)
    own = sorted({*extract.dimensions_in_lines, *extract.constant_dimensions} - {"period"})
    constant = sorted(set(extract.constant_dimensions) - {"period"})
    uncertain = sorted({d for name in terms.uncertain or () for d in _period_dimensions(name)})
    mapped = ", ".join(
        f"map_{d}.{column}" if d in present else f"null as {column}" for d in LABELLED for column, _ in MAPPED[d]
    )
    labels = ", ".join(f"b.{d}_label" for d in LABELLED)
    joins = " ".join(f"left join map_{d} on map_{d}.label = b.{d}_label and b.kind <> 'total'" for d in present)
    bases = ("month", "day", "calendar", "financial", "tax", "range")
    cases = " ".join(f"when '{b}' then {_list(dimensions_of(b, str(terms.layout)))}" for b in bases)
    none = "[]::varchar[]"
    period = f"case map_period.period_basis {cases} else {none} end" if "period" in present else none
    return (
        "select said.extract_id, said.disclosure, said.table_id, said.layout, said.unit, said.date_basis, "
        "said.synthetic, b.record_no, b.line_no, b.lines, b.source_column, b.part_no, b.kind, b.printed, "
        f"b.count_rule, b.count_min, b.count_max, {labels}, {mapped}, b.other, b.reference, "
        f"list_sort(list_concat({_list(own)}, {period})) as dimensions, "
        f"{_list(constant)} as constants, {_list(uncertain)} as uncertain "
        f"from base b cross join said {joins} order by b.record_no, b.source_column, b.part_no"
    )


def _period_dimensions(name: str) -> tuple[str, ...]:
    return ("month", "year") if name == "period" else (name,)


def _list(values: tuple[str, ...] | list[str]) -> str:
    return "[" + ", ".join(f"'{v}'" for v in values) + "]::varchar[]"


def _labels_sql(dimensions: Iterable[str]) -> str:
    parts = [
        f"select extract_id, '{d}' as dimension, r.label, r.code, r.level, r.status, r.rule, r.source, "
        f"count(*) as n, min(line_no) as first_line from observation o join read_{d} r on r.label = o.{d}_label "
        "where o.kind <> 'total' group by all"
        for d in dimensions
    ]
    columns = ", ".join(f"null::{kind} as {name}" for name, kind in LABEL_COLUMNS.items())
    return " union all ".join([*parts, f"select {columns} where false"]) + " order by dimension, n desc, label"
