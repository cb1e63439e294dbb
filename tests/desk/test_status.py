"""`foi status`: what it says of the release log is what `foi verify` says, and it stands whatever is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.publication.release import publish
from pipeline.store.places import Places
from pipeline.store.release_log import verify_log
from pipeline.store.releases import append_log, head_path
from tests.disclosures import Raw, counts_table


@pytest.fixture
def published(raw: Raw) -> Raw:
    raw.add([counts_table({"period": "Year", "count": "N"})], {"counts.csv": "Year,N\n2020,25\n"})
    assert publish(raw.build()).published
    append_log(raw.places, {"event": "resume"})
    return raw


def status(places: Places, *arguments: str) -> str:
    result = CliRunner().invoke(
        main, ["status", "--raw", str(places.raw), "--warehouse", str(places.warehouse), *arguments]
    )
    assert result.exit_code == 0, result.output
    return result.stdout


def chain(places: Places) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(status(places, "--json"))
    assert len(found["extracts"]) == 1
    return found["chain"]  # type: ignore[no-any-return]


def edited(places: Places) -> None:
    places.release_log.write_text(places.release_log.read_text("utf-8").replace("dorset", "devon"), "utf-8")


def cut(places: Places) -> None:
    places.release_log.write_text(places.release_log.read_text("utf-8").splitlines()[0] + "\n", "utf-8")


def without_head(places: Places) -> None:
    head_path(places).unlink()


def a_hold_by_hand(places: Places) -> None:
    places.hold.write_text('{"release": 1, "since": "2026-11-23"}', "utf-8")


def test_a_log_that_holds_is_not_spoken_of(published: Raw) -> None:
    assert chain(published.places) == {"ok": True, "findings": []}
    assert "log" not in status(published.places)


@pytest.mark.parametrize("tamper", [edited, cut, without_head, a_hold_by_hand])
def test_what_does_not_hold_of_the_log_is_said_as_verify_says_it(
    published: Raw, tamper: Callable[[Places], None]
) -> None:
    tamper(published.places)
    findings = [str(finding) for finding in verify_log(published.places)]
    assert findings
    assert chain(published.places) == {"ok": False, "findings": findings}
    shown = status(published.places)
    assert all(f"log {finding}" in shown for finding in findings)


def test_a_log_that_cannot_be_checked_is_a_finding(
    published: Raw, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FOI_VERIFY_KEY", str(tmp_path / "no.pub"))
    (finding,) = chain(published.places)["findings"]
    assert "no.pub" in finding
    monkeypatch.delenv("FOI_VERIFY_KEY")
    (published.places.raw / "withdrawn.jsonl").write_text("torn\n", "utf-8")
    (finding,) = chain(published.places)["findings"]
    assert "raw/withdrawn.jsonl:1: found no tombstone" in finding
