"""Where a table of a letter stands, and what is found there.

Here: the places (`LineSpan`, `Element`, `PageBox`), a table with its place (`LetterTable`).
Not here: how tables are found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from pipeline.intake.problem import Problem
from pipeline.intake.rows import Row


@dataclass(frozen=True)
class LineSpan:
    """Where a table of a text or Markdown file stands: its first and last physical line, 1-based."""

    first: int
    last: int

    @property
    def starts_on(self) -> int | None:
        """The line on which the table starts."""
        return self.first

    def __str__(self) -> str:
        return f"lines {self.first} to {self.last}"


@dataclass(frozen=True)
class Element:
    """Where a table of an HTML file stands: its number among all `<table>`, and the line on which it starts."""

    number: int
    line: int

    @property
    def starts_on(self) -> int | None:
        """The line on which the table starts."""
        return self.line

    def __str__(self) -> str:
        return f"<table> {self.number} on line {self.line}"


@dataclass(frozen=True)
class PageBox:
    """Where a table of a PDF stands: its page, 1-based, and its box in points from the top left, to 0.1."""

    page: int
    x0: float
    top: float
    x1: float
    bottom: float

    @property
    def starts_on(self) -> int | None:
        """None: a page is no lines."""
        return None

    def __str__(self) -> str:
        return f"page {self.page}, box ({self.x0}, {self.top}, {self.x1}, {self.bottom})"


Address = LineSpan | Element | PageBox


@dataclass(frozen=True)
class LetterTable:
    """One table of a letter: its 1-based number in the file, its place and its rows.

    One that cannot be read exactly has `problems` and no rows; it keeps its number, and so does a page of a PDF
    that cannot be read at all.
    """

    number: int
    address: Address
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()


Place = TypeVar("Place", bound=Address)
FoundTable = tuple[Place, tuple[Row, ...], tuple[Problem, ...]]
"""A table before it has its number: its place, its rows and its problems."""
