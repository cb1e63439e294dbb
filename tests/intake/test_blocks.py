"""Reading in blocks is reading row by row: the same records, the same account, the same refusals."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.intake import blocks, text_in_hand
from pipeline.intake.blocks import Below, read_blocks, regrouped, tables_of
from pipeline.intake.delimited import delimited_rows
from pipeline.intake.problem import Refused
from pipeline.intake.reader import Account, Record
from pipeline.intake.survey import survey
from pipeline.intake.text_in_hand import TextInHand
from tests.intake.damage import CASES, Case

WIDTH = 2
WHOLE = 8 << 20


def row_by_row(path: Path, encoding: str = "utf-8", width: int = WIDTH, lines: tuple[int, int] | None = None) -> Any:
    account = Account(width=width)
    try:
        rows = delimited_rows(path, "a.csv", encoding, ",", lines)
        records = [record for row in rows if (record := account.enter(row)) is not None]
    except Refused as refused:
        return "refused", [(p.line, p.found) for p in refused.problems]
    return [(r.record_no, r.line_no, r.lines, *r.values) for r in records], asdict(account)


def in_blocks(
    path: Path, size: int, encoding: str = "utf-8", width: int = WIDTH, lines: tuple[int, int] | None = None
) -> Any:
    account = Account(width=width)
    first, last = lines or (1, None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_in_hand, "CHUNK", size)
        try:
            tables = list(read_blocks(Below(path, "a.csv", encoding, ",", first, last), account))
        except Refused as refused:
            return "refused", [(p.line, p.found) for p in refused.problems]
    return [tuple(row.values()) for table in tables for row in table.to_pylist()], asdict(account)


def file_of(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "a.csv"
    path.write_bytes(text.encode(encoding))
    return path


def same_both_ways(path: Path, size: int, encoding: str = "utf-8", width: int = WIDTH) -> None:
    assert in_blocks(path, size, encoding, width) == row_by_row(path, encoding, width)


ANY = st.text(st.sampled_from('ab,,""\n\n\r \t\u2028\x85\u00a0é\ufeff\x1a'), min_size=1, max_size=60)
SIZES = st.sampled_from([1, 2, 3, 5, 8, 13, 21, 34, WHOLE])


@settings(max_examples=800, deadline=None)
@given(ANY, SIZES, st.integers(1, 3))
@example('"a",b\n"a\nb",c\n', 1, 2)
@example('a,b\n"x,\ny",z\nq,r\n', 2, 2)
@example('a,b\n,\n"a" ,b\n', 3, 2)
@example('a,b\n"x\n', 1, 2)
@example('a"b,c\n"d\ne",f\n', WHOLE, 2)
@example('"a\n"b",c\n"d,e\nf",g\n', WHOLE, 2)
@example('"a""",b\n"",""""\n', WHOLE, 2)
@example('"a\r\nb"",",c\r\nd,e\r\n', 5, 2)
@example("\ufeffa,b\nc,d\n", WHOLE, 2)
@example("a\n\nb\n", WHOLE, 1)
def test_any_text_is_the_same_in_blocks_and_row_by_row(
    tmp_path_factory: pytest.TempPathFactory, text: str, size: int, width: int
) -> None:
    same_both_ways(file_of(tmp_path_factory.getbasetemp(), text), size, width=width)


LINES = st.lists(
    st.sampled_from(
        [
            "a,b",
            '"a","b"',
            '"a, b",""',
            '"say ""no""",x',
            '"two\nlines",x',
            '"two\r\nlines, and ""more""\n","\r"',
            "a",
            "a,b,c",
            "",
            ",",
            " ,\u2003",
            "5'10\",b",
            '"a"b,c',
            '"a" ,b',
            'a,"b',
            '"',
            "é,£",
        ]
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=400, deadline=None)
@given(LINES, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans(), SIZES, st.sampled_from(["utf-8", "cp1252"]))
def test_sound_and_odd_lines_in_any_order_are_the_same_both_ways(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], end: str, ended: bool, size: int, encoding: str
) -> None:
    text = end.join(lines) + (end if ended else "")
    path = tmp_path_factory.getbasetemp() / "a.csv"
    path.write_bytes(text.encode(encoding, "replace"))
    same_both_ways(path, size, encoding)


@settings(max_examples=200, deadline=None)
@given(LINES, st.sampled_from(["utf-8-sig", "utf-16", "utf-16-be", "shift_jis", "utf-7"]), SIZES)
def test_every_encoding_is_the_same_both_ways(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], encoding: str, size: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "a.csv"
    path.write_bytes("\n".join(lines).encode(encoding, "replace"))
    same_both_ways(path, size, encoding)


FIELDS = st.text(st.sampled_from("ab, ;\"'\t\\\x0b\x1a\u00a0\u2028é#\ufeff\n\r"), max_size=4)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(FIELDS, FIELDS), min_size=1, max_size=8),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    SIZES,
)
def test_any_table_that_a_writer_wrote_is_the_same_both_ways(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], end: str, quoting: Any, size: int
) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator=end, quoting=quoting).writerows(rows)
    same_both_ways(file_of(tmp_path_factory.getbasetemp(), stream.getvalue()), size)


