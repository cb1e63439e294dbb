"""Physical lines of a file: its encoding decided, its line numbers true.

A physical line ends with LF, CR LF or CR, and nothing else ends one.
"""

from __future__ import annotations

import codecs
import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import islice
from pathlib import Path

import numpy as np

from pipeline.intake.problem import Problem, Refused

_CHUNK = 1 << 20
LONGEST = 1 << 24
"""Bytes of the longest line, or characters of the longest record, that is read: more would fill the memory."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Survey:
    """What one pass over a file finds: its digest, size, encoding and why that one, and its physical lines.

    `lines` is counted from the line ends alone, by no reader's rules: the ledger holds the reader to it. `index` has,
    for each MiB but the first, how many lines end before it.
    """

    sha256: str
    size: int
    lines: int
    encoding: str
    encoding_by: str
    index: tuple[int, ...]


def survey(path: Path, file: str, declared: str | None) -> Survey:
    """Return the survey of a file, reading it once.

    The encoding is the declared one; else that of a byte order mark; else UTF-8 if the whole file is UTF-8; else
    cp1252. Never a statistical guess: those read a pound sign as a Polish letter. Whether cp1252 or a declared
    encoding really decodes the file shows when it is read. `file` is how problems name it. Raises Refused at a line
    so long that reading it would fill the memory.
    """
    sha = hashlib.sha256()
    size = 0
    ends = _Ends()
    utf8 = _Utf8()
    with path.open("rb") as stream, ThreadPoolExecutor(1) as pool:
        head = stream.read(4)
        stream.seek(0)
        wide = _wide_decoder(head, declared)
        while chunk := stream.read(_CHUNK):
            hashed = pool.submit(sha.update, chunk)
            size += len(chunk)
            utf8.look_at(chunk)
            ends.count(chunk if wide is None else wide.decode(chunk).encode("utf-8", "replace"))
            hashed.result()
            if ends.chunks_since_end * _CHUNK >= LONGEST:
                raise Refused(
                    Problem(
                        file=file,
                        line=ends.lf + ends.lone_cr + 1,
                        found=f"a line of more than {LONGEST:,} bytes",
                        expected="lines that end",
                        remedy="ask the force for an undamaged file",
                    )
                )
    encoding, by = _decide(head, declared, utf8.holds())
    lines = ends.lf + ends.lone_cr + (size > 0 and ends.last not in {b"\n", b"\r"})
    index = () if wide is not None else tuple(ends.before[1:])
    return Survey(sha.hexdigest(), size, lines, encoding, by, index)


class _Ends:
    """Line ends, counted chunk by chunk; `lf` counts LF and CR LF."""

    def __init__(self) -> None:
        self.lf = self.lone_cr = 0
        self.last = b""
        self.chunks_since_end = 0
        self.before: list[int] = []

    def count(self, chunk: bytes) -> None:
        """Count a chunk."""
        divided = self.last == b"\r" and chunk.startswith(b"\n")
        self.before.append(self.lf + self.lone_cr - divided)
        octets = np.frombuffer(chunk, np.uint8)
        is_lf = octets == b"\n"[0]
        feeds = int(np.count_nonzero(is_lf))
        self.lf += feeds
        returns = b"\r" in chunk
        if returns:
            is_cr = octets == b"\r"[0]
            self.lone_cr += int(np.count_nonzero(is_cr) - np.count_nonzero(is_cr[:-1] & is_lf[1:]))
        # a CR at the end of a chunk is alone until the next one begins with LF
        self.lone_cr -= divided
        self.chunks_since_end = 0 if returns or feeds else self.chunks_since_end + 1
        self.last = chunk[-1:] or self.last


class _Utf8:
    """Whether all chunks together are UTF-8."""

    def __init__(self) -> None:
        self._decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
        self._pending = False

    def look_at(self, chunk: bytes) -> None:
        """Look at a chunk; ASCII after whole characters needs no decoding."""
        if self._decoder is None or (not self._pending and chunk.isascii()):
            return
        try:
            self._decoder.decode(chunk)
            self._pending = bool(self._decoder.getstate()[0])
        except UnicodeDecodeError:
            self._decoder = None

    def holds(self) -> bool:
        """Return True where every chunk was UTF-8 and none was cut in the middle of a character."""
        return self._decoder is not None and not self._pending


def _wide_decoder(head: bytes, declared: str | None) -> codecs.IncrementalDecoder | None:
    """Return what makes UTF-16 countable, None where line ends are single bytes."""
    mark = next((name for mark, name in _BOMS if head.startswith(mark)), "")
    name = declared or mark
    if not name.startswith("utf-16"):
        return None
    # without a byte order mark utf-16 says no order; its line ends can still be counted in either
    name = "utf-16-le" if name == "utf-16" and not mark.startswith("utf-16") else name
    return codecs.getincrementaldecoder(name)(errors="replace")


FALLBACK = "not UTF-8, no byte order mark"
"""Why a file is read as cp1252: nothing proves it."""


def _decide(head: bytes, declared: str | None, is_utf8: bool) -> tuple[str, str]:
    bom = next((name for mark, name in _BOMS if head.startswith(mark)), None)
    if declared is not None:
        same = bom is not None and (declared.startswith(bom) or bom.startswith(declared))
        return (bom if bom and same else declared), "declared"
    if bom is not None:
        return bom, "byte order mark"
    if is_utf8:
        return "utf-8", "the whole file is UTF-8"
    return "cp1252", FALLBACK


def is_encoding(name: str) -> bool:
    """Return True for the name of an encoding of text."""
    try:
        return isinstance("".encode(name), bytes)
    except (LookupError, ValueError):
        return False


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
            while batch := stream.readlines(_CHUNK):
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
    at = 0
    try:
        for first, n in sorted(wanted):
            start = _nearest(path, index, first)
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
    offset = place * _CHUNK
    with path.open("rb") as stream:
        stream.seek(offset)
        piece = stream.read(_CHUNK)
    ends = [end for end in (piece.find(b"\n"), piece.find(b"\r")) if end >= 0]
    if not ends:
        return _nearest(path, index[: place - 1], line_no)
    end = min(ends)
    if piece[end : end + 2] == b"\r\n":
        end += 1
    return index[place - 1] + 2, offset + end + 1
