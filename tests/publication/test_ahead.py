"""Another process fills the store ahead: all that a run asks for, nothing else, and the run does not depend on it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.figures.catalogue import TABLES
from pipeline.orchestration.run import refresh
from pipeline.publication import ahead as module
from pipeline.publication.ahead import RECORDS, ahead, make, nothing_ahead
from pipeline.publication.build import Build
from pipeline.store.places import Places
from pipeline.store.releases import current_release
from tests.disclosures import Raw, counts_table, records_table

LINES = "Offence,Month,App\n8L,May 2022,TikTok\n8L,June 2022,Tik Tok\n8L,June 2022,Nobody knows\n"
COLUMNS = {"offence": "Offence", "period": "Month", "platform": "App"}


@pytest.fixture
def two(raw: Raw) -> Raw:
    """Return a raw/ with a table of records and one of counts."""
    raw.add([records_table(COLUMNS)], {"records.csv": LINES})
    counts = "Year,Offences\n2022,3\n2023,14\n"
    raw.add([counts_table({"period": "Year", "count": "Offences"})], {"counts.csv": counts}, reference="TEST/2")
    return raw


def stored(places: Places) -> dict[str, int]:
    """Return the inode of every store file: one written anew has another."""
    return {places.relative(p): p.stat().st_ino for p in (places.warehouse / "store").rglob("*") if p.is_file()}


def left_to_the_run(made: dict[str, int], places: Places) -> bool:
    """Return True where the checks of observations are all that was added to what had been made."""
    now = stored(places)
    added = now.keys() - made.keys()
    return {k: now[k] for k in made} == made and all(k.startswith("store/checks/observations/") for k in added)


def published(build: Build) -> str:
    release = refresh(build, lambda words: None).release
    assert release is not None
    return release.digest


def test_what_is_made_ahead_is_all_that_a_run_makes(two: Raw) -> None:
    said: list[str] = []
    make(two.build(), said.append)
    assert said[0] == RECORDS
    assert {"source_records", "observations", *TABLES, "ledger", "controls", "recount"} <= set(said)
    before = stored(two.places)
    published(two.build())
    assert before
    assert left_to_the_run(before, two.places)


def test_the_release_is_the_same_with_and_without(two: Raw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WORTHWHILE", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with ahead(two.build()) as wait_for:
        wait_for("recount")
        made = stored(two.places)
        outcome = refresh(two.build(), lambda words: None, wait_for)
    assert any(path.startswith("store/checks/recount/") for path in made)
    assert left_to_the_run(made, two.places)
    assert outcome.release is not None
    alone = Build.of(Places.of(two.places.raw, tmp_path / "alone"))
    assert outcome.release.digest == published(alone)


def test_assets_are_there_once_they_were_waited_for(two: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WORTHWHILE", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with ahead(two.build()) as wait_for:
        wait_for("observations")
        made = stored(two.places)
        wait_for(RECORDS)
    assert sum(path.startswith("store/observations/") for path in made) > 1


@pytest.mark.parametrize("command", ["false", "true"])
def test_a_process_that_fails_is_waited_for_no_longer(two: Raw, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setattr(module, "WORTHWHILE", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr("sys.executable", command)
    with ahead(two.build()) as wait_for:
        outcome = refresh(two.build(), lambda words: None, wait_for)
    assert outcome.published


def test_an_extract_that_changes_meanwhile_is_read_by_the_run(two: Raw) -> None:
    make(two.build(), lambda asset: None)
    two.add([records_table(COLUMNS)], {"records.csv": LINES + "8L,July 2022,TikTok\n"})
    build = two.build()
    published(build)
    assert [o.count for o in build.observations] == [4, 2]


@pytest.mark.parametrize(("cores", "bytes_worth_it"), [(1, 0), (2, 10_000)])
def test_with_one_core_or_little_to_read_nothing_is_made_ahead(
    two: Raw, monkeypatch: pytest.MonkeyPatch, cores: int, bytes_worth_it: int
) -> None:
    monkeypatch.setattr(module, "WORTHWHILE", bytes_worth_it)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    with ahead(two.build()) as wait_for:
        wait_for("recount")
        assert wait_for is nothing_ahead
    assert not (two.places.warehouse / "store").exists()


def test_a_raw_folder_without_extracts_has_nothing_ahead(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WORTHWHILE", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    raw.places.raw.mkdir()
    with ahead(raw.build()) as wait_for:
        outcome = refresh(raw.build(), lambda words: None, wait_for)
    assert not outcome.published
    assert current_release(raw.places) is None
