"""The source layer: the records of one extract as text, in an immutable store file, and the account of its lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.intake.blocks import Below, read_blocks, regrouped, table_of, tables_of
from pipeline.intake.cells import NO_ENCODING, extract_cells
from pipeline.intake.delimited import lines_of, rows_of_lines
from pipeline.intake.manifest import ColumnRef, Extract
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.raw import Refusal, file_problem
from pipeline.intake.reader import Account, Record, declared_width, hold_to_range, read_records
from pipeline.intake.survey import Survey, survey
from pipeline.store.digests import code_digest, digest_of
from pipeline.store.files import read_json, write_json
from pipeline.store.places import Places
from pipeline.store.tables import ahead, pieces, text_file

CODE = ("pipeline/intake", "pipeline/store")
SOURCE_COLUMNS = {"record_no": "bigint", "line_no": "bigint", "lines": "integer"}
"""The columns of the source layer that every extract has; its fields f1 ... fN follow."""


@dataclass(frozen=True)
class Source:
    """The source layer of one extract.

    `path` is Parquet: record_no, line_no, lines (physical lines the record takes), f1 ... fN (its fields as
    text, by position). `account` is plain JSON: sha256, size, encoding,
    encoding_by, header, width, physical_lines, records, rejected [...], set_aside [...], columns {canonical: position},
    wide [{at, label}], total_columns [position], index (of the survey).
    """

    extract: Extract
    path: Path
    account: dict[str, Any]

    @property
    def digest(self) -> str:
        """The digest of everything this file was built from."""
        return self.path.stem

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the records in order, in pieces of bounded size: record_no, line_no, lines, f1 ... fN."""
        yield from pieces(self.path)

    def header_of(self, position: int) -> str:
        """Return the header of a column as printed, or `column N` where there is none."""
        header = self.account["header"]
        return header[position - 1] if header and header[position - 1] else f"column {position}"


def ensure_source(places: Places, extract: Extract) -> Source | Refusal:
    """Return the source layer of an extract, reading its file only if that was not done before.

    The bytes are compared with the manifest's SHA-256 each time. What cannot be read is returned as a refusal.
    """
    problem = file_problem(extract, places)
    if problem is not None:
        return Refusal(extract.extract_id, (problem,))
    shown = places.shown(extract.path)
    try:
        seen = survey(extract.path, shown, extract.terms.encoding)
    except Refused as refused:
        return Refusal(extract.extract_id, refused.problems)
    if seen.sha256 != extract.sha256:
        return Refusal(
            extract.extract_id,
            (
                Problem(
                    file=shown,
                    found=f"a file with SHA-256 {seen.sha256}",
                    expected=f"SHA-256 {extract.sha256}, as its manifest says",
                    remedy="put the file back as it was received; if it is a new one, say its digest in the manifest",
                ),
            ),
        )
    digest = digest_of({"said": extract.said(), "code": code_digest(*CODE)})
    path = places.store("source", extract.extract_id, digest)
    report = path.with_suffix(".json")
    if path.exists() and report.exists():
        return Source(extract, path, read_json(report))
    try:
        account = _build(extract, path, shown, seen)
    except Refused as refused:
        return Refusal(extract.extract_id, refused.problems)
    write_json(report, account)
    return Source(extract, path, read_json(report))


def _build(extract: Extract, path: Path, shown: str, seen: Survey) -> dict[str, Any]:
    terms = extract.terms
    if terms.delimiter is None or terms.columns is None:
        raise AssertionError("a resolved extract says delimiter and columns")
    account = Account()
    lines = lines_of(extract.path, shown, seen.encoding, extract.line_range) if extract.entry.is_lines else iter(())
    rows = rows_of_lines(lines, shown, terms.delimiter) if extract.entry.is_lines else extract_cells(extract, shown)
    width = declared_width(extract) if extract.header_line == 0 else None
    records = read_records(rows, shown, extract.header_line, extract.line_range, width, account)
    first = list(islice(records, 1))  # reads past the header, so that a wrong one refuses before anything is written
    columns = _columns(extract, account, shown)
    if not first and account.rejected and all(r.rule == "width" for r in account.rejected):
        raise Refused(_no_record_fits(account, shown))
    _write(path, account.width or 0, ahead(_tables(extract, shown, seen.encoding, records, first, account)))
    if not account.records and terms.layout == "counts":
        raise Refused(
            Problem(
                file=shown,
                line=account.header_at or None,
                found="a table of counts without a row",
                expected="at least one count",
                remedy="ask the force for the table; where there is none, leave the extract out and say holding",
            )
        )
    return {
        "sha256": seen.sha256,
        "size": seen.size,
        "file_lines": seen.lines if extract.entry.is_lines else account.physical_lines,
        "encoding": seen.encoding if extract.entry.is_lines else NO_ENCODING,
        "encoding_by": seen.encoding_by if extract.entry.is_lines else "not lines of text",
        "header": account.header,
        "header_at": account.header_at,
        "width": account.width or 0,
        "physical_lines": account.physical_lines,
        "records": account.records,
        "rejected": [vars(r) for r in account.rejected],
        "set_aside": [vars(s) for s in account.set_aside],
        "index": seen.index,
        **columns,
    }


