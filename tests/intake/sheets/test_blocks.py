"""Blocks of cells: every cell in use stands in exactly one block, or in the text beside them."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.rows import Row
from pipeline.intake.sheets.blocks import sheet_blocks

GRIDS = st.integers(1, 6).flatmap(
    lambda width: st.lists(st.lists(st.booleans(), min_size=width, max_size=width), min_size=1, max_size=7)
)


def rows_of(grid: list[list[bool]]) -> list[Row]:
    """Return rows in which each cell in use says its own place."""
    rows = [tuple(f"{r}.{c}" if used else " " for c, used in enumerate(row, 1)) for r, row in enumerate(grid, 1)]
    return [Row(at, 1, "\t".join(row), row) for at, row in enumerate(rows, 1)]


@given(GRIDS)
def test_every_cell_in_use_is_in_one_block_or_beside(grid: list[list[bool]]) -> None:
    blocks = list(sheet_blocks("Data", rows_of(grid)))
    told = [text for block in blocks for row in block.rows for text in row.fields or () if text.strip()]
    beside = [text for block in blocks[:1] for row in block.beside for text in row.fields or () if text.strip()]
    used = [f"{r}.{c}" for r, row in enumerate(grid, 1) for c, there in enumerate(row, 1) if there]
    if blocks:
        assert Counter(told + beside) == Counter(used)


@given(GRIDS)
def test_a_block_is_as_wide_as_its_area_and_parted_from_the_others(grid: list[list[bool]]) -> None:
    blocks = list(sheet_blocks("Data", rows_of(grid)))
    for block in blocks:
        area = block.area
        assert area.right > area.left
        assert [row.line_no for row in block.rows] == list(range(area.top, area.bottom + 1))
        assert {len(row.fields or ()) for row in block.rows} == {area.right - area.left + 1}
        assert all(any(text.strip() for text in row.fields or ()) for row in block.rows), "no empty row is inside"
        assert not [other for other in blocks if other is not block and other.area.meets(area)]
