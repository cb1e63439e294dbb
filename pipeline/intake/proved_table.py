"""One table that no manifest describes: what a person said of it, the walk over its rows, and what comes of it.

The header and the extent of the table follow from its rows, and only where there is one way to see them. Whatever could
be seen in two ways is refused, with what a person may say to settle it.
Not here: where the rows come from (reading.py, proved_cells.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from pipeline.intake.manifest import TOTAL_WORDS
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.reader import Account, Record, is_blank
from pipeline.intake.rows import Row
from pipeline.intake.survey import FALLBACK

# A number, a date or the name of a period: what a header is not made of alone.
_WORDS = (
    "jan|january|feb|february|mar|march|apr|april|may|jun|june|jul|july|aug|august|sep|sept|september|oct|october|"
    "nov|november|dec|december|st|nd|rd|th|to|and|until|till|from|q[1-4]|fy|cy|h[12]|year|quarter|week|month|e"
)
_NUMBERLIKE = re.compile(
    rf"(?=.*[0-9])(?:[0-9\s.,:;/\\()%£$€+*<>~=_'’–—-]|(?<![a-z])(?:{_WORDS})(?![a-z]))+", re.IGNORECASE
)


@dataclass(frozen=True)
class Asked:
    """What a person said of the file; None = to be proved. `header_line` 0 = there is no header.

    `sheet` and `cells` are of a workbook, `table` is the number of a table in a letter, delimiter and encoding are of
    lines of text.
    """

    header_line: int | None = None
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    cells: str | None = None
    table: int | None = None


@dataclass(frozen=True)
class Reading:
    """What the reader makes of a table of a file. `delimiter` is None where it has one column, or cells of its own.

    `address` says which cells, as in a manifest (cells.py), None for lines of text; `header_line` is then the row of
    the sheet or of the letter's table. `findings` is what must be known of the values; `total_words` what lines of
    totals that were set aside are called.
    """

    encoding: str
    encoding_by: str
    delimiter: str | None
    header_line: int
    columns: tuple[str, ...]
    records: tuple[Record, ...]
    account: Account
    address: Mapping[str, Any] | None = None
    findings: tuple[str, ...] = ()
    total_words: frozenset[str] = frozenset()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person must know before the records are taken."""
        fallback = (f"read as {self.encoding}: {self.encoding_by}",) if self.encoding_by == FALLBACK else ()
        return (*fallback, *self.findings)

    def as_json(self) -> dict[str, Any]:
        """Return the reading as plain JSON; `address` only where it is not lines."""
        address = {} if self.address is None else {"address": dict(self.address)}
        return {
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "header_line": self.header_line,
            "columns": list(self.columns),
            "records": [
                {"record_no": r.record_no, "line_no": r.line_no, "values": list(r.values)} for r in self.records
            ],
            "rejected": [{"line_no": r.line_no, "rule": r.rule, "text": r.text} for r in self.account.rejected],
            "set_aside": [{"line_no": s.line_no, "rule": s.rule, "text": s.text} for s in self.account.set_aside],
            "warnings": list(self.warnings),
            **address,
        }


def width_of(rows: Iterable[Row], file: str, header_line: int | None) -> int:
    """Return the number of fields of the table: that of the header named, else that which most rows have.

    Raises Refused where no number of fields is that of most rows.
    """
    widths: Counter[int] = Counter()
    for row in rows:
        if row.fields is None or is_blank(row):
            continue
        if header_line == row.line_no:
            return len(row.fields)
        widths[len(row.fields)] += 1
    if not widths:
        raise Refused(Problem(file, "no line that can be parted into fields", "a table", "mend the quotes", line=1))
    if set(widths) - {1}:
        del widths[1]  # titles and notes: where any line has fields, a line without is no record
    (width, n), *others = widths.most_common()
    if others and n < 2 * others[0][1]:
        raise Refused(
            Problem(
                file=file,
                line=1,
                found=f"{n} lines of {width} fields and {others[0][1]} of {others[0][0]}",
                expected="one number of fields that most lines have",
                remedy="pass --header-line N (0 = none)",
            )
        )
    return width


