"""One table that no manifest describes: the walk over its rows, and what comes of it.

The header and the extent of the table follow from its rows, and only where there is one way to see them. Whatever could
be seen in two ways is refused, with what a person may say to settle it.
Not here: where the rows come from (intake/reading.py, cells.py), what kind of value a text is (values.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from pipeline.intake.manifest import TOTAL_WORDS
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.proof.reading import cut_line
from pipeline.intake.proof.values import begins_as_note, is_numberlike, is_quantity, is_rule, kind_of
from pipeline.intake.reader import Account, Record, is_blank
from pipeline.intake.rows import Row

_AROUND_NAMES = " \t\x0b\x0c\u00a0\ufeff"
_MARK = "\ufeff"
_OTHER_HEADER = "a line of words where the other records have counts: another header, another table or a note"
_FEW = 4
"""Lines of words in a column of counts that may be headers; where there are more it is no column of counts."""


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
class _Column:
    """What the records have in one column: how many counts, periods and other texts, and which lines no count.

    `numbers` are those of an unusual form, such as the code 3B.
    `headings` are the first lines with a word or a period; `thousands` says whether every value goes on with a number
    that a comma parted.
    """

    counts: int = 0
    numbers: int = 0
    periods: int = 0
    others: int = 0
    headings: list[int] = field(default_factory=list)
    thousands: bool = True

    @property
    def numeric(self) -> int:
        """How many records have a number of any form."""
        return self.counts + self.numbers


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
    tally: list[_Column] = field(default_factory=list)
    cut_at: int | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The header, or where there is none names by position."""
        return self.account.header or tuple(f"column {at + 1}" for at in range(self.width))

    def read(self, rows: Iterable[Row], *, has_sep: bool = False) -> Iterator[Record]:
        """Yield the records; what is left over goes to the account."""
        self.account.width = self.width
        self.tally = [_Column() for _ in range(self.width)]
        for row in rows:
            self.account.physical_lines += row.lines
            last = row
            self._no_mark(row)
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
        self.cut_at = cut_line(last)
        self._header_is_no_record()
        self._no_other_header()

    def _no_mark(self, row: Row) -> None:
        """Raise Refused at a byte order mark that begins no file: files were put together, or the mark is doubled."""
        if not self.of_cells and row.text.startswith(_MARK) and not self._is_header(row.fields):
            found, remedy = "a byte order mark that begins no file", "ask the force for each file for itself"
            raise Refused(Problem(self.file, found, "one file, with one mark or none", remedy, row.line_no))

    def _is_header(self, fields: tuple[str, ...] | None) -> bool:
        """Return True for the header, also with other capitals or with blanks, form feed or a mark around a name."""
        header = self.account.header
        return fields is not None and header is not None and _names(fields) == _names(header)

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
        if all(is_numberlike(value) or kind_of(value) == "marker" for value in fields):
            raise Refused(self._unproved(row.line_no, "a line of numbers, periods or blanks"))
        if quantity := next((value for value in fields if is_quantity(value)), None):
            raise Refused(
                self._unproved(row.line_no, f"a line with a number ({quantity.strip()[:40]}), as a record has")
            )
        # a blank corner is ordinary: the column of the labels has no name
        in_use = [at for at, value in enumerate(fields) if value.strip()]
        if self.width > 1 and len(in_use) == 1 and not (self.width == 2 and in_use == [1]):
            raise Refused(self._unproved(row.line_no, "a line with one cell in use: a title, or the header"))
        self._no_note_or_rule(row)
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
        elif self._is_header(fields):
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
            if self.header_line is None:
                self._no_note_or_rule(row)
            self._learn(row)
            self._count(row)
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
            unlike = {at for at in blank_names if kind_of(fields[at]) in {"word", "period", "year"}}
            quantities = any(kind_of(value) == "count" for value in fields)
            if unlike and (not numbers or (self.width > 2 and unlike == blank_names and not quantities)):
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

    def _no_note_or_rule(self, row: Row) -> None:
        """Raise Refused at a full line that is a note, or a rule of dashes between header and records."""
        fields = row.fields or ()
        if is_rule(fields):
            raise Refused(self._unproved(row.line_no, "a rule of dashes"))
        if self.width > 1 and begins_as_note(fields):
            found = "a line that begins as a note does, and has the delimiters of a record"
            remedy = "name the lines of the table in a manifest, or pass --header-line N to take it as it stands"
            raise Refused(Problem(self.file, found, "records, and notes that no record can be", remedy, row.line_no))

    def _count(self, row: Row) -> None:
        """Note what kind of value a record has in each column."""
        fields = row.fields or ()
        kinds = [kind_of(value) for value in fields]
        years_head = _years_head(fields, kinds)
        for at, (column, kind) in enumerate(zip(self.tally, kinds, strict=True)):
            column.counts += kind == "count"
            column.numbers += kind == "number"
            column.periods += kind in {"period", "year"}
            column.others += kind in {"count", "number", "word"}
            if (kind in {"word", "period"} or (kind == "year" and years_head)) and len(column.headings) <= _FEW:
                column.headings.append(row.line_no)
            if column.thousands and fields[at].strip():
                column.thousands = at > 0 and _is_parted_thousand(fields[at - 1], fields[at])

    def _no_other_header(self) -> None:
        """Raise Refused where a line among the records may be a header, or the header a record by its columns."""
        if self.header_line is not None:
            return
        header = self.account.header or ()
        for name, column in zip(header, self.tally, strict=True):
            if column.periods and not column.others and kind_of(name) in {"period", "year"}:
                raise Refused(self._unproved(self.header_at, "a line with a period above a column of periods"))
            if not name.strip() and column.thousands and column.counts:
                found = "a nameless column of three digits each: a comma inside numbers may have parted it"
                raise Refused(
                    Problem(self.file, found, "numbers in one field", "ask for them in quotes", self.header_at)
                )
        for line in sorted({line for column in self.tally for line in column.headings}):
            # by the other records alone, or by most of the records where several lines look like a header
            alone = [c for c in self.tally if c.numeric and not set(c.headings) - {line}]
            mostly = [c for c in self.tally if c.numeric and len(c.headings) <= min(_FEW, c.numeric)]
            if any(_all_head(columns, line) for columns in (alone, mostly)):
                what = "a second line that may be the header" if line == self.first_line else _OTHER_HEADER
                raise Refused(self._unproved(line, what))

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


def _names(fields: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.strip(_AROUND_NAMES).casefold() for name in fields)


def _years_head(fields: Sequence[str], kinds: Sequence[str]) -> bool:
    """Return True where the years of a line are a header's: a series, or below no label. A count can be 2012 too."""
    years = [int(value) for value, kind in zip(fields, kinds, strict=True) if kind == "year"]
    series = len(set(years)) > 1 and all(abs(after - before) <= 1 for before, after in pairwise(years))
    return series or (bool(years) and not fields[0].strip())


def _all_head(columns: Sequence[_Column], line: int) -> bool:
    """Return True where a line has no number in any of these columns, of which one has counts at least."""
    return any(column.counts for column in columns) and all(line in column.headings for column in columns)


def _is_parted_thousand(before: str, value: str) -> bool:
    before, value = before.strip(), value.strip()
    return value.isdigit() and len(value) == 3 and before.isdigit() and len(before) <= 3
