"""Addresses: every row keeps its number, and a range is the one that the manifest names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.intake.rows import Row
from pipeline.intake.sheets import address, sheet_names, sheet_rows
from tests.intake.sheets.workbooks import book, ods, ods_cell, ods_number, ods_table, refusal, rows, table, xls


def test_addresses_are_those_of_a_sheet() -> None:
    assert [address(7, column) for column in (1, 3, 26, 27, 52, 53, 702, 703, 16_384)] == [
        *("A7", "C7", "Z7", "AA7", "AZ7", "BA7", "ZZ7", "AAA7", "XFD7")
    ]
    with pytest.raises(ValueError):
        address(0, 1)


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_leading_empty_rows_and_columns_keep_their_numbers(tmp_path: Path, kind: str) -> None:
    def fill(_: Any, sheet: Any) -> None:
        if kind == "xlsx":
            sheet["C4"], sheet["D6"] = "x", 5
        else:
            sheet.write(3, 2, "x")
            sheet.write(5, 3, 5)

    if kind == "ods":
        empty = '<table:table-row table:number-rows-repeated="{}"><table:table-cell/></table:table-row>'
        skip = '<table:table-cell table:number-columns-repeated="{}"/>'
        path = ods(
            tmp_path,
            ods_table(
                empty.format(3),
                skip.format(2) + ods_cell("x"),
                empty.format(1),
                skip.format(3) + ods_number("5", "5"),
                empty.format(1_048_570),
            ),
        )
    else:
        path = book(tmp_path, fill) if kind == "xlsx" else xls(tmp_path, fill)
    assert [(r.line_no, r.lines, r.fields) for r in rows(path)] == [
        (1, 1, ("", "", "", "")),
        (2, 1, ("", "", "", "")),
        (3, 1, ("", "", "", "")),
        (4, 1, ("", "", "x", "")),
        (5, 1, ("", "", "", "")),
        (6, 1, ("", "", "", "5")),
    ]
    assert rows(path, "C4:D6")[0] == Row(4, 1, "x\t", ("x", ""))


def test_two_tables_on_one_sheet_are_read_by_their_ranges(tmp_path: Path) -> None:
    def fill(_: Any, sheet: Any) -> None:
        for at, values in enumerate([("Year", "Crimes"), (2020, 3), (2021, 4)]):
            for column, value in enumerate(values):
                sheet.cell(3 + at, 2 + column, value)
                sheet.cell(8 + at, 6 + column, value if at == 0 else int(value) * 10)

    path = book(tmp_path, fill)
    assert [(r.line_no, r.fields) for r in rows(path, "B3:C5")] == [
        (3, ("Year", "Crimes")),
        (4, ("2020", "3")),
        (5, ("2021", "4")),
    ]
    assert table(path, "F8:G10") == [("Year", "Crimes"), ("20200", "30"), ("20210", "40")]
    assert table(path, "G9:G9") == [("30",)]


@pytest.mark.parametrize(
    "cells",
    ["", "B3", "b3:c4", "B3:F", "3:5", "B:C", "C4:B3", "B3:C4:D5", "$B$3:C4", " B3:C4", "B0:C1", "A01:B2", "XFE1:XFE2"],
)
def test_a_range_that_is_none_is_refused(tmp_path: Path, cells: str) -> None:
    path = book(tmp_path, lambda _, sheet: sheet.append([1, 2, 3, 4, 5, 6]))
    problem = refusal(path, lambda p: sheet_rows(p, p.name, "Data", cells))
    assert repr(cells) in problem.found
    assert "such as B3:F20" in problem.expected


@pytest.mark.parametrize("cells", ["A1:B3", "A1:C2", "C5:D9"])
def test_a_range_outside_of_the_sheet_is_refused(tmp_path: Path, cells: str) -> None:
    path = book(tmp_path, lambda _, sheet: [sheet.append([1, 2]), sheet.append([3, 4])])
    problem = refusal(path, lambda p: sheet_rows(p, p.name, "Data", cells))
    assert "beyond the cells in use" in problem.found
    assert "A1:B2" in problem.expected


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    path = book(tmp_path, lambda workbook, sheet: [sheet.append([1]), workbook.create_sheet("Notes")])
    assert sheet_names(path, "a.xlsx") == ("Data", "Notes")
    problem = refusal(path, lambda p: sheet_rows(p, p.name, "data"))
    assert problem.expected == "one of 'Data', 'Notes'"
    assert "without a cell in use" in refusal(path, lambda p: sheet_rows(p, p.name, "Notes")).found


def test_a_chart_sheet_keeps_its_place_and_has_no_rows(tmp_path: Path) -> None:
    def fill(workbook: Any, sheet: Any) -> None:
        sheet["A1"] = "x"
        workbook.create_chartsheet("Chart", 0)

    path = book(tmp_path, fill)
    assert sheet_names(path, "a.xlsx") == ("Chart", "Data")
    assert "without a cell" in refusal(path, lambda p: sheet_rows(p, p.name, "Chart")).found
    assert table(path) == [("x",)]
