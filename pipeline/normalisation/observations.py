"""The observations layer: one observation for each count read, as a star.

A file keeps what differs from line to line and stands nowhere else: for tables of counts what each cell says. The
observations of records are their source records and are not written again. What all lines of an extract share, and
what follows from a label, stands once in its facts. relation.py puts them together again.

Work is done on the distinct labels of dictionary-encoded columns.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.intake.manifest import OTHER, Extract
from pipeline.intake.source import Source
from pipeline.normalisation.columns import (
    BUCKET_COLUMNS,
    LABEL_COLUMNS,
    LABELLED,
    ROW_COLUMNS,
)
from pipeline.normalisation.meaning import (
    bucket_rows,
    codes_of,
    dimensions_with,
    listed,
    own_dimensions,
    read_labels,
    said_label,
    uncertain_dimensions,
)
from pipeline.normalisation.rows import Met, MetLabels, other_dimensions, see_records, write_rows
from pipeline.normalisation.vocabulary import AnyReading
from pipeline.store.digests import code_digest, digest_of
from pipeline.store.duck import ask, memory, parquet
from pipeline.store.files import read_json, write_json
from pipeline.store.places import Places
from pipeline.store.tables import table_file

CODE = ("pipeline/normalisation", "pipeline/store")


@dataclass(frozen=True)
class Observations:
    """The observations of one extract, as store files.

    `path` has the facts, as `_facts` describes them; the relation `observation` is made from it. `rows` is there for
    tables of counts and has ROW_COLUMNS; for records it has the numbers of those that are no observations, and is None
    where all are. `buckets` (extract_id, period, kind, year_basis, code, bucket_start, bucket_end, part):
    the months and years each period counts in. `labels` (extract_id, dimension, label, code, level, status, rule,
    source, n, first_line): every label met, with how often and where first. `count` is how many observations.
    """

    extract: Extract
    path: Path
    rows: Path | None
    buckets: Path
    labels: Path
    count: int

    @property
    def digest(self) -> str:
        """The digest of everything these files were built from."""
        return self.path.stem

    @property
    def files(self) -> tuple[tuple[str, Path], ...]:
        """Every file of the layer, as releases list them: (layer, path)."""
        rows = () if self.rows is None else (("rows", self.rows),)
        return (("observations", self.path), *rows, ("buckets", self.buckets), ("labels", self.labels))


def ensure_observations(places: Places, source: Source, accepted: Path, cells: Path) -> Observations:
    """Return the observations of an extract, building them only if that was not done before.

    `accepted` (record_no, kind) and `cells` are the gate's store files; both names are digests of their content's
    origin, so the observations' own digest follows from them.
    """
    extract = source.extract
    digest = digest_of({"accepted": accepted.stem, "cells": cells.stem, "code": code_digest(*CODE)})
    path, own, buckets, labels = (
        places.store("observations", extract.extract_id, digest, suffix)
        for suffix in (".json", ".parquet", ".buckets.parquet", ".labels.parquet")
    )
    facts = read_json(path) if path.exists() and buckets.exists() and labels.exists() else None
    if facts is None or (_has_rows(facts) and not own.exists()):
        met = Met({dimension: MetLabels() for dimension in _present(extract)})
        if _in_source(extract):
            left_out = see_records(source, accepted, met, own)
        else:
            left_out = 0
            with table_file(own, ROW_COLUMNS) as file:
                write_rows(source, accepted, cells, met, file)
        with table_file(labels, LABEL_COLUMNS) as file:
            file.write_rows(_label_rows(extract, met))
        with table_file(buckets, BUCKET_COLUMNS) as file:
            file.write_rows(bucket_rows(extract, met.labels["period"].readings if "period" in met.labels else {}))
        facts = _facts(source, met, left_out, path)
        write_json(path, facts)
    rows = own if _has_rows(facts) else None
    return Observations(extract, path, rows, buckets, labels, facts["n"])


def _has_rows(facts: dict[str, Any]) -> bool:
    """Return True where a file of rows belongs to the facts."""
    return bool(facts["rows"] == "own" or facts["left_out"])


def _present(extract: Extract) -> list[str]:
    """Return the labelled dimensions that the extract has, in its lines or as constants."""
    own = {*extract.dimensions_in_lines, *extract.constant_dimensions}
    return [d for d in LABELLED if d in own]


def _in_source(extract: Extract) -> bool:
    """Return True where what differs from line to line stands in the source records."""
    return extract.terms.layout == "records" and not extract.platforms_in_text


def _facts(source: Source, met: Met, left_out: int, path: Path) -> dict[str, Any]:
    """Return what is the same for all observations of an extract and what follows from their labels, as plain JSON.

    `rows`: own or source, where the rows are; `source`: the source records, as seen from `path`; `n`: how many
    observations; `left_out`: how many source records are none; `shared`: the columns that all share; `own`: the
    dimensions of each but those of its period; `fields`: in the source records the column of each label, of the
    reference and of other dimensions; `other`: those with what all lines share of them; `labels`: for each dimension
    the label that all share (`said`), and `codes` {label: its columns of MAPPED, and for a period the dimensions}.
    """
    extract = source.extract
    in_source = _in_source(extract)
    columns = source.account["columns"]
    return {
        "rows": "source" if in_source else "own",
        "source": Path(os.path.relpath(source.path, path.parent)).as_posix(),
        "n": met.observations,
        "left_out": left_out,
        "shared": {
            "extract_id": extract.extract_id,
            "disclosure": extract.disclosure.name,
            "table_id": extract.table.id,
            "layout": extract.terms.layout,
            "unit": extract.unit,
            "date_basis": extract.terms.date_basis,
            "synthetic": extract.synthetic,
            "constants": [name for name in extract.constant_dimensions if name != "period"],
            "uncertain": uncertain_dimensions(extract),
        },
        "own": own_dimensions(extract),
        "fields": {name: f"f{at}" for name, at in sorted(columns.items())} if in_source else {},
        "other": [[name.removeprefix(OTHER), said] for name, said in other_dimensions(extract)] if in_source else [],
        "labels": {
            dimension: {
                "said": said_label(extract, dimension),
                "codes": {
                    label: _codes(extract, dimension, reading) for label, reading in sorted(labels.readings.items())
                },
            }
            for dimension, labels in met.labels.items()
        },
    }


def _codes(extract: Extract, dimension: str, reading: AnyReading) -> list[Any]:
    codes = codes_of(reading)
    values = [str(code) if isinstance(code, date) else code for code in codes]
    return [*values, dimensions_with(extract, codes[-1])] if dimension == "period" else values


def _label_rows(extract: Extract, met: Met) -> list[tuple[Any, ...]]:
    """Return every label met, as LABEL_COLUMNS: by dimension, the most frequent first."""
    rows = [
        (extract.extract_id, dimension, label, *listed(reading), labels.n[label], labels.first_line[label])
        for dimension, labels in met.labels.items()
        for label, reading in labels.readings.items()
    ]
    return sorted(rows, key=lambda row: (row[1], -row[-2], row[2]))


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
        now = listed(read_labels(row["dimension"], [row["label"]], extract)[row["label"]])
        if now != tuple(row[name] for name in ("code", "level", "status", "rule", "source")):
            before = {"before": row["code"], "status_before": row["status"], "after": now[0]}
            found.append({name: row[name] for name in ("extract_id", "dimension", "label", "n")} | before)
    return found
