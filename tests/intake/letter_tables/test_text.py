"""Tables in plain text, and what holds for text files of every kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.intake.letter_tables import LineSpan, PageBox
from pipeline.intake.problem import Refused
from tests.intake.letter_tables.letters import DRAWN, fault, fields, letter, read, refusal


def test_columns_parted_by_spaces(tmp_path: Path) -> None:
    text = (
        "Dear Sir,\n\n"
        "  Platform      2015   2016\n"
        "  --------      ----   ----\n"
        "  Facebook     1,203      4\n"
        "  Snap chat       12      *\n\nYours"
    )
    (table,) = read(tmp_path, "a.txt", text)
    assert table.address == LineSpan(3, 6)
    assert fields(table) == [("Platform", "2015", "2016"), ("Facebook", "1,203", "4"), ("Snap chat", "12", "*")]
    assert [row.line_no for row in table.rows] == [3, 5, 6]


@pytest.mark.parametrize(
    "text", ["a\tb\tc\n1\t2 3\t4\n", "a\t\tb\t\tc\nlong one\t2 3\t4\n", "\ta\tb\tc\n\t1\t2 3\t4\n"]
)
def test_columns_parted_by_tabs(tmp_path: Path, text: str) -> None:
    (table,) = read(tmp_path, "a.txt", text)
    assert [row[-1] for row in fields(table) if row] == ["c", "4"]
    assert {len(row.fields or ()) for row in table.rows} == {3}


def test_a_drawn_table_holds_to_its_first_line(tmp_path: Path) -> None:
    (table,) = read(tmp_path, "a.txt", DRAWN)
    assert table.address == LineSpan(2, 7)
    assert fields(table) == [("Platform", "2015"), ("Face|book", "1,203"), ("Snapchat", "-")]
    assert [row.line_no for row in table.rows] == [3, 5, 6]


def test_a_drawn_table_without_crosses(tmp_path: Path) -> None:
    (table,) = read(tmp_path, "a.txt", "| a  | b |\n|----|---|\n| 12 | * |\n")
    assert fields(table) == [("a", "b"), ("12", "*")]


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        (DRAWN.replace("|     - |", "|    - |"), 6, "bars that do not stand under"),
        (DRAWN.replace("| Snapchat |     - |", "| Snapchat       - |"), 6, "bars that do not stand under"),
        (DRAWN.replace("| Snapchat |     - |", "| Snapchat |     - "), 6, "bars that do not stand under"),
        (DRAWN.replace("+==========+=======+", "+==================+"), 4, "a drawn line with other columns"),
        (DRAWN.replace("|     - |", "|       |"), 6, "a blank cell"),
        ("| a  | b |\n| 1|2 | b |\n", 2, "bars that do not stand under"),
        (
            "Platform   2015\nFacebook      1\nmessages\nTwitter       2\nSnapchat      3\n",
            3,
            "a line that does not stand",
        ),
        ("a\tb\tc\n1\t\t2\n", 1, "tabs that stand side by side"),
    ],
)
def test_what_can_be_parted_in_two_ways_is_refused(tmp_path: Path, text: str, line: int, found: str) -> None:
    problem = fault(tmp_path, "a.txt", text)
    assert problem.line == line
    assert found in problem.found


@pytest.mark.parametrize(
    "text",
    [
        "Dear Sir,\nthank you for it.  We hold\nnothing.\n",
        "one  line\n",
        "a  b\nlonger than  b\n",
        "\n\n",
        "",
        "|\n",
        "+44 20\nx\n",
    ],
)
def test_prose_is_no_table(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, "a.txt", text) == ()


def test_bytes_are_utf_8_or_else_cp1252(tmp_path: Path) -> None:
    for encoded in ("|£|–|\n|-|-|".encode(), "|£|–|\n|-|-|".encode("cp1252"), "|£|–|\n|-|-|".encode("utf-8-sig")):
        (table,) = read(tmp_path, "a.md", encoded)
        assert fields(table) == [("£", "–")]


@pytest.mark.parametrize("name", ["a.md", "a.txt", "a.html"])
def test_a_nul_and_bytes_of_no_encoding_refuse_the_file(tmp_path: Path, name: str) -> None:
    for content in (b"a\nb\0c", b"a\n\xff\x81"):
        with pytest.raises(Refused) as refused:
            read(tmp_path, name, content)
        assert [problem.line for problem in refused.value.problems] == [2]


def test_other_forms_and_tables_that_are_not_there_are_refused(tmp_path: Path) -> None:
    assert "the form .docx" in refusal(letter(tmp_path, "a.docx", ""), 1).found
    path = letter(tmp_path, "a.md", "|a|b|\n|-|-|\n")
    for which in (0, 2):
        problem = refusal(path, which)
        assert problem.found == f"no table {which}"
        assert "1 (lines 1 to 2)" in problem.expected
    assert "without pages" in refusal(path, PageBox(1, 0, 0, 1, 1)).found
