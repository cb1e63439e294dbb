"""What always holds: cells are read where they were written, and no bytes end in a traceback."""

from __future__ import annotations

import datetime
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.intake.problem import Refused
from pipeline.intake.sheets import address, findings, sheet_names
from tests.intake.sheets.workbooks import book, rows

CELL_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=8).filter(
    # openpyxl writes these as formulas and errors, and _x0041_ is how the format writes a letter
    lambda text: text[0] not in "=#" and text.strip() == text and "_x" not in text
)
CELL = st.one_of(
    st.none(),
    CELL_TEXT,
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12).map(lambda x: round(x, 3) + 0.0),
    st.booleans(),
    st.dates(datetime.date(1900, 3, 1)),
    st.datetimes(datetime.datetime(1900, 3, 1), datetime.datetime(2100, 1, 1)).map(lambda d: d.replace(microsecond=0)),
)


def said(value: Any) -> str:
    """The text of a value, by rules of its own."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case datetime.datetime():
            return value.strftime("%Y-%m-%d") + ("" if not any(value.timetuple()[3:6]) else f"T{value:%H:%M:%S}")
        case float():
            return repr(value).removesuffix(".0")
    return str(value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=5)
    ),
    st.integers(0, 40),
    st.integers(0, 40),
)
def test_every_cell_is_read_at_the_address_where_it_was_written(
    tmp_path: Path, cells: list[list[Any]], down: int, right: int
) -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.cell(1, 1, "first")
        for row, values in enumerate(cells, down + 2):
            for column, value in enumerate(values, right + 2):
                if value is not None:
                    sheet.cell(row, column, value)

    path = book(tmp_path, fill)
    expected = {(1, 1): "first"} | {
        (row, column): said(value)
        for row, values in enumerate(cells, down + 2)
        for column, value in enumerate(values, right + 2)
        if value is not None
    }
    assert {
        (row.line_no, column): text for row in rows(path) for column, text in enumerate(row.fields or (), 1) if text
    } == expected
    # the reader of the tests agrees with openpyxl on where things stand
    again = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))["Data"]
    assert {(c.row, c.column) for line in again.iter_rows() for c in line if c.value is not None} == set(expected)
    last_row, last_column = max(r for r, _ in expected), max(c for _, c in expected)
    assert [r.line_no for r in rows(path)] == list(range(1, last_row + 1))
    assert {len(r.fields or ()) for r in rows(path)} == {last_column}
    part = f"{address(min(down + 1, last_row), min(right + 1, last_column))}:{address(last_row, last_column)}"
    assert [(r.line_no, r.fields) for r in rows(path, part)] == [
        (r.line_no, (r.fields or ())[min(right + 1, last_column) - 1 :])
        for r in rows(path)[min(down + 1, last_row) - 1 :]
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.binary(max_size=200), st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]))
def test_no_bytes_end_in_a_traceback(tmp_path: Path, content: bytes, start: bytes) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(start + content)
    for read in (sheet_names, findings):
        with pytest.raises(Refused):
            read(path, "a.xlsx")
