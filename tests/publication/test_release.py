"""A release is published whole, once, and never over a better one."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from time import monotonic

import duckdb
import pytest

from pipeline.publication import checks, release
from pipeline.publication.release import publish, rollback, standing
from pipeline.store.digests import code_digest, digest_of, sha256_file
from pipeline.store.lock import Busy
from pipeline.store.reference import PACKAGED
from pipeline.store.release_log import verify_log
from pipeline.store.releases import ReleaseFile, current_release, read_log, release_files
from pipeline.store.signing import BadKey
from tests.disclosures import Raw, counts_table

YEARS = {"period": "Year", "count": "N"}
TIKTOK = {"constants": {"platform": "TikTok"}}


def add_years(raw: Raw, text: str = "Year,N\n2020,25\n2021,30\n", reference: str = "TEST/1", **more: object) -> Path:
    return raw.add([counts_table(YEARS, **TIKTOK)], {"counts.csv": text}, reference=reference, **more)


@pytest.fixture(scope="module")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> Raw:
    raw = Raw.at(tmp_path_factory.mktemp("published"))
    add_years(raw)
    assert publish(raw.build()).published
    return raw


@pytest.fixture
def first(published_once: Raw, raw: Raw) -> ReleaseFile:
    """Put one answer and its release into raw/ and the warehouse, and return the release."""
    release = current_release(published_once.copied(raw).places)
    assert release is not None
    return release


def value(path: Path, year: str) -> object:
    with duckdb.connect(str(path), read_only=True) as db:
        return db.execute("select value from platform_year where year = ?", [year]).fetchone()


def test_nothing_is_published_where_there_is_no_extract(raw: Raw) -> None:
    outcome = publish(raw.build())
    assert (outcome.release, outcome.published) == (None, False)
    assert not raw.places.published.exists()
    assert not release_files(raw.places)


def test_a_release_is_numbered_linked_private_and_logged(raw: Raw) -> None:
    add_years(raw)
    outcome = publish(raw.build())
    assert outcome.published and outcome.release is not None and outcome.release.number == 1
    assert outcome.release.path.samefile(raw.places.published)
    assert stat.S_IMODE(outcome.release.path.stat().st_mode) == 0o600
    (line,) = read_log(raw.places)
    assert line["event"] == "release" and line["cause"]["new"] == ["dorset/test-1/counts"]
    assert line["previous"] is None
    assert current_release(raw.places) == outcome.release


def test_nothing_new_is_no_new_release(raw: Raw, first: ReleaseFile) -> None:
    again = publish(raw.build())
    assert not again.published and "nothing new" in again.message
    assert len(release_files(raw.places)) == 1
    unchanged = standing(raw.build())
    assert unchanged is not None and unchanged.release is not None and unchanged.release.number == 1


def test_a_lost_store_file_is_built_again(raw: Raw, first: ReleaseFile) -> None:
    shutil.rmtree(raw.places.warehouse / "store" / "figures")
    assert standing(raw.build()) is None
    build = raw.build()
    build.all_figures()
    publish(build)
    assert standing(raw.build()) is not None


def test_who_holds_the_old_release_can_open_the_new_one(raw: Raw, first: ReleaseFile) -> None:
    with duckdb.connect(str(first.path), read_only=True) as held:
        add_years(raw, "Year,N\n2020,26\n2021,30\n")
        second = publish(raw.build()).release
        assert second is not None and second.number == 2
        assert held.execute("select value from platform_year where year = '2020'").fetchone() == (25,)
        assert value(second.path, "2020") == (26,)
    assert value(raw.places.published, "2020") == (26,)
    assert read_log(raw.places)[1]["cause"]["changed"] == ["dorset/test-1/counts"]
    assert verify_log(raw.places) == []


def test_a_refused_new_extract_is_a_warning_and_the_others_are_published(raw: Raw) -> None:
    add_years(raw)
    folder = add_years(raw, reference="TEST/2")
    (folder / "counts.csv").write_text("Year,N\n2020,999\n")
    outcome = publish(raw.build())
    assert outcome.published
    (verdict,) = [v for v in outcome.verdicts if v.check == "extracts_accepted"]
    assert (verdict.severity, verdict.passed) == ("WARN", False)
    assert "SHA-256" in verdict.rows[0]["reason"] and "raw/dorset/test-2/counts.csv" in verdict.rows[0]["reason"]


@pytest.mark.parametrize("break_it", ["bytes", "manifest", "gone"])
def test_an_extract_of_the_last_release_that_is_refused_or_gone_stops_publication(
    raw: Raw, first: ReleaseFile, break_it: str
) -> None:
    folder = raw.places.raw / "dorset" / "test-1"
    add_years(raw, reference="TEST/2")
    if break_it == "bytes":
        (folder / "counts.csv").write_text("Year,N\n2020,999\n")
    elif break_it == "manifest":
        (folder / "disclosure.yaml").write_text("force: dorset\nwhat: is this\n")
    else:
        shutil.rmtree(folder)
    outcome = publish(raw.build())
    assert not outcome.published and outcome.release == first
    assert [v.name for v in checks.failed_errors(outcome.verdicts)] == ["source_records.extracts_accepted"]
    assert value(raw.places.published, "2020") == (25,)


@pytest.mark.parametrize(
    ("check", "finding"),
    [
        ("same_figures", {"difference": "x"}),
        ("invariant", {"difference": "x"}),
        ("balances", {"extract": "x"}),
        ("lines_bear_out", {"difference": "x"}),
        ("schema", {"column": "x"}),
    ],
)
def test_any_failed_error_check_leaves_the_last_release_in_place(
    raw: Raw, first: ReleaseFile, monkeypatch: pytest.MonkeyPatch, check: str, finding: dict[str, str]
) -> None:
    add_years(raw, reference="TEST/2")
    monkeypatch.setitem(checks._FINDERS, check, lambda build, asset: checks.Findings([finding]))
    outcome = publish(raw.build())
    assert not outcome.published and outcome.release == first
    assert all(v.check == check for v in checks.failed_errors(outcome.verdicts))


def test_a_crash_while_building_leaves_nothing_behind(
    raw: Raw, first: ReleaseFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_years(raw, reference="TEST/2")
    monkeypatch.setattr(release, "content_of", _crash)
    with pytest.raises(OSError, match="disk full"):
        publish(raw.build())
    assert current_release(raw.places) == first
    assert [p.name for p in raw.places.releases.iterdir()] == [first.path.name]


def _crash(*_: object) -> str:
    raise OSError("disk full")


def test_a_log_line_lost_in_a_crash_is_written_by_the_next_refresh(raw: Raw, first: ReleaseFile) -> None:
    raw.places.release_log.unlink()
    assert standing(raw.build()) is None
    publish(raw.build())
    assert [line["number"] for line in read_log(raw.places)] == [1]


@pytest.mark.parametrize("step", ["point_to", "append_log"])
def test_what_a_process_left_that_died_while_publishing_is_finished_by_the_next(
    raw: Raw, first: ReleaseFile, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    add_years(raw, reference="TEST/2")
    with monkeypatch.context() as patch, pytest.raises(OSError, match="disk full"):
        patch.setattr(release, step, _crash)
        publish(raw.build())
    add_years(raw, reference="TEST/3")
    assert publish(raw.build()).published
    assert [line["number"] for line in read_log(raw.places)] == [r.number for r in release_files(raw.places)]
    assert verify_log(raw.places) == []


def test_a_rollback_holds_publication_until_it_is_resumed(raw: Raw, first: ReleaseFile) -> None:
    add_years(raw, "Year,N\n2020,26\n2021,30\n")
    publish(raw.build())
    rollback(raw.places, 1)
    assert value(raw.places.published, "2020") == (25,)
    add_years(raw, "Year,N\n2020,27\n2021,30\n")
    held = publish(raw.build())
    assert not held.published and "held at release 1" in held.message
    assert release.resume(raw.places) and not release.resume(raw.places)
    resumed = publish(raw.build())
    assert resumed.published and resumed.release is not None and resumed.release.number == 3
    assert [line["event"] for line in read_log(raw.places)] == [
        "release",
        "release",
        "rollback",
        "resume",
        "release",
    ]
    assert verify_log(raw.places) == []


def test_a_rollback_to_what_is_not_kept_says_what_is(raw: Raw, first: ReleaseFile) -> None:
    with pytest.raises(LookupError, match=r"no release 7 .* kept are 1"):
        rollback(raw.places, 7)


def test_one_refresh_at_a_time(raw: Raw) -> None:
    add_years(raw)
    code = (
        "import fcntl, sys, time\n"
        "file = open(sys.argv[1], 'a+'); fcntl.flock(file, fcntl.LOCK_EX)\n"
        "print('held', flush=True); time.sleep(60)"
    )
    raw.places.warehouse.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-c", code, str(raw.places.lock)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline() == b"held\n"
        with pytest.raises(Busy, match="another refresh is at work"):
            publish(raw.build())
        other.kill()
    assert publish(raw.build()).published


def test_the_digest_is_of_what_a_release_says_and_nothing_else(raw: Raw, first: ReleaseFile, tmp_path: Path) -> None:
    elsewhere = Raw(raw.places.of(raw.places.raw, tmp_path / "elsewhere"))
    second = publish(elsewhere.build()).release
    assert second is not None and first.digest == second.digest


def test_a_superseded_answer_keeps_its_figures_and_says_by_what(raw: Raw) -> None:
    add_years(raw)
    add_years(raw, "Year,N\n2020,26\n", reference="TEST/2", supersedes="TEST/1")
    path = publish(raw.build()).release
    assert path is not None
    with duckdb.connect(str(path.path), read_only=True) as db:
        rows = db.execute("select disclosure, value, superseded_by from platform_year where year = '2020' order by 1")
        assert rows.fetchall() == [("dorset/test-1", 25, "dorset/test-2"), ("dorset/test-2", 26, None)]


def test_the_log_is_one_json_line_a_release_with_all_it_was_made_from(raw: Raw) -> None:
    folder = add_years(raw)
    made = publish(raw.build()).release
    assert made is not None
    (line,) = raw.places.release_log.read_text("ascii").splitlines()
    entry = json.loads(line)
    assert (entry["number"], entry["digest"][:12]) == (1, made.digest)
    assert entry["digest"] == digest_of(entry["tables"])
    assert entry["extracts"] == {"dorset/test-1/counts": sha256_file(folder / "counts.csv")}
    assert entry["manifests"] == {"dorset/test-1": sha256_file(folder / "disclosure.yaml")}
    assert entry["reference"]["platforms.csv"] == sha256_file(PACKAGED / "platforms.csv")
    assert entry["reference"].keys() == {path.name for path in PACKAGED.glob("*.csv")}
    assert entry["code"] == code_digest(*release.CODE)
    assert entry.keys() >= {"inputs", "store", "commit", "dirty", "duration", "at", "cause"}
    assert verify_log(raw.places) == []


def test_the_log_says_how_long_a_refresh_took(raw: Raw) -> None:
    add_years(raw)
    publish(replace(raw.build(), begun=monotonic() - 100))
    assert read_log(raw.places)[0]["duration"] >= 100


def test_where_git_is_not_there_the_log_says_so(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    add_years(raw)
    publish(raw.build())
    assert [read_log(raw.places)[0][key] for key in ("commit", "dirty")] == [None, None]


def test_a_key_that_is_none_is_said_before_anything_is_published(
    raw: Raw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_years(raw)
    monkeypatch.setenv("FOI_SIGNING_KEY", str(tmp_path / "key.pem"))
    with pytest.raises(BadKey, match=r"key\.pem: found no file"):
        publish(raw.build())
    assert not raw.places.published.exists()
