"""Blocks of cells on a sheet: what empty rows and columns part from everything else.

Here: where blocks of two or more columns stand, which may be tables, and the text beside them.
Not here: whether a block is a table, and which of its rows are records.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.intake.areas import Area, column_bits
from pipeline.intake.rows import Row


@dataclass(frozen=True)
class SheetBlock:
    """Cells of two or more columns that stand together on a sheet.

    `rows` are those of `area`, each as wide as it; `beside` the rows of text elsewhere on the sheet, in columns that
    stand alone.
    """

    sheet: str
    area: Area
    rows: tuple[Row, ...]
    beside: tuple[Row, ...]


def sheet_blocks(sheet: str, rows: Sequence[Row]) -> Iterator[SheetBlock]:
    """Yield the blocks of a sheet from its rows, which start at A1, top to bottom and left to right.

    A cell of white space alone counts as empty.
    """
    used = [(row.line_no, _bits(row)) for row in rows]
    areas = sorted(_parted(used), key=lambda area: (area.top, area.left))
    beside = tuple(row for area in areas if area.left == area.right for row in _rows(rows, area))
    for area in areas:
        if area.left < area.right:
            yield SheetBlock(sheet, area, tuple(_rows(rows, area)), beside)


def _bits(row: Row) -> int:
    return sum(1 << at for at, value in enumerate(row.fields or ()) if value.strip())


def _rows(rows: Sequence[Row], area: Area) -> Iterator[Row]:
    for row in rows[area.top - 1 : area.bottom]:
        fields = (row.fields or ())[area.left - 1 : area.right]
        yield Row(row.line_no, 1, "\t".join(fields), fields)


def _parted(used: Sequence[tuple[int, int]]) -> Iterator[Area]:
    """Yield the areas that empty rows and columns part, cut by cut until nothing more can be cut.

    `used` has, for each row of some columns, the columns that are not empty as bits.
    """
    for run in _runs_of_rows(used):
        columns = 0
        for _, bits in run:
            columns |= bits
        bands = list(_runs_of_columns(columns))
        if len(bands) == 1:
            yield Area(run[0][0], bands[0][0], run[-1][0], bands[0][1])
            continue
        for first, last in bands:
            yield from _parted([(row_no, bits & column_bits(first, last)) for row_no, bits in run])


def _runs_of_rows(used: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    run: list[tuple[int, int]] = []
    for row_no, bits in used:
        if bits:
            run.append((row_no, bits))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _runs_of_columns(bits: int) -> Iterator[tuple[int, int]]:
    """Yield first and last column of each run of bits that are set."""
    first = 0
    for column in range(1, bits.bit_length() + 2):
        stands = bits >> (column - 1) & 1
        if stands and not first:
            first = column
        elif not stands and first:
            yield first, column - 1
            first = 0
