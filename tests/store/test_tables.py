"""Store files: what is written comes back, piece by piece, whatever the texts are; a broken write leaves nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.store.duck import parquet
from pipeline.store.tables import chosen, joined, numbers, pieces, row_count, same, table_file, values_in, where

COLUMNS = {"no": "bigint", "n": "integer", "text": "varchar", "day": "date", "flag": "boolean", "texts": "varchar[]"}
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
rows = st.lists(
    st.tuples(
        st.integers(0, 2**40),
        st.integers(-(2**31), 2**31 - 1),
        st.none() | texts,
        st.none() | st.dates(),
        st.booleans(),
        st.lists(texts, max_size=3),
    ),
    max_size=6,
)


@given(st.lists(rows, max_size=4))
def test_what_is_written_in_pieces_is_read_back_in_the_same_pieces(
    tmp_path_factory: pytest.TempPathFactory, written: list[list[tuple[Any, ...]]]
) -> None:
    path = tmp_path_factory.mktemp("tables") / "t.parquet"
    with table_file(path, COLUMNS) as file:
        for piece in written:
            file.write_rows(piece)
    assert file.rows == row_count(path) == sum(map(len, written))
    found = [list(zip(*(c.to_pylist() for c in batch.columns), strict=True)) for batch in pieces(path)]
    assert found == written
    assert duckdb.sql(f"from {parquet(path)}").fetchall() == [row for piece in written for row in piece]


def test_a_query_sees_the_declared_types(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    with table_file(path, COLUMNS) as file:
        file.write_rows([(1, 2, "a", date(2024, 1, 1), True, ["b"])])
    relation = duckdb.sql(f"from {parquet(path)}")
    assert dict(zip(relation.columns, map(str.lower, map(str, relation.types)), strict=True)) == COLUMNS


def test_a_write_that_fails_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(pa.ArrowInvalid), table_file(tmp_path / "t.parquet", COLUMNS) as file:
        file.write_rows([("no number", 2, "a", None, True, [])])
    assert list(tmp_path.iterdir()) == []


def test_several_files_are_read_one_after_the_other(tmp_path: Path) -> None:
    paths = [tmp_path / "it's b.parquet", tmp_path / "a.parquet"]
    for no, path in enumerate(paths):
        with table_file(path, {"no": "bigint"}) as file:
            file.write({"no": [no]})
    assert duckdb.sql(f"from {parquet(*paths)}").fetchall() == [(0,), (1,)]


encoded = st.lists(st.none() | st.sampled_from(["a", "b", ""])).map(
    lambda values: pa.array(values, pa.string()).dictionary_encode()
)


@given(encoded)
def test_a_test_of_values_finds_their_rows_and_never_a_null(column: pa.DictionaryArray) -> None:
    values = column.to_pylist()
    assert where(column, lambda v: v != "a").tolist() == [v is not None and v != "a" for v in values]
    assert [None if at < 0 else column.dictionary[at].as_py() for at in numbers(column)] == values


@given(encoded, st.data())
def test_the_values_of_some_rows_are_each_told_once(column: pa.DictionaryArray, data: st.DataObject) -> None:
    rows = np.array(data.draw(st.lists(st.booleans(), min_size=len(column), max_size=len(column))), bool)
    found = values_in(column, rows)
    assert len(found) == len(set(found))
    assert set(found) == {v for v, row in zip(column.to_pylist(), rows, strict=True) if row and v is not None}


@pytest.mark.parametrize("kind", ["varchar", "bigint", "date", "varchar[]"])
def test_a_chosen_value_stands_where_its_number_does(kind: str) -> None:
    values: dict[str, list[Any]] = {
        "varchar": ["x", "y", "x", None],
        "bigint": [1, 2, 1, None],
        "date": [date(2024, 1, 1), date(2025, 1, 1), date(2024, 1, 1), None],
        "varchar[]": [["x"], [], ["x"], None],
    }
    indices = [3, 0, None, 2, 1, 0]
    column = chosen(values[kind], kind, pa.array(indices, pa.int32()))
    assert column.to_pylist() == [None if at is None else values[kind][at] for at in indices]
    if isinstance(column, pa.DictionaryArray):
        dictionary = column.dictionary.to_pylist()
        assert len(dictionary) == len(set(dictionary)), "a code stands once in a dictionary"


def test_the_same_value_stands_in_every_row() -> None:
    assert same("a", "varchar", 3).to_pylist() == ["a", "a", "a"]
    assert same(None, "integer", 2).to_pylist() == [None, None]
    assert same(["a"], "varchar[]", 0).to_pylist() == []


def test_texts_are_joined_without_those_that_are_missing() -> None:
    left = pa.array(["a", None, "c"]).dictionary_encode()
    assert joined([left, pa.array(["x", "y", None])], "; ").to_pylist() == ["a; x", "y", "c"]


def test_text_is_plain_to_other_readers(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    with table_file(path, {"text": "varchar"}) as file:
        file.write({"text": ["a", "a"]})
    assert pq.read_table(path).column("text").type == pa.string()
