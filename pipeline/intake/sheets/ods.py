"""Workbooks of ods: all sheets from one part, with what is shown of each cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pipeline.intake.areas import MAX_ROWS, Area
from pipeline.intake.sheets.finding import EARLIER_VALUES, Finding, about_workbook, macro
from pipeline.intake.sheets.package import Package, calamine_values, local
from pipeline.intake.sheets.refusals import no_workbook, protected, without_sheet
from pipeline.intake.sheets.sheet import Sheet
from pipeline.intake.sheets.values import finite


class OdsBook:
    """A workbook of ods; all its sheets are read when it is opened."""

    def __init__(self, package: Package) -> None:
        self._package, self._file = package, package.file
        self._reader = _OdsReader(self._file)
        if "meta-inf/manifest.xml" in package.parts:
            package.parse("META-INF/manifest.xml", self._refuse_protected)
        if b"opendocument.spreadsheet" not in self._mimetype():
            raise no_workbook(self._file, "an OpenDocument file that is no spreadsheet")
        if "styles.xml" in package.parts:
            package.parse("styles.xml", self._reader.style)
        package.parse("content.xml", self._reader.start, self._reader.end, self._reader.text)
        if not self._reader.sheets:
            raise without_sheet(self._file)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all sheets, in order."""
        return tuple(self._reader.sheets)

    def values(self, name: str) -> Iterator[list[Any]]:
        """Return the values of a sheet row by row from A1."""
        return calamine_values(self._package, name)

    def sheet(self, name: str) -> Sheet:
        """Return what stands in a sheet."""
        return self._reader.sheets[name]

    def workbook_findings(self) -> Iterator[Finding]:
        """Yield what is found about the whole workbook."""
        if self._reader.links:
            yield about_workbook("external_link", f"{self._reader.links} links to other files")
        if self._reader.changes:
            yield about_workbook("hidden_data", f"{EARLIER_VALUES} (tracked changes)")
        if any(name.startswith(("basic/", "scripts/")) for name in self._package.parts):
            yield macro()
        words = "it cannot be told of an ods file whether objects in it (charts, pictures, files) keep data"
        yield about_workbook("unseen", words)

    def _mimetype(self) -> bytes:
        return self._package.read("mimetype") if "mimetype" in self._package.parts else b""

    def _refuse_protected(self, element: str, _: dict[str, str]) -> None:
        if local(element) == "encryption-data":
            raise protected(self._file)


_NUMBERS = frozenset({"float", "percentage", "currency"})
_DATES = frozenset({"date", "time"})
_TYPED = _NUMBERS | _DATES | {"boolean"}
"""Types of values that are read as they are stored, not as they are shown."""


@dataclass
class _OdsCell:
    """A cell of an ods row, as often as it is repeated; `shown` is what a person sees."""

    column: int
    columns: int
    values: dict[str, str]
    paragraphs: list[list[str]] = field(default_factory=list)
    broken: bool = False
    notes: int = 0

    @property
    def shown(self) -> str:
        return "\n".join("".join(pieces) for pieces in self.paragraphs)

    @property
    def read_as_shown(self) -> bool:
        """Whether the text of a cell that is no number, date or switch is taken as it is shown."""
        # calamine drops tabs and line ends, and gives an error as empty or as 0
        error = self.values.get("calcext:value-type") == "error"
        typeless = not self.values.get("office:value-type")
        return self.broken or error or typeless or "office:string-value" in self.values


