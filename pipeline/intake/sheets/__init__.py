"""Sheets of workbooks (xlsx, xlsm, xls, ods): their rows as text at true addresses, and what a reader does not see.

Values of xlsx and ods come from calamine. A second pass over the parts of the zip says where something stands, what
calamine leaves out (errors, tabs and line ends in ods, dates outside of the calendar) and what is hidden; where the
two disagree the workbook is refused. An xls is read by xlrd alone: damaged ones make calamine end the whole process.
`blocks_in` says which cells stand together. Which of them are tables, and whether something hidden may be taken, is
decided elsewhere.

`workbook` opens a file as `xlsx`, `ods` or `xls`; each fills a `sheet`, from which `finding` and `rows` are made.
The limits exported here are for reading: what counts is their value in `limits`.
"""

from __future__ import annotations

from pipeline.intake.areas import MAX_COLUMNS, MAX_ROWS, address
from pipeline.intake.sheets.blocks import SheetBlock
from pipeline.intake.sheets.finding import HIDDEN, Finding
from pipeline.intake.sheets.limits import (
    MAX_AREA,
    MAX_FILE,
    MAX_PARTS,
    MAX_RATIO,
    MAX_STRINGS,
    MAX_UNPACKED,
    RATIO_FROM,
)
from pipeline.intake.sheets.workbook import blocks_in, findings, sheet_names, sheet_rows

__all__ = [
    "HIDDEN",
    "MAX_AREA",
    "MAX_COLUMNS",
    "MAX_FILE",
    "MAX_PARTS",
    "MAX_RATIO",
    "MAX_ROWS",
    "MAX_STRINGS",
    "MAX_UNPACKED",
    "RATIO_FROM",
    "Finding",
    "SheetBlock",
    "address",
    "blocks_in",
    "findings",
    "sheet_names",
    "sheet_rows",
]
