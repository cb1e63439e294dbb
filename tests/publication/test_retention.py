"""Old releases go, what only they needed goes with them, and nothing that a kept one needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.publication.content import verify_store
from pipeline.publication.release import publish, rollback
from pipeline.publication.retention import BadSetting, kept_releases
from pipeline.store.release_log import verify_log
from pipeline.store.releases import current_release, listed_files, read_log, release_files
from tests.disclosures import Raw, counts_table


def published(raw: Raw, count: int) -> None:
    table = counts_table({"period": "Year", "count": "N"}, constants={"platform": "TikTok"})
    raw.add([table], {"counts.csv": f"Year,N\n2020,{count}\n"})
    assert publish(raw.build()).published


@pytest.fixture(scope="module")
def two_kept(tmp_path_factory: pytest.TempPathFactory) -> Raw:
    """Return a raw/ that was published four times while the setting says two; it is only looked at."""
    raw = Raw.at(tmp_path_factory.mktemp("kept"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOI_KEPT_RELEASES", "2")
        for count in (25, 26, 27, 28):
            published(raw, count)
    return raw


def store_files(raw: Raw, layer: str) -> list[Path]:
    return sorted(p for p in (raw.places.warehouse / "store" / layer).rglob("*") if p.is_file())


def test_as_many_releases_are_kept_as_the_setting_says(two_kept: Raw) -> None:
    places = two_kept.places
    assert [r.number for r in release_files(places)] == [3, 4]
    assert len([p for p in store_files(two_kept, "source") if p.suffix == ".parquet"]) == 2
    for release in release_files(places):
        assert verify_store(places, release) == []
    assert [entry["number"] for entry in read_log(places)] == [1, 2, 3, 4]
    assert verify_log(places) == []


def test_every_store_file_left_is_one_that_a_kept_release_lists(two_kept: Raw) -> None:
    places = two_kept.places
    listed = {p for r in release_files(places) for p in listed_files(r)}
    store = places.warehouse / "store"
    left = {places.relative(p) for p in store.rglob("*") if p.is_file()}
    assert left == listed


def test_verdicts_that_no_kept_release_lists_go(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOI_KEPT_RELEASES", "2")
    published(raw, 25)
    old = set(store_files(raw, "checks"))
    assert old
    published(raw, 26)
    assert old < set(store_files(raw, "checks"))
    published(raw, 27)
    assert not old & set(store_files(raw, "checks"))
    assert len(store_files(raw, "checks")) == 2 * len(old)


def test_the_release_in_force_is_never_removed(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    for count in (25, 26, 27):
        published(raw, count)
    rollback(raw.places, 1)
    monkeypatch.setenv("FOI_KEPT_RELEASES", "1")
    (raw.places.hold).unlink()
    published(raw, 28)
    current = current_release(raw.places)
    assert current is not None and current.number == 4
    assert [r.number for r in release_files(raw.places)] == [4]


@pytest.mark.parametrize("said", ["0", "-1", "many", "2.5"])
def test_a_setting_that_is_no_number_is_said_before_anything_is_published(
    raw: Raw, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    raw.add([counts_table({"period": "Year", "count": "N"})], {"counts.csv": "Year,N\n2020,1\n"})
    monkeypatch.setenv("FOI_KEPT_RELEASES", said)
    with pytest.raises(BadSetting, match=f"FOI_KEPT_RELEASES: found '{said}'; expected a whole number"):
        publish(raw.build())
    assert not release_files(raw.places)


def test_without_a_setting_twenty_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FOI_KEPT_RELEASES", raising=False)
    assert kept_releases() == 20
