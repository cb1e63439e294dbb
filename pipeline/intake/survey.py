"""The survey of a file: its digest, its encoding and why that one, and its physical lines, in one pass.

Not here: reading the lines (lines.py).
"""

from __future__ import annotations

import codecs
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.intake import lines
from pipeline.intake.problem import Problem, Refused

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How a zip (xlsx, ods) and an old workbook (xls) begin."""

PDF = b"%PDF"
"""How a PDF begins."""


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
    cp1252, unless some letters are UTF-8: then neither is certain. Never a statistical guess: those read a pound sign
    as a Polish letter. Whether cp1252 or a declared encoding really decodes the file shows when it is read. `file` is
    how problems name it. Raises Refused where neither UTF-8 nor cp1252 is certain, and at a line so long that reading
    it would fill the memory.
    """
    sha = hashlib.sha256()
    size = 0
    ends = _Ends()
    utf8 = _Utf8()
    with path.open("rb") as stream, ThreadPoolExecutor(1) as pool:
        head = stream.read(4)
        stream.seek(0)
        wide = _wide_decoder(head, declared)
        while chunk := stream.read(lines.CHUNK):
            hashed = pool.submit(sha.update, chunk)
            size += len(chunk)
            utf8.look_at(chunk)
            ends.count(chunk if wide is None else wide.decode(chunk).encode("utf-8", "replace"))
            hashed.result()
            if ends.chunks_since_end * lines.CHUNK >= lines.LONGEST:
                raise Refused(
                    Problem(
                        file=file,
                        line=ends.lf + ends.lone_cr + 1,
                        found=f"a line of more than {lines.LONGEST:,} bytes",
                        expected="lines that end",
                        remedy="ask the force for an undamaged file",
                    )
                )
    encoding, by = _decide(head, declared, utf8.holds())
    # what is no text has no encoding: a workbook or a PDF is surveyed for its digest
    if by == FALLBACK and not head.startswith((*WORKBOOKS, PDF)):
        _must_not_be_mixed(path, file)
    n = ends.lf + ends.lone_cr + (size > 0 and ends.last not in {b"\n", b"\r"})
    index = () if wide is not None else tuple(ends.before[1:])
    return Survey(sha.hexdigest(), size, n, encoding, by, index)


# RFC 3629, section 4: neither overlong forms nor surrogates, nor anything above U+10FFFF
_MULTI_BYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]"
    rb"|(?:\xe0[\xa0-\xbf]|\xed[\x80-\x9f]|[\xe1-\xec\xee\xef][\x80-\xbf])[\x80-\xbf]"
    rb"|(?:\xf0[\x90-\xbf]|[\xf1-\xf3][\x80-\xbf]|\xf4[\x80-\x8f])[\x80-\xbf]{2}"
)


def _must_not_be_mixed(path: Path, file: str) -> None:
    """Raise Refused where a file that is not UTF-8 has UTF-8 letters too; the second reading of a file."""
    bad_line, mixed, before = 0, False, b""
    decoder = codecs.getincrementaldecoder("utf-8")()
    ends = _Ends()
    with path.open("rb") as stream:
        while not (bad_line and mixed) and (chunk := stream.read(lines.CHUNK)):
            if b"\0" in chunk:
                return  # no text, which its reader says
            mixed = mixed or _MULTI_BYTE.search(before + chunk) is not None
            pending = len(decoder.getstate()[0])
            try:
                if not bad_line:
                    decoder.decode(chunk)
                    ends.count(chunk)
            except UnicodeDecodeError as error:
                ends.count(chunk[: max(error.start - pending, 0)])
                bad_line = ends.lf + ends.lone_cr + 1
            before = chunk[-3:]
    if mixed:
        raise Refused(
            Problem(
                file=file,
                line=bad_line or ends.lf + ends.lone_cr + 1,
                found="a byte that is not UTF-8 in a file with letters in UTF-8",
                expected="text in one encoding: this is neither UTF-8 nor cp1252 for certain",
                remedy="declare the encoding (encoding: in the manifest, --encoding for a file without)",
            )
        )


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
