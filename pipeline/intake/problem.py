"""Problem: why something was refused, in words for the person who can mend it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one place.

    `line` and `column` are 1-based; `column` is a header or a position in a line, None where it has no meaning.
    """

    file: str
    found: str
    expected: str
    remedy: str
    line: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        if self.column is not None:
            place += f", column {self.column}"
        return f"{place}: found {self.found}; expected {self.expected}; {self.remedy}"


class Refused(Exception):
    """Raised inside intake when a file or a manifest cannot be taken; carries its problems.

    Callers at the edge of intake turn it into data: a refused extract is a result, not a crash.
    """

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(p) for p in problems))
        self.problems = problems
