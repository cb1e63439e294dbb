"""Whatever is seeded is found at its place, masked."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.intake.rows import Row
from pipeline.intake.screen import FoundValue, screen_values
from tests import exampleshire
from tests.intake.screen.seeds import PLACES, SEEDS
from tests.intake.screen.tables import RECORDS, STREET, Found, rows, screen


@pytest.mark.parametrize("kind", SEEDS)
@settings(max_examples=200, deadline=None)
@given(st.data())
def test_what_is_seeded_is_found_at_its_line_and_column(kind: str, data: st.DataObject) -> None:
    value = data.draw(SEEDS[kind])
    if kind == "ip_address":
        # short ones look like ranges and version numbers
        assume(len(value) >= 16 or "." in value)
    header, base = data.draw(st.sampled_from([(exampleshire.HEADER, RECORDS), (None, RECORDS), (None, [STREET] * 50)]))
    record = data.draw(st.integers(0, 49))
    column = data.draw(st.integers(0, len(base[0]) - 1))
    cell = data.draw(st.sampled_from(PLACES)).format(value)
    seeded = [list(r) for r in base[:50]]
    seeded[record][column] = cell
    found = [f for f in screen(header, rows(*seeded)) if f.kind == kind]
    name = header[column] if header else f"column {column + 1}"
    assert [(f.line_no, f.column) for f in found] == [(record + 2, name)], cell
    assert value not in found[0].shown


@pytest.mark.parametrize("kind", SEEDS)
@settings(max_examples=50, deadline=None)
@given(st.data())
def test_it_is_found_in_a_row_without_fields_and_in_a_row_that_is_too_wide(kind: str, data: st.DataObject) -> None:
    value = data.draw(SEEDS[kind])
    assume(kind != "ip_address" or len(value) >= 16 or "." in value)
    broken = Row(9, 1, f'a,"b" {value},c', None)
    assert {(f.kind, f.line_no, f.column) for f in screen(["A"], [broken])} >= {(kind, 9, "whole line")}
    wide = Row(9, 1, f"a,b,{value}", ("a", "b", value))
    assert (kind, 9, "column 3") in {(f.kind, f.line_no, f.column) for f in screen(["A"], [wide])}


def test_one_cell_may_hold_several() -> None:
    found = screen(["Note"], rows(["Mr Smith, 07700 900123, j.smith@example.com"]))
    assert found == [
        Found(2, 1, "email", "Note", "j…@…"),
        Found(2, 1, "phone", "Note", "0… (11 digits)"),
        Found(2, 1, "name", "Note", "M… (8 characters)"),
    ]
    assert list(screen_values("Note", 1, ["clean", "07700 900123"])) == [
        FoundValue("phone", 1, "Note", "0… (11 digits)")
    ]


def test_all_is_masked() -> None:
    secret = ["j.smith@example.com", "07700 900123", "AB123456C", "DE1 3AA", "Mr Smith", "@someone_99", "81.2.69.142"]
    for value, found in zip(secret, screen(["Note"], rows(*([s] for s in secret))), strict=True):
        assert not any(value[i : i + 3] in found.shown for i in range(len(value) - 2))
