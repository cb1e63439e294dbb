"""Workbooks of any kind: opened by what is inside, then their names, rows, blocks of cells and findings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from pipeline.intake.areas import Area, area_of
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.rows import Row
from pipeline.intake.sheets import limits
from pipeline.intake.sheets.blocks import SheetBlock, sheet_blocks
from pipeline.intake.sheets.finding import Finding, sheet_findings
from pipeline.intake.sheets.ods import OdsBook
from pipeline.intake.sheets.package import ZIP_STARTS, Package
from pipeline.intake.sheets.refusals import no_workbook, too_large
from pipeline.intake.sheets.rows import read_rows
from pipeline.intake.sheets.sheet import Sheet
from pipeline.intake.sheets.xls import XlsBook
from pipeline.intake.sheets.xlsx import XlsxBook


def sheet_names(path: Path, file: str) -> tuple[str, ...]:
    """Return the names of all sheets in the order of the workbook, hidden ones too; of an xls without its charts.

    `file` is how problems name the file. Raises Refused where it is no workbook, is empty, damaged or protected by a
    password, or unpacks to more than `limits`.
    """
    return _open(path, file).names


def sheet_rows(path: Path, file: str, sheet: str, cells: str | None = None) -> Iterator[Row]:
    """Return the rows of a sheet, each with its row number in the sheet, empty rows too.

    `cells` is an area such as "B3:F20"; without it rows go from A1 to the last row and column in use. Every row has
    as many fields as the area has columns. Raises Refused, before the first row, where the file or `cells` cannot be
    taken.

    A field is the stored value: text as it stands, whole numbers without a point, other numbers and whole ones from
    2 to the 53rd as Python prints them, TRUE and FALSE, dates as 2024-01-31 with T10:30:00 unless it is midnight,
    times as 10:30:00, errors as #N/A, and empty as "". What a number format makes of it (percent, currency, leading
    zeros, rounding, a date by its month alone) is not in the field: `findings` says where the two differ. It cannot
    be told what conditional formatting, a column too narrow, seconds that are not shown, or a white font do.
    """
    book = _open(path, file)
    _must_have(book, sheet, file)
    seen = book.sheet(sheet)
    if seen is None or not seen.last_row:
        raise Refused(
            Problem(
                file=file,
                found=f"the sheet {sheet!r} without a cell in use",
                expected="a table",
                remedy="name the sheet that holds the table; charts are not read",
            )
        )
    used = Area(1, 1, seen.last_row, seen.last_column)
    area = used if cells is None else _area_within(cells, used, sheet, file)
    return read_rows(book.values(sheet), seen, area, file)


def blocks_in(path: Path, file: str, sheet: str | None = None) -> tuple[SheetBlock, ...]:
    """Return the blocks of cells of a workbook that may be tables, or those of one sheet: sheet by sheet.

    Sheets without cells, and charts, have none. Raises Refused as `sheet_rows`.
    """
    book = _open(path, file)
    if sheet is not None:
        _must_have(book, sheet, file)
    found: list[SheetBlock] = []
    for name in book.names if sheet is None else (sheet,):
        seen = book.sheet(name)
        if seen is None or not seen.last_row:
            continue
        area = Area(1, 1, seen.last_row, seen.last_column)
        rows = list(read_rows(book.values(name), seen, area, file))
        found += sheet_blocks(name, rows)
    return tuple(found)


def findings(path: Path, file: str) -> tuple[Finding, ...]:
    """Return what is hidden, computed, merged or shown otherwise in a workbook: of the workbook, then sheet by sheet.

    Hidden rows and columns are found only where they hold something. Raises Refused as `sheet_names`.
    """
    book = _open(path, file)
    found = list(book.workbook_findings())
    for name in book.names:
        seen = book.sheet(name)
        if seen is not None:
            found += sheet_findings(seen)
    return tuple(found)


class _Book(Protocol):
    """A workbook of one of the kinds."""

    @property
    def names(self) -> tuple[str, ...]: ...

    def sheet(self, name: str) -> Sheet | None:
        """Return what stands in a sheet, or None where it is no sheet of cells."""

    def workbook_findings(self) -> Iterator[Finding]:
        """Yield what is found about the whole workbook."""

    def values(self, name: str) -> Iterator[list[Any]]:
        """Yield the values of a sheet row by row from A1; asked only once `sheet` has found it not too large."""


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _open(path: Path, file: str) -> _Book:
    size = path.stat().st_size
    if size > limits.MAX_FILE:
        raise too_large(file, f"a file of {size:,} bytes", f"at most {limits.MAX_FILE:,} bytes")
    data = path.read_bytes()
    if not data:
        raise no_workbook(file, "an empty file")
    if data.startswith(_OLE):
        return XlsBook(data, file)
    if not data.startswith(ZIP_STARTS):
        raise no_workbook(file, "a file that is no workbook inside, whatever its name")
    package = Package(data, file)
    if "[content_types].xml" in package.parts:
        return XlsxBook(package)
    if "content.xml" in package.parts:
        return OdsBook(package)
    raise no_workbook(file, "a zip that holds no workbook")


def _must_have(book: _Book, sheet: str, file: str) -> None:
    if sheet not in book.names:
        raise Refused(
            Problem(
                file=file,
                found=f"no sheet {sheet!r}",
                expected="one of " + ", ".join(map(repr, book.names)),
                remedy="mend the name of the sheet",
            )
        )


def _area_within(cells: str, used: Area, sheet: str, file: str) -> Area:
    """Return the area that a manifest names; raise Refused where it is none or ends beyond the cells in use."""
    remedy = "mend the cells"
    try:
        area = area_of(cells)
        if ":" not in cells:
            raise ValueError(cells)
    except ValueError as error:
        expected = "an area of cells from top left to bottom right, such as B3:F20"
        raise Refused(Problem(file=file, found=f"cells {cells!r}", expected=expected, remedy=remedy)) from error
    if area.bottom > used.bottom or area.right > used.right:
        found = f"cells {cells!r}, which end beyond the cells in use"
        raise Refused(Problem(file=file, found=found, expected=f"cells within {used} of {sheet!r}", remedy=remedy))
    return area
