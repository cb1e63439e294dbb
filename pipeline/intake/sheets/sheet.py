"""What stands in a sheet beside its values: the places in use, dates, hidden parts, and cells to be told of."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.intake.areas import MAX_COLUMNS, MAX_ROWS, Area, address, column_bits
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.sheets import formats, limits
from pipeline.intake.sheets.values import number_text


@dataclass
class Tally:
    """Cells of one sheet that a finding is about: how many, and the first."""

    first: tuple[int, int]
    count: int = 0


@dataclass
class Sheet:
    """What stands in a sheet beside its values.

    `used` and `dates` hold for each row its columns as bits (column A the lowest) that are not empty, that are dates
    or times. `texts` are the cells that calamine does not read as they stand. Rows and columns are (first, last).
    """

    name: str
    state: str = ""
    used: dict[int, int] = field(default_factory=dict)
    dates: dict[int, int] = field(default_factory=dict)
    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    last_row: int = 0
    last_column: int = 0
    hidden_rows: list[tuple[int, int]] = field(default_factory=list)
    filtered_rows: list[tuple[int, int]] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[Area] = field(default_factory=list)
    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)

    def reach(self, row: int, column: int, file: str) -> None:
        """Take a cell into the used range; raise Refused where that becomes too large."""
        self.last_row, self.last_column = max(self.last_row, row), max(self.last_column, column)
        if row > MAX_ROWS or column > MAX_COLUMNS or self.last_row * self.last_column > limits.MAX_AREA:
            raise Refused(
                Problem(
                    file=file,
                    found=f"a cell in use at {address(row, column)} of the sheet {self.name!r}",
                    expected=f"at most {limits.MAX_AREA:,} cells from A1 to the last one",
                    remedy="ask the force for the table alone; a stray cell far away may be cleared",
                )
            )

    def stands(self, row: int, column: int, columns: int = 1) -> None:
        """Keep that cells are not empty."""
        self.used[row] = self.used.get(row, 0) | column_bits(column, column + columns - 1)

    def is_date(self, row: int, column: int, columns: int = 1) -> None:
        """Keep that cells are dates or times."""
        self.dates[row] = self.dates.get(row, 0) | column_bits(column, column + columns - 1)

    def note(self, kind: str, detail: str, row: int, column: int, count: int = 1) -> None:
        """Count cells that a finding is about."""
        tally = self.tallies.setdefault((kind, detail), Tally((row, column)))
        tally.first = min(tally.first, (row, column))
        tally.count += count

    def cells_within(self, rows: tuple[int, int] = (1, MAX_ROWS), bits: int = -1) -> int:
        """Return how many cells that are not empty stand in some rows and columns."""
        first, last = rows
        # the fewer of the two: a hidden run may be a million rows long, and so may the table
        if last - first < len(self.used):
            return sum((self.used.get(row, 0) & bits).bit_count() for row in range(first, last + 1))
        return sum((used & bits).bit_count() for row, used in self.used.items() if first <= row <= last)


def take_number(seen: Sheet, row: int, column: int, value: float, code: str | None, epoch_1904: bool) -> None:
    """Keep of a number what its format makes of it; `code` is None where it is not known."""
    seen.stands(row, column)
    if code is None:
        seen.note("displayed_otherwise", "a format that is not known", row, column)
        return
    kind = formats.number_otherwise(code, value)
    if formats.is_date(code, value):
        if formats.no_date(code, value, epoch_1904):
            seen.texts[row, column] = number_text(value)
            kind = "displayed_otherwise"
        else:
            seen.is_date(row, column)
    if kind is not None:
        detail = "more than 15 digits" if abs(value) >= 1e15 else formats.format_words(code)
        seen.note(kind, detail, row, column)


def take_text(seen: Sheet, row: int, column: int, code: str | None) -> None:
    """Keep of a text what its format makes of it; `code` is None where it is not known."""
    seen.stands(row, column)
    code = code or "General"
    kind = formats.text_otherwise(code)
    if kind is not None:
        seen.note(kind, formats.format_words(code), row, column)
