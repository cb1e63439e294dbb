"""Tables that stand inside letters: Markdown, plain text, HTML and PDF; and a single count inside a sentence.

Here: every table of a letter with its place (`tables_in`), the rows of one of them (`table_rows`), a count that a
sentence says (`quoted_count`). A table is read exactly, or it is refused with the place and the reason.
Not here: what a row means, how wide it should be, the facts of a letter (letter.py).

What counts as a table, and as the text of a cell:

- Markdown (.md): the pipe tables of GitHub's Markdown. The alignment row is no row; a row with more or fewer cells
  than the header keeps its own. A cell is the text a reader sees: emphasis, links, code and escapes give their text,
  `<br>` a newline. Struck-through text, pictures and other HTML in a cell refuse the table, and so does markup
  between two digits.
- Plain text (.txt): a block of lines between blank lines. Drawn with `|` (and `+---+`), or parted by tabs or by two
  or more spaces where every line has the same number of cells at the same gaps. A blank cell may also be the rest of
  a label that runs over two lines: it refuses the table, unless drawn lines part its row from the others.
- HTML (.html, .htm): white space runs to one space, as a browser shows it; `<br>`, `<p>` and their like give a
  newline; digits in `<sup>` and `<sub>` become raised and lowered digits, so that a footnote mark is never part of a
  count. A spanned cell refuses the table, except one that is alone in its row and spans all columns (a title):
  that row has one field. Nested tables, hidden content, struck-through text and pictures or form fields in a cell
  refuse it too. What a stylesheet outside of the file hides cannot be known.
- PDF: ruled tables only, as pdfplumber finds them, each page for itself. Every character must stand wholly in one
  cell and be seen.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pipeline.intake.lines import physical_lines, survey
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.rows import Row

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from pdfplumber.page import Page
    from pdfplumber.pdf import PDF
    from pdfplumber.table import Table

TRANSCRIBE = "transcribe the table into a CSV and say evidence: transcribed"
EXACT = "a table that can be read exactly"


@dataclass(frozen=True)
class LineSpan:
    """Where a table of a text or Markdown file stands: its first and last physical line, 1-based."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"lines {self.first} to {self.last}"


@dataclass(frozen=True)
class Element:
    """Where a table of an HTML file stands: its number among all `<table>`, and the line on which it starts."""

    number: int
    line: int

    def __str__(self) -> str:
        return f"<table> {self.number} on line {self.line}"


@dataclass(frozen=True)
class PageBox:
    """Where a table of a PDF stands: its page, 1-based, and its box in points from the top left, to 0.1."""

    page: int
    x0: float
    top: float
    x1: float
    bottom: float

    def __str__(self) -> str:
        return f"page {self.page}, box ({self.x0}, {self.top}, {self.x1}, {self.bottom})"


Address = LineSpan | Element | PageBox


@dataclass(frozen=True)
class LetterTable:
    """One table of a letter: its 1-based number in the file, its place and its rows.

    One that cannot be read exactly has `problems` and no rows; it keeps its number, and so does a page of a PDF
    that cannot be read at all.
    """

    number: int
    address: Address
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()


_Found = tuple[Address, tuple[Row, ...], tuple[Problem, ...]]
_FoundInLines = tuple[LineSpan, tuple[Row, ...], tuple[Problem, ...]]


def tables_in(path: Path, file: str) -> tuple[LetterTable, ...]:
    """Return all tables of a .md, .txt, .html, .htm or .pdf file in order; `file` is how problems name it.

    A table that cannot be read exactly stands among them with its problems and without rows. Raises Refused where
    the file cannot be read as a whole: another form, an encoding that fails, a NUL, a locked or damaged PDF.
    """
    return _numbered(_reader(path, file)(path, file))


def table_rows(path: Path, file: str, which: int | PageBox) -> Iterator[Row]:
    """Yield the rows of one table, named by its number in the file or, in a PDF, by page and box.

    By page and box only that page is looked at. Raises Refused where there is none such, and where it cannot be
    read exactly.
    """
    reader = _reader(path, file)
    if isinstance(which, PageBox):
        if reader is not _pdf_tables:
            raise Refused(Problem(file, "a page and box in a file without pages", "its number", "give the number"))
        tables = _numbered(_pdf_tables(path, file, which.page))
    else:
        tables = _numbered(reader(path, file))
    for table in tables:
        if which in (table.number, table.address):
            if table.problems:
                raise Refused(*table.problems)
            yield from table.rows
            return
    there = "; ".join(f"{table.number} ({table.address})" for table in tables) or "none"
    raise Refused(
        Problem(
            file=file,
            found="no table " + (f"on {which}" if isinstance(which, PageBox) else str(which)),
            expected=f"one of the tables there are: {there}",
            remedy="mend which table is meant, or transcribe it",
        )
    )


