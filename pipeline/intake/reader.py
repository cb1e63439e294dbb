"""The strict reader: rows become records, every row accounted for.

Each source is read exactly, or refused with the place and the reason. A record that does not fit is kept as rejected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pipeline.intake.manifest import ColumnRef, Extract
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.rows import Row


@dataclass(frozen=True)
class Record:
    """One data record: `record_no` 1-based over the extract, `line_no` where it starts, `lines` it takes."""

    record_no: int
    line_no: int
    lines: int
    values: tuple[str, ...]


@dataclass(frozen=True)
class Rejected:
    """A record that cannot be read as one of the table; kept whole, `text` as it stands."""

    record_no: int
    line_no: int
    lines: int
    rule: str
    found: str
    expected: str
    text: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class SetAside:
    """Physical lines that are no data: title, header, blank, and without a manifest notes and totals."""

    line_no: int
    lines: int
    rule: str
    text: str


@dataclass
class Account:
    """What reading leaves beside the records; complete when the last record has been taken.

    `header_at` is the line on which the header stands, 0 where there is none.
    """

    header: tuple[str, ...] | None = None
    header_at: int = 0
    width: int | None = None
    physical_lines: int = 0
    records: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)

    def enter(self, row: Row) -> Record | None:
        """Account for a row below the header: return it as a record, or put it aside or reject it and return None."""
        self.physical_lines += row.lines
        if is_blank(row):
            self.lay_aside(row, "blank")
        elif row.fields is None or self.width not in {None, len(row.fields)}:
            self.reject(row)
        else:
            return self.take(row)
        return None

    def take(self, row: Row) -> Record:
        """Return a row as the next record."""
        self.records += 1
        return Record(self.records, row.line_no, row.lines, row.fields or ())

    def lay_aside(self, row: Row, rule: str) -> None:
        """Put a row aside under the name of a rule."""
        self.set_aside.append(SetAside(row.line_no, row.lines, rule, row.text))

    def reject(self, row: Row) -> None:
        """Reject a row that has a broken quote or another number of fields than the table, as the next record."""
        self.records += 1
        if row.fields is None:
            rule, found = "quote", "a quote that neither opens nor closes a field"
            expected = 'quotes around a whole field, doubled inside ("")'
        else:
            rule, found, expected = "width", f"{len(row.fields)} fields", f"{self.width} fields"
        values = row.fields or (row.text,)
        self.rejected.append(Rejected(self.records, row.line_no, row.lines, rule, found, expected, row.text, values))


def is_blank(row: Row) -> bool:
    """Return True where no field of a row says anything."""
    return row.fields is not None and not any(value.strip() for value in row.fields)


def read_records(
    rows: Iterable[Row],
    file: str,
    header_line: int,
    line_range: tuple[int, int] | None,
    width: int | None,
    account: Account,
) -> Iterator[Record]:
    """Yield the records among rows in order, and fill `account` on the way.

    `header_line` is a physical line, 0 = none; `width` is the number of fields where there is no header; with one,
    the header decides. `file` is how problems name the source. Raises Refused where it cannot be read as a whole.
    """
    account.width = width
    header_pending = header_line > 0
    for row in rows:
        if not header_pending:
            if (record := account.enter(row)) is not None:
                yield record
            continue
        account.physical_lines += row.lines
        if row.line_no < header_line:
            account.lay_aside(row, "title")
            if row.line_no + row.lines > header_line:
                raise Refused(no_header(file, header_line, "the middle of a quoted field"))
            continue
        if row.fields is None or not any(row.fields):
            raise Refused(no_header(file, row.line_no, "a blank or broken line"))
        account.header, account.header_at, account.width = row.fields, row.line_no, len(row.fields)
        account.lay_aside(row, "header")
        header_pending = False
    if account.physical_lines == 0:
        raise Refused(empty(file, line_range))
    if header_pending:
        raise Refused(no_header(file, header_line, "the end of the file"))
    hold_to_range(file, line_range, account)


def hold_to_range(file: str, line_range: tuple[int, int] | None, account: Account) -> None:
    """Raise Refused where a source that was read to its end ends above the last line of its range."""
    if line_range is not None and line_range[0] + account.physical_lines - 1 < line_range[1]:
        first, last = line_range
        raise Refused(
            Problem(
                file=file,
                line=last,
                found=f"a file that ends on line {first + account.physical_lines - 1}",
                expected=f"lines {first} to {last}",
                remedy="mend range in the manifest",
            )
        )


def declared_width(extract: Extract) -> int:
    """Return the number of fields that a manifest declares: the last position it names, 0 where it names headers."""
    terms = extract.terms
    refs: list[ColumnRef] = [
        *(terms.columns or {}).values(),
        *(terms.total_columns or ()),
        *(terms.ignored or ()),
        *((c.at or 0) for c in (terms.wide.columns if terms.wide else ())),
    ]
    return max((ref for ref in refs if isinstance(ref, int)), default=0)


def empty(file: str, line_range: tuple[int, int] | None = None) -> Problem:
    """Return the problem of a source without a row."""
    return Problem(
        file=file,
        line=1,
        found="an empty file" if line_range is None else "no line in the range",
        expected="a table",
        remedy="ask the force for the file again, or mend range in the manifest",
    )


def no_header(file: str, line: int, found: str) -> Problem:
    """Return the problem of a header that is not where it should be."""
    return Problem(
        file=file,
        line=line,
        found=found,
        expected="the header",
        remedy="say header_line in the manifest (0 = no header)",
    )