@settings(max_examples=200, deadline=None)
@given(LINES, st.integers(1, 6), st.integers(0, 6), SIZES)
def test_some_lines_of_a_file_are_the_same_both_ways(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], first: int, more: int, size: int
) -> None:
    path = file_of(tmp_path_factory.getbasetemp(), "\n".join(lines))
    wanted = (first, first + more)
    assert in_blocks(path, size, lines=wanted) == row_by_row(path, lines=wanted)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("size", [1, 100, WHOLE])
def test_damaged_files_are_the_same_both_ways(tmp_path: Path, case: Case, size: int) -> None:
    if len(case.data) > 10_000:
        size = max(size, 997)  # one byte at a time would take minutes
    path = tmp_path / "a.csv"
    path.write_bytes(case.data)
    options = dict(zip(case.options[::2], case.options[1::2], strict=True))
    try:
        encoding = survey(path, "a.csv", options.get("--encoding")).encoding
    except Refused:
        return
    for width in (1, 3):
        same_both_ways(path, size, encoding, width)


@pytest.mark.parametrize("damage", [b"c,\xff\n", b"c,d\0\n", b"c,\xc3"])
@pytest.mark.parametrize("size", [1, 7, WHOLE])
def test_a_nul_or_a_byte_of_another_encoding_is_refused_with_its_line(tmp_path: Path, damage: bytes, size: int) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'a,b\n"a\nb",c\n' * 3 + damage)
    found = in_blocks(path, size)
    assert found == row_by_row(path)
    assert found[0] == "refused" and found[1][0][0] == 10


def test_what_is_below_the_last_line_refuses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\nc,d\n\0,\0\n")
    assert in_blocks(path, WHOLE, lines=(1, 2)) == row_by_row(path, lines=(1, 2))
    assert in_blocks(path, WHOLE, lines=(1, 2))[0] == [(1, 1, 1, "a", "b"), (2, 2, 1, "c", "d")]


@pytest.mark.parametrize("longest", [8, 20])
def test_a_record_longer_than_any_may_be_is_refused_both_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, longest: int
) -> None:
    for module in ("blocks", "delimited"):
        monkeypatch.setattr(f"pipeline.intake.{module}.LONGEST", longest)
    path = file_of(tmp_path, 'a,b\n"x\n' + "yyyy\n" * 3 + '",z\nc,d\n')
    for size in (1, 9, WHOLE):
        same_both_ways(path, size)
    assert (row_by_row(path)[0] == "refused") is (longest == 8)


def test_sound_lines_are_parted_at_once_however_many_are_odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is odd may be read row by row: else a file with some damage would take ten times as long."""
    path = file_of(tmp_path, 'a,b\n"c\nd","e""f"\n"g",\nx\n\n5\'10",y\nh,i,j\n' * 50)
    exact = row_by_row(path)
    taken = []
    one_by_one = blocks.rows_of_lines

    def noted(*arguments: Any) -> Any:
        for row in one_by_one(*arguments):
            taken.append(row.text)
            yield row

    monkeypatch.setattr(blocks, "rows_of_lines", noted)
    assert in_blocks(path, WHOLE) == exact
    assert sorted(set(taken)) == ["", "5'10\",y", "h,i,j", "x"]
    assert len(taken) == 4 * 50


def test_what_does_not_reconcile_is_read_row_by_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file_of(tmp_path, 'a,b\n"c\nd","e""f"\ng,h\n')
    exact = row_by_row(path)
    fields = blocks._fields

    def wrong(piece: Any, delimiter: str, width: int) -> Any:
        table, odd = fields(piece, delimiter, width)
        return table.set_column(1, "f2", [["b", "e", "h"]]), odd

    monkeypatch.setattr(blocks, "_fields", wrong)
    assert in_blocks(path, WHOLE) == exact


@given(st.text(st.sampled_from('a"\r\n\né'), max_size=30), st.integers(1, 9), st.integers(1, 4), st.integers(1, 4))
def test_every_line_comes_to_hand_once(
    tmp_path_factory: pytest.TempPathFactory, content: str, size: int, first: int, let_go: int
) -> None:
    path = file_of(tmp_path_factory.getbasetemp(), content)
    lines = io.StringIO(content, newline="").readlines()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_in_hand, "CHUNK", size)
        text = TextInHand(path, "utf-8", first)
        seen: list[tuple[int, str]] = []
        while text.take_up() or text.held:
            n = min(let_go, len(text.ends))
            in_hand = text.lines_from(0)
            seen += [next(in_hand) for _ in range(n)]
            text.let_go(n)
    assert seen == list(enumerate(lines, start=1))[first - 1 :]


@pytest.mark.parametrize("sizes", [[11], [4, 4], [1] * 11, [3, 0, 8], [10, 10, 1], []])
def test_regrouping_keeps_every_record_once_and_in_order(monkeypatch: pytest.MonkeyPatch, sizes: list[int]) -> None:
    monkeypatch.setattr(blocks, "JOINED", 4)
    n = sum(sizes)
    whole = [Record(at, at + 1, 1, (f"r{at}", "x")) for at in range(1, n + 1)]
    tables, at = [], 0
    for size in sizes:
        part = whole[at : at + size]
        tables += list(tables_of(iter(part), 2)) or [blocks.table_of([], 2)]
        at += size
    found = list(regrouped(tables))
    assert [v for table in found for v in table["record_no"].to_pylist()] == list(range(1, n + 1))
    assert [v for table in found for v in table["f1"].to_pylist()] == [f"r{at}" for at in range(1, n + 1)]
    assert all(len(table) == 4 for table in found[:-1])
    assert all(len(table) for table in found)
