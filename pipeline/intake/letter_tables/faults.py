"""What is said where a letter cannot be read exactly.

Here: the problems that all forms of letters share.
Not here: what is wrong in one form.
"""

from __future__ import annotations

from pipeline.intake.letter_tables.addresses import FoundTable, LineSpan
from pipeline.intake.problem import Problem

TRANSCRIBE = "transcribe the table into a CSV and say evidence: transcribed"
EXACT = "a table that can be read exactly"


def fault(file: str, line: int, found: str, expected: str = EXACT, remedy: str = TRANSCRIBE) -> Problem:
    """Return a problem with a line: without more said, that it is no table that can be read exactly."""
    return Problem(file, found, expected, remedy, line)


def no_line(file: str, line_no: int, found: str) -> Problem:
    """Return the problem that a quoted line is not there."""
    return Problem(file, found, f"line {line_no}", "mend the line", line_no)


def refused_lines(first: int, last: int, problem: Problem) -> FoundTable[LineSpan]:
    """Return a table of a text or Markdown file that is not read."""
    return LineSpan(first, last), (), (problem,)
