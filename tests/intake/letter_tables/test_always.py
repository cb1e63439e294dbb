"""What holds for any table, and for any damage to a letter."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.intake.letter_tables import quoted_count, table_rows
from pipeline.intake.problem import Refused
from tests.intake.letter_tables.letters import DRAWN, MARKDOWN, PAGE, fields, read

WORD = st.text(st.sampled_from("ab01,|\\*_`~<>&;#[]()!+-:=\"'£é\u2028") | st.characters(codec="utf-8"), max_size=6)
CELL = st.lists(WORD, max_size=3).map(lambda parts: " ".join(" ".join(parts).replace("\0", "").split()))
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=5)
)


def markdown(rows: list[list[str]]) -> str:
    def cell(text: str) -> str:
        return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)

    written = ["| " + " | ".join(map(cell, row)) + " |" for row in rows]
    return "\n".join([written[0], "|" + "---|" * len(rows[0]), *written[1:]]) + "\n"


def page_of(rows: list[list[str]]) -> str:
    written = ["<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows]
    return "\n".join(["<table>", *written, "</table>"])


def drawn(rows: list[list[str]]) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    rule = "+" + "".join("-" * (width + 2) + "+" for width in widths)
    written = ["| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |" for row in rows]
    return "\n".join([rule, *(part for row in written for part in (row, rule))])


@settings(max_examples=300, deadline=None)
@given(TABLES)
@example([["a|b", "\\", "\\|"], ["*", "**", "`|`"]])
def test_any_table_is_read_back_equal_however_it_is_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    for name, text in (("any.md", markdown(rows)), ("any.html", page_of(rows)), ("any.txt", drawn(rows))):
        (table,) = read(folder, name, text)
        assert fields(table) == [tuple(row) for row in rows], text
        lines = text.split("\n")
        assert all(lines[row.line_no - 1] == row.text for row in table.rows)


MUTATIONS = st.lists(
    st.tuples(
        st.integers(0, 400),
        st.integers(0, 6),
        st.binary(max_size=3)
        | st.sampled_from([b"<![if", b"<!", b"</", b"<table", b"</tr>", b"|", b"\n\n", b"```", b"\t", b"&#", b"<!--"]),
    ),
    max_size=5,
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from([("m.html", PAGE), ("m.md", MARKDOWN), ("m.txt", DRAWN)]), MUTATIONS)
def test_mutated_bytes_give_tables_or_a_refusal_with_its_place(
    tmp_path_factory: pytest.TempPathFactory, source: tuple[str, str], mutations: list[tuple[int, int, bytes]]
) -> None:
    name, text = source
    content = text.encode()
    for place, length, new in mutations:
        content = content[:place] + new + content[place + length :]
    folder = tmp_path_factory.getbasetemp()
    try:
        tables = read(folder, name, content)
    except Refused as refused:
        assert all(problem.line is not None and problem.remedy for problem in refused.problems)
        return
    assert [table.number for table in tables] == list(range(1, len(tables) + 1))
    for table in tables:
        assert bool(table.rows) != bool(table.problems)
        assert all(problem.line is not None and problem.remedy for problem in table.problems)
        if not table.problems:
            assert tuple(table_rows(folder / name, name, table.number)) == table.rows
    try:
        quoted_count(folder / name, name, None, 3, "We hold 12")
    except Refused as refused:
        assert all(problem.line is not None for problem in refused.problems)
