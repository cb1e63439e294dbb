"""Addresses of a sheet: cells such as C7, areas such as B3:F20, columns as letters and as bits.

The manifest imports them too: nothing that reads workbooks is imported here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
"""Rows and columns of the largest sheet there is."""


@dataclass(frozen=True)
class Area:
    """Cells from the top left one to the bottom right one, both inside."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        return f"{address(self.top, self.left)}:{address(self.bottom, self.right)}"

    def meets(self, other: Area) -> bool:
        """Return True where two areas share a cell."""
        return (
            self.top <= other.bottom
            and other.top <= self.bottom
            and self.left <= other.right
            and other.left <= self.right
        )

    @property
    def bits(self) -> int:
        """The columns of the area as bits, column A the lowest."""
        return column_bits(self.left, self.right)


_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})", re.ASCII)


def address(row: int, column: int) -> str:
    """Return the address of a cell, both numbers 1-based: row 7, column 3 is "C7"."""
    if row < 1 or column < 1:
        raise ValueError(f"no cell at row {row}, column {column}")
    return f"{column_letters(column)}{row}"


def column_letters(column: int) -> str:
    """Return the letters of a column, 1-based: 27 is AA."""
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def column_bits(first: int, last: int) -> int:
    """Return columns from the first to the last as bits, column A the lowest."""
    return (1 << last) - (1 << (first - 1))


def columns_of(bits: int) -> Iterator[int]:
    """Yield the columns that stand in bits, from the left, 1-based."""
    while bits:
        yield (bits & -bits).bit_length()
        bits &= bits - 1


def cell_place(text: str) -> tuple[int, int]:
    """Return row and column of an address; raise ValueError where it is none."""
    match = _CELL.fullmatch(text)
    if match is None:
        raise ValueError(f"no address: {text!r}")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    row = int(match[2])
    if row > MAX_ROWS or column > MAX_COLUMNS:
        raise ValueError(f"outside of any sheet: {text!r}")
    return row, column


def area_of(text: str) -> Area:
    """Return the area that "B3:F20" or "B3" names; raise ValueError where it names none."""
    first, _, last = text.partition(":")
    (top, left), (bottom, right) = cell_place(first), cell_place(last if ":" in text else first)
    if bottom < top or right < left:
        raise ValueError(f"an area from its end to its start: {text!r}")
    return Area(top, left, bottom, right)
