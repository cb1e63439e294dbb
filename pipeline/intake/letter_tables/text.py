"""Tables in plain text (.txt).

A table is a block of lines between blank lines. Drawn with `|` (and `+---+`), or parted by tabs or by two or more
spaces where every line has the same number of cells at the same gaps. A blank cell may also be the rest of a label that
runs over two lines: it refuses the table, unless drawn lines part its row from the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from pipeline.intake.decoding import text_lines
from pipeline.intake.letter_tables.addresses import FoundTable, LineSpan
from pipeline.intake.letter_tables.faults import fault, refused_lines
from pipeline.intake.problem import Problem
from pipeline.intake.rows import Row

_GAP = re.compile(r" {2,}")
_GAP_WITH_TABS = re.compile(r" *\t[ \t]*| {2,}")
_PLUS_RULE = re.compile(r"\s*\+(?:[-=:]+\+)+\s*")
_BAR_RULE = re.compile(r"\s*[+|](?: ?:?[-=]{3,}:? ?[+|])+\s*")
_UNDERLINE = re.compile(r"[\s=_-]*[=_-]{3}[\s=_-]*")

_Lines = Sequence[tuple[int, str]]
"""Lines with their physical numbers."""


def plain_tables(path: Path, file: str) -> Iterator[FoundTable[LineSpan]]:
    """Yield the tables of a plain text file in order; raises Refused where its lines cannot be read."""
    for block in _blocks(text_lines(path, file)):
        drawn = [index for index, (_, line) in enumerate(block) if _is_drawn(line)]
        if any(re.match(r"\s*\|.*\|", block[index][1]) for index in drawn):
            # a title may stand right above or below, nothing in between
            yield _drawn_table(block[drawn[0] : drawn[-1] + 1], file)
        elif (table := _parted_table(block, file)) is not None:
            yield table


def _blocks(lines: Sequence[str]) -> Iterator[_Lines]:
    block: list[tuple[int, str]] = []
    for line_no, line in enumerate(lines, 1):
        if line.strip():
            block.append((line_no, line))
        elif block:
            yield block
            block = []
    if block:
        yield block


def _is_drawn(line: str) -> bool:
    line = line.strip()
    return line.startswith(("|", "+")) or line.endswith("|")


def _drawn_table(lines: _Lines, file: str) -> FoundTable[LineSpan]:
    """Return a table drawn with bars: those of its first line or rule hold for every line."""
    address = LineSpan(lines[0][0], lines[-1][0])
    gridded = any(_PLUS_RULE.fullmatch(line) for _, line in lines)
    is_rule = (_PLUS_RULE if gridded else _BAR_RULE).fullmatch
    rules = [line for _, line in lines if is_rule(line)]
    bars = _places(rules[0] if rules else lines[0][1], "+|")
    rows: list[Row] = []
    problems: list[Problem] = []
    between_rules: list[Row] = []
    for line_no, line in (*lines, (address.last + 1, "")):
        if not line or is_rule(line):
            problems += _blanks(between_rules, file) if len(between_rules) > 1 else ()
            rows += between_rules
            between_rules = []
            if line and _places(line, "+|") != bars:
                problems.append(fault(file, line_no, "a drawn line with other columns than the first one"))
            continue
        line = line.rstrip()
        # without +---+ a bar inside a cell cannot be told from one between cells
        standing = [bar for bar in _places(line, "|") if bar in bars or not gridded]
        if "\t" in line or standing != bars or line[: bars[0]].strip() or len(line) != bars[-1] + 1:
            problems.append(fault(file, line_no, "bars that do not stand under those of the first line"))
            continue
        fields = tuple(line[left + 1 : right].strip() for left, right in pairwise(bars))
        between_rules.append(Row(line_no, 1, line, fields))
    return address, tuple(rows), tuple(problems)


def _places(line: str, characters: str) -> list[int]:
    return [index for index, character in enumerate(line) if character in characters]


def _blanks(rows: Iterable[Row], file: str) -> Iterator[Problem]:
    for row in rows:
        if not all(row.fields or ()):
            found = "a blank cell, which may be the second line of the row above"
            yield fault(file, row.line_no, found, "a line for each row, and a value in each cell")


def _parted_table(block: _Lines, file: str) -> FoundTable[LineSpan] | None:
    """Return a table whose columns are parted by tabs or spaces, or None where the block is no such table."""
    lines = [(line_no, line) for line_no, line in block if not _UNDERLINE.fullmatch(line)]
    if len(lines) < 2:
        return None
    first, last = block[0][0], block[-1][0]
    with_tabs = any("\t" in line for _, line in lines)
    by_gaps = [_spans(line, _GAP_WITH_TABS if with_tabs else _GAP) for _, line in lines]
    aligned = _same_gaps(by_gaps, with_tabs)
    by_tabs = _by_single_tabs(lines) if with_tabs else None
    fields = [
        tuple(line[start:end].strip() for start, end in spans) for (_, line), spans in zip(lines, by_gaps, strict=True)
    ]
    if by_tabs is not None and (not aligned or by_tabs != fields):
        if aligned or not all(all(row) for row in by_tabs):
            found = "tabs that stand side by side: blank cells, or one wide gap"
            return refused_lines(first, last, fault(file, first, found, "one tab between two cells"))
        fields = by_tabs
    elif not aligned:
        return _nearly(lines, by_gaps, with_tabs, file)
    rows = (Row(line_no, 1, line, row) for (line_no, line), row in zip(lines, fields, strict=True))
    return LineSpan(first, last), tuple(rows), ()


def _spans(line: str, gap: re.Pattern[str]) -> list[tuple[int, int]]:
    """Return where the texts between the gaps begin and end."""
    begin, end = len(line) - len(line.lstrip()), len(line.rstrip())
    edges = [begin]
    for match in gap.finditer(line, begin, end):
        edges += match.span()
    edges.append(end)
    return list(zip(edges[::2], edges[1::2], strict=True))


def _same_gaps(lines: Sequence[Sequence[tuple[int, int]]], with_tabs: bool) -> bool:
    """Return whether all lines have the same two or more columns, parted by gaps that all of them share.

    Where a tab ends up on the page is not known: with tabs only the number of columns is compared.
    """
    if {len(spans) for spans in lines} != {len(lines[0])} or len(lines[0]) < 2:
        return False
    columns = list(zip(*lines, strict=True))
    return with_tabs or all(
        max(end for _, end in left) < min(start for start, _ in right) for left, right in pairwise(columns)
    )


def _by_single_tabs(lines: _Lines) -> list[tuple[str, ...]] | None:
    """Return the cells where each tab parts two of them, or None where that gives rows of unequal width."""
    indent = min(len(line) - len(line.lstrip("\t")) for _, line in lines)
    rows = [tuple(cell.strip() for cell in line[indent:].split("\t")) for _, line in lines]
    return rows if len({len(row) for row in rows}) == 1 and len(rows[0]) > 1 else None


def _nearly(
    lines: _Lines, by_gaps: Sequence[Sequence[tuple[int, int]]], with_tabs: bool, file: str
) -> FoundTable[LineSpan] | None:
    """Return a refused table where some neighbouring lines have the same columns and others have not, else None."""
    fitting: set[int] = set()
    for index in range(len(lines) - 1):
        if _same_gaps(by_gaps[index : index + 2], with_tabs):
            fitting |= {index, index + 1}
    if not fitting:
        return None
    odd = next((index for index in range(len(lines)) if index not in fitting), 0)
    problem = fault(
        file,
        lines[odd][0],
        "a line that does not stand in the columns of its neighbours: a blank cell, a second line of a row or a title",
        "the same columns at the same gaps on every line of the block",
    )
    return refused_lines(lines[0][0], lines[-1][0], problem)
