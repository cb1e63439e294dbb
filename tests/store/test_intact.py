"""A store file that is not what a release lists is never built from: told, nothing published, and made anew."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.publication.release import publish, standing
from pipeline.publication.verify import verify
from pipeline.store.intact import damaged, gone, listed_by, listed_by_any, written_since
from pipeline.store.places import Places
from pipeline.store.releases import ReleaseFile, current_release, release_files
from tests.disclosures import Raw, counts_table, records_table


def add_counts(raw: Raw, count: int, reference: str = "TEST/1") -> None:
    raw.add(
        [counts_table({"period": "Year", "count": "N"})], {"counts.csv": f"Year,N\n2020,{count}\n"}, reference=reference
    )


@pytest.fixture(scope="module")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> Raw:
    raw = Raw.at(tmp_path_factory.mktemp("published"))
    add_counts(raw, 25)
    records = "Month,Platform\n2020-01,TikTok\n2020-02,TikTok\n2020-02,Facebook\nsome day,TikTok\n"
    raw.add([records_table({"period": "Month", "platform": "Platform"})], {"records.csv": records}, reference="R/1")
    assert publish(raw.build()).published
    return raw


@pytest.fixture
def published(published_once: Raw, raw: Raw) -> Raw:
    return published_once.copied(raw)


def release_of(raw: Raw) -> ReleaseFile:
    release = current_release(raw.places)
    assert release is not None
    return release


def file_of(raw: Raw, layer: str, ending: str) -> Path:
    """Return a store file of the records by its layer and the end of its name."""
    found = [p for p, listed in listed_by(release_of(raw)).items() if listed.layer == layer and p.endswith(ending)]
    return raw.places.warehouse / next(p for p in found if layer == "checks" or "/r-1/" in p)


def forge(path: Path, column: str, old: str, new: str) -> None:
    """Change a value in a store file that stays a good Parquet file."""
    table = pq.read_table(path)
    rows = [row | {column: new if row[column] == old else row[column]} for row in table.to_pylist()]
    assert rows != table.to_pylist()
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)


def make_facebook(raw: Raw) -> list[Path]:
    """Make TikTok Facebook in the observations of the records, as somebody would who knows the store."""
    facts, labels = file_of(raw, "observations", ".json"), file_of(raw, "labels", ".labels.parquet")
    assert '"tiktok"' in facts.read_text("utf-8")
    facts.write_text(facts.read_text("utf-8").replace('"tiktok"', '"facebook"'), "utf-8")
    forge(labels, "code", "tiktok", "facebook")
    return [facts, labels]


def refreshed(raw: Raw) -> tuple[int, dict[str, Any]]:
    """Return the exit code and the report of `foi refresh`."""
    where = ["--raw", str(raw.places.raw), "--warehouse", str(raw.places.warehouse)]
    run = CliRunner().invoke(main, ["refresh", "--json", *where])
    return run.exit_code, json.loads(run.stdout)


def numbers(places: Places) -> list[int]:
    return [release.number for release in release_files(places)]


def test_a_forged_store_file_is_named_and_nothing_is_published_till_it_is_made_anew(published: Raw) -> None:
    places = published.places
    forged = make_facebook(published)
    add_counts(published, 26)
    for _ in range(2):  # the second time as well
        code, report = refreshed(published)
        assert code == 1 and not report["published"] and numbers(places) == [1]
        (check,) = [c for c in report["checks"] if c["name"] == "release.store_intact"]
        assert [row["file"] for row in check["rows"]] == sorted(places.relative(path) for path in forged)
        assert all("delete it and run `foi refresh`" in row["remedy"] for row in check["rows"])
    for path in forged:
        path.unlink()
    code, report = refreshed(published)
    assert code == 0 and report["published"] and numbers(places) == [1, 2] and not places.damage.exists()
    assert verify(places).as_json()["ok"]
    assert listed_by(release_files(places)[0])[places.relative(forged[0])].sha256 == (
        listed_by(release_files(places)[1])[places.relative(forged[0])].sha256
    )


def test_nothing_that_was_built_from_a_forged_file_outlives_it(published: Raw) -> None:
    """What a refused refresh built lies under the paths that the right one will ask for."""
    places = published.places
    forged = make_facebook(published)
    add_counts(published, 26)
    release = release_of(published)
    os.utime(release.path, (2**33, 2**33))  # as if nobody had written since: found by reading all files
    assert standing(published.build()) is None
    outcome = publish(published.build())
    assert not outcome.published and places.relative(forged[0]) in outcome.message
    for path in forged:
        path.unlink()
    outcome = publish(published.build())  # whoever goes on without clearing away is stopped too
    assert not outcome.published and "damaged.json" in outcome.message
    assert standing(published.build()) is None and not places.damage.exists()
    outcome = publish(published.build())
    assert outcome.published and verify(places).as_json()["ok"]


@pytest.mark.parametrize(
    ("layer", "ending"),
    [("source", ".parquet"), ("account", ".json"), ("rejected", ".parquet"), ("verdict", ".json"), ("checks", ".json")],
)
def test_a_flipped_byte_in_any_layer_is_told_by_a_refresh_of_what_is_not_new(
    published: Raw, layer: str, ending: str
) -> None:
    path = file_of(published, layer, ending)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    outcome = standing(published.build())
    assert outcome is not None and not outcome.published
    assert outcome.verdicts[-1].rows[0]["file"] == published.places.relative(path)


def test_a_forged_rejected_value_is_found(published: Raw) -> None:
    forge(file_of(published, "rejected", ".parquet"), "value", "some day", "another day")
    add_counts(published, 26)
    outcome = publish(published.build())
    assert not outcome.published and "store/rejected/dorset/r-1/records/" in outcome.message


def test_a_path_that_an_older_release_lists_is_held_to_it(published: Raw) -> None:
    """A file that goes out of use and comes back must be what it was."""
    path = next(p for p, of in listed_by(release_of(published)).items() if of.layer == "source" and "/test-1/" in p)
    add_counts(published, 26)
    assert publish(published.build()).published
    table = pq.read_table(published.places.warehouse / path)
    pq.write_table(table, published.places.warehouse / path, compression="none")
    add_counts(published, 25)
    outcome = publish(published.build())
    assert not outcome.published and path in outcome.message and "release 1 was built from" in outcome.message


def test_what_was_deleted_is_made_anew_with_the_same_bytes(published: Raw) -> None:
    places, listed = published.places, listed_by(release_of(published))
    for path in listed:
        (places.warehouse / path).unlink()
    assert {finding.file for finding in gone(places, listed)} == {p for p in listed if listed[p].layer != "checks"}
    assert publish(published.build()).message == "nothing new: release 1 stands"
    assert gone(places, listed) == damaged(places, listed) == []


def test_only_what_was_written_to_since_the_release_is_read_for_a_refresh_of_nothing(published: Raw) -> None:
    release = release_of(published)
    os.utime(release.path)  # a copy's files are all younger than the release they were copied with
    assert written_since(published.places, release) == {}
    path = file_of(published, "source", ".parquet")
    stat = path.stat()
    path.write_bytes(path.read_bytes())
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # setting back the time of its content hides nothing
    assert list(written_since(published.places, release)) == [published.places.relative(path)]
    assert damaged(published.places, listed_by_any(published.places)) == []
