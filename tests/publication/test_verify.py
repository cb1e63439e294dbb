"""Verifying names whatever was tampered with, and a release built anew from raw/ says the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.publication.build import Build
from pipeline.publication.release import publish
from pipeline.publication.verify import verify
from pipeline.store.places import Places
from pipeline.store.reference import PACKAGED
from pipeline.store.releases import current_release
from tests.disclosures import Raw, counts_table, records_table


def counts(text: str) -> tuple[list[dict[str, Any]], dict[str, bytes | str]]:
    return [counts_table({"period": "Year", "count": "N"})], {"counts.csv": text}


@pytest.fixture(scope="module")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> Raw:
    """Return a raw/ with a release of records and of a table of counts."""
    raw = Raw.at(tmp_path_factory.mktemp("published"))
    raw.add(*counts("Year,N\n2020,25\n2021,30\n"))
    records = "Month,Outcome\n2020-01,1\n2020-01,16\n2020-02,14\n2020-02,when\n"
    raw.add([records_table({"period": "Month", "outcome": "Outcome"})], {"records.csv": records}, reference="R/1")
    assert publish(raw.build()).published
    return raw


@pytest.fixture(scope="module")
def published_twice(published_once: Raw, tmp_path_factory: pytest.TempPathFactory) -> Raw:
    """Return the same with a second release, which has one more table of counts."""
    raw = published_once.copied(Raw.at(tmp_path_factory.mktemp("twice")))
    raw.add(*counts("Year,N\n2020,25\n2021,30\n2022,1\n"), reference="N/1")
    assert publish(raw.build()).published
    return raw


@pytest.fixture
def published(published_once: Raw, raw: Raw) -> Places:
    return published_once.copied(raw).places


@pytest.fixture
def twice(published_twice: Raw, raw: Raw) -> Places:
    return published_twice.copied(raw).places


def flip(path: Path, at: int = 0) -> None:
    """Change one bit of a file without leaving its name, where it is read-only too."""
    content = bytearray(path.read_bytes())
    content[at % len(content)] ^= 1
    path.write_bytes(content)


def test_what_was_left_alone_holds(published: Places) -> None:
    found = verify(published).as_json()
    assert found["ok"] and found["differences"] == [] and found["chain"] == {"ok": True, "findings": []}
    assert found["figures"]["counted"] > 0 and found["figures"]["derived"] > 0


def test_every_figure_of_the_shipped_extracts_is_counted_again(shipped: Build) -> None:
    found = verify(shipped.places).as_json()
    assert found["ok"], found["differences"]
    assert sum(found["figures"].values()) > 15_000


STORE = ("source", "account", "validated", "rejected", "cells", "observations", "buckets", "labels", "figures")


def store_file(places: Places, layer: str) -> Path:
    release = current_release(places)
    assert release is not None
    with duckdb.connect(str(release.path), read_only=True) as db:
        row = db.execute("select path from store_file where layer = ? order by path", [layer]).fetchone()
    assert row is not None
    return places.warehouse / str(row[0])


@pytest.mark.parametrize(
    ("where", "kind"),
    [
        *((lambda places, layer=layer: store_file(places, layer), "store") for layer in STORE),
        (lambda places: places.raw / "dorset/test-1/counts.csv", "input"),
        (lambda places: places.raw / "dorset/r-1/records.csv", "input"),
        (lambda places: places.raw / "dorset/test-1/disclosure.yaml", "input"),
    ],
)
@pytest.mark.parametrize("how", ["flip", "gone"])
def test_a_file_that_was_tampered_with_is_named(
    published: Places, where: Callable[[Places], Path], kind: str, how: str
) -> None:
    path = where(published)
    if how == "gone":
        path.unlink()
    else:
        flip(path, -3)
    found = verify(published).as_json()
    assert not found["ok"]
    name = path.relative_to(published.raw if kind == "input" else published.warehouse).as_posix()
    named = [d for d in found["differences"] if d["kind"] == kind]
    assert any(name in d["difference"] for d in named), found


def test_a_reference_table_that_was_edited_is_named(
    published: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "reference"
    own.mkdir()
    shutil.copy(PACKAGED / "outcomes.csv", own)
    monkeypatch.setenv("FOI_REFERENCE", str(own))
    assert verify(published).as_json()["ok"], "the same table elsewhere is the same table"
    text = (own / "outcomes.csv").read_text("utf-8")
    (own / "outcomes.csv").write_text(text.replace("Charged/Summonsed", "Charged or summonsed", 1), "utf-8")
    found = verify(published).as_json()
    assert [d["difference"].split(":")[0] for d in found["differences"]] == ["outcomes.csv"]


def test_a_release_file_that_was_tampered_with_is_named(published: Places) -> None:
    release = current_release(published)
    assert release is not None
    release.path.chmod(0o600)
    for at in (3, 4100, release.path.stat().st_size // 2):
        whole = release.path.read_bytes()
        flip(release.path, at)
        found = verify(published).as_json()
        if release.path.read_bytes()[at] and found["ok"]:
            pytest.fail(f"a bit of byte {at} was flipped and not found")
        assert any(release.path.name in d["difference"] for d in found["differences"]), found
        release.path.write_bytes(whole)


def test_a_value_changed_inside_a_release_is_named(published: Places) -> None:
    """The file is a good database all the same: the rows tell, and so does the second count."""
    release = current_release(published)
    assert release is not None
    with duckdb.connect(str(release.path)) as db:
        db.execute("update crimes_year set value = 26, value_min = 26, value_max = 26 where value = 25")
    found = verify(published).as_json()
    assert any("crimes_year" in d["difference"] for d in found["differences"] if d["kind"] == "release"), found


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [lines[0].replace(b'"event": "release"', b'"event": "releast"'), *lines[1:]],
        lambda lines: lines[1:],
        lambda lines: lines[:-1],
        lambda lines: lines[::-1],
        lambda lines: [*lines, lines[-1]],
    ],
    ids=["edited", "first taken out", "cut", "moved", "doubled"],
)
def test_a_log_that_was_tampered_with_is_named(twice: Places, change: Callable[[list[bytes]], list[bytes]]) -> None:
    lines = twice.release_log.read_bytes().splitlines(keepends=True)
    assert len(lines) == 2
    twice.release_log.write_bytes(b"".join(change(lines)))
    found = verify(twice).as_json()
    assert not found["ok"] and not found["chain"]["ok"]
    assert any("releases.jsonl" in words for words in found["chain"]["findings"])


def test_an_earlier_release_can_be_verified(twice: Places) -> None:
    assert verify(twice, 1).as_json() | {"notes": []} == verify(twice, 1).as_json() | {"notes": []}
    assert verify(twice, 1).as_json()["ok"]
    with pytest.raises(LookupError, match="expected one of those that are kept: 1, 2"):
        verify(twice, 3)


def test_what_changed_since_an_earlier_release_is_no_difference_but_a_note(raw: Raw, published: Places) -> None:
    raw.add(*counts("Year,N\n2020,26\n2021,30\n"))
    assert publish(raw.build()).published
    found = verify(published, 1).as_json()
    assert any("since release 1: raw/dorset/test-1/counts.csv" in note for note in found["notes"])
    assert any(note.startswith("no figure was counted again") for note in found["notes"])
    assert verify(published).as_json()["ok"]


def test_a_release_built_anew_is_the_same(published: Places) -> None:
    found = verify(published, rebuild=True).as_json()
    assert found["ok"] and found["rebuilt"]["tables_that_differ"] == []
    assert found["rebuilt"]["digest"] == found["rebuilt"]["released"]


def test_a_release_that_raw_does_not_make_is_named(raw: Raw, published: Places) -> None:
    raw.add(*counts("Year,N\n2020,26\n2021,30\n"))
    found = verify(published, rebuild=True).as_json()
    assert "crimes_year" in found["rebuilt"]["tables_that_differ"]
    assert any(d["kind"] == "rebuild" for d in found["differences"])


def test_the_verb_tells_and_exits_by_what_it_found(published: Places) -> None:
    where = ["--raw", str(published.raw), "--warehouse", str(published.warehouse)]
    run = CliRunner().invoke(main, ["verify", *where])
    assert run.exit_code == 0 and "Release 1 holds" in run.stdout
    flip(published.raw / "dorset/test-1/counts.csv", -2)
    run = CliRunner().invoke(main, ["verify", "--json", *where])
    assert run.exit_code == 1
    said = json.loads(run.stdout)
    assert {"ok", "figures", "differences", "chain"} <= set(said) and not said["ok"]
    run = CliRunner().invoke(main, ["verify", *where])
    assert run.exit_code == 1 and "Release 1 does not hold" in run.stdout
    run = CliRunner().invoke(main, ["verify", "--release", "7", *where])
    assert run.exit_code == 1 and "found no release 7" in run.stderr


def test_there_is_nothing_to_verify_before_a_release(raw: Raw) -> None:
    with pytest.raises(LookupError, match="run `foi refresh`"):
        verify(raw.places)