def quoted_count(path: Path, file: str, page: int | None, line_no: int, quote: str) -> Row:
    """Return the count that a sentence says, as a row of one field: the number as printed.

    `quote` are the words around it, as they stand on the line (runs of white space are equal): in text and Markdown
    the physical line of the source, in HTML the paragraph or cell that takes that line of the source, in PDF the
    line of the page, both 1-based. The row has the line as it stands. Raises Refused where the words do not stand
    there, cut a word or number in two, or do not hold exactly one number (digits with thousands commas, or one to
    twenty in words), and where words beside it make it more or less than the number.
    """
    reader = _reader(path, file)
    if (page is not None) != (reader is _pdf_tables):
        found, expected = ("a page", "none") if page is not None else ("no page", "one")
        raise Refused(Problem(file, found, f"{expected} in a {path.suffix} file", "mend the page", line_no))
    if page is not None:
        first, lines, text = _pdf_line(path, file, page, line_no)
    elif reader is _html_tables:
        first, lines, text = _html_block(path, file, line_no, quote)
    else:
        source = _source_lines(path, file)
        if not 1 <= line_no <= len(source):
            raise Refused(_no_line(file, line_no, f"a file of {len(source)} lines"))
        first, lines, text = line_no, 1, source[line_no - 1]
    place = "" if page is None else f"on page {page}: "
    return Row(first, lines, text, (_count_in(text, quote, file, line_no, place),))


def _reader(path: Path, file: str) -> Callable[[Path, str], Iterable[_Found]]:
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise Refused(
            Problem(
                file=file,
                found=f"a file of the form {path.suffix or 'without a suffix'}",
                expected=f"one of {', '.join(_READERS)}",
                remedy="save the letter as one of these, or transcribe its tables",
            )
        )
    return reader


def _numbered(found: Iterable[_Found]) -> tuple[LetterTable, ...]:
    return tuple(
        LetterTable(number, address, () if problems else rows, problems)
        for number, (address, rows, problems) in enumerate(found, 1)
    )


def _source_lines(path: Path, file: str) -> list[str]:
    """Return the physical lines of a text file without their ends."""
    encoding = survey(path, file, None).encoding
    return [line.rstrip("\r\n") for _, line in physical_lines(path, encoding, file)]


def _fault(file: str, line: int, found: str, expected: str = EXACT, remedy: str = TRANSCRIBE) -> Problem:
    return Problem(file, found, expected, remedy, line)


def _no_line(file: str, line_no: int, found: str) -> Problem:
    return Problem(file, found, f"line {line_no}", "mend the line", line_no)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# --- Markdown

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


def _markdown_tables(path: Path, file: str) -> list[_FoundInLines]:
    lines = _source_lines(path, file)
    links: dict[str, Any] = {}
    found: list[_FoundInLines] = []
    taken: set[int] = set()
    for token in _markdown().parse("\n".join(lines), links):
        if token.type not in {"table_open", "fence", "code_block", "html_block"} or token.map is None:
            continue
        first, last = token.map[0] + 1, token.map[1]
        taken.update(range(first, last + 1))
        if token.type == "html_block" and re.search(r"<table\b", token.content, re.IGNORECASE):
            fault = _fault(file, first, "an HTML table in Markdown", remedy="save the letter as .html, or transcribe")
            found.append((LineSpan(first, last), (), (fault,)))
        elif token.type == "table_open" and token.level > 0:
            fault = _fault(file, first, "a table inside a quotation or a list")
            found.append((LineSpan(first, last), (), (fault,)))
        elif token.type == "table_open":
            found.append(_markdown_table(lines, first, last, links, file))
    for line_no, line in enumerate(lines, 1):
        if line_no not in taken and "|" in line and _ALIGNMENT.fullmatch(line):
            fault = _fault(
                file, line_no, "an alignment row that fits no header", "as many cells above it as it has itself"
            )
            found.append((LineSpan(line_no, line_no), (), (fault,)))
    return sorted(found, key=lambda one: one[0].first)


