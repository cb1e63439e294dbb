"""Whoever edits, cuts, moves, inserts or tears a line of the release log is found, by the number of the line."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.store.files import write_json
from pipeline.store.places import Places
from pipeline.store.release_log import Finding, verify_log
from pipeline.store.releases import append_log, head_path, log_head, point_to, release_files, release_path
from pipeline.store.withdrawals import Tombstone, add_tombstone

BYTES = "ab" * 32


def released(places: Places, number: int) -> None:
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    release_path(places, number, digest).write_bytes(b"figures")
    point_to(places, release_files(places)[-1])
    entry = {"event": "release", "number": number, "digest": digest, "extracts": {"dorset/1/counts": BYTES}}
    append_log(places, entry)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    made = Places.of(tmp_path / "raw", tmp_path / "warehouse")
    made.releases.mkdir(parents=True)
    made.raw.mkdir()
    for number in range(1, 5):
        released(made, number)
    return made


def lines_of(places: Places) -> list[str]:
    return places.release_log.read_text("ascii").splitlines()


def write_lines(places: Places, lines: list[str]) -> None:
    places.release_log.write_text("".join(f"{line}\n" for line in lines), "ascii")


def found(places: Places) -> dict[int | None, str]:
    """Return all that is said of each line."""
    said: dict[int | None, str] = {}
    for finding in verify_log(places):
        said[finding.line] = f"{said.get(finding.line, '')}{finding}\n"
    return said


def test_an_untouched_log_holds(places: Places) -> None:
    assert verify_log(places) == []
    head = log_head(places)
    assert head is not None
    assert (head.lines, head.hash) == (4, hashlib.sha256(lines_of(places)[3].encode()).hexdigest())


def test_no_log_and_no_release_hold(tmp_path: Path) -> None:
    assert verify_log(Places.of(tmp_path / "raw", tmp_path / "warehouse")) == []


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_edited_line_is_named(places: Places, number: int) -> None:
    lines = lines_of(places)
    lines[number - 1] = lines[number - 1].replace("dorset", "devon")
    write_lines(places, lines)
    (finding,) = verify_log(places)
    assert finding.line == number and "edited" in finding.found


def test_an_edited_last_line_is_named(places: Places) -> None:
    lines = lines_of(places)
    write_lines(places, [*lines[:3], lines[3].replace("dorset", "devon")])
    assert "edited" in found(places)[4]


def test_a_line_taken_out_is_named(places: Places) -> None:
    lines = lines_of(places)
    write_lines(places, [lines[0], lines[2], lines[3]])
    assert "found what was line 3" in found(places)[2] and "line 2 gone" in found(places)[2]
    assert "no line of release 2" in found(places)[None]


def test_the_first_lines_taken_out_are_missed(places: Places) -> None:
    write_lines(places, lines_of(places)[2:])
    assert "those before it are gone" in found(places)[1]


@pytest.mark.parametrize("left", [0, 1, 3])
def test_an_end_that_was_cut_is_found(places: Places, left: int) -> None:
    write_lines(places, lines_of(places)[:left])
    findings = [str(f) for f in verify_log(places)]
    assert any(f"the end of the log after {left} lines; expected 4 lines: it was cut" in f for f in findings)
    assert any("no line of release 4" in f for f in findings)


def test_an_end_that_was_cut_with_its_head_is_found_by_the_releases(places: Places) -> None:
    lines = lines_of(places)[:3]
    write_lines(places, lines)
    head_path(places).write_text(f"3 {hashlib.sha256(lines[2].encode()).hexdigest()}\n", "ascii")
    (finding,) = verify_log(places)
    assert finding.found == "no line of release 4"


def test_a_removed_head_is_found(places: Places) -> None:
    head_path(places).unlink()
    assert [f.file for f in verify_log(places)] == ["releases.head"]


def test_moved_lines_are_named(places: Places) -> None:
    lines = lines_of(places)
    write_lines(places, [lines[0], lines[2], lines[1], lines[3]])
    assert "a line that follows line 3" in found(places)[2]
    assert found(places).keys() == {2, 3, 4}


def test_a_line_put_in_is_named(places: Places) -> None:
    lines = lines_of(places)
    forged = json.loads(lines[2]) | {"event": "release", "number": 9}
    write_lines(places, [*lines[:2], json.dumps(forged, sort_keys=True), *lines[2:]])
    assert "lines were moved, put in or taken out" in found(places)[4]


def test_a_line_put_in_at_the_end_is_named(places: Places) -> None:
    lines = lines_of(places)
    forged = {"event": "resume", "line": 5, "previous": hashlib.sha256(lines[3].encode()).hexdigest()}
    again = forged | {"line": 6, "previous": hashlib.sha256(json.dumps(forged).encode()).hexdigest()}
    write_lines(places, [*lines, json.dumps(forged), json.dumps(again)])
    assert "lines that were put in" in found(places)[4]


def test_a_torn_line_is_named_and_what_comes_after_it_is_whole(places: Places) -> None:
    places.release_log.write_bytes(places.release_log.read_bytes()[:-20])
    assert "torn" in found(places)[4]
    released(places, 5)
    assert "torn" in found(places)[4]
    assert json.loads(lines_of(places)[4])["number"] == 5


def test_a_process_that_died_before_it_noted_the_head_is_no_finding(places: Places) -> None:
    before = head_path(places).read_bytes()
    released(places, 5)
    head_path(places).write_bytes(before)
    assert verify_log(places) == []


def test_a_release_file_of_another_digest_is_found(places: Places) -> None:
    release = release_files(places)[1]
    release.path.rename(release_path(places, 2, "f" * 64))
    assert "the digest in the name 00002-ffffffffffff.duckdb" in found(places)[2]


def test_another_release_in_force_than_the_log_says_is_found(places: Places) -> None:
    point_to(places, release_files(places)[0])
    assert "found release 4 as the one put in force last; expected release 1, which is in force" in found(places)[None]
    places.published.unlink()
    places.published.write_bytes(b"figures")
    assert "foi.duckdb is none of ours" in found(places)[None]


def test_a_rollback_and_the_hold_it_leaves_are_compared_with_the_log(places: Places) -> None:
    point_to(places, release_files(places)[1])
    write_json(places.hold, {"release": 2})
    append_log(places, {"event": "rollback", "to": 2, "from": 4})
    assert verify_log(places) == []
    places.hold.unlink()
    assert "found a hold at release 2; expected none" in found(places)[None]
    append_log(places, {"event": "resume"})
    assert verify_log(places) == []


def test_a_withdrawal_and_its_tombstone_are_compared_with_the_log(places: Places) -> None:
    tombstone = Tombstone("dorset/1", "1", (), {"dorset/1/counts": (BYTES,)}, "2026-01-31", "a name in it", ())
    add_tombstone(places, tombstone)
    assert "run `foi withdraw dorset/1` for this warehouse too" in found(places)[None]
    entry = {"event": "withdrawal", "disclosure": "dorset/1", "tombstone": tombstone.digest, "in_force": 4}
    append_log(places, entry)
    assert verify_log(places) == []
    path = places.raw / "withdrawn.jsonl"
    path.write_text(path.read_text("utf-8").replace("a name", "no name"), "utf-8")
    assert "without its tombstone" in found(places)[5]


def test_the_tombstone_of_what_this_warehouse_never_had_needs_no_line(places: Places) -> None:
    add_tombstone(places, Tombstone("dorset/2", "2", (), {"dorset/2/counts": ("cd" * 32,)}, "2026-01-31", "why", ()))
    assert verify_log(places) == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_other_byte_anywhere_is_found(places: Places, data: st.DataObject) -> None:
    whole = places.release_log.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != whole[at]))
    try:
        places.release_log.write_bytes(whole[:at] + bytes([byte]) + whole[at + 1 :])
        assert verify_log(places)
    finally:
        places.release_log.write_bytes(whole)


VALUES = st.none() | st.integers(-9, 9) | st.text(max_size=3) | st.lists(st.integers(), max_size=2) | st.just({})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 3), st.sampled_from(["event", "number", "digest", "extracts", "previous", "line", "signature"]),
       VALUES)  # fmt: skip
def test_any_other_value_anywhere_is_found_and_never_a_crash(
    places: Places, place: int, key: str, value: object
) -> None:
    whole = places.release_log.read_bytes()
    lines = lines_of(places)
    entry = json.loads(lines[place])
    if entry.get(key) == value:
        return
    try:
        write_lines(places, [*lines[:place], json.dumps(entry | {key: value}, sort_keys=True), *lines[place + 1 :]])
        assert verify_log(places)
    finally:
        places.release_log.write_bytes(whole)


KeyPair = Callable[[str], tuple[Path, Path]]


@pytest.fixture
def pair(tmp_path: Path) -> KeyPair:
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    def make(name: str) -> tuple[Path, Path]:
        key = Ed25519PrivateKey.generate()
        private, public = tmp_path / f"{name}.pem", tmp_path / f"{name}.pub"
        private.write_bytes(key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()))
        public.write_bytes(key.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo))
        return private, public

    return make


def test_signed_lines_are_checked_with_the_public_key(
    places: Places, pair: KeyPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    private, public = pair("ours")
    monkeypatch.setenv("FOI_SIGNING_KEY", str(private))
    released(places, 5)
    assert json.loads(lines_of(places)[4]).keys() >= {"key", "signature"}
    assert verify_log(places) == []  # no public key: nothing to check with
    monkeypatch.setenv("FOI_VERIFY_KEY", str(public))
    assert verify_log(places) == []
    monkeypatch.setenv("FOI_VERIFY_KEY", str(pair("others")[1]))
    assert "others.pub" in found(places)[5]


def rechained(places: Places, lines: list[str]) -> None:
    """Write lines and make the chain and its head anew, as somebody would who can write everything but the key."""
    made: list[str] = []
    for line in lines:
        previous = hashlib.sha256(made[-1].encode()).hexdigest() if made else None
        made.append(json.dumps(json.loads(line) | {"previous": previous}, sort_keys=True))
    write_lines(places, made)
    head_path(places).write_text(f"{len(made)} {hashlib.sha256(made[-1].encode()).hexdigest()}\n", "ascii")


def test_a_chain_made_anew_holds_without_a_key_and_not_with_one(
    places: Places, pair: KeyPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    private, public = pair("ours")
    lines = lines_of(places)
    rechained(places, [lines[0].replace("dorset", "devon"), *lines[1:]])
    assert verify_log(places) == []
    monkeypatch.setenv("FOI_SIGNING_KEY", str(private))
    monkeypatch.setenv("FOI_VERIFY_KEY", str(public))
    for number in (5, 6):
        released(places, number)
    assert verify_log(places) == []
    lines = lines_of(places)
    rechained(places, [lines[0].replace("devon", "dorset"), *lines[1:]])
    assert "a signature that is not of this line" in found(places)[5]
    stripped = [json.dumps({k: v for k, v in json.loads(lines[5]).items() if k not in {"key", "signature"}})]
    rechained(places, [*lines[:5], *stripped])
    assert "no signature; expected one, since line 5 has one" in found(places)[6]


def test_a_finding_is_one_message_that_says_what_to_do() -> None:
    finding = Finding("releases.jsonl", 3, "a line that was edited", "another", "restore it")
    assert str(finding) == "releases.jsonl:3: found a line that was edited; expected another; restore it"
    assert os.linesep not in str(finding)