class _OdsReader:
    """Takes content.xml into one `Sheet` per table."""

    def __init__(self, file: str) -> None:
        self.sheets: dict[str, Sheet] = {}
        self.links = 0
        self.changes = False
        self._file = file
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._skip = ""
        self._skip_depth = 0
        self._sheet: Sheet | None = None
        self._row = self._rows = self._column = self._columns = 0
        self._cell: _OdsCell | None = None
        self._cells: list[_OdsCell] = []
        self._in_paragraph = False

    def style(self, element: str, values: dict[str, str]) -> None:
        """Keep which styles of tables hide them."""
        if element == "style:style":
            self._style = values.get("style:name", "") if values.get("style:family") == "table" else ""
        elif element == "style:table-properties" and self._style and values.get("table:display") == "false":
            self._hidden_styles.add(self._style)

    def start(self, element: str, values: dict[str, str]) -> None:
        if self._skip:
            self._skip_depth += element == self._skip
        elif element == "table:tracked-changes":
            self.changes = True
            self._leave_out(element)
        elif self._cell is not None:
            self._inside(self._cell, element, values)
        elif element == "table:table":
            self._begin_sheet(values)
        elif element in ("table:table-source", "table:cell-range-source", "table:dde-link"):
            self.links += 1
        elif self._sheet is None:
            self.style(element, values)
        elif element == "table:shapes":
            self._leave_out(element)
        elif element == "table:table-column":
            self._take_columns(self._sheet, values)
        elif element == "table:table-row":
            self._begin_row(self._sheet, values)
        elif element in ("table:table-cell", "table:covered-table-cell"):
            self._cell = _OdsCell(self._column + 1, _repeated(values, "table:number-columns-repeated"), values)
            self._column += self._cell.columns

    def end(self, element: str) -> None:
        if self._skip:
            self._skip_depth -= element == self._skip
            if not self._skip_depth:
                self._skip = ""
        elif element in ("table:table-cell", "table:covered-table-cell") and self._cell is not None:
            self._cells.append(self._cell)
            self._cell = None
        elif element == "text:p":
            self._in_paragraph = False
        elif element == "table:table-row" and self._sheet is not None:
            for cell in self._cells:
                self._settle(self._sheet, cell)
        elif element == "table:table":
            self._sheet = None

    def text(self, data: str) -> None:
        if self._in_paragraph and not self._skip and self._cell is not None:
            self._cell.paragraphs[-1].append(data)

    def _leave_out(self, element: str) -> None:
        self._skip, self._skip_depth = element, 1

    def _begin_sheet(self, values: dict[str, str]) -> None:
        name = values["table:name"]
        if self._sheet is not None or name in self.sheets:
            raise ValueError("a table inside of a table, or two sheets of one name")
        hidden = values.get("table:style-name") in self._hidden_styles
        self._sheet = self.sheets[name] = Sheet(name, "hidden" if hidden else "")
        self._row = self._rows = self._columns = 0

    def _take_columns(self, seen: Sheet, values: dict[str, str]) -> None:
        first = self._columns + 1
        self._columns += _repeated(values, "table:number-columns-repeated")
        if values.get("table:visibility") in ("collapse", "filter"):
            seen.hidden_columns.append((first, self._columns))

    def _begin_row(self, seen: Sheet, values: dict[str, str]) -> None:
        self._row += self._rows
        self._rows = _repeated(values, "table:number-rows-repeated")
        self._row, self._column, self._cells = self._row or 1, 0, []
        rows = (self._row, self._row + self._rows - 1)
        if values.get("table:visibility") == "collapse":
            seen.hidden_rows.append(rows)
        elif values.get("table:visibility") == "filter":
            seen.filtered_rows.append(rows)

    def _inside(self, cell: _OdsCell, element: str, values: dict[str, str]) -> None:
        if element == "text:p":
            self._in_paragraph = True
            cell.paragraphs.append([])
        elif element == "text:s" and self._in_paragraph:
            cell.paragraphs[-1].append(" " * _repeated(values, "text:c"))
        elif element in ("text:tab", "text:line-break") and self._in_paragraph:
            cell.paragraphs[-1].append("\t" if element == "text:tab" else "\n")
            cell.broken = True
        elif element == "office:annotation":
            cell.notes += 1
            cell.broken = True
            self._leave_out(element)
        elif element == "table:table":
            raise ValueError("a table inside of a cell")
        elif element.startswith(("draw:", "dr3d:")) or element == "table:detective":
            cell.broken = True
            self._leave_out(element)
        elif element in ("table:cell-range-source", "table:dde-link"):
            self.links += 1

    def _settle(self, seen: Sheet, cell: _OdsCell) -> None:
        values, shown, count = cell.values, cell.shown, cell.columns * self._rows
        first = (self._row, cell.column)
        if cell.notes:
            seen.note("comment", "", *first, count)
        across, down = (_repeated(values, f"table:number-{part}-spanned") for part in ("columns", "rows"))
        if across > 1 or down > 1:
            seen.merged.append(Area(*first, self._row + down - 1, cell.column + across - 1))
        kind, formula = values.get("office:value-type", ""), "table:formula" in values
        if formula:
            seen.note("formula" if kind else "formula_without_value", "", *first, count)
        if not (shown or kind or formula):
            return
        seen.reach(self._row + self._rows - 1, cell.column + cell.columns - 1, self._file)
        typed = kind in _TYPED and values.get("calcext:value-type") != "error"
        if typed and (verdict := _shown_otherwise(kind, values, shown)):
            seen.note(verdict, "", *first, count)
        for row in range(self._row, self._row + self._rows):
            if typed or shown:
                seen.stands(row, cell.column, cell.columns)
            if typed and kind in _DATES:
                seen.is_date(row, cell.column, cell.columns)
            elif not typed and cell.read_as_shown:
                for column in range(cell.column, cell.column + cell.columns):
                    seen.texts[row, column] = shown


def _repeated(values: dict[str, str], key: str) -> int:
    count = int(values.get(key, "1"))
    if not 1 <= count <= MAX_ROWS:
        raise ValueError(f"{key} {count}")
    return count


def _shown_otherwise(kind: str, values: dict[str, str], shown: str) -> str | None:
    if kind in _NUMBERS:
        return _number_otherwise(finite(values["office:value"]), shown)
    return _date_otherwise(kind, values, shown) if kind in _DATES else None


def _number_otherwise(value: float, shown: str) -> str | None:
    """Return how a number is shown where that is not the number itself; separators of thousands change nothing."""
    if not re.search("[0-9]", shown):
        return "hidden_value" if value else "displayed_otherwise"
    plain = re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", re.sub(r"[, \u00a0\u202f]", "", shown))
    same = plain is not None and float(plain[0]) == value and abs(value) < 1e15
    return None if same else "displayed_otherwise"


def _date_otherwise(kind: str, values: dict[str, str], shown: str) -> str | None:
    if not shown.strip():
        return "hidden_value"
    if kind == "time":
        return None
    _, _, time = values["office:date-value"].partition("T")
    hidden_time = bool(time.strip("0:.")) and ":" not in shown
    # day, month and year make three parts, in whatever order and words
    return "displayed_otherwise" if hidden_time or len(re.findall(r"[0-9]+|[^\W\d_]+", shown)) < 3 else None
