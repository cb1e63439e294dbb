"""What a person said of a file, and what the reader makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.intake.reader import Account, Record
from pipeline.intake.rows import Row
from pipeline.intake.survey import FALLBACK


@dataclass(frozen=True)
class Asked:
    """What a person said of the file; None = to be proved. `header_line` 0 = there is no header.

    `sheet` and `cells` are of a workbook, `table` is the number of a table in a letter, delimiter and encoding are of
    lines of text.
    """

    header_line: int | None = None
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    cells: str | None = None
    table: int | None = None


@dataclass(frozen=True)
class Reading:
    """What the reader makes of a table of a file. `delimiter` is None where it has one column, or cells of its own.

    `address` says which cells, as in a manifest (cells.py), None for lines of text; `header_line` is then the row of
    the sheet or of the letter's table. `findings` is what must be known of the values; `total_words` what lines of
    totals that were set aside are called.
    """

    encoding: str
    encoding_by: str
    delimiter: str | None
    header_line: int
    columns: tuple[str, ...]
    records: tuple[Record, ...]
    account: Account
    address: Mapping[str, Any] | None = None
    findings: tuple[str, ...] = ()
    total_words: frozenset[str] = frozenset()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person must know before the records are taken."""
        fallback = (f"read as {self.encoding}: {self.encoding_by}",) if self.encoding_by == FALLBACK else ()
        return (*fallback, *self.findings)

    def as_json(self) -> dict[str, Any]:
        """Return the reading as plain JSON; `address` only where it is not lines."""
        address = {} if self.address is None else {"address": dict(self.address)}
        return {
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "header_line": self.header_line,
            "columns": list(self.columns),
            "records": [
                {"record_no": r.record_no, "line_no": r.line_no, "values": list(r.values)} for r in self.records
            ],
            "rejected": [{"line_no": r.line_no, "rule": r.rule, "text": r.text} for r in self.account.rejected],
            "set_aside": [{"line_no": s.line_no, "rule": s.rule, "text": s.text} for s in self.account.set_aside],
            "warnings": list(self.warnings),
            **address,
        }


def cut_line(last: Row) -> int | None:
    """Return the last line of a file where it has no line end while others have; None where nothing may be cut."""
    line = last.line_no + last.lines - 1
    return None if last.ended or line == 1 else line


def cut_warning(line: int | None) -> tuple[str, ...]:
    """Return the warning of a last line without a line end."""
    return () if line is None else (f"line {line} has no line end: the file may be cut there",)
