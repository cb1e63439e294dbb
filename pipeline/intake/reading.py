"""Reading a file, by the manifest that names it or by itself: as lines of text, as a workbook or as a letter.

Not here: what can be proved of a file that no manifest describes (proof/).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Literal

from pipeline.intake.cells import NO_ENCODING, extract_cells
from pipeline.intake.delimited import delimited_rows
from pipeline.intake.manifest import Extract
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.proof.cells import (
    read_letter,
    read_workbook,
    tables_of_letter,
    tables_of_workbook,
    tables_to_choose,
)
from pipeline.intake.proof.delimiter import (
    declared_delimiter,
    must_be_one_column,
    must_not_contradict,
    proved_delimiter,
)
from pipeline.intake.proof.reading import Asked, Reading, cut_line, cut_warning
from pipeline.intake.proof.table import ProvedTable, width_of
from pipeline.intake.reader import Account, declared_width, empty, read_records
from pipeline.intake.rows import Row
from pipeline.intake.survey import PDF, WORKBOOKS, survey

__all__ = ["Asked", "Reading", "read_extract", "read_file", "read_tables"]

_NO_TEXT = (
    (PDF, "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"{\\rtf", "an RTF document"),
)


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
    if asked.sheet is not None or asked.cells is not None or head.startswith(WORKBOOKS):
        return "workbook"
    suffix = path.suffix.lower()
    if head.startswith(PDF) and suffix == ".pdf":
        return "letter"
    for mark, name in _NO_TEXT:
        if head.startswith(mark):
            remedy = "name it .pdf, then its tables are read" if mark == PDF else "ask the force for a table"
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
    sep = declared_delimiter(path, seen.encoding, file)
    delimiter = asked.delimiter or sep or proved_delimiter(path, file, seen.encoding)
    if sep is not None and asked.delimiter is None:
        must_not_contradict(path, file, seen.encoding, sep)

    def rows() -> Iterator[Row]:
        # where there is one column nothing parts it: a NUL is in no text that is read
        return delimited_rows(path, file, seen.encoding, delimiter or "\0")

    width = width_of(islice(rows(), sep is not None, None), file, asked.header_line)
    table = ProvedTable(file, width, asked.header_line)
    records = tuple(table.read(rows(), has_sep=sep is not None))
    if delimiter is None:
        must_be_one_column(islice(rows(), sep is not None, None), file)
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
