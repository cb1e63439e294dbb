"""Tables and text in HTML (.html, .htm).

White space runs to one space, as a browser shows it; `<br>`, `<p>` and their like give a newline; digits in `<sup>` and
`<sub>` become raised and lowered digits, so that a footnote mark is never part of a count. A spanned cell refuses the
table, except one that is alone in its row and spans all columns (a title): that row has one field. Nested tables,
hidden content, struck-through text and pictures or form fields in a cell refuse it too. What a stylesheet outside of
the file hides cannot be known.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.intake.letter_tables.addresses import Element, FoundTable
from pipeline.intake.letter_tables.faults import fault, no_line
from pipeline.intake.letter_tables.html_page import HtmlRow, HtmlTable, html_page, shown
from pipeline.intake.letter_tables.wording import single_spaced
from pipeline.intake.problem import Refused
from pipeline.intake.rows import Row


def html_tables(path: Path, file: str) -> Iterator[FoundTable[Element]]:
    """Yield the tables of an HTML file in order; raises Refused where it cannot be read."""
    page, source = html_page(path, file)
    for number, table in enumerate(page.tables, 1):
        faults = [*table.faults, *_span_faults(table)]
        if not table.rows:
            faults.append((table.line, "a table without rows"))
        problems = tuple(fault(file, line, found) for line, found in dict.fromkeys(sorted(faults)))
        rows = () if problems else tuple(_html_row(row, source) for row in table.rows)
        yield Element(number, table.line), rows, problems


def _html_row(row: HtmlRow, source: str) -> Row:
    text = source[row.start : row.end].rstrip()
    return Row(row.line, text.count("\n") + 1, text, tuple(cell.text for cell in row.cells))


def _span_faults(table: HtmlTable) -> Iterator[tuple[int, str]]:
    width = max((len(row.cells) for row in table.rows if all(cell.columns == 1 for cell in row.cells)), default=0)
    for row in table.rows:
        for cell in row.cells:
            if cell.rows != 1:
                yield cell.line, f"a cell that spans {cell.rows or 'all'} rows"
            is_title = len(row.cells) == 1 and cell.columns == width
            if cell.columns != 1 and not is_title:
                yield cell.line, f"a cell that spans {cell.columns} columns"


def html_block(path: Path, file: str, line_no: int, quote: str) -> tuple[int, int, str]:
    """Return the first line, the lines and the text of the block on a source line, the one with the quote if any."""
    page, source = html_page(path, file)
    there = [block for block in page.blocks if block.first <= line_no <= block.last]
    if not there:
        raise Refused(no_line(file, line_no, f"no text on this line of {source.count(chr(10)) + 1}"))
    wanted = single_spaced(quote)
    block = next((block for block in there if wanted in single_spaced(block.text)), there[0])
    return block.first, block.last - block.first + 1, shown(block.text)
