"""`foi add`: nothing is written before all is answered, nothing is overwritten, and what is written is accepted."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pipeline.cli import main

LETTER = """Our reference: FOI 77/25
Date: 14 March 2025

Freedom of Information request

Your request was received by Dorset Police on 3 March 2025. You asked:

How many crimes name TikTok or Snapchat?

Decision

I am disclosing the information to you in full.
"""
RECORDS = """Reference,Month,Offence,Platform,Victim age,Status
1,Jan-21,Harassment,TikTok,15,NFA
2,Feb-21,Stalking,Snapchat,16,Charged
"""
ANSWERS = ["--answer", "tables.data.record_is=crime", "--answer", "tables.data.covers=2021-01-01 to 2021-12-31"]


@pytest.fixture
def arrived(tmp_path: Path) -> Path:
    (tmp_path / "data.csv").write_text(RECORDS)
    (tmp_path / "answer.txt").write_text(LETTER)
    return tmp_path


def add(folder: Path, *more: str, file: str = "data.csv") -> tuple[Result, dict[str, Any]]:
    given = ["add", str(folder / file), "--letter", str(folder / "answer.txt"), "--raw", str(folder / "raw"), "--json"]
    result = CliRunner().invoke(main, [*given, *more])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result, json.loads(result.stdout)


def test_what_is_open_is_asked_and_nothing_is_written(arrived: Path) -> None:
    result, report = add(arrived)
    assert result.exit_code == 1
    assert report["added"] is None
    assert {q["key"] for q in report["questions"]} <= {"tables.data.record_is", "tables.data.covers"}
    assert not (arrived / "raw").exists()


def test_what_is_answered_becomes_an_accepted_disclosure_with_its_bytes(arrived: Path) -> None:
    result, report = add(arrived, *ANSWERS)
    assert result.exit_code == 0, report
    folder = arrived / "raw" / "dorset" / "foi-77-25"
    assert report["added"]["check"]["accepted"]
    assert sorted(p.name for p in folder.iterdir()) == ["data.csv", "disclosure.yaml"], "the letter is not kept"
    assert (folder / "data.csv").read_text() == RECORDS
    manifest = (folder / "disclosure.yaml").read_text()
    assert "reference: FOI 77/25" in manifest
    assert "received: 2025-03-03" in manifest and "responded: 2025-03-14" in manifest


def test_nothing_is_overwritten(arrived: Path) -> None:
    add(arrived, *ANSWERS)
    manifest = arrived / "raw" / "dorset" / "foi-77-25" / "disclosure.yaml"
    manifest.write_text("mine\n")
    (arrived / "data.csv").write_text(RECORDS + "3,Mar-21,Stalking,X,17,NFA\n")
    result, report = add(arrived, *ANSWERS)
    assert result.exit_code == 1
    assert "there already" in report["error"]
    assert manifest.read_text() == "mine\n"
    assert (manifest.parent / "data.csv").read_text() == RECORDS


def test_a_zip_is_unpacked_and_one_that_leaves_its_folder_is_refused(arrived: Path) -> None:
    for name, good in (("data.csv", True), ("../data.csv", False)):
        with zipfile.ZipFile(arrived / "answer.zip", "w") as archive:
            archive.writestr(name, RECORDS)
        result, report = add(arrived, *ANSWERS, file="answer.zip")
        assert (result.exit_code == 0) is good, report
    assert not (arrived / "data.csv.part").exists()


def test_an_answer_that_cannot_be_is_refused(arrived: Path) -> None:
    result, report = add(arrived, "--answer", "tables.data.record_is=sheep")
    assert result.exit_code == 1 and "sheep" in report["error"]


def test_the_person_at_the_terminal_sees_the_questions(arrived: Path) -> None:
    given = ["add", str(arrived / "data.csv"), "--letter", str(arrived / "answer.txt"), "--raw", str(arrived / "raw")]
    result = CliRunner().invoke(main, given)
    assert result.exit_code == 1
    assert "tables.data.record_is" in result.stdout and "--answer" in result.stdout


@pytest.mark.parametrize("force", ["../../elsewhere", "nowhere", "Dorset Police"])
def test_a_force_that_is_not_known_writes_nothing(arrived: Path, force: str) -> None:
    result, report = add(arrived, *ANSWERS, "--force", force)
    assert result.exit_code == 1 and report.get("added") is None
    assert not list(arrived.rglob("disclosure.yaml"))


def test_a_second_answer_to_the_same_request_gets_a_folder_of_its_own_and_is_asked_what_it_replaces(
    arrived: Path,
) -> None:
    add(arrived, *ANSWERS)
    (arrived / "data.csv").write_text(RECORDS + "3,Mar-21,Stalking,X,17,NFA\n")
    (arrived / "answer.txt").write_text(LETTER.replace("14 March", "14 June"))
    result, report = add(arrived, *ANSWERS)
    assert result.exit_code == 1 and [q["key"] for q in report["questions"]] == ["our_reference", "relation"]
    said = ["--answer", "our_reference=", "--answer", "relation=corrects foi-77-25"]
    result, report = add(arrived, *ANSWERS, *said)
    assert result.exit_code == 0, report
    assert report["added"]["folder"] == "raw/dorset/foi-77-25-2025-06-14"
    assert "corrects: foi-77-25\n" in (arrived / "raw/dorset/foi-77-25-2025-06-14/disclosure.yaml").read_text()
    assert (arrived / "raw/dorset/foi-77-25/data.csv").read_text() == RECORDS


@pytest.mark.parametrize(
    ("below", "rejected", "left_out"),
    [
        ("Theft,2022\n", [4], []),
        ("Haras", [4], []),
        ("Haras\n", [], ["data.csv: line 4 is left out as a note: 'Haras'"]),
        ("\nSource: Niche\n", [], ["data.csv: line 5 is left out as a note: 'Source: Niche'"]),
        ("Source: Niche\nTheft,2022\n", [4, 5], []),
        ("Theft,2022\nSource: Niche\n", [4], ["data.csv: line 5 is left out as a note: 'Source: Niche'"]),
        ('"Source: Niche, live"\n', [], ["data.csv: line 4 is left out as a note: '\"Source: Niche, live\"'"]),
    ],
)
def test_what_stands_below_a_table_is_rejected_or_said_to_be_left_out(
    arrived: Path, below: str, rejected: list[int], left_out: list[str]
) -> None:
    table = "Offence,Year,Count\nTheft,2020,120\nTheft,2021,345\n"
    (arrived / "data.csv").write_text(table + below)
    said = ["--answer", "tables.data.unit=crimes", "--answer", "tables.data.covers=calendar 2020-01-01 to 2021-12-31"]
    _, report = add(arrived, *said)
    assert [words for words in report["unsure"] if "left out" in words] == left_out
    folder = arrived / "raw" / "dorset" / "foi-77-25"
    places = (folder / "disclosure.yaml").read_text()
    assert ("range:" in places) is bool(left_out)
    (extract,) = report["added"]["check"]["extracts"]
    assert (extract["records"], extract["rejected"]) == (2 + len(rejected), len(rejected)), extract
