"""Findings: what a reader of the sheet does not see is found."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import xlwt
from openpyxl.comments import Comment
from openpyxl.worksheet.table import Table

from pipeline.intake.sheets import HIDDEN, Finding, findings
from tests.intake.sheets.workbooks import (
    book,
    found,
    ods,
    ods_cell,
    ods_number,
    ods_table,
    raw_xlsx,
    rows,
    table,
    with_parts,
    xls,
)


def test_a_plain_workbook_has_no_findings(tmp_path: Path) -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.append(["Year", "Crimes", "Mean", "Day"])
        sheet.append([2020, 1234, 2.5, datetime.date(2024, 1, 31)])
        sheet["B2"].number_format, sheet["C2"].number_format = "#,##0", "0.00"
        sheet.auto_filter.ref = "A1:D2"
        sheet.column_dimensions["H"].hidden = True
        sheet.row_dimensions[9].hidden = True

    assert findings(book(tmp_path, fill), "a.xlsx") == ()


def test_hidden_sheets_rows_and_columns_of_an_xlsx(tmp_path: Path) -> None:
    def fill(workbook: Any, sheet: Any) -> None:
        for row in range(1, 21):
            sheet.append([row, row, row, row, row])
        for row in (5, 6, 7, 8, 9, 12):
            sheet.row_dimensions[row].hidden = True
        sheet.column_dimensions.group("C", "D", hidden=True)
        workbook.create_sheet("Names")["A1"] = "x"
        workbook["Names"].sheet_state = "hidden"
        workbook.create_sheet("Very").sheet_state = "veryHidden"

    path = book(tmp_path, fill)
    assert found(path, *HIDDEN) == [
        ("hidden_row", "Data", "5:9"),
        ("hidden_row", "Data", "12:12"),
        ("hidden_column", "Data", "C:D"),
        ("hidden_sheet", "Names", ""),
        ("hidden_sheet", "Very", ""),
    ]
    words = [f.words for f in findings(path, "a.xlsx") if f.kind in {"hidden_sheet", "hidden_column"}]
    assert words == [
        "hidden columns that hold 40 cells",
        "a hidden sheet that holds 1 cell",
        "a very hidden sheet that holds 0 cells",
    ]
    assert table(path, sheet="Names") == [("x",)]


def test_rows_and_columns_of_no_size_are_hidden(tmp_path: Path) -> None:
    path = raw_xlsx(
        tmp_path,
        '<row><c><v>1</v></c><c><v>2</v></c></row><row ht="0" customHeight="1"><c><v>3</v></c></row>',
        before='<cols><col min="2" max="16384" width="0" customWidth="1"/></cols>',
    )
    assert found(path, *HIDDEN) == [("hidden_row", "Data", "2:2"), ("hidden_column", "Data", "B:XFD")]


def test_hidden_sheets_rows_and_columns_of_an_xls(tmp_path: Path) -> None:
    def fill(workbook: Any, sheet: Any) -> None:
        for row in range(10):
            for column in range(5):
                sheet.write(row, column, row)
        sheet.row(3).hidden = sheet.row(4).hidden = True
        sheet.col(2).hidden = True
        sheet.write_merge(12, 13, 0, 1, "m")
        sheet.write(14, 0, 0.25, xlwt.easyxf(num_format_str="0%"))
        workbook.add_sheet("Names").visibility = 1
        workbook.add_sheet("Very").visibility = 2

    path = xls(tmp_path, fill)
    assert [(f.kind, f.sheet, f.address) for f in findings(path, "a.xls")] == [
        ("unseen", "", ""),
        ("hidden_row", "Data", "4:5"),
        ("hidden_column", "Data", "C:C"),
        ("merged", "Data", "A13:B14"),
        ("displayed_otherwise", "Data", "A15"),
        ("hidden_sheet", "Names", ""),
        ("hidden_sheet", "Very", ""),
    ]
    assert table(path, "A13:B14") == [("m", ""), ("", "")]


def test_hidden_sheets_rows_and_columns_of_an_ods(tmp_path: Path) -> None:
    one = ods_number("1", "1", more='table:number-columns-repeated="4"')
    row = "<table:table-row table:visibility='{}' table:number-rows-repeated='{}'>" + one + "</table:table-row>"
    path = ods(
        tmp_path,
        ods_table(
            one,
            row.format("collapse", 3),
            row.format("filter", 2),
            ods_number("1", "1", more='table:number-columns-spanned="2" table:number-rows-spanned="2"')
            + "<table:covered-table-cell/>",
            "<table:covered-table-cell/>" + ods_cell("under").replace("table-cell", "covered-table-cell"),
            columns='<table:table-column/><table:table-column table:visibility="collapse" '
            'table:number-columns-repeated="2"/>',
        )
        + ods_table(ods_cell("x"), name="Names", more='table:style-name="ta2"'),
        styles='<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/>'
        "</style:style>",
    )
    assert [(f.kind, f.sheet, f.address) for f in findings(path, "a.ods")] == [
        ("unseen", "", ""),
        ("hidden_row", "Data", "2:4"),
        ("filtered_row", "Data", "5:6"),
        ("hidden_column", "Data", "B:C"),
        ("merged", "Data", "A7:B8"),
        ("hidden_value", "Data", "A7:B8"),
        ("hidden_sheet", "Names", ""),
    ]
    assert len(rows(path)) == 8


def test_filtered_rows_are_told_from_hidden_ones(tmp_path: Path) -> None:
    def fill(workbook: Any, sheet: Any) -> None:
        second = workbook.create_sheet("Table")
        for each in (sheet, second):
            each.append(["Force", "Crimes"])
            for row in range(2, 10):
                each.append(["A" if row % 2 else "B", row])
            for row in (3, 5, 6):
                each.row_dimensions[row].hidden = True
            each.append(["Sum", 44])
            each.append(["hidden", 1])
            each.row_dimensions[11].hidden = True
        sheet.auto_filter.ref = "A1:B9"
        sheet.auto_filter.add_filter_column(0, ["B"])
        part = Table(displayName="T", ref="A1:B9")
        part._initialise_columns()
        part.autoFilter.add_filter_column(0, ["B"])
        second.add_table(part)

    path = book(tmp_path, fill)
    for name in ("Data", "Table"):
        assert [f for f in found(path, *HIDDEN) if f[1] == name] == [
            ("hidden_row", name, "11:11"),
            ("filtered_row", name, "3:3"),
            ("filtered_row", name, "5:6"),
        ]


def test_merged_cells_are_found_and_not_filled(tmp_path: Path) -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet["A1"], sheet["C2"] = "both", "x"
        sheet.merge_cells("A1:B2")

    path = book(tmp_path, fill)
    assert table(path) == [("both", "", ""), ("", "", "x")]
    assert found(path, "merged", "hidden_value") == [("merged", "Data", "A1:B2")]
    under = raw_xlsx(
        tmp_path,
        "<row><c><v>1</v></c><c><v>2</v></c></row>",
        after='<mergeCells><mergeCell ref="A1:B1"/></mergeCells>',
    )
    assert found(under, "hidden_value") == [("hidden_value", "Data", "A1:B1")]


def test_formulas_are_counted_and_their_stored_values_read(tmp_path: Path) -> None:
    path = raw_xlsx(
        tmp_path,
        '<row><c><v>1</v></c><c><f>A1+1</f><v>2</v></c><c t="str"><f>""</f><v></v></c><c t="str"><f>"x"</f><v>x</v></c>'
        '<c t="b"><f>A1=1</f><v>1</v></c><c t="e"><f>NA()</f><v>#N/A</v></c><c><f>A1*9</f></c></row>',
    )
    assert table(path) == [("1", "2", "", "x", "TRUE", "#N/A", "")]
    words = [(f.kind, f.address, f.words) for f in findings(path, "raw.xlsx")]
    assert words == [
        ("formula", "B1", "5 cells with a formula; the value stored with it is read"),
        ("formula_without_value", "G1", "1 cell with a formula and no stored value; read as empty"),
    ]


def test_a_note_in_an_xlsx_is_found_and_not_told(tmp_path: Path) -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet["A1"] = "x"
        for cell in ("C7", "B9"):
            sheet[cell].comment = Comment("a name", "Bo")

    path = book(tmp_path, fill)
    (finding,) = findings(path, "a.xlsx")
    assert finding == Finding("comment", "Data", "C7", "2 cells with a note, which may hold personal data")
    assert finding.kind in HIDDEN


def test_links_programs_and_kept_data_of_an_xlsx_are_found(tmp_path: Path) -> None:
    office = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    path = with_parts(
        raw_xlsx(tmp_path, "<row><c><v>1</v></c></row>"),
        {
            "xl/externalLinks/externalLink1.xml": f"{office}.externalLink+xml",
            "xl/vbaProject.bin": "application/vnd.ms-office.vbaProject",
            "xl/pivotCache/pivotCacheRecords1.xml": f"{office}.pivotCacheRecords+xml",
            "xl/embeddings/letter.docx": "application/octet-stream",
        },
    )
    assert [f.kind for f in findings(path, "raw.xlsx")] == ["external_link", "macro", "hidden_data", "hidden_data"]


def test_earlier_values_in_an_ods_are_found_and_not_read(tmp_path: Path) -> None:
    change = f"<table:cell-content-change>{ods_cell('old')}</table:cell-content-change>"
    change = f"<table:tracked-changes>{change}</table:tracked-changes>"
    path = ods(tmp_path, change + ods_table(ods_cell("new")))
    assert table(path) == [("new",)]
    assert found(path, "hidden_data") == [("hidden_data", "", "")]
