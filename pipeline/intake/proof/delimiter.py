"""What parts the fields of a text that no manifest describes: one delimiter that is proved, or a refusal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

from pipeline.intake.delimited import DELIMITERS, QUOTE, delimited_rows
from pipeline.intake.lines import physical_lines
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.reader import is_blank
from pipeline.intake.rows import Row

SAMPLE = 2_000
"""Rows by which the delimiter is proved; the rest of the file is then held to it."""

_THOUSANDS = re.compile(r"\s*[0-9]{1,3}([,;][0-9]{3})+\s*")
_SEP = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_MARKUP = re.compile(r"\s*(<(!--|(!doctype|html|table|\?xml|head|body|div|p)\b)|[{\[])", re.IGNORECASE)
_PARTS = (":", "^", "~", "  ")
"""What parts the fields of some files and is no delimiter here; two blanks stand for two or more."""


def declared_delimiter(path: Path, encoding: str, file: str) -> str | None:
    """Return the delimiter that a first line `sep=` declares, or None; raises Refused where the file is no table."""
    for line_no, line in physical_lines(path, encoding, file):
        if _MARKUP.match(line):
            raise Refused(Problem(file, "markup or JSON", "delimited text", "ask the force for a table", line_no))
        sep = _SEP.fullmatch(line.strip("\r\n")) if line_no == 1 else None
        if sep is not None and sep.group(1) not in DELIMITERS:
            raise Refused(Problem(file, repr(sep.group(0)), "sep= with , ; | or tab", "pass --delimiter", line_no))
        if sep is not None:
            return sep.group(1)
        if line.strip().strip("".join(DELIMITERS)):
            return None
    raise Refused(
        Problem(file, "nothing but blank lines and delimiters", "a table", "ask the force for the file again", line=1)
    )


@dataclass(frozen=True)
class _Candidate:
    """What a delimiter makes of the first rows: how many there are, and what speaks for it."""

    delimiter: str
    rows: int
    occurs: bool
    is_table: bool
    whole: bool
    problem: Refused | None


def proved_delimiter(path: Path, file: str, encoding: str) -> str | None:
    """Return the one delimiter that makes a table of the file, or None where none of them occurs."""
    candidates = [_candidate(path, file, encoding, delimiter) for delimiter in DELIMITERS]
    tables = [c for c in candidates if c.is_table]
    sound = [c for c in tables if c.problem is None]
    whole = [c for c in sound if c.whole]
    occurring = [c for c in candidates if c.occurs]
    if len(tables) == 1 == len(sound) or len(whole) == 1:
        return (whole or sound)[0].delimiter
    if not tables and len(occurring) == 1 and occurring[0].rows == 1 and occurring[0].problem is None:
        return occurring[0].delimiter
    for candidate in (*tables, *(occurring or candidates)):
        if candidate.problem is not None:
            raise candidate.problem
    if not occurring:
        return None
    named = " and ".join(repr(c.delimiter) for c in tables or occurring)
    raise Refused(
        Problem(
            file=file,
            line=1,
            found=f"{named} as possible delimiters, none of which is proved",
            expected="one delimiter that parts header and records alike",
            remedy="pass --delimiter",
        )
    )


def must_not_contradict(path: Path, file: str, encoding: str, sep: str) -> None:
    """Raise Refused where `sep=` names a delimiter that parts no table, and another one does."""
    candidates = {mark: _candidate(path, file, encoding, mark, above=1) for mark in DELIMITERS}
    meant = candidates.pop(sep)
    others = [c for c in candidates.values() if c.is_table or (c.occurs and not meant.occurs)]
    if others and not meant.is_table:
        found = f"sep={sep} above lines that {others[0].delimiter!r} parts"
        raise Refused(Problem(file, found, "the delimiter of the file after sep=", "pass --delimiter", line=1))


def must_be_one_column(rows: Iterable[Row], file: str) -> None:
    """Raise Refused where something parts every line of one column into as many parts, or a quoted line into fields."""
    alike: dict[str, int] | None = None
    for row in rows:
        if is_blank(row) or not row.fields:
            continue
        quoted = row.text.startswith(QUOTE)
        parts = {mark: len(_parted(row.fields[0], mark)) for mark in (*(DELIMITERS if quoted else ()), *_PARTS)}
        same = {mark: n for mark, n in parts.items() if n > 1}
        alike = same if alike is None else {mark: n for mark, n in alike.items() if same.get(mark) == n}
        if not alike:
            return
    if alike:
        mark = next(iter(alike))
        shown = "runs of blanks" if mark == "  " else repr(mark)
        found = f"one column, of which {shown} parts every line into {alike[mark]}"
        remedy = "ask the force for commas between the fields, or pass --delimiter , to take each line as one field"
        raise Refused(Problem(file, found, "one column, or a delimiter among , ; | and tab", remedy, line=1))


def _parted(text: str, mark: str) -> list[str]:
    return re.split(r"\s{2,}", text.strip()) if mark == "  " else text.split(mark)


def _candidate(path: Path, file: str, encoding: str, delimiter: str, above: int = 0) -> _Candidate:
    """Return what a delimiter makes of the first rows below `above`."""
    rows: list[Row] = []
    problem = None
    try:
        for row in islice(delimited_rows(path, file, encoding, delimiter), above, SAMPLE):
            if not is_blank(row):
                rows.append(row)
    except Refused as refused:
        problem = refused
    widths = Counter(len(row.fields) for row in rows if row.fields is not None and len(row.fields) > 1)
    width, n = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    at = [place for place, row in enumerate(rows) if row.fields is not None and len(row.fields) == width]
    full = [rows[place].text for place in at]
    # a table is most of the lines from its first to its last one; a sign inside fields is in some of them
    dense = n > 1 and 2 * n > at[-1] - at[0] + 1
    # a comma that only ever stands between digits may be part of a number
    parts = not all(_between_digits(text, delimiter) for text in full)
    parts = parts or (n == len(rows) and not all(map(_THOUSANDS.fullmatch, full)))
    return _Candidate(delimiter, len(rows), bool(widths), dense and parts, n == len(rows), problem)


def _between_digits(text: str, delimiter: str) -> bool:
    return QUOTE not in text and all(
        left[-1:].isdigit() and right[:1].isdigit() for left, right in pairwise(text.split(delimiter))
    )
