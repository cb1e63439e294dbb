"""Tables in HTML are read as a browser shows them, or refused with the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.intake.letter_tables import Element
from tests.intake.letter_tables.letters import PAGE, fault, fields, read


def test_html_tables_are_read_as_a_browser_shows_them(tmp_path: Path) -> None:
    (table,) = read(tmp_path, "a.html", PAGE)
    assert table.address == Element(1, 4)
    assert fields(table) == [
        ("Crimes & more",),
        ("Platform", "2015¹"),
        ("Facebook Messenger", "1,203"),
        ("a\nb\nc\nd", "<5"),
        ("Total", ""),
    ]
    assert [(row.line_no, row.lines) for row in table.rows] == [(5, 1), (7, 1), (8, 5), (13, 1), (14, 1)]
    assert table.rows[1].text == "<tr><th>Plat<b>form</b></th><th>2015<sup>1</sup></th></tr>"
    assert table.rows[-1].text == "<tr><td>&nbsp;Total<td>"


TWO = "<table>\n<tr><td>a<td>b\n<tr>{}\n<tr><td>3<td>4\n</table>"


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("<td colspan=3>1", "spans 3 columns"),
        ("<td>1<td colspan='2'>2", "spans 2 columns"),
        ("<td rowspan=2>1<td>2", "spans 2 rows"),
        ("<td rowspan=0>1<td>2", "spans all rows"),
        ("<td>1<td style='color: red; display : none'>2", "hidden content (<td>)"),
        ("<td>1<td hidden>2", "hidden content (<td>)"),
        ("<td>1<td>1<span style='visibility:hidden'>2</span>", "hidden content (<span>)"),
        ("<td>1<td>1<span style='font-size:0'>2</span>", "hidden content (<span>)"),
        ("<td>1<td class='x gone'>2", "hidden content (<td>)"),
        ("<td>1<td><del>1</del>2", "struck-through text"),
        ("<td>1<td><img src=2.png>", "a <img>"),
        ("<td>1<td><input value=2>", "a <input>"),
        ("<td>1<td>2</td>3", "text outside of the cells ('3')"),
        ("<td>1<td>2</tr><td>3</td>", "a cell outside of a row"),
    ],
)
def test_what_is_not_plainly_one_text_a_cell_is_refused(tmp_path: Path, row: str, found: str) -> None:
    text = "<style>@media all { p, tr td.gone { Display: None } }</style>" + TWO.format(row)
    problem = fault(tmp_path, "a.htm", text)
    assert problem.line == 3
    assert found in problem.found


def test_a_hidden_row_and_a_hidden_table_are_refused(tmp_path: Path) -> None:
    for text in (
        TWO.format("<td>1<td>2").replace("<tr><td>3", "<tr hidden><td>3"),
        f"<div style='display:none'>{TWO.format('<td>1<td>2')}</div>",
        f"<template>{TWO.format('<td>1<td>2')}</template>",
    ):
        (table,) = read(tmp_path, "a.html", text)
        assert table.rows == ()
        assert all("hidden content" in problem.found for problem in table.problems)


def test_nested_tables_are_refused_and_a_later_one_is_read(tmp_path: Path) -> None:
    good = "<table><tr><td>5</table>"
    outer, inner, last = read(tmp_path, "a.html", f"<table><tr><td>\n{good}\n</td></tr></table>\n{good}")
    assert "a table inside this table" in outer.problems[0].found
    assert inner.problems[0].found == "a table inside another table"
    assert (last.address, fields(last)) == (Element(3, 4), [("5",)])


@pytest.mark.parametrize(
    ("text", "found"), [("<table><tr><td>1", "does not end"), ("<table></table>", "a table without rows")]
)
def test_a_cut_or_empty_html_table_is_refused(tmp_path: Path, text: str, found: str) -> None:
    assert found in fault(tmp_path, "a.html", text).found
