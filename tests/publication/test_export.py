"""An export stands alone, keeps row-level values at home, and is noted."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipeline.publication.export import export
from pipeline.publication.release import publish
from pipeline.store.digests import sha256_file
from pipeline.store.handed_out import handed_out, handed_out_path
from tests.disclosures import Raw, counts_table, records_table

RECORDS = "Month,Platform,Reference\nJan-20,TikTok,A1\nFeb-20,Facebok,A2\nnever,TikTok,A3\n"


@pytest.fixture(scope="module")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> Raw:
    raw = Raw.at(tmp_path_factory.mktemp("published"))
    raw.add(
        [records_table({"period": "Month", "platform": "Platform", "reference": "Reference"})],
        {"records.csv": RECORDS},
    )
    table = counts_table({"period": "Year", "count": "N"}, constants={"platform": "TikTok"})
    raw.add([table], {"counts.csv": "Year,N\n2020,25\n2021,30\n"}, reference="TEST/2")
    publish(raw.build())
    return raw


@pytest.fixture
def exported(published_once: Raw, raw: Raw, tmp_path: Path) -> Callable[[bool], Path]:
    published_once.copied(raw)

    def make(local: bool) -> Path:
        target = tmp_path / f"export-{local}.duckdb"
        export(raw.places, target, local)
        return target

    return make


def test_an_export_stands_alone_and_leaves_row_level_values_at_home(exported: Callable[[bool], Path]) -> None:
    with duckdb.connect(str(exported(False)), read_only=True) as db:
        assert db.execute("select rule, value, fields from rejected").fetchall() == [("period", None, None)]
        assert {row[0] for row in db.execute("select value from flagged").fetchall()} == {None}
        assert {row[0] for row in db.execute("select distinct layout from observation").fetchall()} == {"counts"}
        assert db.execute("select count(*) from figure").fetchone() != (0,)
        names = {row[0] for row in db.execute("select table_name from duckdb_tables()").fetchall()}
    assert "store_file" not in names


def test_a_local_export_has_everything(exported: Callable[[bool], Path]) -> None:
    with duckdb.connect(str(exported(True)), read_only=True) as db:
        assert db.execute("select fields from rejected").fetchall() == [(["never", "TikTok", "A3"],)]
        assert db.execute("select count(*) from observation where layout = 'records'").fetchone() == (2,)


def test_a_local_export_is_for_its_owner_alone_and_nothing_is_left_beside_it(
    exported: Callable[[bool], Path], tmp_path: Path
) -> None:
    before = os.umask(0o022)
    try:
        assert [stat.S_IMODE(exported(local).stat().st_mode) for local in (True, False)] == [0o600, 0o644]
    finally:
        os.umask(before)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_an_export_never_overwrites(exported: Callable[[bool], Path]) -> None:
    exported(False)
    with pytest.raises(FileExistsError):
        exported(False)


def test_an_export_is_noted_with_its_digest_and_its_extracts(raw: Raw, exported: Callable[[bool], Path]) -> None:
    first, second = exported(False), exported(True)
    with handed_out_path(raw.places).open("a") as file:
        file.write('{"path": "cut sho')
    noted = handed_out(raw.places)
    assert [(n.path, n.sha256) for n in noted] == [(str(p), sha256_file(p)) for p in (first, second)]
    assert {n.extracts for n in noted} == {("dorset/test-1/records", "dorset/test-2/counts")}


def test_a_refused_export_is_not_noted(raw: Raw, exported: Callable[[bool], Path]) -> None:
    exported(False)
    with pytest.raises(FileExistsError):
        exported(False)
    assert len(handed_out(raw.places)) == 1
