"""What differs from line to line in an extract: its labels are counted, and written where they stand nowhere else.

Records are their source records. Written are the counts of tables of counts, and of records whose platforms are those
that a free text names: there the label is not what stands in the field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.intake.manifest import MENTIONS, OTHER, Extract
from pipeline.intake.source import Source
from pipeline.normalisation.columns import COUNT_COLUMNS, LABELLED, LEFT_OUT_COLUMNS, RECORD
from pipeline.normalisation.free_text import label_of
from pipeline.normalisation.meaning import read_labels, said_label
from pipeline.normalisation.vocabulary import AnyReading
from pipeline.store.tables import Mask, TableFile, ahead, chosen, joined, numbers, pieces, same, table_file, where

_COUNTED = frozenset({"data", "total", "unknown"})
_RENAMED = {"cell_class": "kind", "rule": "count_rule"}


@dataclass
class MetLabels:
    """The labels of one dimension met so far: how each was read, how often it stands, and on which line first."""

    readings: dict[str, AnyReading] = field(default_factory=dict)
    n: Counter[str] = field(default_factory=Counter)
    first_line: dict[str, int] = field(default_factory=dict)

    def count(self, labels: pa.DictionaryArray, line_nos: pa.Array, rows: Mask | None) -> None:
        """Count the labels of some rows of a column, None = of all.

        Lines come in order, so that a label's first one is where it is met first.
        """
        places = numbers(labels)
        chosen = places >= 0 if rows is None else rows & (places >= 0)
        found = places if chosen.all() else places[chosen]
        dictionary = labels.dictionary.to_pylist()
        n = np.bincount(found)
        known = {dictionary[place]: place for place in np.flatnonzero(n)}
        for label, place in known.items():
            self.n[label] += int(n[place])
            if label not in self.first_line:
                at = np.argmax(chosen & (places == place))
                self.first_line[label] = line_nos[at].as_py()


@dataclass
class Met:
    """What was met of an extract: the labels of each dimension, all observations and those that are no totals."""

    labels: dict[str, MetLabels]
    observations: int = 0

    def shared(self, extract: Extract, dimension: str, n: int, first_line: int) -> None:
        """Count the label that all lines share for `n` observations, the first of them on `first_line`.

        Where lines say it themselves there is none.
        """
        label = said_label(extract, dimension)
        if label is not None:
            self.labels[dimension].n[label] += n
            self.labels[dimension].first_line.setdefault(label, first_line)

    def read(self, extract: Extract) -> None:
        """Read every label met."""
        for dimension, labels in self.labels.items():
            labels.readings = read_labels(dimension, labels.n, extract)


def see_records(source: Source, accepted: Path, met: Met, left_out: Path) -> int:
    """Count the labels of the records that are accepted as data; write the numbers of the others, and say how many.

    Where all are accepted nothing is written.
    """
    columns = source.account["columns"]
    fields = {dimension: f"f{columns[dimension]}" for dimension in met.labels if dimension in columns}
    missing: list[np.ndarray[Any, np.dtype[np.int64]]] = []
    batches = _columns(source.path, ["record_no", "line_no", *fields.values()])
    for batch, verdict in ahead(zip(batches, _columns(accepted, ["record_no", "kind"]), strict=True)):
        data = where(verdict.column("kind"), "data".__eq__)
        rows = None
        if not (data.all() and len(verdict) == len(batch)):
            record_nos = batch.column("record_no").to_numpy()
            rows = np.isin(record_nos, verdict.column("record_no").to_numpy()[data])
            missing.append(record_nos[~rows])
        n = len(batch) if rows is None else int(rows.sum())
        met.observations += n
        for dimension, name in fields.items():
            met.labels[dimension].count(batch.column(name), batch.column("line_no"), rows)
        if n:
            first_line = batch.column("line_no")[0 if rows is None else rows.argmax()].as_py()
            for dimension in met.labels:
                met.shared(source.extract, dimension, n, first_line)
    met.read(source.extract)
    if missing:
        with table_file(left_out, LEFT_OUT_COLUMNS) as file:
            for numbers_left_out in missing:
                extract_id = same(source.extract.extract_id, "varchar", len(numbers_left_out))
                file.write({"extract_id": extract_id, "record_no": pa.array(numbers_left_out)})
    return sum(map(len, missing))


def _columns(path: Path, names: list[str]) -> Iterator[pa.RecordBatch]:
    """Yield some columns of a store file, piece by piece as it was written, text dictionary-encoded."""
    with pq.ParquetFile(path, read_dictionary=names) as file:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=names)
            yield pa.RecordBatch.from_arrays([c.combine_chunks() for c in table.columns], names=table.column_names)


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


def write_rows(source: Source, accepted: Path, cells: Path, met: Met, file: TableFile) -> None:
    """Write the rows of an extract as ROW_COLUMNS, a count each, in order of record, column and part."""
    of_records = source.extract.terms.layout == "records"
    found = _records(source, accepted) if of_records else _counts(source, cells)
    for values in ahead(_row_values(source, piece, met) for piece in found):
        file.write(values)
    met.observations = file.rows
    met.read(source.extract)


def _counts(source: Source, cells: Path) -> Iterator[_Piece]:
    for batch, cell in zip(source.batches(), pieces(cells), strict=True):
        counted = cell.filter(pa.array(where(cell.column("cell_class"), _COUNTED.__contains__)))
        counts = {_RENAMED.get(name, name): counted.column(name) for name in counted.schema.names}
        yield _Piece(counts, batch.take(_places(counted, batch)))


def _records(source: Source, accepted: Path) -> Iterator[_Piece]:
    for batch, verdict in zip(source.batches(), pieces(accepted), strict=True):
        fields = batch.take(_places(verdict.filter(pa.array(where(verdict.column("kind"), "data".__eq__))), batch))
        counts = {name: same(value, COUNT_COLUMNS[name], len(fields)) for name, value in RECORD.items()}
        yield _Piece(counts | {name: fields.column(name) for name in ("record_no", "line_no", "lines")}, fields)


def _places(numbered: pa.RecordBatch, batch: pa.RecordBatch) -> pa.Array:
    """Return the rows of `batch` that have the record numbers of `numbered`; both are in order of record."""
    return pa.array(np.searchsorted(batch.column("record_no").to_numpy(), numbered.column("record_no").to_numpy()))


def _row_values(source: Source, piece: _Piece, met: Met) -> dict[str, pa.Array]:
    """Return the counts of a piece as ROW_COLUMNS; what labels it has is counted in `met`."""
    columns = source.account["columns"]
    values = {name: piece.counts[name] for name in COUNT_COLUMNS}
    values["platform_spans"] = same(None, "varchar[]", len(piece))
    line_nos = values["line_no"]
    for dimension in LABELLED:
        labels = _text_in_lines(source, piece, dimension)
        if dimension == "platform" and MENTIONS in columns:
            labels, values["platform_spans"] = _named(piece.fields.column(f"f{columns[MENTIONS]}"))
        if labels is not None:
            met.labels[dimension].count(labels, line_nos, piece.data)
        elif piece.data.any():
            first_line = line_nos[np.argmax(piece.data)].as_py()
            met.shared(source.extract, dimension, int(piece.data.sum()), first_line)
        values[f"{dimension}_label"] = same(None, "varchar", len(piece)) if labels is None else labels
    values["other"] = _other(source, piece)
    at = columns.get("reference")
    values["reference"] = piece.fields.column(f"f{at}") if at else same(None, "varchar", len(piece))
    return values


def _named(texts: pa.DictionaryArray) -> tuple[pa.DictionaryArray, pa.Array]:
    """Return the labels of free texts, and where their parts stand in them."""
    found = [label_of(text) for text in texts.dictionary.to_pylist()]
    return (
        chosen([label for label, _ in found], "varchar", texts.indices),
        chosen([spans for _, spans in found], "varchar[]", texts.indices),
    )


def _text_in_lines(source: Source, piece: _Piece, dimension: str) -> pa.DictionaryArray | None:
    """Return the text that each count has for a dimension, from its line or its column; None where neither says it."""
    extract, columns = source.extract, source.account["columns"]
    if dimension in columns:
        return piece.fields.column(f"f{columns[dimension]}")
    if extract.terms.wide and extract.terms.wide.dimension == dimension:
        labels = {column["at"]: column["label"] for column in source.account["wide"]}
        positions = piece.counts["source_column"].to_pylist()
        return pa.array([labels.get(at) for at in positions], pa.string()).dictionary_encode()
    return None


def _other(source: Source, piece: _Piece) -> pa.Array:
    """Return the dimensions that have no vocabulary, as `name=text; ...`."""
    pairs = []
    for name, said in other_dimensions(source.extract):
        text = _text_in_lines(source, piece, name) if said is None else same(said, "varchar", len(piece))
        pairs.append(joined([same(name.removeprefix(OTHER), "varchar", len(piece)), text], "="))
    return joined(pairs, "; ") if pairs else same(None, "varchar", len(piece))


def other_dimensions(extract: Extract) -> list[tuple[str, str | None]]:
    """Return the dimensions that have no vocabulary, those in lines first, each with what all lines share of it."""
    names = (*extract.dimensions_in_lines, *sorted(extract.terms.constants or {}))
    return [(name, said_label(extract, name)) for name in names if name.startswith(OTHER)]
