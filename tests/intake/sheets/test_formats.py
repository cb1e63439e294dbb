"""Number formats: what a workbook shows otherwise than it is read is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.intake.sheets import findings
from tests.intake.sheets.workbooks import STYLES, book, ods, ods_cell, ods_number, ods_table, raw_xlsx, rows, table

OTHERWISE, NOT_SHOWN = "displayed_otherwise", "hidden_value"


@pytest.mark.parametrize(
    ("code", "value", "kind"),
    [
        ("General", 0.25, None),
        ("0", 7, None),
        ("#,##0", 1234567, None),
        ("#,##0_);[Red](#,##0)", -7, None),
        ("_-* #,##0_-;-* #,##0_-;_-* &quot;-&quot;??_-;_-@_-", 7, None),
        ("_-* #,##0_-;-* #,##0_-;_-* &quot;-&quot;??_-;_-@_-", -7, None),
        ("0.00", 7, None),
        ("0.00", 7.25, None),
        ("@", 7, None),
        ("yyyy-mm-dd", 44000, None),
        ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", 44000, None),
        ("d/m/yy h:mm", 44000.5, None),
        ("h:mm AM/PM", 0.5, None),
        ("[h]:mm:ss", 1.5, None),
        ("0%", 0.25, OTHERWISE),
        ("0.00E+00", 1234, OTHERWISE),
        ("# ?/?", 0.5, OTHERWISE),
        ("000", 7, OTHERWISE),
        ("0", 7.5, OTHERWISE),
        ("0.0", 7.25, OTHERWISE),
        ("£#,##0", 7, OTHERWISE),
        ("[$£-809]#,##0", 7, OTHERWISE),
        ("#,##0,", 7000, OTHERWISE),
        ("0 &quot;crimes&quot;", 7, OTHERWISE),
        ("0;0", -7, OTHERWISE),
        ("-0", 7, OTHERWISE),
        ("#", 0, OTHERWISE),
        ("0;-0;;@", 0, OTHERWISE),
        ("#,##0;-#,##0;&quot;-&quot;", 0, OTHERWISE),
        ("General", 12345678901234567, OTHERWISE),
        ("mmm-yy", 44000, OTHERWISE),
        ("yyyy", 44000, OTHERWISE),
        ("dd/mm/yyyy", 44000.5, OTHERWISE),
        ("h:mm", 44000.5, OTHERWISE),
        (";;;", 7, NOT_SHOWN),
        ("[&lt;5]&quot;&lt;5&quot;;0", 3, NOT_SHOWN),
        ("[&lt;5]&quot;&lt;5&quot;;0", 5, None),
        ("&quot;withheld&quot;", 7, NOT_SHOWN),
    ],
)
def test_a_number_format_that_shows_something_else_is_found(
    tmp_path: Path, code: str, value: float, kind: str | None
) -> None:
    path = raw_xlsx(tmp_path, f'<row><c s="1"><v>{value}</v></c></row>', styles=STYLES.format(code))
    assert [f.kind for f in findings(path, "raw.xlsx")] == ([kind] if kind else [])
    assert rows(path)


@pytest.mark.parametrize(
    ("code", "kind"), [(";;;", NOT_SHOWN), ("0;0;0;&quot;Ref &quot;@", OTHERWISE), ("0;0;0;@", None)]
)
def test_a_text_that_its_format_does_not_show_is_found(tmp_path: Path, code: str, kind: str | None) -> None:
    path = raw_xlsx(tmp_path, '<row><c s="1" t="inlineStr"><is><t>x</t></is></c></row>', styles=STYLES.format(code))
    assert [f.kind for f in findings(path, "raw.xlsx")] == ([kind] if kind else [])
    assert table(path) == [("x",)]


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        (ods_number("1,234", "1234"), None),
        (ods_number("7.00", "7"), None),
        (ods_number("25%", "0.25", "percentage"), OTHERWISE),
        (ods_number("£7", "7", "currency"), OTHERWISE),
        (ods_number("007", "7"), OTHERWISE),
        (ods_number("8", "7.5"), OTHERWISE),
        (ods_number("-", "0"), OTHERWISE),
        (ods_number("", "7"), NOT_SHOWN),
        (ods_number("*", "3"), NOT_SHOWN),
        (ods_cell("31 January 2024", "date", 'office:date-value="2024-01-31"'), None),
        (ods_cell("Jan 24", "date", 'office:date-value="2024-01-31"'), OTHERWISE),
        (ods_cell("31/01/24", "date", 'office:date-value="2024-01-31T10:30:00"'), OTHERWISE),
    ],
)
def test_what_an_ods_shows_otherwise_is_found(tmp_path: Path, cell: str, kind: str | None) -> None:
    path = ods(tmp_path, ods_table(cell))
    assert [f.kind for f in findings(path, "a.ods")] == (["unseen", kind] if kind else ["unseen"])
    assert rows(path)


def test_findings_of_one_format_are_one(tmp_path: Path) -> None:
    def fill(_: Any, sheet: Any) -> None:
        for row in range(3, 9):
            sheet.cell(row, 2, row / 10).number_format = "0%"

    (finding,) = findings(book(tmp_path, fill), "a.xlsx")
    assert (finding.address, finding.words[:7]) == ("B3", "6 cells")
    assert "number format 0%" in finding.words
