"""One sheet of an xlsx, from its XML."""

from __future__ import annotations

from pipeline.intake.areas import MAX_COLUMNS, Area, area_of, cell_place
from pipeline.intake.sheets.package import local
from pipeline.intake.sheets.refusals import damaged
from pipeline.intake.sheets.sheet import Sheet, take_number, take_text
from pipeline.intake.sheets.values import finite, true


class Strings:
    """Whether a string of plain or rich text holds anything; spaces count where they are said to be kept."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forget the string before."""
        self.found = False
        self._in_text = self._keep = self._phonetic = False

    def start(self, name: str, values: dict[str, str]) -> None:
        """Take the start of an element inside of a string."""
        if name == "t":
            self._in_text, self._keep = True, values.get("xml:space") == "preserve"
        elif name == "rPh":
            self._phonetic = True

    def end(self, name: str) -> None:
        """Take the end of an element inside of a string."""
        if name == "t":
            self._in_text = False
        elif name == "rPh":
            self._phonetic = False

    def text(self, data: str) -> None:
        """Take text inside of a string."""
        if self._in_text and not self._phonetic:
            self.found = self.found or bool(data if self._keep else data.strip())


class XlsxSheet:
    """Takes the XML of one sheet, and of its tables and notes, into a `Sheet`."""

    def __init__(
        self, seen: Sheet, file: str, codes: list[str | None], empty_strings: list[bool], epoch_1904: bool
    ) -> None:
        self._seen, self._file, self._codes = seen, file, codes
        self._empty_strings, self._epoch_1904 = empty_strings, epoch_1904
        self._row = self._column = 0
        self._values: dict[str, str] = {}
        self._taken: dict[int, int] = {}
        self._in_cell = self._in_value = self._has_value = self._formula = False
        self._pieces: list[str] = []
        self._string = Strings()
        self._filter: Area | None = None
        self._filters: list[Area] = []
        self._comments: set[str] = set()

    def start(self, element: str, values: dict[str, str]) -> None:
        """Take the start of an element of the sheet, or of one of its tables."""
        name = local(element)
        if self._in_cell:
            self._inside(name, values)
        elif name == "c":
            self._begin(values)
        elif name == "row":
            self._row = int(values.get("r", self._row + 1))
            self._column = 0
            if true(values.get("hidden")) or float(values.get("ht", 1)) == 0:
                self._seen.hidden_rows.append((self._row, self._row))
        elif name == "col":
            if true(values.get("hidden")) or float(values.get("width", 1)) == 0:
                self._seen.hidden_columns.append((int(values["min"]), min(int(values["max"]), MAX_COLUMNS)))
        elif name == "mergeCell":
            self._seen.merged.append(area_of(values["ref"]))
        elif name == "autoFilter":
            self._filter = area_of(values["ref"])
        elif name == "filterColumn" and self._filter is not None:
            self._filters.append(self._filter)
            self._filter = None

    def comment(self, element: str, values: dict[str, str]) -> None:
        """Take the start of an element of its notes."""
        if local(element) in ("comment", "threadedComment"):
            self._comments.add(values["ref"])

    def close(self) -> None:
        """Divide the hidden rows into filtered and other ones, and count the notes."""
        seen = self._seen
        rows = seen.hidden_rows
        seen.filtered_rows = [(r, s) for r, s in rows if any(a.top < r <= a.bottom for a in self._filters)]
        filtered = set(seen.filtered_rows)
        seen.hidden_rows = [row for row in rows if row not in filtered]
        for ref in self._comments:
            try:
                place = cell_place(ref)
            except ValueError as error:
                raise damaged(self._file, "a note at no cell") from error
            seen.note("comment", "", *place)

    def _begin(self, values: dict[str, str]) -> None:
        self._values, self._in_cell = values, True
        self._has_value = self._formula = False
        self._pieces = []
        self._string.begin()
        if "r" in values:
            self._row, self._column = cell_place(values["r"])
        else:
            self._column += 1
        bit = 1 << (self._column - 1)
        if self._taken.get(self._row, 0) & bit:
            raise ValueError("two cells at one address")
        self._taken[self._row] = self._taken.get(self._row, 0) | bit

    def _inside(self, name: str, values: dict[str, str]) -> None:
        if name == "f":
            self._formula = True
        elif name == "v":
            self._in_value = self._has_value = True
        else:
            self._string.start(name, values)

    def text(self, data: str) -> None:
        """Take text between elements."""
        if self._in_value:
            self._pieces.append(data)
        elif self._in_cell:
            self._string.text(data)

    def end(self, element: str) -> None:
        """Take the end of an element of the sheet."""
        name = local(element)
        if name == "c":
            self._in_cell = False
            self._settle()
        elif name == "v":
            self._in_value = False
        elif self._in_cell:
            self._string.end(name)

    def _settle(self) -> None:
        seen, row, column = self._seen, self._row, self._column
        kind, value = self._values.get("t", "n"), "".join(self._pieces)
        code = self._codes[int(self._values.get("s", "0"))]
        if self._formula:
            stored = bool(value) or (self._has_value and kind == "str")
            seen.note("formula" if stored else "formula_without_value", "", row, column)
        if self._formula or self._has_value or self._string.found:
            seen.reach(row, column, self._file)
        if kind == "inlineStr":
            if self._string.found:
                take_text(seen, row, column, code)
        elif not value:
            return
        elif kind == "s":
            if not self._empty_strings[int(value)]:
                take_text(seen, row, column, code)
        elif kind == "str":
            take_text(seen, row, column, code)
        elif kind == "e":
            seen.stands(row, column)
            seen.texts[row, column] = value
        elif kind == "d":
            seen.stands(row, column)
            seen.is_date(row, column)
        elif kind == "b":
            seen.stands(row, column)
        else:
            take_number(seen, row, column, finite(value), code, self._epoch_1904)
