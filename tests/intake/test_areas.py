"""Areas of a sheet: one way to read B3:F20, for manifests and for workbooks."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.areas import MAX_COLUMNS, MAX_ROWS, Area, area_of
from pipeline.store.digests import ROOT

ROWS, COLUMNS = st.integers(1, MAX_ROWS), st.integers(1, MAX_COLUMNS)
AREAS = st.builds(
    lambda rows, columns: Area(min(rows), min(columns), max(rows), max(columns)),
    st.tuples(ROWS, ROWS),
    st.tuples(COLUMNS, COLUMNS),
)
SMALL = st.builds(
    lambda top, left, height, width: Area(top, left, top + height, left + width),
    *[st.integers(1, 4)] * 2,
    *[st.integers(0, 3)] * 2,
)


@given(AREAS)
def test_an_area_is_read_as_it_is_written(area: Area) -> None:
    assert area_of(str(area)) == area


@pytest.mark.parametrize(
    "text", ["", "A", "1", "A0:B2", "B2:A3", "A3:B2", "AAAA1", "XFE1:XFE2", "A1048577", "A1:B2:C3", "a1:b2"]
)
def test_what_is_no_area_raises(text: str) -> None:
    with pytest.raises(ValueError):
        area_of(text)


@given(SMALL, SMALL)
def test_areas_meet_where_they_share_a_cell(one: Area, other: Area) -> None:
    def cells(area: Area) -> set[tuple[int, int]]:
        return {(r, c) for r in range(area.top, area.bottom + 1) for c in range(area.left, area.right + 1)}

    assert one.meets(other) == other.meets(one) == bool(cells(one) & cells(other))


def test_the_manifest_reads_no_workbook_library() -> None:
    code = (
        "import sys, pipeline.intake.manifest\nassert not {'python_calamine', 'xlrd', 'pdfplumber'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
