"""Values: every cell is the text that stands in it, or the sheet is refused."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
import xlwt

from pipeline.intake.sheets import findings
from tests.intake.sheets.workbooks import (
    STYLES,
    book,
    found,
    ods,
    ods_cell,
    ods_number,
    ods_table,
    raw_xlsx,
    refusal,
    rows,
    table,
    xls,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("00000001", "00000001"),
        (" x ", " x "),
        ("a\nb", "a\nb"),
        ("TRUE", "TRUE"),
        ("=1+1", None),
        (0, "0"),
        (-5, "-5"),
        (5.0, "5"),
        (2.5, "2.5"),
        (0.1, "0.1"),
        (1e-7, "1e-07"),
        (202_012_345_678_901, "202012345678901"),
        (2**53 - 1, "9007199254740991"),
        (1e300, "1e+300"),
        (True, "TRUE"),
        (False, "FALSE"),
        (datetime.date(2024, 1, 31), "2024-01-31"),
        (datetime.datetime(2024, 1, 31), "2024-01-31"),
        (datetime.datetime(2024, 1, 31, 10, 30), "2024-01-31T10:30:00"),
        (datetime.time(10, 30), "10:30:00"),
        (datetime.timedelta(hours=30, minutes=5), "30:05:00"),
        ("#N/A", "#N/A"),
        ("#VALUE!", "#VALUE!"),
        ("#DIV/0!", "#DIV/0!"),
    ],
)
def test_each_value_of_an_xlsx_is_the_text_that_stands(tmp_path: Path, value: Any, text: str | None) -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet["A1"] = "before"
        sheet["B2"] = value
        if text is None:
            sheet["B2"].data_type = "s"

    assert table(book(tmp_path, fill)) == [("before", ""), ("", value if text is None else text)]


def test_each_value_of_an_xls_is_the_text_that_stands(tmp_path: Path) -> None:
    def fill(_: Any, sheet: Any) -> None:
        day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
        moment = xlwt.easyxf(num_format_str="yyyy-mm-dd hh:mm")
        values = ["007", 7, 7.5, 202_012_345_678_901, True]
        for column, value in enumerate(values):
            sheet.write(1, column, value)
        sheet.write(1, 5, datetime.datetime(2024, 1, 31), day)
        sheet.write(1, 6, datetime.datetime(2024, 1, 31, 10, 30), moment)
        sheet.row(1).set_cell_error(7, 0x2A)
        sheet.write(1, 8, datetime.time(10, 30), xlwt.easyxf(num_format_str="hh:mm"))
        sheet.write(1, 9, "", day)

    assert table(xls(tmp_path, fill))[1] == (
        *("007", "7", "7.5", "202012345678901", "TRUE", "2024-01-31", "2024-01-31T10:30:00", "#N/A", "10:30:00"),
    )


def test_each_value_of_an_ods_is_the_text_that_stands(tmp_path: Path) -> None:
    path = ods(
        tmp_path,
        ods_table(
            ods_cell("007"),
            ods_number("7", "7"),
            ods_number("7.5", "7.5"),
            ods_cell("TRUE", "boolean", 'office:boolean-value="true"'),
            ods_cell("31/01/24", "date", 'office:date-value="2024-01-31"'),
            ods_cell("31/01/24 10:30", "date", 'office:date-value="2024-01-31T10:30:00"'),
            ods_cell("10:30", "time", 'office:time-value="PT10H30M00S"'),
            ods_cell("#N/A", "string", 'office:string-value="" calcext:value-type="error" table:formula="of:=NA()"'),
            ods_number("#DIV/0!", "0", more='calcext:value-type="error"'),
            ods_cell("a<text:s text:c='3'/>b<text:tab/>c<text:line-break/>d</text:p><text:p>e"),
            ods_cell("same", more='table:number-columns-repeated="2"'),
            ods_cell("A &amp; <text:span>B</text:span>"),
            "<table:table-cell><text:p>typeless</text:p></table:table-cell><table:table-cell/>",
        ).replace("</table:table-row><table:table-row>", ""),
    )
    assert table(path) == [
        (
            *("007", "7", "7.5", "TRUE", "2024-01-31", "2024-01-31T10:30:00", "10:30:00", "#N/A", "#DIV/0!"),
            *("a   b\tc\nd\ne", "same", "same", "A & B", "typeless"),
        )
    ]


def test_a_note_is_no_part_of_its_cell(tmp_path: Path) -> None:
    note = "<office:annotation><dc:creator>Bo</dc:creator><text:p>a name</text:p></office:annotation>"
    path = ods(
        tmp_path, ods_table(f'<table:table-cell office:value-type="string">{note}<text:p>x</text:p></table:table-cell>')
    )
    assert table(path) == [("x",)]
    assert found(path, "comment") == [("comment", "Data", "A1")]
    assert "a name" not in str(findings(path, "a.ods"))


@pytest.mark.parametrize("number", ["-5", "0", "60", "60.5", "2958466", "99999999"])
def test_a_number_that_is_no_date_is_read_as_the_number(tmp_path: Path, number: str) -> None:
    path = raw_xlsx(tmp_path, f'<row><c s="1"><v>{number}</v></c></row>', styles=STYLES.format("yyyy-mm-dd"))
    assert table(path) == [(number,)]
    assert found(path, "displayed_otherwise") == [("displayed_otherwise", "Data", "A1")]


def test_dates_of_both_calendars(tmp_path: Path) -> None:
    cells = "".join(f'<c s="1"><v>{number}</v></c>' for number in (1, 59, 61, 44_000))
    new = raw_xlsx(tmp_path, f"<row>{cells}</row>", styles=STYLES.format("dd/mm/yyyy"))
    assert table(new) == [("1900-01-01", "1900-02-28", "1900-03-01", "2020-06-18")]
    old = raw_xlsx(
        tmp_path, f"<row>{cells}</row>", styles=STYLES.format("d/m/yy"), workbook='<workbookPr date1904="1"/>'
    )
    assert table(old) == [("1904-01-02", "1904-02-29", "1904-03-02", "2024-06-19")]


def test_cells_without_addresses_stand_where_they_are(tmp_path: Path) -> None:
    path = raw_xlsx(
        tmp_path,
        '<row><c><v>1</v></c><c/><c t="inlineStr"><is><r><t>p</t></r><r><t xml:space="preserve"> q</t></r></is></c>'
        "</row>"
        '<row r="4"><c r="B4" t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="d"><v>2024-01-31</v></c></row>',
        strings="<si><t>a</t><rPh><t>sound</t></rPh></si><si><t></t></si>",
    )
    assert [(r.line_no, r.fields) for r in rows(path)] == [
        (1, ("1", "", "p q", "")),
        (2, ("", "", "", "")),
        (3, ("", "", "", "")),
        (4, ("", "a", "", "2024-01-31")),
    ]


@pytest.mark.parametrize(
    "row",
    [
        '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        '<row r="1"><c r="A1"><v>x</v></c></row>',
        '<row r="1"><c r="A1"><v>1_0</v></c></row>',
        '<row r="1"><c r="A1"><v>nan</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>7</v></c></row>',
        '<row r="1"><c r="A1" s="7"><v>7</v></c></row>',
        '<row r="0"><c r="A0"><v>1</v></c></row>',
        '<row r="1"><c r="XFE1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></row>',
    ],
)
def test_a_sheet_that_says_two_things_or_none_is_refused(tmp_path: Path, row: str) -> None:
    assert "sheet1.xml" in refusal(raw_xlsx(tmp_path, row)).found


def test_a_cell_far_away_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = raw_xlsx(
        tmp_path, '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )
    assert "XFD1048576" in refusal(path).found
    repeated = ods_cell("x", more='table:number-columns-repeated="16384"')
    row = f'<table:table-row table:number-rows-repeated="1048576">{repeated}</table:table-row>'
    assert "XFD1048576" in refusal(ods(tmp_path, ods_table(row))).found

    def fill(_: Any, sheet: Any) -> None:
        sheet.write(0, 0, 1)
        sheet.write(65_535, 255, 1)

    def four(workbook: Any, sheet: Any) -> None:
        fill(workbook, sheet)
        fill(workbook, workbook.add_sheet("More"))

    assert "in all sheets" in refusal(xls(tmp_path, four)).found
