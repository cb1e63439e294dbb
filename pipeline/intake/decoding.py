"""The lines of a text, decoded in the one way there is: that of survey.py and lines.py.

A byte order mark decides; else UTF-8 if all of it is UTF-8; else cp1252, with a warning. A NUL and a byte that the
encoding does not know refuse the text.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from pipeline.intake.lines import physical_lines
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.survey import FALLBACK, is_encoding, survey


def text_lines(path: Path, file: str, declared: str | None = None) -> list[str]:
    """Return the physical lines of a text file without their ends.

    `declared` is its encoding where something says it; `file` is how problems name it. Raises Refused where the lines
    cannot be read.
    """
    if declared is not None and not is_encoding(declared):
        found = f"text in {declared!r}, which is no encoding that is known"
        raise Refused(Problem(file, found, "text in one encoding", "save it as UTF-8"))
    encoding = survey(path, file, declared).encoding
    return [line.rstrip("\r\n") for _, line in physical_lines(path, encoding, file)]


def text_lines_of(data: bytes, file: str, declared: str | None) -> list[str]:
    """Return the lines of bytes that are no file of their own, such as the body of a mail; raises as `text_lines`."""
    with tempfile.TemporaryDirectory(prefix="foi-text-") as scratch:
        path = Path(scratch) / "text"
        path.write_bytes(data)
        return text_lines(path, file, declared)


def fallback_warning(path: Path, file: str) -> tuple[str, ...]:
    """Return a warning where a text file is read as cp1252, which nothing proves; else nothing."""
    seen = survey(path, file, None)
    return (f"read as {seen.encoding}: {seen.encoding_by}",) if seen.encoding_by == FALLBACK else ()
