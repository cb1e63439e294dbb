"""Delimited text as rows: one for each record, exactly as quotes, delimiters and line ends say.

What cannot be parted exactly is refused with its place: which lines belong together is never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from pipeline.intake.lines import LONGEST, physical_lines
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.rows import Row

QUOTE = '"'
DELIMITERS = (",", ";", "\t", "|")


def delimited_rows(
    path: Path, file: str, encoding: str, delimiter: str, line_range: tuple[int, int] | None = None
) -> Iterator[Row]:
    """Yield the rows of a file in order, or those of some of its lines.

    `file` is how problems name it. Raises Refused as `rows_of_lines` does.
    """
    return rows_of_lines(lines_of(path, file, encoding, line_range), file, delimiter)


def lines_of(
    path: Path, file: str, encoding: str, line_range: tuple[int, int | None] | None = None
) -> Iterator[tuple[int, str]]:
    """Yield (line number, text) of the lines of a file, or of some of them: first and last, both inclusive.

    None as the last is that of the file.
    """
    lines = physical_lines(path, encoding, file)
    return lines if line_range is None else islice(lines, line_range[0] - 1, line_range[1])


def rows_of_lines(lines: Iterator[tuple[int, str]], file: str, delimiter: str) -> Iterator[Row]:
    """Yield the rows on lines in order.

    Raises Refused where a quoted field does not close, or closes in the middle of another one some lines below.
    """
    for line_no, line in lines:
        if QUOTE not in line:
            text = without_end(line)
            yield Row(line_no, 1, text, tuple(text.split(delimiter)), ended=len(text) < len(line))
            continue
        parts, length = [line], len(line)
        inside = _is_open(line, delimiter, inside=False)
        while inside:
            following = next(lines, None)
            if following is None or length > LONGEST:
                raise Refused(_never_closes(file, line_no))
            parts.append(following[1])
            length += len(following[1])
            inside = _is_open(following[1], delimiter, inside=True)
        text = without_end("".join(parts))
        fields = split_record(text, delimiter)
        if fields is None and len(parts) > 1:
            raise Refused(
                Problem(
                    file=file,
                    line=line_no,
                    found=f"a quote that opens on this line and closes in the middle of a field {len(parts) - 1} "
                    "lines below",
                    expected="quotes around whole fields",
                    remedy="mend the quotes; which lines belong together cannot be told",
                )
            )
        yield Row(line_no, len(parts), text, fields, ended=len(text) < length)


def _never_closes(file: str, line_no: int) -> Problem:
    return Problem(
        file=file,
        line=line_no,
        found="a quoted field that opens on this line and never closes",
        expected='a closing quote (")',
        remedy="ask the force for the whole file; it may have been cut",
    )


def without_end(text: str) -> str:
    """Return a line without its line end."""
    return text.rstrip("\r\n")


def _is_open(line: str, delimiter: str, *, inside: bool) -> bool:
    """Return True where a line ends inside a quoted field; `inside` says that it starts in one."""
    at_field_start = not inside
    position, end = 0, len(line)
    while position < end:
        if inside:
            close = line.find(QUOTE, position)
            if close < 0:
                return True
            if line.startswith(QUOTE, close + 1):
                position = close + 2
                continue
            inside, at_field_start, position = False, False, close + 1
            continue
        if line[position] == QUOTE and at_field_start:
            inside, position = True, position + 1
            continue
        if at_field_start and line[position] != delimiter:
            # nothing opens a quote before the next delimiter
            position = line.find(delimiter, position)
            if position < 0:
                return False
        at_field_start = line[position] == delimiter
        position += 1
    return inside


def split_record(text: str, delimiter: str) -> tuple[str, ...] | None:
    """Return the fields of one record as text, or None where a quote stands where none may."""
    if QUOTE not in text:
        return tuple(text.split(delimiter))
    fields: list[str] = []
    position, end = 0, len(text)
    while True:
        if text.startswith(QUOTE, position):
            value, position = _quoted(text, position + 1)
            if value is None or (position < end and text[position] != delimiter):
                return None
        else:
            stop = text.find(delimiter, position)
            stop = end if stop < 0 else stop
            value = text[position:stop]
            if QUOTE in value:
                return None
            position = stop
        fields.append(value)
        if position >= end:
            return tuple(fields)
        position += 1
        if position == end:
            return (*fields, "")


def _quoted(text: str, position: int) -> tuple[str | None, int]:
    """Return the value of a quoted field that starts at `position`, and where it ends; None if it never does."""
    parts: list[str] = []
    while True:
        close = text.find(QUOTE, position)
        if close < 0:
            return None, position
        parts.append(text[position:close])
        if not text.startswith(QUOTE, close + 1):
            return "".join(parts), close + 1
        parts.append(QUOTE)
        position = close + 2
