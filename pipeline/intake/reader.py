"""The strict reader of delimited files: every field as text, every physical line accounted for.

Each file is read exactly, or refused with the place and the reason. A record that does not fit is kept as
rejected; where its end cannot be told the file is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.intake.lines import physical_lines
from pipeline.intake.problem import Problem, Refused

QUOTE = '"'


@dataclass(frozen=True)
class Dialect:
    """How a delimited file is written. `header_line` is a physical line, 0 = none."""

    encoding: str
    delimiter: str = ","
    header_line: int = 1
    line_range: tuple[int, int] | None = None


@dataclass(frozen=True)
class Record:
    """One data record: `record_no` 1-based over the extract, `line_no` where it starts, `lines` it takes."""

    record_no: int
    line_no: int
    lines: int
    values: tuple[str, ...]


@dataclass(frozen=True)
class Rejected:
    """A record that cannot be read as one of the table; kept whole."""

    record_no: int
    line_no: int
    lines: int
    rule: str
    found: str
    expected: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class SetAside:
    """Physical lines that are no data: title, header, blank."""

    line_no: int
    lines: int
    rule: str
    text: str


@dataclass
class Account:
    """What reading leaves beside the records; complete when the last record has been taken."""

    header: tuple[str, ...] | None = None
    width: int | None = None
    physical_lines: int = 0
    records: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)


def read_records(path: Path, file: str, dialect: Dialect, width: int | None, account: Account) -> Iterator[Record]:
    """Yield the records of a file in order, and fill `account` on the way.

    `width` is the number of fields where there is no header; with one, the header decides. `file` is how
    problems name the file. Raises Refused where the file cannot be read as a whole.
    """
    account.width = width
    first, last = dialect.line_range or (1, None)
    header_pending = dialect.header_line > 0
    for line_no, lines, text, fields in _split(path, file, dialect, first, last):
        account.physical_lines += lines
        if header_pending and line_no < dialect.header_line:
            account.set_aside.append(SetAside(line_no, lines, "title", _shown(text)))
            if line_no + lines > dialect.header_line:
                raise Refused(_no_header(file, dialect.header_line, "the middle of a quoted field"))
            continue
        if header_pending:
            if fields is None or not any(fields):
                raise Refused(_no_header(file, line_no, "a blank or broken line"))
            account.header, account.width = tuple(fields), len(fields)
            account.set_aside.append(SetAside(line_no, lines, "header", _shown(text)))
            header_pending = False
            continue
        if fields is not None and not any(value.strip() for value in fields):
            account.set_aside.append(SetAside(line_no, lines, "blank", _shown(text)))
            continue
        account.records += 1
        record_no = account.records
        if fields is None:
            account.rejected.append(
                Rejected(
                    record_no,
                    line_no,
                    lines,
                    "quote",
                    "a quote that neither opens nor closes a field",
                    'quotes around a whole field, doubled inside ("")',
                    (_shown(text),),
                )
            )
        elif account.width is not None and len(fields) != account.width:
            account.rejected.append(
                Rejected(
                    record_no,
                    line_no,
                    lines,
                    "width",
                    f"{len(fields)} fields",
                    f"{account.width} fields",
                    tuple(fields),
                )
            )
        else:
            yield Record(record_no, line_no, lines, tuple(fields))
    if account.physical_lines == 0:
        raise Refused(
            Problem(
                file=file,
                line=1,
                found="an empty file" if dialect.line_range is None else "no line in the range",
                expected="a table",
                remedy="ask the force for the file again, or mend range in the manifest",
            )
        )
    if header_pending:
        raise Refused(_no_header(file, dialect.header_line, "the end of the file"))
    if last is not None and first + account.physical_lines - 1 < last:
        raise Refused(
            Problem(
                file=file,
                line=last,
                found=f"a file that ends on line {first + account.physical_lines - 1}",
                expected=f"lines {first} to {last}",
                remedy="mend range in the manifest",
            )
        )


def _no_header(file: str, line: int, found: str) -> Problem:
    return Problem(
        file=file,
        line=line,
        found=found,
        expected="the header",
        remedy="say header_line in the manifest (0 = no header)",
    )


def _shown(text: str) -> str:
    return text.rstrip("\r\n")


def _split(
    path: Path, file: str, dialect: Dialect, first: int, last: int | None
) -> Iterator[tuple[int, int, str, Sequence[str] | None]]:
    """Yield (line number, physical lines taken, text, fields or None where quotes are wrong)."""
    lines = physical_lines(path, dialect.encoding, file)
    for line_no, line in lines:
        if line_no < first:
            continue
        if last is not None and line_no > last:
            return
        if QUOTE not in line:
            yield line_no, 1, line, _shown(line).split(dialect.delimiter)
            continue
        text, taken = line, 1
        while _open_at_end(text, dialect.delimiter):
            following = next(lines, None)
            if following is None or (last is not None and following[0] > last):
                raise Refused(
                    Problem(
                        file=file,
                        line=line_no,
                        found="a quoted field that opens on this line and never closes",
                        expected='a closing quote (")',
                        remedy="ask the force for the whole file; it may have been cut",
                    )
                )
            text, taken = text + following[1], taken + 1
        fields = _quoted_fields(_shown(text), dialect.delimiter)
        if fields is None and taken > 1:
            raise Refused(
                Problem(
                    file=file,
                    line=line_no,
                    found=f"a quote that opens on this line and closes in the middle of a field {taken - 1} "
                    "lines below",
                    expected="quotes around whole fields",
                    remedy="mend the quotes; which lines belong together cannot be told",
                )
            )
        yield line_no, taken, text, fields


def split_record(text: str, delimiter: str) -> list[str] | None:
    """Return the fields of one record as text, or None where a quote stands where none may."""
    text = _shown(text)
    return _quoted_fields(text, delimiter) if QUOTE in text else text.split(delimiter)


def _open_at_end(text: str, delimiter: str) -> bool:
    """Return True where `text` ends inside a quoted field."""
    inside = False
    at_field_start = True
    position, end = 0, len(text)
    while position < end:
        character = text[position]
        if inside:
            close = text.find(QUOTE, position)
            if close < 0:
                return True
            if close + 1 < end and text[close + 1] == QUOTE:
                position = close + 2
                continue
            inside, at_field_start, position = False, False, close + 1
            continue
        if character == QUOTE and at_field_start:
            inside = True
        at_field_start = character == delimiter
        position += 1
    return inside


def _quoted_fields(text: str, delimiter: str) -> list[str] | None:
    """Return the fields of one record, or None where a quote stands where none may."""
    fields: list[str] = []
    position, end = 0, len(text)
    while True:
        if position < end and text[position] == QUOTE:
            value: list[str] = []
            position += 1
            while True:
                close = text.find(QUOTE, position)
                if close < 0:
                    return None
                value.append(text[position:close])
                if close + 1 < end and text[close + 1] == QUOTE:
                    value.append(QUOTE)
                    position = close + 2
                    continue
                position = close + 1
                break
            fields.append("".join(value))
            if position < end and text[position] != delimiter:
                return None
        else:
            stop = text.find(delimiter, position)
            stop = end if stop < 0 else stop
            value_text = text[position:stop]
            if QUOTE in value_text:
                return None
            fields.append(value_text)
            position = stop
        if position >= end:
            return fields
        position += 1
        if position == end:
            fields.append("")
            return fields
