"""What a release contains, its name and its line in the log have one digest; what was changed is named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from pipeline.publication.content import content_of_file, verify_releases, verify_store
from pipeline.publication.release import publish
from pipeline.store.release_log import verify_log
from pipeline.store.releases import ReleaseFile, current_release, head_path, release_path
from tests.disclosures import Raw, counts_table


@pytest.fixture(scope="module")
def published_twice(tmp_path_factory: pytest.TempPathFactory) -> Raw:
    raw = Raw.at(tmp_path_factory.mktemp("twice"))
    for count in (25, 26):
        table = counts_table({"period": "Year", "count": "N"}, constants={"platform": "TikTok"})
        raw.add([table], {"counts.csv": f"Year,N\n2020,{count}\n"})
        publish(raw.build())
    return raw


@pytest.fixture
def release(published_twice: Raw, raw: Raw) -> ReleaseFile:
    found = current_release(published_twice.copied(raw).places)
    assert found is not None
    return found


def said(raw: Raw) -> list[str]:
    return [f"{f.file}: {f.found}" for f in verify_releases(raw.places)]


def test_untouched_releases_hold(raw: Raw, release: ReleaseFile) -> None:
    assert verify_releases(raw.places) == []
    assert verify_store(raw.places, release) == []
    assert content_of_file(release.path).root[:12] == release.digest


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("update platform_year set value = 27", "platform_year"),
        ("delete from ledger", "ledger"),
        ("insert into caveat values ('x', 'y', 'z', 'w')", "caveat"),
        ("drop table refused", "refused"),
        ("create table extra as select 1 as n", "extra"),
        ("alter table answer rename question to asked", "answer"),
        ("update store_file set sha256 = ''", "store_file"),
    ],
)
def test_a_changed_table_is_named(raw: Raw, release: ReleaseFile, statement: str, table: str) -> None:
    with duckdb.connect(str(release.path)) as db:
        db.execute(statement)
    assert f"{release.path.name}: other content in table {table}" in said(raw)


def test_another_release_under_its_name_is_found(raw: Raw, release: ReleaseFile) -> None:
    first = next(iter(sorted(raw.places.releases.glob("00001-*"))))
    shutil.copyfile(first, release.path)
    assert f"{release.path.name}: other content in table platform_year" in said(raw)


def test_a_release_and_its_name_changed_together_do_not_fit_the_log(raw: Raw, release: ReleaseFile) -> None:
    with duckdb.connect(str(release.path)) as db:
        db.execute("update platform_year set value = 27")
    renamed = release_path(raw.places, release.number, content_of_file(release.path).root)
    release.path.rename(renamed)
    assert any(f"{renamed.name}: content of digest" in words for words in said(raw))
    assert any(renamed.name in str(finding) for finding in verify_log(raw.places))


def test_a_file_that_is_no_release_any_more_is_named(raw: Raw, release: ReleaseFile) -> None:
    release.path.write_bytes(b"nothing")
    assert any("a file that cannot be read" in words for words in said(raw))


def test_a_last_line_edited_with_its_head_does_not_fit_the_release(raw: Raw, release: ReleaseFile) -> None:
    *before, last = raw.places.release_log.read_text("ascii").splitlines()
    edited = json.dumps(json.loads(last) | {"commit": "0" * 40}, sort_keys=True)
    raw.places.release_log.write_text("\n".join([*before, edited]) + "\n", "ascii")
    head_path(raw.places).unlink()
    assert "releases.jsonl: another commit than 00002" in " ".join(said(raw))


def test_only_the_releases_asked_for_are_looked_at(raw: Raw, release: ReleaseFile) -> None:
    release.path.write_bytes(b"nothing")
    assert verify_releases(raw.places, {1}) == []


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("layer", ["source", "observations", "figures", "validated"])
def test_a_flipped_byte_in_a_store_file_is_found_and_a_lost_file_too(
    raw: Raw, release: ReleaseFile, layer: str
) -> None:
    with duckdb.connect(str(release.path), read_only=True) as db:
        query = "select path from store_file where layer = ? order by path"
        places = [row[0] for row in db.execute(query, [layer]).fetchall()]
    flipped(raw.places.warehouse / places[0])
    assert [(f.file, f.found) for f in verify_store(raw.places, release)] == [(places[0], "other bytes")]
    (raw.places.warehouse / places[0]).unlink()
    assert [(f.file, f.found) for f in verify_store(raw.places, release)] == [(places[0], "no file")]


def test_a_store_file_written_to_after_publication_keeps_its_first_digest_or_is_hashed_anew(raw: Raw) -> None:
    table = counts_table({"period": "Year", "count": "N"}, constants={"platform": "TikTok"})
    raw.add([table], {"counts.csv": "Year,N\n2020,1\n"}, reference="TEST/1")
    first = publish(raw.build()).release
    raw.add([table], {"counts.csv": "Year,N\n2020,2\n"}, reference="TEST/2")
    second = publish(raw.build()).release
    assert first is not None and second is not None
    assert verify_store(raw.places, first) == verify_store(raw.places, second) == []
