"""`foi add` drafts the tables of workbooks and letters, and asks about whatever cannot be proved of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from click.testing import CliRunner

from pipeline.cli import main
from tests.intake.letter_tables.pdfs import GRID, XS, YS, Pdf, words

LETTER = """Our reference: FOI 77/25
Date: 14 March 2025

Your request was received by Dorset Police on 3 March 2025. You asked:

How many crimes name TikTok?

Decision

I am disclosing the information to you in full.
"""
OFFENCES: list[list[Any]] = [
    ["Offence", "2020/21", "2021/22"],
    ["Stalking", 25, 30],
    ["Harassment", 3, 4],
    ["Total", 28, 34],
]
ARRESTS: list[list[Any]] = [["Year", "Arrests"], ["2020/21", 4], ["2021/22", 6]]


def workbook(folder: Path, fill: Callable[[Any, Any], object], name: str = "data.xlsx") -> Path:
    book: Any = openpyxl.Workbook()
    book.active.title = "Q1"
    fill(book, book.active)
    book.save(folder / name)
    return folder / name


def put(sheet: Any, rows: list[list[Any]], top: int = 1, left: int = 1) -> None:
    for at, row in enumerate(rows, top):
        for column, value in enumerate(row, left):
            sheet.cell(at, column).value = value


def two_sheets(book: Any, sheet: Any) -> None:
    put(sheet, [["Crimes that name TikTok"], *OFFENCES])
    sheet.merge_cells("A1:C1")
    put(book.create_sheet("Q2 arrests"), ARRESTS, 3, 2)


def add(folder: Path, *files: Path, answers: dict[str, str] | None = None) -> dict[str, Any]:
    """Return the report of `foi add`; `answers` None answers nothing."""
    (folder / "answer.txt").write_text(LETTER)
    said = [part for key, text in (answers or {}).items() for part in ("--answer", f"{key}={text}")]
    given = ["--letter", str(folder / "answer.txt"), "--raw", str(folder / "raw"), "--json", *said]
    result = CliRunner().invoke(main, ["add", *map(str, files), *given])
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def added(folder: Path, *files: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return report and manifest of a disclosure, every question answered by what is proposed."""
    asked = {question["key"]: question["proposed"] or "" for question in add(folder, *files)["questions"]}
    asked |= {key: "financial 2020-04-01 to 2022-03-31" for key in asked if key.endswith("covers")}
    report = add(folder, *files, answers=asked)
    return report, yaml.safe_load((folder / "raw" / "dorset" / "foi-77-25" / "disclosure.yaml").read_text())


