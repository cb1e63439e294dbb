"""For any table of text, however it is written: the records come back equal at their lines, or it is refused."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.intake.delimited import delimited_rows
from pipeline.intake.problem import Refused
from pipeline.intake.reader import Account, Record, Rejected, SetAside, read_records
from pipeline.intake.survey import survey

# what breaks readers, and a little of everything else
TEXT = st.text(st.sampled_from("ab0,;|\t\" '\n\r£\u2028\x85\ufeff") | st.characters(codec="utf-8"), max_size=8)
FIELD = TEXT.filter(lambda text: "\0" not in text)
DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(",;\t|"),
        "lineterminator": st.sampled_from(["\n", "\r\n", "\r"]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    }
)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.lists(FIELD, min_size=width, max_size=width).filter(lambda row: any(v.strip() for v in row)),
        min_size=1,
        max_size=6,
    )
)


def written(rows: list[list[str]], dialect: dict[str, Any]) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, **dialect).writerows(rows)
    return stream.getvalue()


def read(path: Path, dialect: dict[str, Any]) -> tuple[list[Record], Account]:
    account = Account()
    rows = delimited_rows(path, "a.csv", "utf-8", dialect["delimiter"])
    return list(read_records(rows, "a.csv", 1, None, None, account)), account


def ends(text: str) -> int:
    return len(re.findall("\r\n|\n|\r", text))


@settings(max_examples=400, deadline=None)
@given(TABLES, DIALECTS)
def test_a_table_that_a_csv_writer_wrote_is_read_back_equal_at_its_lines(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], dialect: dict[str, Any]
) -> None:
    path = tmp_path_factory.getbasetemp() / "property.csv"
    # the csv module leaves some line ends unquoted in some dialects; QUOTE_ALL is then what a careful writer does
    if any("\n" in value or "\r" in value for row in rows for value in row):
        dialect = {**dialect, "quoting": csv.QUOTE_ALL}
    text = written(rows, dialect)
    path.write_bytes(text.encode())
    records, account = read(path, dialect)
    assert account.header == tuple(rows[0])
    assert account.rejected == []
    assert [r.values for r in records] == [tuple(row) for row in rows[1:]]
    starts = [1 + ends(written(rows[:i], dialect)) for i in range(1, len(rows))]
    assert [r.line_no for r in records] == starts
    assert account.physical_lines == survey(path, "a.csv", None).lines == ends(text)


@settings(max_examples=400, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=12).map("".join), st.sampled_from(",;\t|"))
def test_any_text_at_all_is_accounted_for_line_by_line_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str, delimiter: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(text.encode())
    try:
        records, account = read(path, {"delimiter": delimiter})
    except Refused as refused:
        assert all(p.line is not None and p.remedy for p in refused.problems)
        return
    all_pieces: list[Record | Rejected | SetAside] = [*records, *account.rejected, *account.set_aside]
    pieces = sorted(all_pieces, key=lambda piece: piece.line_no)
    next_line = 1
    for piece in pieces:
        assert piece.line_no == next_line
        next_line += piece.lines
    assert next_line - 1 == account.physical_lines == survey(path, "a.csv", None).lines
    numbers = sorted([r.record_no for r in records] + [r.record_no for r in account.rejected])
    assert numbers == list(range(1, len(numbers) + 1))
    assert all(len(r.values) == account.width for r in records)
