"""Reading a file that no manifest describes: what can be proved of it, or why nothing can.

Delimiter, header and the extent of the table follow from the file alone, and only where there is one way to see
them. Whatever could be seen in two ways is refused, with what a person may say to settle it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from pipeline.intake.delimited import DELIMITERS, QUOTE, delimited_rows
from pipeline.intake.lines import physical_lines, survey
from pipeline.intake.manifest import TOTAL_WORDS, Extract
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.reader import Account, Record, declared_width, empty, is_blank, read_records
from pipeline.intake.rows import Row

SAMPLE = 2_000
"""Rows by which the delimiter is proved; the rest of the file is then held to it."""

_THOUSANDS = re.compile(r"\s*[0-9]{1,3}([,;][0-9]{3})+\s*")
_SEP = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_NO_TEXT = (
    (b"PK\x03\x04", "a zip archive or a workbook (xlsx, ods)"),
    (b"\xd0\xcf\x11\xe0", "an old workbook or document (xls, doc), or an encrypted one"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"{\\rtf", "an RTF document"),
)
_MARKUP = re.compile(r"\s*(<(!doctype|html|table|\?xml|head|body|div|p)\b|[{\[])", re.IGNORECASE)

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
    """What a person said of the file; None = to be proved. `header_line` 0 = there is no header."""

    header_line: int | None = None
    delimiter: str | None = None
    encoding: str | None = None


@dataclass(frozen=True)
class Reading:
    """What the reader makes of a file. `delimiter` is None where the file has one column."""

    encoding: str
    encoding_by: str
    delimiter: str | None
    header_line: int
    columns: tuple[str, ...]
    records: tuple[Record, ...]
    account: Account

    def as_json(self) -> dict[str, Any]:
        """Return the reading as plain JSON."""
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
            "warnings": [f"read as {self.encoding}: {self.encoding_by}"] if self.encoding_by.startswith("not") else [],
        }


def read_file(path: Path, file: str, asked: Asked) -> Reading:
    """Return what can be proved of a delimited file; raises Refused with the place and what to say."""
    _must_be_text(path, file)
    seen = survey(path, file, asked.encoding)
    if not seen.size:
        raise Refused(empty(file))
    sep = _declared_delimiter(path, seen.encoding, file)
    delimiter = asked.delimiter or sep or _delimiter(path, file, seen.encoding)
    # where there is one column nothing parts it: a NUL is in no text that is read
    rows = delimited_rows(path, file, seen.encoding, delimiter or "\0")
    table = _Table(file, _width(path, file, seen.encoding, delimiter or "\0", asked), asked.header_line)
    records = tuple(table.read(rows, has_sep=sep is not None))
    return Reading(
        encoding=seen.encoding,
        encoding_by=seen.encoding_by,
        delimiter=delimiter,
        header_line=table.header_at,
        columns=table.account.header or tuple(f"column {at + 1}" for at in range(table.width)),
        records=records,
        account=table.account,
    )


def read_extract(extract: Extract, file: str) -> Reading:
    """Return what the reader makes of an extract as its manifest describes it; raises Refused."""
    seen = survey(extract.path, file, extract.terms.encoding)
    delimiter = extract.terms.delimiter or ","
    rows = delimited_rows(extract.path, file, seen.encoding, delimiter, extract.line_range)
    account = Account()
    width = declared_width(extract) if extract.header_line == 0 else None
    records = tuple(read_records(rows, file, extract.header_line, extract.line_range, width, account))
    columns = account.header or tuple(f"column {at + 1}" for at in range(account.width or 0))
    return Reading(seen.encoding, seen.encoding_by, delimiter, extract.header_line, columns, records, account)


def _must_be_text(path: Path, file: str) -> None:
    try:
        if path.is_symlink():
            raise Refused(Problem(file, "a link", "a file", "name the file itself"))
        if path.is_dir() or (path.exists() and not path.is_file()):
            raise Refused(Problem(file, "a folder or device", "a file", "name a file"))
        with path.open("rb") as stream:
            head = stream.read(8)
    except OSError as error:
        found = "no file" if isinstance(error, FileNotFoundError) else f"no file to read ({error.strerror})"
        raise Refused(Problem(file, found, "a file", "name a file")) from error
    for mark, name in _NO_TEXT:
        if head.startswith(mark):
            raise Refused(Problem(file, name, "delimited text", "name the sheet or table in a manifest", line=1))


def _declared_delimiter(path: Path, encoding: str, file: str) -> str | None:
    """Return the delimiter that a first line `sep=` declares, or None; raises Refused where the file is no table."""
    for line_no, line in physical_lines(path, encoding, file):
        if _MARKUP.match(line):
            raise Refused(Problem(file, "markup or JSON", "delimited text", "ask the force for a table", line_no))
        sep = _SEP.fullmatch(line.strip("\r\n")) if line_no == 1 else None
        if sep is not None and sep.group(1) not in DELIMITERS:
            raise Refused(Problem(file, repr(sep.group(0)), "sep= with , ; | or tab", "pass --delimiter", line_no))
        if sep is not None:
            return sep.group(1)
        if line.strip().strip("".join(DELIMITERS)):
            return None
    raise Refused(
        Problem(file, "nothing but blank lines and delimiters", "a table", "ask the force for the file again", line=1)
    )


@dataclass(frozen=True)
class _Candidate:
    """What a delimiter makes of the first rows: how many there are, and what speaks for it."""

    delimiter: str
    rows: int
    occurs: bool
    is_table: bool
    whole: bool
    problem: Refused | None


def _delimiter(path: Path, file: str, encoding: str) -> str | None:
    """Return the one delimiter that makes a table of the file, or None where none of them occurs."""
    candidates = [_candidate(path, file, encoding, delimiter) for delimiter in DELIMITERS]
    tables = [c for c in candidates if c.is_table]
    sound = [c for c in tables if c.problem is None]
    whole = [c for c in sound if c.whole]
    occurring = [c for c in candidates if c.occurs]
    if len(tables) == 1 == len(sound) or len(whole) == 1:
        return (whole or sound)[0].delimiter
    if not tables and len(occurring) == 1 and occurring[0].rows == 1 and occurring[0].problem is None:
        return occurring[0].delimiter
    for candidate in (*tables, *(occurring or candidates)):
        if candidate.problem is not None:
            raise candidate.problem
    if not occurring:
        return None
    named = " and ".join(repr(c.delimiter) for c in tables or occurring)
    raise Refused(
        Problem(
            file=file,
            line=1,
            found=f"{named} as possible delimiters, none of which is proved",
            expected="one delimiter that parts header and records alike",
            remedy="pass --delimiter",
        )
    )


def _candidate(path: Path, file: str, encoding: str, delimiter: str) -> _Candidate:
    rows: list[Row] = []
    problem = None
    try:
        for row in islice(delimited_rows(path, file, encoding, delimiter), SAMPLE):
            if not is_blank(row):
                rows.append(row)
    except Refused as refused:
        problem = refused
    widths = Counter(len(row.fields) for row in rows if row.fields is not None and len(row.fields) > 1)
    width, n = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    at = [place for place, row in enumerate(rows) if row.fields is not None and len(row.fields) == width]
    full = [rows[place].text for place in at]
    # a table is most of the lines from its first to its last one; a sign inside fields is in some of them
    dense = n > 1 and 2 * n > at[-1] - at[0] + 1
    # a comma that only ever stands between digits may be part of a number
    parts = not all(_between_digits(text, delimiter) for text in full)
    parts = parts or (n == len(rows) and not all(map(_THOUSANDS.fullmatch, full)))
    return _Candidate(delimiter, len(rows), bool(widths), dense and parts, n == len(rows), problem)


def _between_digits(text: str, delimiter: str) -> bool:
    return QUOTE not in text and all(
        left[-1:].isdigit() and right[:1].isdigit() for left, right in pairwise(text.split(delimiter))
    )


def _width(path: Path, file: str, encoding: str, delimiter: str, asked: Asked) -> int:
    """Return the number of fields of the table: that of the header named, else that which most rows have."""
    widths: Counter[int] = Counter()
    for row in delimited_rows(path, file, encoding, delimiter):
        if row.fields is None or is_blank(row) or (row.line_no == 1 and _SEP.fullmatch(row.text)):
            continue
        if asked.header_line == row.line_no:
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
class _Table:
    """The walk over the rows of one table."""

    file: str
    width: int
    header_line: int | None
    account: Account = field(default_factory=Account)
    header_at: int = 0
    waiting: list[Row] = field(default_factory=list)
    above: list[Row] = field(default_factory=list)
    parted: bool = False
    numeric: set[int] | None = None
    first_numeric: set[int] | None = None
    first_words: set[int] = field(default_factory=set)
    any_number: bool = False
    first_line: int = 0

    def read(self, rows: Iterable[Row], *, has_sep: bool) -> Iterator[Record]:
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
        elif len(row.fields) < self.width:
            self.account.lay_aside(row, "title")
            self.above.append(row)
            return
        else:
            self._prove_header(row)
        self.account.header, self.header_at = row.fields, row.line_no
        self.account.lay_aside(row, "header")
        self.parted = False

    def _prove_header(self, row: Row) -> None:
        """Raise Refused where the first full line may be a record."""
        fields = row.fields or ()
        if len(fields) > self.width:
            raise Refused(self._unproved(row.line_no, f"{len(fields)} fields above a table of {self.width}"))
        if all(_is_numberlike(value) or not value.strip() for value in fields):
            raise Refused(self._unproved(row.line_no, "a line of numbers, periods or blanks"))
        titles = [r for r in self.above if not is_blank(r)]
        above = len(titles[-1].fields or ()) if titles else 0
        adjacent = titles and self.above[-1] is titles[-1]
        if above > 1 and (any(map(_is_numberlike, fields)) or (adjacent and above == self.width - 1)):
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
        numbers = {at for at, value in enumerate(fields) if _is_numberlike(value)}
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
            fields = one.fields or ()
            if 1 < len(fields) == len(other.fields or ()) and any(
                map(_is_numberlike, (*fields, *(other.fields or ())))
            ):
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


def _is_numberlike(value: str) -> bool:
    return _NUMBERLIKE.fullmatch(value.strip()) is not None