def _tables(
    extract: Extract, shown: str, encoding: str, records: Iterator[Record], first: list[Record], account: Account
) -> Iterator[pa.Table]:
    """Yield all records: the first, then what is below it. Lines are read in blocks, cells one after the other."""
    width = account.width or 0
    yield table_of(first, width)
    if not (first and extract.entry.is_lines):
        yield from tables_of(records, width)
        return
    start, last = extract.line_range or (1, None)
    delimiter = extract.terms.delimiter or ","
    below = Below(extract.path, shown, encoding, delimiter, start + account.physical_lines, last)
    yield from read_blocks(below, account)
    hold_to_range(shown, extract.line_range, account)


def _write(path: Path, width: int, tables: Iterator[pa.Table]) -> None:
    fields = dict.fromkeys((f"f{i + 1}" for i in range(width)), "varchar")
    with text_file(path, SOURCE_COLUMNS | fields) as writer:
        for table in regrouped(tables):
            writer.write_table(table)


def _no_record_fits(account: Account, shown: str) -> Problem:
    rejected = account.rejected[0]
    return Problem(
        file=shown,
        line=rejected.line_no,
        found=f"{rejected.found}, and no record with {rejected.expected}",
        expected=f"{rejected.expected}, which is what the manifest or the header says",
        remedy="declare every column, or list it under ignored:",
    )


def _columns(extract: Extract, account: Account, shown: str) -> dict[str, Any]:
    """Return where each declared column stands; raises Refused unless every column is declared exactly once."""
    terms = extract.terms
    problems: list[Problem] = []
    taken: dict[int, str] = {}

    def problem(column: str, found: str, expected: str, remedy: str) -> None:
        problems.append(Problem(shown, found, expected, remedy, account.header_at or None, column))

    def place(ref: ColumnRef, use: str) -> int:
        position = _position(ref, account)
        if isinstance(position, str):
            printed = ", ".join(repr(h) for h in account.header or ())
            problem(str(ref), f"{position}; the header is {printed}", f"one column for {use}", "mend the manifest")
            return 0
        if position in taken:
            problem(str(ref), f"a column for {taken[position]} and {use}", "one use of a column", "remove one")
        taken[position] = use
        return position

    columns = {name: place(ref, name) for name, ref in (terms.columns or {}).items()}
    wide = []
    for column in terms.wide.columns if terms.wide else ():
        position = place(column.at if column.at is not None else column.label, column.label)
        header = account.header[position - 1] if account.header and position else column.label
        if header != column.label and terms.wide and terms.wide.dimension not in (terms.uncertain or ()):
            problem(
                str(position),
                f"the header {header!r}",
                f"{column.label!r}, as the manifest says",
                "mend the label, or list the dimension under uncertain: if the header is shifted",
            )
        wide.append({"at": position, "label": column.label})
    totals = [place(ref, "a total") for ref in terms.total_columns or ()]
    for ref in terms.ignored or ():
        place(ref, "ignored")
    for position in range(1, (account.width or 0) + 1):
        if position not in taken and not problems:
            name = account.header[position - 1] if account.header else ""
            problem(
                str(position),
                f"the column {name!r}, which the manifest does not name",
                "every column declared or listed under ignored:",
                "declare it or add its position to ignored:",
            )
    if problems:
        raise Refused(*problems)
    return {"columns": columns, "wide": wide, "total_columns": totals}


def _position(ref: ColumnRef, account: Account) -> int | str:
    """Return the 1-based position of a column, or in words why it has none."""
    width = account.width or 0
    if isinstance(ref, int):
        return ref if ref <= width else f"only {width} columns"
    places = [i for i, name in enumerate(account.header or (), start=1) if name == ref]
    if len(places) == 1:
        return places[0]
    return f"{len(places)} columns named {ref!r}" if places else f"no column named {ref!r}"
