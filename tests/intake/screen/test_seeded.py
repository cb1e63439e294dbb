"""Whatever is seeded is found at its place, masked."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.intake.rows import Row
from pipeline.intake.screen import Found, FoundValue, screen, screen_values
from tests import exampleshire
from tests.intake.screen.seeds import PLACES, SEEDS
from tests.intake.screen.tables import RECORDS, STREET, rows


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


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.one_of(*SEEDS.values(), st.text(max_size=12), st.sampled_from([r[1] for r in RECORDS[:30]])), max_size=8
    )
)
def test_values_are_judged_as_in_rows(values: list[str]) -> None:
    in_rows = [(f.kind, f.line_no, f.column, f.shown) for f in screen(["Offence"], rows(*([v] for v in values)))]
    assert [(f.kind, f.index + 2, f.column, f.shown) for f in screen_values("Offence", values)] == in_rows


def test_one_cell_may_hold_several() -> None:
    found = list(screen(["Note"], rows(["Mr Smith, 07700 900123, j.smith@example.com"])))
    assert found == [
        Found("email", 2, "Note", "j…@…"),
        Found("phone", 2, "Note", "0… (11 digits)"),
        Found("name", 2, "Note", "M… (8 characters)"),
    ]
    assert list(screen_values("Note", ["clean", "07700 900123"])) == [FoundValue("phone", 1, "Note", "0… (11 digits)")]


def test_all_is_masked() -> None:
    secret = ["j.smith@example.com", "07700 900123", "AB123456C", "DE1 3AA", "Mr Smith", "@someone_99", "81.2.69.142"]
    for value, found in zip(secret, screen(["Note"], rows(*([s] for s in secret))), strict=True):
        assert not any(value[i : i + 3] in found.shown for i in range(len(value) - 2))