def _markdown_table(lines: Sequence[str], first: int, last: int, links: dict[str, Any], file: str) -> _FoundInLines:
    rows: list[Row] = []
    problems: list[Problem] = []
    for line_no in (first, *range(first + 2, last + 1)):
        line = lines[line_no - 1]
        try:
            fields = tuple(_seen(cell, links) for cell in _pipe_cells(line))
        except _Unreadable as unreadable:
            problems.append(_fault(file, line_no, f"{unreadable} in a cell"))
            continue
        rows.append(Row(line_no, 1, line, fields))
    if last < len(lines) and "|" in lines[last]:
        found = "a line with bars right below a table, which Markdown takes for something else (* opens a list)"
        problems.append(_fault(file, last + 1, found, "a blank line below the table"))
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


# --- plain text

_GAP = re.compile(r" {2,}")
_GAP_WITH_TABS = re.compile(r" *\t[ \t]*| {2,}")
_PLUS_RULE = re.compile(r"\s*\+(?:[-=:]+\+)+\s*")
_BAR_RULE = re.compile(r"\s*[+|](?: ?:?[-=]{3,}:? ?[+|])+\s*")
_UNDERLINE = re.compile(r"[\s=_-]*[=_-]{3}[\s=_-]*")

_Lines = Sequence[tuple[int, str]]
"""Lines with their physical numbers."""


def _plain_tables(path: Path, file: str) -> Iterator[_FoundInLines]:
    for block in _blocks(_source_lines(path, file)):
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


def _drawn_table(lines: _Lines, file: str) -> _FoundInLines:
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
                problems.append(_fault(file, line_no, "a drawn line with other columns than the first one"))
            continue
        line = line.rstrip()
        # without +---+ a bar inside a cell cannot be told from one between cells
        standing = [bar for bar in _places(line, "|") if bar in bars or not gridded]
        if "\t" in line or standing != bars or line[: bars[0]].strip() or len(line) != bars[-1] + 1:
            problems.append(_fault(file, line_no, "bars that do not stand under those of the first line"))
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
            yield _fault(file, row.line_no, found, "a line for each row, and a value in each cell")


def _parted_table(block: _Lines, file: str) -> _FoundInLines | None:
    """Return a table whose columns are parted by tabs or spaces, or None where the block is no such table."""
    lines = [(line_no, line) for line_no, line in block if not _UNDERLINE.fullmatch(line)]
    if len(lines) < 2:
        return None
    address = LineSpan(block[0][0], block[-1][0])
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
            return address, (), (_fault(file, address.first, found, "one tab between two cells"),)
        fields = by_tabs
    elif not aligned:
        return _nearly(lines, by_gaps, with_tabs, file)
    rows = (Row(line_no, 1, line, row) for (line_no, line), row in zip(lines, fields, strict=True))
    return address, tuple(rows), ()


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
) -> _FoundInLines | None:
    """Return a refused table where some neighbouring lines have the same columns and others have not, else None."""
    fitting: set[int] = set()
    for index in range(len(lines) - 1):
        if _same_gaps(by_gaps[index : index + 2], with_tabs):
            fitting |= {index, index + 1}
    if not fitting:
        return None
    odd = next((index for index in range(len(lines)) if index not in fitting), 0)
    fault = _fault(
        file,
        lines[odd][0],
        "a line that does not stand in the columns of its neighbours: a blank cell, a second line of a row or a title",
        "the same columns at the same gaps on every line of the block",
    )
    return LineSpan(lines[0][0], lines[-1][0]), (), (fault,)


# --- HTML

_VOID = _words("area base br col embed hr img input link meta param source track wbr")
_DROPPED = _words("head noscript script style template title")
_STRUCK = _words("del s strike")
_NO_TEXT = _words(
    "audio button canvas embed iframe img input math meter object picture pre progress select svg textarea video"
)
_INLINE = _words(
    "a abbr acronym b bdi bdo big cite code data dfn em font i ins kbd label mark nobr q samp small span strong sub "
    "sup time tt u var wbr script style template noscript"
)
_TABLE_PARTS = _words("table caption colgroup col thead tbody tfoot tr td th")
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


@dataclass
class _Cell:
    line: int
    columns: int
    rows: int
    lines: list[str] = field(default_factory=lambda: [""])

    @property
    def text(self) -> str:
        return "\n".join(_SPACE.sub(" ", line).strip(" ") for line in self.lines).strip()


