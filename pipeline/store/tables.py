"""Store files: Parquet tables with declared columns, written and read in pieces of bounded size.

Columns are declared once, by SQL type, since most readers of a store file are queries. Text columns are
dictionary-encoded: work is done on the few distinct values, and rows only carry their numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.store.files import written

_TEXT = pa.string()
_ENCODED = pa.dictionary(pa.int32(), _TEXT)
_TYPES = {
    "varchar": _TEXT,
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "varchar[]": pa.list_(_TEXT),
}

RISING = ("record_no", "line_no")
"""Columns of numbers that only rise in a file, and by which rows are looked up."""

Columns = Mapping[str, str]
"""Column names with their SQL types."""

Mask = np.ndarray[Any, np.dtype[np.bool_]]
"""One truth value a row."""

T = TypeVar("T")


@dataclass
class TableFile:
    """A store file being written. `rows` is how many it has so far."""

    columns: Columns
    writer: pq.ParquetWriter
    rows: int = 0

    def write(self, values: Mapping[str, Any]) -> None:
        """Add one piece, a row group of its own: an Arrow array or a list for each declared column."""
        arrays = [_encoded(values[name], _TYPES[kind]) for name, kind in self.columns.items()]
        table = pa.Table.from_arrays(arrays, schema=self.writer.schema)
        self.writer.write_table(table)
        self.rows += table.num_rows

    def write_rows(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add one piece given as rows by position."""
        by_column = zip(*rows, strict=True) if rows else [()] * len(self.columns)
        self.write(dict(zip(self.columns, by_column, strict=True)))


@contextmanager
def table_file(path: Path, columns: Columns) -> Iterator[TableFile]:
    """Yield a store file to write pieces to; it is there as a whole when the block ends well, else not at all."""
    with _writer(path, columns, _schema(tuple(columns.items()))) as writer:
        yield TableFile(columns, writer)


@contextmanager
def text_file(path: Path, columns: Columns) -> Iterator[pq.ParquetWriter]:
    """Yield the writer of a store file whose text columns come as plain text; each table written is a piece.

    The file is there as a whole, or not at all.
    """
    with _writer(path, columns, pa.schema([(name, _TYPES[kind]) for name, kind in columns.items()])) as writer:
        yield writer


@contextmanager
def _writer(path: Path, columns: Columns, schema: pa.Schema) -> Iterator[pq.ParquetWriter]:
    """Yield the writer of a store file: numbers that only rise are kept as differences, all else by dictionary."""
    rising = [name for name in RISING if name in columns]
    lists = [f"{name}.list.element" for name, kind in columns.items() if kind.endswith("[]")]
    with (
        written(path) as temporary,
        pq.ParquetWriter(
            temporary,
            schema,
            compression="zstd",
            store_schema=False,
            use_dictionary=[*(name for name in columns if name not in rising), *lists],
            column_encoding=dict.fromkeys(rising, "DELTA_BINARY_PACKED"),
            # a column of values that hardly repeat is soon known as one; only numbers are looked up by range
            dictionary_pagesize_limit=1 << 18,
            write_statistics=rising,
        ) as writer,
    ):
        yield writer


def ahead(items: Iterator[T]) -> Iterator[T]:
    """Yield items in order, each made in a thread of its own while the caller works at the one before.

    What making one raises is raised here.
    """
    with ThreadPoolExecutor(1) as pool:
        upcoming = pool.submit(next, items, None)
        while (item := upcoming.result()) is not None:
            upcoming = pool.submit(next, items, None)
            yield item


def pieces(path: Path) -> Iterator[pa.RecordBatch]:
    """Yield a store file piece by piece, as it was written, text columns dictionary-encoded."""
    text = [field.name for field in pq.read_schema(path) if field.type == _TEXT]
    with pq.ParquetFile(path, read_dictionary=text) as file:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group).unify_dictionaries()
            yield pa.RecordBatch.from_arrays([c.combine_chunks() for c in table.columns], names=table.column_names)


def row_count(path: Path) -> int:
    """Return how many rows a store file has."""
    rows: int = pq.read_metadata(path).num_rows
    return rows


def numbers(column: pa.DictionaryArray) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Return, for each row of a text column, the place of its value in the column's dictionary, or -1 for null."""
    places: np.ndarray[Any, np.dtype[np.int32]] = column.indices.fill_null(-1).to_numpy()
    return places


def where(column: pa.DictionaryArray, holds: Callable[[str], bool]) -> Mask:
    """Return the rows of a text column whose value passes a test, asked once for each value. Null passes none."""
    passed = [holds(value) for value in column.dictionary.to_pylist()]
    rows: Mask = np.array([*passed, False])[numbers(column)]
    return rows


def values_in(column: pa.DictionaryArray, rows: Mask) -> list[str]:
    """Return the distinct values that a text column has in the rows given, nulls left out."""
    found = np.unique(numbers(column)[rows])
    values: list[str] = column.dictionary.take(pa.array(found[found >= 0])).to_pylist()
    return values


def same(value: Any, kind: str, length: int) -> pa.Array:
    """Return a column that has the same value, or null, in every row."""
    return chosen([value], kind, pa.array(np.zeros(length, np.int32)))


def chosen(values: Iterable[Any], kind: str, indices: pa.Array) -> pa.Array:
    """Return a column of SQL type `kind` that has, in each row, the value with that row's number, or null."""
    of_type = pa.array(list(values), _TYPES[kind])
    if of_type.type != _TEXT:
        return of_type.take(indices)
    encoded = of_type.dictionary_encode()  # several labels may have one code: a dictionary says each value once
    return pa.DictionaryArray.from_arrays(encoded.indices.take(indices), encoded.dictionary)


def joined(parts: Sequence[pa.Array], separator: str) -> pa.Array:
    """Return a text column that has the texts of several, with a separator between; nulls are left out."""
    texts = [part.dictionary_decode() if isinstance(part, pa.DictionaryArray) else part for part in parts]
    return pc.binary_join_element_wise(*texts, separator, null_handling="skip")


@cache
def _schema(columns: tuple[tuple[str, str], ...]) -> pa.Schema:
    types = {name: _TYPES[kind] for name, kind in columns}
    return pa.schema([(name, _ENCODED if kind == _TEXT else kind) for name, kind in types.items()])


def _encoded(values: Any, kind: pa.DataType) -> pa.Array:
    array = values if isinstance(values, pa.Array) else pa.array(values, kind)
    if kind == _TEXT and not isinstance(array, pa.DictionaryArray):
        return array.dictionary_encode()
    return array
