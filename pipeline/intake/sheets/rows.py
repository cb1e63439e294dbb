"""Rows of a sheet: the stored values as text, each place agreed on by two readers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.intake.areas import Area, column_letters, columns_of
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.rows import Row
from pipeline.intake.sheets.sheet import Sheet
from pipeline.intake.sheets.values import DATES, text_of


def read_rows(values: Iterator[list[Any]], seen: Sheet, area: Area, file: str) -> Iterator[Row]:
    """Yield the rows of an area; raise Refused at the first cell on which values and second pass disagree."""
    for row in range(1, area.bottom + 1):
        stored = next(values, [])
        fields = [text_of(value) for value in stored[: seen.last_column]]
        fields += [""] * (seen.last_column - len(fields))
        dates = sum(1 << at for at, value in enumerate(stored) if isinstance(value, DATES))
        for column in columns_of(seen.dates.get(row, 0) ^ dates):
            # a cell whose text is the second pass's own has no date to agree on
            if (row, column) not in seen.texts:
                raise _disagree(file, seen.name, row, column)
        for column in range(1, seen.last_column + 1) if seen.texts else ():
            fields[column - 1] = seen.texts.get((row, column), fields[column - 1])
        stands = sum(1 << at for at, text in enumerate(fields) if text)
        for column in columns_of(seen.used.get(row, 0) ^ stands):
            raise _disagree(file, seen.name, row, column)
        if row >= area.top:
            taken = tuple(fields[area.left - 1 : area.right])
            yield Row(row, 1, "\t".join(taken), taken)


def _disagree(file: str, sheet: str, row: int, column: int) -> Refused:
    return Refused(
        Problem(
            file=file,
            line=row,
            column=column_letters(column),
            found=f"a cell of the sheet {sheet!r} that two readers do not read alike",
            expected="a cell that is empty, a date or something else to both",
            remedy="open the workbook, look at the cell, and ask the force for a plain file",
        )
    )
