"""Reading a file, mostly one that no manifest describes: what can be proved of it, or why nothing can.

Here: how a file is read (as lines, a workbook or a letter), and what of lines of text follows from the file alone:
what parts their fields. Whatever could be seen in two ways is refused, with what a person may say to settle it.
Not here: the header and the extent of a table (proved_table.py), workbooks and letters (proved_cells.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path
from typing import Literal

from pipeline.intake.cells import NO_ENCODING, extract_cells
from pipeline.intake.delimited import DELIMITERS, QUOTE, delimited_rows
from pipeline.intake.lines import physical_lines
from pipeline.intake.manifest import Extract
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.proved_cells import (
    read_letter,
    read_workbook,
    tables_of_letter,
    tables_of_workbook,
    tables_to_choose,
)
from pipeline.intake.proved_table import Asked, ProvedTable, Reading, cut_line, cut_warning, width_of
from pipeline.intake.reader import Account, declared_width, empty, is_blank, read_records
from pipeline.intake.rows import Row
from pipeline.intake.survey import survey

__all__ = ["Asked", "Reading", "read_extract", "read_file", "read_tables"]

SAMPLE = 2_000
"""Rows by which the delimiter is proved; the rest of the file is then held to it."""

_THOUSANDS = re.compile(r"\s*[0-9]{1,3}([,;][0-9]{3})+\s*")
_SEP = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How a zip (xlsx, ods) and an old workbook (xls) begin."""
_PDF = b"%PDF"
_NO_TEXT = (
    (_PDF, "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"{\\rtf", "an RTF document"),
)
_MARKUP = re.compile(r"\s*(<(!--|(!doctype|html|table|\?xml|head|body|div|p)\b)|[{\[])", re.IGNORECASE)


def read_file(path: Path, file: str, asked: Asked) -> Reading:
    """Return what can be proved of the one table of a file: delimited text, a workbook or a letter.

    Raises Refused with the place and what to say, where there are several tables with a list of them.
    """
    kind = _kind(path, file, asked)
    if kind == "workbook":
        return read_workbook(path, file, asked)
    if kind == "letter":
        return read_letter(path, file, asked)
    try:
        reading = _read_lines(path, file, asked)
    except Refused as refused:
        raise Refused(*refused.problems, *_also_a_letter(path, file, asked)) from refused
    if reading.delimiter is None and (tables := _also_a_letter(path, file, asked)):
        raise Refused(_one_column_or_letter(file), *tables)
    return reading


def read_tables(path: Path, file: str) -> tuple[Reading | Refused, ...]:
    """Return what can be proved of each table of a file, in order; a file that cannot be read gives one refusal.

    A text file that is refused as delimited text, or has one column, is taken for a letter where it has tables.
    """
    try:
        kind = _kind(path, file, Asked())
        if kind == "workbook":
            return tables_of_workbook(path, file)
        if kind == "letter":
            return tables_of_letter(path, file)
        lines = _read_lines(path, file, Asked())
        if lines.delimiter is not None:
            return (lines,)
        refused = Refused(_one_column_or_letter(file))
    except Refused as problem:
        lines, refused = None, problem
    tables = tables_of_letter(path, file) if _may_be_letter(path) else ()
    if not any(isinstance(table, Reading) for table in tables):
        return (lines or refused,)
    why = f"taken for a letter, not for delimited text: {refused.problems[0].found}"
    return tuple(
        replace(table, findings=(*table.findings, why)) if isinstance(table, Reading) else table for table in tables
    )


def _kind(path: Path, file: str, asked: Asked) -> Literal["lines", "workbook", "letter"]:
    """Return how a file is read: as a person says, else by its first bytes, else by its name."""
    head = _head(path, file)
    if asked.table is not None:
        return "letter"
    if asked.sheet is not None or asked.cells is not None or head.startswith(_WORKBOOKS):
        return "workbook"
    suffix = path.suffix.lower()
    if head.startswith(_PDF) and suffix == ".pdf":
        return "letter"
    for mark, name in _NO_TEXT:
        if head.startswith(mark):
            remedy = "name it .pdf, then its tables are read" if mark == _PDF else "ask the force for a table"
            raise Refused(Problem(file, name, "delimited text, a workbook or a letter", remedy, line=1))
    said = asked.delimiter is not None or asked.encoding is not None
    return "letter" if suffix in {".md", ".html", ".htm", ".pdf"} and not said else "lines"


def _may_be_letter(path: Path) -> bool:
    """Return True for the one form that is both: a .txt is delimited text, or a letter with tables."""
    return path.suffix.lower() == ".txt"


def _also_a_letter(path: Path, file: str, asked: Asked) -> tuple[Problem, ...]:
    """Return the tables of a text file read as a letter, each with what to pass; none where a person has spoken."""
    return tables_to_choose(path, file) if _may_be_letter(path) and asked == Asked() else ()


def _one_column_or_letter(file: str) -> Problem:
    found = "a table of one column, or a letter with tables"
    return Problem(file, found, "one way to see it", "pass --table N, or --delimiter for lines of text", line=1)


def _read_lines(path: Path, file: str, asked: Asked) -> Reading:
    seen = survey(path, file, asked.encoding)
    if not seen.size:
        raise Refused(empty(file))
    sep = _declared_delimiter(path, seen.encoding, file)
    delimiter = asked.delimiter or sep or _delimiter(path, file, seen.encoding)
    if sep is not None and asked.delimiter is None:
        _must_not_contradict(path, file, seen.encoding, sep)

    def rows() -> Iterator[Row]:
        # where there is one column nothing parts it: a NUL is in no text that is read
        return delimited_rows(path, file, seen.encoding, delimiter or "\0")

    width = width_of(islice(rows(), sep is not None, None), file, asked.header_line)
    table = ProvedTable(file, width, asked.header_line)
    records = tuple(table.read(rows(), has_sep=sep is not None))
    if delimiter is None:
        _must_be_one_column(islice(rows(), sep is not None, None), file)
    return Reading(
        encoding=seen.encoding,
        encoding_by=seen.encoding_by,
        delimiter=delimiter,
        header_line=table.header_at,
        columns=table.columns,
        records=records,
        account=table.account,
        findings=cut_warning(table.cut_at),
        total_words=frozenset(table.total_words),
    )


def read_extract(extract: Extract, file: str) -> Reading:
    """Return what the reader makes of an extract as its manifest describes it; raises Refused."""
    seen = survey(extract.path, file, extract.terms.encoding)
    delimiter = extract.terms.delimiter or ","
    rows = (
        delimited_rows(extract.path, file, seen.encoding, delimiter, extract.line_range)
        if extract.entry.is_lines
        else extract_cells(extract, file)
    )
    account = Account()
    width = declared_width(extract) if extract.header_line == 0 else None
    last: list[Row] = []
    records = tuple(read_records(_noting(rows, last), file, extract.header_line, extract.line_range, width, account))
    findings = (*_other_bytes(seen.sha256, extract), *cut_warning(cut_line(last[0]) if last else None))
    columns = account.header or tuple(f"column {at + 1}" for at in range(account.width or 0))
    header_at = account.header_at
    if not extract.entry.is_lines:
        by = "not lines of text"
        return Reading(NO_ENCODING, by, None, header_at, columns, records, account, extract.entry.address, findings)
    by = seen.encoding_by
    return Reading(seen.encoding, by, delimiter, header_at, columns, records, account, findings=findings)


def _noting(rows: Iterable[Row], last: list[Row]) -> Iterator[Row]:
    """Yield rows; `last` then holds the last one."""
    for row in rows:
        last[:] = [row]
        yield row


def _other_bytes(sha256: str, extract: Extract) -> tuple[str, ...]:
    """Return a warning where a manifest names a file with another SHA-256: a refresh refuses it."""
    if sha256 == extract.sha256:
        return ()
    return (f"the manifest names this file with SHA-256 {extract.sha256}, it has {sha256}: a refresh would refuse it",)


def _head(path: Path, file: str) -> bytes:
    """Return the first bytes of a file; raises Refused where there is none to read."""
    try:
        if path.is_symlink():
            raise Refused(Problem(file, "a link", "a file", "name the file itself"))
        if path.is_dir() or (path.exists() and not path.is_file()):
            raise Refused(Problem(file, "a folder or device", "a file", "name a file"))
        with path.open("rb") as stream:
            return stream.read(8)
    except OSError as error:
        found = "no file" if isinstance(error, FileNotFoundError) else f"no file to read ({error.strerror})"
        raise Refused(Problem(file, found, "a file", "name a file")) from error


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


def _must_not_contradict(path: Path, file: str, encoding: str, sep: str) -> None:
    """Raise Refused where `sep=` names a delimiter that parts no table, and another one does."""
    candidates = {mark: _candidate(path, file, encoding, mark, above=1) for mark in DELIMITERS}
    meant = candidates.pop(sep)
    others = [c for c in candidates.values() if c.is_table or (c.occurs and not meant.occurs)]
    if others and not meant.is_table:
        found = f"sep={sep} above lines that {others[0].delimiter!r} parts"
        raise Refused(Problem(file, found, "the delimiter of the file after sep=", "pass --delimiter", line=1))


_PARTS = (":", "^", "~", "  ")
"""What parts the fields of some files and is no delimiter here; two blanks stand for two or more."""


def _must_be_one_column(rows: Iterable[Row], file: str) -> None:
    """Raise Refused where something parts every line of one column into as many parts, or a quoted line into fields."""
    alike: dict[str, int] | None = None
    for row in rows:
        if is_blank(row) or not row.fields:
            continue
        quoted = row.text.startswith(QUOTE)
        parts = {mark: len(_parted(row.fields[0], mark)) for mark in (*(DELIMITERS if quoted else ()), *_PARTS)}
        same = {mark: n for mark, n in parts.items() if n > 1}
        alike = same if alike is None else {mark: n for mark, n in alike.items() if same.get(mark) == n}
        if not alike:
            return
    if alike:
        mark = next(iter(alike))
        shown = "runs of blanks" if mark == "  " else repr(mark)
        found = f"one column, of which {shown} parts every line into {alike[mark]}"
        remedy = "ask the force for commas between the fields, or pass --delimiter , to take each line as one field"
        raise Refused(Problem(file, found, "one column, or a delimiter among , ; | and tab", remedy, line=1))


def _parted(text: str, mark: str) -> list[str]:
    return re.split(r"\s{2,}", text.strip()) if mark == "  " else text.split(mark)


def _candidate(path: Path, file: str, encoding: str, delimiter: str, above: int = 0) -> _Candidate:
    """Return what a delimiter makes of the first rows below `above`."""
    rows: list[Row] = []
    problem = None
    try:
        for row in islice(delimited_rows(path, file, encoding, delimiter), above, SAMPLE):
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
