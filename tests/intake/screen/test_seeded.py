"""Whatever is seeded is found at its place, masked."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.intake.rows import Row
from pipeline.intake.screen import FoundValue, screen_values
from tests import exampleshire
from tests.intake.screen.seeds import PLACES, SEEDS
from tests.intake.screen.tables import RECORDS, STREET, Found, kinds, rows, screen


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


@pytest.mark.parametrize(
    "text",
    [
        "Victim John Smith was harassed by Mohammed Khan of Ripley", "Prepared by Sarah Jones",
        "Prepared by: Sarah Jones", "suspect: Priya Patel",
        "Injured party Jane O'Brien states", "Victim Goodluck Okonkwo was sent images",
        "Name: John Smith", "(harassed by Mohammed Khan)", "witness SMITH John", "complainants John Smith and others",
        "reported by Emma White", "Officer John Smith attended", "victim Zbigniew Kowalski",
    ],
)  # fmt: skip
def test_a_name_beside_its_role_is_found(text: str) -> None:
    assert kinds(text) == {"name"}


def test_each_name_in_a_sentence_is_found() -> None:
    found = screen(["Note"], rows(["Victim John Smith was harassed by Mohammed Khan of Ripley"]))
    assert [f.shown for f in found] == ["J… (10 characters)", "M… (13 characters)"]


@pytest.mark.parametrize(
    "text",
    ["john dot smith at gmail dot com", "write to jsmith99 at hotmail dot co dot uk.", "john.smith[at]gmail[dot]com",
     "john.smith@gmail dot com", "John Dot Smith At Gmail Dot Com"],
)  # fmt: skip
def test_an_address_that_is_spelled_out_is_found(text: str) -> None:
    assert [(f.kind, f.shown[1:]) for f in screen(["Note"], rows([text]))] == [("email", "…@…")]


@pytest.mark.parametrize("address", ["john.smith@derbyshire.police.uk", "info@gmail.com", "foi@police.uk.example.com"])
def test_only_an_office_of_the_police_has_a_mailbox_that_is_nobodys(address: str) -> None:
    assert [f.kind for f in screen(["Note"], rows([address]))] == ["email"]


def test_all_is_masked() -> None:
    secret = ["j.smith@example.com", "07700 900123", "AB123456C", "DE1 3AA", "Mr Smith", "@someone_99", "81.2.69.142"]
    for value, found in zip(secret, screen(["Note"], rows(*([s] for s in secret))), strict=True):
        assert not any(value[i : i + 3] in found.shown for i in range(len(value) - 2))
