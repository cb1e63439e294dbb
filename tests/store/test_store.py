"""The ground floor: names, digests, whole files or none, and where built files lie."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.store import digests
from pipeline.store.digests import ROOT, code_digest, digest_of, sha256_file
from pipeline.store.duck import copy_out, insert, memory, opened, parquet, rows, workspace
from pipeline.store.files import read_json, write_json, written
from pipeline.store.naming import slug
from pipeline.store.places import Places


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("01/FIN/24/2153", "01-fin-24-2153"),
        ("  FOI 1306 / 25 ", "foi-1306-25"),
        ("q1 (final)_v2", "q1-final-v2"),
        ("£%x", "x"),
    ],
)
def test_a_slug_is_lower_case_with_each_run_of_other_characters_as_one_hyphen(name: str, expected: str) -> None:
    assert slug(name) == expected


@given(st.text())
def test_a_slug_of_a_slug_is_itself_and_nothing_makes_no_slug(text: str) -> None:
    try:
        once = slug(text)
    except ValueError as error:
        assert "no letter or digit" in str(error)
    else:
        assert slug(once) == once
        assert set(once) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_equal_values_have_equal_digests_whatever_the_order_of_their_keys() -> None:
    assert digest_of({"a": 1, "b": [1, 2]}) == digest_of({"b": [1, 2], "a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": "1"})
    assert digest_of([1, 2]) != digest_of([2, 1])
    with pytest.raises(ValueError, match="JSON"):
        digest_of(float("nan"))


def test_the_digest_of_a_file_is_of_its_bytes_alone(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / "b.csv").write_bytes(b"abc")
    assert sha256_file(tmp_path / "a") == sha256_file(tmp_path / "b.csv")
    assert sha256_file(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_the_digest_of_code_changes_with_code_and_with_reference_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "ROOT", tmp_path)
    (tmp_path / "room").mkdir()

    def after_writing(name: str, text: str) -> str:
        (tmp_path / "room" / name).write_text(text, "utf-8")
        code_digest.cache_clear()
        return code_digest("room")

    try:
        first = after_writing("a.py", "x = 1")
        assert after_writing("notes.txt", "no code") == first
        assert after_writing("a.py", "x = 1") == first
        changed = [after_writing("a.py", "x = 2"), after_writing("labels.csv", "label,code")]
        assert len({first, *changed}) == 3
        with pytest.raises(ValueError, match="no code below"):
            code_digest("nowhere")
    finally:
        code_digest.cache_clear()


def test_the_code_of_a_stage_is_named_by_places_that_exist() -> None:
    assert len(code_digest("pipeline/intake", "pipeline/store/files.py")) == 64
    assert code_digest("pipeline/intake") != code_digest("pipeline/store")


def test_a_block_that_fails_leaves_nothing_and_the_old_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file.json"

    def fail() -> None:
        with written(path) as temporary:
            temporary.write_text("half", "utf-8")
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        fail()
    assert list(path.parent.iterdir()) == []
    write_json(path, {"b": 1, "a": "£"})
    with pytest.raises(RuntimeError):
        fail()
    assert read_json(path) == {"a": "£", "b": 1}
    assert list(path.parent.iterdir()) == [path]


def test_no_reader_sees_a_file_before_it_is_whole_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    with written(path) as temporary:
        temporary.write_bytes(b"half")
        assert not path.exists()
        assert temporary.parent == path.parent
    assert path.read_bytes() == b"half"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_places_are_those_given_then_those_of_the_environment_then_the_projects_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Places.of() == Places(ROOT / "raw", ROOT / "warehouse")
    monkeypatch.setenv("FOI_RAW", str(tmp_path / "r"))
    monkeypatch.setenv("FOI_WAREHOUSE", str(tmp_path / "w"))
    assert Places.of() == Places(tmp_path / "r", tmp_path / "w")
    assert Places.of(tmp_path / "x").raw == tmp_path / "x"


def test_a_store_path_is_a_pure_function_of_layer_name_and_digest(tmp_path: Path) -> None:
    places = Places.of(tmp_path / "raw", tmp_path / "w")
    path = places.store("source", "dorset/x/q1#2-9", "a" * 64)
    assert path == places.store("source", "dorset/x/q1#2-9", "a" * 64)
    assert path != places.store("source", "dorset/x/q1#2-8", "a" * 64)
    assert places.relative(path) == f"store/source/dorset/x/q1@2-9/{'a' * 32}.parquet"
    assert places.shown(tmp_path / "raw" / "dorset" / "x.csv") == "raw/dorset/x.csv"
    assert places.shown(Path("/elsewhere/x.csv")) == "/elsewhere/x.csv"


def test_what_one_connection_makes_no_other_sees() -> None:
    with memory() as one, memory() as other:
        one.execute("create temp table t (x integer)")
        assert other.execute("select count(*) from duckdb_tables() where table_name = 't'").fetchone() == (0,)
    assert workspace().execute("select 1").fetchone() == (1,)


def test_rows_go_into_a_table_and_out_to_parquet_in_order(tmp_path: Path) -> None:
    path = tmp_path / "it's.parquet"
    with memory() as db:
        db.execute("create temp table t (n bigint, words varchar[], text varchar)")
        insert(db, "t", [])
        insert(db, "t", [(2, ["a", "b"], None), (1, [], "1E5")])
        copy_out(db, "from t order by n", path)
        assert rows(db.execute(f"from {parquet(path)}")) == [
            {"n": 1, "words": [], "text": "1E5"},
            {"n": 2, "words": ["a", "b"], "text": None},
        ]


def test_a_release_is_opened_for_reading_only(tmp_path: Path) -> None:
    import duckdb

    path = tmp_path / "r.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute("create table t as select 1 as x")
    with opened(path) as db:
        assert db.execute("from t").fetchall() == [(1,)]
        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            db.execute("insert into t values (2)")
