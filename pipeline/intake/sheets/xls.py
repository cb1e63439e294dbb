"""Workbooks of xls, the Office file of the old kind, read by xlrd alone."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import xlrd
from xlrd.compdoc import CompDoc

from pipeline.intake.areas import Area
from pipeline.intake.sheets import formats, limits
from pipeline.intake.sheets.finding import EARLIER_VALUES, PIVOT_ROWS, Finding, about_workbook, embedded_files, macro
from pipeline.intake.sheets.refusals import library, no_workbook, protected, too_large, without_sheet
from pipeline.intake.sheets.sheet import Sheet, take_number, take_text

_XLS_STORES = {
    "_SX_DB_CUR": PIVOT_ROWS,
    "Revision Log": EARLIER_VALUES,
}


class XlsBook:
    """A workbook of xls; all its sheets are read when it is opened."""

    def __init__(self, data: bytes, file: str) -> None:
        self._file = file
        with library(file):
            self._streams = {str(node.name) for node in CompDoc(data, logfile=io.StringIO()).dirlist}
        if self._streams & {"EncryptedPackage", "EncryptionInfo"}:
            raise protected(file)
        if not self._streams & {"Workbook", "Book"}:
            raise no_workbook(file, "an Office file of the old kind that is no workbook")
        with library(file):
            # rows as long as they are: full ones could be made to fill the memory
            self._book = xlrd.open_workbook(
                file_contents=data, formatting_info=True, ragged_rows=True, logfile=io.StringIO()
            )
            self._sheets = {sheet.name: self._read(sheet) for sheet in self._book.sheets()}
        cells = sum(sheet.last_row * sheet.last_column for sheet in self._sheets.values())
        if cells > limits.MAX_AREA:
            raise too_large(file, f"{cells:,} cells in all sheets", f"at most {limits.MAX_AREA:,}")
        if not self._sheets:
            raise without_sheet(file)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all sheets, in order."""
        return tuple(self._sheets)

    def values(self, name: str) -> Iterator[list[Any]]:
        """Return the values of a sheet row by row from A1."""
        sheet = self._book.sheet_by_name(name)
        for row in range(sheet.nrows):
            yield [self._value(cell) for cell in sheet.row(row)]

    def sheet(self, name: str) -> Sheet | None:
        """Return what stands in a sheet."""
        return self._sheets.get(name)

    def workbook_findings(self) -> Iterator[Finding]:
        """Yield what is found about the whole workbook."""
        if any(name.startswith("_VBA_PROJECT") for name in self._streams):
            yield macro()
        for name, words in _XLS_STORES.items():
            if name in self._streams:
                yield about_workbook("hidden_data", words)
        if embedded := sum(bool(re.fullmatch("MBD[0-9A-F]{8}", name)) for name in self._streams):
            yield embedded_files(embedded)
        words = (
            "it cannot be told of an xls file which cells are formulas, whether hidden rows are filtered out, "
            "and whether it links to other workbooks or hides a chart"
        )
        yield about_workbook("unseen", words)

    def _read(self, sheet: Any) -> Sheet:
        seen = Sheet(sheet.name, {1: "hidden", 2: "very hidden"}.get(sheet.visibility, ""))
        for row in range(sheet.nrows):
            for column in range(sheet.row_len(row)):
                self._take(seen, sheet.cell(row, column), row + 1, column + 1)
        for row, info in sheet.rowinfo_map.items():
            if info.hidden or info.height == 0:
                seen.hidden_rows.append((row + 1, row + 1))
        for column, info in sheet.colinfo_map.items():
            if info.hidden or info.width == 0:
                seen.hidden_columns.append((column + 1, column + 1))
        seen.merged = [Area(top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells]
        for row, column in sheet.cell_note_map:
            seen.note("comment", "", row + 1, column + 1)
        return seen

    def _take(self, seen: Sheet, cell: Any, row: int, column: int) -> None:
        if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK) or cell.value == "":
            return
        seen.reach(row, column, self._file)
        code = self._code(cell)
        if cell.ctype == xlrd.XL_CELL_TEXT:
            take_text(seen, row, column, code)
        elif cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
            take_number(seen, row, column, float(cell.value), code, self._book.datemode == 1)
        else:
            seen.stands(row, column)
            if cell.ctype == xlrd.XL_CELL_ERROR:
                seen.texts[row, column] = xlrd.error_text_from_code.get(cell.value, "#ERROR!")

    def _code(self, cell: Any) -> str | None:
        form = self._book.format_map.get(self._book.xf_list[cell.xf_index].format_key)
        return None if form is None else str(form.format_str)

    def _value(self, cell: Any) -> Any:
        if cell.ctype == xlrd.XL_CELL_BOOLEAN:
            return bool(cell.value)
        if cell.ctype not in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
            # an error is among the texts of the second pass
            return cell.value if cell.ctype == xlrd.XL_CELL_TEXT else ""
        code, epoch_1904 = self._code(cell), self._book.datemode == 1
        if code is None or not formats.is_date(code, cell.value) or formats.no_date(code, cell.value, epoch_1904):
            return cell.value
        return formats.date_of(code, cell.value, epoch_1904)
