"""`foi read` without a manifest: what can be seen in two ways is refused with its line, what is plain is read."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cli import main
from pipeline.intake.survey import survey
from tests.intake.manifests import COUNTS, SHA, changed, folder_of

REFUSED: dict[str, tuple[int, str]] = {
    # a first line of numbers and periods
    "January,5\n": (1, "line of numbers"),
    "Financial year 2019/20,5\n": (1, "line of numbers"),
    "Year ending March 2020,5\n": (1, "line of numbers"),
    "12 months to March 2020,5\n": (1, "line of numbers"),
    "w/c 6 Jan 2020,5\n": (1, "line of numbers"),
    "Mon 6 Jan 2020,5\n": (1, "line of numbers"),
    "2020-01-01T00:00:00Z,5\n": (1, "line of numbers"),
    "01/02/2020 10:30 AM,5\n": (1, "line of numbers"),
    # a first line with a number of things, or with the period of a record
    "Theft,5\nRape,6\n": (1, "a line with a number"),
    "Number of crimes,71\n": (1, "a line with a number"),
    'Number of crimes,"4,625"\n': (1, "a line with a number"),
    "Theft,5.2k\nRape,7\n": (1, "a line with a number"),
    "Theft,in excess of 3200\n": (1, "a line with a number"),
    "Theft,<5\nRape,7\n": (1, "a line with a number"),
    "reports,32 reports (2 of them twice)\n": (1, "a line with a number"),
    "2020,N/A\n2021,5\n": (1, "line of numbers"),
    "2020,nil\n2021,5\n": (1, "line of numbers"),
    "2020,Male\n2021,Female\n": (1, "above a column of periods"),
    # another header among the records, or before them
    "Year,2020,,2021,\n,Q1,Q2,Q1,Q2\nTheft,1,2,3,4\n": (2, "second line"),
    "Offence,2020\nName,(count)\nTheft,5\n": (2, "second line"),
    "Offence,Count,Count\n,2020,2021\nTheft,1,2\n": (2, "second line"),
    "Offences recorded, by month\nOffence,Count\nTheft,5\nRape,N/A\n": (2, "second line"),
    "Offence,Number\nTheft,5\nRape,6\nOutcome,Number of them\nCharged,3\n": (4, "another table"),
    "Offence,Number\nTheft,5\nOutcome,Number of them\nCharged,3\nAge,How many\n18,4\n": (3, "another table"),
    "Theft,x\nRape,5\nOffence,Count\n": (3, "another header"),
    "Force:,Avon\nPeriod:,2020\n\nOffence,Count\nTheft,5\n": (4, "another header"),
    "Offence,Count\n-----,-----\nTheft,5\n": (2, "rule of dashes"),
    "Offence|Count\n---|---\nTheft|5\n": (2, "rule of dashes"),
    # titles and notes with the delimiters of a record
    "Table 1,,\nOffence,2020,2021\nTheft,5,6\n": (1, "one cell in use"),
    "Offence,Count\nTheft,5\nNote: figures are provisional, may change\n": (3, "note"),
    "Offence,Count\nTheft,5\nfigures are provisional, may change\n": (3, "a note"),
    "Offence,Count\nTheft,5\nSource: Niche,\n": (3, "note"),
    "Offence,Count\nTheft,5\n* includes cyber,\n": (3, "note"),
    "Offence,Count\nTheft,5\nPlease note the rounding,\n": (3, "note"),
    "Offence,Count\nTheft,5\nExtracted on 5 May,\n": (3, "note"),
    # marks of byte order
    "Offence,Count\nTheft,5\n\ufeffRape,6\n": (3, "byte order mark"),
    "\ufeff\ufeffOffence,Count\nTheft,5\n": (1, "byte order mark"),
    # delimiters
    "sep=,\nYear;Count\n2020;5\n": (1, "sep=,"),
    "Year:Count\n2020:5\n": (1, "':'"),
    "Year^Count\n2020^5\n": (1, "'^'"),
    "Year~Count\n2020~5\n": (1, "'~'"),
    "Year   Count\n2020    5\n": (1, "runs of blanks"),
    '"Year;Count"\n"2020;5"\n': (1, "';'"),
    "<!-- made by a site -->,x\nTheft,5\n": (1, "markup"),
    "Offence,Count,\nTheft,1,234\nRape,2,345\n": (1, "three digits"),
}
READ: dict[str, list[list[str]]] = {
    "Offence,Count\nTheft,1950\nRape,345\n": [["Theft", "1950"], ["Rape", "345"]],
    "Offence,2020,2021\nTheft,2010,5\nRape,5,6\n": [["Theft", "2010", "5"], ["Rape", "5", "6"]],
    "Offence,January,February\nTheft,5,N/A\n": [["Theft", "5", "N/A"]],
    "Age,Count\n18,not held\n19,5\n": [["18", "not held"], ["19", "5"]],
    "Month,Count\nJanuary,5\nFebruary,6\n": [["January", "5"], ["February", "6"]],
    "Date,Offence\n01/02/2020,Theft\n02/02/2020,Rape\n": [["01/02/2020", "Theft"], ["02/02/2020", "Rape"]],
    ",Total\nTheft,5\n": [["Theft", "5"]],
    "Year,Male,Female\n2020,1,2\n2021,3,4\n": [["2020", "1", "2"], ["2021", "3", "4"]],
    "Offence,Under 18,Over 18\nTheft,1,2\n": [["Theft", "1", "2"]],
    "Offence,Count,\nTheft,5,\nRape,6,\n": [["Theft", "5", ""], ["Rape", "6", ""]],
    "Code,Class,Name\n003/01,3B,Threats\n035/00,35,Blackmail\n053/34,NFIB,Misuse\n": [
        ["003/01", "3B", "Threats"],
        ["035/00", "35", "Blackmail"],
        ["053/34", "NFIB", "Misuse"],
    ],
    # a header again, in other capitals, with blanks, a form feed or a mark
    "Offence,Count\nTheft,5\noffence , COUNT\n\x0cOffence,Count\n\ufeffOffence,Count\nRape,6\n": [
        ["Theft", "5"],
        ["Rape", "6"],
    ],
}


def read(path: Path, *options: str) -> dict[str, Any]:
    """Return the answer of the verb."""
    result = CliRunner().invoke(main, ["read", str(path), "--json", *options])
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def written(folder: Path, data: str | bytes) -> Path:
    path = folder / "a.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.parametrize("data", REFUSED)
def test_what_can_be_seen_in_two_ways_is_refused_with_its_line(tmp_path: Path, data: str) -> None:
    line, words = REFUSED[data]
    document = read(written(tmp_path, data))
    assert document.get("refused", {}).get("line_no") == line, document
    assert words in document["refused"]["reason"]


@pytest.mark.parametrize("data", READ)
def test_what_can_be_seen_in_one_way_is_read(tmp_path: Path, data: str) -> None:
    document = read(written(tmp_path, data))
    assert [record["values"] for record in document.get("records", [])] == READ[data], document


@pytest.mark.parametrize("data", [data for data, (_, words) in REFUSED.items() if "line" in words])
def test_what_a_person_says_of_the_header_settles_it(tmp_path: Path, data: str) -> None:
    assert read(written(tmp_path, data), "--header-line", "0")["header_line"] == 0


WORDS = st.text("abcdefgh", min_size=2, max_size=6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(WORDS, st.integers(0, 9999)), min_size=2, max_size=6), st.integers(1, 6), WORDS, WORDS)
def test_a_second_header_is_refused_wherever_it_stands(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, int]], at: int, label: str, name: str
) -> None:
    lines = ["Offence,Count", *(f"{word}x,{n if not 1900 <= n < 2100 else 5}" for word, n in rows)]
    lines.insert(min(at, len(lines)), f"{label}y,{name}y")
    document = read(written(tmp_path_factory.getbasetemp(), "\n".join(lines) + "\n"))
    assert document.get("refused", {}).get("line_no") == min(at, len(lines) - 1) + 1, document


@pytest.mark.parametrize("last", ["Rape,6", "Source"])
def test_a_last_line_without_line_end_is_told(tmp_path: Path, last: str) -> None:
    assert read(written(tmp_path, f"Offence,Count\nTheft,5\n{last}"))["warnings"] == [
        "line 3 has no line end: the file may be cut there"
    ]
    assert read(written(tmp_path, f"Offence,Count\nTheft,5\n{last}\n"))["warnings"] == []


def test_letters_in_utf_8_beside_a_byte_that_is_none_leave_the_encoding_open(tmp_path: Path) -> None:
    mixed = "Offence,Count\nCafé,5\n".encode() + b"\xa3 fraud,6\n"
    refused = read(written(tmp_path, mixed))["refused"]
    assert refused["line_no"] == 3
    assert "neither UTF-8 nor cp1252 for certain" in refused["reason"] and "--encoding" in refused["reason"]
    assert read(written(tmp_path, mixed), "--encoding", "cp1252")["records"][1]["values"] == ["£ fraud", "6"]
    alone = read(written(tmp_path, b"Offence,Count\nCaf\xe9,5\n\xa3 fraud,6\n"))
    assert alone["encoding"] == "cp1252" and alone["warnings"]


@settings(max_examples=30, deadline=None)
@given(st.integers(-4, 4), st.booleans())
def test_letters_at_the_edge_of_a_block_are_seen(
    tmp_path_factory: pytest.TempPathFactory, shift: int, bad_first: bool
) -> None:
    head = b"Offence,Count\n" + (b"\xa3,1\n" if bad_first else b"x,1\n")
    filler = b"x" * ((1 << 20) - len(head) + shift)
    data = head + filler + "€,5\n".encode() + (b"y,1\n" if bad_first else b"\xa3,1\n")
    refused = read(written(tmp_path_factory.getbasetemp(), data))["refused"]
    assert refused["line_no"] == (2 if bad_first else 4), refused


@pytest.mark.parametrize("head", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF-1.7", b"\0"])
def test_bytes_that_are_no_text_have_a_survey(tmp_path: Path, head: bytes) -> None:
    path = written(tmp_path, head + "€".encode() + b"\xff\n")
    assert survey(path, "a.xlsx", None).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_by_a_manifest_other_bytes_and_a_missing_line_end_are_told(tmp_path: Path) -> None:
    data = b"Year,Count\n2020,5"
    folder = folder_of(tmp_path, COUNTS)
    path = written(folder, data)
    other, cut = read(path)["warnings"]
    assert SHA in other and "a refresh would refuse it" in other
    assert cut == "line 2 has no line end: the file may be cut there"
    folder_of(tmp_path, changed(COUNTS, SHA, hashlib.sha256(data).hexdigest()))
    assert read(path)["warnings"] == [cut]


def test_personal_data_that_would_hold_a_file_is_told_without_the_value(tmp_path: Path) -> None:
    data = "Offence,Summary,Count\nTheft,call 07700 900123,5\nRape,none,6\nFraud,or 07700 900456,7\n"
    document = read(written(tmp_path, data))
    assert document["warnings"] == ["would be held: phone in column Summary, lines 2, 4"]
    clean = read(written(tmp_path, data.replace("07700", "")))
    assert clean["warnings"] == []


def test_personal_data_outside_the_records_is_told_too(tmp_path: Path) -> None:
    document = read(written(tmp_path, "Offence,Platform,Count\nTheft,X,5\nRape,Y,6\nCall 07700 900123\n"))
    assert document["warnings"] == ["would be held: phone outside the records, line 4"]
