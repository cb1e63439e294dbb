"""The observations layer: one row for each count read, its codes and the labels they came from.

Work is done on the distinct labels of dictionary-encoded columns: a code takes the place of its label in the
dictionary, rows are not touched and stay in order of record, column and part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

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
from pipeline.store.duck import ask, memory, parquet
from pipeline.store.places import Places
from pipeline.store.tables import Mask, ahead, chosen, joined, numbers, pieces, same, table_file, where

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
    if not (path.exists() and buckets.exists() and labels.exists()):
        met = {dimension: _Met() for dimension in _present(extract)}
        with table_file(path, OBSERVATION_COLUMNS) as file:
            for values in ahead(_normalised(source, piece, met) for piece in _counts(source, accepted, cells)):
                file.write(values)
        with table_file(labels, LABEL_COLUMNS) as file:
            file.write_rows(_label_rows(extract, met))
        with table_file(buckets, BUCKET_COLUMNS) as file:
            file.write_rows(_bucket_rows(extract, met["period"].readings if "period" in met else {}))
    return Observations(extract, path, buckets, labels)


@dataclass
class _Met:
    """The labels of one dimension met so far: how each was read, how often it stands, and on which line first."""

    readings: dict[str, vocabulary.AnyReading] = field(default_factory=dict)
    n: Counter[str] = field(default_factory=Counter)
    first_line: dict[str, int] = field(default_factory=dict)

    def add(self, labels: pa.DictionaryArray, line_nos: np.ndarray[Any, np.dtype[np.int64]], rows: Mask) -> set[str]:
        """Count some rows of a column and return their labels.

        Lines come in order, so that a label's first one is where it is met first.
        """
        dictionary = labels.dictionary.to_pylist()
        places = numbers(labels)
        at = np.flatnonzero(rows & (places >= 0))
        found = places[at]
        first = np.zeros(len(dictionary), np.int64)
        first[found[::-1]] = at[::-1]  # of several rows of one label the first is written last, and stays
        n = np.bincount(found, minlength=len(dictionary))
        known = {dictionary[place]: place for place in np.flatnonzero(n)}
        for label, place in known.items():
            self.n[label] += int(n[place])
            self.first_line.setdefault(label, int(line_nos[first[place]]))
        return set(known)


@dataclass(frozen=True)
class _Piece:
    """Some counts of one piece of the source.

    `counts` has what each count says and where it stands, `fields` the fields of its record, `data` whether it is
    data or unknown rather than a total.
    """

    counts: dict[str, pa.Array]
    fields: pa.RecordBatch

    @cached_property
    def data(self) -> Mask:
        return ~where(self.counts["kind"], "total".__eq__)

    def __len__(self) -> int:
        return len(self.fields)


def _counts(source: Source, accepted: Path, cells: Path) -> Iterator[_Piece]:
    """Yield one row for each count: a record, or in tables of counts a cell, in order of record, column and part."""
    records = source.extract.terms.layout == "records"
    for batch, verdict, cell in zip(source.batches(), pieces(accepted), pieces(cells), strict=True):
        if records:
            chosen_rows = verdict.filter(pa.array(where(verdict.column("kind"), "data".__eq__)))
            fields = batch.take(_rows_of(chosen_rows, batch))
            length = len(fields)
            counts = {name: fields.column(name) for name in ("record_no", "line_no", "lines")} | {
                name: same(value, OBSERVATION_COLUMNS[name], length) for name, value in _RECORD.items()
            }
        else:
            chosen_rows = cell.filter(pa.array(where(cell.column("cell_class"), _COUNTED.__contains__)))
            fields = batch.take(_rows_of(chosen_rows, batch))
            counts = {_RENAMED.get(name, name): chosen_rows.column(name) for name in chosen_rows.schema.names}
        yield _Piece(counts, fields)


_RECORD = {
    "source_column": None,
    "part_no": 1,
    "kind": "data",
    "printed": None,
    "count_rule": "record",
    "count_min": 1,
    "count_max": 1,
}
"""What the count of a record says."""

_COUNTED = frozenset({"data", "total", "unknown"})
_RENAMED = {"cell_class": "kind", "rule": "count_rule"}


def _rows_of(numbered: pa.RecordBatch, batch: pa.RecordBatch) -> pa.Array:
    """Return the rows of `batch` that have the record numbers of `numbered`; both are in order of record."""
    return pa.array(np.searchsorted(batch.column("record_no").to_numpy(), numbered.column("record_no").to_numpy()))


def _normalised(source: Source, piece: _Piece, met: Mapping[str, _Met]) -> dict[str, pa.Array]:
    """Return the observations of a piece as OBSERVATION_COLUMNS; what labels it has is added to `met`."""
    extract = source.extract
    said = {
        "extract_id": extract.extract_id,
        "disclosure": extract.disclosure.name,
        "table_id": extract.table.id,
        "layout": extract.terms.layout,
        "unit": extract.unit,
        "date_basis": extract.terms.date_basis,
        "synthetic": extract.synthetic,
        "uncertain": sorted({d for name in extract.terms.uncertain or () for d in _period_dimensions(name)}),
        "constants": sorted(set(extract.constant_dimensions) - {"period"}),
    }
    values = dict(piece.counts)
    for name, value in said.items():
        values[name] = same(value, OBSERVATION_COLUMNS[name], len(piece))
    own = sorted({*extract.dimensions_in_lines, *extract.constant_dimensions} - {"period"})
    values["dimensions"] = same(own, OBSERVATION_COLUMNS["dimensions"], len(piece))
    for dimension in LABELLED:
        labels = _text_of(source, piece, dimension)
        if labels is None:
            absent = {f"{dimension}_label": "varchar", **dict(MAPPED[dimension])}
            values |= {name: same(None, kind, len(piece)) for name, kind in absent.items()}
            continue
        values[f"{dimension}_label"] = labels
        known = met[dimension].add(labels, values["line_no"].to_numpy(), piece.data)
        values |= _codes(extract, piece, dimension, labels, known, met[dimension].readings, own)
    values["other"] = _other(source, piece)
    reference = source.account["columns"].get("reference")
    values["reference"] = piece.fields.column(f"f{reference}") if reference else same(None, "varchar", len(piece))
    return values


def _codes(
    extract: Extract,
    piece: _Piece,
    dimension: str,
    labels: pa.DictionaryArray,
    known: set[str],
    readings: dict[str, vocabulary.AnyReading],
    own: Sequence[str],
) -> dict[str, pa.Array]:
    """Return what the labels of a dimension mean, column by column; labels of totals, not `known`, mean nothing."""
    dictionary = labels.dictionary.to_pylist()
    readings |= _read(dimension, [label for label in dictionary if label in known and label not in readings], extract)
    rows = [_map_row(dimension, readings[label]) if label in known else None for label in dictionary]
    places = np.where(piece.data, numbers(labels), -1)
    indices = pa.array(places, mask=places < 0)
    found = {
        name: chosen([row and row[at] for row in rows], kind, indices)
        for at, (name, kind) in enumerate(MAPPED[dimension])
    }
    if dimension == "period":
        layout = str(extract.terms.layout)
        bases = [row[-1] if row else None for row in rows]
        dimensions = [sorted([*own, *dimensions_of(basis, layout)]) for basis in bases] + [list(own)]
        found["dimensions"] = chosen(dimensions, "varchar[]", pa.array(np.where(places < 0, len(bases), places)))
    return found


def _text_of(source: Source, piece: _Piece, dimension: str) -> pa.DictionaryArray | None:
    """Return the text that each count has for a dimension: from its line, its column, or said for the whole extract."""
    extract, columns = source.extract, source.account["columns"]
    if dimension in columns:
        return piece.fields.column(f"f{columns[dimension]}")
    if extract.terms.wide and extract.terms.wide.dimension == dimension:
        labels = {column["at"]: column["label"] for column in source.account["wide"]}
        positions = piece.counts["source_column"].to_pylist()
        return pa.array([labels.get(at) for at in positions], pa.string()).dictionary_encode()
    constant = (extract.terms.constants or {}).get(dimension)
    if dimension == "platform" and extract.combined_platforms is not None:
        return same(_either(extract.combined_platforms), "varchar", len(piece))
    return same(constant.value, "varchar", len(piece)) if constant is not None else None


def _other(source: Source, piece: _Piece) -> pa.Array:
    """Return the dimensions that have no vocabulary, as `name=text; ...`."""
    names = (*source.extract.dimensions_in_lines, *sorted(source.extract.terms.constants or {}))
    texts = {name.removeprefix(OTHER): _text_of(source, piece, name) for name in names if name.startswith(OTHER)}
    pairs = [joined([same(name, "varchar", len(piece)), text], "=") for name, text in texts.items() if text is not None]
    return joined(pairs, "; ") if pairs else same(None, "varchar", len(piece))


def _present(extract: Extract) -> list[str]:
    """Return the labelled dimensions that the extract has, in its lines or as constants."""
    own = {*extract.dimensions_in_lines, *extract.constant_dimensions}
    return [d for d in LABELLED if d in own]


def _read(dimension: str, labels: Iterable[str], extract: Extract) -> dict[str, vocabulary.AnyReading]:
    """Return the readings of labels of a dimension, as the extract means them."""
    combined = extract.combined_platforms
    if dimension != "platform":
        return vocabulary.read(dimension, labels, extract)
    if combined is not None:
        return {label: _combined(label, combined) for label in labels}
    readings = vocabulary.read(dimension, labels, extract)
    if extract.terms.layout == "counts":
        return {label: _joint(reading) for label, reading in readings.items()}
    return readings


def _either(platforms: Iterable[str]) -> str:
    return " or ".join(platforms)


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


def _bucket_rows(extract: Extract, readings: Mapping[str, vocabulary.AnyReading]) -> list[tuple[Any, ...]]:
    """Return the months and years that each period counts in, as BUCKET_COLUMNS, in order."""
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
    return sorted(rows)


def _label_rows(extract: Extract, met: Mapping[str, _Met]) -> list[tuple[Any, ...]]:
    """Return every label met, as LABEL_COLUMNS: by dimension, the most frequent first."""
    rows = [
        (extract.extract_id, dimension, label, *_said(m.readings[label]), m.n[label], m.first_line[label])
        for dimension, m in met.items()
        for label in m.readings
    ]
    return sorted(rows, key=lambda row: (row[1], -row[-2], row[2]))


def _period_dimensions(name: str) -> tuple[str, ...]:
    return ("month", "year") if name == "period" else (name,)


def read_otherwise(observations: Observations) -> list[dict[str, Any]]:
    """Return the labels of an extract that the tables in force read otherwise than when it was built.

    Each as {extract_id, dimension, label, n, before, after, status_before}; none where the observations would be the
    same.
    """
    found = []
    extract = observations.extract
    with memory() as db:
        met = ask(db, f"from {parquet(observations.labels)} order by dimension, n desc, label")
    for row in met:
        now = _said(_read(row["dimension"], [row["label"]], extract)[row["label"]])
        if now != tuple(row[name] for name in ("code", "level", "status", "rule", "source")):
            before = {"before": row["code"], "status_before": row["status"], "after": now[0]}
            found.append({name: row[name] for name in ("extract_id", "dimension", "label", "n")} | before)
    return found
