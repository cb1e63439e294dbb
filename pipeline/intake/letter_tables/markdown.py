"""Tables in Markdown (.md): the pipe tables of GitHub's Markdown.

The alignment row is no row; a row with more or fewer cells than the header keeps its own. A cell is the text a reader
sees: emphasis, links, code and escapes give their text, `<br>` a newline. Struck-through text, pictures and other HTML
in a cell refuse the table, and so does markup between two digits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.intake.decoding import text_lines
from pipeline.intake.letter_tables.addresses import FoundTable, LineSpan
from pipeline.intake.letter_tables.faults import fault, refused_lines
from pipeline.intake.problem import Problem
from pipeline.intake.rows import Row

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_ALIGNMENT = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_UNESCAPED_PIPE = re.compile(r"(?<!\\)\|")


class _Unreadable(Exception):
    """Raised with what stands in a cell and has no text."""


@cache
def _markdown() -> MarkdownIt:
    # imported here: only a letter in Markdown needs it
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


def markdown_tables(path: Path, file: str) -> list[FoundTable[LineSpan]]:
    """Return the tables of a Markdown file in order; raises Refused where its lines cannot be read."""
    lines = text_lines(path, file)
    links: dict[str, Any] = {}
    found: list[FoundTable[LineSpan]] = []
    taken: set[int] = set()
    for token in _markdown().parse("\n".join(lines), links):
        if token.type not in {"table_open", "fence", "code_block", "html_block"} or token.map is None:
            continue
        first, last = token.map[0] + 1, token.map[1]
        taken.update(range(first, last + 1))
        if token.type == "html_block" and re.search(r"<table\b", token.content, re.IGNORECASE):
            remedy = "save the letter as .html, or transcribe"
            problem = fault(file, first, "an HTML table in Markdown", remedy=remedy)
            found.append(refused_lines(first, last, problem))
        elif token.type == "table_open" and token.level > 0:
            found.append(refused_lines(first, last, fault(file, first, "a table inside a quotation or a list")))
        elif token.type == "table_open":
            found.append(_markdown_table(lines, first, last, links, file))
    for line_no, line in enumerate(lines, 1):
        if line_no not in taken and "|" in line and _ALIGNMENT.fullmatch(line):
            expected = "as many cells above it as it has itself"
            problem = fault(file, line_no, "an alignment row that fits no header", expected)
            found.append(refused_lines(line_no, line_no, problem))
    return sorted(found, key=lambda one: one[0].first)


def _markdown_table(
    lines: Sequence[str], first: int, last: int, links: dict[str, Any], file: str
) -> FoundTable[LineSpan]:
    rows: list[Row] = []
    problems: list[Problem] = []
    for line_no in (first, *range(first + 2, last + 1)):
        line = lines[line_no - 1]
        try:
            fields = tuple(_seen(cell, links) for cell in _pipe_cells(line))
        except _Unreadable as unreadable:
            problems.append(fault(file, line_no, f"{unreadable} in a cell"))
            continue
        rows.append(Row(line_no, 1, line, fields))
    if last < len(lines) and "|" in lines[last]:
        found = "a line with bars right below a table, which Markdown takes for something else (* opens a list)"
        problems.append(fault(file, last + 1, found, "a blank line below the table"))
    return LineSpan(first, last), tuple(rows), tuple(problems)


def _pipe_cells(line: str) -> list[str]:
    cells = _UNESCAPED_PIPE.split(line.strip())
    if cells[0] == "":
        del cells[0]
    if cells and cells[-1] == "":
        del cells[-1]
    return [cell.replace("\\|", "|") for cell in cells]


def _seen(cell: str, links: dict[str, Any]) -> str:
    """Return the text that a reader of the rendered cell sees; raises _Unreadable where there is more than text."""
    text = ""
    after_markup = False
    for token in _markdown().parseInline(cell.strip(), links)[0].children or ():
        if token.type in {"text", "text_special", "code_inline"}:
            if after_markup and text[-1:].isdigit() and token.content[:1].isdigit():
                raise _Unreadable("markup between two digits")
            text += token.content
            after_markup = token.type == "code_inline"
        elif token.type == "html_inline" and _BREAK.fullmatch(token.content):
            text += "\n"
        elif token.type == "html_inline":
            raise _Unreadable(f"the HTML {token.content!r}")
        elif token.type == "s_open":
            raise _Unreadable("struck-through text")
        elif token.type == "image":
            raise _Unreadable("a picture")
        else:
            after_markup = True
    return text.strip()
