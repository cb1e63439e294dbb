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
from pipeline.publication.release import publish, rollback
from pipeline.publication.verify import verify
from pipeline.publication.withdrawal.carrying_out import carry_out, plan
from pipeline.store.places import Places
from pipeline.store.reference import PACKAGED
from pipeline.store.releases import current_release, release_files
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


STORE = (
    *("source", "account", "validated", "verdict", "rejected", "cells", "observations", "buckets", "labels"),
    *("figures", "checks"),
)


def store_file(places: Places, layer: str, name: str | None = None, number: int | None = None) -> Path:
    """Return a store file of a layer that a release lists, the one in force where no number is given."""
    release = next((r for r in release_files(places) if r.number == number), current_release(places))
    assert release is not None
    with duckdb.connect(str(release.path), read_only=True) as db:
        query = "select path from store_file where layer = ? and name = coalesce(?, name) order by path"
        row = db.execute(query, [layer, name]).fetchone()
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
    if how == "gone" and "checks" in path.parts:
        assert found["ok"], "verdicts are in the release, and reached again"
        return
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


def without_notes(places: Places, number: int | None = None) -> dict[str, Any]:
    return {**verify(places, number).as_json(), "notes": []}


@pytest.fixture
def changed_since(raw: Raw, published: Places) -> Places:
    """Return places of a second release, since a file and a manifest are others."""
    raw.add(*counts("Year,N\n2020,26\n2021,30\n"))
    manifest = published.raw / "dorset/r-1/disclosure.yaml"
    manifest.write_text(manifest.read_text("utf-8") + "title: Another one\n", "utf-8")
    assert publish(raw.build()).published
    return published


def test_an_earlier_release_is_counted_again_from_what_was_kept_of_it(
    published_once: Raw, changed_since: Places
) -> None:
    before = without_notes(published_once.places)
    found = verify(changed_since, 1).as_json()
    assert {**found, "notes": []} == before and found["figures"]["counted"] > 0
    notes = " ".join(found["notes"])
    assert "since release 1: raw/dorset/test-1/counts.csv: found sha256" in notes
    assert "since release 1: raw/dorset/r-1/disclosure.yaml: found sha256" in notes
    assert "dorset/test-1/counts: dorset/test-1/counts.csv is no longer the file it was: counted again from" in notes
    assert verify(changed_since).as_json()["ok"]


def test_a_figure_of_an_earlier_release_that_its_kept_records_do_not_make_is_named(changed_since: Places) -> None:
    first = next(r for r in release_files(changed_since) if r.number == 1)
    with duckdb.connect(str(first.path)) as db:
        db.execute("update crimes_year set value = 24, value_min = 24, value_max = 24 where value = 25")
    found = verify(changed_since, 1).as_json()
    assert {"release", "recount"} <= {d["kind"] for d in found["differences"]}
    assert any("value is 24, again 25" in d["difference"] for d in found["differences"])


def test_where_the_kept_records_are_damaged_the_kept_observations_are_counted(changed_since: Places) -> None:
    path = store_file(changed_since, "account", "dorset/test-1/counts", 1)
    path.write_text("{", "utf-8")
    found = verify(changed_since, 1).as_json()
    assert [d["kind"] for d in found["differences"]] == ["store"]
    assert path.name in found["differences"][0]["difference"] and found["figures"]["counted"] > 0
    assert any("counted again from its kept observations" in note for note in found["notes"])
    store_file(changed_since, "observations", "dorset/test-1/counts", 1).unlink()
    found = verify(changed_since, 1).as_json()
    assert [d["kind"] for d in found["differences"]] == ["store", "store"] and found["figures"]["counted"] == 0
    assert any("dorset/test-1/counts: " in n and "cannot be read" in n for n in found["notes"]), found["notes"]


def test_a_manifest_changed_inside_a_release_is_named(published: Places) -> None:
    release = current_release(published)
    assert release is not None
    with duckdb.connect(str(release.path)) as db:
        db.execute("""update release_info set basis = replace(basis, '"blank": "unknown"', '"blank": "zero"')""")
    found = verify(published).as_json()
    assert any(
        "another manifest of dorset/test-1/counts in release_info" in d["difference"] for d in found["differences"]
    )


def test_after_a_rollback_the_release_in_force_holds(changed_since: Places) -> None:
    rollback(changed_since, 1)
    found = verify(changed_since).as_json()
    assert found["ok"] and found["release"] == 1 and found["figures"]["counted"] > 0


def test_after_a_withdrawal_that_leaves_no_release_the_log_is_checked(published: Places) -> None:
    where = ["--raw", str(published.raw), "--warehouse", str(published.warehouse)]
    carry_out(published, plan(published, "dorset/test-1", "asked to"))
    run = CliRunner().invoke(main, ["verify", "--json", *where])
    found = json.loads(run.stdout)
    assert run.exit_code == 0 and found["ok"] and found["release"] is None and found["chain"]["ok"]
    assert "no release is in force: dorset/test-1 was withdrawn on" in found["notes"][0]
    run = CliRunner().invoke(main, ["verify", *where])
    assert "dorset/test-1 was withdrawn" in run.stdout and "The log holds" in run.stdout
    lines = published.release_log.read_bytes().splitlines(keepends=True)
    published.release_log.write_bytes(b"".join(lines[:-1]))
    run = CliRunner().invoke(main, ["verify", "--json", *where])
    assert run.exit_code == 1 and not json.loads(run.stdout)["chain"]["ok"]


def test_a_published_file_that_somebody_removed_is_found(published: Places) -> None:
    published.published.unlink()
    found = verify(published).as_json()
    assert not found["ok"] and "release 1 as the one put in force last" in found["chain"]["findings"][0]


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
