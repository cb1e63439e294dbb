"""Tables in Markdown are read as a reader sees them, or refused with the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.intake.letter_tables import LineSpan, table_rows, tables_in
from tests.intake.letter_tables.letters import MARKDOWN, fault, fields, letter, read, refusal


def test_markdown_tables_are_read_as_a_reader_sees_them(tmp_path: Path) -> None:
    first, second = read(tmp_path, "a.md", MARKDOWN)
    assert (first.number, first.address) == (1, LineSpan(3, 8))
    assert fields(first) == [
        ("Platform", "2015*", "2016"),
        ("Facebook", "1,203", "<5"),
        ("Snap|chat", "-", "7"),
        ("Other", "1", "2", "3"),
        ("Total",),
    ]
    assert [(row.line_no, row.lines) for row in first.rows] == [(3, 1), (5, 1), (6, 1), (7, 1), (8, 1)]
    assert first.rows[1].text == "| Facebook | 1,203 | <5 |"
    assert second.address == LineSpan(18, 20)
    assert fields(second) == [("a", "b"), ("x\ny", "*")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_of_every_kind_keep_their_numbers(tmp_path: Path, end: str) -> None:
    (table,) = read(tmp_path, "a.md", end.join(["x", "", "|a|b|", "|-|-|", "|1|2|"]))
    assert [(row.line_no, row.text) for row in table.rows] == [(3, "|a|b|"), (5, "|1|2|")]


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("|a|b|\n|-|-|\n|1|~~2~~|", 3, "struck-through text in a cell"),
        ("|a|b|\n|-|-|\n|1|12<sup>1</sup>|", 3, "'<sup>'"),
        ("|a|b|\n|-|-|\n|1|2<!-- 3 -->|", 3, "'<!-- 3 -->'"),
        ("|a|b|\n|-|-|\n|1|![2](x.png)|", 3, "a picture"),
        ("|a|b|\n|-|-|\n|1|5*3*2|", 3, "markup between two digits"),
        ("|a|b|c|\n|-|-|\n|1|2|", 2, "an alignment row that fits no header"),
        ("a|b\n--|--\n1|2\n* | 3\n4|5", 4, "a line with bars right below a table"),
        ("> |a|b|\n> |-|-|\n> |1|2|", 1, "inside a quotation"),
        ("<table><tr><td>1</table>", 1, "an HTML table in Markdown"),
    ],
)
def test_what_is_not_plainly_text_in_markdown_is_refused(tmp_path: Path, text: str, line: int, found: str) -> None:
    problem = fault(tmp_path, "a.md", text)
    assert problem.line == line
    assert found in problem.found


def test_a_refused_table_keeps_its_number_and_the_others_are_read(tmp_path: Path) -> None:
    path = letter(tmp_path, "a.md", "|a|b|\n|-|-|\n|1|~~2~~|\n\n|c|d|\n|-|-|\n|3|4|\n")
    first, second = tables_in(path, "a.md")
    assert first.problems
    assert (second.number, fields(second)) == (2, [("c", "d"), ("3", "4")])
    assert tuple(table_rows(path, "a.md", 2)) == second.rows
    assert refusal(path, 1) == first.problems[0]
