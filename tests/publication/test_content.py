"""The canonical form of a release: as docs/digests.md says it, and the same wherever it is made."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.publication import content
from pipeline.publication.build import Build
from pipeline.publication.content import NoCanonicalForm, content_of_file, root_digest, table_digest, table_lines
from pipeline.store.digests import ROOT
from pipeline.store.releases import ReleaseFile, current_release

PAGE = ROOT / "docs" / "digests.md"


def released(build: Build) -> ReleaseFile:
    release = current_release(build.places)
    assert release is not None
    return release


def lines_of(query: str) -> list[str]:
    with duckdb.connect() as db:
        db.execute(f"create table t as {query}")
        return [line.decode() for line in table_lines(db, "t")]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("null::varchar", "null"),
        ("null::varchar[]", "null"),
        ("true", "true"),
        ("-12::bigint", "-12"),
        ("170141183460469231731687303715884105727::hugeint", "170141183460469231731687303715884105727"),
        ("1.5::decimal(9, 2)", "1.50"),
        ("0.0000001::decimal(9, 7)", "0.0000001"),
        ("25::double", "25.0"),
        ("0.1::double", "0.1"),
        ("'-0.0'::double", "-0.0"),
        ("1e16::double", "1e+16"),
        ("1e-7::double", "1e-07"),
        ("date '2024-04-01'", '"2024-04-01"'),
        ("'Käse “–” \u2028'", '"Käse “–” \u2028"'),
        ("'say \"\\\" ' || chr(10) || chr(9) || chr(1) || chr(127)", '"say \\"\\\\\\" \\n\\t\\u0001\x7f"'),
        ("['b', null, 'a']", '["b",null,"a"]'),
        ("[]::varchar[]", "[]"),
        ("[date '2024-04-01', null]", '["2024-04-01",null]'),
    ],
)
def test_each_kind_of_value_has_the_text_that_the_page_says(value: str, text: str) -> None:
    assert lines_of(f"select {value} as v") == ['["v"]\n', f"[{text}]\n"]


def test_rows_are_in_the_order_of_their_bytes_and_equal_rows_stay() -> None:
    rows = "('é', 1), ('z', 10), ('z', 9), ('𝒜', 0), ('z', 9), (null, 0), ('﷐', 0)"
    assert lines_of(f"from (values {rows}) r(label, n)") == [
        '["label","n"]\n', '["z",10]\n', '["z",9]\n', '["z",9]\n', '["é",1]\n', '["﷐",0]\n', '["𝒜",0]\n', "[null,0]\n",
    ]  # fmt: skip


def test_a_table_without_rows_is_its_names() -> None:
    assert lines_of('select 1 as a, \'x\' as "b ""c" where false') == ['["a","b \\"c"]\n']


@pytest.mark.parametrize("value", ["now()::timestamp", "'x'::blob", "{'a': 1}"])
def test_a_value_without_canonical_form_is_refused_by_name(value: str) -> None:
    with pytest.raises(NoCanonicalForm, match=r"^t\.when_seen: .* has no canonical form"):
        lines_of(f"select {value} as when_seen")


@pytest.mark.parametrize("value", ["'nan'::double", "'inf'::double"])
def test_a_number_that_is_not_finite_is_refused_by_name(value: str) -> None:
    with pytest.raises(ValueError, match=r"^t\.share: a number that is not finite"):
        lines_of(f"select {value} as share")


def as_the_page_says(names: list[str], rows: list[tuple[Any, ...]]) -> list[bytes]:
    """The page once more, row by row."""

    def text(value: object) -> str:
        if isinstance(value, Decimal):
            return format(value, "f")
        if isinstance(value, list):
            return "[" + ",".join(map(text, value)) + "]"
        return json.dumps(value.isoformat() if isinstance(value, date) else value, ensure_ascii=False, allow_nan=False)

    lines = sorted(f"[{','.join(map(text, row))}]\n".encode() for row in rows)
    return [f"[{','.join(map(text, names))}]\n".encode(), *lines]


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=6)
ROWS = st.lists(
    st.tuples(
        st.none() | TEXT,
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.none() | st.booleans(),
        st.none() | st.dates(),
        st.none() | st.decimals(-9999, 9999, places=3),
        st.none() | st.lists(st.none() | TEXT, max_size=3),
    ),
    max_size=12,
)
TYPES = (
    pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.date32(), pa.decimal128(9, 3), pa.list_(pa.string()),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_any_rows_in_any_order_give_what_the_page_says(rows: list[tuple[Any, ...]], shuffled: Any) -> None:
    expected = as_the_page_says([f"c{i}" for i in range(len(TYPES))], rows)
    for in_memory in (content.IN_MEMORY, 3):
        shuffled.shuffle(rows)
        columns = list(zip(*rows, strict=True)) or [()] * len(TYPES)
        arrays = [pa.array(c, kind) for c, kind in zip(columns, TYPES, strict=True)]
        table = pa.table(arrays, names=[f"c{i}" for i in range(len(TYPES))])
        with pytest.MonkeyPatch.context() as patch, duckdb.connect() as db:
            patch.setattr(content, "IN_MEMORY", in_memory)
            db.register("given_rows", table)
            db.execute("create table t as from given_rows")
            assert list(table_lines(db, "t")) == expected


def test_a_long_table_is_put_in_order_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect() as db:
        db.execute("create table t as select (i * 7919) % 10007 as n, 'x' || i as label from range(10000) r(i)")
        whole = table_digest(db, "t")
        monkeypatch.setattr(content, "IN_MEMORY", 2048)
        assert table_digest(db, "t") == whole


def test_the_page_alone_is_enough_to_compute_the_digest(shipped: Build, tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    script = tmp_path / "digest.py"
    script.write_text(code, "utf-8")
    release = released(shipped)
    command = [sys.executable, "-I", str(script), str(release.path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout.strip()
    assert said == content_of_file(release.path).root
    assert release.path.name == f"00001-{said[:12]}.duckdb"


def test_the_root_is_of_every_table_but_those_that_say_how_it_was_built(shipped: Build) -> None:
    release = released(shipped)
    found = content_of_file(release.path)
    with duckdb.connect(str(release.path), read_only=True) as db:
        names = {row[0] for row in db.execute("select table_name from duckdb_tables()").fetchall()}
    assert names - found.tables.keys() == {"release_info", "store_file"}
    assert root_digest(dict(reversed(found.tables.items()))) == found.root


ELSEWHERE = (
    {"threads": "1", "seed": "1", "PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8"},
    {"threads": "2", "seed": "2", "PYTHONHASHSEED": "2", "TZ": "America/St_Johns", "LC_ALL": "C",
     "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
)  # fmt: skip


def digest_with(python: str, warehouse: Path, **said: str) -> dict[str, Any]:
    threads, seed = said.pop("threads", ""), said.pop("seed", "")
    command = [python, "-m", "tests.publication.digest_elsewhere", str(ROOT / "raw"), str(warehouse), threads, seed]
    run = subprocess.run(command, capture_output=True, cwd=ROOT, env=os.environ | said, check=False)
    assert run.returncode == 0, run.stderr.decode()
    found: dict[str, Any] = json.loads(run.stdout)
    return found


@pytest.mark.parametrize("said", ELSEWHERE, ids=["one thread", "two threads"])
def test_threads_order_of_files_locale_time_zone_and_hash_seed_change_no_digest(
    shipped: Build, tmp_path: Path, said: dict[str, str]
) -> None:
    assert digest_with(sys.executable, tmp_path, **said)["tables"] == content_of_file(released(shipped).path).tables
