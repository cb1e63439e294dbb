"""An HTML page as a browser shows it: its tables with their faults, and its blocks of text.

Here: `html_page`, which reads the source of a page.
Not here: which tables are refused, their rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from pipeline.intake.decoding import text_lines
from pipeline.intake.letter_tables.faults import fault
from pipeline.intake.letter_tables.wording import words
from pipeline.intake.problem import Refused

_VOID = words("area base br col embed hr img input link meta param source track wbr")
_DROPPED = words("head noscript script style template title")
_STRUCK = words("del s strike")
_NO_TEXT = words(
    "audio button canvas embed iframe img input math meter object picture pre progress select svg textarea video"
)
_INLINE = words(
    "a abbr acronym b bdi bdo big cite code data dfn em font i ins kbd label mark nobr q samp small span strong sub "
    "sup time tt u var wbr script style template noscript"
)
_TABLE_PARTS = words("table caption colgroup col thead tbody tfoot tr td th")
_HIDING = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all"
    r"|(?:opacity|font-size)\s*:\s*0(?:\.0*)?(?:[a-z%]+)?\s*(?:!|;|$))",
    re.IGNORECASE,
)
_SHEET = re.compile(r"<style\b[^>]*>(.*?)</style", re.IGNORECASE | re.DOTALL)
_SHEET_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SPACE = re.compile(r"[ \t\n\r\f]+")
_RAISED = str.maketrans("0123456789+-=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")


def shown(text: str) -> str:
    """Return a text as a browser shows it: one space for each run of white space, none at its ends."""
    return _SPACE.sub(" ", text).strip(" ")


@dataclass
class HtmlCell:
    """A cell: the source line on which it starts, the columns and rows it spans, its text line by line."""

    line: int
    columns: int
    rows: int
    lines: list[str] = field(default_factory=lambda: [""])

    @property
    def text(self) -> str:
        """The text of the cell, with a newline at each break."""
        return "\n".join(shown(line) for line in self.lines).strip()


@dataclass
class HtmlRow:
    """A row: the source line on which it starts, where in the source it starts and ends, its cells."""

    line: int
    start: int
    end: int = 0
    cells: list[HtmlCell] = field(default_factory=list)


@dataclass
class HtmlTable:
    """A table with its faults (source line, what is wrong); the row and the cell that are open."""

    line: int
    rows: list[HtmlRow] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)
    row: HtmlRow | None = None
    cell: HtmlCell | None = None


@dataclass(frozen=True)
class _Tag:
    """An element that is open. `hidden` and `dropped` hold for all inside it."""

    name: str
    hidden: bool
    dropped: bool


@dataclass
class Block:
    """Text without a break in it, and the source lines it takes."""

    first: int
    last: int
    text: str


class HtmlPage(HTMLParser):
    """Collects the tables of a page, faults included, and the blocks of text that a reader sees."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[HtmlTable] = []
        self.blocks: list[Block] = []
        self._source = source
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", source))]
        self._hiding = _hiding_names(source)
        self._open: list[_Tag] = []
        self._open_tables: list[HtmlTable] = []
        self._block: Block | None = None

    @property
    def line(self) -> int:
        """The line of the source that is being read."""
        return self.getpos()[0]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element, and end what its start ends."""
        self._break_text(tag)
        if tag in _TABLE_PARTS and tag != "table":
            self._end_parts(tag)
        around = self._open[-1] if self._open else _Tag("", False, False)
        hidden = around.hidden or tag == "template" or self._is_hidden(tag, attrs)
        if tag not in _VOID:
            self._open.append(_Tag(tag, hidden, around.dropped or tag in _DROPPED | _STRUCK))
        if tag == "table":
            self._start_table()
        if not self._open_tables:
            return
        table = self._open_tables[-1]
        if hidden:
            table.faults.append((self.line, f"hidden content (<{tag}>)"))
        if tag == "tr":
            table.row = HtmlRow(self.line, self._offset())
            table.rows.append(table.row)
        elif tag in {"td", "th"}:
            table.cell = HtmlCell(self.line, _span(attrs, "colspan"), _span(attrs, "rowspan"))
            if table.row is None:
                table.faults.append((self.line, "a cell outside of a row"))
            else:
                table.row.cells.append(table.cell)
        elif tag in _STRUCK or tag in _NO_TEXT:
            table.faults.append((self.line, "struck-through text" if tag in _STRUCK else f"a <{tag}>"))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element: HTML knows no <td/>, the slash says nothing."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """End an element and all inside it."""
        self._break_text(tag)
        if tag == "table":
            if self._open_tables:
                self._end_parts("table")
                self._open_tables.pop()
                self._close(tag, within=frozenset())
        elif tag == "tr":
            self._end_row(self._source.find(">", self._offset()) + 1)
        elif tag in {"td", "th"}:
            self._end_cell()
        else:
            self._close(tag, within=frozenset({"table", "td", "th"}))

    def handle_data(self, data: str) -> None:
        """Take text into the cell and the block that are open, if it is seen."""
        if self._open and self._open[-1].dropped:
            return
        names = {tag.name for tag in self._open}
        text = data.translate(_RAISED if "sup" in names else _LOWERED if "sub" in names else {})
        if not (self._open and self._open[-1].hidden):
            self._add_to_block(text)
        if not self._open_tables:
            return
        table = self._open_tables[-1]
        if table.cell is not None:
            table.cell.lines[-1] += text
        elif data.strip() and "caption" not in names:
            table.faults.append((self.line, f"text outside of the cells ({data.strip()[:40]!r})"))

    def end(self) -> None:
        """Take what is still open at the end of the file."""
        self._break_text("html")
        for table in self._open_tables:
            table.faults.append((table.line, "a table that does not end"))

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._line_starts[line - 1] + column

    def _is_hidden(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> bool:
        values = {name: value or "" for name, value in attrs}
        names = {tag, "#" + values.get("id", ""), *("." + name for name in values.get("class", "").split())}
        return (
            "hidden" in values
            or _HIDING.search(values.get("style", "")) is not None
            or not self._hiding.isdisjoint(name.lower() for name in names)
        )

    def _start_table(self) -> None:
        table = HtmlTable(self.line)
        if self._open_tables:
            self._open_tables[-1].faults.append((self.line, "a table inside this table"))
            table.faults.append((self.line, "a table inside another table"))
        self.tables.append(table)
        self._open_tables.append(table)

    def _end_parts(self, tag: str) -> None:
        """End the cell and the row that the start or end of this part of a table ends."""
        self._end_cell()
        if tag not in {"td", "th"}:
            self._end_row(self._offset())

    def _end_cell(self) -> None:
        if self._open_tables and self._open_tables[-1].cell is not None:
            self._open_tables[-1].cell = None
            self._close("td", "th", within=frozenset({"table"}))

    def _end_row(self, end: int) -> None:
        self._end_cell()
        if self._open_tables and self._open_tables[-1].row is not None:
            self._open_tables[-1].row.end = end
            self._open_tables[-1].row = None
            self._close("tr", within=frozenset({"table"}))

    def _close(self, *tags: str, within: frozenset[str]) -> None:
        """Close the innermost open element of these names and all inside it, if none of `within` is in between."""
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index].name in tags:
                del self._open[index:]
                return
            if self._open[index].name in within:
                return

    def _break_text(self, tag: str) -> None:
        if tag in _INLINE:
            return
        self._block = None
        cell = self._open_tables[-1].cell if self._open_tables else None
        if cell is not None and (tag == "br" or cell.lines[-1].strip()):
            cell.lines.append("")

    def _add_to_block(self, text: str) -> None:
        if self._block is None:
            if not text.strip():
                return
            first = self.line + text[: len(text) - len(text.lstrip())].count("\n")
            self._block = Block(first, first, "")
            self.blocks.append(self._block)
        self._block.text += text
        self._block.last = max(self._block.last, self.line + text.rstrip().count("\n"))


def _hiding_names(source: str) -> frozenset[str]:
    """Return the classes (.x), ids (#x) and tags that a stylesheet in the file hides, whatever else it asks of them."""
    names: set[str] = set()
    for sheet in _SHEET.findall(source):
        for selectors, body in _SHEET_RULE.findall(re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)):
            if _HIDING.search(body):
                for selector in selectors.split(","):
                    last = re.split(r"[\s>+~]+", selector.strip().lower())[-1]
                    last = re.sub(r"::?[\w-]+|\[[^\]]*\]", "", last)
                    names.update(re.findall(r"[.#][\w-]+", last) or re.findall(r"[\w-]+", last))
    return frozenset(names)


def _span(attrs: Iterable[tuple[str, str | None]], name: str) -> int:
    """Return how many columns or rows a cell takes, as a browser reads it; 0 is what it says."""
    value = next((value for key, value in attrs if key == name), None)
    number = re.match(r"\s*\+?([0-9]{1,6})", value or "")
    return int(number[1]) if number else 1


def html_page(path: Path, file: str) -> tuple[HtmlPage, str]:
    """Return a page and its source; raises Refused where the file cannot be read or is no HTML."""
    source = "\n".join(text_lines(path, file))
    page = HtmlPage(source)
    try:
        page.feed(source)
        page.close()
    except AssertionError as error:
        # html.parser asserts that a declaration (<![...) is whole
        found = f"a broken declaration ({error})"
        raise Refused(fault(file, page.line, found, "HTML", "mend the file, or transcribe")) from error
    page.end()
    return page, source
