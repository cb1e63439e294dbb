"""Text in hand: whole physical lines of a file as UTF-8 bytes, some MiB at a time."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

CHUNK = 8 << 20
"""Bytes that are read at once."""

_LF, _CR = b"\n"[0], b"\r"[0]

Places = np.ndarray[Any, np.dtype[np.int64]]


class Unreadable(Exception):
    """Raised at bytes that are not of the encoding, and at a NUL: whoever reads line by line says where."""


class TextInHand:
    """Some lines of a file: `held` is their text, `ends` where each ends in it, `first` the number of the first.

    A line ends as in `physical_lines`.
    """

    def __init__(self, path: Path, encoding: str, first: int = 1, last: int | None = None) -> None:
        """Begin with line `first`; `last` is the last line to be taken up, None for that of the file."""
        self.held = b""
        self.ends: Places = np.empty(0, np.int64)
        self.first = first
        self._ended = False
        self._above = first - 1
        self._to_come = None if last is None else max(0, last - first + 1)
        self._pieces = _whole_lines(_utf8(path, encoding))

    def take_up(self) -> bool:
        """Take up the next lines, some MiB of them; return False where there are none."""
        text = b""
        while not (text or self._ended):
            text = self._next()
        if text:
            self.held = self.held + text if self.held else text
            self.ends = line_ends(self.held)
        return bool(text)

    def lines_from(self, place: int) -> Iterator[tuple[int, str]]:
        """Yield (line number, text with its line end) from a line in hand on, taking up more when those are gone."""
        while place < len(self.ends) or self.take_up():
            start = self.ends[place - 1] if place else 0
            yield self.first + place, self.held[start : self.ends[place]].decode()
            place += 1

    def size_of(self, place: int, behind: int) -> int:
        """Return how many bytes the lines in hand from one to another have."""
        return int(self.ends[behind - 1] - (self.ends[place - 1] if place else 0))

    def let_go(self, n: int) -> None:
        """Let go of the first `n` lines."""
        if n:
            size = self.ends[n - 1]
            self.held, self.ends, self.first = self.held[size:], self.ends[n:] - size, self.first + n

    def _next(self) -> bytes:
        """Return the text of the next lines wanted, b"" where none of what was read is; raises Unreadable."""
        try:
            text = None if self._to_come == 0 else next(self._pieces, None)
        except UnicodeError as error:
            raise Unreadable from error
        if text is None:
            self._ended = True
            return b""
        if self._above or self._to_come is not None:
            ends = line_ends(text)
            above = min(self._above, len(ends))
            wanted = ends[above:][: self._to_come]
            self._above -= above
            self._to_come = None if self._to_come is None else self._to_come - len(wanted)
            text = text[ends[above - 1] if above else 0 : wanted[-1]] if len(wanted) else b""
        if b"\0" in text:
            raise Unreadable
        return text


def _utf8(path: Path, encoding: str) -> Iterator[bytes]:
    """Yield the text of a file as UTF-8 in pieces, without a byte order mark; raises UnicodeError."""
    name = codecs.lookup(encoding).name
    with path.open("rb") as stream:
        if name in {"utf-8", "utf-8-sig"}:
            head = stream.read(len(codecs.BOM_UTF8))
            yield head.removeprefix(codecs.BOM_UTF8) if name == "utf-8-sig" else head
            while chunk := stream.read(CHUNK):
                yield chunk
            return
        decoder = codecs.getincrementaldecoder(encoding)()
        while chunk := stream.read(CHUNK):
            yield decoder.decode(chunk).encode()
        yield decoder.decode(b"", final=True).encode()


def _whole_lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the same text cut behind line ends; raises UnicodeError where it is not UTF-8."""
    rest: list[bytes] = []
    for piece in filter(None, pieces):
        # a CR at the end of a piece is half of a line end if LF is next
        end = max(piece.rfind(b"\n"), piece.rfind(b"\r", 0, len(piece) - 1)) + 1
        if end or (rest and rest[-1].endswith(b"\r")):
            yield _proved(b"".join((*rest, memoryview(piece)[:end])))
            rest = [piece[end:]]
        else:
            rest.append(piece)
    if any(rest):
        yield _proved(b"".join(rest))


def _proved(text: bytes) -> bytes:
    if not text.isascii():
        text.decode()
    return text


def line_ends(text: bytes) -> Places:
    """Return where each line of a text ends, its line end included; what follows the last one is a line too."""
    octets = np.frombuffer(text, np.uint8)
    is_end = octets == _LF
    if b"\r" in text:
        alone = octets == _CR
        alone[:-1] &= ~is_end[1:]
        is_end |= alone
    ends = np.flatnonzero(is_end) + 1
    return ends if text.endswith((b"\n", b"\r")) or not text else np.append(ends, len(text))