def entries(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    extracts = [extract for table in manifest["tables"] for extract in table["extracts"]]
    return [{key: value for key, value in extract.items() if key != "sha256"} for extract in extracts]


def test_each_table_of_a_workbook_becomes_an_extract_of_its_cells(tmp_path: Path) -> None:
    report, manifest = added(tmp_path, workbook(tmp_path, two_sheets))
    assert entries(manifest) == [
        {"file": "data.xlsx", "sheet": "Q1", "cells": "A2:C5"},
        {"file": "data.xlsx", "sheet": "Q2 arrests", "cells": "B3:C5"},
    ]
    offences, arrests = manifest["tables"]
    assert [column["label"] for column in offences["wide"]["columns"]] == ["2020/21", "2021/22"]
    assert offences["markers"] == {"Total": {"kind": "total"}}
    assert (arrests["columns"], arrests["unit"]) == ({"count": "Arrests", "period": "Year"}, "arrests")
    assert report["added"]["check"]["accepted"], report["added"]["check"]
    assert [extract["records"] for extract in report["added"]["check"]["extracts"]] == [3, 2]


def test_one_table_is_named_as_its_file(tmp_path: Path) -> None:
    _, manifest = added(tmp_path, workbook(tmp_path, lambda _, sheet: put(sheet, ARRESTS)))
    assert [table["id"] for table in manifest["tables"]] == ["data"]


def test_a_table_that_cannot_be_proved_is_asked_for_and_the_other_is_drafted(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        two_sheets(book, sheet)
        book["Q2 arrests"]["B6"] = "* provisional"

    path = workbook(tmp_path, fill)
    (missing,) = [q for q in add(tmp_path, path)["questions"] if q["key"] == "missing"]
    assert "a table of data.xlsx came, and is not read: one cell in use below the table" in missing["proposed"]
    assert "--cells B3:C5" in missing["words"]
    _, manifest = added(tmp_path, path)
    assert manifest["holding"] == "part"
    assert [extract["sheet"] for extract in entries(manifest)] == ["Q1"]


def test_a_workbook_that_hides_something_is_not_read(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        two_sheets(book, sheet)
        book["Q2 arrests"].sheet_state = "hidden"

    _, manifest = added(tmp_path, workbook(tmp_path, fill))
    assert manifest["tables"] == []
    assert "hidden sheet" in manifest["missing"]


def test_what_must_be_known_of_the_values_is_stated(tmp_path: Path) -> None:
    def fill(_: Any, sheet: Any) -> None:
        put(sheet, ARRESTS)
        sheet["B3"].number_format = "0,"

    unsure = add(tmp_path, workbook(tmp_path, fill))["unsure"]
    assert any(words.startswith("data.xlsx: sheet Q1, B3:") for words in unsure)


MARKDOWN = "# Answer\n\n| Year | Crimes |\n|--|--|\n| 2020/21 | 7 |\n\n| Year | Arrests |\n|--|--|\n| 2020/21 | 1 |\n"
PAGE = "<p>Answer</p>\n<table>\n<tr><th>Year</th><th>Crimes</th></tr>\n<tr><td>2020/21</td><td>7</td></tr>\n</table>\n"
TEXT = "Dear Sir,\n\nwe hold these, as asked.\n\nYear     Crimes\n2020/21  7\n2021/22  9\n\nYours\n"


def pdf() -> bytes:
    cells = [("Offence", "2020/21", "2021/22"), ("Stalking", "7", "9"), ("Harassment", "3", "4")]
    texts = [
        words(XS[column] + 4, YS[row] - 14, text) for row, line in enumerate(cells) for column, text in enumerate(line)
    ]
    return Pdf().page(*GRID, *texts).page(*GRID, *texts).written()


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("reply.md", MARKDOWN.encode(), [{"letter_table": 1, "header_line": 3}, {"letter_table": 2, "header_line": 7}]),
        ("reply.html", PAGE.encode(), [{"letter_table": 1, "header_line": 3}]),
        ("reply.txt", TEXT.encode(), [{"letter_table": 1, "header_line": 5}]),
        ("reply.pdf", pdf(), [{"letter_table": 1}, {"letter_table": 2}]),
    ],
)
def test_tables_of_a_letter_among_the_files_become_extracts_of_the_letter_that_is_kept(
    tmp_path: Path, name: str, content: bytes, expected: list[dict[str, Any]]
) -> None:
    (tmp_path / name).write_bytes(content)
    report, manifest = added(tmp_path, tmp_path / name)
    assert entries(manifest) == [{"file": name, **entry} for entry in expected]
    assert report["added"]["kept"] == [name]
    assert report["added"]["check"]["accepted"], report["added"]["check"]
    assert any("taken for a letter" in words for words in report["unsure"]) is name.endswith(".txt")


def test_the_letter_itself_is_not_kept_and_its_tables_are_no_extracts(tmp_path: Path) -> None:
    path = workbook(tmp_path, lambda _, sheet: put(sheet, ARRESTS))
    report, manifest = added(tmp_path, path)
    assert report["added"]["kept"] == ["data.xlsx"]
    assert not (tmp_path / "raw" / "dorset" / "foi-77-25" / "answer.txt").exists()
    assert {extract["file"] for extract in entries(manifest)} == {"data.xlsx"}


def test_a_letter_that_is_read_as_cp1252_is_stated(tmp_path: Path) -> None:
    path = workbook(tmp_path, lambda _, sheet: put(sheet, ARRESTS))
    add(tmp_path, path)
    (tmp_path / "letter.txt").write_bytes(LETTER.replace("TikTok?", "TikTok – £5?").encode("cp1252"))
    given = ["--letter", str(tmp_path / "letter.txt"), "--raw", str(tmp_path / "raw"), "--json"]
    report = json.loads(CliRunner().invoke(main, ["add", str(path), *given]).stdout)
    assert "letter.txt: read as cp1252: not UTF-8, no byte order mark" in report["unsure"]