@dataclass
class _HtmlRow:
    line: int
    start: int
    end: int = 0
    cells: list[_Cell] = field(default_factory=list)


@dataclass
class _HtmlTable:
    line: int
    rows: list[_HtmlRow] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)
    row: _HtmlRow | None = None
    cell: _Cell | None = None


@dataclass(frozen=True)
class _Tag:
    """An element that is open. `hidden` and `dropped` hold for all inside it."""

    name: str
    hidden: bool
    dropped: bool


@dataclass
class _Block:
    """Text without a break in it, and the source lines it takes."""

    first: int
    last: int
    text: str


class _Html(HTMLParser):
    """Collects the tables of a page, faults included, and the blocks of text that a reader sees."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_HtmlTable] = []
        self.blocks: list[_Block] = []
        self._source = source
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", source))]
        self._hiding = _hiding_names(source)
        self._open: list[_Tag] = []
        self._open_tables: list[_HtmlTable] = []
        self._block: _Block | None = None

    @property
    def line(self) -> int:
        """The line of the source that is being read."""
        return self.getpos()[0]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
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
            table.row = _HtmlRow(self.line, self._offset())
            table.rows.append(table.row)
        elif tag in {"td", "th"}:
            table.cell = _Cell(self.line, _span(attrs, "colspan"), _span(attrs, "rowspan"))
            if table.row is None:
                table.faults.append((self.line, "a cell outside of a row"))
            else:
                table.row.cells.append(table.cell)
        elif tag in _STRUCK or tag in _NO_TEXT:
            table.faults.append((self.line, "struck-through text" if tag in _STRUCK else f"a <{tag}>"))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # HTML knows no <td/>: the slash says nothing

    def handle_endtag(self, tag: str) -> None:
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
        if self._open and self._open[-1].dropped:
            return
        names = {tag.name for tag in self._open}
        shown = data.translate(_RAISED if "sup" in names else _LOWERED if "sub" in names else {})
        if not (self._open and self._open[-1].hidden):
            self._add_to_block(shown)
        if not self._open_tables:
            return
        table = self._open_tables[-1]
        if table.cell is not None:
            table.cell.lines[-1] += shown
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
        table = _HtmlTable(self.line)
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
            self._block = _Block(first, first, "")
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


def _html(path: Path, file: str) -> tuple[_Html, str]:
    source = "\n".join(_source_lines(path, file))
    page = _Html(source)
    try:
        page.feed(source)
        page.close()
    except AssertionError as error:
        # html.parser asserts that a declaration (<![...) is whole
        fault = _fault(file, page.line, f"a broken declaration ({error})", "HTML", "mend the file, or transcribe")
        raise Refused(fault) from error
    page.end()
    return page, source


def _html_tables(path: Path, file: str) -> Iterator[_Found]:
    page, source = _html(path, file)
    for number, table in enumerate(page.tables, 1):
        faults = [*table.faults, *_span_faults(table)]
        if not table.rows:
            faults.append((table.line, "a table without rows"))
        problems = tuple(_fault(file, line, found) for line, found in dict.fromkeys(sorted(faults)))
        rows = () if problems else tuple(_html_row(row, source) for row in table.rows)
        yield Element(number, table.line), rows, problems


def _html_row(row: _HtmlRow, source: str) -> Row:
    text = source[row.start : row.end].rstrip()
    return Row(row.line, text.count("\n") + 1, text, tuple(cell.text for cell in row.cells))


def _span_faults(table: _HtmlTable) -> Iterator[tuple[int, str]]:
    width = max((len(row.cells) for row in table.rows if all(cell.columns == 1 for cell in row.cells)), default=0)
    for row in table.rows:
        for cell in row.cells:
            if cell.rows != 1:
                yield cell.line, f"a cell that spans {cell.rows or 'all'} rows"
            is_title = len(row.cells) == 1 and cell.columns == width
            if cell.columns != 1 and not is_title:
                yield cell.line, f"a cell that spans {cell.columns} columns"


def _html_block(path: Path, file: str, line_no: int, quote: str) -> tuple[int, int, str]:
    """Return the first line, the lines and the text of the block on a source line, the one with the quote if any."""
    page, source = _html(path, file)
    there = [block for block in page.blocks if block.first <= line_no <= block.last]
    if not there:
        raise Refused(_no_line(file, line_no, f"no text on this line of {source.count(chr(10)) + 1}"))
    wanted = " ".join(quote.split())
    block = next((block for block in there if wanted in " ".join(block.text.split())), there[0])
    return block.first, block.last - block.first + 1, _SPACE.sub(" ", block.text).strip(" ")


# --- PDF

_WORD_GAP = 0.15
"""White space that parts two words, as a share of the size of the type; a space is 0.2 or more."""
_OVERHANG = 1.0
"""Points by which a character may stand over the side of its cell."""
_RULE_OVERHANG = 3.0
"""Points by which a rule may run on beyond its table: pdfplumber joins what is nearer."""

_Object = Mapping[str, Any]
_Bbox = tuple[float, float, float, float]


@contextmanager
def _pdf(path: Path, file: str) -> Iterator[PDF]:
    """Open a PDF; whatever the libraries raise over it is Refused."""
    # imported here: it takes half a second, and only a letter in PDF needs it
    import pdfplumber

    from pipeline.intake.letter.text import pdf_damage

    data = path.read_bytes()
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            _must_be_whole(document, file)
            yield document
    except (Refused, MemoryError):
        raise
    except Exception as error:  # pdfminer raises bare TypeErrors, KeyErrors and more on damaged files
        damage = pdf_damage(error)
        raise (_locked(file) if damage is None else _damaged(file, damage)) from error


def _must_be_whole(document: PDF, file: str) -> None:
    from pdfminer.pdfdocument import PDFXRefFallback
    from pdfminer.pdftypes import resolve1

    if document.doc.encryption is not None:
        raise _locked(file)
    if any(isinstance(table, PDFXRefFallback) for table in document.doc.xrefs):
        raise _damaged(file, "its table of objects is broken")
    said = resolve1(resolve1(document.doc.catalog["Pages"])["Count"])
    if said != len(document.pages):
        raise _damaged(file, f"it says {said} pages and has {len(document.pages)}")


def _locked(file: str) -> Refused:
    return Refused(Problem(file, "an encrypted PDF", "one without protection", "ask the force for an open file"))


def _damaged(file: str, what: str) -> Refused:
    return Refused(Problem(file, f"a damaged PDF ({what})", "a whole one", "ask the force for the file again"))


def _page(document: PDF, number: int, file: str) -> Page:
    """Return a page, each character once: bold type is sometimes printed twice."""
    if not 1 <= number <= len(document.pages):
        found = f"a PDF of {len(document.pages)} pages"
        raise Refused(Problem(file, found, f"a page {number}", "mend the page"))
    page = document.pages[number - 1]
    _must_have_whole_streams(page, file)
    return page.dedupe_chars()


def _must_have_whole_streams(page: Page, file: str) -> None:
    """Raise Refused where what is printed on a page does not unpack to its end: pdfminer would take a part of it."""
    from pdfminer.pdftypes import LITERALS_FLATE_DECODE, PDFStream, resolve1

    for stream in map(resolve1, page.page_obj.contents):
        if not isinstance(stream, PDFStream):
            raise _damaged(file, f"page {page.page_number} lacks its contents")
        filters = stream.get_filters()
        if filters and filters[0][0] in LITERALS_FLATE_DECODE and stream.rawdata is not None:
            unpacked = zlib.decompressobj()
            unpacked.decompress(stream.rawdata)
            if not unpacked.eof:
                raise _damaged(file, f"page {page.page_number} is cut")


def _pdf_tables(path: Path, file: str, only: int | None = None) -> list[_Found]:
    """Return the tables of all pages, or of one page."""
    with _pdf(path, file) as document:
        numbers = [only] if only is not None else range(1, len(document.pages) + 1)
        return [found for number in numbers for found in _page_tables(_page(document, number, file), file)]


def _page_tables(page: Page, file: str) -> Iterator[_Found]:
    unreadable = _unreadable(page)
    if unreadable is not None:
        address = _box(page, page.bbox)
        yield address, (), (_fault_on(file, address, unreadable),)
        return
    finder = page.debug_tablefinder()
    unseen = _unseen(page) if finder.tables else frozenset()
    for table in finder.tables:
        address = _box(page, table.bbox)
        rows = table.extract(x_tolerance_ratio=_WORD_GAP)
        faults = dict.fromkeys(
            [
                *_cell_faults(rows),
                *_rule_faults(finder.edges, table.bbox),
                *_layer_faults(page, table.bbox),
                *_character_faults(page, table, unseen),
            ]
        )
        fields = [tuple((cell or "").strip() for cell in row) for row in rows]
        yield (
            address,
            tuple(Row(number, 1, "\t".join(row), row) for number, row in enumerate(fields, 1)),
            tuple(_fault_on(file, address, fault) for fault in faults),
        )


def _box(page: Page, bbox: _Bbox) -> PageBox:
    x0, top, x1, bottom = (round(float(value), 1) for value in bbox)
    return PageBox(page.page_number, x0, top, x1, bottom)


def _fault_on(file: str, address: PageBox, found: str) -> Problem:
    return Problem(file, f"on {address}: {found}", EXACT, TRANSCRIBE)


def _unreadable(page: Page) -> str | None:
    """Return why nothing on a page can be read exactly, or None. An empty page has nothing to read."""
    if any(_area(image) > _area_of(page.bbox) / 2 for image in page.images):
        return "a page that is a picture: a scan, whose text, if any, a machine has guessed"
    if not any(char["text"].strip() for char in page.chars) and (page.images or page.curves or page.edges):
        return "a page without text: a scan"
    return None


def _area(item: _Object) -> float:
    return float((item["x1"] - item["x0"]) * (item["bottom"] - item["top"]))


def _area_of(bbox: _Bbox) -> float:
    return (bbox[2] - bbox[0]) * (bbox[3] - bbox[1])


def _cell_faults(rows: Sequence[Sequence[str | None]]) -> Iterator[str]:
    for row_no, row in enumerate(rows, 1):
        for column_no, cell in enumerate(row, 1):
            if cell is None:
                yield f"a merged or missing cell in row {row_no}, column {column_no}"


def _rule_faults(edges: Iterable[_Object], bbox: _Bbox) -> Iterator[str]:
    """Yield what is wrong where rules run on beyond the outermost cells: a side of the table is open."""
    x0, top, x1, bottom = bbox
    for edge in edges:
        across = edge["orientation"] == "h"
        low, high, first, last = (top, bottom, x0, x1) if across else (x0, x1, top, bottom)
        at = edge["top" if across else "x0"]
        start, end = (edge["x0"], edge["x1"]) if across else (edge["top"], edge["bottom"])
        touches = low - 1 <= at <= high + 1 and start < last and end > first
        if touches and (start < first - _RULE_OVERHANG or end > last + _RULE_OVERHANG):
            yield "rules that run on beyond the cells: cells with an open side, which are not read"
            return


def _layer_faults(page: Page, bbox: _Bbox) -> Iterator[str]:
    """Yield what lies over a table and is no text of the page."""
    if any(_overlap(image, bbox) for image in page.images):
        yield "a picture over the table"
    for note in page.annots:
        kind = str(note["data"].get("Subtype", "")).strip("/'")
        if kind != "Link" and _overlap(note, bbox):
            yield f"a form field or note over the table ({kind})"


def _overlap(item: _Object, bbox: _Bbox) -> bool:
    x0, top, x1, bottom = bbox
    return bool(item["x0"] < x1 and item["x1"] > x0 and item["top"] < bottom and item["bottom"] > top)


def _character_faults(page: Page, table: Table, unseen: frozenset[tuple[str, float, float]]) -> Iterator[str]:
    """Yield what is wrong with the characters of a table: each must be seen and stand wholly in one cell."""
    x0, top, x1, bottom = table.bbox
    in_cell: dict[_Bbox, list[_Object]] = {}
    for char in page.chars:
        across, down = _middle(char)
        if not char["text"].strip() or not top <= down < bottom or char["x1"] <= x0 or char["x0"] >= x1:
            continue
        cell = next((c for c in table.cells if c[0] <= across < c[2] and c[1] <= down < c[3]), None)
        if cell is None or char["x0"] < cell[0] - _OVERHANG or char["x1"] > cell[2] + _OVERHANG:
            yield f"text that runs over the side of a cell, at {char['text']!r}"
            continue
        over = 0.3 * (char["bottom"] - char["top"])
        if char["top"] < cell[1] - over or char["bottom"] > cell[3] + over:
            yield f"text that stands on a rule, at {char['text']!r}"
        in_cell.setdefault(cell, []).append(char)
    for chars in in_cell.values():
        yield from _text_faults(chars, unseen)


def _text_faults(chars: Sequence[_Object], unseen: frozenset[tuple[str, float, float]]) -> Iterator[str]:
    """Yield why the text of some characters may be another than what a reader sees."""
    from pdfplumber.utils.text import extract_words

    for char in chars:
        text = char["text"]
        if text.startswith("(cid:") or "\ufffd" in text or any("\ue000" <= one <= "\uf8ff" for one in text):
            yield "a character whose text the PDF does not say"
        if not char["upright"]:
            yield "turned text"
        if _key(char) in unseen:
            yield f"text that cannot be seen, at {text!r}"
    for one, other in pairwise(sorted(chars, key=lambda char: (round(char["top"]), char["x0"]))):
        width = min(one["x1"] - one["x0"], other["x1"] - other["x0"])
        if abs(one["top"] - other["top"]) < 1 and one["x1"] - other["x0"] > 0.6 * width:
            yield f"characters printed over each other, at {one['text']!r}"
    for word in extract_words([dict(char) for char in chars], return_chars=True, x_tolerance_ratio=_WORD_GAP):
        sizes = {round(char["size"], 1) for char in word["chars"] if char["text"].isdigit()}
        if sizes and max(sizes) > 1.1 * min(sizes):
            yield f"digits of two sizes in {word['text']!r}, which may be a footnote mark"


def _unseen(page: Page) -> frozenset[tuple[str, float, float]]:
    """Return the characters under a box that is drawn over them, of the colour of their ground, or off the page."""
    chars: list[tuple[int, _Object]] = []
    boxes: list[tuple[int, _Object]] = []
    for order, item in enumerate(page.iter_layout_objects(list(page.layout))):
        if item["object_type"] == "char" and item["text"].strip():
            chars.append((order, item))
        elif item["object_type"] == "rect" and item.get("fill"):
            boxes.append((order, item))
    found: set[tuple[str, float, float]] = set()
    for order, char in chars:
        under = [(drawn, box) for drawn, box in boxes if _holds(box, char)]
        ground = _rgb(under[-1][1].get("non_stroking_color")) if under else (1.0, 1.0, 1.0)
        colour = _rgb(char.get("non_stroking_color"))
        same = ground and colour and all(abs(a - b) < 0.1 for a, b in zip(ground, colour, strict=True))
        if same or (under and under[-1][0] > order) or not _overlap(char, page.bbox):
            found.add(_key(char))
    return frozenset(found)


def _key(char: _Object) -> tuple[str, float, float]:
    return char["text"], round(char["x0"], 2), round(char["top"], 2)


def _middle(char: _Object) -> tuple[float, float]:
    return (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2


def _holds(box: _Object, char: _Object) -> bool:
    across, down = _middle(char)
    return bool(box["x0"] <= across <= box["x1"] and box["top"] <= down <= box["bottom"])


def _rgb(colour: object) -> tuple[float, ...] | None:
    """Return a colour as red, green and blue from 0 to 1, or None where it is a pattern or not known."""
    parts = colour if isinstance(colour, tuple | list) else (colour,)
    if not all(isinstance(part, int | float) for part in parts):
        return None
    if len(parts) == 1:
        return (float(parts[0]),) * 3
    if len(parts) == 3:
        return tuple(float(part) for part in parts)
    if len(parts) == 4:
        return tuple((1 - float(part)) * (1 - float(parts[3])) for part in parts[:3])
    return None


def _pdf_line(path: Path, file: str, page_no: int, line_no: int) -> tuple[int, int, str]:
    """Return a line of a page as it stands: its number, 1 and its text."""
    with _pdf(path, file) as document:
        page = _page(document, page_no, file)
        unreadable = _unreadable(page)
        if unreadable is not None:
            raise Refused(_fault_on(file, _box(page, page.bbox), unreadable))
        lines = page.extract_text_lines(return_chars=True, x_tolerance_ratio=_WORD_GAP) if page.chars else []
        if not 1 <= line_no <= len(lines):
            raise Refused(_no_line(file, line_no, f"a page {page_no} of {len(lines)} lines"))
        line = lines[line_no - 1]
        chars = [char for char in line["chars"] if char["text"].strip()]
        faults = dict.fromkeys(_text_faults(chars, _unseen(page)))
        if faults:
            raise Refused(*(_fault(file, line_no, f"on page {page_no}: {fault}") for fault in faults))
        return line_no, 1, str(line["text"])


# --- a count inside a sentence

_SMALL = _words(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_OTHER_NUMBERS = _words(
    "zero nil none thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million "
    "millions billion dozen dozens score half double couple pair once twice thrice k m bn"
)
_DIGITS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+")
_OPENERS = "([{\"'“‘*_"
_CLOSERS = ")]}\"'”’*_.,;:?!"
_NOT_EXACT_BEFORE = re.compile(
    r"\b(?:in excess of|more than|greater than|over|above|fewer than|less than|under|below|at least|at most"
    r"|no more than|no fewer than|up to|about|around|roughly|approximately|approx|circa|nearly|almost|some|between"
    r"|minus)\W*$",
    re.IGNORECASE,
)
_NOT_EXACT_AFTER = re.compile(
    r"\W*(?:or (?:more|fewer|less|over|so|under)|and (?:over|under|above)|plus)\b", re.IGNORECASE
)


def _count_in(text: str, quote: str, file: str, line_no: int, place: str) -> str:
    """Return the one number of a quote that stands in a text, as printed; raises Refused."""

    def refuse(found: str, expected: str, remedy: str) -> NoReturn:
        raise Refused(Problem(file, place + found, expected, remedy, line_no))

    line, words = " ".join(text.split()), " ".join(quote.split())
    starts = [match.start() for match in re.finditer(re.escape(words), line)] if words else []
    if not starts:
        refuse(f"{line!r}", f"the words {words!r}", "quote the words as they stand, and mend page and line")
    whole = [start for start in starts if _is_whole(line, start, start + len(words))]
    if not whole:
        refuse(f"{words!r} as a part of longer words or numbers in {line!r}", "whole words", "quote them to their ends")
    numbers = [match for match in re.finditer(r"\S+", words) if _is_number(match[0])]
    if len(numbers) != 1:
        found = " and ".join(repr(match[0]) for match in numbers) or "no number"
        refuse(f"{found} in {words!r}", "exactly one number", "quote fewer or more words")
    printed = numbers[0][0].strip(_OPENERS + _CLOSERS)
    if not _DIGITS.fullmatch(printed) and printed.lower() not in _SMALL:
        refuse(
            f"{printed!r}",
            "digits with thousands commas, or one to twenty in words",
            "transcribe it, and declare it under markers",
        )
    for start in whole:
        before, after = line[: start + numbers[0].start()], line[start + numbers[0].end() :]
        if unsure := _NOT_EXACT_BEFORE.search(before) or _NOT_EXACT_AFTER.match(after):
            refuse(
                f"{printed!r} beside {unsure[0].strip()!r}",
                "an exact count",
                "transcribe the words, and declare them under markers",
            )
    return printed


def _is_whole(line: str, start: int, end: int) -> bool:
    """Return whether the words from `start` to `end` of a line cut no word, no sign and no number in two."""
    before, after = line[:start], line[end:]
    if not re.search(rf"(?:^|\s)[{re.escape(_OPENERS)}]*$", before):
        return False
    if not re.match(rf"[{re.escape(_CLOSERS)}]*(?:\s|$)", after):
        return False
    words = line[start:end].split()
    # a space may part thousands (1 234), and numbers in words (two hundred and five)
    if _is_number(words[0]) and (previous := re.search(r"(\S+)(?: and)? $", before)):
        thousands = re.fullmatch(r"[0-9]{1,3},?", previous[1]) and re.match(r"[0-9]{3}(?![0-9])", words[0])
        if thousands or previous[1].lower() in _SMALL | _OTHER_NUMBERS:
            return False
    if _is_number(words[-1]) and (following := re.match(r"(,?) (?:and )?(\S+)", after)):
        thousands = re.fullmatch(r"[0-9]{1,3},?", words[-1]) and re.match(r"[0-9]{3}(?![0-9])", following[2])
        if thousands or following[2].lower().strip(_CLOSERS) in _SMALL | _OTHER_NUMBERS:
            return False
    return True


def _is_number(word: str) -> bool:
    """Return whether a word is a number or holds one: 12, 1,203, 2015/16, £5, 1st, twelve, twenty-one."""
    parts = re.findall(r"[a-z]+", word.lower())
    return any(character.isnumeric() for character in word) or not (_SMALL | _OTHER_NUMBERS).isdisjoint(parts)


_READERS: dict[str, Callable[[Path, str], Iterable[_Found]]] = {
    ".md": _markdown_tables,
    ".txt": _plain_tables,
    ".html": _html_tables,
    ".htm": _html_tables,
    ".pdf": _pdf_tables,
}
