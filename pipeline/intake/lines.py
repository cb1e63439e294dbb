"""Physical lines of a file: its encoding decided, its line numbers true.

A physical line ends with LF, CR LF or CR, and nothing else ends one.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pipeline.intake.problem import Problem, Refused

_CHUNK = 1 << 20
LONGEST = 1 << 24
"""Characters of the longest line, or record, that is read: one without an end would fill the memory."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Survey:
    """What one pass over a file finds: its digest, size, encoding and why that one, and its physical lines.

    `lines` is counted from the line ends alone, by no reader's rules: the ledger holds the reader to it.
    """

    sha256: str
    size: int
    lines: int
    encoding: str
    encoding_by: str


def survey(path: Path, file: str, declared: str | None) -> Survey:
    """Return the survey of a file, reading it once.

    The encoding is the declared one; else that of a byte order mark; else UTF-8 if the whole file is UTF-8; else
    cp1252. Never a statistical guess: those read a pound sign as a Polish letter. Whether cp1252 or a declared
    encoding really decodes the file shows when it is read. `file` is how problems name it.
    """
    sha = hashlib.sha256()
    size = 0
    utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    head = b""
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            head = head or chunk[:4]
            sha.update(chunk)
            size += len(chunk)
            if utf8 is not None:
                try:
                    utf8.decode(chunk)
                except UnicodeDecodeError:
                    utf8 = None
    if utf8 is not None:
        try:
            utf8.decode(b"", final=True)
        except UnicodeDecodeError:
            utf8 = None
    encoding, by = _decide(head, declared, utf8 is not None)
    return Survey(sha.hexdigest(), size, count_lines(path, encoding), encoding, by)


def count_lines(path: Path, encoding: str) -> int:
    """Return the number of physical lines; the last one counts whether or not it is ended."""
    wide = encoding.startswith("utf-16")
    # without a byte order mark utf-16 says no order; its line ends can still be counted in either
    name = "utf-16-le" if encoding == "utf-16" and not _has_bom(path) else encoding
    decoder = codecs.getincrementaldecoder(name)(errors="replace") if wide else None
    ends = 0
    last = b""
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            if decoder is not None:
                chunk = decoder.decode(chunk).encode("utf-8")
            ends += chunk.count(b"\n") + chunk.count(b"\r") - chunk.count(b"\r\n")
            if last == b"\r" and chunk.startswith(b"\n"):
                ends -= 1
            last = chunk[-1:] or last
    return ends + (last not in {b"\n", b"\r", b""})


def _decide(head: bytes, declared: str | None, is_utf8: bool) -> tuple[str, str]:
    bom = next((name for mark, name in _BOMS if head.startswith(mark)), None)
    if declared is not None:
        same = bom is not None and (declared.startswith(bom) or bom.startswith(declared))
        return (bom if bom and same else declared), "declared"
    if bom is not None:
        return bom, "byte order mark"
    if is_utf8:
        return "utf-8", "the whole file is UTF-8"
    return "cp1252", "not UTF-8, no byte order mark"


def is_encoding(name: str) -> bool:
    """Return True for the name of an encoding of text."""
    try:
        return isinstance("".encode(name), bytes)
    except (LookupError, ValueError):
        return False


def _has_bom(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(2)
    return head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def physical_lines(path: Path, encoding: str, file: str) -> Iterator[tuple[int, str]]:
    """Yield (line number, text with its line end) for each physical line.

    Raises Refused at a NUL character and at bytes that are not of the encoding.
    """
    line_no = 0
    try:
        # newline="" splits on all three line ends and keeps them as they are
        with path.open(encoding=encoding, newline="") as stream:
            while line := stream.readline(LONGEST):
                line_no += 1
                if len(line) == LONGEST and line[-1] != "\n":
                    raise Refused(
                        Problem(
                            file=file,
                            line=line_no,
                            found=f"a line of more than {LONGEST:,} characters",
                            expected="lines that end",
                            remedy="ask the force for an undamaged file",
                        )
                    )
                if "\0" in line:
                    raise Refused(
                        Problem(
                            file=file,
                            line=line_no,
                            column=str(line.index("\0") + 1),
                            found="a NUL character",
                            expected=f"text in {encoding}",
                            remedy="if the file is UTF-16, say encoding: utf-16-le or utf-16-be; else ask "
                            "the force for an undamaged file",
                        )
                    )
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


def raw_text(path: Path, encoding: str, line_no: int, lines: int, file: str) -> str:
    """Return `lines` physical lines from `line_no` on as they stand in the file, the last line end removed."""
    wanted = islice(physical_lines(path, encoding, file), line_no - 1, line_no - 1 + lines)
    return "".join(text for _, text in wanted).rstrip("\r\n")
