"""Physical lines of a file, their numbers true.

A physical line ends with LF, CR LF or CR, and nothing else ends one.
"""

from __future__ import annotations

import codecs
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from io import TextIOWrapper
from itertools import islice
from pathlib import Path

from pipeline.intake.problem import Problem, Refused

CHUNK = 1 << 20
"""Bytes between two places of the index of lines."""

AT_ONCE = 1 << 16
"""Characters of lines that are read at once: who wants a few lines shall not pay for a MiB."""

LONGEST = 1 << 24
"""Bytes of the longest line, or characters of the longest record, that is read: more would fill the memory."""


def physical_lines(path: Path, encoding: str, file: str, start: tuple[int, int] = (1, 0)) -> Iterator[tuple[int, str]]:
    """Yield (line number, text with its line end) for each physical line, from `start` on: a line and its byte.

    Raises Refused at a NUL character and at bytes that are not of the encoding.
    """
    line_no = start[0] - 1
    try:
        # newline="" splits on all three line ends and keeps them as they are
        with path.open("rb") as binary:
            binary.seek(start[1])
            stream = TextIOWrapper(
                binary, encoding=encoding if start[1] == 0 else encoding.removesuffix("-sig"), newline=""
            )
            while batch := stream.readlines(AT_ONCE):
                for line in batch:
                    line_no += 1
                    if "\0" in line:
                        raise Refused(_nul(file, line_no, line, encoding))
                    yield line_no, line
    except UnicodeError as error:
        byte = f"byte 0x{error.object[error.start]:02x}" if isinstance(error, UnicodeDecodeError) else "a byte"
        raise Refused(
            Problem(
                file=file,
                line=_line_of_bad_byte(path, encoding),
                found=f"{byte}, which is not {encoding}",
                expected=f"text in {encoding}",
                remedy="say the true encoding in the manifest or ask the force for an undamaged file",
            )
        ) from error


def _nul(file: str, line_no: int, line: str, encoding: str) -> Problem:
    return Problem(
        file=file,
        line=line_no,
        column=str(line.index("\0") + 1),
        found="a NUL character",
        expected=f"text in {encoding}",
        remedy="if the file is UTF-16, say encoding: utf-16-le or utf-16-be; else ask the force for an undamaged file",
    )


def _line_of_bad_byte(path: Path, encoding: str) -> int:
    """Return the physical line on which decoding fails; only called where it does."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    text_so_far = 1
    previous = ""
    with path.open("rb") as stream:
        while byte := stream.read(1):
            try:
                text = decoder.decode(byte)
            except UnicodeError:
                break
            for character in text:
                if character == "\r" or (character == "\n" and previous != "\r"):
                    text_so_far += 1
                previous = character
    return text_so_far


def raw_texts(
    path: Path, encoding: str, wanted: Iterable[tuple[int, int]], index: Sequence[int] = ()
) -> dict[int, str]:
    """Return, for each (line number, physical lines) wanted, the text as it stands in the file.

    `index` is that of the survey: with it, what lies between two lines wanted is skipped. The last line end is removed.
    A file that is gone or can no longer be read gives nothing: the caller says so.
    """
    found: dict[int, str] = {}
    lines: Iterator[tuple[int, str]] = iter(())
    at, mib = 0, -1
    try:
        for first, n in sorted(wanted):
            # only in another MiB is there a nearer place to start from than where the last line wanted ended
            place = bisect_right(index, first - 2)
            if place != mib or at > first:
                start, mib = _nearest(path, index, first), place
                if not start[0] <= at <= first:
                    lines, at = physical_lines(path, encoding, path.name, start), start[0]
            text = [line for _, line in islice(lines, first - at, first - at + n)]
            at = first + n
            if len(text) == n:
                found[first] = "".join(text).rstrip("\r\n")
    except (OSError, Refused):
        return found
    return found


def _nearest(path: Path, index: Sequence[int], line_no: int) -> tuple[int, int]:
    """Return a line at or above `line_no`, and the byte where it starts: the nearest that the index knows."""
    # in the middle of a MiB stands line before + 1, so the first one that starts in it is before + 2
    place = bisect_right(index, line_no - 2)
    if not place:
        return 1, 0
    offset = place * CHUNK
    with path.open("rb") as stream:
        stream.seek(offset)
        piece = stream.read(CHUNK)
    ends = [end for end in (piece.find(b"\n"), piece.find(b"\r")) if end >= 0]
    if not ends:
        return _nearest(path, index[: place - 1], line_no)
    end = min(ends)
    if piece[end : end + 2] == b"\r\n":
        end += 1
    return index[place - 1] + 2, offset + end + 1
