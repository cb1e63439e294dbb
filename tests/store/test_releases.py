"""Release files, the link to the one in force, and a log in which no line can be changed unseen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.store.places import Places
from pipeline.store.release_log import verify_log
from pipeline.store.releases import (
    append_log,
    current_release,
    point_to,
    read_log,
    release_files,
    release_path,
)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    made = Places.of(tmp_path / "raw", tmp_path / "warehouse")
    made.releases.mkdir(parents=True)
    return made


def lines_of(places: Places) -> list[str]:
    return places.release_log.read_text("utf-8").splitlines()


@pytest.fixture
def logged(places: Places) -> Places:
    for number in range(1, 5):
        append_log(places, {"release": number, "cause": "source revised – “Dorset”"})
    return places


def test_the_log_gives_back_every_line_and_its_chain_holds(logged: Places) -> None:
    assert [entry["release"] for entry in read_log(logged)] == [1, 2, 3, 4]
    assert read_log(logged)[0]["previous"] is None
    assert verify_log(logged) == []


def test_no_log_is_an_empty_log(places: Places) -> None:
    assert read_log(places) == []
    assert verify_log(places) == []


def test_a_line_cut_short_by_a_power_cut_is_found_and_does_not_swallow_the_next(logged: Places) -> None:
    text = logged.release_log.read_text("utf-8")
    logged.release_log.write_text(text[:-20], "utf-8")
    append_log(logged, {"release": 5})
    assert [finding.line for finding in verify_log(logged)] == [4]
    assert json.loads(lines_of(logged)[-1])["release"] == 5


def test_a_line_separator_inside_a_text_is_no_line_end(places: Places) -> None:
    for _ in range(2):
        append_log(places, {"cause": "one\u2028two\x85three"})
    assert verify_log(places) == []
    assert [entry["cause"] for entry in read_log(places)] == ["one\u2028two\x85three"] * 2


def test_releases_are_listed_oldest_first_and_other_files_are_none_of_them(places: Places) -> None:
    for number in (2, 1, 10):
        release_path(places, number, f"{number:02d}" + "a" * 62).write_bytes(b"x")
    (places.releases / "notes.txt").write_text("", "utf-8")
    (places.releases / "00003-abc.duckdb").write_text("", "utf-8")
    assert [r.number for r in release_files(places)] == [1, 2, 10]


def test_the_release_in_force_is_the_one_that_the_link_shares_its_bytes_with(places: Places) -> None:
    assert current_release(places) is None
    for number in (1, 2):
        release_path(places, number, str(number) * 64).write_bytes(b"same bytes")
    one, two = release_files(places)
    for release in (one, two, one):
        point_to(places, release)
        assert current_release(places) == release
    assert places.published.read_bytes() == b"same bytes"
    assert sorted(p.name for p in places.warehouse.iterdir()) == ["foi.duckdb", "releases"]


def test_a_published_file_that_is_no_release_is_none_in_force(places: Places) -> None:
    places.published.write_bytes(b"copied by hand")
    assert current_release(places) is None