@dataclass
class ProvedTable:
    """The walk over the rows of one table.

    The rows of a sheet (`of_cells`) are all equally wide: above the header only their cells in use count. `contrast`
    asks for more proof of the header: a column in which it has a word and every record a number.
    """

    file: str
    width: int
    header_line: int | None
    of_cells: bool = False
    contrast: bool = False
    account: Account = field(default_factory=Account)
    total_words: set[str] = field(default_factory=set)
    header_at: int = 0
    waiting: list[Row] = field(default_factory=list)
    above: list[Row] = field(default_factory=list)
    parted: bool = False
    numeric: set[int] | None = None
    first_numeric: set[int] | None = None
    first_words: set[int] = field(default_factory=set)
    any_number: bool = False
    first_line: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """The header, or where there is none names by position."""
        return self.account.header or tuple(f"column {at + 1}" for at in range(self.width))

    def read(self, rows: Iterable[Row], *, has_sep: bool = False) -> Iterator[Record]:
        """Yield the records; what is left over goes to the account."""
        self.account.width = self.width
        for row in rows:
            self.account.physical_lines += row.lines
            last = row
            if has_sep and row.line_no == 1:
                self.account.lay_aside(row, "sep")
            elif is_blank(row):
                self.account.lay_aside(row, "blank")
                self.parted = True
                self.above.append(row)
            elif self._above():
                self._above_table(row)
            else:
                yield from self._inside(row)
        if self._above():
            raise Refused(self._unproved(last.line_no, "the end of the file"))
        self._below_table(last)
        self._header_is_no_record()

    def _above(self) -> bool:
        return self.account.header is None and self.header_line != 0

    def _above_table(self, row: Row) -> None:
        """Take a row above the table: a title, or the header."""
        if row.fields is None:
            raise Refused(self._unproved(row.line_no, "a quote that neither opens nor closes a field"))
        if self.header_line is not None:
            if row.line_no + row.lines <= self.header_line:
                self.account.lay_aside(row, "title")
                return
            if row.line_no != self.header_line:
                raise Refused(self._unproved(self.header_line, "a blank line or the middle of a quoted field"))
        elif len(self._said(row)) < self.width:
            self.account.lay_aside(row, "title")
            self.above.append(row)
            return
        else:
            self._prove_header(row)
        self.account.header, self.header_at = row.fields, row.line_no
        self.account.lay_aside(row, "header")
        self.parted = False

    def _said(self, row: Row) -> tuple[str, ...]:
        """Return what a row above the table says: its fields, of a sheet those in use."""
        fields = row.fields or ()
        return tuple(value for value in fields if value.strip()) if self.of_cells else fields

    def _prove_header(self, row: Row) -> None:
        """Raise Refused where the first full line may be a record."""
        fields = row.fields or ()
        if len(fields) > self.width:
            raise Refused(self._unproved(row.line_no, f"{len(fields)} fields above a table of {self.width}"))
        if all(is_numberlike(value) or not value.strip() for value in fields):
            raise Refused(self._unproved(row.line_no, "a line of numbers, periods or blanks"))
        titles = [r for r in self.above if not is_blank(r)]
        above = len(self._said(titles[-1])) if titles else 0
        adjacent = bool(titles) and self.above[-1] is titles[-1]
        nearly = adjacent and (self.of_cells or above == self.width - 1)
        # a lone word above two columns: a title, or a header whose second cell is empty
        self.contrast |= self.of_cells and adjacent and self.width == 2
        if above > 1 and (any(map(is_numberlike, fields)) or nearly):
            found = f"{above} fields, right above {len(fields)} that may be a record"
            raise Refused(self._unproved(titles[-1].line_no, found))
        self._no_other_table(titles)

    def _inside(self, row: Row) -> Iterator[Record]:
        fields = row.fields
        if fields is None or len(fields) > self.width:
            self._reject_waiting()
            self.account.reject(row)
        elif fields == self.account.header:
            self._reject_waiting()
            self.account.lay_aside(row, "header")
        elif any(value.strip().lower() in TOTAL_WORDS for value in fields):
            self._reject_waiting()
            self.account.records += 1
            self.account.lay_aside(row, "total")
            self.total_words.update(v.strip() for v in fields if v.strip().lower() in TOTAL_WORDS)
        elif len(fields) < self.width:
            self.waiting.append(row)
            self.parted = True
        else:
            self._reject_waiting()
            self._learn(row)
            yield self.account.take(row)

    def _reject_waiting(self) -> None:
        """Reject narrow rows that turned out to stand inside the table."""
        for row in self.waiting:
            self.account.reject(row)
        self.waiting.clear()

    def _learn(self, row: Row) -> None:
        """Note in which columns every record has a number; refuse a row that looks like the header of a next table."""
        fields = row.fields or ()
        numbers = {at for at, value in enumerate(fields) if is_numberlike(value)}
        words = {at for at, value in enumerate(fields) if at not in numbers and any(map(str.isalpha, value))}
        self.any_number |= bool(numbers)
        if self.first_numeric is None:
            self.first_numeric, self.first_words, self.first_line = numbers, words, row.line_no
            blank_names = {at for at, name in enumerate(self.account.header or ()) if not name.strip()}
            if blank_names & words and not numbers:
                raise Refused(self._unproved(row.line_no, "a second line that may be the header"))
        else:
            known = numbers if self.numeric is None else self.numeric
            if self.parted and self.numeric and self.numeric <= words:
                found = "a line of words where every record so far has numbers, below a line that is no record"
                raise Refused(
                    Problem(self.file, found, "one table", "name the lines of each table in a manifest", row.line_no)
                )
            self.numeric = known - words
        self.parted = False

    def _header_is_no_record(self) -> None:
        """Raise Refused where the header may be a record, or the first record the header."""
        if self.header_line is not None:
            return
        if not self.first_numeric and self.numeric and self.numeric <= self.first_words:
            raise Refused(self._unproved(self.first_line, "a second line that may be the header"))
        named = {at for at, name in enumerate(self.account.header or ()) if not is_numberlike(name)}
        first = self.first_numeric or set()
        if self.contrast and not named & (first if self.numeric is None else first & self.numeric):
            raise Refused(self._unproved(self.header_at, "a line that may be a header, a title or a record"))
        # prose has commas too: without a number anywhere, lines of other widths leave open what the table is
        odd = [s for s in self.account.set_aside if s.rule == "title"] + self.account.rejected[:1]
        if self.width > 1 and odd and not self.any_number:
            raise Refused(self._unproved(odd[0].line_no, "lines of several widths and no number in any record"))

    def _below_table(self, last: Row) -> None:
        """Put rows aside that stand below the table; one that the end of the file may have cut is rejected."""
        self._no_other_table(self.waiting)
        cut = self.waiting and last is self.waiting[-1] and len(last.fields or ()) > 1 and not last.ended
        for row in self.waiting[:-1] if cut else self.waiting:
            self.account.lay_aside(row, "note")
        if cut:
            self.account.reject(last)
        self.waiting.clear()

    def _no_other_table(self, rows: Sequence[Row]) -> None:
        """Raise Refused where rows beside the table are a table of their own: two equally wide, one with a number."""
        for one, other in pairwise(rows):
            fields, others = self._said(one), self._said(other)
            if 1 < len(fields) == len(others) and any(map(is_numberlike, (*fields, *others))):
                found = f"lines of {len(fields)} fields beside a table of {self.width}"
                remedy = "name the lines of each table in a manifest"
                raise Refused(Problem(self.file, found, "one table", remedy, one.line_no))

    def _unproved(self, line: int, found: str) -> Problem:
        return Problem(
            file=self.file,
            line=line,
            found=found,
            expected="a header that can be proved",
            remedy="header cannot be proved, pass --header-line N (0 = none)",
        )


def is_numberlike(value: str) -> bool:
    """Return True for a number, a date or the name of a period, which no header is made of alone."""
    return _NUMBERLIKE.fullmatch(value.strip()) is not None
