"""Reading in blocks is reading row by row: the same records, the same account, the same refusals."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.intake import blocks
from pipeline.intake.blocks import blocks_of, joined, read_blocks
from pipeline.intake.delimited import rows_of_lines
from pipeline.intake.problem import Refused
from pipeline.intake.reader import Account, read_records

WIDTH = 2


def numbered(text: str) -> list[tuple[int, str]]:
    return list(enumerate(re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$", text), start=1))


def row_by_row(lines: list[tuple[int, str]]) -> Any:
    account = Account()
    try:
        rows = rows_of_lines(iter(lines), "a.csv", ",")
        records = list(read_records(rows, "a.csv", 0, None, WIDTH, account))
    except Refused as refused:
        return "refused", [p.line for p in refused.problems] if lines else None
    return [(r.record_no, r.line_no, r.lines, r.values) for r in records], asdict(account)


def in_blocks(lines: list[tuple[int, str]]) -> Any:
    account = Account(width=WIDTH)
    try:
        found = [
            row
            for block in read_blocks(iter(lines), "a.csv", ",", account)
            for row in zip(block.record_nos, block.line_nos, block.lines, zip(*block.columns, strict=True), strict=True)
        ]
    except Refused as refused:
        return "refused", [p.line for p in refused.problems]
    return found, asdict(account)


@settings(max_examples=400, deadline=None)
@given(st.text(st.sampled_from('ab,"\n\r \u2028\x85\u00a0'), min_size=1, max_size=40), st.integers(1, 4))
@example('"a",b\n"a\nb",c\n', 1)
@example('a,b\n"x,\ny",z\nq,r\n', 2)
@example('a,b\n,\n"a" ,b\n', 3)
@example('a,b\n"x\n', 1)
def test_any_text_is_the_same_in_blocks_and_row_by_row(text: str, size: int) -> None:
    lines = numbered(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "SIZE", size)
        if lines:
            assert in_blocks(lines) == row_by_row(lines)


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_joining_keeps_every_record_once_and_in_order(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(blocks, "SIZE", size)
    monkeypatch.setattr(blocks, "JOINED", 4)
    lines = [(n, f"r{n},x\n") for n in range(1, 12)]
    records = read_records(rows_of_lines(iter(lines), "a.csv", ","), "a.csv", 0, None, WIDTH, Account())
    found = list(joined(blocks_of(records)))
    assert [n for block in found for n in block.record_nos] == list(range(1, 12))
    assert [v for block in found for v in block.columns[0]] == [f"r{n}" for n in range(1, 12)]
    assert all(len(block.record_nos) >= 4 for block in found[:-1])


def test_nothing_gives_no_block() -> None:
    assert list(joined(blocks_of(iter(())))) == []
